//! `explain` and `list`: the same values in words.

use super::args::OutputFormat;
use super::output::Output;
use super::place::Place;
use super::sync::{language, pretty};
use super::{End, json};
use crate::decision::Decision;
use crate::diagnostic::{self, Diagnostic, Rule, rules};
use crate::lang;
use crate::pipeline::{self, Done, Outcome};
use crate::render;
use crate::settings::Settings;
use crate::{discover, paths};
use serde_json::{Value, json};
use std::path::Path;

pub fn run(
    out: &Output,
    start: &Path,
    names: &[String],
    flags: Settings,
    format: OutputFormat,
) -> Result<End, Diagnostic> {
    if let [id] = names
        && is_rule_id(id)
    {
        return rule(out, id, format);
    }
    let place = Place::find(start)?;
    let found = place.named(names, language(&flags))?;
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &flags);
    let mut services = Vec::new();
    for Outcome { service, result } in &outcomes {
        match result {
            Ok(done) if format == OutputFormat::Json => {
                services.push(json::done(service.claim.language, done))
            }
            Ok(done) => out.data(&words(done)),
            Err(errors) => {
                out.diagnostics(errors);
                end = End::Error;
            }
        }
    }
    if format == OutputFormat::Json {
        out.data(&pretty(&json!({ "schema": json::SCHEMA, "services": services })));
    }
    Ok(end)
}

/// `api  Go 1.27  ./cmd/api  port 8080`
pub fn headline(done: &Done) -> String {
    let plan = &done.plan;
    let mut parts = vec![plan.name.clone(), plan.title.clone(), plan.entry.clone()];
    parts.extend(plan.port.map(|p| format!("port {p}")));
    parts.retain(|p| !p.is_empty());
    parts.join("  ")
}

fn words(done: &Done) -> String {
    let plan = &done.plan;
    let mut text = format!("{}\n", headline(done));
    for Decision {
        topic,
        value,
        because,
        over,
    } in &plan.decisions
    {
        text += &format!("\n  {topic}  {value}\n      because {}\n", because.located());
        for rejected in over {
            let not = if rejected.possible { "not" } else { "cannot be" };
            text += &format!("      {not} {}: {}\n", rejected.value, rejected.why);
        }
    }
    for secret in &plan.secrets {
        text += &format!("\n  secret  {}\n      because {}\n", secret.flag, secret.why);
    }
    for warning in &plan.warnings {
        let at = warning.at.as_ref().map_or(String::new(), |at| format!("{at}: "));
        text += &format!("\n  warning  {at}{} [{}]\n", warning.title, warning.rule.id);
    }
    text += &format!("\n  build  {}\n\n", render::build_command(plan));
    text
}

/// `RD` and digits: nobody's service is named so.
fn is_rule_id(word: &str) -> bool {
    word.strip_prefix("RD")
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
}

/// Every rule of rdock and of its languages.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    let languages = lang::ALL.iter().flat_map(|l| l.rules.iter());
    let audit = crate::audit::TABLE.iter().map(|e| &e.rule);
    diagnostic::rules::ALL
        .iter()
        .chain(languages)
        .copied()
        .chain(audit)
}

fn rule(out: &Output, id: &str, format: OutputFormat) -> Result<End, Diagnostic> {
    let Some(rule) = all_rules().find(|r| r.id == id) else {
        return Err(
            Diagnostic::error(&rules::NO_SUCH_SERVICE, format!("there is no rule {id}"))
                .help("the rules are listed in docs/rules.md"),
        );
    };
    match format {
        OutputFormat::Text => out.data(&format!("{}: {}\n\n{}\n", rule.id, rule.name, rule.words)),
        OutputFormat::Json => out.data(&pretty(
            &json!({ "schema": json::SCHEMA, "rule": { "id": rule.id, "name": rule.name, "words": rule.words } }),
        )),
    }
    Ok(End::Fine)
}

pub fn list(out: &Output, path: &Path, format: OutputFormat) -> Result<End, Diagnostic> {
    let place = Place::find(path)?;
    let found = place.services(None)?;
    out.diagnostics(&found.errors);
    let rows: Vec<(String, &str, String)> = found
        .services
        .iter()
        .map(|s| {
            (
                s.name.clone(),
                discover::language(s.claim.language).name,
                paths::shown(&s.claim.dir).to_string(),
            )
        })
        .collect();
    match format {
        OutputFormat::Text => {
            let width = |f: fn(&(String, &str, String)) -> usize| rows.iter().map(f).max().unwrap_or(0);
            let (name, lang) = (width(|r| r.0.chars().count()), width(|r| r.1.len()));
            for (n, l, dir) in &rows {
                out.data(&format!("{n:name$}  {l:lang$}  {dir}\n"));
            }
        }
        OutputFormat::Json => {
            let services: Vec<Value> = found
                .services
                .iter()
                .map(|s| {
                    json!({
                        "name": s.name,
                        "language": s.claim.language,
                        "dir": s.claim.dir,
                        "context": s.claim.context,
                        "manifest": s.claim.manifest.file(),
                    })
                })
                .collect();
            let errors: Vec<Value> = found.errors.iter().map(json::diagnostic).collect();
            out.data(&pretty(
                &json!({ "schema": json::SCHEMA, "services": services, "errors": errors }),
            ));
        }
    }
    Ok(if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    })
}
