//! Programs that a command of their framework starts with one file: Streamlit and its kin.

use super::facts::Facts;
use super::frameworks::{RUNNERS, Runner};
use super::ports;
use super::source::Module;
use super::start::Start;
use crate::decision::{Because, Chosen};
use crate::paths;
use crate::source::Location;

/// A program of a framework with its own command; `true` where the file's name says so too.
pub fn runner(facts: &Facts, port: Option<u16>) -> Option<(Start, bool)> {
    let manager = facts.manager.as_ref()?;
    for runner in RUNNERS.iter().filter(|r| manager.dist(r.dist).is_some()) {
        let mut files: Vec<&Module> = facts
            .modules
            .iter()
            .filter(|m| m.imports(runner.module))
            .collect();
        files.retain(|m| {
            let marked = |mark: &&str| m.imports(mark) || m.calls.iter().any(|c| c.callee.ends_with(*mark));
            runner.marks.is_empty() || runner.marks.iter().any(marked)
        });
        // Pages of a Streamlit application are no programs.
        files.retain(|m| !m.path.split('/').any(|p| p == "pages"));
        let rank = |m: &&Module| {
            let name = paths::base(&m.path);
            let known = runner
                .files
                .iter()
                .position(|f| *f == name)
                .unwrap_or(runner.files.len());
            (m.path.matches('/').count(), known, m.path.clone())
        };
        let Some(module) = files.into_iter().min_by_key(rank) else {
            continue;
        };
        let by_name = paths::base(&module.path).starts_with(runner.dist);
        return Some((run(facts, runner, module, port), by_name));
    }
    None
}

pub fn run(facts: &Facts, runner: &'static Runner, module: &Module, port: Option<u16>) -> Start {
    let file = paths::relative(&module.path, &facts.dir).to_string();
    let launched = ports::named_port(module).filter(|_| runner.dist == "gradio");
    let number = port.or(launched.as_ref().map(|p| p.value)).unwrap_or(runner.port);
    let fill = |word: &&str| {
        word.replace("{file}", &file)
            .replace("{port}", &number.to_string())
    };
    let words = runner.command.iter().map(fill).collect();
    let because = Because::at(
        &Location::whole(&module.source),
        format!("imports {}", runner.module),
    );
    let mut start = Start::new(facts, words, because);
    start.entry = file;
    start.framework = runner.name;
    start.env = runner
        .env
        .iter()
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect();
    if runner.dist == "gradio" {
        start.env.push(("GRADIO_SERVER_PORT".into(), number.to_string()));
        start.warnings.extend(ports::loopback(module));
    }
    start.port = Some(match launched {
        Some(port) => Chosen::new(number, Because::at(&port.at, "names it")),
        None => Chosen::new(number, Because::rule(format!("the usual one of {}", runner.name))),
    });
    start
}
