//! The facts of one program: package, binaries, crates, files, addresses.

use super::closure::{self, Closure};
use super::environment;
use super::features;
use super::files::{self, Files};
use super::listen::{self, Listening};
use super::loco;
use super::native::{self, Found};
use super::program::{self, Program};
use super::subcommand::{self, Serving};
use super::tokens::Tokens;
use super::toolchain::{self, Toolchain};
use super::workspace::{self, Crate, Crates};
use crate::diagnostic::Diagnostic;
use crate::lang::{Project, beside};
use crate::manifest::cargo::{self, CargoLock};
use crate::manifest::doc;
use crate::paths;
use crate::source::{Source, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

pub struct Facts {
    pub package: Rc<Crate>,
    /// The package's name; the same as the claim's.
    pub name: String,
    /// Folder of the workspace, where cargo runs and Cargo.lock lies.
    pub root: String,
    pub in_workspace: bool,
    pub program: Program,
    /// A feature that is on because the package does not compile without.
    pub feature: Option<Sourced<String>>,
    pub lock: Option<Arc<(Arc<Source>, CargoLock)>>,
    pub closure: Closure,
    /// Name of the cache that the programs of a workspace share.
    pub cache: String,
    /// Names of the local packages, sorted.
    pub local_names: Vec<String>,
    pub native: Vec<Found>,
    pub toolchain: Toolchain,
    pub config: Vec<Config>,
    /// What `[env]` of those sets that the program reads when it runs.
    pub environment: Vec<(String, Sourced<String>)>,
    pub listening: Listening,
    /// The command that serves, of a program that does nothing without one.
    pub command: Option<Serving>,
    pub files: Files,
    /// The root's `strip` for releases.
    pub strip: Option<Sourced<String>>,
    /// Build scripts of the packages in this repository.
    pub build_scripts: Vec<Arc<Source>>,
    /// `#![feature(…)]`, at its place.
    pub unstable: Option<crate::source::Location>,
    /// The program starts other programs through a shell.
    pub shell: Option<crate::source::Location>,
    /// sqlx's `query!` and the like.
    pub queries: Option<crate::source::Location>,
    /// Folders of prepared queries: .sqlx, or sqlx-data.json's.
    pub prepared: Option<String>,
}

/// Crates that a program uses for nothing but to serve.
const SERVERS: &[&str] = &[
    "actix-web",
    "gotham",
    "iron",
    "ntex",
    "poem",
    "rocket",
    "rouille",
    "salvo",
    "tide",
    "tiny_http",
    "warp",
];

/// .cargo/config.toml, in the workspace's folder or above.
pub struct Config {
    pub dir: String,
    pub node: doc::Node,
}

/// Source files that are read for hints, and their size together.
const MAX_FILES: usize = 4000;
const MAX_BYTES: usize = 24 << 20;

/// # Errors
/// A manifest that cannot be read, or no binary that can be chosen.
pub fn detect(project: &Project) -> Result<Facts, Diagnostic> {
    let crates = Crates::new(project.tree);
    let dir = &project.claim.dir;
    let package = workspace::claimed(&crates, dir)?;
    let root = crates.root_of(dir)?;
    if root != *dir && !crates.members(&root)?.contains(dir) {
        return Err(workspace::disowned(&root, &package));
    }
    let lock_path = paths::join(&root, "Cargo.lock").expect("a name without dots");
    let lock = project
        .tree
        .parsed(&lock_path, |source| Ok((source.clone(), cargo::lock(source)?)))?;
    let targets = crates.targets(&root, &package)?;
    let mut program = program::choose(project, &package, targets)?;
    let feature = features::needed(project.tree, &package, &program.target.required_features);
    program
        .target
        .required_features
        .extend(feature.iter().map(|f| f.value.clone()));
    let locked = lock.as_ref().map(|lock| &lock.1);
    let closure = closure::closure(&crates, &root, dir, &program.target.required_features, locked)?;
    let sources = sources(project, &crates, &root, &closure, &program)?;
    let scripts = build_scripts(&crates, &closure)?;
    let tokens: Vec<Tokens> = sources.iter().map(Tokens::of).collect();
    let framework = |name: &&str| closure.depends(name).is_some();
    let mut listening = listen::listening(&tokens, SERVERS.iter().any(framework));
    let server = listening.serves;
    environment::required(project.tree, &[dir, &root], &mut listening);
    let loco = closure
        .depends("loco-rs")
        .and_then(|_| tokens.iter().find_map(loco::program));
    let command = match &loco {
        Some(at) => Some(Serving::of("start", at.clone())),
        None => server.then(|| subcommand::serving(&tokens)).flatten(),
    };
    // The argument may be another command's.
    let commands = |t: &Tokens| (0..t.list.len()).any(|i| t.ident(i) == Some("Subcommand"));
    if command.is_some() || tokens.iter().any(commands) {
        let own = |at: &Sourced<String>| command.as_ref().is_some_and(|c| c.takes(&at.at));
        listening.opening = listening.opening.filter(own);
    }
    let mut local_names = Vec::new();
    for dir in &closure.local {
        let found = crates.get(dir)?;
        local_names.extend(found.and_then(|c| c.manifest.package.as_ref().map(|p| p.name.value.clone())));
    }
    local_names.sort();
    let config = configs(project, &root)?;
    let native = native::found(&closure, lock.is_some());
    Ok(Facts {
        name: project.claim.name.clone(),
        in_workspace: crates.members(&root)?.len() > 1,
        toolchain: toolchain::toolchain(&crates, &root, dir, &closure)?,
        environment: environment::run(&config, &tokens),
        config,
        command,
        files: {
            let mut files = files::files(project.tree, dir, &root, &tokens, server);
            files
                .embedded
                .extend(read_by_scripts(project.tree, &closure, &scripts));
            if let Some(at) = &loco {
                loco::settings(project.tree, dir, at, &mut files, &mut listening);
            }
            files
        },
        listening,
        unstable: tokens.iter().find_map(|t| {
            let i = (0..t.list.len()).find(|i| t.spells(*i, "# ! [ feature ("))?;
            Some(t.at(i + 3))
        }),
        shell: tokens.iter().find_map(shell),
        queries: queries(&tokens, &closure),
        prepared: prepared(project, &closure, &root),
        strip: crates.get(&root)?.and_then(|c| c.manifest.strip.clone()),
        build_scripts: scripts,
        local_names,
        cache: cache(&crates, &root, &project.claim.name)?,
        package,
        root,
        program,
        feature,
        lock,
        closure,
        native,
    })
}

/// The program's own files first, then its package's, then those of the packages that it uses;
/// other binaries, tests and examples left out.
fn sources(
    project: &Project,
    crates: &Crates,
    root: &str,
    closure: &Closure,
    program: &Program,
) -> Result<Vec<Arc<Source>>, Diagnostic> {
    let mut paths_found: Vec<String> = vec![program.target.path.clone()];
    let mut others: BTreeSet<String> = BTreeSet::new();
    let own = std::iter::once(project.claim.dir.as_str());
    let dirs = own.chain(
        closure
            .local
            .iter()
            .map(String::as_str)
            .filter(|d| *d != project.claim.dir),
    );
    for dir in dirs {
        let Some(found) = crates.get(dir)? else { continue };
        for target in crates.targets(root, &found).unwrap_or_default() {
            if target.path != program.target.path {
                others.insert(target.path.clone());
                if paths::base(&target.path) == "main.rs" && !target.path.ends_with("src/main.rs") {
                    others.insert(paths::parent(&target.path).to_string());
                }
            }
        }
        let source = paths::join(dir, "src").expect("a name without dots");
        paths_found.extend(
            project
                .tree
                .under(&source)
                .filter(|p| p.ends_with(".rs"))
                .map(str::to_string),
        );
        // A binary outside of src has its modules beside it.
        let beside = paths::parent(&program.target.path);
        if dir == project.claim.dir && !paths::is_under(beside, &source) {
            let beside: Vec<&str> = project
                .tree
                .files_in(beside)
                .filter(|p| p.ends_with(".rs") && paths::base(p) != "build.rs")
                .collect();
            paths_found.extend(beside.into_iter().map(str::to_string));
        }
    }
    let folder = paths::parent(&program.target.path);
    let is_other = |path: &String| {
        let inside = paths::ancestors(path).any(|p| others.contains(p));
        inside && *path != program.target.path && !(others.contains(folder) && paths::is_under(path, folder))
    };
    let mut seen = BTreeSet::new();
    let mut size = 0;
    let mut sources = Vec::new();
    for path in paths_found {
        if is_other(&path)
            || path.ends_with("/test.rs")
            || path.ends_with("/tests.rs")
            || path.contains("/tests/")
            || !seen.insert(path.clone())
        {
            continue;
        }
        let Some(source) = project.tree.text(&path) else {
            continue;
        };
        size += source.text.len();
        if sources.len() >= MAX_FILES || size > MAX_BYTES {
            break;
        }
        sources.push(source);
    }
    Ok(sources)
}

fn build_scripts(crates: &Crates, closure: &Closure) -> Result<Vec<Arc<Source>>, Diagnostic> {
    let mut scripts = Vec::new();
    for dir in &closure.local {
        let Some(found) = crates.get(dir)? else { continue };
        let name = match found.manifest.package.as_ref().and_then(|p| p.build.clone()) {
            Some(Some(path)) => path,
            Some(None) => continue,
            None => "build.rs".into(),
        };
        scripts.extend(paths::join(dir, &name).and_then(|path| crates.tree.text(&path)));
    }
    Ok(scripts)
}

/// What build scripts read outside of their packages: `compile_protos("../proto/shop.proto")`. Cargo starts them in
/// the package's folder.
fn read_by_scripts(tree: &Tree, closure: &Closure, scripts: &[Arc<Source>]) -> Vec<Sourced<String>> {
    let own = |dir: &&str| closure.local.contains(*dir);
    let of = |source: &Arc<Source>| {
        let dir = paths::ancestors(paths::parent(&source.path)).find(own)?;
        Some(read_by_script(tree, dir, source))
    };
    scripts.iter().filter_map(of).flatten().collect()
}

fn read_by_script(tree: &Tree, dir: &str, source: &Arc<Source>) -> Vec<Sourced<String>> {
    /// A call and the names of two folders lie so near together.
    const NEAR: usize = 8;
    let tokens = Tokens::of(source);
    let mut found = Vec::new();
    for i in (0..tokens.list.len()).filter(|i| tokens.text(*i).is_some()) {
        let row: Vec<(&str, usize)> = (i..i + NEAR).filter_map(|n| Some((tokens.text(n)?, 0))).collect();
        let reached = beside::reached(tree, dir, &[dir], &row);
        found.extend(reached.into_keys().map(|path| tokens.sourced(i, path)));
    }
    found
}

/// What the package's own build script reads outside of the workspace, of folders that others share.
pub fn above(tree: &Tree, dir: &str, root: &str) -> Vec<Sourced<String>> {
    let script = || tree.text(&paths::join(dir, "build.rs")?);
    let Some(source) = (!beside::shared(tree, dir).is_empty()).then(script).flatten() else {
        return Vec::new();
    };
    let mut read = read_by_script(tree, dir, &source);
    read.retain(|r| !paths::is_under(&r.value, root));
    read
}

fn configs(project: &Project, root: &str) -> Result<Vec<Config>, Diagnostic> {
    let mut found = Vec::new();
    for dir in paths::ancestors(root) {
        for name in [".cargo/config.toml", ".cargo/config"] {
            let path = paths::join(dir, name).expect("a name without dots");
            if let Some(source) = project.tree.read(&path)? {
                found.push(Config {
                    dir: dir.to_string(),
                    node: doc::toml(&source)?,
                });
                break;
            }
        }
    }
    Ok(found)
}

impl Facts {
    /// A setting of .cargo/config.toml: the nearest file wins.
    pub fn cargo_config(&self, keys: &[&str]) -> Option<Sourced<String>> {
        self.config.iter().find_map(|c| {
            let node = c.node.path(keys)?;
            let text = node
                .scalar()
                .or_else(|| node.strings().first().map(|s| s.value.clone()))?;
            Some(Sourced::new(text, node.at.clone()))
        })
    }

    pub fn uses(&self, name: &str) -> Option<&closure::Use> {
        self.closure.crates.get(name)
    }
}

/// A command of std or tokio that is made for a shell.
fn shell(tokens: &Tokens) -> Option<crate::source::Location> {
    const SHELLS: &[&str] = &["sh", "bash", "/bin/sh", "/bin/bash"];
    (0..tokens.list.len())
        .find(|i| {
            tokens.spells(*i, "Command : : new (") && tokens.text(i + 5).is_some_and(|t| SHELLS.contains(&t))
        })
        .map(|i| tokens.at(i + 5))
}

/// sqlx's checked queries: `query!(…)` with nothing else that has such a macro.
fn queries(tokens: &[Tokens], closure: &Closure) -> Option<crate::source::Location> {
    if !closure.crates.contains_key("sqlx") {
        return None;
    }
    const MACROS: &[&str] = &[
        "query",
        "query_as",
        "query_scalar",
        "query_file",
        "query_file_as",
        "query_file_scalar",
    ];
    tokens.iter().find_map(|t| {
        (0..t.list.len())
            .find(|i| {
                t.ident(*i).is_some_and(|w| MACROS.contains(&w))
                    && t.is(i + 1, '!')
                    && t.is(i + 2, '(')
                    && t.ident(i.wrapping_sub(1)) != Some("macro_rules")
            })
            .map(|i| t.at(i))
    })
}

fn prepared(project: &Project, closure: &Closure, root: &str) -> Option<String> {
    let dirs = closure.local.iter().map(String::as_str).chain([root]);
    for dir in dirs {
        for name in [".sqlx", "sqlx-data.json"] {
            let path = paths::join(dir, name)?;
            if project.tree.has(&path) || project.tree.has_dir(&path) {
                return Some(path);
            }
        }
    }
    None
}

/// One cache for all programs of a workspace, so that a dependency is compiled once: named after the root's
/// package, else its folder, else its first program.
fn cache(crates: &Crates, root: &str, own: &str) -> Result<String, Diagnostic> {
    if let Some(package) = crates.get(root)?.and_then(|c| c.manifest.package.clone()) {
        return Ok(package.name.value);
    }
    if !root.is_empty() {
        return Ok(paths::base(root).to_string());
    }
    for dir in crates.members(root)?.iter() {
        let Some(found) = crates.get(dir)? else { continue };
        let program = !crates.targets(root, &found).unwrap_or_default().is_empty();
        if let Some(package) = found.manifest.package.as_ref().filter(|_| program) {
            return Ok(package.name.value.clone());
        }
    }
    Ok(own.to_string())
}
