//! Packages that a manifest names by their folder outside of the one that is installed:
//! `file:../shared`. The build context begins above both.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::rules;
use crate::lang::node::scripts;
use crate::lang::node::workspace;
use crate::manifest::package_json::{Dependency, Kind, PackageJson};
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A folder, or a packed file, outside of the package that names it.
pub struct Local {
    /// From the repository's root.
    pub path: String,
    /// Of a folder with a manifest.
    pub package: Option<Arc<PackageJson>>,
    /// What runs needs it, not the build alone.
    pub production: bool,
}

/// What packages name outside of `root`, and what those name in their turn, each once. `named` are manifests
/// with their folders.
///
/// # Errors
/// A path leads out of the repository or to nothing, or a manifest is broken.
pub fn find(tree: &Tree, root: &str, named: &[(&str, &Arc<PackageJson>)]) -> Result<Vec<Local>, Diagnostic> {
    let mut found: BTreeMap<String, Local> = BTreeMap::new();
    let own = named
        .iter()
        .map(|(dir, package)| (dir.to_string(), (*package).clone(), true));
    let mut next: Vec<(String, Arc<PackageJson>, bool)> = own.collect();
    while let Some((dir, package, runs)) = next.pop() {
        for dependency in &package.dependencies {
            let Some(named) = folder(dependency).filter(|p| p.starts_with("..")) else {
                continue;
            };
            let path = paths::join(&dir, named)
                .filter(|p| tree.has(p) || tree.has_dir(p))
                .ok_or_else(|| missing(dependency))?;
            let production = runs && dependency.kind != Kind::Development;
            let known = found.get(&path).is_some_and(|l| l.production || !production);
            if paths::is_under(&path, root) || known {
                continue;
            }
            let package = workspace::read(tree, &path)?;
            next.extend(package.clone().map(|p| (path.clone(), p, production)));
            let local = Local {
                path: path.clone(),
                package,
                production,
            };
            found.insert(path, local);
        }
    }
    Ok(found.into_values().collect())
}

/// The folder that a dependency's range names.
fn folder(dependency: &Dependency) -> Option<&str> {
    ["file:", "link:", "portal:"]
        .iter()
        .find_map(|p| dependency.range.strip_prefix(p))
}

fn missing(dependency: &Dependency) -> Diagnostic {
    Diagnostic::error(
        &rules::OUTSIDE,
        format!("{} is not in the repository", dependency.range),
    )
    .at(dependency.at.clone(), "not to be had in a build")
    .help("copy it into the repository, or take it from a registry")
}

/// The folder that holds the package and all that it names.
pub fn context(tree: &Tree, root: &str, named: &[(&str, &Arc<PackageJson>)]) -> String {
    // What is wrong with them is said where the package is planned.
    let found = find(tree, root, named).unwrap_or_default();
    let folders = found.iter().map(|l| match &l.package {
        Some(_) => l.path.as_str(),
        None => paths::parent(&l.path),
    });
    paths::common([root].into_iter().chain(folders))
}

impl Facts<'_> {
    /// The COPY arguments that bring one of them, and the path that is read. npm links to the folder, so its
    /// install reads the manifest alone; the others take a copy of the whole.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn brought(&self, local: &Local, install: bool) -> Result<(Safe, String), Diagnostic> {
        let manifest = install && local.package.is_some() && self.managed.manager.id == Id::Npm;
        let read = match manifest {
            true => workspace::manifest(&local.path),
            false => local.path.clone(),
        };
        let file = self.tree.has(&read);
        let from = escape::path(paths::relative(&read, self.context))?;
        let to = match file {
            true => self.in_image(paths::parent(&read)) + "/",
            false => self.in_image(&read),
        };
        let to = escape::path(&to)?;
        Ok((Safe::literal(format!("{from} {to}")), read))
    }

    /// COPY arguments of those that the program needs when it runs.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn shipped_locals(&self, built: bool) -> Result<Vec<Safe>, Diagnostic> {
        let mut copies = Vec::new();
        let folders = self.locals.iter().filter(|l| l.production && l.package.is_some());
        for local in folders {
            let path = escape::path(&self.in_image(&local.path))?;
            let stage = if built { "prod-deps" } else { "deps" };
            copies.push(Safe::literal(format!("--from={stage} {path} {path}")));
            if self.managed.manager.id != Id::Npm {
                continue;
            }
            copies.push(match built {
                true => Safe::literal(format!("--from=build --exclude=node_modules {path} {path}")),
                false => self.brought(local, false)?.0,
            });
        }
        Ok(copies)
    }

    /// Builds those that npm links to, before what needs them.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn local_builds(&self) -> Result<Vec<Safe>, Diagnostic> {
        if self.managed.manager.id != Id::Npm {
            return Ok(Vec::new());
        }
        let builds = self.locals.iter().filter_map(|local| {
            let (name, _) = scripts::build(local.package.as_ref()?)?;
            Some((name, self.in_image(&local.path)))
        });
        builds
            .map(|(name, path)| {
                let path = escape::shell(&path)?;
                Ok(Safe::literal(format!("npm run {name} --prefix={path}")))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_outside_bring_those_that_they_name() {
        let tree = Tree::from_pairs([
            (
                "apps/api/package.json",
                r#"{"dependencies": {"a": "file:../../libs/a", "own": "file:./own", "ms": "2"}}"#,
            ),
            ("apps/api/own/package.json", "{}"),
            (
                "libs/a/package.json",
                r#"{"dependencies": {"b": "link:../b", "a": "file:../a"}}"#,
            ),
            ("libs/b/package.json", "{}"),
        ]);
        let package = workspace::read(&tree, "apps/api").unwrap().unwrap();
        let named = [("apps/api", &package)];
        let found = find(&tree, "apps/api", &named).unwrap();
        let paths: Vec<&str> = found.iter().map(|l| l.path.as_str()).collect();
        assert_eq!(paths, ["libs/a", "libs/b"]);
        assert_eq!(context(&tree, "apps/api", &named), "");
    }
}
