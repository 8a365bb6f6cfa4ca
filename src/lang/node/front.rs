//! Front ends in folders of the program that serves them: `client/` beside server.js. Each is built in
//! stages of its own, so that an edit of one installs nothing for the other, and the runtime holds
//! what was built and not its sources.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::beside;
use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::lang::node::install::Installer;
use crate::lang::node::program::{Build, Program};
use crate::lang::node::scripts::{chain, script_of};
use crate::lang::node::workspace::{self, Reach};
use crate::lang::{Assets, Project, is_no_service};
use crate::manifest::javascript::{self, Kind};
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::source::Source;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// The front ends that the program's scripts build or that its source serves, where they are not in the
/// repository. What a script does for them alone is left out of the program's own build.
pub fn find(
    project: &Project,
    facts: &Facts,
    program: &mut Program,
    installer: &mut Installer,
) -> Vec<Assets> {
    // The root of a workspace builds its members by its own script, and a member those that it needs.
    if facts.workspace.is_some() && facts.place.is_empty() {
        return Vec::new();
    }
    let needed = facts.closure(Reach::Build);
    let mut found: Vec<Assets> = folders(facts)
        .into_iter()
        .filter(|dir| !needed.iter().any(|m| m.dir == *dir))
        .filter_map(|dir| (project.assets)(dir)?.ok())
        .filter(|a| !a.guessed && !facts.tree.has_dir(&a.path))
        .collect();
    if facts.workspace.is_some() {
        found.retain(|a| serves(facts, &a.path) || into(facts, a));
        return found;
    }
    let here: BTreeSet<String> = found.iter().map(|a| a.dir.clone()).collect();
    let alone = |parts: &[Part]| parts.iter().all(|p| p.is_of(&here));
    let build = match &program.build {
        Build::Script(name) => parts(facts, name),
        _ => Vec::new(),
    };
    let hooks: Vec<Part> = installer
        .later
        .iter()
        .flat_map(|(n, _)| parts(facts, n))
        .collect();
    let named: BTreeSet<&str> = build
        .iter()
        .chain(&hooks)
        .filter(|p| !p.dir.is_empty())
        .map(|p| p.dir.as_str())
        .collect();
    if named.is_empty() {
        found.retain(|a| serves(facts, &a.path) || into(facts, a) || together(facts, a));
        return found;
    }
    if !alone(&build) || !alone(&hooks) {
        return Vec::new();
    }
    found.retain(|a| named.contains(a.dir.as_str()) || serves(facts, &a.path) || into(facts, a));
    if !std::mem::take(&mut installer.later).is_empty() {
        let left_out = installer.decisions.iter_mut().filter(|d| d.topic == "scripts");
        left_out.for_each(|d| d.because.text = "does what the front end's own stages do".into());
    }
    if !build.is_empty() {
        program.build = Build::None;
    }
    found
}

/// Does the front end write into the program's own folder?
fn into(facts: &Facts, front: &Assets) -> bool {
    !paths::is_under(&front.path, &front.dir) && paths::is_under(&front.path, facts.dir)
}

/// Do the scripts above start the program and build the front end beside it?
fn together(facts: &Facts, front: &Assets) -> bool {
    !paths::is_under(&front.dir, facts.dir) && scripts_above(facts.tree, facts.dir, &front.dir)
}

fn scripts_above(tree: &Tree, dir: &str, front: &str) -> bool {
    let above = paths::parent(dir);
    let Ok(Some(package)) = workspace::read(tree, above) else {
        return false;
    };
    let enters = |name: &str, folder: &str| {
        let mut out = Vec::new();
        write_out(&package, above, name, 0, &mut out);
        out.iter().any(|part| part.dir == folder)
    };
    let builds = ["build", "heroku-postbuild", "postinstall", "install", "start"];
    enters("start", dir) && builds.iter().any(|name| enters(name, front))
}

/// The folder above the program, where a front end lies beside it that the program serves.
pub fn above(tree: &Tree, dir: &str) -> Option<String> {
    beside::above(tree, dir, &|front| {
        let outputs: Vec<String> = front.outputs().collect();
        let speaks =
            |text: &str| text.contains(front.name) && outputs.iter().any(|o| text.contains(paths::base(o)));
        let files = files::of(tree, dir).into_iter();
        let mut texts = files.filter_map(|file| tree.text(file));
        let parent = paths::parent(dir);
        let named = |source: &Source| {
            let path = |o: &String| paths::join(parent, o);
            outputs
                .iter()
                .filter_map(path)
                .any(|path| names(&[paths::parent(&source.path), dir], source, &path))
        };
        scripts_above(tree, dir, &front.dir) || texts.any(|s| speaks(&s.text) && named(&s))
    })
}

/// Folders below the package's own, or beside it in the build context, with a manifest of their own.
fn folders<'a>(facts: &Facts<'a>) -> Vec<&'a str> {
    let manifests = facts.tree.under(facts.context);
    manifests
        .filter(|f| paths::base(f) == "package.json" && !paths::is_under(facts.dir, paths::parent(f)))
        .map(paths::parent)
        .filter(|dir| {
            let top = if paths::is_under(dir, facts.dir) {
                facts.dir
            } else {
                facts.context
            };
            let below = paths::relative(dir, top);
            below.matches('/').count() < 2 && !below.split('/').any(is_no_service)
        })
        .collect()
}

