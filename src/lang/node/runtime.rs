//! The last stage: which base, what is copied, how it is started, on which port.

use crate::catalog::{Base, Catalog, Variant};
use crate::choose::Candidate;
use crate::decision::{Because, Chosen};
use crate::lang::node::detect::Facts;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::program::{Modules, Program, Run};
use crate::lang::node::tools;
use crate::settings::{Runtime, Settings};

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
    let default = tools::LIBRARY_PORTS
        .iter()
        .find_map(|(name, port)| Some((facts.package.dependency(name)?, *port)));
    if let Some((library, port)) = default {
        return Some(Chosen::new(
            port,
            Because::at(&library.at, format!("has {}, which listens on it", library.name)),
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
