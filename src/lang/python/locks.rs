//! Lockfiles with their manifests: uv, Poetry, PDM, Pipenv, pylock.

use super::dists::{self, Dist, From};
use super::manager::{Index, Manager, in_dir};
use super::tools::Tool;
use super::version;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::manifest::pep508;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use pep440_rs::Version;
use std::str::FromStr;
use std::sync::Arc;

pub fn pipenv(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
    let mut direct = Vec::new();
    if let Some(source) = tree.read(&in_dir(dir, "Pipfile"))? {
        let node = doc::toml(&source)?;
        direct = dists::of_table(node.get("packages"));
        manager.reads.push(source.path.clone());
        manager.pyproject = Some(node);
    }
    manager.dists = direct.clone();
    if let Some(node) = tree.parsed(&in_dir(dir, "Pipfile.lock"), doc::json)? {
        manager.dists = dists::of_pipfile_lock(&node);
        for dist in &mut manager.dists {
            dist.direct = direct.iter().any(|d| d.name == dist.name);
        }
        manager.reads.push(in_dir(dir, "Pipfile.lock"));
        manager.lock = Some(node);
    }
    add_locals(tree, dir, manager);
    Ok(())
}

/// uv, Poetry, PDM, pylock and plain `[project]`.
pub fn locked(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
    let root = manager.root.clone();
    let mut direct = dists::of_strings(manager.project(&["project", "dependencies"]));
    if manager.tool == Tool::Poetry {
        let table = manager.project(&["tool", "poetry", "dependencies"]);
        let more = dists::of_table(table);
        direct.extend(
            more.into_iter()
                .filter(|d| direct.iter().all(|x| x.name != d.name))
                .collect::<Vec<_>>(),
        );
    }
    for group in &manager.groups {
        let poetry = manager.project(&["tool", "poetry", "group", group, "dependencies"]);
        direct.extend(dists::of_table(poetry));
        direct.extend(dists::of_strings(manager.project(&["dependency-groups", group])));
    }
    for extra in &manager.extras {
        direct.extend(dists::of_strings(manager.project(&[
            "project",
            "optional-dependencies",
            extra,
        ])));
    }
    for file in ["pyproject.toml", manager.row().lock] {
        let path = in_dir(&root, file);
        if tree.has(&path) {
            manager.reads.push(path);
        }
    }
    if matches!(manager.tool, Tool::Uv | Tool::Project) && tree.has(&in_dir(&root, "uv.toml")) {
        manager.reads.push(in_dir(&root, "uv.toml"));
    }
    manager.tool_range = tool_range(tree, &root, manager.tool)?;
    let own = in_dir(dir, "pyproject.toml");
    if !manager.reads.contains(&own) && tree.has(&own) {
        manager.reads.push(own);
    }
    manager.dists = direct.clone();
    let path = in_dir(&root, manager.row().lock);
    if let Some(node) = tree.parsed(&path, doc::toml)? {
        let all = manager.tool == Tool::Project;
        let grouped = manager.tool == Tool::Poetry && !manager.groups.is_empty();
        manager.dists = dists::of_lock(&node, if grouped || all { None } else { Some(&direct) });
        let locked = |asked: &Dist| {
            manager
                .dists
                .iter()
                .any(|d| d.name == asked.name && version::meets(d.version(), &asked.spec))
        };
        manager.stale = direct
            .iter()
            .find(|d| !locked(d))
            .map(dists::sourced)
            .or_else(|| unlike_metadata(manager, &node));
        if manager.dists.is_empty() {
            manager.dists = direct;
        }
        manager.made_with = tree.read(&path)?.as_ref().and_then(made_with);
        manager.lock = Some(node);
    }
    add_locals(tree, &root, manager);
    Ok(())
}

