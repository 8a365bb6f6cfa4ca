//! What is shipped and started: the framework's product, or the project's own program.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::compiled;
use crate::lang::node::detect::Facts;
use crate::lang::node::framework::Framework;
use crate::lang::node::manager::Id;
use crate::lang::node::product::{self, Look, Output, Product, Site};
use crate::lang::node::rules;
use crate::lang::node::start::{self, Command, Start};
use crate::lang::node::workspace::in_dir;
use crate::paths;
use crate::settings::Settings;

/// How it is built.
#[derive(Clone, Debug, PartialEq)]
pub enum Build {
    None,
    /// A script of package.json.
    Script(&'static str),
    /// A program of node_modules with its arguments.
    Tool(String),
}

/// What is started.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    Node {
        flags: Vec<String>,
        file: String,
        args: Vec<String>,
    },
    Bun {
        file: String,
        args: Vec<String>,
    },
    Bin {
        name: String,
        file: Option<&'static str>,
        args: Vec<String>,
    },
    Words(Vec<String>),
}

/// Which node_modules go into the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Modules {
    None,
    Production,
    /// With development dependencies: the start command is one of them.
    All,
}

/// Which of the project's own files go into the image beside the build's results.
#[derive(Clone, Debug, PartialEq)]
pub enum Sources {
    /// package.json, and what the program reads by name.
    Named,
    /// Everything that the build left, but for node_modules.
    Whole,
}

pub struct Program {
    pub build: Build,
    pub run: Run,
    pub outputs: Vec<Output>,
    pub sources: Sources,
    pub modules: Modules,
    /// Started in this folder, from the context's root.
    pub cwd: String,
    pub env: Vec<(String, String)>,
    pub port: Option<u16>,
    pub port_variable: Option<&'static str>,
    pub writes: Option<&'static str>,
    pub because: Because,
    pub over: Vec<Rejected>,
    pub warnings: Vec<Diagnostic>,
}

pub enum Decided {
    Site(Site, Build),
    Program(Box<Program>),
}

/// # Errors
/// Nothing to start, or a framework set up for another platform.
pub fn decide(facts: &Facts, settings: &Settings) -> Result<Decided, Diagnostic> {
    if let Some(framework) = facts.framework {
        let build = match (&facts.build, super::astro::build(facts)) {
            (_, Some(tool)) => Build::Tool(tool),
            (Some((name, _)), _) => Build::Script(name),
            (None, _) if framework.id == "nest" && facts.package.dependency("@nestjs/cli").is_none() => {
                Build::Tool("tsc -p tsconfig.json".into())
            }
            (None, _) => Build::Tool(framework.build.to_string()),
        };
        if let Some(decided) = with_framework(facts, settings, framework, build)? {
            return Ok(decided);
        }
    }
    own(facts, settings).map(|p| Decided::Program(Box::new(p)))
}

fn look<'a>(facts: &'a Facts, start: &'a str) -> Look<'a> {
    Look {
        tree: facts.tree,
        dir: facts.dir,
        place: facts.place,
        package: &facts.package,
        lock: &facts.managed.lock,
        config: facts.config.as_ref(),
        build: &facts.build_text,
        start,
    }
}

fn with_framework(
    facts: &Facts,
    settings: &Settings,
    framework: &'static Framework,
    build: Build,
) -> Result<Option<Decided>, Diagnostic> {
    let text = facts.package.script("start").map_or("", |s| s.value.as_str());
    let product = (framework.product)(&look(facts, text));
    let own_file = |c: &&Command| {
        matches!(
            c.start,
            Start::Node { .. } | Start::Bun { .. } | Start::Source { .. }
        ) && !matches!(c.name.as_str(), "server" | "serve" | "start:server")
    };
    let asked = settings.command.is_some() || settings.main.is_some();
    match product {
        Product::Site(site) => {
            let serves = facts.starts.iter().any(|c| own_file(&c));
            if asked || framework.yields_to_server && serves {
                return Ok(None);
            }
            Ok(Some(Decided::Site(site, build)))
        }
        Product::None(error) => {
            let serves = facts.starts.iter().any(|c| own_file(&c));
            if asked || serves { Ok(None) } else { Err(error) }
        }
        Product::Program(made) => {
            let file_of = |c: &Command| match &c.start {
                Start::Node { file, .. } | Start::Bun { file, .. } | Start::Source { file, .. } => {
                    Some(file.clone())
                }
                _ => None,
            };
            let best = facts.starts.iter().find(own_file);
            let custom = best.filter(|c| {
                file_of(c)
                    .and_then(|f| paths::join(facts.place, &f))
                    .is_some_and(|f| {
                        !made
                            .outputs
                            .iter()
                            .any(|o| paths::is_under(&f, &o.from) || paths::is_under(&o.from, &f))
                    })
            });
            if framework.yields_to_server
                && let Some(command) = custom
            {
                let mut program = own_from(facts, command)?;
                program.sources = Sources::Whole;
                program.writes = made.writes;
                program.build = build;
                let outputs = made.outputs.into_iter().filter(|o| o.to == o.from);
                program.outputs.extend(outputs);
                program.outputs.clear();
                return Ok(Some(Decided::Program(Box::new(program))));
            }
            Ok(Some(Decided::Program(Box::new(from_product(
                facts, framework, made, build,
            )))))
        }
    }
}

