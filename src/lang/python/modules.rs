//! The Python files of a service that can hold its program: not tests, documents, migrations or
//! another service's files. And where imports start from.

use super::source::Module;
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Folders whose files are never the program.
const NOT_PROGRAM: &[&str] = &[
    ".git",
    ".github",
    ".ipynb_checkpoints",
    ".nox",
    ".tox",
    "alembic",
    "ansible",
    "benchmark",
    "benchmarks",
    "build",
    "demo",
    "demos",
    "dist",
    "doc",
    "docs",
    "env",
    "example",
    "examples",
    "fixtures",
    "locale",
    "migrations",
    "node_modules",
    "notebooks",
    "sample",
    "samples",
    "site-packages",
    "static",
    "templates",
    "test",
    "testing",
    "tests",
    "third_party",
    "tutorial",
    "tutorials",
    "vendor",
    "venv",
    "versions",
];

/// Files that belong to tools.
const NOT_PROGRAM_FILES: &[&str] = &[
    "conftest.py",
    "fabfile.py",
    "gunicorn.conf.py",
    "gunicorn_conf.py",
    "gunicorn_config.py",
    "locustfile.py",
    "noxfile.py",
    "noxfile_config.py",
    "rxconfig.py",
    "tests.py",
    "versioneer.py",
];

const MANIFESTS: &[&str] = &[
    "Pipfile",
    "poetry.lock",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "uv.lock",
];

/// Could this file, from the service's folder, be part of the program?
pub fn is_candidate(inside: &str) -> bool {
    let base = paths::base(inside);
    base.ends_with(".py")
        && !NOT_PROGRAM_FILES.contains(&base)
        && !base.starts_with("test_")
        && !base.ends_with("_test.py")
        && !paths::parent(inside).split('/').any(|part| {
            let tests = part.starts_with("tests_") || part.ends_with("_tests") || part == "e2e";
            tests || NOT_PROGRAM.contains(&part) || part.ends_with(".egg-info")
        })
}

/// tasks.py is a program's own, unless it is for the task runner that reads a file of this name.
fn is_for_invoke(tree: &Tree, path: &str) -> bool {
    paths::base(path) == "tasks.py"
        && tree
            .text(path)
            .is_some_and(|s| s.text.contains("import invoke") || s.text.contains("from invoke"))
}

/// The package of settings that Django's `startproject` makes beside manage.py, where its name is that
/// of a folder for something else: `example`, `demo`.
fn django_packages(tree: &Tree, dir: &str) -> Vec<String> {
    let manage = tree.under(dir).filter(|p| paths::base(p) == "manage.py");
    let beside = manage.flat_map(|p| {
        NOT_PROGRAM
            .iter()
            .filter_map(|n| paths::join(paths::parent(p), n))
    });
    let is_site = |folder: &String| {
        let has = |file: &str| paths::join(folder, file).is_some_and(|p| tree.has(&p));
        has("settings.py") && (has("wsgi.py") || has("asgi.py"))
    };
    beside.filter(is_site).collect()
}

/// Candidates in `dir`, from the repository's root, without those of projects further down.
pub fn candidates<'a>(tree: &'a Tree, dir: &str) -> Vec<&'a str> {
    let mut foreign: BTreeMap<&str, bool> = BTreeMap::new();
    let mut out = Vec::new();
    let sites = django_packages(tree, dir);
    for path in tree.under(dir) {
        let inside = match sites.iter().find(|s| paths::is_under(path, s)) {
            Some(site) => paths::relative(path, site),
            None => paths::relative(path, dir),
        };
        // A setup.py further in that builds no distribution is a module like any other.
        let builds = paths::base(path) == "setup.py"
            && (!inside.contains('/') || super::manager::has_setup(tree, paths::parent(path)));
        if builds || !is_candidate(inside) || is_for_invoke(tree, path) {
            continue;
        }
        let mut others = paths::ancestors(paths::parent(path)).take_while(|f| *f != dir);
        let is_other = others.any(|folder| {
            *foreign.entry(folder).or_insert_with(|| {
                let has = |m: &str| match m {
                    "setup.py" => super::manager::has_setup(tree, folder),
                    _ => paths::join(folder, m).is_some_and(|p| tree.has(&p)),
                };
                MANIFESTS.iter().any(|m| has(m))
            })
        });
        if !is_other {
            out.push(path);
        }
    }
    out
}

