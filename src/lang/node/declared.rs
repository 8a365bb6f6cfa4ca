//! The package manager and its version, as manifests, settings and scripts name them.

use crate::decision::Because;
use crate::lang::node::manager::{self, Id, Manager};
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::manifest::node_lock::Lock;
use crate::manifest::package_json::PackageJson;
use crate::tree::Tree;
use nodejs_semver::{Range, Version};

pub struct Declared {
    pub manager: &'static Manager,
    pub version: Option<String>,
    pub because: Because,
}

pub fn by_name(name: &str, version: Option<&str>) -> Option<&'static Manager> {
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
pub fn declared(packages: &[&PackageJson]) -> Option<Declared> {
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
pub fn in_range(manager: &'static Manager, range: &str) -> Option<String> {
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

/// What files and scripts name a manager where no lockfile does.
pub fn hinted(tree: &Tree, root: &str, packages: &[&PackageJson]) -> Option<&'static Manager> {
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
pub fn version_of(
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
