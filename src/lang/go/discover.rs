//! Which programs a repository has: one claim a module that can be started, one for each further
//! program that somebody may ask for by its folder.

use super::choose;
use super::module::{self, Module, Package};
use super::several;
use crate::diagnostic::Diagnostic;
use crate::lang::{Claim, Role};
use crate::paths;
use crate::tree::Tree;

/// Folders for helpers of the repository itself.
const HELPERS: &[&str] = &[
    "build",
    "ci",
    "contrib",
    "dev",
    "doc",
    "docs",
    "gen",
    "hack",
    "internal",
    "scripts",
    "script",
    "tools",
    "tool",
    "util",
    "utils",
    "magefiles",
];

pub fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut claims = Vec::new();
    for path in tree.files().filter(|p| paths::base(p) == "go.mod") {
        let dir = paths::parent(path);
        if dir.split('/').any(|part| part == "testdata" || part == "vendor") {
            continue;
        }
        match module_claims(tree, dir) {
            Ok(found) => claims.extend(found.into_iter().map(Ok)),
            Err(error) => claims.push(Err(error)),
        }
    }
    claims
}

fn module_claims(tree: &Tree, dir: &str) -> Result<Vec<Claim>, Diagnostic> {
    let Some(module) = Module::read(tree, dir)? else {
        return Ok(Vec::new());
    };
    let workspace = module::workspace(tree, dir)?;
    let needed = module::needed(tree, dir, workspace.as_ref())?;
    let roots = needed
        .iter()
        .map(String::as_str)
        .chain(workspace.iter().map(|w| w.dir.as_str()));
    let context = paths::common(roots);
    let claim = |dir: &str, name: &str, role: Role, at| Claim {
        language: "go",
        dir: dir.to_string(),
        context: context.clone(),
        shares: None,
        name: name.to_string(),
        manifest: at,
        role,
    };
    let mains: Vec<&Package> = module.mains().collect();
    let services: Vec<&&Package> = mains.iter().filter(|p| !is_helper(&p.dir, dir)).collect();
    let mut claims = Vec::new();
    // Programs at the module's root or under its cmd/ are the module's own, unless several of them serve;
    // those in folders of their own are services of their own where the module has none itself.
    let (own, apart): (Vec<&Package>, Vec<&Package>) = services
        .iter()
        .map(|p| **p)
        .partition(|p| home(&p.dir, dir) == dir);
    let apart = match own.is_empty() {
        true => apart,
        false => several::services(tree, &module, &own),
    };
    let several_apart = apart.len() > 1;
    // Where its programs are the services, the module itself is one only when rdock.toml says so.
    let by_name = several_apart && !own.is_empty();
    if !mains.is_empty() && (!several_apart || by_name) {
        // What the project releases is its program, in whatever folder.
        let role = if by_name || services.is_empty() && choose::released(tree, &module, &mains).is_none() {
            Role::Tooling
        } else {
            Role::Program
        };
        // A single program in a folder of its own gives its name to the service.
        let name = match own.as_slice() {
            [only] if only.dir != dir && paths::base(&only.dir) != "cmd" => paths::base(&only.dir),
            _ if module.short_name() == "main" => "",
            _ => module.short_name(),
        };
        claims.push(claim(dir, name, role, module.at()));
    }
    for main in mains {
        if main.dir != dir {
            let is_service = several_apart && apart.iter().any(|p| p.dir == main.dir);
            let role = if is_service { Role::Program } else { Role::Tooling };
            let home = home(&main.dir, dir);
            let name = if home == dir {
                paths::base(&main.dir)
            } else {
                paths::base(home)
            };
            claims.push(claim(&main.dir, name, role, main.at()));
        }
    }
    Ok(claims)
}

/// The folder whose program this is: without a closing `cmd` or `cmd/NAME`.
pub fn home<'a>(main: &'a str, module: &'a str) -> &'a str {
    for dir in [main, paths::parent(main)] {
        if dir != module && paths::base(dir) == "cmd" && paths::is_under(dir, module) {
            return paths::parent(dir);
        }
    }
    main
}

pub fn is_helper(main: &str, module: &str) -> bool {
    let below = paths::relative(main, module);
    below != "."
        && below
            .split('/')
            .any(|part| HELPERS.contains(&part) || crate::lang::is_no_service(part))
}
