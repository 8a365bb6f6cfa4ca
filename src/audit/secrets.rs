//! Rules on secrets that end up where everybody with the image can read them.

use super::view::{View, copied, pairs};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::Instruction;
use crate::paths;

/// Last parts of a variable's name that say what it holds.
const SECRET: &[&str] = &[
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "APIKEY",
    "API_KEY",
    "SECRET_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "SECRET_KEY_BASE",
    "CREDENTIALS",
    "AUTH_TOKEN",
    "MASTER_KEY",
    "LICENSE_KEY",
    "ENCRYPTION_KEY",
    "SIGNING_KEY",
    "PASSPHRASE",
];

/// Beginnings of names whose values go to browsers anyway.
const PUBLIC: &[&str] = &[
    "NEXT_PUBLIC_",
    "VITE_",
    "REACT_APP_",
    "PUBLIC_",
    "NUXT_PUBLIC_",
    "GATSBY_",
    "EXPO_PUBLIC_",
    "VUE_APP_",
    "NG_APP_",
];

fn secret_name(name: &str) -> bool {
    let name = name.to_uppercase();
    let last = |s: &str| name == s || name.ends_with(&format!("_{s}"));
    SECRET.iter().any(|s| last(s)) && !PUBLIC.iter().any(|p| name.starts_with(p)) && !name.contains("PUBLIC_")
}

/// Values that are no secret: nothing, a switch, a path, a stand-in for the time of the build.
fn harmless(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_lowercase();
    let stand_in = [
        "dummy",
        "placeholder",
        "fake",
        "unused",
        "example",
        "not-used",
        "not_used",
        "build",
        "ignored",
        "none",
        "null",
        "xxx",
        "test",
        "skip",
    ];
    value.len() < 3
        || matches!(lower.as_str(), "true" | "false" | "yes")
        || value.chars().all(|c| c.is_ascii_digit())
        || value.starts_with('/')
        || value.starts_with("file:")
        || stand_in.iter().any(|s| lower.contains(s))
}

pub fn variables(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (stage, s) in view.stages() {
        let shipped = view.shipped.contains(&stage);
        for i in s
            .instructions
            .iter()
            .filter(|i| matches!(i.keyword.as_str(), "ENV" | "ARG"))
        {
            for (name, value, at) in pairs(i) {
                if !secret_name(&name) {
                    continue;
                }
                let given = match i.keyword.as_str() {
                    // An ARG without default waits for the secret; used nowhere it does no harm.
                    "ARG" => {
                        value.is_empty() && used(s, &name, i)
                            || !value.is_empty() && !harmless(&value) && !value.contains('$')
                    }
                    _ if value.contains('$') => true,
                    _ => shipped && !harmless(&value),
                };
                if !given {
                    continue;
                }
                let id = name.to_lowercase();
                found.push(
                    Diagnostic::error(rule, format!("{name} is handed over by {}", i.keyword))
                        .at(i.place(at), match i.keyword.as_str() {
                            "ENV" if shipped => "everybody with the image reads it in `docker inspect`",
                            _ => "the value stays in the build's history and provenance",
                        })
                        .help(match i.keyword.as_str() {
                            "ENV" if !value.contains('$') => format!("take the line out, and give {name} when the container starts"),
                            _ => format!("mount it where it is used: `RUN --mount=type=secret,id={id},env={name} …`, built with `--secret id={id},env={name}`"),
                        }),
                );
            }
        }
    }
    found
}

fn used(stage: &crate::dockerfile::Stage, name: &str, own: &Instruction) -> bool {
    let forms = [format!("${name}"), format!("${{{name}")];
    let named = |i: &Instruction| {
        forms
            .iter()
            .any(|f| i.text.contains(f.as_str()) || i.heredocs.iter().any(|h| h.text.contains(f.as_str())))
    };
    stage
        .instructions
        .iter()
        .any(|i| i.at.line() > own.at.line() && i.keyword == "RUN" && named(i))
}

/// Files that hold secrets whatever is in them.
const FILES: &[&str] = &[
    ".env",
    ".netrc",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    ".git-credentials",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
];
const FOLDERS: &[&str] = &[".ssh", ".aws", ".gnupg"];
/// Files that hold secrets where a build writes them and takes them out again.
const WRITTEN: &[&str] = &[
    ".npmrc",
    ".netrc",
    ".yarnrc",
    "id_rsa",
    "id_ed25519",
    ".git-credentials",
    ".pypirc",
    "pip.conf",
    "auth.json",
    "credentials",
    "settings.xml",
];