/// What the manifest asks for otherwise than uv.lock remembers; `--locked` compares extras too. Only
/// specifiers of one clause are compared, as uv writes others in an order of its own.
fn unlike_metadata(manager: &Manager, lock: &Node) -> Option<Sourced<String>> {
    if manager.tool != Tool::Uv {
        return None;
    }
    let name = manager
        .project(&["project", "name"])?
        .as_str()
        .map(pep508::normalize)?;
    let own = lock
        .get("package")?
        .items()
        .iter()
        .find(|p| p.get("name").and_then(Node::as_str) == Some(&name))?;
    // A release that raised the version without locking again.
    let version = manager.project(&["project", "version"]);
    let parsed = |n: &Node| n.as_str().and_then(|v| Version::from_str(v).ok());
    if let Some(version) = version
        && let (Some(said), Some(locked)) = (parsed(version), own.get("version").and_then(parsed))
        && said != locked
    {
        return Some(Sourced::new(
            format!("version {said} of the project"),
            version.at.clone(),
        ));
    }
    let is_virtual = own.path(&["source", "virtual"]).is_some();
    let builds = manager.project(&["build-system"]).filter(|_| {
        let package = manager.project(&["tool", "uv", "package"]);
        is_virtual && package.and_then(Node::as_bool) != Some(false)
    });
    if let Some(system) = builds {
        return Some(Sourced::new("the project as a package".into(), system.at.clone()));
    }
    let remembered: Vec<(&str, &str)> = own
        .path(&["metadata", "requires-dist"])?
        .items()
        .iter()
        .filter_map(|r| {
            let specifier = r.get("specifier").and_then(Node::as_str).unwrap_or("");
            Some((r.get("name")?.as_str()?, specifier))
        })
        .collect();
    let optional = manager.project(&["project", "optional-dependencies"]);
    let lists = optional.map(Node::entries).unwrap_or_default();
    let asked = std::iter::once(manager.project(&["project", "dependencies"]))
        .chain(lists.iter().map(|e| Some(&e.node)))
        .flat_map(dists::of_strings);
    let sources = manager.project(&["tool", "uv", "sources"]);
    let elsewhere = |name: &str| sources.is_some_and(|s| s.get(name).is_some());
    asked
        .filter(|d| d.from == From::Index && d.name != name && !d.spec.contains(',') && !elsewhere(&d.name))
        .find(|d| {
            let of_name = || remembered.iter().filter(|(n, _)| *n == d.name);
            !of_name().any(|(_, s)| s.replace(' ', "") == d.spec.replace(' ', ""))
        })
        .map(|d| dists::sourced(&d))
}

/// `[tool.uv] required-version`, uv.toml's, `[tool.poetry] requires-poetry`.
fn tool_range(tree: &Tree, root: &str, tool: Tool) -> Result<Option<Sourced<String>>, Diagnostic> {
    let places: &[(&str, &[&str])] = match tool {
        Tool::Uv | Tool::Project => &[
            ("uv.toml", &["required-version"]),
            ("pyproject.toml", &["tool", "uv", "required-version"]),
        ],
        Tool::Poetry => &[("pyproject.toml", &["tool", "poetry", "requires-poetry"])],
        _ => &[],
    };
    for (file, keys) in places {
        if let Some(source) = tree.read(&in_dir(root, file))?
            && let Some(found) = doc::toml(&source)?.string(keys)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// `# This file is automatically @generated by Poetry 2.2.1 and …`
fn made_with(source: &Arc<Source>) -> Option<Sourced<String>> {
    let line = source.text.lines().next()?;
    let after = line.split("generated by Poetry ").nth(1)?;
    let version = after.split_whitespace().next()?;
    let good = version.chars().all(|c| c.is_ascii_digit() || c == '.') && version.contains('.');
    good.then(|| Sourced::new(version.to_string(), Location::of(source, version)))
}

/// Distributions that are folders of the repository.
fn add_locals(tree: &Tree, root: &str, manager: &mut Manager) {
    let folders: Vec<String> = manager
        .dists
        .iter()
        .filter_map(|d| match &d.from {
            From::Path(path) => paths::join(root, path),
            _ => None,
        })
        .filter(|folder| tree.has_dir(folder))
        .collect();
    for folder in folders {
        if !manager.locals.contains(&folder) {
            manager.locals.push(folder);
        }
    }
}

pub fn indexes(manager: &mut Manager) {
    let tables: &[&[&str]] = match manager.tool {
        Tool::Uv | Tool::Project => &[&["tool", "uv", "index"]],
        Tool::Poetry => &[&["tool", "poetry", "source"]],
        Tool::Pdm => &[&["tool", "pdm", "source"]],
        Tool::Pipenv => &[&["source"]],
        Tool::Pip => &[],
    };
    let found: Vec<Index> = tables
        .iter()
        .filter_map(|keys| manager.project(keys))
        .flat_map(Node::items)
        .filter_map(|node| {
            Some(Index {
                name: node.get("name").and_then(Node::as_str).map(str::to_string),
                url: node.string(&["url"])?,
            })
        })
        .collect();
    manager.indexes.extend(found);
}
