//! The stages that install: what they copy, what they run, and the project's own install scripts.

use crate::catalog::{Base, Family};
use crate::decision::{Because, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::hooks::{self, Purpose};
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::lang::node::platform;
use crate::lang::node::program::Modules;
use crate::lang::node::rules;
use crate::lang::node::run;
use crate::lang::node::start;
use crate::lang::node::view;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::manifest::doc;
use crate::paths;
use crate::plan::{self, Secret};
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
    secret_mounts: Vec<Safe>,
    /// Scripts that wait until the sources are there: the name, and the folder from the root.
    pub later: Vec<(String, String)>,
    /// Steps before the install.
    strip: Vec<Safe>,
    patches: bool,
    inputs: Vec<String>,
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

    /// Files and folders at the root, beside manifests, that the install reads.
    fn find_inputs(&self) -> Vec<String> {
        let facts = self.facts;
        let mut inputs: Vec<String> = facts
            .managed
            .manager
            .inputs
            .iter()
            .map(|i| i.to_string())
            .collect();
        let mut patched: Vec<String> = Vec::new();
        let roots = [
            Some(&facts.package),
            facts.workspace.as_ref().and_then(|w| w.package.as_ref()),
        ];
        for package in roots.into_iter().flatten() {
            for keys in [&["pnpm", "patchedDependencies"][..], &["patchedDependencies"]] {
                let table = package
                    .node
                    .path(keys)
                    .map(doc::Node::entries)
                    .unwrap_or_default();
                patched.extend(table.iter().filter_map(|e| e.node.as_str().map(str::to_string)));
            }
            // Packed dependencies and vendored ones.
            for dependency in &package.dependencies {
                if let Some(path) = dependency.range.strip_prefix("file:")
                    && facts.workspace.is_none()
                {
                    inputs.extend(paths::join("", path).filter(|p| !p.is_empty()));
                }
            }
        }
        if let Some(source) = facts.tree.text(&facts.at_root("pnpm-workspace.yaml"))
            && let Some(node) = doc::yaml(&source).ok().and_then(|d| d.into_iter().next())
        {
            let table = node
                .get("patchedDependencies")
                .map(doc::Node::entries)
                .unwrap_or_default();
            patched.extend(table.iter().filter_map(|e| e.node.as_str().map(str::to_string)));
        }
        inputs.extend(
            patched
                .iter()
                .map(|p| paths::parent(p.trim_start_matches("./")).to_string()),
        );
        if facts
            .installed()
            .iter()
            .any(|(_, p)| p.dependency("patch-package").is_some())
        {
            inputs.push("patches".into());
        }
        inputs.retain(|i| {
            let path = facts.at_root(i);
            !i.is_empty() && (facts.tree.has(&path) || facts.tree.has_dir(&path))
        });
        inputs.sort();
        inputs.dedup();
        inputs
    }

    /// Registries that want credentials: mounted as secrets, never copied.
    fn registries(&mut self) -> Result<()> {
        let mut variables: Vec<String> = Vec::new();
        for name in [".npmrc", ".yarnrc.yml"] {
            let path = self.facts.at_root(name);
            let Some(source) = self.facts.tree.text(&path) else {
                continue;
            };
            let mut only_auth = true;
            let mut open: Vec<String> = Vec::new();
            for line in source.text.lines() {
                let text = line.trim();
                if text.is_empty() || text.starts_with(['#', ';']) {
                    continue;
                }
                let secret = [
                    "_authToken",
                    "_auth=",
                    "_auth =",
                    "_password",
                    "npmAuthToken",
                    "npmAuthIdent",
                ]
                .iter()
                .any(|w| text.contains(w));
                let mut rest = text;
                let mut found = false;
                while let Some((_, after)) = rest.split_once("${") {
                    let (variable, tail) = after.split_once('}').unwrap_or((after, ""));
                    let variable: String = variable
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .collect();
                    open.push(variable);
                    found = true;
                    rest = tail;
                }
                only_auth &= secret || text.starts_with("//");
                if secret && !found {
                    let at = crate::source::Location::of(&source, line);
                    self.warnings.push(
                        Diagnostic::warning(
                            &rules::LITERAL_TOKEN,
                            format!("{path} holds a credential as plain text"),
                        )
                        .at(at, "")
                        .help("revoke it, and write `${NPM_TOKEN}` in its place"),
                    );
                    self.inputs.retain(|i| i != name);
                    self.secret_mounts
                        .push(Safe::literal(format!("type=secret,id=npmrc,target=/root/{name}")));
                    self.secret(
                        "npmrc".into(),
                        format!("--secret id=npmrc,src=$HOME/{name}"),
                        &path,
                    );
                    open.clear();
                    break;
                }
            }
            let public = self.facts.managed.lock.hosts.is_empty()
                && !source.text.contains("registry=")
                && !source.text.contains(":registry");
            if only_auth && public && name == ".npmrc" {
                // Credentials for publishing alone: an install of public packages does without.
                self.inputs.retain(|i| i != name);
                continue;
            }
            variables.extend(open);
        }
        variables.sort();
        variables.dedup();
        for variable in variables.into_iter().filter(|v| !v.is_empty()) {
            let name = escape::name(&variable)?;
            self.secret_mounts
                .push(Safe::literal(format!("type=secret,id={name},env={name}")));
            self.secret(variable.clone(), format!("--secret id={variable}"), ".npmrc");
        }
        Ok(())
    }

    fn secret(&mut self, id: String, flag: String, file: &str) {
        self.warnings.push(
            Diagnostic::warning(
                &rules::PRIVATE_REGISTRY,
                format!("{file} asks for the secret {id}"),
            )
            .at(self.facts.tree.place(file), "")
            .help(format!("build with `{flag}`")),
        );
        self.secrets.push(Secret {
            flag: String::leak(flag),
            why: format!("{file} reads it for a registry"),
        });
    }

    /// The project's own install scripts, which would find manifests alone.
    fn hooks(&mut self) -> Result<()> {
        let facts = self.facts;
        let mut names: Vec<String> = Vec::new();
        let mut at = None;
        for (dir, package) in facts.installed() {
            let hooks = hooks::hooks(package);
            if hooks.is_empty() {
                continue;
            }
            at.get_or_insert(hooks[0].text.at.clone());
            let place = facts.placed(dir);
            let mut keys = Vec::new();
            for hook in &hooks {
                keys.push(escape::shell(&format!("scripts.{}", hook.name))?);
                names.push(if place.is_empty() {
                    hook.name.into()
                } else {
                    format!("{place} {}", hook.name)
                });
                self.patches |= hook.purposes.contains(&Purpose::Patch);
                // A preinstall is a check as a rule, and a prepare builds what a build script builds.
                let own = dir == facts.dir || dir == facts.root;
                let needed = hook.purposes.contains(&Purpose::Other)
                    && matches!(hook.name, "install" | "postinstall" | "prepare");
                let same = facts
                    .build
                    .as_ref()
                    .is_some_and(|(name, _)| hook.text.value.contains(name))
                    && !hook.text.value.contains(':');
                let building = hook.name == "prepare" && facts.build.is_some();
                if own && needed && !same && !building {
                    self.later.push((hook.name.to_string(), place.to_string()));
                }
            }
            let keys = Safe::join(&keys, " ");
            let step = match (self.bun_image, place) {
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

    /// ENV, system packages and the package manager of the stages that install.
    ///
    /// # Errors
    /// A value that cannot be written into the Dockerfile.
    pub fn base_lines(&mut self, family: Family, packages: &[String]) -> Result<Vec<Safe>> {
        let facts = self.facts;
        let managed = &facts.managed;
        let mut lines: Vec<Safe> = plan::os_setup(family, packages, None)?
            .into_iter()
            .map(Safe::literal)
            .collect();
        let mut env: Vec<(String, String)> = managed
            .manager
            .env
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect();
        if managed.manager.id == Id::Berry {
            let shared = managed.linker == Linker::NodeModules && !managed.zero_install;
            env.push(("YARN_ENABLE_GLOBAL_CACHE".into(), shared.to_string()));
            env.push(("YARN_ENABLE_TELEMETRY".into(), "0".into()));
        }
        for found in &facts.natives {
            let pairs = if found.production {
                found.native.env
            } else {
                found.native.skip
            };
            env.extend(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        }
        if !crate::lang::node::plan::mounts(self.settings) {
            env.retain(|(name, _)| !name.ends_with("config_store_dir"));
        }
        env.sort();
        env.dedup();
        for (name, value) in env {
            lines.push(Safe::literal(format!(
                "ENV {}={}",
                escape::name(&name)?,
                escape::quoted(&value)?
            )));
        }
        lines.extend(self.tool()?);
        Ok(lines)
    }

    /// The package manager's version, where the image's own will not do.
    pub fn version(&self) -> Option<&str> {
        let managed = &self.facts.managed;
        let version = managed.version.as_deref()?;
        Some(
            managed
                .manager
                .instead(version, self.node_major)
                .unwrap_or(version),
        )
    }

    fn tool(&self) -> Result<Option<Safe>> {
        let managed = &self.facts.managed;
        let Some(version) = self.version() else {
            return Ok(None);
        };
        let major = version.split('.').next().unwrap_or_default();
        let bundled = match self.node_major {
            ..=16 => "8",
            17..=18 => "10",
            19..=22 => "10",
            _ => "11",
        };
        let force = match managed.manager.id {
            Id::Npm if major == bundled || self.node_major < 18 => return Ok(None),
            Id::Yarn1 if self.node_major <= 25 => return Ok(None),
            Id::Bun if self.bun_image => return Ok(None),
            // The image's own yarn stands in the way.
            Id::Berry if self.node_major <= 25 => "--force ",
            _ => "",
        };
        let spec = escape::shell(&format!("{}@{version}", managed.manager.package))?;
        Ok(Some(Safe::literal(format!(
            "RUN npm install --global {force}{spec}"
        ))))
    }

    /// What the base stage holds, in words.
    pub fn holds(&self, line: &str) -> String {
        let managed = &self.facts.managed;
        let tool = match (self.version(), managed.manager.id) {
            (Some(version), id) if id != Id::Npm => format!(" and {} {version}", managed.manager.name),
            _ => " and npm".into(),
        };
        let tool = if self.bun_image { String::new() } else { tool };
        format!("holds {line}{tool} for the stages that install and build")
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

    /// COPY arguments that bring what an install reads.
    fn copies(&mut self, only: Option<&[String]>) -> Result<Vec<Safe>> {
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
        if crate::lang::node::plan::mounts(self.settings) {
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
            command = manager.frozen.to_string();
        }
        let mut copies = self.copies(only.as_deref())?;
        let mut steps = self.strip.clone();
        steps.push(Safe::literal(command));
        steps.extend(extra);
        steps.extend(self.patch(true)?);
        if let Some(prisma) = facts.prisma.as_ref().filter(|p| p.in_modules) {
            let schema = escape::path(&prisma.schema)?;
            copies.push(if facts.tree.has(&facts.at_root(&prisma.schema)) {
                Safe::literal(format!("{schema} ./{}", folder_of(&prisma.schema)))
            } else {
                Safe::literal(format!("{schema} ./{schema}"))
            });
            self.reads.push(facts.at_root(&prisma.schema));
            steps.push(self.generate(true)?);
        }
        if manager.id == Id::Npm
            && facts.framework.is_some_and(|f| f.id == "next")
            && modules == Modules::Production
            && facts
                .config
                .as_ref()
                .is_none_or(|c| !start::is_source(&c.source.path))
        {
            // The compiler of Next.js, for two libcs: 300 MB that `next start` does not load.
            steps.push(Safe::literal("rm -rf node_modules/@next/swc-*"));
        }
        Ok(view::Install {
            about: escape::comment(about),
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

    /// `prisma generate`, with the CLI of the project where it is installed.
    ///
    /// # Errors
    /// A path that cannot be written into a RUN.
    pub fn generate(&self, production: bool) -> Result<Safe> {
        let prisma = self.facts.prisma.as_ref().expect("asked for where there is one");
        let schema = escape::shell(&prisma.schema)?;
        let fake = if prisma.config.is_some() {
            "DATABASE_URL=postgresql://build:build@localhost:5432/build "
        } else {
            ""
        };
        let default = ["prisma/schema.prisma", "schema.prisma"].contains(&prisma.schema.as_str());
        let flag = if default || prisma.config.is_some() && !production {
            String::new()
        } else {
            format!(" --schema={schema}")
        };
        let cli = match (&prisma.version, production && !prisma.production) {
            (Some(version), true) => format!("npx --yes {}", escape::shell(&format!("prisma@{version}"))?),
            (None, true) => format!("npx --yes prisma@{}", prisma.major),
            _ => format!("{} prisma", self.facts.managed.manager.exec),
        };
        Ok(Safe::literal(format!("{fake}{cli} generate{flag}")))
    }
}

/// `prisma/` of `prisma/schema.prisma`; empty at the root.
fn folder_of(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    }
}

/// The system packages that native modules need while they are installed.
pub fn build_packages(facts: &Facts, base: &Base, settings: &Settings) -> Vec<String> {
    let alpine = base.os.family == Family::Alpine;
    let mut packages: Vec<String> = settings.build_packages.clone();
    for found in &facts.natives {
        let names = if alpine {
            found.native.apk_build
        } else {
            found.native.build
        };
        packages.extend(names.iter().map(|n| n.to_string()));
    }
    if alpine && needs_compiler(facts).is_some() {
        packages.extend(["g++", "make", "python3"].map(String::from));
    }
    if alpine && facts.managed.lock.git {
        packages.push("git".into());
    }
    if alpine && facts.prisma.as_ref().is_some_and(|p| p.major < 7)
        || facts.prisma.as_ref().is_some_and(|p| p.major < 7)
    {
        packages.push("openssl".into());
    }
    packages.sort();
    packages.dedup();
    packages
}

/// Why the stages that install need compilers or git, if they do.
pub fn needs_compiler(facts: &Facts) -> Option<Because> {
    if let Some(found) = facts.natives.iter().find(|f| f.native.compiles) {
        return Some(Because::at(
            &found.at,
            format!("has {}, which may be compiled", found.native.package),
        ));
    }
    if let Some(hint) = facts.hint {
        let lock = facts.managed.lockfile.as_deref().unwrap_or_default();
        return Some(Because::at(
            &facts.tree.place(lock),
            format!("has {hint}, which compiles native modules"),
        ));
    }
    if facts.managed.lock.git {
        let lock = facts.managed.lockfile.as_deref().unwrap_or_default();
        return Some(Because::at(&facts.tree.place(lock), "has dependencies from git"));
    }
    None
}
