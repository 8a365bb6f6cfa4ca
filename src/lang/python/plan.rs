//! Choices for one Python program.

use super::bases::{base_family, builder, runtime};
use super::facts::{self, Facts};
use super::files;
use super::install::{self, Places, Stage};
use super::knowledge::WRITES_HOME;
use super::manager::Manager;
use super::optional::Wanted;
use super::own::{
    collect, copied, installed_folders, installs_locals, installs_own, own_install, source_folders,
};
use super::start::{self, Start};
use super::told::{decisions, package_decisions, warn};
use super::tools::Tool;
use super::view::{App, Bare, Build, Package, Static, World};
use super::volumes::writable;
use super::written::{self, Source, Written};
use super::{front, manager, optional, packages, pick, programs, runs, stages};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Plan, RuntimeStage, View};
use crate::settings::Runtime;
use crate::source::Sourced;
use crate::tree::Tree;

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    make(project).map_err(|e| vec![e])
}

/// What the project's own install needs besides its files.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    Bare,
    App,
    Package,
    Static,
}

fn make(project: &Project) -> Result<Plan, Diagnostic> {
    let Project {
        tree,
        catalog,
        claim,
        settings,
        ..
    } = project;
    let mut facts = facts::read(tree, &claim.dir)?;
    let mut start = start::choose(tree, &facts, settings);
    let mut wanted: Vec<Wanted> = Vec::new();
    // What is imported can be told once there is a server to start it.
    for _ in 0..2 {
        let more = optional::wanted(tree, &facts, start.as_ref().ok());
        if more.is_empty() {
            break;
        }
        wanted.extend(more);
        facts.manager = manager::detect_with(tree, &claim.dir, &wanted)?;
        start = start::choose(tree, &facts, settings);
    }
    let facts = facts;
    let mut warnings = facts.warnings.clone();
    let picked = pick::pick(&facts, catalog, settings)?;
    warnings.extend(picked.warnings.iter().cloned());
    let start = start?;
    warnings.extend(start.warnings.iter().cloned());
    runs::check(tree, &facts, &start)?;

    let shape = shape(&facts, &start);
    let own = facts.manager.as_ref().is_some_and(|m| installs_own(&facts, m));
    let programs = programs::started(tree, &facts, &start);
    let packages = packages::needed(&facts, picked.minor, false).with(&programs, false);
    let runtime = runtime(project, &facts, &picked, &packages, &start, shape == Shape::Bare)?;
    let (kind, base) = runtime.value;
    let musl = kind == Runtime::Alpine;
    let packages = if musl {
        packages::needed(&facts, picked.minor, true).with(&programs, true)
    } else {
        packages
    };
    let mut packages = packages;
    if shape == Shape::Package && own && !musl && packages::compiles_itself(tree, &facts) {
        packages.build.extend(["g++", "libc6-dev"].map(String::from));
        packages.why.push("the project compiles a part of itself".into());
    }
    if shape == Shape::Package && own && !musl && packages::compiles_rust(&facts) {
        packages
            .build
            .extend(["cargo", "gcc", "libc6-dev"].map(String::from));
        packages.why.push("the project compiles Rust".into());
    }
    let builder = builder(project, &picked, kind)?;

    let root = facts
        .manager
        .as_ref()
        .map_or(claim.dir.as_str(), |m| m.root.as_str());
    let places = Places::new(&claim.context, root);
    let mut build_packages: Vec<String> = packages.build.iter().cloned().collect();
    // collectstatic imports the applications, and they load their libraries.
    let loads = shape == Shape::Static;
    build_packages.extend(packages.loaded.iter().filter(|_| loads).cloned());
    build_packages.extend(settings.build_packages.iter().cloned());
    let args = settings
        .args
        .iter()
        .map(|(name, value)| Ok(Safe::join(&[escape::name(name)?, escape::quoted(value)?], "=")))
        .collect::<Result<Vec<_>, Diagnostic>>()?;
    let installed = match &facts.manager {
        Some(manager) if shape != Shape::Bare => Some(install::stage(Stage {
            facts: &facts,
            manager,
            places: &places,
            catalog,
            from: builder.clone(),
            setup: crate::plan::os_setup(base_family(musl), &build_packages, None)?,
            args,
            distroless: kind == Runtime::Distroless,
            minor: picked.minor,
            why: format!(
                "Python {}: {}",
                picked.line.value.version,
                picked.line.because.worded()
            ),
        })?),
        _ => None,
    };

    let mut run_packages: Vec<String> = packages.run.iter().cloned().collect();
    run_packages.extend(settings.runtime_packages.iter().cloned());
    let about = about(&start, &runtime.because);
    let mut stage = RuntimeStage::new(base, &about, &run_packages, &settings.env, &settings.labels)?;
    stage.expose = start.port.as_ref().map(|p| p.value);
    for (name, value) in &start.env {
        stage.env(name, value)?;
    }
    let source_is_there =
        shape != Shape::Package || !facts.manager.as_ref().is_some_and(|m| installs_own(&facts, m));
    if let Some(folder) = start.import_root.as_ref().filter(|_| source_is_there) {
        stage.env("PYTHONPATH", &places.image(folder))?;
    }
    // uWSGI's own file may ask an activated environment where it lies.
    let asks = |word: &String| {
        let path = paths::join(&start.workdir, word)?;
        Some(tree.text(&path)?.text.contains("VIRTUAL_ENV"))
    };
    if start.words.iter().filter_map(asks).any(|a| a) {
        stage.env("VIRTUAL_ENV", &places.venv)?;
    }
    let home = home(tree, &facts, &start, kind);
    if let Some(home) = &home {
        stage.env("HOME", home.value)?;
    }

    let installed_whole = shape == Shape::Package && own;
    let source = if installed_whole {
        Source::Installed
    } else {
        Source::Copied
    };
    let mut volumes = written::written(tree, &facts, &start, source);
    // What a command writes below the folder that it is started in is not its own.
    let keeps = start.port.is_some() && places.image(&start.workdir) == "/app";
    volumes.retain(|v| !installed_whole || keeps || matches!(v.value, Written::State(_)));
    let kept = home.as_ref().filter(|h| h.value == KEPT_HOME);
    if let Some(at) = kept.and_then(|h| h.because.at.clone()) {
        volumes.push(Sourced::new(Written::State(KEPT_HOME.into()), at));
    }
    let owned = writable(tree, &volumes, &places, kind, &mut stage, &mut warnings)?;
    let mut reads = installed.as_ref().map_or(Vec::new(), |i| i.reads.clone());
    let mut copies = Vec::new();
    let mut files_decisions = Vec::new();
    if installed.is_some() {
        copies.push(Safe::literal(format!("--link --from=deps {0} {0}", places.venv)));
    }
    let source = copied(
        project,
        &source_folders(project, &facts),
        &start,
        &places,
        &mut reads,
    )?;
    let front::Found {
        assets: fronts,
        committed,
    } = front::find(project, &facts);
    let mut source = source;
    for assets in &fronts {
        source.push(front::copy(assets, &places)?);
        reads.extend(assets.reads.iter().cloned());
        warnings.extend(assets.warnings.iter().cloned());
    }
    let mut build = None;
    match shape {
        Shape::Package => {
            let installed = installed.as_ref().expect("a package has a manager");
            let manager = facts.manager.as_ref().expect("a package has a manager");
            copies.push(Safe::literal(format!(
                "--link --from=build /out{0} {0}",
                places.venv
            )));
            let opened = if installs_own(&facts, manager) {
                let mut files = files::beside_packages(tree, &facts, &start);
                files.extend(files::opened(tree, &facts, settings));
                files
            } else {
                Vec::new()
            };
            for opened in opened {
                let from = escape::path(places.source(&opened.value))?;
                let to = escape::path(&places.image(&opened.value))?;
                copies.push(Safe::join(&[from, to], " "));
                reads.push(opened.value.clone());
                files_decisions.push(Decision {
                    topic: "files",
                    value: opened.value.clone(),
                    because: match opened.at.file() == opened.value {
                        true => Because::at(&opened.at, "lies beside the packages that are installed"),
                        false => {
                            Because::at(&opened.at, "names it, and the installed package does not hold it")
                        }
                    },
                    over: Vec::new(),
                });
            }
            if !installs_own(&facts, manager) {
                copies.extend(source);
            }
            let folders = installed_folders(&facts, manager);
            let mut needed = copied(project, &folders, &start, &places, &mut reads)?;
            if installs_own(&facts, manager) {
                for assets in &fronts {
                    needed.push(front::copy(assets, &places)?);
                }
            }
            build = Some(own_install(manager, installed, &places, &folders, needed)?);
        }
        Shape::Static => {
            let django = facts.django.as_ref().expect("static files are Django's");
            let in_static = |p: &str| p.split('/').any(|part| part == "static");
            let bare = django.bare && fronts.is_empty() && !tree.under(&django.dir).any(in_static);
            let (target, step) = collect(django, &places, bare)?;
            copies.extend(source.clone());
            copies.push(Safe::literal(format!("--link --from=build {target} {target}")));
            build = Some(Build {
                about: Safe::literal("collects the static files"),
                copies: source,
                workdir: (start.workdir != root)
                    .then(|| escape::path(&places.image(&start.workdir)))
                    .transpose()?,
                args: Vec::new(),
                mounts: Vec::new(),
                command: step,
            });
        }
        Shape::App | Shape::Bare => copies.extend(source),
    }
    warn(&facts, &mut warnings);

    let workdir = match shape {
        Shape::Package if own => "/app".to_string(),
        _ => places.image(&start.workdir),
    };
    let world = World {
        front_ends: fronts.iter().map(|f| f.stages.clone()).collect(),
        deps: installed.as_ref().map_or(String::new(), |i| i.text.clone()),
        workdir: escape::path(&workdir)?,
        paths: variables(&places, shape),
        copies,
        owned,
        entrypoint: None,
        cmd: None,
        runtime: stage,
    };
    let world = with_start(world, &start, kind, shape)?;

    let mut folders = source_folders(project, &facts);
    folders.extend(facts.manager.iter().flat_map(|m| installed_folders(&facts, m)));
    folders.sort();
    folders.dedup();
    let stages = stages::stages(&stages::Shape {
        project,
        facts: &facts,
        start: &start,
        places: &places,
        builder: &builder,
        installed: installed.as_ref(),
        source: &copied(project, &folders, &start, &places, &mut Vec::new())?,
        folders: &folders,
        own: build.as_ref().filter(|_| shape == Shape::Package),
        world: &world,
        minor: picked.minor,
    })?;
    let mut decisions = decisions(&facts, &picked, &runtime, base, &builder, &start, shape);
    decisions.extend(wanted.iter().map(Wanted::decision));
    decisions.extend(package_decisions(&packages));
    decisions.extend(files_decisions);
    decisions.extend(fronts.iter().flat_map(|f| f.decisions.iter().cloned()));
    if let Some(home) = home {
        decisions.push(Decision {
            topic: "home",
            value: home.value.into(),
            because: home.because,
            over: Vec::new(),
        });
    }
    decisions.extend(volumes.iter().map(|v| {
        let (Written::Folder(path) | Written::File(path) | Written::State(path)) = &v.value;
        Decision {
            topic: "volume",
            value: path.clone(),
            because: match written::by_framework(start.framework, path) {
                true => Because::rule(format!(
                    "{} writes there, and the root file system may be read-only",
                    start.framework
                )),
                false => Because::at(&v.at, "writes there, and the root file system may be read-only"),
            },
            over: Vec::new(),
        }
    }));
    let title = match start.framework {
        "" => format!("Python {}", picked.line.value.version),
        framework => format!("Python {}, {framework}", picked.line.value.version),
    };
    let dockerfile: Box<dyn View> = match (shape, build) {
        (Shape::Package, Some(build)) => Box::new(Package { world, build }),
        (Shape::Static, Some(build)) => Box::new(Static { world, build }),
        (Shape::Bare, _) => Box::new(Bare { world }),
        _ => Box::new(App { world }),
    };
    Ok(Plan {
        name: String::new(),
        title,
        entry: start.entry.clone(),
        dir: claim.dir.clone(),
        context: claim.context.clone(),
        port: start.port.as_ref().map(|p| p.value),
        decisions,
        warnings,
        secrets: installed.map_or(Vec::new(), |i| i.secrets),
        dockerfile,
        ignore: files::ignored(tree, &claim.context),
        reads,
        front_ends: fronts.iter().map(|f| f.dir.clone()).chain(committed).collect(),
        stages,
    })
}

