//! `generate` and `check`: the files against what rdock would write now.

use super::args::SyncFormat;
use super::output::Output;
use super::place::{Place, for_one};
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
use crate::tree::Tree;
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

/// What both commands begin with: every service planned, and of each what the command needs.
struct Run<T> {
    place: Place,
    found: Found,
    services: Vec<Kept<T>>,
    /// Were all services of the repository asked for?
    whole: bool,
    /// Is docker-bake.hcl due? Where it is asked for, or rdock has written one before. It names all
    /// services, so it is made only from all of them.
    bake: bool,
}

struct Kept<T> {
    name: String,
    result: Result<Fine<T>, Vec<Diagnostic>>,
}

struct Fine<T> {
    warnings: Vec<Diagnostic>,
    /// With `-v`.
    decisions: Vec<String>,
    /// For `--format json`.
    json: Option<Value>,
    /// Where docker-bake.hcl is due.
    target: Option<Target>,
    kept: T,
}

impl<T: Send> Run<T> {
    fn new(
        out: &Output,
        request: &Request,
        bake: bool,
        keep: impl Fn(&Place, Done) -> T + Sync,
    ) -> Result<Self, Diagnostic> {
        let progress = Progress::start(out.quiet);
        let place = Place::find(out, request.start)?;
        let mut found = place.named(request.names, language(&request.flags))?;
        for_one(&found, &request.flags)?;
        if let Some(reference) = request.changed_since {
            changed::limit(&place, &mut found, reference)?;
        }
        let whole = request.names.is_empty()
            && request.changed_since.is_none()
            && request.flags == Settings::default()
            && place.here.is_empty();
        let there = || {
            let text = place.tree.text(bake::FILE);
            text.is_some_and(|s| drift::is_ours(&s.text))
        };
        let bake = bake || whole && there();
        progress.expect(found.services.len());
        let fine = |language: &str, mut done: Done| Fine {
            decisions: out.decided(&done),
            json: (request.format == SyncFormat::Json).then(|| json::done(language, &done)),
            target: bake.then(|| Target::new(catalog(), &done.plan, &done.files[0].text, &done.platforms)),
            warnings: std::mem::take(&mut done.plan.warnings),
            kept: keep(&place, done),
        };
        let each = |Outcome { service, result }| {
            progress.one_more();
            Kept {
                result: result.map(|done| fine(service.claim.language, done)),
                name: service.name,
            }
        };
        let services = pipeline::run_with(&place.tree, &place.config, &found, &request.flags, &each);
        for fine in services.iter().filter_map(|s| s.result.as_ref().ok()) {
            fine.decisions.iter().for_each(|line| out.detail(line));
        }
        Ok(Self {
            place,
            found,
            services,
            whole,
            bake,
        })
    }

