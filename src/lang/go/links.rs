//! What the program links that is not Go, and modules that not everybody can fetch.

use super::cgo::{self, CgoModule};
use super::module::{Module, Package, at};
use crate::decision::Because;
use crate::lang::Project;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Why the program needs C, and what that asks of the images.
pub struct Cgo {
    pub because: Because,
    pub build: BTreeSet<&'static str>,
    pub run: BTreeSet<&'static str>,
    pub cpp: bool,
    /// Libraries of the system that no table knows.
    pub unknown: BTreeSet<String>,
}

pub fn needs_c(tree: &Tree, module: &Module, others: &[Module], reachable: &[&Package]) -> Option<Cgo> {
    let mut cgo: Option<Cgo> = None;
    let vendored = tree.has(&at(&module.dir, "vendor/modules.txt"));
    for package in reachable {
        let pure = package
            .files
            .iter()
            .any(|f| f.cgo.is_none() && f.constraint.as_deref().is_some_and(|c| c.contains("!cgo")));
        for file in package.files.iter().filter(|_| !pure) {
            let Some(at) = &file.cgo else { continue };
            let found = first(&mut cgo, Because::at(at, "imports C"));
            for library in libraries(&file.cgo_directives) {
                match cgo::LIBRARIES.iter().find(|(name, _, _)| *name == library) {
                    Some((_, build, run)) => {
                        found.build.extend(*build);
                        found.run.extend(*run);
                    }
                    None if IN_LIBC.contains(&library.as_str()) => {}
                    None if library == "stdc++" => found.cpp = true,
                    None => {
                        found.unknown.insert(library);
                    }
                }
            }
        }
    }
    let mut link = |entry: &CgoModule, because: Because| {
        let found = first(&mut cgo, because);
        found.build.extend(entry.build);
        found.run.extend(entry.run);
        found.cpp |= entry.cpp;
    };
    for import in reachable.iter().flat_map(|p| &p.files).flat_map(|f| &f.imports) {
        if let Some(entry) = cgo::MODULES
            .iter()
            .find(|e| paths::is_under(&import.value, e.path))
        {
            link(
                entry,
                Because::at(&import.at, format!("imports {}, which needs cgo", entry.path)),
            );
        }
    }
    let required = std::iter::once(module)
        .chain(others)
        .flat_map(|m| &m.gomod.require)
        // A vendor folder has what is linked, and nothing else.
        .filter(|r| !vendored || tree.has_dir(&at(&module.dir, &format!("vendor/{}", r.value))))
        .filter(|r| may_be_linked(r, module, reachable));
    for require in required {
        // A module with packages that need no C is judged by the import alone.
        if let Some(entry) = cgo::MODULES
            .iter()
            .find(|e| paths::is_under(&require.value, e.path))
        {
            link(
                entry,
                Because::at(&require.at, format!("requires {}, which needs cgo", entry.path)),
            );
        }
    }
    cgo
}

/// Can a requirement that needs C come into the program by way of others? Of a direct one, and of a database
/// that the program has another driver for, its own imports tell.
fn may_be_linked(require: &Sourced<String>, module: &Module, reachable: &[&Package]) -> bool {
    let own = module.gomod.require.iter().any(|r| r.at == require.at);
    let direct = own && !module.gomod.indirect.contains(&require.value);
    let wrapped = cgo::PURE_SQLITE;
    let alone = cgo::SQLITE.contains(&require.value.as_str()) && first_import(reachable, wrapped).is_some();
    !(direct || alone)
}

/// The need for C; its first reason stays.
fn first(cgo: &mut Option<Cgo>, because: Because) -> &mut Cgo {
    cgo.get_or_insert_with(|| Cgo {
        because,
        build: BTreeSet::new(),
        run: BTreeSet::new(),
        cpp: false,
        unknown: BTreeSet::new(),
    })
}

/// Parts of libc and of the compiler, for which there is no package.
const IN_LIBC: &[&str] = &["m", "pthread", "dl", "rt", "c", "gcc", "resolv", "util"];

/// Names after `pkg-config:` and `-l`.
fn libraries(directives: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for line in directives {
        let Some((head, rest)) = line.split_once(':') else {
            continue;
        };
        let other_os = ["windows", "darwin", "freebsd"]
            .iter()
            .any(|os| head.contains(os))
            && !head.contains("linux");
        if other_os {
            continue;
        }
        for word in rest.split_whitespace() {
            if head.contains("pkg-config") && !word.starts_with('-') {
                found.push(word.to_string());
            } else if let Some(library) = word.strip_prefix("-l") {
                found.push(library.to_string());
            }
        }
    }
    found
}

pub fn first_import(reachable: &[&Package], modules: &[&str]) -> Option<Sourced<String>> {
    let imports = reachable.iter().flat_map(|p| &p.files).flat_map(|f| &f.imports);
    imports
        .clone()
        .find(|i| modules.iter().any(|m| paths::is_under(&i.value, m)))
        .cloned()
}

/// A host or path that only the project's own people can fetch from: named in GOPRIVATE by the
/// project's own scripts, or a host of its own that serves both the module and a requirement.
pub fn private(project: &Project, module: &Module) -> Option<Sourced<String>> {
    for name in ["Makefile", ".envrc", "Taskfile.yml", ".gitlab-ci.yml", "justfile"] {
        let Some(source) = project.tree.text(name) else {
            continue;
        };
        for line in source.text.lines().filter(|l| !l.trim_start().starts_with('#')) {
            let Some((_, value)) = line.split_once("GOPRIVATE") else {
                continue;
            };
            let value = value.trim_start_matches([':', '?', '=', ' ', '"', '\'']);
            let good = |c: char| c.is_ascii_alphanumeric() || "./-_*,".contains(c);
            let end = value.find(|c| !good(c)).unwrap_or(value.len());
            if value[..end].contains('.') {
                return Some(Sourced::new(
                    value[..end].to_string(),
                    Location::of(&source, line),
                ));
            }
        }
    }
    let host = |path: &str| path.split('/').next().unwrap_or("").to_string();
    let own = host(module.path());
    if !own.contains('.') || PUBLIC_HOSTS.contains(&own.as_str()) {
        return None;
    }
    let looks_private = [
        "git.",
        "gitlab.",
        "github.",
        "gitea.",
        "bitbucket.",
        "code.",
        "scm.",
        "stash.",
    ];
    let internal = [".internal", ".corp", ".local", ".lan", ".intra"];
    let hidden =
        looks_private.iter().any(|p| own.starts_with(p)) || internal.iter().any(|s| own.ends_with(s));
    let require = module.gomod.require.iter().find(|r| host(&r.value) == own)?;
    hidden.then(|| Sourced::new(own, require.at.clone()))
}

const PUBLIC_HOSTS: &[&str] = &[
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "gitea.com",
    "git.sr.ht",
    "gopkg.in",
    "golang.org",
];
