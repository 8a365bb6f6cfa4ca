//! `[env]` of .cargo/config.toml, which cargo also sets for the programs that it runs.
//! <https://doc.rust-lang.org/cargo/reference/config.html#env>

use super::detect::Config;
use super::tokens::Tokens;
use crate::source::Sourced;

/// Variables that libraries read for every program.
const LIBRARIES: &[&str] = &["RUST_BACKTRACE", "RUST_LOG", "RUST_MIN_STACK"];

/// Parts of names of what belongs into no image.
const SECRETS: &[&str] = &["CREDENTIAL", "KEY", "PASS", "SECRET", "TOKEN"];

/// The variables that the program reads when it runs, by the nearest file.
pub fn run(configs: &[Config], tokens: &[Tokens]) -> Vec<(String, Sourced<String>)> {
    let mut found: Vec<(String, Sourced<String>)> = Vec::new();
    for config in configs {
        let Some(table) = config.node.get("env") else {
            continue;
        };
        for entry in table.entries() {
            let name = entry.key.as_str();
            let value = entry.node.get("value").unwrap_or(&entry.node);
            let relative = entry.node.get("relative").and_then(|r| r.as_bool()) == Some(true);
            let known = found.iter().any(|(n, _)| n == name);
            let Some(text) = value.scalar().filter(|_| !relative && !known) else {
                continue;
            };
            // A URL may hold a password, and means a developer's own machine.
            let local = text.contains("://") || text.contains("127.0.0.1") || text.contains("localhost");
            let secret = SECRETS.iter().any(|s| name.to_ascii_uppercase().contains(s));
            if !local && !secret && (LIBRARIES.contains(&name) || reads(tokens, name)) {
                found.push((name.to_string(), Sourced::new(text, value.at.clone())));
            }
        }
    }
    found
}

/// `var("NAME")`, `var_os("NAME")`: `env!("NAME")` is read by the compiler.
fn reads(tokens: &[Tokens], name: &str) -> bool {
    tokens.iter().any(|t| {
        (3..t.list.len()).any(|i| {
            t.text(i) == Some(name)
                && t.is(i - 1, '(')
                && t.ident(i - 2)
                    .is_some_and(|w| matches!(w, "var" | "var_os" | "get_env" | "env_var"))
        })
    })
}
