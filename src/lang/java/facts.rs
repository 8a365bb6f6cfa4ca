//! What was found out about one program, the same for Maven and Gradle.

use super::config::Config;
use super::sources::Main;
use super::tables::Framework;
use super::version::Ask;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// One program and how it is built.
pub struct Facts {
    /// Folder of the module.
    pub dir: String,
    /// Folder that Maven or Gradle is started in, and the build context.
    pub context: String,
    pub asks: Vec<Ask>,
    /// The newest Java that the build tool runs on.
    pub highest: Option<Sourced<u32>>,
    pub recipe: Recipe,
    pub package: Package,
    /// Why it is packaged so.
    pub packaged: Because,
    pub framework: Option<Found>,
    /// Does a server listen?
    pub web: bool,
    pub config: Config,
    pub files: Vec<Arc<Source>>,
    /// The class that the build or a Procfile names.
    pub declared: Option<Sourced<String>>,
    pub mains: Vec<Main>,
    /// Arguments after the class, and who says so.
    pub arguments: Option<(Vec<String>, Because)>,
    /// Names of the artifacts that the program is made of.
    pub artifacts: Vec<String>,
    pub warnings: Vec<Diagnostic>,
}

/// A framework with its version, where the project says one.
pub struct Found {
    pub framework: &'static Framework,
    pub version: Option<String>,
    pub at: Location,
}

/// A file that the build makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// Its folder, from the context.
    pub dir: String,
    /// `None` where only the build knows it.
    pub name: Option<String>,
    /// `jar` or `war`.
    pub ending: &'static str,
    /// What its name ends with before that, for one whose whole name only the build knows: `-exec`.
    pub suffix: String,
}

/// What the build makes, and so how it is started.
#[derive(Clone, Debug, PartialEq)]
pub enum Package {
    /// Spring Boot's jar, which can be taken apart into layers.
    Layers {
        jar: Artifact,
        layers: Vec<String>,
        launcher: Launcher,
    },
    /// A jar or war with everything in it. `runs` is false where its manifest names no main class.
    Fat { jar: Artifact, runs: bool },
    /// A jar that needs its dependencies beside it: the folder in which the build collects them.
    Thin {
        jar: Artifact,
        dependencies: Option<String>,
    },
    /// Gradle's `installDist`: a folder with all jars.
    Installed { lib: String },
    /// Quarkus' own layout, from the context.
    Quarkus { app: String },
    /// A war for a servlet container.
    War { war: Artifact, tomcat: Sourced<Tomcat> },
}

/// How Spring Boot's jar is taken apart and started: it changed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launcher {
    /// From 3.3: `-Djarmode=tools`, a thin jar.
    Tools,
    /// 3.2: `-Djarmode=layertools` and the new name of the launcher.
    New,
    /// Before: `-Djarmode=layertools` and its old name.
    Old,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tomcat {
    /// javax.servlet
    V9,
    /// jakarta.servlet 5 and 6.0
    V10,
    /// jakarta.servlet 6.1
    V11,
}

/// How it is built.
pub struct Recipe {
    pub tool: Tool,
    pub wrapper: Wrapper,
    /// Arguments of every call, in order.
    pub arguments: Vec<String>,
    /// Which modules, and what to leave out.
    pub selection: Vec<String>,
    /// `package`, `:app:bootJar`.
    pub goals: Vec<String>,
    /// What resolves the dependencies without the sources; empty where nothing can.
    pub warm: Vec<String>,
    /// Copied first: the build files.
    pub manifests: Vec<Input>,
    /// Copied second: the sources.
    pub sources: Vec<Input>,
    /// A JDK that compiles where the one that runs the tool must be another.
    pub toolchain: Option<u32>,
    pub secrets: Vec<SecretMount>,
    /// Why these files and no others.
    pub copied: Because,
    pub node: Option<NodeRun>,
    /// Maven's profiles that have to be asked for, as the front end is built in no other.
    pub profiles: Vec<Sourced<String>>,
}

/// Node.js that a plugin of the build runs.
pub struct NodeRun {
    /// `frontend-maven-plugin`
    pub by: &'static str,
    pub at: Location,
    /// The version that it names.
    pub version: Option<Sourced<String>>,
    /// Folders from the context in which it looks for an installation of its own; none: on the path.
    pub homes: Vec<String>,
    /// What it would fetch from npm beside: `pnpm@10`.
    pub packages: Vec<String>,
    /// Front ends that it builds, which are no services of their own.
    pub dirs: Vec<String>,
    /// Arguments of the build tool that tell it to fetch nothing.
    pub words: Vec<String>,
}

impl NodeRun {
    pub fn on_the_path(by: &'static str, at: Location) -> Self {
        Self {
            by,
            at,
            version: None,
            homes: Vec::new(),
            packages: Vec::new(),
            dirs: Vec::new(),
            words: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Maven,
    Gradle,
}

impl Tool {
    pub fn name(self) -> &'static str {
        match self {
            Tool::Maven => "Maven",
            Tool::Gradle => "Gradle",
        }
    }
}

/// The project's own wrapper, or why the tool's image is taken instead.
pub enum Wrapper {
    Usable {
        /// Empty where the properties do not say.
        version: String,
        at: Location,
    },
    Absent,
    Broken(Diagnostic),
}

/// One COPY: paths from the context.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub from: Vec<String>,
    /// Ends in `/`, except for a single file.
    pub to: String,
    pub executable: bool,
}

impl Input {
    /// Files into one folder; `""` is the context itself.
    pub fn files(from: Vec<String>, to: &str) -> Self {
        Self {
            from,
            to: if to.is_empty() {
                "./".into()
            } else {
                format!("{to}/")
            },
            executable: false,
        }
    }

    /// A folder to its own place.
    pub fn folder(path: &str) -> Self {
        Self {
            from: vec![format!("{path}/")],
            to: format!("{path}/"),
            executable: false,
        }
    }

    /// All of the context.
    pub fn everything() -> Self {
        Self {
            from: vec![".".into()],
            to: "./".into(),
            executable: false,
        }
    }
}

/// A secret for the step that resolves dependencies.
#[derive(Clone, Debug, PartialEq)]
pub struct SecretMount {
    /// After `--mount=type=secret,`.
    pub mount: &'static str,
    pub flag: &'static str,
    pub why: String,
    pub at: Location,
}
