//! Front ends that the program does not embed but serves from a folder beside it.

use super::detect::Facts;
use super::hints::DEFAULTS;
use super::module::at;
use super::syntax::{self, Token};
use crate::decision::{Because, Decision};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::{Assets, AssetsResult, Project};
use crate::paths;
use crate::source::{Location, Sourced};
use std::collections::{BTreeMap, BTreeSet};

/// Where a bundler puts what it makes.
const OUTPUTS: &[&str] = &["dist", "build", "out", "public", "www"];

/// What is served from a folder is named by one of each.
const STATIC: &[&str] = &[
    "assets", "client", "dist", "frontend", "public", "spa", "static", "ui", "web", "webapp", "webroot",
    "www",
];
const FOLDER: &[&str] = &["dir", "directory", "folder", "path", "root"];

/// Functions that serve or open a folder.
const SERVE: &[&str] = &[
    "Dir",
    "DirFS",
    "File",
    "LocalFile",
    "ServeFile",
    "Static",
    "StaticFS",
    "StaticFile",
];

/// A folder that the program serves: from the repository's root, and as the program names it.
pub struct Served {
    pub assets: Assets,
    pub name: String,
    pub because: Because,
}

impl Served {
    pub fn decision(&self) -> Decision {
        Decision {
            topic: "files",
            value: self.name.clone(),
            because: self.because.clone(),
            over: Vec::new(),
        }
    }
}

/// The front ends that are built for the program, and what is said of those that are not.
pub fn served(project: &Project, facts: &Facts, embedded: &[Assets]) -> (Vec<Served>, Vec<Diagnostic>) {
    let mut found: Vec<Served> = Vec::new();
    let mut warnings = Vec::new();
    let candidates = candidates(project, facts, embedded);
    if candidates.is_empty() {
        return (found, warnings);
    }
    let words = Words::read(facts);
    let only = candidates.len() == 1;
    for (dir, result) in candidates {
        let Ok(assets) = result else { continue };
        let made = |path: &str| {
            let (name, at) = words.text(facts, path).filter(|_| !built(project, path))?;
            Some((name, Because::at(&at, "serves what it builds from there")))
        };
        let named = if assets.guessed {
            OUTPUTS
                .iter()
                .filter_map(|o| paths::join(&dir, o))
                .find_map(|path| made(&path).map(|(name, because)| (path, name, because)))
        } else {
            made(&assets.path).map(|(name, because)| (assets.path.clone(), name, because))
        };
        let named = named.or_else(|| {
            let folder = only.then(|| words.set(project, facts))??;
            let because = Because::at(&folder.at, "names this folder for what it builds");
            Some((at(&facts.module.dir, &folder.value), folder.value, because))
        });
        match named {
            Some((path, name, because)) => {
                let mut assets = assets.making(&path);
                assets.path = path;
                found.push(Served {
                    assets,
                    name,
                    because,
                });
            }
            None if dir == facts.module.dir => warnings.push(
                Diagnostic::warning(
                    &rules::MISSING_INPUT,
                    format!(
                        "the front end of {} is not built: nothing says where the program serves it from",
                        at(&dir, "package.json")
                    ),
                )
                .at(project.tree.place(&at(&dir, "package.json")), "this one")
                .help("embed what it builds, or name its folder in the source: `http.Dir(\"dist\")`"),
            ),
            None => {}
        }
    }
    (found, warnings)
}

/// Front ends of the context that no embedded folder takes, by their folders.
fn candidates(project: &Project, facts: &Facts, embedded: &[Assets]) -> Vec<(String, AssetsResult)> {
    let tree = project.tree;
    let dirs: BTreeSet<&str> = tree
        .under(&facts.context)
        .filter(|p| paths::base(p) == "package.json")
        .map(paths::parent)
        .filter(|dir| {
            if !paths::is_under(dir, &facts.module.dir) {
                return false;
            }
            let inside = paths::relative(dir, &facts.module.dir);
            inside.matches('/').count() <= 1
                && !inside.split('/').any(crate::lang::is_no_service)
                // The root of the workspace that the embedded one is of builds nothing more.
                && !embedded.iter().any(|a| paths::is_under(&a.dir, dir))
        })
        .collect();
    let found = dirs
        .into_iter()
        .filter_map(|dir| Some((dir.to_string(), (project.assets)(dir)?)));
    found.collect()
}

