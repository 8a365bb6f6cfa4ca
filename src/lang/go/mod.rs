//! Go.

use super::Language;

pub static LANGUAGE: Language = Language {
    id: "go",
    name: "Go",
    looks_for: "go.mod with a package main",
    discover: |_| Vec::new(),
    plan: |_| Err(Vec::new()),
    assets: None,
    rules: &[],
};
