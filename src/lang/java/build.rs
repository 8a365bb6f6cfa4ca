//! The build stage: which command, with which files before it, and how its result gets into /out.

use super::bases::SUITES;
use super::facts::{Artifact, Facts, Input, Package, Tool, Wrapper};
use super::maven::boot::numbers;
use super::node::{self, Node};
use super::rules;
use super::tables::{JAVA_FOR_GRADLE, SKIPPED, SKIPPED_TASKS};
use crate::catalog::Variant;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::settings::Cache;

pub struct Built {
    /// `the project's wrapper`, `Maven`
    pub tool: String,
    pub tool_because: Because,
    pub toolchain: Option<Safe>,
    pub args: Vec<Safe>,
    pub env: Vec<Safe>,
    pub manifests: Vec<Safe>,
    pub warm: Option<Safe>,
    pub sources: Vec<Safe>,
    pub run: Safe,
    pub reads: Vec<String>,
    pub cache: Decision,
    /// What is copied, in a few words.
    pub files: String,
    pub skipped: Vec<Decision>,
    /// `./mvnw`, the arguments of every call, and the fields of its mounts.
    pub program: &'static str,
    pub words: Vec<String>,
    pub mounts: Vec<Safe>,
    pub node: Option<Node>,
}

const MAVEN_MOUNT: &str = "--mount=type=cache,target=/root/.m2,sharing=locked";
const GRADLE_HOME: &str = "/cache/gradle";
const GRADLE_MOUNT: &str = "--mount=type=cache,id=gradle,target=/cache/gradle,sharing=locked";

