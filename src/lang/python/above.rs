//! What a program reads of a folder that others share: `../proto` beside `mail/`. The build context begins above
//! both, and each keeps its place.

use super::modules;
use super::source::Module;
use crate::lang::beside;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// The shared folders that strings of the source lead to, each at the first that does. A part of one may need the rest: messages and modules
/// name others.
pub fn find(tree: &Tree, dir: &str) -> Vec<Sourced<String>> {
    let folders = beside::shared(tree, dir);
    if folders.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<String, Location> = BTreeMap::new();
    for path in modules::candidates(tree, dir) {
        let Some(source) = tree.text(path).filter(|s| s.text.contains("..")) else {
            continue;
        };
        let module = Module::read(&source);
        let strings: Vec<(&str, usize)> = module
            .strings
            .iter()
            .map(|(text, at)| (text.as_str(), at.line().unwrap_or(0)))
            .collect();
        for (reached, first) in beside::reached(tree, dir, &[paths::parent(path), dir], &strings) {
            if let Some(folder) = folders.iter().find(|f| paths::is_under(&reached, f)) {
                let at = || module.strings[first].1.clone();
                found.entry(folder.clone()).or_insert_with(at);
            }
        }
    }
    found
        .into_iter()
        .map(|(path, at)| Sourced::new(path, at))
        .collect()
}
