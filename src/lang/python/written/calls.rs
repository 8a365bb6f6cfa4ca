//! Calls that make folders and write files.

use super::{Seen, Written};
use crate::lang::python::source::{Call, Module};
use crate::paths;

/// Methods of a path that write its file.
const WRITES: &[&str] = &["touch", "write_bytes", "write_text"];

/// Calls that open a file for the program's log.
const LOGS: &[&str] = &[
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "WatchedFileHandler",
    "basicConfig",
];

/// Options that name the folder of a program's state.
const STATE_OPTIONS: &[&str] = &[
    "--config",
    "--config-dir",
    "--config_dir",
    "--data",
    "--data-dir",
    "--data_dir",
    "--datadir",
];

impl Seen<'_> {
    pub fn call(&mut self, module: &Module, call: &Call) {
        let fasthtml = self.facts.apps.iter().any(|a| a.framework.name == "FastHTML");
        let last = call.callee.rsplit('.').next().unwrap_or("");
        let what = match call.callee.as_str() {
            "os.makedirs" | "os.mkdir" if names_instance(call) && self.is_reached(module) => {
                self.below("instance").map(Written::Folder)
            }
            "os.makedirs" | "os.mkdir" => self.argument(module, call).and_then(|p| self.made(p)),
            "Path" | "pathlib.Path" if call.then.as_deref() == Some("mkdir") => {
                self.argument(module, call).and_then(|p| self.made(p))
            }
            callee if last == "mkdir" => {
                let name = callee.trim_end_matches(".mkdir");
                self.stands_for(module, name).and_then(|p| self.made(p))
            }
            callee if LOGS.contains(&last) || callee.ends_with("logger.add") => {
                match call.keyword("filename").filter(|a| a.is_string) {
                    Some(argument) => argument.value.as_deref().and_then(|p| self.database(p)),
                    None if last == "basicConfig" => None,
                    None => self.argument(module, call).map(|p| self.kept(p)),
                }
            }
            "open" | "io.open" | "codecs.open" | "aiofiles.open" if is_for_writing(call) => self.file(
                module,
                call.positional(0).and_then(|_| self.argument(module, call)),
            ),
            "Path" | "pathlib.Path" if call.then.as_deref().is_some_and(|t| WRITES.contains(&t)) => {
                self.file(module, self.argument(module, call))
            }
            callee if WRITES.contains(&last) => {
                let name = callee.trim_end_matches(last).trim_end_matches('.');
                self.file(module, self.stands_for(module, name))
            }
            _ if last == "add_argument" => self.option(module, call),
            "sqlite3.connect" | "aiosqlite.connect" => self.argument(module, call).map(|p| self.kept(p)),
            // It keeps the key of its sessions in a file, and makes tables in its first argument.
            _ if fasthtml && matches!(last, "FastHTML" | "fast_app") => {
                if call.keyword("secret_key").is_none() {
                    let key = format!("{}/.sesskey", self.workdir);
                    self.add(Some(Written::File(key.trim_start_matches('/').into())), &call.at);
                }
                self.argument(module, call)
                    .filter(|_| last == "fast_app")
                    .map(|p| self.kept(p))
            }
            "flask.Flask" if call.keyword("instance_relative_config").is_some() => {
                self.below("instance").map(Written::Folder)
            }
            _ => None,
        };
        self.add(what, &call.at);
    }

    /// A file that is opened to be written, where the repository does not hold it.
    pub fn file(&self, module: &Module, path: Option<String>) -> Option<Written> {
        let path = path.filter(|p| !self.tree.has(p) && paths::is_under(p, &self.facts.dir))?;
        (self.is_reached(module) && !path.ends_with(".py")).then(|| self.kept(path))
    }

    /// `add_argument("--data-dir", default=os.path.join(HERE, "data"))`
    fn option(&self, module: &Module, call: &Call) -> Option<Written> {
        let mut names = call
            .arguments
            .iter()
            .filter(|a| a.name.is_none())
            .flat_map(|a| &a.literals);
        names.find(|n| STATE_OPTIONS.contains(&n.as_str()))?;
        let default = call.keyword("default")?;
        let path = match &default.value {
            Some(value) if default.is_string => self.below(value)?,
            Some(name) => self.stands_for(module, name)?,
            None => return None,
        };
        // A file is read, and written only by some.
        (!paths::base(&path).contains('.'))
            .then(|| self.made(path))
            .flatten()
    }
}

/// `open(path, "w")`
fn is_for_writing(call: &Call) -> bool {
    let mode = call
        .keyword("mode")
        .or(call.positional(1))
        .filter(|a| a.is_string);
    mode.and_then(|a| a.value.as_deref()).is_some_and(|m| {
        m.len() <= 3 && m.starts_with(['w', 'a', 'x']) && m.chars().all(|c| "waxbt+".contains(c))
    })
}

/// `os.makedirs(app.instance_path)`, of Flask.
fn names_instance(call: &Call) -> bool {
    let argument = call.positional(0).filter(|a| !a.is_string);
    argument.is_some_and(|a| a.expression().trim().ends_with(".instance_path"))
}
