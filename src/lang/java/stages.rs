//! What Java's stages on request do: the build tool's test goal, and the framework's own run goal.

use super::build::{self, Built};
use super::facts::{Facts, Package, Tool};
use super::node;
use super::view::World;
use crate::decision::{Because, Chosen};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Dev, Stages, Test, Work};
use crate::settings::{Cache, Given, Settings, Stage};
use crate::stages::missing;

/// How a framework's program is run from its source.
struct Run {
    framework: &'static str,
    maven: &'static [&'static str],
    /// What the pom must hold for that.
    plugin: &'static str,
    gradle: &'static [&'static str],
    /// It compiles and loads again by itself.
    watches: bool,
}

const RUNS: &[Run] = &[
    Run {
        framework: "Micronaut",
        maven: &["mn:run"],
        plugin: "micronaut-maven-plugin",
        gradle: &["run"],
        watches: false,
    },
    Run {
        framework: "Quarkus",
        maven: &["quarkus:dev", "-Dquarkus.http.host=0.0.0.0"],
        plugin: "quarkus-maven-plugin",
        gradle: &["quarkusDev", "-Dquarkus.http.host=0.0.0.0"],
        watches: true,
    },
    Run {
        framework: "Spring Boot",
        maven: &["spring-boot:run"],
        plugin: "spring-boot-maven-plugin",
        gradle: &["bootRun"],
        watches: false,
    },
];

/// # Errors
/// A word that cannot be written into the Dockerfile.
pub fn stages(
    project: &Project,
    facts: &Facts,
    java: u32,
    main: Option<&Chosen<String>>,
    built: &Built,
    world: &World,
) -> Result<Stages, Diagnostic> {
    let asked = project.settings.stages();
    Ok(Stages {
        deps: None,
        test: asked.contains(&Stage::Test).then(|| test(project, facts, built)),
        dev: asked
            .contains(&Stage::Dev)
            .then(|| dev(project, facts, java, main, world)),
    })
}

/// A Gradle task beside the one that packages: `:app:bootJar` and `test` give `:app:test`.
fn beside(goals: &[String], task: &str) -> String {
    match goals.first().and_then(|g| g.rsplit_once(':')) {
        Some((before, _)) => format!("{before}:{task}"),
        None => task.to_string(),
    }
}

fn call(program: &str, words: &[String]) -> Result<Safe, Diagnostic> {
    let mut parts = vec![Safe::literal(program)];
    for word in words {
        parts.push(escape::shell(word)?);
    }
    Ok(Safe::join(&parts, " "))
}

fn test(project: &Project, facts: &Facts, built: &Built) -> Result<Test, Diagnostic> {
    let dir = paths::join(&facts.dir, "src/test").unwrap_or_default();
    if !project.tree.has_dir(&dir) {
        return Err(missing(Stage::Test, format!("{dir} is not there"))
            .help("add a test, or take `test` out of `stages`"));
    }
    let mut words: Vec<String> = built.words.clone();
    words.retain(|w| w != "-DskipTests");
    words.push(match facts.recipe.tool {
        Tool::Maven => "test".into(),
        Tool::Gradle => beside(&facts.recipe.goals, "test"),
    });
    Ok(Test {
        work: Work::on("build"),
        mounts: built.mounts.clone(),
        command: call(built.program, &words)?,
        because: Because::rule(format!("{} has those of {dir}", facts.recipe.tool.name())),
    })
}

