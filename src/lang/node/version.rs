//! Which Node.js: pins, ranges and hints in their order, and the image line that serves them.

use crate::catalog::{Catalog, Line};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules as shared};
use crate::lang::node::rules;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc;
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::settings::Given;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use nodejs_semver::{Range, Version};

/// A place that says which Node.js, and what it says.
pub struct Wish {
    pub text: Sourced<String>,
    /// A pin names one release; otherwise a range that newer lines may serve.
    pub pin: bool,
}

/// Names of the long-term support lines.
const CODENAMES: &[(&str, &str)] = &[
    ("krypton", "24"),
    ("jod", "22"),
    ("iron", "20"),
    ("hydrogen", "18"),
    ("gallium", "16"),
    ("fermium", "14"),
    ("erbium", "12"),
    ("dubnium", "10"),
];

/// Files that hold a version and nothing else, nearest folder first, then `engines` and its kin.
pub fn wishes(tree: &Tree, dir: &str, root: &str, packages: &[&PackageJson]) -> Vec<Wish> {
    let mut found = Vec::new();
    let field = |keys: &[&str], pin: bool, found: &mut Vec<Wish>| {
        for package in packages {
            if let Some(text) = package.node.string(keys).filter(|t| !t.value.trim().is_empty()) {
                found.push(Wish { text, pin });
            }
        }
    };
    field(&["volta", "node"], true, &mut found);
    for package in packages {
        let Some(runtime) = package.node.path(&["devEngines", "runtime"]) else {
            continue;
        };
        let all = if runtime.is_table() {
            std::slice::from_ref(runtime)
        } else {
            runtime.items()
        };
        let node = all
            .iter()
            .find(|r| r.get("name").and_then(doc::Node::as_str) == Some("node"));
        if let Some(text) = node.and_then(|n| n.string(&["version"])) {
            found.push(Wish { text, pin: false });
        }
    }
    let folders: Vec<&str> = paths::ancestors(dir)
        .take_while(|d| paths::is_under(d, root))
        .collect();
    for file in [
        ".nvmrc",
        ".node-version",
        ".tool-versions",
        "mise.toml",
        ".mise.toml",
    ] {
        for folder in &folders {
            let Some(source) = tree.text(&in_dir(folder, file)) else {
                continue;
            };
            let line = source.text.lines().find_map(|line| {
                let line = line.split('#').next().unwrap_or_default().trim();
                let value = match file {
                    ".nvmrc" | ".node-version" => Some(line),
                    ".tool-versions" => line
                        .strip_prefix("nodejs ")
                        .or_else(|| line.strip_prefix("node ")),
                    _ => line
                        .strip_prefix("node")
                        .map(|l| l.trim_start().trim_start_matches('=').trim()),
                }?;
                let value = value.split_whitespace().next()?.trim_matches(['"', '\'']);
                (!value.is_empty()).then(|| Sourced::new(value.to_string(), Location::of(&source, line)))
            });
            if let Some(text) = line {
                found.push(Wish { text, pin: true });
                break;
            }
        }
    }
    field(&["engines", "node"], false, &mut found);
    found
}

/// A range of releases from any of the spellings, or `None` for "the newest".
fn range(text: &str) -> Result<Option<Range>, ()> {
    let text = text.trim().trim_start_matches(['v', '=']).trim();
    let name = text
        .strip_prefix("lts/")
        .or_else(|| text.strip_prefix("lts-"))
        .unwrap_or(text)
        .to_lowercase();
    if matches!(
        name.as_str(),
        "*" | "" | "lts" | "node" | "stable" | "latest" | "current" | "system"
    ) {
        return Ok(None);
    }
    if let Some((_, major)) = CODENAMES.iter().find(|(n, _)| *n == name) {
        return Range::parse(major).map(Some).map_err(drop);
    }
    Range::parse(text).map(Some).map_err(drop)
}

/// Does some release of the line lie in the range? Releases are tried, as `>=20.9 <21` holds 20.19
/// and not 20.0.
fn serves(line: &Line, range: &Range) -> bool {
    let newest = Version::parse(&line.patch).unwrap_or_else(|_| version(0, 0));
    let in_line = |v: &Version| v.major().to_string() == line.version && *v <= newest;
    range.satisfies(&newest)
        || range.min_version().is_some_and(|v| in_line(&v))
        || (0..=newest.minor()).any(|minor| range.satisfies(&version(newest.major(), minor)))
}

