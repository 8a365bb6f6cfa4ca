//! The line of Python: the newest maintained one that satisfies every constraint and for which the
//! pinned distributions have wheels.

use super::dists::Dist;
use super::facts::Facts;
use super::floors::FLOORS;
use super::natives::{NATIVES, OPTIONAL_C};
use super::source::Module;
use super::tools::Tool;
use super::{exact, rules, version};
use crate::catalog::{Catalog, Line};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::paths;
use crate::settings::Settings;
use pep440_rs::Version;
use std::str::FromStr;

pub const IMAGE: &str = "python";

/// The newest line for which nearly every distribution has wheels. Raised a year after a line's
/// release.
const SETTLED: &str = "3.13";

pub struct Picked {
    pub line: Chosen<&'static Line>,
    pub minor: u64,
    /// The only patch that the project allows, where that is not the newest.
    pub exact: Option<Version>,
    pub warnings: Vec<Diagnostic>,
}

/// # Errors
/// No line satisfies all, or the asked one is unknown.
pub fn pick(facts: &Facts, catalog: &'static Catalog, settings: &Settings) -> Result<Picked, Diagnostic> {
    let lines = catalog.image(IMAGE).map_or(&[][..], |i| &i.lines);
    let known: Vec<&'static Line> = lines.iter().collect();
    if let Some(given) = &settings.version {
        let asked = given.value.split('.').take(2).collect::<Vec<_>>().join(".");
        let Some(line) = known.iter().find(|l| l.version == asked) else {
            let all: Vec<&str> = known.iter().map(|l| l.version.as_str()).collect();
            let error = Diagnostic::error(
                &diagnostic::rules::NO_VERSION,
                format!("there is no image of Python {}", given.value),
            )
            .help(format!("choose one of {}", all.join(", ")));
            return Err(match &given.because.at {
                Some(at) => error.at(at.clone(), "asked for here"),
                None => error,
            });
        };
        return Ok(picked(Chosen::new(*line, given.because.clone()), Vec::new()));
    }
    let mut warnings = Vec::new();
    let mut constraints: Vec<_> = facts.constraints.iter().collect();
    let exact = constraints.iter().find_map(|c| {
        let version = c.exact()?;
        let others = constraints.iter().all(|c| c.allows(version));
        let line = known.iter().find(|l| in_line(version, l))?;
        let older = *version < newest(line) && exact::suite(version).is_some();
        (others && older).then(|| (version.clone(), *c, *line))
    });
    // The version that the image of a line would have.
    let version_in = |line: &Line| match &exact {
        Some((version, ..)) if in_line(version, line) => version.clone(),
        _ => newest(line),
    };
    // A pin on a line that nobody publishes any more binds nothing.
    constraints.retain(|c| {
        let exists = !c.pin || known.iter().any(|l| c.allows(&version_in(l)));
        if !exists {
            warnings.push(
                Diagnostic::warning(
                    &rules::DEAD_VERSION,
                    format!("there is no image of Python {}", c.text),
                )
                .at(c.at.clone(), "left out of account")
                .help("pin a maintained line, as in `3.13`"),
            );
        }
        exists
    });
    // The Python that pip-compile ran with says of which age the pins are, and forbids no other.
    let maintained = |cs: &[&super::version::Constraint]| {
        let mut supported = known.iter().filter(|l| catalog.supported(l));
        supported.any(|l| cs.iter().all(|c| c.allows(&version_in(l))))
    };
    let compiled = |c: &super::version::Constraint| {
        c.pin && c.at.file().ends_with(".txt") && paths::base(c.at.file()) != "runtime.txt"
    };
    let mut made_with = None;
    if !maintained(&constraints)
        && let Some(i) = constraints.iter().position(|c| compiled(c))
    {
        let pin = constraints.remove(i);
        if maintained(&constraints) {
            warnings.push(
                Diagnostic::warning(
                    &rules::DEAD_VERSION,
                    format!("Python {} gets no security updates any more", pin.text),
                )
                .at(pin.at.clone(), "left out of account")
                .help("compile the requirements again with a maintained Python"),
            );
            made_with = Some(pin);
        } else {
            constraints.insert(i, pin);
        }
    }
    let dropped_pin = !warnings.is_empty();
    // .tool-versions sets up a workstation: no tool that installs the project reads it. Nor does any but
    // uv read .python-version.
    let tool = facts.manager.as_ref().map(|m| m.tool);
    let reads_pin = !matches!(tool, Some(Tool::Pip | Tool::Pipenv | Tool::Poetry));
    let sets_up = |file: &str| match paths::base(file) {
        ".tool-versions" => true,
        ".python-version" => !reads_pin,
        _ => false,
    };
    let fits = |cs: &[&super::version::Constraint]| {
        known.iter().any(|l| cs.iter().all(|c| c.allows(&version_in(l))))
    };
    if !fits(&constraints)
        && let Some(i) = constraints.iter().position(|c| sets_up(c.at.file()))
    {
        let pin = constraints.remove(i);
        if fits(&constraints) {
            warnings.push(
                Diagnostic::warning(
                    &rules::OTHER_VERSION,
                    format!("Python {} is outside of what the project allows", pin.text),
                )
                .at(pin.at.clone(), "left out of account")
                .help("pin a version that the project's own range holds"),
            );
        } else {
            constraints.insert(i, pin);
        }
    }
    let satisfies = |l: &&'static Line| constraints.iter().all(|c| c.allows(&version_in(l)));
    let supported: Vec<&'static Line> = known
        .iter()
        .copied()
        .filter(|l| catalog.supported(l))
        .filter(satisfies)
        .collect();
    let ended: Vec<&'static Line> = known
        .iter()
        .copied()
        .filter(|l| !catalog.supported(l))
        .filter(satisfies)
        .collect();
    if supported.is_empty() && ended.is_empty() {
        return Err(impossible(facts, &known));
    }
    let dists = facts.manager.as_ref().map_or(&[][..], |m| &m.dists);
    let mut over = Vec::new();
    let mut fitting = Vec::new();
    let bundled = bundled(facts);
    for line in supported.iter().chain(&ended) {
        if let Some(name) = bundled.filter(|_| minor(line) > 11) {
            let why = format!("the source imports {name}, which came with Python until 3.11");
            over.push((*line, Rejected::possible(format!("Python {}", line.version), why)));
            continue;
        }
        match dists
            .iter()
            .find_map(|d| Some((d, blocked(d, minor(line), facts)?)))
        {
            Some((dist, why)) => over.push((
                *line,
                Rejected::possible(format!("Python {}", line.version), format!("{} {why}", dist.name)),
            )),
            None => fitting.push(*line),
        }
    }
    if let Some(dist) = dists.iter().find(|d| {
        let dead = |l: &&&'static Line| blocked(d, minor(l), facts).is_some();
        NEEDS_NO_COMPILER.contains(&d.name.as_str()) && known.iter().filter(dead).count() == known.len()
    }) {
        let (oldest, newest) = (known.last(), known.first());
        let version = |l: Option<&&'static Line>| l.map_or("", |l| l.version.as_str()).to_string();
        return Err(Diagnostic::error(
            &rules::NO_PYTHON,
            format!("{} {} works on no Python that has an image", dist.name, dist.spec),
        )
        .at(
            dist.at.clone(),
            format!("too old for {} to {}", version(oldest), version(newest)),
        )
        .help(format!(
            "raise {} to a version that works on {}",
            dist.name,
            version(oldest)
        )));
    }
    let pinned = constraints.iter().find(|c| c.pin);
    // Without a lock nobody knows what the distributions bring along, and whether that has wheels.
    let told_by_build = facts
        .manager
        .as_ref()
        .is_some_and(|m| m.installs_self && dists.is_empty());
    let proven = !told_by_build && dists.iter().all(|d| d.wheels.is_some());
    if !proven && pinned.is_none() {
        let late = fitting.iter().position(|l| l.version == SETTLED);
        for line in fitting.drain(..late.unwrap_or(0)) {
            let why = "many distributions have no wheels for it yet, and no lock lists any";
            over.push((line, Rejected::possible(format!("Python {}", line.version), why)));
        }
    }
    let settled = !proven && fitting.first().is_some_and(|l| l.version == SETTLED);
    let line = match (dropped_pin, fitting.first()) {
        // Nearest to what was pinned: an old line where the distributions are of its age.
        (true, first) => match supported.last() {
            Some(oldest) if first.is_some() && !aged(dists, oldest, facts) => Some(*oldest),
            Some(oldest) if ended.is_empty() => Some(*oldest),
            _ => ended.last().copied(),
        },
        (_, Some(line)) if catalog.supported(line) => Some(*line),
        (_, Some(line)) => supported
            .iter()
            .copied()
            .find(|l| can_compile(dists, l, facts))
            .or(Some(*line)),
        // Where every maintained line needs a compiler, the one that needs it least.
        (_, None) => supported
            .iter()
            .chain(&ended)
            .copied()
            .min_by_key(|l| count(dists, l, facts)),
    }
    .expect("one of the lists holds a line");
    if !catalog.supported(line) {
        let mut warning = Diagnostic::warning(
            &diagnostic::rules::END_OF_LIFE,
            format!(
                "Python {} has had no security updates since {}",
                line.version, line.eol
            ),
        )
        .help("allow a newer line in the project's manifest");
        if let Some(c) = constraints.first() {
            warning = warning.at(c.at.clone(), "allows no maintained line");
        } else if let Some((_, r)) = over.first() {
            warning = warning.help(format!("raise the pin: {}", r.why));
        }
        warnings.push(warning);
    }
    let passed_over = over
        .iter()
        .filter(|(l, _)| minor(l) > minor(line))
        .map(|(_, r)| r.clone())
        .collect::<Vec<_>>();
    let because = match (pinned, constraints.first()) {
        _ if made_with.is_some_and(|c| !c.allows(&version_in(line))) => {
            let pin = made_with.expect("looked at just now");
            let why = format!(
                "was compiled with {}, and this is the nearest maintained line",
                pin.text
            );
            Because::at(&pin.at, why)
        }
        (Some(pin), _) => Because::at(&pin.at, format!("says {}", pin.text)),
        (None, None) if settled => {
            Because::rule("the newest line for which nearly every distribution has wheels")
        }
        (None, Some(c)) if settled && passed_over.iter().all(|r| r.why.starts_with("many")) => Because::at(
            &c.at,
            format!(
                "says {}, and this is the newest line in it for which nearly every distribution has wheels",
                c.text
            ),
        ),
        (None, _) if !passed_over.is_empty() => Because::rule(format!(
            "the newest maintained line that fits the pins: {}",
            passed_over.last().map_or("", |r| r.why.as_str())
        )),
        (None, Some(c)) => Because::at(
            &c.at,
            format!("says {}, and this is the newest maintained line in it", c.text),
        ),
        (None, None) => Because::rule("the newest maintained line; nothing in the project asks for another"),
    };
    let others = supported
        .iter()
        .filter(|l| minor(l) < minor(line) && pinned.is_none());
    let older = others.map(|l| Rejected::possible(format!("Python {}", l.version), "older"));
    let over = passed_over.into_iter().chain(older).collect();
    let mut picked = picked(Chosen::new(line, because).over(over), warnings);
    if let Some((version, constraint, line)) = exact.filter(|(_, _, l)| l.version == line.version) {
        picked.warnings.push(
            Diagnostic::warning(
                &rules::EXACT_VERSION,
                format!("the image stays at Python {version}; {} is newer", line.patch),
            )
            .at(constraint.at.clone(), "allows no other")
            .help(format!("allow the patches of the line: `=={}.*`", line.version)),
        );
        picked.exact = Some(version);
    }
    Ok(picked)
}