    /// docker-bake.hcl, where it is due and every service has a plan.
    fn bake_file(&self) -> Option<File> {
        if !self.bake {
            return None;
        }
        let targets = self
            .services
            .iter()
            .map(|s| s.result.as_ref().ok()?.target.as_ref());
        Some(bake::file(&targets.collect::<Option<Vec<_>>>()?))
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

    /// The JSON document of both commands.
    fn document(&self, drifts: &[Value]) -> String {
        let done = self.services.iter().filter_map(|s| s.result.as_ref().ok());
        let services: Vec<Value> = done.filter_map(|fine| fine.json.clone()).collect();
        let failed = self.services.iter().filter_map(|s| s.result.as_ref().err());
        let errors: Vec<Value> = self
            .found
            .errors
            .iter()
            .chain(failed.flatten())
            .map(json::diagnostic)
            .collect();
        let warnings: Vec<Value> = self.found.warnings.iter().map(json::diagnostic).collect();
        pretty(&json!({
            "schema": json::SCHEMA,
            "services": services,
            "drift": drifts,
            "errors": errors,
            "warnings": warnings,
        }))
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
    let run = Run::new(out, request, bake, |place, done| match print {
        true if request.format == SyncFormat::Json => Ok((Vec::new(), None)),
        true => Ok((done.files, None)),
        false => due(&place.root, done.files, force).map(|files| (files, done.obsolete)),
    })?;
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
    let mut report = run.report(request);
    let root = &run.place.root;
    for Kept { name, result } in &run.services {
        let fine = match result {
            Ok(fine) => fine,
            Err(errors) => {
                report.failed(name, errors);
                continue;
            }
        };
        report.problems(&fine.warnings);
        match &fine.kept {
            Ok((files, _)) if print => printed(out, files, run.services.len() > 1),
            Ok((files, obsolete)) => match put(root, files).and_then(|w| Ok((w, cleared(root, obsolete)?))) {
                Ok((written, removed)) => report.wrote(name, &written, removed),
                Err(errors) => report.failed(name, &errors),
            },
            Err(errors) => report.failed(name, errors),
        }
    }
    if let Some(file) = run.bake_file() {
        if print {
            out.data(&format!("==> {} <==\n{}\n", file.path, file.text));
        } else {
            match put_all(root, &[file], force) {
                Ok(written) => report.wrote(bake::FILE, &written, None),
                Err(errors) => report.failed(bake::FILE, &errors),
            }
        }
    }
    if request.format == SyncFormat::Json {
        out.data(&run.document(&[]));
    }
    Ok(report.close(out))
}

/// One service alone prints its Dockerfile as it would be written; several have their paths above.
fn printed(out: &Output, files: &[File], several: bool) {
    if !several {
        return files.iter().take(1).for_each(|f| out.data(&f.text));
    }
    for file in files {
        out.data(&format!("==> {} <==\n{}\n", file.path, file.text));
    }
}

pub fn language(flags: &Settings) -> Option<&str> {
    flags.language.as_ref().map(|l| l.value.as_str())
}

/// Writes the files that differ, all or none of a service's, and names them.
///
/// # Errors
/// One was edited by hand or is somebody else's, and `force` is off.
pub fn put_all(root: &Path, files: &[File], force: bool) -> Result<Vec<String>, Vec<Diagnostic>> {
    put(root, &due(root, files.to_vec(), force)?)
}

/// The files that differ.
fn due(root: &Path, files: Vec<File>, force: bool) -> Result<Vec<File>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut due = Vec::new();
    for file in files {
        match write::existing(root, &file) {
            Ok(existing) => match drift::state(existing.as_deref(), &file.text) {
                State::Same => {}
                State::Missing | State::Stale => due.push(file),
                State::Edited | State::Foreign if force => due.push(file),
                state => errors.push(refuse(&file, state, existing.as_deref().unwrap_or(""))),
            },
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(due) } else { Err(errors) }
}

fn put(root: &Path, files: &[File]) -> Result<Vec<String>, Vec<Diagnostic>> {
    // Either all of a service's files are written or none.
    for file in files {
        write::ready(root, &file.path).map_err(|e| vec![e])?;
    }
    let one = |file: &File| write::put(root, file).map(|()| file.path.clone());
    files
        .iter()
        .map(one)
        .collect::<Result<_, _>>()
        .map_err(|e| vec![e])
}

/// Takes away what rdock wrote for another build context.
pub fn cleared<'a>(root: &Path, obsolete: &'a Option<String>) -> Result<Option<&'a str>, Vec<Diagnostic>> {
    if let Some(path) = obsolete {
        write::remove(root, path).map_err(|e| vec![e])?;
    }
    Ok(obsolete.as_deref())
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
    let run = Run::new(out, request, false, |place, done| {
        let mut drifts = Vec::new();
        for file in &done.files {
            if let Some(mut drift) = Drift::of(&place.root, file)? {
                drift.causes = causes(&done, &drift.existing, &file.text);
                drifts.push(drift);
            }
        }
        drifts.extend(
            done.obsolete
                .as_ref()
                .map(|path| Drift::left_over(&place.tree, path)),
        );
        Ok(drifts)
    })?;
    let mut report = run.report(request);
    let mut all = Vec::new();
    for Kept { name, result } in &run.services {
        let fine = match result {
            Ok(fine) => fine,
            Err(errors) => {
                report.failed(name, errors);
                continue;
            }
        };
        let drifts = fine.kept.as_ref().map_err(Diagnostic::clone)?;
        for drift in drifts {
            drift.say(out, request.format, &mut report, name);
            all.push(drift.json(name));
        }
        if drifts.is_empty() {
            report.add(Became::Same, name, "as rdock would write it");
        }
    }
    if let Some(file) = run.bake_file()
        && let Some(drift) = Drift::of(&run.place.root, &file)?
    {
        drift.say(out, request.format, &mut report, bake::FILE);
        all.push(drift.json(bake::FILE));
    }
    if request.format == SyncFormat::Json {
        out.data(&run.document(&all));
    }
    Ok(report.close(out))
}

