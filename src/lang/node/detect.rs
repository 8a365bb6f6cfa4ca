//! The facts of one Node.js service, gathered once: manifests, workspace, manager, framework,
//! scripts, sources.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::node::config::Config;
use crate::lang::node::framework::{self, Framework};
use crate::lang::node::managed::{self, Managed};
use crate::lang::node::manager::Id;
use crate::lang::node::native::{self, Native};
use crate::lang::node::scripts;
use crate::lang::node::source::{self, Scan};
use crate::lang::node::start::{self, Command, Start};
use crate::lang::node::version::{self, Wish};
use crate::lang::node::workspace::{self, Member, Reach, Workspace, in_dir};
use crate::manifest::package_json::{Kind, PackageJson};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

pub struct Facts<'a> {
    pub tree: &'a Tree,
    /// Folder of the package, and of the build context above it or the same.
    pub dir: &'a str,
    pub root: &'a str,
    /// The package's folder from the root: `apps/api`, or `""`.
    pub place: &'a str,
    pub package: PackageJson,
    pub workspace: Option<Arc<Workspace>>,
    pub managed: Managed,
    pub framework: Option<&'static Framework>,
    pub config: Option<Config>,
    pub build: Option<(&'static str, Sourced<String>)>,
    /// The build script with those that it runs written out.
    pub build_text: String,
    pub starts: Vec<Command>,
    pub scan: Scan,
    pub wishes: Vec<Wish>,
    /// The types' line of Node.js: a weak hint.
    pub types: Option<Sourced<u64>>,
    pub natives: Vec<Found>,
    pub hint: Option<&'static str>,
    pub prisma: Option<Prisma>,
}

/// A row of the table of native modules that this project has.
pub struct Found {
    pub native: &'static Native,
    pub version: Option<String>,
    /// It is installed in production.
    pub production: bool,
    pub at: Location,
}

/// Prisma and its schema.
pub struct Prisma {
    /// Schema file or folder, from the root.
    pub schema: String,
    pub config: Option<String>,
    /// The generated client goes into node_modules.
    pub in_modules: bool,
    /// Folder that the client is generated into, from the root, where it is not node_modules.
    pub output: Option<String>,
    pub major: u64,
    pub version: Option<String>,
    /// The CLI is installed in production.
    pub production: bool,
}

/// # Errors
/// A manifest or lockfile of the project is broken.
pub fn detect<'a>(tree: &'a Tree, dir: &'a str, root: &'a str) -> Result<Facts<'a>, Diagnostic> {
    let package = workspace::read(tree, dir)?.ok_or_else(|| missing(dir))?;
    let workspace = workspace::find(tree, dir)?.filter(|w| w.root == root && !w.members.is_empty());
    let managed = managed::detect(tree, root, &package, workspace.as_deref())?;
    let framework = framework::of(
        tree,
        dir,
        &package,
        workspace.as_ref().and_then(|w| w.package.as_ref()),
    );
    let config = framework.and_then(|f| f.config(tree, dir));
    let build = scripts::build(&package);
    let build_text = build
        .as_ref()
        .map(|(name, _)| scripts::expand(&package, name))
        .unwrap_or_default();
    let starts = start::starts(tree, dir, &package);
    let entry = starts.iter().find_map(|c| match &c.start {
        Start::Node { file, .. } | Start::Bun { file, .. } | Start::Source { file, .. } => {
            paths::join(dir, file)
        }
        _ => None,
    });
    let scan = source::scan(tree, dir, entry.as_deref());
    let mut packages = vec![&package];
    packages.extend(workspace.as_ref().and_then(|w| w.package.as_ref()));
    let wishes = version::wishes(tree, dir, root, &packages);
    let types = package.dependency("@types/node").and_then(|d| {
        let digits = d.range.trim_start_matches(['^', '~', '>', '=', ' ', 'v']);
        Some(Sourced::new(
            digits.split('.').next()?.parse().ok()?,
            d.at.clone(),
        ))
    });
    let mut facts = Facts {
        tree,
        dir,
        root,
        place: if dir == root {
            ""
        } else {
            paths::relative(dir, root)
        },
        natives: Vec::new(),
        hint: native::compiler_hint(&managed.lock),
        prisma: None,
        package,
        workspace,
        managed,
        framework,
        config,
        build,
        build_text,
        starts,
        scan,
        wishes,
        types,
    };
    facts.natives = natives(&facts);
    facts.prisma = prisma(&facts);
    Ok(facts)
}

