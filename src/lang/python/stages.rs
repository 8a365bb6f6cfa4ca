//! What Python's stages on request do: the project's own test runner with the dependencies declared for
//! it, and the server that reloads.

use super::facts::Facts;
use super::install::{Installed, Places};
use super::manager::Manager;
use super::natives::{COMPILER, Compiled, NATIVES};
use super::requirement_files;
use super::start::Start;
use super::tools::Tool;
use super::view::{Build, World};
use crate::catalog::Family;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::manifest::doc::Node;
use crate::paths;
use crate::plan::{Dev, Stages, Test, Work, os_setup};
use crate::settings::Stage;
use crate::source::{Location, Source, Sourced};
use crate::stages::{DEPS, missing};
use crate::tree::Tree;
use std::sync::Arc;

/// What the stages of the image are like.
pub struct Shape<'a> {
    pub project: &'a Project<'a>,
    pub facts: &'a Facts,
    pub start: &'a Start,
    pub places: &'a Places,
    pub builder: &'a Safe,
    pub installed: Option<&'a Installed>,
    /// Arguments of the COPY instructions for the whole source, and its folders.
    pub source: &'a [Safe],
    pub folders: &'a [String],
    /// The install of the project itself, where it is installed.
    pub own: Option<&'a Build>,
    pub world: &'a World,
    pub minor: u64,
}

/// Groups, extras and requirement files for tests; where there is none, those for development.
const TESTS: &[&str] = &["test", "tests", "testing", "ci"];
const DEVELOPMENT: &[&str] = &["dev", "develop", "development", "local"];

/// Where such a requirement file is: `{}` is one of the names.
const FILES: &[&str] = &[
    "requirements-{}.txt",
    "requirements_{}.txt",
    "requirements.{}.txt",
    "requirements/{}.txt",
    "{}-requirements.txt",
    "{}_requirements.txt",
];

/// The newest pytest for each line of Python that no longer gets the newest of all.
const PYTEST: &[(u64, &str)] = &[(8, "8.3.5"), (9, "8.4.2"), (u64::MAX, "9.2.0")];
const TOX: &str = "4.67.15";

/// # Errors
/// A requirement file that is there and broken, or a name that cannot be written.
pub fn stages(shape: &Shape) -> Result<Stages, Diagnostic> {
    let asked = shape.project.settings.stages();
    let (test_asked, dev_asked) = (asked.contains(&Stage::Test), asked.contains(&Stage::Dev));
    if !test_asked && !dev_asked {
        return Ok(Stages::default());
    }
    let declared = declared(shape)?;
    let found = runner(shape, &declared);
    let runner = found
        .as_ref()
        .ok()
        .filter(|_| test_asked)
        .map(|(runner, _)| runner);
    let deps = dependencies(shape, &declared, runner)?;
    let begin = || match (&deps, shape.installed) {
        (Some(_), _) => Work::on(DEPS),
        (None, Some(_)) => Work::on("deps"),
        (None, None) => {
            let mut work = Work::on(shape.builder.as_str());
            work.line("WORKDIR", &Safe::literal("/app"));
            work
        }
    };
    let test = test_asked.then(|| test(shape, &declared, found, begin()));
    let dev = dev_asked.then(|| dev(shape, &declared, begin()));
    Ok(Stages { deps, test, dev })
}

enum Runner {
    Pytest {
        declared: bool,
    },
    /// With the folder of manage.py.
    Django {
        dir: String,
    },
    /// With the folder where it begins.
    Unittest {
        tests: bool,
    },
    Tox,
}

/// What is declared for tests and development.
struct Declared {
    groups: Vec<String>,
    extras: Vec<String>,
    files: Vec<String>,
    /// All that those requirement files include.
    reads: Vec<String>,
    /// They install the project itself or its neighbours, and so need the source.
    needs_source: bool,
    /// What those files name, and where.
    dists: Vec<Sourced<String>>,
}

