//! Which tool installs the project's dependencies, from which files. Facts only.

use super::dists::Dist;
use super::knowledge::{BRINGS, EXTRAS};
use super::optional::{self, Kind, Wanted};
use super::tools::{TOOLS, Tool, ToolRow};
use super::{dists, inline, locks, requirement_files, skeleton};
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

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
    pub lock: Option<Arc<Node>>,
    /// Requirement files given to pip, from the root of the repository.
    pub requirements: Vec<String>,
    /// Files that the install step reads, the requirement files with all that they include.
    pub reads: Vec<String>,
    /// What `uv pip install -r` is given, where that is no lock and no pyproject.toml.
    pub manifest: String,
    /// The header of a script that lists what the script needs.
    pub inline: Option<Node>,
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

pub fn in_dir(dir: &str, file: &str) -> String {
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
    detect_with(tree, dir, &[])
}

/// The same, with these groups and extras besides.
///
/// # Errors
/// As `detect`.
pub fn detect_with(tree: &Tree, dir: &str, more: &[Wanted]) -> Result<Option<Manager>, Diagnostic> {
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
    } else if let Some(file) = requirement_files::requirement_file(tree, dir, pyproject.as_ref())? {
        manager.at = tree.place(&file);
        manager.requirements.push(file);
        "lists the dependencies"
    } else if poetry && table(&["project", "dependencies"]).is_none() {
        manager.tool = Tool::Poetry;
        "has [tool.poetry]"
    } else if table(&["project", "name"]).is_some() && !is_dynamic(pyproject.as_ref(), "dependencies") {
        manager.tool = Tool::Project;
        "has [project]"
    } else if table(&["project"]).is_none()
        && !has("setup.py")
        && let Some(group) = optional::main_group(pyproject.as_ref())
    {
        manager.tool = Tool::Project;
        manager.groups.push(group);
        "has [dependency-groups]"
    } else if table(&["project", "name"]).is_some() || has("setup.py") || has("setup.cfg") {
        let file = ["setup.py", "setup.cfg", "pyproject.toml"]
            .into_iter()
            .find(|f| has(f));
        manager.at = place(file.unwrap_or("pyproject.toml"));
        manager.installs_self = true;
        "builds a package whose own build lists the dependencies"
    } else {
        return script(tree, dir);
    };
    manager.because = because.to_string();
    manager.pyproject = pyproject;
    let found = groups(manager.pyproject.as_ref(), manager.tool);
    manager.groups.extend(found);
    manager.groups.dedup();
    manager.extras = extras(manager.pyproject.as_ref(), manager.tool);
    for wanted in more {
        let list = match wanted.kind {
            Kind::Group => &mut manager.groups,
            Kind::Extra => &mut manager.extras,
        };
        list.push(wanted.name.clone());
    }
    if manager.installs_self
        && let Some((file, reads)) = skeleton::find(tree, dir, &manager)
    {
        manager.tool = Tool::Project;
        manager.manifest = file;
        manager.reads = reads;
        requirement_files::pip(tree, dir, &mut manager)?;
        return Ok(Some(manager));
    }
    match manager.tool {
        Tool::Pip => requirement_files::pip(tree, dir, &mut manager)?,
        Tool::Pipenv => locks::pipenv(tree, dir, &mut manager)?,
        _ => locks::locked(tree, dir, &mut manager)?,
    }
    locks::indexes(&mut manager);
    Ok(Some(manager))
}

/// A script that lists in its header what it needs.
fn script(tree: &Tree, dir: &str) -> Result<Option<Manager>, Diagnostic> {
    let Some((path, header)) = inline::find(tree, dir)? else {
        return Ok(None);
    };
    let at = header
        .get("dependencies")
        .map_or(tree.place(&path), |d| d.at.clone());
    let mut manager = Manager::empty(at);
    manager.root = dir.to_string();
    manager.tool = Tool::Project;
    manager.because = "lists what the script needs".into();
    manager.dists = dists::of_strings(header.get("dependencies"));
    manager.reads.push(path);
    manager.manifest = HEADER.into();
    manager.inline = Some(header);
    Ok(Some(manager))
}

/// Where the stage that installs finds the header of a script.
pub const HEADER: &str = "header.py";

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

impl Manager {
    pub fn empty(at: Location) -> Self {
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
            inline: None,
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
        Tool::Uv | Tool::Pdm | Tool::Project => &[&["dependency-groups"]],
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
