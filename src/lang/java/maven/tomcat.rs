//! Which Tomcat a war needs.

use super::boot::{boot_version, numbers};
use super::model::Model;
use crate::lang::java::facts::Tomcat;
use crate::lang::java::sources;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// The Tomcat of a war's servlet API.
pub fn tomcat(tree: &Tree, model: &Model, files: &[Arc<Source>]) -> Sourced<Tomcat> {
    let dependencies = model.dependencies();
    for d in &dependencies {
        let (major, _) = numbers(&d.version);
        let known = match (d.group.as_str(), d.artifact.as_str()) {
            ("jakarta.servlet", "jakarta.servlet-api") => match numbers(&d.version) {
                (6, minor) if minor >= 1 => Some(Tomcat::V11),
                (4, _) => Some(Tomcat::V9),
                _ if d.version.is_empty() => None,
                _ => Some(Tomcat::V10),
            },
            ("jakarta.platform", _) => match major {
                0 => None,
                11.. => Some(Tomcat::V11),
                8 => Some(Tomcat::V9),
                _ => Some(Tomcat::V10),
            },
            ("javax.servlet", _) => Some(Tomcat::V9),
            ("javax", "javaee-api" | "javaee-web-api") => Some(Tomcat::V9),
            _ => None,
        };
        if let Some(tomcat) = known {
            return Sourced::new(tomcat, d.at.clone());
        }
    }
    if let Some(version) = boot_version(model) {
        let tomcat = match numbers(&version.value).0 {
            4.. => Tomcat::V11,
            3 => Tomcat::V10,
            _ => Tomcat::V9,
        };
        return Sourced::new(tomcat, version.at);
    }
    let spring = dependencies
        .iter()
        .chain(&model.managed())
        .find(|d| d.group == "org.springframework" && !d.version.is_empty())
        .map(|d| (numbers(&d.version).0, d.at.clone()));
    if let Some((major, at)) = spring {
        let tomcat = match major {
            7.. => Tomcat::V11,
            6 => Tomcat::V10,
            _ => Tomcat::V9,
        };
        return Sourced::new(tomcat, at);
    }
    if let Some(at) = sources::imports(files, "jakarta.servlet") {
        return Sourced::new(Tomcat::V10, at);
    }
    if let Some(at) = sources::imports(files, "javax.servlet") {
        return Sourced::new(Tomcat::V9, at);
    }
    let web = paths::join(model.dir(), "src/main/webapp/WEB-INF/web.xml").and_then(|p| tree.text(&p));
    if let Some(source) = web {
        let jakarta = source.text.contains("jakarta.ee");
        let tomcat = if jakarta { Tomcat::V10 } else { Tomcat::V9 };
        return Sourced::new(tomcat, Location::whole(&source));
    }
    let jakarta = dependencies.iter().find(|d| d.group.starts_with("jakarta."));
    match jakarta {
        Some(d) => Sourced::new(Tomcat::V10, d.at.clone()),
        None => Sourced::new(Tomcat::V9, model.pom().root.at.clone()),
    }
}
