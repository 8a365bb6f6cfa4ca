//! Packages that cargo alone does not make into a program for a container.

use super::detect::Facts;
use super::rules;
use super::workspace::Crate;
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::manifest::cargo::Kind;
use crate::paths;
use crate::tree::Tree;

/// A crate that makes a package one of these, and the tool that builds it.
const TOOLS: &[(&str, &str)] = &[
    ("tauri", "cargo-tauri makes desktop programs of it"),
    ("cortex-m-rt", "it is a program for a microcontroller"),
    ("riscv-rt", "it is a program for a microcontroller"),
    ("esp-idf-sys", "it is a program for a microcontroller"),
    ("esp-hal", "it is a program for a microcontroller"),
    ("embassy-executor", "it is a program for a microcontroller"),
    ("worker", "wrangler deploys it to Cloudflare Workers"),
    ("shuttle-runtime", "cargo-shuttle deploys it to Shuttle"),
    ("lambda_runtime", "cargo-lambda deploys it to AWS Lambda"),
];

/// The reason why a package is no program of its own, from its manifest alone.
pub fn reason(tree: &Tree, found: &Crate) -> Option<String> {
    let package = found.manifest.package.as_ref()?;
    if package.metadata.iter().any(|m| m.value == "leptos") {
        return Some("cargo-leptos builds it".into());
    }
    if package.metadata.iter().any(|m| m.value == "cargo-fuzz") {
        return Some("cargo-fuzz runs it".into());
    }
    for file in ["Trunk.toml", "Dioxus.toml"] {
        if paths::join(&found.dir, file).is_some_and(|p| tree.has(&p)) {
            return Some(format!("{file} says that it becomes WebAssembly"));
        }
    }
    let index = paths::join(&found.dir, "index.html").and_then(|p| tree.text(&p));
    if index.is_some_and(|s| s.text.contains("data-trunk")) {
        return Some("trunk makes WebAssembly of it".into());
    }
    found
        .manifest
        .dependencies
        .iter()
        .filter(|d| d.kind == Kind::Normal && !d.optional)
        .find_map(|d| TOOLS.iter().find(|(name, _)| *name == d.name))
        .map(|(_, why)| (*why).to_string())
}

/// # Errors
/// The package needs a tool of its own, or is made for something that is no Linux.
pub fn other_tools(project: &Project, facts: &Facts) -> Result<(), Diagnostic> {
    let refuse = |why: String| {
        let at = facts.package.manifest.package.as_ref().map(|p| p.name.at.clone());
        let error = Diagnostic::error(
            &rules::OTHER_TOOL,
            format!("`cargo build` does not make this program: {why}"),
        )
        .help("leave it out: `skip = true` for this service in rdock.toml");
        match at {
            Some(at) => error.at(at, "this package"),
            None => error,
        }
    };
    if let Some(why) = reason(project.tree, &facts.package) {
        return Err(refuse(why));
    }
    if let Some(target) = facts.cargo_config(&["build", "target"])
        && !target.value.contains("-linux-")
    {
        return Err(
            refuse(format!(".cargo/config.toml builds for {}", target.value)).at(target.at, "no Linux")
        );
    }
    Ok(())
}
