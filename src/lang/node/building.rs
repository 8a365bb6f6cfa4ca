//! The build stage: members before the application, generators before both, and the variables that a
//! browser's build takes in.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::astro;
use crate::lang::node::detect::Facts;
use crate::lang::node::hooks::{INSTALL_HOOKS, hooks};
use crate::lang::node::install::Installer;
use crate::lang::node::manager::Id;
use crate::lang::node::migrating;
use crate::lang::node::next;
use crate::lang::node::presets;
use crate::lang::node::product::Output;
use crate::lang::node::program::Build;
use crate::lang::node::run;
use crate::lang::node::scripts;
use crate::lang::node::svelte;
use crate::lang::node::view;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::manifest::doc;
use crate::settings::Settings;

/// Parts of a variable's name, between underscores, for which BuildKit refuses an ARG.
const SECRET_WORDS: &[&str] = &[
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "passwd",
    "pword",
    "secret",
    "token",
];

/// What writes variables into files for a browser.
const BUNDLERS: &[&str] = &[
    "@rspack/core",
    "esbuild",
    "parcel",
    "rolldown",
    "rollup",
    "vite",
    "webpack",
];

/// Does the build make anything for a browser? A server reads `VITE_X` when it starts, as any other
/// variable.
fn bundles(facts: &Facts) -> bool {
    let servers = ["nest", "adonis"];
    let browser = facts.framework.is_some_and(|f| !servers.contains(&f.id));
    let depends = |name: &&str| facts.package.dependency(name).is_some();
    browser
        || BUNDLERS
            .iter()
            .any(|b| depends(b) || facts.build_text.contains(b))
}

/// # Errors
/// A name that cannot be written into the Dockerfile.
pub fn stage(
    installer: &mut Installer,
    build: &Build,
    outputs: &[Output],
    settings: &Settings,
) -> Result<view::Building, Diagnostic> {
    let facts = installer.facts;
    let mut lines: Vec<Safe> = Vec::new();
    let mut mounts: Vec<Safe> = Vec::new();
    let public = facts.scan.public.iter().filter(|_| bundles(facts));
    for name in public {
        let lower = name.to_lowercase();
        let name = escape::name(name)?;
        if lower.split('_').any(|part| SECRET_WORDS.contains(&part)) {
            // Public all the same, as it ends up in the browser; but an ARG of that name is refused.
            mounts.push(Safe::literal(format!("type=secret,id={name},env={name}")));
        } else if !settings.args.contains_key(name.as_str()) {
            lines.push(Safe::literal(format!("ARG {name}")));
        }
    }
    for (name, value) in &settings.args {
        let name = escape::name(name)?;
        lines.push(Safe::literal(if value.is_empty() {
            format!("ARG {name}")
        } else {
            format!("ARG {name}={}", escape::quoted(value)?)
        }));
    }
    let mut env: Vec<(&str, &str)> = facts.framework.map(|f| f.env.to_vec()).unwrap_or_default();
    if old_webpack(facts) {
        lines.push(Safe::literal(
            "# webpack before 5.61 hashes with MD4, which OpenSSL 3 keeps for legacy",
        ));
        env.insert(0, ("NODE_OPTIONS", "--openssl-legacy-provider"));
    }
    if matches!(build, Build::Tool(t) if t.starts_with("nx ")) {
        env.extend([("NX_DAEMON", "false"), ("NX_NO_CLOUD", "true")]);
    }
    if svelte::automatic(facts) {
        lines.push(Safe::literal(
            "# where it sees this, adapter-auto takes the Node adapter that is installed above",
        ));
        env.insert(0, ("GCP_BUILDPACKS", "true"));
    }
    lines.extend(env.into_iter().map(variable));
    lines.extend(presets::note(facts));
    lines.extend(presets::environment(facts).map(variable));
    if let Some(cache) = facts.framework.and_then(|f| f.cache)
        && crate::lang::node::parts::mounts(settings)
    {
        let name = escape::image_name(facts.package.name.as_deref().unwrap_or("app"));
        let path = in_dir(facts.place, cache);
        mounts.push(Safe::literal(format!(
            "type=cache,id={name}-build,target={}/{},sharing=locked",
            escape::mount(&facts.home)?,
            escape::mount(&path)?
        )));
    }
    let told = next::tell(facts, outputs, settings)?;
    let mut steps = before(installer, build)?;
    steps.extend(svelte::replace(facts, build)?);
    steps.extend(presets::replace(facts, build)?);
    match build {
        Build::None | Build::Script("") => {}
        Build::Script(name) => {
            if let Some(step) = turbo(facts, name, told.turbo) {
                steps.push(told.step(step?));
            } else if let Some((rest, warning)) = migrating::steps(facts, name) {
                installer.warnings.push(warning);
                steps.extend(rest.into_iter().map(|step| told.step(step)));
            } else {
                steps.push(told.step(script(facts, name, facts.place)?));
            }
        }
        Build::Tool(tool) => {
            if !facts.place.is_empty() {
                // What comes before is said from the root.
                let before = std::mem::take(&mut steps);
                if !before.is_empty() {
                    lines.push(Safe::literal(format!("RUN {}", run::text(&[], &before))));
                }
                lines.push(Safe::literal(format!(
                    "WORKDIR {}/{}",
                    escape::path(&facts.home)?,
                    escape::path(facts.place)?
                )));
            }
            lines.extend(astro::replace(facts)?);
            let step = Safe::literal(format!("{} {tool}", facts.managed.manager.exec));
            steps.push(told.step(step));
        }
    }
    lines.extend(told.notes);
    let about = match build {
        Build::Script("")
            if installer
                .later
                .iter()
                .any(|(n, _)| !INSTALL_HOOKS.contains(&n.as_str())) =>
        {
            "runs what the start command would do first"
        }
        Build::Script("") => "runs the project's own install scripts beside its sources",
        _ => "compiles the application",
    };
    Ok(view::Building {
        about: Safe::literal(about),
        copies: sources(facts)?,
        lines,
        run: run::text(&mounts, &steps),
    })
}

