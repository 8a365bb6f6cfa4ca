//! How a start command is built and run: a file as it is, one that a compiler makes, a dependency's program.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::compiled;
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::product::Output;
use crate::lang::node::program::{Build, Modules, Program, Run, Sources};
use crate::lang::node::rules;
use crate::lang::node::scripts::{self, script_of};
use crate::lang::node::start::{Command, Start};
use crate::lang::node::tools;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::paths;

pub fn bare(facts: &Facts, run: Run, because: Because) -> Program {
    let production = facts.package.has_production()
        || facts
            .closure(Reach::Runtime)
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
        writes: vec![],
        before: vec![],
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

/// The same for a compiler's runner: `src/server` may be a folder with an index.
fn source_of(facts: &Facts, file: &str) -> Option<String> {
    let name = in_dir(facts.dir, file);
    let found = [
        "",
        ".ts",
        ".tsx",
        ".mts",
        ".js",
        "/index.ts",
        "/index.tsx",
        "/index.js",
    ]
    .iter()
    .map(|e| format!("{name}{e}"))
    .find(|f| facts.tree.has(f))?;
    Some(paths::relative(&found, facts.dir).to_string())
}

/// # Errors
/// The command names a file that neither exists nor is built.
pub fn own_from(facts: &Facts, command: &Command) -> Result<Program, Diagnostic> {
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
            let port = tools::PORTS.iter().find(|(n, _)| n == name);
            if let Some((_, port)) = port.filter(|_| facts.scan.port.is_none()) {
                program.port = Some(*port);
                program.port_variable = Some("PORT");
            }
            let ships = tools::SHIPS.iter().find(|(n, _)| n == name);
            if let Some((_, folder)) =
                ships.filter(|_| program.build != Build::None && facts.workspace.is_none())
            {
                program.sources = Sources::Named;
                program.outputs = vec![Output {
                    from: folder.to_string(),
                    to: String::new(),
                }];
            }
            let writes = tools::WRITES.iter().find(|(n, _)| n == name);
            program
                .writes
                .extend(writes.into_iter().flat_map(|(_, folders)| *folders));
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
            let Some(file) = source_of(facts, file) else {
                return Err(
                    Diagnostic::error(&rules::NO_START, format!("{file} is not there"))
                        .at(command.at.clone(), "named here")
                        .help("name another file with --main"),
                );
            };
            source_program(facts, command, tool, &file, args)
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
    let (before, dropped): (Vec<_>, Vec<_>) = command.dropped.iter().partition(|p| compiles(facts, p));
    program.before = before.into_iter().filter_map(|p| script_name(facts, p)).collect();
    if !dropped.is_empty() {
        program.warnings.push(
            Diagnostic::warning(
                &rules::SHELL_START,
                format!(
                    "left out of the start: {}",
                    dropped.into_iter().cloned().collect::<Vec<_>>().join(" && ")
                ),
            )
            .at(command.at.clone(), "a container starts one program")
            .help("run it as a job of its own before the container starts"),
        );
    }
    Ok(program)
}

/// The script that a part of a start command runs first.
fn script_name(facts: &Facts, part: &str) -> Option<String> {
    let words: Vec<String> = part.split_whitespace().map(String::from).collect();
    script_of(&words, &facts.package).map(String::from)
}

/// Does that script make files out of the sources? Then it belongs to the build.
fn compiles(facts: &Facts, part: &str) -> bool {
    let Some(name) = script_name(facts, part) else {
        return false;
    };
    let text = scripts::expand(&facts.package, &name);
    let makes =
        |word: &str| tools::COMPILERS.contains(&word) || word.starts_with("build") || word == "generate";
    let parts = scripts::chain(&text);
    parts.iter().any(|p| p.split_whitespace().any(makes)) && !text.contains("prisma") && !text.contains("db:")
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
