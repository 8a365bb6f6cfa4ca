//! Front ends that the program embeds, or serves from a folder.

use super::detect::Facts;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
use crate::paths;

/// A front end that the program embeds, or serves from a folder.
pub struct Front {
    pub dir: String,
    pub assets: Assets,
    /// In the source, from the repository root.
    pub path: String,
    /// As the program says it.
    pub said: String,
    pub embedded: bool,
}

impl Front {
    pub fn copy(&self, context: &str) -> Result<Safe, Diagnostic> {
        let from = escape::path(&self.assets.output)?;
        let to = escape::path(&format!("/src/{}", paths::relative(&self.path, context)))?;
        Ok(Safe::literal(format!("--from={} {from} {to}", self.assets.stage)))
    }
}

pub fn front_ends(project: &Project, facts: &Facts) -> Result<Vec<Front>, Diagnostic> {
    let mut wanted: Vec<(String, String, bool)> = Vec::new();
    for embedded in &facts.files.embedded {
        let path = &embedded.value;
        // No front end writes Rust.
        if !project.tree.has(path) && !project.tree.has_dir(path) && !path.ends_with(".rs") {
            wanted.push((path.clone(), path.clone(), true));
        }
    }
    for (said, path) in &facts.files.built {
        wanted.push((path.value.clone(), said.clone(), false));
    }
    let mut fronts: Vec<Front> = Vec::new();
    for (path, said, embedded) in wanted {
        let Some(dir) = super::files::front_end(project.tree, &path, "") else {
            continue;
        };
        if dir == project.claim.dir || fronts.iter().any(|f| f.path == path) {
            continue;
        }
        match (project.assets)(&dir) {
            Some(Ok(assets)) => {
                let assets = assets.making(&path);
                // A file of the front end stands for its folder.
                let inside = paths::relative(&path, &assets.path).to_string();
                let (path, said) = if path != assets.path && paths::is_under(&path, &assets.path) {
                    let folder = said.strip_suffix(&inside).unwrap_or(&said);
                    (assets.path.clone(), folder.trim_end_matches('/').to_string())
                } else {
                    (path, said)
                };
                let said = if embedded { path.clone() } else { said };
                fronts.push(Front {
                    dir,
                    assets,
                    path,
                    said,
                    embedded,
                });
            }
            // A path that is merely opened may be anybody's.
            Some(Err(mut errors)) if embedded && !errors.is_empty() => return Err(errors.swap_remove(0)),
            _ => {}
        }
    }
    fronts.dedup_by(|a, b| a.path == b.path);
    Ok(fronts)
}