fn declared(shape: &Shape) -> Result<Declared, Diagnostic> {
    let (tree, facts) = (shape.project.tree, shape.facts);
    let keys = |path: &[&str]| -> Vec<String> {
        let table = facts.manager.as_ref().and_then(|m| m.project(path));
        table
            .map(|t| t.entries().iter().map(|e| e.key.clone()).collect())
            .unwrap_or_default()
    };
    let pick = |names: Vec<String>| -> Vec<String> {
        let of = |list: &[&str]| -> Vec<String> {
            let fits = |n: &&String| list.contains(&n.to_lowercase().as_str());
            names.iter().filter(fits).cloned().collect()
        };
        let mut all = of(TESTS);
        all.extend(of(DEVELOPMENT));
        all
    };
    let mut groups = keys(&["dependency-groups"]);
    groups.extend(keys(&["tool", "poetry", "group"]));
    groups.extend(keys(&["tool", "pdm", "dev-dependencies"]));
    groups.dedup();
    let mut extras = keys(&["project", "optional-dependencies"]);
    extras.extend(keys(&["tool", "poetry", "extras"]));
    let file = |names: &[&str]| -> Vec<String> {
        let all = names
            .iter()
            .flat_map(|n| FILES.iter().map(move |f| f.replace("{}", n)));
        let there = all
            .filter_map(|f| paths::join(&facts.dir, &f))
            .filter(|f| tree.has(f));
        there.collect()
    };
    let mut files = file(TESTS);
    if files.is_empty() {
        files = file(DEVELOPMENT);
    }
    files.truncate(1);
    let (mut reads, mut dists, mut needs_source) = (Vec::new(), Vec::new(), false);
    for file in &files {
        let listed = requirement_files::listed(tree, file, &facts.dir)?;
        needs_source |= listed.installs_self || !listed.locals.is_empty();
        reads.extend(listed.reads);
        dists.extend(listed.dists.into_iter().map(|d| Sourced::new(d.name, d.at)));
    }
    reads.sort();
    reads.dedup();
    Ok(Declared {
        groups: pick(groups),
        extras: pick(extras),
        files,
        reads,
        needs_source,
        dists,
    })
}

/// Everything that says how the project is tested: manifests and the runners' own configuration.
fn says<'t>(shape: &Shape<'t>) -> impl Iterator<Item = Arc<Source>> + use<'t> {
    const SAYS: &[&str] = &[
        "pyproject.toml",
        "pytest.ini",
        ".pytest.ini",
        "setup.cfg",
        "tox.ini",
        "setup.py",
        "Pipfile",
        "requirements.txt",
    ];
    let (tree, dir): (&'t Tree, &'t str) = (shape.project.tree, &shape.facts.dir);
    SAYS.iter().filter_map(move |f| tree.text(&paths::join(dir, f)?))
}

/// Files that unittest, Django and pytest take for tests.
fn is_test(path: &str) -> bool {
    let name = paths::base(path);
    name.ends_with(".py") && (name.starts_with("test") || name.ends_with("_test.py"))
}

fn runner(shape: &Shape, declared: &Declared) -> Result<(Runner, Because), Diagnostic> {
    let (tree, facts) = (shape.project.tree, shape.facts);
    let tests: Vec<_> = tree
        .under(&facts.dir)
        .filter(|p| is_test(p))
        .filter_map(|p| tree.text(p))
        .collect();
    // What a framework's template leaves behind tests nothing.
    let tests: Vec<_> = tests
        .into_iter()
        .filter(|s| s.text.contains("def test"))
        .collect();
    let Some(first) = tests.first() else {
        return Err(missing(
            Stage::Test,
            format!("no file `test_*.py` with a test in {}", paths::shown(&facts.dir)),
        )
        .help("add a test, or take `test` out of `stages`"));
    };
    let whole = |s: &Arc<Source>, words: &str| Because::at(&Location::whole(s), words);
    let names = |word: &str| {
        let used = |l: &str| l.split('#').next().unwrap_or("").contains(word);
        says(shape).find(|s| s.text.lines().any(used))
    };
    let manage = manage_dir(shape).filter(|_| facts.django.is_some());
    let plugin = names("pytest-django")
        .or_else(|| names("pytest_django"))
        .is_some();
    if let Some(dir) = manage.filter(|_| !plugin) {
        let because = whole(first, "is found by Django's own test command");
        return Ok((Runner::Django { dir: dir.to_string() }, because));
    }
    if let Some(at) = pytest(shape, declared) {
        return Ok((
            Runner::Pytest { declared: true },
            Because::at(&at, "asks for pytest"),
        ));
    }
    let tox = tree.text(&paths::join(&facts.dir, "tox.ini").unwrap_or_default());
    if let Some(source) = tox.filter(|s| s.text.contains("[testenv")) {
        return Ok((Runner::Tox, whole(&source, "configures tox")));
    }
    let imports = |s: &&Arc<Source>| s.text.contains("import pytest") || s.text.contains("from pytest");
    let configured = tree
        .under(&facts.dir)
        .filter(|p| paths::base(p) == "conftest.py")
        .find_map(|p| tree.text(p));
    let configured = configured
        .or_else(|| names("[pytest]"))
        .or_else(|| names("[tool.pytest"));
    if let Some(source) = tests.iter().find(imports).cloned().or(configured) {
        return Ok((
            Runner::Pytest { declared: false },
            whole(&source, "is for pytest"),
        ));
    }
    if let Some(source) = tests.iter().find(|s| s.text.contains("unittest")) {
        let inside = |s: &Arc<Source>| paths::relative(&s.path, &facts.dir).starts_with("tests/");
        let package = tree.has(&paths::join(&facts.dir, "tests/__init__.py").unwrap_or_default());
        let tests = tests.iter().all(inside) && !package;
        return Ok((Runner::Unittest { tests }, whole(source, "uses unittest")));
    }
    let because = whole(first, "holds plain functions, which pytest runs");
    Ok((Runner::Pytest { declared: false }, because))
}

