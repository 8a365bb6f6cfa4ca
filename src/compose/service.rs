//! A service that is built: how, with which ports, variables and mounts, after which others, and what is
//! watched while it is developed.

use super::App;
use super::backing::check;
use super::connection::{self, Connection};
use super::yaml::{Map, Yaml, literal};
use super::{kinds, peers, probe, variables as names};
use crate::paths;
use crate::plan::Dev;
use crate::render;
use std::collections::{BTreeMap, BTreeSet};

/// What the services of one file share.
pub struct Shared<'a> {
    pub secrets: &'a mut BTreeMap<String, (&'static str, String)>,
    pub volumes: &'a mut BTreeSet<String>,
    pub ports: &'a mut BTreeSet<u16>,
    pub notes: &'a mut Vec<String>,
}

fn relative(path: &str) -> String {
    if path.is_empty() {
        ".".into()
    } else {
        format!("./{}", literal(path))
    }
}

/// The service of one application.
pub fn service(
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
    map.map("environment", variables(app, apps, connections, shared));
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

fn variables(
    app: &App,
    apps: &[App],
    connections: &BTreeMap<&'static str, Connection>,
    shared: &mut Shared,
) -> Map {
    let mut found: BTreeMap<&str, Yaml> = BTreeMap::new();
    let mut wired = BTreeSet::new();
    let examples = app.reads.example.iter();
    let examples = examples.map(|(name, value)| (name.as_str(), value.value.as_str()));
    let code = app.reads.code.keys().chain(&app.reads.peers);
    let code = code.map(|name| (name.as_str(), ""));
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
        } else if let Some(value) = peers::value(app, apps, name, example) {
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
    if value.is_empty() || names::is_secret(name, value) || value.contains(awkward) {
        return Yaml::Null;
    }
    Yaml::Text(format!("${{{name}:-{value}}}"))
}
