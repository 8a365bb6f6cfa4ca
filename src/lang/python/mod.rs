//! Python.
pub mod source;
use super::Language;

pub static LANGUAGE: Language = Language {
    id: "python",
    name: "Python",
    looks_for: "a Python manifest with a program to start",
    discover: |_| Vec::new(),
    plan: |_| Err(Vec::new()),
    assets: None,
    rules: &[],
};
