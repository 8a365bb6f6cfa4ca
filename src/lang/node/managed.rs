//! Which package manager a project uses, in which version, and what its lockfile says.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::declared::{declared, hinted, version_of};
use crate::lang::node::manager::{self, Id, Manager};
use crate::lang::node::rules;
use crate::lang::node::workspace::{Workspace, in_dir};
use crate::manifest::doc;
use crate::manifest::node_lock::{self, Lock};
use crate::manifest::package_json::{Kind, PackageJson};
use crate::tree::Tree;
use nodejs_semver::{Range, Version};
use std::sync::Arc;

/// How Yarn 2 and newer lay out what they install.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Linker {
    NodeModules,
    /// Zip files and .pnp.cjs.
    Pnp,
}

pub struct Managed {
    pub manager: &'static Manager,
    /// Exact version to install; `None` where the image's own will do.
    pub version: Option<String>,
    pub because: Because,
    pub over: Vec<Rejected>,
    /// Path of the lockfile.
    pub lockfile: Option<String>,
    pub lock: Arc<Lock>,
    /// The lockfile is there and fits the manifests.
    pub frozen: bool,
    pub linker: Linker,
    /// Committed zip files.
    pub zero_install: bool,
    pub warnings: Vec<Diagnostic>,
}

struct Candidate {
    manager: &'static Manager,
    path: String,
    lock: Arc<Lock>,
    missing: Option<String>,
}

/// What a lockfile says; one that is not there says nothing.
fn lock(tree: &Tree, path: &str, id: Id) -> Result<Arc<Lock>, Diagnostic> {
    let lock = tree.parsed(path, |source| match id {
        Id::Npm => node_lock::npm(source),
        Id::Bun => node_lock::bun(source),
        Id::Pnpm => Ok(node_lock::pnpm(source)),
        Id::Yarn1 | Id::Berry => Ok(node_lock::yarn(source)),
    })?;
    Ok(lock.unwrap_or_default())
}

fn candidates(tree: &Tree, root: &str, packages: &[&PackageJson]) -> Result<Vec<Candidate>, Diagnostic> {
    let mut found: Vec<Candidate> = Vec::new();
    for manager in [&manager::PNPM, &manager::BUN, &manager::YARN1, &manager::NPM] {
        let Some(path) = manager
            .locks
            .iter()
            .map(|l| in_dir(root, l))
            .find(|l| tree.has(l))
        else {
            continue;
        };
        let binary = path.ends_with(".lockb");
        let lock = if binary {
            Arc::default()
        } else {
            lock(tree, &path, manager.id)?
        };
        let manager = if lock.berry { &manager::BERRY } else { manager };
        let missing = if binary {
            None
        } else {
            outdated(manager, &lock, packages)
        };
        found.push(Candidate {
            manager,
            path,
            lock,
            missing,
        });
    }
    Ok(found)
}

/// A dependency that the lockfile does not know, so that a frozen install would fail.
fn outdated(manager: &Manager, lock: &Lock, packages: &[&PackageJson]) -> Option<String> {
    let names: Vec<&str> = packages.iter().filter_map(|p| p.name.as_deref()).collect();
    packages.iter().flat_map(|p| &p.dependencies).find_map(|d| {
        let local = [
            "workspace:",
            "file:",
            "link:",
            "portal:",
            "npm:",
            "git",
            "http",
            "catalog:",
            "patch:",
        ]
        .iter()
        .any(|p| d.range.starts_with(p));
        let registry = !local && !d.range.contains('/') && !names.contains(&d.name.as_str());
        let required = matches!(d.kind, Kind::Production | Kind::Development);
        if !registry || !required {
            return None;
        }
        let Some(entries) = lock.packages.get(&d.name) else {
            return Some(format!("{}@{}", d.name, d.range));
        };
        let Ok(range) = Range::parse(&d.range) else {
            return None;
        };
        let fits = manager.id != Id::Npm
            || entries
                .iter()
                .any(|e| Version::parse(&e.version).is_ok_and(|v| range.satisfies_with_prerelease(&v, true)));
        (!fits).then(|| format!("{}@{}", d.name, d.range))
    })
}

