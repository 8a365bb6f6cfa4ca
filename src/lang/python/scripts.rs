//! Programs that are no web application: console scripts, packages with `__main__.py`, workers,
//! single files.

use super::apps::App;
use super::facts::Facts;
use super::frameworks::{CLI_MODULES, SCRIPTS};
use super::modules;
use super::ports::{loopback, loopback_option, reads_port, served_port};
use super::source::Module;
use super::start::Start;
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::pep508::normalize;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// A script at the top, named as the package that holds the application, or as scripts are, which uses
/// that package: it sets up what the application alone lacks.
pub fn setting_up(tree: &Tree, facts: &Facts, app: &App, port: Option<u16>) -> Option<Start> {
    let package = app.import.name.split('.').next()?;
    if !app.import.name.contains('.') && !app.path.ends_with("__init__.py") {
        return None;
    }
    let known = |m: &Module| {
        let inside = paths::relative(&m.path, &facts.dir);
        !inside.contains('/') && (SCRIPTS.contains(&inside) || m.stem() == package)
    };
    let mut fitting = facts
        .modules
        .iter()
        .filter(|m| m.guard.is_some() && m.path != app.path && known(m) && m.imports(package));
    let module = fitting.next().filter(|_| fitting.next().is_none())?;
    let guard = module.guard.clone()?;
    let because = Because::at(
        &guard,
        "is its main guard, and no server for the application is among the dependencies",
    );
    let mut start = file(tree, facts, module, port, because);
    start.framework = app.framework.name;
    Some(start)
}

/// `python -m package`, of a package at the top or in `src`: further down lie copies of others.
pub fn package(tree: &Tree, facts: &Facts) -> Option<Start> {
    let mains = facts.modules.iter().filter(|m| {
        let inside = paths::relative(&m.path, &facts.dir);
        let depth = inside.trim_start_matches("src/").matches('/').count();
        paths::base(inside) == "__main__.py" && depth == 1
    });
    let module = mains.min_by_key(|m| (m.path.matches('/').count(), m.path.clone()))?;
    let because = Because::at(&Location::whole(&module.source), "makes the package a program");
    Some(file(tree, facts, module, None, because))
}

