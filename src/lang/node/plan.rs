//! The choices for one service: Node.js, bases, stages, and what the last one carries.

use crate::catalog::Base;
use crate::choose;
use crate::decision::{Because, Chosen, Decision, Rejected};
use crate::diagnostic::{Diagnostic, rules as shared};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::lang::node::astro;
use crate::lang::node::building;
use crate::lang::node::cautions::{warn, written};
use crate::lang::node::context;
use crate::lang::node::copies;
use crate::lang::node::detect::{self, Facts};
use crate::lang::node::front;
use crate::lang::node::ground::{self, Ground};
use crate::lang::node::install::Installer;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::nx;
use crate::lang::node::own;
use crate::lang::node::packages::{browsers, init, runtime_packages};
use crate::lang::node::presets;
use crate::lang::node::program::{self, Build, Decided, Modules, Program, Run, Sources};
use crate::lang::node::runtime;
use crate::lang::node::scripts;
use crate::lang::node::site;
use crate::lang::node::source;
use crate::lang::node::stages::{self, Shape};
use crate::lang::node::start::Start;
use crate::lang::node::svelte;
use crate::lang::node::tanstack;
use crate::lang::node::tool;
use crate::lang::node::view::{self, World};
use crate::lang::node::workspace::{Reach, manifest};
use crate::paths;
use crate::plan::{Plan, RuntimeStage, View};
use crate::settings::{Cache, Runtime};
use std::collections::BTreeMap;

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    make(project).map_err(|e| vec![e])
}

fn make(project: &Project) -> Result<Plan, Diagnostic> {
    let claim = project.claim;
    let mut app = nx::app(project.tree, &claim.dir)?;
    let dir = if app.is_some() {
        claim.context.as_str()
    } else {
        claim.dir.as_str()
    };
    if !project.tree.has(&manifest(dir)) {
        return Err(
            Diagnostic::error(&shared::MISSING_INPUT, format!("{} is not there", manifest(dir)))
                .help("add a package.json"),
        );
    }
    let mut facts = detect::detect(project.tree, dir, &claim.context)?;
    // An application at the root is built by Nx where its own scripts start nothing.
    let starts = facts
        .starts
        .iter()
        .any(|c| !matches!(c.start, Start::Development(_)));
    app = app.filter(|_| claim.dir != claim.context || !starts && facts.framework.is_none());
    let decided = match &app {
        Some(app) => {
            facts.scan = source::scan(project.tree, &claim.dir, None);
            facts.framework = None;
            facts.build = None;
            nx::decided(app)
        }
        None => program::decide(&facts, project.settings)?,
    };
    let mut warnings = Vec::new();
    let line = ground::node(project, &facts, &mut warnings)?;
    let bun = match &decided {
        Decided::Program(p) if matches!(p.run, Run::Bun { .. }) => {
            facts.has_bun_runtime().or_else(|| Some(p.because.clone()))
        }
        _ => None,
    };
    let ground = Ground {
        project,
        facts: &facts,
        line: line.value.version.clone(),
        version: Chosen {
            value: line.value.version.clone(),
            because: line.because.clone(),
            over: line.over.clone(),
        },
        bun,
        warnings,
    };
    match decided {
        Decided::Site(site, build) => site::plan(ground, site, build),
        Decided::Program(program) => service(ground, *program),
    }
}

