//! Findings in the forms that other tools read: GitHub's annotations, and SARIF.

use crate::audit::TABLE;
use crate::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json};

/// `::error file=…,line=…,title=…::…`, one line a finding.
pub fn github(findings: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| {
        let kind = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let file = d.at.as_ref().map_or("", |at| at.file());
        let line = d.at.as_ref().and_then(|at| at.line()).unwrap_or(1);
        let title = format!("{}: {}", d.rule.id, d.title);
        format!(
            "::{kind} file={},line={line},title={}::{}\n",
            property(file),
            property(&title),
            data(&message(d))
        )
    };
    findings.iter().map(line).collect()
}

/// Consequence and mend.
fn message(d: &Diagnostic) -> String {
    let help = d.help.iter().map(String::as_str);
    let parts = std::iter::once(&*d.label).chain(help).filter(|p| !p.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// SARIF 2.1.0, as code scanning reads it.
pub fn sarif(findings: &[Diagnostic]) -> Value {
    let rules: Vec<Value> = TABLE
        .iter()
        .map(|e| {
            json!({
                "id": e.rule.id,
                "name": e.rule.name,
                "shortDescription": { "text": e.rule.name },
                "fullDescription": { "text": e.rule.words },
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": { "name": "rdock", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(d: &Diagnostic) -> Value {
    let region = d.at.as_ref().and_then(|at| {
        let range = at.range()?;
        let text = &at.source().text;
        let place = |offset: usize| {
            let before = &text[..offset];
            let start = before.rfind('\n').map_or(0, |i| i + 1);
            (
                before.matches('\n').count() + 1,
                before[start..].chars().count() + 1,
            )
        };
        let ((line, column), (end_line, end_column)) = (place(range.start), place(range.end));
        Some(
            json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column }),
        )
    });
    json!({
        "ruleId": d.rule.id,
        "ruleIndex": TABLE.iter().position(|e| e.rule.id == d.rule.id),
        "level": match d.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": { "text": format!("{}: {}", d.title, message(d)) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": d.at.as_ref().map_or("", |at| at.file()) },
                "region": region.unwrap_or_else(|| json!({ "startLine": 1 })),
            },
        }],
    })
}
