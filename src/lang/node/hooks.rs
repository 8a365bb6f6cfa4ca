//! The scripts that a package manager runs for the project itself during an install, and what each is
//! for.

use crate::lang::node::scripts::{chain, expand};
use crate::manifest::package_json::PackageJson;
use crate::source::Sourced;

/// Scripts that a package manager runs for the project itself during an install.
const INSTALL_HOOKS: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
    "pnpm:devPreinstall",
];

/// What an install script of the project is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Purpose {
    /// Git hooks, checks of the package manager: nothing that an image needs.
    Idle,
    /// Patches of dependencies: must run wherever dependencies are installed.
    Patch,
    /// Code that Prisma generates.
    Prisma,
    /// The framework does it again when it builds.
    Prepare,
    /// Anything else: to be run once the sources are there.
    Other,
}

/// Words that tell the purpose of a part of a script.
const PURPOSES: &[(&str, Purpose)] = &[
    ("husky", Purpose::Idle),
    ("lefthook", Purpose::Idle),
    ("simple-git-hooks", Purpose::Idle),
    ("git config", Purpose::Idle),
    ("yorkie", Purpose::Idle),
    ("is-ci", Purpose::Idle),
    ("pinst", Purpose::Idle),
    ("only-allow", Purpose::Idle),
    ("npm-force-resolutions", Purpose::Idle),
    ("check-node", Purpose::Idle),
    ("opencollective", Purpose::Idle),
    ("playwright install", Purpose::Idle),
    ("echo ", Purpose::Idle),
    ("exit 0", Purpose::Idle),
    ("ngcc", Purpose::Idle),
    ("electron-builder", Purpose::Idle),
    ("pod-install", Purpose::Idle),
    ("effect-language-service", Purpose::Idle),
    ("ts-patch", Purpose::Other),
    ("patch-package", Purpose::Patch),
    ("prisma generate", Purpose::Prisma),
    ("nuxt prepare", Purpose::Prepare),
    ("nuxi prepare", Purpose::Prepare),
    ("svelte-kit sync", Purpose::Prepare),
    ("fumadocs-mdx", Purpose::Prepare),
    ("panda codegen", Purpose::Other),
];

pub struct Hook {
    pub name: &'static str,
    pub text: Sourced<String>,
    pub purposes: Vec<Purpose>,
}

/// The install scripts of a package.
pub fn hooks(package: &PackageJson) -> Vec<Hook> {
    let hooks = INSTALL_HOOKS.iter().filter_map(|name| {
        let text = package.script(name)?.clone();
        let whole = expand(package, name);
        let purposes = chain(&whole.replace("||", "&&"))
            .iter()
            .map(|part| {
                PURPOSES
                    .iter()
                    .find(|(w, _)| part.contains(w))
                    .map_or(Purpose::Other, |(_, p)| *p)
            })
            .collect();
        Some(Hook { name, text, purposes })
    });
    hooks.collect()
}
