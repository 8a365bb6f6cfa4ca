//! The files that the build of a setup.py needs to tell its dependencies: with these alone, they are
//! installed in a layer of their own, which an edit of the source leaves as it is.

use super::manager::Manager;
use super::modules;
use super::setup;
use super::source::Module;
use crate::manifest::ini;
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Modules that a setup.py can use without showing that it does something out of the common.
const PLAIN: &[&str] = &[
    "__future__",
    "ast",
    "codecs",
    "datetime",
    "distutils",
    "io",
    "os",
    "pathlib",
    "platform",
    "re",
    "setuptools",
    "sys",
    "typing",
];

fn in_dir(dir: &str, file: &str) -> String {
    paths::join(dir, file).expect("a file below a folder")
}

/// The manifest for `uv pip install -r` and the files that its build reads; `None` where that cannot
/// be told for certain.
pub fn find(tree: &Tree, dir: &str, manager: &Manager) -> Option<(String, Vec<String>)> {
    let backend = manager.build_backend();
    if backend.is_some_and(|b| !b.starts_with("setuptools.")) || manager.project(&["project"]).is_some() {
        return None;
    }
    // Only an environment of Python's own makes has setuptools for those that count on it.
    let mut sources = modules::candidates(tree, dir)
        .into_iter()
        .filter_map(|p| tree.text(p));
    if sources.any(|s| s.text.contains("import pkg_resources") || s.text.contains("from pkg_resources")) {
        return None;
    }
    let has = |file: &str| tree.has(&in_dir(dir, file));
    let mut files: BTreeSet<String> = BTreeSet::new();
    let mut packages: Vec<String> = Vec::new();
    if has("setup.py") {
        let module = Module::read(&tree.text(&in_dir(dir, "setup.py"))?);
        let top = |import: &String| import.split('.').next().unwrap_or(import).to_string();
        if !module.imports.iter().all(|i| PLAIN.contains(&top(i).as_str())) {
            return None;
        }
        let runs = |callee: &str| {
            matches!(
                callee.rsplit('.').next(),
                Some("system" | "popen" | "listdir" | "walk" | "glob" | "rglob")
            )
        };
        if module.calls.iter().any(|c| runs(&c.callee)) {
            return None;
        }
        files.extend(named(tree, dir, &module));
    }
    if let Some(source) = tree.text(&in_dir(dir, "setup.cfg")) {
        for (_, _, value) in ini::parse(&source) {
            let Some(list) = value.value.trim().strip_prefix("file:") else {
                continue;
            };
            files.extend(
                list.split([',', '\n'])
                    .map(|f| in_dir(dir, f.trim()))
                    .filter(|f| tree.has(f)),
            );
        }
    }
    for package in setup::packages(tree, dir) {
        packages.push(package.replace('.', "/"));
    }
    // The version stands in a package more often than not.
    for root in [dir.to_string(), in_dir(dir, "src")] {
        for path in tree.under(&root) {
            let inside = paths::relative(path, &root);
            let folder = paths::parent(inside);
            let listed = packages.iter().any(|p| p == folder);
            let top = !folder.is_empty()
                && folder != "src"
                && !folder.contains('/')
                && modules::is_candidate(inside);
            if (top || listed) && paths::base(path) == "__init__.py" {
                files.insert(path.to_string());
            }
        }
    }
    let all_there = packages
        .iter()
        .all(|p| files.iter().any(|f| f.ends_with(&format!("{p}/__init__.py"))));
    if !all_there {
        return None;
    }
    let manifests = ["setup.py", "setup.cfg", "pyproject.toml"];
    let first = manifests.into_iter().find(|f| has(f))?;
    let own = manifests.into_iter().filter(|f| has(f)).map(|f| in_dir(dir, f));
    let mut reads: Vec<String> = own.collect();
    reads.extend(
        files
            .into_iter()
            .filter(|f| !manifests.contains(&paths::relative(f, dir))),
    );
    Some((first.to_string(), reads))
}

/// Files that strings of setup.py name, or several in a row on one line.
fn named(tree: &Tree, dir: &str, module: &Module) -> Vec<String> {
    let mut out = Vec::new();
    let strings = &module.strings;
    for i in 0..strings.len() {
        let line = strings[i].1.line();
        let mut said = String::new();
        for (text, _) in strings[i..]
            .iter()
            .take(4)
            .take_while(|(_, at)| at.line() == line)
        {
            if !said.is_empty() && !said.ends_with('/') {
                said.push('/');
            }
            said += text;
            let plain = !said.is_empty() && !said.starts_with('/') && !said.contains(['\n', '*']);
            out.extend(paths::join(dir, &said).filter(|p| plain && tree.has(p)));
            // `open("requirements/" + name)`, where another string gives the name.
            let folder = paths::join(dir, &said).filter(|f| plain && paths::base(f) == "requirements");
            let is_said = |file: &&str| strings.iter().any(|(s, _)| s == paths::base(file));
            if let Some(folder) = folder {
                out.extend(tree.under(&folder).filter(is_said).map(str::to_string));
            }
        }
    }
    out
}