/// One command of a script, and the folder from the repository's root that it works in where that is
/// not the package's own.
struct Part {
    dir: String,
    words: Vec<String>,
}

impl Part {
    /// Does it install, or build one of these front ends? They are installed and built anyway.
    fn is_of(&self, fronts: &BTreeSet<String>) -> bool {
        let words: Vec<&str> = self
            .words
            .iter()
            .map(String::as_str)
            .filter(|w| !w.starts_with('-'))
            .collect();
        let manager = words
            .first()
            .is_some_and(|w| ["npm", "yarn", "pnpm", "bun"].contains(w));
        let rest = words.get(1..).unwrap_or_default();
        let installs = matches!(rest, [] | ["install" | "i" | "ci"]);
        let builds = matches!(rest, ["build"] | ["run", "build"]);
        match self.dir.as_str() {
            "" => manager && installs,
            dir => manager && (installs || builds) && fronts.contains(dir),
        }
    }
}

fn parts(facts: &Facts, script: &str) -> Vec<Part> {
    let mut out = Vec::new();
    for name in [
        format!("pre{script}"),
        script.to_string(),
        format!("post{script}"),
    ] {
        write_out(&facts.package, facts.dir, &name, 0, &mut out);
    }
    out
}

fn write_out(package: &PackageJson, home: &str, name: &str, depth: usize, out: &mut Vec<Part>) {
    let Some(script) = package.script(name).filter(|_| depth < 6 && out.len() < 40) else {
        return;
    };
    let mut current = home.to_string();
    for part in chain(&script.value) {
        let Some(mut words) = shlex::split(part) else {
            out.push(Part {
                dir: String::new(),
                words: vec![part.to_string()],
            });
            continue;
        };
        if let [cd, to] = words.as_slice()
            && cd == "cd"
        {
            // A folder outside of the repository is nobody's front end.
            current = paths::join(&current, to).unwrap_or_else(|| "..".into());
            continue;
        }
        let dir = flagged(&mut words)
            .and_then(|to| paths::join(&current, &to))
            .unwrap_or_else(|| current.clone());
        match script_of(&words, package).filter(|_| dir == home) {
            Some(called) if called != name => write_out(package, home, called, depth + 1, out),
            _ => out.push(Part {
                dir: if dir == home { String::new() } else { dir },
                words,
            }),
        }
    }
}

/// Takes `--prefix client` out of the words.
fn flagged(words: &mut Vec<String>) -> Option<String> {
    const FLAGS: &[&str] = &["--prefix", "--cwd", "--dir", "-C"];
    let at = words.iter().position(|w| {
        FLAGS
            .iter()
            .any(|f| w == f || w.strip_prefix(f).is_some_and(|r| r.starts_with('=')))
    })?;
    let flag = words.remove(at);
    match flag.split_once('=') {
        Some((_, dir)) => Some(dir.to_string()),
        None => (at < words.len()).then(|| words.remove(at)),
    }
}

/// Does a string of the source, or several in a row on one line, name this folder or something in it?
fn serves(facts: &Facts, path: &str) -> bool {
    let files = files::of(facts.tree, facts.dir).into_iter();
    files.filter_map(|file| facts.tree.text(file)).any(|source| {
        source.text.contains(paths::base(path))
            && names(&[paths::parent(&source.path), facts.dir], &source, path)
    })
}

fn names(homes: &[&str], source: &Source, path: &str) -> bool {
    let tokens = javascript::tokens(&source.text);
    // Together on a line are those that have no line end between them.
    let mut line = 0;
    let mut last = 0;
    let strings: Vec<(&str, usize)> = tokens
        .iter()
        .filter_map(|t| match &t.kind {
            Kind::String(s) | Kind::Template(s) => {
                line += source.text[last..t.span.start].matches('\n').count();
                last = t.span.start;
                Some((s.as_str(), line))
            }
            _ => None,
        })
        .collect();
    paths::named(&strings).any(|(_, said)| {
        let below = said.trim_start_matches("${__dirname}").trim_start_matches('/');
        homes
            .iter()
            .any(|home| paths::join(home, below).is_some_and(|p| paths::is_under(&p, path)))
    })
}

/// The COPY of what a front end built, to where the program looks for it.
pub fn copy(facts: &Facts, assets: &Assets) -> Result<Safe, Diagnostic> {
    let from = escape::path(&assets.output)?;
    let to = match paths::is_under(&assets.path, facts.root) {
        true => format!("./{}", escape::path(facts.placed(&assets.path))?),
        false => escape::path(&facts.in_image(&assets.path))?.to_string(),
    };
    Ok(Safe::literal(format!(
        "--link --from={} {from} {to}",
        assets.stage
    )))
}

/// `--exclude=client`: the sources of front ends have no place in the runtime.
pub fn excluded(facts: &Facts, fronts: &[Assets]) -> Result<String, Diagnostic> {
    let mut flags = String::new();
    let below = |a: &&Assets| paths::is_under(&a.dir, facts.root);
    for assets in fronts.iter().filter(below) {
        flags += &format!("--exclude={} ", escape::path(facts.placed(&assets.dir))?);
    }
    Ok(flags)
}
