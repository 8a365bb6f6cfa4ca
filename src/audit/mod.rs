//! The audit: what is wrong with a Dockerfile that only somebody who knows the language can see. One
//! table of rules, one function a rule; each finding has a place, a consequence and the edit that
//! mends it. A rule that cannot be sure says nothing.

pub mod base;
mod bases;
mod copies;
mod installs;
mod linkage;
mod locks;
mod members;
mod order;
mod ports;
mod secrets;
mod start;
mod table;
mod tools;
mod view;

pub use table::{Entry, TABLE};
pub use view::Known;

use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, read};
use crate::source::{Location, Source};
use crate::tree::Tree;
use base::{Base, Support};
use std::sync::Arc;
use view::View;

/// Every finding of every rule, in the order of their places, without those that a comment
/// `# rdock: ignore=RD…` on the line above silences.
///
/// # Errors
/// The file is no Dockerfile.
pub fn audit(
    source: &Arc<Source>,
    tree: &Tree,
    known: Option<&Known>,
) -> Result<Vec<Diagnostic>, Diagnostic> {
    let file = read(source)?;
    let view = View::new(&file, tree, known);
    let mut found: Vec<Diagnostic> = TABLE.iter().flat_map(|e| (e.check)(&e.rule, &view)).collect();
    found.retain(|d| !ignored(&file, d));
    found.sort_by_key(|d| {
        let at = d.at.as_ref().and_then(|a| a.range()).map_or(0, |r| r.start);
        (at, d.rule.id)
    });
    Ok(found)
}

/// A FROM line that names an image.
pub struct ImageLine {
    /// As written, variables with their defaults.
    pub image: String,
    pub at: Location,
    pub ended: bool,
    pub known: bool,
    /// Empty for a supported one.
    pub why: String,
}

/// Every image that a Dockerfile is built on, but `scratch` and those that only a build argument knows.
pub fn images(file: &Dockerfile) -> Vec<ImageLine> {
    let own = file.stages.iter().filter(|s| s.from.stage.is_none());
    let named = own.filter_map(|s| Some((&s.from, s.from.image.clone()?)));
    let lines = named.filter_map(|(from, image)| {
        let base = Base::parse(&image).filter(|b| b.name != "scratch")?;
        let (ended, known, why) = match base.support {
            Support::Ended { what, day } => (
                true,
                true,
                format!("{what} is past its end of support since {day}"),
            ),
            Support::Supported => (false, true, String::new()),
            Support::Unknown => (false, false, "not in the catalogue".to_string()),
        };
        Some(ImageLine {
            image,
            at: from.at.clone(),
            ended,
            known,
            why,
        })
    });
    lines.collect()
}

/// Is a Dockerfile's name this: `Dockerfile`, `Dockerfile.web`, `web.Dockerfile`, `Containerfile`?
pub fn is_dockerfile(path: &str) -> bool {
    let name = crate::paths::base(path);
    let ending = name.rsplit('.').next().unwrap_or("");
    let stem = ["Dockerfile", "dockerfile", "Containerfile", "containerfile"]
        .iter()
        .any(|stem| {
            name.strip_prefix(stem)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        });
    let of_something_else = name.contains('.') && NOT_DOCKERFILES.contains(&ending);
    (stem || matches!(ending, "Dockerfile" | "dockerfile")) && !of_something_else
}

/// Endings of templates and of files about Dockerfiles.
const NOT_DOCKERFILES: &[&str] = &[
    "bak",
    "dockerignore",
    "ejs",
    "erb",
    "go",
    "hbs",
    "in",
    "j2",
    "jinja",
    "js",
    "json",
    "liquid",
    "md",
    "mustache",
    "orig",
    "png",
    "py",
    "sh",
    "svg",
    "template",
    "tmpl",
    "tpl",
    "ts",
    "txt",
    "yaml",
    "yml",
];

/// A comment directly above the finding's line, or above its instruction, that names its rule.
fn ignored(file: &Dockerfile, finding: &Diagnostic) -> bool {
    let Some(line) = finding
        .at
        .as_ref()
        .filter(|at| at.file() == file.source.path)
        .and_then(|at| at.line())
    else {
        return false;
    };
    let lines: Vec<&str> = file.source.text.lines().collect();
    let of_stage = file
        .stages
        .iter()
        .flat_map(|s| std::iter::once(&s.from.line).chain(s.instructions.iter().map(|i| &i.at)));
    let start = of_stage
        .filter_map(|at| at.line())
        .filter(|l| *l <= line)
        .max()
        .unwrap_or(line);
    [line, start].iter().any(|first| {
        let above = lines[..first.saturating_sub(1).min(lines.len())].iter().rev();
        above
            .take_while(|l| l.trim_start().starts_with('#'))
            .any(|l| names(l, finding.rule.id))
    })
}

fn names(comment: &str, id: &str) -> bool {
    let text = comment.trim().trim_start_matches('#').trim();
    let list = text
        .strip_prefix("rdock:")
        .map(str::trim_start)
        .and_then(|t| t.strip_prefix("ignore="));
    list.is_some_and(|l| l.split([',', ' ']).any(|word| word.trim() == id))
}
