//! "What would change if": two plans of one service, side by side. For `explain` with flags and for
//! the wizard's hints.

use super::output::{BAD, GOOD, STRONG, paint};
use super::place::Place;
use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::discover::{Found, Service};
use crate::drift;
use crate::pipeline::{self, Done};
use crate::settings::Settings;
use serde_json::{Value, json};

/// One service's plan with these flags.
pub fn one(
    place: &Place,
    found: &Found,
    service: &Service,
    flags: &Settings,
) -> Result<Done, Vec<Diagnostic>> {
    pipeline::one(&place.tree, &place.config, &found.claims, service, flags)
}

/// The same for many, on every processor, in their order.
pub fn each<T: Sync, R: Send>(items: &[T], make: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() <= 1 {
        return items.iter().map(make).collect();
    }
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let make = &make;
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(threads))
            .map(|part| scope.spawn(move || part.iter().map(make).collect::<Vec<R>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("no plan panics"))
            .collect()
    })
}

/// A topic that is decided otherwise. `None` where it is not decided at all.
#[derive(Debug, PartialEq)]
pub struct Change {
    pub topic: &'static str,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// The decisions that differ, in the order of `after`, then those that are gone.
pub fn changes(before: &[Decision], after: &[Decision]) -> Vec<Change> {
    let value = |list: &[Decision], topic: &str| {
        let found: Vec<&str> = list
            .iter()
            .filter(|d| d.topic == topic)
            .map(|d| d.value.as_str())
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    let mut topics: Vec<&'static str> = Vec::new();
    for decision in after.iter().chain(before) {
        if !topics.contains(&decision.topic) {
            topics.push(decision.topic);
        }
    }
    topics
        .into_iter()
        .map(|topic| Change {
            topic,
            from: value(before, topic),
            to: value(after, topic),
        })
        .filter(|c| c.from != c.to)
        .collect()
}

/// The files' differences, without the headers' checksums.
fn diffs(before: &Done, after: &Done) -> Vec<String> {
    let mut found = Vec::new();
    for new in &after.files {
        let old = before.files.iter().find(|f| f.path == new.path);
        let old = old.map_or(String::new(), |f| unsigned(&f.text));
        let new_text = unsigned(&new.text);
        if old != new_text {
            found.push(drift::diff(&new.path, &old, &new_text));
        }
    }
    found
}

fn unsigned(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .filter(|l| !l.starts_with("# Made by rdock "));
    lines.collect()
}

/// The same in words, below the explanation of `after`.
pub fn words(before: &Result<Done, Vec<Diagnostic>>, after: &Done) -> String {
    let Ok(before) = before else {
        return format!(
            "  {}\n\n",
            paint(STRONG, "without these flags the service cannot be planned at all")
        );
    };
    let changes = changes(&before.plan.decisions, &after.plan.decisions);
    let diffs = diffs(before, after);
    if changes.is_empty() && diffs.is_empty() {
        return format!("  {}\n\n", paint(STRONG, "these flags change nothing"));
    }
    let mut text = format!("  {}\n", paint(STRONG, "what these flags change"));
    let none = || "nothing".to_string();
    for change in changes {
        text += &format!(
            "      {}: {} becomes {}\n",
            change.topic,
            paint(BAD, &change.from.unwrap_or_else(none)),
            paint(GOOD, &change.to.unwrap_or_else(none)),
        );
    }
    for warning in fresh(before, after) {
        text += &format!("      new warning: {} [{}]\n", warning.title, warning.rule.id);
    }
    for diff in diffs {
        text += &format!("\n{}", coloured(&diff));
    }
    text + "\n"
}

/// Warnings that only `after` has.
pub fn fresh<'a>(before: &'a Done, after: &'a Done) -> impl Iterator<Item = &'a Diagnostic> {
    let known = |w: &Diagnostic| {
        before
            .plan
            .warnings
            .iter()
            .any(|b| b.rule.id == w.rule.id && b.title == w.title)
    };
    after.plan.warnings.iter().filter(move |w| !known(w))
}

/// A unified diff in the colours that everybody knows.
pub fn coloured(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines() {
        let line = match line.as_bytes().first() {
            _ if line.starts_with("+++") || line.starts_with("---") => paint(STRONG, line),
            Some(b'+') => paint(GOOD, line),
            Some(b'-') => paint(BAD, line),
            Some(b'@') => paint(super::output::PLACE, line),
            _ => crate::diagnostic::printable(line),
        };
        text += &line;
        text.push('\n');
    }
    text
}

pub fn json(before: &Result<Done, Vec<Diagnostic>>, after: &Done) -> Value {
    let Ok(before) = before else {
        return Value::Null;
    };
    let changes: Vec<Value> = changes(&before.plan.decisions, &after.plan.decisions)
        .into_iter()
        .map(|c| json!({ "topic": c.topic, "from": c.from, "to": c.to }))
        .collect();
    json!({ "decisions": changes, "diff": diffs(before, after).concat() })
}
