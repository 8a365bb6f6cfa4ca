//! Go: modules and workspaces, programs by their package clause, static binaries unless C is linked.

mod bases;
mod calls;
mod cgo;
mod choose;
mod commands;
mod compile;
mod configured;
mod data;
mod detect;
mod discover;
mod files;
mod flags;
mod front;
mod hints;
mod links;
mod module;
mod named;
mod opened;
mod plan;
mod ports;
mod rules;
mod served;
mod settings;
mod several;
mod shape;
mod stages;
mod stamp;
mod syntax;
mod version;
mod view;

use super::Language;

pub static LANGUAGE: Language = Language {
    id: "go",
    name: "Go",
    manifests: &["go.mod"],
    needs: "a package main",
    discover: discover::discover,
    plan: plan::plan,
    assets: None,
    rules: rules::ALL,
};
