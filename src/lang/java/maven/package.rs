//! What `mvn package` makes of a module.

use super::model::Model;
use crate::decision::Because;
use crate::lang::java::facts::{Artifact, Launcher, Package, Tomcat};
use crate::lang::java::sources;
use crate::lang::java::tables::PARENTS;
use crate::manifest::xml;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// Spring Boot's own layers, in the order of its layers.idx.
pub const LAYERS: &[&str] = &[
    "dependencies",
    "spring-boot-loader",
    "snapshot-dependencies",
    "application",
];

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
    (Package::Thin { jar, dependencies }, Because::at(&at, why))
}

/// A jar that a plugin fills with all dependencies.
fn fat(model: &Model, base: &str) -> Option<(Package, Because)> {
    let name = model.final_name();
    let build = paths::join(base, &model.build_dir())?;
    let jar = |name: Option<String>| Artifact {
        dir: build.clone(),
        name,
        ending: "jar",
    };
    let runs = manifest_main(model).is_some();
    let at_parent = model
        .external
        .as_ref()
        .filter(|e| PARENTS.iter().any(|p| p.shades && p.artifact == e.artifact));
    if let Some(parent) = at_parent {
        let package = Package::Fat {
            jar: jar(name.map(|n| format!("{n}.jar"))),
            runs: true,
        };
        return Some((package, Because::at(&parent.at, "packs everything into one jar")));
    }
    if let Some(plugin) = model.plugin("maven-shade-plugin")
        && plugin.runs_goal("shade")
    {
        let because = Because::at(&plugin.at(), "packs everything into one jar");
        let file = if let Some(output) = plugin.config(&["outputFile"]) {
            let path = output.value.trim_start_matches("./").to_string();
            let path = paths::join(base, &path)?;
            let jar = Artifact {
                dir: paths::parent(&path).to_string(),
                name: Some(paths::base(&path).to_string()),
                ending: "jar",
            };
            return Some((Package::Fat { jar, runs }, because));
        } else if plugin.has_config(&["outputFile"]) {
            None
        } else if plugin
            .config(&["shadedArtifactAttached"])
            .is_some_and(|a| a.value == "true")
        {
            let classifier = plugin.config(&["shadedClassifierName"]);
            let classifier = classifier.map_or("shaded".to_string(), |c| c.value);
            name.map(|n| format!("{n}-{classifier}.jar"))
        } else if plugin.has_config(&["finalName"]) {
            plugin.config(&["finalName"]).map(|n| format!("{}.jar", n.value))
        } else {
            name.map(|n| format!("{n}.jar"))
        };
        return Some((Package::Fat { jar: jar(file), runs }, because));
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
            jar: jar(name.map(|n| format!("{n}{end}.jar"))),
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
            jar: jar(name.map(|n| format!("{n}.jar"))),
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
    let name = model.final_name().map(|name| match classifier {
        Some(c) => format!("{name}-{c}.{ending}"),
        None => format!("{name}.{ending}"),
    });
    Artifact {
        dir: paths::join(base, &model.build_dir()).unwrap_or_else(|| "target".into()),
        name,
        ending,
    }
}

/// Spring Boot's plugin where it really repackages, with the classifier of what it makes.
fn boot_repackage(model: &Model) -> Option<(super::model::Plugin<'_>, Option<String>)> {
    let plugin = model.plugin("spring-boot-maven-plugin")?;
    let inherits = model.external.is_some();
    let skipped = ["skip", "skipRepackage"]
        .iter()
        .any(|k| plugin.config(&[k]).is_some_and(|s| s.value == "true"))
        || model
            .property("spring-boot.repackage.skip")
            .is_some_and(|s| s.value == "true");
    let disabled = plugin_disabled(model);
    if skipped || disabled || !(inherits || plugin.runs_goal("repackage")) {
        return None;
    }
    let known = model
        .external
        .as_ref()
        .is_some_and(|e| e.artifact == "spring-boot-starter-parent");
    if inherits && !known && !plugin.runs_goal("repackage") && boot_parent_is_plain(model) {
        return None;
    }
    let classifier = plugin.config(&["classifier"]).map(|c| c.value);
    Some((plugin, classifier))
}

/// A parent that has nothing to do with Spring brings no execution of its plugin.
fn boot_parent_is_plain(model: &Model) -> bool {
    model.external.as_ref().is_some_and(|e| {
        [
            "oss-parent",
            "apache",
            "maven-parent",
            "helidon-se",
            "helidon-mp",
            "micronaut-parent",
        ]
        .contains(&e.artifact.as_str())
    })
}

/// `<phase>none</phase>` on the parent's execution.
fn plugin_disabled(model: &Model) -> bool {
    model.chain.iter().any(|p| {
        p.root
            .under(&["build", "plugins"])
            .iter()
            .filter(|p| p.text_of("artifactId") == "spring-boot-maven-plugin")
            .flat_map(|p| p.under(&["executions"]))
            .any(|e| e.text_of("id") == "repackage" && e.text_of("phase") == "none")
    })
}

/// Spring Boot's version, with the place that sets it.
pub fn boot_version(model: &Model) -> Option<Sourced<String>> {
    let spring = |group: &str| group == "org.springframework.boot";
    let parent = model
        .external
        .as_ref()
        .filter(|e| spring(&e.group) && !e.version.is_empty())
        .map(|e| Sourced::new(e.version.clone(), e.at.clone()));
    let managed = || {
        model
            .managed()
            .into_iter()
            .find(|d| d.artifact == "spring-boot-dependencies" && !d.version.is_empty())
            .map(|d| Sourced::new(d.version, d.at))
    };
    let plugin = || model.managed_plugin("spring-boot-maven-plugin")?.version();
    let dependency = || {
        model
            .dependencies()
            .into_iter()
            .find(|d| spring(&d.group) && !d.version.is_empty())
            .map(|d| Sourced::new(d.version, d.at))
    };
    parent.or_else(managed).or_else(plugin).or_else(dependency)
}

/// Major and minor of a version. `3.+` is the newest of 3.
pub fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split(['.', '-']).map(|part| match part {
        "+" => u32::MAX,
        part => {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().unwrap_or(0)
        }
    });
    let mut next = || parts.next().unwrap_or(0);
    (next(), next())
}