fn service(mut ground: Ground, mut program: Program) -> Result<Plan, Diagnostic> {
    let (project, facts) = (ground.project, ground.facts);
    let (settings, catalog) = (project.settings, project.catalog);
    let runtime_names = runtime_packages(&ground, &program, false);
    let chosen = match &ground.bun {
        Some(because) => {
            let (base, _, _) = ground::builder(&ground, false)?;
            let candidates = vec![choose::Candidate::possible(Runtime::Slim, base, because.worded())];
            choose::runtime(candidates, settings.runtime.as_ref())?
        }
        None => {
            let candidates =
                runtime::candidates(catalog, facts, &program, &ground.line, !runtime_names.is_empty());
            choose::runtime(candidates, settings.runtime.as_ref())?
        }
    };
    let (kind, base) = chosen.value;
    let alpine = kind == Runtime::Alpine;
    let (builder, builder_because, builder_over) = ground::builder(&ground, alpine)?;
    let mut installer = Installer::new(
        facts,
        settings,
        ground.bun.is_some(),
        ground.line.parse().unwrap_or(26),
    )?;

    for name in std::mem::take(&mut program.before) {
        let same = |(later, _): &(String, String)| {
            scripts::expand(&facts.package, later).contains(&scripts::expand(&facts.package, &name))
        };
        if !installer.later.iter().any(same) {
            installer.later.push((name, facts.place.to_string()));
        }
    }
    let fronts = front::find(project, facts, &mut program, &mut installer);
    // A script of the project that needs its sources makes a build, even where there is no other.
    if !installer.later.is_empty() && program.build == Build::None {
        program.build = Build::Script("");
        program.sources = Sources::Whole;
    }
    if facts.prisma.is_some() && program.build == Build::None {
        program.build = Build::Script("");
        program.sources = Sources::Whole;
    }
    let built = program.build != Build::None;
    let pnp = facts.managed.manager.id == Id::Berry && facts.managed.linker == Linker::Pnp;
    if program.modules == Modules::Production && !installs_anything(facts) && !pnp {
        program.modules = Modules::None;
    }
    let label = if ground.bun.is_some() {
        "Bun".to_string()
    } else {
        format!("Node.js {}", ground.line)
    };
    let base_stage = view::Base {
        about: escape::comment(&installer.holds(&label)),
        from: from(settings.builder.as_ref().map(|b| b.value.as_str()), &builder)?,
        lines: {
            let packages = tool::build_packages(facts, &builder, settings);
            installer.base_lines(builder.os.family, &packages)?
        },
    };
    let deps = if built {
        let adapter = svelte::install(facts).or_else(|| astro::install(facts, false));
        Some(installer.everything("installs every dependency, those for the build too", adapter)?)
    } else if program.modules != Modules::None {
        Some(installer.production(
            "installs what the program needs at run time",
            program.modules,
            tanstack::install(facts, &program.run),
        )?)
    } else {
        None
    };
    let prod = if built && program.modules != Modules::None {
        let about = match program.modules {
            Modules::All => "installs every dependency, as the start command is one of those for development",
            _ => "installs what the program needs at run time",
        };
        let server = presets::install(facts, &program.run)?
            .or_else(|| astro::install(facts, true))
            .or_else(|| tanstack::install(facts, &program.run));
        Some(installer.production(about, program.modules, server)?)
    } else {
        None
    };
    let building = if built {
        Some(building::stage(&mut installer, &program.build, settings)?)
    } else {
        None
    };
    let mut copies = copies::copies(facts, &program, settings, &fronts, &mut installer.reads)?;
    for assets in &fronts {
        copies.push(front::copy(facts, assets)?);
        installer.reads.extend(assets.reads.iter().cloned());
        ground.warnings.extend(assets.warnings.iter().cloned());
    }

    let mut env: BTreeMap<String, String> = settings.env.clone();
    for (name, value) in &program.env {
        if !value.contains('$') {
            env.entry(name.clone()).or_insert(value.clone());
        }
    }
    for found in facts.natives.iter().filter(|f| f.production) {
        for (name, value) in found.native.env.iter().filter(|(n, _)| !n.contains("SKIP")) {
            env.entry(name.to_string()).or_insert(value.to_string());
        }
    }
    if let Some(host) = &facts.scan.host_variable {
        env.entry(host.clone()).or_insert("0.0.0.0".into());
    }
    if matches!(&program.run, Run::Bin { name, .. } if name == "fastify") {
        env.entry("FASTIFY_ADDRESS".into()).or_insert("0.0.0.0".into());
        program.port = program.port.or(Some(3000));
        program.port_variable = Some("FASTIFY_PORT");
    }
    let port = runtime::port(facts, &program, settings);
    let packages = runtime_packages(&ground, &program, alpine);
    let about = runtime_about(&chosen.because, settings.runtime.is_some());
    let mut stage = RuntimeStage::new(base, &about, &packages, &env, &settings.labels)?;
    if let Some(install) = browsers(facts) {
        let setup = stage.setup.take().map(|s| format!("{s}\n")).unwrap_or_default();
        stage.setup = Some(format!("{setup}{}", install?));
        stage.env("PLAYWRIGHT_BROWSERS_PATH", "/ms-playwright")?;
    }
    stage.env("NODE_ENV", "production")?;
    let variable = program
        .port_variable
        .map(str::to_string)
        .or_else(|| facts.scan.port_variable.as_ref().map(|v| v.value.clone()));
    if let (Some(port), Some(variable)) = (&port, &variable) {
        stage.env(variable, &port.value.to_string())?;
    }
    stage.expose = port.as_ref().map(|p| p.value);

    let mut last = Vec::new();
    let mut folders: Vec<String> = program
        .writes
        .iter()
        .filter_map(|f| paths::join(&program.cwd, f))
        .collect();
    folders.extend(written(&mut ground, &program));
    folders.sort();
    folders.dedup();
    if kind != Runtime::Distroless && !folders.is_empty() {
        let words: Vec<Safe> = folders
            .iter()
            .map(|f| escape::path(f))
            .collect::<Result<_, _>>()?;
        let list = Safe::join(&words, " ");
        last.push(Safe::literal(format!(
            "RUN mkdir -p {list} && chown {} {list}",
            stage.user
        )));
        stage
            .volumes
            .extend(words.iter().map(|w| Safe::literal(format!("{}/{w}", facts.home))));
    }
    if !program.cwd.is_empty() {
        last.push(Safe::literal(format!(
            "WORKDIR {}/{}",
            escape::path(&facts.home)?,
            escape::path(&program.cwd)?
        )));
    }
    let words = runtime::command(facts, &program, kind);
    let init = init(facts, kind, alpine);
    let takes_arguments = port.is_none() && own::is_command(facts, &program.run);
    let (entrypoint, cmd) = if takes_arguments {
        let mut all = init.unwrap_or_default();
        if kind == Runtime::Distroless {
            all.push("/nodejs/bin/node".into());
        }
        all.extend(words.iter().cloned());
        (Some(escape::exec(&all)?), None)
    } else {
        let init = init.map(|w| escape::exec(&w)).transpose()?;
        (init, Some(escape::exec(&words)?))
    };

    ground.warnings.append(&mut installer.warnings);
    ground.warnings.append(&mut program.warnings);
    warn(&mut ground);
    let mut decisions = vec![
        Decision {
            topic: "builder",
            value: base_stage.from.to_string(),
            because: settings
                .builder
                .as_ref()
                .map_or(builder_because, |b| b.because.clone()),
            over: builder_over,
        },
        chosen.decision("runtime", base.from()),
        Decision {
            topic: "start",
            value: words.join(" "),
            because: program.because.clone(),
            over: std::mem::take(&mut program.over),
        },
    ];
    decisions.extend(port.as_ref().map(|p| p.decision("port", p.value.to_string())));
    decisions.push(manager_decision(&installer));
    decisions.append(&mut installer.decisions);
    decisions.extend(fronts.iter().flat_map(|f| f.decisions.iter().cloned()));
    let manifests = if deps.is_some() {
        installer.manifests()?
    } else {
        None
    };
    let shape = Shape {
        base: &base_stage,
        has_base: deps.is_some(),
        build: built.then_some(&program.build),
        runtime: &stage,
        port: port.as_ref().map(|p| p.value),
        source: stages::from_source(facts, &words, &program.cwd),
    };
    let stages = stages::stages(&mut installer, &shape)?;
    let runs = words.join(" ");
    let installs = deps.is_some();
    let world = World {
        base: base_stage,
        home: escape::path(&facts.home)?,
        source: facts.source()?,
        manifests,
        deps: deps.unwrap_or_else(nothing),
        build: building.unwrap_or_else(|| view::Building {
            about: Safe::literal(""),
            copies: vec![],
            lines: vec![],
            run: Safe::literal(""),
        }),
        runtime: stage,
        copies,
        last,
        entrypoint,
        cmd,
    };
    let dockerfile: Box<dyn View> = match (built, prod) {
        (true, Some(prod)) => Box::new(view::Built { world, prod }),
        (true, None) => Box::new(view::Bundled { world }),
        (false, _) if installs => Box::new(view::Plain { world }),
        (false, _) => Box::new(view::Bare { world }),
    };
    let dockerfile = match fronts.is_empty() {
        true => dockerfile,
        false => Box::new(front::Served {
            front_ends: fronts.iter().map(|f| f.stages.clone()).collect(),
            own: dockerfile.text(),
        }),
    };
    let ignore = context::ignore(facts, &fronts);
    Ok(Plan {
        name: project.claim.name.clone(),
        title: format!(
            "{} on {label}",
            facts
                .framework
                .filter(|f| f.id != "vite")
                .map_or("Program", |f| f.name)
        ),
        entry: runs,
        dir: project.claim.dir.clone(),
        context: project.claim.context.clone(),
        port: port.map(|p| p.value),
        decisions,
        warnings: ground.warnings,
        secrets: installer.secrets,
        dockerfile,
        ignore,
        reads: tidy(installer.reads),
        front_ends: fronts.iter().map(|f| f.dir.clone()).collect(),
        stages,
    })
}