/// # Errors
/// A lockfile that is there but cannot be read.
pub fn detect(
    tree: &Tree,
    root: &str,
    own: &PackageJson,
    workspace: Option<&Workspace>,
) -> Result<Managed, Diagnostic> {
    let mut packages: Vec<&PackageJson> = workspace.and_then(|w| w.package.as_deref()).into_iter().collect();
    packages.push(own);
    packages.extend(
        workspace
            .iter()
            .flat_map(|w| w.members.iter().map(|m| &*m.package)),
    );
    let declared = declared(&packages[..packages.len().min(2)]);
    let mut found = candidates(tree, root, &packages)?;
    let mut warnings = Vec::new();
    let hinted = hinted(tree, root, &packages);
    // The declared manager's lockfile, then one that fits the manifests, then the order of the table.
    found.sort_by_key(|c| {
        let same = |m: &Manager| m.name == c.manager.name;
        (
            declared.as_ref().is_some_and(|d| !same(d.manager)),
            c.missing.is_some(),
            hinted.is_some_and(|h| !same(h)),
        )
    });
    let mut over = Vec::new();
    if found.len() > 1 && declared.is_none() {
        let names: Vec<&str> = found.iter().map(|c| c.path.as_str()).collect();
        warnings.push(
            Diagnostic::warning(
                &rules::TWO_LOCKFILES,
                format!("{} are both there", names.join(" and ")),
            )
            .at(tree.place(&found[0].path), "")
            .help(format!(
                "delete {}, or add \"packageManager\" to package.json",
                names[1..].join(" and ")
            )),
        );
    }
    for other in found.iter().skip(1) {
        over.push(Rejected::possible(
            other.manager.name,
            match &other.missing {
                Some(name) => format!("{} lacks {name}", other.path),
                None => format!("{} is not the lockfile in use", other.path),
            },
        ));
    }
    let chosen = found.into_iter().next();
    if let (Some(d), Some(c)) = (&declared, &chosen)
        && d.manager.name != c.manager.name
    {
        warnings.push(
            Diagnostic::warning(
                &rules::TWO_LOCKFILES,
                format!(
                    "package.json names {}, but the lockfile is {}",
                    d.manager.name, c.path
                ),
            )
            .at(tree.place(&c.path), "")
            .help(format!(
                "commit the lockfile of {}, or delete \"packageManager\"",
                d.manager.name
            )),
        );
    }
    let declared = declared.filter(|d| chosen.as_ref().is_none_or(|c| c.manager.name == d.manager.name));
    let (mut manager, because) = match (&declared, &chosen) {
        (Some(d), _) => (d.manager, d.because.clone()),
        (None, Some(c)) => (c.manager, Because::at(&tree.place(&c.path), "is its lockfile")),
        (None, None) => match hinted {
            Some(manager) => (
                manager,
                Because::rule(format!("the project's files name {}", manager.name)),
            ),
            None => (
                &manager::NPM,
                Because::rule("nothing names another package manager"),
            ),
        },
    };
    let linker_file = in_dir(root, ".yarnrc.yml");
    let yarnrc = match tree.read(&linker_file)? {
        Some(source) => doc::yaml(&source)?.into_iter().next(),
        None => None,
    };
    // A berry lockfile outranks a wrong guess of the line.
    if let Some(c) = &chosen
        && declared.as_ref().is_none_or(|d| d.version.is_none())
        && matches!(manager.id, Id::Yarn1 | Id::Berry)
    {
        manager = c.manager;
    }
    let version = declared.and_then(|d| d.version).or_else(|| {
        version_of(
            manager,
            tree,
            root,
            chosen.as_ref().map(|c| &*c.lock),
            &packages,
            yarnrc.as_ref(),
        )
    });
    if let Some(version) = &version {
        manager = manager.for_version(version);
    }
    let linker = match yarnrc
        .as_ref()
        .and_then(|y| y.get("nodeLinker"))
        .and_then(doc::Node::as_str)
    {
        _ if manager.id != Id::Berry => Linker::NodeModules,
        Some("node-modules" | "pnpm") => Linker::NodeModules,
        _ => Linker::Pnp,
    };
    let missing = chosen.as_ref().and_then(|c| c.missing.clone());
    if let (Some(c), Some(name)) = (&chosen, &missing) {
        warnings.push(
            Diagnostic::warning(&rules::NO_LOCKFILE, format!("{} does not lock {name}", c.path))
                .at(tree.place(&c.path), "")
                .help(format!("run `{}` and commit {}", manager.loose, c.path)),
        );
    }
    if chosen.is_none() && packages.iter().any(|p| !p.dependencies.is_empty()) {
        warnings.push(
            Diagnostic::warning(
                &rules::NO_LOCKFILE,
                "there is no lockfile, so the image is not repeatable",
            )
            .at(own.at(), "")
            .help(format!(
                "run `{}` and commit {}",
                manager.loose,
                manager.locks[manager.locks.len() - 1]
            )),
        );
    }
    Ok(Managed {
        manager,
        version,
        because,
        over,
        frozen: chosen.is_some() && missing.is_none(),
        zero_install: tree.has_dir(&in_dir(root, ".yarn/cache")),
        linker,
        lockfile: chosen.as_ref().map(|c| c.path.clone()),
        lock: chosen.map(|c| c.lock).unwrap_or_default(),
        warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::node::workspace;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: (&str, Option<&str>, bool)) {
        let tree = Tree::from_pairs(files.iter().copied());
        let own = workspace::read(&tree, "").unwrap().unwrap();
        let found = detect(&tree, "", &own, None).unwrap();
        assert_eq!(
            (found.manager.name, found.version.as_deref(), found.frozen),
            expected
        );
    }

    #[test]
    fn the_declared_manager_wins_with_its_exact_version() {
        let package = r#"{"packageManager": "pnpm@9.1.2+sha512.abc"}"#;
        let lock = "lockfileVersion: '9.0'\n";
        check(
            &[("package.json", package), ("pnpm-lock.yaml", lock)],
            ("pnpm", Some("9.1.2"), true),
        );
        let range = r#"{"devEngines": {"packageManager": {"name": "pnpm", "version": "^9.0.0"}}}"#;
        check(
            &[("package.json", range), ("pnpm-lock.yaml", lock)],
            ("pnpm", Some("9.15.9"), true),
        );
    }

    #[test]
    fn a_lockfile_tells_the_line() {
        check(
            &[
                ("package.json", "{}"),
                ("pnpm-lock.yaml", "lockfileVersion: '6.0'\n"),
            ],
            ("pnpm", Some("8.15.9"), true),
        );
        check(
            &[
                ("package.json", "{}"),
                ("yarn.lock", "__metadata:\n  version: 6\n"),
            ],
            ("Yarn", Some("3.8.7"), true),
        );
        check(
            &[("package.json", "{}"), ("yarn.lock", "# yarn lockfile v1\n")],
            ("Yarn", Some("1.22.22"), true),
        );
        check(&[("package.json", "{}")], ("npm", None, false));
    }

    #[test]
    fn of_two_lockfiles_the_one_that_fits_the_manifest_is_taken() {
        let package = r#"{"dependencies": {"a": "^1.0.0"}}"#;
        let npm = r#"{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.1.0"}}}"#;
        check(
            &[
                ("package.json", package),
                ("package-lock.json", npm),
                ("yarn.lock", "# yarn lockfile v1\n"),
            ],
            ("npm", None, true),
        );
    }

    #[test]
    fn a_lockfile_that_is_behind_the_manifest_is_not_frozen() {
        let package = r#"{"dependencies": {"a": "^2.0.0"}}"#;
        let npm = r#"{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.1.0"}}}"#;
        check(
            &[("package.json", package), ("package-lock.json", npm)],
            ("npm", None, false),
        );
    }
}
