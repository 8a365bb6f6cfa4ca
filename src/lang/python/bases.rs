//! The bases: what each could hold of this program.

use super::exact;
use super::facts::Facts;
use super::packages::{self, Packages};
use super::pick::{self, Picked};
use super::rules;
use super::start::Start;
use crate::catalog::{Base, Variant};
use crate::choose::{self, Candidate};
use crate::decision::Chosen;
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::settings::Runtime;

const SUITE: &str = "trixie";

const ALPINE: &str = "alpine3.24";

const DISTROLESS: &str = "gcr.io/distroless/python3-debian13";

/// The only line that distroless has.
const DISTROLESS_MINOR: u64 = 13;

pub fn base_family(musl: bool) -> crate::catalog::Family {
    if musl {
        crate::catalog::Family::Alpine
    } else {
        crate::catalog::Family::Debian
    }
}

pub fn runtime(
    project: &Project,
    facts: &Facts,
    picked: &Picked,
    packages: &Packages,
    start: &Start,
    bare: bool,
) -> Result<Chosen<(Runtime, Base)>, Diagnostic> {
    let catalog = project.catalog;
    let version = picked.line.value.version.as_str();
    let missing = |what: &str| {
        Diagnostic::error(
            &diagnostic::rules::NO_VERSION,
            format!("the catalogue has no {what} image of Python {version}"),
        )
        .help("choose another version with `--language-version`")
    };
    let slim = catalog
        .base(pick::IMAGE, version, Variant::Slim, SUITE)
        .or_else(|| catalog.base(pick::IMAGE, version, Variant::Slim, "bookworm"))
        .and_then(|line| match &picked.exact {
            Some(patch) => exact::slim(catalog, line, patch),
            None => Some(line),
        })
        .ok_or_else(|| missing("slim"))?;
    let mut candidates = vec![Candidate::possible(
        Runtime::Slim,
        slim,
        match packages.run.is_empty() {
            _ if bare => "the interpreter, and nothing to install".to_string(),
            true => "the interpreter that the virtual environment was made with".to_string(),
            false => format!(
                "the interpreter that the virtual environment was made with, and {} from apt",
                packages.run.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        },
    )];
    let shell = matches!(start.words.first().map(String::as_str), Some("sh" | "bash"));
    candidates.push(match catalog.base(DISTROLESS, "", Variant::Nonroot, "debian13") {
        _ if picked.exact.is_some() => Candidate::impossible(
            Runtime::Distroless,
            "its interpreter is Debian's, and the project allows one patch alone",
        ),
        _ if picked.minor != DISTROLESS_MINOR => Candidate::impossible(
            Runtime::Distroless,
            format!("it has Python 3.{DISTROLESS_MINOR} alone, and this is {version}"),
        ),
        _ if !packages.run.is_empty() => Candidate::impossible(
            Runtime::Distroless,
            format!(
                "it has no apt for {}",
                packages.run.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        ),
        _ if shell => Candidate::impossible(
            Runtime::Distroless,
            "it has no shell, and the start command needs one",
        ),
        Some(base) => Candidate::possible(
            Runtime::Distroless,
            base,
            "no shell and no package manager; its interpreter is Debian's, some patches behind",
        ),
        None => Candidate::impossible(Runtime::Distroless, "the catalogue has none"),
    });
    let lacking = packages::not_for_musl(facts, picked.minor);
    candidates.push(
        match catalog.base(pick::IMAGE, version, Variant::Alpine, ALPINE) {
            _ if picked.exact.is_some() => Candidate::impossible(
                Runtime::Alpine,
                "the project allows one patch of Python, and the catalogue knows no Alpine of it",
            ),
            Some(base) if lacking.is_empty() => Candidate::possible(
                Runtime::Alpine,
                base,
                "smaller; every locked distribution is pure or has a wheel for musl",
            ),
            Some(_) => Candidate::impossible(Runtime::Alpine, lacking_words(&lacking)),
            None => Candidate::impossible(Runtime::Alpine, "the catalogue has none"),
        },
    );
    candidates.push(Candidate::impossible(
        Runtime::Scratch,
        "a Python program needs the interpreter and a libc",
    ));
    let asked = project.settings.runtime.as_ref();
    if asked.is_some_and(|a| a.value == Runtime::Alpine) && !lacking.is_empty() {
        let error = Diagnostic::error(
            &rules::NO_MUSL,
            format!(
                "alpine cannot be proven for this project: {}",
                lacking_words(&lacking)
            ),
        )
        .help("leave the runtime to rdock, or lock versions that have musllinux wheels");
        return Err(match asked.and_then(|a| a.because.at.clone()) {
            Some(at) => error.at(at, "asked for here"),
            None => error,
        });
    }
    choose::runtime(candidates, asked)
}

fn lacking_words(lacking: &[String]) -> String {
    let more = lacking.len().saturating_sub(6);
    let shown = lacking.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

pub fn builder(project: &Project, picked: &Picked, kind: Runtime) -> Result<Safe, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return escape::image(&given.value);
    }
    let version = picked.line.value.version.as_str();
    let base = match kind {
        Runtime::Alpine => project
            .catalog
            .base(pick::IMAGE, version, Variant::Alpine, ALPINE),
        _ => project
            .catalog
            .base(pick::IMAGE, version, Variant::Slim, SUITE)
            .or_else(|| {
                project
                    .catalog
                    .base(pick::IMAGE, version, Variant::Slim, "bookworm")
            })
            .and_then(|line| match &picked.exact {
                Some(patch) => exact::slim(project.catalog, line, patch),
                None => Some(line),
            }),
    };
    Ok(Safe::literal(base.expect("the runtime has it too").from()))
}
