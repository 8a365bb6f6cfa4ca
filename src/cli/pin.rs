//! `pin`: the only command that asks registries. Everything else works from rdock.lock.

use super::args::OutputFormat;
use super::json::SCHEMA;
use super::output::Output;
use super::place::Place;
use super::{End, sync, write};
use crate::compose;
use crate::diagnostic::{Diagnostic, rules};
use crate::pins::{self, Pins};
use crate::pipeline::{self, Outcome};
use crate::registry::Registries;
use crate::render::File;
use crate::settings::Settings;
use crate::{discover, drift};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What `pin` is to do.
pub enum Task {
    /// Resolve what has no pin yet.
    Add,
    /// Resolve all again, or one image.
    Update(Option<String>),
    /// Compare, and write nothing.
    Check,
}

/// `--update` may have an image.
pub fn task(update: Option<Option<String>>, check: bool) -> Task {
    match update {
        _ if check => Task::Check,
        Some(image) => Task::Update(image),
        None => Task::Add,
    }
}

/// One image and what its registry said.
struct Asked {
    image: String,
    /// In the lock before.
    old: Option<String>,
    new: Option<String>,
    date: Option<String>,
}

impl Asked {
    fn state(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, Some(_)) => "new",
            (Some(old), Some(new)) if old == new => "same",
            (Some(_), Some(_)) => "moved",
            (_, None) => "missing",
        }
    }

    fn json(&self) -> Value {
        json!({
            "image": self.image,
            "state": self.state(),
            "digest": self.new,
            "locked": self.old,
            "date": self.date,
        })
    }
}

/// The document of `--format json`.
fn document(out: &Output, asked: &[Asked], wrote: &[String]) {
    let images: Vec<Value> = asked.iter().map(Asked::json).collect();
    out.data(&sync::pretty(
        &json!({ "schema": SCHEMA, "images": images, "wrote": wrote }),
    ));
}

pub fn run(out: &Output, start: &Path, task: Task, format: OutputFormat) -> Result<End, Diagnostic> {
    let json = format == OutputFormat::Json;
    let place = Place::find(out, start)?;
    let found = discover::discover(&place.tree, &place.config, "", None);
    out.diagnostics(&found.errors);
    let mut end = if found.errors.is_empty() {
        End::Fine
    } else {
        End::Error
    };
    let outcomes = pipeline::run(&place.tree, &place.config, &found, &Settings::default());
    let mut pins = Pins::read(&place.tree)?;
    let mut used = BTreeSet::new();
    for Outcome { result, .. } in &outcomes {
        match result {
            Ok(done) => used.extend(done.files.iter().flat_map(|file| images(&pins, file))),
            Err(errors) => {
                out.diagnostics(errors);
                end = End::Error;
            }
        }
    }
    let composed = own_compose(&place)?;
    used.extend(
        composed
            .iter()
            .flat_map(|text| compose::images(text))
            .filter_map(|image| pins.due(&format!("FROM {image}\n")).pop_first()),
    );
    if let Task::Check = task {
        return Ok(end.max(check(out, &place, &pins, &used, json)?));
    }
    if end == End::Fine {
        pins.keep(&used);
    }
    let due = due(&task, &pins, &used)?;
    let asked = resolve(out, &place, &mut pins, due, json)?;
    let mut wrote = Vec::new();
    let lock = File {
        path: pins::FILE.into(),
        text: pins.text(),
    };
    let old = write::existing(&place.root, &lock)?;
    if old.is_none() && pins.is_empty() {
        out.note("there is no image to pin");
        if json {
            document(out, &asked, &wrote);
        }
        return Ok(end);
    }
    if old.as_deref().map(drift::unix).as_deref() == Some(&lock.text) {
        out.note(&format!("{} is up to date", pins::FILE));
    } else {
        write::put(&place.root, &lock)?;
        out.note(&format!("wrote {}", pins::FILE));
        wrote.push(pins::FILE.to_string());
    }
    end = end.max(rewrite(out, start, &mut wrote)?);
    if composed.is_some() {
        end = end.max(super::compose::run(out, start, super::compose::How::default())?);
    }
    if json {
        document(out, &asked, &wrote);
    }
    Ok(end)
}

/// The text of compose.yaml where it is rdock's own.
fn own_compose(place: &Place) -> Result<Option<String>, Diagnostic> {
    let file = File {
        path: compose::NAMES[0].into(),
        text: String::new(),
    };
    Ok(write::existing(&place.root, &file)?.filter(|text| drift::is_untouched(text)))
}

/// The images that a file is to have pinned.
fn images(pins: &Pins, file: &File) -> BTreeSet<String> {
    match crate::paths::base(&file.path) {
        "Dockerfile" => pins.due(&file.text),
        _ => BTreeSet::new(),
    }
}

