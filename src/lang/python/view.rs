//! What the templates of Python see.

use crate::escape::Safe;
use crate::plan::RuntimeStage;
use askama::Template;

/// The stage that installs the dependencies; each tool has a template.
pub struct Deps {
    /// After `# deps`.
    pub about: Safe,
    pub from: Safe,
    /// The image that uv is copied from.
    pub uv: Option<Safe>,
    /// A RUN that installs operating system packages.
    pub setup: Option<String>,
    pub workdir: Safe,
    /// `poetry==2.5.1`
    pub tool: Safe,
    pub args: Vec<Safe>,
    /// Folders of local projects that the install step needs.
    pub copies: Vec<Safe>,
    /// The command that makes the virtual environment, where the tool does not.
    pub venv: Option<Safe>,
    /// Fields of the mounts of the install step.
    pub mounts: Vec<Safe>,
    /// What follows the tool's name; absent where nothing is to be installed.
    pub install: Option<Safe>,
}

#[derive(Template)]
#[template(path = "python/pip/Dockerfile")]
pub struct Pip<'a> {
    pub deps: &'a Deps,
}

#[derive(Template)]
#[template(path = "python/uv/Dockerfile")]
pub struct Uv<'a> {
    pub deps: &'a Deps,
}

#[derive(Template)]
#[template(path = "python/poetry/Dockerfile")]
pub struct Poetry<'a> {
    pub deps: &'a Deps,
}

#[derive(Template)]
#[template(path = "python/pdm/Dockerfile")]
pub struct Pdm<'a> {
    pub deps: &'a Deps,
}

#[derive(Template)]
#[template(path = "python/pipenv/Dockerfile")]
pub struct Pipenv<'a> {
    pub deps: &'a Deps,
}

/// The runtime stage and what comes before it.
pub struct World {
    /// Whole stages of front ends that the program serves.
    pub front_ends: Vec<String>,
    /// The whole stage that installs the dependencies.
    pub deps: String,
    pub runtime: RuntimeStage,
    pub workdir: Safe,
    /// Variables of the interpreter, PATH first.
    pub paths: Safe,
    /// Arguments of COPY, least changing first.
    pub copies: Vec<Safe>,
    /// The command that gives folders of the source to the program.
    pub owned: Option<Safe>,
    pub entrypoint: Option<Safe>,
    pub cmd: Option<Safe>,
}

/// The stage between the two.
pub struct Build {
    pub about: Safe,
    pub copies: Vec<Safe>,
    /// Where the command runs, if not where the dependencies were installed.
    pub workdir: Option<Safe>,
    pub args: Vec<Safe>,
    pub mounts: Vec<Safe>,
    pub command: Safe,
}

/// The source is copied as it is.
#[derive(Template)]
#[template(path = "python/app/Dockerfile")]
pub struct App {
    pub world: World,
}

/// The project is installed into the virtual environment.
#[derive(Template)]
#[template(path = "python/package/Dockerfile")]
pub struct Package {
    pub world: World,
    pub build: Build,
}

/// Static files are collected before.
#[derive(Template)]
#[template(path = "python/static/Dockerfile")]
pub struct Static {
    pub world: World,
    pub build: Build,
}

/// Nothing is installed.
#[derive(Template)]
#[template(path = "python/bare/Dockerfile")]
pub struct Bare {
    pub world: World,
}
