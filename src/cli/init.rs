//! `init`: find, choose, write, and say why in a screen.

use super::explain::{headline, reason};
use super::output::{Output, STRONG, paint};
use super::place::{Place, for_one};
use super::sync::{cleared, language, put_all};
use super::viewpoint::Viewpoint;
use super::{End, record, wizard, words, write};
use crate::diagnostic::{Diagnostic, Severity, printable};
use crate::discover::{Found, Service};
use crate::lang;
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
use crate::settings::Settings;
use std::collections::BTreeSet;
use std::path::Path;

/// On a terminal the wizard asks; with `--yes`, or where nobody can be asked, nothing does.
pub fn run(
    out: &Output,
    start: &Path,
    path: &str,
    yes: bool,
    force: bool,
    flags: Settings,
) -> Result<End, Diagnostic> {
    let place = Place::find(out, &start.join(path))?;
    if !yes && !out.quiet && out.can_ask() {
        let start = &start.to_string_lossy();
        let asked = wizard::Asked {
            start,
            path,
            force,
            flags,
        };
        return wizard::run(out, place, &asked);
    }
    let mut found = place.services(language(&flags))?;
    for_one(&found, &flags)?;
    let doubts = second_opinion(&place, &mut found, &flags);
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    out.diagnostics(&doubts);
    let broken = |d: &Diagnostic| d.severity == Severity::Error;
    let mut end = if found.errors.is_empty() && !doubts.iter().any(broken) {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &flags);
    out.decisions(&outcomes);
    let mut next = Vec::new();
    for Outcome { service, result } in &outcomes {
        let written = result.as_ref().map_err(Clone::clone).and_then(|done| {
            let failed = |e| vec![e];
            let settings = record::recorded(&place.root, service, &flags).map_err(failed)?;
            let mut written = put_all(&place.root, &done.files, force)?;
            let removed = cleared(&place.root, &done.obsolete)?;
            if let Some(file) = settings {
                write::put(&place.root, &file).map_err(failed)?;
                written.push(file.path);
            }
            Ok((done, written, removed))
        });
        match written {
            Ok((done, written, removed)) => {
                let written: Vec<String> = written.iter().map(|f| out.from().path(f)).collect();
                out.styled(&summary(out.from(), done, &written));
                if let Some(path) = removed {
                    out.note(&format!(
                        "  removed  {}, of another build context",
                        out.from().path(path)
                    ));
                }
                out.diagnostics(&done.plan.warnings);
                next.push(out.from().build_command(&done.plan));
            }
            Err(errors) => {
                out.diagnostics(&errors);
                end = End::Error;
            }
        }
    }
    out.styled(&self::next(&next));
    Ok(end)
}

/// The command to go on with.
pub fn next(commands: &[String]) -> String {
    let [command, rest @ ..] = commands else {
        return String::new();
    };
    let more = if rest.is_empty() {
        String::new()
    } else {
        format!(
            "  (and {} more; `rdock generate --bake` writes one file that builds them all)",
            rest.len()
        )
    };
    format!("Next: {}{more}\n", paint(STRONG, command))
}

/// Where a language's own tool reads the manifests otherwise than rdock, the services in doubt are
/// left out. A person who names the program has settled it.
pub fn second_opinion(place: &Place, found: &mut Found, flags: &Settings) -> Vec<Diagnostic> {
    if flags.main.is_some() {
        return Vec::new();
    }
    let rust = |s: &Service| s.claim.language == lang::rust::LANGUAGE.id;
    let dirs: Vec<String> = found
        .services
        .iter()
        .filter(|s| rust(s))
        .map(|s| s.claim.dir.clone())
        .collect();
    let of = lang::rust::cross_check::roots(&place.tree, dirs.iter().map(String::as_str));
    let roots: BTreeSet<String> = of.values().cloned().collect();
    let doubts = lang::rust::cross_check::cross_check(&place.tree, &place.root, &roots);
    for doubt in doubts.iter().filter(|d| d.severity == Severity::Error) {
        let manifest = doubt.at.as_ref().map_or("", |at| at.file());
        let root = paths::parent(manifest);
        let in_doubt = |s: &Service| of.get(s.claim.dir.as_str()).is_some_and(|r| r == root);
        found.services.retain(|s| !rust(s) || !in_doubt(s));
    }
    doubts
}

pub fn summary(from: &Viewpoint, done: &Done, written: &[String]) -> String {
    let mut text = format!("{}\n", paint(STRONG, &headline(done)));
    let shown: Vec<_> = done
        .plan
        .decisions
        .iter()
        .filter(|d| matches!(d.topic, "builder" | "runtime"))
        .collect();
    let width = words::widest(shown.iter().map(|d| d.value.as_str()));
    for decision in shown {
        let value = format!("{:width$}", printable(&decision.value));
        let reason = reason(from, &decision.because);
        text += &format!("  {:7}  {value}   {reason}\n", decision.topic);
    }
    let files = if written.is_empty() {
        "nothing: the files are up to date".into()
    } else {
        written.join(", ")
    };
    text + &format!("  wrote    {}\n", printable(&files))
}
