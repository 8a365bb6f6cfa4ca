//! The stages that install: what they copy, what they run, and the project's own install scripts.

use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::next;
use crate::lang::node::platform;
use crate::lang::node::prisma;
use crate::lang::node::program::Modules;
use crate::lang::node::rules;
use crate::lang::node::run;
use crate::lang::node::view;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::plan::Secret;
use crate::settings::Settings;

/// COPY instructions of one stage that bring manifests one by one; beyond it one stage collects them,
/// as an image has at most 127 layers.
const MANY_MEMBERS: usize = 30;

/// What the stages share while they are put together.
pub struct Installer<'a> {
    pub facts: &'a Facts<'a>,
    pub settings: &'a Settings,
    /// The base image is Bun's own, without npm.
    pub bun_image: bool,
    pub node_major: u64,
    pub reads: Vec<String>,
    pub warnings: Vec<Diagnostic>,
    pub secrets: Vec<Secret>,
    pub decisions: Vec<Decision>,
    pub secret_mounts: Vec<Safe>,
    /// Scripts that wait until the sources are there: the name, and the folder from the root.
    pub later: Vec<(String, String)>,
    /// Steps before the install.
    pub strip: Vec<Safe>,
    pub patches: bool,
    pub inputs: Vec<String>,
}

type Result<T> = std::result::Result<T, Diagnostic>;

impl<'a> Installer<'a> {
    pub fn new(
        facts: &'a Facts<'a>,
        settings: &'a Settings,
        bun_image: bool,
        node_major: u64,
    ) -> Result<Self> {
        let mut installer = Self {
            facts,
            settings,
            bun_image,
            node_major,
            reads: vec![],
            warnings: vec![],
            secrets: vec![],
            decisions: vec![],
            secret_mounts: vec![],
            later: vec![],
            strip: vec![],
            patches: false,
            inputs: vec![],
        };
        installer.inputs = installer.find_inputs();
        installer.registries()?;
        installer.hooks()?;
        Ok(installer)
    }

    pub fn manifests(&self) -> Result<Option<Safe>> {
        let many = self
            .facts
            .workspace
            .as_ref()
            .is_some_and(|w| w.members.len() > MANY_MEMBERS);
        Ok(many.then(|| {
            Safe::literal(
                "mkdir /manifests \\\n    && find . -name node_modules -prune -o -name package.json -exec cp --parents -t /manifests {} +",
            )
        }))
    }

    /// COPY arguments that bring what an install reads, as the build context sees it.
    fn copies(&mut self, only: Option<&[String]>) -> Result<Vec<Safe>> {
        let own = self.own_copies(only)?;
        let mut copies: Vec<Safe> = own
            .into_iter()
            .map(|copy| self.facts.copied(copy))
            .collect::<Result<_>>()?;
        for local in &self.facts.locals {
            let (copy, read) = self.facts.brought(local, true)?;
            copies.push(copy);
            self.reads.push(read);
        }
        Ok(copies)
    }

    fn own_copies(&mut self, only: Option<&[String]>) -> Result<Vec<Safe>> {
        let facts = self.facts;
        let mut files = vec!["package.json".to_string()];
        files.extend(
            facts
                .managed
                .lockfile
                .as_deref()
                .map(|l| facts.placed(l).to_string()),
        );
        let mut folders = Vec::new();
        for input in &self.inputs {
            if facts.tree.has(&facts.at_root(input)) && !input.contains('/') {
                files.push(input.clone());
            } else {
                folders.push(input.clone());
            }
        }
        files.retain(|f| facts.tree.has(&facts.at_root(f)));
        files.sort();
        self.reads
            .extend(files.iter().chain(&folders).map(|f| facts.at_root(f)));
        let words: Vec<Safe> = files.iter().map(|f| escape::path(f)).collect::<Result<_>>()?;
        let mut copies = vec![Safe::literal(format!("{} ./", Safe::join(&words, " ")))];
        for folder in folders {
            let path = escape::path(&folder)?;
            copies.push(Safe::literal(format!("{path} ./{path}")));
        }
        let Some(workspace) = &facts.workspace else {
            return Ok(copies);
        };
        let members: Vec<&str> = workspace.members.iter().map(|m| facts.placed(&m.dir)).collect();
        self.reads
            .extend(workspace.members.iter().map(|m| in_dir(&m.dir, "package.json")));
        if self.manifests()?.is_some() {
            copies.push(Safe::literal("--from=manifests /manifests ./"));
            return Ok(copies);
        }
        for member in members {
            if only.is_some_and(|o| !o.iter().any(|d| d == member)) {
                continue;
            }
            let path = escape::path(member)?;
            copies.push(Safe::literal(format!("{path}/package.json ./{path}/")));
        }
        Ok(copies)
    }

