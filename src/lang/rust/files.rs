//! Files that the source names: those that the compiler embeds, those that the program opens when
//! it runs, and databases that it makes beside itself.

use super::tokens::Tokens;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Files {
    /// Read by the compiler, from the repository root. A folder may be absent: a front end makes it.
    pub embedded: Vec<Sourced<String>>,
    /// Opened at run time, relative to the working folder: the path that the program says, with
    /// the one in the repository.
    pub opened: BTreeMap<String, Sourced<String>>,
    /// Opened at run time under the path of the checkout that built the program.
    pub baked: BTreeMap<String, Location>,
    /// Opened at run time, absent, and below a folder with a package.json: what a front end makes.
    /// The path that the program says, with the one in the repository.
    pub built: BTreeMap<String, Sourced<String>>,
    /// Where the program ends without a `.env`.
    pub insisted: Option<Location>,
    /// A relative database file that the program makes.
    pub database: Option<Sourced<String>>,
    /// A relative folder in which a server keeps its data unless it is told another.
    pub data: Option<Sourced<String>>,
}

/// Macros whose argument the compiler reads.
const EMBEDS: &[&str] = &[
    "include",
    "include_str",
    "include_bytes",
    "include_dir",
    "migrate",
    "embed_migrations",
    "query_file",
    "query_file_as",
    "query_file_scalar",
    "embed_templates",
    "include_flate",
    "static_loader",
];
/// Calls that serve or load the files of the program itself.
const SERVES: &[&str] = &[
    "ServeDir",
    "ServeFile",
    "Files",
    "NamedFile",
    "FileServer",
    "Tera",
    "path_loader",
    "with_name",
    "StaticDir",
    "StaticFile",
    "StaticFilesEndpoint",
    "StaticFileEndpoint",
    "register_templates_directory",
    "register_template_file",
    "Migrator",
];
/// Calls that open any file. In a server it is the server's own, in a tool its user's.
const OPENS: &[&str] = &[
    "read_to_string",
    "read",
    "open",
    "read_dir",
    "dir",
    "file",
    "from_file",
    "from_path",
    "from_filename",
    "load",
    "glob",
    "join",
    "Path",
    "PathBuf",
];
/// Parts of a name that say what a path is for.
const NAMES: &[&str] = &[
    "dir", "path", "folder", "static", "asset", "template", "public", "file", "root",
];
/// Folders that are never opened by a running program.
const SOURCE_FOLDERS: &[&str] = &["src", "target", "tests", "benches", "examples", ".", ".."];

/// `dir` is the package, `root` its workspace.
pub fn files(tree: &Tree, dir: &str, root: &str, sources: &[Tokens], server: bool) -> Files {
    let mut found = Files::default();
    for tokens in sources {
        for i in 0..tokens.list.len() {
            if found.insisted.is_none() && insists(tokens, i) {
                found.insisted = Some(tokens.at(i));
            }
            one(tree, dir, root, tokens, i, server, &mut found);
        }
    }
    found.embedded.sort_by(|a, b| a.value.cmp(&b.value));
    found.embedded.dedup_by(|a, b| a.value == b.value);
    found
}

