//! One pom.xml by itself: its modules, and the profiles that are on.

use crate::diagnostic::Diagnostic;
use crate::manifest::xml::{self, Element};
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// One pom.xml.
#[derive(Clone, Debug)]
pub struct Pom {
    pub path: String,
    pub root: Element,
    /// Which of its profiles are on.
    pub(super) active: Vec<usize>,
    /// The one of them that has to be asked for, as the front end is built in no other.
    pub(super) asked: Option<usize>,
}

/// The parsed pom at `path`; `None` where there is no such file.
pub fn read(tree: &Tree, path: &str) -> Result<Option<Pom>, Diagnostic> {
    let Some(source) = tree.read(path)? else {
        return Ok(None);
    };
    let root = xml::parse(&source)?;
    let mut pom = Pom {
        path: path.to_string(),
        root,
        active: Vec::new(),
        asked: None,
    };
    pom.activate(tree, paths::parent(path));
    Ok(Some(pom))
}

/// Goals that make a front end for the program: what a release has, and what a developer's start can do without.
const FRONT_ENDS: &[&str] = &[
    "build-frontend",
    "install-node-and-corepack",
    "install-node-and-npm",
    "install-node-and-pnpm",
    "install-node-and-yarn",
];

/// What a profile for releases is called.
const RELEASES: &[&str] = &["prod", "production", "release"];

/// Does this project or profile build a front end?
fn builds_front_end(body: &Element) -> bool {
    let plugins = body.under(&["build", "plugins"]).iter();
    let executions = plugins.flat_map(|p| p.under(&["executions"]));
    let mut goals = executions.flat_map(|e| e.under(&["goals"]));
    goals.any(|g| FRONT_ENDS.contains(&g.text.as_str()))
}

/// The profile that alone builds the front end.
fn front_end_profile(root: &Element, active: &[usize]) -> Option<usize> {
    let profiles = root.under(&["profiles"]);
    let on = active.iter().filter_map(|i| profiles.get(*i));
    if on.chain([root]).any(builds_front_end) {
        return None;
    }
    let building = || profiles.iter().enumerate().filter(|(_, p)| builds_front_end(p));
    let release = building().find(|(_, p)| RELEASES.contains(&p.text_of("id")));
    release.or_else(|| building().next()).map(|(i, _)| i)
}

/// The profiles that are on for a module in `dir`: by a file that is there, by a property that is
/// not, and, where none of the pom's is on so, by default.
fn active_profiles(tree: &Tree, root: &Element, dir: &str) -> Vec<usize> {
    let profiles = root.under(&["profiles"]);
    let there = |path: &str| {
        let path = path.replace("${project.basedir}", ".").replace("${basedir}", ".");
        paths::join(dir, &path).is_some_and(|p| tree.has(&p) || (!p.is_empty() && tree.has_dir(&p)))
    };
    let on = |test: &dyn Fn(&Element) -> bool| -> Vec<usize> {
        let all = profiles.iter().enumerate();
        all.filter(|(_, p)| p.get("activation").is_some_and(test))
            .map(|(i, _)| i)
            .collect()
    };
    let found = on(&|a| {
        a.string(&["property", "name"])
            .is_some_and(|n| n.value.starts_with('!'))
            || a.string(&["file", "exists"]).is_some_and(|f| there(&f.value))
            || a.string(&["file", "missing"]).is_some_and(|f| !there(&f.value))
    });
    if found.is_empty() {
        on(&|a| a.text_of("activeByDefault") == "true")
    } else {
        found
    }
}

impl Pom {
    /// Finds out which profiles are on for a module in `dir`. One that is asked for turns off those that are on by
    /// default.
    pub(super) fn activate(&mut self, tree: &Tree, dir: &str) {
        self.active = active_profiles(tree, &self.root, dir);
        self.asked = front_end_profile(&self.root, &self.active);
        if let Some(asked) = self.asked {
            let profiles = self.root.under(&["profiles"]);
            self.active.retain(|i| {
                let default = profiles
                    .get(*i)
                    .and_then(|p| p.string(&["activation", "activeByDefault"]));
                default.is_none_or(|d| d.value != "true")
            });
            self.active.push(asked);
        }
    }

    /// The name of the profile that has to be asked for.
    pub fn asked_profile(&self) -> Option<Sourced<String>> {
        let profile = self.root.under(&["profiles"]).get(self.asked?)?;
        profile.string(&["id"]).filter(|id| !id.value.is_empty())
    }

    pub fn dir(&self) -> &str {
        paths::parent(&self.path)
    }

    /// The poms that this one lists as modules, those of profiles included, as paths; whether they
    /// exist is not asked.
    pub fn modules(&self) -> Vec<String> {
        let mut lists: Vec<&Element> = self.root.get("modules").into_iter().collect();
        lists.extend(self.root.get("subprojects"));
        for profile in self.root.under(&["profiles"]) {
            lists.extend(profile.get("modules"));
        }
        let mut found = Vec::new();
        for module in lists.iter().flat_map(|l| &l.children) {
            if let Some(path) = self.beside(&module.text)
                && !found.contains(&path)
            {
                found.push(path);
            }
        }
        found
    }

    /// A pom named by its file or its folder, relative to this one.
    pub(super) fn beside(&self, name: &str) -> Option<String> {
        let path = paths::join(self.dir(), &name.replace('\\', "/"))?;
        Some(if path.ends_with(".xml") {
            path
        } else if path.is_empty() {
            "pom.xml".into()
        } else {
            format!("{path}/pom.xml")
        })
    }

    /// The project element and its active profiles, which carry the same children.
    pub(super) fn bodies(&self) -> Vec<&Element> {
        let profiles = self.root.under(&["profiles"]);
        let active = self.active.iter().filter_map(|i| profiles.get(*i));
        active.chain([&self.root]).collect()
    }
}

pub(super) fn own_artifact(root: &Element) -> &str {
    root.text_of("artifactId")
}
