//! A plugin of a pom: whether it runs, and how it is configured.

use super::model::Model;
use crate::manifest::xml::Element;
use crate::source::{Location, Sourced};

/// A plugin with its configuration in all places, nearest first.
pub struct Plugin<'a> {
    pub(super) model: &'a Model,
    pub(super) places: Vec<&'a Element>,
}

impl Plugin<'_> {
    /// The place that declares it, for reasons.
    pub fn at(&self) -> Location {
        let own = self.places[0];
        own.get("artifactId").map_or(own.at.clone(), |a| a.at.clone())
    }

    pub fn version(&self) -> Option<Sourced<String>> {
        let raw = self.places.iter().find_map(|p| p.string(&["version"]))?;
        Some(Sourced::new(self.model.interpolate(&raw.value)?, raw.at))
    }

    pub fn executions(&self) -> impl Iterator<Item = &Element> {
        // What the build itself executes in a phase is a step of the build, and not the program.
        let starts = self.starts();
        self.all_executions()
            .filter(move |e| !starts || e.text_of("phase").is_empty())
    }

    fn all_executions(&self) -> impl Iterator<Item = &Element> {
        self.places
            .iter()
            .flat_map(|p| p.under(&["executions"]))
            .filter(|e| e.text_of("phase") != "none")
    }

    fn starts(&self) -> bool {
        self.places[0].text_of("artifactId") == "exec-maven-plugin"
    }

    /// The plugin's own configuration, nearest first; none where it is only that of the build's steps.
    fn own(&self) -> impl Iterator<Item = &Element> {
        let steps = self.starts() && self.all_executions().next().is_some() && !self.runs();
        let places = self.places.iter().filter(move |_| !steps);
        places.filter_map(|p| p.get("configuration"))
    }

    pub fn runs(&self) -> bool {
        self.executions().next().is_some()
    }

    pub fn runs_goal(&self, goal: &str) -> bool {
        self.executions()
            .any(|e| e.under(&["goals"]).iter().any(|g| g.text == goal))
    }

    /// The configuration elements: of the plugin itself, then of its executions.
    pub fn configurations(&self) -> Vec<&Element> {
        self.own()
            .chain(self.executions().filter_map(|e| e.get("configuration")))
            .collect()
    }

    /// A configured value, of an execution first.
    pub fn config(&self, path: &[&str]) -> Option<Sourced<String>> {
        let of_executions = self.executions().filter_map(|e| e.get("configuration"));
        let raw = of_executions.chain(self.own()).find_map(|c| c.string(path))?;
        Some(Sourced::new(self.model.interpolate(&raw.value)?, raw.at))
    }

    /// A configured value that is there, whether it can be resolved or not.
    pub fn has_config(&self, path: &[&str]) -> bool {
        self.configurations().iter().any(|c| c.path(path).is_some())
    }

    /// The first element of that name anywhere in the configuration.
    pub fn deep(&self, name: &str) -> Option<Sourced<String>> {
        let mut found = None;
        for configuration in self.configurations() {
            configuration.each(&mut |e| {
                if found.is_none() && e.name == name && !e.text.is_empty() {
                    found = Some(Sourced::new(e.text.clone(), e.at.clone()));
                }
            });
        }
        let found = found?;
        Some(Sourced::new(self.model.interpolate(&found.value)?, found.at))
    }
}
