//! What the program writes: folders that it makes, databases and logs that it keeps.

mod calls;
mod databases;
mod home;
mod places;
mod settings;

pub use home::asks_for_home;
pub use places::whole_line;

use super::discover::is_for_work;
use super::facts::Facts;
use super::frameworks::RUNNERS;
use super::modules;
use super::reach;
use super::source::Module;
use super::start::Start;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Something that the program writes below its own folder, from the repository's root.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    Folder(String),
    File(String),
    /// A folder of its own outside of the program's: `/var/lib/name`, `/data`.
    State(String),
}

/// Names of folders that programs fill while they run.
const FILLED: &[&str] = &[
    "data", "database", "db", "files", "logs", "media", "storage", "tmp", "uploads",
];

/// Where the files of the program are while it runs.
#[derive(Clone, Copy, PartialEq)]
pub enum Source {
    /// In the folder that it is started in.
    Copied,
    /// Among the distributions, and the folder that it is started in is empty.
    Installed,
}

/// Folders that it makes, databases that it keeps.
pub fn written(tree: &Tree, facts: &Facts, start: &Start, source: Source) -> Vec<Sourced<Written>> {
    let mut seen = Seen {
        tree,
        facts,
        start,
        reached: OnceCell::new(),
        workdir: &start.workdir,
        source,
        out: Vec::new(),
    };
    seen.runner(start.framework);
    if source == Source::Copied {
        seen.kept_empty();
    }
    let working = |m: &&Module| !is_for_work(paths::relative(&m.path, &facts.dir));
    for module in facts.modules.iter().filter(working) {
        seen.strings(module);
        seen.settings(module);
        seen.handlers(module);
        for call in &module.calls {
            seen.variable(call);
            seen.call(module, call);
        }
        seen.django(module);
    }
    let mut out = seen.out;
    let folders: Vec<String> = out
        .iter()
        .filter_map(|w| match &w.value {
            Written::Folder(path) => Some(path.clone()),
            _ => None,
        })
        .collect();
    // What lies in a volume needs none of its own.
    out.retain(|w| match &w.value {
        Written::Folder(path) | Written::File(path) => {
            !folders.iter().any(|f| f != path && paths::is_under(path, f))
        }
        Written::State(_) => true,
    });
    out.sort_by_key(|w| w.at.to_string());
    out
}

/// Is this what the command of the framework writes by itself?
pub fn by_framework(framework: &str, path: &str) -> bool {
    let runner = RUNNERS.iter().find(|r| r.name == framework);
    runner.is_some_and(|r| r.makes.contains(&paths::base(path)) || r.writes.contains(&paths::base(path)))
}

struct Seen<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    start: &'a Start,
    /// Files that the program is made of, as far as they are asked for.
    reached: OnceCell<Option<BTreeSet<String>>>,
    workdir: &'a str,
    source: Source,
    out: Vec<Sourced<Written>>,
}

impl Seen<'_> {
    fn add(&mut self, what: Option<Written>, at: &Location) {
        let odd = |w: &Written| {
            let (Written::Folder(path) | Written::File(path) | Written::State(path)) = w;
            let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
            !path.chars().all(plain) || matches!(w, Written::File(_)) && is_for_tests(path)
        };
        if let Some(what) = what.filter(|w| !odd(w))
            && self.out.iter().all(|o| o.value != what)
        {
            self.out.push(Sourced::new(what, at.clone()));
        }
    }

    /// What the command of a framework writes by itself, as far as it is not there.
    fn runner(&mut self, framework: &str) {
        let Some(runner) = RUNNERS.iter().find(|r| r.name == framework) else {
            return;
        };
        let Some(at) = self.facts.manager.as_ref().map(|m| m.at.clone()) else {
            return;
        };
        for folder in runner.makes {
            self.add(self.below(folder).map(Written::Folder), &at);
        }
        for file in runner.writes {
            let path = self.below(file).filter(|p| !self.tree.has(p));
            self.add(path.map(Written::File), &at);
        }
    }

    fn name(&self) -> &str {
        self.facts.name.as_ref().map_or("", |n| n.value.as_str())
    }

    /// A path below the folder that the program runs in.
    fn below(&self, path: &str) -> Option<String> {
        self.from(self.workdir, path)
    }

    fn from(&self, folder: &str, path: &str) -> Option<String> {
        let plain = !path.is_empty()
            && !path.starts_with(['/', '~', ':'])
            && !path.contains(['{', '%', ' ', '?', '\n']);
        let path = paths::join(folder, path).filter(|_| plain)?;
        (path != self.workdir && path != self.facts.dir).then_some(path)
    }

    /// A file that is kept: its folder, where that holds nothing of the program.
    fn kept(&self, path: String) -> Written {
        let folder = paths::parent(&path);
        let code = |m: &Module| paths::is_under(&m.path, folder);
        if folder == self.workdir || self.facts.modules.iter().any(code) {
            Written::File(path)
        } else {
            Written::Folder(folder.to_string())
        }
    }

    /// A folder that is made, where it holds nothing of the program.
    fn made(&self, path: String) -> Option<Written> {
        let code = |m: &Module| paths::is_under(&m.path, &path);
        (!self.facts.modules.iter().any(code)).then(|| Written::Folder(path.clone()))
    }

    /// Folders that are committed empty, with a file that keeps them: the program fills them.
    fn kept_empty(&mut self) {
        let keeps = |file: &str| matches!(paths::base(file), ".gitkeep" | ".keep" | ".gitignore");
        let keepers: Vec<&str> = self.tree.under(&self.facts.dir).filter(|f| keeps(f)).collect();
        for file in keepers {
            let folder = paths::parent(file);
            let inside = paths::relative(folder, &self.facts.dir);
            let empty = FILLED.contains(&paths::base(folder)) && self.tree.under(folder).all(keeps);
            if empty && folder != self.facts.dir && modules::is_candidate(&format!("{inside}/x.py")) {
                let at = self.tree.place(file);
                self.add(Some(Written::Folder(folder.to_string())), &at);
            }
        }
    }

    /// Is the file a part of what is started, as far as imports tell?
    fn is_reached(&self, module: &Module) -> bool {
        let reached = self
            .reached
            .get_or_init(|| reach::reached(self.tree, self.facts, self.start));
        reach::is_part(reached, module)
    }

    fn database(&self, path: &str) -> Option<Written> {
        Some(self.kept(self.below(path)?))
    }
}

/// Is this the name of a file for the tests?
fn is_for_tests(path: &str) -> bool {
    paths::base(path)
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| ["test", "testing", "tests", "unittest", "unittests"].contains(&part))
}

#[cfg(test)]
mod tests;
