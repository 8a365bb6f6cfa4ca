//! What a program reads of a folder that others share: `../proto` beside `mail/`. The build context begins above
//! both, and each keeps its place.

use super::modules;
use super::source::Module;
use crate::lang::beside;
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// The shared folders that strings of the source lead to. A part of one may need the rest: messages and modules
/// name others.
pub fn find(tree: &Tree, dir: &str) -> Vec<String> {
    let folders = beside::shared(tree, dir);
    if folders.is_empty() {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
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
        for reached in beside::reached(tree, dir, &[paths::parent(path), dir], &strings) {
            found.extend(folders.iter().find(|f| paths::is_under(&reached, f)).cloned());
        }
    }
    found.into_iter().collect()
}
