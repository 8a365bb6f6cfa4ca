//! Which of a package's binaries is the program: Cargo's own word, then names, then what only one
//! of them does.

use super::listen;
use super::tokens::Tokens;
use super::workspace::{Crate, Target};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::Project;
use crate::manifest::command;
use crate::paths;

#[derive(Debug)]
pub struct Program {
    pub target: Target,
    pub because: Because,
    pub over: Vec<Rejected>,
    /// Arguments that a Procfile starts it with.
    pub arguments: Vec<String>,
}

/// Words that name a package of helpers.
const HELPER_PACKAGES: &[&str] = &[
    "xtask",
    "xtasks",
    "fuzz",
    "codegen",
    "benches",
    "benchmarks",
    "bindgen",
];
/// Words that name a binary that helps the build or the tests.
const HELPERS: &[&str] = &[
    "xtask",
    "bench",
    "benchmark",
    "fuzz",
    "codegen",
    "gen",
    "generate",
    "test",
    "tests",
    "testing",
    "example",
    "demo",
    "uniffi",
    "bindgen",
    "mock",
    "loadtest",
    "profiler",
    "openapi",
    "schema",
    "stub",
];
/// Words that name a one-off beside the real program.
const ONE_OFFS: &[&str] = &[
    "migrate",
    "migration",
    "migrations",
    "seed",
    "seeder",
    "import",
    "healthcheck",
    "cli",
    "client",
    "admin",
    "tool",
    "ctl",
];
/// Words that name a server.
const SERVERS: &[&str] = &[
    "server", "service", "api", "web", "app", "serve", "daemon", "http", "main", "backend", "gateway",
];

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split(['-', '_']).any(|part| words.contains(&part))
}

pub fn is_helper_package(name: &str) -> bool {
    has_word(name, HELPER_PACKAGES)
}

/// # Errors
/// No binary, an unknown one asked for, or several with nothing that tells them apart.
pub fn choose(project: &Project, package: &Crate, targets: Vec<Target>) -> Result<Program, Diagnostic> {
    let manifest = package.manifest.package.as_ref();
    let place = || manifest.map_or_else(|| project.claim.manifest.clone(), |p| p.name.at.clone());
    if targets.is_empty() {
        return Err(
            Diagnostic::error(&super::rules::NO_BINARY, "the package has no binary to start")
                .at(place(), "looked for src/main.rs, src/bin and [[bin]]")
                .help("name a package with a binary, by its folder"),
        );
    }
    let names = || targets.iter().map(|t| t.name.value.clone()).collect::<Vec<_>>();
    if let Some(main) = &project.settings.main {
        let wanted = main.value.trim_end_matches(".rs");
        let fits = |t: &Target| t.name.value == wanted || t.path.trim_end_matches(".rs").ends_with(wanted);
        let Some(index) = targets.iter().position(fits) else {
            return Err(Diagnostic::error(
                &rules::BAD_SETTING,
                format!("there is no binary `{}`", main.value),
            )
            .help(format!("the package has: {}", names().join(", "))));
        };
        return Ok(program(targets, index, main.because.clone(), Vec::new()));
    }
    if let Some((index, because, arguments)) = procfile(project, &targets) {
        return Ok(program(targets, index, because, arguments));
    }
    if let Some(run) = manifest.and_then(|p| p.default_run.as_ref())
        && let Some(index) = targets.iter().position(|t| t.name.value == run.value)
    {
        let because = Because::at(&run.at, format!("says `default-run = \"{}\"`", run.value));
        return Ok(program(targets, index, because, Vec::new()));
    }
    if targets.len() == 1 {
        let because = Because::at(&place(), "has one binary");
        return Ok(program(targets, 0, because, Vec::new()));
    }
    let name = manifest.map_or("", |p| p.name.value.as_str());
    if let Some(index) = targets.iter().position(|t| t.name.value == name) {
        let because = Because::at(&place(), "names the binary as the package");
        return Ok(program(targets, index, because, Vec::new()));
    }
    by_name(project, targets, place())
}

