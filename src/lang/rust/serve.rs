//! What the program needs when it runs: port, variables, files, a folder to write.

use super::detect::Facts;
use super::rocket;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::{Project, usual_port};
use crate::manifest::doc;
use crate::paths;
use crate::source::Sourced;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Serve {
    pub port: Option<Chosen<u16>>,
    pub env: BTreeMap<String, String>,
    /// The working folder.
    pub folder: Option<String>,
    pub copies: Vec<Safe>,
    /// Steps of the build that lay out `/out/beside`, which is copied into that folder.
    pub beside: Vec<Safe>,
    /// A relative database file that settings name.
    pub database: Option<Sourced<String>>,
    /// A folder that the program writes, and that becomes a volume.
    pub data: Option<String>,
    pub entrypoint: Vec<String>,
    pub arguments: Vec<String>,
    pub reads: Vec<String>,
    pub decisions: Vec<Decision>,
    pub warnings: Vec<Diagnostic>,
}

impl Serve {
    /// The command as a person would type it.
    pub fn shown(&self) -> String {
        let words = self.entrypoint.iter().chain(&self.arguments);
        words.cloned().collect::<Vec<_>>().join(" ")
    }
}

pub fn serve(project: &Project, facts: &Facts, context: &str) -> Result<Serve, Diagnostic> {
    let mut out = Serve {
        entrypoint: vec![format!("/usr/local/bin/{}", facts.program.target.name.value)],
        arguments: facts.program.arguments.clone(),
        ..Serve::default()
    };
    if let Some(command) = &project.settings.command {
        out.entrypoint.clone_from(&command.value);
        out.arguments.clear();
    }
    if let Some(command) = &facts.command
        && project.settings.command.is_none()
        && out.arguments.is_empty()
    {
        out.arguments.push(command.name.value.clone());
        out.decisions.push(Decision {
            topic: "argument",
            value: command.name.value.clone(),
            because: Because::at(
                &command.name.at,
                "does nothing without a command, and this one serves",
            ),
            over: Vec::new(),
        });
    }
    let rocket = rocket::rocket(project, facts, &mut out)?;
    if !rocket {
        listening(project, facts, &mut out);
        if out.port.is_none() {
            out.port = configured(project, facts);
        }
    }
    if let Some(given) = &project.settings.port {
        out.port = Some(Chosen::new(given.value, given.because.clone()));
        if rocket {
            out.env.insert("ROCKET_PORT".into(), given.value.to_string());
        } else if let Some(variable) = &facts.listening.port_variable {
            out.env.insert(variable.value.clone(), given.value.to_string());
        }
    }
    environment(project, facts, &mut out);
    files(project, facts, context, &mut out)?;
    Ok(out)
}

/// What cargo sets for a program that it runs stands in the image.
fn environment(project: &Project, facts: &Facts, out: &mut Serve) {
    let settings = project.settings;
    for (name, value) in &facts.environment {
        let port = facts
            .listening
            .port_variable
            .as_ref()
            .is_some_and(|v| v.value == *name);
        let number = value
            .value
            .parse()
            .ok()
            .filter(|_| port && settings.port.is_none());
        if let Some(number) = number {
            out.port = Some(Chosen::new(
                number,
                Because::at(&value.at, format!("sets {name} to {number}")),
            ));
        } else if out.env.contains_key(name) || settings.env.contains_key(name) || port {
            continue;
        }
        out.env.insert(name.clone(), value.value.clone());
        out.decisions.push(Decision {
            topic: "environment",
            value: format!("{name}={}", value.value),
            because: Because::at(&value.at, "sets it, and the program reads it when it runs"),
            over: Vec::new(),
        });
    }
}

