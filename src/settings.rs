//! What a person decided: flags and rdock.toml, merged for one service. Everything else is found.

use crate::decision::Because;
use crate::source::Location;
use std::collections::BTreeMap;

/// A decided value and who decided it: a flag, or a line of rdock.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<T> {
    pub value: T,
    pub because: Because,
}

/// The kind of base that the program runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Runtime {
    /// Nothing but what is copied in.
    Scratch,
    /// Alpine Linux: musl, a shell, apk.
    Alpine,
    /// A slim Debian: glibc, a shell, apt.
    Slim,
    /// Google's distroless: glibc or nothing, no shell.
    Distroless,
    /// A Java runtime on Ubuntu.
    Jre,
}

impl Runtime {
    pub const ALL: [Runtime; 5] = [
        Runtime::Distroless,
        Runtime::Slim,
        Runtime::Alpine,
        Runtime::Scratch,
        Runtime::Jre,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Runtime::Scratch => "scratch",
            Runtime::Alpine => "alpine",
            Runtime::Slim => "slim",
            Runtime::Distroless => "distroless",
            Runtime::Jre => "jre",
        }
    }
}

/// Where the work of an earlier build is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Cache {
    /// BuildKit's cache mounts: fastest where the builder lives on.
    #[default]
    Mount,
    /// Image layers alone: for CI that exports layers and loses mounts.
    Layer,
}

impl Cache {
    pub fn name(self) -> &'static str {
        match self {
            Cache::Mount => "mount",
            Cache::Layer => "layer",
        }
    }
}

/// A stage besides those that make the image, on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Stage {
    /// Runs the project's tests.
    Test,
    /// The project's own watch command, for source that is mounted or synced.
    Dev,
    /// The runtime with a shell.
    Debug,
    /// Looks for known vulnerabilities in the runtime; needs a network.
    Scan,
}

impl Stage {
    pub const ALL: [Stage; 4] = [Stage::Test, Stage::Dev, Stage::Debug, Stage::Scan];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Test => "test",
            Stage::Dev => "dev",
            Stage::Debug => "debug",
            Stage::Scan => "scan",
        }
    }

    /// Can the image be made to depend on it? A stage that is there to be started proves nothing.
    pub fn proves(self) -> bool {
        matches!(self, Stage::Test | Stage::Scan)
    }
}

/// The decisions for one service. `None` and empty mean: found by rdock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub runtime: Option<Given<Runtime>>,
    /// A whole image reference for the builder stage: `golang:1.26-trixie`.
    pub builder: Option<Given<String>>,
    /// The language's version: `1.26`, `22`, `3.12`.
    pub version: Option<Given<String>>,
    pub port: Option<Given<u16>>,
    /// The start command, word by word.
    pub command: Option<Given<Vec<String>>>,
    /// The program to build: a Go package, a Cargo binary, a Java main class, a source file.
    pub main: Option<Given<String>>,
    pub language: Option<Given<String>>,
    pub cache: Option<Given<Cache>>,
    /// An archive of what a Java program loads while it starts.
    pub aot: Option<Given<bool>>,
    /// A Java of the program's own modules, and of these; `None` inside: none is made.
    pub jlink: Option<Given<Option<Vec<String>>>>,
    pub stages: Option<Given<Vec<Stage>>>,
    /// Stages that must pass before there is an image.
    pub gate: Option<Given<Vec<Stage>>>,
    /// `linux/arm64`: what the images must be had for.
    pub platforms: Option<Given<Vec<String>>>,
    /// Operating system packages of the builder and of the runtime.
    pub build_packages: Vec<String>,
    pub runtime_packages: Vec<String>,
    /// ARG of the build stage, with a default or without.
    pub args: BTreeMap<String, String>,
    /// ENV of the runtime stage.
    pub env: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Files or folders beside the manifest that the program reads at run time.
    pub files: Vec<String>,
    pub secrets: Vec<BuildSecret>,
    /// Instructions of a person's own, in their order.
    pub lines: Vec<Lines>,
}

/// A secret that RUN instructions see and no layer keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildSecret {
    pub id: String,
    pub kind: SecretKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SecretKind {
    /// An environment variable, of the builder and in RUN.
    Env(String),
    /// A file of the builder's machine, and where RUN sees it.
    File { source: String, target: String },
}

/// Instructions at a point of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    pub stage: String,
    pub point: Point,
    pub text: String,
    /// The key in rdock.toml.
    pub at: Location,
}

/// Where in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    Start,
    BeforeLastRun,
    BeforeUser,
    End,
}

impl Point {
    pub const ALL: [(&'static str, Point); 4] = [
        ("start", Point::Start),
        ("before-last-run", Point::BeforeLastRun),
        ("before-user", Point::BeforeUser),
        ("end", Point::End),
    ];
}

impl Settings {
    /// These settings, with `below` where they say nothing. Maps and lists are joined; these win.
    pub fn over(self, below: &Settings) -> Settings {
        let Settings {
            runtime,
            builder,
            version,
            port,
            command,
            main,
            language,
            cache,
            aot,
            jlink,
            stages,
            gate,
            platforms,
            build_packages,
            runtime_packages,
            args,
            env,
            labels,
            files,
            secrets,
            lines,
        } = self;
        let lists = |own: Vec<String>, below: &[String]| {
            let mut all = below.to_vec();
            all.extend(own.into_iter().filter(|item| !below.contains(item)));
            all
        };
        let maps = |own: BTreeMap<String, String>, below: &BTreeMap<String, String>| {
            let mut all = below.clone();
            all.extend(own);
            all
        };
        Settings {
            runtime: runtime.or_else(|| below.runtime.clone()),
            builder: builder.or_else(|| below.builder.clone()),
            version: version.or_else(|| below.version.clone()),
            port: port.or_else(|| below.port.clone()),
            command: command.or_else(|| below.command.clone()),
            main: main.or_else(|| below.main.clone()),
            language: language.or_else(|| below.language.clone()),
            cache: cache.or_else(|| below.cache.clone()),
            aot: aot.or_else(|| below.aot.clone()),
            jlink: jlink.or_else(|| below.jlink.clone()),
            stages: stages.or_else(|| below.stages.clone()),
            gate: gate.or_else(|| below.gate.clone()),
            platforms: platforms.or_else(|| below.platforms.clone()),
            build_packages: lists(build_packages, &below.build_packages),
            runtime_packages: lists(runtime_packages, &below.runtime_packages),
            args: maps(args, &below.args),
            env: maps(env, &below.env),
            labels: maps(labels, &below.labels),
            files: lists(files, &below.files),
            secrets: {
                let own = |below: &&BuildSecret| !secrets.iter().any(|s| s.id == below.id);
                let mut all: Vec<BuildSecret> = below.secrets.iter().filter(own).cloned().collect();
                all.extend(secrets);
                all
            },
            lines: below.lines.iter().cloned().chain(lines).collect(),
        }
    }

    /// The stages that were asked for, and those that the image is to depend on; in their order.
    pub fn stages(&self) -> Vec<Stage> {
        let given = self.stages.iter().chain(&self.gate);
        let mut all: Vec<Stage> = given.flat_map(|g| g.value.iter().copied()).collect();
        all.sort();
        all.dedup();
        all
    }

    pub fn gate(&self) -> &[Stage] {
        self.gate.as_ref().map_or(&[], |g| &g.value)
    }

    /// How earlier work is kept; cache mounts unless somebody decided.
    pub fn cache(&self) -> Cache {
        self.cache.as_ref().map_or(Cache::Mount, |c| c.value)
    }
}
