//! Shapes of versions and tags: `{n}.{n}` and `{line}-slim-{debian}`.

use crate::overlay::{Listed, Os, Shape};
use rdock::catalog::Family;

/// The line at the head of a tag, its numbers, and what follows.
pub fn line<'t>(shape: &str, tag: &'t str) -> Option<(&'t str, Vec<u64>, &'t str)> {
    let mut rest = tag;
    let mut numbers = Vec::new();
    let mut parts = shape.split("{n}");
    rest = rest.strip_prefix(parts.next().unwrap_or_default())?;
    for part in parts {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        numbers.push(rest[..end].parse().ok()?);
        rest = rest[end..].strip_prefix(part)?;
    }
    Some((&tag[..tag.len() - rest.len()], numbers, rest))
}

/// What a tag of the shape says after its line on a system: `-slim-trixie`.
pub fn end(shape: &Shape, os: &Os) -> Option<String> {
    let pattern = shape.shape.strip_prefix("{line}")?;
    if let Some(suite) = &shape.suite {
        return (*suite == os.suite).then(|| pattern.to_string());
    }
    let (holder, name) = match os.family {
        Family::Debian => ("{debian}", os.suite.as_str()),
        Family::Ubuntu => ("{ubuntu}", os.suite.as_str()),
        Family::Alpine if pattern.contains("{release}") => ("{release}", os.suite.strip_prefix("alpine")?),
        Family::Alpine => ("{alpine}", os.suite.as_str()),
        Family::Distroless | Family::Scratch => return None,
    };
    pattern.contains(holder).then(|| pattern.replace(holder, name))
}

/// `go {1}.{2}` with the numbers of a line put in.
pub fn cycle(support: &str, numbers: &[u64]) -> String {
    let fill = |text: String, (i, n): (usize, &u64)| text.replace(&format!("{{{}}}", i + 1), &n.to_string());
    numbers.iter().enumerate().fold(support.to_string(), fill)
}

/// Every run of digits: versions of any spelling compare by it.
pub fn numbers(version: &str) -> Vec<u64> {
    let runs = version.split(|c: char| !c.is_ascii_digit());
    runs.filter_map(|run| run.parse().ok()).collect()
}

/// The full version in a build's tags: the longest head before a dash.
pub fn patch(tags: &[String]) -> Option<&str> {
    let heads = tags.iter().filter_map(|t| t.split('-').next());
    heads
        .filter(|h| h.starts_with(|c: char| c.is_ascii_digit()))
        .max_by_key(|h| numbers(h))
}

/// Is the line one that rdock keeps?
pub fn kept(image: &Listed, numbers: &[u64]) -> bool {
    numbers >= image.oldest.as_slice()
}
