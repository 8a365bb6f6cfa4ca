//! How a project is tested: what is declared for it, and which runner its files and configuration ask for.

use super::requirement_files;
use super::stages::Shape;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::Node;
use crate::paths;
use crate::settings::Stage;
use crate::source::{Location, Source, Sourced};
use crate::stages::missing;
use crate::tree::Tree;
use std::sync::Arc;

/// Groups, extras and requirement files for tests; where there is none, those for development.
const TESTS: &[&str] = &["test", "tests", "testing", "ci"];
const DEVELOPMENT: &[&str] = &["dev", "develop", "development", "local"];

/// Where such a requirement file is: `{}` is one of the names.
const FILES: &[&str] = &[
    "requirements-{}.txt",
    "requirements_{}.txt",
    "requirements.{}.txt",
    "requirements/{}.txt",
    "{}-requirements.txt",
    "{}_requirements.txt",
];

/// What runs the tests.
pub enum Runner {
    Pytest {
        declared: bool,
    },
    /// With the folder of manage.py.
    Django {
        dir: String,
    },
    /// With the folder where it begins.
    Unittest {
        tests: bool,
    },
    Tox,
}

/// What is declared for tests and development.
pub struct Declared {
    pub groups: Vec<String>,
    pub extras: Vec<String>,
    pub files: Vec<String>,
    /// All that those requirement files include.
    pub reads: Vec<String>,
    /// They install the project itself or its neighbours, and so need the source.
    pub needs_source: bool,
    /// What those files name, and where.
    pub dists: Vec<Sourced<String>>,
}

/// # Errors
/// A requirement file that is there and broken.
pub fn declared(shape: &Shape) -> Result<Declared, Diagnostic> {
    let (tree, facts) = (shape.project.tree, shape.facts);
    let keys = |path: &[&str]| -> Vec<String> {
        let table = facts.manager.as_ref().and_then(|m| m.project(path));
        table
            .map(|t| t.entries().iter().map(|e| e.key.clone()).collect())
            .unwrap_or_default()
    };
    let pick = |names: Vec<String>| -> Vec<String> {
        let of = |list: &[&str]| -> Vec<String> {
            let fits = |n: &&String| list.contains(&n.to_lowercase().as_str());
            names.iter().filter(fits).cloned().collect()
        };
        let mut all = of(TESTS);
        all.extend(of(DEVELOPMENT));
        all
    };
    let mut groups = keys(&["dependency-groups"]);
    groups.extend(keys(&["tool", "poetry", "group"]));
    groups.extend(keys(&["tool", "pdm", "dev-dependencies"]));
    groups.dedup();
    let mut extras = keys(&["project", "optional-dependencies"]);
    extras.extend(keys(&["tool", "poetry", "extras"]));
    let file = |names: &[&str]| -> Vec<String> {
        let all = names
            .iter()
            .flat_map(|n| FILES.iter().map(move |f| f.replace("{}", n)));
        let there = all
            .filter_map(|f| paths::join(&facts.dir, &f))
            .filter(|f| tree.has(f));
        there.collect()
    };
    let mut files = file(TESTS);
    if files.is_empty() {
        files = file(DEVELOPMENT);
    }
    files.truncate(1);
    let (mut reads, mut dists, mut needs_source) = (Vec::new(), Vec::new(), false);
    for file in &files {
        let listed = requirement_files::listed(tree, file, &facts.dir)?;
        needs_source |= listed.installs_self || !listed.locals.is_empty();
        reads.extend(listed.reads);
        dists.extend(listed.dists.into_iter().map(|d| Sourced::new(d.name, d.at)));
    }
    reads.sort();
    reads.dedup();
    Ok(Declared {
        groups: pick(groups),
        extras: pick(extras),
        files,
        reads,
        needs_source,
        dists,
    })
}

/// Everything that says how the project is tested: manifests and the runners' own configuration.
fn says<'t>(shape: &Shape<'t>) -> impl Iterator<Item = Arc<Source>> + use<'t> {
    const SAYS: &[&str] = &[
        "pyproject.toml",
        "pytest.ini",
        ".pytest.ini",
        "setup.cfg",
        "tox.ini",
        "setup.py",
        "Pipfile",
        "requirements.txt",
    ];
    let (tree, dir): (&'t Tree, &'t str) = (shape.project.tree, &shape.facts.dir);
    SAYS.iter().filter_map(move |f| tree.text(&paths::join(dir, f)?))
}

/// Files that unittest, Django and pytest take for tests.
fn is_test(path: &str) -> bool {
    let name = paths::base(path);
    name.ends_with(".py") && (name.starts_with("test") || name.ends_with("_test.py"))
}

