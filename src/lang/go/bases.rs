//! Which image compiles, and which one runs.

use super::detect::Facts;
use super::links::Cgo;
use crate::catalog::{Base, Line, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::settings::Runtime;

const SUITE: &str = "trixie";
const ALPINE: &str = "alpine3.24";

pub fn runtime(project: &Project, facts: &Facts) -> Result<Chosen<(Runtime, Option<Base>)>, Diagnostic> {
    let catalog = project.catalog;
    let distroless = |name: &str| catalog.lookup(&format!("gcr.io/distroless/{name}-debian13:nonroot"));
    let alpine = catalog.lookup(&format!("alpine:{}", ALPINE.trim_start_matches("alpine")));
    let slim = catalog.lookup(&format!("debian:{SUITE}-slim"));
    let candidates = match &facts.cgo {
        None => vec![
            Candidate::possible(
                Runtime::Distroless,
                distroless("static"),
                "no cgo in the build, so a static binary (2 MB, no shell)",
            ),
            Candidate::possible(
                Runtime::Scratch,
                None,
                "nothing but the program, CA roots and its own time zones",
            ),
            Candidate::possible(
                Runtime::Alpine,
                alpine,
                "a static binary with a shell and apk beside it (8 MB)",
            ),
            Candidate::possible(
                Runtime::Slim,
                slim,
                "a static binary with Debian beside it (75 MB)",
            ),
        ],
        Some(cgo) => with_cgo(cgo, &distroless, alpine, slim),
    };
    choose::runtime(candidates, project.settings.runtime.as_ref())
}

fn with_cgo(
    cgo: &Cgo,
    distroless: &dyn Fn(&str) -> Option<Base>,
    alpine: Option<Base>,
    slim: Option<Base>,
) -> Vec<Candidate<Option<Base>>> {
    let why = cgo.because.worded();
    let libraries = !cgo.run.is_empty() || !cgo.unknown.is_empty();
    let list = cgo.run.iter().copied().collect::<Vec<_>>().join(", ");
    let needs = if list.is_empty() {
        "shared libraries".to_string()
    } else {
        list
    };
    let small = match (libraries, cgo.cpp) {
        (true, _) => Candidate::impossible(
            Runtime::Distroless,
            format!("the program needs {needs}, which distroless has not"),
        ),
        (_, true) => Candidate::possible(
            Runtime::Distroless,
            distroless("cc"),
            format!("{why}: glibc and libstdc++, no shell"),
        ),
        (_, false) => Candidate::possible(
            Runtime::Distroless,
            distroless("base-nossl"),
            format!("{why}: glibc, no shell"),
        ),
    };
    let slim = Candidate::possible(
        Runtime::Slim,
        slim,
        if libraries {
            format!("{why} and the program needs {needs}")
        } else {
            "glibc with a shell and apt".into()
        },
    );
    let alpine = if libraries || cgo.cpp {
        Candidate::impossible(
            Runtime::Alpine,
            format!("{why}, and the libraries that it needs are known for Debian alone"),
        )
    } else {
        Candidate::possible(Runtime::Alpine, alpine, "musl: compiled on Alpine too")
    };
    let scratch = Candidate::impossible(
        Runtime::Scratch,
        format!("{why}, so the binary is linked to libc"),
    );
    vec![small, slim, alpine, scratch]
}

pub fn builder(
    project: &Project,
    facts: &Facts,
    version: &Chosen<&'static Line>,
    kind: Runtime,
) -> Result<Chosen<Safe>, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return Ok(Chosen::new(escape::image(&given.value)?, given.because.clone()));
    }
    let line = &version.value.version;
    let musl = facts.cgo.is_some() && kind == Runtime::Alpine;
    let (variant, suite) = if musl {
        (Variant::Alpine, ALPINE)
    } else {
        (Variant::Full, SUITE)
    };
    let base = project
        .catalog
        .base("golang", line, variant, suite)
        .ok_or_else(|| {
            Diagnostic::error(
                &rules::NO_VERSION,
                format!("golang {line} has no image on {suite}"),
            )
            .help("name a builder image with --builder")
        })?;
    let mut over = version.over.clone();
    if musl {
        over.push(Rejected::impossible(
            format!("golang:{line}-{SUITE}"),
            "glibc, and the runtime has musl",
        ));
    } else {
        over.push(Rejected::possible(
            format!("golang:{line}-{ALPINE}"),
            "has no git, no C compiler and no bash; only its layers are smaller",
        ));
    }
    Ok(Chosen::new(Safe::literal(base.from()), version.because.clone()).over(over))
}
