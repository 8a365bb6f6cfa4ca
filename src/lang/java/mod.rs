//! Java and its kin (Kotlin, Groovy, Scala) on Maven and Gradle: which modules are programs, what
//! the build makes of them, and the JVM they run on.

mod archive;
mod bases;
mod build;
mod config;
mod facts;
mod front;
mod gradle;

mod jlink;
mod made;
mod maven;
mod node;
mod opens;
mod plan;
mod ports;
mod rules;
mod servers;
mod sources;
mod stages;
mod start;
mod tables;
mod version;
mod view;
mod writes;

use super::{Claim, Language, Project};
use crate::diagnostic::Diagnostic;
use crate::paths;
use crate::tree::Tree;
use facts::{Facts, Tool};
use std::collections::BTreeSet;

pub static LANGUAGE: Language = Language {
    id: "java",
    name: "Java",
    manifests: &["pom.xml", "build.gradle", "build.gradle.kts"],
    needs: "a class that has a main method, or a war",
    discover,
    plan: plan::plan,
    assets: None,
    rules: rules::ALL,
};

/// Maven's programs and Gradle's. Where one folder has both, the project's own evidence says which
/// of the two builds it, so that there is one program and not two.
fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut maven = maven::claims::all(tree);
    let mut gradle = gradle::claims::all(tree);
    let folders = |claims: &[Result<Claim, Diagnostic>]| -> BTreeSet<String> {
        let found = claims.iter().filter_map(|c| c.as_ref().ok());
        found.flat_map(|c| [c.dir.clone(), c.context.clone()]).collect()
    };
    let (of_maven, of_gradle) = (folders(&maven), folders(&gradle));
    let dropped = |claims: &mut Vec<Result<Claim, Diagnostic>>, other: &BTreeSet<String>, tool: Tool| {
        claims.retain(|c| match c {
            Ok(c) => {
                let both = other.contains(&c.dir) || other.contains(&c.context);
                !both || preferred(tree, &c.context) == tool
            }
            Err(_) => true,
        });
    };
    dropped(&mut maven, &of_gradle, Tool::Maven);
    dropped(&mut gradle, &of_maven, Tool::Gradle);
    maven.extend(gradle);
    maven
}

/// The tool whose wrapper is there, or that the CI runs; Maven where both are equal.
fn preferred(tree: &Tree, dir: &str) -> Tool {
    let has = |name: &str| paths::join(dir, name).is_some_and(|p| tree.has(&p));
    match (has("mvnw"), has("gradlew")) {
        (true, false) => return Tool::Maven,
        (false, true) => return Tool::Gradle,
        _ => {}
    }
    let ci: Vec<_> = tree
        .under(".github/workflows")
        .chain([".travis.yml", ".gitlab-ci.yml", "Jenkinsfile"])
        .filter_map(|p| tree.text(p))
        .collect();
    let runs = |words: &[&str]| ci.iter().any(|s| words.iter().any(|w| s.text.contains(w)));
    if runs(&["gradlew", "gradle "]) && !runs(&["mvnw", "mvn "]) {
        Tool::Gradle
    } else {
        Tool::Maven
    }
}

fn facts_of(project: &Project) -> Result<Facts, Diagnostic> {
    if project.claim.manifest.file().ends_with(".xml") {
        maven::detect::facts(project)
    } else {
        gradle::detect::facts(project)
    }
}