/// The project's own test runner, and what says so.
///
/// # Errors
/// No file holds a test.
pub fn runner(shape: &Shape, declared: &Declared) -> Result<(Runner, Because), Diagnostic> {
    let (tree, facts) = (shape.project.tree, shape.facts);
    let tests: Vec<_> = tree
        .under(&facts.dir)
        .filter(|p| is_test(p))
        .filter_map(|p| tree.text(p))
        .collect();
    // What a framework's template leaves behind tests nothing.
    let tests: Vec<_> = tests
        .into_iter()
        .filter(|s| s.text.contains("def test"))
        .collect();
    let Some(first) = tests.first() else {
        return Err(missing(
            Stage::Test,
            format!("no file `test_*.py` with a test in {}", paths::shown(&facts.dir)),
        )
        .help("add a test, or take `test` out of `stages`"));
    };
    let whole = |s: &Arc<Source>, words: &str| Because::at(&Location::whole(s), words);
    let names = |word: &str| {
        let used = |l: &str| l.split('#').next().unwrap_or("").contains(word);
        says(shape).find(|s| s.text.lines().any(used))
    };
    let manage = manage_dir(shape).filter(|_| facts.django.is_some());
    let plugin = names("pytest-django")
        .or_else(|| names("pytest_django"))
        .is_some();
    if let Some(dir) = manage.filter(|_| !plugin) {
        let because = whole(first, "is found by Django's own test command");
        return Ok((Runner::Django { dir: dir.to_string() }, because));
    }
    if let Some(at) = pytest(shape, declared) {
        return Ok((
            Runner::Pytest { declared: true },
            Because::at(&at, "asks for pytest"),
        ));
    }
    let tox = tree.text(&paths::join(&facts.dir, "tox.ini").unwrap_or_default());
    if let Some(source) = tox.filter(|s| s.text.contains("[testenv")) {
        return Ok((Runner::Tox, whole(&source, "configures tox")));
    }
    let imports = |s: &&Arc<Source>| s.text.contains("import pytest") || s.text.contains("from pytest");
    let configured = tree
        .under(&facts.dir)
        .filter(|p| paths::base(p) == "conftest.py")
        .find_map(|p| tree.text(p));
    let configured = configured
        .or_else(|| names("[pytest]"))
        .or_else(|| names("[tool.pytest"));
    if let Some(source) = tests.iter().find(imports).cloned().or(configured) {
        return Ok((
            Runner::Pytest { declared: false },
            whole(&source, "is for pytest"),
        ));
    }
    if let Some(source) = tests.iter().find(|s| s.text.contains("unittest")) {
        let inside = |s: &Arc<Source>| paths::relative(&s.path, &facts.dir).starts_with("tests/");
        let package = tree.has(&paths::join(&facts.dir, "tests/__init__.py").unwrap_or_default());
        let tests = tests.iter().all(inside) && !package;
        return Ok((Runner::Unittest { tests }, whole(source, "uses unittest")));
    }
    let because = whole(first, "holds plain functions, which pytest runs");
    Ok((Runner::Pytest { declared: false }, because))
}

/// The folder of manage.py: the service's own, or the one that the program runs in.
fn manage_dir<'a>(shape: &Shape<'a>) -> Option<&'a str> {
    let dirs = [shape.facts.dir.as_str(), shape.start.workdir.as_str()];
    let has = |dir: &&str| paths::join(dir, "manage.py").is_some_and(|p| shape.project.tree.has(&p));
    dirs.into_iter().find(has)
}

/// Where what is installed asks for pytest, or for a plugin of it.
fn pytest(shape: &Shape, declared: &Declared) -> Option<Location> {
    let is = |name: &str| name == "pytest" || name.starts_with("pytest-") || name.starts_with("pytest_");
    let manager = shape.facts.manager.as_ref()?;
    if let Some(dist) = manager.dists.iter().find(|d| is(&d.name)) {
        return Some(dist.at.clone());
    }
    if let Some(dist) = declared.dists.iter().find(|d| is(&d.value)) {
        return Some(dist.at.clone());
    }
    let mut tables: Vec<Vec<&str>> = vec![
        vec!["tool", "uv", "dev-dependencies"],
        vec!["tool", "poetry", "dev-dependencies"],
        vec!["dev-packages"],
    ];
    let mut groups: Vec<&str> = declared.groups.iter().map(String::as_str).collect();
    let mut at = 0;
    while let Some(group) = groups.get(at).copied() {
        at += 1;
        tables.push(vec!["dependency-groups", group]);
        tables.push(vec!["tool", "poetry", "group", group, "dependencies"]);
        tables.push(vec!["tool", "pdm", "dev-dependencies", group]);
        let table = manager.project(&["dependency-groups", group]);
        let included = table.map(Node::items).unwrap_or_default();
        for name in included.iter().filter_map(|n| n.get("include-group")?.as_str()) {
            if !groups.contains(&name) {
                groups.push(name);
            }
        }
    }
    for extra in &declared.extras {
        tables.push(vec!["project", "optional-dependencies", extra]);
    }
    tables
        .iter()
        .filter_map(|keys| manager.project(keys))
        .find_map(|node| {
            let key = node
                .entries()
                .iter()
                .find(|e| is(&e.key))
                .map(|e| e.key_at.clone());
            let begins = |text: &str| {
                let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
                is(&text[..end.unwrap_or(text.len())].to_lowercase())
            };
            key.or_else(|| {
                node.strings()
                    .into_iter()
                    .find(|s| begins(&s.value))
                    .map(|s| s.at)
            })
        })
}
