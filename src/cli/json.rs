//! The JSON output: one versioned schema for every command, described in docs/json.md.

use super::outline;
use crate::catalog::Catalog;
use crate::decision::{Because, Decision};
use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline::Done;
use crate::render;
use serde_json::{Value, json};

/// Raised when a field is removed or changes its meaning; new fields do not raise it.
pub const SCHEMA: u32 = 1;

pub fn because(because: &Because) -> Value {
    json!({
        "text": because.text,
        "file": because.at.as_ref().map(|at| at.file().to_string()),
        "line": because.at.as_ref().and_then(|at| at.line()),
    })
}

fn decision(decision: &Decision) -> Value {
    let over: Vec<Value> = decision
        .over
        .iter()
        .map(|r| json!({ "value": r.value, "why": r.why, "possible": r.possible }))
        .collect();
    json!({ "topic": decision.topic, "value": decision.value, "because": because(&decision.because), "over": over })
}

pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({
        "rule": diagnostic.rule.id,
        "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "title": diagnostic.title,
        "label": diagnostic.label,
        "file": diagnostic.at.as_ref().map(|at| at.file().to_string()),
        "line": diagnostic.at.as_ref().and_then(|at| at.line()),
        "help": diagnostic.help,
    })
}

pub fn done(language: &str, done: &Done) -> Value {
    let plan = &done.plan;
    json!({
        "name": plan.name,
        "language": language,
        "title": plan.title,
        "entry": plan.entry,
        "dir": plan.dir,
        "context": plan.context,
        "port": plan.port,
        "build": render::build_command(plan),
        "decisions": plan.decisions.iter().map(decision).collect::<Vec<_>>(),
        "stages": outline::stages(done),
        "warnings": plan.warnings.iter().map(diagnostic).collect::<Vec<_>>(),
        "files": done.files.iter().map(|f| json!({ "path": f.path, "text": f.text })).collect::<Vec<_>>(),
    })
}

pub fn images(catalog: &'static Catalog, name: &str) -> Value {
    let mut images = Vec::new();
    for image in catalog.images.iter().filter(|i| i.reference.contains(name)) {
        for line in &image.lines {
            for tag in &line.tags {
                let os = catalog.os(&tag.suite);
                images.push(json!({
                    "image": format!("{}:{}", image.reference, tag.tag),
                    "suite": tag.suite,
                    "libc": os.map(|os| format!("{:?} {}", os.libc, os.libc_version).to_lowercase().trim().to_string()),
                    "shell": image.shell,
                    "user": image.user,
                    "size_mb": tag.size_mb,
                    "arch": tag.arch,
                    "eol": line.eol,
                    "supported": catalog.supported(line),
                }));
            }
        }
    }
    json!({ "schema": SCHEMA, "as_of": catalog.as_of, "images": images })
}
