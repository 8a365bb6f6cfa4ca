//! What starts the program: start scripts and Procfiles with their wrappers taken off.

use crate::decision::Because;
use crate::lang::node::scripts::{self, chain, script_of};
use crate::lang::node::workspace::in_dir;
use crate::manifest::command;
use crate::manifest::doc;
use crate::manifest::javascript;
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

/// Tools that run a source file during development.
const RUNNERS: &[&str] = &[
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "ts-node-esm",
    "tsnd",
    "tsx",
    "babel-node",
    "vite-node",
    "esrun",
    "jiti",
    "node-dev",
];

/// Tools that serve files or development builds; the words that follow where only some do.
const SERVERS: &[(&str, &[&str])] = &[
    ("serve", &[]),
    ("http-server", &[]),
    ("live-server", &[]),
    ("sirv", &[]),
    ("lite-server", &[]),
    ("static-server", &[]),
    ("superstatic", &[]),
    ("local-web-server", &[]),
    ("vite", &[]),
    ("vp", &[]),
    ("webpack", &[]),
    ("webpack-dev-server", &[]),
    ("parcel", &[]),
    ("react-scripts", &[]),
    ("craco", &[]),
    ("react-app-rewired", &[]),
    ("vue-cli-service", &[]),
    ("ng", &[]),
    ("nx", &[]),
    ("turbo", &[]),
    ("lerna", &[]),
    ("concurrently", &[]),
    ("npm-run-all", &[]),
    ("run-p", &[]),
    ("run-s", &[]),
    ("expo", &[]),
    ("react-native", &[]),
    ("electron", &[]),
    ("storybook", &[]),
    ("start-storybook", &[]),
    ("gatsby", &[]),
    ("docusaurus", &[]),
    ("vitepress", &[]),
    ("vuepress", &[]),
    ("eleventy", &[]),
    ("hexo", &[]),
    ("ember", &[]),
    ("quasar", &[]),
    ("rsbuild", &[]),
    ("astro", &[]),
    ("nest", &[]),
    ("wrangler", &[]),
    ("vercel", &[]),
    ("netlify", &[]),
    ("firebase", &[]),
    ("docker", &[]),
    ("docker-compose", &[]),
    ("echo", &[]),
    ("exit", &[]),
    ("gulp", &[]),
    ("grunt", &[]),
    ("make", &[]),
    ("tsc", &[]),
    ("svelte-kit", &[]),
    ("vinxi", &["dev"]),
    ("next", &["dev"]),
    ("nuxt", &["dev", "preview"]),
    ("nuxi", &[]),
    ("nitro", &["dev", "preview"]),
    ("remix", &[]),
    ("react-router", &[]),
    ("brunch", &[]),
    ("docusaurus-start", &[]),
    ("gridsome", &[]),
    ("polymer", &[]),
    ("preact", &[]),
    ("rspress", &[]),
    ("sapper", &[]),
    ("snowpack", &[]),
    ("stencil", &[]),
    ("umi", &[]),
    ("max", &[]),
];