/// The images to ask for.
fn due(task: &Task, pins: &Pins, used: &BTreeSet<String>) -> Result<Vec<String>, Diagnostic> {
    let all = used.iter().cloned();
    let due: Vec<String> = match task {
        Task::Add | Task::Check => all.filter(|image| pins.get(image).is_none()).collect(),
        Task::Update(None) => all.collect(),
        // With its tag, or every tag of that name.
        Task::Update(Some(name)) => {
            let is = |image: &str| image == name || image.rsplit_once(':').is_some_and(|(n, _)| n == name);
            let due: Vec<String> = all.filter(|image| is(image)).collect();
            if due.is_empty() {
                let known: Vec<&str> = used.iter().map(String::as_str).collect();
                return Err(Diagnostic::error(
                    &rules::BAD_SETTING,
                    format!("no Dockerfile here is built on `{name}`"),
                )
                .help(format!("the images are: {}", known.join(", "))));
            }
            due
        }
    };
    Ok(due)
}

/// Asks for every image; all must answer, so that the lock is changed as a whole or not at all.
fn resolve(
    out: &Output,
    place: &Place,
    pins: &mut Pins,
    due: Vec<String>,
    json: bool,
) -> Result<Vec<Asked>, Diagnostic> {
    let mut registries = Registries::new(&place.config.mirrors);
    let today = today();
    let mut all = Vec::new();
    for image in due {
        let resolved = registries.resolve(&image)?;
        let old = pins.get(&image).map(|pin| pin.digest.clone());
        if !json {
            match &old {
                Some(old) if *old == resolved.digest => out.data(&format!("{image}  has not moved\n")),
                Some(old) => out.data(&format!("{image}  {old} → {}\n", resolved.digest)),
                None => out.data(&format!("{image}  {}\n", resolved.digest)),
            }
        }
        if !resolved.index {
            out.note(&format!(
                "{image} is there for one platform alone, so its digest holds for that one"
            ));
        }
        pins.set(&image, resolved.digest.clone(), &today);
        all.push(Asked {
            date: pins.get(&image).map(|pin| pin.date.clone()),
            image,
            old,
            new: Some(resolved.digest),
        });
    }
    Ok(all)
}

fn check(
    out: &Output,
    place: &Place,
    pins: &Pins,
    used: &BTreeSet<String>,
    json: bool,
) -> Result<End, Diagnostic> {
    let mut registries = Registries::new(&place.config.mirrors);
    let mut all = Vec::new();
    for image in used {
        let pin = pins.get(image);
        let digest = match pin {
            Some(_) => Some(registries.resolve(image)?.digest),
            None => None,
        };
        let asked = Asked {
            image: image.clone(),
            old: pin.map(|p| p.digest.clone()),
            new: digest,
            date: pin.map(|p| p.date.clone()),
        };
        match (&asked.old, &asked.new) {
            _ if json => {}
            (Some(old), Some(new)) if old != new => {
                let date = asked.date.as_deref().unwrap_or_default();
                out.data(&format!("{image}  {old} ({date}) → {new}\n"));
            }
            (Some(_), _) => {}
            (None, _) => out.data(&format!("{image}  is not in {}\n", pins::FILE)),
        }
        all.push(asked);
    }
    if json {
        document(out, &all, &[]);
    }
    if all.iter().all(|asked| asked.state() == "same") {
        out.note(&format!("{} images are as {} has them", used.len(), pins::FILE));
        return Ok(End::Fine);
    }
    out.note("`rdock pin --update` takes the new digests");
    Ok(End::Drift)
}

/// Writes the files that are there again, as `generate` would with the new lock.
fn rewrite(out: &Output, start: &Path, wrote: &mut Vec<String>) -> Result<End, Diagnostic> {
    let place = Place::find(out, start)?;
    if !place.tree.has(pins::FILE) {
        return Err(Diagnostic::error(
            &rules::WRITE_FAILED,
            format!(
                ".gitignore names {}, so nobody else would build on these digests",
                pins::FILE
            ),
        )
        .help(format!("take {} out of .gitignore and commit it", pins::FILE)));
    }
    let found = discover::discover(&place.tree, &place.config, "", None);
    let mut end = End::Fine;
    for Outcome { result, .. } in pipeline::run(&place.tree, &place.config, &found, &Settings::default()) {
        let Ok(mut done) = result else { continue };
        done.files
            .retain(|file| write::existing(&place.root, file).is_ok_and(|text| text.is_some()));
        match sync::put_all(&place.root, &done.files, false) {
            Ok(written) if written.is_empty() => {}
            Ok(written) => {
                out.note(&format!("{}: wrote {}", done.plan.name, written.join(", ")));
                wrote.extend(written);
            }
            Err(errors) => {
                out.diagnostics(&errors);
                end = End::Error;
            }
        }
    }
    Ok(end)
}

/// `YYYY-MM-DD` in UTC. SOURCE_DATE_EPOCH takes the clock's place.
fn today() -> String {
    let given = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|s| s.parse().ok());
    let clock = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs())
    };
    date(given.unwrap_or_else(clock) / 86_400)
}

/// The day so many days after 1970-01-01, by Howard Hinnant's `civil_from_days`: years that begin in
/// March, so that the day that comes and goes is the last.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        for (days, want) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_778, "2026-11-21"),
        ] {
            assert_eq!(date(days), want);
        }
    }
}
