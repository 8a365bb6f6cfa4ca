//! The values of a model: coordinates, names and properties, with every `${…}` replaced.

use super::model::Model;
use super::pom::Pom;
use crate::lang::java::tables::{FINAL_NAME, NAMES_NOTHING, PARENTS};
use crate::source::Sourced;

/// Properties in properties.
const MAX_INTERPOLATIONS: usize = 64;

impl Model {
    fn raw_group(&self) -> String {
        let parents = self
            .chain
            .iter()
            .filter_map(|p| p.root.string(&["parent", "groupId"]));
        let own = self.pom().root.string(&["groupId"]).into_iter();
        own.chain(parents).map(|s| s.value).next().unwrap_or_default()
    }

    fn raw_version(&self) -> Option<String> {
        let root = &self.pom().root;
        let own = root.string(&["version"]);
        own.or_else(|| root.string(&["parent", "version"]))
            .map(|v| v.value)
    }

    /// `jar` where nothing is said.
    pub fn packaging(&self) -> String {
        let raw = self.raw_packaging();
        self.interpolate(&raw).unwrap_or(raw)
    }

    fn raw_packaging(&self) -> String {
        let said = self.pom().root.string(&["packaging"]);
        said.map_or_else(|| "jar".into(), |p| p.value)
    }

    /// The name of the jar or war without its ending; `None` where it cannot be resolved, or where a
    /// parent that nobody here knows may set it.
    pub fn final_name(&self) -> Option<String> {
        self.interpolate(&self.raw_final_name()?)
    }

    fn raw_final_name(&self) -> Option<String> {
        let bodies = self.chain.iter().flat_map(Pom::bodies);
        let said = bodies
            .filter_map(|body| body.string(&["build", "finalName"]))
            .next();
        if let Some(name) = said {
            return Some(name.value);
        }
        let Some(parent) = &self.external else {
            return Some(FINAL_NAME.into());
        };
        let known = PARENTS.iter().find(|p| p.artifact == parent.artifact);
        let plain = || {
            NAMES_NOTHING
                .contains(&parent.artifact.as_str())
                .then_some(FINAL_NAME)
        };
        known.map(|p| p.final_name).or_else(plain).map(str::to_string)
    }

    /// The folder that the build writes, from the module's own.
    pub fn build_dir(&self) -> String {
        self.interpolate(&self.raw_build_dir())
            .map(|d| d.trim_start_matches("./").trim_end_matches('/').to_string())
            .filter(|d| !d.is_empty() && !d.starts_with('/') && !d.contains(".."))
            .unwrap_or_else(|| "target".into())
    }

    fn raw_build_dir(&self) -> String {
        let said = self
            .chain
            .iter()
            .find_map(|p| p.root.string(&["build", "directory"]));
        said.map_or_else(|| "target".into(), |d| d.value)
    }

    pub fn property(&self, name: &str) -> Option<Sourced<String>> {
        let (_, value) = self.properties.iter().find(|(n, _)| n == name)?;
        Some(Sourced::new(self.interpolate(&value.value)?, value.at.clone()))
    }

    /// The text with every `${…}` replaced; `None` where one of them is not known here.
    pub fn interpolate(&self, text: &str) -> Option<String> {
        let mut left = MAX_INTERPOLATIONS;
        self.expand(text, &mut left)
    }

    fn expand(&self, text: &str, left: &mut usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            *left = left.checked_sub(1)?;
            let end = start + rest[start..].find('}')?;
            out += &rest[..start];
            out += &self.value(&rest[start + 2..end], left)?;
            rest = &rest[end + 1..];
        }
        out += rest;
        Some(out)
    }

    /// What a name stands for. Everything goes through `left`, so that a value that refers to
    /// itself ends.
    fn value(&self, name: &str, left: &mut usize) -> Option<String> {
        let own = name
            .strip_prefix("project.")
            .or_else(|| name.strip_prefix("pom."));
        let raw = match own {
            Some("artifactId") => return Some(self.artifact().to_string()),
            Some("groupId") => self.raw_group(),
            Some("version") => self.raw_version()?,
            Some("parent.version") => self.pom().root.string(&["parent", "version"])?.value,
            Some("name") => match self.pom().root.string(&["name"]) {
                Some(name) => name.value,
                None => return Some(self.artifact().to_string()),
            },
            Some("packaging") => self.raw_packaging(),
            Some("build.directory") => self.raw_build_dir(),
            Some("build.finalName") => self.raw_final_name()?,
            Some("build.sourceDirectory") => return Some("src/main/java".into()),
            Some("basedir") => return Some(".".into()),
            _ if name == "basedir" => return Some(".".into()),
            _ => {
                let (_, value) = self.properties.iter().find(|(n, _)| n == name)?;
                value.value.clone()
            }
        };
        self.expand(&raw, left)
    }
}
