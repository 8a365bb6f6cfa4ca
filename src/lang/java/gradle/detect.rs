//! The facts of one project that Gradle builds.

use super::model::{self, Build, Project as Part};
use super::package::{self, Made, boot_version};
use super::values::declared_main;
use super::{dependencies, files};
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::lang::java::config::Config;
use crate::lang::java::facts::{Facts, Found, NodeRun, Package, Recipe, SecretMount, Tool, Wrapper};
use crate::lang::java::maven::boot::numbers;
use crate::lang::java::maven::model::Coordinates;
use crate::lang::java::tables::{BOOT_JAVA, FRAMEWORKS, GRADLE_FOR_JAVA, SKIPPED_TASKS};
use crate::lang::java::version::{self, Ask, Kind};
use crate::lang::java::{rules, servers, sources};
use crate::manifest::gradle::Statement;
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// # Errors
/// A catalogue that is not TOML.
pub fn facts(project: &Project) -> Result<Facts, Diagnostic> {
    let (tree, claim) = (project.tree, project.claim);
    let mut error = None;
    let mut found = None;
    for build in model::all(tree) {
        match build {
            Ok(build) if build.projects.iter().any(|p| p.dir == claim.dir) => found = Some(build),
            Ok(_) => {}
            Err(e) => error = error.or(Some(e)),
        }
    }
    let lost = || {
        Diagnostic::error(
            &crate::diagnostic::rules::NO_SUCH_SERVICE,
            format!("{} is no longer there", claim.manifest.file()),
        )
        .help("run rdock again")
    };
    let build = match (found, error) {
        (Some(build), _) => build,
        (None, Some(error)) => return Err(error),
        (None, None) => return Err(lost()),
    };
    let part = build
        .projects
        .iter()
        .find(|p| p.dir == claim.dir)
        .ok_or_else(lost)?;
    let context = claim.context.clone();
    let base = match paths::relative(&part.dir, &context) {
        "." => "",
        base => base,
    };
    let own = sources::files(tree, &part.dir);
    let made = package::of(tree, &build, part, &own, base).ok_or_else(lost)?;
    let closure = build.closure(part);
    let mut all_files = own.clone();
    for other in closure.iter().filter(|p| p.path != part.path) {
        all_files.extend(sources::files(tree, &other.dir));
    }
    let needed: Vec<Coordinates> = closure.iter().flat_map(|p| dependencies::of(&build, p)).collect();
    let mut warnings = Vec::new();
    let wrapper = files::wrapper(tree, &build.dir);
    if let Wrapper::Broken(warning) = &wrapper {
        warnings.push(warning.clone());
    }
    let highest = highest(&wrapper);
    let asks = asks(tree, &build, part);
    if let (Some(highest), Some(ask)) = (&highest, asks.iter().find(|a| a.kind != Kind::Pin))
        && ask.kind == Kind::Release
        && ask.major > highest.value
    {
        warnings.push(
            Diagnostic::warning(
                &rules::OLD_BUILD_TOOL,
                format!(
                    "the wrapper's Gradle runs on Java {} at the most, and the project asks for {}",
                    highest.value, ask.major
                ),
            )
            .at(highest.at.clone(), "this Gradle")
            .help("update the wrapper: `./gradlew wrapper --gradle-version 9.1`"),
        );
    }
    if let Package::War { .. } = made.package {
        warnings.extend(servers::needs_full_server(&own, &needed));
    }
    let framework = framework(&build, part, &needed);
    let web = framework
        .as_ref()
        .is_some_and(|f| servers::is_web(f.framework, needed.iter().map(|d| (&*d.group, &*d.artifact))));
    let toolchain = asks.iter().find(|a| a.kind == Kind::Toolchain).map(|a| a.major);
    Ok(Facts {
        dir: part.dir.clone(),
        context: context.clone(),
        declared: declared_main(&build, part),
        recipe: recipe(tree, &build, part, &closure, wrapper, &made, toolchain),
        package: made.package,
        packaged: made.because,
        asks,
        highest,
        framework,
        web,
        config: Config::read(tree, &part.dir),
        mains: sources::mains(&own),
        files: all_files,
        arguments: None,
        artifacts: needed.iter().map(|d| d.artifact.clone()).collect(),
        warnings,
    })
}

fn framework(build: &Build, part: &Part, needed: &[Coordinates]) -> Option<Found> {
    let plugins = build.plugins(part);
    FRAMEWORKS.iter().find_map(|framework| {
        let dependency = needed.iter().find(|d| servers::in_group(framework, &d.group));
        let plugin = plugins
            .iter()
            .find(|p| p.applied && servers::in_group(framework, &p.id));
        let at = plugin
            .map(|p| p.at.clone())
            .or_else(|| dependency.map(|d| d.at.clone()))?;
        let version = if framework.name == "Spring Boot" {
            boot_version(build, part).map(|v| v.value)
        } else {
            let versions = needed
                .iter()
                .filter(|d| servers::in_group(framework, &d.group) && !d.version.is_empty());
            versions
                .map(|d| d.version.clone())
                .next()
                .or_else(|| plugin.and_then(|p| p.version.clone()))
        };
        Some(Found {
            framework,
            version,
            at,
        })
    })
}

