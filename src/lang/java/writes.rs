//! What the program writes: databases and logs whose place its configuration tells, and native code
//! that jars unpack. On a read-only root each needs a volume.

use super::facts::{Facts, Package};
use super::made;
use super::tables::UNPACKS;
use crate::decision::Because;
use crate::paths;
use crate::source::{Location, Source};
use crate::tree::Tree;
use std::sync::Arc;

/// A folder that stays writable.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// Absolute.
    pub folder: String,
    /// A variable that moves the file there.
    pub env: Option<(String, String)>,
    /// An option of the JVM that moves it there.
    pub option: Option<String>,
    pub because: Because,
}

/// Where the program works.
const HOME: &str = "/app";
/// Where what has no folder of its own is put.
const DATA: &str = "/data";

/// Keys whose value is the address of a database.
const DATABASES: &[&str] = &[
    "spring.datasource.url",
    "quarkus.datasource.jdbc.url",
    "datasources.default.url",
];
/// Keys whose value is a file to write, or a folder.
const FILES: &[&str] = &["logging.file.name", "logging.file", "quarkus.log.file.path"];
const FOLDERS: &[&str] = &["logging.file.path", "logging.path"];

pub fn find(tree: &Tree, facts: &Facts) -> Vec<Write> {
    let mut found: Vec<Write> = Vec::new();
    let made = || {
        made::find(tree, facts).into_iter().map(|made| {
            let because = Because::at(&made.at, "is a folder that the program writes into");
            (made.value, because)
        })
    };
    if let Package::War { .. } = facts.package {
        // Another working folder: only what stands anywhere else is known.
        let anywhere = made().filter(|(name, _)| name.starts_with('/'));
        found.extend(anywhere.filter_map(|(name, because)| folder(&name, because)));
        sorted(&mut found);
        return found;
    }
    for key in DATABASES {
        if let Some(value) = facts.config.get(key)
            && let Some((before, file, after)) = database(&facts.config.resolved(&value.value))
        {
            let because = Because::at(&value.at, "keeps a database in a file");
            found.extend(place(&file, because, |moved| {
                Some((variable(key), format!("{before}{moved}{after}")))
            }));
        }
    }
    for key in FILES {
        if let Some(value) = facts.config.get(key) {
            let because = Because::at(&value.at, "writes a log");
            let file = plain(&facts.config.resolved(&value.value));
            found.extend(place(&file, because, |moved| {
                Some((variable(key), moved.to_string()))
            }));
        }
    }
    for key in FOLDERS {
        if let Some(value) = facts.config.get(key) {
            let because = Because::at(&value.at, "writes logs");
            found.extend(folder(&plain(&facts.config.resolved(&value.value)), because));
        }
    }
    for (key, value) in facts.config.all() {
        let last = key.rsplit('.').next().unwrap_or(key).to_lowercase();
        let names = ["dir", "folder", "location", "path", "root"]
            .iter()
            .any(|n| last.contains(n));
        let path = plain(&facts.config.resolved(&value.value));
        let there = paths::join(&facts.dir, &path).is_some_and(|p| tree.has_dir(&p));
        if names && path.starts_with("~/") {
            let because = Because::at(&value.at, "names a folder in the user's home");
            found.extend(folder(&path, because));
        } else if names && path.starts_with("./") && !there {
            let because = Because::at(&value.at, "names a folder that is not in the repository");
            found.extend(folder(&path, because));
        } else if let Some(path) = new_folder(tree, facts, &last, &path) {
            let because = Because::at(&value.at, "names a folder that is not in the repository");
            found.extend(folder(path, because));
        } else if names && made::is_kept(&path) {
            let because = Because::at(&value.at, "names a folder that the program keeps data in");
            found.extend(folder(&path, because));
        }
    }
    found.extend(loggers(tree, facts));
    found.extend(made().filter_map(|(name, because)| folder(&name, because)));
    let native = facts
        .artifacts
        .iter()
        .find(|a| UNPACKS.iter().any(|u| a.starts_with(u)));
    if let Some(artifact) = native {
        found.push(Write {
            folder: format!("{HOME}/tmp"),
            env: None,
            option: Some(format!("-Djava.io.tmpdir={HOME}/tmp")),
            because: Because::rule(format!(
                "{artifact} unpacks native code, which a /tmp without exec would not run"
            )),
        });
    }
    sorted(&mut found);
    found
}