fn missing(dir: &str) -> Diagnostic {
    Diagnostic::error(
        &crate::diagnostic::rules::MISSING_INPUT,
        format!("{} is not there", workspace::manifest(dir)),
    )
    .help("add a package.json")
}

impl Facts<'_> {
    /// Members that the service needs, each after those that it needs itself. A program at the
    /// workspace's root may need any of them.
    pub fn closure(&self, reach: Reach) -> Vec<&Member> {
        match &self.workspace {
            Some(workspace) if self.place.is_empty() => workspace.members.iter().collect(),
            Some(workspace) => workspace.closure(self.dir, &self.package, reach),
            None => vec![],
        }
    }

    /// The package and the members it needs.
    pub fn packages(&self, reach: Reach) -> Vec<&PackageJson> {
        let mut all = vec![&self.package];
        all.extend(self.closure(reach).into_iter().map(|m| &m.package));
        all
    }

    /// Manifests whose install scripts would run: the root's, and those of every member.
    pub fn installed(&self) -> Vec<(&str, &PackageJson)> {
        let Some(workspace) = &self.workspace else {
            return vec![(self.dir, &self.package)];
        };
        let mut all: Vec<(&str, &PackageJson)> = Vec::new();
        all.extend(workspace.package.as_ref().map(|p| (workspace.root.as_str(), p)));
        all.extend(workspace.members.iter().map(|m| (m.dir.as_str(), &m.package)));
        all
    }

    /// A path from the build context's root.
    pub fn placed<'p>(&self, path: &'p str) -> &'p str {
        if path == self.root {
            ""
        } else {
            paths::relative(path, self.root)
        }
    }

    pub fn at_root(&self, file: &str) -> String {
        in_dir(self.root, file)
    }

    /// The framework's name and major version, and the oldest Node.js that it runs on.
    pub fn needs_node(&self) -> Option<(&'static str, u64, u64)> {
        let framework = self.framework?;
        let name = framework
            .packages
            .iter()
            .find(|p| self.package.dependency(p).is_some())?;
        let range = &self.package.dependency(name)?.range;
        let text = self.managed.lock.newest(name).unwrap_or(range);
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major: u64 = digits
            .split('.')
            .next()
            .and_then(|d| d.parse().ok())
            .unwrap_or(u64::MAX);
        let (since, node) = framework.needs.iter().find(|(since, _)| major >= *since)?;
        Some((
            framework.name,
            if major == u64::MAX { *since } else { major },
            *node,
        ))
    }

    pub fn has_bun_runtime(&self) -> Option<Because> {
        if let Some(command) = self.starts.first()
            && matches!(command.start, Start::Bun { .. })
        {
            return Some(command.because.clone());
        }
        let at = self.scan.bun.as_ref()?;
        (self.managed.manager.id == Id::Bun || self.starts.is_empty())
            .then(|| Because::at(at, "uses Bun's own interface"))
    }
}

