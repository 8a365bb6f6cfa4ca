//! The commands. Each is the pipeline, ended in its own way.

pub mod args;
mod audit;
mod changed;
mod compose;
mod doctor;
mod explain;
mod findings;
mod github;
mod images;
mod init;
mod json;
mod manual;
mod outline;
mod output;
mod pin;
mod place;
mod progress;
mod record;
mod report;
mod schema;
mod settings;
mod sync;
mod viewpoint;
mod whatif;
mod wizard;
mod words;
mod write;

use crate::diagnostic::Diagnostic;
use crate::settings::Settings;
use args::{Args, Command, Many};
pub use explain::all_rules;
use output::Output;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command ended. The order is that of weight: the worst of several counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Fine,
    /// A file is not as rdock would write it, or has a finding.
    Drift,
    Error,
    /// A person pressed Ctrl-C; nothing was written.
    Stopped,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        ExitCode::from(match end {
            End::Fine => 0,
            End::Drift => 1,
            End::Error => 2,
            End::Stopped => 130,
        })
    }
}

/// Runs a command and says what went wrong.
pub fn run(args: Args) -> ExitCode {
    let Args {
        command,
        quiet,
        verbose,
        directory,
    } = args;
    let start = directory.unwrap_or_else(|| PathBuf::from("."));
    let out = Output::new(quiet, verbose);
    let result: Result<End, Diagnostic> = match command {
        Command::Init {
            path,
            yes,
            force,
            compose,
            choices,
        } => settings::resolve(choices, settings::kept)
            .and_then(|flags| init::run(&out, &start, &path, yes, force, flags))
            .and_then(|end| match compose {
                true => Ok(end.max(compose::run(&out, &start.join(&path), compose::How::default())?)),
                false => Ok(end),
            }),
        Command::Generate {
            services,
            print,
            force,
            bake,
            choices,
            many,
        } => settings::resolve(choices, settings::once).and_then(|flags| {
            let request = request(&start, &services, &many, flags);
            sync::generate(&out, &request, print, force, bake)
        }),
        Command::Check {
            services,
            choices,
            many,
        } => settings::resolve(choices, settings::once)
            .and_then(|flags| sync::check(&out, &request(&start, &services, &many, flags))),
        Command::Explain {
            services,
            choices,
            format,
        } => settings::resolve(choices, settings::once)
            .and_then(|flags| explain::run(&out, &start, &services, flags, format.format)),
        Command::List { path, format } => explain::list(&out, &start.join(path), format.format),
        Command::Doctor { format } => doctor::run(&out, &start, format.format),
        Command::Completions { shell } => manual::completions(&out, shell),
        Command::Man { command } => manual::page(&out, command.as_deref()),
        Command::Compose {
            print,
            target,
            format,
        } => {
            let how = compose::How {
                print,
                target,
                format: format.format,
            };
            compose::run(&out, &start, how)
        }
        Command::Pin {
            update,
            check,
            format,
        } => pin::run(&out, &start, pin::task(update, check), format.format),
        Command::Audit { paths, diff, format } => audit::run(&out, &start, &paths, format, diff),
        Command::Images {
            outdated: true,
            format,
            ..
        } => audit::outdated(&out, &start, format.format == args::OutputFormat::Json),
        Command::Images { name, format, .. } => {
            images::run(&out, name.as_deref().unwrap_or(""), format.format)
        }
        Command::Schema => schema::run(&out),
    };
    match result {
        Ok(end) => end.into(),
        Err(error) => {
            out.diagnostic(&error);
            End::Error.into()
        }
    }
}

fn request<'a>(start: &'a Path, names: &'a [String], many: &'a Many, flags: Settings) -> sync::Request<'a> {
    let Many {
        changed_since,
        format,
    } = many;
    sync::Request {
        start,
        names,
        changed_since: changed_since.as_deref(),
        flags,
        format: *format,
    }
}
