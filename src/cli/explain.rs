//! `explain` and `list`: the same values in words.

use super::args::OutputFormat;
use super::output::{CARE, FAINT, Output, PLACE, STRONG, paint};
use super::place::Place;
use super::sync::{language, pretty};
use super::{End, json, whatif};
use crate::decision::{Because, Decision};
use crate::diagnostic::{self, Diagnostic, Rule, printable, rules};
use crate::lang;
use crate::pipeline::{self, Done, Outcome};
use crate::render;
use crate::settings::Settings;
use crate::source::Location;
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
    let here = if start == Path::new(".") {
        place.here.as_str()
    } else {
        ""
    };
    let asks = flags != Settings::default();
    let mut services = Vec::new();
    for Outcome { service, result } in &outcomes {
        let before = asks.then(|| whatif::one(&place, service, &Settings::default()));
        match result {
            Ok(done) if format == OutputFormat::Json => {
                let mut value = json::done(service.claim.language, done);
                if let Some(before) = before {
                    value["changes"] = whatif::json(&before, done);
                }
                services.push(value);
            }
            Ok(done) => {
                out.styled(&words(done, here));
                if let Some(before) = before {
                    out.styled(&whatif::words(&before, done));
                }
            }
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

fn words(done: &Done, here: &str) -> String {
    let plan = &done.plan;
    let mut text = format!("{}\n", paint(STRONG, &headline(done)));
    for Decision {
        topic,
        value,
        because,
        over,
    } in &plan.decisions
    {
        text += &format!("\n  {}  {}\n", paint(STRONG, topic), printable(value));
        text += &format!("      because {}\n", reason_from(here, because));
        for rejected in over {
            let not = if rejected.possible { "not" } else { "cannot be" };
            let line = format!("{not} {}: {}", rejected.value, rejected.why);
            text += &format!("      {}\n", paint(FAINT, &line));
        }
    }
    for secret in &plan.secrets {
        text += &format!("\n  {}  {}\n", paint(STRONG, "secret"), secret.flag);
        text += &format!("      because {}\n", printable(&secret.why));
    }
    for warning in &plan.warnings {
        let at = warning.at.as_ref();
        let at = at.map_or(String::new(), |at| format!("{}: ", seen_from(here, at)));
        let line = format!("{at}{} [{}]", warning.title, warning.rule.id);
        text += &format!("\n  {}  {}\n", paint(CARE, "warning"), printable(&line));
    }
    text += &format!(
        "\n  {}  {}\n\n",
        paint(STRONG, "build"),
        render::build_command(plan)
    );
    text
}

/// The reason, its place marked.
pub fn reason(because: &Because) -> String {
    reason_from("", because)
}

fn reason_from(here: &str, because: &Because) -> String {
    match &because.at {
        Some(at) => {
            let at = paint(PLACE, &seen_from(here, at));
            format!("{at} {}", printable(&because.text))
        }
        None => printable(&because.text),
    }
}

/// A place as a terminal in the folder `here` can open it.
fn seen_from(here: &str, at: &Location) -> String {
    let above = |dir: &&str| !paths::is_under(at.file(), dir);
    let up = paths::ancestors(here).take_while(above).count();
    let common = paths::ancestors(here).nth(up).unwrap_or("");
    let place = at.to_string();
    let below = place
        .get(common.len()..)
        .unwrap_or(&place)
        .trim_start_matches('/');
    format!("{}{below}", "../".repeat(up))
}

/// `RD` and digits: nobody's service is named so.
fn is_rule_id(word: &str) -> bool {
    word.strip_prefix("RD")
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
}

/// Every rule of rdock and of its languages.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    let languages = lang::ALL.iter().flat_map(|l| l.rules.iter());
    diagnostic::rules::ALL.iter().chain(languages).copied()
}

fn rule(out: &Output, id: &str, format: OutputFormat) -> Result<End, Diagnostic> {
    let Some(rule) = all_rules().find(|r| r.id == id) else {
        return Err(
            Diagnostic::error(&rules::NO_SUCH_SERVICE, format!("there is no rule {id}"))
                .help("the rules are listed in docs/rules.md"),
        );
    };
    match format {
        OutputFormat::Text => {
            let title = paint(STRONG, &format!("{}: {}", rule.id, rule.name));
            let lines = super::words::wrap(rule.words, out.columns().min(100));
            out.styled(&format!("{title}\n\n{}\n", lines.join("\n")));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn a_place_is_shown_as_the_current_folder_sees_it() {
        let at = Location::span(&Source::new("services/api/go.mod", "module x\ngo 1.26\n"), 9..10);
        for (here, shown) in [
            ("", "services/api/go.mod:2"),
            ("services", "api/go.mod:2"),
            ("services/api", "go.mod:2"),
            ("services/api/cmd", "../go.mod:2"),
            ("services/mail", "../api/go.mod:2"),
            ("web", "../services/api/go.mod:2"),
        ] {
            assert_eq!(seen_from(here, &at), shown, "{here}");
        }
    }
}
