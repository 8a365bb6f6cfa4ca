//! What goes to which stream, and when in colour.

use super::viewpoint::Viewpoint;
use crate::decision::Decision;
use crate::diagnostic::{Diagnostic, Severity, printable, rules};
use crate::pipeline::{Done, Outcome};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::collections::HashSet;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

/// The styles of everything that is not a diagnostic. [`Output::styled`] takes them out again where
/// nobody would see them as colours: pipes, files, `NO_COLOR`, `TERM=dumb`.
pub const STRONG: Style = Style::new().bold();
pub const FAINT: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const PLACE: Style = AnsiColor::Cyan.on_default();
pub const CARE: Style = AnsiColor::Yellow.on_default();

/// The text in a style; control characters of a scanned project stay out.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", printable(text))
}

/// Several lines in the faint style, each for itself.
pub fn faint_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|l| paint(FAINT, l)).collect();
    lines.join("\n")
}

#[derive(Default)]
pub struct Output {
    pub quiet: bool,
    pub verbose: bool,
    from: OnceLock<Viewpoint>,
    /// What was said on standard error: a manifest that breaks ten services is one problem.
    said: Mutex<HashSet<String>>,
}

impl Output {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self {
            quiet,
            verbose,
            ..Self::default()
        }
    }

    /// From now on, paths from `root` are said as the current folder sees them.
    pub fn within(&self, root: &Path) {
        if let Ok(current) = std::env::current_dir().and_then(|dir| dir.canonicalize()) {
            let _ = self.from.set(Viewpoint::new(root, &current));
        }
    }

    pub fn from(&self) -> &Viewpoint {
        self.from.get_or_init(Viewpoint::default)
    }

    /// Data: standard output, byte for byte. A reader that has gone away is no error of rdock's.
    pub fn data(&self, text: &str) {
        put(&mut std::io::stdout().lock(), text);
    }

    /// Data with styles, which only a terminal gets to see.
    pub fn styled(&self, text: &str) {
        put(&mut anstream::stdout().lock(), text);
    }

    /// Is colour right for standard output?
    pub fn styled_data(&self) -> bool {
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
    }

    /// What a person likes to know and no script needs: standard error, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// With `-v` only.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// With `-v`, every decision of every service.
    pub fn decisions(&self, outcomes: &[Outcome]) {
        for done in outcomes.iter().filter_map(|o| o.result.as_ref().ok()) {
            self.decided(done).iter().for_each(|line| self.detail(line));
        }
    }

    /// With `-v`, the decisions of one service, a line each.
    pub fn decided(&self, done: &Done) -> Vec<String> {
        let decisions = done.plan.decisions.iter().filter(|_| self.verbose);
        let line = |decision: &Decision| {
            format!(
                "{}: {} {}, because {}",
                paint(STRONG, &done.plan.name),
                decision.topic,
                printable(&decision.value),
                printable(&decision.because.located()),
            )
        };
        decisions.map(line).collect()
    }

    /// The message with its place as the current folder sees it.
    pub fn drawn(&self, diagnostic: &Diagnostic, styled: bool) -> String {
        let file = diagnostic.at.as_ref().map(|at| self.from().path(at.file()));
        diagnostic.draw(styled, file.as_deref().unwrap_or(""))
    }

    pub fn diagnostic(&self, diagnostic: &Diagnostic) {
        if self.quiet && diagnostic.severity == Severity::Warning {
            return;
        }
        let styled = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
        let text = self.drawn(diagnostic, styled);
        let mut said = self.said.lock().expect("no holder panics");
        if !said.contains(&text) {
            let _ = writeln!(anstream::stderr(), "{text}");
            said.insert(text);
        }
    }

    pub fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.diagnostic(diagnostic);
        }
    }

    /// Is there somebody who can be asked?
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && std::io::stdout().is_terminal()
    }

    /// Columns of the terminal; 80 where there is none.
    pub fn columns(&self) -> usize {
        crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns).max(20))
    }
}

fn put(to: &mut dyn Write, text: &str) {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => {
            let error = Diagnostic::error(&rules::WRITE_FAILED, format!("standard output: {e}"))
                .help("make room on the disk, or send the output elsewhere");
            let _ = writeln!(anstream::stderr(), "{}", error.draw(false, ""));
            std::process::exit(2);
        }
    }
}
