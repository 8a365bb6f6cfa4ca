//! What can be said of an image from its name alone: the catalogue's facts where it is there, the
//! tables below where it is not. What is not known is `None`, and rules then say nothing.

use crate::catalog::{Catalog, Libc, Line, Os, catalog};

/// An image as FROM names it.
#[derive(Clone, Debug)]
pub struct Base {
    /// Without `docker.io/library/` and the like: `node`.
    pub name: String,
    pub tag: Option<String>,
    pub digest: bool,
    pub support: Support,
    /// `(glibc, 2.36)`; the version where the tag says the suite.
    pub os: Option<&'static Os>,
    pub libc: Option<Libc>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Support {
    Supported,
    /// What has ended, and on which day.
    Ended {
        what: String,
        day: String,
    },
    /// The version is known to no list here.
    Unknown,
}

/// Prefixes of places that serve Docker's official images under their own names.
const OFFICIAL: &[&str] = &[
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "docker.io/",
    "library/",
];

/// Debian and its like get updates beyond the first end, from their long-term teams; a base is only
/// called ended when those are over too.
const LONG_TERM: &[(&str, &str)] = &[
    ("bookworm", "2028-06-30"),
    ("bullseye", "2026-08-31"),
    ("buster", "2024-06-30"),
];

/// Suites whose every update is over and that the catalogue no longer lists.
const OLD_SUITES: &[(&str, &str)] = &[
    ("stretch", "2022-06-30"),
    ("jessie", "2020-06-30"),
    ("wheezy", "2018-05-31"),
    ("bionic", "2023-05-31"),
    ("xenial", "2021-04-30"),
    ("trusty", "2019-04-25"),
];

const DEBIAN: &[(&str, &str)] = &[
    ("13", "trixie"),
    ("12", "bookworm"),
    ("11", "bullseye"),
    ("10", "buster"),
    ("9", "stretch"),
    ("8", "jessie"),
];

const UBUNTU: &[(&str, &str)] = &[
    ("26.04", "resolute"),
    ("24.04", "noble"),
    ("22.04", "jammy"),
    ("20.04", "focal"),
    ("18.04", "bionic"),
    ("16.04", "xenial"),
    ("14.04", "trusty"),
];

/// Official images that start as root, and have a shell.
const ROOT: &[&str] = &[
    "alpine",
    "amazoncorretto",
    "busybox",
    "debian",
    "eclipse-temurin",
    "golang",
    "gradle",
    "maven",
    "node",
    "openjdk",
    "oven/bun",
    "php",
    "python",
    "ruby",
    "rust",
    "scratch",
    "ubuntu",
];

/// Images whose Debian flavour comes without curl and wget.
const WITHOUT_CURL: &[&str] = &["debian", "node", "oven/bun", "python", "ruby", "rust", "ubuntu"];

impl Base {
    /// `None` for an empty word.
    pub fn parse(from: &str) -> Option<Self> {
        let (rest, digest) = match from.split_once('@') {
            Some((rest, _)) => (rest, true),
            None => (from, false),
        };
        let slash = rest.rfind('/').map_or(0, |i| i + 1);
        let (name, tag) = match rest[slash..].split_once(':') {
            Some((name, tag)) => (format!("{}{name}", &rest[..slash]), Some(tag.to_string())),
            None => (rest.to_string(), None),
        };
        let name = OFFICIAL
            .iter()
            .find_map(|p| name.strip_prefix(p))
            .unwrap_or(&name)
            .to_lowercase();
        if name.is_empty() {
            return None;
        }
        let catalog = catalog();
        let suite = suite(&name, tag.as_deref().unwrap_or(""));
        let os = suite
            .as_deref()
            .and_then(|s| catalog.os(s))
            .or_else(|| catalog_os(catalog, &name));
        let libc = os
            .map(|o| o.libc)
            .or_else(|| libc(&name, tag.as_deref().unwrap_or("")));
        let support = support(catalog, &name, tag.as_deref(), suite.as_deref());
        Some(Self {
            name,
            tag,
            digest,
            support,
            os,
            libc,
        })
    }

    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or("")
    }

