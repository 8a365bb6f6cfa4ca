//! Which of a module's programs is meant, and the packages that it links.

use super::discover::is_helper;
use super::module::{Module, Package, at};
use super::syntax::{self, Token};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::Project;
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// The program to build: the one asked for, the module's own, the one that the module is named
/// after, the one with a service's usual name.
pub fn main(project: &Project, module: &Module) -> Result<Chosen<String>, Diagnostic> {
    let mains: Vec<&Package> = module.mains().collect();
    let shown = |dir: &str| {
        let below = paths::relative(dir, &module.dir);
        if below == "." {
            ".".to_string()
        } else {
            format!("./{below}")
        }
    };
    if let Some(given) = &project.settings.main {
        let wanted = given.value.trim_start_matches("./").trim_end_matches('/');
        let found = mains.iter().find(|p| {
            paths::relative(&p.dir, &module.dir) == wanted
                || p.dir == wanted
                || (wanted.is_empty() && p.dir == module.dir)
        });
        let found = found.or_else(|| mains.iter().find(|p| paths::base(&p.dir) == wanted));
        return match found {
            Some(package) => Ok(Chosen::new(package.dir.clone(), given.because.clone())),
            None => Err(
                Diagnostic::error(&rules::AMBIGUOUS, format!("no package main in {}", given.value))
                    .help(format!("the programs are: {}", list(&mains, shown))),
            ),
        };
    }
    if project.claim.dir != module.dir {
        let because = Because::rule("the program of this folder");
        return Ok(Chosen::new(project.claim.dir.clone(), because));
    }
    let own: Vec<&&Package> = mains.iter().filter(|p| !is_helper(&p.dir, &module.dir)).collect();
    let candidates: Vec<&&Package> = if own.is_empty() {
        mains.iter().collect()
    } else {
        own
    };
    let programs: Vec<&Package> = candidates.iter().map(|p| **p).collect();
    let tree = project.tree;
    let chosen = preferred(tree, module, &programs, &project.claim.name).or_else(|| usual(module, &programs));
    if let Some((dir, words)) = chosen {
        let over = programs.iter().filter(|p| p.dir != dir);
        let over = over
            .map(|p| Rejected::possible(shown(&p.dir), "another program of the module"))
            .collect();
        return Ok(Chosen::new(dir, Because::rule(words)).over(over));
    }
    Err(Diagnostic::error(
        &rules::AMBIGUOUS,
        format!(
            "the module has {} programs: {}",
            programs.len(),
            list(&programs, shown)
        ),
    )
    .at(module.at(), "")
    .choices("main", programs.iter().map(|p| shown(&p.dir)))
    .help(format!(
        "choose one with --main {}, or give its folder",
        shown(&programs[0].dir)
    )))
}

/// The program that the module is for, and why. `service` is the name of the service.
pub fn preferred(
    tree: &Tree,
    module: &Module,
    programs: &[&Package],
    service: &str,
) -> Option<(String, String)> {
    let name = module.short_name();
    let released = released(tree, module, programs);
    let beside = |p: &Package| {
        let ending = paths::base(&p.dir).strip_prefix(name);
        ending.is_some_and(|e| matches!(e, "d" | "-server" | "-api" | "server" | "_server"))
            && serves(module, p)
    };
    let rules_in_order: [Preference; 5] = [
        (&|_| true, "the only package main".into()),
        (
            &|p| p.dir == module.dir,
            "the package main at the module's root".into(),
        ),
        (&beside, format!("serves what `{name}` is a tool for")),
        (
            &|p| paths::base(&p.dir) == name || paths::base(&p.dir) == service,
            format!("named like the module, `{name}`"),
        ),
        (
            &|p| released.as_ref() == Some(&p.dir),
            "the one that the project's own recipe builds".into(),
        ),
    ];
    first(programs, &rules_in_order)
}

