//! setup.py and setup.cfg: what can be read of them without running them.

use super::dists::Dist;
use super::source::Module;
use crate::manifest::{ini, pep508};
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

fn in_dir(dir: &str, file: &str) -> String {
    paths::join(dir, file).expect("a file below a folder")
}

/// The values of one keyword of `setup(…)` or key of setup.cfg, as far as they are literals.
fn values(tree: &Tree, dir: &str, keyword: &str, section: &str) -> Vec<Sourced<String>> {
    let mut out = Vec::new();
    if let Some(source) = tree.text(&in_dir(dir, "setup.cfg")) {
        for (in_section, key, value) in ini::parse(&source) {
            if in_section == section && key == keyword {
                let lines = value.value.lines().map(str::trim).filter(|l| !l.is_empty());
                out.extend(lines.map(|l| Sourced::new(l.to_string(), value.at.clone())));
            }
        }
    }
    if let Some(source) = tree.text(&in_dir(dir, "setup.py")) {
        let module = Module::read(&source);
        let setup = module.calls.iter().find(|c| {
            matches!(
                c.callee.as_str(),
                "setuptools.setup" | "distutils.core.setup" | "setup"
            )
        });
        if let Some(argument) = setup.and_then(|s| s.keyword(keyword)) {
            let named = argument.value.as_ref().filter(|_| !argument.is_string);
            let literals = match named.and_then(|name| module.value_of(name)) {
                Some(value) if value.callee.is_none() => value.strings.as_slice(),
                None if argument.is_display || argument.is_string => argument.literals.as_slice(),
                _ => &[],
            };
            out.extend(
                literals
                    .iter()
                    .map(|l| Sourced::new(l.clone(), argument.at.clone())),
            );
        }
    }
    out
}

pub fn requirements(tree: &Tree, dir: &str) -> Vec<Dist> {
    values(tree, dir, "install_requires", "options")
        .iter()
        .filter_map(|text| Some(Dist::new(&pep508::parse(&text.value)?, &text.at)))
        .collect()
}

/// Packages that are listed one by one.
pub fn packages(tree: &Tree, dir: &str) -> Vec<String> {
    let listed = values(tree, dir, "packages", "options")
        .into_iter()
        .map(|p| p.value);
    listed.filter(|p| !p.contains(':')).collect()
}

pub fn python_requires(tree: &Tree, dir: &str) -> Option<Sourced<String>> {
    values(tree, dir, "python_requires", "options").into_iter().next()
}

/// `name = module:function`, of `console_scripts`.
pub fn scripts(tree: &Tree, dir: &str) -> Vec<(String, Sourced<String>)> {
    let mut found = values(tree, dir, "console_scripts", "options.entry_points");
    // The keys of the table stand among its values; a text has sections.
    let mut group = String::new();
    for text in values(tree, dir, "entry_points", "options") {
        for line in text.value.lines().map(str::trim).filter(|l| !l.is_empty()) {
            match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                Some(section) => group = section.to_string(),
                None if !line.contains('=') => group = line.to_string(),
                None if group == "console_scripts" => {
                    found.push(Sourced::new(line.to_string(), text.at.clone()));
                }
                None => {}
            }
        }
    }
    found
        .into_iter()
        .filter_map(|text| {
            let (name, target) = text.value.split_once('=')?;
            target.contains(':').then(|| {
                (
                    name.trim().to_string(),
                    Sourced::new(target.trim().to_string(), text.at.clone()),
                )
            })
        })
        .collect()
}

pub fn name(tree: &Tree, dir: &str) -> Option<Sourced<String>> {
    values(tree, dir, "name", "metadata").into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(setup: &str, expected: &[&str]) {
        let text = format!("from setuptools import setup\n{setup}");
        let tree = Tree::from_pairs([("setup.py", text.as_str())]);
        let names: Vec<String> = scripts(&tree, "").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn only_console_scripts_are_programs() {
        check(
            "setup(entry_points={'celery.commands': ['a = a:a'], 'console_scripts': ['b=b:main', 'c = c:main']})",
            &["b", "c"],
        );
        check(
            "setup(entry_points='''\n[x.plugins]\na = a:a\n[console_scripts]\nb = b:main\n''')",
            &["b"],
        );
    }
}
