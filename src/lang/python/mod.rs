//! Python: pip, uv, Poetry, PDM and Pipenv; web frameworks behind their servers, scripts, packages.

mod above;
mod apps;
mod bases;
mod conda;
mod consoles;
mod discover;
mod dists;
mod django;
mod exact;
mod expressions;
mod facts;
mod files;
mod floors;
mod frameworks;
mod front;
mod functions;
mod inline;
mod install;
mod knowledge;
mod locks;
mod manager;
mod modules;
mod natives;
mod optional;
mod own;
mod packages;
mod pick;
mod plan;
mod ports;
mod procfile;
mod programs;
mod reach;
mod reload;
mod requirement_files;
mod rules;
mod runners;
mod runs;
mod scripts;
mod servers;
mod setup;
mod skeleton;
mod source;
mod stages;
mod start;
mod stdlib;
mod testing;
mod told;
mod tool_version;
mod tools;
mod version;
mod view;
mod volumes;
mod workers;
mod written;

use super::Language;

pub static LANGUAGE: Language = Language {
    id: "python",
    name: "Python",
    manifests: discover::MANIFESTS,
    needs: "a program to start",
    discover: discover::discover,
    plan: plan::plan,
    assets: None,
    rules: rules::ALL,
};
