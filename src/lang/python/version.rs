//! Constraints on Python's version: PEP 440, Poetry's carets and tildes, the names in version files.

use crate::source::{Location, Sourced};
use pep440_rs::{Operator, Version, VersionSpecifiers};
use std::str::FromStr;

/// What one place of the project says about the version.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// As it is written there.
    pub text: String,
    pub at: Location,
    /// One of these must hold.
    any: Vec<VersionSpecifiers>,
    /// A file that names one version, such as .python-version, rather than a range.
    pub pin: bool,
}

impl Constraint {
    /// `>=3.10,<3.13` as PEP 440 reads it.
    pub fn pep440(text: &Sourced<String>) -> Option<Self> {
        let specifiers = VersionSpecifiers::from_str(text.value.trim()).ok()?;
        Some(Self {
            text: text.value.clone(),
            at: text.at.clone(),
            any: vec![specifiers],
            pin: false,
        })
    }

    /// `^3.11`, `~3.11`, `3.*`, `>=3.9 <4.0`, `^3.9 || ^3.11` as Poetry reads it.
    pub fn poetry(text: &Sourced<String>) -> Option<Self> {
        let any: Option<Vec<_>> = text
            .value
            .split("||")
            .flat_map(|part| part.split('|'))
            .map(|part| VersionSpecifiers::from_str(&poetry_to_pep440(part)?).ok())
            .collect();
        Some(Self {
            text: text.value.clone(),
            at: text.at.clone(),
            any: any?,
            pin: false,
        })
    }

    /// `3.12`, `3.12.4`, `python-3.12.4`, `cpython@3.12`: one version. The patch is dropped: the
    /// image of the line gets security fixes.
    pub fn pinned(text: &Sourced<String>) -> Option<Self> {
        let line = line_of(&text.value)?;
        Some(Self {
            text: text.value.trim().to_string(),
            at: text.at.clone(),
            any: vec![VersionSpecifiers::from_str(&format!("=={line}.*")).ok()?],
            pin: true,
        })
    }

    /// The one version that it allows, patch and all.
    pub fn exact(&self) -> Option<&Version> {
        let [only] = &self.any[..] else { return None };
        let mut exact = only.iter().filter(|s| *s.operator() == Operator::Equal);
        let plain = |v: &&Version| {
            let numbers: Vec<String> = v.release().iter().map(u64::to_string).collect();
            numbers.len() == 3 && numbers.join(".") == v.to_string()
        };
        exact.next().map(|s| s.version()).filter(plain)
    }

    pub fn allows(&self, version: &Version) -> bool {
        self.any.iter().any(|s| s.contains(version))
    }
}

/// `3.12` for `cpython-3.12.4`; `None` for PyPy, free-threaded builds and what is no version.
fn line_of(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let word = text[..text.len() - digits.len()].trim_end_matches(['-', '@', ' ', '=', 'v']);
    if !matches!(word.to_lowercase().as_str(), "" | "python" | "cpython" | "py") {
        return None;
    }
    let mut parts = digits.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let numeric = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit());
    (numeric(major) && numeric(minor)).then(|| format!("{major}.{minor}"))
}

fn poetry_to_pep440(text: &str) -> Option<String> {
    // `>= 3.9` is one clause, `>=3.9 <4.0` two.
    let mut clauses: Vec<String> = Vec::new();
    for word in text.split([',', ' ']).filter(|w| !w.is_empty()) {
        match clauses.last_mut() {
            Some(last) if last.chars().all(|c| "<>=!~^".contains(c)) => last.push_str(word),
            _ => clauses.push(word.to_string()),
        }
    }
    let clauses: Option<Vec<String>> = clauses.iter().map(|c| clause(c)).collect();
    let clauses: Vec<String> = clauses?.into_iter().filter(|c| !c.is_empty()).collect();
    Some(clauses.join(","))
}

