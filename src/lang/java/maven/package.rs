//! What `mvn package` makes of a module.

use super::boot::{boot_repackage, boot_version, layers};
use super::model::Model;
use super::tomcat::tomcat;
use crate::decision::Because;
use crate::lang::java::facts::{Artifact, Package};
use crate::lang::java::tables::PARENTS;
use crate::paths;
use crate::source::{Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// What is made of the module, and what says so. `base` is the module's folder from the context.
pub fn of(tree: &Tree, model: &Model, files: &[Arc<Source>], base: &str) -> (Package, Because) {
    let packaging = model.packaging();
    if let Some(plugin) = model.plugin("quarkus-maven-plugin")
        && (packaging == "quarkus" || plugin.runs_goal("build"))
    {
        return (
            quarkus(tree, model, base),
            Because::at(&plugin.at(), "makes Quarkus' layout"),
        );
    }
    if let Some((plugin, classifier)) = boot_repackage(model) {
        let at = plugin.at();
        if packaging == "war" {
            let war = artifact(model, base, "war", classifier.as_deref());
            return (
                Package::Fat { jar: war, runs: true },
                Because::at(&at, "makes a war that runs by itself"),
            );
        }
        let jar = artifact(model, base, "jar", classifier.as_deref());
        let version = boot_version(model).map(|v| v.value);
        return match layers(tree, model, version.as_deref()) {
            Ok((layers, launcher)) => (
                Package::Layers {
                    jar,
                    layers,
                    launcher,
                },
                Because::at(&at, "makes a jar with layers"),
            ),
            Err(why) => (
                Package::Fat { jar, runs: true },
                Because::at(&at, format!("makes a jar with everything in it; {why}")),
            ),
        };
    }
    if packaging == "war" {
        let tomcat = tomcat(tree, model, files);
        let at = model
            .pom()
            .root
            .string(&["packaging"])
            .map_or(tomcat.at.clone(), |p| p.at);
        let war = artifact(model, base, "war", None);
        return (Package::War { war, tomcat }, Because::at(&at, "makes a war"));
    }
    fat(model, base).unwrap_or_else(|| thin(model, base))
}

fn thin(model: &Model, base: &str) -> (Package, Because) {
    let at = model
        .pom()
        .root
        .get("artifactId")
        .map_or_else(|| model.pom().root.at.clone(), |a| a.at.clone());
    let dependencies = model
        .dependencies()
        .iter()
        .any(|d| matches!(d.scope.as_str(), "compile" | "runtime"));
    let jar = artifact(model, base, "jar", None);
    let why = if dependencies {
        "makes a jar without its dependencies"
    } else {
        "makes a jar and has no dependencies"
    };
    // Where `dependency:copy-dependencies` is told to put them, whatever the build folder is.
    let lib = paths::join(base, "target/lib").filter(|_| dependencies);
    let package = Package::Thin {
        jar,
        dependencies: lib,
    };
    (package, Because::at(&at, why))
}

/// A jar that a plugin fills with all dependencies.
fn fat(model: &Model, base: &str) -> Option<(Package, Because)> {
    let name = model.final_name();
    let build = paths::join(base, &model.build_dir())?;
    let jar = |name: Option<String>, suffix: &str| archive(&build, name, suffix, "jar");
    let runs = manifest_main(model).is_some();
    let at_parent = model
        .external
        .as_ref()
        .filter(|e| PARENTS.iter().any(|p| p.shades && p.artifact == e.artifact));
    if let Some(parent) = at_parent {
        let package = Package::Fat {
            jar: jar(name, ""),
            runs: true,
        };
        return Some((package, Because::at(&parent.at, "packs everything into one jar")));
    }
    if let Some(plugin) = model.plugin("maven-shade-plugin")
        && plugin.runs_goal("shade")
    {
        let because = Because::at(&plugin.at(), "packs everything into one jar");
        let jar = if let Some(output) = plugin.config(&["outputFile"]) {
            let path = output.value.trim_start_matches("./").to_string();
            let path = paths::join(base, &path)?;
            Artifact {
                dir: paths::parent(&path).to_string(),
                name: Some(paths::base(&path).to_string()),
                ending: "jar",
                suffix: String::new(),
            }
        } else if plugin.has_config(&["outputFile"]) {
            jar(None, "")
        } else if plugin
            .config(&["shadedArtifactAttached"])
            .is_some_and(|a| a.value == "true")
        {
            let classifier = plugin.config(&["shadedClassifierName"]);
            let classifier = classifier.map_or("shaded".to_string(), |c| c.value);
            jar(name, &format!("-{classifier}"))
        } else if plugin.has_config(&["finalName"]) {
            jar(plugin.config(&["finalName"]).map(|n| n.value), "")
        } else {
            jar(name, "")
        };
        return Some((Package::Fat { jar, runs }, because));
    }
    if let Some(plugin) = model.plugin("maven-assembly-plugin")
        && (plugin.runs_goal("single") || plugin.runs_goal("assembly"))
        && let Some(descriptor) = plugin.deep("descriptorRef")
        && descriptor.value == "jar-with-dependencies"
    {
        let name = match plugin.has_config(&["finalName"]) {
            true => plugin.config(&["finalName"]).map(|n| n.value),
            false => name,
        };
        let plain = plugin
            .config(&["appendAssemblyId"])
            .is_some_and(|a| a.value == "false");
        let end = if plain { "" } else { "-jar-with-dependencies" };
        let package = Package::Fat {
            jar: jar(name, end),
            runs,
        };
        return Some((
            package,
            Because::at(&plugin.at(), "packs everything into one jar"),
        ));
    }
    if let Some(plugin) = model.plugin("vertx-maven-plugin")
        && plugin.runs_goal("package")
    {
        let package = Package::Fat {
            jar: jar(name, ""),
            runs: true,
        };
        return Some((
            package,
            Because::at(&plugin.at(), "packs everything into one jar"),
        ));
    }
    None
}

/// The main class that ends up in the manifest.
pub fn manifest_main(model: &Model) -> Option<Sourced<String>> {
    ["maven-shade-plugin", "maven-assembly-plugin", "maven-jar-plugin"]
        .iter()
        .filter_map(|name| model.plugin(name))
        .find_map(|plugin| plugin.deep("mainClass").or_else(|| plugin.deep("Main-Class")))
}

/// The main class that the build names anywhere.
pub fn declared_main(model: &Model) -> Option<Sourced<String>> {
    let plugins = || {
        [
            "spring-boot-maven-plugin",
            "exec-maven-plugin",
            "jib-maven-plugin",
            "appassembler-maven-plugin",
        ]
        .iter()
        .filter_map(|name| model.plugin(name))
        .find_map(|plugin| plugin.deep("mainClass"))
    };
    let properties = || {
        [
            "mainClass",
            "main.class",
            "exec.mainClass",
            "start-class",
            "main.verticle",
        ]
        .iter()
        .filter(|n| **n != "main.verticle")
        .find_map(|name| model.property(name))
    };
    let parents = || {
        let external = model.external.as_ref()?;
        let parent = PARENTS
            .iter()
            .find(|p| p.artifact == external.artifact && !p.main.is_empty())?;
        Some(Sourced::new(parent.main.to_string(), external.at.clone()))
    };
    manifest_main(model)
        .or_else(plugins)
        .or_else(properties)
        .or_else(parents)
        .filter(|m| !m.value.trim().is_empty())
}

fn artifact(model: &Model, base: &str, ending: &'static str, classifier: Option<&str>) -> Artifact {
    let dir = paths::join(base, &model.build_dir()).unwrap_or_else(|| "target".into());
    let suffix = classifier.map_or_else(String::new, |c| format!("-{c}"));
    archive(&dir, model.final_name(), &suffix, ending)
}

fn archive(dir: &str, name: Option<String>, suffix: &str, ending: &'static str) -> Artifact {
    Artifact {
        dir: dir.to_string(),
        name: name.map(|n| format!("{n}{suffix}.{ending}")),
        ending,
        suffix: suffix.to_string(),
    }
}

fn quarkus(tree: &Tree, model: &Model, base: &str) -> Package {
    let config = crate::lang::java::config::Config::read(tree, model.dir());
    let set = |key: &str| {
        config
            .get(key)
            .map(|v| v.value.clone())
            .or_else(|| model.property(key).map(|v| v.value))
    };
    let kind = set("quarkus.package.jar.type").or_else(|| set("quarkus.package.type"));
    let build = paths::join(base, &model.build_dir()).unwrap_or_else(|| "target".into());
    let runner = || {
        let suffix =
            set("quarkus.package.jar.runner-suffix").or_else(|| set("quarkus.package.runner-suffix"));
        let suffix = suffix.unwrap_or_else(|| "-runner".into());
        archive(&build, model.final_name(), &suffix, "jar")
    };
    match kind.as_deref() {
        Some("uber-jar") => Package::Fat {
            jar: runner(),
            runs: true,
        },
        _ => {
            let out = set("quarkus.package.output-directory").unwrap_or_else(|| "quarkus-app".into());
            Package::Quarkus {
                app: format!("{build}/{out}"),
            }
        }
    }
}
