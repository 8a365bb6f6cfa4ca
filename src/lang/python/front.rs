//! Front ends beside or below the program, whose built files its source names.

use super::facts::Facts;
use super::install::Places;
use super::modules;
use super::source::Module;
use super::written::whole_line;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::beside::{self, OUTPUTS};
use crate::lang::{Assets, Project};
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// The front ends of the context whose output is not in the repository and is named in the source:
/// `STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]`, `StaticFiles(directory="web/dist")`.
pub fn find(project: &Project, facts: &Facts) -> Found {
    let tree = project.tree;
    let context = &project.claim.context;
    let mut committed = Vec::new();
    let dirs: BTreeSet<&str> = tree
        .under(context)
        .filter(|p| paths::base(p) == "package.json")
        .map(paths::parent)
        .filter(|dir| {
            let inside = paths::relative(dir, context);
            inside.matches('/').count() <= 2 && !inside.split('/').any(crate::lang::is_no_service)
        })
        .collect();
    let mut found: Vec<Assets> = Vec::new();
    for dir in dirs {
        let Some(Ok(assets)) = (project.assets)(dir) else {
            continue;
        };
        // A build of the project's own makes what the program names.
        let assets = match assets.guessed {
            true => {
                let made = OUTPUTS.iter().filter_map(|o| paths::join(dir, o));
                let mut absent = made.filter(|path| !tree.has_dir(path) && speaks_of(tree, dir, path));
                let Some(path) = absent.find(|path| names(facts, context, path)) else {
                    continue;
                };
                assets.making(&path)
            }
            false => assets,
        };
        // What a front end writes into the program's own folder is meant for it.
        let into = !paths::is_under(&assets.path, dir) && paths::is_under(&assets.path, &facts.dir);
        let page = |p: &str| p.ends_with(".html") || p.ends_with(".js");
        let there = match into {
            true => tree.under(&assets.path).any(page),
            false => tree.has_dir(&assets.path) || tree.has(&assets.path),
        };
        let known = found.iter().any(|f| paths::is_under(&assets.path, &f.path));
        if into && there {
            committed.push(dir.to_string());
        }
        if !there && !known && (into || names(facts, context, &assets.path)) {
            found.push(assets);
        }
    }
    Found {
        assets: found,
        committed,
    }
}

/// Front ends of the program.
pub struct Found {
    /// Those that are built with it.
    pub assets: Vec<Assets>,
    /// Folders of those whose output the repository holds, where the program serves it from.
    pub committed: Vec<String>,
}

