//! Which package.json is a program, which a site, and which is there for tools or as a library.

use crate::diagnostic::Diagnostic;
use crate::lang::node::above;
use crate::lang::node::cloudflare;
use crate::lang::node::desktop;
use crate::lang::node::framework::SERVERS;
use crate::lang::node::front;
use crate::lang::node::local;
use crate::lang::node::own::{self, USUAL};
use crate::lang::node::recognize;
use crate::lang::node::scripts;
use crate::lang::node::start::{self, Start};
use crate::lang::node::workspace::{self, Workspace, in_dir};
use crate::lang::{Claim, Role};
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

pub fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let dirs = tree
        .files()
        .filter(|f| paths::base(f) == "package.json")
        .map(paths::parent);
    let mut claims: Vec<_> = dirs.filter_map(|dir| claim(tree, dir).transpose()).collect();
    claims.extend(super::nx::discover(tree));
    if !claims.iter().any(|c| c.as_ref().is_ok_and(deployable)) {
        for claim in claims.iter_mut().flatten() {
            commands(tree, claim);
        }
    }
    claims
}

fn deployable(claim: &Claim) -> bool {
    matches!(claim.role, Role::Program | Role::StaticSite)
}

/// A workspace that starts nothing may be made for a command: that of a member which no other needs.
fn commands(tree: &Tree, claim: &mut Claim) {
    let (Ok(Some(package)), Ok(Some(workspace))) = (
        workspace::read(tree, &claim.dir),
        workspace::find(tree, &claim.dir),
    ) else {
        return;
    };
    let member = claim.dir != workspace.root && !workspace.members.is_empty();
    if member && own::bin(&package).is_some() && !needed(&workspace, &package) {
        claim.role = Role::Program;
    }
}

/// Does another package of the workspace depend on this one?
fn needed(workspace: &Workspace, package: &PackageJson) -> bool {
    let Some(name) = &package.name else {
        return false;
    };
    let others = workspace
        .members
        .iter()
        .map(|m| &*m.package)
        .chain(workspace.package.as_deref());
    others.into_iter().any(|p| p.dependency(name).is_some())
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
    let root = context.as_str();
    let mut named = vec![(dir, &package)];
    named.extend(
        workspace
            .filter(|_| has_members)
            .and_then(|w| Some((root, w.package.as_ref()?))),
    );
    let mut context = local::context(tree, root, &named);
    let (role, at) = role(tree, dir, &package, is_root, workspace.filter(|_| !is_root));
    if role == Role::Program
        && let Some(above) = front::above(tree, dir)
    {
        context = paths::common([context.as_str(), &above]);
    }
    let mut shares = None;
    if role == Role::Program {
        let shared = above::find(tree, dir, root);
        shares = shared.first().map(|a| Sourced::new(a.path.clone(), a.at.clone()));
        context = paths::common(
            [context.as_str()]
                .into_iter()
                .chain(shared.iter().map(|a| paths::parent(&a.path))),
        );
    }
    let folder = paths::base(dir).to_string();
    Ok(Some(Claim {
        language: "node",
        dir: dir.to_string(),
        context,
        shares,
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
    workspace: Option<&Workspace>,
) -> (Role, Location) {
    let whole = package.at();
    let library = || library(package, workspace);
    let root = workspace.and_then(|w| w.package.as_deref());
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
    if let Some(framework) = recognize::of(tree, dir, package, root)
        && !library()
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
                plug_and_play: false,
            }),
            super::product::Product::Site(_)
        );
        let serves = program.is_some_and(|c| !matches!(c.start, Start::Bin { .. }));
        let build = scripts::build(package).map(|(n, _)| scripts::expand(package, n));
        let role = if site && !(framework.yields_to_server && serves) {
            match desktop::page(tree, dir, package, &build.unwrap_or_default()) {
                Some(_) => Role::Tooling,
                None => Role::StaticSite,
            }
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
    if desktop::program(package, &starts).is_some() {
        return (Role::Tooling, whole);
    }
    let serves = package.dependencies.iter().any(|d| {
        (SERVERS.contains(&d.name.as_str()) || WORKERS.contains(&d.name.as_str()))
            && package.in_production(&d.name)
    });
    // What Wrangler deploys does not run on Node.js.
    let worker = cloudflare::main(tree, dir).and_then(|w| paths::join("", &w.value));
    let entry = USUAL
        .iter()
        .any(|f| tree.has(&in_dir(dir, f)) && worker.as_deref() != Some(f))
        || !start::development(tree, dir, package).is_empty();
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
    // A member that others need and nothing starts, not even in development, is a part of them.
    let part = || {
        let develops = !start::development(tree, dir, package).is_empty();
        starts.is_empty() && !develops && workspace.is_some_and(|w| needed(w, package))
    };
    if !library() && !part() && !is_root && (serves && (entry || main) || runs && (entry || main || serves)) {
        return (Role::Program, whole);
    }
    (Role::Tooling, whole)
}

/// Made for others, who install it or share its workspace: it says what it gives them, and starts
/// nothing.
fn library(package: &PackageJson, workspace: Option<&Workspace>) -> bool {
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
    let shared = || workspace.is_some_and(|w| needed(w, package));
    gives >= 2 && (!package.private || shared()) && package.script("start").is_none()
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
