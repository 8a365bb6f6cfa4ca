//! Spring Boot in a Maven build: its version, whether its plugin repackages, and how the jar is
//! taken apart.

use super::model::{Model, Plugin};
use crate::lang::java::facts::Launcher;
use crate::manifest::xml;
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// Spring Boot's own layers, in the order of its layers.idx.
pub const LAYERS: &[&str] = &[
    "dependencies",
    "spring-boot-loader",
    "snapshot-dependencies",
    "application",
];

/// Spring Boot's plugin where it really repackages, with the classifier of what it makes.
pub fn boot_repackage(model: &Model) -> Option<(Plugin<'_>, Option<String>)> {
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

pub fn layers(tree: &Tree, model: &Model, version: Option<&str>) -> Result<(Vec<String>, Launcher), String> {
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
