//! rdock.lock: the digest of each base image. Read from the tree and applied to every FROM,
//! `COPY --from=` and `RUN --mount=from=` of a finished Dockerfile; asks no registry.

use crate::diagnostic::{Diagnostic, rules};
use crate::dockerfile;
use crate::manifest::doc::{self, Node};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// The file's name, at the repository root.
pub const FILE: &str = "rdock.lock";

const HEADER: &str = "\
# Made by `rdock pin`: each image and the digest that its tag had on that day. Commit this file.
# `rdock pin --update` asks the registries anew, `rdock pin --check` compares.
";

/// The digests by image, as FROM names it: `golang:1.27-trixie`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pins {
    pins: BTreeMap<String, Pin>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// `sha256:` and 64 digits.
    pub digest: String,
    /// The day on which the tag was first seen to have this digest, `YYYY-MM-DD`.
    pub date: String,
}

impl Pins {
    /// The tree's rdock.lock; no file, no pins.
    ///
    /// # Errors
    /// Not TOML, or an entry without image, digest or date.
    pub fn read(tree: &Tree) -> Result<Self, Diagnostic> {
        let Some(source) = tree.read(FILE)? else {
            return Ok(Self::default());
        };
        let root = doc::toml(&source)?;
        let mut pins = BTreeMap::new();
        for entry in root.entries() {
            if entry.key != "pin" {
                return Err(wrong(&entry.node, "it holds `[[pin]]` tables and nothing else"));
            }
            for node in entry.node.items() {
                let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_string);
                let pin = text("image").zip(text("digest")).zip(text("date"));
                let Some(((image, digest), date)) = pin else {
                    return Err(wrong(node, "a pin has `image`, `digest` and `date`"));
                };
                if !is_digest(&digest) {
                    return Err(wrong(node, "a digest is `sha256:` and 64 hexadecimal digits"));
                }
                pins.insert(image, Pin { digest, date });
            }
        }
        Ok(Self { pins })
    }

    pub fn is_empty(&self) -> bool {
        self.pins.is_empty()
    }

    pub fn get(&self, image: &str) -> Option<&Pin> {
        self.pins.get(image)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Pin)> {
        self.pins.iter()
    }

    /// Sets what an image resolves to. The date stays where the digest does.
    pub fn set(&mut self, image: &str, digest: String, date: &str) {
        if self.get(image).is_none_or(|pin| pin.digest != digest) {
            let date = date.to_string();
            self.pins.insert(image.to_string(), Pin { digest, date });
        }
    }

    /// Forgets the images that are not among `used`.
    pub fn keep(&mut self, used: &BTreeSet<String>) {
        self.pins.retain(|image, _| used.contains(image));
    }

    /// What rdock.lock says, sorted by image.
    pub fn text(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_string()).to_string();
        let mut out = HEADER.to_string();
        for (image, Pin { digest, date }) in &self.pins {
            out += &format!(
                "\n[[pin]]\nimage = {}\ndigest = {}\ndate = {}\n",
                quoted(image),
                quoted(digest),
                quoted(date)
            );
        }
        out
    }

    /// `golang:1.27-trixie@sha256:…`, or the image as it is where there is no pin.
    pub fn pinned(&self, image: &str) -> String {
        match self.get(image) {
            Some(pin) => format!("{image}@{}", pin.digest),
            None => image.to_string(),
        }
    }

    /// The Dockerfile with every image that has a pin at its digest.
    pub fn apply(&self, dockerfile: &str) -> String {
        let mut out = dockerfile.to_string();
        if self.is_empty() {
            return out;
        }
        for place in dockerfile::images(dockerfile).into_iter().rev() {
            let pinned = self.pinned(&dockerfile[place.clone()]);
            out.replace_range(place, &pinned);
        }
        out
    }

    /// A warning for each image of a pinned Dockerfile that the lock, where there is one, does not hold.
    pub fn missing(&self, dockerfile: &str) -> Vec<Diagnostic> {
        if self.is_empty() {
            return Vec::new();
        }
        let images = unpinned(dockerfile).into_iter();
        images
            .map(|image| {
                Diagnostic::warning(&rules::NOT_PINNED, format!("{image} is not in {FILE}"))
                    .help("run `rdock pin`")
            })
            .collect()
    }

    /// The images of a Dockerfile that this lock is to hold: those without a digest, and those whose
    /// digest is the lock's own.
    pub fn due(&self, dockerfile: &str) -> BTreeSet<String> {
        let images = dockerfile::images(dockerfile);
        let images = images
            .into_iter()
            .filter_map(|place| match dockerfile[place].split_once('@') {
                None => None,
                Some((image, digest)) if self.get(image)?.digest == digest => Some(image.to_string()),
                Some(_) => None,
            });
        images.chain(unpinned(dockerfile)).collect()
    }
}

