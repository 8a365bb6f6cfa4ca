//! Console scripts of the project.

use super::facts::Facts;
use super::modules;
use super::ports::{is_launcher, loopback, named_port, running_calls};
use super::source::Module;
use super::start::Start;
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::pep508::normalize;
use crate::source::Sourced;
use crate::tree::Tree;

/// The console script named as the project, or the only one.
///
/// # Errors
/// Several, none of which has the project's name.
pub fn console(facts: &Facts, over: &mut Vec<Rejected>) -> Result<Option<Start>, Diagnostic> {
    if !facts.is_package {
        return Ok(None);
    }
    let name = facts
        .name
        .as_ref()
        .map(|n| normalize(&n.value))
        .unwrap_or_default();
    let chosen = match &facts.scripts[..] {
        [] => return Ok(None),
        [one] => one,
        several => {
            let joined = |text: &str| normalize(text).replace('-', "");
            let named = several
                .iter()
                .find(|(n, _)| normalize(n) == name)
                .or_else(|| several.iter().find(|(n, _)| joined(n) == joined(&name)));
            // `bot` of `bot` and `bot-setup`.
            let root = || {
                several.iter().find(|(n, _)| {
                    let below = |other: &str| {
                        other
                            .strip_prefix(n.as_str())
                            .is_some_and(|r| r.starts_with(['-', '_']))
                    };
                    several.iter().all(|(other, _)| other == n || below(other))
                })
            };
            let Some(named) = named.or_else(root).or_else(|| {
                several
                    .iter()
                    .find(|(n, _)| ["start", "serve", "server", "app", "main", "run"].contains(&n.as_str()))
            }) else {
                let names: Vec<&str> = several.iter().map(|(n, _)| n.as_str()).collect();
                return Err(Diagnostic::error(
                    &diagnostic::rules::AMBIGUOUS,
                    format!("the project has several programs: {}", names.join(", ")),
                )
                .at(several[0].1.at.clone(), "the first of them")
                .choices("main", names.iter().copied())
                .help(format!(
                    "choose with `--main {}`, or with `main` in rdock.toml",
                    names[0]
                )));
            };
            let others = several.iter().filter(|(n, _)| *n != named.0);
            over.extend(others.map(|(n, _)| {
                Rejected::possible(n.clone(), "another console script; choose it with --main")
            }));
            named
        }
    };
    Ok(Some(console_script(facts, &chosen.0, &chosen.1)))
}

/// A console script whose function sets the application up and starts the server: the application
/// alone, behind a framework's development server, would lack what it sets up.
pub fn serving_console(tree: &Tree, facts: &Facts) -> Option<Start> {
    if !facts.is_package {
        return None;
    }
    let serves = |target: &str| -> Option<&Module> {
        let (name, function) = target.split_once(':')?;
        let function = function.split_whitespace().next()?;
        let own = |callee: &str| {
            let last = callee.rsplit('.').next().unwrap_or(callee);
            last != function
                && !last.starts_with("get")
                && facts
                    .modules
                    .iter()
                    .flat_map(|m| &m.functions)
                    .any(|f| f.name == last)
        };
        // The package may only pass on what one of its modules defines.
        let below = format!("{name}.");
        facts.modules.iter().find(|module| {
            let import = modules::import_of(tree, &facts.dir, module).name;
            let mut defined = module.functions.iter().filter(|f| f.name == function);
            (import == name || import.starts_with(&below))
                && defined.any(|f| f.calls.iter().any(|c| own(c)))
                && running_calls(module)
                    .any(|c| c.function.as_deref() == Some(function) && !is_launcher(&c.callee))
        })
    };
    let (name, target, module) = facts
        .scripts
        .iter()
        .find_map(|(name, target)| Some((name, target, serves(&target.value)?)))?;
    let mut start = console_script(facts, name, target);
    start.warnings.extend(loopback(module));
    if let Some(port) = named_port(module) {
        start.port = Some(Chosen::new(port.value, Because::at(&port.at, "names it")));
    }
    Some(start)
}

pub fn console_script(facts: &Facts, name: &str, target: &Sourced<String>) -> Start {
    let mut start = Start::new(
        facts,
        vec![name.to_string()],
        Because::at(&target.at, format!("makes the console script {name}")),
    );
    start.own_script = true;
    start.command_line = true;
    start
}