/// `basedir: target/config`: a key of a folder, and a path that neither the repository nor the class path has. The
/// first folder of it, as some programs make the last one anew.
fn new_folder<'a>(tree: &Tree, facts: &Facts, key: &str, path: &'a str) -> Option<&'a str> {
    let of_a_folder = ["dir", "directory", "folder"].iter().any(|n| key.ends_with(n));
    let simple = path.starts_with(|c: char| c.is_ascii_alphanumeric())
        && path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c));
    let first = path.split('/').next()?;
    let resources = paths::join(&facts.dir, "src/main/resources");
    let homes = [Some(facts.dir.clone()), Some(facts.context.clone()), resources];
    let mut there = homes.iter().flatten().filter_map(|home| paths::join(home, first));
    let new = !["true", "false"].contains(&path) && !there.any(|p| tree.has(&p) || tree.has_dir(&p));
    (of_a_folder && simple && new).then_some(first)
}

fn sorted(found: &mut Vec<Write>) {
    found.sort_by(|a, b| a.folder.cmp(&b.folder));
    found.dedup_by(|a, b| a.folder == b.folder && a.env == b.env);
    within(found);
}

/// What lies in the folder of another volume needs none of its own.
fn within(found: &mut Vec<Write>) {
    let folders: Vec<String> = found.iter().map(|w| w.folder.clone()).collect();
    found.retain_mut(|write| {
        let outer = folders
            .iter()
            .find(|f| **f != write.folder && paths::is_under(&write.folder, f));
        if let Some(outer) = outer {
            write.folder.clone_from(outer);
        }
        outer.is_none() || write.env.is_some() || write.option.is_some()
    });
}

/// The parts of `jdbc:sqlite:data/app.db?x`: before the file, the file, after it.
fn database(url: &str) -> Option<(String, String, String)> {
    let schemes = [
        "jdbc:sqlite:",
        "jdbc:h2:file:",
        "jdbc:h2:./",
        "jdbc:h2:~/",
        "jdbc:hsqldb:file:",
        "jdbc:derby:",
        "jdbc:duckdb:",
    ];
    let url = plain(url);
    let scheme = schemes.iter().find(|s| url.starts_with(**s))?;
    let rest = &url[scheme.len()..];
    let end = rest.find(['?', ';']).unwrap_or(rest.len());
    let (file, after) = rest.split_at(end);
    if file.is_empty() || file.starts_with(':') || file.starts_with("memory:") || file.contains('$') {
        return None;
    }
    let (before, file) = match *scheme {
        "jdbc:h2:./" => ("jdbc:h2:", format!("./{file}")),
        "jdbc:h2:~/" => ("jdbc:h2:", format!("~/{file}")),
        scheme => (scheme, file.to_string()),
    };
    Some((before.to_string(), file, after.to_string()))
}

/// A value with its first placeholder replaced by the default: `${LOG_DIR:-logs}/app.log`.
pub fn plain(value: &str) -> String {
    let value = value
        .replace("${user.home}", "~")
        .replace("${sys:user.home}", "~");
    let value = value.replace("${user.dir}", ".").replace("${sys:user.dir}", ".");
    let Some((before, rest)) = value.split_once("${") else {
        return value;
    };
    match rest.split_once('}') {
        Some((inner, after)) => match inner.split_once(':') {
            Some((_, default)) => format!("{before}{}{after}", default.trim_start_matches('-')),
            None => value,
        },
        None => value,
    }
}

/// The absolute form of a path that the program uses; `None` where it cannot be told, or is in
/// /tmp.
fn absolute(path: &str) -> Option<String> {
    if path.is_empty() || path.contains(['$', '%', '*', ' ', '{', '"', '\\', ',']) || path.contains("..") {
        return None;
    }
    let path = match path.strip_prefix('/') {
        Some(rest) => format!("/{}", paths::join("", rest)?),
        None => {
            let rest = path.trim_start_matches("~/").trim_start_matches("./");
            format!("{HOME}/{}", paths::join("", rest)?)
        }
    };
    let path = path.trim_end_matches('/').to_string();
    let fleeting = ["/tmp", "/dev", "/proc"];
    (!fleeting.iter().any(|f| paths::is_under(&path, f))).then_some(path)
}

