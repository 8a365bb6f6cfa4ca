//! Requirement files with all that they include.

use super::dists::{self, Dist};
use super::manager::{Index, Manager, in_dir};
use super::rules;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::Node;
use crate::manifest::pep508::{self, normalize};
use crate::manifest::requirements::{self, Line};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Requirement files for production, the best first.
const REQUIREMENTS: &[&str] = &[
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/main.txt",
    "requirements/common.txt",
    "requirements/requirements.txt",
    "requirements-prod.txt",
    "requirements.prod.txt",
    "requirements_prod.txt",
    "requirements-base.txt",
    "requirements.in",
];

/// The requirement file that outranks `[project]`: it names all that `[project]` does.
pub fn requirement_file(
    tree: &Tree,
    dir: &str,
    pyproject: Option<&Node>,
) -> Result<Option<String>, Diagnostic> {
    let Some(file) = REQUIREMENTS.iter().map(|f| in_dir(dir, f)).find(|f| tree.has(f)) else {
        return Ok(None);
    };
    let project = pyproject.and_then(|p| p.path(&["project", "dependencies"]));
    let asked: BTreeSet<String> = dists::of_strings(project).into_iter().map(|d| d.name).collect();
    if !asked.is_empty() {
        let mut found = Manager::empty(tree.place(&file));
        follow(tree, &file, dir, &mut found)?;
        let named: BTreeSet<String> = found.dists.iter().map(|d| d.name.clone()).collect();
        if !asked.is_subset(&named) && !found.installs_self {
            return Ok(None);
        }
    }
    Ok(Some(file))
}

pub fn pip(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
    for file in manager.requirements.clone() {
        follow(tree, &file, dir, manager)?;
    }
    if manager.requirements.is_empty() {
        let listed = super::setup::requirements(tree, dir);
        manager.dists.extend(listed);
        manager
            .dists
            .extend(dists::of_strings(manager.project(&["project", "dependencies"])));
    }
    Ok(())
}

/// Reads a requirement file and all that it includes.
pub fn follow(tree: &Tree, file: &str, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
    if manager.reads.iter().any(|r| r == file) {
        return Ok(());
    }
    let Some(source) = tree.read(file)? else {
        return Ok(());
    };
    manager.reads.push(file.to_string());
    let parsed = requirements::parse(&source)?;
    manager.hashed |= parsed.hashed;
    let mut constraints = Vec::new();
    for entry in parsed.entries {
        match entry.line {
            Line::Requirement(r) => {
                if r.on_linux() {
                    manager.dists.push(Dist::new(&r, &entry.at));
                }
            }
            Line::Include(path) | Line::Constraint(path) if path.contains("://") => {}
            Line::Include(path) => {
                follow(tree, &included(tree, file, &path, &entry.at)?, dir, manager)?;
            }
            Line::Constraint(path) => constraints.push(included(tree, file, &path, &entry.at)?),
            Line::Index(url) => manager.indexes.push(Index {
                name: None,
                url: Sourced::new(url, entry.at),
            }),
            Line::Direct { target, .. } => direct(tree, dir, &target, &source, entry.at, manager)?,
        }
    }
    // A constraint says which version, and asks for nothing.
    for path in constraints {
        let before = manager.dists.len();
        follow(tree, &path, dir, manager)?;
        let pins: Vec<Dist> = manager.dists.drain(before..).collect();
        for pin in pins {
            for dist in manager
                .dists
                .iter_mut()
                .filter(|d| d.name == pin.name && d.spec.is_empty())
            {
                dist.spec = pin.spec.clone();
            }
        }
    }
    Ok(())
}

/// A requirement file beside those of the program, with all that it includes.
///
/// # Errors
/// A file that is broken, or names one that is not there.
pub fn listed(tree: &Tree, file: &str, dir: &str) -> Result<Manager, Diagnostic> {
    let mut found = Manager::empty(tree.place(file));
    follow(tree, file, dir, &mut found)?;
    Ok(found)
}

fn included(tree: &Tree, file: &str, path: &str, at: &Location) -> Result<String, Diagnostic> {
    match paths::join(paths::parent(file), path) {
        Some(path) if tree.has(&path) => Ok(path),
        _ => Err(Diagnostic::error(
            &rules::NO_FILE,
            format!("{file} includes {path}, which is not there"),
        )
        .at(at.clone(), "not in the repository")
        .help(format!("add {path}, or remove the line from {file}"))),
    }
}

/// A path or URL without a name: the project itself, a project in a folder, a repository.
fn direct(
    tree: &Tree,
    dir: &str,
    target: &str,
    source: &Arc<Source>,
    at: Location,
    manager: &mut Manager,
) -> Result<(), Diagnostic> {
    if target.starts_with("git+") || target.contains("://") && !target.starts_with("file:") {
        let name = target.rsplit_once("egg=").map_or_else(
            || paths::base(target.trim_end_matches(".git")).to_string(),
            |(_, egg)| egg.split('&').next().unwrap_or(egg).to_string(),
        );
        let requirement = pep508::Requirement {
            name: normalize(name.split(['@', '[']).next().unwrap_or(&name)),
            url: Some(target.to_string()),
            ..Default::default()
        };
        manager.dists.push(Dist::new(&requirement, &at));
        return Ok(());
    }
    let path = target.trim_start_matches("file://").trim_start_matches("file:");
    let path = path.split(['[', '#']).next().unwrap_or(path);
    let folder = paths::join(dir, path).filter(|p| tree.has_dir(p) || tree.has(p));
    match folder {
        Some(folder) if folder == dir => {
            manager.installs_self = true;
            if let Some(range) = at.range() {
                let start = source.text[..range.start].rfind('\n').map_or(0, |i| i + 1);
                let line = source.text[start..].split('\n').next().unwrap_or_default();
                manager.self_lines.push(line.to_string());
            }
        }
        Some(folder) => manager.locals.push(folder),
        None => {
            return Err(Diagnostic::error(
                &rules::NO_FILE,
                format!("{} installs {path}, which is not there", source.path),
            )
            .at(at, "not in the repository")
            .help(format!("add {path}, or remove the line")));
        }
    }
    Ok(())
}