/// A file that is a program by its main guard or by its name.
///
/// # Errors
/// Several that are equally so.
pub fn script(
    tree: &Tree,
    facts: &Facts,
    port: Option<u16>,
    over: &mut Vec<Rejected>,
) -> Result<Option<Start>, Diagnostic> {
    let inside = |m: &Module| paths::relative(&m.path, &facts.dir).to_string();
    let depth = |m: &Module| inside(m).trim_start_matches("src/").matches('/').count();
    let known = |m: &Module| SCRIPTS.iter().position(|s| *s == paths::base(&m.path));
    let guarded: Vec<&Module> = facts.modules.iter().filter(|m| m.guard.is_some()).collect();
    let top: Vec<&Module> = facts.modules.iter().filter(|m| depth(m) == 0).collect();
    let project = facts.name.as_ref().map_or(String::new(), |n| normalize(&n.value));
    let best = top
        .iter()
        .copied()
        .filter(|m| known(m).is_some() && paths::base(&m.path) != "__init__.py")
        .min_by_key(|m| (m.guard.is_none(), known(m), m.path.clone()));
    let by_name = || {
        guarded
            .iter()
            .copied()
            .find(|m| depth(m) <= 1 && !project.is_empty() && normalize(m.stem()) == project)
    };
    let programs: Vec<&Module> = top.iter().copied().filter(|m| m.guard.is_some()).collect();
    let only = || match programs[..] {
        [one] => Some(one).filter(|m| !is_helper(m.stem())),
        _ => {
            let mut serious = programs.iter().copied().filter(|m| !is_helper(m.stem()));
            let first = serious.next();
            let mut serving = programs.iter().copied().filter(|m| served_port(m).is_some());
            let server = serving.next();
            first
                .filter(|_| serious.next().is_none())
                .or(server.filter(|_| serving.next().is_none()))
        }
    };
    // Several programs at the top are a question; what lies below them is no answer.
    let asks = programs.iter().filter(|m| !is_helper(m.stem())).count() > 1;
    // A program that another one imports is a part of it, whatever its own guard does.
    let outer = || {
        let part = |m: &&Module| {
            let others = programs.iter().filter(|o| o.path != m.path);
            others.into_iter().any(|o| o.imports.contains(m.stem()))
        };
        let mut outer = programs
            .iter()
            .copied()
            .filter(|m| !part(m) && !is_helper(m.stem()));
        let first = outer.next();
        first.filter(|_| asks && outer.next().is_none())
    };
    let deeper = || {
        guarded
            .iter()
            .copied()
            .filter(|m| !asks && known(m).is_some() && depth(m) <= 2)
            .min_by_key(|m| (depth(m), known(m), m.path.clone()))
    };
    let alone = || match top
        .iter()
        .filter(|m| !m.path.ends_with("__init__.py"))
        .collect::<Vec<_>>()[..]
    {
        [one] => Some(*one),
        _ => None,
    };
    let any = || match guarded[..] {
        [one] => Some(one),
        _ => None,
    };
    let chosen = best
        .or_else(by_name)
        .or_else(only)
        .or_else(outer)
        .or_else(deeper)
        .or_else(alone)
        .or_else(any)
        .or_else(|| programs.first().copied().filter(|_| programs.len() == 1));
    let Some(module) = chosen else {
        if programs.len() > 1 {
            let names: Vec<String> = programs.iter().map(|m| inside(m)).collect();
            return Err(Diagnostic::error(
                &diagnostic::rules::AMBIGUOUS,
                format!("several files are programs: {}", names.join(", ")),
            )
            .at(
                programs[0].guard.clone().expect("a program has a guard"),
                "the first of them",
            )
            .choices("main", names.iter().cloned())
            .help(format!(
                "choose with `--main {}`, or with `main` in rdock.toml",
                names[0]
            )));
        }
        return Ok(None);
    };
    over.extend(
        programs
            .iter()
            .filter(|m| m.path != module.path)
            .map(|m| Rejected::possible(inside(m), "another file with a main guard; choose it with --main")),
    );
    let because = match &module.guard {
        Some(guard) => Because::at(guard, "is its main guard"),
        None => Because::at(
            &Location::whole(&module.source),
            "is a program by its name, and no other file speaks for itself",
        ),
    };
    Ok(Some(file(tree, facts, module, port, because)))
}

/// Is this the name of something that helps with a program rather than the program?
fn is_helper(stem: &str) -> bool {
    let helpers = [
        "client", "demo", "download", "evaluate", "example", "export", "generate", "helper", "helpers",
        "import", "init", "install", "migrate", "populate", "seed", "test", "train", "utils",
    ];
    stem.split('_').any(|part| helpers.contains(&part))
}

/// `python main.py` at the top, `python -m pkg.main` in a package.
pub fn file(tree: &Tree, facts: &Facts, module: &Module, port: Option<u16>, because: Because) -> Start {
    let import = modules::import_of(tree, &facts.dir, module);
    let inside = paths::relative(&module.path, &facts.dir).to_string();
    let relative = paths::relative(&module.path, &import.root);
    let main = relative.strip_suffix("/__main__.py");
    // A file in a package imports its neighbours through the package; elsewhere a path will do.
    let in_package = relative.contains('/');
    let words: Vec<String> = match (main, in_package) {
        (Some(package), _) => vec!["python".into(), "-m".into(), package.replace('/', ".")],
        (None, true) => vec!["python".into(), "-m".into(), import.name.clone()],
        (None, false) => vec!["python".into(), inside.clone()],
    };
    let by_module = words[1] == "-m";
    let mut start = Start::new(facts, words, because);
    start.entry = inside;
    if by_module && import.root != facts.dir {
        start.import_root = Some(import.root);
    }
    start.command_line = CLI_MODULES.iter().any(|m| module.imports(m));
    let served = served_port(module);
    if let Some(found) = &served {
        let number = port.unwrap_or(found.value);
        start.port = Some(Chosen::new(number, Because::at(&found.at, "names it")));
        start.command_line = false;
        start.warnings.extend(loopback(module));
        if let Some(option) = loopback_option(module) {
            start.words.extend([option.value, "0.0.0.0".into()]);
        }
        if reads_port(module, facts) {
            start.env.push(("PORT".into(), number.to_string()));
        }
    }
    start
}
