//! Files that the program opens by a relative path, and databases that it makes beside itself.

use super::hints::DEFAULTS;
use super::module::{Module, Package};
use super::syntax::Token;
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Functions that open what their argument names.
const OPEN: &[&str] = &[
    "AddConfigPath",
    "Dir",
    "DirFS",
    "File",
    "Glob",
    "LoadHTMLFiles",
    "LoadHTMLGlob",
    "Load",
    "New",
    "NewFileSystem",
    "NewWithDatabaseInstance",
    "Open",
    "OpenFile",
    "Overload",
    "ParseFiles",
    "ParseGlob",
    "ReadDir",
    "ReadFile",
    "ServeFile",
    "SetConfigFile",
    "Static",
    "StaticFS",
    "StaticFile",
    "Walk",
    "WalkDir",
];

/// Those of them whose argument means much else than a folder.
const OPEN_FILE: &[&str] = &["Load", "New", "Open", "OpenFile", "ReadFile"];

/// Endings of files that programs read and nobody compiles.
const DATA: &[&str] = &[
    "conf", "csv", "gohtml", "html", "ini", "json", "mmdb", "sql", "tmpl", "toml", "tpl", "txt", "yaml",
    "yml",
];

/// Those of them that a program reads when it starts.
const CONFIGURATION: &[&str] = &[".conf", ".ini", ".toml", ".yaml", ".yml"];

/// Is a file of this name made by the call: `os.WriteFile(name, …)`, `os.OpenFile(name, os.O_CREATE|…)`?
pub fn creates(call: Option<&str>, after: &[(usize, Token)]) -> bool {
    let makes = ["Create", "Mkdir", "Remove", "Rename", "Save", "Write"];
    if call.is_some_and(|c| makes.iter().any(|m| c.contains(m))) {
        return true;
    }
    let rest = after.iter().take_while(|(_, t)| *t != Token::Punct(')'));
    rest.take(12)
        .any(|(_, t)| matches!(t, Token::Word("O_CREATE" | "O_TRUNC" | "O_WRONLY" | "O_APPEND")))
}

pub fn opens(
    tree: &Tree,
    module: &Module,
    main: &str,
    call: Option<&str>,
    text: &str,
    found: &mut BTreeSet<(String, String)>,
) {
    // A whole name of a data file is one wherever it stands, often as the default of a flag.
    let names_data = text
        .rsplit_once('.')
        .is_some_and(|(stem, end)| !stem.is_empty() && DATA.contains(&end));
    let default = call.is_some_and(|c| DEFAULTS.contains(&c)) && text.starts_with("../");
    if !call.is_some_and(|c| OPEN.contains(&c)) && !names_data && !default {
        return;
    }
    let text = text.strip_prefix("file://").unwrap_or(text);
    // From the folder of the program, in which such a program is started.
    if text.starts_with("../") && main != module.dir {
        let path = paths::join(main, text.trim_end_matches('/'));
        let data = |p: &String| {
            paths::is_under(p, &module.dir)
                && *p != module.dir
                && !tree.under(p).any(|f| f.ends_with(".go"))
                && tree.has_dir(p)
        };
        if let Some(path) = path.filter(data) {
            found.insert((path, text.trim_end_matches('/').to_string()));
        }
        return;
    }
    let fixed = match text.find(['*', '?', '[', '{']) {
        Some(i) => paths::parent(&text[..i]),
        None => text,
    };
    // `filepath.Join(workingPath, "/conf/app.ini")`, `dir + "/config.yml"`; `/index.html` is the path of a page.
    let configures = || CONFIGURATION.iter().any(|end| fixed.ends_with(end));
    let fixed = match fixed.strip_prefix('/') {
        Some(below) if names_data && (below.contains('/') || configures()) => below,
        _ => fixed,
    };
    let fixed = fixed.trim_start_matches("./").trim_end_matches('/');
    if fixed.is_empty() || fixed.starts_with(['/', '.', '~']) || fixed.contains("..") {
        return;
    }
    for base in [module.dir.as_str(), main] {
        let Some(path) = paths::join(base, fixed) else {
            continue;
        };
        let of_tools = matches!(
            paths::base(&path),
            "package.json" | "package-lock.json" | "tsconfig.json" | "compose.yaml"
        );
        let is_data = tree.has(&path) && !path.ends_with(".go") && !of_tools;
        // A package that embeds its files needs none of them at run time.
        let embeds =
            |p: &Package| paths::is_under(&p.dir, &path) && p.files.iter().any(|f| !f.embeds.is_empty());
        // One with source of its own is a package, unless it is served or walked as a folder.
        let is_package = tree.files_in(&path).any(|f| f.ends_with(".go"));
        let is_folder = tree.under(&path).any(|f| !f.ends_with(".go"))
            && !(is_package && call.is_some_and(|c| OPEN_FILE.contains(&c)))
            && !module.packages.values().any(embeds);
        if is_data || is_folder {
            found.insert((path, fixed.to_string()));
            return;
        }
    }
}

/// A relative path of a database file: `app.db`, `file:data/app.sqlite?cache=shared`.
pub fn database(text: &str) -> Option<String> {
    let path = text.strip_prefix("file:").unwrap_or(text);
    let path = path.split('?').next()?.trim_start_matches("./");
    let below = path.trim_start_matches("../");
    let known = [".db", ".sqlite", ".sqlite3", ".db3"]
        .iter()
        .any(|e| path.ends_with(e) && path.len() > e.len());
    let plain = path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    (known && plain && !path.starts_with('/') && !below.contains("..")).then(|| path.to_string())
}
