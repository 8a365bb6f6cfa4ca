//! What lies beside a program: front ends that it serves, `client/` next to `server/`, and folders that
//! several programs share, `proto/`. For every language whose programs name files by their paths.

use crate::paths;
use crate::tree::Tree;
use askama::Template;
use std::collections::BTreeMap;

/// The program's own stages after those of its front ends.
#[derive(Template)]
#[template(path = "shared/served/Dockerfile")]
pub struct Served {
    pub front_ends: Vec<String>,
    pub own: String,
}

/// What the folder of a front end beside the program is called.
const NAMES: &[&str] = &[
    "client",
    "dashboard",
    "front",
    "front-end",
    "frontend",
    "react",
    "site",
    "spa",
    "ui",
    "vue",
    "web",
    "web-ui",
    "webapp",
    "webui",
];

/// Where a bundler puts what it makes.
pub const OUTPUTS: &[&str] = &["dist", "build", "out", "public", "www"];

/// Files that say where a bundler writes.
const CONFIGS: &[&str] = &[
    "vite.config.ts",
    "vite.config.js",
    "vite.config.mts",
    "vue.config.js",
];

/// A front end beside a program.
pub struct Front<'t> {
    /// `client`
    pub name: &'static str,
    /// Its folder from the repository's root.
    pub dir: String,
    tree: &'t Tree,
}

impl Front<'_> {
    /// `client/dist`, for each output that is not in the repository.
    pub fn outputs(&self) -> impl Iterator<Item = String> + '_ {
        let made = |output: &&&str| paths::join(&self.dir, output).is_some_and(|p| self.tree.has_dir(&p));
        let outputs = OUTPUTS.iter().filter(move |o| !made(o));
        outputs.map(|output| format!("{}/{output}", self.name))
    }

    /// Does it write into the program's folder?
    fn writes_into(&self, program: &str) -> bool {
        let into = format!("../{}/", paths::base(program));
        CONFIGS
            .iter()
            .filter_map(|f| self.tree.text(&paths::join(&self.dir, f)?))
            .any(|config| config.text.contains(&into))
    }
}

/// The folder above the program in `dir`, where a front end lies beside it that the program serves: it
/// writes into the program's folder, or the program `names` its output. Looks into few files, as it is asked
/// for every project of a repository.
pub fn above(tree: &Tree, dir: &str, names: &dyn Fn(&Front) -> bool) -> Option<String> {
    if dir.is_empty() {
        return None;
    }
    let parent = paths::parent(dir);
    let mut fronts = NAMES.iter().filter_map(|name| {
        let folder = paths::join(parent, name)?;
        let package = tree.text(&paths::join(&folder, "package.json")?)?;
        let builds = package.text.contains("\"build\"") && folder != dir && !paths::is_under(dir, &folder);
        builds.then_some(Front {
            name,
            dir: folder,
            tree,
        })
    });
    let served = fronts.any(|front| front.writes_into(dir) || names(&front));
    served.then(|| parent.to_string())
}

/// What a folder is called that several programs of a repository share.
const SHARED: &[&str] = &[
    "common",
    "config",
    "configs",
    "contracts",
    "data",
    "grpc",
    "idl",
    "pb",
    "proto",
    "protobuf",
    "protobufs",
    "protocol",
    "protos",
    "schema",
    "schemas",
    "shared",
];

/// So many folders above a program are looked at.
const ABOVE: usize = 4;

/// Folders beside or above the program in `dir` that have such a name. Reads nothing, as it is asked for every
/// project of a repository.
pub fn shared(tree: &Tree, dir: &str) -> Vec<String> {
    let above = paths::ancestors(dir).skip(1).take(ABOVE);
    let there = |parent: &str| tree.once_at(parent, || SharedIn::find(tree, parent));
    let all = above.flat_map(|parent| there(parent).0.clone());
    all.filter(|folder| !paths::is_under(dir, folder)).collect()
}

/// The folders directly in one folder that have such a name.
struct SharedIn(Vec<String>);

impl SharedIn {
    fn find(tree: &Tree, parent: &str) -> Self {
        let folders = SHARED.iter().filter_map(|name| paths::join(parent, name));
        Self(folders.filter(|f| tree.has_dir(f)).collect())
    }
}

/// What strings that begin with `..` name outside of `dir`, as seen from one of `homes`, where it is in the
/// repository: `join(here, "..", "proto", "shop.proto")`. A string comes with its line, and each path with the first
/// string that names it. Names that begin with a dot are nobody's to copy.
pub fn reached(tree: &Tree, dir: &str, homes: &[&str], strings: &[(&str, usize)]) -> BTreeMap<String, usize> {
    let up = |said: String| {
        let said = said.trim_start_matches('/');
        said.starts_with("..").then(|| said.to_string())
    };
    let outside = |path: &String| {
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        !hidden && !paths::is_under(path, dir) && !paths::is_under(dir, path)
    };
    let mut found = BTreeMap::new();
    for (first, said) in paths::named(strings).filter_map(|(first, said)| Some((first, up(said)?))) {
        let seen = homes.iter().filter_map(|home| paths::join(home, &said));
        for path in seen.filter(|path| outside(path) && (tree.has(path) || tree.has_dir(path))) {
            found.entry(path).or_insert(first);
        }
    }
    found
}
