//! compose.yaml for the services of a repository, with the backing services that they need. Reads the tree
//! and the plans, in every language alike.

mod backing;
mod connection;
mod dependencies;
mod environment;
mod existing;
mod kinds;
mod peers;
mod probe;
mod service;
mod variables;
mod yaml;

use crate::diagnostic::Diagnostic;
use crate::drift;
use crate::lang::Claim;
use crate::paths;
use crate::pins::Pins;
use crate::pipeline::Outcome;
use crate::plan::{Dev, Plan};
use crate::render::{self, File};
use crate::source::Sourced;
use crate::tree::Tree;
use backing::backing;
use connection::{Connection, Need};
use environment::Reads;
use existing::Existing;
use kinds::Kind;
use service::{Shared, service};
use std::collections::{BTreeMap, BTreeSet};
use yaml::{Map, Yaml};

pub use existing::NAMES;

/// What `rdock compose` does.
pub struct Composed {
    pub result: Written,
    /// What a person should know and the file does not say.
    pub notes: Vec<String>,
}

pub enum Written {
    /// The file, where there is none or rdock's own.
    File(File),
    /// Somebody else's file lacks these services.
    Missing { path: String, fragment: String },
    /// Somebody else's file has them all.
    Complete { path: String },
}

/// What the services are built up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// The image as it ships.
    Runtime,
    /// The stage for development, where there is one.
    Dev,
}

/// One service on its way into the file.
struct App<'a> {
    plan: &'a Plan,
    /// Where it is to be developed in.
    dev: Option<&'a Dev>,
    claim: &'a Claim,
    dockerfile: &'a str,
    dependencies: Vec<Sourced<String>>,
    reads: Reads,
    needs: Vec<Need>,
}

/// The images in a compose file of rdock's own.
pub fn images(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("image: "));
    lines.map(|image| image.trim_matches('"').to_string()).collect()
}

/// # Errors
/// The compose file that is there cannot be read.
pub fn compose(
    tree: &Tree,
    outcomes: &[Outcome],
    pins: &Pins,
    target: Option<Target>,
) -> Result<Composed, Diagnostic> {
    let there = existing::read(tree)?;
    let (own, there) = match there {
        Some(file) if drift::is_untouched(&file.text) => (Some(file.text), None),
        there => (None, there),
    };
    let was = own.is_some_and(|text| text.lines().any(|l| l.trim() == "target: dev"));
    let develops = target.map_or(was, |t| t == Target::Dev);
    let apps = apps(tree, outcomes, develops);
    let mut notes = Vec::new();
    for app in apps.iter().filter(|app| develops && app.dev.is_none()) {
        notes.push(format!(
            "{}: its Dockerfile has no stage `dev`; `rdock init --stages dev` asks for it",
            app.plan.name
        ));
    }
    let connections = connections(&apps, there.as_ref());
    let missing: Vec<&App> = apps
        .iter()
        .filter(|app| {
            let dir = &app.claim.dir;
            let file = render::dockerfile_path(app.plan);
            there.as_ref().is_none_or(|t| !t.has(&app.plan.name, dir, &file))
        })
        .collect();
    let mut services = Map::default();
    let mut secrets = BTreeMap::new();
    let mut volumes = BTreeSet::new();
    let mut ports = BTreeSet::new();
    for app in &missing {
        let map = service(
            app,
            &apps,
            &connections,
            &mut Shared {
                secrets: &mut secrets,
                volumes: &mut volumes,
                ports: &mut ports,
                notes: &mut notes,
            },
        );
        let about = match app.plan.entry.as_str() {
            "" | "." => app.plan.title.clone(),
            entry => format!("{}, {entry}", app.plan.title),
        };
        services.note(&about, &app.plan.name, Yaml::Map(map));
    }
    let mut added = false;
    for kind in kinds::ALL {
        let Some(to) = connections.get(kind.id) else {
            continue;
        };
        if there.as_ref().is_some_and(|t| t.backing(kind).is_some()) {
            continue;
        }
        added = true;
        let because: BTreeSet<&str> = needing(&apps, kind).map(|n| n.because.as_str()).collect();
        let because: Vec<&str> = because.into_iter().collect();
        let about = format!("{}: {}", kind.name, because.join(", "));
        services.note(&about, &to.host, Yaml::Map(backing(kind, to, pins)));
        volumes.insert(format!("{}-data", to.host));
    }
    let mut root = Map::default();
    root.map("services", services);
    let mut files = Map::default();
    for (id, source) in secrets {
        let mut secret = Map::default();
        secret.text(source.0, source.1);
        files.put(id, Yaml::Map(secret));
    }
    root.map("secrets", files);
    let mut names = Map::default();
    for volume in volumes {
        names.put(volume, Yaml::Null);
    }
    root.map("volumes", names);
    let body = root.document();
    let result = match there {
        None => Written::File(File {
            path: "compose.yaml".into(),
            text: drift::sign(&format!("{}\n{HEAD}\n{body}", drift::UNSIGNED_COMPOSE)),
        }),
        Some(there) if missing.is_empty() && !added => Written::Complete { path: there.path },
        Some(there) => Written::Missing {
            path: there.path,
            fragment: body,
        },
    };
    Ok(Composed { result, notes })
}

