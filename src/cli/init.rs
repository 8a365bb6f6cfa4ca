//! `init`: find, choose, write, and say why in a screen.

use super::explain::headline;
use super::output::Output;
use super::place::Place;
use super::sync::{language, put_all};
use super::{End, record};
use crate::diagnostic::Diagnostic;
use crate::pipeline::{self, Done, Outcome};
use crate::render;
use crate::settings::Settings;
use std::path::Path;

pub fn run(out: &Output, path: &Path, _yes: bool, force: bool, flags: Settings) -> Result<End, Diagnostic> {
    let place = Place::find(path)?;
    let found = place.services(language(&flags))?;
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
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
