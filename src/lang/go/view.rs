//! What the templates of Go see.

use crate::escape::Safe;
use crate::plan::RuntimeStage;
use askama::Template;

/// Cache mounts keep modules and compiled packages.
#[derive(Template)]
#[template(path = "go/mount/Dockerfile")]
pub struct Mount {
    pub world: World,
}

/// Layers keep the modules; every compile starts anew.
#[derive(Template)]
#[template(path = "go/layer/Dockerfile")]
pub struct Layer {
    pub world: World,
}

pub struct World {
    /// Whole stages of a front end, before the own ones.
    pub front_end: Option<String>,
    /// After `# build`.
    pub about: Safe,
    /// `--platform=$BUILDPLATFORM ` or nothing.
    pub platform: &'static str,
    pub builder: Safe,
    /// A RUN that installs what the C parts need.
    pub setup: Option<String>,
    /// The package that is compiled, from there: `./cmd/api`.
    pub package: String,
    /// Where the go command runs: below the whole context at /src.
    pub workdir: Safe,
    /// `0` or `1`.
    pub cgo: &'static str,
    /// `GOPRIVATE=… ` with the hosts whose modules come neither from the proxy nor the checksum
    /// database, or nothing. Not ENV: hadolint takes the name for a secret.
    pub private: Safe,
    /// Fields of the mounts of `go mod download`; absent where there is nothing to download.
    pub download: Option<Vec<Safe>>,
    /// go.mod, go.sum, go.work: copied one by one in layer mode, with their folder.
    pub manifests: Vec<(Safe, Safe)>,
    pub args: Vec<Safe>,
    /// Fields of the mounts of `go build`.
    pub mounts: Vec<Safe>,
    /// A built front end, copied over the source in layer mode: `--from=… SOURCE TARGET`.
    pub copies: Vec<Safe>,
    /// Steps before the build that end in ` \\\n    && `, or nothing.
    pub before: Safe,
    /// `GOOS=… GOARCH=… ` where the build crosses.
    pub target: &'static str,
    /// Everything after `go build`.
    pub flags: Safe,
    /// A step after the build that lays out folders for the runtime.
    pub layout: Option<Safe>,
    pub runtime: RuntimeStage,
    /// `/app`, where the program opens files by relative paths.
    pub home: Option<Safe>,
    /// Whole COPY instructions' arguments of the runtime stage, least changing first.
    pub files: Vec<Safe>,
    pub binary: Safe,
    pub entrypoint: Safe,
    pub cmd: Option<Safe>,
}
