//! `--changed-since REF`: the services whose inputs git says have changed.

use super::place::Place;
use crate::config;
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::{Found, Service};
use crate::lang::Role;
use crate::paths;
use crate::process::{self, Said};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// git reads its index and some folders; a minute is for the largest of repositories.
const PATIENCE: Duration = Duration::from_secs(60);

/// Leaves in `found` the services that a change since `reference` may concern.
///
/// # Errors
/// git is not there, or knows no such reference.
pub fn limit(place: &Place, found: &mut Found, reference: &str) -> Result<(), Diagnostic> {
    let changed = changed(&place.root, reference)?;
    let owners: HashMap<&str, &Service> = found.services.iter().map(|s| (s.claim.dir.as_str(), s)).collect();
    let concerned: Vec<bool> = found
        .services
        .iter()
        .map(|s| changed.iter().any(|path| concerns(path, s, &owners)))
        .collect();
    let mut keep = concerned.into_iter();
    found
        .services
        .retain(|_| keep.next().expect("one for each service"));
    Ok(())
}

/// Paths from the root that differ between the common ancestor of `reference` and the work tree, and
/// new files. Nothing of the repository's configuration that starts a program is used.
fn changed(root: &Path, reference: &str) -> Result<Vec<String>, Diagnostic> {
    let failed = |why: String| {
        Diagnostic::error(&rules::BAD_SETTING, format!("--changed-since {reference}: {why}"))
            .help("name a commit, branch or tag that this clone has; a shallow clone may need `git fetch`")
    };
    if reference.starts_with('-') {
        return Err(failed("this is an option and no reference".into()));
    }
    let root = root.to_string_lossy();
    let run = |args: &[&str], env: &[(String, String)]| -> Result<Said, String> {
        let mut all = vec!["-C", &root, "-c", "core.fsmonitor=false", "--no-optional-locks"];
        all.extend(args);
        process::run("git", &all, env, PATIENCE)
    };
    let filters = run(
        &["config", "-z", "--name-only", "--get-regexp", r"^filter\."],
        &[],
    )
    .map_err(failed)?;
    let env = harmless(&filters.stdout).map_err(failed)?;
    let git = |args: &[&str]| -> Result<String, String> {
        let said = run(args, &env)?;
        if said.success {
            Ok(said.stdout)
        } else {
            Err(said.stderr.trim().to_string())
        }
    };
    let diff = |more: &[&str]| {
        let mut args = vec![
            "diff",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            // What is in a submodule's work tree is asked of a git with that submodule's configuration.
            "--ignore-submodules=dirty",
            "--relative",
            "-z",
        ];
        args.extend(more);
        args.extend([reference, "--"]);
        git(&args)
    };
    // Without a common ancestor, as in a shallow clone, the commit itself is compared.
    let tracked = diff(&["--merge-base"]).or_else(|_| diff(&[])).map_err(failed)?;
    let new = git(&["ls-files", "--others", "--exclude-standard", "-z"]).map_err(failed)?;
    let paths = tracked.split('\0').chain(new.split('\0'));
    Ok(paths.filter(|p| !p.is_empty()).map(str::to_string).collect())
}

/// The environment in which git starts no program that the repository names: no filter, by each key of
/// its configuration that is in `filters`, and no way to fetch what a partial clone lacks. A file that a
/// filter changes may then count as changed.
fn harmless(filters: &str) -> Result<Vec<(String, String)>, String> {
    if filters.contains(char::REPLACEMENT_CHARACTER) {
        return Err("the configuration of git names a filter that is not UTF-8".into());
    }
    let keys: Vec<&str> = filters.split('\0').filter(|k| !k.is_empty()).collect();
    let mut env = vec![
        ("GIT_ALLOW_PROTOCOL".to_string(), String::new()),
        ("GIT_NO_LAZY_FETCH".to_string(), "1".to_string()),
        ("GIT_CONFIG_COUNT".to_string(), keys.len().to_string()),
    ];
    for (n, key) in keys.into_iter().enumerate() {
        let off = if key.ends_with(".required") { "false" } else { "" };
        env.push((format!("GIT_CONFIG_KEY_{n}"), key.to_string()));
        env.push((format!("GIT_CONFIG_VALUE_{n}"), off.to_string()));
    }
    Ok(env)
}

/// May a change of `path` change what rdock writes for the service?
fn concerns(path: &str, service: &Service, owners: &HashMap<&str, &Service>) -> bool {
    let Service { claim, .. } = service;
    let dir = paths::parent(path);
    // Settings, and whatever stands beside the service or in a folder above it: manifests, lockfiles,
    // version files, ignore files. Of what the build does not see, source and documents are none of these.
    if path == config::FILE || paths::is_under(&claim.dir, dir) {
        return paths::is_under(path, &claim.context) || !is_source(path);
    }
    if !paths::is_under(path, &claim.context) {
        return false;
    }
    match paths::ancestors(dir).find_map(|d| owners.get(d)) {
        // Code that no service owns is shared.
        None => true,
        Some(owner) if owner.claim.dir == claim.dir => true,
        // Another service's source is its own affair; its manifest is part of the workspace, and a
        // front end may be built into this program.
        Some(owner) => owner.claim.role == Role::StaticSite || !is_source(path),
    }
}

/// Endings of files that are never a manifest.
const SOURCE: &[&str] = &[
    "c", "cc", "cpp", "css", "gif", "go", "h", "hbs", "hpp", "html", "ico", "java", "jpeg", "jpg", "js",
    "jsx", "kt", "less", "md", "mdx", "pdf", "png", "py", "pyi", "rs", "sass", "scss", "sh", "sql", "svelte",
    "svg", "ts", "tsx", "vue", "webp", "woff2",
];

fn is_source(path: &str) -> bool {
    paths::base(path).rsplit_once('.').is_some_and(|(stem, ending)| {
        SOURCE.contains(&ending) && !stem.ends_with(".config") && !paths::base(stem).is_empty()
    })
}
