//! Cloudflare Workers: what Wrangler deploys answers inside of Cloudflare's runtime, and not on Node.js.

use crate::diagnostic::Diagnostic;
use crate::lang::node::detect::Facts;
use crate::lang::node::product::Look;
use crate::lang::node::rules;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Wrangler's config, in the order in which it looks for one.
const CONFIGS: &[&str] = &["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/// The Vite plugin that builds for Cloudflare: a page and its files then lie in `client`.
pub const PLUGIN: &str = "@cloudflare/vite-plugin";

/// The file that Wrangler deploys from the package in `dir`.
pub fn main(tree: &Tree, dir: &str) -> Option<Sourced<String>> {
    let source = CONFIGS.iter().find_map(|name| tree.text(&in_dir(dir, name)))?;
    let node = if source.path.ends_with(".toml") {
        doc::toml(&source)
    } else {
        doc::json(&source)
    };
    node.ok()?.string(&["main"])
}

pub fn worker(facts: &Facts) -> Option<Sourced<String>> {
    main(facts.tree, facts.dir)
}

/// A page whose other half is a Worker: what a person should know of it.
pub fn warning(facts: &Facts) -> Option<Diagnostic> {
    let plugin = facts.config.as_ref()?.imports().contains(&PLUGIN);
    let worker = worker(facts).filter(|_| plugin)?;
    Some(
        Diagnostic::warning(
            &rules::CLOUDFLARE,
            format!(
                "{} is a Cloudflare Worker, and no part of the image",
                worker.value
            ),
        )
        .at(worker.at, "deployed by Wrangler")
        .help("add a server for Node.js, or send what it answers to where it is deployed"),
    )
}

/// Packages of frameworks that run there alone.
const ADAPTERS: &[&str] = &[PLUGIN, "@remix-run/cloudflare", "@react-router/cloudflare"];

/// An application of a framework that is made for Cloudflare.
pub fn application(look: &Look) -> Option<Diagnostic> {
    let dependency = ADAPTERS.iter().find_map(|name| look.package.dependency(name))?;
    let what = format!("{} builds for Cloudflare", dependency.name);
    Some(refused(&what, dependency.at.clone()))
}

/// What to say of a program for Cloudflare.
pub fn refused(what: &str, at: Location) -> Diagnostic {
    Diagnostic::error(
        &rules::CLOUDFLARE,
        format!("{what}, and Node.js would not answer for it"),
    )
    .at(at, "for Wrangler to deploy")
    .help("add a start script that listens in Node.js, such as one with @hono/node-server, or pass `--main FILE`")
}
