//! Which tool installs the project's dependencies, from which files. Facts only.

use super::dists::{self, Dist, From};
use super::natives::{BRINGS, EXTRAS};
use super::{rules, skeleton, version};
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::manifest::pep508::{self, normalize};
use crate::manifest::requirements::{self, Line};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Requirement files; also a project whose dependencies only its own build tells.
    Pip,
    Uv,
    /// `[project]` without a lock, and pylock.toml: uv's `pip install -r`.
    Project,
    Poetry,
    Pdm,
    Pipenv,
}

/// What every tool of the table has in common.
pub struct ToolRow {
    pub tool: Tool,
    pub name: &'static str,
    /// The lockfile beside the manifest.
    pub lock: &'static str,
    /// The version that is installed where the project names none.
    pub version: &'static str,
    /// What its own dependencies must be held to for that version to work.
    pub with: &'static str,
    /// The newest for each line of Python that no longer gets that one.
    pub older: &'static [(u64, &'static str)],
}

/// In the order of precedence: a lock outranks everything else.
pub const TOOLS: &[ToolRow] = &[
    ToolRow {
        tool: Tool::Uv,
        name: "uv",
        lock: "uv.lock",
        version: "",
        with: "",
        older: &[],
    },
    ToolRow {
        tool: Tool::Poetry,
        name: "Poetry",
        lock: "poetry.lock",
        version: "2.5.1",
        with: "",
        older: &[(8, "1.8.5"), (9, "2.2.1")],
    },
    ToolRow {
        tool: Tool::Pdm,
        name: "PDM",
        lock: "pdm.lock",
        version: "2.29.3",
        with: " 'hishel[httpx]<2' 'unearth<0.18'",
        older: &[(8, "2.20.1"), (9, "2.26.9")],
    },
    ToolRow {
        tool: Tool::Pipenv,
        name: "Pipenv",
        lock: "Pipfile.lock",
        version: "2026.10.3",
        with: "",
        older: &[(8, "2024.4.1"), (9, "2025.0.4")],
    },
    ToolRow {
        tool: Tool::Project,
        name: "uv pip",
        lock: "pylock.toml",
        version: "",
        with: "",
        older: &[],
    },
    ToolRow {
        tool: Tool::Pip,
        name: "pip",
        lock: "",
        version: "",
        with: "",
        older: &[],
    },
];

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

/// Groups and extras that are for production by their name.
const PRODUCTION: &[&str] = &[
    "container",
    "deploy",
    "deployment",
    "docker",
    "gunicorn",
    "prod",
    "production",
    "server",
    "uvicorn",
    "uwsgi",
    "webserver",
];

/// An index beside PyPI.
#[derive(Clone, Debug)]
pub struct Index {
    pub name: Option<String>,
    pub url: Sourced<String>,
}

#[derive(Debug)]
pub struct Manager {
    pub tool: Tool,
    /// The file that says so.
    pub at: Location,
    pub because: String,
    /// Folder that the tool runs in: the service's, or the workspace's root.
    pub root: String,
    /// Of the service itself.
    pub pyproject: Option<Node>,
    pub lock: Option<Node>,
    /// Requirement files given to pip, from the root of the repository.
    pub requirements: Vec<String>,
    /// Files that the install step reads, the requirement files with all that they include.
    pub reads: Vec<String>,
    /// What `uv pip install -r` is given, where that is no lock and no pyproject.toml.
    pub manifest: String,
    /// Folders of local projects to install: the service itself is not among them.
    pub locals: Vec<String>,
    /// Requirement files name the project itself: `-e .`.
    pub installs_self: bool,
    /// A line of a requirement file to leave out because it names the project itself.
    pub self_lines: Vec<String>,
    pub dists: Vec<Dist>,
    pub indexes: Vec<Index>,
    pub hashed: bool,
    /// A lock that does not fit its manifest, with the dependency that it lacks.
    pub stale: Option<Sourced<String>>,
    /// Dependency groups for production besides the default one.
    pub groups: Vec<String>,
    /// Extras of the project itself that are for production.
    pub extras: Vec<String>,
    /// The version of the tool that the lock was made with.
    pub made_with: Option<Sourced<String>>,
    /// The range of versions of the tool that the project insists on.
    pub tool_range: Option<Sourced<String>>,
}

impl Manager {
    pub fn row(&self) -> &'static ToolRow {
        TOOLS
            .iter()
            .find(|r| r.tool == self.tool)
            .expect("every tool has a row")
    }

    /// Is it installed, as far as can be told: asked for, locked, or brought along by another?
    pub fn has(&self, name: &str) -> bool {
        self.dists.iter().any(|d| d.name == name)
            || BRINGS
                .iter()
                .any(|(by, brought)| brought.contains(&name) && self.has(by))
            || EXTRAS.iter().any(|(by, extras, brought)| {
                let asked = |d: &Dist| d.name == *by && d.extras.iter().any(|e| extras.contains(&e.as_str()));
                brought.contains(&name) && self.dists.iter().any(asked)
            })
    }

    pub fn dist(&self, name: &str) -> Option<&Dist> {
        self.dists.iter().find(|d| d.name == name)
    }

    pub fn project(&self, keys: &[&str]) -> Option<&Node> {
        self.pyproject.as_ref()?.path(keys)
    }

    pub fn build_backend(&self) -> Option<String> {
        let backend = self.project(&["build-system", "build-backend"])?;
        backend.as_str().map(str::to_string)
    }
}