    /// A part of the tag between `-`: `slim` in `3.13-slim-trixie`.
    pub fn tag_has(&self, part: &str) -> bool {
        self.tag().split('-').any(|p| p == part)
    }

    pub fn alpine(&self) -> bool {
        self.libc == Some(Libc::Musl)
    }

    pub fn distroless(&self) -> bool {
        self.name.starts_with("gcr.io/distroless/")
    }

    /// Does a container of it start as root? `None` where that is not known.
    pub fn root(&self) -> Option<bool> {
        if self.distroless() {
            // A digest without a tag may be any of the variants.
            return (self.tag.is_some() || !self.digest).then(|| !self.tag().contains("nonroot"));
        }
        ROOT.contains(&self.name.as_str()).then_some(true)
    }

    /// Has it no shell?
    pub fn without_shell(&self) -> bool {
        self.is("scratch") || self.distroless() && !self.tag().contains("debug")
    }

    /// Is the program certainly absent from it?
    pub fn lacks(&self, program: &str) -> bool {
        if !matches!(program, "curl" | "wget") {
            return false;
        }
        if self.is("scratch") || self.distroless() {
            return true;
        }
        if self.alpine() && ROOT.contains(&self.name.as_str()) {
            return program == "curl"
                && !matches!(self.name.as_str(), "maven" | "gradle" | "eclipse-temurin" | "php");
        }
        WITHOUT_CURL.contains(&self.name.as_str())
            && (matches!(self.name.as_str(), "debian" | "ubuntu") || self.tag_has("slim"))
    }

    /// An image whose /bin/sh is Debian's dash, which keeps running beside what it starts.
    pub fn dash(&self) -> bool {
        let known = [
            "debian",
            "ubuntu",
            "node",
            "python",
            "golang",
            "rust",
            "eclipse-temurin",
            "ruby",
        ];
        known.contains(&self.name.as_str()) && self.libc == Some(Libc::Glibc) && !self.tag().contains("ubi")
    }
}

