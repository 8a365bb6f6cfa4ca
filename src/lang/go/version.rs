//! Which line of Go compiles.

use super::detect::Facts;
use crate::catalog::Line;
use crate::choose;
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::Project;
use crate::source::Sourced;

/// The newest supported line that is not older than any stated minimum.
pub fn version(
    project: &Project,
    facts: &Facts,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Chosen<&'static Line>, Diagnostic> {
    let catalog = project.catalog;
    let lines = catalog.supported_lines("golang");
    let nearest = lines.first().map_or("none".to_string(), |l| l.version.clone());
    if let Some(given) = &project.settings.version {
        let all = catalog.image("golang").map_or(&[][..], |i| &i.lines);
        let found = all.iter().find(|l| minor(&l.version) == minor(&given.value));
        let Some(line) = found else {
            let error = Diagnostic::error(
                &rules::NO_VERSION,
                format!("there is no image of Go {}", given.value),
            );
            return Err(placed(error, &given.because).help(format!("the newest is {nearest}")));
        };
        if !catalog.supported(line) {
            warnings.push(
                Diagnostic::warning(
                    &rules::END_OF_LIFE,
                    format!("Go {} gets no security updates since {}", line.version, line.eol),
                )
                .help(format!(
                    "take {nearest}: a program for an older Go builds with it as well"
                )),
            );
        }
        return Ok(Chosen::new(line, given.because.clone()));
    }
    let highest = facts
        .versions
        .iter()
        .filter(|v| minor(&v.value).is_some())
        .max_by_key(|v| minor(&v.value));
    let Some(highest) = highest else {
        let line = lines
            .first()
            .copied()
            .ok_or_else(|| Diagnostic::error(&rules::NO_VERSION, "the catalogue has no Go"))?;
        return Ok(Chosen::new(
            line,
            Because::rule("no file names a version: the newest supported Go"),
        ));
    };
    let broken = broken(facts);
    let below = |l: &Line, found: &Option<(Sourced<String>, &Broken)>| {
        found
            .as_ref()
            .is_none_or(|(_, b)| minor(&l.version) < Some(b.from))
    };
    let wanted = |l: &Line| minor(&l.version) >= minor(&highest.value);
    let older = choose::newest_line(catalog, "golang", false, |l| wanted(l) && below(l, &broken));
    let broken = broken.filter(|_| older.is_some());
    let line = older.or_else(|| choose::newest_line(catalog, "golang", false, wanted));
    let Some(line) = line else {
        return Err(Diagnostic::error(
            &rules::NO_VERSION,
            format!("no supported image of Go is as new as {}", highest.value),
        )
        .at(highest.at.clone(), format!("the newest image is {nearest}"))
        .help(format!(
            "lower the line to {nearest}, or name a builder image with --builder"
        )));
    };
    let others = lines.iter().filter(|l| l.version != line.version);
    let over = others
        .map(|l| {
            let name = format!("golang:{}", l.version);
            match &broken {
                Some((_, b)) if minor(&l.version) >= Some(b.from) => Rejected::impossible(
                    name,
                    format!("{} {} does not compile with it", b.module, b.version),
                ),
                _ => Rejected::possible(name, "an older line; Go keeps its promise of compatibility"),
            }
        })
        .collect();
    let because = match &broken {
        Some((at, b)) => {
            let (major, minor) = b.from;
            let text = format!(
                "requires {} {}, which Go {major}.{minor} does not compile",
                b.module, b.version
            );
            Because::at(&at.at, text)
        }
        None => said(highest),
    };
    Ok(Chosen::new(line, because).over(over))
}

/// A release of a module that newer lines of Go do not compile.
struct Broken {
    module: &'static str,
    version: &'static str,
    from: (u32, u32),
}

const BROKEN: &[Broken] = &[
    // Its http2 lacks TrailerPrefix there, which gRPC uses.
    Broken {
        module: "golang.org/x/net",
        version: "v0.54.0",
        from: (1, 27),
    },
];

fn broken(facts: &Facts) -> Option<(Sourced<String>, &'static Broken)> {
    facts.module.gomod.require.iter().find_map(|required| {
        let text = &required.at.source().text;
        let version = text[required.at.range()?.end..].split_whitespace().next()?;
        let found = BROKEN
            .iter()
            .find(|b| b.module == required.value && b.version == version)?;
        Some((required.clone(), found))
    })
}

fn said(version: &Sourced<String>) -> Because {
    Because::at(
        &version.at,
        format!(
            "says `go {}`, newest supported Go that is not older",
            version.value
        ),
    )
}

fn placed(error: Diagnostic, because: &Because) -> Diagnostic {
    match &because.at {
        Some(at) => error.at(at.clone(), "asked for here"),
        None => error,
    }
}

/// `1.25rc1`, `1.25.3` and `1.25` are all (1, 25).
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    let number = |part: Option<&str>| -> Option<u32> {
        let part = part?;
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().ok()
    };
    Some((number(parts.next())?, number(parts.next()).unwrap_or(0)))
}