/// The catalogue's line for the project: a setting, the first pin or range that there is, else the
/// newest with long-term support. `cap` holds it below what a dependency cannot be built for.
///
/// # Errors
/// A range that is empty or that no image serves.
pub fn choose(
    catalog: &'static Catalog,
    wishes: &[Wish],
    asked: Option<&Given<String>>,
    cap: Option<&(u64, Because)>,
    hint: Option<&Sourced<u64>>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Chosen<&'static Line>, Diagnostic> {
    let lines: &'static [Line] = catalog.image("node").map_or(&[], |i| &i.lines);
    let major = |line: &Line| line.version.parse::<u64>().unwrap_or(0);
    let best = |fits: &dyn Fn(&Line) -> bool| {
        let supported = || lines.iter().filter(|l| catalog.supported(l) && fits(l));
        supported()
            .find(|l| l.lts)
            .or_else(|| supported().next())
            .or_else(|| lines.iter().find(|l| fits(l)))
    };
    let nearest = || {
        let supported = lines.iter().filter(|l| catalog.supported(l) && l.lts);
        supported.min_by_key(|l| major(l))
    };
    let known: Vec<&str> = lines
        .iter()
        .filter(|l| catalog.supported(l))
        .map(|l| l.version.as_str())
        .collect();
    let losers = |line: &Line, why: &str| -> Vec<Rejected> {
        let others = known.iter().filter(|v| **v != line.version);
        others
            .map(|v| Rejected::possible(format!("node {v}"), why))
            .collect()
    };
    if let Some(given) = asked {
        let wanted = range(&given.value).ok().flatten();
        let line = lines
            .iter()
            .find(|l| l.version == given.value)
            .or_else(|| wanted.and_then(|r| best(&|l| serves(l, &r))));
        return match line {
            Some(line) => Ok(Chosen::new(line, given.because.clone()).over(losers(line, "not asked for"))),
            None => Err(Diagnostic::error(
                &shared::NO_VERSION,
                format!("there is no image of Node.js {}", given.value),
            )
            .help(format!("use one of: {}", known.join(", ")))),
        };
    }
    for wish in wishes {
        let Ok(wanted) = range(&wish.text.value) else {
            warnings.push(
                Diagnostic::warning(
                    &rules::NODE_RANGE,
                    format!("`{}` is no range of Node.js versions", wish.text.value),
                )
                .at(wish.text.at.clone(), "not taken into account")
                .help("write it like `22` or `>=22`"),
            );
            continue;
        };
        let Some(wanted) = wanted else {
            if wish.pin {
                let line = best(&|l| below(major(l), cap)).expect("the catalogue has a line");
                let because = Because::at(&wish.text.at, format!("says `{}`", wish.text.value));
                return Ok(
                    Chosen::new(line, because).over(losers(line, "not the newest with long-term support"))
                );
            }
            continue;
        };
        let open = !wish.pin && range_is_open(&wanted);
        let fits = |l: &Line| serves(l, &wanted);
        let line = match cap.filter(|_| open) {
            Some(_) => best(&|l| fits(l) && below(major(l), cap)).or_else(|| best(&fits)),
            None => best(&fits),
        };
        // A release from before the catalogue: the supported line that is nearest to it.
        let oldest = lines.iter().map(major).min().unwrap_or(0);
        let before = wanted.min_version().is_some_and(|v| v.major() < oldest);
        if let (None, true, Some(line)) = (line, before, nearest()) {
            let text = wish.text.value.trim();
            warnings.push(
                Diagnostic::warning(
                    &shared::END_OF_LIFE,
                    format!("Node.js `{text}` gets no security updates, and rdock knows no image of it"),
                )
                .at(
                    wish.text.at.clone(),
                    format!("the image has Node.js {}", line.version),
                )
                .help(format!("move to one of: {}", known.join(", "))),
            );
            let why = format!("asks for Node.js `{text}`; the oldest supported line is the nearest");
            return Ok(Chosen::new(line, Because::at(&wish.text.at, why))
                .over(losers(line, "further from what is asked for")));
        }
        let Some(line) = line else {
            return Err(Diagnostic::error(
                &shared::NO_VERSION,
                format!("no image of Node.js serves `{}`", wish.text.value),
            )
            .at(wish.text.at.clone(), "no such release")
            .help(format!(
                "widen it to one of {}, or set `version` in rdock.toml",
                known.join(", ")
            )));
        };
        let text = wish.text.value.trim();
        let verb = if wish.pin { "pins" } else { "admits" };
        let mut because = Because::at(&wish.text.at, format!("{verb} Node.js `{text}`"));
        let mut other = format!("outside of `{text}`, or not its newest");
        if let Some((limit, why)) = cap
            && open
            && major(line) <= *limit
            && best(&fits).is_some_and(|l| major(l) > *limit)
        {
            because = why.clone();
            other = "older, or one that a dependency breaks on".into();
        }
        if !catalog.supported(line) {
            warnings.push(
                Diagnostic::warning(
                    &shared::END_OF_LIFE,
                    format!(
                        "Node.js {} gets no security updates since {}",
                        line.version, line.eol
                    ),
                )
                .at(wish.text.at.clone(), "pinned here")
                .help(format!("move to one of: {}", known.join(", "))),
            );
        }
        for other in wishes.iter().filter(|o| !o.pin) {
            if let Ok(Some(r)) = range(&other.text.value)
                && !serves(line, &r)
            {
                warnings.push(
                    Diagnostic::warning(
                        &rules::NODE_RANGE,
                        format!("Node.js {} lies outside of `{}`", line.version, other.text.value),
                    )
                    .at(other.text.at.clone(), format!("{} decided", wish.text.at))
                    .help("make the two agree"),
                );
            }
        }
        return Ok(Chosen::new(line, because).over(losers(line, &other)));
    }
    if let Some(hint) = hint.filter(|h| below(h.value, cap))
        && let Some(line) = lines
            .iter()
            .find(|l| major(l) == hint.value && l.lts && catalog.supported(l))
    {
        let because = Because::at(&hint.at, format!("has the types of Node.js {}", hint.value));
        return Ok(Chosen::new(line, because).over(losers(line, "the types are of another")));
    }
    let line = best(&|l| below(major(l), cap)).expect("the catalogue has a line");
    let because = match cap {
        Some((_, why)) if best(&|_| true).is_some_and(|l| l.version != line.version) => why.clone(),
        _ => Because::rule("the newest line with long-term support, as the project names none"),
    };
    if let Some(at) = because.at.as_ref().filter(|_| !catalog.supported(line)) {
        let title = format!(
            "Node.js {} gets no security updates since {}",
            line.version, line.eol
        );
        warnings.push(
            Diagnostic::warning(&shared::END_OF_LIFE, title)
                .at(at.clone(), because.text.clone())
                .help("update the dependency, and what brings it"),
        );
    }
    let capped = cap.is_some() && because.at.is_some();
    let other = match capped {
        true => "older, or one that a dependency breaks on",
        false => "older, or without long-term support",
    };
    Ok(Chosen::new(line, because).over(losers(line, other)))
}

