//! `init`: find, choose, write, and say why in a screen.

use super::explain::headline;
use super::output::Output;
use super::place::Place;
use super::sync::{language, put_all};
use super::{End, record};
use crate::diagnostic::{Diagnostic, Severity};
use crate::discover::{Found, Service};
use crate::lang;
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
use crate::render;
use crate::settings::Settings;
use std::collections::BTreeSet;
use std::path::Path;

pub fn run(out: &Output, path: &Path, _yes: bool, force: bool, flags: Settings) -> Result<End, Diagnostic> {
    let place = Place::find(path)?;
    let mut found = place.services(language(&flags))?;
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
    let mut next = Vec::new();
    for Outcome { service, result } in &outcomes {
        let written = result.as_ref().map_err(Clone::clone).and_then(|done| {
            let mut written = put_all(&place.root, &done.files, force)?;
            if record::record(&place.root, service, &flags).map_err(|e| vec![e])? {
                written.push(crate::config::FILE.into());
            }
            Ok((done, written))
        });
        match written {
            Ok((done, written)) => {
                out.data(&summary(done, &written));
                out.diagnostics(&done.plan.warnings);
                next.push(render::build_command(&done.plan));
            }
            Err(errors) => {
                out.diagnostics(&errors);
                end = End::Error;
            }
        }
    }
    if let [command, rest @ ..] = next.as_slice() {
        let more = if rest.is_empty() {
            String::new()
        } else {
            format!("  (and {} more)", rest.len())
        };
        out.data(&format!("Next: {command}{more}\n"));
    }
    Ok(end)
}

/// Where a language's own tool reads the manifests otherwise than rdock, the services in doubt are
/// left out. A person who names the program has settled it.
fn second_opinion(place: &Place, found: &mut Found, flags: &Settings) -> Vec<Diagnostic> {
    if flags.main.is_some() {
        return Vec::new();
    }
    let rust = |s: &Service| s.claim.language == lang::rust::LANGUAGE.id;
    let roots: BTreeSet<String> = found
        .services
        .iter()
        .filter(|s| rust(s))
        .map(|s| s.claim.context.clone())
        .collect();
    let doubts = lang::rust::cross_check::cross_check(&place.tree, &place.root, &roots);
    for doubt in doubts.iter().filter(|d| d.severity == Severity::Error) {
        let manifest = doubt.at.as_ref().map_or("", |at| at.file());
        let root = paths::parent(manifest);
        found.services.retain(|s| !rust(s) || s.claim.context != root);
    }
    doubts
}

fn summary(done: &Done, written: &[String]) -> String {
    let mut text = format!("{}\n", headline(done));
    let shown: Vec<_> = done
        .plan
        .decisions
        .iter()
        .filter(|d| matches!(d.topic, "builder" | "runtime"))
        .collect();
    let width = shown.iter().map(|d| d.value.chars().count()).max().unwrap_or(0);
    for decision in shown {
        let reason = decision.because.located();
        text += &format!("  {:7}  {:width$}   {reason}\n", decision.topic, decision.value);
    }
    let files = if written.is_empty() {
        "nothing: the files are up to date".into()
    } else {
        written.join(", ")
    };
    text + &format!("  wrote    {files}\n")
}
