//! The programs' own configuration files: application.properties, application.yml and their kin.

use crate::manifest::properties;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// The files that frameworks read without being told, from a module's folder; later ones win.
const FILES: &[&str] = &[
    "src/main/resources/META-INF/microprofile-config.properties",
    "src/main/resources/bootstrap.yml",
    "src/main/resources/bootstrap.properties",
    "src/main/resources/application.conf",
    "src/main/resources/application.yaml",
    "src/main/resources/application.yml",
    "src/main/resources/application.properties",
    "src/main/resources/config/application.yml",
    "src/main/resources/config/application.properties",
];

/// How often a value may name another: more is a circle.
const ROUNDS: usize = 8;

/// Keys and values of a module's configuration.
#[derive(Default)]
pub struct Config(Vec<(String, Sourced<String>)>);

/// A number that a value gives by itself, or the variable that it is read from.
#[derive(Clone, Debug, PartialEq)]
pub enum Port {
    Number(u16),
    /// `${PORT}` without a default.
    Variable(String),
}

impl Config {
    pub fn read(tree: &Tree, dir: &str) -> Self {
        let mut config = Self::default();
        for file in FILES {
            config.add(tree, dir, file);
        }
        for profile in config.profiles() {
            for file in FILES.iter().filter(|f| f.contains("/application.")) {
                config.add(
                    tree,
                    dir,
                    &file.replace("/application.", &format!("/application-{profile}.")),
                );
            }
        }
        config.packaged();
        config
    }

    fn add(&mut self, tree: &Tree, dir: &str, file: &str) {
        let Some(source) = paths::join(dir, file).and_then(|p| tree.text(&p)) else {
            return;
        };
        self.0.extend(match file.rsplit('.').next() {
            Some("properties") => properties::parse(&source),
            Some("conf") => hocon(&source),
            _ => yaml(&source),
        });
    }

    /// Spring's profiles that are on by the configuration itself.
    fn profiles(&self) -> Vec<String> {
        let Some(said) = self.get("spring.profiles.active") else {
            return Vec::new();
        };
        let said = said.value.trim();
        let inner = said.strip_prefix("${").and_then(|s| s.strip_suffix('}'));
        let said = match inner {
            Some(inner) => inner.split_once(':').map_or("", |(_, default)| default),
            None => said,
        };
        let plain =
            |p: &&str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        said.split(',')
            .map(str::trim)
            .filter(plain)
            .map(str::to_string)
            .collect()
    }

    /// What Quarkus takes once it is packaged: `%prod.quarkus.http.port` wins over the key without that.
    fn packaged(&mut self) {
        let own = |(key, value): &(String, Sourced<String>)| {
            let key = key.strip_prefix("%prod.")?;
            Some((key.to_string(), value.clone()))
        };
        let found: Vec<_> = self.0.iter().filter_map(own).collect();
        self.0.extend(found);
    }

    /// Every pair, in the order of the files.
    pub fn all(&self) -> &[(String, Sourced<String>)] {
        &self.0
    }

    /// The value that wins.
    pub fn get(&self, key: &str) -> Option<&Sourced<String>> {
        if key.is_empty() {
            return None;
        }
        properties::get(&self.0, key)
    }

    /// The value with `${other.key}` replaced by what that key says. Gradle's `expand` wants a backslash
    /// before each, which does not reach the program.
    pub fn resolved(&self, value: &str) -> String {
        let mut value = value.replace("\\${", "${");
        for _ in 0..ROUNDS {
            let named = self.0.iter().rev().find_map(|(key, other)| {
                let named = [format!("${{{key}}}"), format!("${{{key}:")];
                let at = named.iter().find_map(|n| value.find(n.as_str()))?;
                let end = at + closing(&value[at..])?;
                Some((at..end, other.value.replace("\\${", "${")))
            });
            let Some((range, with)) = named else { break };
            value.replace_range(range, &with);
        }
        value
    }

    pub fn port(&self, key: &str) -> Option<Sourced<Port>> {
        let value = self.get(key)?;
        let port = port(&value.value)?;
        Some(Sourced::new(port, value.at.clone()))
    }
}

/// Where the placeholder that the text begins with ends.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (c == '}' && depth == 0).then_some(at + 1)
    })
}

/// The first `port:` of a configuration that the program is given by its name, such as Dropwizard's.
pub fn first_port(source: &Arc<Source>) -> Option<Sourced<u16>> {
    source.text.lines().find_map(|line| {
        let value = line.trim_start_matches([' ', '-', '"']).strip_prefix("port")?;
        let value = value.trim_start_matches(['"', ' ']).strip_prefix([':', '='])?;
        match port(value.trim().trim_end_matches(','))? {
            Port::Number(port) if port > 0 => Some(Sourced::new(port, Location::of(source, line.trim()))),
            _ => None,
        }
    })
}

/// `8080`, `${PORT:8080}`, `${A:${B:8080}}`, `${PORT}`.
fn port(value: &str) -> Option<Port> {
    let value = value.trim().trim_matches(['"', '\'']);
    if let Ok(number) = value.parse() {
        return Some(Port::Number(number));
    }
    let inner = value.strip_prefix("${")?.strip_suffix('}')?;
    match inner.split_once(':') {
        Some((_, default)) => port(default),
        None => Some(Port::Variable(inner.trim_start_matches('?').to_string())),
    }
}