fn in_dir(dir: &str, file: &str) -> String {
    paths::join(dir, file).expect("a file below a folder")
}

/// Is there a setup.py that sets something up, rather than a module of that name?
pub fn has_setup(tree: &Tree, dir: &str) -> bool {
    let text = tree.text(&in_dir(dir, "setup.py"));
    text.is_some_and(|s| {
        ["setuptools", "distutils", "skbuild"]
            .iter()
            .any(|w| s.text.contains(w))
    })
}

/// The tool of the project in `dir`; `None` where nothing there says that it is one.
///
/// # Errors
/// A manifest that is there and broken, or that leaves the repository.
pub fn detect(tree: &Tree, dir: &str) -> Result<Option<Manager>, Diagnostic> {
    let pyproject_path = in_dir(dir, "pyproject.toml");
    let pyproject = match tree.read(&pyproject_path)? {
        Some(source) => Some(doc::toml(&source)?),
        None => None,
    };
    let has = |file: &str| match file {
        "setup.py" => has_setup(tree, dir),
        _ => tree.has(&in_dir(dir, file)),
    };
    let table = |keys: &[&str]| pyproject.as_ref().and_then(|p| p.path(keys));
    let place = |file: &str| tree.place(&in_dir(dir, file));
    let workspace = workspace_root(tree, dir)?;
    let uv_root = workspace.clone().unwrap_or_else(|| dir.to_string());
    let poetry =
        table(&["tool", "poetry", "dependencies"]).is_some() || table(&["tool", "poetry", "name"]).is_some();
    let mut manager = Manager::empty(tree.place(&pyproject_path));
    manager.root = dir.to_string();
    let because = if tree.has(&in_dir(&uv_root, "uv.lock")) && (has("pyproject.toml")) {
        manager.tool = Tool::Uv;
        manager.root = uv_root.clone();
        manager.at = tree.place(&in_dir(&uv_root, "uv.lock"));
        "is a lock of uv"
    } else if has("poetry.lock") && pyproject.is_some() {
        manager.tool = Tool::Poetry;
        manager.at = place("poetry.lock");
        "is a lock of Poetry"
    } else if has("pdm.lock") && pyproject.is_some() {
        manager.tool = Tool::Pdm;
        manager.at = place("pdm.lock");
        "is a lock of PDM"
    } else if has("Pipfile.lock") || has("Pipfile") {
        manager.tool = Tool::Pipenv;
        manager.at = place(if has("Pipfile.lock") {
            "Pipfile.lock"
        } else {
            "Pipfile"
        });
        "is of Pipenv"
    } else if has("pylock.toml") {
        manager.tool = Tool::Project;
        manager.at = place("pylock.toml");
        "is a lock by PEP 751"
    } else if let Some(file) = requirement_file(tree, dir, pyproject.as_ref())? {
        manager.at = tree.place(&file);
        manager.requirements.push(file);
        "lists the dependencies"
    } else if poetry && table(&["project", "dependencies"]).is_none() {
        manager.tool = Tool::Poetry;
        "has [tool.poetry]"
    } else if table(&["project", "name"]).is_some() && !is_dynamic(pyproject.as_ref(), "dependencies") {
        manager.tool = Tool::Project;
        "has [project]"
    } else if table(&["project", "name"]).is_some() || has("setup.py") || has("setup.cfg") {
        let file = ["setup.py", "setup.cfg", "pyproject.toml"]
            .into_iter()
            .find(|f| has(f));
        manager.at = place(file.unwrap_or("pyproject.toml"));
        manager.installs_self = true;
        "builds a package whose own build lists the dependencies"
    } else {
        return Ok(None);
    };
    manager.because = because.to_string();
    manager.pyproject = pyproject;
    manager.groups = groups(manager.pyproject.as_ref(), manager.tool);
    manager.extras = extras(manager.pyproject.as_ref(), manager.tool);
    if manager.installs_self
        && let Some((file, reads)) = skeleton::find(tree, dir, &manager)
    {
        manager.tool = Tool::Project;
        manager.manifest = file;
        manager.reads = reads;
        pip(tree, dir, &mut manager)?;
        return Ok(Some(manager));
    }
    match manager.tool {
        Tool::Pip => pip(tree, dir, &mut manager)?,
        Tool::Pipenv => pipenv(tree, dir, &mut manager)?,
        _ => locked(tree, dir, &mut manager)?,
    }
    indexes(&mut manager);
    Ok(Some(manager))
}

fn is_dynamic(pyproject: Option<&Node>, key: &str) -> bool {
    pyproject
        .and_then(|p| p.path(&["project", "dynamic"]))
        .is_some_and(|d| d.strings().iter().any(|s| s.value == key))
}