/// Arguments of the COPY instructions that bring the sources.
pub fn sources(facts: &Facts) -> Result<Vec<Safe>, Diagnostic> {
    let mut copies = vec![Safe::literal(format!("{} .", facts.source()?))];
    for local in &facts.locals {
        copies.push(facts.brought(local, false)?.0);
    }
    copies.extend(facts.shared()?);
    Ok(copies)
}

fn variable((name, value): (&str, &str)) -> Safe {
    Safe::literal(format!("ENV {name}={value}"))
}

/// What must be done before the application can be built or run: its own install scripts, generators,
/// the builds of other members.
pub fn before(installer: &Installer, build: &Build) -> Result<Vec<Safe>, Diagnostic> {
    let facts = installer.facts;
    let mut steps = Vec::new();
    // Package managers install members before those that need them.
    let (own, root): (Vec<_>, Vec<_>) = installer
        .later
        .iter()
        .partition(|(_, place)| !place.is_empty() && place == facts.place);
    for (name, place) in root {
        steps.push(script(facts, name, place)?);
    }
    let generated = facts.build_text.contains("prisma generate")
        || installer.later.iter().any(|(n, _)| {
            facts
                .package
                .script(n)
                .is_some_and(|s| s.value.contains("prisma generate"))
        });
    if facts.prisma.is_some() && !generated {
        steps.push(installer.generate(false)?);
    }
    steps.extend(facts.local_builds()?);
    steps.extend(members(facts, build)?);
    for (name, place) in own {
        steps.push(script(facts, name, place)?);
    }
    Ok(steps)
}

/// Runs a script of the root or of a member.
pub fn script(facts: &Facts, name: &str, place: &str) -> Result<Safe, Diagnostic> {
    let manager = facts.managed.manager;
    let name = escape::shell(name)?;
    if place.is_empty() {
        return Ok(Safe::literal(manager.run.replace("{script}", name.as_str())));
    }
    let member = facts
        .workspace
        .as_ref()
        .and_then(|w| w.members.iter().find(|m| facts.placed(&m.dir) == place));
    let package = member.and_then(|m| m.package.name.clone()).unwrap_or_default();
    if package.is_empty() && manager.run_in.contains("{name}") {
        return Ok(Safe::literal(format!(
            "npm run {name} --prefix={}",
            escape::shell(place)?
        )));
    }
    let text = manager
        .run_in
        .replace("{script}", name.as_str())
        .replace("{dir}", escape::path(place)?.as_str())
        .replace("{name}", escape::shell(&package)?.as_str());
    Ok(Safe::literal(text))
}

/// Turborepo knows what a task needs, generators of other members too.
fn turbo(facts: &Facts, name: &str, flag: &str) -> Option<Result<Safe, Diagnostic>> {
    let package = facts.package.name.as_deref()?;
    if !uses_turbo(facts, name) || facts.place.is_empty() {
        return None;
    }
    let exec = facts.managed.manager.exec;
    Some((|| {
        let (name, package) = (escape::shell(name)?, escape::shell(package)?);
        Ok(Safe::literal(format!(
            "{exec} turbo run {name} --filter={package}{flag}"
        )))
    })())
}

