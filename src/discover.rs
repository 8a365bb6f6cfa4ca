//! From a tree to the services in it: what every language claims, where two claim one folder, and
//! which folders hold tests, examples and copies of others rather than services.

use crate::config::Config;
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::{self, Claim, Language, Role};
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// A claim that became a service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Unique in the repository.
    pub name: String,
    pub claim: Claim,
    /// Folder of the Dockerfile: the service's own, or the workspace's root where the service is
    /// the only one in it.
    pub home: String,
}

/// What was found: services, and manifests that could not be read.
#[derive(Default)]
pub struct Found {
    pub services: Vec<Service>,
    pub errors: Vec<Diagnostic>,
}

/// Looks at the folder `path` and all below it, in a repository whose files are `tree`.
pub fn discover(tree: &Tree, config: &Config, path: &str, language: Option<&str>) -> Found {
    let mut found = Found::default();
    let mut claims: Vec<Claim> = Vec::new();
    for lang in lang::ALL {
        for claim in (lang.discover)(tree) {
            match claim {
                Ok(claim) => claims.push(claim),
                Err(error) => found.errors.push(error),
            }
        }
    }
    let configured = |claim: &Claim| config.service_at(&claim.dir).is_some();
    found.errors.retain(|e| {
        e.at.as_ref()
            .is_none_or(|at| !is_noise(paths::parent(at.file()), path))
    });
    claims.retain(|c| language.is_none_or(|l| c.language == l));
    claims.retain(|c| !config.skips(&c.dir));
    let mut here: Vec<Claim> = claims
        .iter()
        .filter(|c| configured(c) || c.role != Role::Tooling)
        .filter(|c| paths::is_under(&c.dir, path) && (configured(c) || !is_noise(&c.dir, path)))
        .cloned()
        .collect();
    if here.is_empty() {
        // One program in a folder that is named like an example, and nothing else: that is it.
        let mut only = claims
            .iter()
            .filter(|c| c.role == Role::Program && paths::is_under(&c.dir, path) && c.dir != path);
        if let (Some(claim), None) = (only.next(), only.next()) {
            here.push(claim.clone());
        }
    }
    if here.is_empty() {
        // Asked for by its own path, anything that can be built is a service; a folder inside of a
        // service means that service.
        let nearest = paths::ancestors(path).find(|dir| claims.iter().any(|c| c.dir == *dir));
        here = claims
            .iter()
            .filter(|c| Some(c.dir.as_str()) == nearest)
            .cloned()
            .collect();
    }
    let mut by_dir: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
    for claim in here {
        by_dir.entry(claim.dir.clone()).or_default().push(claim);
    }
    let mut chosen = Vec::new();
    for (_, claims) in by_dir {
        match settle(config, claims) {
            Ok(claim) => chosen.push(claim),
            Err(error) => found.errors.push(error),
        }
    }
    found.services = with_names_and_homes(config, chosen, &claims);
    found
        .errors
        .retain(|e| e.at.as_ref().is_none_or(|at| paths::is_under(at.file(), path)));
    found
}

fn is_noise(dir: &str, path: &str) -> bool {
    paths::is_under(dir, path) && paths::relative(dir, path).split('/').any(lang::is_no_service)
}

/// Two manifests in one folder: a program outranks static files, which outrank tools; two programs
/// are for a person to choose from.
fn settle(config: &Config, mut claims: Vec<Claim>) -> Result<Claim, Diagnostic> {
    if let Some(language) = config.language_of(&claims[0].dir)
        && claims.iter().any(|c| c.language == language)
    {
        claims.retain(|c| c.language == language);
    }
    let rank = |c: &Claim| match c.role {
        Role::Program => 0,
        Role::StaticSite => 1,
        Role::Tooling => 2,
    };
    claims.sort_by_key(rank);
    let best = rank(&claims[0]);
    let equal: Vec<&Claim> = claims.iter().filter(|c| rank(c) == best).collect();
    if equal.len() == 1 {
        return Ok(claims.swap_remove(0));
    }
    let dir = paths::shown(&claims[0].dir);
    let list: Vec<String> = equal
        .iter()
        .map(|c| format!("{} ({})", language(c.language).name, c.manifest))
        .collect();
    let flags: Vec<String> = equal
        .iter()
        .map(|c| format!("--language {}", c.language))
        .collect();
    Err(Diagnostic::error(
        &rules::AMBIGUOUS,
        format!("{dir} holds programs of several languages: {}", list.join(", ")),
    )
    .at(equal[0].manifest.clone(), "")
    .help(format!(
        "choose with {}, or with `language = \"…\"` in rdock.toml",
        flags.join(" or ")
    )))
}

/// The language with this id; ids in claims are always of [`lang::ALL`].
pub fn language(id: &str) -> &'static Language {
    lang::ALL
        .iter()
        .find(|l| l.id == id)
        .expect("a claim names a language of the list")
}

fn with_names_and_homes(config: &Config, chosen: Vec<Claim>, all: &[Claim]) -> Vec<Service> {
    let alone = |claim: &Claim| {
        all.iter()
            .filter(|c| {
                c.context == claim.context
                    && c.role != Role::Tooling
                    && (c.dir == claim.dir || !is_noise(&c.dir, &c.context))
            })
            .count()
            == 1
            && !all
                .iter()
                .any(|c| c.dir == claim.context && c.dir != claim.dir && c.role != Role::Tooling)
    };
    let names: Vec<String> = chosen
        .iter()
        .map(|c| match config.service_at(&c.dir) {
            Some(service) => service.name.clone(),
            None if c.name.is_empty() => crate::escape::image_name(paths::base(&c.dir)),
            None => crate::escape::image_name(&c.name),
        })
        .collect();
    chosen
        .into_iter()
        .enumerate()
        .map(|(i, claim)| {
            let twice = names.iter().filter(|n| **n == names[i]).count() > 1;
            let name = if twice && !claim.dir.is_empty() {
                crate::escape::image_name(&claim.dir.replace('/', "-"))
            } else {
                names[i].clone()
            };
            let home = if alone(&claim) {
                claim.context.clone()
            } else {
                claim.dir.clone()
            };
            Service { name, claim, home }
        })
        .collect()
}