/// The program that looks like a service among tools.
fn usual(module: &Module, programs: &[&Package]) -> Option<(String, String)> {
    let rules_in_order: [Preference; 2] = [
        (
            &|p| SERVICE_NAMES.contains(&paths::base(&p.dir)),
            "named like a service, not like a tool".into(),
        ),
        (
            &|p| serves(module, p),
            "the only program that listens on a port".into(),
        ),
    ];
    first(programs, &rules_in_order)
}

/// A test that one program alone should pass, and what is said when it does.
type Preference<'a> = (&'a dyn Fn(&Package) -> bool, String);

fn first(programs: &[&Package], rules_in_order: &[Preference]) -> Option<(String, String)> {
    let alone = |passes: &dyn Fn(&Package) -> bool| {
        let mut found = programs.iter().filter(|p| passes(p));
        let first = found.next()?;
        found.next().is_none().then(|| first.dir.clone())
    };
    rules_in_order
        .iter()
        .find_map(|(passes, words)| Some((alone(passes)?, words.clone())))
}

pub const SERVICE_NAMES: &[&str] = &[
    "server", "api", "app", "web", "service", "httpd", "main", "backend", "srv",
];

fn list(mains: &[&Package], shown: impl Fn(&str) -> String) -> String {
    if mains.is_empty() {
        return "none".into();
    }
    mains.iter().map(|p| shown(&p.dir)).collect::<Vec<_>>().join(", ")
}

/// Does the program, with all of the module that it links, wait for connections?
fn serves(module: &Module, program: &Package) -> bool {
    listens(&reachable(module, &[], &program.dir))
}

/// Do any of these packages wait for connections?
pub fn listens(packages: &[&Package]) -> bool {
    packages.iter().flat_map(|p| &p.files).any(|file| {
        let words = syntax::tokens(&file.source.text);
        words.iter().any(|(_, t)| {
            matches!(
                t,
                Token::Word("ListenAndServe" | "ListenAndServeTLS" | "NewServeMux")
            )
        }) || file
            .imports
            .iter()
            .any(|i| SERVERS.iter().any(|s| paths::is_under(&i.value, s)))
    })
}

/// Libraries whose import means a server.
const SERVERS: &[&str] = &[
    "github.com/gin-gonic/gin",
    "github.com/go-chi/chi",
    "github.com/gofiber/fiber",
    "github.com/gorilla/mux",
    "github.com/labstack/echo",
];

/// The program that the project's own release recipe builds, where it is one alone.
pub fn released(tree: &Tree, module: &Module, candidates: &[&Package]) -> Option<String> {
    let mut named = BTreeSet::new();
    for file in RECIPES {
        let Some(source) = tree.text(&at(&module.dir, file)) else {
            continue;
        };
        let lines = source
            .text
            .lines()
            .filter(|l| l.contains("go build") || l.trim_start().starts_with("main:"));
        for word in lines.flat_map(|l| l.split([' ', '"', '\'', '=', '\t'])) {
            let word = word.trim_start_matches("./").trim_end_matches('/');
            let word = word.strip_suffix("/main.go").unwrap_or(word);
            let found = candidates
                .iter()
                .find(|p| paths::relative(&p.dir, &module.dir) == word);
            named.extend(found.map(|p| p.dir.clone()));
        }
    }
    (named.len() == 1).then(|| named.pop_first()).flatten()
}

const RECIPES: &[&str] = &[
    ".goreleaser.yml",
    ".goreleaser.yaml",
    "Makefile",
    "makefile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "justfile",
];

/// The repository's own packages that the program links, itself first.
pub fn reachable<'a>(module: &'a Module, others: &'a [Module], main: &str) -> Vec<&'a Package> {
    let modules: Vec<&Module> = std::iter::once(module).chain(others).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut due: Vec<&Package> = module.packages.get(main).into_iter().collect();
    while let Some(package) = due.pop() {
        if !seen.insert(&package.dir) {
            continue;
        }
        found.push(package);
        for import in package.files.iter().flat_map(|f| &f.imports) {
            due.extend(modules.iter().filter_map(|m| m.package(&import.value)));
        }
    }
    found
}
