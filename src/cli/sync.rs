//! `generate` and `check`: the files against what rdock would write now.

use super::args::SyncFormat;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use super::report::{Report, State as Became};
use super::{End, changed, github, json, whatif, write};
use crate::bake::{self, Target};
use crate::catalog::catalog;
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::Found;
use crate::drift::{self, State};
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
use crate::render::File;
use crate::settings::Settings;
use serde_json::{Value, json};
use std::path::Path;

/// What both commands are asked.
pub struct Request<'a> {
    pub start: &'a Path,
    pub names: &'a [String],
    pub changed_since: Option<&'a str>,
    pub flags: Settings,
    pub format: SyncFormat,
}

/// What both commands begin with.
struct Run {
    place: Place,
    found: Found,
    outcomes: Vec<Outcome>,
    /// Were all services of the repository asked for?
    whole: bool,
}

impl Run {
    fn new(out: &Output, request: &Request) -> Result<Self, Diagnostic> {
        let progress = Progress::start(out.quiet);
        let place = Place::find(request.start)?;
        let mut found = place.named(request.names, language(&request.flags))?;
        if let Some(reference) = request.changed_since {
            changed::limit(&place, &mut found, reference)?;
        }
        progress.expect(found.services.len());
        let each = || progress.one_more();
        let outcomes = pipeline::run_with(&place.tree, &place.config, &found, &request.flags, &each);
        let whole = request.names.is_empty()
            && request.changed_since.is_none()
            && request.flags == Settings::default()
            && place.here.is_empty();
        Ok(Self {
            place,
            found,
            outcomes,
            whole,
        })
    }

    /// docker-bake.hcl, where it is wanted or rdock has written one before. It names all services, so
    /// it is made only from all of them.
    fn bake_file(&self, wanted: bool) -> Option<File> {
        let there = || {
            let text = self.place.tree.text(bake::FILE);
            text.is_some_and(|s| drift::is_ours(&s.text))
        };
        if !(wanted || self.whole && there()) {
            return None;
        }
        let done = self.outcomes.iter().map(|o| o.result.as_ref().ok());
        let done: Option<Vec<&Done>> = done.collect();
        let targets: Vec<Target> = done?
            .iter()
            .map(|d| Target::new(catalog(), &d.plan, &d.files[0].text))
            .collect();
        Some(bake::file(&targets))
    }

    fn report(&self, request: &Request) -> Report {
        let mut report = Report::new(request.format);
        report.problems(&self.found.warnings);
        for error in &self.found.errors {
            let folder = error.at.as_ref().map_or("", |at| paths::parent(at.file()));
            report.failed(paths::shown(folder), std::slice::from_ref(error));
        }
        report
    }
}

/// Writes (or prints) the files of the named services, and with `bake` docker-bake.hcl.
pub fn generate(
    out: &Output,
    request: &Request,
    print: bool,
    force: bool,
    bake: bool,
) -> Result<End, Diagnostic> {
    let run = Run::new(out, request)?;
    if bake && !run.whole {
        return Err(Diagnostic::error(
            &rules::BAD_SETTING,
            format!(
                "--bake is for all services of the repository, and {} lists them all",
                bake::FILE
            ),
        )
        .help(
            "run `rdock generate --bake` at the repository's root, without names, choices or --changed-since",
        ));
    }
    out.decisions(&run.outcomes);
    let mut report = run.report(request);
    let mut services = Vec::new();
    for Outcome { service, result } in &run.outcomes {
        let done = match result {
            Ok(done) => done,
            Err(errors) => {
                report.failed(&service.name, errors);
                continue;
            }
        };
        report.problems(&done.plan.warnings);
        if request.format == SyncFormat::Json {
            services.push(json::done(service.claim.language, done));
        }
        if print {
            if request.format == SyncFormat::Text {
                out.data(&printed(done, run.outcomes.len() > 1));
            }
            continue;
        }
        match put_all(&run.place.root, &done.files, force) {
            Ok(written) => report.wrote(&done.plan.name, &written),
            Err(errors) => report.failed(&done.plan.name, &errors),
        }
    }
    if let Some(file) = run.bake_file(bake) {
        if print {
            out.data(&format!("==> {} <==\n{}\n", file.path, file.text));
        } else {
            match put_all(&run.place.root, std::slice::from_ref(&file), force) {
                Ok(written) => report.wrote(bake::FILE, &written),
                Err(errors) => report.failed(bake::FILE, &errors),
            }
        }
    }
    if request.format == SyncFormat::Json {
        out.data(&document(services, &[], &run));
    }
    Ok(report.close(out))
}