/// Every candidate, read.
pub fn read(tree: &Tree, dir: &str) -> Vec<Module> {
    candidates(tree, dir)
        .into_iter()
        .filter_map(|path| Some(Module::read(&tree.text(path)?)))
        .collect()
}

/// Where Python looks for the modules of a program, and the dotted name of one of them from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The folder on the module path, from the repository's root.
    pub root: String,
    pub name: String,
}

/// The folder from which `module`'s own imports of the project resolve; among equals `dir` itself,
/// then `src`, then the folder of the file.
pub fn import_of(tree: &Tree, dir: &str, module: &Module) -> Import {
    let folder = paths::parent(&module.path);
    let mut roots: Vec<&str> = paths::ancestors(folder)
        .take_while(|f| paths::is_under(f, dir))
        .collect();
    roots.reverse();
    // A folder named src is a root rather than a package.
    let src = roots
        .iter()
        .position(|r| paths::base(r) == "src" && !has_init(tree, r));
    let resolved = |root: &str| {
        module
            .imports
            .iter()
            .filter(|i| !i.starts_with('.'))
            .filter(|i| is_module(tree, root, i.split('.').next().unwrap_or(i)))
            .count()
    };
    let mut best = src.map_or(dir, |at| roots[at]);
    for root in &roots {
        // A package's inside is no root.
        if has_init(tree, root) && *root != dir {
            continue;
        }
        if resolved(root) > resolved(best) {
            best = root;
        }
    }
    let inside = paths::relative(&module.path, best).trim_end_matches(".py");
    let inside = inside.strip_suffix("/__init__").unwrap_or(inside);
    Import {
        root: best.to_string(),
        name: inside.replace('/', "."),
    }
}

fn has_init(tree: &Tree, folder: &str) -> bool {
    paths::join(folder, "__init__.py").is_some_and(|p| tree.has(&p))
}

/// Is there a module or a folder of this name in `root`?
pub fn is_module(tree: &Tree, root: &str, name: &str) -> bool {
    let at = |rest: &str| paths::join(root, &format!("{name}{rest}")).unwrap_or_default();
    tree.has(&at(".py")) || tree.under(&at("")).any(|p| p.ends_with(".py"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], path: &str, root: &str, name: &str) {
        let tree = Tree::from_pairs(files.iter().copied());
        let module = Module::read(&tree.text(path).unwrap());
        let import = import_of(&tree, "", &module);
        assert_eq!((import.root.as_str(), import.name.as_str()), (root, name));
    }

    #[test]
    fn imports_start_where_the_projects_own_imports_resolve() {
        check(
            &[("app/main.py", "from app import db"), ("app/db.py", "")],
            "app/main.py",
            "",
            "app.main",
        );
        check(
            &[("app/main.py", "import db"), ("app/db.py", "")],
            "app/main.py",
            "app",
            "main",
        );
        check(
            &[("app/main.py", "import fastapi")],
            "app/main.py",
            "",
            "app.main",
        );
        check(
            &[
                ("src/pkg/__init__.py", ""),
                ("src/pkg/api.py", "from pkg import x"),
            ],
            "src/pkg/api.py",
            "src",
            "pkg.api",
        );
        check(
            &[("pkg/__init__.py", "from flask import Flask")],
            "pkg/__init__.py",
            "",
            "pkg",
        );
        check(
            &[("src/app.py", "from src import x"), ("src/__init__.py", "")],
            "src/app.py",
            "",
            "src.app",
        );
    }

    #[test]
    fn a_django_project_may_be_named_as_an_example() {
        let tree = Tree::from_pairs([
            ("app/manage.py", ""),
            ("app/example/settings.py", ""),
            ("app/example/wsgi.py", ""),
            ("app/tests/settings.py", ""),
            ("examples/settings.py", ""),
        ]);
        assert_eq!(
            candidates(&tree, ""),
            ["app/example/settings.py", "app/example/wsgi.py", "app/manage.py"]
        );
    }

    #[test]
    fn tests_and_other_projects_are_no_candidates() {
        let tree = Tree::from_pairs([
            ("app.py", ""),
            ("tests/app.py", ""),
            ("test_a.py", ""),
            ("svc/app.py", ""),
            ("svc/requirements.txt", ""),
        ]);
        assert_eq!(candidates(&tree, ""), ["app.py"]);
        assert_eq!(candidates(&tree, "svc"), ["svc/app.py"]);
    }
}
