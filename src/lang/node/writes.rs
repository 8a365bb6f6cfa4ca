//! Calls that write below the program's own folder: databases in a file, uploads, logs. On a read-only
//! root they need a volume.

use crate::lang::node::places::{Module, Place, Places};
use crate::manifest::javascript;
use crate::paths;
use crate::source::{Location, Sourced};

/// What stands at a path that is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// A folder that is made and filled.
    Folder,
    /// A file that is opened where it stands, and may be a link.
    File,
    /// A database in a file.
    Database,
    /// A file that is replaced by another, so that a link does not help.
    Replaced,
}

/// A path that is written: from the repository's root, or absolute.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    pub path: Sourced<String>,
    pub what: What,
    /// It is found from the place of the source, and not from the folder that the program runs in.
    pub from_file: bool,
}

/// Calls whose first argument is a folder that is made, or a file that is written.
const CALLS: &[(&str, What)] = &[
    ("mkdir", What::Folder),
    ("mkdirSync", What::Folder),
    ("mkdirp", What::Folder),
    ("ensureDir", What::Folder),
    ("ensureDirSync", What::Folder),
    ("createWriteStream", What::File),
    ("writeFileSync", What::File),
    ("appendFileSync", What::File),
    ("Database", What::Database),
    ("DatabaseSync", What::Database),
    ("JSONFileSync", What::Replaced),
    ("JSONFile", What::Replaced),
    ("FileSync", What::Replaced),
];

/// Words in the names of the packages that keep a database in a file.
const DATABASES: &[&str] = &["sqlite", "libsql", "duckdb"];

/// Options that name such a path, where the file uses one of the packages.
const OPTIONS: &[(&str, What, &[&str])] = &[
    ("dest", What::Folder, &["multer"]),
    ("destination", What::Folder, &["multer"]),
    ("dirname", What::Folder, &["winston", "winston-daily-rotate-file"]),
    ("path", What::Folder, &["rotating-file-stream"]),
    ("filename", What::File, &["winston", "log4js"]),
    (
        "filename",
        What::Database,
        &["knex", "nedb", "@seald-io/nedb", "sqlite"],
    ),
    ("storage", What::Database, &["sequelize"]),
    ("url", What::Database, &["@libsql/client", "drizzle-orm/libsql"]),
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

/// Programs that build, beside the service's own.
const BUILDS: &[&str] = &["build", "gulpfile", "gruntfile", "webpack", "seed", "setup"];

/// Is the file of a program that is no part of the service?
fn is_tool(path: &str) -> bool {
    let name = paths::base(path);
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    TOOLS.iter().any(|t| path.split('/').any(|p| p == *t))
        || name.contains(".config.")
        || BUILDS.contains(&stem.as_str())
}

/// What the files of the package in `dir` write.
pub fn find(modules: &[Module], dir: &str) -> Vec<Write> {
    let mut places = None;
    let mut found = Vec::new();
    for (file, module) in modules.iter().enumerate() {
        let (source, tokens) = (&module.source, &module.tokens);
        if is_tool(&source.path) {
            continue;
        }
        let mut imported = None;
        for (i, token) in tokens.iter().enumerate() {
            let Some(word) = token.word() else { continue };
            let next = tokens.get(i + 1);
            let call = CALLS.iter().find(|(name, _)| *name == word);
            // Emscripten's file system is in memory.
            let memory = i > 1 && tokens[i - 2].word() == Some("FS");
            let call = call.filter(|_| !memory && next.is_some_and(|t| t.is('(')));
            let option = OPTIONS.iter().any(|(name, _, _)| *name == word);
            if call.is_none() && !(option && next.is_some_and(|t| t.is(':'))) {
                continue;
            }
            let imports = imported.get_or_insert_with(|| javascript::imports(tokens));
            let what = match call {
                Some((_, What::Database)) => imports
                    .iter()
                    .any(|i| DATABASES.iter().any(|d| i.contains(d)))
                    .then_some(What::Database),
                Some((_, what)) => Some(*what),
                None => OPTIONS
                    .iter()
                    .find(|(name, _, packages)| *name == word && packages.iter().any(|p| imports.contains(p)))
                    .map(|(_, what, _)| *what),
            };
            let Some(what) = what else { continue };
            let places = places.get_or_insert_with(|| Places::new(modules));
            let place = places.at(file, i + 2);
            let from_file = matches!(place, Some(Place::File(_)));
            if let Some(path) = place.and_then(|p| written(dir, p)) {
                found.push(Write {
                    path: Sourced::new(path, Location::span(source, token.span.clone())),
                    what,
                    from_file,
                });
            }
        }
    }
    found
}

/// The path that is written, where it is one.
fn written(dir: &str, place: Place) -> Option<String> {
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-/@".contains(c))
    };
    let path = match place {
        Place::File(path) => path,
        Place::Text(text) => {
            let text = text.strip_prefix("file:").unwrap_or(&text);
            if text.starts_with('/') && plain(text) {
                return Some(format!("/{}", paths::join("", text.trim_start_matches('/'))?));
            }
            paths::join(dir, text).filter(|_| !text.is_empty())?
        }
    };
    (plain(&path) && !path.contains("path/to")).then_some(path)
}

