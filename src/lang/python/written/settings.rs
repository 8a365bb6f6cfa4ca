//! Settings that name a place: folders for what users send, variables with a default.

use super::places::{PATH_WORDS, names_in, without_strings};
use super::{Seen, Written};
use crate::lang::python::source::{Call, Module, Value};
use crate::paths;

/// What a setting of a folder that the program fills has in its name.
const FILLS: &[&str] = &[
    "BACKUP", "CACHE", "DATA", "DOWNLOAD", "LOG", "MEDIA", "STATE", "STORAGE", "TEMP", "TMP", "UPLOAD",
];

/// What the name of such a setting ends with.
const FOLDERS: &[&str] = &[
    "DEST",
    "DIR",
    "DIRECTORY",
    "FOLDER",
    "LOCATION",
    "PATH",
    "ROOT",
    "TMP",
];

/// Settings of frameworks and their extensions that name a folder for what users send.
const UPLOADS: &[&str] = &[
    "MEDIA_ROOT",
    "UPLOADED_FILES_DEST",
    "UPLOAD_DIR",
    "UPLOAD_DIRECTORY",
    "UPLOAD_FOLDER",
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

impl Seen<'_> {
    /// `MEDIA_ROOT = BASE_DIR / "media"`, `app.config["UPLOAD_FOLDER"] = "uploads"`
    pub fn settings(&mut self, module: &Module) {
        for value in module.values.iter().chain(&module.places) {
            if names_a_file(&value.name) && joined(value) {
                let path = self.value_path(module, value, 0);
                let file = path.filter(|p| paths::base(p).contains('.'));
                let file = self.file(module, file);
                self.add(file, &value.at);
            }
            let known = UPLOADS.contains(&value.name.as_str());
            if !known && !names_a_folder(&value.name) {
                continue;
            }
            let Some(path) = self.value_path(module, value, 0) else {
                continue;
            };
            let own =
                paths::is_under(&path, &self.facts.dir) && path != self.workdir && path != self.facts.dir;
            // What the repository holds is read; what it lacks is made.
            let absent =
                || joined(value) && !paths::base(&path)[1..].contains('.') && !self.tree.has_dir(&path);
            if own && !self.tree.has(&path) && (known || absent()) {
                let folder = self.made(path);
                self.add(folder, &value.at);
            }
        }
    }

    /// `os.getenv("DATA_DIR", "/data")`
    pub fn variable(&mut self, call: &Call) {
        let last = call.callee.rsplit('.').next().unwrap_or("");
        if !(call.callee.ends_with("environ.get") || matches!(last, "getenv" | "env")) {
            return;
        }
        let variable = call
            .positional(0)
            .and_then(|a| a.value.as_deref())
            .unwrap_or_default();
        let default = call
            .positional(1)
            .or(call.keyword("default"))
            .filter(|a| a.is_string);
        if let Some(path) = default.and_then(|a| a.value.as_deref())
            && names_a_place(variable)
        {
            self.add(state(path, self.name()).map(Written::State), &call.at);
        }
    }
}

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
pub fn state(path: &str, name: &str) -> Option<String> {
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

/// Does a setting of this name name a folder that the program fills?
fn names_a_folder(name: &str) -> bool {
    let mut words = name.split('_').filter(|w| !w.is_empty());
    let fills = |w: &str| {
        FILLS
            .iter()
            .any(|f| w.strip_prefix(f).is_some_and(|r| matches!(r, "" | "S")))
    };
    // Django's caches in memory have a location too, which is a name.
    let of_cache = name.ends_with("CACHE_LOCATION");
    !of_cache && words.clone().any(fills) && words.next_back().is_some_and(|w| FOLDERS.contains(&w))
}

/// Does a setting of this name name a file that the program makes where it is missing?
fn names_a_file(name: &str) -> bool {
    let mut words = name.split('_').filter(|w| !w.is_empty());
    let made = |w: &str| ["DATABASE", "DB", "LOG", "SECRET"].contains(&w);
    words.next_back().is_some_and(|w| ["FILE", "PATH"].contains(&w)) && words.any(made)
}

/// Is the path put together from a folder and what lies in it?
fn joined(value: &Value) -> bool {
    let code = without_strings(value.expression());
    names_in(&code).any(|n| !PATH_WORDS.contains(&n))
}
