//! Which Java: what the project asks for, in the order of precedence, and the line that serves it.

use super::rules;
use super::tables::DEFAULT_JAVA;
use crate::catalog::Catalog;
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::properties;
use crate::paths;
use crate::settings::Given;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// One place that asks for a Java.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub major: u32,
    /// What it says, after the place: "sets `java.version` to 17".
    pub because: Because,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For the people who work on it: `.sdkmanrc`.
    Pin,
    /// The class files' version: runs on this Java and newer.
    Release,
    /// Gradle compiles with exactly this one.
    Toolchain,
    /// What a framework's parent sets where the project says nothing.
    Default,
}

impl Ask {
    pub fn new(kind: Kind, major: u32, at: &Location, what: &str) -> Self {
        Self {
            major,
            because: Because::at(at, format!("{what} {major}")),
            kind,
        }
    }
}

/// `17`, `1.8`, `21.0.4-tem`, `temurin-21.0.2+13`, `VERSION_1_8`, `openjdk-25`.
pub fn major(text: &str) -> Option<u32> {
    let text = text.rsplit("VERSION_").next()?.replace('_', ".");
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let mut numbers = text[start..].split(|c: char| !c.is_ascii_digit());
    let first: u32 = numbers.next()?.parse().ok()?;
    let major = if first == 1 {
        numbers.next()?.parse().ok()?
    } else {
        first
    };
    (major > 0 && major < 100).then_some(major)
}

/// What the files of version managers say, in the module's folder and above.
pub fn pins(tree: &Tree, dir: &str) -> Vec<Ask> {
    let mut asks = Vec::new();
    for folder in paths::ancestors(dir) {
        let text = |name: &str| tree.text(&paths::join(folder, name).unwrap_or_default());
        let mut ask = |value: &str, at: Location, what: &str| {
            if let Some(major) = major(value) {
                asks.push(Ask::new(Kind::Pin, major, &at, what));
            }
        };
        if let Some(source) = text(".sdkmanrc")
            && let Some(java) = properties::get(&properties::parse(&source), "java")
        {
            ask(&java.value, java.at.clone(), "asks for Java");
        }
        if let Some(source) = text(".java-version")
            && let Some(line) = source.text.lines().find(|l| !l.trim().is_empty())
        {
            ask(line.trim(), Location::of(&source, line), "asks for Java");
        }
        if let Some(source) = text(".tool-versions")
            && let Some(line) = source.text.lines().find(|l| l.starts_with("java "))
        {
            ask(&line[5..], Location::of(&source, line), "asks for Java");
        }
        for name in ["mise.toml", ".mise.toml"] {
            if let Some(source) = text(name)
                && let Ok(root) = crate::manifest::doc::toml(&source)
                && let Some(java) = root.path(&["tools", "java"])
            {
                let version = java.get("version").unwrap_or(java);
                ask(
                    &version.scalar().unwrap_or_default(),
                    version.at.clone(),
                    "asks for Java",
                );
            }
        }
        if let Some(source) = text("system.properties")
            && let Some(java) = properties::get(&properties::parse(&source), "java.runtime.version")
        {
            ask(&java.value, java.at.clone(), "sets `java.runtime.version` to");
        }
    }
    asks
}