const HEAD: &str = "\
# Start everything with `docker compose up --build`, or build again on each change with
# `docker compose watch`. Names without a value are taken from the environment and from .env.
";

fn apps<'a>(tree: &Tree, outcomes: &'a [Outcome], develops: bool) -> Vec<App<'a>> {
    let done: Vec<_> = outcomes
        .iter()
        .filter_map(|o| Some((&o.service.claim, o.result.as_ref().ok()?)))
        .collect();
    let dirs: Vec<&str> = done.iter().map(|(claim, _)| claim.dir.as_str()).collect();
    let mut manifests = BTreeMap::new();
    done.iter()
        .map(|(claim, done)| {
            let context = done.plan.context.as_str();
            let known = manifests
                .entry(context)
                .or_insert_with(|| dependencies::manifests(tree, context));
            let dependencies = dependencies::of_service(known, &claim.dir);
            let others: Vec<&str> = dirs
                .iter()
                .copied()
                .filter(|dir| !dir.is_empty() && !paths::is_under(&claim.dir, dir))
                .collect();
            let reads = environment::reads(tree, &claim.dir, context, &others);
            let needs = connection::needs(&reads, &dependencies);
            let dockerfile = done.files[0].text.as_str();
            let made = develops && probe::stages(dockerfile).iter().any(|s| s == "dev");
            let dev = done.plan.stages.dev.as_ref().filter(|_| made);
            App {
                plan: &done.plan,
                dev: dev.and_then(|dev| dev.as_ref().ok()),
                claim,
                dockerfile,
                dependencies,
                reads,
                needs,
            }
        })
        .collect()
}

fn needing<'a>(apps: &'a [App], kind: &'static Kind) -> impl Iterator<Item = &'a Need> {
    let needs = apps.iter().flat_map(|app| &app.needs);
    needs.filter(move |need| need.kind.id == kind.id)
}

/// How each kind that is needed is reached: in the file that is there, or in the services to add.
fn connections(apps: &[App], there: Option<&Existing>) -> BTreeMap<&'static str, Connection> {
    let mut found = BTreeMap::new();
    for kind in kinds::ALL {
        if needing(apps, kind).next().is_none() {
            continue;
        }
        let database = apps
            .iter()
            .filter(|app| app.needs.iter().any(|n| n.kind.id == kind.id))
            .find_map(|app| connection::database(&app.reads, kind));
        let mut to = Connection::own(kind, database);
        let taken =
            |name: &str| apps.iter().any(|a| a.plan.name == name) || there.is_some_and(|t| t.is_taken(name));
        match there.and_then(|t| t.backing(kind)) {
            Some((name, environment)) => {
                to.host = name.to_string();
                to.checked = there.is_some_and(|t| t.is_checked(name));
                for (key, own) in kind.environment {
                    let Some(value) = environment.get(*key) else {
                        continue;
                    };
                    match *own {
                        "{user}" => to.user = value.clone(),
                        "{password}" => to.password = value.clone(),
                        "{database}" => to.database = value.clone(),
                        _ => {}
                    }
                }
            }
            None if taken(&to.host) => to.host += "-backing",
            None => {}
        }
        found.insert(kind.id, to);
    }
    found
}
