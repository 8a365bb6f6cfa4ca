//! SvelteKit: which adapter a project uses, and how a container comes by the Node adapter where the
//! project deploys elsewhere.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::config::{self, Config};
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::product::{self, Fallback, Look, Product};
use crate::lang::node::program::Build;
use crate::lang::node::rules;
use crate::lang::node::servers;
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::source::Location;
use crate::tree::Tree;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Node,
    Static,
    /// Looks for a known platform, and makes nothing where it finds none.
    Automatic,
    /// Of another platform.
    Foreign,
}

pub struct Adapter {
    pub name: String,
    pub kind: Kind,
    /// The config file that chooses it.
    pub file: Option<String>,
    pub at: Location,
}

/// The adapter that a config file imports: svelte.config, or vite.config since version 3.
pub fn adapter(tree: &Tree, dir: &str, package: &PackageJson) -> Adapter {
    let files = [
        "svelte.config.js",
        "svelte.config.ts",
        "vite.config.ts",
        "vite.config.js",
    ];
    let found = files.iter().find_map(|file| {
        let source = tree.text(&in_dir(dir, file))?;
        let config = config::read(&source);
        let name = config
            .imports()
            .into_iter()
            .find(|i| i.contains("adapter"))?
            .to_string();
        Some((name, file.to_string(), Location::whole(&source)))
    });
    let (name, file, at) = match found {
        Some((name, file, at)) => (name, Some(file), at),
        None => ("@sveltejs/adapter-auto".into(), None, package.at()),
    };
    let kind = match name.as_str() {
        "@sveltejs/adapter-node" => Kind::Node,
        "@sveltejs/adapter-static" => Kind::Static,
        "@sveltejs/adapter-auto" => Kind::Automatic,
        _ => Kind::Foreign,
    };
    Adapter { name, kind, file, at }
}

pub fn product(look: &Look) -> Product {
    let adapter = adapter(look.tree, look.dir, look.package);
    let config = adapter
        .file
        .as_ref()
        .and_then(|f| look.tree.text(&in_dir(look.dir, f)))
        .map(|s| config::read(&s));
    let literal = |key: &str| {
        let value = config.as_ref().and_then(|c: &Config| c.literal(key));
        value.map(|s| product::clean(&s.value))
    };
    let (dir, text) = match adapter.kind {
        Kind::Static => {
            let application = config.as_ref().is_some_and(|c| c.setting("fallback").is_some());
            let fallback = if application {
                Fallback::Application
            } else {
                Fallback::Pages
            };
            let because = Because::at(&adapter.at, "uses adapter-static");
            let dir = literal("pages").unwrap_or("build".into());
            return product::site(dir, fallback, "_app/immutable", because);
        }
        Kind::Node => (literal("out").unwrap_or("build".into()), "uses adapter-node"),
        Kind::Automatic => (
            "build".into(),
            "leaves the adapter open, and the build takes the one for Node.js",
        ),
        Kind::Foreign => (
            "build".into(),
            "uses an adapter of another platform, which the build puts aside",
        ),
    };
    let mut made = servers::bundle(look, &dir, &dir, 3000, Because::at(&adapter.at, text));
    if let Product::Program(program) = &mut made {
        program.modules = look.package.has_production();
    }
    made
}

fn of(facts: &Facts) -> Option<Adapter> {
    let ours = facts.framework.is_some_and(|f| f.id == "sveltekit");
    ours.then(|| adapter(facts.tree, facts.dir, &facts.package))
}

/// Installs the Node adapter where the project has another or none: adapter-auto would fetch it itself
/// at every build otherwise.
pub fn install(facts: &Facts) -> Option<Safe> {
    let adapter = of(facts)?;
    let there = facts.package.dependency("@sveltejs/adapter-node").is_some();
    if there || !matches!(adapter.kind, Kind::Automatic | Kind::Foreign) {
        return None;
    }
    let kit = facts.managed.lock.newest("@sveltejs/kit").unwrap_or("2");
    let version = match kit.split('.').next() {
        Some("1") => "1.3.1",
        Some("2") => "5.2.12",
        _ => "6.0.1",
    };
    let add = match facts.managed.manager.id {
        Id::Npm => "npm install --no-save --no-audit --no-fund",
        Id::Yarn1 => "yarn add --dev --non-interactive",
        Id::Berry => "yarn add --dev",
        Id::Pnpm => "pnpm add --save-dev",
        Id::Bun => "bun add --dev",
    };
    Some(Safe::literal(format!("{add} @sveltejs/adapter-node@{version}")))
}

/// Is the build to believe that it runs in a container's builder? Without a config file there is no
/// other way to tell adapter-auto.
pub fn automatic(facts: &Facts) -> bool {
    of(facts).is_some_and(|a| a.kind == Kind::Automatic && a.file.is_none())
}

/// The step that puts the Node adapter in the place of another.
///
/// # Errors
/// A name that cannot be written into a RUN.
pub fn replace(facts: &Facts, build: &Build) -> Result<Option<Safe>, Diagnostic> {
    let other = |a: &Adapter| matches!(a.kind, Kind::Automatic | Kind::Foreign);
    let Some(adapter) = of(facts).filter(other) else {
        return Ok(None);
    };
    let Some(file) = &adapter.file else {
        return Ok(None);
    };
    let script = escape::shell(&format!("s#{}#@sveltejs/adapter-node#", adapter.name))?;
    // A tool is run in the package's own folder.
    let path = match build {
        Build::Tool(_) => escape::shell(file)?,
        _ => escape::shell(&in_dir(facts.place, file))?,
    };
    Ok(Some(Safe::literal(format!("sed -i {script} {path}"))))
}

/// What a person should know of the adapter.
pub fn warning(facts: &Facts) -> Option<Diagnostic> {
    let adapter = of(facts)?;
    let title = match adapter.kind {
        Kind::Automatic => {
            "adapter-auto makes no server here; the build puts adapter-node in its place".to_string()
        }
        Kind::Foreign => format!(
            "{} does not make a program that Node.js could start; the build puts adapter-node in its place",
            adapter.name
        ),
        _ => return None,
    };
    Some(
        Diagnostic::warning(&rules::ADAPTER, title)
            .at(adapter.at, "")
            .help("use @sveltejs/adapter-node, or @sveltejs/adapter-static for static files"),
    )
}
