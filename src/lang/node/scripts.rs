//! `scripts` of package.json: what a build script comes to, what starts the program, and which
//! scripts would run during an install.

use crate::decision::Because;
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
];

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

fn write_out(package: &PackageJson, name: &str, depth: usize, out: &mut Vec<String>) {
    let Some(script) = package.script(name) else {
        return;
    };
    if depth > 6 || out.len() > 40 {
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
            if called.is_empty() {
                out.push(part.to_string());
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
    ];
    NAMES.iter().find_map(|name| {
        let script = package.script(name)?;
        let text = expand(package, name);
        let idle = chain(&text).iter().all(|part| {
            let first = part.split_whitespace().next().unwrap_or_default();
            matches!(
                first,
                "echo" | "exit" | "true" | ":" | "docker" | "docker-compose" | "node-gyp"
            )
        });
        (!idle).then(|| (*name, script.clone()))
    })
}

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
        if let Some((name, text)) = web {
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
    let first = words.first()?.clone();
    let args = words[1..].to_vec();
    let start = match first.as_str() {
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
            let file = name
                .trim_start_matches("./")
                .trim_start_matches("node_modules/.bin/")
                .to_string();
            if file.contains('/') || name.starts_with("./") && !name.contains(".bin/") || !name.contains('/')
            {
                return None;
            }
            Start::Bin { name: file, args }
        }
        _ => Start::Bin { name: first, args },
    };
    Some((start, env, dropped))
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

/// Scripts that a package manager runs for the project itself during an install.
const INSTALL_HOOKS: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
    "pnpm:devPreinstall",
];

/// What an install script of the project is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Purpose {
    /// Git hooks, checks of the package manager: nothing that an image needs.
    Idle,
    /// Patches of dependencies: must run wherever dependencies are installed.
    Patch,
    /// Code that Prisma generates.
    Prisma,
    /// The framework does it again when it builds.
    Prepare,
    /// Anything else: to be run once the sources are there.
    Other,
}

/// Words that tell the purpose of a part of a script.
const PURPOSES: &[(&str, Purpose)] = &[
    ("husky", Purpose::Idle),
    ("lefthook", Purpose::Idle),
    ("simple-git-hooks", Purpose::Idle),
    ("git config", Purpose::Idle),
    ("yorkie", Purpose::Idle),
    ("is-ci", Purpose::Idle),
    ("pinst", Purpose::Idle),
    ("only-allow", Purpose::Idle),
    ("npm-force-resolutions", Purpose::Idle),
    ("check-node", Purpose::Idle),
    ("opencollective", Purpose::Idle),
    ("playwright install", Purpose::Idle),
    ("echo ", Purpose::Idle),
    ("exit 0", Purpose::Idle),
    ("ngcc", Purpose::Idle),
    ("electron-builder", Purpose::Idle),
    ("pod-install", Purpose::Idle),
    ("effect-language-service", Purpose::Idle),
    ("ts-patch", Purpose::Other),
    ("patch-package", Purpose::Patch),
    ("prisma generate", Purpose::Prisma),
    ("nuxt prepare", Purpose::Prepare),
    ("nuxi prepare", Purpose::Prepare),
    ("svelte-kit sync", Purpose::Prepare),
    ("fumadocs-mdx", Purpose::Prepare),
    ("panda codegen", Purpose::Other),
];

pub struct Hook {
    pub name: &'static str,
    pub text: Sourced<String>,
    pub purposes: Vec<Purpose>,
}

/// The install scripts of a package.
pub fn hooks(package: &PackageJson) -> Vec<Hook> {
    let hooks = INSTALL_HOOKS.iter().filter_map(|name| {
        let text = package.script(name)?.clone();
        let whole = expand(package, name);
        let purposes = chain(&whole.replace("||", "&&"))
            .iter()
            .map(|part| {
                PURPOSES
                    .iter()
                    .find(|(w, _)| part.contains(w))
                    .map_or(Purpose::Other, |(_, p)| *p)
            })
            .collect();
        Some(Hook { name, text, purposes })
    });
    hooks.collect()
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
    fn wrappers_come_off_and_the_program_stays() {
        check("node server.js", node("server.js"));
        check("NODE_ENV=production node ./dist/main", node("dist/main"));
        check(
            "cross-env NODE_ENV=production node --env-file=.env a.js",
            node("a.js"),
        );
        check("npm run build && npm run x", node("x.js"));
        check("dotenv -e .env -- node a.js", node("a.js"));
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
        check("./run.sh", None);
    }

    #[test]
    fn a_chain_is_split_outside_of_quotes_alone() {
        assert_eq!(chain("a && b 'c && d'; e"), ["a", "b 'c && d'", "e"]);
    }
}
