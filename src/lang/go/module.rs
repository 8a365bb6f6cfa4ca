//! The modules of a tree: their folders, packages and programs, and the workspace that joins them.

use super::syntax::{self, GoFile};
use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::gomod::{self, GoMod};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub struct Module {
    pub dir: String,
    pub file: Arc<Source>,
    pub gomod: GoMod,
    /// Packages by folder, without tests and without files that a Linux build leaves out.
    pub packages: BTreeMap<String, Package>,
    /// Tags that the build sets, by the package that they are for. See [`embedding`].
    pub tags: Vec<(String, Sourced<String>)>,
}

pub struct Package {
    pub dir: String,
    pub name: String,
    pub files: Vec<GoFile>,
}

/// go.work and the modules that it uses.
pub struct Workspace {
    pub dir: String,
    pub gowork: GoMod,
    /// Folders of its modules.
    pub uses: Vec<String>,
}

impl Module {
    /// # Errors
    /// go.mod is broken.
    pub fn read(tree: &Tree, dir: &str) -> Result<Option<Self>, Diagnostic> {
        let Some(file) = tree.read(&at(dir, "go.mod"))? else {
            return Ok(None);
        };
        let gomod = gomod::parse(&file)?;
        let (packages, tags) = packages(tree, dir);
        if gomod.module.is_none() && !packages.is_empty() {
            return Err(
                Diagnostic::error(&rules::MALFORMED, format!("{} has no module line", file.path))
                    .at(Location::whole(&file), "")
                    .help("add it: `go mod init example.com/name` writes one"),
            );
        }
        Ok(Some(Self {
            dir: dir.to_string(),
            file,
            gomod,
            packages,
            tags,
        }))
    }

    /// The import path, or the folder where a module line is missing.
    pub fn path(&self) -> &str {
        self.gomod.module.as_ref().map_or("", |m| &m.value)
    }

    /// `acme.dev/api/v2` is called `api`.
    pub fn short_name(&self) -> &str {
        let path = self.path();
        let base = paths::base(path);
        let major = base
            .strip_prefix('v')
            .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
        if major {
            paths::base(paths::parent(path))
        } else {
            base
        }
    }

    pub fn mains(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|p| p.name == "main")
    }

    /// The package with this import path, where it is one of this module.
    pub fn package(&self, import: &str) -> Option<&Package> {
        let rest = import.strip_prefix(self.path())?;
        let dir = match rest.strip_prefix('/') {
            Some(rest) => at(&self.dir, rest),
            None if rest.is_empty() => self.dir.clone(),
            None => return None,
        };
        self.packages.get(&dir)
    }

    pub fn at(&self) -> Location {
        self.gomod
            .module
            .as_ref()
            .map_or_else(|| Location::whole(&self.file), |m| m.at.clone())
    }
}

impl Package {
    /// The place of the first file's package clause.
    pub fn at(&self) -> Location {
        Location::whole(&self.files[0].source)
    }
}

/// `dir/name`, or `name` at the root.
pub fn at(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_string()
    } else {
        format!("{dir}/{name}")
    }
}

/// Folders that the go command never builds, besides those with a go.mod of their own.
fn is_left_out(part: &str) -> bool {
    part == "testdata" || part == "vendor" || part.starts_with(['_', '.'])
}

type Packages = BTreeMap<String, Package>;

fn packages(tree: &Tree, module: &str) -> (Packages, Vec<(String, Sourced<String>)>) {
    let mut packages = Packages::new();
    let mut left_out: Vec<(&str, GoFile)> = Vec::new();
    let nested: BTreeSet<&str> = tree
        .under(module)
        .filter(|p| paths::base(p) == "go.mod")
        .map(paths::parent)
        .filter(|d| *d != module)
        .collect();
    for path in tree
        .under(module)
        .filter(|p| p.ends_with(".go") && !p.ends_with("_test.go"))
    {
        let dir = paths::parent(path);
        let below = paths::relative(dir, module);
        if below != "." && below.split('/').any(is_left_out) {
            continue;
        }
        if paths::ancestors(dir)
            .take_while(|d| *d != module)
            .any(|d| nested.contains(d))
        {
            continue;
        }
        let name = paths::base(path);
        if name.starts_with(['_', '.']) {
            continue;
        }
        let Some(file) = tree.text(path).and_then(|source| syntax::parse(&source)) else {
            continue;
        };
        if !file.built(name, &[]) {
            left_out.push((path, file));
            continue;
        }
        let package = packages.entry(dir.to_string()).or_insert_with(|| Package {
            dir: dir.to_string(),
            name: file.package.clone(),
            files: Vec::new(),
        });
        package.files.push(file);
    }
    let tags = embedding(tree, module, &packages, &left_out);
    if !tags.is_empty() {
        retag(&mut packages, left_out, &tags);
    }
    (packages, tags)
}