fn program(mut targets: Vec<Target>, index: usize, because: Because, arguments: Vec<String>) -> Program {
    let target = targets.swap_remove(index);
    targets.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    Program {
        over: targets
            .iter()
            .map(|t| Rejected::possible(t.name.value.clone(), "another binary of the package"))
            .collect(),
        target,
        because,
        arguments,
    }
}

/// `web: ./target/release/api --port $PORT`: the binary, and the arguments that need no shell.
fn procfile(project: &Project, targets: &[Target]) -> Option<(usize, Because, Vec<String>)> {
    let path = paths::join(&project.claim.dir, "Procfile")?;
    let at_root = project.tree.text(&path).or_else(|| {
        let path = paths::join(&project.claim.context, "Procfile")?;
        project.tree.text(&path)
    })?;
    let (_, web) = command::procfile(&at_root)
        .into_iter()
        .find(|(name, _)| name == "web")?;
    let command = command::parse(&web.value)?;
    let named = |word: &str| targets.iter().position(|t| t.name.value == paths::base(word));
    let (at, index) = command
        .words
        .iter()
        .enumerate()
        .find_map(|(i, word)| Some((i, named(word)?)))?;
    let arguments: Vec<String> = command.words[at + 1..]
        .iter()
        .filter(|w| *w != "--")
        .cloned()
        .collect();
    let arguments = if arguments.iter().any(|a| a.contains('$')) {
        Vec::new()
    } else {
        arguments
    };
    Some((index, Because::at(&web.at, "starts it"), arguments))
}

/// Helpers leave, then binaries behind optional features, then one-offs; then a server's name, then the only
/// one that listens.
fn by_name(
    project: &Project,
    targets: Vec<Target>,
    place: crate::source::Location,
) -> Result<Program, Diagnostic> {
    let all: Vec<usize> = (0..targets.len()).collect();
    let narrow = |from: Vec<usize>, keep: &dyn Fn(&Target) -> bool| {
        let kept: Vec<usize> = from.iter().copied().filter(|i| keep(&targets[*i])).collect();
        if kept.is_empty() { from } else { kept }
    };
    let left = narrow(all, &|t| !has_word(&t.name.value, HELPERS));
    let left = narrow(left, &|t| t.required_features.is_empty());
    let chosen = |index: usize, why: &str| Chosen::new(index, Because::at(&place, why));
    let found = if let [only] = left[..] {
        Some(chosen(only, "has one binary that is no helper"))
    } else {
        let servers = narrow(left.clone(), &|t| {
            has_word(&t.name.value, SERVERS) || t.name.value.ends_with('d') && t.name.value.len() > 3
        });
        let servers = narrow(servers, &|t| !has_word(&t.name.value, ONE_OFFS));
        match servers[..] {
            [only] if servers.len() < left.len() => {
                Some(chosen(only, "has one binary with the name of a server"))
            }
            _ => {
                let listens: Vec<usize> = left
                    .iter()
                    .copied()
                    .filter(|i| listens(project, &targets[*i]))
                    .collect();
                match listens[..] {
                    [only] => Some(chosen(only, "has one binary that listens")),
                    _ => None,
                }
            }
        }
    };
    match found {
        Some(found) => Ok(program(targets, found.value, found.because, Vec::new())),
        None => {
            let names: Vec<String> = left.iter().map(|i| targets[*i].name.value.clone()).collect();
            Err(Diagnostic::error(
                &rules::AMBIGUOUS,
                format!("the package has several binaries: {}", names.join(", ")),
            )
            .at(place, "none of them is named as the default")
            .choices("main", names.iter().cloned())
            .help(format!(
                "choose with `--main {}`, or set `default-run = \"{}\"` under [package]",
                names[0], names[0]
            )))
        }
    }
}

/// Does the binary's own file open a listening socket?
fn listens(project: &Project, target: &Target) -> bool {
    let Some(source) = project.tree.text(&target.path) else {
        return false;
    };
    listen::serves(&Tokens::of(&source))
}
