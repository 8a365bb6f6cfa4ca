//! Files beside the code: what the program opens, what it writes, what the image must not hold.

use super::facts::{Facts, in_dir};
use super::manager::Manager;
use crate::manifest::doc::Node;
use crate::paths;
use crate::settings::Settings;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Files and folders of the service, outside of its packages, that strings in the source name.
pub fn opened(tree: &Tree, facts: &Facts, settings: &Settings) -> Vec<Sourced<String>> {
    let mut found: BTreeMap<String, Location> = BTreeMap::new();
    for file in &settings.files {
        if let Some(path) = paths::join(&facts.dir, file) {
            found.insert(path.clone(), tree.place(&path));
        }
    }
    let code: Vec<&str> = facts.modules.iter().map(|m| paths::parent(&m.path)).collect();
    for (text, at) in facts.modules.iter().flat_map(|m| &m.strings) {
        let text = text.trim_start_matches("./").trim_end_matches('/');
        let plausible = !text.is_empty()
            && text.len() < 200
            && !text.starts_with(['.', '/', '-'])
            && !text.contains([' ', '\n', '*', '{', ':', '\\'])
            && !text.ends_with(".py");
        if !plausible {
            continue;
        }
        let Some(path) = paths::join(&facts.dir, text) else {
            continue;
        };
        let is_file = tree.has(&path) && (text.contains('/') || text.contains('.'));
        let is_data = !tree.has(&path)
            && tree.has_dir(&path)
            && !tree.under(&path).any(|p| p.ends_with(".py"))
            && [
                "static",
                "templates",
                "data",
                "config",
                "assets",
                "public",
                "models",
                "resources",
            ]
            .contains(&text.split('/').next().unwrap_or(""));
        let manifest = [
            "pyproject.toml",
            "README.md",
            "requirements.txt",
            "setup.cfg",
            "uv.lock",
            "LICENSE",
        ]
        .contains(&text);
        let in_code = code.iter().any(|c| *c != facts.dir && paths::is_under(&path, c));
        if (is_file || is_data) && !manifest && !in_code {
            found.entry(path).or_insert_with(|| at.clone());
        }
    }
    found
        .into_iter()
        .map(|(path, at)| Sourced::new(path, at))
        .collect()
}

/// `importlib.metadata.version("own-name")`: only an installed distribution has it.
pub fn asks_for_metadata(facts: &Facts) -> bool {
    let name = facts
        .name
        .as_ref()
        .map(|n| crate::manifest::pep508::normalize(&n.value))
        .unwrap_or_default();
    facts.modules.iter().flat_map(|m| &m.calls).any(|call| {
        let asks = [
            "importlib.metadata.version",
            "importlib.metadata.metadata",
            "importlib_metadata.version",
            "pkg_resources.get_distribution",
            "importlib.metadata.distribution",
            "metadata.version",
        ];
        let argument = call
            .positional(0)
            .and_then(|a| a.value.clone())
            .unwrap_or_default();
        asks.contains(&call.callee.as_str())
            && (matches!(argument.as_str(), "__name__" | "__package__")
                || crate::manifest::pep508::normalize(&argument) == name)
    })
}

/// The version comes out of the git history, which no image holds.
pub fn version_from_git(manager: &Manager) -> bool {
    let requires = manager
        .project(&["build-system", "requires"])
        .map(Node::strings)
        .unwrap_or_default();
    let plugin = [
        "setuptools-scm",
        "setuptools_scm",
        "hatch-vcs",
        "poetry-dynamic-versioning",
        "uv-dynamic-versioning",
        "versioneer",
        "setuptools-git-versioning",
    ];
    requires
        .iter()
        .any(|r| plugin.iter().any(|p| r.value.starts_with(p)))
        || manager
            .project(&["tool", "pdm", "version", "source"])
            .and_then(Node::as_str)
            == Some("scm")
}

/// Something that the program writes below its own folder, from the repository's root.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    Folder(String),
    File(String),
    /// A folder of its own outside of the program's: `/var/lib/name`, `/data`.
    State(String),
}

/// Calls that open a file for the program's log.
const LOGS: &[&str] = &[
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "WatchedFileHandler",
    "basicConfig",
];

/// Folders at the root that programs keep their state in.
const STATE: &[&str] = &[
    "config",
    "data",
    "db",
    "downloads",
    "media",
    "state",
    "storage",
    "uploads",
];

/// Is this the name of a variable that holds a path rather than a part of an address?
fn names_a_place(variable: &str) -> bool {
    let variable = variable.to_uppercase();
    let words = [
        "DATA", "DB", "DIR", "FILE", "FOLDER", "HOME", "PATH", "ROOT", "STORAGE",
    ];
    let address = ["PREFIX", "ROUTE", "URI", "URL"];
    words.iter().any(|w| variable.contains(w)) && !address.iter().any(|w| variable.contains(w))
}

