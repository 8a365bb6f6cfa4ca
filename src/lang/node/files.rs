//! The source files of a package.

use crate::paths;
use crate::tree::Tree;

/// Files that are read at most; the entry and what lies near it come first.
const MAX_FILES: usize = 600;

const EXTENSIONS: &[&str] = &[
    "js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx", "vue", "svelte", "astro",
];
const NOT_THE_PROGRAM: &[&str] = &[
    "__mocks__",
    "__tests__",
    "cypress",
    "dist",
    "docs",
    "e2e",
    "fixtures",
    "public",
    "spec",
    "static",
    "stories",
    "test",
    "tests",
    "vendor",
];

/// Source files of a package, those of nested packages and tests left out.
pub fn of<'a>(tree: &'a Tree, dir: &str) -> Vec<&'a str> {
    let skip = if dir.is_empty() { 0 } else { dir.len() + 1 };
    let mut nested: Vec<&str> = Vec::new();
    for file in tree.under(dir) {
        if paths::base(file) == "package.json" && paths::parent(file) != dir {
            nested.push(paths::parent(file));
        }
    }
    let mut found: Vec<&str> = tree
        .under(dir)
        .filter(|f| {
            let name = paths::base(f);
            let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
            let parts = paths::parent(&f[skip..]);
            EXTENSIONS.contains(&extension)
                && !name.ends_with(".d.ts")
                && !name.contains(".test.")
                && !name.contains(".spec.")
                && !name.contains(".min.")
                && !name.starts_with(".pnp.")
                && !parts
                    .split('/')
                    .any(|p| NOT_THE_PROGRAM.contains(&p) || p == ".yarn")
                && !nested.iter().any(|n| paths::is_under(f, n))
        })
        .collect();
    found.sort_by_key(|f| (f.matches('/').count(), entry_rank(f), *f));
    found.truncate(MAX_FILES);
    found
}

/// Does the folder hold source of a program?
pub fn has_source(tree: &Tree, dir: &str) -> bool {
    let is = |f: &str| {
        EXTENSIONS
            .iter()
            .any(|e| f.strip_suffix(e).is_some_and(|r| r.ends_with('.')))
    };
    tree.under(dir).any(is)
}

/// Every TypeScript file of a package, tests too, as the compiler sees it.
pub fn typescript<'a>(tree: &'a Tree, dir: &str) -> Vec<&'a str> {
    let is =
        |f: &&str| [".ts", ".tsx", ".mts", ".cts"].iter().any(|e| f.ends_with(e)) && !f.ends_with(".d.ts");
    tree.under(dir).filter(is).collect()
}

fn entry_rank(file: &str) -> usize {
    let stem = paths::base(file).split('.').next().unwrap_or_default();
    let names = ["server", "main", "index", "app", "www"];
    names.iter().position(|n| *n == stem).unwrap_or(names.len())
}
