//! A compose file that is already there: what it has, so that only the rest is printed.

use super::kinds::Kind;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::paths;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// The names that Compose itself looks for, in its order.
pub const NAMES: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

pub struct Existing {
    pub path: String,
    pub text: String,
    services: Vec<Service>,
}

struct Service {
    name: String,
    /// Without tag.
    image: String,
    /// Folder of the build and path of the Dockerfile, from the root.
    build: Option<(String, String)>,
    environment: BTreeMap<String, String>,
    checked: bool,
}

/// The compose file at the root.
///
/// # Errors
/// It is no YAML.
pub fn read(tree: &Tree) -> Result<Option<Existing>, Diagnostic> {
    let Some(path) = NAMES.iter().find(|name| tree.has(name)) else {
        return Ok(None);
    };
    let Some(source) = tree.read(path)? else {
        return Ok(None);
    };
    let documents = doc::yaml(&source)?;
    let services = documents.first().and_then(|root| root.get("services"));
    let services = services.map_or(&[][..], Node::entries).iter();
    Ok(Some(Existing {
        path: path.to_string(),
        text: source.text.clone(),
        services: services.map(|e| service(&e.key, &e.node)).collect(),
    }))
}

fn service(name: &str, node: &Node) -> Service {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_string);
    let image = text(node, "image").unwrap_or_default();
    let image = image.split('@').next().unwrap_or_default();
    let image = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    };
    let build = node.get("build").and_then(|build| {
        let (context, file) = match build.as_str() {
            Some(context) => (context.to_string(), None),
            None => (
                text(build, "context").unwrap_or_else(|| ".".into()),
                text(build, "dockerfile"),
            ),
        };
        let context = paths::join("", &context)?;
        let file = paths::join(&context, &file.unwrap_or_else(|| "Dockerfile".into()))?;
        Some((context, file))
    });
    let environment = node.get("environment");
    let pairs = environment.map_or(&[][..], Node::entries).iter();
    let pairs = pairs.filter_map(|e| Some((e.key.clone(), e.node.scalar()?)));
    let lines = environment.map_or(&[][..], Node::items).iter();
    let lines = lines.filter_map(|n| n.as_str()?.split_once('='));
    let lines = lines.map(|(k, v)| (k.to_string(), v.to_string()));
    Service {
        name: name.to_string(),
        image: image.to_string(),
        build,
        environment: pairs.chain(lines).collect(),
        checked: node.get("healthcheck").is_some(),
    }
}

impl Existing {
    /// Is a service with this name there, or one that is built from the same place?
    pub fn has(&self, name: &str, dir: &str, dockerfile: &str) -> bool {
        self.services.iter().any(|s| {
            s.name == name
                || s.build
                    .as_ref()
                    .is_some_and(|(context, file)| file == dockerfile || (!dir.is_empty() && context == dir))
        })
    }

    pub fn is_taken(&self, name: &str) -> bool {
        self.services.iter().any(|s| s.name == name)
    }

    /// Has the service a health check that another can wait for?
    pub fn is_checked(&self, name: &str) -> bool {
        self.services.iter().any(|s| s.name == name && s.checked)
    }

    /// The name and environment of a service that is of this kind.
    pub fn backing(&self, kind: &Kind) -> Option<(&str, &BTreeMap<String, String>)> {
        let found = self
            .services
            .iter()
            .find(|s| kind.images.contains(&paths::base(&s.image)))?;
        Some((&found.name, &found.environment))
    }
}
