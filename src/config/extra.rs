//! The keys of rdock.toml that are tables of their own kind: mirrors, secrets, extra lines.

use super::{map, string, table, unknown, wrong};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape;
use crate::manifest::doc::{Entry, Value};
use crate::settings::{BuildSecret, Lines, Point, SecretKind};
use std::collections::BTreeMap;

/// Both sides are beginnings of an image's name, without a closing slash.
pub fn mirrors(entry: &Entry) -> Result<BTreeMap<String, String>, Diagnostic> {
    let good = |name: &str| {
        let name = name.strip_suffix('/').unwrap_or(name);
        match name.split_once('/') {
            Some((host, rest)) => escape::is_host(host) && escape::is_repository(rest),
            None => escape::is_host(name),
        }
    };
    for entry in table(entry)? {
        let value = string(entry)?.value;
        if !good(&entry.key) || !good(&value) {
            return Err(wrong(
                &entry.node,
                &entry.key,
                "the name of a registry or a part of one, without a scheme: `registry.example.com/hub`",
            ));
        }
    }
    let trimmed = |name: &str| name.trim_matches('/').to_string();
    Ok(map(entry)?
        .iter()
        .map(|(k, v)| (trimmed(k), trimmed(v)))
        .collect())
}

pub fn secrets(entry: &Entry) -> Result<Vec<BuildSecret>, Diagnostic> {
    table(entry)?.iter().map(secret).collect()
}

fn secret(entry: &Entry) -> Result<BuildSecret, Diagnostic> {
    let wrong = || {
        wrong(
            &entry.node,
            "secrets",
            "for each id either `env`, or `file` and an absolute `target`",
        )
    };
    let (mut env, mut file, mut target) = (None, None, None);
    for entry in table(entry)? {
        match entry.key.as_str() {
            "env" => env = Some(string(entry)?.value),
            "file" => file = Some(string(entry)?.value),
            "target" => target = Some(string(entry)?.value),
            _ => return Err(unknown(entry, &["env", "file", "target"])),
        }
    }
    // The id and the file stand in fields of a flag on the command line too.
    let word = |text: &str| !text.is_empty() && !text.contains([',', '"', '\'', '\\', '`']);
    let safe = |text: &str| word(text) && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let kind = match (env, file, target) {
        (Some(name), None, None) if escape::name(&name).is_ok() => SecretKind::Env(name),
        (None, Some(source), Some(target))
            if safe(&source) && target.starts_with('/') && escape::mount(&target).is_ok() =>
        {
            SecretKind::File { source, target }
        }
        _ => return Err(wrong()),
    };
    if !safe(&entry.key) || escape::mount(&entry.key).is_err() {
        return Err(wrong());
    }
    Ok(BuildSecret {
        id: entry.key.clone(),
        kind,
    })
}

/// Instructions that would take the file's shape away from rdock; each has a key of its own, or
/// none.
const REFUSED: &[(&str, &str)] = &[
    ("FROM", "`runtime` and `builder` choose images"),
    ("CMD", "`command` sets the start command"),
    ("ENTRYPOINT", "`command` sets the start command"),
];

pub fn lines(entry: &Entry) -> Result<Vec<Lines>, Diagnostic> {
    let mut all = Vec::new();
    for entry in table(entry)? {
        let point = entry.key.rsplit_once('.').and_then(|(stage, name)| {
            let (_, point) = Point::ALL.into_iter().find(|(n, _)| *n == name)?;
            Some((stage, point))
        });
        let Some((stage, point)) = point else {
            let names: Vec<String> = Point::ALL.iter().map(|(n, _)| format!("STAGE.{n}")).collect();
            return Err(Diagnostic::error(
                &rules::BAD_SETTING,
                format!("`{}` is no point of a stage", entry.key),
            )
            .at(entry.key_at.clone(), "")
            .help(format!("the points are: {}", names.join(", "))));
        };
        all.push(Lines {
            stage: stage.to_string(),
            point,
            text: text(entry)?,
            at: entry.key_at.clone(),
        });
    }
    Ok(all)
}

fn text(entry: &Entry) -> Result<String, Diagnostic> {
    let wrong = |what: &str| wrong(&entry.node, "lines", what);
    let parts: Vec<&str> = match &entry.node.value {
        Value::List(items) => items
            .iter()
            .map(|n| n.as_str().ok_or_else(|| wrong("instructions as strings")))
            .collect::<Result<_, _>>()?,
        _ => vec![
            entry
                .node
                .as_str()
                .ok_or_else(|| wrong("instructions as strings"))?,
        ],
    };
    for part in &parts {
        if part.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(wrong("text without control characters"));
        }
        if part.trim_end().ends_with('\\') {
            return Err(wrong("whole instructions, without a backslash at the end"));
        }
        for words in crate::dockerfile::instructions(part) {
            let name = part[words[0].clone()].to_uppercase();
            if let Some((_, why)) = REFUSED.iter().find(|(n, _)| *n == name) {
                return Err(wrong(&format!("no {name}: {why}")));
            }
        }
    }
    let parts: Vec<&str> = parts.iter().map(|p| p.trim_end()).collect();
    Ok(parts.join("\n"))
}