/// The newest Java that the wrapper's Gradle runs on.
fn highest(wrapper: &Wrapper) -> Option<Sourced<u32>> {
    let Wrapper::Usable { version, at } = wrapper else {
        return None;
    };
    let gradle = numbers(version);
    if gradle == (0, 0) {
        return None;
    }
    let runs = GRADLE_FOR_JAVA.iter().filter(|(_, needs)| gradle >= *needs);
    let java = runs.map(|(java, _)| *java).max()?;
    Some(Sourced::new(java, at.clone()))
}

/// Who asks for a Java: the toolchain is exact, so it comes before what version managers pin.
fn asks(tree: &Tree, build: &Build, part: &Part) -> Vec<Ask> {
    let mut toolchains = Vec::new();
    let mut releases = Vec::new();
    for s in build.statements(part) {
        let keys = [
            ("languageVersion", Kind::Toolchain, "sets the toolchain to Java"),
            ("jvmToolchain", Kind::Toolchain, "sets the toolchain to Java"),
            (
                "java.toolchain.languageVersion",
                Kind::Toolchain,
                "sets the toolchain to Java",
            ),
            (
                "kotlin.jvmToolchain",
                Kind::Toolchain,
                "sets the toolchain to Java",
            ),
            ("release", Kind::Release, "sets `release` to"),
            ("options.release", Kind::Release, "sets `options.release` to"),
            (
                "targetCompatibility",
                Kind::Release,
                "sets `targetCompatibility` to",
            ),
            (
                "java.targetCompatibility",
                Kind::Release,
                "sets `targetCompatibility` to",
            ),
            (
                "sourceCompatibility",
                Kind::Release,
                "sets `sourceCompatibility` to",
            ),
            (
                "java.sourceCompatibility",
                Kind::Release,
                "sets `sourceCompatibility` to",
            ),
            ("jvmTarget", Kind::Release, "sets `jvmTarget` to"),
            ("kotlinOptions.jvmTarget", Kind::Release, "sets `jvmTarget` to"),
        ];
        for (key, kind, what) in keys {
            let Some(value) = s.value_of(key) else { continue };
            // Kotlin's own `languageVersion` is one of Kotlin.
            let of_java = s.is_in("toolchain") || Statement::joined(value).contains("JavaLanguageVersion");
            if key == "languageVersion" && !of_java {
                continue;
            }
            let cast = value.iter().position(|t| t.word() == Some("as"));
            let value = &value[..cast.unwrap_or(value.len())];
            let Some(major) = major_of(build, &Statement::joined(value)) else {
                continue;
            };
            let ask = Ask::new(kind, major, &s.at, what);
            if kind == Kind::Toolchain {
                toolchains.push(ask);
            } else {
                releases.push(ask);
            }
        }
    }
    let mut asks = toolchains;
    asks.truncate(1);
    if asks.is_empty() {
        asks.extend(version::pins(tree, &part.dir));
    }
    asks.extend(releases);
    if asks.iter().all(|a| a.kind == Kind::Pin)
        && let Some(boot) = boot_version(build, part)
        && let Some((_, java)) = BOOT_JAVA.iter().find(|(m, _)| *m == numbers(&boot.value).0)
    {
        let mut ask = Ask::new(Kind::Default, *java, &boot.at, "");
        ask.because.text = format!(
            "is of Spring Boot {}, which needs Java {java} or newer",
            boot.value
        );
        asks.push(ask);
    }
    asks
}

/// `JavaLanguageVersion.of(21`, `JavaVersion.VERSION_17`, `'11'`, `JvmTarget.JVM_17`, or an
/// expression that names one of them.
fn major_of(build: &Build, expression: &str) -> Option<u32> {
    let inner = expression
        .rsplit(['(', '['])
        .find(|part| part.chars().any(char::is_alphanumeric))
        .unwrap_or(expression)
        .trim_end_matches([')', ']']);
    let literal = inner.chars().all(|c| c.is_ascii_digit() || c == '.')
        || inner.contains("VERSION_")
        || inner.contains("JVM_");
    if literal {
        return version::major(inner.rsplit("JVM_").next()?);
    }
    let name = expression.split_once("libs.versions.").map(|(_, rest)| rest);
    let resolved = match name {
        Some(rest) => build.catalogue.version(rest)?,
        None => build.resolve(inner)?,
    };
    version::major(&resolved)
}

