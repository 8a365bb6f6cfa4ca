//! The second opinion: what cargo itself says of a workspace, beside what was read here. For `init`
//! alone, and only where cargo is on PATH; every other command is made of the files alone.

use super::rules;
use super::workspace::{Crates, manifest_path};
use crate::diagnostic::Diagnostic;
use crate::manifest::doc;
use crate::paths;
use crate::process;
use crate::tree::Tree;
use cargo_metadata::{Metadata, TargetKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// A whole workspace takes cargo a few tenths of a second.
const PATIENCE: Duration = Duration::from_secs(20);
const QUESTION: &[&str] = &[
    "metadata",
    "--format-version",
    "1",
    "--no-deps",
    "--offline",
    "--manifest-path",
];

/// What can be compared: by package folder, its name, default binary and binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct View {
    packages: BTreeMap<String, Package>,
    default_members: BTreeSet<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Package {
    name: String,
    default_run: Option<String>,
    binaries: BTreeSet<String>,
}

/// The folder of the workspace that each of the packages is of, by the package's.
pub fn roots<'a>(tree: &Tree, dirs: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let crates = Crates::new(tree);
    dirs.filter_map(|dir| Some((dir, crates.root_of(dir).ok()?)))
        .collect()
}

/// Compares every workspace in `roots`, folders from the repository's root, once.
pub fn cross_check(tree: &Tree, repository: &Path, roots: &BTreeSet<String>) -> Vec<Diagnostic> {
    if roots.is_empty() || !process::is_there("cargo") {
        return Vec::new();
    }
    let crates = Crates::new(tree);
    roots
        .iter()
        .filter_map(|root| compare(&crates, repository, root))
        .collect()
}

fn compare(crates: &Crates, repository: &Path, root: &str) -> Option<Diagnostic> {
    let at = || crates.tree.place(&manifest_path(root));
    // What cannot be read here has its own error.
    let ours = ours(crates, root).ok()?;
    match theirs(repository, root, &registries(crates.tree, root)) {
        Ok(theirs) if theirs == ours => None,
        Ok(theirs) => Some(
            Diagnostic::error(
                &rules::CARGO_DISAGREES,
                format!("cargo and rdock read {} differently", manifest_path(root)),
            )
            .at(at(), "")
            .help(difference(&ours, &theirs))
            .help("choose the program by its folder and `--main`, and report the manifest"),
        ),
        Err(why) => Some(
            Diagnostic::warning(&rules::CARGO_SILENT, "cargo could not be asked for its opinion")
                .at(at(), "")
                .help(why),
        ),
    }
}

/// The first difference, with both sides.
fn difference(ours: &View, theirs: &View) -> String {
    for dir in ours.packages.keys().chain(theirs.packages.keys()) {
        let (a, b) = (ours.packages.get(dir), theirs.packages.get(dir));
        if a != b {
            let folder = paths::shown(dir);
            return format!("in {folder}, rdock sees {}, cargo sees {}", words(a), words(b));
        }
    }
    let list = |set: &BTreeSet<String>| set.iter().map(|d| paths::shown(d)).collect::<Vec<_>>().join(", ");
    format!(
        "rdock builds by default: {}; cargo: {}",
        list(&ours.default_members),
        list(&theirs.default_members)
    )
}

fn words(package: Option<&Package>) -> String {
    let Some(package) = package else {
        return "no package".into();
    };
    let binaries: Vec<&str> = package.binaries.iter().map(String::as_str).collect();
    let default = package
        .default_run
        .as_ref()
        .map_or_else(String::new, |d| format!(", default {d}"));
    format!(
        "`{}` with binaries {}{default}",
        package.name,
        binaries.join(", ")
    )
}

/// # Errors
/// A manifest cannot be read.
fn ours(crates: &Crates, root: &str) -> Result<View, Diagnostic> {
    let mut view = View {
        default_members: crates.default_members(root)?,
        ..View::default()
    };
    for dir in crates.members(root)?.iter() {
        let Some(found) = crates.get(dir)? else { continue };
        let Some(package) = &found.manifest.package else {
            continue;
        };
        view.packages.insert(
            dir.clone(),
            Package {
                name: package.name.value.clone(),
                default_run: package.default_run.as_ref().map(|d| d.value.clone()),
                binaries: crates
                    .targets(root, &found)?
                    .into_iter()
                    .map(|t| t.name.value)
                    .collect(),
            },
        );
    }
    Ok(view)
}

/// The names of registries are all that cargo needs of .cargo/config.toml, which it does not see.
fn registries(tree: &Tree, root: &str) -> Vec<(String, String)> {
    let mut env = Vec::new();
    for dir in paths::ancestors(root) {
        let config = paths::join(dir, ".cargo/config.toml").and_then(|p| tree.text(&p));
        let Some(node) = config.and_then(|s| doc::toml(&s).ok()) else {
            continue;
        };
        for registry in node.get("registries").map_or(&[][..], |n| n.entries()) {
            if let Some(index) = registry.node.string(&["index"]) {
                let name = registry.key.to_uppercase().replace('-', "_");
                env.push((format!("CARGO_REGISTRIES_{name}_INDEX"), index.value));
            }
        }
    }
    env
}

/// # Errors
/// cargo fails, takes too long, or answers what cannot be read.
fn theirs(repository: &Path, root: &str, env: &[(String, String)]) -> Result<View, String> {
    let repository = std::path::absolute(repository).map_err(|e| e.to_string())?;
    let manifest = repository.join(manifest_path(root));
    let manifest = manifest.to_str().ok_or("the path is not UTF-8")?;
    let mut args = QUESTION.to_vec();
    args.push(manifest);
    let said = process::run("cargo", &args, env, PATIENCE)?;
    if !said.success {
        let why = said.stderr.trim();
        return Err(if why.is_empty() {
            "cargo says nothing".into()
        } else {
            // The checkout's own place is of no interest.
            why.replace(&format!("{}/", repository.display()), "")
        });
    }
    let metadata: Metadata =
        cargo_metadata::MetadataCommand::parse(said.stdout.trim()).map_err(|e| e.to_string())?;
    let dir_of = |manifest: &Path| {
        let dir = manifest.parent()?.strip_prefix(&repository).ok()?.to_str()?;
        Some(dir.replace(std::path::MAIN_SEPARATOR, "/"))
    };
    let mut view = View::default();
    for package in &metadata.packages {
        let Some(dir) = dir_of(package.manifest_path.as_std_path()) else {
            continue;
        };
        if metadata.workspace_default_members.contains(&package.id) {
            view.default_members.insert(dir.clone());
        }
        let binaries = package
            .targets
            .iter()
            .filter(|t| t.kind.contains(&TargetKind::Bin))
            .map(|t| t.name.clone());
        view.packages.insert(
            dir,
            Package {
                name: package.name.to_string(),
                default_run: package.default_run.clone(),
                binaries: binaries.collect(),
            },
        );
    }
    Ok(view)
}
