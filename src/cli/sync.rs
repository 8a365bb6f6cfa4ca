//! `generate` and `check`: the files against what rdock would write now.

use super::args::OutputFormat;
use super::output::Output;
use super::place::Place;
use super::{End, json, write};
use crate::diagnostic::{Diagnostic, rules};
use crate::drift::{self, State};
use crate::pipeline::{self, Done, Outcome};
use crate::render::File;
use crate::settings::Settings;
use serde_json::{Value, json};
use std::path::Path;

/// Writes (or prints) the files of the named services.
pub fn generate(
    out: &Output,
    start: &Path,
    names: &[String],
    print: bool,
    force: bool,
    flags: Settings,
    format: OutputFormat,
) -> Result<End, Diagnostic> {
    let place = Place::find(start)?;
    let found = place.named(names, language(&flags))?;
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &flags);
    let mut services = Vec::new();
    for Outcome { service, result } in &outcomes {
        let done = match result {
            Ok(done) => done,
            Err(errors) => {
                out.diagnostics(errors);
                end = End::Error;
                continue;
            }
        };
        out.diagnostics(&done.plan.warnings);
        services.push(json::done(service.claim.language, done));
        if print {
            if format == OutputFormat::Text {
                out.data(&printed(done, outcomes.len() > 1));
            }
            continue;
        }
        match put_all(&place.root, &done.files, force) {
            Ok(written) => out.note(&line(&done.plan.name, &written)),
            Err(errors) => {
                out.diagnostics(&errors);
                end = End::Error;
            }
        }
    }
    if format == OutputFormat::Json {
        out.data(&document(services, &[], &found.errors, &outcomes));
    }
    Ok(end)
}

fn line(name: &str, written: &[String]) -> String {
    if written.is_empty() {
        format!("{name}: up to date")
    } else {
        format!("{name}: wrote {}", written.join(", "))
    }
}

/// One service alone prints its Dockerfile as it would be written; several have their paths above.
fn printed(done: &Done, several: bool) -> String {
    if !several {
        return done.files[0].text.clone();
    }
    done.files
        .iter()
        .map(|f| format!("==> {} <==\n{}\n", f.path, f.text))
        .collect()
}

pub fn language(flags: &Settings) -> Option<&str> {
    flags.language.as_ref().map(|l| l.value.as_str())
}

/// Writes the files that differ, all or none of a service's, and names them.
///
/// # Errors
/// One was edited by hand or is somebody else's, and `force` is off.
pub fn put_all(root: &Path, files: &[File], force: bool) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut due = Vec::new();
    for file in files {
        match write::existing(root, file) {
            Ok(existing) => match drift::state(existing.as_deref(), &file.text) {
                State::Same => {}
                State::Missing | State::Stale => due.push(file),
                State::Edited | State::Foreign if force => due.push(file),
                state => errors.push(refuse(file, state, existing.as_deref().unwrap_or(""))),
            },
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut written = Vec::new();
    for file in due {
        write::put(root, file).map_err(|e| vec![e])?;
        written.push(file.path.clone());
    }
    Ok(written)
}

fn refuse(file: &File, state: State, existing: &str) -> Diagnostic {
    let existing = drift::unix(existing);
    let (rule, what) = match state {
        State::Edited => (&rules::EDITED, "was edited by hand"),
        _ => (&rules::FOREIGN, "was not written by rdock"),
    };
    let mut error = Diagnostic::error(rule, format!("{} {what}; it stays as it is", file.path));
    if state == State::Edited {
        let keys = drift::keys_for(&existing, &file.text);
        if !keys.is_empty() {
            error = error.help(format!("rdock.toml keeps such a change: `{}`", keys.join("`, `")));
        }
    }
    error = error.help("overwrite it with --force");
    error.help(format!(
        "the difference:\n{}",
        drift::diff(&file.path, &file.text, &existing).trim_end()
    ))
}

/// Compares and writes nothing.
pub fn check(
    out: &Output,
    start: &Path,
    names: &[String],
    flags: Settings,
    format: OutputFormat,
) -> Result<End, Diagnostic> {
    let place = Place::find(start)?;
    let found = place.named(names, language(&flags))?;
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &flags);
    let mut services = Vec::new();
    let mut drifts = Vec::new();
    for Outcome { service, result } in &outcomes {
        let done = match result {
            Ok(done) => done,
            Err(errors) => {
                out.diagnostics(errors);
                end = End::Error;
                continue;
            }
        };
        services.push(json::done(service.claim.language, done));
        for file in &done.files {
            let existing = write::existing(&place.root, file)?;
            let state = drift::state(existing.as_deref(), &file.text);
            if state == State::Same {
                continue;
            }
            end = end.max(End::Drift);
            let existing = drift::unix(existing.as_deref().unwrap_or(""));
            let causes = causes(done, &existing, &file.text);
            let diff = drift::diff(&file.path, &existing, &file.text);
            if format == OutputFormat::Text {
                out.data(&diff);
                out.note(&format!(
                    "{}: {}{}",
                    file.path,
                    in_words(state),
                    causes_in_words(&causes)
                ));
            }
            drifts.push(json!({
                "service": done.plan.name,
                "path": file.path,
                "state": format!("{state:?}").to_lowercase(),
                "diff": diff,
                "causes": causes,
            }));
        }
    }
    if format == OutputFormat::Json {
        out.data(&document(services, &drifts, &found.errors, &outcomes));
    } else if end == End::Fine {
        out.note(&format!(
            "{} services are as rdock would write them",
            outcomes.len()
        ));
    }
    Ok(end)
}

fn in_words(state: State) -> &'static str {
    match state {
        State::Missing => "not there yet; `rdock generate` writes it",
        State::Stale => "out of date; `rdock generate` writes it again",
        State::Edited => {
            "edited by hand; move the change into rdock.toml, or overwrite it with `rdock generate --force`"
        }
        State::Foreign => "not written by rdock; `rdock generate --force` would replace it",
        State::Same => "as rdock would write it",
    }
}

/// The manifest lines behind a difference: the reasons of the choices whose value stands in a line
/// that is new.
fn causes(done: &Done, existing: &str, wanted: &str) -> Vec<String> {
    if existing.is_empty() {
        return Vec::new();
    }
    let diff = similar::TextDiff::from_lines(existing, wanted);
    let new: Vec<&str> = diff
        .iter_all_changes()
        .filter(|c| c.tag() == similar::ChangeTag::Insert && !c.value().starts_with('#'))
        .map(|c| c.value())
        .collect();
    let decisions = done.plan.decisions.iter();
    decisions
        .filter(|d| d.because.at.is_some() && new.iter().any(|line| line.contains(&d.value)))
        .map(|d| format!("{} {}: {}", d.topic, d.value, d.because.located()))
        .collect()
}

fn causes_in_words(causes: &[String]) -> String {
    causes.iter().map(|c| format!("\n  because {c}")).collect()
}

/// The JSON document of `generate` and `check`.
fn document(services: Vec<Value>, drifts: &[Value], found: &[Diagnostic], outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter_map(|o| o.result.as_ref().err()).flatten();
    let errors: Vec<Value> = found.iter().chain(failed).map(json::diagnostic).collect();
    pretty(&json!({ "schema": json::SCHEMA, "services": services, "drift": drifts, "errors": errors }))
}

pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
