//! Choices for one Java program.

use super::archive;
use super::bases;
use super::build::{self, Built};
use super::facts::{Facts, Launcher, Package, Tool};
use super::front;
use super::jlink;
use super::node;
use super::opens;
use super::ports::{self, Ports};
use super::start::{self, Arguments};
use super::version;
use super::view::{Installed, Jar, Layers, Quarkus, Thin, War, World};
use super::writes;
use crate::catalog::Base;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::lang::beside::Served;
use crate::paths;
use crate::plan::{Plan, RuntimeStage, Secret, View};
use crate::settings::Runtime;

/// Read by the JVM itself, so that no shell is needed: a share of the container's memory, and an
/// end where a thread would limp on without any.
const JAVA_TOOL_OPTIONS: &str = "-XX:MaxRAMPercentage=75.0 -XX:+ExitOnOutOfMemoryError";

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    let facts = super::facts_of(project).map_err(|e| vec![e])?;
    make(project, facts).map_err(|e| vec![e])
}

fn make(project: &Project, facts: Facts) -> Result<Plan, Diagnostic> {
    let settings = project.settings;
    let mut warnings = facts.warnings.clone();
    let java = version::choose(
        project.catalog,
        settings.version.as_ref(),
        &facts.asks,
        facts.highest.as_ref(),
    )?;
    let asked = java.because.at.as_ref();
    let mut javas = vec![java.value];
    javas.extend(facts.recipe.toolchain.filter(|t| *t != java.value));
    warnings.extend(
        javas
            .into_iter()
            .filter_map(|major| version::ended(project.catalog, major, asked)),
    );
    let runtime = bases::runtime(project, &facts, java.value)?;
    let base = runtime.value.1;
    let builder = bases::builder(project, &facts, &java)?;
    let main = start::main_class(project, &facts)?;
    let arguments = start::arguments(project, &facts);
    let ports = ports::find(project, &facts, &arguments, &mut warnings);
    let writes = writes::find(project.tree, &facts);
    let more = if writes.is_empty() {
        ""
    } else {
        "mkdir /out/volume"
    };
    let built = build::build(project, &facts, java.value, main.as_ref(), more, &mut warnings)?;
    let fronts = front::find(project, &facts);
    warnings.extend(fronts.iter().flat_map(|f| f.assets.warnings.iter().cloned()));

    let about = format!("holds the program alone: {}", runtime.because.worded());
    let mut stage = RuntimeStage::new(
        base,
        &about,
        &settings.runtime_packages,
        &settings.env,
        &settings.labels,
    )?;
    stage.expose = ports.port.as_ref().map(|p| p.value);
    let mut options = JAVA_TOOL_OPTIONS.to_string();
    for option in writes.iter().filter_map(|w| w.option.as_ref()) {
        options += &format!(" {option}");
    }
    let archive = archive::archive(settings, &facts, java.value, runtime.value.0)?;
    if let Some(archive) = &archive {
        options += &format!(" {}", archive.option);
    }
    stage.env("JAVA_TOOL_OPTIONS", &options)?;
    let linked = jlink::asked(project)
        .map(|given| jlink::link(project, &facts, java.value, runtime.value.0, &given))
        .transpose()?;
    let (linked, link) = linked.map_or((None, None), |l| (Some(l.view), Some(l.decision)));
    if linked.is_some() {
        // Temurin's own images say so: names of files in any language.
        stage.env("LANG", "C.UTF-8")?;
    }
    for (name, value) in &ports.env {
        stage.env(name, value)?;
    }
    if let Package::War { .. } = facts.package {
        bases::tomcat_setup(&mut stage)?;
    }
    let mut reads = built.reads.clone();
    reads.extend(fronts.iter().flat_map(|f| f.assets.reads.iter().cloned()));
    let mut files = Vec::new();
    let mut folders: Vec<&str> = writes.iter().map(|w| w.folder.as_str()).collect();
    folders.dedup();
    for folder in folders {
        let to = escape::path(&format!("{folder}/"))?;
        let from = Safe::literal(format!("--chown={} --from=build /out/volume/", stage.user));
        files.push(Safe::join(&[from, to], " "));
        stage.volumes.push(escape::exec(&[folder])?);
    }
    for (name, value) in writes.iter().filter_map(|w| w.env.as_ref()) {
        stage.env(name, value)?;
    }
    let mut wanted: Vec<(String, String)> = arguments
        .files
        .iter()
        .map(|f| (f.clone(), paths::base(f).to_string()))
        .collect();
    let opened = opens::find(project.tree, &facts);
    wanted.extend(opened.iter().map(|o| (o.path.clone(), o.name.clone())));
    for file in &settings.files {
        if let Some(path) = paths::join(&facts.dir, file) {
            let name = file.trim_start_matches("./").trim_end_matches('/').to_string();
            wanted.push((path, name));
        }
    }
    wanted.sort_by(|a, b| a.1.cmp(&b.1));
    wanted.dedup_by(|a, b| a.1 == b.1);
    for (path, name) in wanted {
        let from = escape::path(paths::relative(&path, &facts.context))?;
        let to = if project.tree.has_dir(&path) && !project.tree.has(&path) {
            escape::path(&format!("{name}/"))?
        } else {
            escape::path(&format!("./{name}"))?
        };
        files.push(Safe::join(&[from, to], " "));
        reads.push(path);
    }

    let (command, entry) = command(project, &facts, main.as_ref());
    let cmd = if settings.command.is_some() || arguments.words.is_empty() {
        None
    } else {
        Some(escape::exec(&arguments.words)?)
    };
    let about = format!(
        "packages the program with {}; {}",
        built.tool,
        java.because.worded()
    );
    let mut packages = settings.build_packages.clone();
    packages.extend(built.node.iter().filter_map(|n| n.system).map(str::to_string));
    let world = World {
        about: escape::comment(&about),
        platform: if built.toolchain.is_none() && build::is_the_same_everywhere(project, &facts) {
            "--platform=$BUILDPLATFORM "
        } else {
            ""
        },
        builder: builder.value.clone(),
        setup: crate::plan::os_setup(crate::catalog::Family::Ubuntu, &packages, None)?,
        node: built.node.clone(),
        toolchain: built.toolchain.clone(),
        args: built.args.clone(),
        env: built.env.clone(),
        manifests: built.manifests.clone(),
        warm: built.warm.clone(),
        sources: front::without(&fronts, &facts, &built.sources),
        served: fronts.iter().map(|f| f.copy(&facts)).collect::<Result<_, _>>()?,
        run: built.run.clone(),
        jlink: linked,
        runtime: stage,
        files,
        entrypoint: escape::exec(&command)?,
        cmd,
    };
    let stages = super::stages::stages(project, &facts, java.value, main.as_ref(), &built, &world)?;
    let training = archive.as_ref().map(|a| a.training.clone());
    let own = view(&facts.package, world, training)?;
    let dockerfile: Box<dyn View> = match fronts.is_empty() {
        true => own,
        false => Box::new(Served {
            front_ends: fronts.iter().map(|f| f.assets.stages.clone()).collect(),
            own: own.text(),
        }),
    };
    let mut decisions = decisions(
        project,
        &facts,
        &java,
        &builder,
        &runtime,
        main.as_ref(),
        &arguments,
        &ports,
        &built,
        &entry,
    );
    decisions.extend(link);
    decisions.extend(built.node.iter().map(|n| n.decision.clone()));
    for front in &fronts {
        decisions.push(front.decision());
        decisions.extend(front.assets.decisions.iter().cloned());
    }
    decisions.extend(archive.iter().map(archive::Archive::decision));
    decisions.extend(opened.into_iter().map(|o| Decision {
        topic: "files",
        value: o.name,
        because: o.because,
        over: Vec::new(),
    }));
    decisions.extend(writes.iter().map(|w| Decision {
        topic: "volume",
        value: w.folder.clone(),
        because: w.because.clone(),
        over: Vec::new(),
    }));
    Ok(Plan {
        name: String::new(),
        title: title(&facts, java.value),
        entry,
        dir: project.claim.dir.clone(),
        context: facts.context.clone(),
        port: ports.port.as_ref().map(|p| p.value),
        decisions,
        warnings,
        secrets: facts
            .recipe
            .secrets
            .iter()
            .map(|s| Secret {
                flag: s.flag.into(),
                why: format!("{} {}", s.at, s.why),
            })
            .collect(),
        dockerfile,
        ignore: {
            let mut lines = ignore(project, &facts);
            for front in &fronts {
                lines.extend(front.assets.ignore.iter().cloned());
                lines.push(paths::relative(&front.assets.path, &facts.context).to_string());
            }
            lines.extend(facts.recipe.node.iter().flat_map(node::ignore));
            lines
        },
        reads,
        front_ends: {
            let own = fronts.iter().map(|f| &f.assets.dir);
            own.chain(facts.recipe.node.iter().flat_map(|n| &n.dirs))
                .cloned()
                .collect()
        },
        stages,
    })
}

