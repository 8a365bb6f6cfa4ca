//! What is copied of the repository, and the stage between the dependencies and the image.

use super::above;
use super::facts::Facts;
use super::files::{self, Told};
use super::install::{Installed, Places};
use super::manager::Manager;
use super::start::Start;
use super::tools::Tool;
use super::view::Build;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;

/// The service, the local projects that are used where they lie, and shared folders that it reads.
pub fn source_folders(project: &Project, facts: &Facts) -> Vec<String> {
    let mut folders = vec![project.claim.dir.clone()];
    let in_place = facts.manager.iter().filter(|m| !installs_locals(m));
    folders.extend(in_place.flat_map(|m| m.locals.iter().cloned()));
    let above = above::find(project.tree, &project.claim.dir);
    let above = above.into_iter().map(|a| a.value);
    folders.extend(above.filter(|f| paths::is_under(f, &project.claim.context)));
    folders
}

/// pip, PDM and Pipenv install local projects with the rest; for the others a stage of its own does.
pub fn installs_locals(manager: &Manager) -> bool {
    matches!(manager.tool, Tool::Uv | Tool::Poetry | Tool::Project)
}

/// The projects that the build stage installs.
pub fn installed_folders(facts: &Facts, manager: &Manager) -> Vec<String> {
    let own = installs_own(facts, manager).then(|| facts.dir.clone());
    let locals = manager
        .locals
        .iter()
        .filter(|l| installs_locals(manager) && **l != facts.dir);
    own.into_iter().chain(locals.cloned()).collect()
}

/// Folders as arguments of COPY; the whole context where one of them is it.
pub fn copied(
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
pub fn installs_own(facts: &Facts, manager: &Manager) -> bool {
    facts.is_package || manager.installs_self
}

/// The project, and what it takes from the repository, beside the installed dependencies.
pub fn own_install(
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
    if let Some(told) = files::version_from_git(manager) {
        args.push(Safe::literal("VERSION=\"0.0.0\""));
        command = match told {
            Told::Variable(name) => format!("{name}=\"$VERSION\" \\\n    {command}"),
            Told::PkgInfo => format!(
                "printf 'Metadata-Version: 2.1\\nName: project\\nVersion: %s\\n' \"$VERSION\" > PKG-INFO \\\n    && {command}"
            ),
        };
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

/// `bare`: there may be no static files at all.
pub fn collect(
    django: &super::django::Django,
    places: &Places,
    bare: bool,
) -> Result<(Safe, Safe), Diagnostic> {
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
    let target = escape::path(&target)?;
    let mut step = format!(
        "{command}{}/bin/python manage.py collectstatic --noinput",
        places.venv
    );
    // Django makes the folder with the first file.
    if bare {
        step += &format!(" \\\n    && mkdir -p {target}");
    }
    Ok((target, Safe::literal(step)))
}