/// The folder of manage.py: the service's own, or the one that the program runs in.
fn manage_dir<'a>(shape: &Shape<'a>) -> Option<&'a str> {
    let dirs = [shape.facts.dir.as_str(), shape.start.workdir.as_str()];
    let has = |dir: &&str| paths::join(dir, "manage.py").is_some_and(|p| shape.project.tree.has(&p));
    dirs.into_iter().find(has)
}

/// Where what is installed asks for pytest, or for a plugin of it.
fn pytest(shape: &Shape, declared: &Declared) -> Option<Location> {
    let is = |name: &str| name == "pytest" || name.starts_with("pytest-") || name.starts_with("pytest_");
    let manager = shape.facts.manager.as_ref()?;
    if let Some(dist) = manager.dists.iter().find(|d| is(&d.name)) {
        return Some(dist.at.clone());
    }
    if let Some(dist) = declared.dists.iter().find(|d| is(&d.value)) {
        return Some(dist.at.clone());
    }
    let mut tables: Vec<Vec<&str>> = vec![
        vec!["tool", "uv", "dev-dependencies"],
        vec!["tool", "poetry", "dev-dependencies"],
        vec!["dev-packages"],
    ];
    let mut groups: Vec<&str> = declared.groups.iter().map(String::as_str).collect();
    let mut at = 0;
    while let Some(group) = groups.get(at).copied() {
        at += 1;
        tables.push(vec!["dependency-groups", group]);
        tables.push(vec!["tool", "poetry", "group", group, "dependencies"]);
        tables.push(vec!["tool", "pdm", "dev-dependencies", group]);
        let table = manager.project(&["dependency-groups", group]);
        let included = table.map(Node::items).unwrap_or_default();
        for name in included.iter().filter_map(|n| n.get("include-group")?.as_str()) {
            if !groups.contains(&name) {
                groups.push(name);
            }
        }
    }
    for extra in &declared.extras {
        tables.push(vec!["project", "optional-dependencies", extra]);
    }
    tables
        .iter()
        .filter_map(|keys| manager.project(keys))
        .find_map(|node| {
            let key = node
                .entries()
                .iter()
                .find(|e| is(&e.key))
                .map(|e| e.key_at.clone());
            let begins = |text: &str| {
                let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
                is(&text[..end.unwrap_or(text.len())].to_lowercase())
            };
            key.or_else(|| {
                node.strings()
                    .into_iter()
                    .find(|s| begins(&s.value))
                    .map(|s| s.at)
            })
        })
}

