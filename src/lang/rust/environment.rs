//! `[env]` of .cargo/config.toml, which cargo also sets for the programs that it runs, and variables that a
//! program cannot do without. <https://doc.rust-lang.org/cargo/reference/config.html#env>

use super::detect::Config;
use super::listen::{Listening, Told, address, named_address};
use super::tokens::Tokens;
use crate::manifest::dotenv;
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// Names of variables for a host to listen on, which nothing else is called.
const HOSTS: &[&str] = &[
    "APP_HOST",
    "BIND_HOST",
    "BIND_IP",
    "HOST",
    "HTTP_HOST",
    "IP",
    "LISTEN_HOST",
    "LISTEN_IP",
    "SERVER_HOST",
];

/// Where the program listens that ends without such a variable: `env::var("HOST").expect("no HOST")`. The sample of
/// its variables says the port, and the image all addresses.
pub fn required(tree: &Tree, dirs: &[&str], listening: &mut Listening) {
    let names = std::mem::take(&mut listening.required);
    for name in &names {
        let sample = sample(tree, dirs, &name.value);
        if named_address(&name.value) && !name.value.ends_with("PORT") {
            let open = match sample.as_ref().map(|s| address(&s.value)) {
                Some(Some((_, Some(port)))) => {
                    let at = sample.expect("it has an address").at;
                    listening.ports.push(Sourced::new(port, at));
                    format!("0.0.0.0:{port}")
                }
                Some(Some((_, None))) => "0.0.0.0".to_string(),
                None if HOSTS.contains(&name.value.as_str()) => "0.0.0.0".to_string(),
                _ => continue,
            };
            told(listening, name, open);
        } else {
            let port = sample.and_then(|s| Some(Sourced::new(s.value.parse::<u16>().ok()?, s.at)));
            if let Some(port) = port.filter(|p| p.value > 0) {
                told(listening, name, port.value.to_string());
                if listening.ports.is_empty() {
                    listening.ports.push(port);
                }
            }
        }
    }
}

fn told(listening: &mut Listening, name: &Sourced<String>, value: String) {
    if listening.told.iter().all(|t| t.name != name.value) {
        listening.told.push(Told {
            name: name.value.clone(),
            value,
            at: name.at.clone(),
            why: "reads it and ends without it",
        });
    }
}

/// What the samples give to the variable, and last the committed `.env` itself.
fn sample(tree: &Tree, dirs: &[&str], name: &str) -> Option<Sourced<String>> {
    let files = |dir| {
        let names = dotenv::SAMPLES.iter().chain(&[".env"]);
        names.filter_map(move |file| tree.text(&paths::join(dir, file)?))
    };
    dirs.iter().copied().flat_map(files).find_map(|source| {
        let mut variables = dotenv::variables(&source);
        variables.find(|(key, _)| *key == name).map(|(_, value)| value)
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Source};

    #[test]
    fn variables_that_must_be_there_are_told_what_the_sample_says() {
        let tree = Tree::from_pairs([(
            ".env.example",
            "SERVER_ADDR=127.0.0.1:9000\nREMOTE_HOST=db.acme.dev\nPORT=\"8000\"\n",
        )]);
        let check = |names: &[&str]| {
            let at = Location::whole(&Source::new("src/main.rs", ""));
            let mut listening = Listening {
                required: names
                    .iter()
                    .map(|n| Sourced::new(n.to_string(), at.clone()))
                    .collect(),
                ..Listening::default()
            };
            required(&tree, &["", "api"], &mut listening);
            let told = listening.told.iter().map(|t| format!("{}={}", t.name, t.value));
            (
                told.collect::<Vec<_>>().join(" "),
                listening.ports.first().map(|p| p.value),
            )
        };
        assert_eq!(
            check(&["SERVER_ADDR"]),
            ("SERVER_ADDR=0.0.0.0:9000".into(), Some(9000))
        );
        assert_eq!(
            check(&["HOST", "PORT"]),
            ("HOST=0.0.0.0 PORT=8000".into(), Some(8000))
        );
        assert_eq!(check(&["REMOTE_HOST", "OTHER_ADDR"]), (String::new(), None));
    }
}
