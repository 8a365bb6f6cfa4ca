//! From a tree to the services in it: what every language claims, where two claim one folder, and
//! which folders hold tests, examples and copies of others rather than services.

mod names;
mod others;
mod settle;

pub use names::workspace;

use crate::config::Config;
use crate::decision::Decision;
use crate::diagnostic::{Diagnostic, Severity, rules};
use crate::lang::{self, Claim, Language, Role};
use crate::paths;
use crate::tree::Tree;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A claim that became a service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Unique in the repository.
    pub name: String,
    pub claim: Claim,
    /// Folder of the Dockerfile: the service's own, or the workspace's root where the service is
    /// the only one in it.
    pub home: String,
    /// Why this language, where the folder has programs of several.
    pub language: Option<Decision>,
}

/// What was found: services, and manifests that could not be read.
#[derive(Clone, Default)]
pub struct Found {
    pub services: Vec<Service>,
    pub errors: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// Folders that hold programs and were left out as tests, examples or copies.
    pub left_out: Vec<String>,
    /// Every claim of every language, by folder: also those that became no service.
    pub claims: Arc<Vec<Claim>>,
}

/// Looks at the folder `path` and all below it, in a repository whose files are `tree`.
pub fn discover(tree: &Tree, config: &Config, path: &str, language: Option<&str>) -> Found {
    let mut found = Found::default();
    let mut claims: Vec<Claim> = Vec::new();
    for claim in every_claim(tree) {
        match claim {
            Ok(claim) => claims.push(claim),
            Err(error) => found.errors.push(error),
        }
    }
    claims.sort_by(|a, b| a.dir.cmp(&b.dir));
    found.errors.retain(|e| {
        e.at.as_ref()
            .is_none_or(|at| paths::is_under(at.file(), path) && !is_noise(paths::parent(at.file()), path))
    });
    let candidates: Vec<&Claim> = claims
        .iter()
        .filter(|c| language.is_none_or(|l| c.language == l))
        .filter(|c| !config.skips(&c.dir))
        .collect();
    let configured = |claim: &Claim| config.service_at(&claim.dir).is_some();
    let (mut here, left_out): (Vec<&Claim>, Vec<&Claim>) = candidates
        .iter()
        .filter(|c| paths::is_under(&c.dir, path))
        .filter(|c| configured(c) || c.role != Role::Tooling)
        .partition(|c| configured(c) || !is_noise(&c.dir, path));
    found.left_out = left_out.iter().map(|c| c.dir.clone()).collect();
    found.left_out.dedup();
    if here.is_empty() {
        // One program in a folder that is named like an example, and nothing else: that is it.
        let mut only = candidates
            .iter()
            .filter(|c| c.role == Role::Program && paths::is_under(&c.dir, path) && c.dir != path);
        if let (Some(claim), None) = (only.next(), only.next()) {
            here.push(claim);
        }
    }
    if here.is_empty() {
        // Asked for by its own path, anything that can be built is a service; a folder inside of a
        // service means that service.
        let dirs: HashSet<&str> = candidates.iter().map(|c| c.dir.as_str()).collect();
        let nearest = paths::ancestors(path).find(|dir| dirs.contains(dir));
        here = candidates
            .iter()
            .filter(|c| Some(c.dir.as_str()) == nearest)
            .copied()
            .collect();
    }
    found.warnings = others::left_alone(tree, path, &here, |dir| is_noise(dir, path));
    let looked_at = |file: &&str| paths::is_under(file, path) && !is_noise(paths::parent(file), path);
    let odd: Vec<&str> = odd_manifests(tree).filter(looked_at).collect();
    for file in &odd {
        let problem = tree.unreadable(file);
        // In a service's own folder another language would win without a word.
        match here.iter().any(|c| c.dir == paths::parent(file)) {
            true => found.errors.push(problem),
            false => found.warnings.push(Diagnostic {
                severity: Severity::Warning,
                ..problem
            }),
        }
    }
    here.retain(|c| !odd.iter().any(|file| c.dir == paths::parent(file)));
    let mut by_dir: BTreeMap<&str, Vec<Claim>> = BTreeMap::new();
    for claim in here {
        by_dir.entry(&claim.dir).or_default().push(claim.clone());
    }
    let mut chosen = Vec::new();
    for (_, claims) in by_dir {
        match settle::settle(tree, config, claims) {
            Ok(settled) => chosen.push(settled),
            Err(error) => found.errors.push(error),
        }
    }
    found.services = names::services(config, chosen, &claims);
    found.services.retain(|s| !config.skips_name(&s.name));
    found.claims = Arc::new(claims);
    found
}

