//! A program that no framework knows: which command or file starts it.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::cloudflare;
use crate::lang::node::desktop;
use crate::lang::node::detect::Facts;
use crate::lang::node::entry::{bare, own_from};
use crate::lang::node::handler;
use crate::lang::node::program::{Program, Run, Sources};
use crate::lang::node::rules;
use crate::lang::node::runners::is_source;
use crate::lang::node::start::{self, Command, Start};
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::settings::Settings;
use crate::source::{Location, Sourced};

/// A program that no framework knows.
pub fn own(facts: &Facts, settings: &Settings) -> Result<Program, Diagnostic> {
    if let Some(given) = &settings.command {
        let words = given.value.clone();
        let run = match words.split_first() {
            Some((first, rest)) if first == "node" && rest.first().is_some_and(|w| !w.starts_with('-')) => {
                Run::Node {
                    flags: vec![],
                    file: rest[0].clone(),
                    args: rest[1..].to_vec(),
                }
            }
            _ => Run::Words(words),
        };
        let mut program = bare(facts, run, given.because.clone());
        program.sources = Sources::Whole;
        return Ok(program);
    }
    if let Some(given) = &settings.main {
        let start = if is_source(&given.value) {
            Start::Source {
                tool: "tsx".into(),
                file: given.value.clone(),
                args: vec![],
            }
        } else {
            Start::Node {
                flags: vec![],
                file: given.value.clone(),
                args: vec![],
            }
        };
        return own_from(facts, &command(start, given.because.clone(), facts));
    }
    let mut skipped = Vec::new();
    for command in &facts.starts {
        match &command.start {
            Start::Development(tool) => skipped.push(Rejected::impossible(
                format!("{}: {tool}", command.name),
                "a tool for development",
            )),
            _ => match own_from(facts, command) {
                Ok(mut program) => {
                    program.over.append(&mut skipped);
                    return Ok(program);
                }
                Err(error) => skipped.push(Rejected::impossible(command.name.clone(), error.title)),
            },
        }
    }
    if let Some(desktop) = desktop::program(&facts.package, &facts.starts) {
        return Err(desktop::refused(desktop));
    }
    let worker = cloudflare::worker(facts);
    let (sure, likely) = entries(facts);
    let ours = |(file, _): &(String, Because)| {
        let of = worker.as_ref().map(|w| paths::join("", &w.value));
        of != Some(paths::join("", file))
    };
    for (file, because) in sure.into_iter().filter(ours) {
        if let Ok(program) = own_from(facts, &command(file_start(&file), because, facts)) {
            return Ok(handler::served(facts, &file, program));
        }
    }
    for command in start::development(facts.tree, facts.dir, &facts.package) {
        if let Ok(mut program) = own_from(facts, &command) {
            program.over.append(&mut skipped);
            let (Start::Node { file, .. } | Start::Bun { file, .. } | Start::Source { file, .. }) =
                &command.start
            else {
                return Ok(program);
            };
            return Ok(handler::served(facts, file, program));
        }
    }
    if let Some(error) = deno(facts) {
        return Err(error);
    }
    for (file, because) in likely.into_iter().filter(ours) {
        if let Ok(program) = own_from(facts, &command(file_start(&file), because, facts)) {
            return Ok(handler::served(facts, &file, program));
        }
    }
    if let Some(worker) = worker {
        let what = format!("{} is a Cloudflare Worker", worker.value);
        return Err(cloudflare::refused(&what, worker.at));
    }
    let said: Vec<String> = skipped
        .iter()
        .map(|r| format!("{} ({})", r.value, r.why))
        .collect();
    let mut error = Diagnostic::error(
        &rules::NO_START,
        format!(
            "no start command for {}",
            facts.package.name.as_deref().unwrap_or(paths::shown(facts.dir))
        ),
    )
    .at(facts.package.at(), "");
    if !said.is_empty() {
        error = error.help(format!("not usable: {}", said.join("; ")));
    }
    Err(error
        .help(
            "looked at: Procfile, scripts start:prod, start and dev, bin, main, server.js, app.js, index.js, src/",
        )
        .help("add a start script that runs the program, or pass `--command \"node FILE\"`"))
}

