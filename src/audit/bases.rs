//! Rules on FROM: what moves, what has ended, what is gone, and what has no place at run time.

use super::base::{Base, Support};
use super::tools;
use super::view::{View, copied};
use crate::catalog::{Libc, Variant, catalog};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::From;

/// Repositories that give no new images, by name or by the part before `/`; and what took their place.
const GONE: &[(&str, &str, &str)] = &[
    ("bitnami/minideb", "", ""),
    (
        "adoptopenjdk",
        "AdoptOpenJDK became Eclipse Temurin in 2021",
        "eclipse-temurin",
    ),
    (
        "adoptopenjdk/",
        "AdoptOpenJDK became Eclipse Temurin in 2021",
        "eclipse-temurin",
    ),
    (
        "openjdk",
        "the openjdk image is deprecated and gets no more updates of released versions",
        "eclipse-temurin",
    ),
    ("java", "the java image was replaced in 2016", "eclipse-temurin"),
    (
        "centos",
        "CentOS Linux ended, and its package mirrors are gone",
        "almalinux or rockylinux",
    ),
    ("iojs", "io.js became Node.js in 2015", "node"),
    (
        "mhart/alpine-node",
        "the repository is archived",
        "node:…-alpine…",
    ),
    ("circleci/", "CircleCI's legacy images ended in 2021", "cimg/…"),
    (
        "bitnami/",
        "Bitnami's versioned images moved away in 2025",
        "the project's own image, or bitnamilegacy/… for a short while",
    ),
    (
        "docker.io/bitnami/",
        "Bitnami's versioned images moved away in 2025",
        "the project's own image",
    ),
    (
        "tiangolo/uvicorn-gunicorn",
        "its author deprecated the image",
        "python:…-slim-… with the server as a dependency",
    ),
    (
        "tiangolo/uvicorn-gunicorn-fastapi",
        "its author deprecated the image",
        "python:…-slim-… with the server as a dependency",
    ),
    (
        "gcr.io/distroless/nodejs",
        "the name without a version was replaced",
        "gcr.io/distroless/nodejs24-debian13",
    ),
    (
        "gcr.io/distroless/java",
        "the name without a version was replaced",
        "gcr.io/distroless/java21-debian13",
    ),
    (
        "k8s.gcr.io/",
        "the registry is frozen since 2023",
        "registry.k8s.io/…",
    ),
    (
        "ekidd/rust-musl-builder",
        "the repository is archived",
        "rust:…-alpine…",
    ),
    ("clux/muslrust", "", ""),
];

/// Official images that are often written without a tag and that the catalogue does not list.
const OFFICIAL: &[&str] = &[
    "almalinux",
    "amazoncorretto",
    "amazonlinux",
    "bash",
    "buildpack-deps",
    "busybox",
    "caddy",
    "cassandra",
    "composer",
    "dart",
    "docker",
    "elixir",
    "erlang",
    "fedora",
    "gcc",
    "haproxy",
    "httpd",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nginx",
    "openjdk",
    "perl",
    "php",
    "postgres",
    "rabbitmq",
    "redis",
    "rockylinux",
    "ruby",
    "swift",
    "traefik",
];

/// FROM lines that name an image, with the stage's number.
fn images<'a>(view: &View<'a>) -> Vec<(usize, &'a From, Base)> {
    let own = view.stages().filter(|(_, s)| s.from.stage.is_none());
    own.filter_map(|(n, s)| Some((n, &s.from, Base::parse(s.from.image.as_deref()?)?)))
        .collect()
}

/// What to write instead: the newest supported line in the same flavour.
fn instead(base: &Base) -> Option<String> {
    let catalog = catalog();
    let lines = catalog.supported_lines(&base.name);
    let line = lines.iter().find(|l| l.lts).or(lines.first())?;
    let wanted = if base.alpine() {
        Variant::Alpine
    } else if base.tag_has("jre") {
        Variant::Jre
    } else if base.tag_has("slim") {
        Variant::Slim
    } else {
        Variant::Full
    };
    let tag = line
        .tags
        .iter()
        .find(|t| t.variant == wanted)
        .or(line.tags.first())?;
    Some(format!("{}:{}", base.name, tag.tag))
}

/// `python:slim` is the newest Python, whatever its version.
fn flavour_alone(name: &str, tag: &str) -> bool {
    matches!(name, "python" | "node" | "ruby" | "php")
        && matches!(tag, "slim" | "alpine" | "bookworm" | "bullseye" | "trixie")
}