/// Names of manifests under which no file can be read.
fn odd_manifests(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.odd().filter(|path| {
        let name = paths::base(path);
        lang::ALL.iter().any(|l| l.manifests.contains(&name))
    })
}

/// Files from which on the languages look in parallel; below it a thread costs more than it saves.
const MANY_FILES: usize = 2_000;

/// What every language claims, in the order of the languages.
fn every_claim(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    if tree.len() < MANY_FILES {
        return lang::ALL.iter().flat_map(|l| (l.discover)(tree)).collect();
    }
    std::thread::scope(|scope| {
        let looking: Vec<_> = lang::ALL
            .iter()
            .map(|l| scope.spawn(|| (l.discover)(tree)))
            .collect();
        looking
            .into_iter()
            .flat_map(|thread| thread.join().expect("no language panics"))
            .collect()
    })
}

/// Tests, examples, copies: seen from `path`, so that a folder asked for by name is none.
fn is_noise(dir: &str, path: &str) -> bool {
    paths::is_under(dir, path)
        && dir != path
        && paths::relative(dir, path).split('/').any(lang::is_no_service)
}

/// The claim of this folder by a language that builds front ends for others.
pub fn front_end<'a>(claims: &'a [Claim], dir: &str) -> Option<(&'static Language, &'a Claim)> {
    let start = claims.partition_point(|c| c.dir.as_str() < dir);
    claims[start..]
        .iter()
        .take_while(|c| c.dir == dir)
        .map(|claim| (language(claim.language), claim))
        .find(|(language, _)| language.assets.is_some())
}

/// The language with this id; ids in claims are always of [`lang::ALL`].
pub fn language(id: &str) -> &'static Language {
    lang::ALL
        .iter()
        .find(|l| l.id == id)
        .expect("a claim names a language of the list")
}