/// One service alone prints its Dockerfile as it would be written; several have their paths above.
fn printed(done: &Done, several: bool) -> String {
    if !several {
        return done.files[0].text.clone();
    }
    done.files
        .iter()
        .map(|f| format!("==> {} <==\n{}\n", f.path, f.text))
        .collect()
}

pub fn language(flags: &Settings) -> Option<&str> {
    flags.language.as_ref().map(|l| l.value.as_str())
}

/// Writes the files that differ, all or none of a service's, and names them.
///
/// # Errors
/// One was edited by hand or is somebody else's, and `force` is off.
pub fn put_all(root: &Path, files: &[File], force: bool) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut due = Vec::new();
    for file in files {
        match write::existing(root, file) {
            Ok(existing) => match drift::state(existing.as_deref(), &file.text) {
                State::Same => {}
                State::Missing | State::Stale => due.push(file),
                State::Edited | State::Foreign if force => due.push(file),
                state => errors.push(refuse(file, state, existing.as_deref().unwrap_or(""))),
            },
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut written = Vec::new();
    for file in due {
        write::put(root, file).map_err(|e| vec![e])?;
        written.push(file.path.clone());
    }
    Ok(written)
}

fn refuse(file: &File, state: State, existing: &str) -> Diagnostic {
    let existing = drift::unix(existing);
    let (rule, what) = match state {
        State::Edited => (&rules::EDITED, "was edited by hand"),
        _ => (&rules::FOREIGN, "was not written by rdock"),
    };
    let mut error = Diagnostic::error(rule, format!("{} {what}; it stays as it is", file.path));
    if state == State::Edited {
        let keys = drift::keys_for(&existing, &file.text);
        if !keys.is_empty() {
            error = error.help(format!("rdock.toml keeps such a change: `{}`", keys.join("`, `")));
        }
    }
    error = error.help("overwrite it with --force");
    error.help(format!(
        "the difference:\n{}",
        drift::diff(&file.path, &file.text, &existing).trim_end()
    ))
}

/// Compares and writes nothing.
pub fn check(out: &Output, request: &Request) -> Result<End, Diagnostic> {
    let run = Run::new(out, request)?;
    out.decisions(&run.outcomes);
    let mut report = run.report(request);
    let mut services = Vec::new();
    let mut drifts = Vec::new();
    for Outcome { service, result } in &run.outcomes {
        let done = match result {
            Ok(done) => done,
            Err(errors) => {
                report.failed(&service.name, errors);
                continue;
            }
        };
        if request.format == SyncFormat::Json {
            services.push(json::done(service.claim.language, done));
        }
        let mut clean = true;
        for file in &done.files {
            if let Some(drift) = Drift::of(&run.place.root, file)? {
                let causes = causes(done, &drift.existing, &file.text);
                drift.say(out, request.format, &mut report, &done.plan.name, &causes);
                drifts.push(drift.json(&done.plan.name, &causes));
                clean = false;
            }
        }
        if clean {
            report.add(Became::Same, &service.name, "as rdock would write it");
        }
    }
    if let Some(file) = run.bake_file(false)
        && let Some(drift) = Drift::of(&run.place.root, &file)?
    {
        drift.say(out, request.format, &mut report, bake::FILE, &[]);
        drifts.push(drift.json(bake::FILE, &[]));
    }
    if request.format == SyncFormat::Json {
        out.data(&document(services, &drifts, &run));
    }
    Ok(report.close(out))
}

/// A file that is not as rdock would write it.
struct Drift<'a> {
    file: &'a File,
    state: State,
    existing: String,
    diff: String,
}

