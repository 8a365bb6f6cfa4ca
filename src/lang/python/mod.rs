//! Python.

pub mod apps;
pub mod dists;
pub mod django;
pub mod facts;
pub mod frameworks;
pub mod manager;
pub mod modules;
pub mod natives;
pub mod packages;
pub mod pick;
pub mod procfile;
pub mod rules;
pub mod scripts;
pub mod servers;
pub mod setup;
pub mod source;
pub mod start;
pub mod version;

use super::Language;

pub static LANGUAGE: Language = Language {
    id: "python",
    name: "Python",
    looks_for: "a Python manifest with a program to start",
    discover: |_| Vec::new(),
    plan: |_| Err(Vec::new()),
    assets: None,
    rules: rules::ALL,
};