pub fn build(
    project: &Project,
    facts: &Facts,
    java: u32,
    main: Option<&Chosen<String>>,
    more: &'static str,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Built, Diagnostic> {
    let settings = project.settings;
    let recipe = &facts.recipe;
    let layer = settings.cache() == Cache::Layer;
    let program = match (&recipe.wrapper, recipe.tool) {
        (Wrapper::Usable { .. }, Tool::Maven) => "./mvnw",
        (Wrapper::Usable { .. }, Tool::Gradle) => "./gradlew",
        (_, Tool::Maven) => "mvn",
        (_, Tool::Gradle) => "gradle",
    };
    let runs = runs_on(facts, java);
    let toolchain = recipe
        .toolchain
        .filter(|wanted| *wanted != runs)
        .map(|wanted| Safe::literal(toolchain_image(project, wanted)));
    let mut words = recipe.arguments.clone();
    words.extend(recipe.selection.iter().cloned());
    let node = node::choose(project, facts)?;
    words.extend(node.iter().flat_map(|n| n.words.iter().cloned()));
    if toolchain.is_some() {
        words.push("-Porg.gradle.java.installations.paths=/opt/java/toolchain".into());
    }
    if let (Package::Layers { .. }, Some(main), Tool::Maven) = (&facts.package, main, recipe.tool) {
        words.push(format!("-Dstart-class={}", main.value));
    }
    let call = |goals: &[String]| -> Result<Safe, Diagnostic> {
        let words: Vec<Safe> = words
            .iter()
            .chain(goals)
            .map(|w| escape::shell(w))
            .collect::<Result<_, _>>()?;
        Ok(Safe::join(
            &[Safe::literal(program), Safe::join(&words, " ")],
            " ",
        ))
    };
    let mut mounts = Vec::new();
    if !layer {
        mounts.push(Safe::literal(match recipe.tool {
            Tool::Maven => MAVEN_MOUNT,
            Tool::Gradle => GRADLE_MOUNT,
        }));
        mounts.extend(node.iter().map(|_| Safe::literal(node::MOUNT)));
    }
    for secret in &recipe.secrets {
        mounts.push(Safe::literal(format!("--mount=type=secret,{}", secret.mount)));
    }
    let mounted = |command: Safe| {
        let mut parts = mounts.clone();
        parts.push(command);
        Safe::join(&parts, " \\\n    ")
    };
    let mut steps = vec![call(&recipe.goals)?];
    steps.extend(collect(facts, warnings)?);
    if !more.is_empty() {
        steps.push(Safe::literal(more));
    }
    let run = mounted(Safe::join(&steps, " \\\n    && "));
    let warm = if layer && !recipe.warm.is_empty() {
        Some(mounted(call(&recipe.warm)?))
    } else {
        None
    };

    let everything = recipe.sources.iter().any(|s| s.from == ["."]);
    let mut reads = Vec::new();
    let copied = |inputs: &[Input], reads: &mut Vec<String>| -> Result<Vec<Safe>, Diagnostic> {
        let mut lines = Vec::new();
        for input in inputs {
            for path in input.from.iter().filter(|p| *p != ".") {
                let path = path.trim_end_matches('/');
                reads.extend(paths::join(&facts.context, path));
            }
            lines.push(copy(input)?);
        }
        Ok(lines)
    };
    // Where all is copied anyway, only what must come first or be made executable has its own COPY.
    let first: Vec<Input> = recipe
        .manifests
        .iter()
        .filter(|i| !everything || layer || i.executable)
        .cloned()
        .collect();
    let manifests = copied(&first, &mut reads)?;
    let mut sources = copied(&recipe.sources, &mut reads)?;
    let mut manifests = manifests;
    if everything && !layer {
        // The script after the rest, so that its mode stays.
        sources.append(&mut manifests);
    } else if everything {
        sources.extend(
            first
                .iter()
                .filter(|i| i.executable)
                .map(copy)
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    let mut env = Vec::new();
    if recipe.tool == Tool::Gradle {
        env.push(Safe::literal(format!("GRADLE_USER_HOME={GRADLE_HOME}")));
    }
    env.extend(node.iter().map(|_| Safe::literal(node::CERTIFICATES)));
    let mut args = Vec::new();
    for (name, value) in &settings.args {
        args.push(Safe::join(&[escape::name(name)?, escape::quoted(value)?], "="));
    }
    let (tool, tool_because) = tool(facts);
    Ok(Built {
        tool,
        tool_because,
        toolchain,
        args,
        env,
        manifests,
        warm,
        sources,
        run,
        reads,
        cache: cache(project, recipe.tool),
        files: if everything {
            "the whole folder".into()
        } else {
            "build files and sources".into()
        },
        skipped: skipped(facts),
        program,
        mounts: mounts
            .iter()
            .map(|m| Safe::literal(m.as_str().trim_start_matches("--mount=")))
            .collect(),
        words,
        node,
    })
}

/// The image that a toolchain's JDK is taken from. A line between those with long-term support has
/// no tag that is kept for every system.
fn toolchain_image(project: &Project, java: u32) -> String {
    let base = SUITES.iter().find_map(|s| {
        project
            .catalog
            .base("eclipse-temurin", &java.to_string(), Variant::Jdk, s)
    });
    base.map_or_else(|| format!("eclipse-temurin:{java}-jdk"), |base| base.from())
}

fn copy(input: &Input) -> Result<Safe, Diagnostic> {
    let mut parts = Vec::new();
    if input.executable {
        parts.push(Safe::literal("--chmod=0755"));
    }
    for path in &input.from {
        parts.push(escape::path(path)?);
    }
    parts.push(escape::path(&input.to)?);
    Ok(Safe::join(&parts, " "))
}

/// What a build says that puts something of the machine that it runs on into the program.
const OF_ITS_MACHINE: &[&str] = &[
    "javacpp.platform",
    "javafx",
    "native-image",
    "org.graalvm",
    "os.detected",
    "osdetector",
    "skiko",
];

/// Is the result bytecode and nothing else? Then it is made once for all platforms.
pub fn is_the_same_everywhere(project: &Project, facts: &Facts) -> bool {
    let builds = project.tree.under(&facts.context).filter(|path| {
        let name = paths::base(path);
        name == "pom.xml"
            || [".gradle", ".gradle.kts", ".versions.toml"]
                .iter()
                .any(|e| name.ends_with(e))
    });
    !builds
        .filter_map(|path| project.tree.text(path))
        .any(|source| OF_ITS_MACHINE.iter().any(|word| source.text.contains(word)))
}

/// The JDK that runs the build tool: the program's own, unless the tool wants a newer one.
pub fn runs_on(facts: &Facts, java: u32) -> u32 {
    let (Tool::Gradle, Wrapper::Usable { version, .. }) = (facts.recipe.tool, &facts.recipe.wrapper) else {
        return java;
    };
    let needs = JAVA_FOR_GRADLE
        .iter()
        .filter(|(gradle, _)| numbers(version) >= *gradle)
        .map(|(_, java)| *java)
        .max();
    let highest = facts.highest.as_ref().map_or(java, |h| h.value);
    java.max(needs.unwrap_or(0)).min(highest.max(needs.unwrap_or(0)))
}

/// The Gradle whose image is taken where the project has no wrapper, best first: plugins of older
/// frameworks do not know the newest one.
pub fn gradle_majors(facts: &Facts) -> &'static [&'static str] {
    let old = facts.framework.as_ref().is_some_and(|f| {
        let version = f.version.as_deref().map_or((0, 0), numbers);
        f.framework.name == "Spring Boot" && version > (0, 0) && version < (3, 5)
    });
    let version = match &facts.recipe.wrapper {
        Wrapper::Broken(_) => 8,
        _ => 9,
    };
    if old || version == 8 {
        &["8", "9"]
    } else {
        &["9", "8"]
    }
}

/// What puts the build's result into /out.
fn collect(facts: &Facts, warnings: &mut Vec<Diagnostic>) -> Result<Vec<Safe>, Diagnostic> {
    let out = || Safe::literal("mkdir -p /out");
    let one = |artifact: &Artifact, warnings: &mut Vec<Diagnostic>| -> Result<Vec<Safe>, Diagnostic> {
        let target = format!("/out/app.{}", artifact.ending);
        if let Some(name) = &artifact.name {
            let from = escape::shell(&format!("{}/{name}", artifact.dir))?;
            return Ok(vec![Safe::join(
                &[Safe::literal("cp"), from, Safe::literal(target)],
                " ",
            )]);
        }
        warnings.push(
            Diagnostic::warning(
                &rules::GUESSED_ARTIFACT,
                format!(
                    "the name of the {} in {} is only known to the build",
                    artifact.ending, artifact.dir
                ),
            )
            .help("set a fixed name in the build (`finalName`), or see to it that only one file fits"),
        );
        only_one(artifact)
    };
    Ok(match &facts.package {
        Package::Layers { jar, .. }
        | Package::Fat { jar, .. }
        | Package::Thin {
            jar,
            dependencies: None,
        } => {
            let mut steps = vec![out()];
            steps.extend(one(jar, warnings)?);
            steps
        }
        Package::Thin {
            jar,
            dependencies: Some(lib),
        } => {
            let lib = escape::shell(lib)?;
            let mut steps = vec![
                Safe::join(&[Safe::literal("mkdir -p /out"), lib.clone()], " "),
                Safe::join(&[Safe::literal("cp -r"), lib, Safe::literal("/out/lib")], " "),
            ];
            steps.extend(one(jar, warnings)?);
            steps
        }
        Package::War { war, .. } => {
            let mut steps = vec![out()];
            steps.extend(one(war, warnings)?);
            steps
        }
        Package::Quarkus { app } => vec![
            out(),
            Safe::join(
                &[
                    Safe::literal("cp -r"),
                    escape::shell(&format!("{app}/."))?,
                    Safe::literal("/out/"),
                ],
                " ",
            ),
        ],
        Package::Installed { lib } => {
            let lib = escape::shell(lib)?;
            vec![
                Safe::literal("mkdir -p /out/app"),
                Safe::join(&[Safe::literal("cp -r"), lib, Safe::literal("/out/lib")], " "),
                // The project's own jars change with every edit, the others seldom.
                Safe::literal(
                    "find . -path '*/build/libs/*.jar' -exec sh -c 'test ! -e \"/out/lib/${1##*/}\" || mv \"/out/lib/${1##*/}\" /out/app/' sh {} \\;",
                ),
            ]
        }
    })
}

/// The only file that fits, or a failed build.
fn only_one(artifact: &Artifact) -> Result<Vec<Safe>, Diagnostic> {
    let dir = escape::shell(&artifact.dir)?;
    let ending = artifact.ending;
    let suffix = escape::shell(&artifact.suffix)?;
    let suffix = if artifact.suffix.is_empty() {
        Safe::literal("")
    } else {
        suffix
    };
    let text = format!(
        "for file in {dir}/*{suffix}.{ending}; do \\\n        \
         case \"$file\" in *-sources.*|*-javadoc.*|*-tests.*|*-plain.*|*/original-*) continue ;; esac; \\\n        \
         test ! -e /out/app.{ending} || exit 1; \\\n        \
         cp \"$file\" /out/app.{ending} || exit 1; \\\n    \
         done \\\n    \
         && test -e /out/app.{ending}"
    );
    Ok(vec![Safe::literal(text)])
}

fn tool(facts: &Facts) -> (String, Because) {
    let name = facts.recipe.tool.name();
    match &facts.recipe.wrapper {
        Wrapper::Usable { version, at } => (
            "the project's wrapper".into(),
            Because::at(at, format!("pins {name} {version}").trim_end().to_string()),
        ),
        Wrapper::Absent => (
            name.into(),
            Because::rule("the project has no wrapper, so the tool comes with the image"),
        ),
        Wrapper::Broken(warning) => (name.into(), Because::rule(warning.title.clone())),
    }
}

fn cache(project: &Project, tool: Tool) -> Decision {
    let name = tool.name();
    let (value, text) = match project.settings.cache() {
        Cache::Mount => (
            "mount",
            format!("{name}'s downloads stay in a cache mount, so an edit downloads nothing"),
        ),
        Cache::Layer => (
            "layer",
            format!("{name}'s downloads stay in a layer that CI can export"),
        ),
    };
    Decision {
        topic: "cache",
        value: value.into(),
        because: match &project.settings.cache {
            Some(given) => given.because.clone(),
            None => Because::rule(text),
        },
        over: Vec::new(),
    }
}

fn skipped(facts: &Facts) -> Vec<Decision> {
    let mut found: Vec<Decision> = Vec::new();
    for skip in SKIPPED {
        let used = facts.recipe.selection.iter().any(|s| s == skip.argument);
        if used && !found.iter().any(|d| d.value == skip.argument) {
            found.push(Decision {
                topic: "skipped",
                value: skip.argument.into(),
                because: Because::rule(format!("{} {}, which no image needs", skip.plugin, skip.why)),
                over: Vec::new(),
            });
        }
    }
    for skip in SKIPPED_TASKS {
        let words = facts.recipe.selection.iter();
        for task in words.filter(|w| w.rsplit(':').next() == Some(skip.task)) {
            found.push(Decision {
                topic: "skipped",
                value: format!("-x {task}"),
                because: Because::rule(format!("{} {}, which no image needs", skip.plugin, skip.why)),
                over: Vec::new(),
            });
        }
    }
    found
}