fn recipe(
    tree: &Tree,
    build: &Build,
    part: &Part,
    closure: &[&Part],
    wrapper: Wrapper,
    made: &Made,
    toolchain: Option<u32>,
) -> Recipe {
    let usable = matches!(wrapper, Wrapper::Usable { .. });
    let files = files::of(tree, build, closure, usable);
    let mut arguments = vec!["--no-daemon".to_string(), "--console=plain".into()];
    let below = paths::relative(&build.dir, &build.context()).to_string();
    if below != "." {
        arguments.extend(["-p".into(), below]);
    }
    let alone = build.projects.len() == 1;
    let qualified = |task: &str| match part.path.as_str() {
        ":" if alone => task.to_string(),
        ":" => format!(":{task}"),
        path => format!("{path}:{task}"),
    };
    let warm = warm(&wrapper, &qualified);
    Recipe {
        tool: Tool::Gradle,
        warm,
        wrapper,
        arguments,
        selection: skipped(build, closure),
        goals: std::iter::once(made.task)
            .chain(made.also.as_deref())
            .map(qualified)
            .collect(),
        manifests: files.manifests,
        sources: files.sources,
        toolchain,
        secrets: secrets(build, part),
        copied: files.because,
        node: node(build, closure),
        profiles: Vec::new(),
    }
}

/// Tasks of plugins that stop a build in a container.
/// Plugins that take the Node.js on the path, unless they are told to fetch one.
const NODES: &[&str] = &["com.github.node-gradle.node", "com.moowork.node"];

fn node(build: &Build, closure: &[&Part]) -> Option<NodeRun> {
    closure.iter().find_map(|part| {
        let mut plugins = build.plugins(part).into_iter();
        let plugin = plugins.find(|p| p.applied && NODES.contains(&p.id.as_str()))?;
        let fetches = build.statements(part).iter().any(|s| {
            s.value_of("download").is_some_and(|value| {
                Statement::joined(value)
                    .trim_start_matches('(')
                    .starts_with("true")
            })
        });
        (!fetches).then(|| NodeRun::on_the_path("the Gradle plugin for Node.js", plugin.at))
    })
}

fn skipped(build: &Build, closure: &[&Part]) -> Vec<String> {
    let alone = build.projects.len() == 1;
    let mut words = Vec::new();
    for (skipped, part) in SKIPPED_TASKS
        .iter()
        .flat_map(|s| closure.iter().map(move |p| (s, p)))
    {
        let applied = build
            .plugins(part)
            .iter()
            .any(|p| p.id == skipped.plugin && p.applied);
        let settled = build.statements(part).iter().any(|s| {
            s.value_of(skipped.unless)
                .is_some_and(|value| Statement::joined(value).starts_with("false"))
        });
        if applied && !settled {
            let path = if alone || part.path == ":" {
                ""
            } else {
                part.path.as_str()
            };
            let colon = if alone { "" } else { ":" };
            words.extend(["-x".to_string(), format!("{path}{colon}{}", skipped.task)]);
        }
    }
    words
}

/// What downloads the dependencies without the sources. The report `dependencies` reads their descriptions
/// and leaves the jars where they are; a dry run that writes checksums has to fetch every file, and
/// changes nothing for later runs.
fn warm(wrapper: &Wrapper, qualified: &dyn Fn(&str) -> String) -> Vec<String> {
    /// The first Gradle whose dry run writes checksums into a file of its own.
    const CHECKSUMS: (u32, u32) = (6, 8);
    match wrapper {
        Wrapper::Usable { version, .. } if numbers(version) < CHECKSUMS => vec![qualified("dependencies")],
        _ => ["--write-verification-metadata", "sha256", "--dry-run", "help"]
            .map(str::to_string)
            .to_vec(),
    }
}

fn secrets(build: &Build, part: &Part) -> Vec<SecretMount> {
    let private = build.statements(part).into_iter().find(|s| {
        let word = s.tokens.first().and_then(|t| t.word()).unwrap_or("");
        let url = (word == "url" || word == "maven") && s.texts().any(servers::is_private);
        // Behind a condition, the build does without.
        let needed = !s.blocks.iter().any(|b| b.starts_with("if("));
        needed && (url || word == "credentials") && s.is_in("repositories") && !s.is_in("publishing")
    });
    private
        .map(|s| SecretMount {
            mount: "id=gradleprops,target=/cache/gradle/gradle.properties",
            flag: "--secret id=gradleprops,src=$HOME/.gradle/gradle.properties",
            why: "Gradle reads the credentials of the private repository from your gradle.properties".into(),
            at: s.at.clone(),
        })
        .into_iter()
        .collect()
}
