//! What the last stage copies: modules, members, the build's results, and what the program reads.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Assets;
use crate::lang::node::detect::Facts;
use crate::lang::node::front;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::program::{Build, Modules, Program, Run, Sources};
use crate::lang::node::scripts;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::paths;
use crate::settings::Settings;
use std::collections::BTreeSet;

/// Arguments of the COPY instructions, least changing first, as the build context sees them.
///
/// # Errors
/// A path that cannot be written into a Dockerfile.
pub fn copies(
    facts: &Facts,
    program: &Program,
    settings: &Settings,
    fronts: &[Assets],
    reads: &mut Vec<String>,
) -> Result<Vec<Safe>, Diagnostic> {
    let own = own(facts, program, settings, fronts, reads)?;
    let mut copies: Vec<Safe> = own
        .into_iter()
        .map(|copy| facts.copied(copy))
        .collect::<Result<_, _>>()?;
    if program.modules != Modules::None {
        // After the modules, and before what the program's own edits change.
        let locals = facts.shipped_locals(program.build != Build::None)?;
        copies.splice(1..1, locals);
    }
    copies.extend(facts.shared()?);
    reads.extend(facts.above.iter().map(|a| a.path.clone()));
    Ok(copies)
}

fn own(
    facts: &Facts,
    program: &Program,
    settings: &Settings,
    fronts: &[Assets],
    reads: &mut Vec<String>,
) -> Result<Vec<Safe>, Diagnostic> {
    let home = escape::path(&facts.home)?;
    let mut copies: Vec<Safe> = Vec::new();
    let built = program.build != Build::None;
    let from = if built { "prod-deps" } else { "deps" };
    let pnp = facts.managed.manager.id == Id::Berry && facts.managed.linker == Linker::Pnp;
    let has_modules = program.modules != Modules::None;
    let workspace = facts.workspace.is_some() && has_modules;
    if workspace {
        copies.push(Safe::literal(format!("--from={from} {home} ./")));
    } else if has_modules && pnp {
        copies.push(Safe::literal(format!("--from={from} {home}/.yarn ./.yarn")));
        copies.push(Safe::literal(format!("--from={from} {home}/.pnp.* ./")));
    } else if has_modules {
        copies.push(Safe::literal(format!(
            "--from={from} {home}/node_modules ./node_modules"
        )));
    }
    let source = if built { "--from=build " } else { "" };
    let whole = program.sources == Sources::Whole && facts.place.is_empty();
    if facts.workspace.is_some() && has_modules && !whole {
        for member in facts.closure(Reach::Runtime) {
            let path = escape::path(facts.placed(&member.dir))?;
            copies.push(Safe::literal(if built {
                format!("--from=build --exclude=node_modules {home}/{path} ./{path}")
            } else {
                format!("{path} ./{path}")
            }));
        }
    }
    let place = facts.place;
    match program.sources {
        Sources::Whole if place.is_empty() => {
            copies.push(Safe::literal(match (built, facts.workspace.is_some()) {
                (true, _) => format!(
                    "--from=build --exclude=node_modules {}{}{home} ./",
                    nested(facts, program, fronts)?,
                    front::excluded(facts, fronts)?
                ),
                (false, _) => format!("{}. .", front::excluded(facts, fronts)?),
            }))
        }
        Sources::Whole => {
            let path = escape::path(place)?;
            copies.push(Safe::literal(if built {
                format!("{source}--exclude=node_modules {home}/{path} ./{path}")
            } else {
                format!("{path} ./{path}")
            }));
        }
        Sources::Named => {
            let manifest = in_dir(place, "package.json");
            let standalone = program.outputs.iter().any(|o| o.to.is_empty());
            // Names that end in .mjs say themselves what they are.
            let sealed =
                !has_modules && matches!(&program.run, Run::Node { file, .. } if file.ends_with(".mjs"));
            if !standalone && !workspace && !sealed {
                let path = escape::path(&manifest)?;
                copies.push(Safe::literal(format!("{path} ./{}", folder(place)?)));
                reads.push(facts.at_root(&manifest));
            }
            for name in named(facts, program, settings, fronts) {
                let path = escape::path(&in_dir(place, &name))?;
                let file = facts.tree.has(&in_dir(facts.dir, &name));
                copies.push(Safe::literal(if file {
                    format!("{path} ./{}", folder(paths::parent(&in_dir(place, &name)))?)
                } else {
                    format!("{path} ./{path}")
                }));
                reads.push(in_dir(facts.dir, &name));
            }
            if let Some(output) = facts.prisma.as_ref().and_then(|p| p.output.as_ref())
                && !program.outputs.iter().any(|o| paths::is_under(output, &o.from))
                && has_modules
                && !paths::is_under(output, &in_dir(place, "src"))
                && paths::is_under(output, place)
            {
                let path = escape::path(output)?;
                copies.push(Safe::literal(format!("--from=build {home}/{path} ./{path}")));
            }
            for output in &program.outputs {
                let (from, to) = (escape::path(&output.from)?, escape::path(&output.to)?);
                let file = facts.tree.has(&in_dir(facts.root, &output.from));
                copies.push(Safe::literal(match (to.as_str(), file) {
                    ("", _) => format!("--from=build {home}/{from} ./"),
                    (_, true) => format!(
                        "--from=build {home}/{from} ./{}",
                        folder(paths::parent(&output.to))?
                    ),
                    (to, false) => format!("--from=build {home}/{from} ./{to}"),
                }));
            }
        }
    }
    Ok(copies)
}