pub fn nothing() -> view::Install {
    view::Install {
        about: Safe::literal(""),
        copies: vec![],
        run: Safe::literal(""),
    }
}

pub fn tidy(mut reads: Vec<String>) -> Vec<String> {
    reads.sort();
    reads.dedup();
    reads
}

pub fn from(asked: Option<&str>, base: &Base) -> Result<Safe, Diagnostic> {
    match asked {
        Some(asked) => escape::path(asked),
        None => Ok(Safe::literal(base.from())),
    }
}

/// Words after `# runtime`.
pub fn runtime_about(because: &Because, asked: bool) -> String {
    if asked {
        format!("runs the program; {}", because.worded())
    } else {
        "runs the program, and holds nothing of the build".into()
    }
}

fn installs_anything(facts: &Facts) -> bool {
    facts.packages(Reach::Runtime).iter().any(|p| p.has_production())
        || facts.managed.manager.always_folder && !facts.package.dependencies.is_empty()
}

pub fn manager_decision(installer: &Installer) -> Decision {
    let managed = &installer.facts.managed;
    let value = match installer.version() {
        Some(version) => format!("{} {version}", managed.manager.name),
        None => format!("{} of the image", managed.manager.name),
    };
    let mut over = managed.over.clone();
    if let Some(named) = managed
        .version
        .as_deref()
        .filter(|v| Some(*v) != installer.version())
    {
        over.push(Rejected::impossible(
            format!("{} {named}", managed.manager.name),
            format!("does not run on Node.js {}", installer.node_major),
        ));
    }
    Decision {
        topic: "install",
        value,
        because: managed.because.clone(),
        over,
    }
}