/// The stage with what tests and development need besides; `None` where there is nothing.
fn dependencies(
    shape: &Shape,
    declared: &Declared,
    runner: Option<&Runner>,
) -> Result<Option<Work>, Diagnostic> {
    let Some((installed, manager)) = shape.installed.zip(shape.facts.manager.as_ref()) else {
        return alone(shape, runner);
    };
    let python = format!("{}/bin/python", shape.places.venv);
    let mut mounts = installed.mounts.clone();
    let mut steps: Vec<Safe> = Vec::new();
    let more = more(manager, installed, declared, &mut steps)?;
    if !declared.files.is_empty() && !declared.needs_source && manager.tool == Tool::Pip {
        for read in declared.reads.iter().filter(|r| !manager.reads.contains(r)) {
            let source = escape::mount(shape.places.source(read))?;
            let target = escape::mount(paths::relative(read, &manager.root))?;
            mounts.push(Safe::literal(format!(
                "type=bind,source={source},target={target}"
            )));
        }
        for file in &declared.files {
            let file = escape::shell(paths::relative(file, &manager.root))?;
            steps.push(Safe::literal(format!("pip --python {python} install -r {file}")));
        }
    }
    let mut lonely = false;
    if let Some(spec) = runner.and_then(|r| undeclared(r, shape.minor)) {
        lonely = true;
        steps.push(Safe::literal(match installed.with_uv {
            true => format!("uv pip install --python {python} {spec}"),
            false => format!("pip --python {python} install {spec}"),
        }));
    }
    if !more && steps.is_empty() {
        return Ok(None);
    }
    let mut work = Work::on("deps");
    work.about = "installs what is declared for tests and development too".into();
    let packages = packages(manager, declared);
    let setup = os_setup(Family::Debian, &packages, None)?;
    let debian = !shape.builder.as_str().contains("alpine");
    work.lines.extend(setup.filter(|_| debian).map(Safe::literal));
    // A runner alone needs no manifests.
    let files = steps.len() > usize::from(lonely);
    let needed = |m: &&Safe| files || !m.as_str().starts_with("type=bind");
    let mounts: String = mounts
        .iter()
        .filter(needed)
        .map(|m| format!("--mount={m} \\\n    "))
        .collect();
    let steps = Safe::join(&steps, " \\\n    && ");
    work.line("RUN", &Safe::literal(format!("{mounts}{steps}")));
    Ok(Some(work))
}

/// What distributions of the requirement files are compiled with, where the program itself has none of them.
fn packages(manager: &Manager, declared: &Declared) -> Vec<String> {
    let names = declared.dists.iter().map(|d| &d.value);
    let more = names.filter(|name| !manager.has(name));
    let rows = more.filter_map(|name| NATIVES.iter().find(|n| n.name == name));
    let compiled = rows.filter(|row| row.compiled == Compiled::Always);
    compiled
        .flat_map(|row| COMPILER.iter().chain(row.build))
        .map(|package| package.to_string())
        .collect()
}

/// A runner that the project uses and does not declare.
fn undeclared(runner: &Runner, minor: u64) -> Option<String> {
    match runner {
        Runner::Pytest { declared: false } => {
            let (_, version) = PYTEST.iter().find(|(upto, _)| minor <= *upto)?;
            Some(format!("pytest=={version}"))
        }
        Runner::Tox => Some(format!("tox=={TOX}")),
        _ => None,
    }
}

/// Bare scripts have no environment; their runner goes into the image's own.
fn alone(shape: &Shape, runner: Option<&Runner>) -> Result<Option<Work>, Diagnostic> {
    let Some(spec) = runner.and_then(|r| undeclared(r, shape.minor)) else {
        return Ok(None);
    };
    let mut work = Work::on(shape.builder.as_str());
    work.about = "installs what the tests need".into();
    work.line("WORKDIR", &Safe::literal("/app"));
    let mount = "--mount=type=cache,target=/root/.cache/pip";
    work.line(
        "RUN",
        &Safe::literal(format!("{mount} \\\n    pip install {spec}")),
    );
    Ok(Some(work))
}

/// The tool's own command without what keeps development dependencies out. True where it was added.
fn more(
    manager: &Manager,
    installed: &Installed,
    declared: &Declared,
    steps: &mut Vec<Safe>,
) -> Result<bool, Diagnostic> {
    let Some(install) = installed.install.as_ref().map(Safe::as_str) else {
        return Ok(false);
    };
    let flags = |flag: &str, names: &[String]| -> Result<String, Diagnostic> {
        let words = names.iter().map(|n| Ok(format!(" {flag} {}", escape::shell(n)?)));
        words.collect()
    };
    let extras = |flag: &str| flags(flag, &declared.extras);
    let groups = |flag: &str| flags(flag, &declared.groups);
    let legacy = |keys: &[&str]| manager.project(keys).is_some();
    let any = !declared.groups.is_empty() || !declared.extras.is_empty();
    let step = match manager.tool {
        Tool::Uv if any || legacy(&["tool", "uv", "dev-dependencies"]) => {
            let all = install.replace(" --no-dev", "");
            format!("{all}{}{}", groups("--group")?, extras("--extra")?)
        }
        Tool::Project if any => {
            format!(
                "uv pip install -r pyproject.toml{}{}",
                extras("--extra")?,
                groups("--group")?
            )
        }
        Tool::Poetry if any || legacy(&["tool", "poetry", "dev-dependencies"]) => {
            let (_, rest) = install.split_once(" --no-root").unwrap_or(("", ""));
            let optional: Vec<String> = declared.groups.clone();
            let with = match optional.is_empty() {
                true => String::new(),
                false => format!(" --with {}", escape::shell(&optional.join(","))?),
            };
            format!(
                "/opt/poetry/bin/poetry install{with} --no-root{rest}{}",
                extras("--extras")?
            )
        }
        Tool::Pdm if any => {
            let all = install.replace(" --prod", "");
            format!("/opt/pdm/bin/pdm {all}{}", extras("--group")?)
        }
        Tool::Pipenv if legacy(&["dev-packages"]) => {
            format!(
                "/opt/pipenv/bin/pipenv {}",
                install
                    .replacen("sync", "sync --dev", 1)
                    .replacen("install", "install --dev", 1)
            )
        }
        _ => return Ok(false),
    };
    steps.push(Safe::literal(step));
    Ok(true)
}

