//! Calls that write below the program's own folder: databases in a file, uploads, logs. On a read-only
//! root they need a volume.

use crate::manifest::javascript::{Kind, Token};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// A path that is written, from the repository's root.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    pub path: Sourced<String>,
    pub folder: bool,
}

/// Calls whose first argument is a folder that is made, or a file that is written.
const CALLS: &[(&str, bool)] = &[
    ("mkdir", true),
    ("mkdirSync", true),
    ("mkdirp", true),
    ("ensureDir", true),
    ("ensureDirSync", true),
    ("createWriteStream", false),
    ("writeFileSync", false),
    ("appendFileSync", false),
    ("Database", false),
    ("DatabaseSync", false),
    ("JSONFileSync", false),
    ("JSONFile", false),
    ("FileSync", false),
];

/// Options that name such a path, where the file uses one of the packages.
const OPTIONS: &[(&str, bool, &[&str])] = &[
    ("dest", true, &["multer"]),
    ("destination", true, &["multer"]),
    ("dirname", true, &["winston", "winston-daily-rotate-file"]),
    ("filename", false, &["winston", "knex", "nedb", "@seald-io/nedb"]),
    ("storage", false, &["sequelize"]),
];

/// Folders of programs that are no part of the service.
const TOOLS: &[&str] = &[
    "bin",
    "extra",
    "hack",
    "migrations",
    "script",
    "scripts",
    "seeds",
    "tools",
];

/// What one file writes; `dir` is the package's folder.
pub fn find(source: &Arc<Source>, dir: &str, tokens: &[Token], found: &mut Vec<Write>) {
    if TOOLS.iter().any(|t| source.path.split('/').any(|p| p == *t)) || source.path.contains(".config.") {
        return;
    }
    let imports = crate::manifest::javascript::imports(tokens);
    for (i, token) in tokens.iter().enumerate() {
        let Some(word) = token.word() else { continue };
        let next = |n: usize| tokens.get(i + n);
        let call = CALLS
            .iter()
            .find(|(name, _)| *name == word)
            .filter(|_| next(1).is_some_and(|t| t.is('(')));
        let option = OPTIONS
            .iter()
            .find(|(name, _, packages)| *name == word && packages.iter().any(|p| imports.contains(p)))
            .filter(|_| next(1).is_some_and(|t| t.is(':')));
        let folder = match (call, option) {
            (Some((_, folder)), _) | (None, Some((_, folder, _))) => *folder,
            _ => continue,
        };
        if let Some(path) = path_at(source, dir, &tokens[i + 2..]) {
            found.push(Write {
                path: Sourced::new(path, Location::span(source, token.span.clone())),
                folder,
            });
        }
    }
}

/// The path that an expression begins with: a string, or `path.join(__dirname, '..', 'data')`.
fn path_at(source: &Arc<Source>, dir: &str, tokens: &[Token]) -> Option<String> {
    if let Some(text) = tokens.first()?.string() {
        return inside(dir, text);
    }
    let joins = tokens
        .iter()
        .take(4)
        .position(|t| matches!(t.word(), Some("join" | "resolve")))?;
    let arguments = tokens.get(joins + 2..)?;
    let base = match arguments.first()?.word() {
        Some("__dirname") => paths::parent(&source.path).to_string(),
        Some("process") => dir.to_string(),
        _ => return None,
    };
    let mut parts = Vec::new();
    for token in arguments.iter().take(16) {
        match &token.kind {
            Kind::String(text) => parts.push(text.clone()),
            Kind::Mark(')') if !parts.is_empty() => break,
            Kind::Mark('(' | ')' | ',' | '.') => {}
            Kind::Word(w) if matches!(w.as_str(), "__dirname" | "process" | "cwd") => {}
            _ => return None,
        }
    }
    inside(&base, &parts.join("/"))
}

fn inside(base: &str, text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if text.is_empty() || text.starts_with('/') || !text.chars().all(plain) {
        return None;
    }
    paths::join(base, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::javascript;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, bool)]) {
        let source = Source::new("api/src/x.js", text);
        let mut found = Vec::new();
        find(&source, "api", &javascript::tokens(text), &mut found);
        let seen: Vec<(&str, bool)> = found.iter().map(|w| (w.path.value.as_str(), w.folder)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn databases_uploads_and_logs_are_found_and_other_paths_are_not() {
        check("new Database('data/app.db')", &[("api/data/app.db", false)]);
        check(
            "const m = require('multer'); m({ dest: 'uploads/' })",
            &[("api/uploads", true)],
        );
        check(
            "fs.mkdirSync(path.join(__dirname, '..', 'logs'), {})",
            &[("api/logs", true)],
        );
        check(
            "fs.mkdirSync(path.join(process.cwd(), 'logs'))",
            &[("api/logs", true)],
        );
        check(
            "new Database(':memory:'); fs.mkdirSync('/tmp/x'); fs.mkdirSync(dir); x({ dest: 'a' })",
            &[],
        );
    }
}