    fn mounts(&self) -> Vec<Safe> {
        let manager = self.facts.managed.manager;
        let mut mounts = Vec::new();
        if crate::lang::node::parts::mounts(self.settings) {
            let sharing = if manager.locked_cache {
                ",sharing=locked"
            } else {
                ""
            };
            mounts.push(Safe::literal(format!(
                "type=cache,target={}{sharing}",
                manager.cache
            )));
        }
        mounts.extend(self.secret_mounts.iter().cloned());
        mounts
    }

    fn patch(&self, production: bool) -> Result<Option<Safe>> {
        if !self.patches {
            return Ok(None);
        }
        let there = self
            .facts
            .installed()
            .iter()
            .any(|(_, p)| p.in_production("patch-package"));
        let version = self.facts.managed.lock.newest("patch-package").unwrap_or("8.0.0");
        Ok(Some(if production && !there {
            escape::shell(&format!("patch-package@{version}"))
                .map(|p| Safe::literal(format!("npx --yes {p}")))?
        } else {
            Safe::literal("npx patch-package")
        }))
    }

    /// Every dependency, for the build.
    ///
    /// # Errors
    /// A path that cannot be written into the Dockerfile.
    pub fn everything(&mut self, about: &str, extra: Option<Safe>) -> Result<view::Install> {
        let copies = self.copies(None)?;
        let manager = self.facts.managed.manager;
        let command = if self.facts.managed.frozen {
            manager.frozen
        } else {
            manager.loose
        };
        let mut steps = self.strip.clone();
        steps.push(Safe::literal(command));
        let platform = platform::missing(&self.facts.managed.lock);
        if manager.id == Id::Npm && !platform.is_empty() {
            let at = self
                .facts
                .tree
                .place(self.facts.managed.lockfile.as_deref().unwrap_or_default());
            self.warnings.push(
                Diagnostic::warning(
                    &rules::PLATFORM,
                    "the lockfile was made on another system, and leaves Linux out",
                )
                .at(at, "")
                .help("delete node_modules and the lockfile, run `npm install`, and commit the new lockfile"),
            );
            let list = platform.join(" ");
            steps.push(Safe::literal(format!(
                "npm install --no-save --no-audit --no-fund {list}"
            )));
        }
        steps.extend(extra);
        steps.extend(self.patch(false)?);
        Ok(view::Install {
            about: escape::comment(about),
            copies,
            run: run::text(&self.mounts(), &steps),
        })
    }

