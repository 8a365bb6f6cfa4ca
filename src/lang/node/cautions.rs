//! What a program writes below its own folder, and what else a person should know of it.

use crate::diagnostic::{Diagnostic, rules as shared};
use crate::lang::node::astro;
use crate::lang::node::building;
use crate::lang::node::detect::Facts;
use crate::lang::node::ground::Ground;
use crate::lang::node::presets;
use crate::lang::node::program::Program;
use crate::lang::node::rules;
use crate::lang::node::svelte;
use crate::paths;

/// Names of folders that programs fill while they run.
const FILLED: &[&str] = &[
    "data", "database", "db", "files", "logs", "media", "storage", "tmp", "uploads",
];

/// Folders that are committed empty, with a file that keeps them: the program fills them.
fn kept(facts: &Facts) -> Vec<String> {
    let empty = |folder: &String| {
        let mut files = facts.tree.under(folder);
        let keeps = |file: &str| matches!(paths::base(file), ".gitkeep" | ".keep" | ".gitignore");
        FILLED.contains(&paths::base(folder)) && files.all(keeps)
    };
    let folders = facts.tree.dirs_in(facts.dir).into_iter().filter(empty);
    folders.map(|f| facts.placed(&f).to_string()).collect()
}

/// Folders, from the context's root, that the program writes to. A file beside the program itself
/// cannot be helped with a volume, and is warned of.
pub fn written(ground: &mut Ground, program: &Program) -> Vec<String> {
    let facts = ground.facts;
    if facts.framework.is_some_and(|f| f.id != "nest") {
        return vec![];
    }
    let mut folders = Vec::new();
    for write in &facts.scan.writes {
        let path = facts.placed(&write.path.value);
        let folder = if write.folder {
            path
        } else {
            crate::paths::parent(path)
        };
        let code = program
            .outputs
            .iter()
            .any(|o| crate::paths::is_under(folder, &o.to))
            || crate::paths::is_under(folder, &crate::lang::node::workspace::in_dir(facts.place, "src"));
        if !crate::paths::is_under(&write.path.value, facts.dir) || code && folder != facts.place {
            continue;
        }
        if folder == facts.place {
            ground.warnings.push(
                Diagnostic::warning(
                    &shared::WRITES_ROOT,
                    format!("the program writes {path} beside itself"),
                )
                .at(write.path.at.clone(), "fails on a read-only root file system")
                .help("write into a folder of its own, such as data/, which then gets a volume"),
            );
        } else {
            folders.push(folder.to_string());
        }
    }
    folders.extend(kept(ground.facts));
    folders
}

pub fn warn(ground: &mut Ground) {
    let facts = ground.facts;
    ground.warnings.extend(facts.managed.warnings.iter().cloned());
    ground.warnings.extend(svelte::warning(facts));
    ground.warnings.extend(astro::warning(facts));
    ground.warnings.extend(presets::warning(facts));
    // Fastify listens on localhost where it is not told otherwise.
    let silent = facts
        .scan
        .no_host
        .as_ref()
        .filter(|_| facts.package.in_production("fastify"));
    if let Some(at) = facts.scan.loopback.as_ref().or(silent)
        && facts.scan.host_variable.is_none()
        && facts.framework.is_none_or(|f| f.id == "nest")
    {
        ground.warnings.push(
            Diagnostic::warning(&shared::LOOPBACK, "the program listens on loopback alone")
                .at(at.clone(), "not reachable from outside of the container")
                .help("listen with `host: '0.0.0.0'`"),
        );
    }
    if let Some(framework) = facts.framework
        && let Some(config) = &facts.config
        && framework.id == "next"
        && let Some(at) = config.computed("output")
    {
        ground.warnings.push(
            Diagnostic::warning(
                &rules::COMPUTED,
                "`output` of Next.js is computed, so the server keeps its node_modules",
            )
            .at(at, "known only when it runs")
            .help("write `output: 'standalone'` for an image of half the size"),
        );
    }
    for found in facts.natives.iter().filter(|f| f.production && f.native.script) {
        if let Some(why) = building::blocked(facts, found.native.package) {
            ground.warnings.push(
                Diagnostic::warning(
                    &rules::SCRIPTS_BLOCKED,
                    format!("the install script of {} does not run", found.native.package),
                )
                .at(found.at.clone(), why.0)
                .help(why.1),
            );
        }
    }
}