fn natives(facts: &Facts) -> Vec<Found> {
    let mut found = Vec::new();
    let packages = facts.packages(Reach::Build);
    for native in native::ALL {
        let direct = packages.iter().find_map(|p| p.dependency(native.package));
        let locked = facts.managed.lock.packages.get(native.package);
        if direct.is_none() && locked.is_none() {
            continue;
        }
        let named = packages.iter().any(|p| {
            p.dependencies
                .iter()
                .any(|d| d.name == native.package && d.kind != Kind::Development)
        });
        let production = match (direct, locked) {
            (Some(_), _) => named,
            (None, Some(entries)) => facts.managed.manager.id == Id::Npm && entries.iter().any(|e| !e.dev),
            (None, None) => false,
        };
        let at = match direct {
            Some(d) => d.at.clone(),
            None => facts
                .tree
                .place(facts.managed.lockfile.as_deref().unwrap_or_default()),
        };
        found.push(Found {
            native,
            version: facts.managed.lock.newest(native.package).map(str::to_string),
            production,
            at,
        });
    }
    found
}

fn prisma(facts: &Facts) -> Option<Prisma> {
    let mut places: Vec<(&str, &PackageJson)> = vec![(facts.dir, &facts.package)];
    places.extend(
        facts
            .closure(Reach::Build)
            .into_iter()
            .map(|m| (m.dir.as_str(), &m.package)),
    );
    if facts.workspace.is_some() {
        places.extend(
            facts
                .workspace
                .as_ref()
                .and_then(|w| Some((w.root.as_str(), w.package.as_ref()?))),
        );
    }
    places.into_iter().find_map(|(dir, package)| {
        let dependency = package
            .dependency("@prisma/client")
            .or_else(|| package.dependency("prisma"))?;
        let named = package.node.string(&["prisma", "schema"]).map(|s| s.value);
        let config = [
            "prisma.config.ts",
            "prisma.config.js",
            "prisma.config.mjs",
            ".config/prisma.ts",
        ]
        .iter()
        .map(|f| in_dir(dir, f))
        .find(|f| facts.tree.has(f));
        let configured = config
            .as_ref()
            .and_then(|c| facts.tree.text(c))
            .and_then(|s| super::config::read(&s).literal("schema"));
        let path = [named, configured.map(|c| c.value)]
            .into_iter()
            .flatten()
            .chain(
                [
                    "prisma/schema.prisma",
                    "schema.prisma",
                    "prisma/schema",
                    "prisma",
                    "src/prisma/schema.prisma",
                    "db/schema.prisma",
                ]
                .map(String::from),
            )
            .filter_map(|p| paths::join(dir, &p))
            .find(|p| facts.tree.has(p) || facts.tree.under(p).any(|f| f.ends_with(".prisma")))?;
        let files: Vec<String> = if facts.tree.has(&path) {
            vec![path.clone()]
        } else {
            facts
                .tree
                .under(&path)
                .filter(|f| f.ends_with(".prisma"))
                .map(str::to_string)
                .collect()
        };
        let (mut output, mut in_modules) = (None, true);
        for file in &files {
            let Some(source) = facts.tree.text(file) else {
                continue;
            };
            let mut generator = false;
            for line in source.text.lines() {
                let line = line.trim();
                generator = (generator || line.starts_with("generator")) && line != "}";
                if let Some(value) = line.strip_prefix("output").filter(|_| generator) {
                    let value = value.trim_start_matches([' ', '=']).trim().trim_matches('"');
                    if let Some(target) = paths::join(paths::parent(file), value)
                        && !target.contains("node_modules")
                    {
                        in_modules = false;
                        output = Some(facts.placed(&target).to_string());
                    }
                }
            }
        }
        let version = facts
            .managed
            .lock
            .newest("prisma")
            .or(facts.managed.lock.newest("@prisma/client"))
            .map(str::to_string);
        let text = version.clone().unwrap_or_else(|| dependency.range.clone());
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        Some(Prisma {
            schema: facts.placed(&path).to_string(),
            config: config.map(|c| facts.placed(&c).to_string()),
            in_modules,
            output,
            major: digits.split('.').next().and_then(|m| m.parse().ok()).unwrap_or(7),
            version,
            production: package.in_production("prisma"),
        })
    })
}
