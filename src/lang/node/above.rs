//! What a program reads of a folder that others share: `../proto/shop.proto` beside `api/`. The build context
//! begins above both, and each keeps its place.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::beside;
use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::manifest::javascript::{self, Kind};
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Endings that an import leaves out, and the file that the name of a folder means.
const MODULES: &[&str] = &[".js", ".cjs", ".mjs", ".ts", ".json", "/index.js", "/index.ts"];

/// Files and folders that the source in `dir` names, outside of `root`: a description of messages and a module
/// with all that stands in the shared folder, as these name others; anything else alone.
pub fn find(tree: &Tree, dir: &str, root: &str) -> Vec<String> {
    let mut folders = beside::shared(tree, dir);
    folders.retain(|folder| !paths::is_under(folder, root));
    if folders.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeSet<String> = BTreeSet::new();
    for file in files::of(tree, dir) {
        let Some(source) = tree.text(file).filter(|s| s.text.contains("..")) else {
            continue;
        };
        let said = strings(&source.text);
        let strings: Vec<(&str, usize)> = said.iter().map(|(s, line)| (s.as_str(), *line)).collect();
        for path in beside::reached(tree, dir, &[paths::parent(file), dir], &strings) {
            let Some(folder) = folders.iter().find(|f| paths::is_under(&path, f)) else {
                continue;
            };
            let whole =
                tree.has_dir(&path) || path.ends_with(".proto") || MODULES.iter().any(|m| path.ends_with(m));
            found.insert(if whole { folder.clone() } else { path });
        }
    }
    let all: Vec<String> = found.iter().cloned().collect();
    found.retain(|path| {
        !all.iter()
            .any(|other| other != path && paths::is_under(path, other))
    });
    found.into_iter().collect()
}

/// The strings with their lines; names of modules with each ending that they may have.
fn strings(text: &str) -> Vec<(String, usize)> {
    let mut line = 0;
    let mut last = 0;
    let mut found = Vec::new();
    for token in javascript::tokens(text) {
        let (Kind::String(said) | Kind::Template(said)) = &token.kind else {
            continue;
        };
        line += text[last..token.span.start].matches('\n').count();
        last = token.span.start;
        found.push((said.trim_start_matches("${__dirname}").to_string(), line));
    }
    let modules: Vec<(String, usize)> = found
        .iter()
        .filter(|(said, _)| said.starts_with("../"))
        .flat_map(|(said, _)| MODULES.iter().map(move |ending| format!("{said}{ending}")))
        // Each on a line of its own.
        .zip(line + 1..)
        .collect();
    found.extend(modules);
    found
}

impl Facts<'_> {
    /// COPY arguments of what the program reads above its folder.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn shared(&self) -> Result<Vec<Safe>, Diagnostic> {
        let copy = |path: &String| {
            let from = escape::path(paths::relative(path, self.context))?;
            let to = match self.tree.has(path) {
                true => format!("{}/", escape::path(&self.in_image(paths::parent(path)))?),
                false => escape::path(&self.in_image(path))?.to_string(),
            };
            Ok(Safe::literal(format!("{from} {to}")))
        };
        self.above.iter().map(copy).collect()
    }
}
