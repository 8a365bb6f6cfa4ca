//! Which package.json is a program, which a site, and which is there for tools or as a library.

use crate::diagnostic::Diagnostic;
use crate::lang::node::framework::{self, SERVERS};
use crate::lang::node::own::USUAL;
use crate::lang::node::scripts;
use crate::lang::node::start::{self, Start};
use crate::lang::node::workspace::{self, in_dir};
use crate::lang::{Claim, Role};
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

pub fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let dirs = tree
        .files()
        .filter(|f| paths::base(f) == "package.json")
        .map(paths::parent);
    let mut claims: Vec<_> = dirs.filter_map(|dir| claim(tree, dir).transpose()).collect();
    claims.extend(super::nx::discover(tree));
    claims
}

fn claim(tree: &Tree, dir: &str) -> Result<Option<Claim>, Diagnostic> {
    let Some(package) = workspace::read(tree, dir)? else {
        return Ok(None);
    };
    let workspace = workspace::find(tree, dir)?;
    let workspace = workspace.as_deref();
    let has_members = workspace.is_some_and(|w| !w.members.is_empty());
    let context = match workspace {
        Some(workspace) if has_members => workspace.root.clone(),
        _ => dir.to_string(),
    };
    let is_root = has_members && context == dir;
    let (role, at) = role(
        tree,
        dir,
        &package,
        is_root,
        workspace.filter(|_| !is_root).and_then(|w| w.package.as_ref()),
    );
    let folder = paths::base(dir).to_string();
    Ok(Some(Claim {
        language: "node",
        dir: dir.to_string(),
        context,
        name: package.name.clone().unwrap_or(folder),
        manifest: at,
        role,
    }))
}

/// Dependencies of programs that answer nobody: workers, bots.
const WORKERS: &[&str] = &[
    "@slack/bolt",
    "@temporalio/worker",
    "agenda",
    "amqplib",
    "bull",
    "bullmq",
    "discord.js",
    "kafkajs",
    "node-cron",
    "telegraf",
];

fn role(
    tree: &Tree,
    dir: &str,
    package: &PackageJson,
    is_root: bool,
    root: Option<&PackageJson>,
) -> (Role, Location) {
    let whole = package.at();
    let at = |name: &str| package.script(name).map_or(whole.clone(), |s| s.at.clone());
    let starts = start::starts(tree, dir, package);
    let named = |name: &str| {
        matches!(
            name,
            "start" | "start:prod" | "start:production" | "prod" | "production" | "web" | "worker"
        )
    };
    let program = starts.iter().find(|c| {
        !matches!(c.start, Start::Development(_)) && (named(&c.name) || tree.has(&in_dir(dir, "Procfile")))
    });
    if let Some(framework) = framework::of(tree, dir, package, root)
        && !library(package)
    {
        let site = matches!(
            (framework.product)(&super::product::Look {
                tree,
                dir,
                place: "",
                package,
                lock: &Default::default(),
                config: framework.config(tree, dir).as_ref(),
                build: &scripts::build(package)
                    .map(|(n, _)| scripts::expand(package, n))
                    .unwrap_or_default(),
                start: package.script("start").map_or("", |s| s.value.as_str()),
            }),
            super::product::Product::Site(_)
        );
        let serves = program.is_some_and(|c| !matches!(c.start, Start::Bin { .. }));
        let role = if site && !(framework.yields_to_server && serves) {
            Role::StaticSite
        } else {
            Role::Program
        };
        return (role, at("build"));
    }
    if let Some(command) = program
        && !(is_root && delegates(package, &command.name))
        && !enters(tree, dir, package, &command.name)
    {
        return (Role::Program, command.at.clone());
    }
    let serves = package.dependencies.iter().any(|d| {
        (SERVERS.contains(&d.name.as_str()) || WORKERS.contains(&d.name.as_str()))
            && package.in_production(&d.name)
    });
    let entry = USUAL.iter().any(|f| tree.has(&in_dir(dir, f)));
    let main = package
        .main
        .as_ref()
        .is_some_and(|m| tree.has(&in_dir(dir, m.value.trim_start_matches("./"))));
    let runs = starts.iter().any(|c| {
        matches!(
            &c.start,
            Start::Node { .. } | Start::Bun { .. } | Start::Source { .. }
        )
    });
    if !library(package) && !is_root && (serves && (entry || main) || runs && (entry || main || serves)) {
        return (Role::Program, whole);
    }
    (Role::Tooling, whole)
}

/// Made to be installed by others: it says what it gives them, and starts nothing.
fn library(package: &PackageJson) -> bool {
    let gives = [
        "exports",
        "module",
        "types",
        "typings",
        "files",
        "publishConfig",
        "peerDependencies",
    ]
    .iter()
    .filter(|k| package.node.get(k).is_some())
    .count();
    gives >= 2 && !package.private && package.script("start").is_none()
}

/// A script that starts another package, in a folder of its own: `cd server && npm start`.
fn enters(tree: &Tree, dir: &str, package: &PackageJson, name: &str) -> bool {
    let text = scripts::expand(package, name);
    scripts::chain(&text)
        .iter()
        .any(|part| match part.strip_prefix("cd ") {
            Some(folder) => {
                paths::join(dir, folder.trim()).is_some_and(|d| tree.has(&workspace::manifest(&d)))
            }
            None => part.contains("--prefix"),
        })
}

/// A script of a workspace's root that starts members.
fn delegates(package: &PackageJson, name: &str) -> bool {
    let text = scripts::expand(package, name);
    let words: Vec<&str> = text.split_whitespace().collect();
    [
        "turbo",
        "lerna",
        "nx",
        "--filter",
        "-F",
        "--workspace",
        "-w",
        "-ws",
        "workspace",
        "workspaces",
        "--recursive",
        "-r",
        "--prefix",
        "wsrun",
    ]
    .iter()
    .any(|w| words.iter().any(|x| x == w || x.starts_with(&format!("{w}="))))
}
