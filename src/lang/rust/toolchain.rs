//! The compiler's version: what pins it, and what it must at least be.

use super::closure::Closure;
use super::workspace::Crates;
use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::doc;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

/// `(1, 85)`: patch releases are not told apart, as tags are not.
pub type Release = (u32, u32);

#[derive(Debug, Default)]
pub struct Toolchain {
    /// rust-toolchain.toml or rust-toolchain, where cargo runs or above.
    pub file: Option<ToolchainFile>,
    /// Minimums, the greatest first.
    pub floors: Vec<Floor>,
}

/// A release that the compiler must not be older than.
#[derive(Debug)]
pub struct Floor {
    pub release: Release,
    pub because: Because,
    /// How the sentence goes on where the newest release is taken.
    pub so: &'static str,
}

#[derive(Debug)]
pub struct ToolchainFile {
    pub path: String,
    pub channel: Sourced<Channel>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Channel {
    /// `1.85` or `1.85.1`.
    Release(Release),
    Stable,
    /// `beta`, `nightly`, `nightly-2025-01-01`.
    Unstable(String),
    /// A path or a name that only one machine knows.
    Own(String),
}

/// # Errors
/// A toolchain file that cannot be read.
pub fn toolchain(crates: &Crates, root: &str, own: &str, closure: &Closure) -> Result<Toolchain, Diagnostic> {
    let mut found = Toolchain {
        file: file(crates.tree, root)?,
        floors: Vec::new(),
    };
    // The package itself speaks first where several say the same.
    let others = closure.local.iter().map(String::as_str).filter(|d| *d != own);
    for dir in std::iter::once(own).chain(others) {
        let Some(package) = crates.get(dir)? else { continue };
        let home = crates.root_of(dir)?;
        if let Some(minimum) = crates.rust_version(&home, &package.manifest) {
            found
                .floors
                .extend(floor(minimum, "says `rust-version = \"{}\"`"));
        }
        if let Some(edition) = crates.edition(&home, &package.manifest)
            && let Some((_, release)) = EDITIONS.iter().find(|(e, _)| *e == edition.value)
        {
            found.floors.push(Floor {
                release: *release,
                because: Because::at(&edition.at, format!("says `edition = \"{}\"`", edition.value)),
                so: ", and the newest supported Rust compiles every edition",
            });
        }
    }
    found.floors.extend(noted(crates.tree, root));
    found.floors.sort_by_key(|f| std::cmp::Reverse(f.release));
    Ok(found)
}

/// The first compiler of each edition.
const EDITIONS: &[(&str, Release)] = &[("2018", (1, 31)), ("2021", (1, 56)), ("2024", (1, 85))];

fn floor(text: Sourced<String>, says: &str) -> Option<Floor> {
    Some(Floor {
        release: release(&text.value)?,
        because: Because::at(&text.at, says.replace("{}", &text.value)),
        so: ", newest supported Rust that is not older",
    })
}

/// `1.85`, `1.85.1`; nothing else.
pub fn release(text: &str) -> Option<Release> {
    let mut parts = text.trim().split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map_or(Some(0), |p| p.parse().ok())?;
    let patch = parts.next().is_none_or(|p| p.parse::<u32>().is_ok());
    (patch && parts.next().is_none()).then_some((major, minor))
}

fn file(tree: &Tree, root: &str) -> Result<Option<ToolchainFile>, Diagnostic> {
    for dir in paths::ancestors(root) {
        for name in ["rust-toolchain", "rust-toolchain.toml"] {
            let path = paths::join(dir, name).expect("a name without dots");
            let Some(source) = tree.read(&path)? else { continue };
            return Ok(Some(ToolchainFile {
                channel: channel(&source)?,
                path,
            }));
        }
    }
    Ok(None)
}

fn channel(source: &Arc<Source>) -> Result<Sourced<Channel>, Diagnostic> {
    let text = source.text.trim();
    // The old form is the channel and nothing else.
    if !text.contains(['\n', '[', '=']) && !source.path.ends_with(".toml") {
        return Ok(Sourced::new(named(text), Location::of(source, text)));
    }
    let root = doc::toml(source)?;
    if let Some(channel) = root.string(&["toolchain", "channel"]) {
        return Ok(channel.clone().map(|c| named(&c)));
    }
    match root.string(&["toolchain", "path"]) {
        Some(path) => Ok(path.clone().map(Channel::Own)),
        // Only components or targets: the default toolchain, which the image has.
        None if root.get("toolchain").is_some() => Ok(Sourced::new(Channel::Stable, Location::whole(source))),
        None => Err(
            Diagnostic::error(&rules::MALFORMED, format!("{} has no [toolchain]", source.path))
                .at(Location::whole(source), "")
                .help("write `[toolchain]` and `channel = \"stable\"`, or remove the file"),
        ),
    }
}

fn named(channel: &str) -> Channel {
    // The host may be part of the name: `1.85.0-x86_64-unknown-linux-gnu`.
    let (first, _) = channel.split_once('-').unwrap_or((channel, ""));
    if let Some(release) = release(first) {
        return Channel::Release(release);
    }
    match first {
        "stable" => Channel::Stable,
        "beta" | "nightly" => {
            let date: Vec<&str> = channel.split('-').take(4).collect();
            let dated = date.len() == 4 && date[1..].iter().all(|p| p.chars().all(|c| c.is_ascii_digit()));
            Channel::Unstable(if dated { date.join("-") } else { first.to_string() })
        }
        _ => Channel::Own(channel.to_string()),
    }
}

/// Files of version managers, which no cargo reads: minimums.
fn noted(tree: &Tree, root: &str) -> Vec<Floor> {
    let mut found = Vec::new();
    for dir in [root, ""] {
        let at = |name: &str| paths::join(dir, name).and_then(|p| tree.text(&p));
        for line in at(".tool-versions").iter().flat_map(lines) {
            let mut words = line.value.split_whitespace();
            if words.next() == Some("rust")
                && let Some(version) = words.next()
            {
                found.extend(floor(
                    Sourced::new(version.into(), line.at.clone()),
                    "names Rust {}",
                ));
            }
        }
        for name in ["mise.toml", ".mise.toml"] {
            let tools = at(name).and_then(|s| doc::toml(&s).ok());
            let version = tools.and_then(|t| t.string(&["tools", "rust"]));
            found.extend(version.and_then(|v| floor(v, "names Rust {}")));
        }
        for name in [".rust-version", "rust-version.txt"] {
            if let Some(line) = at(name).and_then(|s| lines(&s).next()) {
                found.extend(floor(line, "names Rust {}"));
            }
        }
    }
    found
}

fn lines(source: &Arc<Source>) -> impl Iterator<Item = Sourced<String>> {
    source
        .text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| Sourced::new(l.trim().to_string(), Location::of(source, l)))
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_told_apart() {
        for (text, expected) in [
            ("1.85.0", Channel::Release((1, 85))),
            ("1.85-x86_64-unknown-linux-gnu", Channel::Release((1, 85))),
            ("stable", Channel::Stable),
            ("stable-x86_64-unknown-linux-gnu", Channel::Stable),
            (
                "nightly-2025-01-02",
                Channel::Unstable("nightly-2025-01-02".into()),
            ),
            ("nightly", Channel::Unstable("nightly".into())),
            ("esp", Channel::Own("esp".into())),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }

    #[test]
    fn both_forms_of_the_file_are_read() {
        let old = Source::new("rust-toolchain", "nightly\n");
        assert_eq!(channel(&old).unwrap().value, Channel::Unstable("nightly".into()));
        let new = Source::new("rust-toolchain.toml", "[toolchain]\nchannel = \"1.90\"\n");
        let found = channel(&new).unwrap();
        assert_eq!(
            (found.value, found.at.line()),
            (Channel::Release((1, 90)), Some(2))
        );
        assert!(channel(&Source::new("rust-toolchain.toml", "channel = \"1\"\n")).is_err());
    }
}
