//! Front ends beside or below the program, whose built files its source names.

use super::facts::Facts;
use super::install::Places;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
use crate::paths;
use crate::source::Location;
use std::collections::BTreeSet;

/// The front ends of the context whose output is not in the repository and is named in the source:
/// `STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]`, `StaticFiles(directory="web/dist")`.
pub fn find(project: &Project, facts: &Facts) -> Vec<Assets> {
    let tree = project.tree;
    let context = &project.claim.context;
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
        // What a front end writes into the program's own folder is meant for it.
        let into = !paths::is_under(&assets.path, dir) && paths::is_under(&assets.path, &facts.dir);
        let page = |p: &str| p.ends_with(".html") || p.ends_with(".js");
        let there = match into {
            true => tree.under(&assets.path).any(page),
            false => tree.has_dir(&assets.path) || tree.has(&assets.path),
        };
        let known = found.iter().any(|f| paths::is_under(&assets.path, &f.path));
        if !there && !known && (into || names(facts, &assets.path)) {
            found.push(assets);
        }
    }
    found
}

/// Does a string of the source, or several in a row on one line, name this folder or something in it?
fn names(facts: &Facts, path: &str) -> bool {
    let mut roots = vec![facts.dir.as_str()];
    roots.extend(facts.django.iter().map(|d| d.dir.as_str()));
    let wanted: Vec<&str> = roots
        .iter()
        .filter(|root| paths::is_under(path, root))
        .map(|root| paths::relative(path, root))
        .collect();
    facts.modules.iter().any(|module| {
        let strings = &module.strings;
        (0..strings.len()).any(|i| {
            let line = strings[i].1.line();
            let serves = serves(&strings[i].1);
            let mut said = String::new();
            strings[i..]
                .iter()
                .take(4)
                .take_while(|(_, at)| at.line() == line)
                .any(|(text, _)| {
                    let text = plain(text);
                    if !said.is_empty() {
                        said.push('/');
                    }
                    said += text;
                    wanted.iter().any(|w| {
                        let is_it = said == *w || said.strip_prefix(w).is_some_and(|r| r.starts_with('/'));
                        is_it && (serves || w.contains('/'))
                    })
                })
        })
    })
}

/// Does the line speak of files to serve? `dist` alone may be anything.
fn serves(at: &Location) -> bool {
    let text = &at.source().text;
    let start = at
        .range()
        .map_or(0, |r| text[..r.start].rfind('\n').map_or(0, |i| i + 1));
    let line = text[start..].lines().next().unwrap_or_default().to_lowercase();
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
    text
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
    use crate::tree::Tree;

    #[track_caller]
    fn check(source: &str, path: &str, expected: bool) {
        let tree = Tree::from_pairs([("app.py", source), ("requirements.txt", "flask")]);
        let facts = facts::read(&tree, "").unwrap();
        assert_eq!(names(&facts, path), expected, "{source}");
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
