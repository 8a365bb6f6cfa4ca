//! The worlds of the two templates.

use crate::escape::Safe;
use crate::plan::RuntimeStage;
use askama::Template;

/// What both shapes say.
pub struct Common {
    /// Whole stages of front ends that the program embeds or serves.
    pub front_ends: Vec<String>,
    pub builder: Safe,
    pub build_about: Safe,
    pub build_setup: Option<String>,
    /// A toolchain that rustup has to install.
    pub channel: Option<Safe>,
    pub args: Vec<Safe>,
    pub build_env: Vec<Safe>,
    pub workdir: Safe,
    pub cache_about: &'static [&'static str],
    /// ` --locked`, or nothing.
    pub locked: &'static str,
    /// `--package api --bin api`.
    pub select: Safe,
    pub artifact: Safe,
    /// `/out`, or `-p /out/data` for a folder that the program writes.
    pub outputs: Safe,
    pub runtime: RuntimeStage,
    pub folder: Option<Safe>,
    pub copies: Vec<Safe>,
    pub program: Safe,
    pub entrypoint: Safe,
    pub command: Option<Safe>,
}

/// One RUN with cache mounts; the program is copied out of them in the same step.
#[derive(Template)]
#[template(path = "rust/mount/Dockerfile")]
pub struct Mount {
    pub common: Common,
    pub mounts: Vec<Safe>,
    pub cache: Safe,
    pub clean: Safe,
}

/// Dependencies in a layer of their own, made with cargo-chef.
#[derive(Template)]
#[template(path = "rust/layer/Dockerfile")]
pub struct Layer {
    pub common: Common,
    pub chef: &'static str,
    pub secret_mounts: Vec<Safe>,
    pub front_end_copies: Vec<Safe>,
}

impl std::ops::Deref for Mount {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.common
    }
}

impl std::ops::Deref for Layer {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.common
    }
}
