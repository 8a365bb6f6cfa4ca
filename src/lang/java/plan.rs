//! Choices for one Java program.

use super::build::{self, Built};
use super::facts::{Facts, Launcher, Package, Tomcat, Tool, Wrapper};
use super::ports::{self, Ports};
use super::start::{self, Arguments};
use super::tables::GLIBC_ONLY;
use super::version;
use super::view::{Installed, Jar, Layers, Quarkus, Thin, War, World};
use super::writes;
use crate::catalog::{Base, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Because, Chosen, Decision, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Plan, RuntimeStage, Secret, View};
use crate::settings::Runtime;

/// Ubuntu's suites with Temurin's images, newest long-term one first: builder and runtime share it.
const SUITES: &[&str] = &["noble", "jammy", "focal"];
const ALPINES: &[&str] = &["alpine3.24", "alpine3.23", "alpine3.22"];
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
    warnings.extend(version::ended(project.catalog, &java));
    let runtime = runtime(project, &facts, java.value)?;
    let base = runtime.value.1;
    let builder = builder(project, &facts, &java)?;
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
    stage.env("JAVA_TOOL_OPTIONS", &options)?;
    for (name, value) in &ports.env {
        stage.env(name, value)?;
    }
    if let Package::War { .. } = facts.package {
        tomcat_setup(&mut stage)?;
    }
    let mut reads = built.reads.clone();
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
    for file in &settings.files {
        if let Some(path) = paths::join(&facts.dir, file) {
            let name = file.trim_start_matches("./").trim_end_matches('/').to_string();
            wanted.push((path, name));
        }
    }
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
    let world = World {
        about: escape::comment(&about),
        builder: builder.value.clone(),
        setup: crate::plan::os_setup(crate::catalog::Family::Ubuntu, &settings.build_packages, None)?,
        toolchain: built.toolchain.clone(),
        args: built.args.clone(),
        env: built.env.clone(),
        manifests: built.manifests.clone(),
        warm: built.warm.clone(),
        sources: built.sources.clone(),
        run: built.run.clone(),
        runtime: stage,
        files,
        entrypoint: escape::exec(&command)?,
        cmd,
    };
    let dockerfile = view(&facts.package, world)?;
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
                flag: s.flag,
                why: format!("{} {}", s.at, s.why),
            })
            .collect(),
        dockerfile,
        ignore: ignore(project, &facts),
        reads,
        front_ends: Vec::new(),
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