/// Cache mode in one word, for what must not be mounted.
pub fn mounts(settings: &crate::settings::Settings) -> bool {
    settings.cache() == Cache::Mount
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::settings::Settings;
    use crate::tree::Tree;

    /// The Dockerfile of the service in `dir`.
    #[track_caller]
    fn dockerfile(files: &[(String, String)], dir: &str) -> (String, Vec<String>) {
        let tree = Tree::from_pairs(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
        let claims = super::super::discover::discover(&tree).into_iter();
        let claim = claims.filter_map(Result::ok).find(|c| c.dir == dir).unwrap();
        let settings = Settings::default();
        let none = |_: &str| None;
        let project = Project {
            tree: &tree,
            catalog: catalog::catalog(),
            claim: &claim,
            settings: &settings,
            context: &claim.context,
            assets: &none,
        };
        let plan = plan(&project).unwrap();
        (plan.dockerfile.text(), plan.reads)
    }

    fn workspace(members: usize) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = (0..members)
            .map(|i| {
                (
                    format!("libs/l{i:03}/package.json"),
                    format!(r#"{{"name": "@x/l{i:03}"}}"#),
                )
            })
            .collect();
        files.push((
            "package.json".into(),
            r#"{"name": "root", "workspaces": ["apps/*", "libs/*"]}"#.into(),
        ));
        files.push((
            "apps/api/package.json".into(),
            r#"{"name": "api", "scripts": {"start": "node index.js"}, "dependencies": {"@x/l001": "*", "express": "5"}}"#.into(),
        ));
        files.push(("apps/api/index.js".into(), String::new()));
        files
    }

    #[test]
    fn every_manifest_of_a_workspace_reaches_the_install() {
        let (text, reads) = dockerfile(&workspace(20), "apps/api");
        for i in 0..20 {
            assert!(
                text.contains(&format!("COPY libs/l{i:03}/package.json ./libs/l{i:03}/")),
                "{text}"
            );
            assert!(reads.contains(&format!("libs/l{i:03}/package.json")));
        }
    }

    #[test]
    fn two_hundred_members_stay_under_the_limit_of_layers() {
        let (text, reads) = dockerfile(&workspace(200), "apps/api");
        assert!(text.contains("FROM base AS manifests"), "{text}");
        assert!(text.contains("COPY --from=manifests /manifests ./"), "{text}");
        assert!(
            text.lines()
                .filter(|l| l.starts_with("COPY") || l.starts_with("RUN"))
                .count()
                < 30
        );
        assert!(reads.contains(&"libs/l199/package.json".to_string()));
    }

    #[test]
    fn npm_6_of_an_old_node_is_spoken_to_in_its_own_words() {
        let files = [
            (
                "package.json",
                r#"{"name": "a", "engines": {"node": "14"}, "dependencies": {"ms": "2"}, "scripts": {"start": "node s.js", "postinstall": "husky install"}}"#,
            ),
            ("s.js", ""),
        ];
        let (text, _) = dockerfile(&files.map(|(p, t)| (p.to_string(), t.to_string())), "");
        assert!(!text.contains("--omit") && !text.contains("npm pkg"), "{text}");
        assert!(text.contains("delete it.scripts[n]"), "{text}");
        assert!(text.contains("./package.json postinstall"), "{text}");
        assert!(text.contains("npm install --production"), "{text}");
    }

    #[test]
    fn only_the_closure_of_the_application_is_shipped() {
        let (text, _) = dockerfile(&workspace(5), "apps/api");
        let runtime = text.split("AS runtime").nth(1).unwrap();
        assert!(
            runtime.contains("libs/l001 ./libs/l001") && !runtime.contains("l002"),
            "{runtime}"
        );
    }
}
