//! Ports that files beside the source give: examples of the environment, and node-config.

use crate::lang::node::source::Scan;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// `PORT=8080` of an example of the environment.
pub fn example_port(tree: &Tree, dir: &str) -> Option<Sourced<u16>> {
    [
        ".env.example",
        ".env.sample",
        ".env.template",
        ".env.dist",
        ".env",
    ]
    .iter()
    .find_map(|name| {
        let source = tree.text(&in_dir(dir, name))?;
        source.text.lines().find_map(|line| {
            let value = line.trim().strip_prefix("PORT=")?.trim_matches(['"', '\'', ' ']);
            Some(Sourced::new(value.parse().ok()?, Location::of(&source, line)))
        })
    })
}

/// The port that node-config gives: `config/default.json`, and the variable that outranks it.
pub fn read(tree: &Tree, dir: &str, scan: &mut Scan) {
    let file = |name: &str| {
        let source = tree.text(&in_dir(dir, &format!("config/{name}")))?;
        doc::json(&source).ok()
    };
    let port = file("default.json").and_then(|n| {
        let at = n.get("port")?.at.clone();
        Some(Sourced::new(n.get("port")?.scalar()?.parse().ok()?, at))
    });
    if scan.port.is_none() {
        scan.port = port;
    }
    let variable = file("custom-environment-variables.json").and_then(|n| {
        let port = n.get("port")?;
        let name = port.as_str().or_else(|| port.get("__name")?.as_str())?;
        let named = crate::escape::name(name).is_ok();
        named.then(|| Sourced::new(name.to_string(), port.at.clone()))
    });
    if scan.port_variable.is_none() {
        scan.port_variable = variable;
    }
}
