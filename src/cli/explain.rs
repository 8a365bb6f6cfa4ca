//! `explain` and `list`: the same values in words.

use super::args::OutputFormat;
use super::output::{CARE, FAINT, Output, PLACE, STRONG, paint};
use super::place::{Place, for_one};
use super::sync::{language, pretty};
use super::viewpoint::Viewpoint;
use super::{End, json, outline, whatif, words};
use crate::decision::{Because, Decision};
use crate::diagnostic::{self, Diagnostic, Rule, printable, rules};
use crate::discover::{self, Service};
use crate::lang;
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
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
    let place = Place::find(out, start)?;
    let found = place.named(names, language(&flags))?;
    for_one(&found, &flags)?;
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &flags);
    let asks = flags != Settings::default();
    let mut services = Vec::new();
    for Outcome { service, result } in &outcomes {
        let before = asks.then(|| whatif::one(&place, &found, service, &Settings::default()));
        match result {
            Ok(done) if format == OutputFormat::Json => {
                let mut value = json::done(service.claim.language, done);
                if let Some(before) = before {
                    value["changes"] = whatif::json(&before, done);
                }
                services.push(value);
            }
            Ok(done) => {
                out.styled(&words(out.from(), done));
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

fn words(from: &Viewpoint, done: &Done) -> String {
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
        text += &format!("      because {}\n", reason(from, because));
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
        let at = at.map_or(String::new(), |at| format!("{}: ", from.place(at)));
        let line = format!("{at}{} [{}]", warning.title, warning.rule.id);
        text += &format!("\n  {}  {}\n", paint(CARE, "warning"), printable(&line));
    }
    text += &format!("\n  {}\n", paint(STRONG, "stages"));
    for stage in outline::stages(done) {
        let takes = match stage.takes_from.as_slice() {
            [] => String::new(),
            from => format!(", with files of {}", from.join(", ")),
        };
        let name = paint(STRONG, &stage.name);
        let base = printable(&format!("{}{takes}", stage.from));
        text += &format!("      {name}  from {base}\n");
        if !stage.does.is_empty() {
            text += &format!("          {}\n", printable(&stage.does));
        }
    }
    text += &format!("\n  {}  {}\n\n", paint(STRONG, "build"), from.build_command(plan));
    text
}

/// The reason, its place marked.
pub fn reason(from: &Viewpoint, because: &Because) -> String {
    match &because.at {
        Some(at) => {
            let at = paint(PLACE, &from.place(at));
            format!("{at} {}", printable(&because.text))
        }
        None => printable(&because.text),
    }
}

/// `RD` and digits: nobody's service is named so.
fn is_rule_id(word: &str) -> bool {
    let digits = |n: &[u8]| !n.is_empty() && n.iter().all(u8::is_ascii_digit);
    word.as_bytes()
        .split_at_checked(2)
        .is_some_and(|(rd, n)| rd.eq_ignore_ascii_case(b"RD") && digits(n))
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
    let Some(rule) = all_rules().find(|r| r.id.eq_ignore_ascii_case(id)) else {
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
    let place = Place::find(out, path)?;
    let found = place.services(None)?;
    out.diagnostics(&found.warnings);
    out.diagnostics(&found.errors);
    let services = pipeline::standing(&place.tree, &place.config, &found);
    match format {
        OutputFormat::Text => out.data(&table(&place, &services)),
        OutputFormat::Json => {
            let services: Vec<Value> = services
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
fn table(place: &Place, services: &[&Service]) -> String {
    let rows: Vec<[String; 4]> = services
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
    let width = |i: usize| words::widest(rows.iter().map(|r| r[i].as_str()));
    let (name, lang, dir) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [n, l, d, workspace] in &rows {
        let line = format!("{n:name$}  {l:lang$}  {d:dir$}  {workspace}");
        text += line.trim_end();
        text.push('\n');
    }
    text
}
