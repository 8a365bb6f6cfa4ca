//! The port in the configuration files that the program opens.

use super::ports::{ELSEWHERE, says, words};
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// Words of the name of a server, or of the section that it has.
const SERVERS: &[&str] = &[
    "api",
    "app",
    "application",
    "http",
    "listen",
    "rest",
    "server",
    "service",
    "web",
];

/// `addr: 0.0.0.0:8000`, or `port: 8080` below a server's name, in YAML, TOML or INI.
pub fn configured(source: &Arc<Source>) -> Option<Sourced<u16>> {
    let mut above: Vec<(usize, String)> = Vec::new();
    for line in source.text.lines().take(2_000) {
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with(['#', ';', '/']) {
            continue;
        }
        if let Some(section) = plain.strip_prefix('[').and_then(|s| s.strip_suffix(']')) {
            above = vec![(0, section.to_string())];
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = plain.split_once([':', '=']) else {
            continue;
        };
        let in_section = plain.split_once('=').is_some_and(|(k, _)| k.len() == key.len());
        if !in_section {
            above.retain(|(depth, _)| *depth < indent);
        }
        let key = key.trim().trim_matches('"');
        let value = value.split(" #").next().unwrap_or(value).trim();
        let value = value.trim_end_matches(',').trim_matches(['"', '\'']);
        let said = words(key);
        let around: Vec<String> = above.iter().flat_map(|(_, name)| words(name)).collect();
        if value.is_empty() || value == "{" {
            above.push((indent, key.to_string()));
            continue;
        }
        if says(&said, ELSEWHERE) || says(&around, ELSEWHERE) {
            continue;
        }
        let (host, port) = match value.rsplit_once(':') {
            Some((host, port)) => (Some(host), port),
            None => (None, value),
        };
        let Some(port) = port.parse().ok().filter(|p: &u16| *p >= 80) else {
            continue;
        };
        let fits = match host {
            Some(host) => {
                matches!(host, "" | "0.0.0.0" | "[::]")
                    && says(&said, &["addr", "address", "bind", "listen", "host", "http"])
            }
            None => {
                said.last().is_some_and(|w| w == "port")
                    && (above.is_empty() && said.len() == 1 || says(&around, SERVERS) || says(&said, SERVERS))
            }
        };
        if fits {
            return Some(Sourced::new(port, Location::of(source, line)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_of_a_configuration_file_is_found() {
        for (text, expected) in [
            (
                "server:\n  http:\n    addr: 0.0.0.0:8000\n  grpc:\n    addr: 0.0.0.0:9000\n",
                Some(8000),
            ),
            (
                "server:\n  grpc:\n    addr: 0.0.0.0:9000\n  http:\n    addr: :8000 # all\n",
                Some(8000),
            ),
            ("database:\n  port: 5432\nserver:\n  port: \"8080\"\n", Some(8080)),
            ("[database]\nport = 3306\n[server]\nHttpPort = 8000\n", Some(8000)),
            ("port: 8090\n", Some(8090)),
            ("redis:\n  addr: 127.0.0.1:6379\n", None),
            ("a:\n  port: 70000\n[", None),
            (
                "REDIS_ADDRESS=0.0.0.0:6379\nHTTP_SERVER_ADDRESS=0.0.0.0:8080\n",
                Some(8080),
            ),
        ] {
            let found = configured(&Source::new("c.yaml", text)).map(|p| p.value);
            assert_eq!(found, expected, "{text}");
        }
    }
}
