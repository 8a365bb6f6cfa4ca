//! The scripts that a package manager runs for the project itself during an install, and what each is
//! for.

use crate::decision::{Because, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::install::Installer;
use crate::lang::node::manager::Id;
use crate::lang::node::scripts::{chain, expand};
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::source::Sourced;

/// Scripts that a package manager runs for the project itself during an install.
pub const INSTALL_HOOKS: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
    "pnpm:devPreinstall",
];

/// Takes scripts out of a package.json: its path, then their names.
const DROP: &str = r#"const [file, ...names] = process.argv.slice(1), it = require(file); names.forEach((n) => delete it.scripts[n]); require("fs").writeFileSync(file, JSON.stringify(it))"#;

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

impl Hook {
    /// Does it make something that the sources alone do not give: code that is generated, or the member
    /// itself? Not where `build` does the same; a preinstall is a check as a rule.
    pub fn makes(&self, build: Option<&str>) -> bool {
        let same = build.is_some_and(|b| self.text.value.contains(b)) && !self.text.value.contains(':');
        let building = self.name == "prepare" && build.is_some();
        self.purposes.contains(&Purpose::Other)
            && matches!(self.name, "install" | "postinstall" | "prepare")
            && !same
            && !building
    }
}

impl Installer<'_> {
    /// The project's own install scripts, which would find manifests alone.
    pub fn hooks(&mut self) -> Result<(), Diagnostic> {
        let facts = self.facts;
        let mut names: Vec<String> = Vec::new();
        let mut at = None;
        let own = facts.installed().into_iter();
        let own = own.map(|(dir, package)| (dir, facts.placed(dir).to_string(), package));
        let linked = facts
            .locals
            .iter()
            .filter(|_| facts.managed.manager.id == Id::Npm);
        let linked =
            linked.filter_map(|l| Some((l.path.as_str(), facts.in_image(&l.path), l.package.as_deref()?)));
        for (dir, place, package) in own.chain(linked) {
            let place = place.as_str();
            let hooks = hooks(package);
            if hooks.is_empty() {
                continue;
            }
            at.get_or_insert(hooks[0].text.at.clone());
            // npm before 7.20 has no `pkg`.
            let old = self.node_major < 16;
            let under = if old { "" } else { "scripts." };
            let mut keys = Vec::new();
            for hook in &hooks {
                keys.push(escape::shell(&format!("{under}{}", hook.name))?);
                names.push(if place.is_empty() {
                    hook.name.into()
                } else {
                    format!("{place} {}", hook.name)
                });
                self.patches |= hook.purposes.contains(&Purpose::Patch);
                let own = dir == facts.dir || dir == facts.root;
                if own && hook.makes(facts.build.as_ref().map(|(name, _)| *name)) {
                    self.later.push((hook.name.to_string(), place.to_string()));
                }
            }
            let keys = Safe::join(&keys, " ");
            let step = match (self.bun_image, place) {
                _ if old => {
                    let file = in_dir(place, "package.json");
                    let here = if file.starts_with('/') { "" } else { "./" };
                    let file = escape::shell(&format!("{here}{file}"))?;
                    format!("node -e '{DROP}' {file} {keys}")
                }
                (true, "") => format!("bun pm pkg delete {keys}"),
                (true, place) => format!("bun --cwd={} pm pkg delete {keys}", escape::shell(place)?),
                (false, "") => format!("npm pkg delete {keys}"),
                (false, place) => format!("npm pkg delete {keys} --prefix={}", escape::shell(place)?),
            };
            self.strip.push(Safe::literal(step));
        }
        if let Some(at) = at {
            let value = format!("left out of the install: {}", names.join(", "));
            let text = match self.later.is_empty() {
                true => "needs a repository or sources, which the install does not have".to_string(),
                false => format!(
                    "runs after the sources are copied: {}",
                    self.later
                        .iter()
                        .map(|l| l.0.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            };
            self.decisions.push(Decision {
                topic: "scripts",
                value,
                because: Because::at(&at, text),
                over: vec![],
            });
        }
        Ok(())
    }
}