/// The volume for a file; a file in the working folder itself is moved by a variable.
fn place(file: &str, because: Because, moved: impl Fn(&str) -> Option<(String, String)>) -> Option<Write> {
    let file = absolute(file)?;
    let folder = paths::parent(&file);
    let lone = folder == HOME || folder.is_empty();
    let env = if lone {
        Some(moved(&format!("{DATA}/{}", paths::base(&file)))?)
    } else {
        None
    };
    Some(Write {
        folder: if lone { DATA.into() } else { folder.into() },
        env,
        option: None,
        because,
    })
}

fn folder(path: &str, because: Because) -> Option<Write> {
    let folder = absolute(path)?;
    let folder = match folder.ends_with(".log") {
        true => paths::parent(&folder).to_string(),
        false => folder,
    };
    (folder != HOME && !folder.is_empty()).then_some(Write {
        folder,
        env: None,
        option: None,
        because,
    })
}

/// `spring.datasource.url` as a variable.
fn variable(key: &str) -> String {
    key.replace('.', "_").replace('-', "").to_uppercase()
}

/// Folders that logback.xml and log4j2.xml write into.
fn loggers(tree: &Tree, facts: &Facts) -> Vec<Write> {
    let resources = paths::join(&facts.dir, "src/main/resources").unwrap_or_default();
    let named = |path: &&str| {
        let name = paths::base(path);
        (name.starts_with("logback") || name.starts_with("log4j")) && name.ends_with(".xml")
    };
    let sources = tree.files_in(&resources).filter(named);
    sources
        .filter_map(|p| tree.text(p))
        .flat_map(|source| log_files(&source))
        .collect()
}

fn log_files(source: &Arc<Source>) -> Vec<Write> {
    let at = |line: &str| Location::of(source, line);
    let mut found = Vec::new();
    for line in source.text.lines() {
        let line = line.trim();
        if line.starts_with("<!--") {
            continue;
        }
        let between = |start: &str, end: &str| -> Option<String> {
            let rest = line.split_once(start)?.1;
            Some(rest.split_once(end)?.0.trim().to_string())
        };
        let file = between("<file>", "</file>").or_else(|| between("fileName=\"", "\""));
        if let Some(path) = file {
            let path = plain(&path);
            found.extend(folder(
                paths::parent(&path),
                Because::at(&at(line), "writes a log"),
            ));
            continue;
        }
        let property = line.starts_with("<property") || line.starts_with("<Property");
        let name = between("name=\"", "\"").unwrap_or_default().to_lowercase();
        let about_logs =
            name.contains("log") && ["path", "dir", "home", "folder"].iter().any(|w| name.contains(w));
        if property && about_logs {
            let value = between("value=\"", "\"").or_else(|| between(">", "</"));
            if let Some(value) = value {
                found.extend(folder(&plain(&value), Because::at(&at(line), "writes logs")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_database_is_found() {
        let file = |url: &str| database(url).map(|(_, f, _)| f);
        assert_eq!(file("jdbc:sqlite:dev.db").as_deref(), Some("dev.db"));
        assert_eq!(
            file("jdbc:h2:file:./data/x;MODE=MySQL").as_deref(),
            Some("./data/x")
        );
        assert_eq!(file("jdbc:h2:mem:x"), None);
        assert_eq!(file("jdbc:sqlite::memory:"), None);
        assert_eq!(file("jdbc:postgresql://db/x"), None);
    }

    #[test]
    fn a_path_becomes_absolute_or_nothing() {
        assert_eq!(absolute("data/x").as_deref(), Some("/app/data/x"));
        assert_eq!(absolute("~/x").as_deref(), Some("/app/x"));
        assert_eq!(absolute("/var/log/app/").as_deref(), Some("/var/log/app"));
        assert_eq!(absolute("/tmp/x"), None);
        assert_eq!(absolute("${X}/y"), None);
        assert_eq!(absolute("../y"), None);
        assert_eq!(plain("${LOG_DIR:-logs}/app.log"), "logs/app.log");
    }
}