/// Tasks of Deno, and no script of package.json: a file with a usual name is a program for Deno.
fn deno(facts: &Facts) -> Option<Diagnostic> {
    let config = ["deno.json", "deno.jsonc"]
        .iter()
        .find_map(|name| facts.tree.text(&in_dir(facts.dir, name)))?;
    facts.package.scripts.is_empty().then(|| {
        Diagnostic::error(
            &rules::NO_START,
            format!("{} makes this a program for Deno", config.path),
        )
        .at(Location::whole(&config), "")
        .help("rdock knows Node.js and Bun: add a start script, or pass `--main FILE`")
    })
}

type Entries = Vec<(String, Because)>;

/// Files that the package says to be its entry, and those that have the name of one; the surest first.
fn entries(facts: &Facts) -> (Entries, Entries) {
    let there = |file: &str| facts.tree.has(&in_dir(facts.dir, file.trim_start_matches("./")));
    let entry = |said: Sourced<String>| (said.value, Because::at(&said.at, "is the entry"));
    let main = facts.package.main.clone().map(entry);
    // `bun init` names the entry so.
    let module = facts.package.node.string(&["module"]).filter(|m| there(&m.value));
    // `main` is for those who import the package; what it installs is what people run.
    let bin = bin(&facts.package).map(|b| {
        (
            b.value,
            Because::at(&b.at, "is the command that the package installs"),
        )
    });
    let usual = USUAL.iter().filter(|name| there(name)).map(|name| {
        let place = facts.tree.place(&in_dir(facts.dir, name));
        (
            name.to_string(),
            Because::at(&place, "has a usual name of an entry"),
        )
    });
    let said = bin.into_iter().chain(main).chain(module.map(entry));
    (said.collect(), usual.collect())
}

/// The only command of the package, or the one of its name, by npm's rules for `bin`. Two names of one
/// file are one command.
pub fn bin(package: &PackageJson) -> Option<Sourced<String>> {
    let node = &package.node;
    if let Some(only) = node.string(&["bin"]) {
        return Some(only);
    }
    let commands = node.get("bin")?.entries();
    let own = package.name.as_deref().map(paths::base);
    let first = commands.first()?;
    let alike = commands.iter().all(|c| c.node.as_str() == first.node.as_str());
    let command = if alike {
        first
    } else {
        commands.iter().find(|c| Some(c.key.as_str()) == own)?
    };
    node.string(&["bin", &command.key])
}

/// Is what is started the command that the package installs? Such a program takes arguments.
pub fn is_command(facts: &Facts, run: &Run) -> bool {
    let (Run::Node { file, .. } | Run::Bun { file, .. }) = run else {
        return false;
    };
    let plain = |path: &str| path.trim_start_matches("./").trim_end_matches(".js").to_string();
    bin(&facts.package).is_some_and(|b| plain(&b.value) == plain(file))
}

/// Names that entries have, the likeliest first.
pub const USUAL: &[&str] = &[
    "server.js",
    "server.mjs",
    "server.cjs",
    "app.js",
    "app.mjs",
    "index.js",
    "index.mjs",
    "index.cjs",
    "main.js",
    "main.mjs",
    "bin/www",
    "src/server.js",
    "src/app.js",
    "src/index.js",
    "src/main.js",
    "src/index.mjs",
    "server/index.js",
    "server.ts",
    "app.ts",
    "index.ts",
    "main.ts",
    "src/server.ts",
    "src/app.ts",
    "src/index.ts",
    "src/main.ts",
    "server/index.ts",
];

fn file_start(file: &str) -> Start {
    let file = file.trim_start_matches("./").to_string();
    if is_source(&file) {
        Start::Source {
            tool: String::new(),
            file,
            args: vec![],
        }
    } else {
        Start::Node {
            flags: vec![],
            file,
            args: vec![],
        }
    }
}

fn command(start: Start, because: Because, facts: &Facts) -> Command {
    Command {
        name: String::new(),
        start,
        env: vec![],
        dropped: vec![],
        at: because.at.clone().unwrap_or_else(|| facts.package.at()),
        because,
    }
}
