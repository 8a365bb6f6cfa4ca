//! What a Gradle project is made of: its dependencies, and the catalogue that names them.

use super::model::{Build, Project};
use crate::diagnostic::Diagnostic;
use crate::lang::java::maven::model::Coordinates;
use crate::manifest::doc::{self, Node};
use crate::manifest::gradle::{Statement, Token};
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// gradle/libs.versions.toml, where there is one.
pub struct Catalogue(Option<Node>);

impl Catalogue {
    /// # Errors
    /// The file is not TOML.
    pub fn read(tree: &Tree, dir: &str) -> Result<Self, Diagnostic> {
        let path = paths::join(dir, "gradle/libs.versions.toml").unwrap_or_default();
        Ok(Self(match tree.read(&path)? {
            Some(source) => Some(doc::toml(&source)?),
            None => None,
        }))
    }

    /// An entry; dots, dashes and underscores are the same in its name.
    fn entry(&self, table: &str, name: &str) -> Option<&Node> {
        let plain = |s: &str| s.replace(['-', '_'], ".");
        let name = plain(name);
        let table = self.0.as_ref()?.get(table)?;
        table
            .entries()
            .iter()
            .find(|e| plain(&e.key) == name)
            .map(|e| &e.node)
    }

    /// `java.get().toInt()` as it follows `libs.versions.`.
    pub fn version(&self, expression: &str) -> Option<String> {
        let name = expression.split(".get").next()?.split(".to").next()?;
        self.entry("versions", name)?.scalar()
    }

    fn version_of(&self, entry: &Node) -> Option<String> {
        let version = entry.get("version")?;
        if let Some(text) = version.as_str() {
            return Some(text.to_string());
        }
        self.entry("versions", version.get("ref")?.as_str()?)?.scalar()
    }

    /// Id and version of `alias(libs.plugins.spring.boot)`.
    pub fn plugin(&self, tokens: &[Token]) -> Option<(String, Option<String>)> {
        let name = tokens
            .iter()
            .find_map(|t| t.word()?.strip_prefix("libs.plugins."))?;
        let entry = self.entry("plugins", name.strip_suffix(".get").unwrap_or(name))?;
        if let Some(text) = entry.as_str() {
            let (id, version) = text.split_once(':')?;
            return Some((id.to_string(), Some(version.to_string())));
        }
        Some((entry.get("id")?.as_str()?.to_string(), self.version_of(entry)))
    }

    /// The libraries of `libs.javalin` or `libs.bundles.web`.
    fn libraries(&self, name: &str, at: &Location) -> Vec<Coordinates> {
        match name.strip_prefix("bundles.") {
            Some(bundle) => {
                let names = self.entry("bundles", bundle).map(Node::strings);
                let names = names.unwrap_or_default();
                names.iter().filter_map(|n| self.library(&n.value, at)).collect()
            }
            None => self.library(name, at).into_iter().collect(),
        }
    }

    fn library(&self, name: &str, at: &Location) -> Option<Coordinates> {
        let entry = self.entry("libraries", name)?;
        let text = match (entry.as_str(), entry.get("module").and_then(Node::as_str)) {
            (Some(text), _) | (None, Some(text)) => text.to_string(),
            (None, None) => format!(
                "{}:{}",
                entry.get("group")?.as_str()?,
                entry.get("name")?.as_str()?
            ),
        };
        let mut found = coordinates(&text, at)?;
        if found.version.is_empty() {
            found.version = self.version_of(entry).unwrap_or_default();
        }
        Some(found)
    }
}

fn coordinates(text: &str, at: &Location) -> Option<Coordinates> {
    let mut parts = text.split(':');
    let (group, artifact) = (parts.next()?, parts.next()?);
    (!group.is_empty() && !artifact.is_empty()).then(|| Coordinates {
        group: group.to_string(),
        artifact: artifact.to_string(),
        version: parts.next().unwrap_or("").to_string(),
        scope: String::new(),
        kind: String::new(),
        at: at.clone(),
    })
}

/// What the program of a project is made of: no dependencies of tests and of compilers.
pub fn of(build: &Build, project: &Project) -> Vec<Coordinates> {
    let mut found = Vec::new();
    for s in build.statements(project) {
        if !s.is_in("dependencies") || s.is_in("buildscript") {
            continue;
        }
        let Some(configuration) = s.tokens.first().and_then(Token::word) else {
            continue;
        };
        let name = configuration.to_lowercase();
        if name.contains("test") || ["annotationprocessor", "kapt", "ksp"].contains(&name.as_str()) {
            continue;
        }
        let scope = if name.ends_with("compileonly") || name.starts_with("provided") {
            "provided"
        } else {
            "compile"
        };
        let mut here: Vec<Coordinates> = s.texts().filter_map(|t| coordinates(t, &s.at)).collect();
        here.extend(mapped(s));
        for word in s.tokens.iter().filter_map(Token::word) {
            if let Some(name) = word.strip_prefix("libs.") {
                here.extend(build.catalogue.libraries(name, &s.at));
            }
        }
        for mut d in here {
            d.version = build.interpolate(&d.version).unwrap_or_default();
            d.scope = scope.into();
            found.push(d);
        }
    }
    found
}

/// `group: 'a', name: 'b', version: 'c'`
fn mapped(s: &Statement) -> Option<Coordinates> {
    let after = |key: &str| {
        let at = s.tokens.iter().position(|t| t.word() == Some(key))?;
        s.tokens.get(at + 2)?.text()
    };
    let text = format!(
        "{}:{}:{}",
        after("group")?,
        after("name")?,
        after("version").unwrap_or("")
    );
    coordinates(&text, &s.at)
}