pub fn moving(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, from, base) in images(view) {
        let moves = base
            .tag
            .as_deref()
            .is_none_or(|t| t == "latest" || flavour_alone(&base.name, t))
            && !base.digest;
        let named = base.name.contains('/')
            || OFFICIAL.contains(&base.name.as_str())
            || catalog().image(&base.name).is_some();
        let no_better = base.is("scratch")
            || base.name.starts_with("cgr.dev/")
            || base.distroless() && base.name.contains("-debian")
            || base.name.starts_with("localhost");
        if !moves || !named || no_better || from.written.contains('$') {
            continue;
        }
        let title = match base.tag {
            None => format!("{} has no tag, which means latest", from.written),
            Some(_) => format!("{} is another image tomorrow", from.written),
        };
        let help = match instead(&base) {
            Some(image) => format!("write `FROM {image}`"),
            None => format!("write the version: `FROM {}:<version>`", base.name),
        };
        found.push(
            Diagnostic::warning(rule, title)
                .at(
                    from.at.clone(),
                    "the same Dockerfile gives another result after the next release",
                )
                .help(help),
        );
    }
    found
}

pub fn ended(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, from, base) in images(view) {
        let Support::Ended { what, day } = &base.support else {
            continue;
        };
        let mut finding = Diagnostic::warning(rule, format!("{what} is past its end of support since {day}"))
            .at(from.at.clone(), "gets no more security updates");
        finding = finding.help(match instead(&base) {
            Some(image) => format!("move to a supported one: `{image}`"),
            None => format!("move to a supported version of {}", base.name),
        });
        found.push(finding);
    }
    found
}

pub fn gone(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, from, base) in images(view) {
        let hit = GONE
            .iter()
            .find(|(name, ..)| base.name == *name || name.ends_with('/') && base.name.starts_with(name));
        if let Some((_, why, instead)) = hit
            && !why.is_empty()
        {
            found.push(
                Diagnostic::warning(rule, format!("{} is gone: {why}", base.name))
                    .at(from.at.clone(), "no updates, and one day no image")
                    .help(format!("use {instead}")),
            );
        }
    }
    found
}

/// Commands that make a program out of source, and what they need.
fn compiles(program: &str, args: &[String]) -> Option<&'static str> {
    let has = |word: &str| args.iter().any(|a| a == word);
    match program {
        // `go install tool@version` fetches a tool and builds nothing of the project.
        "go" | "cargo" if args.iter().any(|a| a.contains('@')) => None,
        "go" if has("build") || has("install") => Some("the Go toolchain"),
        "cargo" if has("build") || has("install") => Some("the Rust toolchain"),
        "mvn" | "mvnw" if ["package", "install", "verify"].iter().any(|g| has(g)) => {
            Some("the JDK and Maven")
        }
        "gradle" | "gradlew"
            if ["build", "assemble", "bootJar", "jar", "shadowJar"]
                .iter()
                .any(|g| has(g)) =>
        {
            Some("the JDK and Gradle")
        }
        _ => None,
    }
}

/// Start commands that compile.
fn compiles_at_start(words: &[String]) -> Option<&'static str> {
    let has = |word: &str| words[1..].iter().any(|a| a == word);
    match words[0].rsplit('/').next().unwrap_or("") {
        "go" if has("run") => Some("the Go toolchain"),
        "cargo" if has("run") => Some("the Rust toolchain"),
        "mvn" | "mvnw"
            if words
                .iter()
                .any(|w| w.contains("spring-boot:run") || w.contains("exec:java")) =>
        {
            Some("the JDK and Maven")
        }
        "gradle" | "gradlew" if has("bootRun") || has("run") => Some("the JDK and Gradle"),
        _ => None,
    }
}

const COMPILERS: &[&str] = &["build-essential", "build-base", "gcc", "g++"];

pub fn toolchain(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let Some(base) = view.runtime() else {
        return Vec::new();
    };
    let start = view.start_words();
    let last = view.file.last();
    if let Some(words) = &start
        && let Some(what) = compiles_at_start(words)
    {
        let place = view
            .start()
            .cmd
            .or(view.start().entrypoint)
            .expect("a start has words");
        return vec![
            Diagnostic::warning(
                rule,
                format!("the container compiles at every start, and {what} ships with it"),
            )
            .at(
                place.at.clone(),
                "slow to start, needs the network, and a compiler is there for an intruder",
            )
            .help("compile in a RUN of a build stage, and copy the result into a small last stage"),
        ];
    }
    let language = matches!(
        base.name.as_str(),
        "golang" | "rust" | "maven" | "gradle" | "eclipse-temurin" | "openjdk"
    );
    let all = view.runs(view.file.stages.len() - 1);
    if language
        && start
            .as_ref()
            .is_none_or(|w| !matches!(w[0].as_str(), "go" | "cargo" | "mvn" | "gradle"))
    {
        let hit = all
            .iter()
            .find_map(|(i, c)| Some((i, c, compiles(c.program(), c.args())?)));
        if let Some((i, command, what)) = hit {
            return vec![
                Diagnostic::warning(rule, format!("{what} and the source ship with the program"))
                    .at(i.place_of(command), "hundreds of megabytes that the program never uses")
                    .help(format!(
                        "name this stage (`FROM {} AS build`), and end with a stage of the program alone: `FROM <small base>`, `COPY --from=build …`",
                        last.from.written
                    )),
            ];
        }
    }
    compilers(rule, view)
}