fn in_line(version: &Version, line: &Line) -> bool {
    matches!(version.release(), [3, m, ..] if *m == minor(line))
}

/// Where one of these is too old for a line of Python, no compiler helps.
const NEEDS_NO_COMPILER: &[&str] = &["django"];

/// What the source imports of the modules that Python, or the virtual environments that it makes, had
/// until 3.11, and that no dependency brings.
fn bundled(facts: &Facts) -> Option<&'static str> {
    let manager = facts.manager.as_ref();
    let has_setuptools = manager.is_some_and(|m| m.has("setuptools"));
    let made_by_python = manager.is_some_and(|m| m.tool == Tool::Pip);
    let tried = |m: &Module| {
        ["ImportError", "ModuleNotFoundError", "version_info"]
            .iter()
            .any(|w| m.source.text.contains(w))
    };
    let gone = [
        ("asyncore", true),
        ("distutils", !has_setuptools),
        ("imp", true),
        ("pkg_resources", made_by_python && !has_setuptools),
    ];
    let imported = |name: &str| facts.modules.iter().any(|m| m.imports(name) && !tried(m));
    gone.into_iter()
        .find(|(name, matters)| *matters && imported(name))
        .map(|(name, _)| name)
}

/// Does a pinned distribution keep the program off this line?
fn aged(dists: &[Dist], line: &Line, facts: &Facts) -> bool {
    dists.iter().any(|d| blocked(d, minor(line), facts).is_some())
}