fn uses_turbo(facts: &Facts, name: &str) -> bool {
    let root = facts.workspace.as_ref().and_then(|w| w.package.as_deref());
    if root.is_none_or(|p| p.dependency("turbo").is_none()) {
        return false;
    }
    let source = facts
        .tree
        .text(&facts.at_root("turbo.json"))
        .or_else(|| facts.tree.text(&facts.at_root("turbo.jsonc")));
    let Some(node) = source.and_then(|s| doc::json(&s).ok()) else {
        return false;
    };
    let tasks = node.get("tasks").or_else(|| node.get("pipeline"));
    let entries = tasks.map(doc::Node::entries).unwrap_or_default();
    entries
        .iter()
        .any(|e| e.key == name || e.key.ends_with(&format!("#{name}")))
}

/// The builds of the members that the application needs, in their order.
fn members(facts: &Facts, build: &Build) -> Result<Vec<Safe>, Diagnostic> {
    if matches!(build, Build::Script(name) if uses_turbo(facts, name)) && !facts.place.is_empty() {
        return Ok(vec![]);
    }
    // The root's own build script builds the members.
    if facts.place.is_empty() {
        return Ok(vec![]);
    }
    let mut steps = Vec::new();
    for member in facts.closure(Reach::Build) {
        let place = facts.placed(&member.dir);
        let build = scripts::build(&member.package).map(|(name, _)| name);
        let hooks = hooks(&member.package);
        let made = hooks.iter().filter(|h| h.makes(build)).map(|h| h.name);
        for name in made.chain(build) {
            steps.push(script(facts, name, place)?);
        }
    }
    Ok(steps)
}

/// webpack up to 5.60 needs a hash that OpenSSL 3 keeps for legacy.
pub fn old_webpack(facts: &Facts) -> bool {
    facts.managed.lock.packages.get("webpack").is_some_and(|entries| {
        entries.iter().all(|e| {
            nodejs_semver::Version::parse(&e.version)
                .is_ok_and(|v| v < nodejs_semver::Version::from((5u64, 61u64, 0u64)))
        })
    })
}

/// Why the install script of a package does not run, and the edit that lets it.
pub fn blocked(facts: &Facts, package: &str) -> Option<(String, String)> {
    let managed = &facts.managed;
    let major: u32 = managed
        .version
        .as_deref()
        .and_then(|v| v.split('.').next()?.parse().ok())
        .unwrap_or(0);
    let root = facts
        .workspace
        .as_ref()
        .and_then(|w| w.package.as_deref())
        .unwrap_or(&facts.package);
    let listed = |node: Option<&doc::Node>| {
        node.is_some_and(|n| {
            n.strings().iter().any(|s| s.value == package)
                || n.get(package).and_then(doc::Node::as_bool) != Some(false) && n.get(package).is_some()
        })
    };
    let settings = facts.tree.text(&facts.at_root("pnpm-workspace.yaml"));
    let yaml = settings
        .and_then(|s| doc::yaml(&s).ok())
        .and_then(|d| d.into_iter().next());
    let approve = |place: &str| format!("add {package} to {place}");
    match managed.manager.id {
        Id::Pnpm if major >= 11 => {
            let fine = listed(yaml.as_ref().and_then(|y| y.get("allowBuilds")));
            (!fine).then(|| {
                (
                    "pnpm 11 builds approved packages alone".into(),
                    approve("`allowBuilds` in pnpm-workspace.yaml"),
                )
            })
        }
        Id::Pnpm if major == 10 => {
            let fine = listed(root.node.path(&["pnpm", "onlyBuiltDependencies"]))
                || listed(yaml.as_ref().and_then(|y| y.get("onlyBuiltDependencies")))
                || yaml
                    .as_ref()
                    .and_then(|y| y.get("dangerouslyAllowAllBuilds"))
                    .is_some();
            (!fine).then(|| {
                (
                    "pnpm 10 builds approved packages alone".into(),
                    approve("`onlyBuiltDependencies` in pnpm-workspace.yaml"),
                )
            })
        }
        Id::Npm if major >= 12 => {
            let fine = listed(root.node.get("allowScripts"));
            (!fine).then(|| {
                (
                    "npm 12 runs approved scripts alone".into(),
                    approve("`allowScripts` in package.json"),
                )
            })
        }
        _ => None,
    }
}
