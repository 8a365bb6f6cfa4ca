//! What is known of one Go program: its package, its module's neighbours, its version, what it
//! links, embeds, opens and listens on. Facts with places, no choices of bases.

use super::cgo::{self, CgoModule};
use super::discover::is_helper;
use super::hints::{self, Hints};
use super::module::{self, Module, Package, Workspace, at};
use super::syntax::{self, Token};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
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
    pub hints: Hints,
    /// `web: bin/api --flag`: the arguments after the program.
    pub arguments: Vec<String>,
}

/// Why the program needs C, and what that asks of the images.
pub struct Cgo {
    pub because: Because,
    pub build: BTreeSet<&'static str>,
    pub run: BTreeSet<&'static str>,
    pub cpp: bool,
    /// Libraries of the system that no table knows.
    pub unknown: BTreeSet<String>,
}

/// A `//go:embed` pattern, from the repository root.
pub struct Embed {
    pub path: String,
    pub at: Location,
    /// Is there something that it matches?
    pub there: bool,
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
    let main = choose_main(project, &module)?;
    let reachable = reachable(&module, &others, &main.value);
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
    Ok(Facts {
        context: claim.context.clone(),
        versions: versions(project, &module, workspace.as_ref(), &others),
        cgo: needs_c(&module, &others, &reachable),
        sqlite: first_import(&reachable, cgo::SQLITE),
        vendored: vendored(project, &module, workspace.as_ref()),
        has_dependencies: !module.gomod.require.is_empty()
            || others.iter().any(|m| !m.gomod.require.is_empty()),
        private: private(project, &module),
        embeds: embeds(project, &reachable),
        arguments: arguments(project, &module, &binary),
        hints,
        binary,
        main,
        needed,
        workspace,
        module,
    })
}

/// The program to build: the one asked for, the module's own, the one that the module is named
/// after, the one with a service's usual name.
fn choose_main(project: &Project, module: &Module) -> Result<Chosen<String>, Diagnostic> {
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
    let by = |f: &dyn Fn(&Package) -> bool| {
        let found: Vec<&&&Package> = candidates.iter().filter(|p| f(p)).collect();
        (found.len() == 1).then(|| found[0].dir.clone())
    };
    let name = module.short_name();
    let service = project.claim.name.as_str();
    let programs: Vec<&Package> = candidates.iter().map(|p| **p).collect();
    let released = released(project, module, &programs);
    let rules_in_order: [Preference; 6] = [
        (&|_| true, "the only package main".into()),
        (
            &|p| p.dir == module.dir,
            "the package main at the module's root".into(),
        ),
        (
            &|p| paths::base(&p.dir) == name || paths::base(&p.dir) == service,
            format!("named like the module, `{name}`"),
        ),
        (
            &|p| released.as_ref() == Some(&p.dir),
            "the one that the project's own recipe builds".into(),
        ),
        (
            &|p| SERVICE_NAMES.contains(&paths::base(&p.dir)),
            "named like a service, not like a tool".into(),
        ),
        (
            &|p| serves(module, p),
            "the only program that listens on a port".into(),
        ),
    ];
    for (rule, words) in rules_in_order {
        if let Some(dir) = by(rule) {
            let over = candidates.iter().filter(|p| p.dir != dir);
            let over = over
                .map(|p| Rejected::possible(shown(&p.dir), "another program of the module"))
                .collect();
            return Ok(Chosen::new(dir, Because::rule(words)).over(over));
        }
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

/// A test that one candidate alone should pass, and what is said when it does.
type Preference<'a> = (&'a dyn Fn(&Package) -> bool, String);

const SERVICE_NAMES: &[&str] = &[
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
    reachable(module, &[], &program.dir)
        .iter()
        .flat_map(|p| &p.files)
        .any(|file| {
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
fn released(project: &Project, module: &Module, candidates: &[&Package]) -> Option<String> {
    let mut named = BTreeSet::new();
    for file in RECIPES {
        let Some(source) = project.tree.text(&at(&module.dir, file)) else {
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
fn reachable<'a>(module: &'a Module, others: &'a [Module], main: &str) -> Vec<&'a Package> {
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

fn needs_c(module: &Module, others: &[Module], reachable: &[&Package]) -> Option<Cgo> {
    let mut cgo: Option<Cgo> = None;
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
        .flat_map(|m| &m.gomod.require);
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

fn first_import(reachable: &[&Package], modules: &[&str]) -> Option<Sourced<String>> {
    let imports = reachable.iter().flat_map(|p| &p.files).flat_map(|f| &f.imports);
    imports
        .clone()
        .find(|i| modules.iter().any(|m| paths::is_under(&i.value, m)))
        .cloned()
}

fn vendored(project: &Project, module: &Module, workspace: Option<&Workspace>) -> Option<Location> {
    let root = workspace.map_or(&module.dir, |w| &w.dir);
    let path = at(root, "vendor/modules.txt");
    project.tree.has(&path).then(|| project.tree.place(&path))
}

/// A host or path that only the project's own people can fetch from: named in GOPRIVATE by the
/// project's own scripts, or a host of its own that serves both the module and a requirement.
fn private(project: &Project, module: &Module) -> Option<Sourced<String>> {
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
                    path: fixed,
                    at: embed.at.clone(),
                    there,
                });
            }
        }
    }
    found
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
        Some(command) if paths::base(&command.words[0]) == binary && !web.value.contains('$') => {
            command.words[1..].to_vec()
        }
        _ => Vec::new(),
    }
}
