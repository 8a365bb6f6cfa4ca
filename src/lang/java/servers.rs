//! What speaks for a server: which framework, whether it listens, what a war needs of its container,
//! and which repositories want a login.

use super::maven::model::Coordinates;
use super::rules;
use super::sources;
use super::tables::Framework;
use crate::diagnostic::Diagnostic;
use crate::source::Source;
use std::sync::Arc;

/// Is the group the framework's, or below it?
pub fn in_group(framework: &Framework, group: &str) -> bool {
    framework
        .groups
        .iter()
        .any(|g| group == *g || group.strip_prefix(g).is_some_and(|r| r.starts_with('.')))
}

/// Does one of the artifacts bring an HTTP server? Starters of other groups count by their names.
pub fn is_web<'a>(framework: &Framework, artifacts: impl Iterator<Item = (&'a str, &'a str)>) -> bool {
    let mut artifacts = artifacts;
    framework.web.is_empty()
        || artifacts.any(|(_, artifact)| framework.web.iter().any(|w| format!("-{artifact}").contains(w)))
}

/// Parts of addresses of repositories that nobody reads without a login. A company's Nexus or
/// Artifactory may be open to all, so their names prove nothing.
const PRIVATE: &[&str] = &[
    ".corp",
    ".internal",
    ".intranet",
    ".lan/",
    ".local/",
    "codeartifact",
    "maven.pkg.",
];

pub fn is_private(url: &str) -> bool {
    let url = url.to_lowercase();
    url.starts_with("http") && PRIVATE.iter().any(|p| url.contains(p))
}

/// Packages of a full server, and a part of the artifacts that bring them into a war.
const SERVER_APIS: &[(&str, &[&str])] = &[
    ("jakarta.ejb", &["tomee", "openejb"]),
    ("javax.ejb", &["tomee", "openejb"]),
    ("jakarta.enterprise", &["weld", "cdi-", "openwebbeans", "spring"]),
    ("javax.enterprise", &["weld", "cdi-", "openwebbeans", "spring"]),
    ("jakarta.ws.rs", &["jersey", "resteasy", "cxf", "spring"]),
    ("javax.ws.rs", &["jersey", "resteasy", "cxf", "spring"]),
];

/// A war whose sources use what Tomcat does not have and what the war does not bring along.
pub fn needs_full_server(files: &[Arc<Source>], dependencies: &[Coordinates]) -> Option<Diagnostic> {
    SERVER_APIS.iter().find_map(|(package, brings)| {
        let at = sources::imports(files, package)?;
        let brought = dependencies.iter().any(|d| {
            d.scope != "provided"
                && brings
                    .iter()
                    .any(|b| d.artifact.contains(b) || d.group.contains(b))
        });
        (!brought).then(|| {
            Diagnostic::warning(
                &rules::SERVER_API,
                format!("Tomcat has no {package}, and the war does not bring it along"),
            )
            .at(at, "used here")
            .help("add an implementation to the war, or deploy it on WildFly, Payara or Open Liberty")
        })
    })
}
