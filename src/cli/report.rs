//! What a run over many services says in the end: a line for each, then the problems, then a count.

use super::args::SyncFormat;
use super::output::Output;
use super::{End, github, words};
use crate::diagnostic::{Diagnostic, Severity};

/// What became of a service. The order is that of the lines: what needs a person comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Same,
    Written,
    Drifted,
    Failed,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Same => "up to date",
            State::Written => "written",
            State::Drifted => "different",
            State::Failed => "failed",
        }
    }
}

pub struct Report {
    format: SyncFormat,
    lines: Vec<(State, String, String)>,
    problems: Vec<Diagnostic>,
}

impl Report {
    pub fn new(format: SyncFormat) -> Self {
        Self {
            format,
            lines: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub fn add(&mut self, state: State, name: &str, words: &str) {
        self.lines.push((state, name.to_string(), words.to_string()));
    }

    pub fn wrote(&mut self, name: &str, files: &[String], removed: Option<&str>) {
        let wrote = (!files.is_empty()).then(|| format!("wrote {}", files.join(", ")));
        let removed = removed.map(|file| format!("removed {file}"));
        let did: Vec<String> = wrote.into_iter().chain(removed).collect();
        match did.as_slice() {
            [] => self.add(State::Same, name, "up to date"),
            did => self.add(State::Written, name, &did.join(", ")),
        }
    }

    pub fn failed(&mut self, name: &str, errors: &[Diagnostic]) {
        let rules: Vec<&str> = errors.iter().map(|e| e.rule.id).collect();
        self.add(State::Failed, name, &format!("failed: {}", rules.join(", ")));
        self.problems(errors);
    }

    pub fn problems(&mut self, problems: &[Diagnostic]) {
        self.problems.extend_from_slice(problems);
    }

    /// Says everything; the worst of it is how the command ends.
    pub fn close(mut self, out: &Output) -> End {
        self.lines.sort_by_key(|(state, _, _)| *state);
        self.problems.sort_by_key(|p| p.severity);
        let width = words::widest(self.lines.iter().map(|l| l.1.as_str()));
        let mut text = String::new();
        for (_, name, words) in &self.lines {
            text += &format!("{name:width$}  {words}\n");
        }
        if !text.is_empty() {
            out.note(text.trim_end());
        }
        for problem in &self.problems {
            match self.format {
                SyncFormat::Github => out.data(&github::diagnostic(problem)),
                SyncFormat::Text | SyncFormat::Json => out.diagnostic(problem),
            }
        }
        if self.lines.len() > 1 {
            out.note(&self.count());
        }
        let worst = self.lines.last().map_or(State::Same, |l| l.0);
        let failed = worst == State::Failed || self.problems.iter().any(|p| p.severity == Severity::Error);
        match (failed, worst) {
            (true, _) => End::Error,
            (false, State::Drifted) => End::Drift,
            (false, _) => End::Fine,
        }
    }

    /// `300 services: 297 up to date, 3 failed`.
    fn count(&self) -> String {
        let states = [State::Same, State::Written, State::Drifted, State::Failed];
        let of = |state: State| self.lines.iter().filter(|l| l.0 == state).count();
        let parts: Vec<String> = states
            .into_iter()
            .filter(|state| of(*state) > 0)
            .map(|state| format!("{} {}", of(state), state.word()))
            .collect();
        format!("{} in all: {}", self.lines.len(), parts.join(", "))
    }
}
