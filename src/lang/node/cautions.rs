//! What a person should know of a program.

use crate::diagnostic::{Diagnostic, rules as shared};
use crate::lang::node::astro;
use crate::lang::node::building;
use crate::lang::node::ground::Ground;
use crate::lang::node::next;
use crate::lang::node::presets;
use crate::lang::node::rules;
use crate::lang::node::svelte;

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
    if let Some(at) = next::unknown(facts) {
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
