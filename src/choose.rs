//! From candidates to a choice with its reason and losers. The only place that knows that a flag or
//! rdock.toml outranks what was found, and that newer supported lines outrank older ones.

use crate::catalog::{Catalog, Line};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::settings::{Given, Runtime};

/// One runtime base that a language considered.
pub struct Candidate<T> {
    pub runtime: Runtime,
    /// What it would be, or why it cannot be.
    pub outcome: Result<T, String>,
    /// In a few words, what speaks for or against it in this project: "needs a shell".
    pub note: String,
}

impl<T> Candidate<T> {
    pub fn possible(runtime: Runtime, value: T, note: impl Into<String>) -> Self {
        Self {
            runtime,
            outcome: Ok(value),
            note: note.into(),
        }
    }

    pub fn impossible(runtime: Runtime, why: impl Into<String>) -> Self {
        Self {
            runtime,
            outcome: Err(why.into()),
            note: String::new(),
        }
    }
}

/// The asked runtime, else the first possible candidate: the language lists its preferred first.
/// A candidate's note is the reason when it wins.
///
/// # Errors
/// The asked runtime is impossible or unknown to the language; the message lists what can be.
pub fn runtime<T>(
    candidates: Vec<Candidate<T>>,
    asked: Option<&Given<Runtime>>,
) -> Result<Chosen<(Runtime, T)>, Diagnostic> {
    let possible: Vec<&str> = candidates
        .iter()
        .filter(|c| c.outcome.is_ok())
        .map(|c| c.runtime.name())
        .collect();
    let possible = possible.join(", ");
    let wanted = asked.map(|a| a.value);
    let mut chosen = None;
    let mut over = Vec::new();
    for candidate in candidates {
        let name = candidate.runtime.name();
        match candidate.outcome {
            Ok(value) if chosen.is_none() && wanted.is_none_or(|w| w == candidate.runtime) => {
                chosen = Some((candidate.runtime, value, candidate.note));
            }
            Ok(_) => over.push(Rejected::possible(name, candidate.note)),
            Err(why) if wanted == Some(candidate.runtime) => {
                let given = asked.expect("a wanted runtime was asked for");
                let error = Diagnostic::error(
                    &rules::IMPOSSIBLE_RUNTIME,
                    format!("{name} cannot run this program: {why}"),
                )
                .help(format!("choose one of: {possible}"));
                return Err(match &given.because.at {
                    Some(at) => error.at(at.clone(), "asked for here"),
                    None => error,
                });
            }
            Err(why) => over.push(Rejected::impossible(name, why)),
        }
    }
    let Some((runtime, value, note)) = chosen else {
        let name = wanted.map_or("no runtime", Runtime::name);
        return Err(Diagnostic::error(
            &rules::IMPOSSIBLE_RUNTIME,
            format!("{name} is no runtime base for this language"),
        )
        .help(format!("choose one of: {possible}")));
    };
    let because = match asked {
        Some(given) => given.because.clone(),
        None => Because::rule(note),
    };
    Ok(Chosen::new((runtime, value), because).over(over))
}

/// The newest supported line of `reference` that `fits`; long-term support lines first where
/// `prefer_lts` says so. The losers are the other supported lines with `why_not`.
pub fn newest_line(
    catalog: &'static Catalog,
    reference: &str,
    prefer_lts: bool,
    fits: impl Fn(&Line) -> bool,
) -> Option<&'static Line> {
    let lines = catalog.supported_lines(reference);
    let fitting = || lines.iter().copied().filter(|l| fits(l));
    fitting()
        .find(|l| prefer_lts && l.lts)
        .or_else(|| fitting().next())
}