fn listening(project: &Project, facts: &Facts, out: &mut Serve) {
    let found = &facts.listening;
    if let Some(port) = found.ports.first() {
        out.port = Some(Chosen::new(
            port.value,
            Because::at(&port.at, format!("listens on {}", port.value)),
        ));
    } else if let Some(variable) = &found.port_variable {
        let usual = usual_port(project.tree, &project.claim.dir);
        out.port = Some(Chosen::new(
            usual,
            Because::at(
                &variable.at,
                format!("reads {} and names no default", variable.value),
            ),
        ));
        out.env.insert(variable.value.clone(), usual.to_string());
    }
    for told in &found.told {
        if project.settings.env.contains_key(&told.name) {
            continue;
        }
        out.env.insert(told.name.clone(), told.value.clone());
        out.decisions.push(Decision {
            topic: "environment",
            value: format!("{}={}", told.name, told.value),
            because: Because::at(&told.at, told.why),
            over: Vec::new(),
        });
    }
    for (name, address) in &found.addresses {
        if project.settings.env.contains_key(name) {
            continue;
        }
        out.env.insert(name.clone(), address.value.clone());
        out.decisions.push(Decision {
            topic: "address",
            value: format!("{name}={}", address.value),
            because: Because::at(&address.at, "listens on loopback unless it is told"),
            over: Vec::new(),
        });
    }
    let alone = project.settings.command.is_none() && facts.program.arguments.is_empty();
    if let Some(argument) = found.opening.as_ref().filter(|_| alone && !found.open) {
        out.arguments.push(argument.value.clone());
        out.decisions.push(Decision {
            topic: "address",
            value: argument.value.clone(),
            because: Because::at(&argument.at, "listens on loopback unless it is told"),
            over: Vec::new(),
        });
    } else if let Some(at) = &found.loopback
        && !found.open
        && found.addresses.is_empty()
    {
        out.warnings.push(
            Diagnostic::warning(
                &rules::LOOPBACK,
                "the program listens on loopback only, so that no published port reaches it",
            )
            .at(at.clone(), "this address")
            .help("bind 0.0.0.0 here, or read the address from the environment"),
        );
    }
}

/// `port` in a configuration file that the program opens, apart from those of databases and the
/// like.
fn configured(project: &Project, facts: &Facts) -> Option<Chosen<u16>> {
    /// Names of tables that say where the program itself listens; top level is `""`.
    const OWN: &[&str] = &[
        "",
        "app",
        "application",
        "server",
        "http",
        "web",
        "api",
        "listen",
        "service",
        "rest",
    ];
    let mut files: Vec<String> = Vec::new();
    for path in facts.files.opened.values() {
        if project.tree.has(&path.value) {
            files.push(path.value.clone());
        }
        files.extend(project.tree.files_in(&path.value).map(str::to_string));
    }
    // What production says goes before what a developer's machine says.
    files.sort_by_key(|p| (!p.contains("prod"), p.clone()));
    files.dedup();
    for path in files {
        let Some(source) = project.tree.text(&path) else {
            continue;
        };
        let root = match path.rsplit_once('.').map(|(_, e)| e) {
            Some("toml") => doc::toml(&source).ok(),
            Some("yaml" | "yml") => doc::yaml(&source)
                .ok()
                .and_then(|mut d| (!d.is_empty()).then(|| d.swap_remove(0))),
            Some("json") => doc::json(&source).ok(),
            _ => None,
        };
        let Some(root) = root else { continue };
        for table in OWN {
            let node = if table.is_empty() {
                Some(&root)
            } else {
                root.get(table)
            };
            let Some(port) = node.and_then(|n| n.get("port")) else {
                continue;
            };
            if let Some(number) = port.scalar().and_then(|p| p.parse().ok()).filter(|p| *p > 0) {
                return Some(Chosen::new(
                    number,
                    Because::at(&port.at, format!("says `port` is {number}")),
                ));
            }
        }
    }
    None
}

pub fn copy(out: &mut Serve, said: &str, path: &str, because: Because) {
    out.reads.push(path.to_string());
    out.decisions.push(Decision {
        topic: "files",
        value: said.to_string(),
        because,
        over: Vec::new(),
    });
}

