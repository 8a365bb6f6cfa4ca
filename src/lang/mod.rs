//! The languages: what each of them answers, and the list of all.

pub mod beside;
pub mod go;
pub mod java;
pub mod node;
pub mod python;
pub mod rust;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Rule};
use crate::paths;
use crate::plan::Plan;
use crate::settings::Settings;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// A language, as functions without state.
pub struct Language {
    /// For `--language` and JSON: `go`.
    pub id: &'static str,
    /// For people: `Go`.
    pub name: &'static str,
    /// Names of the files that make a folder its project, the usual first.
    pub manifests: &'static [&'static str],
    /// What a manifest needs beside it to be a program, for the message when nothing is found: `a package main`.
    pub needs: &'static str,
    /// Every program of this language in the tree. Reads as little as it can: it runs over whole
    /// monorepos. A broken manifest is an error beside the other claims.
    pub discover: fn(&Tree) -> Vec<Result<Claim, Diagnostic>>,
    /// Facts and choices for one claim.
    pub plan: fn(&Project) -> Result<Plan, Vec<Diagnostic>>,
    /// Builds a front end's static files for another language's program; Node's alone.
    pub assets: Option<fn(&Project) -> AssetsResult>,
    pub rules: &'static [&'static Rule],
}

impl Language {
    /// What is looked for, in words: `go.mod with a package main`.
    pub fn looks_for(&self) -> String {
        /// So many names are told.
        const TOLD: usize = 4;
        let names = match self.manifests {
            [only] => only.to_string(),
            [all @ .., last] if all.len() < TOLD => format!("{} or {last}", all.join(", ")),
            all => format!("{} or the like", all[..TOLD].join(", ")),
        };
        format!("{names} with {}", self.needs)
    }
}

/// All languages. The order decides nothing but the order of messages.
pub static ALL: &[&Language] = &[
    &go::LANGUAGE,
    &node::LANGUAGE,
    &python::LANGUAGE,
    &java::LANGUAGE,
    &rust::LANGUAGE,
];

/// A folder that a language says it can build and start.
#[derive(Clone, Debug)]
pub struct Claim {
    pub language: &'static str,
    /// Folder of the service: where the Dockerfile goes.
    pub dir: String,
    /// Folder of the build context: `dir`, or the workspace's root above it.
    pub context: String,
    /// What of a folder above, that several services share, made the context begin there, and where it is named.
    pub shares: Option<Sourced<String>>,
    /// From the manifest, else the folder's name; `""` where neither has one. Must not depend on
    /// the name of the checkout's own folder.
    pub name: String,
    /// The manifest, at the line that makes it a program where there is one.
    pub manifest: Location,
    pub role: Role,
}

/// What a claim is worth where two languages claim the same folder.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A program that is started and stays or does its work.
    Program,
    /// Static files for a browser, with no program of their own.
    StaticSite,
    /// The manifest is here for tools (formatters, docs, tests); it gives no service unless asked
    /// for by name or path.
    Tooling,
}

/// One claim with all that its plan may depend on.
pub struct Project<'a> {
    pub tree: &'a Tree,
    pub catalog: &'static Catalog,
    pub claim: &'a Claim,
    pub settings: &'a Settings,
    /// Folder of the build context that the plan is for: the claim's own, or, for a front end, that of
    /// the program that serves it.
    pub context: &'a str,
    /// The front end in a folder, as stages that come before the own ones. `None` when the folder
    /// holds no front end that can be built.
    pub assets: &'a dyn Fn(&str) -> Option<AssetsResult>,
}

/// Stages that build static files, or why they cannot be planned.
pub type AssetsResult = Result<Assets, Vec<Diagnostic>>;

/// Stages that build static files for another program.
#[derive(Clone)]
pub struct Assets {
    /// Folder of the front end.
    pub dir: String,
    /// Whole stages, ready to print before the language's own; no trailing line break.
    pub stages: String,
    /// Name of the stage that holds the result.
    pub stage: String,
    /// Absolute path of the built files in that stage.
    pub output: String,
    /// The same folder from the repository root, as the program's source sees it.
    pub path: String,
    /// Is `path` but the usual one, as the build is a script that does not say where it writes?
    pub guessed: bool,
    pub ignore: Vec<String>,
    pub reads: Vec<String>,
    pub decisions: Vec<crate::decision::Decision>,
    pub warnings: Vec<Diagnostic>,
}

impl Assets {
    /// The front end where it makes `path`, which the program names, if nothing else is known.
    pub fn making(mut self, path: &str) -> Self {
        if self.guessed && path != self.dir && paths::is_under(path, &self.dir) {
            let usual = paths::relative(&self.path, &self.dir);
            let root = self.output.strip_suffix(usual).unwrap_or(&self.output);
            self.output = format!("{root}{}", paths::relative(path, &self.dir));
            self.path = path.to_string();
        }
        self
    }
}

/// Folders whose manifests are no services unless somebody asks for them by path.
const NOT_SERVICES: &[&str] = &[
    "3rdparty",
    "__fixtures__",
    "__tests__",
    "_example",
    "_examples",
    "archetype-resources",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "boilerplate",
    "boilerplates",
    "contrib",
    "cypress",
    "demo",
    "demos",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "golden",
    "hack",
    "integration-tests",
    "integration_tests",
    "playground",
    "playgrounds",
    "sample",
    "samples",
    "scripts",
    "skeleton",
    "skeletons",
    "storybook",
    "template",
    "templates",
    "test",
    "test-data",
    "test-fixtures",
    "test_data",
    "testdata",
    "testing",
    "tests",
    "third_party",
    "thirdparty",
    "tools",
    "vendor",
    "vendored",
];

/// Endings of such folders' names: Nx puts the tests of `web` into `web-e2e`.
const NOT_SERVICE_ENDINGS: &[&str] = &["-e2e", "-examples", "-tests", "_tests"];

/// Is this part of a path the name of a folder for tests, examples, helpers or copies of others?
pub fn is_no_service(part: &str) -> bool {
    NOT_SERVICES.iter().any(|n| n.eq_ignore_ascii_case(part))
        || NOT_SERVICE_ENDINGS.iter().any(|e| part.ends_with(e))
        || part.starts_with('.') && part != "."
        // A folder whose name a template engine fills in.
        || part.contains("{{")
}
/// Where a program listens that takes its port from the environment and names none: 8080, and beside a Procfile
/// 5000, where Heroku's own tools start it (`heroku local`).
pub fn usual_port(tree: &Tree, dir: &str) -> u16 {
    match paths::join(dir, "Procfile").is_some_and(|file| tree.has(&file)) {
        true => 5000,
        false => 8080,
    }
}
