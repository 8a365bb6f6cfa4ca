//! A Java of the program's own modules, by jlink. Only where somebody asks for it: a class that is loaded by
//! name is in no list that a tool can make.

use super::facts::{Facts, Package};
use crate::catalog::{Base, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::settings::{Given, Runtime};

/// The first Java with jlink and jdeps as they are used here.
const FIRST: u32 = 11;
/// From here on jlink compresses by names, and before it `zip-6` has a number.
const NAMED: u32 = 21;
/// Modules that libraries load by name or by a service, so that jdeps does not see them.
const BY_NAME: &[&str] = &[
    "java.instrument",
    "java.management",
    "java.naming",
    "java.security.jgss",
    "java.sql",
    "jdk.unsupported",
    "jdk.zipfs",
];
/// Elliptic curves of TLS, which are in java.base from 22 on.
const CURVES: (u32, &str) = (22, "jdk.crypto.ec");

/// What the template says of it.
pub struct Jlink {
    /// The image of the JDK, on the platform of the program.
    pub jdk: Safe,
    /// Arguments of COPY: the packaged program.
    pub from: Safe,
    /// Are there jars in the jar?
    pub nested: bool,
    /// Modules beside those that are found, each with a comma before it.
    pub more: Safe,
    pub options: &'static str,
}

pub struct Linked {
    pub view: Jlink,
    pub decision: Decision,
}

/// What was asked for.
pub fn asked<'a>(project: &'a Project) -> Option<Given<&'a [String]>> {
    let given = project.settings.jlink.as_ref()?;
    let more = given.value.as_ref()?;
    Some(Given {
        value: more.as_slice(),
        because: given.because.clone(),
    })
}

fn refused(because: &Because, why: &str, help: &str) -> Diagnostic {
    let error = Diagnostic::error(&diagnostic::rules::BAD_SETTING, format!("`jlink` {why}")).help(help);
    match &because.at {
        Some(at) => error.at(at.clone(), "asked for here"),
        None => error,
    }
}

/// A base without a Java of its own, whose libc is that of the JDK's build.
///
/// # Errors
/// The program or the asked runtime cannot have one.
pub fn runtime(
    project: &Project,
    facts: &Facts,
    java: u32,
    because: &Because,
) -> Result<Chosen<(Runtime, Base)>, Diagnostic> {
    if let Package::War { .. } = facts.package {
        let why = "makes a Java for one program, and a war runs on that of Tomcat's image";
        return Err(refused(because, why, "remove `jlink` for this service"));
    }
    if java < FIRST {
        let why = format!("is not there in Java {java}");
        return Err(refused(
            because,
            &why,
            "remove `jlink`, or raise the Java of the project",
        ));
    }
    let catalog = project.catalog;
    let known = |runtime, base: Option<Base>, note: &str| match base {
        Some(base) => Candidate::possible(runtime, base, note),
        None => Candidate::impossible(runtime, "the catalogue has no image for it"),
    };
    let all = vec![
        known(
            Runtime::Slim,
            catalog.newest_base("debian", "13", Variant::Slim, crate::catalog::Family::Debian),
            "jlink brings the Java, so glibc is all that the image has to have",
        ),
        known(
            Runtime::Distroless,
            catalog.base(
                "gcr.io/distroless/base-nossl-debian13",
                "",
                Variant::Nonroot,
                "debian13",
            ),
            "jlink brings the Java; glibc and no shell",
        ),
        match jdk(project, java, Runtime::Alpine) {
            Some(jdk) => known(
                Runtime::Alpine,
                catalog.newest_base(
                    "alpine",
                    jdk.tag.suite.trim_start_matches("alpine"),
                    Variant::Alpine,
                    crate::catalog::Family::Alpine,
                ),
                "jlink brings the Java, for musl",
            ),
            None => Candidate::impossible(Runtime::Alpine, format!("there is no JDK {java} for musl")),
        },
        Candidate::impossible(Runtime::Jre, "it has a Java already, and `jlink` makes one"),
        Candidate::impossible(Runtime::Scratch, "a JVM needs libc and its own files"),
    ];
    choose::runtime(all, project.settings.runtime.as_ref())
}

/// The JDK whose modules are taken: that of the runtime's libc.
fn jdk(project: &Project, java: u32, runtime: Runtime) -> Option<Base> {
    let suites = if runtime == Runtime::Alpine {
        super::bases::ALPINES
    } else {
        super::bases::SUITES
    };
    suites.iter().find_map(|suite| {
        project
            .catalog
            .base("eclipse-temurin", &java.to_string(), Variant::Jdk, suite)
    })
}

/// The two stages that make it.
///
/// # Errors
/// A module's name that is none, or no image of the JDK.
pub fn link(
    project: &Project,
    facts: &Facts,
    java: u32,
    runtime: Runtime,
    given: &Given<&[String]>,
) -> Result<Linked, Diagnostic> {
    if project.settings.aot.as_ref().is_some_and(|a| a.value) && java < super::archive::CACHES {
        let why = format!("leaves out the archive that `aot` adds to in Java {java}");
        return Err(refused(&given.because, &why, "remove one of the two"));
    }
    let mut modules: Vec<&str> = BY_NAME.to_vec();
    if java < CURVES.0 {
        modules.push(CURVES.1);
    }
    for module in given.value {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        if module.is_empty() || !module.chars().all(good) {
            let why = format!("has {module:?}, which is no module's name");
            return Err(refused(
                &given.because,
                &why,
                "write it as `java --list-modules` does",
            ));
        }
        modules.push(module);
    }
    modules.sort_unstable();
    modules.dedup();
    let jdk = jdk(project, java, runtime).ok_or_else(|| {
        let why = format!("needs a JDK {java}, of which there is no image for this runtime");
        refused(&given.because, &why, "choose another runtime, or remove `jlink`")
    })?;
    let more: Vec<Safe> = modules
        .iter()
        .map(|m| Ok(Safe::join(&[Safe::literal(","), escape::shell(m)?], "")))
        .collect::<Result<_, Diagnostic>>()?;
    let from = match facts.package {
        Package::Layers { .. } => "--from=extract /extract/",
        _ => "--from=build /out/",
    };
    Ok(Linked {
        view: Jlink {
            jdk: Safe::literal(jdk.from()),
            from: Safe::literal(from),
            nested: matches!(facts.package, Package::Fat { .. }),
            more: Safe::join(&more, ""),
            options: if java < NAMED {
                "--strip-debug --no-header-files --no-man-pages --compress=2"
            } else {
                "--strip-java-debug-attributes --no-header-files --no-man-pages --compress=zip-6"
            },
        },
        decision: Decision {
            topic: "jlink",
            value: format!("the modules of its classes, {}", modules.join(", ")),
            because: given.because.clone(),
            over: Vec::new(),
        },
    })
}
