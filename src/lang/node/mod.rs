//! Node.js and Bun: package managers, workspaces, frameworks, native modules, sites for browsers.

mod angular;
mod building;
mod compiled;
mod config;
mod context;
mod detect;
mod discover;
mod framework;
mod ground;
mod hooks;
mod install;
mod managed;
mod manager;
mod native;
mod nx;
mod plan;
mod platform;
mod product;
mod program;
mod rules;
mod run;
mod runtime;
mod scripts;
mod site;
mod sites;
mod source;
mod stages;
mod start;
mod svelte;
mod typescript;
mod version;
mod view;
mod workspace;
mod writes;

use super::Language;

pub static LANGUAGE: Language = Language {
    id: "node",
    name: "Node.js",
    looks_for: "package.json with a framework, a start script, or a server's entry",
    discover: discover::discover,
    plan: plan::plan,
    assets: Some(site::assets),
    rules: rules::ALL,
};