/// The Java of builder and runtime: the asked one, or the next line with long-term support.
/// `highest` is the newest that the build tool runs on.
///
/// # Errors
/// No image has it.
pub fn choose(
    catalog: &'static Catalog,
    given: Option<&Given<String>>,
    asks: &[Ask],
    highest: Option<&Sourced<u32>>,
) -> Result<Chosen<u32>, Diagnostic> {
    let lines: Vec<(u32, bool)> = catalog
        .image("eclipse-temurin")
        .map_or(&[][..], |i| &i.lines)
        .iter()
        .filter_map(|l| Some((l.version.parse().ok()?, l.lts && catalog.supported(l))))
        .collect();
    let lts = |wanted: u32| {
        let fitting = lines.iter().filter(|(v, lts)| *lts && *v >= wanted);
        fitting.map(|(v, _)| *v).min()
    };
    let serve = |wanted: u32| lts(wanted).or_else(|| lines.iter().map(|(v, _)| *v).find(|v| *v == wanted));
    let known = || {
        let mut all: Vec<u32> = lines.iter().filter(|(_, lts)| *lts).map(|(v, _)| *v).collect();
        all.sort_unstable();
        all.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    };
    let none = |wanted: &str, at: Option<&Location>| {
        let error = Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            format!("no image has Java {wanted}; there are {}", known()),
        )
        .help("set `version` in rdock.toml, or give --language-version");
        match at {
            Some(at) => error.at(at.clone(), "asked for here"),
            None => error,
        }
    };
    if let Some(given) = given {
        let wanted = major(&given.value).filter(|m| lines.iter().any(|(v, _)| v == m));
        return match wanted {
            Some(wanted) => Ok(Chosen::new(wanted, given.because.clone())),
            None => Err(none(&given.value, given.because.at.as_ref())),
        };
    }
    // Class files of a release do not run on an older Java, whatever a version manager pins.
    let floor = asks
        .iter()
        .filter(|a| a.kind != Kind::Pin)
        .map(|a| a.major)
        .max()
        .unwrap_or(0);
    let first = asks
        .iter()
        .find(|a| a.major >= floor || a.kind == Kind::Toolchain)
        .or_else(|| asks.first());
    let Some(ask) = first else {
        let major = highest.map_or(DEFAULT_JAVA, |h| h.value.min(DEFAULT_JAVA));
        let because = match highest {
            Some(h) if h.value < DEFAULT_JAVA => {
                Because::at(&h.at, format!("runs on Java {} at the most", h.value))
            }
            _ => Because::rule("nothing in the project asks for a version; most libraries run on this one"),
        };
        return Ok(Chosen::new(major, because));
    };
    let Some(line) = serve(ask.major) else {
        return Err(none(&ask.major.to_string(), ask.because.at.as_ref()));
    };
    let mut because = ask.because.clone();
    if line != ask.major {
        because.text += &format!(", and {line} is the next line with long-term support");
    }
    let over = asks
        .iter()
        .filter(|a| a.major != ask.major)
        .map(|a| Rejected::possible(format!("Java {}", a.major), a.because.located()))
        .collect();
    Ok(Chosen::new(line, because).over(over))
}

/// A warning where the chosen line gets no more updates.
pub fn ended(catalog: &'static Catalog, java: u32, at: Option<&Location>) -> Option<Diagnostic> {
    let image = catalog.image("eclipse-temurin")?;
    let line = image.lines.iter().find(|l| l.version == java.to_string())?;
    if catalog.supported(line) {
        return None;
    }
    let warning = Diagnostic::warning(
        &diagnostic::rules::END_OF_LIFE,
        format!(
            "Java {} has had no security updates since {}",
            line.version, line.eol
        ),
    )
    .help("move to a line with long-term support");
    Some(match at {
        Some(at) => warning.at(at.clone(), "asked for here"),
        None => warning,
    })
}

/// An ask whose value is no version of Java.
pub fn unreadable(value: &str, at: &Location) -> Diagnostic {
    Diagnostic::warning(&rules::ODD_VERSION, format!("`{value}` is no version of Java"))
        .at(at.clone(), "")
        .help("write a number, such as 21")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;
    use crate::source::Source;

    #[test]
    fn versions_are_read_as_tools_write_them() {
        for (text, want) in [
            ("17", Some(17)),
            ("1.8", Some(8)),
            ("21.0.4-tem", Some(21)),
            ("temurin-21.0.2+13", Some(21)),
            ("JavaVersion.VERSION_1_8", Some(8)),
            ("VERSION_17", Some(17)),
            ("openjdk", None),
            ("", None),
        ] {
            assert_eq!(major(text), want, "{text}");
        }
    }

    #[track_caller]
    fn check(asks: &[(Kind, u32)], want: u32) {
        let at = Location::whole(&Source::new("pom.xml", ""));
        let asks: Vec<Ask> = asks.iter().map(|(k, m)| Ask::new(*k, *m, &at, "says")).collect();
        assert_eq!(choose(catalog(), None, &asks, None).unwrap().value, want);
    }

    #[test]
    fn a_release_becomes_the_next_line_with_long_term_support() {
        check(&[(Kind::Release, 8)], 8);
        check(&[(Kind::Release, 10)], 11);
        check(&[(Kind::Release, 18)], 21);
        check(&[(Kind::Release, 22)], 25);
        check(&[], 21);
    }

    #[test]
    fn a_pin_below_the_release_does_not_win() {
        check(&[(Kind::Pin, 17), (Kind::Release, 21)], 21);
        check(&[(Kind::Pin, 21), (Kind::Release, 17)], 21);
    }

    #[test]
    fn a_java_that_nobody_has_is_an_error() {
        let at = Location::whole(&Source::new("pom.xml", ""));
        assert!(choose(catalog(), None, &[Ask::new(Kind::Release, 40, &at, "says")], None).is_err());
    }
}
