//! Functions of the Functions Framework: its own command serves one function of main.py.

use super::facts::{Facts, in_dir};
use super::source::{Function, Module};
use super::start::Start;
use crate::decision::{Because, Chosen, Rejected};

const DIST: &str = "functions-framework";
/// What the framework reads without a word.
const FILE: &str = "main.py";

/// The function that is marked as one, or the only one that takes what a function takes.
pub fn function(facts: &Facts, port: Option<u16>) -> Option<Start> {
    facts.manager.as_ref()?.dist(DIST).filter(|d| d.direct)?;
    let path = in_dir(&facts.dir, FILE);
    let module = facts.modules.iter().find(|m| m.path == path)?;
    let marked: Vec<&Function> = module.functions.iter().filter(|f| is_marked(module, f)).collect();
    let public = |f: &&Function| !f.name.starts_with('_') && f.required == 1;
    let mut alone = module.functions.iter().filter(public);
    let chosen = match marked.first() {
        Some(first) => first,
        None => alone.next().filter(|_| alone.next().is_none())?,
    };
    let words = [DIST, "--target", &chosen.name].map(String::from).to_vec();
    let because = Because::at(&chosen.at, "is a function for the Functions Framework");
    let mut start = Start::new(facts, words, because);
    start.entry = format!("main:{}", chosen.name);
    start.framework = "Functions Framework";
    start.over = marked
        .iter()
        .skip(1)
        .map(|f| Rejected::possible(f.name.clone(), "another function; choose it with --command"))
        .collect();
    let number = port.unwrap_or(8080);
    start.port = Some(Chosen::new(
        number,
        Because::rule("the usual one of Functions Framework"),
    ));
    start.env.push(("PORT".into(), number.to_string()));
    Some(start)
}

/// `@functions_framework.http` or its kin among the decorators above.
fn is_marked(module: &Module, function: &Function) -> bool {
    let before = function
        .at
        .range()
        .and_then(|range| module.source.text.get(..range.start));
    let Some(before) = before else { return false };
    let line = before.rfind('\n').map_or("", |end| &before[..end]);
    line.lines()
        .rev()
        .map_while(|l| l.strip_prefix('@'))
        .any(|decorator| {
            let mark = decorator
                .strip_prefix("functions_framework.")
                .unwrap_or_default()
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next();
            matches!(mark, Some("http" | "cloud_event" | "typed"))
        })
}