fn title(facts: &Facts, java: u32) -> String {
    match &facts.framework {
        Some(found) => match &found.version {
            Some(version) => format!("Java {java}, {} {version}", found.framework.name),
            None => format!("Java {java}, {}", found.framework.name),
        },
        None => format!("Java {java}"),
    }
}

fn view(package: &Package, world: World, training: Option<Safe>) -> Result<Box<dyn View>, Diagnostic> {
    Ok(match package {
        Package::Layers { layers, launcher, .. } => Box::new(Layers {
            world,
            mode: match launcher {
                Launcher::Tools => "tools -jar /out/app.jar extract --layers --destination .",
                Launcher::New | Launcher::Old => "layertools -jar /out/app.jar extract",
            },
            layers: layers.iter().map(|l| escape::path(l)).collect::<Result<_, _>>()?,
            training,
        }),
        Package::Fat { jar, .. } => Box::new(Jar {
            world,
            file: if jar.ending == "war" { "app.war" } else { "app.jar" },
        }),
        Package::Thin {
            dependencies: Some(_),
            ..
        } => Box::new(Thin { world }),
        Package::Thin { .. } => Box::new(Jar {
            world,
            file: "app.jar",
        }),
        Package::Installed { .. } => Box::new(Installed { world }),
        Package::Quarkus { .. } => Box::new(Quarkus { world }),
        Package::War { .. } => Box::new(War { world }),
    })
}

