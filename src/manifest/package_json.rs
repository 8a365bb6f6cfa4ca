//! package.json: the fields that a container depends on, with their places.
//! Fields: <https://docs.npmjs.com/cli/v11/configuring-npm/package-json>.

use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::doc::{self, Node};
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// Under which key a dependency stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Production,
    Optional,
    Peer,
    Development,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub name: String,
    /// `^1.2.0`, `workspace:*`, `file:../lib`.
    pub range: String,
    pub kind: Kind,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PackageJson {
    pub name: Option<String>,
    pub private: bool,
    /// `"type": "module"`.
    pub esm: bool,
    pub scripts: Vec<(String, Sourced<String>)>,
    pub dependencies: Vec<Dependency>,
    /// Globs of the members, in either of the two spellings.
    pub workspaces: Vec<Sourced<String>>,
    pub main: Option<Sourced<String>>,
    pub package_manager: Option<Sourced<String>>,
    pub node: Node,
    pub source: Arc<Source>,
}

const KINDS: [(&str, Kind); 4] = [
    ("dependencies", Kind::Production),
    ("optionalDependencies", Kind::Optional),
    ("peerDependencies", Kind::Peer),
    ("devDependencies", Kind::Development),
];

/// # Errors
/// Not JSON, not an object, or a field of the wrong kind that npm itself refuses.
pub fn parse(source: &Arc<Source>) -> Result<PackageJson, Diagnostic> {
    let node = doc::json(source)?;
    if !node.is_table() {
        return Err(wrong(&node, source, "a package.json is an object"));
    }
    for key in KINDS.map(|(key, _)| key).into_iter().chain(["scripts"]) {
        if let Some(table) = node.get(key)
            && !table.is_table()
            && !matches!(table.value, doc::Value::Null | doc::Value::List(_))
        {
            return Err(wrong(table, source, format!("`{key}` is an object of strings")));
        }
    }
    let strings = |key: &str| {
        let entries = node.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|e| {
            Some((
                e.key.clone(),
                Sourced::new(e.node.as_str()?.to_string(), e.node.at.clone()),
            ))
        })
    };
    let mut dependencies = Vec::new();
    for (key, kind) in KINDS {
        dependencies.extend(strings(key).map(|(name, range)| Dependency {
            name,
            range: range.value,
            kind,
            at: range.at,
        }));
    }
    let workspaces = match node.get("workspaces") {
        Some(table) if table.is_table() => table.get("packages").map(Node::strings).unwrap_or_default(),
        Some(list) => list.strings(),
        None => Vec::new(),
    };
    Ok(PackageJson {
        name: node
            .get("name")
            .and_then(Node::as_str)
            .filter(|n| !n.trim().is_empty())
            .map(str::to_string),
        private: node.get("private").and_then(Node::as_bool).unwrap_or(false),
        esm: node.get("type").and_then(Node::as_str) == Some("module"),
        scripts: strings("scripts").collect(),
        dependencies,
        workspaces,
        main: node.string(&["main"]),
        package_manager: node.string(&["packageManager"]),
        node,
        source: source.clone(),
    })
}

fn wrong(node: &Node, source: &Arc<Source>, what: impl Into<String>) -> Diagnostic {
    Diagnostic::error(&rules::MALFORMED, format!("{} is no package.json", source.path))
        .at(node.at.clone(), what)
        .help(format!("mend the marked place in {}", source.path))
}

impl PackageJson {
    pub fn script(&self, name: &str) -> Option<&Sourced<String>> {
        self.scripts.iter().rev().find(|(n, _)| n == name).map(|(_, s)| s)
    }

    /// A dependency of any kind; the kind that is installed in production first.
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.dependencies.iter().find(|d| d.name == name)
    }

    /// Is it there without development dependencies?
    pub fn in_production(&self, name: &str) -> bool {
        self.dependencies
            .iter()
            .any(|d| d.name == name && matches!(d.kind, Kind::Production | Kind::Optional))
    }

    /// Does a production install of this package alone put anything into node_modules?
    pub fn has_production(&self) -> bool {
        self.dependencies.iter().any(|d| d.kind != Kind::Development)
    }

    pub fn at(&self) -> Location {
        Location::whole(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PackageJson, Diagnostic> {
        parse(&Source::new("package.json", text))
    }

    #[test]
    fn both_spellings_of_workspaces_are_read() {
        for text in [
            r#"{"workspaces": ["apps/*"]}"#,
            r#"{"workspaces": {"packages": ["apps/*"], "nohoist": []}}"#,
        ] {
            assert_eq!(read(text).unwrap().workspaces[0].value, "apps/*");
        }
    }

    #[test]
    fn a_dependency_in_two_tables_counts_as_production() {
        let package = read(r#"{"devDependencies": {"a": "1"}, "dependencies": {"a": "1"}}"#).unwrap();
        assert!(package.in_production("a"));
    }

    #[test]
    fn a_manifest_of_the_wrong_kind_is_an_error_at_its_line() {
        assert!(read("[]").is_err());
        let error = read("{\n\"scripts\": \"x\"\n}").unwrap_err();
        assert_eq!(error.at.unwrap().line(), Some(2));
    }
}
