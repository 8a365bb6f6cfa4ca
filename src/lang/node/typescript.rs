//! Where the TypeScript compiler puts the output of a file: outDir, rootDir, and the rule that the
//! common folder of all inputs is the root where none is named.

use crate::lang::node::files;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc::{self, Node};
use crate::paths;
use crate::tree::Tree;
use globset::{Glob, GlobBuilder};

#[derive(Default)]
struct Project {
    out: Option<String>,
    root: Option<String>,
    include: Option<Vec<String>>,
    exclude: Vec<String>,
    files: Option<Vec<String>>,
    composite: bool,
}

/// Reads a tsconfig and those it extends, as far as they lie in the repository.
fn read(tree: &Tree, path: &str, depth: usize) -> Option<Project> {
    let source = tree.text(path)?;
    let node = doc::json(&source).ok()?;
    let here = paths::parent(path);
    let mut project = Project::default();
    let parents = node.get("extends").map(Node::strings).unwrap_or_default();
    for parent in parents.iter().filter(|p| depth < 8 && p.value.starts_with('.')) {
        let Some(mut target) = paths::join(here, &parent.value) else {
            continue;
        };
        if !tree.has(&target) {
            target += ".json";
        }
        if let Some(base) = read(tree, &target, depth + 1) {
            project = base;
        }
    }
    let option = |key: &str| node.path(&["compilerOptions", key]);
    let path_of = |n: &Node| paths::join(here, &n.as_str()?.replace("${configDir}", "."));
    project.out = option("outDir").and_then(path_of).or(project.out);
    project.root = option("rootDir").and_then(path_of).or(project.root);
    project.composite = option("composite")
        .and_then(Node::as_bool)
        .unwrap_or(project.composite);
    let list = |key: &str| {
        let list = node.get(key)?.strings();
        Some(
            list.iter()
                .filter_map(|p| paths::join(here, &p.value))
                .collect::<Vec<_>>(),
        )
    };
    project.include = list("include").or(project.include);
    project.files = list("files").or(project.files);
    if let Some(exclude) = list("exclude") {
        project.exclude = exclude;
    }
    Some(project)
}

fn matches(pattern: &str, file: &str) -> bool {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .or_else(|_| Glob::new("\u{0}"));
    paths::is_under(file, pattern) || glob.is_ok_and(|g| g.compile_matcher().is_match(file))
}

/// The output folder and the compiled file of `entry`, both from `dir`: `("dist", "dist/index.js")`.
/// `build` prefers tsconfig.build.json. `None` where there is no tsconfig or no outDir.
pub fn output(tree: &Tree, dir: &str, entry: &str, build: bool) -> Option<(String, String)> {
    let names: &[&str] = if build {
        &["tsconfig.build.json", "tsconfig.json"]
    } else {
        &["tsconfig.json"]
    };
    let path = names.iter().map(|n| in_dir(dir, n)).find(|p| tree.has(p))?;
    output_of(tree, dir, &path, entry)
}

/// [`output`] for one tsconfig.
pub fn output_of(tree: &Tree, dir: &str, tsconfig: &str, entry: &str) -> Option<(String, String)> {
    let project = read(tree, tsconfig, 0)?;
    let out = project.out.clone()?;
    let file = in_dir(dir, entry);
    let root = match &project.root {
        Some(root) => root.clone(),
        None if project.composite => paths::parent(tsconfig).to_string(),
        None => {
            let inputs: Vec<&str> = match &project.files {
                Some(files) if project.include.is_none() => files.iter().map(String::as_str).collect(),
                _ => files::typescript(tree, dir)
                    .into_iter()
                    .filter(|f| !paths::is_under(f, &out))
                    .filter(|f| match &project.include {
                        Some(include) => include.iter().any(|p| matches(p, f)),
                        None => true,
                    })
                    .filter(|f| !project.exclude.iter().any(|p| matches(p, f)))
                    .collect(),
            };
            let mut folders: Vec<&str> = inputs.iter().map(|f| paths::parent(f)).collect();
            folders.push(paths::parent(&file));
            paths::common(folders)
        }
    };
    if !paths::is_under(&file, &root) || !paths::is_under(&out, dir) {
        return None;
    }
    let relative = paths::relative(&file, &root);
    let (stem, extension) = relative.rsplit_once('.')?;
    let extension = match extension {
        "mts" => "mjs",
        "cts" => "cjs",
        _ => "js",
    };
    let out = paths::relative(&out, dir).to_string();
    let compiled = if out == "." {
        format!("{stem}.{extension}")
    } else {
        format!("{out}/{stem}.{extension}")
    };
    Some((out, compiled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], entry: &str, expected: Option<&str>) {
        let tree = Tree::from_pairs(files.iter().copied());
        assert_eq!(output(&tree, "", entry, true).map(|o| o.1).as_deref(), expected);
    }

    #[test]
    fn the_root_of_the_output_widens_with_the_inputs() {
        let config = r#"{"compilerOptions": {"outDir": "./dist"}}"#;
        let src = ("src/main.ts", "");
        check(
            &[("tsconfig.json", config), src],
            "src/main.ts",
            Some("dist/main.js"),
        );
        check(
            &[("tsconfig.json", config), src, ("prisma/seed.ts", "")],
            "src/main.ts",
            Some("dist/src/main.js"),
        );
        let rooted = r#"{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}"#;
        check(
            &[("tsconfig.json", rooted), src, ("prisma/seed.ts", "")],
            "src/main.ts",
            Some("dist/main.js"),
        );
        let included = r#"{"compilerOptions": {"outDir": "dist"}, "include": ["src/**/*"]}"#;
        check(
            &[("tsconfig.json", included), src, ("seed.ts", "")],
            "src/main.ts",
            Some("dist/main.js"),
        );
        check(&[("tsconfig.json", "{}"), src], "src/main.ts", None);
    }

    #[test]
    fn a_build_config_extends_the_common_one() {
        let files = [
            ("tsconfig.json", r#"{"compilerOptions": {"outDir": "./lib"}}"#),
            (
                "tsconfig.build.json",
                r#"{"extends": "./tsconfig.json", "exclude": ["test", "**/*.spec.ts"]}"#,
            ),
            ("src/main.ts", ""),
            ("test/e2e.ts", ""),
        ];
        check(&files, "src/main.ts", Some("lib/main.js"));
    }
}