/// Tags that make a package embed what it else reads from the disk or does without: a file for the
/// tag with `//go:embed`, and one for its absence beside it. The program is then whole in itself, as
/// its releases are. What is embedded must be there, or a front end beside it that may make it.
fn embedding(
    tree: &Tree,
    module: &str,
    packages: &Packages,
    left_out: &[(&str, GoFile)],
) -> Vec<(String, Sourced<String>)> {
    let made = |dir: &str, pattern: &str| {
        let Some(path) = paths::join(dir, pattern) else {
            return false;
        };
        let folder = path.split_once('*').map_or(path.as_str(), |(before, _)| before);
        let folder = folder.trim_end_matches('/');
        let front = paths::ancestors(folder).take_while(|d| *d != module && !d.is_empty());
        tree.has(folder) || tree.has_dir(folder) || front.map(|d| at(d, "package.json")).any(|p| tree.has(&p))
    };
    let mut tags = Vec::new();
    for (path, file) in left_out {
        let dir = paths::parent(path);
        let Some(tag) = file.tag() else { continue };
        let without = format!("!{}", tag.value);
        // A file that embeds more without the tag is the release.
        let fits = packages.get(dir).is_some_and(|p| {
            let of = |f: &&GoFile| f.constraint.as_deref().is_some_and(|c| c.trim() == without);
            let mut beside = p.files.iter().filter(of).peekable();
            p.name == file.package && beside.peek().is_some() && beside.all(|f| f.embeds.is_empty())
        });
        if fits && !file.embeds.is_empty() && file.embeds.iter().all(|e| made(dir, &e.value)) {
            tags.push((dir.to_string(), tag.map(str::to_string)));
        }
    }
    tags
}

/// The files that a build with the tags takes.
fn retag(packages: &mut Packages, left_out: Vec<(&str, GoFile)>, tags: &[(String, Sourced<String>)]) {
    let tags: Vec<&str> = tags.iter().map(|(_, t)| t.value.as_str()).collect();
    for package in packages.values_mut() {
        package
            .files
            .retain(|f| f.built(paths::base(&f.source.path), &tags));
    }
    for (path, file) in left_out {
        if file.built(paths::base(path), &tags)
            && let Some(package) = packages.get_mut(paths::parent(path))
        {
            package.files.push(file);
        }
    }
    packages.retain(|_, p| !p.files.is_empty());
}

/// The nearest go.work above a module that uses it.
///
/// # Errors
/// go.work is broken.
pub fn workspace(tree: &Tree, module: &str) -> Result<Option<Workspace>, Diagnostic> {
    for dir in paths::ancestors(module) {
        let Some(file) = tree.read(&at(dir, "go.work"))? else {
            continue;
        };
        let gowork = gomod::parse(&file)?;
        let uses: Vec<String> = gowork
            .use_dirs
            .iter()
            .filter_map(|u| paths::join(dir, &u.value))
            .collect();
        let uses_it = uses.iter().any(|u| u == module);
        return Ok(uses_it.then(|| Workspace {
            dir: dir.to_string(),
            gowork,
            uses,
        }));
    }
    Ok(None)
}

/// Every module that a build of `module` needs from the repository: itself, its workspace's, and the
/// folders that `replace` points to, transitively.
///
/// # Errors
/// A go.mod among them is broken.
pub fn needed(
    tree: &Tree,
    module: &str,
    workspace: Option<&Workspace>,
) -> Result<BTreeSet<String>, Diagnostic> {
    let mut needed = BTreeSet::new();
    let mut due = vec![module.to_string()];
    let gowork = workspace.map(|w| (&w.dir, &w.gowork));
    due.extend(workspace.iter().flat_map(|w| w.uses.iter().cloned()));
    due.extend(gowork.iter().flat_map(|(dir, work)| replaced(dir, work)));
    while let Some(dir) = due.pop() {
        let Some(file) = tree.read(&at(&dir, "go.mod"))? else {
            continue;
        };
        if needed.insert(dir.clone()) && (dir == module || workspace.is_some_and(|w| w.uses.contains(&dir))) {
            // `replace` counts in the main modules alone.
            due.extend(replaced(&dir, &gomod::parse(&file)?));
        }
    }
    Ok(needed)
}

fn replaced(dir: &str, file: &GoMod) -> Vec<String> {
    file.replace_dirs
        .iter()
        .filter_map(|r| paths::join(dir, &r.value))
        .collect()
}
