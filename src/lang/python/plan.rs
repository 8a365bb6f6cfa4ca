//! Choices for one Python program.

use super::facts::{self, Facts};
use super::install::{self, Installed, Places, Stage};
use super::manager::{Manager, Tool};
use super::natives::WRITES_HOME;
use super::packages::{self, Packages};
use super::pick::{self, Picked};
use super::start::{self, Start};
use super::view::{App, Bare, Build, Package, Static, World};
use super::{files, files::Written, front, rules, stages};
use crate::catalog::{Base, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Plan, RuntimeStage, View};
use crate::settings::Runtime;
use crate::source::Sourced;
use crate::tree::Tree;

const SUITE: &str = "trixie";
const ALPINE: &str = "alpine3.24";
const DISTROLESS: &str = "gcr.io/distroless/python3-debian13";
/// The only line that distroless has.
const DISTROLESS_MINOR: u64 = 13;

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    make(project).map_err(|e| vec![e])
}

/// What the project's own install needs besides its files.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
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
    let facts = facts::read(tree, &claim.dir)?;
    let mut warnings = facts.warnings.clone();
    let picked = pick::pick(&facts, catalog, settings)?;
    warnings.extend(picked.warnings.iter().cloned());
    let start = start::choose(tree, &facts, settings)?;
    warnings.extend(start.warnings.iter().cloned());

    let shape = shape(&facts, &start);
    let own = facts.manager.as_ref().is_some_and(|m| installs_own(&facts, m));
    let packages = packages::needed(&facts, picked.minor, false);
    let runtime = runtime(project, &facts, &picked, &packages, &start, shape == Shape::Bare)?;
    let (kind, base) = runtime.value;
    let musl = kind == Runtime::Alpine;
    let packages = if musl {
        packages::needed(&facts, picked.minor, true)
    } else {
        packages
    };
    let builder = builder(project, &picked, kind)?;

    let root = facts
        .manager
        .as_ref()
        .map_or(claim.dir.as_str(), |m| m.root.as_str());
    let places = Places::new(&claim.context, root);
    let mut build_packages: Vec<String> = packages.build.iter().cloned().collect();
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
    let writes_home = home_writer(&facts);
    if writes_home.is_some() {
        stage.env("HOME", "/tmp")?;
    }

    let volumes = if shape == Shape::Package && own {
        Vec::new()
    } else {
        files::written(&facts, &start.workdir)
    };
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
    let fronts = front::find(project, &facts);
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
                files::opened(tree, &facts, settings)
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
                    value: opened.value,
                    because: Because::at(&opened.at, "names it, and the installed package does not hold it"),
                    over: Vec::new(),
                });
            }
            if !installs_own(&facts, manager) {
                copies.extend(source);
            }
            let folders = installed_folders(&facts, manager);
            let needed = copied(project, &folders, &start, &places, &mut reads)?;
            build = Some(own_install(manager, installed, &places, &folders, needed)?);
        }
        Shape::Static => {
            let django = facts.django.as_ref().expect("static files are Django's");
            let (target, step) = collect(django, &places)?;
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
    copies.extend(owned);
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
    decisions.extend(package_decisions(&packages));
    decisions.extend(files_decisions);
    decisions.extend(fronts.iter().flat_map(|f| f.decisions.iter().cloned()));
    if let Some(name) = writes_home {
        decisions.push(Decision {
            topic: "home",
            value: "/tmp".into(),
            because: Because::rule(format!(
                "{name} writes below HOME, and the root file system may be read-only"
            )),
            over: Vec::new(),
        });
    }
    decisions.extend(volumes.iter().map(|v| {
        let (Written::Folder(path) | Written::File(path)) = &v.value;
        Decision {
            topic: "volume",
            value: path.clone(),
            because: Because::at(&v.at, "writes there, and the root file system may be read-only"),
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
        front_ends: fronts.iter().map(|f| f.dir.clone()).collect(),
        stages,
    })
}

fn base_family(musl: bool) -> crate::catalog::Family {
    if musl {
        crate::catalog::Family::Alpine
    } else {
        crate::catalog::Family::Debian
    }
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

fn runtime(
    project: &Project,
    facts: &Facts,
    picked: &Picked,
    packages: &Packages,
    start: &Start,
    bare: bool,
) -> Result<Chosen<(Runtime, Base)>, Diagnostic> {
    let catalog = project.catalog;
    let version = picked.line.value.version.as_str();
    let missing = |what: &str| {
        Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            format!("the catalogue has no {what} image of Python {version}"),
        )
        .help("choose another version with `--language-version`")
    };
    let slim = catalog
        .base(pick::IMAGE, version, Variant::Slim, SUITE)
        .or_else(|| catalog.base(pick::IMAGE, version, Variant::Slim, "bookworm"))
        .ok_or_else(|| missing("slim"))?;
    let mut candidates = vec![Candidate::possible(
        Runtime::Slim,
        slim,
        match packages.run.is_empty() {
            _ if bare => "the interpreter, and nothing to install".to_string(),
            true => "the interpreter that the virtual environment was made with".to_string(),
            false => format!(
                "the interpreter that the virtual environment was made with, and {} from apt",
                packages.run.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        },
    )];
    let shell = matches!(start.words.first().map(String::as_str), Some("sh" | "bash"));
    candidates.push(match catalog.base(DISTROLESS, "", Variant::Nonroot, "debian13") {
        _ if picked.minor != DISTROLESS_MINOR => Candidate::impossible(
            Runtime::Distroless,
            format!("it has Python 3.{DISTROLESS_MINOR} alone, and this is {version}"),
        ),
        _ if !packages.run.is_empty() => Candidate::impossible(
            Runtime::Distroless,
            format!(
                "it has no apt for {}",
                packages.run.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        ),
        _ if shell => Candidate::impossible(
            Runtime::Distroless,
            "it has no shell, and the start command needs one",
        ),
        Some(base) => Candidate::possible(
            Runtime::Distroless,
            base,
            "no shell and no package manager; its interpreter is Debian's, some patches behind",
        ),
        None => Candidate::impossible(Runtime::Distroless, "the catalogue has none"),
    });
    let lacking = packages::not_for_musl(facts, picked.minor);
    candidates.push(
        match catalog.base(pick::IMAGE, version, Variant::Alpine, ALPINE) {
            Some(base) if lacking.is_empty() => Candidate::possible(
                Runtime::Alpine,
                base,
                "smaller; every locked distribution is pure or has a wheel for musl",
            ),
            Some(_) => Candidate::impossible(Runtime::Alpine, lacking_words(&lacking)),
            None => Candidate::impossible(Runtime::Alpine, "the catalogue has none"),
        },
    );
    candidates.push(Candidate::impossible(
        Runtime::Scratch,
        "a Python program needs the interpreter and a libc",
    ));
    let asked = project.settings.runtime.as_ref();
    if asked.is_some_and(|a| a.value == Runtime::Alpine) && !lacking.is_empty() {
        let error = Diagnostic::error(
            &rules::NO_MUSL,
            format!(
                "alpine cannot be proven for this project: {}",
                lacking_words(&lacking)
            ),
        )
        .help("leave the runtime to rdock, or lock versions that have musllinux wheels");
        return Err(match asked.and_then(|a| a.because.at.clone()) {
            Some(at) => error.at(at, "asked for here"),
            None => error,
        });
    }
    choose::runtime(candidates, asked)
}

/// Volumes for what the program writes; the result are folders of the repository among them, as
/// arguments of COPY.
fn writable(
    tree: &Tree,
    written: &[Sourced<Written>],
    places: &Places,
    kind: Runtime,
    stage: &mut RuntimeStage,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<Safe>, Diagnostic> {
    let owner = stage.user.to_string();
    let (uid, gid) = owner.split_once(':').unwrap_or((&owner, &owner));
    let make = |folder: &str| Safe::literal(format!("install -d -o {uid} -g {gid} {folder}"));
    let (mut steps, mut copies) = (Vec::new(), Vec::new());
    for what in written {
        let (path, volume) = match &what.value {
            Written::Folder(path) => (path, places.image(path)),
            Written::File(path) => (path, "/data".to_string()),
        };
        let committed = matches!(what.value, Written::File(_)) && tree.has(path);
        if kind == Runtime::Distroless || committed {
            warnings.push(
                Diagnostic::warning(
                    &diagnostic::rules::WRITES_ROOT,
                    format!("the program writes to {path}"),
                )
                .at(what.at.clone(), "below its own folder")
                .help("name another place through the environment, and mount a volume there"),
            );
            continue;
        }
        let folder = escape::path(&volume)?;
        let listed = escape::exec(&[volume.as_str()])?;
        if !stage.volumes.contains(&listed) {
            stage.volumes.push(listed);
            if matches!(what.value, Written::Folder(_)) && tree.has_dir(path) {
                let from = escape::path(places.source(path))?;
                copies.push(Safe::literal(format!("--chown={owner} {from} {folder}")));
            } else {
                steps.push(make(folder.as_str()));
            }
        }
        if let Written::File(path) = &what.value {
            let (name, link) = (escape::path(paths::base(path))?, places.image(path));
            let parent = escape::path(paths::parent(&link))?;
            steps.push(Safe::literal(format!("install -d {parent}")));
            let link = escape::path(&link)?;
            steps.push(Safe::literal(format!("ln -s {folder}/{name} {link}")));
        }
    }
    if let Some(setup) = stage.setup.as_mut().filter(|_| !steps.is_empty()) {
        for step in steps {
            setup.push_str(" \\\n    && ");
            setup.push_str(step.as_str());
        }
    }
    Ok(copies)
}

fn lacking_words(lacking: &[String]) -> String {
    let more = lacking.len().saturating_sub(6);
    let shown = lacking.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

fn builder(project: &Project, picked: &Picked, kind: Runtime) -> Result<Safe, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return escape::path(&given.value);
    }
    let version = picked.line.value.version.as_str();
    let base = match kind {
        Runtime::Alpine => project
            .catalog
            .base(pick::IMAGE, version, Variant::Alpine, ALPINE),
        _ => project
            .catalog
            .base(pick::IMAGE, version, Variant::Slim, SUITE)
            .or_else(|| {
                project
                    .catalog
                    .base(pick::IMAGE, version, Variant::Slim, "bookworm")
            }),
    };
    Ok(Safe::literal(base.expect("the runtime has it too").from()))
}

fn about(start: &Start, because: &Because) -> String {
    let what = if start.port.is_some() { "serves" } else { "runs" };
    format!("{what} {}: {}", start.entry, because.worded())
}

/// The service, and the local projects that are used where they lie.
fn source_folders(project: &Project, facts: &Facts) -> Vec<String> {
    let mut folders = vec![project.claim.dir.clone()];
    let in_place = facts.manager.iter().filter(|m| !installs_locals(m));
    folders.extend(in_place.flat_map(|m| m.locals.iter().cloned()));
    folders
}

/// pip, PDM and Pipenv install local projects with the rest; for the others a stage of its own does.
fn installs_locals(manager: &Manager) -> bool {
    matches!(manager.tool, Tool::Uv | Tool::Poetry | Tool::Project)
}

/// The projects that the build stage installs.
fn installed_folders(facts: &Facts, manager: &Manager) -> Vec<String> {
    let own = installs_own(facts, manager).then(|| facts.dir.clone());
    let locals = manager
        .locals
        .iter()
        .filter(|l| installs_locals(manager) && **l != facts.dir);
    own.into_iter().chain(locals.cloned()).collect()
}

/// Folders as arguments of COPY; the whole context where one of them is it.
fn copied(
    project: &Project,
    folders: &[String],
    start: &Start,
    places: &Places,
    reads: &mut Vec<String>,
) -> Result<Vec<Safe>, Diagnostic> {
    let claim = project.claim;
    if folders.contains(&claim.context) {
        let here = places.image(&start.workdir) == "/app";
        return Ok(vec![Safe::literal(if here { ". ." } else { ". /app/" })]);
    }
    let mut folders = folders.to_vec();
    folders.sort();
    folders.dedup();
    let nested: Vec<String> = folders.clone();
    folders.retain(|f| !nested.iter().any(|n| n != f && paths::is_under(f, n)));
    let mut out = Vec::new();
    for folder in folders {
        let from = escape::path(places.source(&folder))?;
        let to = escape::path(&format!("{}/", places.image(&folder)))?;
        out.push(Safe::join(&[from, to], " "));
        reads.push(folder);
    }
    Ok(out)
}

/// Is the project itself one of those installed, or is its source copied?
fn installs_own(facts: &Facts, manager: &Manager) -> bool {
    facts.is_package || manager.installs_self
}

/// The project, and what it takes from the repository, beside the installed dependencies.
fn own_install(
    manager: &Manager,
    installed: &Installed,
    places: &Places,
    folders: &[String],
    source: Vec<Safe>,
) -> Result<Build, Diagnostic> {
    let mut words = Vec::new();
    for folder in folders {
        let path = match paths::is_under(folder, &manager.root) {
            true => paths::relative(folder, &manager.root).to_string(),
            false => places.image(folder),
        };
        let path = if path == "." || path.starts_with('/') {
            path
        } else {
            format!("./{path}")
        };
        words.push(escape::shell(&path)?);
    }
    let list = Safe::join(&words, " ");
    let venv = &places.venv;
    // Only what a lock or a list already brought may be left out.
    let asks_itself = manager.installs_self && manager.manifest.is_empty();
    let alone = if asks_itself || !installed.text.contains("install") {
        ""
    } else {
        " --no-deps"
    };
    let (cache, command) = if installed.with_uv {
        (
            "type=cache,target=/root/.cache/uv",
            format!("uv pip install --python {venv}/bin/python --prefix /out{venv}{alone} {list}"),
        )
    } else {
        (
            "type=cache,target=/root/.cache/pip",
            format!("pip --python {venv}/bin/python install --prefix /out{venv}{alone} {list}"),
        )
    };
    let mut args = Vec::new();
    let mut command = command;
    if files::version_from_git(manager) {
        args.push(Safe::literal("VERSION=\"0.0.0\""));
        command = format!(
            "SETUPTOOLS_SCM_PRETEND_VERSION=\"$VERSION\" PDM_BUILD_SCM_VERSION=\"$VERSION\" POETRY_DYNAMIC_VERSIONING_BYPASS=\"$VERSION\" \\\n    {command}"
        );
    }
    Ok(Build {
        about: Safe::literal(match alone {
            "" => "installs the project and what its own build asks for",
            _ => "installs the project itself, apart from its dependencies",
        }),
        copies: source,
        workdir: None,
        args,
        mounts: vec![Safe::literal(cache)],
        command: Safe::literal(command),
    })
}

fn collect(django: &super::django::Django, places: &Places) -> Result<(Safe, Safe), Diagnostic> {
    let root = django
        .static_root
        .as_ref()
        .expect("asked only where there is one");
    let target = match root.value.starts_with('/') {
        true => root.value.clone(),
        false => places.image(&root.value),
    };
    let mut command = String::new();
    let mut set = |name: &str, value: &str| -> Result<(), Diagnostic> {
        let pair = Safe::join(&[escape::name(name)?, escape::shell(value)?], "=");
        command += &format!("{pair} ");
        Ok(())
    };
    for (name, value) in &django.dummies {
        set(name, value)?;
    }
    if let Some(settings) = &django.settings_of_server {
        set("DJANGO_SETTINGS_MODULE", settings)?;
    }
    let step = format!(
        "{command}{}/bin/python manage.py collectstatic --noinput",
        places.venv
    );
    Ok((escape::path(&target)?, Safe::literal(step)))
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

fn home_writer(facts: &Facts) -> Option<String> {
    let manager = facts.manager.as_ref()?;
    manager
        .dists
        .iter()
        .find(|d| WRITES_HOME.contains(&d.name.as_str()))
        .map(|d| d.name.clone())
}

fn decisions(
    facts: &Facts,
    picked: &Picked,
    runtime: &Chosen<(Runtime, Base)>,
    base: Base,
    builder: &Safe,
    start: &Start,
    shape: Shape,
) -> Vec<Decision> {
    let mut out = vec![
        picked.line.decision("builder", builder.to_string()),
        runtime.decision("runtime", base.from()),
        Decision {
            topic: "start",
            value: start.words.join(" "),
            because: start.because.clone(),
            over: start.over.clone(),
        },
    ];
    if let Some(port) = &start.port {
        out.push(port.decision("port", port.value.to_string()));
    }
    if let Some(manager) = &facts.manager
        && shape != Shape::Bare
    {
        out.push(Decision {
            topic: "install",
            value: manager.row().name.into(),
            because: Because::at(&manager.at, manager.because.clone()),
            over: Vec::new(),
        });
    }
    out
}

fn package_decisions(packages: &Packages) -> Option<Decision> {
    let all: Vec<String> = packages.build.iter().chain(&packages.run).cloned().collect();
    (!all.is_empty()).then(|| Decision {
        topic: "packages",
        value: all.join(", "),
        because: Because::rule(packages.why.join("; ")),
        over: Vec::new(),
    })
}

fn warn(facts: &Facts, warnings: &mut Vec<Diagnostic>) {
    let Some(manager) = &facts.manager else { return };
    if let Some(stale) = &manager.stale {
        warnings.push(
            Diagnostic::warning(
                &rules::STALE_LOCK,
                format!("{} does not hold {}", manager.at.file(), stale.value),
            )
            .at(stale.at.clone(), "not in the lock")
            .help(format!(
                "lock again with {} and commit the file",
                manager.row().name
            )),
        );
    }
    let locked = manager.lock.is_some();
    let loose = manager
        .dists
        .iter()
        .find(|d| !locked && d.version().is_none() && d.from == super::dists::From::Index);
    if let Some(dist) = loose {
        warnings.push(
            Diagnostic::warning(
                &diagnostic::rules::NOT_REPEATABLE,
                format!("{} may be another version at the next build", dist.name),
            )
            .at(dist.at.clone(), "no version is fixed")
            .help("commit a lockfile: `uv lock`, `pip-compile` or `pip freeze`"),
        );
    }
}