/// The words of ENTRYPOINT, and the same in short for people.
fn command(project: &Project, facts: &Facts, main: Option<&Chosen<String>>) -> (Vec<String>, String) {
    let words = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
    if let Some(given) = &project.settings.command {
        return (given.value.clone(), given.value.join(" "));
    }
    let class = main.map_or("", |m| m.value.as_str());
    let with_class = |classpath: &str| {
        let command = vec![
            "java".to_string(),
            "-cp".into(),
            classpath.into(),
            class.to_string(),
        ];
        (command, class.to_string())
    };
    match &facts.package {
        Package::Layers { launcher, .. } => {
            let command = match launcher {
                Launcher::Tools => "java -jar app.jar",
                Launcher::New => "java org.springframework.boot.loader.launch.JarLauncher",
                Launcher::Old => "java org.springframework.boot.loader.JarLauncher",
            };
            (words(command), "app.jar".into())
        }
        Package::Fat { jar, runs: true } => {
            let file = format!("app.{}", jar.ending);
            (words(&format!("java -jar {file}")), file)
        }
        Package::Fat { .. }
        | Package::Thin {
            dependencies: None, ..
        } => with_class("app.jar"),
        Package::Thin { .. } => with_class("app.jar:lib/*"),
        Package::Installed { .. } => with_class("app/*:lib/*"),
        Package::Quarkus { .. } => (
            words(
                "java -Dquarkus.http.host=0.0.0.0 -Djava.util.logging.manager=org.jboss.logmanager.LogManager -jar quarkus-run.jar",
            ),
            "quarkus-run.jar".into(),
        ),
        Package::War { .. } => (words("catalina.sh run"), "Tomcat".into()),
    }
}

#[expect(clippy::too_many_arguments)]
fn decisions(
    project: &Project,
    facts: &Facts,
    java: &Chosen<u32>,
    builder: &Chosen<Safe>,
    runtime: &Chosen<(Runtime, Base)>,
    main: Option<&Chosen<String>>,
    arguments: &Arguments,
    ports: &Ports,
    built: &Built,
    entry: &str,
) -> Vec<Decision> {
    let plain = |topic, value: String, because: Because| Decision {
        topic,
        value,
        because,
        over: Vec::new(),
    };
    let mut all = vec![
        builder.decision("builder", builder.value.to_string()),
        runtime.decision("runtime", runtime.value.1.from()),
    ];
    all.push(match (main, &project.settings.command) {
        (_, Some(given)) => plain("start", entry.to_string(), given.because.clone()),
        (Some(main), _) => main.decision("start", main.value.clone()),
        (None, _) => plain("start", entry.to_string(), facts.packaged.clone()),
    });
    if let Some(port) = &ports.port {
        all.push(port.decision("port", port.value.to_string()));
    }
    if let Some(because) = &arguments.because {
        all.push(plain("arguments", arguments.words.join(" "), because.clone()));
    }
    let _ = java;
    all.push(plain("tool", built.tool.clone(), built.tool_because.clone()));
    all.push(built.cache.clone());
    all.push(plain("files", built.files.clone(), facts.recipe.copied.clone()));
    if let Some((path, because)) = &ports.health {
        all.push(plain("health", path.clone(), because.clone()));
    }
    for profile in &facts.recipe.profiles {
        let because = Because::at(&profile.at, "alone builds the front end");
        all.push(plain("profile", profile.value.clone(), because));
    }
    for skip in &built.skipped {
        all.push(skip.clone());
    }
    all
}

fn ignore(project: &Project, facts: &Facts) -> Vec<String> {
    let built: &[&str] = match facts.recipe.tool {
        Tool::Maven => &["target"],
        Tool::Gradle => &["build", ".gradle", ".kotlin"],
    };
    let mut lines: Vec<String> = built.iter().map(|b| format!("**/{b}")).collect();
    for name in built {
        // A package of that name is no build folder.
        let package = project.tree.under(&facts.context).any(|p| {
            let rest = paths::relative(p, &facts.context);
            let mut parts = rest.split('/').skip_while(|part| *part != "src");
            parts.next().is_some() && parts.any(|part| part == *name) && paths::base(p) != *name
        });
        if package {
            lines.push(format!("!**/src/**/{name}"));
        }
    }
    lines.extend(
        [
            "**/.classpath",
            "**/.project",
            "**/.settings",
            "**/*.iml",
            "**/hs_err_pid*",
        ]
        .map(String::from),
    );
    lines
}