fn view(package: &Package, world: World) -> Result<Box<dyn View>, Diagnostic> {
    Ok(match package {
        Package::Layers { layers, launcher, .. } => Box::new(Layers {
            world,
            mode: match launcher {
                Launcher::Tools => "tools -jar /out/app.jar extract --layers --destination .",
                Launcher::New | Launcher::Old => "layertools -jar /out/app.jar extract",
            },
            layers: layers.iter().map(|l| escape::path(l)).collect::<Result<_, _>>()?,
        }),
        Package::Fat { jar, .. } => Box::new(Jar {
            world,
            file: if jar.ending == "war" { "app.war" } else { "app.jar" },
        }),
        Package::Thin {
            dependencies: true, ..
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
            dependencies: false, ..
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

/// Tomcat on a read-only root: sessions and pages are worked on below /tmp, logs go to the console.
fn tomcat_setup(stage: &mut RuntimeStage) -> Result<(), Diagnostic> {
    const LINES: &[&str] = &[
        "mkdir -p conf/Catalina/localhost",
        r#"sed -i -e '/AccessLogValve/,/\/>/d' -e 's|<Host name="localhost"|& workDir="/tmp/work"|' conf/server.xml"#,
        "sed -i -e 's/[0-9][a-z-]*\\.org\\.apache\\.juli\\.AsyncFileHandler/java.util.logging.ConsoleHandler/g' \\\n        -e '/^handlers *=/s/=.*/= java.util.logging.ConsoleHandler/' conf/logging.properties",
    ];
    let lines = LINES.join(" \\\n    && ");
    stage.setup = Some(match stage.setup.take() {
        Some(setup) => format!("{setup} \\\n    && {lines}"),
        None => format!("RUN {lines}"),
    });
    stage.env("CATALINA_TMPDIR", "/tmp")
}

fn runtime(project: &Project, facts: &Facts, java: u32) -> Result<Chosen<(Runtime, Base)>, Diagnostic> {
    let catalog = project.catalog;
    let version = java.to_string();
    let asked = project.settings.runtime.as_ref();
    let scratch = Candidate::impossible(Runtime::Scratch, "a JVM needs libc and its own files");
    let slim = Candidate::impossible(
        Runtime::Slim,
        "there is no official image of a JRE on slim Debian",
    );
    if let Package::War { tomcat, .. } = &facts.package {
        let (line, api) = match tomcat.value {
            Tomcat::V9 => ("9.0", "javax.servlet"),
            Tomcat::V10 => ("10.1", "jakarta.servlet up to 6.0"),
            Tomcat::V11 => ("11.0", "jakarta.servlet 6.1"),
        };
        let base = catalog.base("tomcat", &format!("{line}-jre{version}"), Variant::Jre, SUITES[0]);
        let why = Because::at(&tomcat.at, format!("wants {api}, which Tomcat {line} has"));
        let jre = match base {
            Some(base) => Candidate::possible(Runtime::Jre, base, "a war needs a servlet container"),
            None => Candidate::impossible(
                Runtime::Jre,
                format!("there is no image of Tomcat {line} on Java {java}"),
            ),
        };
        let other = |r| {
            Candidate::impossible(
                r,
                "the war needs a servlet container, and Tomcat's image is on Ubuntu",
            )
        };
        let all = vec![
            jre,
            other(Runtime::Distroless),
            other(Runtime::Alpine),
            slim,
            scratch,
        ];
        let mut chosen = choose::runtime(all, asked)?;
        if asked.is_none() {
            chosen.because = why;
        }
        return Ok(chosen);
    }
    let jre = SUITES
        .iter()
        .find_map(|s| catalog.base("eclipse-temurin", &version, Variant::Jre, s));
    let jre = match jre {
        Some(base) => Candidate::possible(
            Runtime::Jre,
            base,
            "Temurin's JRE has certificates, time zones and fonts, on every architecture",
        ),
        None => Candidate::impossible(Runtime::Jre, format!("there is no image of a JRE {java}")),
    };
    let distroless = catalog.base(
        &format!("gcr.io/distroless/java{java}-debian13"),
        "",
        Variant::Nonroot,
        "debian13",
    );
    let distroless = match distroless {
        Some(base) => Candidate::possible(
            Runtime::Distroless,
            base,
            "a JRE without a shell and without fonts",
        ),
        None => Candidate::impossible(Runtime::Distroless, format!("it has no image of Java {java}")),
    };
    let alpine = ALPINES
        .iter()
        .find_map(|s| catalog.base("eclipse-temurin", &version, Variant::Jre, s));
    let native = facts
        .artifacts
        .iter()
        .find(|a| GLIBC_ONLY.iter().any(|g| a.starts_with(g)));
    let alpine = match (alpine, native) {
        (_, Some(native)) => Candidate::impossible(
            Runtime::Alpine,
            format!("{native} brings native code for glibc, and Alpine has musl"),
        ),
        (Some(base), None) if java < 21 => {
            Candidate::possible(Runtime::Alpine, base, "smaller, musl, and for amd64 alone")
        }
        (Some(base), None) => Candidate::possible(
            Runtime::Alpine,
            base,
            "smaller, but native code in jars often wants glibc",
        ),
        (None, None) => Candidate::impossible(Runtime::Alpine, format!("there is no image of Java {java}")),
    };
    choose::runtime(vec![jre, distroless, alpine, slim, scratch], asked)
}

/// The image of the build stage. The wrapper brings its own tool, so a JDK is enough for it.
fn builder(project: &Project, facts: &Facts, java: &Chosen<u32>) -> Result<Chosen<Safe>, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return Ok(Chosen::new(escape::path(&given.value)?, given.because.clone()));
    }
    let catalog = project.catalog;
    let wanted = build::runs_on(facts, java.value);
    let jdk = |v: u32| {
        SUITES
            .iter()
            .find_map(|s| catalog.base("eclipse-temurin", &v.to_string(), Variant::Jdk, s))
    };
    let tool = |v: u32| match facts.recipe.tool {
        Tool::Maven => SUITES
            .iter()
            .find_map(|s| catalog.base("maven", &format!("3.9-eclipse-temurin-{v}"), Variant::Jdk, s)),
        Tool::Gradle => build::gradle_majors(facts).iter().find_map(|major| {
            SUITES
                .iter()
                .find_map(|s| catalog.base("gradle", &format!("{major}-jdk{v}"), Variant::Jdk, s))
        }),
    };
    let usable = matches!(facts.recipe.wrapper, Wrapper::Usable { .. });
    let found = if usable {
        jdk(wanted)
    } else {
        (wanted..wanted + 10).find_map(tool)
    };
    let base = found.ok_or_else(|| {
        Diagnostic::error(
            &rules::NO_VERSION,
            format!(
                "there is no image of {} with Java {wanted}",
                facts.recipe.tool.name()
            ),
        )
        .help("name a builder image with --builder")
    })?;
    let mut over = java.over.clone();
    if usable && let Some(other) = tool(wanted) {
        over.push(Rejected::possible(
            other.from(),
            format!("has another {} than the wrapper", facts.recipe.tool.name()),
        ));
    }
    Ok(Chosen::new(Safe::literal(base.from()), java.because.clone()).over(over))
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
