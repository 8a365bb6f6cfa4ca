//! What rdock recognises and leaves alone: build systems that describe their images themselves, and
//! languages that it does not know.

use crate::diagnostic::{Diagnostic, rules};
use crate::lang::Claim;
use crate::paths;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

struct BuildSystem {
    name: &'static str,
    /// Files at the root of what it builds.
    markers: &'static [&'static str],
    /// How images are made with it.
    instead: &'static str,
}

const BUILD_SYSTEMS: &[BuildSystem] = &[
    BuildSystem {
        name: "Bazel",
        markers: &["MODULE.bazel", "WORKSPACE.bazel", "WORKSPACE"],
        instead: "make images of its targets with rules_oci (`oci_image`)",
    },
    BuildSystem {
        name: "Buck2",
        markers: &[".buckconfig"],
        instead: "make images of its targets with a rule of your own around `buck2 build --out`",
    },
    BuildSystem {
        name: "Pants",
        markers: &["pants.toml"],
        instead: "make images of its targets with `docker_image` and `pants package`",
    },
];

/// Manifests of other languages: by whole name, or by ending where they begin with a dot.
const OTHER_LANGUAGES: &[(&str, &str)] = &[
    (".cabal", "Haskell"),
    (".csproj", ".NET"),
    (".fsproj", ".NET"),
    ("Gemfile", "Ruby"),
    ("Package.swift", "Swift"),
    ("build.sbt", "Scala (sbt)"),
    ("composer.json", "PHP"),
    ("deps.edn", "Clojure"),
    ("gleam.toml", "Gleam"),
    ("mix.exs", "Elixir"),
    ("project.clj", "Clojure"),
    ("pubspec.yaml", "Dart"),
    ("rebar.config", "Erlang"),
];

/// One word for each build system and for all folders of unknown languages, at or under `path`.
/// `claims` are those of the services found there.
pub fn left_alone(
    tree: &Tree,
    path: &str,
    claims: &[&Claim],
    is_noise: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let mut systems: BTreeMap<&str, (&BuildSystem, &str)> = BTreeMap::new();
    let mut folders: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let mut loose: Option<&str> = None;
    for file in tree.under(path) {
        let name = paths::base(file);
        let dir = paths::parent(file);
        if let Some(system) = BUILD_SYSTEMS.iter().find(|s| s.markers.contains(&name))
            && !is_noise(dir)
        {
            systems.entry(dir).or_insert((system, file));
        }
        if name == "main.go" && !paths::ancestors(dir).any(|d| has_module(tree, d)) && !is_noise(dir) {
            loose.get_or_insert(file);
        }
        if let Some((_, language)) = OTHER_LANGUAGES.iter().find(|(m, _)| is_manifest(name, m))
            && !is_noise(dir)
        {
            folders.entry(dir).or_insert((language, file));
        }
    }
    let mut all: Vec<Diagnostic> = Vec::new();
    // A workspace inside of another is a part of it.
    let outer = |dir: &str| !paths::ancestors(dir).skip(1).any(|d| systems.contains_key(d));
    for (dir, (system, marker)) in systems.iter().filter(|(dir, _)| outer(dir)) {
        all.push(build_system(tree, system, marker, dir, claims));
    }
    let taken: BTreeSet<&str> = claims
        .iter()
        .flat_map(|c| paths::ancestors(&c.dir).collect::<Vec<_>>())
        .collect();
    let own: BTreeSet<&str> = claims.iter().map(|c| c.dir.as_str()).collect();
    let inside = |dir: &str| paths::ancestors(dir).any(|d| own.contains(d));
    folders.retain(|dir, _| !taken.contains(dir) && !inside(dir));
    all.extend(languages(tree, &folders));
    all.extend(loose.map(|file| {
        let title = format!("left alone: {file} belongs to no module of Go");
        Diagnostic::warning(&rules::UNSUPPORTED, title)
            .at(tree.place(file), "")
            .help("run `go mod init NAME` and `go mod tidy` in that folder")
    }));
    all
}

fn has_module(tree: &Tree, dir: &str) -> bool {
    paths::join(dir, "go.mod").is_some_and(|path| tree.has(&path))
}

fn is_manifest(name: &str, manifest: &str) -> bool {
    if manifest.starts_with('.') {
        name.len() > manifest.len() && name.ends_with(manifest)
    } else {
        name == manifest
    }
}

fn build_system(tree: &Tree, system: &BuildSystem, marker: &str, dir: &str, claims: &[&Claim]) -> Diagnostic {
    let shown = if dir.is_empty() { "this repository" } else { dir };
    let inside = claims.iter().any(|c| paths::is_under(&c.dir, dir));
    let title = if inside {
        format!(
            "{} builds {shown} too; rdock builds the services that have a manifest of their own and leaves its other targets alone",
            system.name
        )
    } else {
        format!("{} builds {shown}; rdock leaves it alone", system.name)
    };
    Diagnostic::warning(&rules::UNSUPPORTED, title)
        .at(tree.place(marker), "")
        .help(system.instead)
}

/// So many folders are named.
const SHOWN: usize = 5;

fn languages(tree: &Tree, folders: &BTreeMap<&str, (&str, &str)>) -> Option<Diagnostic> {
    let (_, marker) = folders.values().next()?;
    let mut list: Vec<String> = folders
        .iter()
        .take(SHOWN)
        .map(|(dir, (language, _))| format!("{} ({language})", paths::shown(dir)))
        .collect();
    if folders.len() > SHOWN {
        list.push(format!("and {} more", folders.len() - SHOWN));
    }
    let title = format!(
        "left alone, in languages that rdock does not build: {}",
        list.join(", ")
    );
    let help = "these folders need a Dockerfile written by hand; rdock does not touch one that is there";
    Some(
        Diagnostic::warning(&rules::UNSUPPORTED, title)
            .at(tree.place(marker), "")
            .help(help),
    )
}
