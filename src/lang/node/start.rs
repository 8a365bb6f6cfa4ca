//! What starts the program: start scripts and Procfiles with their wrappers taken off.

use crate::decision::Because;
use crate::lang::node::runners;
use crate::lang::node::scripts::{chain, script_of};
use crate::lang::node::tools;
use crate::lang::node::variables;
use crate::lang::node::workspace::in_dir;
use crate::manifest::command;
use crate::manifest::package_json::PackageJson;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// What a start command comes to, with wrappers taken off.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// `node [flags] file [args]`.
    Node {
        flags: Vec<String>,
        file: String,
        args: Vec<String>,
    },
    /// `bun file [args]`.
    Bun { file: String, args: Vec<String> },
    /// A program of a dependency.
    Bin { name: String, args: Vec<String> },
    /// A watcher or compiler that runs a source file: `tsx src/index.ts`.
    Source {
        tool: String,
        file: String,
        args: Vec<String>,
    },
    /// A development server, or a tool that only serves static files.
    Development(String),
}

#[derive(Clone, Debug)]
pub struct Command {
    /// The script's name, or the Procfile's process.
    pub name: String,
    pub start: Start,
    pub env: Vec<(String, String)>,
    /// Parts of a chain that were left out.
    pub dropped: Vec<String>,
    pub because: Because,
    pub at: Location,
}

/// Scripts that start a program, the one meant for production first.
const START_SCRIPTS: &[&str] = &[
    "start:prod",
    "start:production",
    "prod",
    "production",
    "serve:prod",
    "start",
    "start:server",
    "server",
    "serve",
];

/// Every start command that the project names, best first.
pub fn starts(tree: &Tree, dir: &str, package: &PackageJson) -> Vec<Command> {
    let mut found = Vec::new();
    let mut add = |text: &Sourced<String>, name: &str| {
        if let Some((start, env, dropped)) = resolve(tree, dir, package, &text.value, 0) {
            found.push(Command {
                name: name.to_string(),
                start,
                env,
                dropped,
                because: Because::at(&text.at, format!("says `{name}`: {}", text.value)),
                at: text.at.clone(),
            });
        }
    };
    if let Some(source) = tree.text(&in_dir(dir, "Procfile")) {
        let processes = command::procfile(&source);
        let web = processes
            .iter()
            .find(|(n, _)| n == "web")
            .or(processes.first().filter(|_| processes.len() == 1));
        let own = |text: &str| command::language_of(text).is_none_or(|language| language == "node");
        if let Some((name, text)) = web.filter(|(_, text)| own(&text.value)) {
            add(text, name);
        }
    }
    for name in START_SCRIPTS {
        if let Some(text) = package.script(name) {
            add(text, name);
        }
    }
    found
}

/// Scripts for development that run one file of the project: where nothing else names the program, they
/// do. A file that helps with the development is none.
pub fn development(tree: &Tree, dir: &str, package: &PackageJson) -> Vec<Command> {
    let helps = |file: &str| {
        // Alone at the top it is all there is.
        if matches!(file, "script.ts" | "script.js") {
            return false;
        }
        let words = file.split(['/', '.', '-', '_']);
        words.into_iter().any(|w| {
            matches!(
                w,
                "dev"
                    | "watch"
                    | "build"
                    | "script"
                    | "scripts"
                    | "tool"
                    | "tools"
                    | "webpack"
                    | "esbuild"
                    | "gulp"
            )
        })
    };
    let found = ["dev", "start:dev", "develop", "dev:server", "server:dev"]
        .iter()
        .filter_map(|name| {
            let text = package.script(name)?;
            let (start, env, _) = resolve(tree, dir, package, &text.value, 0)?;
            let (Start::Node { file, .. } | Start::Bun { file, .. } | Start::Source { file, .. }) = &start
            else {
                return None;
            };
            let production = |(k, v): &(String, String)| k != "NODE_ENV" && !v.contains("dev");
            (!helps(file)).then(|| Command {
                name: name.to_string(),
                start: start.clone(),
                env: env.into_iter().filter(production).collect(),
                dropped: vec![],
                because: Because::at(&text.at, format!("runs it in development: {}", text.value)),
                at: text.at.clone(),
            })
        });
    found.collect()
}