fn files(project: &Project, facts: &Facts, context: &str, out: &mut Serve) -> Result<(), Diagnostic> {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for path in &out.reads {
        let said = paths::relative(path, &project.claim.dir).to_string();
        wanted.insert(said, path.clone());
    }
    for (said, path) in &facts.files.opened {
        wanted.insert(said.clone(), path.value.clone());
        copy(out, said, &path.value, Because::at(&path.at, "opens it"));
    }
    for file in &project.settings.files {
        let Some(path) = paths::join(&project.claim.dir, file) else {
            continue;
        };
        let said = file.trim_start_matches("./").trim_end_matches('/').to_string();
        wanted.insert(said, path.clone());
        out.reads.push(path);
    }
    // What lies in a folder that is copied is copied with it.
    let all: Vec<String> = wanted.keys().cloned().collect();
    wanted.retain(|said, _| {
        !all.iter()
            .any(|other| other != said && paths::is_under(said, other))
    });
    let database = facts.files.database.clone().or_else(|| out.database.clone());
    if let Some(database) = database {
        let parent = paths::parent(&database.value);
        let folder = if parent.is_empty() {
            "/data".to_string()
        } else {
            format!("/app/{parent}")
        };
        if parent.is_empty() && wanted.is_empty() && facts.files.insisted.is_none() {
            out.folder = Some(folder.clone());
        } else if parent.is_empty() {
            // What is in the image's working folder would be hidden by a volume there.
            let target = escape::shell(&format!("/data/{}", database.value))?;
            let link = escape::shell(&format!("/out/beside/{}", database.value))?;
            out.beside
                .push(Safe::join(&[Safe::literal("ln -s"), target, link], " "));
        }
        out.warnings.push(
            Diagnostic::warning(
                &rules::WRITES_ROOT,
                format!(
                    "the program writes {}; {folder} is a volume for it",
                    database.value
                ),
            )
            .at(database.at.clone(), "beside the program")
            .help(format!("mount a volume on {folder} to keep the data")),
        );
        out.data = Some(folder);
    }
    if let (None, Some(data)) = (&out.data, &facts.files.data) {
        let folder = format!("/app/{}", data.value);
        out.warnings.push(
            Diagnostic::warning(
                &rules::WRITES_ROOT,
                format!(
                    "the program keeps its data in {}; {folder} is a volume for it",
                    data.value
                ),
            )
            .at(data.at.clone(), "below the folder that it is started in")
            .help(format!("mount a volume on {folder} to keep the data")),
        );
        out.data = Some(folder);
    }
    if let Some(at) = &facts.files.insisted {
        out.beside.push(Safe::literal("touch /out/beside/.env"));
        out.folder.get_or_insert_with(|| "/app".into());
        out.decisions.push(Decision {
            topic: "files",
            value: ".env".into(),
            because: Because::at(
                at,
                "ends without it, and takes from the environment what it would say; the image has an empty one",
            ),
            over: Vec::new(),
        });
    }
    if out.folder.is_none() && !(wanted.is_empty() && facts.files.built.is_empty() && out.data.is_none()) {
        out.folder = Some("/app".into());
    }
    for (said, path) in &wanted {
        let from = escape::path(paths::relative(path, context))?;
        let to = if said == "." {
            "./".to_string()
        } else {
            format!("./{said}")
        };
        let to = if project.tree.has(path) {
            to
        } else {
            format!("{to}/")
        };
        out.copies.push(Safe::join(&[from, escape::path(&to)?], " "));
    }
    for (path, at) in &facts.files.baked {
        let from = escape::path(paths::relative(path, context))?;
        let to = escape::path(&format!("/src/{}", paths::relative(path, context)))?;
        out.copies.push(Safe::join(&[from, to], " "));
        copy(
            out,
            path,
            path,
            Because::at(at, "opens it under the path of the build"),
        );
    }
    out.copies.sort();
    out.copies.dedup();
    out.reads.sort();
    out.reads.dedup();
    Ok(())
}
