//! The commands. Each is the pipeline, ended in its own way.

pub mod args;
mod compose;
mod explain;
mod images;
mod init;
mod json;
mod output;
mod pin;
mod place;
mod record;
mod settings;
mod sync;
mod write;

use crate::diagnostic::Diagnostic;
use args::{Args, Command};
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command ended. The order is that of weight: the worst of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Fine,
    /// A file is not as rdock would write it.
    Drift,
    Error,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        ExitCode::from(match end {
            End::Fine => 0,
            End::Drift => 1,
            End::Error => 2,
        })
    }
}

/// Runs a command and says what went wrong.
pub fn run(args: Args) -> ExitCode {
    let Args {
        command,
        quiet,
        directory,
    } = args;
    let start = directory.unwrap_or_else(|| PathBuf::from("."));
    let out = Output { quiet };
    let result: Result<End, Diagnostic> = match command {
        Command::Init {
            path,
            yes,
            force,
            compose,
            choices,
        } => settings::resolve(choices, settings::kept)
            .and_then(|flags| init::run(&out, &start.join(&path), yes, force, flags))
            .and_then(|end| match compose {
                true => Ok(end.max(compose::run(&out, &start.join(&path), false)?)),
                false => Ok(end),
            }),
        Command::Generate {
            services,
            print,
            force,
            choices,
            format,
        } => settings::resolve(choices, settings::once)
            .and_then(|flags| sync::generate(&out, &start, &services, print, force, flags, format.format)),
        Command::Check {
            services,
            choices,
            format,
        } => settings::resolve(choices, settings::once)
            .and_then(|flags| sync::check(&out, &start, &services, flags, format.format)),
        Command::Explain {
            services,
            choices,
            format,
        } => settings::resolve(choices, settings::once)
            .and_then(|flags| explain::run(&out, &start, &services, flags, format.format)),
        Command::List { path, format } => explain::list(&out, &start.join(path), format.format),
        Command::Compose { print } => compose::run(&out, &start, print),
        Command::Pin { update, check } => pin::run(&out, &start, pin::task(update, check)),
        Command::Images { name, format } => images::run(&out, name.as_deref().unwrap_or(""), format.format),
    };
    match result {
        Ok(end) => end.into(),
        Err(error) => {
            out.diagnostic(&error);
            End::Error.into()
        }
    }
}
