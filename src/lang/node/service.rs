//! The stages of a program: what installs, what builds, and what the last one carries.

use crate::choose;
use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::beside;
use crate::lang::node::astro;
use crate::lang::node::building;
use crate::lang::node::cautions::warn;
use crate::lang::node::context;
use crate::lang::node::copies;
use crate::lang::node::front;
use crate::lang::node::ground::{self, Ground};
use crate::lang::node::install::Installer;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::own;
use crate::lang::node::packages::{browsers, init, runtime_packages};
use crate::lang::node::parts::{from, installs_anything, manager_decision, nothing, runtime_about, tidy};
use crate::lang::node::presets;
use crate::lang::node::program::{Build, Modules, Program, Run, Sources};
use crate::lang::node::runtime;
use crate::lang::node::scripts;
use crate::lang::node::stages::{self, Shape};
use crate::lang::node::svelte;
use crate::lang::node::tanstack;
use crate::lang::node::tool;
use crate::lang::node::view::{self, World};
use crate::lang::node::volumes;
use crate::plan::{Plan, RuntimeStage, View};
use crate::settings::Runtime;
use std::collections::BTreeMap;

pub fn service(mut ground: Ground, mut program: Program) -> Result<Plan, Diagnostic> {
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
        Some(building::stage(
            &mut installer,
            &program.build,
            &program.outputs,
            settings,
        )?)
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
    last.extend(volumes::add(
        facts,
        &program,
        kind,
        &mut stage,
        &mut ground.warnings,
    )?);
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
        false => Box::new(beside::Served {
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
