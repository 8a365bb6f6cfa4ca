//! Cargo.toml: packages, targets, workspaces, dependencies and features, with their lines.
//! Reference: <https://doc.rust-lang.org/cargo/reference/manifest.html>.

use super::doc::{self, Node};
use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CargoToml {
    pub package: Option<Package>,
    pub workspace: Option<WorkspaceTable>,
    /// `[[bin]]` in the order of the file.
    pub bins: Vec<Bin>,
    pub dependencies: Vec<Dependency>,
    /// Each feature with what it turns on.
    pub features: Vec<(String, Vec<String>)>,
    /// Folders of `[patch]` and `[replace]`.
    pub patched: Vec<Sourced<String>>,
    /// `strip` of `[profile.release]`, as it is written.
    pub strip: Option<Sourced<String>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    pub name: Sourced<String>,
    /// The `[package]` table.
    pub at: Location,
    pub edition: Option<Inherited>,
    pub rust_version: Option<Inherited>,
    /// `workspace = "../.."`: where the root is.
    pub workspace: Option<Sourced<String>>,
    pub default_run: Option<Sourced<String>>,
    pub autobins: Option<bool>,
    /// `build = false` is `Some(None)`.
    pub build: Option<Option<String>>,
    /// Tables of `[package.metadata]`: `leptos`, `bundle`, …
    pub metadata: Vec<Sourced<String>>,
}