fn below(major: u64, cap: Option<&(u64, Because)>) -> bool {
    cap.is_none_or(|(limit, _)| major <= *limit)
}

fn version(major: u64, minor: u64) -> Version {
    Version::from((major, minor, 0))
}

/// `>=18` moves with the releases; `20.x` does not.
fn range_is_open(range: &Range) -> bool {
    range.satisfies(&version(999, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::source::Source;

    fn chosen(text: &str, pin: bool) -> Result<String, Diagnostic> {
        let source = Source::new("x", text);
        let text = Sourced::new(text.to_string(), Location::whole(&source));
        let wishes = [Wish { text, pin }];
        choose(catalog::catalog(), &wishes, None, None, None, &mut Vec::new())
            .map(|c| c.value.version.clone())
    }

    #[test]
    fn ranges_take_the_newest_line_with_long_term_support() {
        for (text, expected) in [
            (">=18", "26"),
            ("*", "26"),
            (">=18 <25", "24"),
            ("^20.9.0 || >=22", "26"),
            ("22.x", "22"),
            ("20", "20"),
            ("^22.11", "22"),
            ("18.17.1", "18"),
            (">= 20.0.0 < 23", "22"),
        ] {
            assert_eq!(chosen(text, false).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_pin_is_understood() {
        for (text, expected) in [
            ("v22.11.0", "22"),
            ("lts/*", "26"),
            ("lts/jod", "22"),
            ("node", "26"),
            ("22", "22"),
            ("stable", "26"),
            ("12", "22"),
            ("v0.10.48", "22"),
        ] {
            assert_eq!(chosen(text, true).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_range_that_no_image_serves_is_an_error() {
        assert!(chosen(">=99", false).is_err());
    }
}
