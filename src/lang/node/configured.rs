//! Ports that are given apart from the call that listens: in a module of settings, in examples of the
//! environment, and in node-config.

use crate::lang::node::ports::number;
use crate::lang::node::source::Scan;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::manifest::dotenv;
use crate::manifest::javascript::{self, Token};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// What a module of settings is called, before its extension.
const MODULES: &[&str] = &[
    "config",
    "configuration",
    "constants",
    "env",
    "environment",
    "options",
    "settings",
];

/// What the settings of the server itself are called among others.
const OWN: &[&str] = &["api", "app", "application", "express", "http", "server", "web"];

/// `port: 2022` or `PORT = 2022` in a module of settings; not that of a database in it.
pub fn module_port(tree: &Tree, files: &[&str]) -> Option<Sourced<u16>> {
    let settings = files.iter().filter(|f| {
        let stem = paths::base(f).split('.').next().unwrap_or_default();
        MODULES.contains(&stem) || stem == "index" && MODULES.contains(&paths::base(paths::parent(f)))
    });
    settings.into_iter().find_map(|file| {
        let source = tree.text(file)?;
        let tokens = javascript::tokens(&source.text);
        let (port, token) = own_port(&tokens)?;
        Some(Sourced::new(port, Location::span(&source, token.span.clone())))
    })
}

fn own_port(tokens: &[Token]) -> Option<(u16, &Token)> {
    // Of each open brace, whether what it holds may be the server's.
    let mut open: Vec<bool> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.is('{') {
            let key = i
                .checked_sub(2)
                .filter(|k| tokens[k + 1].is(':'))
                .and_then(|k| tokens[k].word().or(tokens[k].string()));
            open.push(key.is_none_or(|k| OWN.contains(&k.to_lowercase().as_str())));
        } else if token.is('}') {
            open.pop();
        }
        let named = token.word().is_some_and(|w| w.eq_ignore_ascii_case("port"));
        let given = tokens.get(i + 1).is_some_and(|t| t.is(':') || t.is('='));
        if named && given && open.iter().all(|own| *own) {
            let port = tokens.get(i + 2).and_then(|t| Some((number(t)?, t)));
            if port.is_some() {
                return port;
            }
        }
    }
    None
}

/// `PORT=8080` of an example of the environment.
pub fn example_port(tree: &Tree, dir: &str) -> Option<Sourced<u16>> {
    dotenv::SAMPLES.iter().chain(&[".env"]).find_map(|name| {
        let source = tree.text(&in_dir(dir, name))?;
        let port = dotenv::variables(&source).find(|(name, _)| *name == "PORT")?.1;
        Some(Sourced::new(port.value.parse().ok()?, port.at))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, text: &str, port: Option<u16>) {
        let tree = Tree::from_pairs([(file, text)]);
        assert_eq!(
            module_port(&tree, &[file]).map(|p| p.value),
            port,
            "{file}: {text}"
        );
    }

    #[test]
    fn the_port_of_a_module_of_settings_is_the_servers_own() {
        check(
            "src/config.ts",
            "export const o: Options = { dev, port: 2022 }",
            Some(2022),
        );
        check("config/index.js", "module.exports = { PORT: 4000 }", Some(4000));
        check("constants.js", "export const PORT = 8080", Some(8080));
        check(
            "config.js",
            "export default { db: { port: 5432 }, server: { port: 3001 } }",
            Some(3001),
        );
        check("config.js", "export default { \"redis\": { port: 6379 } }", None);
        check("src/users.ts", "export const o = { port: 2022 }", None);
    }
}
