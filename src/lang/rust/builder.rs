//! The builder: which Rust, on which system.

use super::detect::Facts;
use super::rules;
use super::toolchain::{Channel, Release, release};
use crate::catalog::{Base, Catalog, Family, Libc, Variant};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::lang::Project;

/// A builder with what follows from it.
#[derive(Clone, Debug)]
pub struct Builder {
    /// What FROM says.
    pub from: String,
    pub family: Family,
    pub libc: Libc,
    pub suite: String,
    /// `None` for an image that only its giver knows.
    pub release: Option<Release>,
}

/// The version of the compiler, before the system is chosen.
#[derive(Debug)]
pub struct Version {
    pub line: String,
    pub because: Because,
    pub over: Vec<Rejected>,
    /// A toolchain that rustup must install, as no image has it.
    pub channel: Option<String>,
    /// Is the toolchain file to be kept from rustup, which would download what it names?
    pub hide_file: bool,
    pub warnings: Vec<Diagnostic>,
}

const IMAGE: &str = "rust";

/// A flag or rdock.toml, then rust-toolchain, then the newest supported line above every minimum.
///
/// # Errors
/// A version that no image has.
pub fn version(project: &Project, facts: &Facts) -> Result<Version, Diagnostic> {
    let newest = project.catalog.supported_lines(IMAGE);
    let Some(newest) = newest.first() else {
        return Err(Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            "the catalogue has no supported Rust",
        )
        .help("give an image with `--builder`"));
    };
    let file = facts.toolchain.file.as_ref();
    let mut version = Version {
        line: newest.version.clone(),
        because: Because::rule("the newest supported Rust; nothing asks for another"),
        over: Vec::new(),
        channel: None,
        hide_file: file.is_some(),
        warnings: Vec::new(),
    };
    if let Some(given) = &project.settings.version {
        let Some(wanted) = release(&given.value) else {
            return Err(Diagnostic::error(
                &diagnostic::rules::BAD_SETTING,
                format!("`{}` is no version of Rust", given.value),
            )
            .help("write it as in `1.90`"));
        };
        version.line = line(project.catalog, wanted, None)?;
        version.because = given.because.clone();
        return Ok(version);
    }
    if let Some(file) = file {
        match &file.channel.value {
            Channel::Release(wanted) if before_all(project.catalog, *wanted) => {
                let (major, minor) = wanted;
                version.because = Because::at(
                    &file.channel.at,
                    format!("pins {major}.{minor}, which no known image has; the newest builds its code"),
                );
                version.warnings.push(
                    Diagnostic::warning(
                        &rules::OLD_COMPILER,
                        format!(
                            "rdock knows no image of Rust {major}.{minor}; {} is used",
                            newest.version
                        ),
                    )
                    .at(file.channel.at.clone(), "pinned here")
                    .help(format!(
                        "raise the channel to {}, or name an image with `--builder`",
                        newest.version
                    )),
                );
            }
            Channel::Release(wanted) => {
                version.line = line(project.catalog, *wanted, Some(&file.channel.at))?;
                version.because = Because::at(&file.channel.at, format!("pins {}.{}", wanted.0, wanted.1));
                if version.line != newest.version {
                    version.over.push(Rejected::possible(
                        format!("Rust {}", newest.version),
                        "the newest, but not the pinned one",
                    ));
                    version.warnings.push(
                        Diagnostic::warning(
                            &rules::OLD_COMPILER,
                            format!("the image of Rust {} gets no updates any more", version.line),
                        )
                        .at(file.channel.at.clone(), "pinned here")
                        .help(format!(
                            "raise the channel to {}, or set `version = \"{}\"` in rdock.toml",
                            newest.version, newest.version
                        )),
                    );
                }
                return Ok(version);
            }
            Channel::Stable => {
                version.because = Because::at(&file.channel.at, "asks for stable, which is the image's own");
            }
            Channel::Unstable(channel) => unstable(&mut version, facts, &file.channel.at, channel),
            Channel::Own(name) => {
                version.warnings.push(
                    Diagnostic::warning(
                        &rules::OWN_TOOLCHAIN,
                        format!(
                            "the toolchain `{name}` is not to be had in a build; Rust {} is used",
                            newest.version
                        ),
                    )
                    .at(file.channel.at.clone(), "asked for here")
                    .help("name a release in rust-toolchain.toml, or an image with `--builder`"),
                );
            }
        }
    }
    floors(project, facts, &mut version)?;
    Ok(version)
}

/// Is the release older than every image that is known? Newer compilers build older code.
fn before_all(catalog: &'static Catalog, wanted: Release) -> bool {
    let lines = catalog.image(IMAGE).map_or(&[][..], |i| &i.lines);
    lines
        .iter()
        .filter_map(|l| release(&l.version))
        .all(|known| wanted < known)
}

