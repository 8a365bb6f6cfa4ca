//! Rust: packages and workspaces of Cargo.

mod builder;
mod cfg;
mod closure;
mod compile;
pub mod cross_check;
mod detect;
mod environment;
mod features;
mod files;
mod front;
mod inputs;
mod listen;
mod loco;
mod native;
mod plan;
mod program;
mod refuse;
mod rocket;
mod rules;
mod runtime;
mod serve;
mod stages;
mod subcommand;
mod tokens;
mod toolchain;
mod view;
mod workspace;

use super::{Claim, Language, Role};
use crate::diagnostic::Diagnostic;
use crate::paths;
use crate::tree::Tree;
use workspace::{Crate, Crates};

pub static LANGUAGE: Language = Language {
    id: "rust",
    name: "Rust",
    manifests: &["Cargo.toml"],
    needs: "a binary",
    discover,
    plan: plan::plan,
    assets: None,
    rules: rules::ALL,
};

fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let crates = Crates::new(tree);
    crates
        .dirs()
        .filter_map(|dir| claim(&crates, dir).transpose())
        .collect()
}

/// A package that its workspace knows and that has a binary.
fn claim(crates: &Crates, dir: &str) -> Result<Option<Claim>, Diagnostic> {
    let Some(found) = crates.get(dir)? else {
        return Ok(None);
    };
    let Some(package) = &found.manifest.package else {
        return Ok(None);
    };
    let root = crates.root_of(dir)?;
    if root != dir && !crates.members(&root)?.contains(dir) {
        return Ok(None);
    }
    if crates.targets(&root, &found)?.is_empty() {
        return Ok(None);
    }
    let above = detect::above(crates.tree, dir, &root);
    let read = above.iter().map(|r| paths::parent(&r.value));
    Ok(Some(Claim {
        language: LANGUAGE.id,
        dir: dir.to_string(),
        context: paths::common([root.as_str()].into_iter().chain(read)),
        shares: above.into_iter().next(),
        name: package.name.value.clone(),
        manifest: package.name.at.clone(),
        role: role(crates, &root, &found)?,
    }))
}

/// What `cargo build` in the root makes is a program. The rest is tools, unless that makes no
/// program at all.
fn role(crates: &Crates, root: &str, found: &Crate) -> Result<Role, Diagnostic> {
    let name = found
        .manifest
        .package
        .as_ref()
        .map_or("", |p| p.name.value.as_str());
    let helper = program::is_helper_package(name) || program::is_helper_package(paths::base(&found.dir));
    if helper || refuse::reason(crates.tree, found).is_some() || maturin(crates.tree, &found.dir) {
        return Ok(Role::Tooling);
    }
    let members = crates.default_members(root)?;
    if members.contains(&found.dir) {
        return Ok(Role::Program);
    }
    for dir in &members {
        let Some(other) = crates.get(dir)? else { continue };
        if !crates.targets(root, &other).unwrap_or_default().is_empty() {
            return Ok(Role::Tooling);
        }
    }
    Ok(Role::Program)
}

/// A Python distribution that carries the binary: Python's own tools build it.
fn maturin(tree: &Tree, dir: &str) -> bool {
    paths::join(dir, "pyproject.toml")
        .and_then(|path| tree.text(&path))
        .is_some_and(|s| s.text.contains("maturin") && !s.text.contains("bindings = \"bin\""))
}
