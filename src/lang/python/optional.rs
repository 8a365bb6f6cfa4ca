//! Dependency groups and extras that the program cannot do without, though their names do not say that
//! they are for production.

use super::facts::Facts;
use super::frameworks::{Interface, SERVERS};
use super::knowledge::IMPORTS;
use super::manager::Manager;
use super::source::Module;
use super::start::Start;
use super::tools::Tool;
use super::{dists, reach, rules, stdlib};
use crate::decision::{Because, Decision};
use crate::manifest::doc::Node;
use crate::manifest::pep508::{self, normalize};
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Words in the names of groups and extras that are for work on the project.
const FOR_WORK: &[&str] = &[
    "all",
    "bench",
    "benchmark",
    "benchmarks",
    "build",
    "ci",
    "debug",
    "dev",
    "develop",
    "development",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "format",
    "jupyter",
    "lint",
    "linting",
    "local",
    "mypy",
    "notebook",
    "notebooks",
    "profiling",
    "release",
    "style",
    "test",
    "testing",
    "tests",
    "types",
    "typing",
];

/// Names of a group that holds what the program itself needs, where there is no `[project]`.
const MAIN: &[&str] = &["app", "base", "core", "default", "main", "runtime"];

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Group,
    Extra,
}

/// A group or an extra, and why it is installed.
pub struct Wanted {
    pub kind: Kind,
    pub name: String,
    pub because: Because,
}

impl Wanted {
    pub fn decision(&self) -> Decision {
        Decision {
            topic: match self.kind {
                Kind::Group => "group",
                Kind::Extra => "extra",
            },
            value: self.name.clone(),
            because: self.because.clone(),
            over: Vec::new(),
        }
    }
}

/// A list of the manifest that is not installed by itself.
struct List {
    kind: Kind,
    name: String,
    dists: Vec<Sourced<String>>,
}

/// The groups and extras that hold what the started file imports, or the only server; `start` as it is
/// without them.
pub fn wanted(tree: &Tree, facts: &Facts, start: Option<&Start>) -> Vec<Wanted> {
    let Some(manager) = &facts.manager else {
        return Vec::new();
    };
    let lists = lists(manager);
    let mut out: Vec<Wanted> = Vec::new();
    let known = |out: &[Wanted], list: &List| out.iter().any(|w| w.kind == list.kind && w.name == list.name);
    if lists.is_empty() {
        return out;
    }
    for (import, at) in start.map(|s| imports(tree, facts, s)).unwrap_or_default() {
        let is_it = |name: &str| brings(name, &import);
        if manager.dists.iter().any(|d| is_it(&d.name)) {
            continue;
        }
        let holding = lists.iter().filter(|l| l.dists.iter().any(|d| is_it(&d.value)));
        // The list that is most about it.
        let Some(list) = holding.clone().min_by_key(|l| l.dists.len()) else {
            continue;
        };
        if !holding.clone().any(|l| known(&out, l)) {
            let because = Because::at(&at, format!("imports {import}, which this alone brings"));
            out.push(wants(list, because));
        }
    }
    // An application without a server, or with the one of its framework for development.
    let serverless = match start {
        Some(start) => start.warnings.iter().any(|w| w.rule.id == rules::NO_SERVER.id),
        None => !facts.apps.is_empty(),
    };
    let fits = |dist: &str| {
        let server = SERVERS.iter().find(|s| s.dist == dist);
        let (wsgi, asgi) = match &facts.django {
            Some(django) => (django.wsgi.is_some(), django.asgi.is_some()),
            None => (true, true),
        };
        server.is_some_and(|s| match s.interface {
            Interface::Wsgi => wsgi,
            Interface::Asgi => asgi,
            Interface::Own => false,
        })
    };
    let holds = |list: &&List| list.dists.iter().any(|d| fits(&d.value));
    if serverless
        && !lists.iter().any(|l| holds(&l) && known(&out, l))
        && let Some(list) = lists.iter().filter(holds).min_by_key(|l| l.dists.len())
        && let Some(server) = list.dists.iter().find(|d| fits(&d.value))
    {
        let because = Because::at(&server.at, format!("names {}, the only server", server.value));
        out.push(wants(list, because));
    }
    out
}

/// Where there is no `[project]`, the group that stands for it: by its name, or the only one that is not
/// for work on the project.
pub fn main_group(pyproject: Option<&Node>) -> Option<String> {
    let groups = pyproject?.get("dependency-groups")?.entries();
    let mut names = groups.iter().map(|e| e.key.as_str()).filter(|n| !is_for_work(n));
    let only = names.clone().count() == 1;
    names.find(|n| only || MAIN.contains(n)).map(str::to_string)
}

fn wants(list: &List, because: Because) -> Wanted {
    Wanted {
        kind: list.kind,
        name: list.name.clone(),
        because,
    }
}

fn is_for_work(name: &str) -> bool {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| FOR_WORK.contains(&word))
}

fn lists(manager: &Manager) -> Vec<List> {
    // pip and Pipenv install what their files list; a setup.py's extras are not read.
    let groups: &[&[&str]] = match manager.tool {
        Tool::Uv | Tool::Pdm | Tool::Project => &[&["dependency-groups"]],
        Tool::Poetry => &[&["tool", "poetry", "group"], &["dependency-groups"]],
        Tool::Pip | Tool::Pipenv => return Vec::new(),
    };
    if !manager.manifest.is_empty() || manager.tool == Tool::Project && manager.lock.is_some() {
        return Vec::new();
    }
    let extras: &[&[&str]] = &[
        &["project", "optional-dependencies"],
        &["tool", "poetry", "extras"],
    ];
    let kinds = [
        (Kind::Group, groups, &manager.groups),
        (Kind::Extra, extras, &manager.extras),
    ];
    let mut out = Vec::new();
    for (kind, tables, chosen) in kinds {
        let tables = tables.iter().filter_map(|keys| manager.project(keys));
        for entry in tables.flat_map(Node::entries) {
            let name = &entry.key;
            if chosen.contains(name) || is_for_work(name) {
                continue;
            }
            let strings = entry.node.strings();
            let listed = strings.iter().filter_map(|text| {
                let requirement = pep508::parse(&text.value).filter(|r| r.on_linux())?;
                Some(Sourced::new(requirement.name, text.at.clone()))
            });
            let named = dists::of_table(entry.node.get("dependencies"));
            let named = named.iter().map(dists::sourced);
            out.push(List {
                kind,
                name: name.clone(),
                dists: listed.chain(named).collect(),
            });
        }
    }
    out
}

/// Does the distribution bring this module?
fn brings(dist: &str, import: &str) -> bool {
    normalize(import) == dist
        || IMPORTS
            .iter()
            .any(|(module, dists)| *module == import && dists.contains(&dist))
}

/// What must be there when the program starts: imports at the top of the files that it consists of.
fn imports(tree: &Tree, facts: &Facts, start: &Start) -> Vec<(String, Location)> {
    let reached = reach::at_start(tree, facts, start);
    let part = |m: &&Module| reach::is_part(&reached, m);
    let mut out: Vec<(String, Location)> = Vec::new();
    for import in facts.modules.iter().filter(part).flat_map(|m| &m.firm) {
        let top = import.value.split('.').next().unwrap_or_default();
        let foreign = !top.is_empty() && !stdlib::has(top);
        if foreign && out.iter().all(|(known, _)| known != top) {
            out.push((top.to_string(), import.at.clone()));
        }
    }
    out
}
