//! compose.yaml for the services of a repository, with the backing services that they need. Reads the tree
//! and the plans, in every language alike.

mod connection;
mod dependencies;
mod environment;
mod existing;
mod kinds;
mod probe;
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
use connection::{Connection, Need};
use environment::Reads;
use existing::Existing;
use kinds::Kind;
use std::collections::{BTreeMap, BTreeSet};
use yaml::{Map, Yaml, literal};

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

/// What the services of one file share.
struct Shared<'a> {
    secrets: &'a mut BTreeMap<String, (&'static str, String)>,
    volumes: &'a mut BTreeSet<String>,
    ports: &'a mut BTreeSet<u16>,
    notes: &'a mut Vec<String>,
}

fn relative(path: &str) -> String {
    if path.is_empty() {
        ".".into()
    } else {
        format!("./{}", literal(path))
    }
}

fn service(
    app: &App,
    apps: &[App],
    connections: &BTreeMap<&'static str, Connection>,
    shared: &mut Shared,
) -> Map {
    let plan = app.plan;
    let mut map = Map::default();
    map.map("build", build(app, shared));
    map.plain("init", true);
    if let Some(port) = plan.port {
        let mut host = port;
        while !shared.ports.insert(host) {
            host = host.checked_add(1).unwrap_or(1024);
        }
        map.list("ports", vec![format!("127.0.0.1:{host}:{port}")]);
    }
    map.map("environment", variables(app, connections, shared));
    if app.dev.is_none() {
        map.plain("read_only", true);
        map.list("tmpfs", vec!["/tmp".into()]);
    }
    let folders = probe::volumes(app.dockerfile);
    let mounts = folders.iter().enumerate().map(|(i, folder)| {
        let number = if i == 0 {
            String::new()
        } else {
            (i + 1).to_string()
        };
        let name = format!("{}-files{number}", plan.name);
        shared.volumes.insert(name.clone());
        format!("{name}:{}", literal(folder))
    });
    map.list("volumes", mounts.collect());
    if app.dev.is_none() {
        map.list("cap_drop", vec!["ALL".into()]);
    }
    map.list("security_opt", vec!["no-new-privileges:true".into()]);
    if let Some(health) = probe::health(
        app.dockerfile,
        plan.port,
        app.reads.health.as_ref().map(|h| h.value),
    ) {
        map.map("healthcheck", check(health, "10s"));
    }
    let mut depends = Map::default();
    let hosts: BTreeMap<&str, bool> = app
        .needs
        .iter()
        .filter_map(|need| connections.get(need.kind.id))
        .map(|to| (to.host.as_str(), to.checked))
        .collect();
    for (host, checked) in hosts {
        let mut condition = Map::default();
        let when = if checked {
            "service_healthy"
        } else {
            "service_started"
        };
        condition.text("condition", when);
        depends.put(host, Yaml::Map(condition));
    }
    map.map("depends_on", depends);
    let mut develop = Map::default();
    let rules = match app.dev {
        Some(dev) => follow(app, dev, apps),
        None => vec![watch(app, apps)],
    };
    develop.put("watch", Yaml::List(rules.into_iter().map(Yaml::Map).collect()));
    map.map("develop", develop);
    map
}

fn build(app: &App, shared: &mut Shared) -> Map {
    let plan = app.plan;
    let mut map = Map::default();
    map.text("context", relative(&plan.context));
    let file = render::dockerfile_path(plan);
    let file = paths::relative(&file, &plan.context);
    if file != "Dockerfile" {
        map.text("dockerfile", literal(file));
    }
    if app.dev.is_some() {
        map.text("target", "dev");
    } else if probe::stages(app.dockerfile).iter().any(|s| s == "runtime") {
        map.text("target", "runtime");
    }
    let mut ids = Vec::new();
    for secret in &plan.secrets {
        match probe::secret(&secret.flag) {
            Some(probe::Passed::Secret { id, from, value }) => {
                ids.push(id.clone());
                shared.secrets.insert(id, (from, value));
            }
            Some(probe::Passed::Ssh(id)) => map.list("ssh", vec![id]),
            None => {}
        }
    }
    map.list("secrets", ids);
    map
}

/// Rebuilds on each change of what the stages read: the context without the folders of other services.
/// Compose leaves out what the ignore file names.
fn watch(app: &App, apps: &[App]) -> Map {
    let plan = app.plan;
    let mut map = Map::default();
    map.text("action", "rebuild");
    map.text("path", relative(&plan.context));
    map.list("ignore", strangers(app, apps, &plan.context));
    map
}

/// The folders of other services below `dir`, from there.
fn strangers(app: &App, apps: &[App], dir: &str) -> Vec<String> {
    let plan = app.plan;
    let mut ignore: Vec<String> = apps
        .iter()
        .map(|other| other.claim.dir.as_str())
        .filter(|other| *other != dir && paths::is_under(other, dir))
        .filter(|other| !paths::is_under(&app.claim.dir, other))
        .filter(|other| !plan.reads.iter().any(|read| paths::is_under(read, other)))
        .filter(|other| !plan.front_ends.iter().any(|front| front == other))
        .map(|other| format!("{}/", literal(paths::relative(other, dir))))
        .collect();
    ignore.sort();
    ignore.dedup();
    ignore
}

