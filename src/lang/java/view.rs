//! What the templates of Java see.

use crate::escape::Safe;
use crate::plan::RuntimeStage;
use askama::Template;

/// Spring Boot's jar in layers.
#[derive(Template)]
#[template(path = "java/layers/Dockerfile")]
pub struct Layers {
    pub world: World,
    /// After `-Djarmode=`.
    pub mode: &'static str,
    /// Folders of the extracted jar, those that change least first.
    pub layers: Vec<Safe>,
    /// A start that writes the archive of loaded classes.
    pub training: Option<Safe>,
}

/// One file with everything in it.
#[derive(Template)]
#[template(path = "java/jar/Dockerfile")]
pub struct Jar {
    pub world: World,
    /// `app.jar` or `app.war`.
    pub file: &'static str,
}

/// A jar and its dependencies.
#[derive(Template)]
#[template(path = "java/thin/Dockerfile")]
pub struct Thin {
    pub world: World,
}

/// What Gradle's application plugin installs.
#[derive(Template)]
#[template(path = "java/installed/Dockerfile")]
pub struct Installed {
    pub world: World,
}

/// Quarkus' own four parts.
#[derive(Template)]
#[template(path = "java/quarkus/Dockerfile")]
pub struct Quarkus {
    pub world: World,
}

/// A war, unpacked into Tomcat.
#[derive(Template)]
#[template(path = "java/war/Dockerfile")]
pub struct War {
    pub world: World,
}

pub struct World {
    /// After `# build`.
    pub about: Safe,
    /// `--platform=$BUILDPLATFORM ` or nothing.
    pub platform: &'static str,
    pub builder: Safe,
    /// A RUN that installs packages for the build.
    pub setup: Option<String>,
    pub node: Option<super::node::Node>,
    /// The image of another JDK that Gradle compiles with.
    pub toolchain: Option<Safe>,
    pub args: Vec<Safe>,
    pub env: Vec<Safe>,
    /// Arguments of COPY: the build files, then the sources.
    pub manifests: Vec<Safe>,
    /// A step between the two that resolves dependencies.
    pub warm: Option<Safe>,
    pub sources: Vec<Safe>,
    /// Arguments of COPY: what front ends built.
    pub served: Vec<Safe>,
    /// The build, and what puts its result into /out.
    pub run: Safe,
    /// A Java of the program's own modules.
    pub jlink: Option<super::jlink::Jlink>,
    pub runtime: RuntimeStage,
    /// Arguments of COPY: files of the project that the program reads.
    pub files: Vec<Safe>,
    pub entrypoint: Safe,
    pub cmd: Option<Safe>,
}