/// The folder of state that an absolute path lies in, `name` being the project's.
fn state(path: &str, name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let inside = path
        .strip_prefix('/')
        .filter(|p| p.chars().all(plain) && !p.contains(".."))?;
    if let Some(below) = inside.strip_prefix("var/lib/") {
        let first = below.split('/').next()?;
        return (!name.is_empty() && first.eq_ignore_ascii_case(name)).then(|| format!("/var/lib/{first}"));
    }
    let first = inside.split('/').next().filter(|f| STATE.contains(f))?;
    Some(format!("/{first}"))
}

/// Folders that it makes, databases that it keeps.
pub fn written(facts: &Facts, workdir: &str) -> Vec<Sourced<Written>> {
    let mut out: Vec<Sourced<Written>> = Vec::new();
    let mut add = |what: Option<Written>, at: &Location| {
        if let Some(what) = what
            && out.iter().all(|o| o.value != what)
        {
            out.push(Sourced::new(what, at.clone()));
        }
    };
    let below = |path: &str| -> Option<String> {
        let plain = !path.is_empty()
            && !path.starts_with(['/', '~', ':'])
            && !path.contains(['{', '%', ' ', '?', '\n']);
        let path = paths::join(workdir, path).filter(|_| plain)?;
        (path != workdir).then_some(path)
    };
    let database = |path: &str| {
        let path = below(path)?;
        let folder = paths::parent(&path);
        Some(if folder == workdir {
            Written::File(path)
        } else {
            Written::Folder(folder.to_string())
        })
    };
    let instance = facts
        .manager
        .as_ref()
        .and_then(|m| m.dist("flask-sqlalchemy"))
        .is_some_and(|d| d.version().is_none_or(|v| v >= "3"));
    let name = facts.name.as_ref().map_or("", |n| n.value.as_str());
    let fasthtml = facts.apps.iter().any(|a| a.framework.name == "FastHTML");
    for module in &facts.modules {
        for (text, at) in &module.strings {
            if text.starts_with("/var/lib/") {
                add(state(text, name).map(Written::State), at);
            }
            let url = text
                .strip_prefix("sqlite:///")
                .or(text.strip_prefix("sqlite+aiosqlite:///"));
            if let Some(path) = url.filter(|p| !p.starts_with('/') && !p.is_empty()) {
                add(
                    if instance {
                        below("instance").map(Written::Folder)
                    } else {
                        database(path)
                    },
                    at,
                );
            }
        }
        let literal = |call: &super::source::Call| -> Option<String> {
            let argument = call.positional(0)?;
            match (&argument.value, argument.is_string) {
                (Some(value), true) => Some(value.clone()),
                (Some(name), false) => match &module.value_of(name)?.strings[..] {
                    [one] if module.value_of(name)?.callee.is_none() => Some(one.clone()),
                    _ => None,
                },
                _ => None,
            }
        };
        for call in &module.calls {
            let last = call.callee.rsplit('.').next().unwrap_or("");
            let is_variable = call.callee.ends_with("environ.get") || matches!(last, "getenv" | "env");
            let variable = call
                .positional(0)
                .and_then(|a| a.value.as_deref())
                .unwrap_or_default();
            let is_variable = is_variable && names_a_place(variable);
            let default = call
                .positional(1)
                .or(call.keyword("default"))
                .filter(|a| a.is_string);
            if let Some(path) = default.and_then(|a| a.value.as_deref()).filter(|_| is_variable) {
                add(state(path, name).map(Written::State), &call.at);
            }
            match call.callee.as_str() {
                "os.makedirs" | "os.mkdir" => {
                    add(
                        literal(call).and_then(|p| below(&p)).map(Written::Folder),
                        &call.at,
                    );
                }
                _ if LOGS.contains(&last) || call.callee.ends_with("logger.add") => {
                    let named = call.keyword("filename").filter(|a| a.is_string);
                    let path = match named {
                        Some(argument) => argument.value.clone(),
                        None if last == "basicConfig" => None,
                        None => literal(call),
                    };
                    add(path.and_then(|p| database(&p)), &call.at);
                }
                "sqlite3.connect" | "aiosqlite.connect" => {
                    add(literal(call).and_then(|p| database(&p)), &call.at)
                }
                // It keeps the key of its sessions in a file, and makes tables in its first argument.
                callee if fasthtml && matches!(callee.rsplit('.').next(), Some("FastHTML" | "fast_app")) => {
                    if call.keyword("secret_key").is_none() {
                        add(
                            Some(Written::File(
                                format!("{workdir}/.sesskey").trim_start_matches('/').into(),
                            )),
                            &call.at,
                        );
                    }
                    add(
                        literal(call)
                            .filter(|_| callee.ends_with("fast_app"))
                            .and_then(|p| database(&p)),
                        &call.at,
                    );
                }
                "flask.Flask" if call.keyword("instance_relative_config").is_some() => {
                    add(below("instance").map(Written::Folder), &call.at);
                }
                _ => {}
            }
        }
        if module
            .strings
            .iter()
            .any(|(s, _)| s == "django.db.backends.sqlite3")
        {
            let is_file = |s: &str| [".sqlite3", ".sqlite", ".db"].iter().any(|e| s.ends_with(e));
            let name = module
                .strings
                .iter()
                .position(|(s, _)| is_file(s) && !s.starts_with("django."));
            if let Some(i) = name {
                let at = &module.strings[i].1;
                // `BASE_DIR / "data" / "db.sqlite3"`, on one line.
                let mut parts: Vec<&str> = module.strings[..i]
                    .iter()
                    .rev()
                    .take_while(|(s, a)| a.line() == at.line() && is_folder(s) && !is_key(a))
                    .map(|(s, _)| s.as_str())
                    .collect();
                parts.reverse();
                parts.push(&module.strings[i].0);
                add(database(&parts.join("/")), at);
            }
        }
    }
    out.sort_by_key(|w| w.at.to_string());
    out
}

