//! The prompts: one function a kind of question. Esc is "back", Ctrl-C is "stop".

use crate::diagnostic::{Diagnostic, rules};
use anstream::{AutoStream, ColorChoice};
use inquire::ui::{RenderConfig, Styled};
use inquire::{Confirm, InquireError, MultiSelect, Select, Text};

pub enum Answer<T> {
    Given(T),
    Back,
}

/// Why the questions end before the last one.
pub enum Stop {
    /// Ctrl-C.
    Interrupted,
    Failed(Box<Diagnostic>),
}

impl From<Diagnostic> for Stop {
    fn from(error: Diagnostic) -> Self {
        Stop::Failed(Box::new(error))
    }
}

fn config() -> RenderConfig<'static> {
    let config = if AutoStream::choice(&std::io::stderr()) == ColorChoice::Never {
        RenderConfig::empty()
    } else {
        RenderConfig::default_colored()
    };
    config.with_canceled_prompt_indicator(Styled::new("(back)"))
}

fn answer<T>(result: Result<Option<T>, InquireError>) -> Result<Answer<T>, Stop> {
    match result {
        Ok(Some(value)) => Ok(Answer::Given(value)),
        Ok(None) | Err(InquireError::OperationCanceled) => Ok(Answer::Back),
        Err(InquireError::OperationInterrupted) => Err(Stop::Interrupted),
        Err(other) => Err(Diagnostic::error(
            &rules::NO_TERMINAL,
            format!("the terminal cannot be asked: {other}"),
        )
        .help("run `rdock init --yes` with flags for the answers")
        .into()),
    }
}

/// One of several; `rows` as they are drawn, `short` for the answered line. Gives the index.
pub fn select(
    message: &str,
    rows: Vec<String>,
    short: &[String],
    start: usize,
) -> Result<Answer<usize>, Stop> {
    let tallest = rows.iter().map(|r| r.lines().count()).max().unwrap_or(1);
    let formatter = |row: inquire::list_option::ListOption<&String>| short[row.index].clone();
    let asked = Select::new(message, rows)
        .with_starting_cursor(start)
        .with_page_size(page(tallest))
        .with_formatter(&formatter)
        .without_filtering()
        .with_help_message("arrows move, Enter takes, Esc goes back, Ctrl-C stops")
        .with_render_config(config())
        .raw_prompt_skippable();
    Ok(match answer(asked)? {
        Answer::Given(option) => Answer::Given(option.index),
        Answer::Back => Answer::Back,
    })
}

/// Some of several, at least one; all at first.
pub fn several(message: &str, rows: Vec<String>, short: &[String]) -> Result<Answer<Vec<usize>>, Stop> {
    let formatter = |picked: &[inquire::list_option::ListOption<&String>]| {
        let names: Vec<&str> = picked.iter().map(|p| short[p.index].as_str()).collect();
        names.join(", ")
    };
    let asked = MultiSelect::new(message, rows)
        .with_all_selected_by_default()
        .with_page_size(page(1))
        .with_formatter(&formatter)
        .without_filtering()
        .with_validator(inquire::min_length!(
            1,
            "choose at least one, or leave with Ctrl-C"
        ))
        .with_help_message("Space marks, arrows move, Enter takes, Esc goes back")
        .with_render_config(config())
        .raw_prompt_skippable();
    Ok(match answer(asked)? {
        Answer::Given(options) => Answer::Given(options.into_iter().map(|o| o.index).collect()),
        Answer::Back => Answer::Back,
    })
}

/// Any of several, none at first.
pub fn any(message: &str, rows: Vec<String>, short: &[String]) -> Result<Answer<Vec<usize>>, Stop> {
    let formatter = |picked: &[inquire::list_option::ListOption<&String>]| {
        let names: Vec<&str> = picked.iter().map(|p| short[p.index].as_str()).collect();
        match names.as_slice() {
            [] => "none".to_string(),
            names => names.join(", "),
        }
    };
    let asked = MultiSelect::new(message, rows)
        .with_page_size(page(1))
        .with_formatter(&formatter)
        .without_filtering()
        .with_help_message("Space marks, arrows move, Enter takes, with none marked too; Esc goes back")
        .with_render_config(config())
        .raw_prompt_skippable();
    Ok(match answer(asked)? {
        Answer::Given(options) => Answer::Given(options.into_iter().map(|o| o.index).collect()),
        Answer::Back => Answer::Back,
    })
}

pub fn text(message: &str, help: &str) -> Result<Answer<String>, Stop> {
    answer(
        Text::new(message)
            .with_help_message(help)
            .with_render_config(config())
            .prompt_skippable(),
    )
}

pub fn confirm(message: &str, default: bool) -> Result<Answer<bool>, Stop> {
    answer(
        Confirm::new(message)
            .with_default(default)
            .with_help_message("Esc goes back to the questions")
            .with_render_config(config())
            .prompt_skippable(),
    )
}

/// How many options fit on the screen beside the question and its help.
fn page(tallest: usize) -> usize {
    let rows = crossterm::terminal::size().map_or(24, |(_, rows)| usize::from(rows));
    (rows.saturating_sub(5) / tallest.max(1)).clamp(2, 20)
}
