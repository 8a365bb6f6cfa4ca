//! What each service is called, where its Dockerfile goes, and which workspace it is a member of.

use super::{Service, is_noise};
use crate::config::Config;
use crate::decision::Decision;
use crate::escape;
use crate::lang::{Claim, Role};
use crate::paths;
use crate::tree::Tree;
use std::collections::{HashMap, HashSet};

/// Names are unique: the manifest's, else the folder's, else the whole path.
pub fn services(config: &Config, chosen: Vec<(Claim, Option<Decision>)>, all: &[Claim]) -> Vec<Service> {
    let own = |claim: &Claim| match config.service_at(&claim.dir) {
        Some(service) => service.name.clone(),
        None if claim.name.is_empty() => escape::image_name(paths::base(&claim.dir)),
        None => escape::image_name(&claim.name),
    };
    let names: Vec<String> = chosen.iter().map(|(claim, _)| own(claim)).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in &names {
        *times.entry(name).or_default() += 1;
    }
    let homes = Homes::of(all);
    let mut taken: HashSet<String> = HashSet::new();
    let mut services = Vec::new();
    for ((claim, language), name) in chosen.into_iter().zip(&names) {
        let mut unique = if times[name.as_str()] > 1 && !claim.dir.is_empty() {
            escape::image_name(&claim.dir.replace('/', "-"))
        } else {
            name.clone()
        };
        let mut number = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        services.push(Service {
            name: unique,
            home: homes.home(&claim),
            claim,
            language,
        });
    }
    services
}

/// The Dockerfile of the only service of a workspace stands at the workspace's root.
struct Homes<'a> {
    /// Services by context.
    sharing: HashMap<&'a str, usize>,
    /// Folders of services.
    at: HashSet<&'a str>,
    /// Folders of programs, in order.
    programs: Vec<&'a str>,
}

impl<'a> Homes<'a> {
    fn of(all: &'a [Claim]) -> Self {
        let mut homes = Self {
            sharing: HashMap::new(),
            at: HashSet::new(),
            programs: all
                .iter()
                .filter(|c| c.role == Role::Program)
                .map(|c| c.dir.as_str())
                .collect(),
        };
        homes.programs.sort_unstable();
        homes.programs.dedup();
        for claim in all.iter().filter(|c| c.role != Role::Tooling) {
            homes.at.insert(&claim.dir);
            if !is_noise(&claim.dir, &claim.context) {
                *homes.sharing.entry(&claim.context).or_default() += 1;
            }
        }
        homes
    }

    fn home(&self, claim: &Claim) -> String {
        let others = self.sharing.get(claim.context.as_str()).copied().unwrap_or(0);
        // A program in a folder named like an example counts for itself.
        let own = usize::from(is_noise(&claim.dir, &claim.context));
        let alone = others + own == 1;
        let free = claim.dir == claim.context || !self.at.contains(claim.context.as_str());
        if alone && free && !self.others_below(claim) {
            claim.context.clone()
        } else {
            claim.dir.clone()
        }
    }

    /// Is there a program of another kind below the context? Then the Dockerfile at the top would seem to be
    /// that of the whole repository.
    fn others_below(&self, claim: &Claim) -> bool {
        if claim.dir == claim.context {
            return false;
        }
        let inside = match claim.context.as_str() {
            "" => String::new(),
            context => format!("{context}/"),
        };
        let start = self.programs.partition_point(|dir| *dir < inside.as_str());
        self.programs[start..]
            .iter()
            .take_while(|dir| dir.starts_with(&inside))
            .any(|dir| *dir != claim.dir && !is_noise(dir, &claim.context))
    }
}

/// A language, a file at the root of one of its workspaces, and what the workspace is called.
const WORKSPACES: &[(&str, &str, &str)] = &[
    ("go", "go.work", "Go workspace"),
    ("java", "pom.xml", "Maven"),
    ("java", "build.gradle", "Gradle"),
    ("java", "build.gradle.kts", "Gradle"),
    ("java", "settings.gradle", "Gradle"),
    ("java", "settings.gradle.kts", "Gradle"),
    ("node", "nx.json", "Nx"),
    ("node", "turbo.json", "Turborepo"),
    ("node", "rush.json", "Rush"),
    ("node", "lerna.json", "Lerna"),
    ("node", "pnpm-workspace.yaml", "pnpm"),
    ("node", "yarn.lock", "Yarn"),
    ("node", "package-lock.json", "npm"),
    ("python", "uv.lock", "uv"),
    ("rust", "Cargo.toml", "Cargo"),
];

/// The kinds of workspace that a service's context above it is, in the table's order.
pub fn workspace(tree: &Tree, claim: &Claim) -> Vec<&'static str> {
    let mut kinds: Vec<&str> = Vec::new();
    if claim.context == claim.dir {
        return kinds;
    }
    for (language, marker, kind) in WORKSPACES {
        let there = || paths::join(&claim.context, marker).is_some_and(|p| tree.has(&p));
        if *language == claim.language && !kinds.contains(kind) && there() {
            kinds.push(kind);
        }
    }
    kinds
}