/// The images of a Dockerfile that have no digest.
pub fn unpinned(dockerfile: &str) -> BTreeSet<String> {
    let images = dockerfile::images(dockerfile)
        .into_iter()
        .map(|place| dockerfile[place].to_string());
    images.filter(|image| !image.contains('@')).collect()
}

/// Is this `sha256:` and 64 digits?
pub fn is_digest(text: &str) -> bool {
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.chars().all(hex))
}

fn wrong(node: &Node, words: &str) -> Diagnostic {
    Diagnostic::error(&rules::MALFORMED, format!("{FILE} is not as rdock writes it"))
        .at(node.at.clone(), words)
        .help(format!("restore it, or remove {FILE} and run `rdock pin`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn lock(images: &[&str]) -> Pins {
        let mut pins = Pins::default();
        for image in images {
            pins.set(image, DIGEST.into(), "2026-11-21");
        }
        pins
    }

    #[track_caller]
    fn check(dockerfile: &str, images: &[&str]) {
        let found: Vec<String> = unpinned(dockerfile).into_iter().collect();
        assert_eq!(found, images, "{dockerfile}");
    }

    #[test]
    fn every_place_that_names_an_image_is_found() {
        check(
            "FROM a:1 AS build\nCOPY --link --from=b:2 /x /y\n",
            &["a:1", "b:2"],
        );
        check("from --platform=$BUILDPLATFORM a:1 as b\nFROM b\n", &["a:1"]);
        check(
            "FROM a:1\nRUN --mount=type=cache,target=/c \\\n    --mount=type=bind,from=b:2,target=/x \\\n    make from=c\n",
            &["a:1", "b:2"],
        );
    }

    #[test]
    fn a_stage_a_number_scratch_and_a_variable_are_no_images() {
        check(
            "FROM a:1 AS Build\nFROM build AS next\nCOPY --from=0 /x /y\nCOPY --from=Build /x /y\nFROM scratch\nFROM $BASE\n",
            &["a:1"],
        );
        check("FROM alpine AS alpine\nFROM alpine\n", &["alpine"]);
    }

    #[test]
    fn text_that_only_looks_like_an_instruction_is_left_alone() {
        check(
            "FROM a:1\nRUN <<EOF\nFROM b:2\nEOF\n# FROM c:3\nRUN x \\\n# FROM d:4\n    FROM e:5\nCOPY <<-'END' /f\n\tFROM f:6\n\tEND\nFROM g:7\n",
            &["a:1", "g:7"],
        );
    }

    #[test]
    fn a_pin_is_written_once_and_a_foreign_digest_stays() {
        let text = "FROM a:1 AS build\nFROM b:2@sha256:1\nCOPY --from=a:1 /x /y\n";
        let pinned = lock(&["a:1"]).apply(text);
        assert_eq!(
            pinned,
            format!("FROM a:1@{DIGEST} AS build\nFROM b:2@sha256:1\nCOPY --from=a:1@{DIGEST} /x /y\n")
        );
        assert_eq!(lock(&["a:1"]).apply(&pinned), pinned);
        assert!(lock(&["a:1"]).due(&pinned).contains("a:1"));
        assert!(unpinned(&pinned).is_empty());
    }

    #[test]
    fn the_lock_reads_what_it_writes_and_sorts() {
        let pins = lock(&["b:2", "a\"b"]);
        let text = pins.text();
        assert!(text.find("a\\\"b").or(text.find("'a\"b'")) < text.find("b:2"));
        assert_eq!(
            Pins::read(&Tree::from_pairs([(FILE, text.as_str())])).unwrap(),
            pins
        );
    }

    #[test]
    fn a_broken_lock_is_an_error_at_its_line() {
        for text in [
            "[[pin]]\nimage = \"a\"\n",
            "x = 1\n",
            "[[pin]]\nimage = \"a\"\ndigest = \"sha256:1\"\ndate = \"\"\n",
            "[[pin",
        ] {
            let error = Pins::read(&Tree::from_pairs([(FILE, text)])).unwrap_err();
            assert!(error.at.is_some_and(|at| at.line().is_some()), "{text}");
        }
    }
}
