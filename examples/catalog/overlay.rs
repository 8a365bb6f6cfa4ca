//! overlay.toml: what is kept by hand.

use rdock::catalog::{Family, Libc, Tag, Variant};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    pub as_of: String,
    pub suites: Vec<String>,
    pub patches: BTreeMap<String, String>,
    pub sizes: BTreeMap<String, f64>,
    pub os: Vec<Os>,
    /// Read from docker-library.
    #[serde(rename = "image")]
    pub listed: Vec<Listed>,
    /// Written by hand.
    pub fixed: Vec<Fixed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Os {
    pub suite: String,
    pub family: Family,
    pub libc: Libc,
    #[serde(default)]
    pub libc_version: String,
    /// `debian 13`: the product and cycle of endoflife.date.
    #[serde(default)]
    pub support: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub reference: String,
    pub about: String,
    pub shell: bool,
    pub user: Option<String>,
    /// The shape of a version: `{n}.{n}`.
    pub line: String,
    pub oldest: Vec<u64>,
    pub support: Vec<String>,
    #[serde(rename = "tag")]
    pub tags: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    pub variant: Variant,
    /// `{line}-slim-{debian}`.
    pub shape: String,
    /// The suite, where the tag does not say it.
    pub suite: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    pub reference: String,
    pub about: String,
    pub shell: bool,
    pub user: Option<String>,
    #[serde(rename = "line")]
    pub lines: Vec<FixedLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedLine {
    pub version: String,
    #[serde(default)]
    pub patch: String,
    /// Where the product says it in another word: nginx calls its long-lived branch stable.
    #[serde(default)]
    pub lts: bool,
    #[serde(default)]
    pub support: String,
    #[serde(rename = "tag")]
    pub tags: Vec<Tag>,
}