fn catalog_os(catalog: &'static Catalog, name: &str) -> Option<&'static Os> {
    // An image with one suite in all its tags: distroless, scratch.
    let mut suites = catalog
        .image(name)?
        .lines
        .iter()
        .flat_map(|l| &l.tags)
        .map(|t| &t.suite);
    let first = suites.next()?;
    suites.all(|s| s == first).then(|| catalog.os(first)).flatten()
}

/// The suite that the tag itself names.
fn suite(name: &str, tag: &str) -> Option<String> {
    if name == "scratch" {
        return Some("scratch".into());
    }
    let first = tag.split('-').next().unwrap_or("");
    let of = |table: &[(&str, &str)], version: &str| {
        table
            .iter()
            .find(|(v, _)| *v == version)
            .map(|(_, s)| s.to_string())
    };
    match name {
        "debian" => {
            if let Some(suite) = of(DEBIAN, first.split('.').next().unwrap_or("")) {
                return Some(suite);
            }
        }
        "ubuntu" => {
            if let Some(suite) = of(UBUNTU, first) {
                return Some(suite);
            }
        }
        "alpine" => {
            let line: Vec<&str> = first.split('.').take(2).collect();
            if line.len() == 2 {
                return Some(format!("alpine{}", line.join(".")));
            }
        }
        _ => {}
    }
    let parts: Vec<&str> = tag.split('-').collect();
    for (i, part) in parts.iter().enumerate() {
        if let Some(version) = part.strip_prefix("alpine")
            && !version.is_empty()
        {
            return Some((*part).into());
        }
        // Temurin writes `21-jre-alpine-3.24`.
        if *part == "alpine"
            && let Some(version) = parts.get(i + 1).filter(|v| v.contains('.'))
        {
            return Some(format!("alpine{version}"));
        }
        let named = |table: &[(&str, &str)]| table.iter().any(|(_, s)| s == part);
        if named(DEBIAN) || named(UBUNTU) {
            return Some((*part).into());
        }
    }
    name.strip_prefix("gcr.io/distroless/")
        .and_then(|n| n.rsplit_once("-debian"))
        .filter(|(_, v)| !v.is_empty())
        .and_then(|(_, v)| of(DEBIAN, v))
        .filter(|_| !name.contains("/static-") && catalog().image(name).is_none())
}

fn libc(name: &str, tag: &str) -> Option<Libc> {
    if name == "alpine" || tag.split('-').any(|p| p.starts_with("alpine")) {
        return Some(Libc::Musl);
    }
    if name.starts_with("gcr.io/distroless/static") {
        return Some(Libc::None);
    }
    if name.starts_with("gcr.io/distroless/") {
        return Some(Libc::Glibc);
    }
    let glibc = [
        "debian",
        "ubuntu",
        "node",
        "python",
        "golang",
        "rust",
        "eclipse-temurin",
        "maven",
        "gradle",
        "openjdk",
        "ruby",
        "tomcat",
    ];
    // `:nanoserver` and `:windowsservercore` have neither.
    (glibc.contains(&name) && !tag.contains("server")).then_some(Libc::Glibc)
}

fn support(catalog: &'static Catalog, name: &str, tag: Option<&str>, suite: Option<&str>) -> Support {
    let as_of = catalog.as_of.as_str();
    let ended = |what: String, day: &str| Support::Ended {
        what,
        day: day.into(),
    };
    let of_suite = suite.and_then(|suite| {
        let old = OLD_SUITES.iter().find(|(s, _)| *s == suite).map(|(_, day)| *day);
        let long = LONG_TERM.iter().find(|(s, _)| *s == suite).map(|(_, day)| *day);
        let listed = catalog
            .os(suite)
            .map(|o| o.eol.as_str())
            .filter(|d| !d.is_empty());
        let day = old.or(long).or(listed).or_else(|| old_alpine(catalog, suite))?;
        Some((suite, day))
    });
    let by_suite = match of_suite {
        Some((suite, day)) if day <= as_of => Some(ended(spelled(suite), day)),
        _ => None,
    };
    let by_line = of_line(catalog, name, tag, of_suite.is_some());
    match (by_line, by_suite) {
        (ended @ Support::Ended { .. }, _) | (_, Some(ended)) => ended,
        (other, None) => other,
    }
}

/// What the version in the tag says.
fn of_line(catalog: &'static Catalog, name: &str, tag: Option<&str>, suite: bool) -> Support {
    let ended = |what: String, day: &str| Support::Ended {
        what,
        day: day.into(),
    };
    if matches!(name, "debian" | "ubuntu" | "alpine" | "scratch") {
        return if suite || name == "scratch" {
            Support::Supported
        } else {
            Support::Unknown
        };
    }
    let Some(image) = catalog.image(name) else {
        return Support::Unknown;
    };
    // These images have lines that say more than a version, or whose age harms nobody.
    if matches!(name, "maven" | "gradle" | "tomcat" | "rust") || image.lines.len() < 2 {
        return Support::Supported;
    }
    let Some(version) = tag.map(version).filter(|v| !v.is_empty()) else {
        return Support::Unknown;
    };
    let about = |line: &Line| (format!("{} {}", name, line.version), line.eol.clone());
    let depth = image.lines[0].version.split('.').count();
    let wanted = version
        .iter()
        .take(depth)
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(".");
    match image.lines.iter().find(|l| l.version == wanted) {
        Some(line) if !catalog.supported(line) => {
            let (what, day) = about(line);
            ended(what, &day)
        }
        Some(_) => Support::Supported,
        None if version.len() < depth => Support::Supported,
        None => match oldest(&image.lines) {
            Some((line, oldest))
                if version[..depth] < oldest[..] && !line.eol.is_empty() && !catalog.supported(line) =>
            {
                ended(format!("{name} {wanted}"), &line.eol)
            }
            _ => Support::Unknown,
        },
    }
}

fn oldest(lines: &[Line]) -> Option<(&Line, Vec<u32>)> {
    lines
        .iter()
        .map(|l| (l, version(&l.version)))
        .min_by(|a, b| a.1.cmp(&b.1))
}

/// An Alpine older than the oldest that the catalogue lists ended before that one.
fn old_alpine(catalog: &'static Catalog, suite: &str) -> Option<&'static str> {
    let wanted = version(suite.strip_prefix("alpine")?);
    let known = catalog
        .systems
        .iter()
        .filter_map(|o| Some((version(o.suite.strip_prefix("alpine")?), o)));
    let (oldest, os) = known.min_by(|a, b| a.0.cmp(&b.0))?;
    (wanted.len() == 2 && wanted < oldest).then_some(os.eol.as_str())
}

fn spelled(suite: &str) -> String {
    let back = |table: &[(&str, &str)]| {
        table
            .iter()
            .find(|(_, s)| *s == suite)
            .map(|(v, _)| v.to_string())
    };
    match (back(DEBIAN), back(UBUNTU), suite.strip_prefix("alpine")) {
        (Some(v), ..) => format!("Debian {v} ({suite})"),
        (_, Some(v), _) => format!("Ubuntu {v} ({suite})"),
        (.., Some(v)) => format!("Alpine {v}"),
        _ => suite.to_string(),
    }
}

/// The leading numbers of a tag: `3.13.1-slim` is 3, 13, 1. Empty for `lts` or `latest`.
pub fn version(tag: &str) -> Vec<u32> {
    let first = tag.split(['-', '_', '+']).next().unwrap_or("");
    let numbers: Option<Vec<u32>> = first.split('.').map(|p| p.parse().ok()).collect();
    numbers.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, ended: Option<&str>) {
        let what = match Base::parse(from).unwrap().support {
            Support::Ended { what, .. } => Some(what),
            _ => None,
        };
        assert_eq!(what.as_deref(), ended, "{from}");
    }

    #[test]
    fn what_has_ended_is_told_by_version_and_by_suite() {
        check("node:16-alpine", Some("node 16"));
        check("node:16.13.1", Some("node 16"));
        check("node:8", Some("node 8"));
        check("docker.io/library/python:3.6-slim", Some("python 3.6"));
        check("golang:1.13", Some("golang 1.13"));
        check("debian:buster-slim", Some("Debian 10 (buster)"));
        check("python:3.12-slim-bullseye", Some("Debian 11 (bullseye)"));
        check("alpine:3.12", Some("Alpine 3.12"));
        check("golang:1.27-alpine3.9", Some("Alpine 3.9"));
        check("ubuntu:18.04", Some("Ubuntu 18.04 (bionic)"));
    }

    #[test]
    fn what_has_not_ended_or_is_not_known_is_left_alone() {
        for from in [
            "node:24",
            "node:24-bookworm-slim",
            "node:lts",
            "node",
            "node:27",
            "python:3",
            "golang:1",
            "golang:1.27.1",
            "debian:bookworm-slim",
            "debian:stable",
            "alpine",
            "alpine:edge",
            "rust:1.70",
            "postgres:9",
            "scratch",
            "eclipse-temurin:21-jre",
            "eclipse-temurin:17.0.1_12-jre",
            "ubuntu:24.04",
            "ghcr.io/a/node:8",
            "alpine:3",
            "gcr.io/distroless/static-debian12",
            "gcr.io/distroless/static:nonroot",
            "golang:1.27-alpine",
        ] {
            check(from, None);
        }
    }

    #[test]
    fn names_are_the_same_from_every_place() {
        let base = Base::parse("docker.io/library/node:24-alpine@sha256:00").unwrap();
        assert_eq!(
            (base.name.as_str(), base.tag(), base.digest),
            ("node", "24-alpine", true)
        );
        let base = Base::parse("localhost:5000/a/b").unwrap();
        assert_eq!(
            (base.name.as_str(), base.tag.as_deref()),
            ("localhost:5000/a/b", None)
        );
    }
}