/// The folder above whose `[tool.uv.workspace]` has `dir` as a member.
fn workspace_root(tree: &Tree, dir: &str) -> Result<Option<String>, Diagnostic> {
    for above in paths::ancestors(dir) {
        let Some(source) = tree.read(&in_dir(above, "pyproject.toml"))? else {
            continue;
        };
        if !source.text.contains("workspace") {
            continue;
        }
        // A manifest above that is broken is its own folder's error.
        let Ok(node) = doc::toml(&source) else { continue };
        let Some(workspace) = node.path(&["tool", "uv", "workspace"]) else {
            continue;
        };
        if above == dir {
            return Ok(Some(above.to_string()));
        }
        let inside = paths::relative(dir, above);
        let matches = |key: &str| {
            let globs = workspace.get(key).map(Node::strings).unwrap_or_default();
            globs.iter().any(|g| {
                globset::GlobBuilder::new(g.value.trim_start_matches("./").trim_end_matches('/'))
                    .literal_separator(true)
                    .build()
                    .is_ok_and(|g| g.compile_matcher().is_match(inside))
            })
        };
        if matches("members") && !matches("exclude") {
            return Ok(Some(above.to_string()));
        }
    }
    Ok(None)
}

/// The requirement file that outranks `[project]`: it names all that `[project]` does.
fn requirement_file(tree: &Tree, dir: &str, pyproject: Option<&Node>) -> Result<Option<String>, Diagnostic> {
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

impl Manager {
    fn empty(at: Location) -> Self {
        Manager {
            tool: Tool::Pip,
            at,
            because: String::new(),
            root: String::new(),
            pyproject: None,
            lock: None,
            requirements: Vec::new(),
            reads: Vec::new(),
            manifest: String::new(),
            locals: Vec::new(),
            installs_self: false,
            self_lines: Vec::new(),
            dists: Vec::new(),
            indexes: Vec::new(),
            hashed: false,
            stale: None,
            groups: Vec::new(),
            extras: Vec::new(),
            made_with: None,
            tool_range: None,
        }
    }
}

fn groups(pyproject: Option<&Node>, tool: Tool) -> Vec<String> {
    let tables: &[&[&str]] = match tool {
        Tool::Poetry => &[&["tool", "poetry", "group"], &["dependency-groups"]],
        Tool::Uv | Tool::Pdm => &[&["dependency-groups"]],
        _ => &[],
    };
    tables
        .iter()
        .filter_map(|keys| pyproject?.path(keys))
        .flat_map(Node::entries)
        .map(|e| e.key.clone())
        .filter(|g| PRODUCTION.contains(&g.as_str()))
        .collect()
}

fn extras(pyproject: Option<&Node>, tool: Tool) -> Vec<String> {
    let keys: [&[&str]; 2] = [
        &["project", "optional-dependencies"],
        &["tool", "poetry", "extras"],
    ];
    let tables = keys.iter().filter_map(|keys| pyproject?.path(keys));
    let names = tables.flat_map(Node::entries).map(|e| e.key.clone());
    names
        .filter(|name| PRODUCTION.contains(&name.as_str()) && !matches!(tool, Tool::Pip | Tool::Pipenv))
        .collect()
}

fn pip(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
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
fn follow(tree: &Tree, file: &str, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
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
                manager.self_lines.push(source.text[range].trim().to_string());
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

fn pipenv(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
    let mut direct = Vec::new();
    if let Some(source) = tree.read(&in_dir(dir, "Pipfile"))? {
        let node = doc::toml(&source)?;
        direct = dists::of_table(node.get("packages"));
        manager.reads.push(source.path.clone());
        manager.pyproject = Some(node);
    }
    manager.dists = direct.clone();
    if let Some(source) = tree.read(&in_dir(dir, "Pipfile.lock"))? {
        let node = doc::json(&source)?;
        manager.dists = dists::of_pipfile_lock(&node);
        for dist in &mut manager.dists {
            dist.direct = direct.iter().any(|d| d.name == dist.name);
        }
        manager.reads.push(source.path.clone());
        manager.lock = Some(node);
    }
    add_locals(tree, dir, manager);
    Ok(())
}

/// uv, Poetry, PDM, pylock and plain `[project]`.
fn locked(tree: &Tree, dir: &str, manager: &mut Manager) -> Result<(), Diagnostic> {
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
    if let Some(source) = tree.read(&in_dir(&root, manager.row().lock))? {
        let node = doc::toml(&source)?;
        let all = manager.tool == Tool::Project;
        let grouped = manager.tool == Tool::Poetry && !manager.groups.is_empty();
        manager.dists = dists::of_lock(&node, if grouped || all { None } else { Some(&direct) });
        let locked = |asked: &Dist| {
            manager
                .dists
                .iter()
                .any(|d| d.name == asked.name && version::meets(d.version(), &asked.spec))
        };
        manager.stale = direct.iter().find(|d| !locked(d)).map(dists::sourced);
        if manager.dists.is_empty() {
            manager.dists = direct;
        }
        manager.made_with = made_with(&source);
        manager.lock = Some(node);
    }
    add_locals(tree, &root, manager);
    Ok(())
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

fn indexes(manager: &mut Manager) {
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
