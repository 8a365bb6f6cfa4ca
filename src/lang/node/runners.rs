//! The command lines of what runs JavaScript: Node.js, Bun, watchers, process managers.

use crate::lang::node::start::Start;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::manifest::javascript;
use crate::manifest::package_json::PackageJson;
use crate::tree::Tree;

pub fn node(tree: &Tree, dir: &str, package: &PackageJson, args: Vec<String>) -> Option<Start> {
    let mut flags = Vec::new();
    let mut args = args.into_iter().peekable();
    let mut compiles = None;
    while let Some(flag) = args.next_if(|a| a.starts_with('-')) {
        let (name, value) = match flag.split_once('=') {
            Some((n, v)) => (n.to_string(), Some(v.to_string())),
            None => (flag.clone(), None),
        };
        let takes = matches!(
            name.as_str(),
            "-r" | "--require"
                | "--import"
                | "--loader"
                | "--experimental-loader"
                | "-C"
                | "--conditions"
                | "--env-file"
                | "--env-file-if-exists"
        );
        if matches!(name.as_str(), "-e" | "-p" | "--eval" | "--test") {
            return None;
        }
        let value = if takes && value.is_none() {
            args.next()
        } else {
            value
        };
        let module = value.clone().unwrap_or_default();
        if takes
            && [
                "ts-node",
                "tsx",
                "@swc-node",
                "esbuild-register",
                "@babel/register",
                "sucrase",
                "esm-module-alias/ts",
            ]
            .iter()
            .any(|t| module.starts_with(t))
        {
            compiles = Some(module.split('/').next().unwrap_or_default().to_string());
        }
        // Files of local variables and watchers are no part of the image.
        let local =
            name.starts_with("--env-file") || name.starts_with("--watch") || name.starts_with("--inspect");
        let dotenv = module.starts_with("dotenv") && !package.in_production("dotenv");
        if !local && !dotenv {
            match (takes, value) {
                (true, Some(v)) if flag.contains('=') => flags.push(format!("{name}={v}")),
                (true, Some(v)) => flags.extend([name, v]),
                _ => flags.push(flag),
            }
        }
    }
    let file = args.next()?;
    let args: Vec<String> = args.collect();
    let file = file.trim_start_matches("./").trim_end_matches('/').to_string();
    if let Some(tool) = compiles {
        return Some(Start::Source { tool, file, args });
    }
    let file = if file.is_empty() || file == "." {
        main_of(tree, dir, package)?
    } else {
        file
    };
    if is_source(&file) {
        return Some(Start::Source {
            tool: "node".into(),
            file,
            args,
        });
    }
    Some(Start::Node { flags, file, args })
}

/// TypeScript, by its name.
pub fn is_source(file: &str) -> bool {
    [".ts", ".tsx", ".mts", ".cts"].iter().any(|e| file.ends_with(e))
}

fn main_of(tree: &Tree, dir: &str, package: &PackageJson) -> Option<String> {
    match &package.main {
        Some(main) => Some(main.value.trim_start_matches("./").to_string()),
        None => tree.has(&in_dir(dir, "index.js")).then(|| "index.js".to_string()),
    }
}

pub fn bun(words: Vec<String>) -> Option<Start> {
    let mut rest = words
        .into_iter()
        .skip(1)
        .filter(|w| !matches!(w.as_str(), "run" | "--watch" | "--hot" | "--bun" | "-b"));
    let file = rest.find(|w| !w.starts_with('-'))?;
    let args: Vec<String> = rest.collect();
    let known = is_source(&file) || file.contains('/') || file.contains('.');
    if matches!(file.as_str(), "install" | "x" | "test" | "build" | "dev") {
        return Some(Start::Development(format!("bun {file}")));
    }
    if !known {
        return Some(Start::Bin { name: file, args });
    }
    Some(Start::Bun {
        file: file.trim_start_matches("./").to_string(),
        args,
    })
}

pub fn runner(tool: &str, args: Vec<String>) -> Start {
    let mut value = false;
    let mut rest = args.into_iter().filter(|a| {
        if std::mem::take(&mut value) {
            return false;
        }
        value = matches!(
            a.as_str(),
            "-r" | "--require"
                | "-P"
                | "--project"
                | "-e"
                | "--ext"
                | "-w"
                | "--watch"
                | "--exec"
                | "-x"
                | "--ignore"
                | "-i"
                | "--tsconfig"
                | "--import"
                | "--env-file"
                | "-O"
        );
        !a.starts_with('-') && !matches!(a.as_str(), "watch" | "run")
    });
    match rest.next() {
        Some(file) => {
            let file = file.trim_start_matches("./").to_string();
            let args = rest.collect();
            if matches!(tool, "nodemon" | "node-dev") && !is_source(&file) {
                return Start::Node {
                    flags: vec![],
                    file,
                    args,
                };
            }
            Start::Source {
                tool: tool.into(),
                file,
                args,
            }
        }
        None => Start::Development(tool.into()),
    }
}

/// The program that a process manager is told to start.
pub fn managed(tree: &Tree, dir: &str, args: &[String]) -> Option<Start> {
    let file = args
        .iter()
        .find(|a| !a.starts_with('-') && a.as_str() != "start")?;
    let file = file.trim_start_matches("./").to_string();
    if !file.contains("config") && !file.ends_with(".json") {
        return Some(Start::Node {
            flags: vec![],
            file,
            args: vec![],
        });
    }
    let source = tree.text(&in_dir(dir, &file))?;
    let script = if file.ends_with(".json") {
        let node = doc::json(&source).ok()?;
        let app = node
            .get("apps")
            .and_then(|a| a.items().first().cloned())
            .unwrap_or(node);
        app.get("script")?.as_str()?.to_string()
    } else {
        match javascript::property(&javascript::tokens(&source.text), "script")?.0 {
            javascript::Setting::Literal(text) => text,
            javascript::Setting::Computed => return None,
        }
    };
    Some(Start::Node {
        flags: vec![],
        file: script.trim_start_matches("./").to_string(),
        args: vec![],
    })
}
