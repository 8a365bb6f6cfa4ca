//! What Gradle makes of a project, and by which task.

use super::copied;
use super::dependencies;
use super::model::{Build, Plugin, Project};
use super::values::{artifact, either, get, manifest_main};
use crate::decision::Because;
use crate::lang::java::config::Config;
use crate::lang::java::facts::{Artifact, Launcher, Package, Tomcat};
use crate::lang::java::maven::boot::{LAYERS, launcher, numbers};
use crate::lang::java::sources;
use crate::manifest::gradle::{Statement, Token};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

pub struct Made {
    pub package: Package,
    pub task: &'static str,
    /// A task of the project's own that must run too.
    pub also: Option<String>,
    pub because: Because,
}

/// Plugins that bring Gradle's own application plugin with them.
const APPLICATIONS: &[&str] = &[
    "application",
    "io.ktor.plugin",
    "io.micronaut.application",
    "io.micronaut.minimal.application",
];
const SHADOWS: &[&str] = &["com.github.johnrengelman.shadow", "com.gradleup.shadow"];
/// Plugins that compile for the JVM and make a jar.
const JAVAS: &[&str] = &[
    "groovy",
    "java",
    "java-library",
    "org.jetbrains.kotlin.jvm",
    "scala",
];

/// Is the task turned off? `allprojects { bootJar { … } }` means the root's own where a project brings the plugin
/// itself, as its task is not there yet.
fn disabled(build: &Build, project: &Project, plugin: &Plugin) -> bool {
    let own = project.script.as_ref().map(|s| &s.source.path);
    let brings = own.is_some_and(|path| plugin.at.file() == *path);
    let settled = build.statements(project).into_iter().find(|s| {
        let early = brings
            && own.is_some_and(|p| s.at.file() != *p)
            && s.blocks.len() == 2
            && s.blocks[1] == "bootJar";
        let inside = s.is_in("bootJar") && s.value_of("enabled").is_some();
        !early && (inside || s.value_of("bootJar.enabled").is_some())
    });
    let value = settled.and_then(|s| s.value_of("enabled").or_else(|| s.value_of("bootJar.enabled")));
    value.is_some_and(|v| Statement::joined(v).starts_with("false"))
}

/// `None` where the project makes nothing that could be started.
pub fn of(tree: &Tree, build: &Build, project: &Project, files: &[Arc<Source>], base: &str) -> Option<Made> {
    let plugins = build.plugins(project);
    if plugins.iter().any(|p| p.id.starts_with("com.android.")) {
        return None;
    }
    let applied = |id: &&str| plugins.iter().find(|p| p.id == *id && p.applied);
    let dir = |rest: &str| paths::join(base, rest).unwrap_or_else(|| rest.to_string());
    let libs = dir("build/libs");
    let made = |package, task, plugin: &Plugin, what: &str| {
        Some(Made {
            package,
            task,
            also: None,
            because: Because::at(&plugin.at, what),
        })
    };
    if let Some(plugin) = applied(&"io.quarkus") {
        let config = Config::read(tree, &project.dir);
        let kind = config
            .get("quarkus.package.jar.type")
            .or_else(|| config.get("quarkus.package.type"));
        if kind.is_some_and(|k| k.value == "uber-jar") {
            let jar = artifact(build, project, &dir("build"), "", "jar", "runner");
            let package = Package::Fat { jar, runs: true };
            return made(
                package,
                "quarkusBuild",
                plugin,
                "makes a jar with everything in it",
            );
        }
        let app = dir("build/quarkus-app");
        return made(
            Package::Quarkus { app },
            "quarkusBuild",
            plugin,
            "makes Quarkus' layout",
        );
    }
    let war = applied(&"war");
    if let Some(plugin) = applied(&"org.springframework.boot")
        && !disabled(build, project, plugin)
    {
        if war.is_some() {
            let jar = artifact(build, project, &libs, "bootWar", "war", "");
            let package = Package::Fat { jar, runs: true };
            return made(package, "bootWar", plugin, "makes a war that runs by itself");
        }
        // Its plugin repackages the plain jar when everything is assembled.
        if boot_version(build, project).is_some_and(|v| numbers(&v.value).0 == 1) {
            let jar = artifact(build, project, &libs, "jar", "jar", "");
            let package = Package::Fat { jar, runs: true };
            return made(package, "assemble", plugin, "makes a jar with everything in it");
        }
        let jar = artifact(build, project, &libs, "bootJar", "jar", "");
        return match layers(build, project) {
            Ok(launcher) => {
                let layers = LAYERS.iter().map(|l| l.to_string()).collect();
                let package = Package::Layers {
                    jar,
                    layers,
                    launcher,
                };
                made(package, "bootJar", plugin, "makes a jar with layers")
            }
            Err(why) => made(
                Package::Fat { jar, runs: true },
                "bootJar",
                plugin,
                &format!("makes a jar with everything in it; {why}"),
            ),
        };
    }
    if let Some(plugin) = war {
        let tomcat = tomcat(tree, build, project, files);
        let war = artifact(build, project, &libs, "war", "war", "");
        return made(Package::War { war, tomcat }, "war", plugin, "makes a war");
    }
    // Vert.x' launcher finds its verticle in the manifest of the one jar.
    let verticle = || {
        build
            .statements(project)
            .iter()
            .any(|s| s.texts().any(|t| t == "Main-Verticle"))
    };
    if let Some(plugin) = SHADOWS.iter().find_map(applied).filter(|_| verticle()) {
        let jar = artifact(build, project, &libs, "shadowJar", "jar", "all");
        let package = Package::Fat { jar, runs: true };
        return made(package, "shadowJar", plugin, "packs everything into one jar");
    }
    if let Some(plugin) = applied(&"io.vertx.vertx-plugin") {
        let jar = Artifact {
            dir: libs,
            name: None,
            ending: "jar",
            suffix: String::new(),
        };
        let package = Package::Fat { jar, runs: true };
        return made(package, "shadowJar", plugin, "packs everything into one jar");
    }
    if let Some(plugin) = APPLICATIONS.iter().find_map(applied) {
        let name = get(build, project, &["distributions", "main"], "distributionBaseName")
            .or_else(|| either(build, project, "application", "applicationName"))
            .and_then(|n| build.interpolate(&n.value))
            .unwrap_or_else(|| build.name_of(project));
        let lib = dir(&format!("build/install/{name}/lib"));
        let what = "installs the program with its dependencies";
        return made(Package::Installed { lib }, "installDist", plugin, what);
    }
    let main = manifest_main(build, project).is_some();
    if let Some(plugin) = SHADOWS.iter().find_map(applied) {
        let jar = artifact(build, project, &libs, "shadowJar", "jar", "all");
        let package = Package::Fat { jar, runs: main };
        return made(package, "shadowJar", plugin, "packs everything into one jar");
    }
    let java = JAVAS.iter().find_map(applied)?;
    let collects = build.statements(project).iter().any(|s| {
        s.is_in("jar") && (s.is_in("from") || s.tokens.first().and_then(Token::word) == Some("from"))
    });
    let moved = either(build, project, "jar", "destinationDirectory")
        .or_else(|| either(build, project, "jar", "destinationDir"));
    let target = moved.and_then(|to| copied::folder(&to.value)).map(|to| dir(&to));
    let jar = artifact(
        build,
        project,
        target.as_deref().unwrap_or(&libs),
        "jar",
        "jar",
        "",
    );
    if collects {
        return made(
            Package::Fat { jar, runs: main },
            "jar",
            java,
            "packs everything into one jar",
        );
    }
    let needs = dependencies::of(build, project)
        .iter()
        .any(|d| d.scope != "provided")
        || build.closure(project).len() > 1;
    if needs {
        let copied = copied::libraries(build, project)?;
        return Some(Made {
            package: Package::Thin {
                jar,
                dependencies: Some(dir(&copied.dir)),
            },
            task: "jar",
            also: Some(copied.task),
            because: Because::at(
                &java.at,
                "makes a jar, and a task of its own copies the dependencies",
            ),
        });
    }
    let package = Package::Thin {
        jar,
        dependencies: None,
    };
    made(package, "jar", java, "makes a jar and has no dependencies")
}