/// The source, and the project itself installed from it.
fn with_source(shape: &Shape, work: &mut Work, editable: bool) -> Result<(), Diagnostic> {
    for copy in shape.source {
        work.line("COPY", copy);
    }
    if let Some(own) = shape.own {
        for arg in &own.args {
            work.line("ARG", arg);
        }
        let mounts: String = own
            .mounts
            .iter()
            .map(|m| format!("--mount={m} \\\n    "))
            .collect();
        let prefix = format!(" --prefix /out{}", shape.places.venv);
        let command = own.command.as_str().replace(&prefix, "");
        let command = if editable { as_editable(&command) } else { command };
        work.line("RUN", &Safe::literal(format!("{mounts}{command}")));
    }
    let here = shape.places.image(&shape.facts.dir);
    let root = shape
        .facts
        .manager
        .as_ref()
        .map_or(shape.facts.dir.as_str(), |m| m.root.as_str());
    if shape.facts.dir != root {
        work.line("WORKDIR", &escape::path(&here)?);
    }
    Ok(())
}

/// The folders at the end of the command, each with `-e`.
fn as_editable(command: &str) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    let folder = |w: &&&str| w.starts_with('.') || w.starts_with('/');
    let count = words.iter().rev().take_while(folder).count();
    let (head, folders) = words.split_at(words.len() - count);
    let folders: String = folders.iter().map(|f| format!(" -e {f}")).collect();
    format!("{}{folders}", head.join(" "))
}

fn test(
    shape: &Shape,
    declared: &Declared,
    runner: Result<(Runner, Because), Diagnostic>,
    mut work: Work,
) -> Result<Test, Diagnostic> {
    let (runner, because) = runner?;
    with_source(shape, &mut work, false)?;
    work.env(&shape.world.runtime.env, &not_for_tests(shape));
    let python = match shape.installed {
        Some(_) => format!("{}/bin/python", shape.places.venv),
        None => "python".into(),
    };
    let mut command = match &runner {
        Runner::Pytest { .. } => format!("{python} -m pytest"),
        Runner::Django { dir } => {
            let here = shape.places.image(dir);
            if *dir != shape.facts.dir {
                work.line("WORKDIR", &escape::path(&here)?);
            }
            let mut words = String::new();
            for (name, value) in shape.facts.django.iter().flat_map(|d| &d.dummies) {
                words += &format!("{}={} ", escape::name(name)?, escape::shell(value)?);
            }
            format!("{words}{python} manage.py test")
        }
        Runner::Unittest { tests: true } => format!("{python} -m unittest discover -s tests"),
        Runner::Unittest { tests: false } => format!("{python} -m unittest discover"),
        Runner::Tox => format!("{python} -m tox run -e py"),
    };
    if declared.needs_source {
        for file in declared.files.iter().rev() {
            let file = escape::shell(paths::relative(file, &shape.facts.dir))?;
            command = format!("pip --python {python} install -r {file} \\\n    && {command}");
        }
    }
    Ok(Test {
        work,
        mounts: Vec::new(),
        command: Safe::literal(command),
        because,
    })
}

/// Of the runtime's variables only the module path means something to a test.
fn not_for_tests<'a>(shape: &'a Shape) -> Vec<&'a str> {
    let env = shape.world.runtime.env.iter().map(Safe::as_str);
    let names = env.map(|pair| pair.split('=').next().unwrap_or_default());
    names.filter(|name| *name != "PYTHONPATH").collect()
}