fn shape(facts: &Facts, start: &Start) -> Shape {
    let Some(manager) = &facts.manager else {
        return Shape::Bare;
    };
    if start.framework == "Django" && facts.django.as_ref().is_some_and(|d| d.static_root.is_some()) {
        return Shape::Static;
    }
    if needs_install(facts, start, manager) {
        return Shape::Package;
    }
    let nothing = manager.dists.is_empty() && manager.locals.is_empty() && manager.groups.is_empty();
    let asks = manager.requirements.is_empty() || manager.tool != Tool::Pip;
    if nothing && asks && !manager.installs_self && manager.tool != Tool::Pipenv && manager.indexes.is_empty()
    {
        return Shape::Bare;
    }
    Shape::App
}

/// A console script of its own, a module path that only an install gives, metadata that the program
/// asks for, or a workspace member that is imported.
fn needs_install(facts: &Facts, start: &Start, manager: &Manager) -> bool {
    if !manager.locals.is_empty() && installs_locals(manager) {
        return true;
    }
    let buildable = facts.is_package || manager.installs_self;
    buildable
        && start.framework != "Django"
        && (start.own_script
            || start.import_root.is_some()
            || manager.installs_self
            || files::asks_for_metadata(facts))
}

fn about(start: &Start, because: &Because) -> String {
    let what = if start.port.is_some() { "serves" } else { "runs" };
    format!("{what} {}: {}", start.entry, because.worded())
}