/// Folders of the system, that no program keeps its data in.
const SYSTEM: &[&str] = &[
    "bin", "boot", "dev", "lib", "lib64", "proc", "run", "sbin", "sys", "tmp", "usr",
];

/// Folders that many have something in.
const SHARED: &[&str] = &[
    "", "/", "/etc", "/home", "/mnt", "/opt", "/root", "/srv", "/var", "/var/lib", "/var/log", "/var/run",
    "/var/tmp",
];

/// May a volume stand at this absolute path?
pub fn is_state(folder: &str) -> bool {
    let first = folder.split('/').nth(1).unwrap_or_default();
    !SYSTEM.contains(&first)
        && !SHARED.contains(&folder)
        && !["/var/run", "/var/tmp"]
            .iter()
            .any(|d| paths::is_under(folder, d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn module(path: &str, text: &str) -> Module {
        Module {
            source: Source::new(path, text),
            tokens: javascript::tokens(text),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, What)]) {
        let found = find(&[module("api/src/x.js", text)], "api");
        let seen: Vec<(&str, What)> = found.iter().map(|w| (w.path.value.as_str(), w.what)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn databases_uploads_and_logs_are_found_and_other_paths_are_not() {
        check(
            "import Database from 'better-sqlite3'; new Database('data/app.db')",
            &[("api/data/app.db", What::Database)],
        );
        check("import { Database } from 'ueberdb2'; new Database('memory')", &[]);
        check(
            "const m = require('multer'); m({ dest: 'uploads/' })",
            &[("api/uploads", What::Folder)],
        );
        check(
            "fs.mkdirSync(path.join(__dirname, '..', 'logs'), {})",
            &[("api/logs", What::Folder)],
        );
        check(
            "fs.mkdirSync(path.join(process.cwd(), 'logs'))",
            &[("api/logs", What::Folder)],
        );
        check(
            "require('sqlite3'); new Database(':memory:'); fs.mkdirSync(dir); x({ dest: 'a' })",
            &[],
        );
    }

    #[test]
    fn a_path_is_followed_through_names_and_defaults() {
        let made = |path: &'static str| [(path, What::Folder)];
        check(
            "const dir = process.env.DATA_DIR || './data/'\nfs.mkdirSync(dir, { recursive: true })",
            &made("api/data"),
        );
        check(
            "D.dataDir = process.env.D || args['data-dir'] || './data/'; fs.mkdirSync(D.dataDir)",
            &made("api/data"),
        );
        check(
            "const root = path.resolve(__dirname, '..')\nconst up = `${root}/uploads`\nfs.mkdirSync(up)",
            &made("api/uploads"),
        );
        check(
            "const here = path.dirname(fileURLToPath(import.meta.url)); mkdir(join(here, '../data'), f)",
            &made("api/data"),
        );
        check(
            "const at = process.env.AT ? process.env.AT : join(process.cwd(), 'config'); mkdirSync(at)",
            &made("api/config"),
        );
        check(
            "const f = process.env.DB ?? '/etc/notes/notes.db'; mkdirSync(require('path').dirname(f))",
            &made("/etc/notes"),
        );
        check(
            "mkdirSync(path.join(base(), 'x')); mkdirSync(`${a}/${b}`); mkdirSync(a + 'x')",
            &[],
        );
        check("const a = b; const b = a; mkdirSync(a)", &[]);
    }

    #[test]
    fn an_expression_without_end_says_nothing() {
        for (open, close) in [("(", ")"), ("join(", ")"), ("a ? ", " : 'b'"), ("a || (", ")")] {
            let deep = format!("{}'a'{}", open.repeat(100_000), close.repeat(100_000));
            check(&format!("mkdirSync({deep})"), &[]);
        }
        let names: String = (0..9)
            .map(|i| {
                format!(
                    "A{i}_DIR = A{next}_DIR || join(A{next}_DIR, A{next}_DIR)\n",
                    next = i + 1
                )
                .repeat(20)
            })
            .collect();
        check(&format!("{names}mkdirSync(A0_DIR)"), &[]);
    }

    #[test]
    fn what_another_file_exports_is_known_where_all_agree() {
        let user = module(
            "src/b.js",
            "import { DATA } from './a'; mkdirSync(join(DATA, 'x'))",
        );
        let one = module("src/a.js", "export const DATA = join(process.cwd(), 'data')");
        let other = module("src/c.js", "const DATA = 'elsewhere'");
        let paths = |modules: &[Module]| {
            let found = find(modules, "").into_iter();
            found.map(|w| w.path.value).collect::<Vec<_>>()
        };
        assert_eq!(paths(&[user, one]), ["data/x"]);
        let user = module("src/b.js", "mkdirSync(join(DATA, 'x'))");
        let one = module("src/a.js", "export const DATA = join(process.cwd(), 'data')");
        assert_eq!(paths(&[user, one, other]), [""; 0]);
    }

    #[test]
    fn a_folder_of_the_system_is_no_place_for_a_volume() {
        assert!(is_state("/data") && is_state("/etc/todos") && is_state("/var/lib/notes"));
        assert!(
            !is_state("/etc")
                && !is_state("")
                && !is_state("/")
                && !is_state("/tmp/x")
                && !is_state("/usr/lib/x")
        );
    }
}