/// Is there a page in the folder already?
fn built(project: &Project, path: &str) -> bool {
    project.tree.under(path).any(|p| p.ends_with(".html"))
}

/// What the program's source and settings say of folders.
struct Words {
    texts: BTreeMap<String, Location>,
    /// Those of them that a function opens or serves.
    opened: BTreeSet<String>,
    /// Defaults of flags and variables that are named after a folder of static files.
    defaults: BTreeMap<String, Location>,
}

impl Words {
    fn read(facts: &Facts) -> Self {
        let mut texts = BTreeMap::new();
        let mut defaults = BTreeMap::new();
        let mut opened = BTreeSet::new();
        let packages = facts
            .linked
            .iter()
            .filter_map(|dir| facts.module.packages.get(dir));
        for file in packages.flat_map(|p| &p.files) {
            let tokens = syntax::tokens(&file.source.text);
            for (i, (start, token)) in tokens.iter().enumerate() {
                let Token::Text(text) = token else { continue };
                let Some(folder) = relative(text) else { continue };
                let before = &tokens[i.saturating_sub(6)..i];
                let defines = before
                    .iter()
                    .any(|(_, t)| matches!(t, Token::Word(w) if DEFAULTS.contains(w)));
                let named = before.iter().any(|(_, t)| match t {
                    Token::Text(name) => names(name),
                    _ => false,
                });
                let place = Location::span(&file.source, *start..start + text.len() + 2);
                if before
                    .iter()
                    .any(|(_, t)| matches!(t, Token::Word(w) if SERVE.contains(w)))
                {
                    opened.insert(folder.clone());
                }
                if defines && named {
                    defaults.entry(folder.clone()).or_insert_with(|| place.clone());
                }
                texts.entry(folder).or_insert(place);
            }
        }
        Self {
            texts,
            opened,
            defaults,
        }
    }

    /// How the source names the folder, or a file in it.
    fn text(&self, facts: &Facts, path: &str) -> Option<(String, Location)> {
        let below = paths::relative(path, &facts.module.dir);
        let (_, at) = self.texts.iter().find(|(text, _)| {
            *text == below && (below.contains('/') || self.opened.contains(below))
                || paths::is_under(text, below) && text.contains('.')
        })?;
        Some((below.to_string(), at.clone()))
    }

    /// The folder that a flag's default or a file of settings gives for static files.
    fn set(&self, project: &Project, facts: &Facts) -> Option<Sourced<String>> {
        let mut found = self.defaults.clone();
        for (path, _) in &facts.hints.opens {
            let files = project
                .tree
                .under(path)
                .chain(project.tree.has(path).then_some(path.as_str()));
            for source in files
                .filter(|f| is_settings(f))
                .filter_map(|f| project.tree.text(f))
            {
                let lines = source.text.lines().take(2_000);
                found.extend(lines.filter_map(|line| Some((setting(line)?, Location::of(&source, line)))));
            }
        }
        found.retain(|folder, _| !built(project, &at(&facts.module.dir, folder)));
        let (folder, at) = found.pop_first().filter(|_| found.is_empty())?;
        Some(Sourced::new(folder, at))
    }
}

fn is_settings(path: &str) -> bool {
    ["conf", "ini", "json", "toml", "yaml", "yml"]
        .iter()
        .any(|e| path.rsplit_once('.').is_some_and(|(_, end)| end == *e))
}

/// `static_root_path = public`
fn setting(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with(['#', ';', '/']) {
        return None;
    }
    let (key, value) = line.split_once(['=', ':'])?;
    let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    relative(value).filter(|_| names(key))
}

/// Does a name speak of a folder of static files: `static-dir`, `STATIC_ROOT_PATH`?
fn names(name: &str) -> bool {
    let name = name.trim().trim_matches('"').to_ascii_lowercase();
    let parts: Vec<&str> = name.split(['-', '_', '.', ' ']).collect();
    let says = |list: &[&str]| parts.iter().any(|p| list.contains(p));
    says(STATIC) && says(FOLDER)
}

/// A relative path below the working folder, plain.
fn relative(text: &str) -> Option<String> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let text = text.trim_start_matches("./").trim_end_matches('/');
    (plain && !text.is_empty() && !text.starts_with(['/', '.']) && !text.contains(".."))
        .then(|| text.to_string())
}
