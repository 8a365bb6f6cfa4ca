//! The build context: what a host leaves behind, and the members that a service does not need.

use crate::lang::Assets;
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::paths;

/// Lines of the ignore file: what a host's install and build leave behind, and the members that this
/// service does not need.
pub fn ignore(facts: &Facts, fronts: &[Assets]) -> Vec<String> {
    let mut lines: Vec<String> = [
        "**/node_modules",
        "**/*.log",
        "**/.turbo",
        "**/*.tsbuildinfo",
        "**/coverage",
    ]
    .map(String::from)
    .to_vec();
    for (dependency, folder) in [
        ("next", "**/.next"),
        ("nuxt", "**/.nuxt"),
        ("astro", "**/.astro"),
        ("@sveltejs/kit", "**/.svelte-kit"),
        ("@angular/core", "**/.angular"),
    ] {
        if facts
            .installed()
            .iter()
            .any(|(_, p)| p.dependency(dependency).is_some())
        {
            lines.push(folder.to_string());
        }
    }
    if facts
        .framework
        .is_some_and(|f| f.id == "nuxt" || f.id == "nitro" || f.id.ends_with("start"))
    {
        lines.push("**/.output".into());
    }
    if facts.managed.manager.id == Id::Berry && !facts.managed.zero_install {
        lines.extend(
            [
                ".yarn/cache",
                ".yarn/install-state.gz",
                ".yarn/unplugged",
                ".pnp.*",
            ]
            .map(String::from),
        );
    }
    // An output of the host would be taken for a fresh one.
    for folder in ["dist", "build", "out"] {
        let path = in_dir(facts.dir, folder);
        if !facts.tree.has_dir(&path) && facts.build.is_some() {
            lines.push(in_dir(facts.place, folder));
        }
    }
    for name in [".env", ".env.production"] {
        let path = in_dir(facts.dir, name);
        let browser = facts
            .framework
            .is_some_and(|f| !matches!(f.id, "nest" | "webpack"));
        if facts.tree.has(&path) && browser {
            lines.push(format!("!{}", in_dir(facts.place, name)));
        }
    }
    lines.extend(strangers(facts, fronts));
    let mut lines: Vec<String> = lines.into_iter().map(|line| from_context(facts, line)).collect();
    let made = fronts
        .iter()
        .map(|f| paths::relative(&f.path, facts.context).to_string());
    lines.extend(made);
    lines
}

/// A line about the root's own files, as the build context sees them.
fn from_context(facts: &Facts, line: String) -> String {
    let (mark, path) = match line.strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", line.as_str()),
    };
    match paths::relative(facts.root, facts.context) {
        "." => line,
        _ if path.starts_with("**/") => line,
        place => format!("{mark}{place}/{path}"),
    }
}

/// Members that the service does not need: their sources stay out of the context, their manifests
/// do not, as the install reads them.
fn strangers(facts: &Facts, fronts: &[Assets]) -> Vec<String> {
    let Some(workspace) = &facts.workspace else {
        return vec![];
    };
    if facts.place.is_empty() {
        return vec![];
    }
    let mut needed: Vec<&str> = facts
        .closure(Reach::Build)
        .iter()
        .map(|m| m.dir.as_str())
        .collect();
    needed.push(facts.dir);
    needed.extend(fronts.iter().map(|f| f.dir.as_str()));
    if let Some(package) = &workspace.package {
        needed.extend(
            workspace
                .closure(&workspace.root, package, Reach::Build)
                .iter()
                .map(|m| m.dir.as_str()),
        );
    }
    let mentions: Vec<String> = needed
        .iter()
        .copied()
        .chain([workspace.root.as_str()])
        .flat_map(|d| facts.tree.files_in(d))
        .filter(|f| {
            let name = paths::base(f);
            name.starts_with("tsconfig") || name.contains(".config.") || name == "turbo.json"
        })
        .filter_map(|f| facts.tree.text(f).map(|s| s.text.clone()))
        .collect();
    let named = |dir: &str| {
        let place = facts.placed(dir);
        let base = paths::base(dir);
        mentions.iter().any(|t| {
            t.contains(place) || t.contains(&format!("/{base}/")) || t.contains(&format!("/{base}\""))
        })
    };
    let mut lines = Vec::new();
    for member in &workspace.members {
        let inside = needed.iter().any(|n| paths::is_under(n, &member.dir));
        if inside || named(&member.dir) {
            continue;
        }
        let place = facts.placed(&member.dir);
        lines.push(format!("{place}/**"));
        lines.push(format!("!{place}/package.json"));
    }
    lines
}
