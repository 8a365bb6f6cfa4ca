//! Front ends beside a program that serves them: `client/` next to `server/`. For every language whose
//! programs name files by their paths.

use crate::paths;
use crate::tree::Tree;

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
