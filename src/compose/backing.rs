//! A service that is somebody else's image: a database, a queue, a cache.

use super::connection::Connection;
use super::kinds::Kind;
use super::yaml::{Map, Yaml};
use crate::pins::Pins;

/// A health check in exec form; `interval` as Compose writes it.
pub fn check(test: Vec<String>, interval: &str) -> Map {
    let mut map = Map::default();
    map.put("test", Yaml::Words(test));
    map.text("interval", interval);
    map.text("timeout", "5s");
    map.plain("retries", 10);
    map.text("start_period", "60s");
    map.text("start_interval", "1s");
    map
}

/// The service that answers a connection.
pub fn backing(kind: &Kind, to: &Connection, pins: &Pins) -> Map {
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