/// Does the manifest of the front end, or a script beside it, name the folder?
fn speaks_of(tree: &Tree, dir: &str, path: &str) -> bool {
    let script = |f: &&str| {
        paths::base(f) == "package.json" || [".js", ".mjs", ".cjs", ".ts"].iter().any(|e| f.ends_with(e))
    };
    let name = paths::base(path);
    let says = |f: &str| {
        tree.text(f).is_some_and(|s| {
            [r#"""#, "'", "/", " "]
                .iter()
                .any(|q| s.text.contains(&format!("{q}{name}")))
        })
    };
    tree.files_in(dir).filter(script).any(says)
}

/// The folder above the program, where a front end lies beside it that the program serves.
pub fn above(tree: &Tree, dir: &str) -> Option<String> {
    beside::above(tree, dir, &|front| {
        let outputs: Vec<String> = front.outputs().collect();
        let wanted: Vec<&str> = outputs.iter().map(String::as_str).collect();
        let speaks =
            |text: &str| text.contains(front.name) && wanted.iter().any(|w| text.contains(paths::base(w)));
        modules::candidates(tree, dir)
            .into_iter()
            .filter_map(|path| tree.text(path))
            .filter(|source| speaks(&source.text))
            .any(|source| said(&Module::read(&source), &wanted))
    })
}

/// Does a string of the source, or several in a row on one line, name this folder or something in it?
fn names(facts: &Facts, context: &str, path: &str) -> bool {
    let mut roots = vec![facts.dir.as_str(), context];
    roots.extend(facts.django.iter().map(|d| d.dir.as_str()));
    let wanted: Vec<&str> = roots
        .iter()
        .filter(|root| paths::is_under(path, root))
        .map(|root| paths::relative(path, root))
        .collect();
    facts.modules.iter().any(|module| said(module, &wanted))
}

fn said(module: &Module, wanted: &[&str]) -> bool {
    let strings: Vec<(&str, usize)> = module
        .strings
        .iter()
        .map(|(text, at)| (plain(text), at.line().unwrap_or(0)))
        .collect();
    paths::named(&strings).any(|(first, said)| {
        wanted.iter().any(|w| {
            let is_it = said == *w || said.strip_prefix(w).is_some_and(|r| r.starts_with('/'));
            is_it && (w.contains('/') || serves(&module.strings[first].1))
        })
    })
}

/// Does the line speak of files to serve? `dist` alone may be anything.
fn serves(at: &Location) -> bool {
    let line = whole_line(at).to_lowercase();
    [
        "static",
        "template",
        "dirs",
        "directory",
        "folder",
        "dist_dir",
        "frontend",
        "index.html",
        "fileresponse",
    ]
    .iter()
    .any(|word| line.contains(word))
}

/// `../frontend/dist/` as it is from the folder above.
fn plain(text: &str) -> &str {
    let mut text = text.trim_end_matches('/');
    while let Some(rest) = text.strip_prefix("./").or(text.strip_prefix("../")) {
        text = rest;
    }
    if text == ".." || text == "." { "" } else { text }
}

/// What the stages after it copy out of the front end's.
///
/// # Errors
/// A path that cannot be written into a Dockerfile.
pub fn copy(assets: &Assets, places: &Places) -> Result<Safe, Diagnostic> {
    let from = escape::path(&assets.output)?;
    let to = escape::path(&places.image(&assets.path))?;
    Ok(Safe::literal(format!(
        "--link --from={} {from} {to}",
        assets.stage
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::facts;

    #[track_caller]
    fn check(source: &str, path: &str, expected: bool) {
        let tree = Tree::from_pairs([("app.py", source), ("requirements.txt", "flask")]);
        let facts = facts::read(&tree, "").unwrap();
        assert_eq!(names(&facts, "", path), expected, "{source}");
    }

    #[test]
    fn a_front_end_beside_the_program_brings_the_folder_above() {
        let above = |source: &str, config: &str| {
            let tree = Tree::from_pairs([
                ("shop/backend/main.py", source),
                (
                    "shop/frontend/package.json",
                    r#"{"scripts": {"build": "vite build"}}"#,
                ),
                ("shop/frontend/vite.config.ts", config),
            ]);
            above(&tree, "shop/backend")
        };
        let root = Some("shop".to_string());
        assert_eq!(above("X = StaticFiles(directory='../frontend/dist')", ""), root);
        assert_eq!(
            above("X = os.path.join(HERE, '..', 'frontend', 'build')", ""),
            root
        );
        assert_eq!(above("", "build: { outDir: '../backend/static' }"), root);
        assert_eq!(above("# ../frontend/dist", ""), None);
        assert_eq!(above("X = ['frontend', 'distance']", ""), None);
    }

    #[test]
    fn the_output_of_a_front_end_is_named_in_one_string_or_in_several() {
        check(
            "app.mount('/', StaticFiles(directory='web/dist'))",
            "web/dist",
            true,
        );
        check("X = [BASE / 'web' / 'dist' / 'assets']", "web/dist", true);
        check(
            "app = Flask(__name__, static_folder='../dist/static')",
            "dist",
            true,
        );
        check("shutil.rmtree('dist')", "dist", false);
        check(
            "app.mount('/', StaticFiles(directory='web/distant'))",
            "web/dist",
            false,
        );
    }
}