    /// What the program needs at run time. `None` where the manager cannot tell it apart, and all
    /// modules go along.
    ///
    /// # Errors
    /// A path that cannot be written into the Dockerfile.
    pub fn production(
        &mut self,
        about: &str,
        modules: Modules,
        extra: Option<Safe>,
    ) -> Result<view::Install> {
        let facts = self.facts;
        let manager = facts.managed.manager;
        let frozen = facts.managed.frozen;
        let mut command = match (modules, frozen) {
            (Modules::All, true) => manager.frozen.to_string(),
            (Modules::All, false) => manager.loose.to_string(),
            (_, true) => manager.frozen_prod.to_string(),
            (_, false) => manager.loose_prod.to_string(),
        };
        if self.node_major < 15 {
            // npm 6 knows no `--omit`.
            command = command.replace("--omit=dev", "--production");
        }
        let mut only = None;
        if facts.workspace.is_some() && !facts.place.is_empty() {
            let dir = escape::shell(facts.place)?;
            let name = facts.package.name.clone().unwrap_or_default();
            let name = escape::shell(&name)?;
            match manager.id {
                Id::Berry if modules == Modules::All => command = format!("yarn workspaces focus {name}"),
                Id::Berry => command = format!("yarn workspaces focus {name} --production"),
                Id::Yarn1 => {
                    let mut dirs: Vec<String> = facts
                        .closure(Reach::Runtime)
                        .iter()
                        .map(|m| facts.placed(&m.dir).to_string())
                        .collect();
                    dirs.push(facts.place.to_string());
                    only = Some(dirs);
                }
                // A member without a name is named by its folder.
                Id::Pnpm if facts.package.name.is_none() => {
                    command += &format!(" --filter='{{./{}}}...'", escape::path(facts.place)?);
                }
                _ => {
                    command += &manager
                        .one
                        .replace("{dir}", dir.as_str())
                        .replace("{name}", name.as_str())
                }
            }
        }
        if manager.id == Id::Berry && modules == Modules::Production && !self.focuses() {
            command = if frozen { manager.frozen } else { manager.loose }.to_string();
        }
        let mut copies = self.copies(only.as_deref())?;
        let mut steps = self.strip.clone();
        steps.push(Safe::literal(command));
        steps.extend(extra);
        steps.extend(self.patch(true)?);
        if let Some(prisma) = facts.prisma.as_ref().filter(|p| p.in_modules) {
            let schema = escape::path(&prisma.schema)?;
            copies.push(facts.copied(if facts.tree.has(&facts.at_root(&prisma.schema)) {
                Safe::literal(format!("{schema} ./{}", prisma::folder_of(&prisma.schema)))
            } else {
                Safe::literal(format!("{schema} ./{schema}"))
            })?);
            self.reads.push(facts.at_root(&prisma.schema));
            steps.push(self.generate(true)?);
        }
        let mut about = about.to_string();
        if modules == Modules::Production
            && let Some(step) = next::without_compiler(facts)
        {
            about += ", without the compiler of Next.js";
            steps.push(step);
        }
        Ok(view::Install {
            about: escape::comment(&about),
            copies,
            run: run::text(&self.mounts(), &steps),
        })
    }

    /// Yarn 2 and 3 install for production through a plugin alone.
    fn focuses(&self) -> bool {
        let managed = &self.facts.managed;
        let major = managed
            .version
            .as_deref()
            .and_then(|v| v.split('.').next()?.parse::<u32>().ok())
            .unwrap_or(4);
        let plugins = self.facts.at_root(".yarn/plugins");
        major >= 4
            || self
                .facts
                .tree
                .under(&plugins)
                .any(|f| f.contains("workspace-tools"))
    }
}

/// Adds a package to what is installed.
pub fn add(manager: Id, production: bool) -> &'static str {
    match (manager, production) {
        (Id::Npm, false) => "npm install --no-save --no-audit --no-fund",
        (Id::Npm, true) => "npm install --no-save --omit=dev --no-audit --no-fund",
        (Id::Yarn1, false) => "yarn add --non-interactive",
        (Id::Yarn1, true) => "yarn add --non-interactive --production",
        (Id::Berry, _) => "yarn add",
        (Id::Pnpm, false) => "pnpm add",
        (Id::Pnpm, true) => "pnpm add --prod",
        (Id::Bun, false) => "bun add",
        (Id::Bun, true) => "bun add --production",
    }
}
