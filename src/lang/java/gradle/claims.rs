//! Which projects of a Gradle build are programs.

use super::model::{self, Build, Project};
use super::package::{self, Made};
use super::values::declared_main;
use crate::diagnostic::Diagnostic;
use crate::lang::java::facts::Package;
use crate::lang::java::sources::{self, Kind};
use crate::lang::{Claim, Role};
use crate::paths;
use crate::tree::Tree;

/// Every program that Gradle builds.
pub fn all(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut claims = Vec::new();
    for build in model::all(tree) {
        match build {
            Ok(build) => claims.extend(of(tree, &build).into_iter().map(Ok)),
            Err(e) => claims.push(Err(e)),
        }
    }
    claims
}

fn of(tree: &Tree, build: &Build) -> Vec<Claim> {
    let mut found = Vec::new();
    for project in &build.projects {
        let Some(script) = &project.script else { continue };
        let files = sources::files(tree, &project.dir);
        let Some(made) = package::of(tree, build, project, &files, &project.dir) else {
            continue;
        };
        if !is_program(tree, build, project, &files, &made) {
            continue;
        }
        let place = made.because.at.filter(|at| at.file() == script.source.path);
        let name = match build.name_of(project) {
            name if name == "src" => String::new(),
            name => name,
        };
        found.push(Claim {
            language: super::super::LANGUAGE.id,
            dir: project.dir.clone(),
            context: build.context(),
            shares: build.above.first().cloned(),
            name,
            manifest: place.unwrap_or_else(|| crate::source::Location::whole(&script.source)),
            role: Role::Program,
        });
    }
    found
}

fn is_program(
    tree: &Tree,
    build: &Build,
    project: &Project,
    files: &[std::sync::Arc<crate::source::Source>],
    made: &Made,
) -> bool {
    let mains = sources::mains(files);
    let verticle = build
        .statements(project)
        .iter()
        .any(|s| s.texts().any(|t| t == "Main-Verticle") || s.value_of("mainVerticle").is_some());
    let declared = verticle || declared_main(build, project).is_some();
    match &made.package {
        Package::War { .. } => tree.has_dir(&paths::join(&project.dir, "src").unwrap_or_default()),
        Package::Quarkus { .. } => !files.is_empty(),
        Package::Layers { .. } | Package::Fat { runs: true, .. } | Package::Installed { .. } => {
            !mains.is_empty() || declared
        }
        Package::Fat { .. } | Package::Thin { .. } => {
            declared
                || mains
                    .iter()
                    .any(|m| m.kind < Kind::Plain || build.projects.len() == 1)
        }
    }
}
