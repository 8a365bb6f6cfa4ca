//! Which package manager a project uses, in which version, and what its lockfile says.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::manager::{self, Id, Manager};
use crate::lang::node::rules;
use crate::lang::node::workspace::{Workspace, in_dir};
use crate::manifest::doc;
use crate::manifest::node_lock::{self, Lock};
use crate::manifest::package_json::{Kind, PackageJson};
use crate::tree::Tree;
use nodejs_semver::{Range, Version};

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
    pub lock: Lock,
    /// The lockfile is there and fits the manifests.
    pub frozen: bool,
    pub linker: Linker,
    /// Committed zip files.
    pub zero_install: bool,
    pub warnings: Vec<Diagnostic>,
}

struct Declared {
    manager: &'static Manager,
    version: Option<String>,
    because: Because,
}

fn by_name(name: &str, version: Option<&str>) -> Option<&'static Manager> {
    let manager = match name {
        "npm" => &manager::NPM,
        "yarn" => &manager::YARN1,
        "pnpm" => &manager::PNPM,
        "bun" => &manager::BUN,
        _ => return None,
    };
    Some(version.map_or(manager, |v| manager.for_version(v)))
}

/// `packageManager` or `devEngines.packageManager` of the nearest manifest that has one.
fn declared(packages: &[&PackageJson]) -> Option<Declared> {
    packages.iter().find_map(|package| {
        if let Some(field) = &package.package_manager {
            let (name, version) = field.value.split_once('@').unwrap_or((&field.value, ""));
            let version = version.split('+').next().unwrap_or_default();
            let exact = Version::parse(version).is_ok().then(|| version.to_string());
            let manager = by_name(name, exact.as_deref().or(Some(version).filter(|v| !v.is_empty())))?;
            return Some(Declared {
                manager,
                version: exact,
                because: Because::at(&field.at, format!("says `{name}@{version}`")),
            });
        }
        let field = package.node.path(&["devEngines", "packageManager"])?;
        let first = field.items().first().unwrap_or(field);
        let name = first.get("name")?.as_str()?;
        let range = first
            .get("version")
            .and_then(doc::Node::as_str)
            .unwrap_or_default();
        let exact = Version::parse(range).is_ok().then(|| range.to_string());
        let manager = by_name(name, None)?;
        let version = exact.or_else(|| in_range(manager, range));
        Some(Declared {
            manager: version.as_deref().map_or(manager, |v| manager.for_version(v)),
            version,
            because: Because::at(
                &first.at,
                format!("asks for {name} {range}").trim_end().to_string(),
            ),
        })
    })
}

/// The newest version of any line of a manager that lies in a range.
fn in_range(manager: &'static Manager, range: &str) -> Option<String> {
    let range = Range::parse(range).ok()?;
    let lines = manager::ALL.iter().filter(|m| m.name == manager.name);
    let mut versions: Vec<Version> = lines
        .flat_map(|m| m.versions)
        .filter_map(|v| Version::parse(v).ok())
        .filter(|v| range.satisfies(v))
        .collect();
    versions.sort();
    versions
        .pop()
        .or_else(|| range.min_version())
        .map(|v| v.to_string())
}

struct Candidate {
    manager: &'static Manager,
    path: String,
    lock: Lock,
    missing: Option<String>,
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
        let source = if binary { None } else { tree.read(&path)? };
        let lock = match (&source, manager.id) {
            (None, _) => Lock::default(),
            (Some(source), Id::Npm) => node_lock::npm(source)?,
            (Some(source), Id::Bun) => node_lock::bun(source)?,
            (Some(source), Id::Pnpm) => node_lock::pnpm(source),
            (Some(source), _) => node_lock::yarn(source),
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
    let mut packages: Vec<&PackageJson> = workspace.and_then(|w| w.package.as_ref()).into_iter().collect();
    packages.push(own);
    packages.extend(
        workspace
            .iter()
            .flat_map(|w| w.members.iter().map(|m| &m.package)),
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
            chosen.as_ref().map(|c| &c.lock),
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

/// What files and scripts name a manager where no lockfile does.
fn hinted(tree: &Tree, root: &str, packages: &[&PackageJson]) -> Option<&'static Manager> {
    let files: [(&str, &'static Manager); 4] = [
        ("pnpm-workspace.yaml", &manager::PNPM),
        (".yarnrc.yml", &manager::BERRY),
        ("bunfig.toml", &manager::BUN),
        (".yarnrc", &manager::YARN1),
    ];
    if let Some((_, manager)) = files.iter().find(|(file, _)| tree.has(&in_dir(root, file))) {
        return Some(manager);
    }
    let root = packages.first()?;
    let words: [(&str, &'static Manager); 4] = [
        ("pnpm", &manager::PNPM),
        ("bun", &manager::BUN),
        ("bunx", &manager::BUN),
        ("yarn", &manager::YARN1),
    ];
    root.scripts
        .iter()
        .flat_map(|(_, s)| s.value.split_whitespace())
        .find_map(|word| words.iter().find(|(w, _)| *w == word).map(|(_, m)| *m))
}

/// A version where none is declared: what the files in use belong to.
fn version_of(
    manager: &'static Manager,
    tree: &Tree,
    root: &str,
    lock: Option<&Lock>,
    packages: &[&PackageJson],
    yarnrc: Option<&doc::Node>,
) -> Option<String> {
    let engine = |name: &str| {
        let range = packages.iter().find_map(|p| p.node.string(&["engines", name]))?;
        in_range(manager, &range.value)
    };
    match manager.id {
        Id::Npm => None,
        Id::Yarn1 => Some(manager::YARN1.versions[0].into()),
        Id::Bun => Some(manager::BUN.versions[0].into()),
        Id::Berry => {
            let release = yarnrc.and_then(|y| y.get("yarnPath")).and_then(doc::Node::as_str);
            let named = release.and_then(|p| p.rsplit_once("yarn-")?.1.strip_suffix(".cjs"));
            if let Some(version) = named.filter(|v| Version::parse(v).is_ok()) {
                return Some(version.to_string());
            }
            let version = lock.map_or("", |l| l.version.as_str());
            let known = manager::BERRY_LOCKS.iter().find(|(lock, _)| *lock == version);
            known
                .map(|(_, yarn)| yarn.to_string())
                .or_else(|| manager::BERRY.newest("4").map(str::to_string))
        }
        Id::Pnpm => engine("pnpm").or_else(|| {
            let line = match lock.map_or("", |l| l.version.as_str()) {
                v if v.starts_with("5.3") || v.starts_with("5.1") || v.starts_with("5.2") => "6",
                v if v.starts_with('5') => "7",
                v if v.starts_with('6') => "8",
                _ => {
                    let settings = tree.text(&in_dir(root, "pnpm-workspace.yaml"));
                    let settings = settings.as_ref().map_or("", |s| s.text.as_str());
                    let text = tree.text(&in_dir(root, "pnpm-lock.yaml"));
                    let text = text.as_ref().map_or("", |s| s.text.as_str());
                    let old_sum = text.contains("\npackageExtensionsChecksum: ")
                        && !text.contains("\npackageExtensionsChecksum: sha256-");
                    match () {
                        () if settings.contains("allowBuilds:") => "11",
                        () if old_sum => "9",
                        () => "10",
                    }
                }
            };
            let found = manager::PNPM
                .newest(line)
                .or_else(|| manager::PNPM11.newest(line));
            found.map(str::to_string)
        }),
    }
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