/// For the stage `dev`: source is synced to where the stage has it, and what decides about dependencies
/// makes a new image. A command that sees no change itself is started again.
fn follow(app: &App, dev: &Dev, apps: &[App]) -> Vec<Map> {
    let mut rules = Vec::new();
    for (path, target) in &dev.sync {
        let mut map = Map::default();
        map.text("action", if dev.watches { "sync" } else { "sync+restart" });
        map.text("path", relative(path));
        map.text("target", literal(target));
        let mut ignore: Vec<String> = dev.own.iter().map(|name| format!("{name}/")).collect();
        ignore.extend(strangers(app, apps, path));
        let below = dev
            .manifests
            .iter()
            .filter(|m| paths::is_under(m, path) && *m != path);
        ignore.extend(below.map(|m| literal(paths::relative(m, path)).to_string()));
        ignore.sort();
        ignore.dedup();
        map.list("ignore", ignore);
        rules.push(map);
    }
    for manifest in &dev.manifests {
        let mut map = Map::default();
        map.text("action", "rebuild");
        map.text("path", relative(manifest));
        rules.push(map);
    }
    rules
}

/// Names that the image decides, or that mean something to the host alone.
const HOSTS_OWN: &[&str] = &["HOME", "NODE_ENV", "PATH", "PWD", "SHELL", "USER"];

fn variables(app: &App, connections: &BTreeMap<&'static str, Connection>, shared: &mut Shared) -> Map {
    let mut found: BTreeMap<&str, Yaml> = BTreeMap::new();
    let mut wired = BTreeSet::new();
    let examples = app.reads.example.iter();
    let examples = examples.map(|(name, value)| (name.as_str(), value.value.as_str()));
    let code = app.reads.code.keys().map(|name| (name.as_str(), ""));
    for (name, example) in examples.chain(code) {
        if found.contains_key(name) || HOSTS_OWN.contains(&name) || name.starts_with("COMPOSE_") {
            continue;
        }
        let belongs = connection::belongs(name, example, &app.needs);
        if let Some((need, part)) = belongs
            && let Some(to) = connections.get(need.kind.id)
        {
            use kinds::Part;
            if matches!(part, Part::Url | Part::Jdbc | Part::Address | Part::Host) {
                wired.insert(need.kind.id);
            }
            let value = connection::value(need.kind, part, to, example, &app.dependencies);
            found.insert(name, Yaml::Text(value));
        } else if app.reads.example.contains_key(name) {
            found.insert(name, plain(name, example, app.plan.port));
        }
    }
    for need in &app.needs {
        let Some(to) = connections.get(need.kind.id) else {
            continue;
        };
        if wired.contains(need.kind.id) {
            continue;
        }
        let begins = |prefix: &str| app.dependencies.iter().any(|d| d.value.starts_with(prefix));
        let framework = kinds::FRAMEWORKS
            .iter()
            .find(|(prefix, ids, _)| ids.contains(&need.kind.id) && begins(prefix));
        let names = match framework {
            Some((_, _, names)) => names,
            None => {
                shared.notes.push(format!(
                    "{}: no variable found that the code reads for {}; {} is a guess",
                    app.plan.name, need.kind.name, need.kind.variable
                ));
                &[(need.kind.variable, kinds::Part::Url)][..]
            }
        };
        for (name, part) in names {
            let value = connection::value(need.kind, *part, to, "", &app.dependencies);
            found.entry(name).or_insert(Yaml::Text(value));
        }
    }
    let mut map = Map::default();
    for (name, value) in found {
        map.put(name, value);
    }
    map
}

/// A variable of the example that belongs to no backing service.
fn plain(name: &str, value: &str, port: Option<u16>) -> Yaml {
    let number = value.parse::<u16>().ok();
    let is_port = name == "PORT" || (name.ends_with("_PORT") && number.is_some() && number == port);
    if let Some(port) = port
        && is_port
    {
        return Yaml::Text(port.to_string());
    }
    if name == "HOST" && matches!(value, "localhost" | "127.0.0.1") {
        return Yaml::Text("0.0.0.0".into());
    }
    let awkward = |c: char| c.is_control() || "${}\\`".contains(c);
    if value.is_empty() || variables::is_secret(name, value) || value.contains(awkward) {
        return Yaml::Null;
    }
    Yaml::Text(format!("${{{name}:-{value}}}"))
}

fn check(test: Vec<String>, interval: &str) -> Map {
    let mut map = Map::default();
    map.put("test", Yaml::Words(test));
    map.text("interval", interval);
    map.text("timeout", "5s");
    map.plain("retries", 10);
    map.text("start_period", "60s");
    map.text("start_interval", "1s");
    map
}

fn backing(kind: &Kind, to: &Connection, pins: &Pins) -> Map {
    let mut map = Map::default();
    map.text("image", pins.pinned(kind.image));
    if !kind.command.is_empty() {
        map.put(
            "command",
            Yaml::Words(kind.command.iter().map(|w| w.to_string()).collect()),
        );
    }
    let mut environment = Map::default();
    for (name, text) in kind.environment {
        environment.text(name, to.fill(kind, text));
    }
    map.map("environment", environment);
    map.list("volumes", vec![format!("{}-data:{}", to.host, kind.volume)]);
    let test = kind.health.iter().map(|word| to.fill(kind, word));
    map.map(
        "healthcheck",
        check(std::iter::once("CMD".to_string()).chain(test).collect(), "10s"),
    );
    map
}
