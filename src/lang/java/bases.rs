//! The images: what the program runs on, and what it is built with.

use super::build;
use super::facts::{Facts, Package, Tomcat, Tool, Wrapper};
use super::tables::GLIBC_ONLY;
use crate::catalog::{Base, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::plan::RuntimeStage;
use crate::settings::Runtime;

/// Ubuntu's suites with Temurin's images, newest long-term one first: builder and runtime share it.
pub const SUITES: &[&str] = &["noble", "jammy", "focal"];
pub const ALPINES: &[&str] = &["alpine3.24", "alpine3.23", "alpine3.22"];
/// What the program runs on: a JRE, or Tomcat for a war.
pub fn runtime(project: &Project, facts: &Facts, java: u32) -> Result<Chosen<(Runtime, Base)>, Diagnostic> {
    let catalog = project.catalog;
    let version = java.to_string();
    let asked = project.settings.runtime.as_ref();
    if let Some(given) = super::jlink::asked(project) {
        return super::jlink::runtime(project, facts, java, &given.because);
    }
    let scratch = Candidate::impossible(Runtime::Scratch, "a JVM needs libc and its own files");
    let slim = Candidate::impossible(
        Runtime::Slim,
        "there is no official image of a JRE on slim Debian",
    );
    if let Package::War { tomcat, .. } = &facts.package {
        let (line, api) = match tomcat.value {
            Tomcat::V9 => ("9.0", "javax.servlet"),
            Tomcat::V10 => ("10.1", "jakarta.servlet up to 6.0"),
            Tomcat::V11 => ("11.0", "jakarta.servlet 6.1"),
        };
        let base = catalog.base("tomcat", &format!("{line}-jre{version}"), Variant::Jre, SUITES[0]);
        let why = Because::at(&tomcat.at, format!("wants {api}, which Tomcat {line} has"));
        let jre = match base {
            Some(base) => Candidate::possible(Runtime::Jre, base, "a war needs a servlet container"),
            None => Candidate::impossible(
                Runtime::Jre,
                format!("there is no image of Tomcat {line} on Java {java}"),
            ),
        };
        let other = |r| {
            Candidate::impossible(
                r,
                "the war needs a servlet container, and Tomcat's image is on Ubuntu",
            )
        };
        let all = vec![
            jre,
            other(Runtime::Distroless),
            other(Runtime::Alpine),
            slim,
            scratch,
        ];
        let mut chosen = choose::runtime(all, asked)?;
        if asked.is_none() {
            chosen.because = why;
        }
        return Ok(chosen);
    }
    let jre = SUITES
        .iter()
        .find_map(|s| catalog.base("eclipse-temurin", &version, Variant::Jre, s));
    let jre = match jre {
        Some(base) => Candidate::possible(
            Runtime::Jre,
            base,
            "Temurin's JRE has certificates, time zones and fonts, on every architecture",
        ),
        None => Candidate::impossible(Runtime::Jre, format!("there is no image of a JRE {java}")),
    };
    let distroless = catalog.base(
        &format!("gcr.io/distroless/java{java}-debian13"),
        "",
        Variant::Nonroot,
        "debian13",
    );
    let distroless = match distroless {
        Some(base) => Candidate::possible(
            Runtime::Distroless,
            base,
            "a JRE without a shell and without fonts",
        ),
        None => Candidate::impossible(Runtime::Distroless, format!("it has no image of Java {java}")),
    };
    let alpine = ALPINES
        .iter()
        .find_map(|s| catalog.base("eclipse-temurin", &version, Variant::Jre, s));
    let native = facts
        .artifacts
        .iter()
        .find(|a| GLIBC_ONLY.iter().any(|g| a.starts_with(g)));
    let alpine = match (alpine, native) {
        (_, Some(native)) => Candidate::impossible(
            Runtime::Alpine,
            format!("{native} brings native code for glibc, and Alpine has musl"),
        ),
        (Some(base), None) if java < 21 => {
            Candidate::possible(Runtime::Alpine, base, "smaller, musl, and for amd64 alone")
        }
        (Some(base), None) => Candidate::possible(
            Runtime::Alpine,
            base,
            "smaller, but native code in jars often wants glibc",
        ),
        (None, None) => Candidate::impossible(Runtime::Alpine, format!("there is no image of Java {java}")),
    };
    choose::runtime(vec![jre, distroless, alpine, slim, scratch], asked)
}

/// The image of the build stage. The wrapper brings its own tool, so a JDK is enough for it.
pub fn builder(project: &Project, facts: &Facts, java: &Chosen<u32>) -> Result<Chosen<Safe>, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return Ok(Chosen::new(escape::image(&given.value)?, given.because.clone()));
    }
    let catalog = project.catalog;
    let wanted = build::runs_on(facts, java.value);
    let jdk = |v: u32| {
        SUITES
            .iter()
            .find_map(|s| catalog.base("eclipse-temurin", &v.to_string(), Variant::Jdk, s))
    };
    let tool = |v: u32| match facts.recipe.tool {
        Tool::Maven => SUITES
            .iter()
            .find_map(|s| catalog.base("maven", &format!("3.9-eclipse-temurin-{v}"), Variant::Jdk, s)),
        Tool::Gradle => build::gradle_majors(facts).iter().find_map(|major| {
            SUITES
                .iter()
                .find_map(|s| catalog.base("gradle", &format!("{major}-jdk{v}"), Variant::Jdk, s))
        }),
    };
    let usable = matches!(facts.recipe.wrapper, Wrapper::Usable { .. });
    let found = if usable {
        jdk(wanted)
    } else {
        (wanted..wanted + 10).find_map(tool)
    };
    let base = found.ok_or_else(|| {
        Diagnostic::error(
            &rules::NO_VERSION,
            format!(
                "there is no image of {} with Java {wanted}",
                facts.recipe.tool.name()
            ),
        )
        .help("name a builder image with --builder")
    })?;
    let mut over = java.over.clone();
    if usable && let Some(other) = tool(wanted) {
        over.push(Rejected::possible(
            other.from(),
            format!("has another {} than the wrapper", facts.recipe.tool.name()),
        ));
    }
    Ok(Chosen::new(Safe::literal(base.from()), java.because.clone()).over(over))
}

/// Tomcat on a read-only root: sessions and pages are worked on below /tmp, logs go to the console.
pub fn tomcat_setup(stage: &mut RuntimeStage) -> Result<(), Diagnostic> {
    const LINES: &[&str] = &[
        "mkdir -p conf/Catalina/localhost",
        r#"sed -i -e '/AccessLogValve/,/\/>/d' -e 's|<Host name="localhost"|& workDir="/tmp/work"|' conf/server.xml"#,
        "sed -i -e 's/[0-9][a-z-]*\\.org\\.apache\\.juli\\.AsyncFileHandler/java.util.logging.ConsoleHandler/g' \\\n        -e '/^[.]*handlers *=/s/=.*/= java.util.logging.ConsoleHandler/' conf/logging.properties",
    ];
    let lines = LINES.join(" \\\n    && ");
    stage.setup = Some(match stage.setup.take() {
        Some(setup) => format!("{setup} \\\n    && {lines}"),
        None => format!("RUN {lines}"),
    });
    stage.env("CATALINA_TMPDIR", "/tmp")
}
