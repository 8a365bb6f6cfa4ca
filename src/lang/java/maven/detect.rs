//! The facts of one module that Maven builds.

use super::boot::{boot_version, numbers};
use super::files;
use super::model::{Coordinates, Model, Pom};
use super::node;
use super::package;
use super::reactor::{self, Reactor};
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::lang::java::config::Config;
use crate::lang::java::facts::{Facts, Found, Package, Recipe, SecretMount, Tool, Wrapper};
use crate::lang::java::tables::{
    BOOT_JAVA, COMPILER_DEFAULTS, COMPILER_OF_MAVEN, DEFAULT_JAVA, FRAMEWORKS, PARENTS, SKIPPED,
};
use crate::lang::java::version::{self, Ask, Kind};
use crate::lang::java::{rules, servers, sources};
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// # Errors
/// A pom that is not XML.
pub fn facts(project: &Project) -> Result<Facts, Diagnostic> {
    let (tree, claim) = (project.tree, project.claim);
    let path = claim.manifest.file();
    let lost = || {
        Diagnostic::error(
            &crate::diagnostic::rules::NO_SUCH_SERVICE,
            format!("{path} is no longer there"),
        )
        .help("run rdock again")
    };
    let reactor = reactor::of(tree, path)?.ok_or_else(lost)?;
    let model = reactor.module(path).ok_or_else(lost)?;
    let context = claim.context.clone();
    let base = paths::relative(model.dir(), &context);
    let base = if base == "." { "" } else { base };
    let own = sources::files(tree, model.dir());
    let (package, packaged) = package::of(tree, model, &own, base);
    let closure = reactor.closure(model);
    let mut all_files = own.clone();
    let parts = reactor.parts(model);
    for sibling in parts.iter().filter(|m| m.pom().path != path) {
        all_files.extend(sources::files(tree, sibling.dir()));
    }
    let dependencies: Vec<Coordinates> = parts.iter().flat_map(|m| m.dependencies()).collect();
    let mut warnings = Vec::new();
    let framework = framework(model, &dependencies);
    let config = Config::read(tree, model.dir());
    let web = framework.as_ref().is_some_and(|f| {
        servers::is_web(
            f.framework,
            dependencies.iter().map(|d| (&*d.group, &*d.artifact)),
        )
    });
    let recipe = recipe(tree, &context, &reactor, model, &closure, &package, &config);
    if let Wrapper::Broken(warning) = &recipe.wrapper {
        warnings.push(warning.clone());
    }
    let asks = asks(tree, model, &recipe.wrapper, &mut warnings);
    warnings.extend(external_parent(model, &asks));
    if let Package::War { .. } = package {
        warnings.extend(servers::needs_full_server(&own, &dependencies));
    }
    let declared = package::declared_main(model);
    let artifacts = dependencies.iter().map(|d| d.artifact.clone()).collect();
    let arguments = jib_arguments(model);
    Ok(Facts {
        dir: model.dir().to_string(),
        context,
        asks,
        highest: None,
        recipe,
        package,
        packaged,
        framework,
        web,
        config,
        mains: sources::mains(&own),
        files: all_files,
        declared,
        arguments,
        artifacts,
        warnings,
    })
}

fn framework(model: &Model, dependencies: &[Coordinates]) -> Option<Found> {
    let external = model.external.iter();
    let all: Vec<&Coordinates> = external.chain(dependencies).collect();
    FRAMEWORKS.iter().find_map(|framework| {
        let found = all
            .iter()
            .find(|d| servers::in_group(framework, &d.group) && d.scope != "test")?;
        let version = if framework.name == "Spring Boot" {
            boot_version(model).map(|v| v.value)
        } else {
            let managed = model.managed();
            all.iter()
                .copied()
                .chain(&managed)
                .find(|d| servers::in_group(framework, &d.group) && !d.version.is_empty())
                .map(|d| d.version.clone())
        };
        Some(Found {
            framework,
            version,
            at: found.at.clone(),
        })
    })
}

