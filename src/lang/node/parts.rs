//! Small parts that the plans of programs and of sites share.

use crate::catalog::Base;
use crate::decision::{Because, Decision, Rejected};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::install::Installer;
use crate::lang::node::view;
use crate::lang::node::workspace::Reach;
use crate::settings::Cache;

pub fn nothing() -> view::Install {
    view::Install {
        about: Safe::literal(""),
        copies: vec![],
        run: Safe::literal(""),
    }
}

pub fn tidy(mut reads: Vec<String>) -> Vec<String> {
    reads.sort();
    reads.dedup();
    reads
}

pub fn from(asked: Option<&str>, base: &Base) -> Result<Safe, Diagnostic> {
    match asked {
        Some(asked) => escape::image(asked),
        None => Ok(Safe::literal(base.from())),
    }
}

/// Words after `# runtime`.
pub fn runtime_about(because: &Because, asked: bool) -> String {
    if asked {
        format!("runs the program; {}", because.worded())
    } else {
        "runs the program, and holds nothing of the build".into()
    }
}

pub fn installs_anything(facts: &Facts) -> bool {
    facts.packages(Reach::Runtime).iter().any(|p| p.has_production())
        || facts.managed.manager.always_folder && !facts.package.dependencies.is_empty()
}

pub fn manager_decision(installer: &Installer) -> Decision {
    let managed = &installer.facts.managed;
    let value = match installer.version() {
        Some(version) => format!("{} {version}", managed.manager.name),
        None => format!("{} of the image", managed.manager.name),
    };
    let mut over = managed.over.clone();
    if let Some(named) = managed
        .version
        .as_deref()
        .filter(|v| Some(*v) != installer.version())
    {
        over.push(Rejected::impossible(
            format!("{} {named}", managed.manager.name),
            format!("does not run on Node.js {}", installer.node_major),
        ));
    }
    Decision {
        topic: "install",
        value,
        because: managed.because.clone(),
        over,
    }
}

/// Cache mode in one word, for what must not be mounted.
pub fn mounts(settings: &crate::settings::Settings) -> bool {
    settings.cache() == Cache::Mount
}