fn one(tree: &Tree, dir: &str, root: &str, tokens: &Tokens, i: usize, server: bool, found: &mut Files) {
    let Some(text) = tokens.text(i) else { return };
    if text.is_empty()
        || text.len() > 200
        || text.contains(['\n', '\0', '|'])
        || text.contains("://") && !text.starts_with("sqlite:")
    {
        return;
    }
    // askama: `#[template(path = "page.html")]` is compiled in.
    let template = tokens.is(i.wrapping_sub(1), '=')
        && tokens.ident(i.wrapping_sub(2)) == Some("path")
        && (i.saturating_sub(10)..i).any(|n| tokens.ident(n) == Some("template") && tokens.is(n + 1, '('));
    if template {
        return;
    }
    let macro_name = (tokens.is(i.wrapping_sub(1), '(') && tokens.is(i.wrapping_sub(2), '!'))
        .then(|| tokens.ident(i.wrapping_sub(3)))
        .flatten();
    let attribute = tokens.is(i.wrapping_sub(1), '=') && tokens.ident(i.wrapping_sub(2)) == Some("folder");
    let manifest_dir = (i.saturating_sub(12)..i).any(|n| tokens.text(n) == Some("CARGO_MANIFEST_DIR"))
        || text.starts_with("$CARGO_MANIFEST_DIR");
    let embedding = (i.saturating_sub(12)..i)
        .any(|n| tokens.is(n + 1, '!') && tokens.ident(n).is_some_and(|w| EMBEDS.contains(&w)));
    let baked = manifest_dir || macro_name == Some("relative");
    // The file may be another package's than the program's.
    let home = paths::ancestors(&tokens.source.path)
        .find(|d| paths::join(d, "Cargo.toml").is_some_and(|p| tree.has(&p)))
        .unwrap_or(dir);
    let plain = text
        .trim_start_matches("$CARGO_MANIFEST_DIR")
        .trim_start_matches(if baked || attribute { "/" } else { "" });
    // What a build script writes is there when the compiler comes.
    let written = (i.saturating_sub(12)..=i).any(|n| tokens.text(n) == Some("OUT_DIR"));
    if written && embedding {
        return;
    }
    if attribute || embedding {
        let included =
            macro_name.is_some_and(|m| m.starts_with("include") && m != "include_dir") && !manifest_dir;
        let base = if included {
            paths::parent(&tokens.source.path)
        } else {
            home
        };
        if let Some(path) = paths::join(base, plain.trim_end_matches('/')).filter(|p| !p.is_empty()) {
            found.embedded.push(tokens.sourced(i, path));
        }
        return;
    }
    if let Some(database) = database(tokens, i, text) {
        if found.database.is_none() {
            found.database = Some(tokens.sourced(i, database));
        }
        return;
    }
    if server && found.data.is_none() && data_folder(tokens, i, text) {
        found.data = Some(tokens.sourced(i, text.trim_start_matches("./").trim_end_matches('/').to_string()));
        return;
    }
    if !baked && (text.starts_with('/') || !opens(tokens, i, text, server)) {
        return;
    }
    let plain = plain.trim_start_matches("./");
    let stem = match plain.find(['*', '{']) {
        Some(glob) => plain[..glob].trim_end_matches('/'),
        None => plain.trim_end_matches('/'),
    };
    if stem.is_empty()
        || SOURCE_FOLDERS.contains(&stem.split('/').next().unwrap_or(stem))
        || stem.contains(' ')
        || stem.starts_with('.') && !stem.starts_with("../")
        || stem.ends_with("Cargo.lock")
    {
        return;
    }
    let bases = if baked { vec![home] } else { vec![dir, root] };
    for base in bases {
        let Some(path) = paths::join(base, stem) else {
            continue;
        };
        let path = if tree.has(&path) || (tree.has_dir(&path) && path != dir && path != root) {
            path
        } else if tokens.around(i).contains(&"with_name")
            && let Some(file) = with_extension(tree, &path)
        {
            match paths::parent(&path) {
                folder if folder == base => file,
                folder => folder.to_string(),
            }
        } else {
            continue;
        };
        let program = paths::base(&path) == "Cargo.toml" || path.ends_with(".rs") || path.is_empty();
        if program || path == dir || path == home {
            return;
        }
        if baked {
            found.baked.entry(path).or_insert_with(|| tokens.at(i));
        } else {
            let said = paths::relative(&path, base).to_string();
            found
                .opened
                .entry(said)
                .or_insert_with(|| tokens.sourced(i, path));
        }
        return;
    }
    for base in [dir, root] {
        let Some(path) = paths::join(base, stem).filter(|_| stem.contains('/') && !baked) else {
            continue;
        };
        if front_end(tree, &path, base).is_some() {
            found
                .built
                .entry(stem.to_string())
                .or_insert_with(|| tokens.sourced(i, path));
            return;
        }
    }
}

