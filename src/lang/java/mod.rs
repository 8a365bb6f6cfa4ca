//! Java and its kin (Kotlin, Groovy, Scala) on Maven and Gradle: which modules are programs, what
//! the build makes of them, and the JVM they run on.

mod build;
mod config;
mod facts;
mod maven;
mod plan;
mod ports;
mod rules;
mod servers;
mod sources;
mod start;
mod tables;
mod version;
mod view;

use super::{Claim, Language, Project};
use crate::diagnostic::Diagnostic;
use crate::tree::Tree;

pub static LANGUAGE: Language = Language {
    id: "java",
    name: "Java",
    looks_for: "pom.xml or build.gradle with a class that has a main method, or a war",
    discover,
    plan: plan::plan,
    assets: None,
    rules: rules::ALL,
};

fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    maven::claims::all(tree)
}

fn facts_of(project: &Project) -> Result<facts::Facts, Diagnostic> {
    maven::detect::facts(project)
}