fn variables(places: &Places, shape: Shape) -> Safe {
    let path = Safe::literal(format!("PATH=\"{}/bin:$PATH\"", places.venv));
    let own = ["PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"].map(Safe::literal);
    let all: Vec<Safe> = (shape != Shape::Bare)
        .then_some(path)
        .into_iter()
        .chain(own)
        .collect();
    Safe::join(&all, " \\\n    ")
}

/// distroless has an ENTRYPOINT of its own, so there the whole command is one.
fn with_start(mut world: World, start: &Start, kind: Runtime, shape: Shape) -> Result<World, Diagnostic> {
    let mut words = start.words.clone();
    if kind == Runtime::Distroless && shape == Shape::Bare && words[0] == "python" {
        words[0] = "/usr/bin/python".into();
    }
    if kind == Runtime::Distroless || start.command_line {
        world.entrypoint = Some(escape::exec(&words)?);
    } else {
        world.cmd = Some(escape::exec(&words)?);
    }
    Ok(world)
}

/// The home of a program that keeps something there.
const KEPT_HOME: &str = "/data";

/// Where HOME points to, as far as the program or a dependency writes there.
fn home(tree: &Tree, facts: &Facts, start: &Start, kind: Runtime) -> Option<Chosen<&'static str>> {
    let dists = facts.manager.iter().flat_map(|m| &m.dists);
    let writer = dists
        .map(|d| &d.name)
        .find(|name| WRITES_HOME.contains(&name.as_str()));
    if let Some(name) = writer {
        let words = format!("{name} writes below HOME, and the root file system may be read-only");
        return Some(Chosen::new("/tmp", Because::rule(words)));
    }
    let at = written::asks_for_home(tree, facts, start)?;
    // A command forgets; a service keeps its state.
    let value = match start.command_line || kind == Runtime::Distroless {
        true => "/tmp",
        false => KEPT_HOME,
    };
    Some(Chosen::new(
        value,
        Because::at(&at, "asks for the home folder of its user"),
    ))
}
