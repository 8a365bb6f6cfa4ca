//! [Loco](https://loco.rs): a framework whose programs take its own commands and read `config/` beside themselves.

use super::files::{self, Files};
use super::listen::{Listening, Told};
use super::tokens::Tokens;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// Where Loco listens unless it is told.
const PORT: u16 = 5150;

/// `cli::main::<App, Migrator>()`
pub fn program(tokens: &Tokens) -> Option<Location> {
    let i = (0..tokens.list.len()).find(|i| tokens.spells(*i, "cli : : main"))?;
    Some(tokens.at(i + 3))
}

/// The configuration is YAML only once Loco has filled it in, so it is read by its lines.
pub fn settings(tree: &Tree, dir: &str, at: &Location, found: &mut Files, listening: &mut Listening) {
    let under = |name: &str| paths::join(dir, name).expect("a name without dots");
    for name in ["config", "assets"] {
        if tree.has_dir(&under(name)) {
            let path = Sourced::new(under(name), at.clone());
            found.opened.entry(name.into()).or_insert(path);
        }
    }
    let read = |name: &str| tree.text(&under(&format!("config/{name}.yaml")));
    // What was made by `loco new` is there and empty.
    let production = read("production").filter(|s| s.text.contains("server:"));
    let Some(source) = production.clone().or_else(|| read("development")) else {
        return;
    };
    let value = |key: &str| lines(&source).find_map(|(name, value, at)| (name == key).then_some((value, at)));
    let port = value("port").and_then(|(value, at)| Some(Sourced::new(number(value)?, at)));
    listening.ports = vec![port.unwrap_or_else(|| Sourced::new(PORT, at.clone()))];
    listening.loopback = None;
    listening.addresses.clear();
    if production.is_some() {
        listening.told.push(Told {
            name: "LOCO_ENV".into(),
            value: "production".into(),
            at: Location::whole(&source),
            why: "is the configuration for it",
        });
    }
    if let Some((value, at)) = value("binding")
        && (value.contains("localhost") || value.contains("127.0.0.1"))
    {
        listening.opening = Some(Sourced::new("--binding=0.0.0.0".into(), at));
        listening.open = false;
    }
    for (key, value, at) in lines(&source) {
        let plain = value.trim_matches('"');
        if let Some((_, rest)) = value.split_once("sqlite:").filter(|_| key == "uri") {
            let file = rest
                .trim_start_matches("//")
                .split(['?', '"'])
                .next()
                .unwrap_or("");
            if !file.is_empty() && !file.contains(['/', '{', ':', ' ']) {
                found.database = Some(Sourced::new(file.to_string(), at));
            }
        } else if key == "path" && !plain.contains(['{', '.', ' ']) && !plain.starts_with('/') {
            let path = under(plain);
            if files::front_end(tree, &path, dir).is_some() && !tree.has_dir(&path) {
                found
                    .built
                    .entry(plain.to_string())
                    .or_insert(Sourced::new(path, at));
            }
        }
    }
}

/// Keys and values of the lines, without comments.
fn lines(source: &Arc<Source>) -> impl Iterator<Item = (&str, &str, Location)> {
    source.text.lines().take(2_000).filter_map(|line| {
        let (key, value) = line.trim().split_once(':')?;
        (!key.starts_with('#')).then(|| (key, value.trim(), Location::of(source, line)))
    })
}

/// The last number of `{{ get_env(name="PORT", default="5150") }}`.
fn number(value: &str) -> Option<u16> {
    value
        .split(|c: char| !c.is_ascii_digit())
        .rfind(|digits| !digits.is_empty())?
        .parse()
        .ok()
}