/// `"name":` in a dictionary.
fn is_key(at: &Location) -> bool {
    let text = &at.source().text;
    at.range()
        .is_some_and(|r| text[r.end..].trim_start().starts_with(':'))
}

/// Can this string be a part of a path, rather than a key or the name of a variable?
fn is_folder(text: &str) -> bool {
    !text.is_empty() && !text.contains([':', ' ']) && text.chars().any(|c| c.is_ascii_lowercase())
}

/// Lines of the ignore file. A folder that the repository itself holds under such a name is kept.
pub fn ignored(tree: &Tree, context: &str) -> Vec<String> {
    let always = [
        "**/__pycache__",
        "**/*.py[cod]",
        "**/.venv",
        "**/*.egg-info",
        "**/.pytest_cache",
        "**/.mypy_cache",
        "**/.ruff_cache",
        "**/.tox",
        "**/.nox",
        "**/.coverage*",
        "**/.ipynb_checkpoints",
        "**/node_modules",
    ];
    let mut lines: Vec<String> = always.map(String::from).to_vec();
    for folder in ["build", "dist", "env", "htmlcov", "media", "staticfiles", "venv"] {
        let own = in_dir(context, folder);
        if !tree.has_dir(&own) || tree.has(&in_dir(&own, "pyvenv.cfg")) {
            lines.push(folder.to_string());
        }
    }
    if !tree.under(context).any(|f| f.ends_with(".sqlite3")) {
        lines.push("**/*.sqlite3".into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::facts;

    #[track_caller]
    fn check(source: &str, expected: &[Written]) {
        let tree = Tree::from_pairs([
            ("app.py", source),
            ("pyproject.toml", "[project]\nname = \"Notes\"\nversion = \"1\""),
        ]);
        let facts = facts::read(&tree, "").unwrap();
        let found: Vec<Written> = written(&facts, "").into_iter().map(|w| w.value).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn a_database_is_named_by_its_file_rather_than_its_engine() {
        let engine = "D = {'ENGINE': 'django.db.backends.sqlite3',";
        check(
            &format!("{engine} 'NAME': BASE / 'db.sqlite3'}}"),
            &[Written::File("db.sqlite3".into())],
        );
        check(
            &format!("{engine} 'name': join(BASE, 'data', 'x.db')}}"),
            &[Written::Folder("data".into())],
        );
    }

    #[test]
    fn a_log_is_written_wherever_its_handler_says() {
        let log = Written::File("bot.log".into());
        check(
            "import logging\nh = logging.FileHandler(filename='bot.log')",
            std::slice::from_ref(&log),
        );
        check(
            "import logging\nlogging.basicConfig(filename='bot.log')",
            std::slice::from_ref(&log),
        );
        check("import logging\nlogging.basicConfig(level=1)", &[]);
        check(
            "h = RotatingFileHandler('logs/bot.log', maxBytes=1)",
            &[Written::Folder("logs".into())],
        );
    }

    #[test]
    fn state_has_a_folder_outside_of_the_program() {
        check(
            "X = '/var/lib/notes/all'",
            &[Written::State("/var/lib/notes".into())],
        );
        check("X = '/var/lib/postgresql'", &[]);
        check(
            "import os\nX = os.getenv('DATA_DIR', '/data')",
            &[Written::State("/data".into())],
        );
        check("import os\nX = os.getenv('MEDIA_URL', '/media/')", &[]);
        check("import os\nX = os.getenv('CERT_FILE', '/etc/x.pem')", &[]);
    }
}