/// A C compiler for packages that are compiled on install, left in the image.
fn compilers(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let all = view.runs(view.file.stages.len() - 1);
    let uses = all
        .iter()
        .position(|(_, c)| tools::install(c).is_some_and(|(t, _)| t.id != "go"));
    let Some(uses) = uses else { return Vec::new() };
    let installs = |c: &crate::dockerfile::Command| {
        let adds = matches!(c.program(), "apt-get" | "apt") && c.args().iter().any(|a| a == "install")
            || c.program() == "apk" && c.args().iter().any(|a| a == "add");
        let kept = !c.args().iter().any(|a| a.starts_with("--virtual") || a == "-t");
        (adds && kept)
            .then(|| c.args().iter().find(|a| COMPILERS.contains(&a.as_str())).cloned())
            .flatten()
    };
    for (i, command) in &all[..=uses] {
        let Some(package) = installs(command) else {
            continue;
        };
        let removed = |w: &str| ["purge", "remove", "autoremove", "del"].contains(&w);
        if all.iter().any(|(_, c)| {
            matches!(c.program(), "apt-get" | "apt" | "apk") && c.args().iter().any(|a| removed(a))
        }) {
            continue;
        }
        return vec![
            Diagnostic::warning(rule, format!("{package} is in the image that runs"))
                .at(i.place_of(command), "needed to install packages, and never again")
                .help("install the packages in a build stage (`FROM … AS build`), and copy the installed ones into the last: `COPY --from=build …`"),
        ];
    }
    Vec::new()
}

pub fn jdk(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed || !toolchain(rule, view).is_empty() {
        return Vec::new();
    }
    let Some(base) = view.runtime() else {
        return Vec::new();
    };
    let jdk = match base.name.as_str() {
        "eclipse-temurin" => !base.tag().contains("jre") && base.tag.is_some(),
        "openjdk" => !base.tag().contains("jre"),
        "maven" | "gradle" => true,
        _ => false,
    };
    let Some(words) = view.start_words() else {
        return Vec::new();
    };
    let starts_java = words[0].rsplit('/').next() == Some("java");
    let needs = |w: &str| {
        ["jlink", "jcmd", "jmap", "jstack", "javac", "jdk."]
            .iter()
            .any(|t| w.contains(t))
    };
    let own = view.runs(view.file.stages.len() - 1);
    if !jdk
        || !starts_java
        || words.iter().any(|w| needs(w))
        || own.iter().any(|(_, c)| c.words.iter().any(|w| needs(w)))
    {
        return Vec::new();
    }
    let from = view.file.stages[view.shipped[0]].from.at.clone();
    let major = super::base::version(base.tag()).first().copied();
    let catalog = catalog();
    let line = catalog
        .supported_lines("eclipse-temurin")
        .into_iter()
        .find(|l| Some(l.version.clone()) == major.map(|m| m.to_string()));
    let jre = line.and_then(|l| {
        l.tags.iter().find(|t| {
            t.variant == Variant::Jre && (base.libc != Some(Libc::Musl) || t.suite.starts_with("alpine"))
        })
    });
    let help = match jre {
        Some(tag) => format!("write `FROM eclipse-temurin:{}`", tag.tag),
        None => "take the JRE of the same version, as in `eclipse-temurin:21-jre-noble`".into(),
    };
    vec![
        Diagnostic::warning(rule, "the image runs Java on a JDK")
            .at(
                from,
                "compiler and tools that a running program does not use, about 200 MB",
            )
            .help(help),
    ]
}

/// `COPY --from` of an image with a moving tag is [`moving`] too, but a stage that was misspelt is
/// worse: it is pulled from a registry.
pub fn unknown_stage(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (n, stage) in view.stages() {
        for i in &stage.instructions {
            let Some(from) = copied(i).and_then(|c| c.from) else {
                continue;
            };
            let plain = !from.contains(['/', ':', '$', '.', '@']);
            match view.file.stage(from) {
                Some(earlier) if earlier < n => {}
                Some(_) => found.push(
                    Diagnostic::error(rule, format!("--from={from} names a stage that comes later"))
                        .at(i.at.clone(), "the build fails")
                        .help(format!("move stage {from} above this one")),
                ),
                None if plain => {
                    let names = view.file.stages[..n].iter().filter_map(|s| s.name.as_deref());
                    let near = names.filter(|s| near(s, &from.to_lowercase())).min();
                    if let Some(near) = near {
                        found.push(
                            Diagnostic::error(rule, format!("no stage is named {from}"))
                                .at(i.at.clone(), "Docker looks for an image of this name instead")
                                .help(format!("write --from={near}")),
                        );
                    }
                }
                None => {}
            }
        }
    }
    found
}

/// One letter too many, too few, changed, or two swapped.
fn near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a[start..]
        .iter()
        .rev()
        .zip(b[start.min(b.len())..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (left, right) = (a.len() - start - end, b.len() - start - end);
    left <= 1 && right <= 1 || left == 2 && right == 2 && a[start] == b[start + 1] && a[start + 1] == b[start]
}
