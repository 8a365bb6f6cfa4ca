//! The base images that rdock knows: lines, tags, libc, users, end of support. Compiled in, so that
//! a choice depends on the binary alone. Whether a line is supported is judged at the catalogue's
//! own date, never by a clock.

mod images;
mod row;

pub use images::Images;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The day of the facts, `YYYY-MM-DD`; support is judged at it.
    pub as_of: String,
    #[serde(rename = "os")]
    pub systems: Vec<Os>,
    #[serde(default, rename = "image")]
    pub images: Images,
}

/// The distribution inside an image.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Os {
    /// As tags spell it: `trixie`, `alpine3.24`, `noble`.
    pub suite: String,
    pub family: Family,
    pub libc: Libc,
    /// `2.41`; empty for none or unknown.
    #[serde(default)]
    pub libc_version: String,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    pub eol: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Debian,
    Ubuntu,
    Alpine,
    Distroless,
    Scratch,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Libc {
    Glibc,
    Musl,
    None,
}

/// One image repository.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What FROM says before the colon: `golang`, `gcr.io/distroless/static-debian13`.
    pub reference: String,
    /// A few words for `rdock images`.
    pub about: String,
    pub shell: bool,
    /// A built-in user other than root, `uid:gid`.
    #[serde(default)]
    pub user: Option<String>,
    /// Newest first.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

/// A maintained (or no longer maintained) version of an image.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// `1.27`, `24`, `3.13`; for images without versions the only line is `""`.
    pub version: String,
    /// Newest patch known: `1.27.1`.
    #[serde(default)]
    pub patch: String,
    #[serde(default)]
    pub lts: bool,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    pub released: String,
    /// First day without security updates, `YYYY-MM-DD`; empty while none is set.
    #[serde(default)]
    pub eol: String,
    /// Within a variant and family the newest suite first.
    #[serde(rename = "tag")]
    pub tags: Vec<Tag>,
}

/// One tag that is written into FROM. A row in the file, because rows are read faster than tables:
/// `24-trixie-slim slim trixie amd64,arm64 82.5MB`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub struct Tag {
    pub tag: String,
    pub suite: String,
    pub variant: Variant,
    /// Docker's names, of `amd64`, `arm64` and `arm/v7`.
    pub arch: Vec<String>,
    /// Compressed size for amd64 in MB (10^6 bytes), where somebody published it.
    pub size_mb: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub enum Variant {
    /// With compilers and development packages.
    Full,
    /// Without them.
    Slim,
    Alpine,
    /// Java with the compiler.
    Jdk,
    /// Java without it.
    Jre,
    Nonroot,
    Debug,
}

/// An image with its tag chosen, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    pub image: &'static Image,
    pub line: &'static Line,
    pub tag: &'static Tag,
    pub os: &'static Os,
}

impl Base {
    /// What FROM says: `golang:1.27-trixie`.
    pub fn from(&self) -> String {
        format!("{}:{}", self.image.reference, self.tag.tag)
    }
}

const TEXT: &str = include_str!("images.toml");

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let (head, images) = Images::of(TEXT);
    let mut catalog: Catalog = toml::from_str(head).expect("tests read the catalogue");
    catalog.images = images;
    catalog
});

/// The compiled-in catalogue.
pub fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The catalogue's date, without reading the rest of it: for `--version`.
pub fn as_of() -> &'static str {
    let line = TEXT.lines().find_map(|l| l.strip_prefix("as_of = \""));
    line.map_or("", |rest| rest.trim_end_matches('"'))
}

impl Catalog {
    pub fn image(&'static self, reference: &str) -> Option<&'static Image> {
        self.images.get(reference)
    }

    pub fn os(&'static self, suite: &str) -> Option<&'static Os> {
        self.systems.iter().find(|o| o.suite == suite)
    }

    /// Does the line still get security updates at the catalogue's date?
    pub fn supported(&self, line: &Line) -> bool {
        line.eol.is_empty() || line.eol.as_str() > self.as_of.as_str()
    }

    /// The supported lines of an image, newest first. Empty for an unknown image.
    pub fn supported_lines(&'static self, reference: &str) -> Vec<&'static Line> {
        let lines = self.image(reference).map_or(&[][..], |i| &i.lines);
        lines.iter().filter(|l| self.supported(l)).collect()
    }

    /// The tag of an image's line in a variant and suite.
    pub fn base(
        &'static self,
        reference: &str,
        version: &str,
        variant: Variant,
        suite: &str,
    ) -> Option<Base> {
        let image = self.image(reference)?;
        let line = image.lines.iter().find(|l| l.version == version)?;
        let tag = line
            .tags
            .iter()
            .find(|t| t.variant == variant && t.suite == suite)?;
        Some(Base {
            image,
            line,
            tag,
            os: self.os(&tag.suite)?,
        })
    }

    /// The tag in the newest suite of a family that the line has; for lines older than today's suites.
    pub fn newest_base(
        &'static self,
        reference: &str,
        version: &str,
        variant: Variant,
        family: Family,
    ) -> Option<Base> {
        let image = self.image(reference)?;
        let line = image.lines.iter().find(|l| l.version == version)?;
        line.tags.iter().filter(|t| t.variant == variant).find_map(|tag| {
            let os = self.os(&tag.suite).filter(|os| os.family == family)?;
            Some(Base { image, line, tag, os })
        })
    }

    /// What is known of a reference as FROM says it, digest apart: for reading Dockerfiles.
    pub fn lookup(&'static self, from: &str) -> Option<Base> {
        let from = from.split('@').next().unwrap_or(from);
        let (reference, tag) = from.rsplit_once(':')?;
        let image = self.image(reference)?;
        image.lines.iter().find_map(|line| {
            let tag = line.tags.iter().find(|t| t.tag == tag)?;
            Some(Base {
                image,
                line,
                tag,
                os: self.os(&tag.suite)?,
            })
        })
    }
}