/// How the jar of Spring Boot is taken apart, or why it is not.
fn layers(build: &Build, project: &Project) -> Result<Launcher, String> {
    let statements = build.statements(project);
    let layered = || statements.iter().filter(|s| s.is_in("layered"));
    if layered().any(|s| {
        s.value_of("enabled")
            .is_some_and(|v| Statement::joined(v).contains("false"))
    }) {
        return Err("its layers are switched off".into());
    }
    if layered().any(|s| s.value_of("layerOrder").is_some()) {
        return Err("it has layers of its own".into());
    }
    launcher(boot_version(build, project).map(|v| v.value).as_deref())
}

pub fn boot_version(build: &Build, project: &Project) -> Option<Sourced<String>> {
    let plugin = build
        .plugins(project)
        .into_iter()
        .find(|p| p.id == "org.springframework.boot" && p.version.is_some())
        .map(|p| Sourced::new(p.version.unwrap_or_default(), p.at));
    let classpath = || {
        let root = build.projects.first()?.script.as_ref()?;
        root.statements.iter().find_map(|s| {
            let text = s.texts().find(|t| t.contains("spring-boot-gradle-plugin:"))?;
            let version = build.interpolate(text.rsplit(':').next()?)?;
            Some(Sourced::new(version, s.at.clone()))
        })
    };
    plugin.or_else(classpath)
}

fn tomcat(tree: &Tree, build: &Build, project: &Project, files: &[Arc<Source>]) -> Sourced<Tomcat> {
    for d in dependencies::of(build, project) {
        let tomcat = match (d.group.as_str(), numbers(&d.version)) {
            ("jakarta.servlet", (6, minor)) if minor >= 1 => Tomcat::V11,
            ("jakarta.servlet" | "jakarta.platform", (0, _)) => continue,
            ("jakarta.servlet", (4, _)) | ("jakarta.platform", (8, _)) => Tomcat::V9,
            ("jakarta.platform", (11.., _)) => Tomcat::V11,
            ("jakarta.servlet" | "jakarta.platform", _) => Tomcat::V10,
            ("javax.servlet" | "javax", _) => Tomcat::V9,
            ("org.springframework", (7.., _)) => Tomcat::V11,
            ("org.springframework", (6, _)) => Tomcat::V10,
            ("org.springframework", (1..=5, _)) => Tomcat::V9,
            _ => continue,
        };
        return Sourced::new(tomcat, d.at);
    }
    if let Some(at) = sources::imports(files, "jakarta.servlet") {
        return Sourced::new(Tomcat::V10, at);
    }
    let web = paths::join(&project.dir, "src/main/webapp/WEB-INF/web.xml").and_then(|p| tree.text(&p));
    let at = match (&web, &project.script) {
        (Some(source), _) => Location::whole(source),
        (None, Some(script)) => Location::whole(&script.source),
        (None, None) => tree.place("build.gradle"),
    };
    let jakarta = web.is_some_and(|s| s.text.contains("jakarta.ee"));
    Sourced::new(if jakarta { Tomcat::V10 } else { Tomcat::V9 }, at)
}
