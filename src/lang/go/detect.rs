//! What is known of one Go program: its package, its module's neighbours, its version, what it
//! links, embeds, opens and listens on. Facts with places, no choices of bases.

use super::cgo;
use super::choose;
use super::commands;
use super::hints::{self, Hints};
use super::links::{self, Cgo};
use super::module::{self, Module, Package, Workspace, at};
use crate::decision::Chosen;
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::paths;
use crate::source::{Location, Sourced};
use std::collections::BTreeSet;

pub struct Facts {
    pub module: Module,
    pub workspace: Option<Workspace>,
    /// Folders of the modules that the build reads.
    pub needed: BTreeSet<String>,
    pub context: String,
    /// Folder of the program's package, and why this one.
    pub main: Chosen<String>,
    /// Folders of the packages that the program links.
    pub linked: BTreeSet<String>,
    /// The program's name: of the binary and of the service's summary.
    pub binary: String,
    /// Minimum versions, `1.25` or `1.24.5`, each with its place.
    pub versions: Vec<Sourced<String>>,
    pub cgo: Option<Cgo>,
    pub sqlite: Option<Sourced<String>>,
    /// Does `vendor/modules.txt` hold every dependency?
    pub vendored: Option<Location>,
    /// Does any needed module require others at all?
    pub has_dependencies: bool,
    pub private: Option<Sourced<String>>,
    pub embeds: Vec<Embed>,
    /// What `-tags` sets, each with the file that asks for it.
    pub tags: Vec<Sourced<String>>,
    pub hints: Hints,
    /// `web: bin/api --flag`: the arguments after the program.
    pub arguments: Vec<String>,
    /// Does the program wait for connections?
    pub listens: bool,
    /// The command that serves, of a program that does nothing without one.
    pub command: Option<Sourced<Vec<String>>>,
}

/// A `//go:embed` pattern, from the repository root.
pub struct Embed {
    pub path: String,
    pub at: Location,
    /// Is there something that it matches?
    pub there: bool,
    /// A file that it would match.
    pub stand_in: Option<String>,
}

/// # Errors
/// A broken manifest, or several programs of which nothing chooses one.
pub fn detect(project: &Project) -> Result<Facts, Diagnostic> {
    let tree = project.tree;
    let claim = project.claim;
    let dir = paths::ancestors(&claim.dir).find(|d| tree.has(&at(d, "go.mod")));
    let module = match dir {
        Some(dir) => Module::read(tree, dir)?,
        None => None,
    };
    let module = module.expect("a claim for Go has a go.mod above it");
    let workspace = module::workspace(tree, &module.dir)?;
    let needed = module::needed(tree, &module.dir, workspace.as_ref())?;
    let others: Vec<Module> = needed
        .iter()
        .filter(|d| **d != module.dir)
        .map(|d| Module::read(tree, d))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    let main = choose::main(project, &module)?;
    let reachable = choose::reachable(&module, &others, &main.value);
    let binary = match paths::base(&main.value) {
        "" | "cmd" | "main" => module.short_name().to_string(),
        base if main.value == module.dir || base == "src" => {
            let name = module.short_name();
            if name.is_empty() {
                base.to_string()
            } else {
                name.to_string()
            }
        }
        base => base.to_string(),
    };
    let binary = crate::escape::image_name(&binary);
    let hints = hints::gather(tree, &module, &main.value, &reachable);
    let listens = hints.port.is_some() || choose::listens(&reachable);
    Ok(Facts {
        linked: reachable.iter().map(|p| p.dir.clone()).collect(),
        command: commands::serving(&reachable, listens),
        context: claim.context.clone(),
        versions: versions(project, &module, workspace.as_ref(), &others),
        cgo: links::needs_c(tree, &module, &others, &reachable),
        sqlite: links::first_import(&reachable, cgo::SQLITE).or_else(|| {
            let embedded = links::first_import(&reachable, cgo::EMBEDDED);
            embedded.filter(|_| hints.database.is_some())
        }),
        listens,
        vendored: vendored(project, &module, workspace.as_ref()),
        has_dependencies: !module.gomod.require.is_empty()
            || others.iter().any(|m| !m.gomod.require.is_empty()),
        private: links::private(project, &module),
        embeds: embeds(project, &reachable),
        tags: tags(&module, &others, &reachable),
        arguments: arguments(project, &module, &binary),
        hints,
        binary,
        main,
        needed,
        workspace,
        module,
    })
}

