//! Putting one question, and taking its answer into those before.

use super::ask::{self, Answer, Stop};
use super::offer::Pick;
use super::{Answers, Offers, Question, Survey, common};
use crate::cli::output::{Output, STRONG, faint_lines, paint};
use crate::cli::{args, explain, settings, words};
use crate::diagnostic::{Diagnostic, printable};
use crate::pipeline::{Done, Outcome};
use crate::settings::{Settings, Stage};
use std::collections::BTreeMap;

/// Asks one question; the answers with this one in them.
pub fn put(
    out: &Output,
    question: &Question,
    survey: &Survey,
    answers: &Answers,
) -> Result<Answer<Answers>, Stop> {
    let columns = out.columns();
    let mut next = answers.clone();
    match question {
        Question::Language { dir, error } => {
            let values = error.choices.as_ref().map_or(&[][..], |c| &c.values);
            let names: Vec<String> = values
                .iter()
                .map(|id| crate::discover::language(id).name.to_string())
                .collect();
            let message = format!(
                "{} holds several programs. Which counts?",
                crate::paths::shown(dir)
            );
            match ask::select(&message, names.clone(), &names, 0)? {
                Answer::Given(i) => next.languages.insert(dir.clone(), values[i].clone()),
                Answer::Back => return Ok(Answer::Back),
            };
        }
        Question::Services => {
            let count = survey.services.len();
            out.note(&paint(STRONG, &format!("{count} services found")));
            let rows = survey.rows.iter().map(|row| fit(row, columns)).collect();
            let short: Vec<String> = survey.services.iter().map(|s| s.name.clone()).collect();
            match ask::several("Which of them?", rows, &short)? {
                Answer::Given(picked) => {
                    let dirs = picked.iter().map(|i| survey.services[*i].claim.dir.clone());
                    next.services = Some(dirs.collect());
                }
                Answer::Back => return Ok(Answer::Back),
            }
        }
        Question::Settle { dir, error, flag } => {
            out.diagnostic(error);
            let Some(value) = settle(error, flag)? else {
                return Ok(Answer::Back);
            };
            let own = next.settled.entry(dir.clone()).or_default();
            *own = match one_flag(flag, &value) {
                Ok(settings) => settings.over(own),
                Err(wrong) => {
                    out.diagnostic(&wrong);
                    return Ok(Answer::Given(answers.clone()));
                }
            };
        }
        Question::Runtime(offers) => match pick(
            out,
            "Base image of the program? (sizes are compressed)",
            offers,
            columns,
        )? {
            Some(picks) => next.runtimes = Some(picks),
            None => return Ok(Answer::Back),
        },
        Question::Builder(offers) => match pick(out, "Image of the build?", offers, columns)? {
            Some(picks) => next.builders = Some(picks),
            None => return Ok(Answer::Back),
        },
        Question::Port { dir, name } => {
            let message = format!("Port that {name} listens on?");
            let port = loop {
                match ask::text(&message, "rdock found none; Enter for a program without one")? {
                    Answer::Back => return Ok(Answer::Back),
                    Answer::Given(text) if text.trim().is_empty() => break None,
                    Answer::Given(text) => match text.trim().parse::<u16>() {
                        Ok(port) if port > 0 => break Some(port),
                        _ => out.note("a port is a number from 1 to 65535"),
                    },
                }
            };
            next.ports.insert(dir.clone(), port);
        }
        Question::Stages(stages) => {
            let words = |stage: Stage, value: &str| match stage {
                Stage::Test | Stage::Dev => format!("runs {value}"),
                Stage::Debug => format!("the program on {value}, with a shell"),
                Stage::Scan => format!("{value} looks for known vulnerabilities; it needs a network"),
            };
            let row = |(stage, value): &(Stage, String)| {
                fit(
                    &printable(&format!("{:5}  {}", stage.name(), words(*stage, value))),
                    columns,
                )
            };
            let rows = stages.iter().map(row).collect();
            let short: Vec<String> = stages.iter().map(|(s, _)| s.name().to_string()).collect();
            match ask::any("Further stages, for `docker build --target`?", rows, &short)? {
                Answer::Given(picked) => next.stages = Some(picked.iter().map(|i| stages[*i].0).collect()),
                Answer::Back => return Ok(Answer::Back),
            }
        }
        Question::Write => {}
    }
    Ok(Answer::Given(next))
}

