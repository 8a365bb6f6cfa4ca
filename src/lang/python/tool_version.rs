//! The version of the tool that installs, where the project insists on a range of them.

use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::source::Sourced;
use pep440_rs::{Operator, Version, VersionSpecifiers};
use std::str::FromStr;

/// `0.8.4` alone means that one.
pub fn range(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("=={text}");
    }
    text.to_string()
}

fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    VersionSpecifiers::from_str(&range(text)).ok()
}

/// Is the version in the range? What is no range keeps nothing out.
pub fn admits(text: &str, version: &str) -> bool {
    match (specifiers(text), Version::from_str(version)) {
        (Some(range), Ok(version)) => range.contains(&version),
        _ => true,
    }
}

/// The image of uv: the newest line that the range admits.
///
/// # Errors
/// A tag that cannot be written into a Dockerfile.
pub fn uv_image(
    catalog: &'static Catalog,
    asked: Option<&Sourced<String>>,
) -> Result<Option<Safe>, Diagnostic> {
    let Some(image) = catalog.image("ghcr.io/astral-sh/uv") else {
        return Ok(None);
    };
    let known = image
        .lines
        .iter()
        .find(|l| asked.is_none_or(|a| admits(&a.value, &l.patch)))
        .and_then(|l| l.tags.first())
        .map(|t| t.tag.clone());
    let tag = known.or_else(|| outside(&asked?.value));
    tag.map(|tag| escape::path(&format!("{}:{tag}", image.reference)))
        .transpose()
}

/// The tag for a range that the catalogue's lines are not in: that of the line which its lower end
/// begins, where all of that line fits, else the lower end itself.
fn outside(text: &str) -> Option<String> {
    let range = specifiers(text)?;
    let lower = range.iter().find(|s| {
        matches!(
            s.operator(),
            Operator::Equal | Operator::EqualStar | Operator::GreaterThanEqual | Operator::TildeEqual
        )
    })?;
    let release = lower.version().release();
    let (major, minor) = (release.first()?, release.get(1).copied().unwrap_or(0));
    let last = Version::new([*major, minor, 9999]);
    Some(match range.contains(&last) {
        true => format!("{major}.{minor}"),
        false => lower.version().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;
    use crate::source::{Location, Source};

    #[track_caller]
    fn tag(text: &str, expected: &str) {
        let asked = Sourced::new(
            text.to_string(),
            Location::whole(&Source::new("pyproject.toml", "")),
        );
        let image = uv_image(catalog(), Some(&asked)).unwrap().unwrap();
        assert_eq!(image.as_str().rsplit(':').next(), Some(expected));
    }

    #[test]
    fn the_image_of_uv_is_one_that_the_project_accepts() {
        let newest = uv_image(catalog(), None).unwrap().unwrap().to_string();
        tag(">=0.4", newest.rsplit(':').next().unwrap());
        tag("==0.7.2", "0.7.2");
        tag("0.7.2", "0.7.2");
        tag("~=0.7.2", "0.7");
        tag("==0.6.*", "0.6");
        tag(">=0.5.3,<0.6", "0.5");
        tag(">=0.5.3,<0.5.10", "0.5.3");
    }
}
