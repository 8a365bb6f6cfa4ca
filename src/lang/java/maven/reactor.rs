//! The builds of a repository: which poms belong together, in which folder Maven is started, and
//! which modules a module needs.

use super::model::{self, Model, Pom};
use crate::diagnostic::Diagnostic;
use crate::lang::java::sources;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// One pom that nobody lists, with all modules below it.
pub struct Reactor {
    /// The top pom's path.
    pub root: String,
    /// Every pom of the build, the root first, by path.
    pub modules: Vec<Model>,
}

/// A broken pom beside the reactors that could be read.
type Found = Vec<Result<Arc<Reactor>, Diagnostic>>;

/// Every build in the repository, and which of them a pom belongs to first.
pub struct Reactors {
    pub found: Found,
    by_pom: HashMap<String, usize>,
}

/// Every build in the repository; read once, however many services ask.
pub fn all(tree: &Tree) -> Arc<Reactors> {
    tree.once(|| {
        let found = read_all(tree);
        let mut by_pom = HashMap::new();
        for (at, reactor) in found.iter().enumerate() {
            for model in reactor.iter().flat_map(|r| &r.modules) {
                by_pom.entry(model.pom().path.clone()).or_insert(at);
            }
        }
        Reactors { found, by_pom }
    })
}

fn read_all(tree: &Tree) -> Found {
    let mut poms: BTreeMap<String, Pom> = BTreeMap::new();
    let mut found = Found::new();
    for path in tree.files().filter(|p| paths::base(p) == "pom.xml") {
        // Inputs of tests and archetypes, and what builds left behind.
        if path.split('/').any(|part| part == "target") || sources::is_input(tree, paths::parent(path)) {
            continue;
        }
        match model::read(tree, path) {
            Ok(Some(pom)) if pom.root.name == "project" => {
                poms.insert(path.to_string(), pom);
            }
            Ok(_) => {}
            Err(e) => found.push(Err(e)),
        }
    }
    let listed: BTreeSet<String> = poms
        .values()
        .flat_map(|p| p.modules().into_iter().filter(|m| *m != p.path))
        .collect();
    let tops = poms.keys().filter(|path| !listed.contains(*path));
    for top in tops {
        match reactor(tree, &poms, top) {
            Ok(mut build) => {
                for path in apart(tree, &build) {
                    build.modules.retain(|m| m.pom().path != path);
                    found.push(reactor(tree, &poms, &path).map(Arc::new));
                }
                found.push(Ok(Arc::new(build)));
            }
            Err(e) => found.push(Err(e)),
        }
    }
    found
}

/// Modules that a pom only lists, as collections of examples do: with a wrapper and a pom of their own,
/// that need no other module and that no other needs. Each is built in its own folder.
fn apart(tree: &Tree, build: &Reactor) -> Vec<String> {
    let alone = |model: &&Model| {
        let dir = model.dir();
        let wrapper = paths::join(dir, "mvnw").is_some_and(|p| tree.has(&p));
        wrapper && model.chain.len() == 1 && model.pom().modules().is_empty()
    };
    let candidates: Vec<&Model> = build.modules.iter().skip(1).filter(alone).collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let mut needed = BTreeSet::new();
    let mut needs = BTreeSet::new();
    for model in &build.modules {
        let own = &model.pom().path;
        for other in build.closure(model).iter().filter(|m| m.pom().path != *own) {
            needs.insert(own.as_str());
            needed.insert(other.pom().path.as_str());
        }
    }
    let paths = candidates.iter().map(|m| m.pom().path.as_str());
    paths
        .filter(|p| !needs.contains(p) && !needed.contains(p))
        .map(str::to_string)
        .collect()
}

/// The build that the pom at `path` belongs to.
pub fn of(tree: &Tree, path: &str) -> Result<Option<Arc<Reactor>>, Diagnostic> {
    let all = all(tree);
    if let Some(at) = all.by_pom.get(path) {
        return all.found[*at].clone().map(Some);
    }
    let error = all.found.iter().find_map(|found| found.as_ref().err());
    error.map_or(Ok(None), |e| Err(e.clone()))
}

fn reactor(tree: &Tree, poms: &BTreeMap<String, Pom>, top: &str) -> Result<Reactor, Diagnostic> {
    let mut order = vec![top.to_string()];
    let mut next = 0;
    while let Some(path) = order.get(next).cloned() {
        next += 1;
        let read;
        let pom = match poms.get(&path) {
            Some(pom) => pom,
            // A module may have another file name than pom.xml.
            None => match model::read(tree, &path)? {
                Some(pom) => {
                    read = pom;
                    &read
                }
                None => continue,
            },
        };
        for module in pom.modules() {
            if tree.has(&module) && !order.contains(&module) {
                order.push(module);
            }
        }
    }
    let defined = command_line(tree, paths::parent(top));
    let mut modules = Vec::new();
    for path in &order {
        let pom = match poms.get(path) {
            Some(pom) => pom.clone(),
            None => match model::read(tree, path)? {
                Some(pom) => pom,
                None => continue,
            },
        };
        let mut model = Model::load(tree, pom)?;
        for (name, value) in &defined {
            model.define(name, value.clone());
        }
        modules.push(model);
    }
    Ok(Reactor {
        root: top.to_string(),
        modules,
    })
}

