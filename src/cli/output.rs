//! What goes to which stream, and when in colour.

use crate::diagnostic::{Diagnostic, Severity};
use std::io::{IsTerminal, Write};

pub struct Output {
    pub quiet: bool,
}

impl Output {
    /// Data: standard output. A reader that has gone away is no error of rdock's.
    pub fn data(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        if stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .is_err()
        {
            std::process::exit(0);
        }
    }

    /// Is colour right for standard output?
    pub fn styled_data(&self) -> bool {
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
    }

    /// What a person likes to know and no script needs: standard error, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    pub fn diagnostic(&self, diagnostic: &Diagnostic) {
        if self.quiet && diagnostic.severity == Severity::Warning {
            return;
        }
        let styled =
            std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let _ = writeln!(std::io::stderr(), "{}", diagnostic.draw(styled));
    }

    pub fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.diagnostic(diagnostic);
        }
    }
}