pub fn files(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, stage) in view.stages() {
        for i in stage.instructions.iter().filter(|i| !i.onbuild) {
            let Some(copied) = copied(i).filter(|c| c.from.is_none()) else {
                continue;
            };
            for source in &copied.sources {
                let name = paths::base(source.text.trim_end_matches('/'));
                if FILES.contains(&name) || FOLDERS.contains(&name) {
                    let id = name.trim_start_matches('.');
                    let help = match name {
                        ".env" => {
                            "take the line out, and start the container with `--env-file .env`".to_string()
                        }
                        _ => format!(
                            "mount it where it is used: `RUN --mount=type=secret,id={id},target=<path> …`"
                        ),
                    };
                    found.push(
                        Diagnostic::error(rule, format!("{name} is copied into a layer"))
                            .at(i.place(source.at.clone()), "everybody with the image or its build cache can read it, even where a later line removes it")
                            .help(help),
                    );
                }
            }
        }
    }
    found.extend(removed_later(rule, view));
    found
}

/// A file with a secret that one layer has and a later one hides.
fn removed_later(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let last = view.file.stages.len() - 1;
    let chain: Vec<_> = view.chain(last).collect();
    for (n, (_, _, i)) in chain.iter().enumerate() {
        let made: Vec<String> = match copied(i) {
            Some(copied) if copied.from.is_none() => copied
                .sources
                .iter()
                .map(|s| paths::base(&s.text).to_string())
                .collect(),
            _ => i
                .commands()
                .iter()
                .flat_map(|c| {
                    c.writes
                        .iter()
                        .map(|w| paths::base(w).to_string())
                        .collect::<Vec<_>>()
                })
                .collect(),
        };
        for name in made.iter().filter(|m| WRITTEN.contains(&m.as_str())) {
            let removes = |i: &Instruction| {
                i.keyword == "RUN"
                    && i.commands()
                        .iter()
                        .any(|c| c.program() == "rm" && c.args().iter().any(|a| paths::base(a) == name))
            };
            if removes(i) {
                continue;
            }
            if chain[n + 1..].iter().any(|(_, _, later)| removes(later)) {
                found.push(
                    Diagnostic::error(rule, format!("{name} is removed in a later layer than it came with"))
                        .at(i.at.clone(), "the file is still in this layer, for everybody with the image")
                        .help(format!("mount it for the one command that needs it: `RUN --mount=type=secret,id={},target=/root/{name} …`", name.trim_start_matches('.'))),
                );
            }
        }
    }
    found
}

/// Tokens whose own form gives them away.
const SHAPES: &[(&str, usize, &str)] = &[
    ("AKIA", 20, "an AWS access key"),
    ("ghp_", 40, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 26, "a GitLab token"),
    ("npm_", 40, "an npm token"),
    ("xoxb-", 40, "a Slack token"),
    ("-----BEGIN RSA PRIVATE KEY", 26, "a private key"),
    ("-----BEGIN OPENSSH PRIVATE KEY", 30, "a private key"),
    ("-----BEGIN PRIVATE KEY", 22, "a private key"),
];

pub fn literal(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let text = &view.file.source.text;
    let mut found = Vec::new();
    for (start, length, what) in SHAPES {
        for (at, _) in text.match_indices(start) {
            let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ');
            let token: String = text[at..]
                .chars()
                .take_while(|c| word(*c) && (*c != ' ' || start.starts_with("---")))
                .collect();
            let alone = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let exact = *start != "AKIA"
                || token.len() == 20
                    && token
                        .chars()
                        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let mixed = start.starts_with("---") || token.chars().any(|c| c.is_ascii_digit());
            if alone && exact && mixed && token.len() >= *length && !token.contains("EXAMPLE") {
                found.push(
                    Diagnostic::error(rule, format!("{what} stands in the file"))
                        .at(
                            crate::source::Location::span(&view.file.source, at..at + token.len()),
                            "it is in the repository and in the image's history",
                        )
                        .help("revoke it, and hand the new one over by `RUN --mount=type=secret,…`"),
                );
            }
        }
    }
    found
}