/// A value of `[package]` that may be the workspace's.
#[derive(Clone, Debug, PartialEq)]
pub enum Inherited {
    Own(Sourced<String>),
    Workspace,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkspaceTable {
    pub at: Option<Location>,
    pub members: Vec<Sourced<String>>,
    pub exclude: Vec<Sourced<String>>,
    pub default_members: Option<Vec<Sourced<String>>>,
    pub edition: Option<Sourced<String>>,
    pub rust_version: Option<Sourced<String>>,
    pub dependencies: Vec<Dependency>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    pub name: Sourced<String>,
    pub path: Option<String>,
    pub required_features: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Build,
    Dev,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// As the manifest calls it.
    pub key: String,
    /// The package's own name, where `package = "…"` renames it.
    pub name: String,
    pub kind: Kind,
    /// `cfg(windows)`, or a target triple.
    pub target: Option<String>,
    pub path: Option<Sourced<String>>,
    pub registry: Option<Sourced<String>>,
    pub optional: bool,
    pub default_features: bool,
    pub features: Vec<String>,
    /// `workspace = true`.
    pub inherited: bool,
    pub at: Location,
}

/// # Errors
/// The text is no TOML, or a table lacks what Cargo itself requires of it.
pub fn parse(source: &Arc<Source>) -> Result<CargoToml, Diagnostic> {
    let root = doc::toml(source)?;
    let mut file = CargoToml {
        package: match root.get("package").or_else(|| root.get("project")) {
            Some(node) => Some(package(source, node)?),
            None => None,
        },
        workspace: root.get("workspace").map(workspace),
        strip: root
            .path(&["profile", "release", "strip"])
            .and_then(|n| Some(Sourced::new(n.scalar()?, n.at.clone()))),
        ..CargoToml::default()
    };
    for bin in root.get("bin").map_or(&[][..], Node::items) {
        let Some(name) = bin.string(&["name"]) else {
            return Err(missing(source, &bin.at, "this [[bin]] has no `name`"));
        };
        file.bins.push(Bin {
            name,
            path: bin.string(&["path"]).map(|p| p.value),
            required_features: list(bin, "required-features"),
        });
    }
    dependencies(&root, None, &mut file.dependencies);
    for target in root.get("target").map_or(&[][..], Node::entries) {
        dependencies(&target.node, Some(&target.key), &mut file.dependencies);
    }
    for feature in root.get("features").map_or(&[][..], Node::entries) {
        let on = feature.node.strings().into_iter().map(|s| s.value).collect();
        file.features.push((feature.key.clone(), on));
    }
    for registry in root.get("patch").map_or(&[][..], Node::entries) {
        let paths = registry
            .node
            .entries()
            .iter()
            .filter_map(|e| e.node.string(&["path"]));
        file.patched.extend(paths);
    }
    Ok(file)
}

fn missing(source: &Arc<Source>, at: &Location, what: &str) -> Diagnostic {
    Diagnostic::error(
        &rules::MALFORMED,
        format!("{} is not a valid manifest", source.path),
    )
    .at(at.clone(), what)
    .help(format!("add it to {}", source.path))
}

fn list(node: &Node, key: &str) -> Vec<String> {
    node.get(key)
        .map(|n| n.strings().into_iter().map(|s| s.value).collect())
        .unwrap_or_default()
}

fn package(source: &Arc<Source>, node: &Node) -> Result<Package, Diagnostic> {
    let Some(name) = node.string(&["name"]) else {
        return Err(missing(source, &node.at, "[package] has no `name`"));
    };
    let inherited = |key: &str| {
        let value = node.get(key)?;
        match (value.as_str(), value.get("workspace").and_then(Node::as_bool)) {
            (Some(text), _) => Some(Inherited::Own(Sourced::new(text.into(), value.at.clone()))),
            (None, Some(true)) => Some(Inherited::Workspace),
            _ => None,
        }
    };
    Ok(Package {
        name,
        at: node.at.clone(),
        edition: inherited("edition"),
        rust_version: inherited("rust-version"),
        workspace: node.string(&["workspace"]),
        default_run: node.string(&["default-run"]),
        autobins: node.get("autobins").and_then(Node::as_bool),
        build: node.get("build").map(|n| n.as_str().map(str::to_string)),
        metadata: node
            .get("metadata")
            .map_or(&[][..], Node::entries)
            .iter()
            .map(|e| Sourced::new(e.key.clone(), e.key_at.clone()))
            .collect(),
    })
}

fn workspace(node: &Node) -> WorkspaceTable {
    let strings = |key: &str| node.get(key).map(Node::strings);
    let mut table = WorkspaceTable {
        at: Some(node.at.clone()),
        members: strings("members").unwrap_or_default(),
        exclude: strings("exclude").unwrap_or_default(),
        default_members: strings("default-members"),
        edition: node.string(&["package", "edition"]),
        rust_version: node.string(&["package", "rust-version"]),
        dependencies: Vec::new(),
    };
    dependencies(node, None, &mut table.dependencies);
    table
}

const SECTIONS: &[(&str, Kind)] = &[
    ("dependencies", Kind::Normal),
    ("dev-dependencies", Kind::Dev),
    ("dev_dependencies", Kind::Dev),
    ("build-dependencies", Kind::Build),
    ("build_dependencies", Kind::Build),
];

fn dependencies(node: &Node, target: Option<&str>, into: &mut Vec<Dependency>) {
    for (section, kind) in SECTIONS {
        for entry in node.get(section).map_or(&[][..], Node::entries) {
            let flag = |key: &str| entry.node.get(key).and_then(Node::as_bool);
            let text = |key: &str| entry.node.string(&[key]);
            into.push(Dependency {
                key: entry.key.clone(),
                name: text("package").map_or_else(|| entry.key.clone(), |p| p.value),
                kind: *kind,
                target: target.map(str::to_string),
                path: text("path"),
                registry: text("registry"),
                optional: flag("optional") == Some(true),
                default_features: flag("default-features").or_else(|| flag("default_features"))
                    != Some(false),
                features: list(&entry.node, "features"),
                inherited: flag("workspace") == Some(true),
                at: entry.key_at.clone(),
            });
        }
    }
}

/// Cargo.lock: the packages with their sources and edges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CargoLock {
    pub packages: Vec<Locked>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Locked {
    pub name: String,
    pub version: String,
    /// `None` for a package of the workspace or of another folder.
    pub source: Option<Sourced<String>>,
    /// `name`, `name version` or `name version (source)`, whatever is unambiguous.
    pub dependencies: Vec<String>,
    /// The package's name, for reasons.
    pub at: Location,
}

/// # Errors
/// The text is no TOML, or a package has no name.
pub fn lock(source: &Arc<Source>) -> Result<CargoLock, Diagnostic> {
    let root = doc::toml(source)?;
    let mut packages = Vec::new();
    for node in root.get("package").map_or(&[][..], Node::items) {
        let Some(name) = node.string(&["name"]) else {
            return Err(missing(source, &node.at, "this [[package]] has no `name`"));
        };
        packages.push(Locked {
            name: name.value,
            version: node.string(&["version"]).map_or_else(String::new, |v| v.value),
            source: node.string(&["source"]),
            dependencies: list(node, "dependencies"),
            at: name.at,
        });
    }
    Ok(CargoLock { packages })
}

impl CargoLock {
    /// The index of what an edge names.
    pub fn find(&self, edge: &str) -> Option<usize> {
        let mut words = edge.split(' ');
        let name = words.next()?;
        let version = words.next();
        self.packages
            .iter()
            .position(|p| p.name == name && version.is_none_or(|v| p.version == v))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> CargoToml {
        parse(&Source::new("Cargo.toml", text)).unwrap()
    }

    #[test]
    fn inherited_values_are_told_from_own_ones() {
        let file = parsed(
            "[package]\nname = \"a\"\nedition.workspace = true\nrust-version = \"1.80\"\n[dependencies]\nb = { workspace = true, optional = true }\nc = { package = \"d\", path = \"../d\" }\n",
        );
        let package = file.package.unwrap();
        assert_eq!(package.edition, Some(Inherited::Workspace));
        assert!(matches!(package.rust_version, Some(Inherited::Own(v)) if v.at.line() == Some(4)));
        assert!(file.dependencies[0].inherited && file.dependencies[0].optional);
        assert_eq!(file.dependencies[1].name, "d");
    }

    #[test]
    fn dependencies_of_targets_and_kinds_are_kept_apart() {
        let file = parsed(
            "[package]\nname = \"a\"\n[target.'cfg(windows)'.dependencies]\nw = \"1\"\n[dev-dependencies]\nt = \"1\"\n[build-dependencies.cc]\nversion = \"1\"\n",
        );
        let kinds: Vec<_> = file
            .dependencies
            .iter()
            .map(|d| (d.key.as_str(), d.kind))
            .collect();
        assert_eq!(
            kinds,
            [("t", Kind::Dev), ("cc", Kind::Build), ("w", Kind::Normal)]
        );
        assert_eq!(file.dependencies[2].target.as_deref(), Some("cfg(windows)"));
    }

    #[test]
    fn a_manifest_without_a_name_is_an_error_at_its_line() {
        for text in [
            "\n[package]\nversion = \"1\"\n",
            "[package]\nname=\"a\"\n[[bin]]\npath=\"x\"\n",
        ] {
            let error = parse(&Source::new("Cargo.toml", text)).unwrap_err();
            assert!(error.at.unwrap().line().is_some(), "{text}");
        }
    }
}
