//! What the build reads of the project: the context, its mounts, and what the context leaves out.

use super::builder::Builder;
use super::compile::Compile;
use super::detect::{self, Facts};
use super::front::Front;
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;

/// The nearest folder that holds all that the build reads.
pub fn context(project: &Project, facts: &Facts, fronts: &[Front]) -> Result<String, Diagnostic> {
    let mut dirs: Vec<&str> = vec![&facts.root, &project.claim.dir];
    dirs.extend(facts.closure.local.iter().map(String::as_str));
    dirs.extend(fronts.iter().map(|f| f.dir.as_str()));
    let files = facts
        .files
        .embedded
        .iter()
        .map(|e| &e.value)
        .chain(facts.files.opened.values().map(|o| &o.value));
    dirs.extend(
        files
            .filter(|f| project.tree.has(f) || project.tree.has_dir(f))
            .map(|f| paths::parent(f)),
    );
    // Aliases alone change no build.
    let matters = |c: &&detect::Config| c.node.entries().iter().any(|e| e.key != "alias");
    dirs.extend(facts.config.iter().filter(matters).map(|c| c.dir.as_str()));
    let common = paths::common(dirs);
    // A settings' file may lie higher.
    for file in &project.settings.files {
        if paths::join(&project.claim.dir, file).is_none() {
            return Err(Diagnostic::error(
                &diagnostic::rules::BAD_SETTING,
                format!("`{file}` leaves the repository"),
            )
            .help("name a path inside of it"));
        }
    }
    Ok(common)
}

pub fn paths_outside(facts: &Facts) -> impl Iterator<Item = &String> {
    facts
        .closure
        .local
        .iter()
        .filter(|d| !paths::is_under(d, &facts.root))
}

/// Manifests and locks below the context.
pub fn manifests(project: &Project, context: &str) -> Vec<String> {
    let named = |p: &&str| matches!(paths::base(p), "Cargo.toml" | "Cargo.lock");
    let below = project.tree.under(context).filter(named);
    below.map(str::to_string).collect()
}

/// What `cargo clean` drops: all packages that are compiled from the checkout.
pub fn clean(facts: &Facts, builder: &Builder) -> Result<Safe, Diagnostic> {
    /// The first cargo with `cargo clean --workspace`.
    const KNOWS_WORKSPACE: (u32, u32) = (1, 94);
    let outside = paths_outside(facts).next().is_some();
    if !outside && builder.release.is_some_and(|r| r >= KNOWS_WORKSPACE) {
        return Ok(Safe::literal("--workspace"));
    }
    let mut words = Vec::new();
    for name in &facts.local_names {
        words.push(Safe::join(
            &[Safe::literal("--package"), escape::shell(name)?],
            " ",
        ));
    }
    Ok(Safe::join(&words, " "))
}

pub fn mounts(
    facts: &Facts,
    compile: &Compile,
    fronts: &[Front],
    context: &str,
) -> Result<Vec<Safe>, Diagnostic> {
    let embedded: Vec<&Front> = fronts.iter().filter(|f| f.embedded).collect();
    let write = if compile.writes || facts.lock.is_none() || !embedded.is_empty() {
        ",rw"
    } else {
        ""
    };
    let mut mounts = vec![Safe::literal(format!("type=bind,target=/src{write}"))];
    for front in embedded {
        let source = escape::mount(&front.assets.output)?;
        let target = escape::mount(&format!("/src/{}", paths::relative(&front.path, context)))?;
        let stage = &front.assets.stage;
        mounts.push(Safe::literal(format!(
            "type=bind,from={stage},source={source},target={target}"
        )));
    }
    mounts.extend(compile.secret_mounts.iter().cloned());
    mounts.push(Safe::literal("type=cache,target=/usr/local/cargo/registry"));
    if compile.git {
        mounts.push(Safe::literal("type=cache,target=/usr/local/cargo/git/db"));
    }
    Ok(mounts)
}

/// Build folders, and toolchain files that would make rustup download.
pub fn ignore(project: &Project, context: &str, facts: Option<&Facts>) -> Vec<String> {
    let mut lines = vec!["**/target".to_string()];
    // A folder of that name can hold sources.
    let inside = |path: &str| {
        let at = path.split('/').position(|part| part == "target")?;
        Some(path.split('/').take(at + 1).collect::<Vec<_>>().join("/"))
    };
    let mut sources: Vec<String> = project.tree.under(context).filter_map(inside).collect();
    sources.dedup();
    let built = |p: &String| {
        ["CACHEDIR.TAG", ".rustc_info.json"]
            .iter()
            .any(|n| project.tree.has(&format!("{p}/{n}")))
    };
    for path in sources
        .into_iter()
        .filter(|p| paths::is_under(p, context) && !built(p))
    {
        lines.push(format!("!{}", paths::relative(&path, context)));
    }
    // Beside the program or in a folder of its own; deeper ones are tests and examples.
    let near =
        |p: &str| paths::base(p) == "package.json" && paths::relative(p, context).matches('/').count() < 2;
    if project.tree.under(context).any(near) {
        lines.push("**/node_modules".into());
    }
    if let Some(file) = facts.and_then(|f| f.toolchain.file.as_ref())
        && paths::is_under(&file.path, context)
    {
        lines.push(paths::relative(&file.path, context).to_string());
    }
    lines
}