/// Words that ask any tool for its development server.
const DEVELOPMENT: &[&str] = &["dev", "develop", "watch", "--dev", "--watch", "start:dev"];

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
                    let (start, mut more, mut left) = resolve(tree, dir, package, &script.value, depth + 1)?;
                    more.extend(env);
                    left.extend(dropped);
                    return Some((start, more, left));
                }
                if first == "bun" {
                    return bun(words).map(|start| (start, env, dropped));
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
    let args = variables(&first, words[1..].to_vec(), &mut env);
    let mut start = match first.as_str() {
        "node" | "nodejs" => node(tree, dir, package, args)?,
        "pm2" | "pm2-runtime" | "forever" | "pm2-docker" => managed(tree, dir, &args)?,
        "fastify" if args.first().is_some_and(|a| a == "start") => Start::Bin { name: first, args },
        name if RUNNERS.contains(&name) => runner(name, args),
        name if SERVERS.iter().any(|(n, only)| {
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
        _ if args.iter().any(|a| DEVELOPMENT.contains(&a.as_str())) => Start::Development(words.join(" ")),
        _ => Start::Bin { name: first, args },
    };
    if let (Some(folder), Start::Node { file, .. } | Start::Bun { file, .. }) = (folder, &mut start) {
        *file = crate::paths::join(folder, file)?;
    }
    Some((start, env, dropped))
}

/// Programs that serve a folder of files, and nothing else.
const FILE_SERVERS: &[&str] = &["serve", "sirv", "http-server", "live-server", "superstatic"];

/// The folder that a start script serves with a server for files, and whether any path is the page's.
pub fn served(package: &PackageJson) -> Option<(String, bool)> {
    ["start:prod", "start", "serve", "preview"]
        .iter()
        .find_map(|name| {
            let text = scripts::expand(package, name);
            let parsed = command::parse(chain(&text).last()?)?;
            let words = parsed.words.iter().map(String::as_str);
            let mut words = words.skip_while(|w| matches!(*w, "npx" | "bunx" | "--yes" | "-y"));
            FILE_SERVERS.contains(&words.next()?).then_some(())?;
            let args: Vec<&str> = words.collect();
            let single = args.iter().any(|a| matches!(*a, "-s" | "--single"));
            let folder = args.iter().enumerate().find(|(i, a)| {
                let value = i.checked_sub(1).map_or("", |i| args[i]);
                !a.starts_with(['-', '$'])
                    && !matches!(value, "-l" | "-p" | "--listen" | "--port" | "-a" | "-c")
            });
            let folder = folder?.1.trim_start_matches("./").trim_end_matches('/');
            (!folder.is_empty() && folder != ".").then(|| (folder.to_string(), single))
        })
}

/// Programs that read PORT themselves.
const READ_PORT: &[&str] = &["next", "nuxt", "react-router-serve", "remix-serve", "strapi"];

/// Arguments as they are without a shell that expands variables: a default takes its variable's place,
/// a port without one is 3000, and a flag whose value is not known is left to the program's own default.
fn variables(program: &str, args: Vec<String>, env: &mut Vec<(String, String)>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for arg in args {
        // Words with spaces were quoted, and are meant as they are.
        let Some((before, rest)) = arg.split_once('$').filter(|_| !arg.contains(' ')) else {
            out.push(arg);
            continue;
        };
        let inside = rest.strip_prefix('{').and_then(|r| r.strip_suffix('}'));
        let name_end = |t: &str| {
            t.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(t.len())
        };
        let (name, after) = inside.unwrap_or(rest).split_at(name_end(inside.unwrap_or(rest)));
        let default = inside
            .and_then(|_| after.strip_prefix(":-").or_else(|| after.strip_prefix('-')))
            .filter(|d| !d.contains('$'));
        let port = name == "PORT";
        let own = port && READ_PORT.contains(&program);
        if let (true, Some(default)) = (own, default) {
            env.push(("PORT".into(), default.into()));
        }
        let value = match default {
            _ if own => None,
            None if port => Some("3000"),
            other => other,
        };
        let whole = inside.is_some() || after.is_empty();
        match value {
            Some(value) if whole => out.push(format!("{before}{value}")),
            _ => {
                let flag = before.is_empty() && out.last().is_some_and(|l| l.starts_with('-'));
                out.truncate(out.len() - usize::from(flag));
            }
        }
    }
    out
}

/// Parts of a chain whose work the build has done.
fn harmless(part: &str) -> bool {
    let words: Vec<&str> = part.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let build = words.iter().any(|w| {
        w.starts_with("build") || matches!(*w, "tsc" | "compile" | "clean" | "prisma:generate" | "generate")
    });
    matches!(
        first,
        "echo" | "rm" | "rimraf" | "mkdir" | "cd" | "tsc" | "tsup" | "clear" | "set" | "export"
    ) || build
}

fn node(tree: &Tree, dir: &str, package: &PackageJson, args: Vec<String>) -> Option<Start> {
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

fn bun(words: Vec<String>) -> Option<Start> {
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

fn runner(tool: &str, args: Vec<String>) -> Start {
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
fn managed(tree: &Tree, dir: &str, args: &[String]) -> Option<Start> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::node::workspace;

    #[track_caller]
    fn check(start: &str, expected: Option<Start>) {
        let text =
            format!(r#"{{"main": "lib/app.js", "scripts": {{"start": {start:?}, "x": "node x.js"}}}}"#);
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
    fn variables_are_not_left_to_a_shell_that_is_not_there() {
        let args = |program: &str, text: &str| {
            let mut env = Vec::new();
            let words = text.split(' ').map(String::from).collect();
            let args = variables(program, words, &mut env).join(" ");
            (args, env.pop().map(|(_, v)| v))
        };
        let some = |text: &str| Some(text.to_string());
        assert_eq!(args("next", "start -p $PORT"), ("start".into(), None));
        assert_eq!(
            args("next", "start --port ${PORT:-8080} -H 0.0.0.0"),
            ("start -H 0.0.0.0".into(), some("8080"))
        );
        assert_eq!(args("node", "--port=${PORT-80} x"), ("--port=80 x".into(), None));
        assert_eq!(args("node", "--port $PORT"), ("--port 3000".into(), None));
        assert_eq!(args("node", "--host $HOST --quiet"), ("--quiet".into(), None));
        assert_eq!(args("node", "--name=$NAME a"), ("a".into(), None));
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
