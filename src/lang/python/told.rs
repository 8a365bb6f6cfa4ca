//! What `explain` tells of a plan, and what it warns of.

use super::facts::Facts;
use super::packages::Packages;
use super::pick::Picked;
use super::plan::Shape;
use super::rules;
use super::start::Start;
use crate::catalog::Base;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::Safe;
use crate::settings::Runtime;

pub fn decisions(
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

pub fn package_decisions(packages: &Packages) -> Option<Decision> {
    let all: Vec<String> = packages.build.iter().chain(&packages.run).cloned().collect();
    (!all.is_empty()).then(|| Decision {
        topic: "packages",
        value: all.join(", "),
        because: Because::rule(packages.why.join("; ")),
        over: Vec::new(),
    })
}

pub fn warn(facts: &Facts, warnings: &mut Vec<Diagnostic>) {
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