fn dev(shape: &Shape, declared: &Declared, mut work: Work) -> Result<Dev, Diagnostic> {
    let start = shape.start;
    let port = start.port.as_ref().map(|p| p.value);
    let (command, watches) = reload(&start.words, start.framework, &start.entry, port);
    work.about = "runs the program from its source".into();
    with_source(shape, &mut work, true)?;
    let workdir = Safe::literal(format!(
        "WORKDIR {}",
        escape::path(&shape.places.image(&start.workdir))?
    ));
    let now = work.lines.iter().rfind(|l| l.as_str().starts_with("WORKDIR "));
    if now.map_or("WORKDIR /app", Safe::as_str) != workdir.as_str() {
        work.lines.push(workdir);
    }
    work.line("ENV", &shape.world.paths);
    work.env(&shape.world.runtime.env, &[]);
    let because = match watches {
        true => Because::rule(format!("`{}` reloads it after a change", command.join(" "))),
        false => Because::rule("nothing watches it; it is started again after a change"),
    };
    let context = &shape.project.claim.context;
    let whole = shape.folders.contains(context);
    let folders = shape.folders.iter().filter(|f| !whole || *f == context);
    let places = folders.map(|f| (f.clone(), shape.places.image(f)));
    let mut manifests = shape
        .facts
        .manager
        .as_ref()
        .map_or(Vec::new(), |m| m.reads.clone());
    manifests.extend(declared.reads.iter().cloned());
    manifests.sort();
    manifests.dedup();
    Ok(Dev {
        work,
        command,
        because,
        watches,
        sync: places.collect(),
        own: vec![".venv".into()],
        manifests,
    })
}

/// Servers that reload when told so: the program, and the flag.
const RELOADS: &[(&str, &str)] = &[
    ("chainlit", "--watch"),
    ("gunicorn", "--reload"),
    ("hypercorn", "--reload"),
    ("litestar", "--reload"),
    ("sanic", "--reload"),
    ("uvicorn", "--reload"),
];

/// The start command in the form that watches its source, and whether there is one.
fn reload(words: &[String], framework: &str, entry: &str, port: Option<u16>) -> (Vec<String>, bool) {
    let all = |words: &[&str]| -> Vec<String> { words.iter().map(|w| w.to_string()).collect() };
    let port = port.unwrap_or(8000).to_string();
    let program = words.first().map_or("", |w| paths::base(w));
    let asgi = matches!(program, "uvicorn" | "hypercorn" | "fastapi");
    if framework == "Django" && !asgi {
        return (
            all(&["python", "manage.py", "runserver", &format!("0.0.0.0:{port}")]),
            true,
        );
    }
    if framework == "Flask" && program != "python" && entry.contains(':') {
        let app = entry.trim_end_matches("()");
        let words = [
            "flask", "--app", app, "run", "--debug", "--host", "0.0.0.0", "--port", &port,
        ];
        return (all(&words), true);
    }
    let mut words = words.to_vec();
    match program {
        "streamlit" => return (words, true),
        "fastapi" => {
            if let Some(word) = words.iter_mut().find(|w| *w == "run") {
                *word = "dev".into();
            }
            return (words, true);
        }
        "flask" => {
            words.push("--debug".into());
            return (words, true);
        }
        _ => {}
    }
    match RELOADS.iter().find(|(name, _)| *name == program) {
        Some((_, flag)) => {
            // A reloader has one worker.
            if let Some(at) = words.iter().position(|w| w == "--workers" || w == "-w") {
                words.drain(at..(at + 2).min(words.len()));
            }
            words.push(flag.to_string());
            (words, true)
        }
        None => (words, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reloaded(words: &str, framework: &str, entry: &str) -> String {
        let words: Vec<String> = words.split(' ').map(String::from).collect();
        reload(&words, framework, entry, Some(80)).0.join(" ")
    }

    #[test]
    fn a_server_reloads_in_its_own_way() {
        assert_eq!(
            reloaded("uvicorn a:b --workers 4", "FastAPI", "a:b"),
            "uvicorn a:b --reload"
        );
        assert_eq!(
            reloaded("gunicorn a.wsgi", "Django", "a.wsgi"),
            "python manage.py runserver 0.0.0.0:80"
        );
        assert_eq!(
            reloaded("waitress-serve a:make()", "Flask", "a:make()"),
            "flask --app a:make run --debug --host 0.0.0.0 --port 80"
        );
        assert_eq!(reloaded("python main.py", "", "main.py"), "python main.py");
    }

    #[test]
    fn a_folder_is_installed_in_place() {
        assert_eq!(
            as_editable("uv pip install --no-deps ./a ."),
            "uv pip install --no-deps -e ./a -e ."
        );
    }
}
