//! What a framework's product comes to: its start, with what the project says of it, and its config.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::config;
use crate::lang::node::detect::Facts;
use crate::lang::node::framework::Framework;
use crate::lang::node::next;
use crate::lang::node::product::{self, Output};
use crate::lang::node::program::{Build, Modules, Program, Run, Sources};
use crate::lang::node::rules;
use crate::lang::node::start::Start;
use crate::paths;

pub fn from_product(
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
    let mut warnings = Vec::new();
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
                        warnings.extend(preloads(facts, &made.outputs, &mut flags, &because));
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
                if let Start::Bin { name, args } = &command.start
                    && name == framework.id
                    && framework.id == "next"
                {
                    env.extend(command.env.clone());
                    env.extend(next::variables(args));
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
        writes: made.writes.into_iter().collect(),
        before: vec![],
        because,
        over,
        warnings,
    }
}

/// Takes out `--require ./tracing.js` where nothing puts that file into the image: Node.js would not start.
fn preloads(
    facts: &Facts,
    outputs: &[Output],
    flags: &mut Vec<String>,
    because: &Because,
) -> Option<Diagnostic> {
    const PRELOADS: &[&str] = &["-r", "--require", "--import", "--loader", "--experimental-loader"];
    let absent = |file: &str| {
        let relative = file.starts_with("./") || file.starts_with("../");
        let path = paths::join(facts.dir, file).filter(|_| relative);
        path.is_some_and(|path| {
            let there = ["", ".js", ".cjs", ".mjs"]
                .iter()
                .any(|e| facts.tree.has(&format!("{path}{e}")));
            let made = outputs
                .iter()
                .any(|o| !o.to.is_empty() && paths::is_under(&path, &facts.at_root(&o.from)));
            !there && !made
        })
    };
    let at = flags.iter().position(|flag| match flag.split_once('=') {
        Some((name, file)) => PRELOADS.contains(&name) && absent(file),
        None => absent(flag),
    })?;
    let file = flags.remove(at);
    if at > 0 && PRELOADS.contains(&flags[at - 1].as_str()) {
        flags.remove(at - 1);
    }
    let file = file.rsplit('=').next().unwrap_or_default();
    let warning = Diagnostic::warning(
        &rules::PRELOAD,
        format!(
            "the start script loads {file} first, and that file is not there; the image starts without it"
        ),
    );
    let warning = match &because.at {
        Some(at) => warning.at(at.clone(), ""),
        None => warning,
    };
    Some(warning.help("commit the file at that place, or name it in the script where it is"))
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
            let config = config::read(&source);
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