/// The message for a folder without any service.
pub fn nothing(found: &Found, path: &str) -> Diagnostic {
    let looked: Vec<String> = lang::ALL.iter().map(|l| l.looks_for()).collect();
    let title = format!("no service found in {}", paths::shown(path));
    if let Some(known) = found.warnings.first() {
        let error = Diagnostic::error(&rules::UNSUPPORTED, format!("{title}: {}", known.title));
        return Diagnostic {
            at: known.at.clone(),
            help: known.help.clone(),
            ..error
        };
    }
    let error = Diagnostic::error(&rules::NOTHING_FOUND, title);
    match found.left_out.as_slice() {
        [] => error
            .help(format!("rdock looked for: {}", looked.join("; ")))
            .help("files that .gitignore names are not seen; name a folder that holds a program"),
        dirs => {
            let mut shown: Vec<&str> = dirs.iter().map(String::as_str).take(10).collect();
            if dirs.len() > shown.len() {
                shown.push("…");
            }
            error.help(format!(
                "left out as tests, examples or copies: {}; name one of them to build it",
                shown.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)], path: &str) -> Found {
        let tree = Tree::from_pairs(files.iter().copied());
        let config = Config::read(&tree).unwrap();
        discover(&tree, &config, path, None)
    }

    fn names(found: &Found) -> Vec<&str> {
        found.services.iter().map(|s| s.name.as_str()).collect()
    }

    const MAIN: &str = "package main\n\nfunc main() {}\n";

    #[test]
    fn two_services_of_one_name_are_called_by_their_paths() {
        let found = found(
            &[
                ("a/api/go.mod", "module x/api\n"),
                ("a/api/main.go", MAIN),
                ("b/api/go.mod", "module x/api\n"),
                ("b/api/main.go", MAIN),
                ("c/go.mod", "module x/a-api\n"),
                ("c/main.go", MAIN),
            ],
            "",
        );
        let mut names = names(&found);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 3, "{names:?}");
    }

    #[test]
    fn the_dockerfile_stands_at_the_top_of_a_workspace_where_nothing_else_is_below() {
        let workspace = [
            ("Cargo.toml", "[workspace]\nmembers = [\"api\"]\n"),
            (
                "api/Cargo.toml",
                "[package]\nname = \"api\"\nversion = \"0.1.0\"\n",
            ),
            ("api/src/main.rs", "fn main() {}\n"),
        ];
        let other = [("mail/go.mod", "module x/mail\n"), ("mail/main.go", MAIN)];
        let homes = |files: &[(&str, &str)]| -> Vec<String> {
            let found = found(files, "");
            found.services.iter().map(|s| s.home.clone()).collect()
        };
        assert_eq!(homes(&workspace), [""]);
        assert_eq!(homes(&[&workspace[..], &other[..]].concat()), ["api", "mail"]);
    }

    #[test]
    fn examples_are_left_out_unless_asked_for() {
        let one = [("Examples/x/go.mod", "module x\n"), ("Examples/x/main.go", MAIN)];
        let two = [("Examples/y/go.mod", "module y\n"), ("Examples/y/main.go", MAIN)];
        assert_eq!(names(&found(&one, "")), ["x"]);
        let files = [one, two].concat();
        let root = found(&files, "");
        assert!(root.services.is_empty());
        assert!(nothing(&root, "").help[0].contains("Examples/x, Examples/y"));
        assert_eq!(names(&found(&files, "Examples/x")), ["x"]);
        assert_eq!(names(&found(&files, "Examples")), ["x", "y"]);
    }

    #[test]
    fn a_program_in_a_folder_called_website_is_a_service_and_documents_are_none() {
        let own = ("go.mod", "module x/api\n");
        let site = |requirements: &'static str, program: &'static str| {
            let files = [
                own,
                ("main.go", MAIN),
                ("website/requirements.txt", requirements),
                (program, "app = 1\n"),
            ];
            names(&found(&files, "")).len()
        };
        assert_eq!(site("flask==3.1.0\n", "website/app.py"), 2);
        assert_eq!(site("mkdocs==1.6.0\n", "website/app.py"), 1);
        assert_eq!(site("flask==3.1.0\n", "website/conf.py"), 1);
    }

    #[test]
    fn a_service_is_skipped_by_its_name_too() {
        let files = [("go.mod", "module x/api\n"), ("main.go", MAIN)];
        let skip = [("rdock.toml", "[services.api]\nskip = true\n")];
        assert_eq!(names(&found(&files, "")), ["api"]);
        assert!(found(&[&files[..], &skip[..]].concat(), "").services.is_empty());
    }

    #[test]
    fn a_program_of_go_without_a_module_is_told_what_it_lacks() {
        let found = found(&[("dispatch/main.go", MAIN)], "");
        let error = nothing(&found, "");
        assert!(
            error
                .title
                .ends_with("dispatch/main.go belongs to no module of Go"),
            "{}",
            error.title
        );
        assert!(error.help[0].contains("go mod init"));
    }

    #[test]
    fn other_build_systems_and_languages_are_named() {
        let found = found(
            &[
                ("MODULE.bazel", ""),
                ("third_party/x/WORKSPACE", ""),
                ("api/go.mod", "module x/api\n"),
                ("api/main.go", MAIN),
                ("api/docs/Gemfile", ""),
                ("cart/cart.csproj", ""),
            ],
            "",
        );
        let titles: Vec<&str> = found.warnings.iter().map(|w| w.title.as_str()).collect();
        assert_eq!(titles.len(), 2, "{titles:?}");
        assert!(titles[0].starts_with("Bazel builds this repository too"));
        assert!(titles[1].ends_with(": cart (.NET)"));
    }
}