/// Flags that leave out the node_modules of packages inside of this one, which the scripts installed, but
/// for the one that the program is started in.
fn nested(facts: &Facts, program: &Program, fronts: &[Assets]) -> Result<String, Diagnostic> {
    let started = match &program.run {
        Run::Node { file, .. } | Run::Bun { file, .. } => in_dir(facts.dir, file),
        _ => String::new(),
    };
    let mut flags = String::new();
    if facts.workspace.is_some() {
        return Ok(flags);
    }
    let hooks = ["preinstall", "install", "postinstall", "prepare"];
    let said: Vec<String> = hooks.iter().map(|h| scripts::expand(&facts.package, h)).collect();
    let installs = |dir: &str| {
        let folder = paths::relative(dir, facts.dir);
        facts.build_text.contains(folder) || said.iter().any(|s| s.contains(folder))
    };
    for manifest in facts
        .tree
        .under(facts.dir)
        .filter(|f| paths::base(f) == "package.json")
    {
        let dir = paths::parent(manifest);
        let front = fronts.iter().any(|f| f.dir == dir);
        if dir != facts.dir && !front && installs(dir) && !paths::is_under(&started, dir) {
            flags += &format!("--exclude={}/node_modules ", escape::path(facts.placed(dir))?);
        }
    }
    Ok(flags)
}

fn folder(path: &str) -> Result<String, Diagnostic> {
    Ok(if path.is_empty() {
        String::new()
    } else {
        format!("{}/", escape::path(path)?)
    })
}

/// Folders that programs read at run time by long custom.
const READ_AT_RUN_TIME: &[&str] = &[
    "assets",
    "config",
    "drizzle",
    "i18n",
    "locales",
    "migrations",
    "proto",
    "protos",
    "public",
    "static",
    "templates",
    "views",
];
/// Entries of a project that no running program reads.
const NEVER_READ: &[&str] = &[
    "src",
    "test",
    "tests",
    "__tests__",
    "e2e",
    "docs",
    "scripts",
    "coverage",
    "dist",
    "build",
    "lib",
    "types",
    "typings",
    "node_modules",
    "LICENSE",
    "cypress",
    "patches",
    "tools",
    "bin",
    "app",
    "server",
    "client",
];

/// Files and folders beside the build's output that the program reads by name.
fn named(facts: &Facts, program: &Program, settings: &Settings, fronts: &[Assets]) -> Vec<String> {
    let mut names: BTreeSet<String> = settings
        .files
        .iter()
        .map(|f| f.trim_end_matches('/').to_string())
        .collect();
    let bundled = program.modules == Modules::None || facts.framework.is_some_and(|f| f.id != "nest");
    if !bundled {
        let made = |name: &str| {
            program
                .outputs
                .iter()
                .any(|o| o.from == in_dir(facts.place, name))
        };
        for folder in facts.tree.dirs_in(facts.dir) {
            let name = paths::base(&folder);
            let custom = READ_AT_RUN_TIME.contains(&name);
            let says =
                facts.scan.names.contains(name) && !NEVER_READ.contains(&name) && !name.starts_with('.');
            let code = facts
                .tree
                .under(&folder)
                .any(|f| f.ends_with(".ts") && !f.contains("migrations"));
            let front = fronts.iter().any(|f| f.dir == folder);
            if (custom || says && !code) && !made(name) && !front {
                names.insert(name.to_string());
            }
        }
        for file in facts.tree.files_in(facts.dir) {
            let name = paths::base(file);
            let data = [
                ".json", ".yaml", ".yml", ".proto", ".graphql", ".sql", ".html", ".txt", ".csv", ".pem",
                ".key", ".ejs", ".hbs",
            ];
            let manifest = [
                "package.json",
                "package-lock.json",
                "pnpm-lock.yaml",
                "pnpm-workspace.yaml",
                "nest-cli.json",
            ];
            if data.iter().any(|e| name.ends_with(e))
                && facts.scan.names.contains(name)
                && !manifest.contains(&name)
                && !name.starts_with('.')
            {
                names.insert(name.to_string());
            }
        }
        if let Run::Node { flags, .. } = &program.run
            && flags.iter().any(|f| f.contains("tsconfig-paths"))
            && facts.tree.has(&in_dir(facts.dir, "tsconfig.json"))
        {
            names.insert("tsconfig.json".into());
        }
        if let Run::Node { flags, .. } = &program.run {
            for flag in flags {
                let file = flag.rsplit('=').next().unwrap_or(flag).trim_start_matches("./");
                if facts.tree.has(&in_dir(facts.dir, file)) && !file.contains('/') {
                    names.insert(file.to_string());
                }
            }
        }
        if let Some(prisma) = facts.prisma.as_ref().filter(|p| p.production) {
            names.extend(prisma.config.iter().filter(|c| !c.contains('/')).cloned());
            names.extend(
                facts
                    .tree
                    .has_dir(&in_dir(facts.dir, "prisma"))
                    .then(|| "prisma".to_string()),
            );
        }
    }
    names.into_iter().collect()
}
