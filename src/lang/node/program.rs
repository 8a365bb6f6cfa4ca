//! What is shipped and started: the framework's product, or the project's own program.

use crate::decision::{Because, Rejected};
use crate::diagnostic::Diagnostic;
use crate::lang::node::desktop;
use crate::lang::node::detect::Facts;
use crate::lang::node::entry;
use crate::lang::node::framework::Framework;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::nx;
use crate::lang::node::own;
use crate::lang::node::presets;
use crate::lang::node::product::{self, Look, Output, Product, Site};
use crate::lang::node::shipped;
use crate::lang::node::start::{Command, Start};
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
    /// Folders, from the package's own, that it writes to.
    pub writes: Vec<&'static str>,
    /// Scripts that the start command runs first and that the build runs in its place.
    pub before: Vec<String>,
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
    own::own(facts, settings).map(|p| Decided::Program(Box::new(p)))
}

pub fn look<'a>(facts: &'a Facts, start: &'a str) -> Look<'a> {
    Look {
        tree: facts.tree,
        dir: facts.dir,
        place: facts.place,
        package: &facts.package,
        lock: &facts.managed.lock,
        config: facts.config.as_ref(),
        build: &facts.build_text,
        start,
        plug_and_play: facts.managed.manager.id == Id::Berry && facts.managed.linker == Linker::Pnp,
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
        Product::Site(mut site) => {
            if facts.build.is_none()
                && let Some(output) = nx::output(facts.tree, facts.dir)
            {
                site.dir = output;
            }
            let serves = facts.starts.iter().any(|c| own_file(&c));
            if asked || framework.yields_to_server && serves {
                return Ok(None);
            }
            if let Some(desktop) = desktop::page(facts.tree, facts.dir, &facts.package, &facts.build_text) {
                return Err(desktop::refused(desktop));
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
            // `node server.js` where the build alone makes a server.js.
            let made_itself = |c: &Command| {
                let file = file_of(c).unwrap_or_default();
                let own = matches!(&made.start, product::Start::File(words) if words.first() == Some(&file));
                own && !paths::join(facts.dir, &file).is_some_and(|f| facts.tree.has(&f))
            };
            let custom = best.filter(|c| !made_itself(c)).filter(|c| {
                file_of(c)
                    .and_then(|f| paths::join(facts.place, &f))
                    .is_some_and(|f| {
                        !made
                            .outputs
                            .iter()
                            .any(|o| paths::is_under(&f, &o.from) || paths::is_under(&o.from, &f))
                    })
            });
            // Built beside the application, as it has no server of the framework.
            if best.is_some() && presets::lacks_server(facts, &made.start) {
                return Ok(None);
            }
            if framework.yields_to_server
                && let Some(command) = custom
            {
                let mut program = entry::own_from(facts, command)?;
                program.sources = Sources::Whole;
                program.writes = made.writes.into_iter().collect();
                program.build = build;
                let outputs = made.outputs.into_iter().filter(|o| o.to == o.from);
                program.outputs.extend(outputs);
                program.outputs.clear();
                return Ok(Some(Decided::Program(Box::new(program))));
            }
            Ok(Some(Decided::Program(Box::new(shipped::from_product(
                facts, framework, made, build,
            )))))
        }
    }
}