impl<'a> Drift<'a> {
    fn of(root: &Path, file: &'a File) -> Result<Option<Self>, Diagnostic> {
        let existing = write::existing(root, file)?;
        let state = drift::state(existing.as_deref(), &file.text);
        if state == State::Same {
            return Ok(None);
        }
        let existing = drift::unix(existing.as_deref().unwrap_or(""));
        let diff = drift::diff(&file.path, &existing, &file.text);
        Ok(Some(Self {
            file,
            state,
            existing,
            diff,
        }))
    }

    fn say(&self, out: &Output, format: SyncFormat, report: &mut Report, name: &str, causes: &[String]) {
        let words = format!("{}{}", in_words(self.state), causes_in_words(causes));
        report.add(Became::Drifted, name, &format!("{}: {words}", self.file.path));
        match format {
            SyncFormat::Text => out.styled(&whatif::coloured(&self.diff)),
            SyncFormat::Github => out.data(&github::annotation(
                "error",
                Some(&self.file.path),
                Some(self.line()),
                "not as rdock would write it",
                &format!("{words}\n{}", self.diff),
            )),
            SyncFormat::Json => {}
        }
    }

    /// The first line that differs.
    fn line(&self) -> usize {
        let pairs = self.existing.lines().zip(self.file.text.lines());
        // The checksum in the header differs in any case.
        let ours = |line: &str| line.starts_with("# Made by rdock");
        1 + pairs.take_while(|(a, b)| a == b || ours(a) && ours(b)).count()
    }

    fn json(&self, service: &str, causes: &[String]) -> Value {
        json!({
            "service": service,
            "path": self.file.path,
            "state": format!("{:?}", self.state).to_lowercase(),
            "diff": self.diff,
            "causes": causes,
        })
    }
}

fn in_words(state: State) -> &'static str {
    match state {
        State::Missing => "not there yet; `rdock generate` writes it",
        State::Stale => "out of date; `rdock generate` writes it again",
        State::Edited => {
            "edited by hand; move the change into rdock.toml, or overwrite it with `rdock generate --force`"
        }
        State::Foreign => "not written by rdock; `rdock generate --force` would replace it",
        State::Same => "as rdock would write it",
    }
}

/// The manifest lines behind a difference: the reasons of the choices whose value stands in a line
/// that is new.
fn causes(done: &Done, existing: &str, wanted: &str) -> Vec<String> {
    if existing.is_empty() {
        return Vec::new();
    }
    let diff = similar::TextDiff::from_lines(existing, wanted);
    let new: Vec<&str> = diff
        .iter_all_changes()
        .filter(|c| c.tag() == similar::ChangeTag::Insert && !c.value().starts_with('#'))
        .map(|c| c.value())
        .collect();
    let decisions = done.plan.decisions.iter();
    decisions
        .filter(|d| d.because.at.is_some() && new.iter().any(|line| line.contains(&d.value)))
        .map(|d| format!("{} {}: {}", d.topic, d.value, d.because.located()))
        .collect()
}

fn causes_in_words(causes: &[String]) -> String {
    causes.iter().map(|c| format!("\n  because {c}")).collect()
}

/// The JSON document of `generate` and `check`.
fn document(services: Vec<Value>, drifts: &[Value], run: &Run) -> String {
    let failed = run
        .outcomes
        .iter()
        .filter_map(|o| o.result.as_ref().err())
        .flatten();
    let errors: Vec<Value> = run
        .found
        .errors
        .iter()
        .chain(failed)
        .map(json::diagnostic)
        .collect();
    let warnings: Vec<Value> = run.found.warnings.iter().map(json::diagnostic).collect();
    pretty(&json!({
        "schema": json::SCHEMA,
        "services": services,
        "drift": drifts,
        "errors": errors,
        "warnings": warnings,
    }))
}

pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
