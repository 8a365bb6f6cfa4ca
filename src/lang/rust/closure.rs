//! What the chosen program is made of: the local packages with their features, and the crates of
//! Cargo.lock that these reach. Cargo.lock alone would also name the crates of other programs, of
//! tests and of optional features.

use super::cfg;
use super::workspace::Crates;
use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::cargo::{CargoLock, Dependency, Kind};
use crate::paths;
use crate::source::Location;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Closure {
    /// Folders of the packages in this repository that are compiled.
    pub local: BTreeSet<String>,
    /// Packages of this repository that another one here depends on, by name, with the first place that does.
    pub beside: BTreeMap<String, Location>,
    /// The crates from elsewhere, by name.
    pub crates: BTreeMap<String, Use>,
    /// Features and optional dependencies that the local manifests name and that are on, and those that are off.
    /// Cargo.lock has the crates of both.
    pub on: BTreeSet<String>,
    pub off: BTreeSet<String>,
}

impl Closure {
    /// Where a package here depends on the crate directly, be it from elsewhere or from this repository.
    pub fn depends(&self, name: &str) -> Option<&Location> {
        let used = self.crates.get(name).filter(|u| u.direct).map(|u| &u.at);
        used.or_else(|| self.beside.get(name))
    }
}

/// How a crate is used.
#[derive(Clone, Debug)]
pub struct Use {
    /// In Cargo.lock, or where there is none in the manifest that asks for it.
    pub at: Location,
    /// Packages that depend on it.
    pub parents: BTreeSet<String>,
    /// What it depends on, as far as Cargo.lock tells; turned on features show in it.
    pub needs: BTreeSet<String>,
    /// Features that a manifest of this repository asks for.
    pub features: BTreeSet<String>,
    /// Is it a direct dependency of a package here, beside build scripts?
    pub direct: bool,
}

/// Start at the package in `dir` with these features beside the default ones.
///
/// # Errors
/// A local package's manifest cannot be read.
pub fn closure(
    crates: &Crates,
    root: &str,
    dir: &str,
    features: &[String],
    lock: Option<&CargoLock>,
) -> Result<Closure, Diagnostic> {
    let mut closure = Closure::default();
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut start: BTreeSet<String> = features.iter().cloned().collect();
    start.insert("default".into());
    let mut todo = vec![(dir.to_string(), start)];
    while let Some((dir, features)) = todo.pop() {
        let known = asked.entry(dir.clone()).or_default();
        let before = known.len();
        known.extend(features);
        if known.len() == before && closure.local.contains(&dir) {
            continue;
        }
        let Some(found) = crates.get(&dir)? else { continue };
        closure.local.insert(dir.clone());
        let on = turned_on(&found.manifest.features, &found.manifest.dependencies, known);
        closure.on.extend(on.names.iter().cloned());
        for (feature, more) in &found.manifest.features {
            if !on.names.contains(feature) {
                closure.off.extend(more.iter().cloned());
                closure.off.insert(feature.clone());
            }
        }
        let home = crates.root_of(&dir)?;
        let name = found.manifest.package.as_ref().map(|p| p.name.value.clone());
        for dependency in &found.manifest.dependencies {
            let idle = dependency.optional && !on.dependencies.contains(&dependency.key);
            let elsewhere = dependency.target.as_ref().is_some_and(|t| !cfg::may_hold(t));
            if dependency.kind == Kind::Dev || idle || elsewhere {
                continue;
            }
            let whole = crates.inherit(&home, dependency);
            closure.on.insert(whole.name.clone());
            closure.on.extend(whole.features.iter().cloned());
            let mut wanted: BTreeSet<String> = whole.features.iter().cloned().collect();
            wanted.extend(on.of(&dependency.key));
            if whole.default_features {
                closure.on.insert(format!("{}/default", whole.name));
                wanted.insert("default".into());
            }
            match crates.path_of(&home, &dir, dependency) {
                Some(path) if crates.get(&path)?.is_none() => return Err(absent(crates, dependency, &path)),
                Some(path) => {
                    if dependency.kind == Kind::Normal {
                        let at = || dependency.at.clone();
                        closure.beside.entry(whole.name.clone()).or_insert_with(at);
                    }
                    todo.push((path, wanted));
                }
                None if whole.path.is_some() => return Err(outside(dependency, &whole)),
                None => direct(&mut closure, lock, name.as_deref(), &whole, wanted),
            }
        }
    }
    if let Some(lock) = lock {
        follow(&mut closure, lock);
    }
    patched(crates, root, &mut closure)?;
    Ok(closure)
}

/// A path dependency whose folder is empty: most often a submodule that was not fetched.
fn absent(crates: &Crates, dependency: &Dependency, path: &str) -> Diagnostic {
    let submodule = crates.tree.text(".gitmodules").is_some_and(|s| {
        s.text.lines().any(|l| {
            l.trim()
                .strip_prefix("path = ")
                .is_some_and(|p| paths::is_under(path, p))
        })
    });
    let help = if submodule {
        "it is a submodule: run `git submodule update --init`".to_string()
    } else {
        format!("add {path}/Cargo.toml, or mend the dependency's `path`")
    };
    Diagnostic::error(&rules::MISSING_INPUT, format!("{path} holds no package"))
        .at(dependency.at.clone(), "depends on it")
        .help(help)
}