fn from_product(
    facts: &Facts,
    framework: &'static Framework,
    made: product::Program,
    build: Build,
) -> Program {
    let mut because = made.because;
    let mut env: Vec<(String, String)> = made
        .env
        .iter()
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect();
    let mut over = Vec::new();
    let run = match made.start {
        product::Start::File(mut words) => {
            let mut file = words.remove(0);
            let mut flags = Vec::new();
            let mut args = words;
            // The project's own start command for the same output knows flags that the framework does not.
            for command in &facts.starts {
                if let Start::Node {
                    flags: f,
                    file: named,
                    args: a,
                } = &command.start
                {
                    let same = named.trim_end_matches(".js") == file.trim_end_matches(".js");
                    if same {
                        (flags, args) = (f.clone(), a.clone());
                        because = command.because.clone();
                    } else if framework.id == "nest" && !facts.build_text.contains("nest build") {
                        over.push(Rejected::possible(
                            file.clone(),
                            "the start script names another file",
                        ));
                        (flags, args, file) = (f.clone(), a.clone(), named.clone());
                        because = command.because.clone();
                    } else {
                        over.push(Rejected::possible(
                            named.clone(),
                            "the build puts its entry elsewhere",
                        ));
                    }
                    env.extend(command.env.clone());
                    break;
                }
            }
            Run::Node { flags, file, args }
        }
        product::Start::Bin { name, file, args } => {
            let named = facts.starts.iter().find_map(|c| match &c.start {
                Start::Bin { name: n, args } if *n == name && !args.is_empty() => Some((c, args.clone())),
                _ => None,
            });
            match named {
                Some((command, args)) => {
                    env.extend(command.env.clone());
                    because = command.because.clone();
                    Run::Bin { name, file, args }
                }
                None => Run::Bin { name, file, args },
            }
        }
    };
    let mut warnings = Vec::new();
    let mut modules = if made.modules && facts.package.has_production() {
        Modules::Production
    } else {
        Modules::None
    };
    let mut outputs = made.outputs;
    if made.reads_config
        && let Some(config) = &facts.config
    {
        for path in config_files(facts, &config.source.path) {
            let path = facts.placed(&path).to_string();
            outputs.push(Output {
                from: path.clone(),
                to: path,
            });
        }
        let development = config.imports().into_iter().find(|i| {
            let name = package_of(i);
            facts.package.dependency(&name).is_some() && !facts.package.in_production(&name)
        });
        if let Some(name) = development {
            warnings.push(
                Diagnostic::warning(
                    &rules::NATIVE,
                    format!("{} needs {name} at run time", config.source.path),
                )
                .at(
                    facts
                        .package
                        .dependency(&package_of(name))
                        .map_or(facts.package.at(), |d| d.at.clone()),
                    "a development dependency",
                )
                .help(format!(
                    "move {name} to \"dependencies\"; until then the image carries all of them"
                )),
            );
            modules = Modules::All;
        }
    }
    Program {
        build,
        run,
        outputs,
        sources: Sources::Named,
        modules,
        cwd: made.cwd,
        env,
        port: made.port,
        port_variable: made.port_variable,
        writes: made.writes,
        because,
        over,
        warnings,
    }
}

/// `@scope/name` of `@scope/name/deep/file`.
fn package_of(import: &str) -> String {
    let parts = if import.starts_with('@') { 2 } else { 1 };
    import.split('/').take(parts).collect::<Vec<_>>().join("/")
}

/// A config file and the files of the project that it imports.
fn config_files(facts: &Facts, path: &str) -> Vec<String> {
    let mut open = vec![path.to_string()];
    let mut done: Vec<String> = Vec::new();
    while let Some(path) = open.pop() {
        if done.contains(&path) || done.len() > 30 {
            continue;
        }
        if let Some(source) = facts.tree.text(&path) {
            let config = super::config::read(&source);
            for import in config.imports().into_iter().filter(|i| i.starts_with('.')) {
                let Some(target) = paths::join(paths::parent(&path), import) else {
                    continue;
                };
                let stem = target.strip_suffix(".js").unwrap_or(&target);
                let found = [
                    "",
                    ".js",
                    ".ts",
                    ".mjs",
                    ".cjs",
                    ".json",
                    "/index.js",
                    "/index.ts",
                ]
                .iter()
                .flat_map(|e| [format!("{target}{e}"), format!("{stem}{e}")])
                .find(|f| facts.tree.has(f));
                open.extend(found);
            }
        }
        done.push(path);
    }
    done.sort();
    done
}

