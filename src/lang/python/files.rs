//! Files beside the code: what the program opens, what it writes, what the image must not hold.

use super::discover::is_for_work;
use super::facts::{Facts, in_dir};
use super::manager::Manager;
use super::reach;
use super::start::Start;
use super::written::whole_line;
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
    for module in &facts.modules {
        let strings: Vec<(&str, usize)> = module
            .strings
            .iter()
            .map(|(text, at)| (text.as_str(), at.line().unwrap_or(0)))
            .collect();
        for (first, text) in paths::named(&strings) {
            let at = &module.strings[first].1;
            let joined = text != module.strings[first].0;
            let text = text.trim_start_matches("./").trim_end_matches('/');
            let Some(path) = plausible(text).then(|| paths::join(&facts.dir, text)).flatten() else {
                continue;
            };
            let is_file = tree.has(&path) && (text.contains('/') || text.contains('.'));
            let is_folder =
                !tree.has(&path) && tree.has_dir(&path) && !tree.under(&path).any(|p| p.ends_with(".py"));
            let line = || whole_line(at).to_lowercase();
            let is_data = is_folder
                && DATA.contains(&text.split('/').next().unwrap_or(""))
                && (text.contains('/') || SPEAKS_OF_PATHS.iter().any(|w| line().contains(w)));
            let in_code = code.iter().any(|c| *c != facts.dir && paths::is_under(&path, c));
            // What is named from the root on is not looked for where the package is installed.
            let from_root = || {
                let package = text.split('/').next().and_then(|p| paths::join(&facts.dir, p));
                let is_package = package.is_some_and(|p| code.contains(&p.as_str()));
                is_package && !NOT_FROM_ROOT.iter().any(|w| line().contains(w))
            };
            let from_root = in_code && is_folder && text.contains('/') && from_root();
            if from_root || !joined && !in_code && (is_file || is_data) {
                found.entry(path).or_insert_with(|| at.clone());
            }
        }
    }
    let folders: Vec<String> = found.keys().filter(|path| !tree.has(path)).cloned().collect();
    found.retain(|path, _| !folders.iter().any(|f| f != path && paths::is_under(path, f)));
    found
        .into_iter()
        .map(|(path, at)| Sourced::new(path, at))
        .collect()
}

/// Folders beside the code that hold what a program reads.
const DATA: &[&str] = &[
    "assets",
    "config",
    "data",
    "models",
    "public",
    "resources",
    "static",
    "templates",
];

/// Words on the line of a name that is one of a folder, and no key of a table.
const SPEAKS_OF_PATHS: &[&str] = &[
    "dir", "folder", "join(", "open(", "path", "root", "static", "template",
];

/// Words on the line of a path that begins elsewhere, or is none.
const NOT_FROM_ROOT: &[&str] = &["__file__", "base", "cwd=", "dirname", "here", "root", "url"];

/// Files at the top for those who work on the project, and for its build.
const FOR_WORK: &[&str] = &["LICENSE", "README.md", "pyproject.toml", "setup.cfg", "uv.lock"];

/// Could the program read a path of this name?
fn plausible(text: &str) -> bool {
    let requirements = || text.starts_with("requirements") && text.ends_with(".txt");
    !text.is_empty()
        && text.len() < 200
        && !text.starts_with(['.', '/', '-'])
        && !text.contains([' ', '\n', '*', '{', ':', '\\'])
        && !text.ends_with(".py")
        && !FOR_WORK.contains(&text)
        && !requirements()
        && !is_for_work(&format!("{text}/"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::facts;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let tree = Tree::from_pairs([
            ("shop/app.py", source),
            ("shop/pages/index.html", ""),
            ("data/prices.csv", ""),
            ("tests/data/key.pem", ""),
            ("requirements.txt", ""),
            ("requirements-dev.txt", ""),
        ]);
        let facts = facts::read(&tree, "").unwrap();
        let found = opened(&tree, &facts, &Settings::default());
        let paths: Vec<&str> = found.iter().map(|f| f.value.as_str()).collect();
        assert_eq!(paths, expected, "{source}");
    }

    #[test]
    fn a_folder_of_the_package_that_is_named_from_the_root_on_is_copied_there() {
        check("P = Jinja2Templates(directory='shop/pages')", &["shop/pages"]);
        check("P = Path('shop', 'pages')", &["shop/pages"]);
        check("P = os.path.join(ROOT, 'shop', 'pages')", &[]);
        check("P = 'pages'", &[]);
    }

    #[test]
    fn a_key_of_a_table_is_no_folder_and_tests_are_for_tests() {
        check("open('data/prices.csv')", &["data/prices.csv"]);
        check("D = Path('data')", &["data"]);
        check("return {'data': 1}", &[]);
        check("KEY = 'tests/data/key.pem'\nR = 'requirements-dev.txt'", &[]);
    }
}
