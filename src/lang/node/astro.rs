//! Astro: static pages, the Node adapter, or an adapter of another platform that gives way to it.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::config::Config;
use crate::lang::node::detect::Facts;
use crate::lang::node::install;
use crate::lang::node::product::{self, Fallback, Look, Product};
use crate::lang::node::rules;
use crate::lang::node::servers;
use crate::source::Location;
use nodejs_semver::Version;

const NODE: &str = "@astrojs/node";

/// Adapters whose result Node.js cannot start.
const ELSEWHERE: &[&str] = &[
    "@astrojs/cloudflare",
    "@astrojs/netlify",
    "@astrojs/vercel",
    "@deno/astro-adapter",
];

/// The oldest Astro that a release of the Node adapter is made for, newest first.
const ADAPTERS: &[((u64, u64, u64), &str)] = &[
    ((7, 2, 1), "11.1.6"),
    ((7, 0, 0), "11.0.1"),
    ((6, 3, 0), "10.1.4"),
    ((6, 0, 0), "10.0.3"),
    ((5, 17, 3), "9.5.5"),
    ((5, 7, 0), "9.4.3"),
    ((5, 3, 0), "9.1.0"),
    ((5, 0, 0), "9.0.0"),
    ((4, 2, 0), "8.3.4"),
    ((4, 0, 0), "7.0.4"),
    ((3, 0, 0), "6.1.0"),
    ((0, 0, 0), "5.3.6"),
];

/// A config beside the project's own, with another adapter.
pub const CONFIG: &str = "astro.container.mjs";

/// The adapter of another platform, where the project has pages that are made on request.
fn foreign(config: Option<&Config>, major: u64) -> Option<&str> {
    let config = config?;
    let name = config
        .imports()
        .into_iter()
        .find(|i| ELSEWHERE.iter().any(|e| i.starts_with(e)))?;
    let output = config.literal("output").map(|o| o.value);
    let server = matches!(output.as_deref(), Some("server" | "hybrid"));
    // Since version 5 a page of its own may ask for it.
    (server || major >= 5).then_some(name)
}

pub fn product(look: &Look) -> Product {
    let dir = product::clean(&look.literal("outDir").unwrap_or("dist".into()));
    let imports = look.config.map(Config::imports).unwrap_or_default();
    let foreign = foreign(look.config, look.major("astro"));
    if imports.contains(&NODE) || foreign.is_some() {
        let text = match foreign {
            None => "uses the Node adapter",
            Some(_) => "uses an adapter of another platform, which the build puts aside",
        };
        let because = match look.config {
            Some(config) if foreign.is_some() => Because::at(&Location::whole(&config.source), text),
            _ => look.because("adapter", text),
        };
        let mut product = servers::bundle(look, &dir, &format!("{dir}/server/entry.mjs"), 4321, because);
        if let Product::Program(program) = &mut product {
            program.modules = true;
        }
        return product;
    }
    let because = Because::rule("without a server adapter Astro writes static pages");
    product::with_base(
        product::site(dir, Fallback::Pages, "_astro", because),
        look.literal("base"),
    )
}

/// The adapter that gives way, and its config file.
fn of<'f>(facts: &'f Facts) -> Option<(&'f str, &'f Config)> {
    facts.framework.filter(|f| f.id == "astro")?;
    let config = facts.config.as_ref()?;
    Some((foreign(Some(config), facts.major("astro"))?, config))
}

/// How it is built with the other config.
pub fn build(facts: &Facts) -> Option<String> {
    of(facts).map(|_| format!("astro build --config {CONFIG}"))
}

/// Installs the Node adapter that fits the project's Astro.
pub fn install(facts: &Facts, production: bool) -> Option<Safe> {
    of(facts)?;
    if facts.package.dependency(NODE).is_some() {
        return None;
    }
    let locked = facts
        .managed
        .lock
        .newest("astro")
        .and_then(|v| Version::parse(v).ok());
    let major = facts.major("astro");
    let fits = |(a, b, c): (u64, u64, u64)| match &locked {
        Some(version) => (version.major(), version.minor(), version.patch()) >= (a, b, c),
        // Without a lockfile the newest of the range is installed.
        None => major >= a,
    };
    let version = ADAPTERS.iter().find(|(since, _)| fits(*since))?.1;
    let add = install::add(facts.managed.manager.id, production);
    Some(Safe::literal(format!("{add} {NODE}@{version}")))
}

/// Writes the config that takes the project's own and sets the Node adapter.
///
/// # Errors
/// A name that cannot be written into the Dockerfile.
pub fn replace(facts: &Facts) -> Result<Vec<Safe>, Diagnostic> {
    let Some((name, config)) = of(facts) else {
        return Ok(vec![]);
    };
    let own = crate::paths::base(&config.source.path);
    let own = escape::path(own)?;
    Ok(vec![
        Safe::literal(format!(
            "# {} is for another platform; a server for Node.js takes its place",
            escape::comment(name)
        )),
        Safe::literal(format!(
            "COPY <<'EOF' {CONFIG}\nimport base from './{own}';\nimport node from '{NODE}';\n\nexport default {{ ...base, adapter: node({{ mode: 'standalone' }}) }};\nEOF\n"
        )),
    ])
}

/// What a person should know of the adapter.
pub fn warning(facts: &Facts) -> Option<Diagnostic> {
    let (name, config) = of(facts)?;
    Some(
        Diagnostic::warning(
            &rules::ADAPTER,
            format!(
                "{name} does not make a program that Node.js could start; the build puts {NODE} in its place"
            ),
        )
        .at(Location::whole(&config.source), "")
        .help("use @astrojs/node with `mode: 'standalone'`, or no adapter for static files"),
    )
}
