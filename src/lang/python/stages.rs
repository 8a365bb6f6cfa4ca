//! What Python's stages on request do: the project's own test runner with the dependencies declared for
//! it, and the server that reloads.

use super::facts::Facts;
use super::install::{Installed, Places};
use super::manager::Manager;
use super::natives::{COMPILER, Compiled, NATIVES};
use super::reload::reload;
use super::start::Start;
use super::testing::{Declared, Runner, declared, runner};
use super::tools::Tool;
use super::view::{Build, World};
use crate::catalog::Family;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Dev, Stages, Test, Work, os_setup};
use crate::settings::Stage;
use crate::stages::DEPS;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_installed_in_place() {
        assert_eq!(
            as_editable("uv pip install --no-deps ./a ."),
            "uv pip install --no-deps -e ./a -e ."
        );
    }
}
