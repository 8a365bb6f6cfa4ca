//! The image of one patch, where a project allows no other: `requires-python = "==3.12.4"`.

use crate::catalog::{Base, Catalog, Tag, Variant};
use pep440_rs::Version;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

/// The first patch of a line that has an image on Debian 13, and on Debian 12. A table.
const SUITES: &[(u64, u64, u64)] = &[
    (9, 23, 17),
    (10, 18, 12),
    (11, 13, 4),
    (12, 11, 0),
    (13, 6, 0),
    (14, 0, 0),
];

/// The suite of the slim image of this patch; `None` where it has none on a maintained Debian.
pub fn suite(version: &Version) -> Option<&'static str> {
    let &[3, minor, patch] = version.release() else {
        return None;
    };
    let (_, trixie, bookworm) = SUITES.iter().find(|(m, ..)| *m == minor)?;
    match patch {
        p if p >= *trixie => Some("trixie"),
        p if p >= *bookworm && minor < 14 => Some("bookworm"),
        _ => None,
    }
}

/// Tags live as long as the catalogue, so each is made once.
static TAGS: LazyLock<Mutex<BTreeMap<String, &'static Tag>>> = LazyLock::new(Mutex::default);

/// The slim image of this patch in place of its line's.
pub fn slim(catalog: &'static Catalog, line: Base, version: &Version) -> Option<Base> {
    let suite = suite(version)?;
    let text = format!("{version}-slim-{suite}");
    let mut tags = TAGS.lock().expect("no holder panics");
    let tag = *tags.entry(text.clone()).or_insert_with(|| {
        Box::leak(Box::new(Tag {
            tag: text,
            suite: suite.to_string(),
            variant: Variant::Slim,
            size_mb: None,
            ..line.tag.clone()
        }))
    });
    Some(Base {
        tag,
        os: catalog.os(suite)?,
        ..line
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn a_patch_has_an_image_on_the_debian_of_its_day() {
        let of = |text| suite(&Version::from_str(text).unwrap());
        assert_eq!(of("3.13.13"), Some("trixie"));
        assert_eq!(of("3.11.4"), Some("bookworm"));
        assert_eq!(of("3.11.2"), None);
        assert_eq!(of("3.11"), None);
        assert_eq!(of("2.7.18"), None);
    }
}
