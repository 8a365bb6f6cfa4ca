//! Whether what is started can run at all: Python 2's source, imports that nothing installs.

use super::facts::Facts;
use super::own::installs_own;
use super::source::Module;
use super::start::Start;
use super::{modules, reach, rules, stdlib};
use crate::diagnostic::Diagnostic;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// # Errors
/// The source is Python 2, or imports a distribution and there is no manifest.
pub fn check(tree: &Tree, facts: &Facts, start: &Start) -> Result<(), Diagnostic> {
    let started = reach::started(tree, facts, start);
    translated(tree, facts)?;
    python3(facts, started)?;
    if let Some(module) = started.filter(|_| facts.manager.is_none()) {
        declared(tree, facts, module)?;
        // What it imports of the repository imports in turn.
        let reached = reach::reached(tree, facts, start).unwrap_or_default();
        for module in facts.modules.iter().filter(|m| reached.contains(&m.path)) {
            declared(tree, facts, module)?;
        }
    }
    Ok(())
}

/// `use_2to3=True` in a setup.py that is run: setuptools 58 refuses it.
fn translated(tree: &Tree, facts: &Facts) -> Result<(), Diagnostic> {
    let installed = facts.manager.as_ref().is_some_and(|m| installs_own(facts, m));
    let source = tree.text(&super::facts::in_dir(&facts.dir, "setup.py"));
    let Some(source) = source.filter(|_| installed) else {
        return Ok(());
    };
    let setup = Module::read(&source);
    let mut asked = setup.calls.iter().filter_map(|c| c.keyword("use_2to3"));
    let Some(argument) = asked.find(|a| a.value.as_deref() == Some("True")) else {
        return Ok(());
    };
    Err(Diagnostic::error(
        &rules::PYTHON_2,
        format!("{} has its source translated from Python 2", source.path),
    )
    .at(argument.at.clone(), "setuptools 58 took 2to3 out, and stops here")
    .help("translate once, `2to3 --write --nobackups .`, commit, and take use_2to3 out of setup.py"))
}

/// Python 2 where the program's own file or a third of all files say so; one may be a copy of another's.
fn python3(facts: &Facts, started: Option<&Module>) -> Result<(), Diagnostic> {
    let old: Vec<&Module> = facts.modules.iter().filter(|m| m.python2.is_some()).collect();
    let many = old.len() * 3 > facts.modules.len();
    let told = started
        .filter(|m| m.python2.is_some())
        .or(old.first().copied().filter(|_| many));
    let Some((module, place)) = told.and_then(|m| Some((m, m.python2.clone()?))) else {
        return Ok(());
    };
    Err(
        Diagnostic::error(&rules::PYTHON_2, format!("{} is Python 2", module.path))
            .at(place, "no Python 3 reads this")
            .help("move the source to Python 3: `2to3 --write --nobackups .` does most of it"),
    )
}

/// Every import of a program without a manifest is Python's or the repository's.
fn declared(tree: &Tree, facts: &Facts, module: &Module) -> Result<(), Diagnostic> {
    // What is tried may be missing.
    let tried = ["ImportError", "ModuleNotFoundError"];
    if tried.iter().any(|e| module.source.text.contains(e)) {
        return Ok(());
    }
    let folder = paths::parent(&module.path);
    let own = |name: &str| {
        paths::ancestors(folder)
            .take_while(|f| paths::is_under(f, &facts.dir))
            .any(|root| modules::is_module(tree, root, name))
    };
    let top = |import: &String| import.split('.').next().unwrap_or("").to_string();
    let foreign = module
        .imports
        .iter()
        .map(top)
        .find(|name| !name.is_empty() && !stdlib::has(name) && !own(name));
    let Some(name) = foreign else { return Ok(()) };
    let says = |line: &&str| {
        let line = line.trim_start();
        (line.starts_with("import ") || line.starts_with("from ")) && line.contains(&name)
    };
    let file = super::facts::in_dir(&facts.dir, "requirements.txt");
    let error = Diagnostic::error(
        &rules::UNDECLARED,
        format!("{} imports {name}, and no manifest brings it", module.path),
    )
    .help(format!("list what the program needs in {file}"));
    Err(match module.source.text.lines().find(says) {
        Some(line) => error.at(Location::of(&module.source, line.trim()), "nothing installs this"),
        None => error,
    })
}
