//! Embedded folders that are not in the repository but that a front end builds.

use super::detect::Facts;
use super::module::at;
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::{Assets, AssetsResult, Project};
use crate::paths;

/// An empty file without which `go build` refuses a `//go:embed`.
pub struct StandIn {
    /// From the repository's root.
    pub file: String,
    pub warning: Diagnostic,
}

/// The stages for embedded folders that are not in the repository but that a front end builds, and
/// files that stand in for what nothing builds.
pub fn front_ends(project: &Project, facts: &Facts) -> Result<(Vec<Assets>, Vec<StandIn>), Vec<Diagnostic>> {
    let mut found: Vec<Assets> = Vec::new();
    let mut stand_ins = Vec::new();
    for embed in facts.embeds.iter().filter(|e| !e.there) {
        if found.iter().any(|a| paths::is_under(&embed.path, &a.path)) {
            continue;
        }
        match assets_for(project, facts, &embed.path) {
            // One build makes one folder.
            Some(Ok(assets))
                if !found.iter().any(|a| a.dir == assets.dir)
                    && (paths::is_under(&embed.path, &assets.path)
                        || paths::is_under(&assets.path, &embed.path)) =>
            {
                found.push(assets);
            }
            Some(Err(errors)) => return Err(errors),
            // What is one part of several leaves a program that works.
            _ if !found.is_empty() && embed.stand_in.is_some() => stand_ins.push(StandIn {
                file: embed.stand_in.clone().unwrap_or_default(),
                warning: Diagnostic::warning(
                    &rules::MISSING_INPUT,
                    format!(
                        "{} is embedded, is not in the repository, and nothing in the build makes it",
                        embed.path
                    ),
                )
                .at(embed.at.clone(), "an empty file stands in for it")
                .help(format!("build it before the image, or commit {}", embed.path)),
            }),
            _ => {
                return Err(vec![
                    Diagnostic::error(&rules::MISSING_INPUT, format!("{} is embedded and is not in the repository", embed.path))
                        .at(embed.at.clone(), "nothing matches this")
                        .help(format!("commit {}, or put the front end that makes it into a folder with a package.json and a build script", embed.path)),
                ]);
            }
        }
    }
    for path in ignored(project, facts) {
        let known = found.iter().any(|a| paths::is_under(&path, &a.path));
        if let (false, Some(Ok(assets))) = (known, assets_for(project, facts, &path))
            && paths::is_under(&assets.path, &path)
        {
            found.push(assets);
        }
    }
    Ok((found, stand_ins))
}

/// Embedded folders that are there but lack what .gitignore leaves out and no known front end makes.
pub fn missing(project: &Project, facts: &Facts, front: &[Assets]) -> Vec<Diagnostic> {
    let made = |path: &String| front.iter().any(|a| paths::is_under(path, &a.path));
    let left = ignored(project, facts).into_iter().filter(|p| !made(p));
    left.filter_map(|path| {
        let embed = facts.embeds.iter().find(|e| paths::is_under(&path, &e.path))?;
        Some(
            Diagnostic::warning(
                &rules::MISSING_INPUT,
                format!("{path} is embedded, .gitignore leaves it out, and nothing in the build makes it"),
            )
            .at(embed.at.clone(), "without it, this lacks a part")
            .help(format!("build it before the image, or commit {path}")),
        )
    })
    .collect()
}

/// Folders of build results inside of embedded ones, which .gitignore names and which are not there.
fn ignored(project: &Project, facts: &Facts) -> Vec<String> {
    const RESULTS: &[&str] = &["build", "dist", "out"];
    let Some(source) = project.tree.text(&at(&facts.module.dir, ".gitignore")) else {
        return Vec::new();
    };
    let lines = source
        .text
        .lines()
        .map(str::trim)
        .filter(|l| !l.starts_with(['#', '!']));
    let folders = lines.filter_map(|l| paths::join(&facts.module.dir, l.trim_matches('/')));
    folders
        .filter(|f| RESULTS.contains(&paths::base(f)) && !project.tree.has_dir(f))
        .filter(|f| {
            facts
                .embeds
                .iter()
                .any(|e| e.there && paths::is_under(f, &e.path) && *f != e.path)
        })
        .collect()
}

/// The front end that makes `path`: one in a folder above it, any other of the context whose output it
/// is, or the only one that there is.
fn assets_for(project: &Project, facts: &Facts, path: &str) -> Option<AssetsResult> {
    let above = paths::ancestors(paths::parent(path)).take_while(|dir| paths::is_under(dir, &facts.context));
    if let Some(found) = above
        .filter(|dir| project.tree.has(&at(dir, "package.json")))
        .find_map(project.assets)
    {
        return Some(found.map(|assets| assets.making(path)));
    }
    let manifests = project
        .tree
        .under(&facts.context)
        .filter(|p| paths::base(p) == "package.json");
    let dirs = manifests
        .map(paths::parent)
        .filter(|dir| !dir.split('/').any(crate::lang::is_no_service));
    let mut others: Vec<AssetsResult> = dirs.filter_map(project.assets).collect();
    others.retain(|found| found.as_ref().is_ok_and(|a| !a.guessed));
    if let Some(i) = others
        .iter()
        .position(|found| found.as_ref().is_ok_and(|a| paths::is_under(path, &a.path)))
    {
        return Some(others.swap_remove(i));
    }
    match others.as_mut_slice() {
        // A script of its own may write elsewhere than the plain build does.
        [Ok(only)] => only.path = path.to_string(),
        _ => return None,
    }
    others.pop()
}
