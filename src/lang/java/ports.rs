//! Where the program listens, and what has to be set so that it can be reached.

use super::config::{self, Port};
use super::facts::{Facts, Package};
use super::maven::boot::numbers;
use super::sources;
use super::start::Arguments;
use crate::decision::{Because, Chosen};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::Project;
use crate::source::{Location, Source};
use std::sync::Arc;

#[derive(Default)]
pub struct Ports {
    pub port: Option<Chosen<u16>>,
    /// Variables that go with it.
    pub env: Vec<(String, String)>,
    /// The path that answers when all is well.
    pub health: Option<(String, Because)>,
}

/// Where a variable gives the port and nothing gives the variable.
const FALLBACK: u16 = 8080;

pub fn find(
    project: &Project,
    facts: &Facts,
    arguments: &Arguments,
    warnings: &mut Vec<Diagnostic>,
) -> Ports {
    let mut ports = Ports::default();
    let war = matches!(facts.package, Package::War { .. });
    let framework = facts.framework.as_ref().filter(|_| !war);
    if let Some(given) = &project.settings.port {
        ports.port = Some(Chosen::new(given.value, given.because.clone()));
        if let Some(found) = framework.filter(|f| !f.framework.port_env.is_empty()) {
            ports
                .env
                .push((found.framework.port_env.into(), given.value.to_string()));
        }
    } else if war {
        ports.port = Some(Chosen::new(8080, Because::rule("Tomcat listens there")));
    } else {
        from_project(project, facts, arguments, &mut ports);
    }
    if let Some(at) = sources::reads_port(&facts.files).filter(|_| !war) {
        let port = ports.port.get_or_insert_with(|| {
            Chosen::new(FALLBACK, Because::at(&at, "reads PORT, which the image sets"))
        });
        ports.env.push(("PORT".into(), port.value.to_string()));
    }
    loopback(facts, &mut ports, warnings);
    let given = arguments.files.iter().filter_map(|f| project.tree.text(f));
    warnings.extend(given.filter_map(|source| bound(&source)).next());
    if let Some(found) = framework.filter(|_| facts.web) {
        graceful(facts, &mut ports);
        if let Some((path, artifact)) = found.framework.health
            && facts.artifacts.iter().any(|a| a == artifact)
        {
            let base = facts
                .config
                .get("management.endpoints.web.base-path")
                .map(|b| format!("{}/health", b.value.trim_end_matches('/')));
            let path = base.unwrap_or_else(|| path.to_string());
            ports.health = Some((path, Because::rule(format!("{artifact} answers there"))));
        }
    }
    ports
}

fn from_project(project: &Project, facts: &Facts, arguments: &Arguments, ports: &mut Ports) {
    let framework = facts.framework.as_ref();
    let key = framework.map_or("", |f| f.framework.port_key);
    let variable = framework.map_or("", |f| f.framework.port_env);
    if let Some(found) = facts.config.port(key) {
        match found.value {
            Port::Number(0) if !variable.is_empty() => {
                ports.env.push((variable.into(), FALLBACK.to_string()));
                let text = format!("asks for any free port; {variable} makes it one that can be published");
                ports.port = Some(Chosen::new(FALLBACK, Because::at(&found.at, text)));
            }
            Port::Number(0) => {}
            Port::Number(port) => {
                ports.port = Some(Chosen::new(port, Because::at(&found.at, format!("sets `{key}`"))));
            }
            Port::Variable(name) => {
                ports.env.push((name.clone(), FALLBACK.to_string()));
                let text = format!("reads it from {name}, which has no default");
                ports.port = Some(Chosen::new(FALLBACK, Because::at(&found.at, text)));
            }
        }
        return;
    }
    let given = arguments.files.iter().filter_map(|f| project.tree.text(f));
    if let Some(found) = given.filter_map(|source| config::first_port(&source)).next() {
        let text = format!("says {}", found.value);
        ports.port = Some(Chosen::new(found.value, Because::at(&found.at, text)));
        return;
    }
    // A framework with a key of its own listens at its default where the key is not set.
    let configured = framework.is_some_and(|f| facts.web && !f.framework.port_env.is_empty());
    if !configured && let Some(found) = sources::port(&facts.files) {
        let text = format!("listens on {}", found.value);
        ports.port = Some(Chosen::new(found.value, Because::at(&found.at, text)));
        return;
    }
    if let Some(found) = framework.filter(|_| facts.web)
        && let Some(port) = found.framework.port
    {
        let text = format!("brings {}, which listens there by default", found.framework.name);
        ports.port = Some(Chosen::new(port, Because::at(&found.at, text)));
    }
}

fn loopback(facts: &Facts, ports: &mut Ports, warnings: &mut Vec<Diagnostic>) {
    if let Some(found) = &facts.framework
        && let Some(host) = facts.config.get(found.framework.host_key)
        && ["127.0.0.1", "localhost", "::1"].contains(&host.value.as_str())
    {
        if found.framework.host_env.is_empty() {
            warnings.push(warning(host.at.clone()));
        } else {
            ports
                .env
                .push((found.framework.host_env.into(), "0.0.0.0".into()));
        }
        return;
    }
    if ports.port.is_some()
        && let Some(at) = sources::loopback(&facts.files)
    {
        warnings.push(warning(at));
    }
}

/// Dropwizard: `bindHost: localhost` in the configuration that the program is given.
fn bound(source: &Arc<Source>) -> Option<Diagnostic> {
    let line = source.text.lines().find(|line| {
        line.trim_start_matches([' ', '-'])
            .split_once(':')
            .is_some_and(|(key, value)| {
                let value = value
                    .split('#')
                    .next()
                    .unwrap_or(value)
                    .trim()
                    .trim_matches(['"', '\'']);
                ["bindHost", "bind_host"].contains(&key) && ["127.0.0.1", "localhost", "::1"].contains(&value)
            })
    })?;
    Some(warning(Location::of(source, line.trim())))
}

fn warning(at: crate::source::Location) -> Diagnostic {
    Diagnostic::warning(
        &rules::LOOPBACK,
        "the program listens on the loopback address, which nobody outside of the container reaches",
    )
    .at(at, "this address")
    .help("listen on 0.0.0.0")
}

/// From 3.4 Spring Boot finishes its requests at SIGTERM unasked; from 2.3 it can.
fn graceful(facts: &Facts, ports: &mut Ports) {
    let Some(found) = &facts.framework else { return };
    let version = found.version.as_deref().map(numbers);
    let can = version.is_some_and(|v| ((2, 3)..(3, 4)).contains(&v));
    if found.framework.name == "Spring Boot" && can && facts.config.get("server.shutdown").is_none() {
        ports.env.push(("SERVER_SHUTDOWN".into(), "graceful".into()));
    }
}
