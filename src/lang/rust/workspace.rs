//! Cargo's own rules, as facts: which packages form a workspace, which of them it builds by
//! default, and which programs a package has.

use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::cargo::{self, CargoToml, Dependency, Inherited};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// One Cargo.toml with its folder.
#[derive(Debug)]
pub struct Crate {
    pub dir: String,
    pub source: Arc<Source>,
    pub manifest: CargoToml,
}

type Loaded = Result<Option<Rc<Crate>>, Diagnostic>;

/// The manifests of a tree, each read once and only when asked for.
pub struct Crates<'a> {
    pub tree: &'a Tree,
    loaded: RefCell<BTreeMap<String, Loaded>>,
    members: RefCell<BTreeMap<String, Rc<BTreeSet<String>>>>,
}

/// A binary target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub name: Sourced<String>,
    /// Of its main file, from the repository root.
    pub path: String,
    pub required_features: Vec<String>,
}

pub fn manifest_path(dir: &str) -> String {
    paths::join(dir, "Cargo.toml").expect("a name without dots")
}

impl<'a> Crates<'a> {
    pub fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            loaded: RefCell::default(),
            members: RefCell::default(),
        }
    }

    /// The manifest in a folder; `None` when there is none.
    ///
    /// # Errors
    /// It is there but cannot be read.
    pub fn get(&self, dir: &str) -> Loaded {
        if let Some(done) = self.loaded.borrow().get(dir) {
            return done.clone();
        }
        let load = || {
            let Some(source) = self.tree.read(&manifest_path(dir))? else {
                return Ok(None);
            };
            let manifest = cargo::parse(&source).map_err(|e| self.of_template(dir, e))?;
            Ok(Some(Rc::new(Crate {
                dir: dir.to_string(),
                source,
                manifest,
            })))
        };
        let loaded: Loaded = load();
        self.loaded.borrow_mut().insert(dir.to_string(), loaded.clone());
        loaded
    }

    /// A template's manifest has blanks that cargo-generate fills in.
    fn of_template(&self, dir: &str, error: Diagnostic) -> Diagnostic {
        let template = paths::ancestors(dir)
            .filter_map(|d| paths::join(d, "cargo-generate.toml"))
            .any(|p| self.tree.has(&p));
        if !template {
            return error;
        }
        error.help("this is a template: make a project of it with `cargo generate`, and start rdock there")
    }

    /// The folders of all manifests, sorted.
    pub fn dirs(&self) -> impl Iterator<Item = &'a str> {
        self.tree
            .files()
            .filter(|path| paths::base(path) == "Cargo.toml")
            .map(paths::parent)
    }

    /// The folder of the workspace that a package belongs to; its own where it stands alone.
    ///
    /// # Errors
    /// A manifest on the way up cannot be read.
    pub fn root_of(&self, dir: &str) -> Result<String, Diagnostic> {
        for up in paths::ancestors(dir) {
            let Some(found) = self.get(up)? else { continue };
            if let Some(table) = &found.manifest.workspace {
                if up == dir || !excluded(up, table, dir) {
                    return Ok(up.to_string());
                }
            } else if let Some(pointer) = found.manifest.package.as_ref().and_then(|p| p.workspace.as_ref())
                && let Some(root) = paths::join(up, &pointer.value)
            {
                return Ok(root);
            }
        }
        Ok(dir.to_string())
    }

    /// The folders of a workspace's packages: listed, globbed, and the path dependencies of those.
    ///
    /// # Errors
    /// A member's manifest cannot be read.
    pub fn members(&self, root: &str) -> Result<Rc<BTreeSet<String>>, Diagnostic> {
        if let Some(done) = self.members.borrow().get(root) {
            return Ok(done.clone());
        }
        let mut members = BTreeSet::new();
        if let Some(found) = self.get(root)? {
            let mut todo = vec![root.to_string()];
            if let Some(table) = &found.manifest.workspace {
                todo.extend(self.expand(root, &table.members));
            }
            while let Some(dir) = todo.pop() {
                let Some(member) = self.get(&dir)? else { continue };
                let out = found.manifest.workspace.as_ref();
                if member.manifest.package.is_none()
                    || members.contains(&dir)
                    || out.is_some_and(|t| dir != root && excluded(root, t, &dir))
                {
                    continue;
                }
                members.insert(dir.clone());
                for dependency in &member.manifest.dependencies {
                    todo.extend(
                        self.path_of(root, &dir, dependency)
                            .filter(|path| found.manifest.workspace.is_some() && paths::is_under(path, root)),
                    );
                }
            }
        }
        let members = Rc::new(members);
        self.members
            .borrow_mut()
            .insert(root.to_string(), members.clone());
        Ok(members)
    }

    /// The packages that `cargo build` in the root builds.
    ///
    /// # Errors
    /// A member's manifest cannot be read.
    pub fn default_members(&self, root: &str) -> Result<BTreeSet<String>, Diagnostic> {
        let members = self.members(root)?;
        let Some(found) = self.get(root)? else {
            return Ok(BTreeSet::new());
        };
        let listed = found
            .manifest
            .workspace
            .as_ref()
            .and_then(|t| t.default_members.as_ref());
        Ok(match listed {
            Some(listed) => self
                .expand(root, listed)
                .into_iter()
                .filter(|dir| members.contains(dir))
                .collect(),
            None if found.manifest.package.is_some() => BTreeSet::from([root.to_string()]),
            None => members.iter().cloned().collect(),
        })
    }

    /// Patterns of folders, as the folders with a manifest that fit.
    fn expand(&self, root: &str, patterns: &[Sourced<String>]) -> Vec<String> {
        let mut dirs = Vec::new();
        for pattern in patterns {
            let plain = pattern.value.trim_start_matches("./").trim_end_matches('/');
            let plain = if plain == "." { "" } else { plain };
            if !plain.contains(['*', '?', '[']) {
                dirs.extend(paths::join(root, plain));
                continue;
            }
            let Ok(glob) = globset::GlobBuilder::new(plain).literal_separator(true).build() else {
                continue;
            };
            let glob = glob.compile_matcher();
            dirs.extend(
                self.tree
                    .under(root)
                    .filter(|path| paths::base(path) == "Cargo.toml")
                    .map(paths::parent)
                    .filter(|dir| paths::is_under(dir, root) && glob.is_match(paths::relative(dir, root)))
                    .map(str::to_string),
            );
        }
        dirs
    }

    /// The dependency as the workspace completes it: its own features beside the inherited ones.
    pub fn inherit(&self, root: &str, dependency: &Dependency) -> Dependency {
        let mut whole = dependency.clone();
        if !dependency.inherited {
            return whole;
        }
        let Ok(Some(found)) = self.get(root) else {
            return whole;
        };
        let shared = found.manifest.workspace.iter().flat_map(|t| &t.dependencies);
        if let Some(shared) = shared.into_iter().find(|d| d.key == dependency.key) {
            whole.name.clone_from(&shared.name);
            whole.path.clone_from(&shared.path);
            whole.registry.clone_from(&shared.registry);
            whole.default_features = shared.default_features;
            whole.features.extend(shared.features.iter().cloned());
        }
        whole
    }

    /// The folder that a path dependency names.
    pub fn path_of(&self, root: &str, dir: &str, dependency: &Dependency) -> Option<String> {
        let base = if dependency.inherited { root } else { dir };
        paths::join(base, &self.inherit(root, dependency).path?.value)
    }

    /// `edition` or `rust-version`, own or inherited.
    pub fn value(
        &self,
        root: &str,
        own: Option<&Inherited>,
        shared: impl Fn(&cargo::WorkspaceTable) -> Option<Sourced<String>>,
    ) -> Option<Sourced<String>> {
        match own? {
            Inherited::Own(value) => Some(value.clone()),
            Inherited::Workspace => {
                let found = self.get(root).ok()??;
                found.manifest.workspace.as_ref().and_then(shared)
            }
        }
    }

    pub fn edition(&self, root: &str, manifest: &CargoToml) -> Option<Sourced<String>> {
        let package = manifest.package.as_ref()?;
        self.value(root, package.edition.as_ref(), |t| t.edition.clone())
    }

    pub fn rust_version(&self, root: &str, manifest: &CargoToml) -> Option<Sourced<String>> {
        let package = manifest.package.as_ref()?;
        self.value(root, package.rust_version.as_ref(), |t| t.rust_version.clone())
    }

    /// The binary targets of the package in a folder: `[[bin]]`, src/main.rs and src/bin.
    ///
    /// # Errors
    /// A `[[bin]]` whose file is not to be found.
    pub fn targets(&self, root: &str, found: &Crate) -> Result<Vec<Target>, Diagnostic> {
        let Some(package) = &found.manifest.package else {
            return Ok(Vec::new());
        };
        let edition = self
            .edition(root, &found.manifest)
            .map_or("2015".into(), |e| e.value);
        let guessed = self.guessed(&found.dir, &package.name);
        let mut targets: Vec<Target> = Vec::new();
        for bin in &found.manifest.bins {
            let path = match &bin.path {
                Some(path) => paths::join(&found.dir, path),
                None => guessed
                    .iter()
                    .find(|g| g.name.value == bin.name.value)
                    .map(|g| g.path.clone())
                    .or_else(|| self.legacy(&found.dir, &bin.name.value, &edition)),
            };
            let Some(path) = path.filter(|path| self.tree.has(path)) else {
                return Err(Diagnostic::error(
                    &super::rules::NO_TARGET,
                    format!("the file of the binary `{}` is not there", bin.name.value),
                )
                .at(bin.name.at.clone(), "this binary")
                .help(format!(
                    "add src/bin/{}.rs, or give the `path` of its main file",
                    bin.name.value
                )));
            };
            targets.push(Target {
                name: bin.name.clone(),
                path,
                required_features: bin.required_features.clone(),
            });
        }
        let automatic = package
            .autobins
            .unwrap_or(edition != "2015" || found.manifest.bins.is_empty());
        if automatic {
            for guess in guessed {
                if !targets
                    .iter()
                    .any(|t| t.name.value == guess.name.value || t.path == guess.path)
                {
                    targets.push(guess);
                }
            }
        }
        Ok(targets)
    }

    /// What Cargo finds by itself: src/main.rs, src/bin/NAME.rs, src/bin/NAME/main.rs.
    fn guessed(&self, dir: &str, package: &Sourced<String>) -> Vec<Target> {
        let at = |path: &str| paths::join(dir, path).expect("inside the package");
        let target = |name: Sourced<String>, path: String| Target {
            name,
            path,
            required_features: Vec::new(),
        };
        let mut found = Vec::new();
        if self.tree.has(&at("src/main.rs")) {
            found.push(target(package.clone(), at("src/main.rs")));
        }
        for path in self.tree.files_in(&at("src/bin")) {
            if let Some(stem) = paths::base(path).strip_suffix(".rs") {
                let name = Sourced::new(stem.to_string(), self.tree.place(path));
                found.push(target(name, path.to_string()));
            }
        }
        for folder in self.tree.dirs_in(&at("src/bin")) {
            let path = format!("{folder}/main.rs");
            if self.tree.has(&path) {
                let name = Sourced::new(paths::base(&folder).to_string(), self.tree.place(&path));
                found.push(target(name, path));
            }
        }
        found
    }

    /// Where the edition of 2015 also looks for a `[[bin]]` without a path.
    fn legacy(&self, dir: &str, name: &str, edition: &str) -> Option<String> {
        let library = self.tree.has(&paths::join(dir, "src/lib.rs")?);
        let named = format!("src/{name}.rs");
        let places = [named.as_str(), "src/main.rs", "src/bin/main.rs"];
        places
            .iter()
            .skip(usize::from(library))
            .filter_map(|p| paths::join(dir, p))
            .find(|p| edition == "2015" && self.tree.has(p))
    }
}

