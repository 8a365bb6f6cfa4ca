//! The last stage: which base, what is copied, how it is started, on which port.

use crate::catalog::{Base, Catalog, Variant};
use crate::choose::Candidate;
use crate::decision::{Because, Chosen};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::program::{Build, Modules, Program, Run, Sources};
use crate::lang::node::workspace::{Reach, in_dir};
use crate::paths;
use crate::settings::{Runtime, Settings};
use std::collections::BTreeSet;

/// Suites from the newest on; the first that the line has a tag of is taken.
const DEBIAN: &[&str] = &["trixie", "bookworm", "bullseye", "buster"];
const ALPINE: &[&str] = &[
    "alpine3.24",
    "alpine3.23",
    "alpine3.22",
    "alpine3.21",
    "alpine3.20",
    "alpine3.19",
    "alpine3.18",
];

/// A tag of the newest suite.
pub fn tag(catalog: &'static Catalog, reference: &str, line: &str, variant: Variant) -> Option<Base> {
    let suites = if variant == Variant::Alpine {
        ALPINE
    } else {
        DEBIAN
    };
    let known = suites
        .iter()
        .find_map(|s| catalog.base(reference, line, variant, s));
    known.or_else(|| {
        let image = catalog.image(reference)?;
        let line = image.lines.iter().find(|l| l.version == line)?;
        let tag = line.tags.iter().find(|t| t.variant == variant)?;
        catalog.base(reference, &line.version, variant, &tag.suite)
    })
}

/// The bases that could run the program, the preferred first.
pub fn candidates(
    catalog: &'static Catalog,
    facts: &Facts,
    program: &Program,
    line: &str,
    packages: bool,
) -> Vec<Candidate<Base>> {
    let musl = facts
        .natives
        .iter()
        .filter(|f| f.production)
        .find_map(|f| Some((f.native.package, f.native.no_musl?)));
    let slim = match tag(catalog, "node", line, Variant::Slim) {
        Some(base) => Candidate::possible(
            Runtime::Slim,
            base,
            "Debian's C library, a shell, and few other packages",
        ),
        None => Candidate::impossible(Runtime::Slim, format!("there is no slim image of Node.js {line}")),
    };
    let distroless = format!("gcr.io/distroless/nodejs{line}-debian13");
    let shell = match &program.run {
        Run::Node { .. } | Run::Bin { file: Some(_), .. } => None,
        Run::Bin { name, .. } => Some(format!(
            "{name} is started through its script, which needs a shell"
        )),
        Run::Bun { .. } => Some("the program runs on Bun".to_string()),
        Run::Words(words) => words
            .first()
            .filter(|w| *w != "node")
            .map(|w| format!("{w} is not in the image")),
    };
    let distroless = match (catalog.base(&distroless, "", Variant::Nonroot, "debian13"), shell) {
        _ if packages => Candidate::impossible(Runtime::Distroless, "the program needs system packages"),
        (_, Some(why)) => Candidate::impossible(Runtime::Distroless, why),
        (Some(base), None) => Candidate::possible(
            Runtime::Distroless,
            base,
            "smaller, but without a shell to look around with",
        ),
        (None, None) => {
            Candidate::impossible(Runtime::Distroless, format!("there is none of Node.js {line}"))
        }
    };
    let alpine = match (tag(catalog, "node", line, Variant::Alpine), musl) {
        (_, Some((package, why))) => Candidate::impossible(Runtime::Alpine, format!("{package}: {why}")),
        (Some(base), None) => Candidate::possible(
            Runtime::Alpine,
            base,
            "smaller, but Node.js on musl is experimental",
        ),
        (None, None) => Candidate::impossible(Runtime::Alpine, format!("there is none of Node.js {line}")),
    };
    vec![slim, distroless, alpine]
}