/// How a version of Spring Boot takes its jar apart, or why it does not.
pub fn launcher(version: Option<&str>) -> Result<Launcher, String> {
    let Some(version) = version else {
        return Err("its version is not known here".into());
    };
    match numbers(version) {
        v if v >= (3, 3) => Ok(Launcher::Tools),
        (3, 2) => Ok(Launcher::New),
        v if v >= (2, 4) => Ok(Launcher::Old),
        _ => Err(format!("Spring Boot {version} makes no layers by itself")),
    }
}

fn layers(tree: &Tree, model: &Model, version: Option<&str>) -> Result<(Vec<String>, Launcher), String> {
    let plugin = model.plugin("spring-boot-maven-plugin").ok_or("no plugin")?;
    let asked = plugin.config(&["layers", "enabled"]).map(|e| e.value);
    let launcher = match (version, asked.as_deref()) {
        (_, Some("false")) => return Err("its layers are switched off".into()),
        (Some(v), Some("true")) if numbers(v) == (2, 3) => Launcher::Old,
        (version, _) => launcher(version)?,
    };
    let without = ["includeTools", "includeLayerTools"]
        .iter()
        .any(|k| plugin.config(&[k]).is_some_and(|v| v.value == "false"));
    if without {
        return Err("the tools that take it apart are left out".into());
    }
    if let Some(file) = plugin.config(&["layers", "configuration"]) {
        let path = paths::join(model.dir(), file.value.trim_start_matches("./"));
        let own = path
            .and_then(|p| tree.text(&p))
            .and_then(|source| xml::parse(&source).ok())
            .map(|root| {
                root.under(&["layerOrder"])
                    .iter()
                    .map(|l| l.text.clone())
                    .collect::<Vec<_>>()
            });
        return match own {
            Some(layers) if !layers.is_empty() => Ok((layers, launcher)),
            _ => Err("its own layers cannot be read".into()),
        };
    }
    Ok((LAYERS.iter().map(|l| l.to_string()).collect(), launcher))
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
        Artifact {
            dir: build.clone(),
            name: model.final_name().map(|n| format!("{n}{suffix}.jar")),
            ending: "jar",
        }
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