/// Does the workspace in `root` leave out what lies in `dir`?
fn excluded(root: &str, table: &cargo::WorkspaceTable, dir: &str) -> bool {
    let under = |list: &[Sourced<String>]| {
        list.iter()
            .any(|e| paths::join(root, &e.value).is_some_and(|e| paths::is_under(dir, &e)))
    };
    under(&table.exclude) && !under(&table.members)
}

/// A package in a folder that no workspace around it wants: Cargo refuses to build it.
pub fn disowned(root: &str, found: &Crate) -> Diagnostic {
    let at = found.manifest.package.as_ref().map(|p| p.name.at.clone());
    Diagnostic::error(
        &super::rules::DISOWNED,
        format!(
            "the workspace of {} does not list this package",
            manifest_path(root)
        ),
    )
    .at(
        at.unwrap_or_else(|| Location::whole(&found.source)),
        "Cargo refuses to build it",
    )
    .help(format!(
        "add \"{}\" to `members` or to `exclude` in {}",
        paths::relative(&found.dir, root),
        manifest_path(root)
    ))
}

/// The manifest of a claim; a claim is only made where there is one.
///
/// # Errors
/// It cannot be read.
pub fn claimed(crates: &Crates, dir: &str) -> Result<Rc<Crate>, Diagnostic> {
    crates.get(dir)?.ok_or_else(|| {
        Diagnostic::error(&rules::NOTHING_FOUND, format!("no {}", manifest_path(dir)))
            .help("run `rdock list` to see what can be built")
    })
}