/// Arguments of the COPY instructions, least changing first.
///
/// # Errors
/// A path that cannot be written into the Dockerfile.
pub fn copies(
    facts: &Facts,
    program: &Program,
    settings: &Settings,
    reads: &mut Vec<String>,
) -> Result<Vec<Safe>, Diagnostic> {
    let mut copies: Vec<Safe> = Vec::new();
    let built = program.build != Build::None;
    let from = if built { "prod-deps" } else { "deps" };
    let pnp = facts.managed.manager.id == Id::Berry && facts.managed.linker == Linker::Pnp;
    let has_modules = program.modules != Modules::None;
    let workspace = facts.workspace.is_some() && has_modules;
    if workspace {
        copies.push(Safe::literal(format!("--from={from} /app ./")));
    } else if has_modules && pnp {
        copies.push(Safe::literal(format!("--from={from} /app/.yarn ./.yarn")));
        copies.push(Safe::literal(format!("--from={from} /app/.pnp.* ./")));
    } else if has_modules {
        copies.push(Safe::literal(format!(
            "--from={from} /app/node_modules ./node_modules"
        )));
    }
    let source = if built { "--from=build " } else { "" };
    let whole = program.sources == Sources::Whole && facts.place.is_empty();
    if facts.workspace.is_some() && has_modules && !whole {
        for member in facts.closure(Reach::Runtime) {
            let path = escape::path(facts.placed(&member.dir))?;
            copies.push(Safe::literal(if built {
                format!("--from=build --exclude=node_modules /app/{path} ./{path}")
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
                    "--from=build --exclude=node_modules{} /app ./",
                    nested(facts, program)?
                ),
                (false, _) => ". .".to_string(),
            }))
        }
        Sources::Whole => {
            let path = escape::path(place)?;
            copies.push(Safe::literal(if built {
                format!("{source}--exclude=node_modules /app/{path} ./{path}")
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
            for name in named(facts, program, settings) {
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
                copies.push(Safe::literal(format!("--from=build /app/{path} ./{path}")));
            }
            for output in &program.outputs {
                let (from, to) = (escape::path(&output.from)?, escape::path(&output.to)?);
                let file = facts.tree.has(&in_dir(facts.root, &output.from));
                copies.push(Safe::literal(match (to.as_str(), file) {
                    ("", _) => format!("--from=build /app/{from} ./"),
                    (_, true) => format!(
                        "--from=build /app/{from} ./{}",
                        folder(paths::parent(&output.to))?
                    ),
                    (to, false) => format!("--from=build /app/{from} ./{to}"),
                }));
            }
        }
    }
    Ok(copies)
}

/// Flags that leave out the node_modules of packages inside of this one, which the build installed, but
/// for the one that the program is started in.
fn nested(facts: &Facts, program: &Program) -> Result<String, Diagnostic> {
    let started = match &program.run {
        Run::Node { file, .. } | Run::Bun { file, .. } => in_dir(facts.dir, file),
        _ => String::new(),
    };
    let mut flags = String::new();
    if facts.workspace.is_some() {
        return Ok(flags);
    }
    for manifest in facts
        .tree
        .under(facts.dir)
        .filter(|f| paths::base(f) == "package.json")
    {
        let dir = paths::parent(manifest);
        if dir != facts.dir && !paths::is_under(&started, dir) {
            flags += &format!(" --exclude={}/node_modules", escape::path(facts.placed(dir))?);
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
fn named(facts: &Facts, program: &Program, settings: &Settings) -> Vec<String> {
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
            if (custom || says && !code) && !made(name) {
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

/// CMD's words, from the folder that the program is started in.
pub fn command(facts: &Facts, program: &Program, runtime: Runtime) -> Vec<String> {
    let node = if runtime == Runtime::Distroless {
        vec![]
    } else {
        vec!["node".to_string()]
    };
    let pnp = facts.managed.manager.id == Id::Berry
        && facts.managed.linker == Linker::Pnp
        && program.modules != Modules::None;
    let up = if program.cwd.is_empty() {
        "./".to_string()
    } else {
        "../".repeat(program.cwd.split('/').count())
    };
    let mut words = node;
    let preload = |words: &mut Vec<String>| {
        if pnp {
            words.extend(["-r".to_string(), format!("{up}.pnp.cjs")]);
            if facts.tree.has(&facts.at_root(".pnp.loader.mjs")) || facts.package.esm {
                words.extend([
                    "--experimental-loader".to_string(),
                    format!("{up}.pnp.loader.mjs"),
                ]);
            }
        }
    };
    match &program.run {
        Run::Node { flags, file, args } => {
            preload(&mut words);
            words.extend(flags.iter().cloned());
            words.push(file.clone());
            words.extend(args.iter().cloned());
        }
        Run::Bun { file, args } => {
            words = vec!["bun".into(), file.clone()];
            words.extend(args.iter().cloned());
        }
        Run::Bin { name, file, args } => {
            let modules = modules_folder(facts, program, file.map_or(name.as_str(), |f| package_of(f)));
            match file {
                Some(file) => words.push(format!("{modules}/{file}")),
                None => words = vec![format!("{modules}/.bin/{name}")],
            }
            words.extend(args.iter().cloned());
        }
        Run::Words(given) => {
            words = given.clone();
            if runtime == Runtime::Distroless && words.first().is_some_and(|w| w == "node") {
                words.remove(0);
            }
        }
    }
    words
}

fn package_of(file: &str) -> &str {
    let parts = if file.starts_with('@') { 2 } else { 1 };
    let end = file
        .match_indices('/')
        .nth(parts - 1)
        .map_or(file.len(), |(i, _)| i);
    &file[..end]
}

/// The node_modules that holds a package, as seen from the folder of the start.
fn modules_folder(facts: &Facts, program: &Program, package: &str) -> String {
    let hoists = matches!(facts.managed.manager.id, Id::Npm | Id::Yarn1 | Id::Berry);
    let nested = facts
        .managed
        .lock
        .folders
        .contains(&format!("{}/node_modules/{package}", facts.place));
    if program.cwd.is_empty() || !hoists || nested || facts.workspace.is_none() {
        return "node_modules".into();
    }
    format!("{}node_modules", "../".repeat(program.cwd.split('/').count()))
}

/// The port: a setting, a flag of the start command, the framework's, the source's.
pub fn port(facts: &Facts, program: &Program, settings: &Settings) -> Option<Chosen<u16>> {
    if let Some(given) = &settings.port {
        return Some(Chosen::new(given.value, given.because.clone()));
    }
    let args = match &program.run {
        Run::Node { args, .. } | Run::Bun { args, .. } | Run::Bin { args, .. } => args.clone(),
        Run::Words(words) => words.clone(),
    };
    let flagged = args.iter().enumerate().find_map(|(i, word)| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let value = if value.is_empty() {
            args.get(i + 1)?.as_str()
        } else {
            value
        };
        matches!(name, "-p" | "--port")
            .then(|| value.parse::<u16>().ok())
            .flatten()
    });
    if let Some(port) = flagged {
        return Some(Chosen::new(port, Because::rule("a flag of the start command")));
    }
    if let Some((_, value)) = program.env.iter().find(|(k, _)| k == "PORT")
        && let Ok(port) = value.parse()
    {
        return Some(Chosen::new(port, Because::rule("the start command sets PORT")));
    }
    if let Some(port) = program.port {
        return Some(Chosen::new(port, Because::rule("the framework's own default")));
    }
    if let Some(port) = &facts.scan.port {
        return Some(Chosen::new(port.value, Because::at(&port.at, "names the port")));
    }
    if let Some(variable) = &facts.scan.port_variable {
        return Some(Chosen::new(
            3000,
            Because::at(&variable.at, "reads it from the environment, without a default"),
        ));
    }
    let server = super::framework::SERVERS
        .iter()
        .find(|s| facts.package.in_production(s))?;
    let listens = facts.scan.listens.as_ref()?;
    Some(Chosen::new(
        3000,
        Because::at(
            listens,
            format!("listens, with {server}, on a port that rdock does not see"),
        ),
    ))
}
