//! Everything that a plan depends on, read once.

use super::apps::{self, App};
use super::django::{self, Django};
use super::manager::{self, Manager};
use super::modules;
use super::rules;
use super::setup;
use super::source::Module;
use super::tools::Tool;
use super::version::Constraint;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::Node;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

pub struct Facts {
    pub dir: String,
    pub name: Option<Sourced<String>>,
    /// `None` for bare scripts, which need nothing installed.
    pub manager: Option<Manager>,
    pub modules: Vec<Module>,
    pub apps: Vec<App>,
    pub django: Option<Django>,
    /// Console scripts with their `module:function`.
    pub scripts: Vec<(String, Sourced<String>)>,
    /// The project can be built and installed as a distribution.
    pub is_package: bool,
    pub constraints: Vec<Constraint>,
    /// The application as a settings file of its framework names it: `app.main:app`.
    pub named_app: Option<Sourced<String>>,
    /// gunicorn.conf.py, which gunicorn reads by itself, and its kin, which a command can name.
    pub gunicorn_configs: Vec<Arc<Source>>,
    pub warnings: Vec<Diagnostic>,
}

pub fn in_dir(dir: &str, file: &str) -> String {
    paths::join(dir, file).expect("a file below a folder")
}

/// # Errors
/// A manifest that is there and broken.
pub fn read(tree: &Tree, dir: &str) -> Result<Facts, Diagnostic> {
    let manager = manager::detect(tree, dir)?;
    let modules = modules::read(tree, dir);
    let apps = apps::find(tree, dir, &modules);
    let django = django::find(dir, &modules, &apps);
    let mut warnings = Vec::new();
    let constraints = constraints(tree, dir, manager.as_ref(), &mut warnings)?;
    let scripts = scripts(tree, dir, manager.as_ref());
    let name = name(tree, dir, manager.as_ref());
    let is_package = manager.as_ref().is_some_and(|m| is_package(tree, dir, m));
    let named_app = named_app(tree, dir, manager.as_ref());
    Ok(Facts {
        named_app,
        dir: dir.to_string(),
        name,
        manager,
        modules,
        apps,
        django,
        scripts,
        is_package,
        constraints,
        gunicorn_configs: gunicorn_configs(tree, dir),
        warnings,
    })
}

fn gunicorn_configs(tree: &Tree, dir: &str) -> Vec<Arc<Source>> {
    let named = |path: &&str| paths::base(path).contains("gunicorn") && path.ends_with(".py");
    let near = |path: &&str| paths::relative(path, dir).matches('/').count() <= 2;
    tree.under(dir)
        .filter(named)
        .filter(near)
        .filter_map(|p| tree.text(p))
        .collect()
}

/// `[tool.fastapi] entrypoint`, or FLASK_APP in .flaskenv.
fn named_app(tree: &Tree, dir: &str, manager: Option<&Manager>) -> Option<Sourced<String>> {
    let pyproject = manager.and_then(|m| m.pyproject.as_ref());
    pyproject
        .and_then(|p| p.string(&["tool", "fastapi", "entrypoint"]))
        .or_else(|| {
            let source = tree.text(&in_dir(dir, ".flaskenv"))?;
            let line = source.text.lines().find(|l| l.trim().starts_with("FLASK_APP="))?;
            let value = line.split_once('=')?.1.trim().trim_matches(['"', '\'']);
            let value = value.trim_end_matches("()").trim_start_matches("./");
            Some(Sourced::new(
                value.replace(".py", "").replace('/', "."),
                Location::of(&source, line),
            ))
        })
}

/// The project's name, from the manifest alone.
pub fn name(tree: &Tree, dir: &str, manager: Option<&Manager>) -> Option<Sourced<String>> {
    let pyproject = manager.and_then(|m| m.pyproject.as_ref());
    pyproject
        .and_then(|p| {
            p.string(&["project", "name"])
                .or_else(|| p.string(&["tool", "poetry", "name"]))
        })
        .or_else(|| setup::name(tree, dir))
}

pub fn scripts(tree: &Tree, dir: &str, manager: Option<&Manager>) -> Vec<(String, Sourced<String>)> {
    let mut out = Vec::new();
    let tables: [&[&str]; 2] = [&["project", "scripts"], &["tool", "poetry", "scripts"]];
    for table in tables {
        let entries = manager
            .and_then(|m| m.project(table))
            .map(Node::entries)
            .unwrap_or_default();
        for entry in entries {
            let target = entry
                .node
                .as_str()
                .or(entry.node.get("callable").and_then(Node::as_str));
            if let Some(target) = target {
                out.push((
                    entry.key.clone(),
                    Sourced::new(target.to_string(), entry.key_at.clone()),
                ));
            }
        }
    }
    out.extend(setup::scripts(tree, dir));
    out
}

