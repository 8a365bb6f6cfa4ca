//! `compose`: compose.yaml for the whole repository, or what somebody else's lacks.

use super::args::OutputFormat;
use super::json::SCHEMA;
use super::output::Output;
use super::place::Place;
use super::sync::{pretty, put_all};
use super::{End, write};
use crate::compose::{self, Composed, Written};
use crate::diagnostic::{Diagnostic, printable, rules};
use crate::pins::Pins;
use crate::pipeline;
use crate::settings::Settings;
use crate::{discover, render};
use serde_json::json;
use std::path::Path;

/// How it is asked for.
#[derive(Clone, Copy)]
pub struct How {
    pub print: bool,
    /// As the file has it, where nobody says.
    pub target: Option<compose::Target>,
    pub format: OutputFormat,
}

impl Default for How {
    fn default() -> Self {
        Self {
            print: false,
            target: None,
            format: OutputFormat::Text,
        }
    }
}

/// The document of `--format json`; the file is written all the same.
fn json(out: &Output, place: &Place, composed: &Composed, print: bool) -> Result<End, Diagnostic> {
    let mut end = End::Fine;
    let mut wrote = Vec::new();
    let (path, text, state) = match &composed.result {
        Written::File(file) => {
            if !print {
                match put_all(&place.root, std::slice::from_ref(file), false) {
                    Ok(written) => wrote = written,
                    Err(errors) => {
                        out.diagnostics(&errors);
                        end = End::Error;
                    }
                }
            }
            (&file.path, file.text.as_str(), "own")
        }
        Written::Missing { path, fragment } => (path, fragment.as_str(), "missing"),
        Written::Complete { path } => (path, "", "complete"),
    };
    out.data(&pretty(&json!({
        "schema": SCHEMA,
        "path": path,
        "state": state,
        "text": text,
        "wrote": wrote,
        "notes": composed.notes,
    })));
    Ok(end)
}

pub fn run(out: &Output, start: &Path, how: How) -> Result<End, Diagnostic> {
    let place = Place::find(out, start)?;
    let found = discover::discover(&place.tree, &place.config, "", None);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &Settings::default());
    for errors in outcomes.iter().filter_map(|o| o.result.as_ref().err()) {
        out.diagnostics(errors);
        end = End::Error;
    }
    if outcomes.iter().all(|o| o.result.is_err()) {
        return match end {
            End::Error => Ok(end),
            _ => Err(Diagnostic::error(
                &rules::NOTHING_FOUND,
                "no service found for compose.yaml".to_string(),
            )
            .help("`rdock list` shows what rdock finds")),
        };
    }
    let composed = compose::compose(&place.tree, &outcomes, &Pins::read(&place.tree)?, how.target)?;
    if how.format == OutputFormat::Json {
        return Ok(end.max(json(out, &place, &composed, how.print)?));
    }
    for note in &composed.notes {
        out.note(note);
    }
    match composed.result {
        Written::File(file) if how.print => out.data(&file.text),
        Written::File(file) => match put_all(&place.root, std::slice::from_ref(&file), false) {
            Ok(written) if written.is_empty() => out.note(&format!("{} is up to date", file.path)),
            Ok(_) => out.note(&format!("wrote {}", file.path)),
            Err(errors) => {
                out.diagnostics(&errors);
                return Ok(End::Error);
            }
        },
        Written::Missing { path, fragment } => {
            out.data(&fragment);
            out.note(&format!("{path} stays as it is; it lacks the services above"));
        }
        Written::Complete { path } => out.note(&format!("{path} has every service")),
    }
    let unbuilt = outcomes.iter().filter_map(|o| o.result.as_ref().ok());
    let unbuilt =
        unbuilt.filter(|done| write::existing(&place.root, &done.files[0]).is_ok_and(|text| text.is_none()));
    for done in unbuilt {
        let path = render::dockerfile_path(&done.plan);
        out.note(&format!(
            "{} is not there yet; `rdock init` writes it",
            printable(&path)
        ));
    }
    Ok(end)
}
