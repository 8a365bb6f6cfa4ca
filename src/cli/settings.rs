//! From arguments to settings.

use super::args::Choices;
use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::lang;
use crate::manifest::command;
use crate::settings::{Given, Settings};

fn flag<T>(name: &str, value: Option<T>) -> Option<Given<T>> {
    value.map(|value| Given {
        value,
        because: Because::rule(format!("--{name} says so")),
    })
}

/// # Errors
/// A command that only a shell could run, or a language that rdock does not know.
pub fn resolve(choices: Choices) -> Result<Settings, Diagnostic> {
    let Choices {
        runtime,
        builder,
        language_version,
        port,
        command,
        main,
        language,
        cache,
    } = choices;
    let command = match command {
        Some(text) => match command::parse(&text).filter(|c| c.env.is_empty()) {
            Some(command) => Some(command.words),
            None => {
                return Err(Diagnostic::error(
                    &rules::BAD_SETTING,
                    format!("--command `{text}` is no plain program with arguments"),
                )
                .help("a container starts a program without a shell; where one is needed, write --command \"sh -c '…'\""));
            }
        },
        None => None,
    };
    if let Some(id) = &language
        && !lang::ALL.iter().any(|l| l.id == id)
    {
        let known: Vec<&str> = lang::ALL.iter().map(|l| l.id).collect();
        return Err(Diagnostic::error(
            &rules::BAD_SETTING,
            format!("`{id}` is no language that rdock knows"),
        )
        .help(format!("one of: {}", known.join(", "))));
    }
    Ok(Settings {
        runtime: flag("runtime", runtime),
        builder: flag("builder", builder),
        version: flag("language-version", language_version),
        port: flag("port", port),
        command: flag("command", command),
        main: flag("main", main),
        language: flag("language", language),
        cache: flag("cache", cache),
        ..Settings::default()
    })
}
