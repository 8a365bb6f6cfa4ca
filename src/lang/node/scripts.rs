//! `scripts` of package.json: how one calls another, and which one builds.

use crate::manifest::package_json::PackageJson;
use crate::source::Sourced;

/// Parts of a chain, at `&&`, `;` and a single `&` outside of quotes.
pub fn chain(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut quote, mut i) = (Vec::new(), 0, None, 0);
    while i < bytes.len() {
        match (quote, bytes[i]) {
            (None, q @ (b'\'' | b'"')) => quote = Some(q),
            (Some(q), b) if b == q => quote = None,
            (None, b';' | b'&') => {
                parts.push(text[start..i].trim());
                while i + 1 < bytes.len() && matches!(bytes[i + 1], b'&' | b';') {
                    i += 1;
                }
                start = i + 1;
            }
            _ => {}
        }
        i += 1;
    }
    parts.push(text[start..].trim());
    parts.retain(|p| !p.is_empty());
    parts
}

/// Name of the script that a command runs: `npm run x`, `yarn x`, `pnpm -s x`.
pub fn script_of<'a>(words: &'a [String], package: &PackageJson) -> Option<&'a str> {
    let (tool, rest) = words.split_first()?;
    if !matches!(tool.as_str(), "npm" | "yarn" | "pnpm" | "bun") {
        return None;
    }
    let mut rest = rest.iter().map(String::as_str).filter(|w| !w.starts_with('-'));
    let first = rest.next()?;
    let name = match first {
        "run" | "run-script" | "rum" => rest.next()?,
        "start" | "test" => first,
        name if tool != "npm" && package.script(name).is_some() => name,
        _ => return None,
    };
    Some(name)
}

/// A script's text with the scripts that it runs written out, for looking at, not for running.
pub fn expand(package: &PackageJson, name: &str) -> String {
    let mut out = Vec::new();
    write_out(package, name, 0, &mut out);
    out.join(" && ")
}

/// Scripts in scripts that are written out, and parts after which nothing more is. Scripts may call each
/// other in a circle, and each of ten the next ten.
const DEEPEST: usize = 6;
const MOST_PARTS: usize = 40;

fn write_out(package: &PackageJson, name: &str, depth: usize, out: &mut Vec<String>) {
    let Some(script) = package.script(name) else {
        return;
    };
    if out.len() > MOST_PARTS {
        return;
    }
    for hook in [format!("pre{name}"), name.to_string(), format!("post{name}")] {
        let Some(script) = (if hook == name {
            Some(script)
        } else {
            package.script(&hook)
        }) else {
            continue;
        };
        for part in chain(&script.value) {
            let words: Vec<String> = part
                .split_whitespace()
                .map(|w| w.trim_matches(['"', '\'']).to_string())
                .collect();
            let called: Vec<&str> = match words.first().map(String::as_str) {
                Some("run-s" | "run-p" | "npm-run-all" | "concurrently") => words[1..]
                    .iter()
                    .map(|w| w.trim_start_matches("npm:"))
                    .filter(|w| package.script(w).is_some())
                    .collect(),
                _ => script_of(&words, package)
                    .into_iter()
                    .filter(|n| package.script(n).is_some())
                    .collect(),
            };
            if called.is_empty() || depth == DEEPEST {
                out.push(part.to_string());
                continue;
            }
            for name in called {
                write_out(package, name, depth + 1, out);
            }
        }
    }
}

/// The script that builds, if there is one worth running.
pub fn build(package: &PackageJson) -> Option<(&'static str, Sourced<String>)> {
    const NAMES: &[&str] = &[
        "build:docker",
        "build-docker",
        "build",
        "build:prod",
        "build:production",
        "heroku-postbuild",
        "gcp-build",
        "compile",
        "build:all",
        "build:server",
        "prestart:prod",
        "prestart",
        "build:frontend",
        "build:client",
        "build:ui",
    ];
    NAMES.iter().find_map(|name| {
        let script = package.script(name)?;
        let text = expand(package, name);
        // What makes an image is for the host.
        if text.split_whitespace().any(|word| word == "docker") {
            return None;
        }
        let idle = chain(&text).iter().all(|part| {
            let first = part.split_whitespace().next().unwrap_or_default();
            matches!(
                first,
                "echo" | "exit" | "true" | ":" | "docker-compose" | "node-gyp"
            )
        });
        (!idle).then(|| (*name, script.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_call_each_other_without_end_are_written_out_in_part() {
        let script = |n: usize| {
            let next = format!("npm run s{} && ", n + 1).repeat(10);
            format!("\"s{n}\": \"{next} npm run s0\"")
        };
        let scripts: Vec<String> = (0..30).map(script).collect();
        let text = format!("{{\"scripts\": {{{}}}}}", scripts.join(", "));
        let source = crate::source::Source::new("package.json", text);
        let package = crate::manifest::package_json::parse(&source).unwrap();
        assert!(chain(&expand(&package, "s0")).len() < 100);
    }

    #[test]
    fn a_chain_is_split_outside_of_quotes_alone() {
        assert_eq!(chain("a && b 'c && d'; e"), ["a", "b 'c && d'", "e"]);
    }
}