/// A file that is not as rdock would write it.
struct Drift {
    path: String,
    state: State,
    existing: String,
    diff: String,
    /// The first line that differs.
    line: usize,
    /// The manifest lines behind it.
    causes: Vec<String>,
}

impl Drift {
    fn of(root: &Path, file: &File) -> Result<Option<Self>, Diagnostic> {
        let existing = write::existing(root, file)?;
        let state = drift::state(existing.as_deref(), &file.text);
        if state == State::Same {
            return Ok(None);
        }
        let existing = drift::unix(existing.as_deref().unwrap_or(""));
        Ok(Some(Self {
            path: file.path.clone(),
            state,
            diff: drift::diff(&file.path, &existing, &file.text),
            line: first_difference(&existing, &file.text),
            existing,
            causes: Vec::new(),
        }))
    }

    /// A file that is there and should not be.
    fn left_over(tree: &Tree, path: &str) -> Self {
        let existing = tree.text(path).map_or_else(String::new, |s| drift::unix(&s.text));
        Self {
            path: path.to_string(),
            state: State::Obsolete,
            diff: drift::diff(path, &existing, ""),
            line: 1,
            existing,
            causes: Vec::new(),
        }
    }

    fn say(&self, out: &Output, format: SyncFormat, report: &mut Report, name: &str) {
        let causes: String = self.causes.iter().map(|c| format!("\n  because {c}")).collect();
        let words = format!("{}{causes}", in_words(self.state));
        report.add(Became::Drifted, name, &format!("{}: {words}", self.path));
        match format {
            SyncFormat::Text => out.styled(&whatif::coloured(&self.diff)),
            SyncFormat::Github => out.data(&github::annotation(
                "error",
                Some(&self.path),
                Some(self.line),
                "not as rdock would write it",
                &format!("{words}\n{}", self.diff),
            )),
            SyncFormat::Json => {}
        }
    }

    fn json(&self, service: &str) -> Value {
        json!({
            "service": service,
            "path": self.path,
            "state": format!("{:?}", self.state).to_lowercase(),
            "diff": self.diff,
            "causes": self.causes,
        })
    }
}

fn first_difference(existing: &str, wanted: &str) -> usize {
    // The checksum in the header differs in any case.
    let ours = |line: &str| line.starts_with("# Made by rdock");
    let pairs = existing.lines().zip(wanted.lines());
    1 + pairs.take_while(|(a, b)| a == b || ours(a) && ours(b)).count()
}

fn in_words(state: State) -> &'static str {
    match state {
        State::Missing => "not there yet; `rdock generate` writes it",
        State::Stale => "out of date; `rdock generate` writes it again",
        State::Edited => {
            "edited by hand; move the change into rdock.toml, or overwrite it with `rdock generate --force`"
        }
        State::Foreign => "not written by rdock; `rdock generate --force` would replace it",
        State::Obsolete => "left over from another build context; `rdock generate` removes it",
        State::Same => "as rdock would write it",
    }
}

/// The manifest lines behind a difference: the reasons of the choices whose value stands in a line
/// that is new.
fn causes(done: &Done, existing: &str, wanted: &str) -> Vec<String> {
    if existing.is_empty() {
        return Vec::new();
    }
    let mut new = drift::added(existing, wanted);
    new.retain(|line| !line.starts_with('#'));
    let decisions = done.plan.decisions.iter();
    decisions
        .filter(|d| d.because.at.is_some() && new.iter().any(|line| line.contains(&d.value)))
        .map(|d| format!("{} {}: {}", d.topic, d.value, d.because.located()))
        .collect()
}

pub fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