/// A path that leads out of the repository: the build sees nothing there.
fn outside(dependency: &Dependency, whole: &Dependency) -> Diagnostic {
    let path = whole.path.as_ref().map_or("", |p| &p.value);
    let at = whole.path.as_ref().map_or(&dependency.at, |p| &p.at);
    Diagnostic::error(
        &rules::MISSING_INPUT,
        format!("{path} is outside of the repository"),
    )
    .at(at.clone(), format!("{} comes from there", whole.name))
    .help(
        "take out `path`, so that cargo fetches the crate, or start rdock in the repository that holds both",
    )
}

#[derive(Default)]
struct On {
    /// All that was turned on, as it is written.
    names: BTreeSet<String>,
    dependencies: BTreeSet<String>,
    /// Dependency and feature of it.
    features: Vec<(String, String)>,
}

impl On {
    fn of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = String> + 'a {
        self.features
            .iter()
            .filter(move |(d, _)| d == key)
            .map(|(_, f)| f.clone())
    }
}

/// What a set of features turns on: `x`, `dep:x`, `x/feature`, `x?/feature`.
fn turned_on(table: &[(String, Vec<String>)], dependencies: &[Dependency], asked: &BTreeSet<String>) -> On {
    let mut on = On::default();
    let mut todo: Vec<String> = asked.iter().cloned().collect();
    while let Some(feature) = todo.pop() {
        if !on.names.insert(feature.clone()) {
            continue;
        }
        if let Some(dependency) = feature.strip_prefix("dep:") {
            on.dependencies.insert(dependency.to_string());
        } else if let Some((dependency, of)) = feature.split_once('/') {
            let (dependency, weak) = match dependency.strip_suffix('?') {
                Some(dependency) => (dependency, true),
                None => (dependency, false),
            };
            if !weak {
                on.dependencies.insert(dependency.to_string());
            }
            on.features.push((dependency.to_string(), of.to_string()));
        } else if let Some((_, more)) = table.iter().find(|(name, _)| *name == feature) {
            todo.extend(more.iter().cloned());
        } else if dependencies.iter().any(|d| d.optional && d.key == feature) {
            on.dependencies.insert(feature);
        }
    }
    on
}

/// All that these features turn on, as it is written.
pub fn features(table: &[(String, Vec<String>)], asked: &[String]) -> BTreeSet<String> {
    turned_on(table, &[], &asked.iter().cloned().collect()).names
}

fn direct(
    closure: &mut Closure,
    lock: Option<&CargoLock>,
    parent: Option<&str>,
    dependency: &Dependency,
    features: BTreeSet<String>,
) {
    let place = lock.and_then(|lock| {
        let index = lock.find(&dependency.name)?;
        Some(lock.packages[index].at.clone())
    });
    let used = closure
        .crates
        .entry(dependency.name.clone())
        .or_insert_with(|| Use {
            at: place.unwrap_or_else(|| dependency.at.clone()),
            parents: BTreeSet::new(),
            needs: BTreeSet::new(),
            features: BTreeSet::new(),
            direct: false,
        });
    used.parents.extend(parent.map(str::to_string));
    used.features.extend(features);
    used.direct |= dependency.kind == Kind::Normal;
}

/// From the direct dependencies along the edges of Cargo.lock.
fn follow(closure: &mut Closure, lock: &CargoLock) {
    let mut seen = BTreeSet::new();
    let direct: BTreeSet<&String> = closure.crates.keys().collect();
    let mut todo: Vec<usize> = (0..lock.packages.len())
        .filter(|i| direct.contains(&lock.packages[*i].name))
        .collect();
    while let Some(index) = todo.pop() {
        if !seen.insert(index) {
            continue;
        }
        let package = &lock.packages[index];
        for edge in &package.dependencies {
            let Some(next) = lock.find(edge) else { continue };
            let needed = &lock.packages[next];
            let used = closure.crates.entry(needed.name.clone()).or_insert_with(|| Use {
                at: needed.at.clone(),
                parents: BTreeSet::new(),
                needs: BTreeSet::new(),
                features: BTreeSet::new(),
                direct: false,
            });
            used.parents.insert(package.name.clone());
            todo.push(next);
        }
        if let Some(used) = closure.crates.get_mut(&package.name) {
            let names = package.dependencies.iter();
            used.needs
                .extend(names.filter_map(|e| e.split(' ').next().map(str::to_string)));
        }
    }
}

/// Folders of `[patch]` that stand in for crates in use.
fn patched(crates: &Crates, root: &str, closure: &mut Closure) -> Result<(), Diagnostic> {
    let Some(found) = crates.get(root)? else {
        return Ok(());
    };
    for patch in &found.manifest.patched {
        let Some(dir) = paths::join(root, &patch.value) else {
            continue;
        };
        let Some(package) = crates.get(&dir)? else {
            continue;
        };
        let name = package.manifest.package.as_ref().map(|p| p.name.value.as_str());
        if name.is_some_and(|n| closure.crates.contains_key(n)) {
            closure.local.insert(dir);
        }
    }
    Ok(())
}