type Resolved = (Start, Vec<(String, String)>, Vec<String>);

fn resolve(tree: &Tree, dir: &str, package: &PackageJson, text: &str, depth: usize) -> Option<Resolved> {
    let parts = chain(text);
    let (last, before) = parts.split_last()?;
    let dropped: Vec<String> = before
        .iter()
        .filter(|p| !harmless(p))
        .map(|p| p.to_string())
        .collect();
    let parsed = command::parse(last)?;
    let mut env = parsed.env;
    let mut words = parsed.words;
    for _ in 0..12 {
        let first = words.first()?.clone();
        let second = words.get(1).cloned().unwrap_or_default();
        match first.as_str() {
            "cross-env" | "cross-env-shell" | "env" => {
                words.remove(0);
                while let Some((k, v)) = words.first().and_then(|w| w.split_once('=')) {
                    env.push((k.to_string(), v.to_string()));
                    words.remove(0);
                }
            }
            "dotenv" | "dotenv-cli" | "dotenvx" | "env-cmd" | "dotenv-flow" => {
                words.remove(0);
                while words.first().is_some_and(|w| w.starts_with('-') || w == "run") {
                    let flag = words.remove(0);
                    if flag == "--" {
                        break;
                    }
                    if matches!(flag.as_str(), "-e" | "-f" | "-c" | "-p" | "--file") && !words.is_empty() {
                        words.remove(0);
                    }
                }
            }
            "exec" | "npx" | "pnpx" | "bunx" | "sudo" | "nice" => {
                words.remove(0);
                while words.first().is_some_and(|w| w.starts_with('-')) {
                    words.remove(0);
                }
            }
            "yarn" | "pnpm" | "npm" if matches!(second.as_str(), "exec" | "dlx" | "node" | "x") => {
                words.drain(..if second == "node" { 1 } else { 2 });
                words.retain(|w| w != "--");
            }
            "yarn" | "pnpm" | "npm" | "bun" => {
                if let Some(name) = script_of(&words, package)
                    && let Some(script) = package.script(name)
                    && depth < 6
                {
                    let text = with_arguments(&script.value, &words, name);
                    let (start, mut more, mut left) = resolve(tree, dir, package, &text, depth + 1)?;
                    more.extend(env);
                    left.extend(dropped);
                    return Some((start, more, left));
                }
                if first == "bun" {
                    return runners::bun(words).map(|start| (start, env, dropped));
                }
                // `yarn next start` runs a program of node_modules.
                if first == "npm"
                    || second.is_empty()
                    || matches!(second.as_str(), "run" | "start" | "workspace" | "workspaces")
                    || words[1].starts_with('-')
                {
                    return Some((Start::Development(words.join(" ")), env, dropped));
                }
                words.remove(0);
            }
            _ => break,
        }
    }
    // `cd build && node server.js`
    let folder = before
        .iter()
        .rev()
        .find_map(|p| p.strip_prefix("cd "))
        .map(str::trim);
    let first = words.first()?;
    let first = match first.split_once("node_modules/.bin/") {
        Some((_, name)) => name.to_string(),
        None => first.clone(),
    };
    let args = variables::expand(&first, words[1..].to_vec(), &mut env);
    let mut start = match first.as_str() {
        "node" | "nodejs" => runners::node(tree, dir, package, args)?,
        "pm2" | "pm2-runtime" | "forever" | "pm2-docker" => runners::managed(tree, dir, &args)?,
        "fastify" if args.first().is_some_and(|a| a == "start") => Start::Bin { name: first, args },
        name if tools::RUNNERS.contains(&name) => runners::runner(name, args),
        name if tools::SERVERS.iter().any(|(n, only)| {
            *n == name && (only.is_empty() || args.iter().any(|a| only.contains(&a.as_str())))
        }) =>
        {
            Start::Development(words.join(" "))
        }
        name if name.ends_with(".js") || name.ends_with(".mjs") || name.ends_with(".cjs") => Start::Node {
            flags: vec![],
            file: name.to_string(),
            args,
        },
        name if name.starts_with('.')
            || name.contains('/')
            || matches!(name, "sh" | "bash" | "python" | "python3" | "go" | "java") =>
        {
            return None;
        }
        _ if args.iter().any(|a| tools::DEVELOPMENT.contains(&a.as_str())) => {
            Start::Development(words.join(" "))
        }
        _ => Start::Bin { name: first, args },
    };
    if let (Some(folder), Start::Node { file, .. } | Start::Bun { file, .. }) = (folder, &mut start) {
        *file = crate::paths::join(folder, file)?;
    }
    for (_, value) in &mut env {
        if let Some(default) = variables::default(value) {
            *value = default;
        }
    }
    Some((start, env, dropped))
}

