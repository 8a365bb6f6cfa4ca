//! From arguments to settings.

use super::args::Choices;
use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::escape;
use crate::lang;
use crate::manifest::command;
use crate::settings::{Given, Settings};

/// For a command that keeps its flags: the words that rdock.toml will have for them.
pub fn kept(_flag: &str) -> String {
    format!("{} asks for it", crate::config::FILE)
}

/// For a command that uses its flags once.
pub fn once(flag: &str) -> String {
    format!("--{flag} asks for it")
}

/// `words` gives the reason for a flag's value: [`kept`] or [`once`].
///
/// # Errors
/// A command that only a shell could run, or a language that rdock does not know.
pub fn resolve(choices: Choices, words: fn(&str) -> String) -> Result<Settings, Diagnostic> {
    let Choices {
        runtime,
        builder,
        language_version,
        port,
        command,
        main,
        language,
        cache,
        mut stages,
    } = choices;
    stages.sort();
    stages.dedup();
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
    if let Some(image) = &builder
        && escape::image(image).is_err()
    {
        return Err(Diagnostic::error(
            &rules::BAD_SETTING,
            format!("--builder `{}` is no name of an image", image.escape_debug()),
        )
        .help("write an image with its tag: --builder golang:1.26-trixie"));
    }
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
        runtime: flag(runtime, "runtime", words),
        builder: flag(builder, "builder", words),
        version: flag(language_version, "language-version", words),
        port: flag(port, "port", words),
        command: flag(command, "command", words),
        main: flag(main, "main", words),
        language: flag(language, "language", words),
        cache: flag(cache, "cache", words),
        stages: flag(Some(stages).filter(|s| !s.is_empty()), "stages", words),
        ..Settings::default()
    })
}

fn flag<T>(value: Option<T>, name: &str, words: fn(&str) -> String) -> Option<Given<T>> {
    value.map(|value| Given {
        value,
        because: Because::rule(words(name)),
    })
}
