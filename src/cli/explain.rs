//! `explain` and `list`: the same values in words.

use super::args::OutputFormat;
use super::output::Output;
use super::place::Place;
use super::sync::{language, pretty};
use super::{End, json};
use crate::decision::Decision;
use crate::diagnostic::{self, Diagnostic, Rule, rules};
use crate::discover::{self, Found};
use crate::lang;
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
use crate::render;
use crate::settings::Settings;
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
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    match format {
        OutputFormat::Text => out.data(&table(&place, &found)),
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
                        "workspace": discover::workspace(&place.tree, &s.claim),
                        "manifest": s.claim.manifest.file(),
                    })
                })
                .collect();
            let words = |all: &[Diagnostic]| -> Vec<Value> { all.iter().map(json::diagnostic).collect() };
            let (errors, warnings) = (words(&found.errors), words(&found.warnings));
            out.data(&pretty(
                &json!({ "schema": json::SCHEMA, "services": services, "errors": errors, "warnings": warnings }),
            ));
        }
    }
    Ok(if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    })
}

/// A service a line; members of a workspace say where its root is and what holds it together.
fn table(place: &Place, found: &Found) -> String {
    let rows: Vec<[String; 4]> = found
        .services
        .iter()
        .map(|s| {
            let kinds = discover::workspace(&place.tree, &s.claim).join(", ");
            let root = paths::shown(&s.claim.context);
            [
                s.name.clone(),
                discover::language(s.claim.language).name.to_string(),
                paths::shown(&s.claim.dir).to_string(),
                match (s.claim.context == s.claim.dir, kinds.is_empty()) {
                    (true, _) => String::new(),
                    (false, true) => format!("in {root}"),
                    (false, false) => format!("in {root} ({kinds})"),
                },
            ]
        })
        .collect();
    let width = |i: usize| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
    let (name, lang, dir) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [n, l, d, workspace] in &rows {
        let line = format!("{n:name$}  {l:lang$}  {d:dir$}  {workspace}");
        text += line.trim_end();
        text.push('\n');
    }
    text
}
