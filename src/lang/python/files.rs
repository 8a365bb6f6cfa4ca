//! Files beside the code: what the program opens, what it writes, what the image must not hold.

use super::facts::{Facts, in_dir};
use super::manager::Manager;
use super::reach;
use super::start::Start;
use crate::manifest::doc::Node;
use crate::manifest::pep508;
use crate::paths;
use crate::settings::Settings;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Files and folders of the service, outside of its packages, that strings in the source name.
pub fn opened(tree: &Tree, facts: &Facts, settings: &Settings) -> Vec<Sourced<String>> {
    let mut found: BTreeMap<String, Location> = BTreeMap::new();
    for file in &settings.files {
        if let Some(path) = paths::join(&facts.dir, file) {
            found.insert(path.clone(), tree.place(&path));
        }
    }
    let code: Vec<&str> = facts.modules.iter().map(|m| paths::parent(&m.path)).collect();
    for (text, at) in facts.modules.iter().flat_map(|m| &m.strings) {
        let text = text.trim_start_matches("./").trim_end_matches('/');
        let plausible = !text.is_empty()
            && text.len() < 200
            && !text.starts_with(['.', '/', '-'])
            && !text.contains([' ', '\n', '*', '{', ':', '\\'])
            && !text.ends_with(".py");
        if !plausible {
            continue;
        }
        let Some(path) = paths::join(&facts.dir, text) else {
            continue;
        };
        let is_file = tree.has(&path) && (text.contains('/') || text.contains('.'));
        let is_data = !tree.has(&path)
            && tree.has_dir(&path)
            && !tree.under(&path).any(|p| p.ends_with(".py"))
            && [
                "static",
                "templates",
                "data",
                "config",
                "assets",
                "public",
                "models",
                "resources",
            ]
            .contains(&text.split('/').next().unwrap_or(""));
        let manifest = [
            "pyproject.toml",
            "README.md",
            "requirements.txt",
            "setup.cfg",
            "uv.lock",
            "LICENSE",
        ]
        .contains(&text);
        let in_code = code.iter().any(|c| *c != facts.dir && paths::is_under(&path, c));
        if (is_file || is_data) && !manifest && !in_code {
            found.entry(path).or_insert_with(|| at.clone());
        }
    }
    found
        .into_iter()
        .map(|(path, at)| Sourced::new(path, at))
        .collect()
}

/// Files at the top that the program is started from or imports, where packages alone are installed:
/// `wsgi.py` beside `shop/`.
pub fn beside_packages(tree: &Tree, facts: &Facts, start: &Start) -> Vec<Sourced<String>> {
    let is_top = |path: &str| paths::parent(path) == facts.dir;
    let started = reach::started(tree, facts, start).filter(|m| !start.own_script && is_top(&m.path));
    if started.is_none() {
        return Vec::new();
    }
    let reached = reach::reached(tree, facts, start).unwrap_or_default();
    facts
        .modules
        .iter()
        .filter(|m| is_top(&m.path) && reached.contains(&m.path))
        .map(|m| Sourced::new(m.path.clone(), Location::whole(&m.source)))
        .collect()
}

/// `importlib.metadata.version("own-name")`: only an installed distribution has it.
pub fn asks_for_metadata(facts: &Facts) -> bool {
    let name = facts
        .name
        .as_ref()
        .map(|n| crate::manifest::pep508::normalize(&n.value))
        .unwrap_or_default();
    facts.modules.iter().flat_map(|m| &m.calls).any(|call| {
        let asks = [
            "importlib.metadata.version",
            "importlib.metadata.metadata",
            "importlib_metadata.version",
            "pkg_resources.get_distribution",
            "importlib.metadata.distribution",
            "metadata.version",
        ];
        let argument = call
            .positional(0)
            .and_then(|a| a.value.clone())
            .unwrap_or_default();
        asks.contains(&call.callee.as_str())
            && (matches!(argument.as_str(), "__name__" | "__package__")
                || crate::manifest::pep508::normalize(&argument) == name)
    })
}

/// How a build is told the version that it would read from git's tags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    Variable(&'static str),
    /// As a source distribution is: by its PKG-INFO.
    PkgInfo,
}

/// Plugins of build backends that take the version from git.
const FROM_GIT: &[(&str, Told)] = &[
    ("hatch-vcs", Told::Variable("SETUPTOOLS_SCM_PRETEND_VERSION")),
    (
        "poetry-dynamic-versioning",
        Told::Variable("POETRY_DYNAMIC_VERSIONING_BYPASS"),
    ),
    ("setuptools-git-versioning", Told::PkgInfo),
    ("setuptools-scm", Told::Variable("SETUPTOOLS_SCM_PRETEND_VERSION")),
    (
        "uv-dynamic-versioning",
        Told::Variable("UV_DYNAMIC_VERSIONING_BYPASS"),
    ),
    ("versioningit", Told::PkgInfo),
];

/// Does the build take the version from git, which is not in the context?
pub fn version_from_git(manager: &Manager) -> Option<Told> {
    let requires = manager
        .project(&["build-system", "requires"])
        .map(Node::strings)
        .unwrap_or_default();
    let by_pdm = || {
        let source = manager.project(&["tool", "pdm", "version", "source"])?;
        (source.as_str() == Some("scm")).then_some(Told::Variable("PDM_BUILD_SCM_VERSION"))
    };
    requires
        .iter()
        .filter_map(|r| Some(pep508::parse(&r.value)?.name))
        .find_map(|name| FROM_GIT.iter().find(|(plugin, _)| *plugin == name))
        .map(|(_, told)| *told)
        .or_else(by_pdm)
}

/// Lines of the ignore file. A folder that the repository itself holds under such a name is kept.
pub fn ignored(tree: &Tree, context: &str) -> Vec<String> {
    let always = [
        "**/__pycache__",
        "**/*.py[cod]",
        "**/.venv",
        "**/*.egg-info",
        "**/.pytest_cache",
        "**/.mypy_cache",
        "**/.ruff_cache",
        "**/.tox",
        "**/.nox",
        "**/.coverage*",
        "**/.ipynb_checkpoints",
        "**/node_modules",
    ];
    let mut lines: Vec<String> = always.map(String::from).to_vec();
    for folder in ["build", "dist", "env", "htmlcov", "media", "staticfiles", "venv"] {
        let own = in_dir(context, folder);
        if !tree.has_dir(&own) || tree.has(&in_dir(&own, "pyvenv.cfg")) {
            lines.push(folder.to_string());
        }
    }
    if !tree.under(context).any(|f| f.ends_with(".sqlite3")) {
        lines.push("**/*.sqlite3".into());
    }
    lines
}