/// Says how it is built: a build system, or a setup.py; and does not say that it is none.
fn is_package(tree: &Tree, dir: &str, manager: &Manager) -> bool {
    let off = |keys: &[&str]| manager.project(keys).and_then(Node::as_bool) == Some(false);
    if off(&["tool", "poetry", "package-mode"])
        || off(&["tool", "uv", "package"])
        || off(&["tool", "pdm", "distribution"])
    {
        return false;
    }
    let builds = manager.build_backend().is_some()
        || manager
            .project(&["tool", "uv", "package"])
            .and_then(Node::as_bool)
            == Some(true)
        || tree.has(&in_dir(dir, "setup.py"))
        || manager.tool == Tool::Project && manager.project(&["project", "scripts"]).is_some();
    // `[build-system]` of Poetry stands in every project that its `new` and `init` made.
    builds
}

/// Each place that speaks of the version, those that name one before those that give a range.
fn constraints(
    tree: &Tree,
    dir: &str,
    manager: Option<&Manager>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Constraint>, Diagnostic> {
    let mut out = Vec::new();
    let nearest = |file: &str| -> Option<Arc<Source>> {
        paths::ancestors(dir).find_map(|folder| tree.text(&in_dir(folder, file)))
    };
    let mut pin = |text: Option<Sourced<String>>| {
        let Some(text) = text else { return };
        match Constraint::pinned(&text) {
            Some(constraint) => out.push(constraint),
            None if text.value == "3" || text.value.is_empty() => {}
            None => warnings.push(
                Diagnostic::warning(
                    &rules::BAD_VERSION,
                    format!("`{}` in {} is no version of CPython", text.value, text.at.file()),
                )
                .at(text.at.clone(), "left out of account")
                .help("name a version, as in `3.13`"),
            ),
        }
    };
    if let Some(source) = nearest(".python-version") {
        pin(first_line(&source));
    } else if let Some(source) = nearest(".tool-versions") {
        pin(tool_versions(&source));
    } else if let Some(source) = nearest("runtime.txt") {
        pin(first_line(&source));
    }
    let Some(manager) = manager else { return Ok(out) };
    if manager.tool == Tool::Pipenv {
        let requires = |key: &str| {
            let node = manager.project(&["requires", key])?;
            Some(Sourced::new(node.scalar()?, node.at.clone()))
        };
        pin(requires("python_full_version").or_else(|| requires("python_version")));
    }
    if out.is_empty() && manager.tool == Tool::Pip {
        let compiled = manager.reads.iter().find_map(|f| compiled_with(&tree.text(f)?));
        out.extend(compiled.and_then(|text| Constraint::pinned(&text)));
    }
    let bad = |text: &Sourced<String>| {
        Diagnostic::error(
            &rules::BAD_VERSION,
            format!("`{}` is no range of Python versions", text.value),
        )
        .at(text.at.clone(), "cannot be read")
        .help("write a range by PEP 440, as in `>=3.11`")
    };
    if let Some(node) = manager.project(&["tool", "poetry", "dependencies", "python"]) {
        let text = node
            .string(&[])
            .unwrap_or_else(|| Sourced::new(String::new(), node.at.clone()));
        out.push(Constraint::poetry(&text).ok_or_else(|| bad(&text))?);
    }
    let inline = manager.inline.as_ref();
    let requires = manager
        .pyproject
        .as_ref()
        .and_then(|p| p.string(&["project", "requires-python"]))
        .or_else(|| inline?.string(&["requires-python"]));
    for text in requires.into_iter().chain(setup::python_requires(tree, dir)) {
        // Poetry reads `3.12.*` and its kin in [project] too.
        let poetry = || Constraint::poetry(&text).filter(|_| manager.tool == Tool::Poetry);
        out.push(
            Constraint::pep440(&text)
                .or_else(poetry)
                .ok_or_else(|| bad(&text))?,
        );
    }
    let locked = manager.lock.as_ref().and_then(|l| {
        l.string(&["requires-python"])
            .or_else(|| l.string(&["metadata", "requires-python"]))
    });
    if let Some(text) = locked {
        out.extend(Constraint::pep440(&text));
    }
    Ok(out)
}

fn first_line(source: &Arc<Source>) -> Option<Sourced<String>> {
    let line = source
        .text
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with('#'))?;
    Some(Sourced::new(line.to_string(), Location::of(source, line)))
}

fn tool_versions(source: &Arc<Source>) -> Option<Sourced<String>> {
    let line = source
        .text
        .lines()
        .find(|l| l.split_whitespace().next() == Some("python"))?;
    let version = line.split_whitespace().nth(1)?;
    Some(Sourced::new(version.to_string(), Location::of(source, version)))
}

/// `# This file is autogenerated by pip-compile with Python 3.12`
fn compiled_with(source: &Arc<Source>) -> Option<Sourced<String>> {
    let head = source
        .text
        .lines()
        .take(6)
        .find(|l| l.contains("pip-compile with"))?;
    let version = head.rsplit_once("ython ")?.1.split_whitespace().next()?;
    Some(Sourced::new(version.to_string(), Location::of(source, head)))
}