fn dev(
    project: &Project,
    facts: &Facts,
    java: u32,
    main: Option<&Chosen<String>>,
    world: &World,
) -> Result<Dev, Diagnostic> {
    let (goals, because, watches) = goals(project, facts)?;
    // Dependencies in layers: what a cache mount holds is not there when the stage is started.
    let layered = Settings {
        cache: Some(Given {
            value: Cache::Layer,
            because: Because::rule(""),
        }),
        ..project.settings.clone()
    };
    let project = Project {
        settings: &layered,
        ..*project
    };
    let built = build::build(&project, facts, java, main, "", &mut Vec::new())?;
    let mut work = Work::on(world.builder.as_str());
    work.about = "runs the program from its source".into();
    work.lines
        .extend(world.setup.iter().map(|s| Safe::literal(s.clone())));
    if world.node.is_some() {
        for copy in node::COPIES {
            work.line("COPY", &Safe::literal(*copy));
        }
    }
    if let Some(image) = &world.toolchain {
        let copy = format!("--link --from={image} /opt/java/openjdk /opt/java/toolchain");
        work.line("COPY", &Safe::literal(copy));
    }
    for arg in &built.args {
        work.line("ARG", arg);
    }
    work.env(&built.env, &[]);
    work.line("WORKDIR", &Safe::literal("/src"));
    if let Some(links) = world.node.as_ref().and_then(|n| n.links.as_ref()) {
        work.line("RUN", links);
    }
    for copy in &built.manifests {
        work.line("COPY", copy);
    }
    if let Some(warm) = &built.warm {
        work.line("RUN", warm);
    }
    for copy in &built.sources {
        work.line("COPY", copy);
    }
    work.env(&world.runtime.env, &["JAVA_TOOL_OPTIONS"]);
    let mut words = built.words.clone();
    words.retain(|w| w != "-DskipTests");
    if let Some(at) = words.iter().position(|w| w == "-am") {
        // The goal runs in one module; its neighbours come out of the local repository.
        let mut install = built.words.clone();
        install.push("install".into());
        work.line("RUN", &call(built.program, &install)?);
        words.remove(at);
    }
    words.extend(goals);
    let mut command = vec![built.program.to_string()];
    command.extend(words);
    let manifests = facts.recipe.manifests.iter().flat_map(|i| &i.from);
    let manifests = manifests.filter_map(|m| paths::join(&facts.context, m.trim_end_matches('/')));
    let folders = facts
        .recipe
        .sources
        .iter()
        .flat_map(|i| i.from.iter().map(|from| (from, &i.to)));
    let sync = folders.map(|(from, to)| {
        let path = paths::join(&facts.context, from.trim_end_matches('/')).unwrap_or_default();
        let to = to.trim_start_matches("./").trim_end_matches('/');
        let target = if to.is_empty() {
            "/src".to_string()
        } else {
            format!("/src/{to}")
        };
        (path, target)
    });
    Ok(Dev {
        work,
        command,
        because,
        watches,
        sync: sync.collect(),
        own: vec!["target".into(), "build".into(), ".gradle".into()],
        manifests: manifests.filter(|m| project.tree.has(m)).collect(),
    })
}

/// What follows the build tool's name, why, and whether it watches.
fn goals(project: &Project, facts: &Facts) -> Result<(Vec<String>, Because, bool), Diagnostic> {
    let name = facts.framework.as_ref().map_or("", |f| f.framework.name);
    let run = RUNS.iter().find(|r| r.framework == name);
    let words = |list: &[&str]| -> Vec<String> { list.iter().map(|w| w.to_string()).collect() };
    let poms = [facts.dir.as_str(), facts.context.as_str()];
    let poms = poms
        .iter()
        .filter_map(|dir| project.tree.text(&paths::join(dir, "pom.xml")?));
    let has = |plugin: &str| poms.clone().any(|pom| pom.text.contains(plugin));
    let tool = facts.recipe.tool;
    let because = |watches: bool, goal: &str| {
        Because::rule(match watches {
            true => format!("`{goal}` compiles it again after a change"),
            false => format!("`{goal}` compiles it; it is started again after a change"),
        })
    };
    match (tool, run) {
        (Tool::Maven, Some(run)) if has(run.plugin) => {
            Ok((words(run.maven), because(run.watches, run.maven[0]), run.watches))
        }
        (Tool::Gradle, Some(run)) => {
            let mut goals = words(run.gradle);
            goals[0] = beside(&facts.recipe.goals, &goals[0]);
            Ok((goals, because(run.watches, run.gradle[0]), run.watches))
        }
        (Tool::Gradle, None) if matches!(facts.package, Package::Installed { .. }) => Ok((
            vec![beside(&facts.recipe.goals, "run")],
            because(false, "run"),
            false,
        )),
        _ => {
            let what = format!(
                "rdock knows no goal of {} that runs this program from its source",
                tool.name()
            );
            let help = match run {
                Some(run) => format!("add {} to the plugins of the pom", run.plugin),
                None => "take `dev` out of `stages`, or start the program from your editor".into(),
            };
            Err(missing(Stage::Dev, what).help(help))
        }
    }
}