/// The `-D` of .mvn/maven.config.
fn command_line(tree: &Tree, dir: &str) -> Vec<(String, Sourced<String>)> {
    let path = paths::join(dir, ".mvn/maven.config").unwrap_or_default();
    let Some(source) = tree.text(&path) else {
        return Vec::new();
    };
    source
        .text
        .split_whitespace()
        .filter_map(|word| {
            let (name, value) = word.strip_prefix("-D")?.split_once('=')?;
            let at = Location::of(&source, word);
            Some((name.to_string(), Sourced::new(value.to_string(), at)))
        })
        .collect()
}

impl Reactor {
    pub fn module(&self, path: &str) -> Option<&Model> {
        self.modules.iter().find(|m| m.pom().path == path)
    }

    /// The folder that holds every pom that the build reads, parents beside the modules included.
    pub fn context(&self) -> String {
        let dirs = self.modules.iter().flat_map(|m| m.chain.iter().map(Pom::dir));
        paths::common(dirs)
    }

    /// Every pom that Maven reads, sorted.
    pub fn poms(&self) -> Vec<String> {
        let all: BTreeSet<String> = self
            .modules
            .iter()
            .flat_map(|m| m.chain.iter().map(|p| p.path.clone()))
            .collect();
        all.into_iter().collect()
    }

    /// The module and those of its siblings that the program is made of: helpers of tests are none,
    /// though Maven builds them too.
    pub fn parts<'a>(&'a self, module: &'a Model) -> Vec<&'a Model> {
        let mut parts = vec![module];
        let mut next = 0;
        while let Some(model) = parts.get(next).copied() {
            next += 1;
            let needed = model.dependencies();
            for sibling in &self.modules {
                let known = parts.iter().any(|m| m.pom().path == sibling.pom().path);
                if !known && needed.iter().any(|d| d.artifact == sibling.artifact()) {
                    parts.push(sibling);
                }
            }
        }
        parts.sort_by(|a, b| a.pom().path.cmp(&b.pom().path));
        parts
    }

    /// The module and those of its siblings that it needs, by the artifacts that its poms name.
    pub fn closure<'a>(&'a self, module: &'a Model) -> Vec<&'a Model> {
        let mut closure = vec![module];
        let mut next = 0;
        while let Some(model) = closure.get(next).copied() {
            next += 1;
            let mut named = BTreeSet::new();
            for pom in &model.chain {
                for part in ["dependencies", "build", "profiles"] {
                    if let Some(part) = pom.root.get(part) {
                        part.each(&mut |e| {
                            if e.name == "artifactId" {
                                named.insert(model.interpolate(&e.text).unwrap_or_default());
                            }
                        });
                    }
                }
            }
            for sibling in &self.modules {
                let known = closure.iter().any(|m| m.pom().path == sibling.pom().path);
                if !known && named.contains(sibling.artifact()) {
                    closure.push(sibling);
                }
            }
        }
        closure.sort_by(|a, b| a.pom().path.cmp(&b.pom().path));
        closure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_are_only_listed_are_builds_of_their_own() {
        let pom = |name: &str, more: &str| {
            format!(
                "<project><groupId>g</groupId><artifactId>{name}</artifactId><version>1</version>{more}</project>"
            )
        };
        let list = ["alone", "child", "library", "user"].map(|m| format!("<module>{m}</module>"));
        let top = pom(
            "top",
            &format!("<packaging>pom</packaging><modules>{}</modules>", list.join("")),
        );
        let parent = "<parent><groupId>g</groupId><artifactId>top</artifactId><version>1</version></parent>";
        let needs = "<dependencies><dependency><groupId>g</groupId><artifactId>library</artifactId>\
                     <version>1</version></dependency></dependencies>";
        let files = [
            ("pom.xml", top),
            ("alone/pom.xml", pom("alone", "")),
            ("alone/mvnw", String::new()),
            ("child/pom.xml", pom("child", parent)),
            ("child/mvnw", String::new()),
            ("library/pom.xml", pom("library", "")),
            ("library/mvnw", String::new()),
            ("user/pom.xml", pom("user", needs)),
            ("user/mvnw", String::new()),
        ];
        let tree = Tree::from_pairs(files.iter().map(|(path, text)| (*path, text.as_str())));
        let mut roots: Vec<(String, usize)> = all(&tree)
            .found
            .iter()
            .flatten()
            .map(|r| (r.root.clone(), r.modules.len()))
            .collect();
        roots.sort();
        assert_eq!(roots, [("alone/pom.xml".into(), 1), ("pom.xml".into(), 4)]);
    }
}
