//! TanStack Start: a server that Nitro bundles, or a handler that srvx listens for.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::Safe;
use crate::lang::node::detect::Facts;
use crate::lang::node::install;
use crate::lang::node::product::{Look, Product, Program, Start};
use crate::lang::node::program::Run;
use crate::lang::node::rules;
use crate::lang::node::servers;

pub const SRVX: &str = "srvx";
pub const FILE: &str = "srvx/bin/srvx.mjs";
/// Installed where the project has its start script fetch it.
const VERSION: &str = "1.0.8";

const NITRO: &[&str] = &["nitro", "nitropack", "vinxi", "@tanstack/nitro-v2-vite-plugin"];
/// Plugins that build for a platform of their own.
const ELSEWHERE: &[&str] = &["@cloudflare/vite-plugin", "@netlify/vite-plugin-tanstack-start"];

pub fn product(look: &Look) -> Product {
    let has = |names: &[&str]| names.iter().any(|n| look.package.dependency(n).is_some());
    if has(NITRO) || look.start.contains(".output/") {
        return servers::nitro(look);
    }
    let words: Vec<&str> = look.start.split_whitespace().collect();
    let at = words.iter().position(|w| *w == SRVX);
    let named = words.iter().find(|w| w.contains("dist/"));
    if let (None, Some(file)) = (at, named) {
        let because = Because::rule("the start script names the built server");
        return servers::bundle(look, "dist", file, 3000, because);
    }
    if has(ELSEWHERE) {
        return Product::None(
            Diagnostic::error(
                &rules::ADAPTER,
                "TanStack Start builds for another platform here, and no server",
            )
            .at(look.package.at(), "")
            .help("add the package `nitro` and its plugin `nitro()` to vite.config"),
        );
    }
    let args = match at {
        Some(at) => words[at + 1..].iter().map(|w| w.to_string()).collect(),
        None => ["--prod", "-s", "../client", "dist/server/server.js"]
            .map(String::from)
            .to_vec(),
    };
    Product::Program(Program {
        outputs: vec![look.same("dist")],
        modules: true,
        start: Start::Bin {
            name: SRVX.into(),
            file: Some(FILE),
            args,
        },
        cwd: look.place.to_string(),
        env: vec![],
        port: Some(3000),
        port_variable: Some("PORT"),
        writes: None,
        reads_config: false,
        because: Because::rule("srvx listens for the handler that the build makes"),
    })
}

/// Installs the server that the start script would fetch.
pub fn install(facts: &Facts, run: &Run) -> Option<Safe> {
    let served = matches!(run, Run::Bin { name, .. } if name == SRVX);
    (served && facts.package.dependency(SRVX).is_none()).then(|| {
        let add = install::add(facts.managed.manager.id, true);
        Safe::literal(format!("{add} {SRVX}@{VERSION}"))
    })
}
