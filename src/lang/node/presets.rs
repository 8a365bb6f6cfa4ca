//! Presets and plugins of other platforms. The build takes them out, or selects the one for Node.js, so
//! that the framework makes its own server.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::config::{self, Config};
use crate::lang::node::detect::Facts;
use crate::lang::node::install;
use crate::lang::node::product::{Look, Start};
use crate::lang::node::program::{Build, Run};
use crate::lang::node::rules;
use crate::lang::node::workspace::in_dir;
use crate::source::Location;
use nodejs_semver::Version;

/// Modules that hold one for React Router or Remix, and the names that they are called by.
const CALLS: &[(&str, &[&str])] = &[
    ("@vercel/react-router", &["vercelPreset"]),
    ("@vercel/remix", &["vercelPreset"]),
    (
        "@netlify/vite-plugin-react-router",
        &["netlifyReactRouter", "netlifyPlugin", "netlify"],
    ),
    ("@netlify/remix-adapter", &["netlifyPlugin", "netlify"]),
];

/// Presets of Nitro whose result Node.js starts, or that write files.
const OURS: &[&str] = &[
    "",
    "node",
    "node-server",
    "node_server",
    "node-cluster",
    "node_cluster",
    "static",
    "github-pages",
    "github_pages",
];

/// Frameworks whose server Nitro bundles, and whether the environment outranks their config file.
const NITRO: &[(&str, bool)] = &[
    ("nuxt", true),
    ("nitro", true),
    ("solid-start", false),
    ("tanstack-start", false),
    ("analog", false),
];

pub struct Foreign {
    /// As the config file has it.
    name: String,
    file: String,
    at: Location,
    way: Way,
}

enum Way {
    /// A call that is taken out of the config file.
    Call,
    /// A preset of Nitro that the environment outranks.
    Environment,
    /// One that is named in the config file alone.
    Literal,
}

fn of(facts: &Facts) -> Option<Foreign> {
    let framework = facts.framework?.id;
    if matches!(framework, "react-router" | "remix") {
        return call(facts);
    }
    let (_, environment) = NITRO.iter().find(|(id, _)| *id == framework)?;
    let config = facts.config.as_ref()?;
    let preset = config.literal("preset")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if OURS.contains(&preset.value.as_str()) || !preset.value.chars().all(plain) {
        return None;
    }
    let alone = config.source.path.contains("vite.config");
    Some(Foreign {
        name: preset.value,
        file: config.source.path.clone(),
        at: preset.at,
        way: if *environment && !alone {
            Way::Environment
        } else {
            Way::Literal
        },
    })
}

fn call(facts: &Facts) -> Option<Foreign> {
    let names = [
        "react-router.config.ts",
        "react-router.config.js",
        "vite.config.ts",
        "vite.config.js",
        "vite.config.mts",
        "vite.config.mjs",
    ];
    let configs = names
        .iter()
        .filter_map(|name| facts.tree.text(&in_dir(facts.dir, name)));
    configs
        .map(|source| config::read(&source))
        .find_map(|config: Config| {
            let imports = config.imports();
            let (_, calls) = CALLS
                .iter()
                .find(|(module, _)| imports.iter().any(|i| i.starts_with(module)))?;
            let name = calls.iter().find(|name| config.says(name))?;
            Some(Foreign {
                name: name.to_string(),
                file: config.source.path.clone(),
                at: Location::whole(&config.source),
                way: Way::Call,
            })
        })
}

/// ENV of the build that selects the preset for Node.js.
pub fn environment(facts: &Facts) -> Option<(&'static str, &'static str)> {
    let foreign = of(facts)?;
    matches!(foreign.way, Way::Environment).then_some(("NITRO_PRESET", "node-server"))
}

/// The comment above what takes it out.
pub fn note(facts: &Facts) -> Option<Safe> {
    let foreign = of(facts)?;
    let name = escape::comment(&foreign.name);
    Some(Safe::literal(format!(
        "# {name} is for another platform; a server for Node.js takes its place"
    )))
}

/// The step that edits the config file.
///
/// # Errors
/// A path that cannot be written into a RUN.
pub fn replace(facts: &Facts, build: &Build) -> Result<Option<Safe>, Diagnostic> {
    let Some(foreign) = of(facts) else {
        return Ok(None);
    };
    let script = match foreign.way {
        Way::Environment => return Ok(None),
        Way::Call => escape::shell(&format!(r"s/\b{}([^)]*),\?//", foreign.name))?,
        Way::Literal => escape::shell(&format!("s/preset: *.{}./preset: \"node-server\"/", foreign.name))?,
    };
    // A tool is run in the package's own folder.
    let path = match build {
        Build::Tool(_) => crate::paths::relative(&foreign.file, facts.dir),
        _ => facts.placed(&foreign.file),
    };
    let path = escape::shell(path)?;
    Ok(Some(Safe::literal(format!("sed -i {script} {path}"))))
}

/// The servers of React Router and Remix: the program, its package, and the one whose version it shares.
const SERVERS: &[(&str, &str, &str)] = &[
    ("react-router-serve", "@react-router/serve", "@react-router/dev"),
    ("remix-serve", "@remix-run/serve", "@remix-run/dev"),
];

/// Packages that say of an application that it runs on Node.js, whoever serves it.
const RUNTIMES: &[&str] = &["@react-router/node", "@remix-run/node"];

pub fn on_node(look: &Look) -> bool {
    RUNTIMES.iter().any(|r| look.package.dependency(r).is_some())
}

/// Is the framework's own server, which the program would be started with, missing?
pub fn lacks_server(facts: &Facts, start: &Start) -> bool {
    let Start::Bin { name, .. } = start else {
        return false;
    };
    let server = SERVERS.iter().find(|(n, ..)| n == name);
    server.is_some_and(|(_, package, _)| facts.package.dependency(package).is_none())
}

/// Installs the framework's own server where the project has none.
pub fn install(facts: &Facts, run: &Run) -> Result<Option<Safe>, Diagnostic> {
    let Run::Bin { name, .. } = run else {
        return Ok(None);
    };
    let Some((_, server, beside)) = SERVERS.iter().find(|(n, ..)| n == name) else {
        return Ok(None);
    };
    if facts.package.dependency(server).is_some() {
        return Ok(None);
    }
    let locked = facts.managed.lock.newest(beside).map(str::to_string);
    let named = || facts.package.dependency(beside).map(|d| d.range.clone());
    let version = locked.or_else(named).unwrap_or_default();
    let version = match Version::parse(version.trim_start_matches(['^', '~'])) {
        Ok(version) => version.to_string(),
        Err(_) if nodejs_semver::Range::parse(&version).is_ok() => version,
        Err(_) => "latest".into(),
    };
    let add = install::add(facts.managed.manager.id, true);
    let spec = escape::shell(&format!("{server}@{version}"))?;
    Ok(Some(Safe::literal(format!("{add} {spec}"))))
}

/// What a person should know of the preset.
pub fn warning(facts: &Facts) -> Option<Diagnostic> {
    let foreign = of(facts)?;
    let title = match foreign.way {
        Way::Call => format!(
            "{} builds for another platform; the build takes it out",
            foreign.name
        ),
        _ => format!(
            "the preset {} makes no program that Node.js could start; the build takes node-server",
            foreign.name
        ),
    };
    Some(
        Diagnostic::warning(&rules::ADAPTER, title)
            .at(foreign.at, "")
            .help("leave it out of the config file where it is not deployed there"),
    )
}
