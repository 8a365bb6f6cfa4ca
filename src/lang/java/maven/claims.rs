//! Which modules of a reactor are programs.

use super::model::Model;
use super::package;
use super::reactor::{self, Reactor};
use crate::diagnostic::Diagnostic;
use crate::lang::Claim;
use crate::lang::Role;
use crate::lang::java::facts::Package;
use crate::lang::java::front;
use crate::lang::java::sources::{self, Kind, Main};
use crate::lang::java::tables::PARENTS;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// How sure it is that a module is a program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    /// The build or a framework says so.
    Strong,
    /// A class could be started.
    Weak,
}

/// Every program that Maven builds.
pub fn all(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut claims = Vec::new();
    for found in &reactor::all(tree).found {
        match found {
            Ok(reactor) => claims.extend(of(tree, reactor).into_iter().map(Ok)),
            Err(e) => claims.push(Err(e.clone())),
        }
    }
    claims
}

fn of(tree: &Tree, reactor: &Reactor) -> Vec<Claim> {
    let single = reactor.modules.len() == 1;
    let mut found: Vec<(Evidence, &Model, Location)> = reactor
        .modules
        .iter()
        .filter_map(|model| {
            let (evidence, at) = evidence(tree, model, single)?;
            Some((evidence, model, at))
        })
        .collect();
    if found.iter().any(|(e, ..)| *e == Evidence::Strong) {
        found.retain(|(e, ..)| *e == Evidence::Strong);
    } else {
        let needed = |model: &Model| {
            reactor.modules.iter().any(|other| {
                other.pom().path != model.pom().path
                    && reactor
                        .closure(other)
                        .iter()
                        .any(|m| m.pom().path == model.pom().path)
            })
        };
        found.retain(|(_, model, _)| !needed(model));
    }
    let context = reactor.context();
    found
        .into_iter()
        .map(|(_, model, at)| Claim {
            language: super::super::LANGUAGE.id,
            dir: model.dir().to_string(),
            context: front::context(tree, &context, model.dir()),
            shares: None,
            name: model.artifact().to_string(),
            manifest: at,
            role: Role::Program,
        })
        .collect()
}

fn evidence(tree: &Tree, model: &Model, single: bool) -> Option<(Evidence, Location)> {
    let packaging = model.packaging();
    if !["jar", "war", "quarkus", "bundle"].contains(&packaging.as_str()) {
        return None;
    }
    let files = sources::files(tree, model.dir());
    let (package, because) = package::of(tree, model, &files, model.dir());
    let at = because.at.unwrap_or_else(|| model.pom().root.at.clone());
    // A parent may declare the plugin for all its children; the claim is at the child's own pom.
    let at = if at.file() == model.pom().path {
        at
    } else {
        let root = &model.pom().root;
        root.get("artifactId").map_or(root.at.clone(), |a| a.at.clone())
    };
    let mains = sources::mains(&files);
    let has_source = |class: &str| mains.iter().any(|m| m.class == class);
    let own = |at: &Location| at.file() == model.pom().path;
    let declared = package::declared_main(model);
    let strong = match &package {
        Package::War { .. } => tree.has_dir(&paths::join(model.dir(), "src").unwrap_or_default()),
        Package::Quarkus { .. } => true,
        Package::Layers { .. } | Package::Fat { runs: true, .. } if boot(model) => {
            !mains.is_empty() || declared.as_ref().is_some_and(|d| own(&d.at))
        }
        _ => {
            let marked = mains.iter().any(|m: &Main| m.kind == Kind::Marked);
            let parent = model
                .external
                .as_ref()
                .is_some_and(|e| PARENTS.iter().any(|p| p.artifact == e.artifact));
            declared
                .as_ref()
                .is_some_and(|d| has_source(&d.value) || (own(&d.at) && !d.value.contains('$')) || parent)
                || marked
        }
    };
    if strong {
        return Some((Evidence::Strong, at));
    }
    let weak = mains.iter().any(|m| single || m.kind < Kind::Plain);
    (weak && packaging != "war").then_some((Evidence::Weak, at))
}

fn boot(model: &Model) -> bool {
    model.plugin("spring-boot-maven-plugin").is_some()
}
