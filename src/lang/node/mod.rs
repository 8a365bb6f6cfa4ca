//! Node.js and Bun: package managers, workspaces, frameworks, native modules, sites for browsers.

mod angular;
mod astro;
mod building;
mod cautions;
mod cloudflare;
mod compiled;
mod config;
mod configured;
mod context;
mod copies;
mod declared;
mod desktop;
mod detect;
mod discover;
mod entry;
mod files;
mod framework;
mod frameworks;
mod front;
mod ground;
mod handler;
mod hooks;
mod inputs;
mod install;
mod limits;
mod local;
mod managed;
mod manager;
mod native;
mod nx;
mod own;
mod packages;
mod parts;
mod plan;
mod platform;
mod ports;
mod presets;
mod prisma;
mod product;
mod program;
mod recognize;
mod rules;
mod run;
mod runners;
mod runtime;
mod scripts;
mod servers;
mod service;
mod shipped;
mod site;
mod sites;
mod source;
mod stages;
mod start;
mod svelte;
mod tanstack;
mod tool;
mod tools;
mod typescript;
mod variables;
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
