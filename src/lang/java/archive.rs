//! The archive of what a program loads while it starts: made by one start in the build, read by all later
//! ones. Only where somebody asks for it, as a program may want its database to start.

use super::facts::{Facts, Launcher, Package};
use crate::decision::{Because, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::Safe;
use crate::settings::{Runtime, Settings};

/// The first Java with a cache that one start makes by itself (JEP 514); before it, the older archive of
/// class data does the same for classes alone.
pub const CACHES: u32 = 25;

pub struct Archive {
    pub training: Safe,
    /// What later starts are told.
    pub option: &'static str,
    because: Because,
}

impl Archive {
    pub fn decision(&self) -> Decision {
        Decision {
            topic: "archive",
            value: self.option.to_string(),
            because: self.because.clone(),
            over: Vec::new(),
        }
    }
}

/// The archive that is asked for.
///
/// # Errors
/// Nothing ends the program after its start, or the image has no shell to start it in.
pub fn archive(
    settings: &Settings,
    facts: &Facts,
    java: u32,
    runtime: Runtime,
) -> Result<Option<Archive>, Diagnostic> {
    let Some(asked) = settings.aot.as_ref().filter(|a| a.value) else {
        return Ok(None);
    };
    let refused = |why: &str, help: &str| {
        let error = Diagnostic::error(&diagnostic::rules::BAD_SETTING, format!("`aot` {why}")).help(help);
        match &asked.because.at {
            Some(at) => error.at(at.clone(), "asked for here"),
            None => error,
        }
    };
    let ends = matches!(
        facts.package,
        Package::Layers {
            launcher: Launcher::Tools,
            ..
        }
    );
    if !ends {
        return Err(refused(
            "needs a program that can end after its start, which Spring Boot can from 3.3 on, as a jar with layers",
            "remove `aot` for this service",
        ));
    }
    if runtime == Runtime::Distroless {
        return Err(refused(
            "starts the program while the image is made, and this runtime has no shell for it",
            "choose the runtime `jre` or `alpine`, or remove `aot`",
        ));
    }
    let (makes, option) = if java >= CACHES {
        ("-XX:AOTCacheOutput=app.aot", "-XX:AOTCache=/app/app.aot")
    } else {
        (
            "-XX:ArchiveClassesAtExit=app.jsa",
            "-XX:SharedArchiveFile=/app/app.jsa",
        )
    };
    Ok(Some(Archive {
        training: Safe::literal(format!(
            "java {makes} -Dspring.context.exit=onRefresh -jar app.jar"
        )),
        option,
        because: asked.because.clone(),
    }))
}