/// A program that no framework knows.
fn own(facts: &Facts, settings: &Settings) -> Result<Program, Diagnostic> {
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
        let start = if start::is_source(&given.value) {
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
    if let Some(main) = &facts.package.main
        && let Ok(program) = own_from(
            facts,
            &command(
                file_start(&main.value),
                Because::at(&main.at, "is the entry"),
                facts,
            ),
        )
    {
        return Ok(program);
    }
    // `bun init` names the entry so.
    if let Some(entry) = facts.package.node.string(&["module"])
        && facts
            .tree
            .has(&in_dir(facts.dir, entry.value.trim_start_matches("./")))
        && let Ok(program) = own_from(
            facts,
            &command(
                file_start(&entry.value),
                Because::at(&entry.at, "is the entry"),
                facts,
            ),
        )
    {
        return Ok(program);
    }
    for name in USUAL {
        if facts.tree.has(&in_dir(facts.dir, name)) {
            let because = Because::at(
                &facts.tree.place(&in_dir(facts.dir, name)),
                "has a usual name of an entry",
            );
            if let Ok(program) = own_from(facts, &command(file_start(name), because, facts)) {
                return Ok(program);
            }
        }
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
        .help("looked at: Procfile, scripts start:prod and start, main, server.js, app.js, index.js, src/")
        .help("add a start script that runs the program, or pass `--command \"node FILE\"`"))
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
    if start::is_source(&file) {
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

fn bare(facts: &Facts, run: Run, because: Because) -> Program {
    let production = facts.package.has_production()
        || facts
            .closure(super::workspace::Reach::Runtime)
            .iter()
            .any(|m| m.package.has_production());
    Program {
        build: match &facts.build {
            Some((name, _)) => Build::Script(name),
            None => Build::None,
        },
        run,
        outputs: vec![],
        sources: Sources::Named,
        modules: if production {
            Modules::Production
        } else {
            Modules::None
        },
        cwd: facts.place.to_string(),
        env: vec![],
        port: None,
        port_variable: None,
        writes: None,
        because,
        over: vec![],
        warnings: vec![],
    }
}

/// The file that Node.js would run for a name: as it is, with an extension, or a folder's index.
fn existing(facts: &Facts, file: &str) -> Option<String> {
    let name = in_dir(facts.dir, file);
    let found = ["", ".js", ".cjs", ".mjs", "/index.js"]
        .iter()
        .map(|e| format!("{name}{e}"))
        .find(|f| facts.tree.has(f))?;
    Some(paths::relative(&found, facts.dir).to_string())
}

/// # Errors
/// The command names a file that neither exists nor is built.
fn own_from(facts: &Facts, command: &Command) -> Result<Program, Diagnostic> {
    let mut program = match &command.start {
        Start::Node { flags, file, args } => {
            let run = |file: String| Run::Node {
                flags: flags.clone(),
                file,
                args: args.clone(),
            };
            match existing(facts, file) {
                Some(found) => {
                    let mut program = bare(facts, run(found), command.because.clone());
                    program.sources = Sources::Whole;
                    program
                }
                None => {
                    let compiled = compiled::for_output(facts, file);
                    let Some(build) = compiled else {
                        return Err(Diagnostic::error(
                            &rules::NO_START,
                            format!("{file} is not there, and no build makes it"),
                        )
                        .at(command.at.clone(), "named here")
                        .help("add a build script that makes it, or name another file with --main"));
                    };
                    let mut program = bare(facts, run(build.file), command.because.clone());
                    program.build = build.build;
                    program.outputs = vec![output(facts, &build.folder)];
                    program.over = build.over;
                    if build.folder.is_empty() {
                        program.outputs.clear();
                        program.sources = Sources::Whole;
                    }
                    program
                }
            }
        }
        Start::Bun { file, args } => {
            let run = Run::Bun {
                file: file.clone(),
                args: args.clone(),
            };
            let mut program = bare(facts, run, command.because.clone());
            if facts.tree.has(&in_dir(facts.dir, file)) {
                program.sources = Sources::Whole;
            } else {
                program.outputs = vec![output(facts, compiled::first_folder(file))];
            }
            program
        }
        Start::Bin { name, args } => {
            let mut program = bare(
                facts,
                Run::Bin {
                    name: name.clone(),
                    file: None,
                    args: args.clone(),
                },
                command.because.clone(),
            );
            program.sources = Sources::Whole;
            let owner = facts
                .package
                .dependencies
                .iter()
                .find(|d| d.name == *name || d.name.ends_with(&format!("/{name}")));
            if owner.is_some_and(|d| !facts.package.in_production(&d.name)) {
                program.modules = Modules::All;
                program.warnings.push(
                    Diagnostic::warning(
                        &rules::DEV_SERVER,
                        format!("`{name}` is a development dependency and starts the program"),
                    )
                    .at(command.at.clone(), "started here")
                    .help(format!(
                        "move {name} to \"dependencies\"; until then the image carries all of them"
                    )),
                );
            }
            program
        }
        Start::Source { tool, file, args } => {
            if !facts.tree.has(&in_dir(facts.dir, file)) {
                return Err(
                    Diagnostic::error(&rules::NO_START, format!("{file} is not there"))
                        .at(command.at.clone(), "named here")
                        .help("name another file with --main"),
                );
            }
            source_program(facts, command, tool, file, args)
        }
        Start::Development(tool) => {
            return Err(
                Diagnostic::error(&rules::DEV_SERVER, format!("{tool} is a tool for development"))
                    .at(command.at.clone(), "")
                    .help("add a start script that runs the program"),
            );
        }
    };
    program.env.extend(command.env.clone());
    if !command.dropped.is_empty() {
        program.warnings.push(
            Diagnostic::warning(
                &rules::SHELL_START,
                format!("left out of the start: {}", command.dropped.join(" && ")),
            )
            .at(command.at.clone(), "a container starts one program")
            .help("run it as a job of its own before the container starts"),
        );
    }
    Ok(program)
}

fn output(facts: &Facts, folder: &str) -> Output {
    let path = paths::join(facts.place, folder).unwrap_or_default();
    Output {
        from: path.clone(),
        to: path,
    }
}

/// A TypeScript entry: the built file where something builds it, else the project's own runner.
fn source_program(facts: &Facts, command: &Command, tool: &str, file: &str, args: &[String]) -> Program {
    if facts.has_bun_runtime().is_some() {
        let mut program = bare(
            facts,
            Run::Bun {
                file: file.into(),
                args: args.to_vec(),
            },
            command.because.clone(),
        );
        program.sources = Sources::Whole;
        return program;
    }
    if let Some(build) = compiled::for_source(facts, file) {
        let run = Run::Node {
            flags: vec![],
            file: build.file,
            args: args.to_vec(),
        };
        let mut program = bare(facts, run, command.because.clone());
        program.build = build.build;
        program.outputs = vec![output(facts, &build.folder)];
        program.over = build.over;
        program.over.push(Rejected::possible(
            format!("{tool} {file}").trim().to_string(),
            "compiles at every start",
        ));
        return program;
    }
    if facts.managed.manager.id == Id::Bun && matches!(tool, "" | "bun") {
        let run = Run::Bun {
            file: file.into(),
            args: args.to_vec(),
        };
        let mut program = bare(facts, run, command.because.clone());
        program.sources = Sources::Whole;
        return program;
    }
    let has = |name: &str| facts.package.dependency(name).is_some();
    let (run, runner) = if has("tsx") && matches!(tool, "tsx" | "" | "node" | "nodemon") {
        (
            Run::Node {
                flags: vec!["--import".into(), "tsx".into()],
                file: file.into(),
                args: args.to_vec(),
            },
            "tsx",
        )
    } else if has("ts-node") {
        (
            Run::Node {
                flags: vec!["-r".into(), "ts-node/register".into()],
                file: file.into(),
                args: args.to_vec(),
            },
            "ts-node",
        )
    } else if !tool.is_empty() && has(tool) {
        let mut all = vec![file.to_string()];
        all.extend(args.to_vec());
        (
            Run::Bin {
                name: tool.into(),
                file: None,
                args: all,
            },
            tool,
        )
    } else {
        (
            Run::Node {
                flags: vec![],
                file: file.into(),
                args: args.to_vec(),
            },
            "",
        )
    };
    let mut program = bare(facts, run, command.because.clone());
    program.sources = Sources::Whole;
    if !runner.is_empty() && !facts.package.in_production(runner) {
        program.modules = Modules::All;
        program.warnings.push(
            Diagnostic::warning(
                &rules::DEV_SERVER,
                format!("{runner} compiles the program at every start"),
            )
            .at(command.at.clone(), "")
            .help("add a build script (`tsc`) and start its output"),
        );
    }
    program
}
