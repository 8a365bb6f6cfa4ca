//! The facts of one Node.js service, gathered once: manifests, workspace, manager, framework,
//! scripts, sources.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::above;
use crate::lang::node::config::Config;
use crate::lang::node::configured;
use crate::lang::node::framework::Framework;
use crate::lang::node::local::{self, Local};
use crate::lang::node::managed::{self, Managed};
use crate::lang::node::manager::Id;
use crate::lang::node::native::{self, Native};
use crate::lang::node::prisma::{self, Prisma};
use crate::lang::node::recognize;
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
    /// Folder of the package, and of the workspace above it or the same: where the lockfile is.
    pub dir: &'a str,
    pub root: &'a str,
    /// Folder of the build context: the root, or one above it that holds what lies beside.
    pub context: &'a str,
    /// The root's folder in the image.
    pub home: String,
    /// What the manifests name outside of the root.
    pub locals: Vec<Local>,
    /// What the source reads of folders that others share.
    pub above: Vec<above::Above>,
    /// The package's folder from the root: `apps/api`, or `""`.
    pub place: &'a str,
    pub package: Arc<PackageJson>,
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

/// # Errors
/// A manifest or lockfile of the project is broken.
pub fn detect<'a>(tree: &'a Tree, dir: &'a str, context: &'a str) -> Result<Facts<'a>, Diagnostic> {
    let package = workspace::read(tree, dir)?.ok_or_else(|| missing(dir))?;
    let workspace = workspace::find(tree, dir)?.filter(|w| !w.members.is_empty());
    let whole = |dir: &&str| workspace.as_ref().is_some_and(|w| w.root == *dir);
    let root = paths::ancestors(dir).find(whole).unwrap_or(dir);
    let mut named = vec![(dir, &package)];
    if let Some(whole) = workspace.as_ref().and_then(|w| w.package.as_ref()) {
        named.push((root, whole));
    }
    let locals = local::find(tree, root, &named)?;
    let managed = managed::detect(tree, root, &package, workspace.as_deref())?;
    let framework = recognize::of(
        tree,
        dir,
        &package,
        workspace.as_ref().and_then(|w| w.package.as_deref()),
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
    let mut scan = source::scan(tree, dir, entry.as_deref());
    if ["config", "@feathersjs/configuration"]
        .iter()
        .any(|name| package.in_production(name))
    {
        configured::read(tree, dir, &mut scan);
    }
    let mut packages = vec![&*package];
    packages.extend(workspace.as_ref().and_then(|w| w.package.as_deref()));
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
        context,
        home: home(root, context),
        locals,
        above: match paths::is_under(root, context) && root != context {
            true => above::find(tree, dir, root),
            false => Vec::new(),
        },
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
    facts.prisma = prisma::find(&facts);
    Ok(facts)
}

/// A package that has something beside it keeps its place: `../client/dist` is the same in the image.
fn home(root: &str, context: &str) -> String {
    if paths::is_under(root, context) && root != context {
        format!("/app/{}", paths::relative(root, context))
    } else {
        "/app".into()
    }
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
        let mut all = vec![&*self.package];
        all.extend(self.closure(reach).into_iter().map(|m| &*m.package));
        all
    }

    /// Manifests whose install scripts would run: the root's, and those of every member.
    pub fn installed(&self) -> Vec<(&str, &PackageJson)> {
        let Some(workspace) = &self.workspace else {
            return vec![(self.dir, &self.package)];
        };
        let mut all: Vec<(&str, &PackageJson)> = Vec::new();
        all.extend(workspace.package.as_deref().map(|p| (workspace.root.as_str(), p)));
        all.extend(workspace.members.iter().map(|m| (m.dir.as_str(), &*m.package)));
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

    /// The root's folder from the build context: `.`, or `server`.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn source(&self) -> Result<Safe, Diagnostic> {
        match self.context == self.root || !paths::is_under(self.root, self.context) {
            true => Ok(Safe::literal(".")),
            false => escape::path(paths::relative(self.root, self.context)),
        }
    }

    /// Arguments of a COPY with sources from the root, as the build context sees it.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn copied(&self, copy: Safe) -> Result<Safe, Diagnostic> {
        let source = self.source()?;
        if source.as_str() == "." || copy.as_str().contains("--from=") {
            return Ok(copy);
        }
        let words: Vec<&str> = copy.as_str().split(' ').collect();
        let (target, words) = words.split_last().expect("a COPY has a target");
        let below = words.iter().map(|word| match *word {
            flag if flag.starts_with("--") => flag.to_string(),
            "." => source.to_string(),
            path => format!("{source}/{path}"),
        });
        let below: Vec<String> = below.collect();
        Ok(Safe::literal(format!("{} {target}", below.join(" "))))
    }

    /// Where something of the build context is in the image.
    pub fn in_image(&self, path: &str) -> String {
        match paths::relative(path, self.context) {
            "." => "/app".into(),
            place => format!("/app/{place}"),
        }
    }

    pub fn at_root(&self, file: &str) -> String {
        in_dir(self.root, file)
    }

    /// Major version of a package, from the lockfile or the range.
    pub fn major(&self, name: &str) -> u64 {
        let locked = self.managed.lock.newest(name);
        let named = || self.package.dependency(name).map(|d| d.range.as_str());
        let text = locked.or_else(named).unwrap_or_default();
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major = digits.split('.').next().and_then(|d| d.parse().ok());
        major.unwrap_or(u64::MAX)
    }

    /// The framework's name and major version, and the oldest Node.js that it runs on.
    pub fn needs_node(&self) -> Option<(&'static str, u64, u64)> {
        let framework = self.framework?;
        let name = framework
            .packages
            .iter()
            .find(|p| self.package.dependency(p).is_some())?;
        let major = self.major(name);
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