/// Who asks for a Java, in the order in which Maven and people mean it.
fn asks(tree: &Tree, model: &Model, wrapper: &Wrapper, warnings: &mut Vec<Diagnostic>) -> Vec<Ask> {
    let mut asks = version::pins(tree, model.dir());
    let mut add = |found: Option<Sourced<String>>, what: &str| {
        let Some(found) = found else { return };
        match version::major(&found.value) {
            Some(major) => asks.push(Ask::new(Kind::Release, major, &found.at, what)),
            None => warnings.push(version::unreadable(&found.value, &found.at)),
        }
    };
    let compiler = model.managed_plugin("maven-compiler-plugin");
    let compiler = |key: &str| compiler.as_ref()?.config(&[key]);
    add(
        model.property("maven.compiler.release"),
        "sets `maven.compiler.release` to",
    );
    add(compiler("release"), "sets the compiler's `release` to");
    add(model.property("java.version"), "sets `java.version` to");
    for key in ["maven.compiler.target", "maven.compiler.source"] {
        add(model.property(key), &format!("sets `{key}` to"));
    }
    for key in ["target", "source"] {
        add(compiler(key), &format!("sets the compiler's `{key}` to"));
    }
    // Micronaut's parent hands these on to the compiler.
    add(model.property("release.version"), "sets `release.version` to");
    add(model.property("jdk.version"), "sets `jdk.version` to");
    let kotlin = model.managed_plugin("kotlin-maven-plugin");
    add(
        kotlin.and_then(|k| k.config(&["jvmTarget"])),
        "sets `jvmTarget` to",
    );
    add(
        model.property("kotlin.compiler.jvmTarget"),
        "sets `kotlin.compiler.jvmTarget` to",
    );
    let toolchains = model.plugin("maven-toolchains-plugin");
    add(
        toolchains.and_then(|t| t.config(&["toolchains", "jdk", "version"])),
        "wants a toolchain of Java",
    );
    if asks.iter().all(|a| a.kind == Kind::Pin)
        && let Some(boot) = boot_version(model)
        && let Some((_, java)) = BOOT_JAVA.iter().find(|(m, _)| *m == numbers(&boot.value).0)
    {
        asks.push(Ask {
            major: *java,
            because: Because::at(
                &boot.at,
                format!(
                    "is of Spring Boot {}, which compiles for Java {java} by default",
                    boot.value
                ),
            ),
            kind: Kind::Default,
        });
    }
    if asks.is_empty() {
        asks.extend(compiled_by_default(model, wrapper).or_else(|| packed_by_old(model)));
    }
    asks
}

/// Nobody says what the compiler is to make: the newest Java that still compiles what its plugin then
/// makes, of the version that the pom names or that the wrapper's Maven takes.
fn compiled_by_default(model: &Model, wrapper: &Wrapper) -> Option<Ask> {
    // Compilers of other languages have defaults of their own.
    let others = ["kotlin-maven-plugin", "scala-maven-plugin", "gmavenplus-plugin"];
    if others.iter().any(|name| model.plugin(name).is_some()) {
        return None;
    }
    let plugin = model
        .managed_plugin("maven-compiler-plugin")
        .and_then(|p| p.version());
    let (version, text, at) = match (plugin, wrapper) {
        (Some(plugin), _) => {
            let text = format!("has version {} of the compiler plugin", plugin.value);
            (numbers(&plugin.value), text, plugin.at)
        }
        // A parent that is not here may name another.
        (None, Wrapper::Usable { version, at }) if model.external.is_none() => {
            let known = COMPILER_OF_MAVEN.iter().find(|o| patch(version) >= o.maven)?;
            let plugin = &known.compiler;
            let text = format!(
                "is of Maven {version}, whose compiler plugin is {}.{}",
                plugin.0, plugin.1
            );
            (*plugin, text, at.clone())
        }
        _ => return None,
    };
    let (_, target, java) = COMPILER_DEFAULTS.iter().find(|(from, ..)| version >= *from)?;
    (*java < DEFAULT_JAVA).then(|| Ask {
        major: *java,
        because: Because::at(
            &at,
            format!("{text}, which compiles for Java {target}; {java} still does"),
        ),
        kind: Kind::Default,
    })
}

/// The plugin for wars reaches into the JDK up to its version 3.2, which Java 16 has ended.
fn packed_by_old(model: &Model) -> Option<Ask> {
    let version = model.plugin("maven-war-plugin")?.version()?;
    (model.packaging() == "war" && numbers(&version.value) < (3, 3)).then(|| Ask {
        major: 11,
        because: Because::at(
            &version.at,
            format!(
                "has version {} of the plugin for wars, which runs up to Java 11",
                version.value
            ),
        ),
        kind: Kind::Default,
    })
}

/// A parent that nobody here knows, where the version of Java hangs on it.
fn external_parent(model: &Model, asks: &[Ask]) -> Option<Diagnostic> {
    let parent = model.external.as_ref()?;
    let known = PARENTS.iter().any(|p| p.artifact == parent.artifact)
        || parent.artifact == "spring-boot-starter-parent"
        || !asks.is_empty();
    (!known).then(|| {
        Diagnostic::warning(
            &rules::EXTERNAL_PARENT,
            format!(
                "{}:{} may set the version of Java, and is not in the repository",
                parent.group, parent.artifact
            ),
        )
        .at(parent.at.clone(), "this parent")
        .help("set `version` in rdock.toml, or `maven.compiler.release` in the pom")
    })
}