/// The nearest folder above `path`, below or at `base`, that holds a package.json.
pub fn front_end(tree: &Tree, path: &str, base: &str) -> Option<String> {
    paths::ancestors(paths::parent(path))
        .take_while(|dir| paths::is_under(dir, base))
        .find(|dir| paths::join(dir, "package.json").is_some_and(|p| tree.has(&p)))
        .map(str::to_string)
}

/// `dotenv().expect("…")`, `dotenvy::dotenv()?`: the program ends where there is no `.env`.
fn insists(tokens: &Tokens, i: usize) -> bool {
    let called = tokens.spells(i, "dotenv ( )") && tokens.ident(i.wrapping_sub(1)) != Some("fn");
    called && (tokens.is(i + 3, '?') || tokens.spells(i + 3, ". expect") || tokens.spells(i + 3, ". unwrap"))
}

/// Is the text given to something that opens it, or to a variable with the name of a path?
fn opens(tokens: &Tokens, i: usize, text: &str, server: bool) -> bool {
    let around = tokens.around(i);
    if around.iter().any(|name| SERVES.contains(name)) {
        return true;
    }
    // A bare word may be anything.
    let path = text.contains('/') || text.contains('.');
    let opens = |name: &&str| OPENS.contains(name) && (path || !matches!(*name, "Path" | "PathBuf"));
    let last = around.last().map(|name| name.to_lowercase());
    let named = path && last.is_some_and(|name| NAMES.iter().any(|part| name.contains(part)));
    server && (around.iter().any(opens) || named)
}

/// `config/default` means config/default.toml or .yaml, `Settings` Settings.toml.
fn with_extension(tree: &Tree, path: &str) -> Option<String> {
    const ENDINGS: &[&str] = &["toml", "yaml", "yml", "json", "json5", "ini", "ron"];
    let files = ENDINGS.iter().map(|end| format!("{path}.{end}"));
    files.into_iter().find(|file| tree.has(file))
}

/// The default of an argument or variable that is named after a folder of data: `#[arg(env = "DATA_DIR",
/// default_value = "data")]`, `env::var("STORAGE_PATH").unwrap_or("files".into())`.
fn data_folder(tokens: &Tokens, i: usize, text: &str) -> bool {
    const DEFAULTS: &[&str] = &["default_value", "default_value_t", "unwrap_or", "unwrap_or_else"];
    const NAMES: &[&str] = &[
        "data_dir",
        "data_directory",
        "data_folder",
        "data_path",
        "storage_dir",
        "storage_path",
        "upload_dir",
        "upload_path",
    ];
    let plain = text.trim_start_matches("./");
    let relative = plain.starts_with(char::is_alphanumeric)
        && plain.chars().all(|c| c.is_alphanumeric() || "/_-.".contains(c));
    let default = (i.saturating_sub(10)..i).any(|n| tokens.ident(n).is_some_and(|w| DEFAULTS.contains(&w)));
    let named = |n: usize| {
        let word = tokens.ident(n).or_else(|| tokens.text(n))?.to_lowercase();
        Some(NAMES.iter().any(|name| word.ends_with(name)))
    };
    relative && default && (i.saturating_sub(14)..i + 8).any(|n| n != i && named(n) == Some(true))
}

/// `sqlite://data.db`, `Connection::open("data.db")`: the file, when it is a relative one.
fn database(tokens: &Tokens, i: usize, text: &str) -> Option<String> {
    let path = match text.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        None => {
            let named = [".db", ".sqlite", ".sqlite3"].iter().any(|e| text.ends_with(e));
            let opened = tokens.before(i).iter().any(|w| {
                [
                    "open",
                    "establish",
                    "connect",
                    "connection",
                    "unwrap_or_else",
                    "unwrap_or",
                ]
                .contains(&w.as_str())
            });
            if !named || !opened {
                return None;
            }
            text
        }
    };
    let path = path.split('?').next().unwrap_or(path).trim_start_matches("./");
    let good = !path.is_empty() && !path.starts_with(['/', ':', '{']) && !path.contains([' ', '{', ':']);
    good.then(|| path.to_string())
}
