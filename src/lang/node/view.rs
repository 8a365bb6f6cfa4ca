//! What the templates of Node.js see.

use crate::escape::Safe;
use crate::plan::RuntimeStage;
use askama::Template;

/// A program without dependencies and without a build.
#[derive(Template)]
#[template(path = "node/bare/Dockerfile")]
pub struct Bare {
    pub world: World,
}

/// A program that runs as it was written.
#[derive(Template)]
#[template(path = "node/plain/Dockerfile")]
pub struct Plain {
    pub world: World,
}

/// A build whose result carries all that it needs.
#[derive(Template)]
#[template(path = "node/bundled/Dockerfile")]
pub struct Bundled {
    pub world: World,
}

/// A build whose result needs its production dependencies.
#[derive(Template)]
#[template(path = "node/built/Dockerfile")]
pub struct Built {
    pub world: World,
    pub prod: Install,
}

/// Files for a browser, served by nginx.
#[derive(Template)]
#[template(path = "node/site/Dockerfile")]
pub struct SiteFiles {
    pub world: World,
    pub site: Serving,
}

/// The stages that build a front end for another language's program.
#[derive(Template)]
#[template(path = "node/assets/Dockerfile")]
pub struct FrontEnd {
    pub stage: Safe,
    pub from: Safe,
    pub workdir: Safe,
    pub lines: Vec<Safe>,
    pub deps: Install,
    pub build: Building,
}

pub struct World {
    pub base: Base,
    /// The root's folder in the image: `/app`.
    pub home: Safe,
    /// The same from the build context: `.`.
    pub source: Safe,
    /// Collects the manifests of a workspace with very many members.
    pub manifests: Option<Safe>,
    pub deps: Install,
    pub build: Building,
    pub runtime: RuntimeStage,
    /// Arguments of the COPY instructions of the runtime, least changing first.
    pub copies: Vec<Safe>,
    /// Instructions after them.
    pub last: Vec<Safe>,
    pub entrypoint: Option<Safe>,
    pub cmd: Option<Safe>,
}

/// The stage that all that install and build begin with.
pub struct Base {
    pub about: Safe,
    pub from: Safe,
    /// ENV, system packages, the package manager.
    pub lines: Vec<Safe>,
}

pub struct Install {
    pub about: Safe,
    pub copies: Vec<Safe>,
    pub run: Safe,
}

pub struct Building {
    pub about: Safe,
    /// Arguments of the COPY instructions that bring the sources.
    pub copies: Vec<Safe>,
    /// ARG and ENV.
    pub lines: Vec<Safe>,
    pub run: Safe,
}

pub struct Serving {
    pub port: u16,
    pub from: Safe,
    pub to: Safe,
    /// `/docs/`, where the files are not at the root.
    pub home: Option<Safe>,
    /// `/assets/`
    pub hashed: Option<Safe>,
    pub fallback: Safe,
    pub missing: Option<&'static str>,
}