fn count(dists: &[Dist], line: &Line, facts: &Facts) -> usize {
    dists
        .iter()
        .filter(|d| blocked(d, minor(line), facts).is_some())
        .count()
}

/// Blocked by nothing but distributions that rdock knows how to compile.
fn can_compile(dists: &[Dist], line: &Line, facts: &Facts) -> bool {
    dists
        .iter()
        .filter(|d| blocked(d, minor(line), facts).is_some())
        .all(|d| NATIVES.iter().any(|n| n.name == d.name && !n.build.is_empty()))
}

fn picked(line: Chosen<&'static Line>, warnings: Vec<Diagnostic>) -> Picked {
    Picked {
        minor: minor(line.value),
        exact: None,
        line,
        warnings,
    }
}

fn minor(line: &Line) -> u64 {
    line.version
        .split('.')
        .nth(1)
        .and_then(|m| m.parse().ok())
        .unwrap_or(0)
}

fn newest(line: &Line) -> Version {
    let text = if line.patch.is_empty() {
        &line.version
    } else {
        &line.patch
    };
    Version::from_str(text).unwrap_or_else(|_| Version::new([3, minor(line)]))
}

/// Why this distribution does not install or work on the line as it is, without a compiler.
pub fn blocked(dist: &Dist, minor: u64, facts: &Facts) -> Option<String> {
    if OPTIONAL_C.contains(&dist.name.as_str()) && dist.name != "sqlalchemy" {
        return None;
    }
    let version = dist.version().map_or(String::new(), |v| format!("{v} "));
    if dist.lacks_wheel(minor, false) {
        return Some(format!("{version}has no wheel for 3.{minor}"));
    }
    let compiled = |d: &Dist| d.wheels.as_ref().is_some_and(|w| w.iter().any(|w| !w.is_pure()));
    if compiled(dist) {
        return None;
    }
    let row = FLOORS.iter().find(|f| f.name == dist.name)?;
    let (_, first) = row.lines.iter().rev().find(|(line, _)| *line <= minor)?;
    if first.is_empty() {
        let mended = facts
            .manager
            .as_ref()
            .is_some_and(|m| dist.name == "pydub" && m.has("audioop-lts"));
        return (!mended).then(|| format!("does not work on 3.{minor}"));
    }
    let first = Version::from_str(first).ok()?;
    let spec = if dist.spec.starts_with(['^', '~']) && !dist.spec.starts_with("~=") {
        return None;
    } else {
        &dist.spec
    };
    (!version::admits(spec, &first)).then(|| {
        let said = if version.is_empty() {
            format!("{} ", dist.spec)
        } else {
            version
        };
        format!("{said}is too old for 3.{minor}")
    })
}

fn impossible(facts: &Facts, known: &[&'static Line]) -> Diagnostic {
    let impossible_alone = facts
        .constraints
        .iter()
        .find(|c| !known.iter().any(|l| c.allows(&newest(l))));
    let oldest = known.last().map_or("", |l| l.version.as_str());
    let newest_line = known.first().map_or("", |l| l.version.as_str());
    let (title, at, label) = match impossible_alone {
        Some(c) => (
            format!("no Python that has an image satisfies `{}`", c.text),
            c.at.clone(),
            format!("holds none of {oldest} to {newest_line}"),
        ),
        None => {
            let all: Vec<String> = facts
                .constraints
                .iter()
                .map(|c| format!("`{}` ({})", c.text, c.at))
                .collect();
            let first = &facts.constraints[0];
            (
                format!("no Python satisfies all of {}", all.join(" and ")),
                first.at.clone(),
                "contradicts the others".to_string(),
            )
        }
    };
    Diagnostic::error(&rules::NO_PYTHON, title)
        .at(at, label)
        .help(format!(
            "change the marked version, or set `version = \"{newest_line}\"` in rdock.toml"
        ))
}