/// A service in a few lines: what it is, and why each thing that matters was chosen.
pub fn about(done: &Done, columns: usize) -> String {
    let mut text = format!("{}\n", paint(STRONG, &explain::headline(done)));
    let topics = ["builder", "runtime", "start", "port"];
    for decision in done.plan.decisions.iter().filter(|d| topics.contains(&d.topic)) {
        let head = format!("  {:7}  ", decision.topic);
        let line = format!("{}: {}", decision.value, decision.because.located());
        text += &format!("{}\n", words::entry(&head, &printable(&line), columns - 1, 4));
        // With a choice of bases the question lists these.
        if decision.topic == "runtime" && !decision.over.iter().any(|r| r.possible) {
            for rejected in &decision.over {
                text += &format!("{}\n", cannot(&rejected.value, &rejected.why, columns));
            }
        }
    }
    text
}

/// A base that cannot be picked, and why.
fn cannot(name: &str, why: &str, columns: usize) -> String {
    let head = format!("  {name} cannot be: ");
    faint_lines(&words::entry(
        &head,
        &printable(why),
        columns.saturating_sub(1),
        4,
    ))
}

/// A service in a line: what it is, or why it cannot be planned yet.
pub fn row(outcome: &Outcome) -> String {
    let text = match &outcome.result {
        Ok(done) => explain::headline(done),
        Err(errors) => {
            let why = errors.first().map_or("", |e| e.title.as_str());
            format!("{}  {why}", outcome.service.name)
        }
    };
    printable(&text)
}

/// A row beside its mark and box.
fn fit(row: &str, columns: usize) -> String {
    let width = columns.saturating_sub(7);
    if words::count(row) <= width {
        return row.to_string();
    }
    words::entry("", row, width, 8)
}

fn settle(error: &Diagnostic, flag: &str) -> Result<Option<String>, Stop> {
    if let Some(values) = error
        .choices
        .as_ref()
        .map(|c| &c.values)
        .filter(|v| !v.is_empty())
    {
        let message = match flag {
            "main" => "Which program?",
            "command" => "Which start command?",
            _ => "Which one?",
        };
        return Ok(match ask::select(message, values.clone(), values, 0)? {
            Answer::Given(i) => Some(values[i].clone()),
            Answer::Back => None,
        });
    }
    let message = if flag == "main" {
        "Program to build?"
    } else {
        "Start command?"
    };
    loop {
        match ask::text(message, &format!("what --{flag} would be given; Esc goes back"))? {
            Answer::Given(text) if text.trim().is_empty() => {}
            Answer::Given(text) => return Ok(Some(text.trim().to_string())),
            Answer::Back => return Ok(None),
        }
    }
}

/// The settings that `--flag value` gives on a command line.
fn one_flag(flag: &str, value: &str) -> Result<Settings, Diagnostic> {
    let mut choices = args::Choices::default();
    let value = value.to_string();
    match flag {
        "command" => choices.command = Some(value),
        "port" => choices.port = value.parse().ok(),
        "language" => choices.language = Some(value),
        "language-version" => choices.language_version = Some(value),
        _ => choices.main = Some(value),
    }
    settings::resolve(choices, settings::kept)
}

/// `None` for back.
fn pick(
    out: &Output,
    message: &str,
    offers: &Offers,
    columns: usize,
) -> Result<Option<BTreeMap<String, Pick>>, Stop> {
    let offer = common(offers);
    for (name, why) in &offer.impossible {
        out.note(&cannot(name, why, columns));
    }
    let short: Vec<String> = offer.choices.iter().map(|c| c.name.clone()).collect();
    match ask::select(message, offer.rows(columns), &short, 0)? {
        Answer::Back => Ok(None),
        Answer::Given(i) => {
            let name = &offer.choices[i].name;
            let own = |o: &super::offer::Offer| {
                let choice = o.choices.iter().find(|c| c.name == *name);
                choice.map_or(Pick::AsFound, |c| c.pick.clone())
            };
            Ok(Some(
                offers.iter().map(|(dir, _, o)| (dir.clone(), own(o))).collect(),
            ))
        }
    }
}