/// The scalars of the first document, by dotted keys. Not a YAML parser: these files are templates
/// as often as not (`@project.version@`), which no parser reads.
fn yaml(source: &Arc<Source>) -> Vec<(String, Sourced<String>)> {
    let mut pairs = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for line in source.text.lines() {
        if line.starts_with("---") {
            if pairs.is_empty() {
                continue;
            }
            break;
        }
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', '-']) {
            continue;
        }
        let Some((key, value)) = text.split_once(':') else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        open.retain(|(i, _)| *i < indent);
        let key = key.trim().trim_matches(['"', '\'']);
        let value = value.split(" #").next().unwrap_or("").trim();
        if value.is_empty() {
            open.push((indent, key.to_string()));
            continue;
        }
        let mut path: Vec<&str> = open.iter().map(|(_, k)| k.as_str()).collect();
        path.push(key);
        let value = value.trim_matches(['"', '\'']).to_string();
        pairs.push((path.join("."), Sourced::new(value, Location::of(source, text))));
    }
    pairs
}

/// The scalars of a HOCON file, by dotted keys. An optional substitution after a value only matters
/// where its variable is set, so the value stands.
fn hocon(source: &Arc<Source>) -> Vec<(String, Sourced<String>)> {
    let mut pairs: Vec<(String, Sourced<String>)> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for line in source.text.lines() {
        let text = line.trim();
        if text.starts_with(['#', '/']) {
            continue;
        }
        if let Some(key) = text.strip_suffix('{') {
            open.push(key.trim().trim_end_matches(['=', ':']).trim().to_string());
        } else if text.starts_with('}') {
            open.pop();
        } else if let Some((key, value)) = text.split_once(['=', ':']) {
            let mut path = open.clone();
            path.push(key.trim().to_string());
            let key = path.join(".");
            let value = value.trim().trim_matches('"').to_string();
            if value.starts_with("${?") && pairs.iter().any(|(k, _)| *k == key) {
                continue;
            }
            pairs.push((key, Sourced::new(value, Location::of(source, text))));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_names_another_key_is_resolved() {
        let text = "app.dir=\\${user.home}/.app\napp.db=${app.dir}/a.db\na=${b}\nb=${a}\n";
        let tree = Tree::from_pairs([("src/main/resources/application.properties", text)]);
        let config = Config::read(&tree, "");
        let get = |key: &str| config.resolved(&config.get(key).expect(key).value);
        assert_eq!(get("app.db"), "${user.home}/.app/a.db");
        assert_eq!(config.resolved("${app.dir:${OTHER}}/x"), "${user.home}/.app/x");
        assert_eq!(config.resolved("${app.dir"), "${app.dir");
        assert!(get("a").starts_with("${"), "a circle ends");
    }

    #[test]
    fn what_a_profile_that_is_on_says_wins() {
        let tree = |active: &str| {
            let pairs = [
                (
                    "src/main/resources/application.yml",
                    format!("server:\n  port: 1\nspring:\n  profiles:\n    active: {active}\n"),
                ),
                (
                    "src/main/resources/application-dev.yml",
                    "server:\n  port: 2\n".to_string(),
                ),
            ];
            Tree::from_pairs(pairs.iter().map(|(path, text)| (*path, text.as_str())))
        };
        let port = |active: &str| Config::read(&tree(active), "").port("server.port").unwrap().value;
        assert_eq!(port("dev"), Port::Number(2));
        assert_eq!(port("${MODE:dev}"), Port::Number(2));
        assert_eq!(port("@mode@"), Port::Number(1));
        assert_eq!(port("other, dev"), Port::Number(2));
    }

    #[test]
    fn a_packaged_program_takes_the_keys_of_production() {
        let text = "%prod.quarkus.http.port=9000\nquarkus.http.port=8081\n%dev.quarkus.http.port=1\n";
        let tree = Tree::from_pairs([("src/main/resources/application.properties", text)]);
        let port = Config::read(&tree, "").port("quarkus.http.port").unwrap();
        assert_eq!(port.value, Port::Number(9000));
    }

    #[test]
    fn a_port_is_found_in_each_format() {
        let tree = |path: &'static str, text: &'static str| Tree::from_pairs([(path, text)]);
        let p = "src/main/resources/application.properties";
        let y = "src/main/resources/application.yml";
        let c = "src/main/resources/application.conf";
        let cases = [
            (tree(p, "server.port=${PORT:9090}\n"), "server.port", 9090),
            (
                tree(
                    y,
                    "info:\n  v: @project.version@\nserver:\n  port: 8081 # here\n---\nserver:\n  port: 1\n",
                ),
                "server.port",
                8081,
            ),
            (
                tree(
                    c,
                    "ktor {\n  deployment {\n    port = 8082\n    port = ${?PORT}\n  }\n}\n",
                ),
                "ktor.deployment.port",
                8082,
            ),
        ];
        for (tree, key, want) in cases {
            let found = Config::read(&tree, "").port(key).unwrap();
            assert_eq!(found.value, Port::Number(want));
        }
    }
}