/// Tags for packages that the program links.
fn tags(module: &Module, others: &[Module], reachable: &[&Package]) -> Vec<Sourced<String>> {
    let modules = std::iter::once(module).chain(others);
    let mut tags: Vec<Sourced<String>> = modules
        .flat_map(|m| &m.tags)
        .filter(|(dir, _)| reachable.iter().any(|p| p.dir == *dir))
        .map(|(_, tag)| tag.clone())
        .collect();
    tags.sort_by(|a, b| a.value.cmp(&b.value));
    tags.dedup_by(|a, b| a.value == b.value);
    tags
}

fn versions(
    project: &Project,
    module: &Module,
    workspace: Option<&Workspace>,
    others: &[Module],
) -> Vec<Sourced<String>> {
    let mut found = Vec::new();
    let files = std::iter::once(&module.gomod)
        .chain(workspace.map(|w| &w.gowork))
        .chain(others.iter().map(|m| &m.gomod));
    for file in files {
        found.extend(
            file.toolchain
                .clone()
                .map(|t| t.map(|v| v.trim_start_matches("go").to_string())),
        );
        found.extend(file.go.clone());
    }
    for (name, prefix) in [
        (".go-version", ""),
        (".tool-versions", "golang "),
        (".tool-versions", "go "),
    ] {
        let Some(source) = project.tree.text(&at(&module.dir, name)) else {
            continue;
        };
        let line = source
            .text
            .lines()
            .find(|l| l.starts_with(prefix) && !l.trim().is_empty());
        if let Some(line) = line {
            let version = line[prefix.len()..].split_whitespace().next().unwrap_or("");
            let version = version
                .trim_start_matches(['v'])
                .trim_start_matches("go")
                .to_string();
            found.push(Sourced::new(version, Location::of(&source, line)));
        }
    }
    found
}

fn vendored(project: &Project, module: &Module, workspace: Option<&Workspace>) -> Option<Location> {
    let root = workspace.map_or(&module.dir, |w| &w.dir);
    let path = at(root, "vendor/modules.txt");
    project.tree.has(&path).then(|| project.tree.place(&path))
}

fn embeds(project: &Project, reachable: &[&Package]) -> Vec<Embed> {
    let mut found = Vec::new();
    for package in reachable {
        for embed in package.files.iter().flat_map(|f| &f.embeds) {
            let Some(path) = paths::join(&package.dir, &embed.value) else {
                continue;
            };
            // Up to the first wildcard, the pattern is a folder or a file.
            let fixed: String = match path.find(['*', '?', '[']) {
                Some(i) => paths::parent(&path[..i]).to_string(),
                None => path.clone(),
            };
            // A folder that is kept by a placeholder is as good as empty.
            let placeholder = |path: &str| {
                matches!(
                    paths::base(path),
                    ".gitkeep" | ".keep" | ".gitignore" | ".placeholder"
                )
            };
            let there = project.tree.has(&fixed) || project.tree.under(&fixed).any(|f| !placeholder(f));
            if !found.iter().any(|e: &Embed| e.path == fixed) {
                found.push(Embed {
                    stand_in: stand_in(&path),
                    path: fixed,
                    at: embed.at.clone(),
                    there,
                });
            }
        }
    }
    found
}

/// A file that the pattern of a `//go:embed` matches.
fn stand_in(pattern: &str) -> Option<String> {
    let name = paths::base(pattern);
    if pattern.contains(['?', '[']) || paths::parent(pattern).contains('*') {
        return None;
    }
    Some(match name.contains(['*', '.']) {
        true => at(paths::parent(pattern), &name.replace('*', "index")),
        false => at(pattern, "index.html"),
    })
}

/// Arguments that a Procfile gives to the program.
fn arguments(project: &Project, module: &Module, binary: &str) -> Vec<String> {
    let Some(source) = project.tree.text(&at(&module.dir, "Procfile")) else {
        return Vec::new();
    };
    let processes = crate::manifest::command::procfile(&source);
    let Some((_, web)) = processes.iter().find(|(name, _)| name == "web") else {
        return Vec::new();
    };
    match crate::manifest::command::parse(&web.value) {
        Some(command) if paths::base(&command.words[0]) == binary => command.words[1..].to_vec(),
        _ => Vec::new(),
    }
}