fn clause(text: &str) -> Option<String> {
    let numbers =
        |version: &str| -> Option<Vec<u64>> { version.split('.').map(|p| p.parse().ok()).collect() };
    let below = |parts: &[u64], at: usize| {
        let mut parts = parts[..=at].to_vec();
        parts[at] += 1;
        parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
    };
    if text == "*" {
        return Some(String::new());
    }
    if let Some(version) = text.strip_prefix('^') {
        let parts = numbers(version)?;
        let at = parts.iter().position(|p| *p > 0).unwrap_or(parts.len() - 1);
        return Some(format!(">={version},<{}", below(&parts, at)));
    }
    if let Some(version) = text.strip_prefix('~').filter(|v| !v.starts_with('=')) {
        let parts = numbers(version)?;
        return Some(format!(
            ">={version},<{}",
            below(&parts, (parts.len() - 1).min(1))
        ));
    }
    match text.starts_with(['<', '>', '=', '!', '~']) {
        true => Some(text.to_string()),
        false => Some(format!("=={text}")),
    }
}

/// Does the locked version satisfy what is asked? What cannot be read does.
pub fn meets(version: Option<&str>, spec: &str) -> bool {
    let Some(version) = version.and_then(|v| Version::from_str(v).ok()) else {
        return true;
    };
    VersionSpecifiers::from_str(spec).map_or(true, |s| s.contains(&version) || version.any_prerelease())
}

/// Could a version at or above `floor` satisfy `spec`? A specifier that nobody can read allows all.
pub fn admits(spec: &str, floor: &Version) -> bool {
    let Ok(specifiers) = VersionSpecifiers::from_str(spec) else {
        return true;
    };
    specifiers.iter().all(|s| {
        let version = s.version();
        match s.operator() {
            Operator::LessThan => version > floor,
            Operator::LessThanEqual | Operator::Equal | Operator::ExactEqual => version >= floor,
            Operator::EqualStar => above_prefix(version.release(), floor),
            Operator::TildeEqual => above_prefix(&version.release()[..version.release().len() - 1], floor),
            _ => true,
        }
    })
}

/// Is some version that begins with `prefix` at or above `floor`?
fn above_prefix(prefix: &[u64], floor: &Version) -> bool {
    let mut next = prefix.to_vec();
    if let Some(last) = next.last_mut() {
        *last += 1;
    }
    Version::new(next) > *floor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn sourced(text: &str) -> Sourced<String> {
        Sourced::new(text.into(), Location::whole(&Source::new("f", text)))
    }

    fn allowed(constraint: Option<Constraint>) -> Vec<u64> {
        let constraint = constraint.unwrap();
        (8..=14)
            .filter(|minor| constraint.allows(&Version::new([3, *minor, 20])))
            .collect()
    }

    #[test]
    fn poetry_ranges_are_read_by_poetrys_grammar() {
        let poetry = |text| allowed(Constraint::poetry(&sourced(text)));
        assert_eq!(poetry("^3.11"), [11, 12, 13, 14]);
        assert_eq!(poetry("~3.11"), [11]);
        assert_eq!(poetry("3.12.*"), [12]);
        assert_eq!(poetry(">= 3.9 <3.12"), [9, 10, 11]);
        assert_eq!(poetry("~3.9 || ^3.13"), [9, 13, 14]);
        assert_eq!(poetry("*").len(), 7);
        assert!(Constraint::poetry(&sourced("latest")).is_none());
    }

    #[test]
    fn pep_440_and_version_files_are_read() {
        let pep = |text| allowed(Constraint::pep440(&sourced(text)));
        assert_eq!(pep(">=3.10,<3.13"), [10, 11, 12]);
        assert_eq!(pep("==3.12.*"), [12]);
        assert_eq!(pep("~=3.13"), [13, 14]);
        let pinned = |text| Constraint::pinned(&sourced(text));
        assert_eq!(allowed(pinned("python-3.12.4\n")), [12]);
        assert_eq!(allowed(pinned("cpython@3.9")), [9]);
        assert!(pinned("pypy3.10").is_none());
        assert!(pinned("3").is_none());
        assert!(pinned("3.14t").is_none());
    }

    #[test]
    fn a_specifier_admits_what_is_new_enough() {
        let admits = |spec, floor| admits(spec, &Version::from_str(floor).unwrap());
        assert!(!admits("==1.26.4", "2.1.0"));
        assert!(!admits("<2", "2.1.0"));
        assert!(!admits("~=1.5", "2.1.0"));
        assert!(!admits("==1.*", "2.1.0"));
        assert!(admits("~=2.0", "2.3.2"));
        assert!(admits(">=2.5,<3", "2.3.2"));
        assert!(admits("", "2.3.2"));
    }
}