/// A nightly that only formats and lints is none for the build.
fn unstable(version: &mut Version, facts: &Facts, at: &crate::source::Location, channel: &str) {
    let config = facts.cargo_config(&["unstable", "build-std"]).is_some()
        || facts.config.iter().any(|c| c.node.get("unstable").is_some());
    if facts.unstable.is_none() && !config {
        version.because = Because::at(
            at,
            format!("asks for {channel}, but no source turns an unstable feature on"),
        );
        version.over.push(Rejected::possible(
            channel,
            "has no image, and rustup would have to download it",
        ));
        return;
    }
    version.channel = Some(channel.to_string());
    version.because = Because::at(
        at,
        format!("asks for {channel}, which rustup adds to the newest image"),
    );
    version.warnings.push(
        Diagnostic::warning(
            &rules::OWN_TOOLCHAIN,
            format!("{channel} has no image, so the build downloads it with rustup"),
        )
        .at(at.clone(), "asked for here")
        .help("name a release in rust-toolchain.toml, or an image with `--builder`"),
    );
}

fn line(
    catalog: &'static Catalog,
    wanted: Release,
    at: Option<&crate::source::Location>,
) -> Result<String, Diagnostic> {
    let text = format!("{}.{}", wanted.0, wanted.1);
    let lines = catalog.image(IMAGE).map_or(&[][..], |i| &i.lines);
    if lines.iter().any(|l| l.version == text) {
        return Ok(text);
    }
    let nearest: Vec<&str> = lines.iter().map(|l| l.version.as_str()).take(3).collect();
    let error = Diagnostic::error(
        &diagnostic::rules::NO_VERSION,
        format!("rdock knows no image of Rust {text}"),
    )
    .help(format!(
        "set `version = \"{}\"` in rdock.toml, or name an image: `--builder rust:{text}-slim-trixie`",
        nearest.first().unwrap_or(&"")
    ));
    Err(match at {
        Some(at) => error.at(
            at.clone(),
            format!("known are {}, and older ones", nearest.join(", ")),
        ),
        None => error,
    })
}

/// `rust-version`, the edition and version managers' files are minimums.
fn floors(project: &Project, facts: &Facts, version: &mut Version) -> Result<(), Diagnostic> {
    let Some(floor) = facts.toolchain.floors.first() else {
        return Ok(());
    };
    let (major, minor) = floor.release;
    let chosen = release(&version.line).unwrap_or_default();
    if floor.release > chosen && version.channel.is_none() && project.settings.builder.is_none() {
        let error = Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            format!("the newest Rust that rdock knows is {}", version.line),
        )
        .help(format!(
            "name an image: `--builder rust:{major}.{minor}-slim-trixie`"
        ));
        return Err(match &floor.because.at {
            Some(at) => error.at(at.clone(), format!("needs {major}.{minor}")),
            None => error,
        });
    }
    if version.because.at.is_none() {
        version.because = floor.because.clone();
        version.because.text += floor.so;
    }
    Ok(())
}

/// The image of `version` on Debian or, for musl, on Alpine.
///
/// # Errors
/// The catalogue has no such image.
pub fn builder(project: &Project, version: &Version, musl: bool) -> Result<Chosen<Builder>, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        crate::escape::image(&given.value)?;
        return Ok(Chosen::new(
            given_builder(project.catalog, &given.value),
            given.because.clone(),
        ));
    }
    let variant = if musl { Variant::Alpine } else { Variant::Slim };
    let line = project
        .catalog
        .image(IMAGE)
        .and_then(|i| i.lines.iter().find(|l| l.version == version.line));
    let base = line
        .and_then(|l| l.tags.iter().find(|t| t.variant == variant))
        .and_then(|t| project.catalog.base(IMAGE, &version.line, variant, &t.suite));
    let Some(base) = base else {
        return Err(Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            format!("Rust {} has no image of this kind", version.line),
        )
        .help("choose another `--runtime`, or name an image with `--builder`"));
    };
    let mut over = version.over.clone();
    if musl {
        over.push(Rejected::impossible(
            "a Debian builder",
            "links with glibc, which the runtime does not have",
        ));
    } else {
        over.push(Rejected::possible(
            "a full Debian builder",
            "brings compilers and libraries that nothing here uses",
        ));
    }
    Ok(Chosen::new(known(base), version.because.clone()).over(over))
}

fn known(base: Base) -> Builder {
    Builder {
        from: base.from(),
        family: base.os.family,
        libc: base.os.libc,
        suite: base.tag.suite.clone(),
        release: release(&base.line.version),
    }
}

/// An image that somebody named: in the catalogue, or judged by its tag.
fn given_builder(catalog: &'static Catalog, from: &str) -> Builder {
    if let Some(base) = catalog.lookup(from) {
        let from = from.to_string();
        return Builder { from, ..known(base) };
    }
    let suite = |name: &&crate::catalog::Os| from.contains(name.suite.as_str());
    let os = catalog.systems.iter().find(suite).or_else(|| {
        let family = if from.contains("alpine") {
            Family::Alpine
        } else {
            Family::Debian
        };
        catalog.systems.iter().find(|o| o.family == family)
    });
    let tag = from.rsplit_once(':').map_or("", |(_, tag)| tag);
    Builder {
        from: from.to_string(),
        family: os.map_or(Family::Debian, |o| o.family),
        libc: os.map_or(Libc::Glibc, |o| o.libc),
        suite: os.map_or_else(|| "trixie".into(), |o| o.suite.clone()),
        release: release(tag.split('-').next().unwrap_or("")),
    }
}