/// The text of a script with what the call of it adds: `npm run with-env -- node server.js`.
fn with_arguments(script: &str, words: &[String], name: &str) -> String {
    let mut text = script.to_string();
    let after = words.iter().skip_while(|w| *w != name).skip(1);
    for (i, word) in after.enumerate() {
        if i == 0 && word == "--" {
            continue;
        }
        let quoted = word.contains([' ', '&', ';']);
        text += &if quoted {
            format!(" '{word}'")
        } else {
            format!(" {word}")
        };
    }
    text
}

/// Parts of a chain whose work the build has done.
fn harmless(part: &str) -> bool {
    let words: Vec<&str> = part.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let build = words.iter().any(|w| {
        w.starts_with("build") || matches!(*w, "tsc" | "compile" | "clean" | "prisma:generate" | "generate")
    });
    let installs = matches!(first, "npm" | "yarn" | "pnpm" | "bun")
        && matches!(words.get(1), None | Some(&("ci" | "i" | "install")));
    installs
        || matches!(
            first,
            "echo" | "rm" | "rimraf" | "mkdir" | "cd" | "tsc" | "tsup" | "clear" | "set" | "export"
        )
        || build
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::node::workspace;

    #[track_caller]
    fn check(start: &str, expected: Option<Start>) {
        let text = format!(
            r#"{{"main": "lib/app.js", "scripts": {{"start": {start:?}, "x": "node x.js", "with": "dotenv -e ../.env --"}}}}"#
        );
        let tree = Tree::from_pairs([
            ("package.json", text.as_str()),
            ("eco.config.js", "module.exports = {apps: [{script: './srv.js'}]}"),
        ]);
        let package = workspace::read(&tree, "").unwrap().unwrap();
        assert_eq!(
            starts(&tree, "", &package).first().map(|c| c.start.clone()),
            expected,
            "{start}"
        );
    }

    fn node(file: &str) -> Option<Start> {
        Some(Start::Node {
            flags: vec![],
            file: file.into(),
            args: vec![],
        })
    }

    #[test]
    fn wrappers_come_off_and_the_program_stays() {
        check("node server.js", node("server.js"));
        check("NODE_ENV=production node ./dist/main", node("dist/main"));
        check(
            "cross-env NODE_ENV=production node --env-file=.env a.js",
            node("a.js"),
        );
        check("npm run build && npm run x", node("x.js"));
        check("npm run with -- cross-env A=1 node a.js", node("a.js"));
        check("dotenv -e .env -- node a.js", node("a.js"));
        check("cd build && node server.js", node("build/server.js"));
        check("pm2-runtime start eco.config.js", node("srv.js"));
        check("nodemon a.js", node("a.js"));
        check("node .", node("lib/app.js"));
        check("yarn node a.js", node("a.js"));
        check(
            "react-scripts start",
            Some(Start::Development("react-scripts start".into())),
        );
        check(
            "npx serve -s build",
            Some(Start::Development("serve -s build".into())),
        );
        check(
            "next start -p 4000",
            Some(Start::Bin {
                name: "next".into(),
                args: vec!["start".into(), "-p".into(), "4000".into()],
            }),
        );
        check(
            "tsx watch src/a.ts",
            Some(Start::Source {
                tool: "tsx".into(),
                file: "src/a.ts".into(),
                args: vec![],
            }),
        );
        check(
            "node --import tsx src/a.ts",
            Some(Start::Source {
                tool: "tsx".into(),
                file: "src/a.ts".into(),
                args: vec![],
            }),
        );
        check(
            "bun run --hot src/a.ts",
            Some(Start::Bun {
                file: "src/a.ts".into(),
                args: vec![],
            }),
        );
        check(
            "anything dev --port 3000",
            Some(Start::Development("anything dev --port 3000".into())),
        );
        check("./run.sh", None);
    }
}
