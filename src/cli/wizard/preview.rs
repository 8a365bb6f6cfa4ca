//! What would be written, shown before the last question, and the writing itself.

use super::ask::{self, Answer, Stop};
use super::{Asked, Planned, same};
use crate::cli::init;
use crate::cli::output::{FAINT, GOOD, Output, PLACE, STRONG, paint};
use crate::cli::place::Place;
use crate::cli::{End, record, whatif, words, write};
use crate::config;
use crate::diagnostic::Diagnostic;
use crate::discover::Found;
use crate::drift::{self, State};
use crate::render::File;

/// The files that differ from what stands there.
pub struct Write {
    due: Vec<File>,
    /// Some of them were edited by hand or are somebody else's.
    over: bool,
}

/// Shows every file that would change, then asks. `None` inside: the answer was no.
pub fn confirm(
    out: &Output,
    place: &Place,
    planned: &[Planned],
    asked: &Asked,
) -> Result<Answer<Option<Write>>, Stop> {
    let mut due: Vec<File> = Vec::new();
    let mut theirs: Vec<String> = Vec::new();
    let mut text = String::new();
    for done in planned.iter().filter_map(|p| p.result.as_ref().ok()) {
        for file in &done.files {
            if due.iter().any(|d| d.path == file.path) {
                continue;
            }
            let existing = write::existing(&place.root, file)?;
            let state = drift::state(existing.as_deref(), &file.text);
            match state {
                State::Same | State::Obsolete => continue,
                State::Edited => theirs.push(format!("{} was edited by hand", file.path)),
                State::Foreign => theirs.push(format!("{} was not written by rdock", file.path)),
                State::Missing | State::Stale => {}
            }
            text += &shown(file, existing.as_deref());
            due.push(file.clone());
        }
    }
    if let Some((file, old)) = settings_file(place, planned)? {
        text += &shown(&file, old.as_deref());
        due.push(file);
    }
    let failed: Vec<&Diagnostic> = planned
        .iter()
        .filter_map(|p| p.result.as_ref().err())
        .flatten()
        .collect();
    for error in &failed {
        out.diagnostic(error);
    }
    if due.is_empty() {
        out.note("every file is as rdock would write it");
        return Ok(Answer::Given(Some(Write { due, over: false })));
    }
    out.note(text.trim_end());
    let names: Vec<String> = due.iter().map(|f| f.path.clone()).collect();
    let width = out.columns().saturating_sub(1);
    let over = !theirs.is_empty();
    if over {
        let warning = format!("{}; writing replaces it", words::list(&theirs));
        out.note(&words::wrap(&warning, width).join("\n"));
    }
    let message = match (over, names.len()) {
        (true, 1) => format!("Replace {}?", names[0]),
        (true, n) => format!("Write these {n} files, and replace what is there?"),
        (false, 1..=3) => format!("Write {}?", words::list(&names)),
        (false, n) => format!("Write these {n} files?"),
    };
    Ok(match ask::confirm(&message, !over || asked.force)? {
        Answer::Given(true) => Answer::Given(Some(Write { due, over })),
        Answer::Given(false) => Answer::Given(None),
        Answer::Back => Answer::Back,
    })
}

/// rdock.toml with the answers in it, where they change it, and what it is now.
fn settings_file(place: &Place, planned: &[Planned]) -> Result<Option<(File, Option<String>)>, Diagnostic> {
    let mut file = File {
        path: config::FILE.into(),
        text: String::new(),
    };
    let old = write::existing(&place.root, &file)?.map(|text| drift::unix(&text));
    file.text = old.clone().unwrap_or_default();
    for one in planned.iter().filter(|p| p.result.is_ok()) {
        file.text = record::merged(&file.text, &one.service, &one.flags)?;
    }
    Ok((file.text != old.clone().unwrap_or_default()).then_some((file, old)))
}

/// A new file whole, but an ignore file in a line; a changed one as its difference.
fn shown(file: &File, old: Option<&str>) -> String {
    if let Some(old) = old {
        let diff = drift::diff(&file.path, &drift::unix(old), &drift::unix(&file.text));
        return format!("\n{}", whatif::coloured(&diff));
    }
    let count = file.text.lines().count();
    let head = format!(
        "\n{} {}\n",
        paint(STRONG, &file.path),
        paint(FAINT, &format!("new, {count} lines"))
    );
    if file.path.ends_with("ignore") {
        return head;
    }
    let lines = file.text.lines().map(|line| format!("{}\n", instruction(line)));
    head + &lines.collect::<String>()
}

/// A line of a Dockerfile: its instruction in bold, a comment faint.
fn instruction(line: &str) -> String {
    if line.starts_with('#') {
        return paint(FAINT, line);
    }
    let word: usize = line.bytes().take_while(u8::is_ascii_uppercase).count();
    if word > 1 && line[word..].starts_with(' ') {
        return format!(
            "{}{}",
            paint(PLACE, &line[..word]),
            crate::diagnostic::printable(&line[word..])
        );
    }
    crate::diagnostic::printable(line)
}

impl Write {
    pub fn put(
        &self,
        out: &Output,
        place: &Place,
        planned: &[Planned],
        asked: &Asked,
        found: &Found,
    ) -> Result<End, Diagnostic> {
        for file in &self.due {
            write::put(&place.root, file)?;
        }
        let mut next = Vec::new();
        for one in planned {
            let Ok(done) = &one.result else { continue };
            if let Some(path) = &done.obsolete {
                write::remove(&place.root, path)?;
            }
            let written: Vec<String> = self
                .due
                .iter()
                .filter(|f| done.files.iter().any(|d| d.path == f.path) || f.path == config::FILE)
                .map(|f| out.from().path(&f.path))
                .collect();
            out.styled(&format!(
                "{}: wrote {}\n",
                paint(STRONG, &done.plan.name),
                words::list(&written)
            ));
            out.diagnostics(&done.plan.warnings);
            next.push(out.from().build_command(&done.plan));
        }
        for command in same::commands(place, planned, asked, found, self.over || asked.force) {
            out.note(&format!("The same without questions: {}", paint(GOOD, &command)));
        }
        out.styled(&init::next(&next));
        let failed = planned.iter().any(|p| p.result.is_err()) || !found.errors.is_empty();
        Ok(if failed { End::Error } else { End::Fine })
    }
}