fn recipe(
    tree: &Tree,
    context: &str,
    reactor: &Reactor,
    model: &Model,
    closure: &[&Model],
    package: &Package,
    config: &Config,
) -> Recipe {
    let wrapper = new_enough(files::wrapper(tree, context), model);
    let usable = matches!(wrapper, Wrapper::Usable { .. });
    let files = files::of(tree, context, reactor, closure, usable);
    let mut arguments = vec!["-B".to_string()];
    let old = matches!(&wrapper, Wrapper::Usable { version, .. }
        if !version.is_empty() && patch(version) < (3, 6, 1));
    if !old {
        arguments.push("-ntp".into());
    }
    let root = paths::relative(&reactor.root, context);
    if root != "pom.xml" {
        arguments.extend(["-f".into(), root.to_string()]);
    }
    let mut selection = Vec::new();
    let start = paths::parent(&reactor.root);
    if model.dir() != start || model.pom().path != reactor.root {
        let module = paths::relative(model.dir(), start);
        selection.extend(["-pl".into(), module.to_string(), "-am".into()]);
    }
    let poms = closure.iter().flat_map(|m| &m.chain);
    let mut profiles: Vec<Sourced<String>> = poms.filter_map(Pom::asked_profile).collect();
    profiles.sort_by(|a, b| a.value.cmp(&b.value));
    profiles.dedup_by(|a, b| a.value == b.value);
    if !profiles.is_empty() {
        let names: Vec<&str> = profiles.iter().map(|p| p.value.as_str()).collect();
        selection.push(format!("-P{}", names.join(",")));
    }
    selection.push("-DskipTests".into());
    let mut skipped: Vec<&str> = SKIPPED
        .iter()
        .filter(|s| closure.iter().any(|m| m.plugin(s.plugin).is_some()))
        .map(|s| s.argument)
        .collect();
    skipped.dedup();
    selection.extend(skipped.into_iter().map(str::to_string));
    let mut goals = vec!["package".to_string()];
    if let Package::Thin {
        dependencies: Some(_),
        ..
    } = package
    {
        goals.extend(
            [
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=target/lib",
            ]
            .map(str::to_string),
        );
    }
    let mut warm = goals.clone();
    if let Package::Layers { .. } | Package::Fat { .. } = package
        && model.plugin("spring-boot-maven-plugin").is_some()
    {
        warm.push("-Dspring-boot.repackage.skip".into());
    }
    Recipe {
        tool: Tool::Maven,
        wrapper,
        arguments,
        selection,
        goals,
        warm,
        manifests: files.manifests,
        sources: files.sources,
        toolchain: None,
        secrets: secrets(reactor),
        copied: files.because,
        node: node::of(closure, context, config),
        profiles,
    }
}

/// The Maven that the plugins of Spring Boot 3 and later want.
const MAVEN_FOR_BOOT_3: (u32, u32, u32) = (3, 6, 3);

/// A wrapper that nobody has renewed with Spring Boot cannot run its plugins.
fn new_enough(wrapper: Wrapper, model: &Model) -> Wrapper {
    let Wrapper::Usable { version, at } = &wrapper else {
        return wrapper;
    };
    let boot = boot_version(model).filter(|b| numbers(&b.value).0 >= 3);
    let Some(boot) = boot.filter(|_| !version.is_empty() && patch(version) < MAVEN_FOR_BOOT_3) else {
        return wrapper;
    };
    Wrapper::Broken(
        Diagnostic::warning(
            &rules::BROKEN_WRAPPER,
            format!(
                "mvnw is left aside: it brings Maven {version}, and Spring Boot {} wants 3.6.3",
                boot.value
            ),
        )
        .at(at.clone(), "too old")
        .help("run `mvn wrapper:wrapper` and commit what it writes"),
    )
}

fn patch(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
    (next(), next(), next())
}

/// Where a repository is declared that most likely wants credentials, the user's own settings.
fn secrets(reactor: &Reactor) -> Vec<SecretMount> {
    let found = reactor.modules.iter().find_map(|m| {
        m.chain.iter().find_map(|pom| {
            let lists = ["repositories", "pluginRepositories"];
            lists
                .iter()
                .flat_map(|l| pom.root.under(&[l]))
                .filter_map(|r| r.string(&["url"]))
                .find(|url| servers::is_private(&m.interpolate(&url.value).unwrap_or_default()))
        })
    });
    found
        .map(|url| SecretMount {
            mount: "id=m2settings,target=/root/.m2/settings.xml",
            flag: "--secret id=m2settings,src=$HOME/.m2/settings.xml",
            why: "Maven reads the credentials of the private repository from your settings".into(),
            at: url.at,
        })
        .into_iter()
        .collect()
}

/// The arguments that the project gives its program in another container, or under `exec:java`.
fn jib_arguments(model: &Model) -> Option<(Vec<String>, Because)> {
    let lists = [
        ("jib-maven-plugin", &["container", "args"][..]),
        ("exec-maven-plugin", &["arguments"][..]),
    ];
    for (name, path) in lists {
        let Some(plugin) = model.plugin(name) else {
            continue;
        };
        for configuration in plugin.configurations() {
            let Some(list) = configuration.path(path) else {
                continue;
            };
            let words: Option<Vec<String>> =
                list.children.iter().map(|a| model.interpolate(&a.text)).collect();
            if let Some(words) = words
                && !words.is_empty()
            {
                return Some((words, Because::at(&plugin.at(), "gives these arguments")));
            }
        }
    }
    None
}
