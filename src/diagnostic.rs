//! What a user can mend: one type for every error and warning, and the table of rules it names.

mod secret;

pub use secret::masked;

use crate::source::Location;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// A rule: a stable id, a short name, and a page of words for `rdock explain RD…`.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: &'static str,
    pub name: &'static str,
    pub words: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// What is wrong, where, and the exact edit or command that mends it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub title: String,
    pub at: Option<Location>,
    /// Said at the place, under the marked text. May be empty.
    pub label: Box<str>,
    /// Each an edit or a command. At least one for an error.
    pub help: Vec<String>,
    /// The answers that would settle it, where a person can be asked.
    pub choices: Option<Box<Choices>>,
}

/// What a flag could be set to: `main` and the programs found.
#[derive(Clone, Debug, PartialEq)]
pub struct Choices {
    pub flag: &'static str,
    pub values: Vec<String>,
}

impl Diagnostic {
    pub fn error(rule: &'static Rule, title: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            title: title.into(),
            at: None,
            label: Box::default(),
            help: Vec::new(),
            choices: None,
        }
    }

    pub fn warning(rule: &'static Rule, title: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, title)
        }
    }

    pub fn at(mut self, at: Location, label: impl Into<String>) -> Self {
        self.at = Some(at);
        self.label = label.into().into();
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The wizard offers these values for `--flag`.
    pub fn choices(
        mut self,
        flag: &'static str,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.choices = Some(Box::new(Choices { flag, values }));
        self
    }

    /// The message as a terminal shows it, without colour where `styled` is false; `file` is what the
    /// file of its place is called there.
    pub fn draw(&self, styled: bool, file: &str) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = printable(&self.title);
        let label = printable(&self.label);
        let file = printable(file);
        let mut group = Group::with_title(level.primary_title(title).id(self.rule.id));
        if let Some(at) = &self.at {
            group = match at.range() {
                Some(span) => {
                    let annotation = AnnotationKind::Primary.span(span);
                    let annotation = if label.is_empty() {
                        annotation
                    } else {
                        annotation.label(label)
                    };
                    group.element(
                        Snippet::source(same_length(&at.source().text))
                            .path(&file)
                            .fold(true)
                            .annotation(annotation),
                    )
                }
                None => group.element(Origin::path(&file)),
            };
        }
        let renderer = if styled {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = renderer.render(&[group]);
        for help in &self.help {
            text.push('\n');
            text += &renderer.render(&[Group::with_title(Level::HELP.secondary_title(printable(help)))]);
        }
        text
    }
}

/// Control characters and credentials of a scanned project must not reach the terminal.
pub fn printable(text: &str) -> String {
    masked(text)
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if unseen(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// A source's text as [`printable`] has it, with every byte in its place. Only a character as wide as
/// the one that it replaces keeps the marks under the line.
fn same_length(text: &str) -> std::borrow::Cow<'_, str> {
    let shown = |c: char| matches!(c, '\n' | '\r' | '\t') || !unseen(c);
    let text = secret::masked(text);
    if text.chars().all(shown) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match shown(c) {
            true => out.push(c),
            false => out.extend(std::iter::repeat_n('?', c.len_utf8())),
        }
    }
    out.into()
}

/// Characters that a reader does not see, and that change what is seen: control characters, further ends
/// of a line, marks that turn the direction of writing, and such as take no room. Joiners are none of
/// them: scripts and emoji need them.
pub fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The rules that no single language owns. Languages add theirs in their own folder.
pub mod rules {
    use super::Rule;

    macro_rules! rules {
        ($($id:ident = $code:literal, $name:literal, $words:literal;)*) => {
            $(pub static $id: Rule = Rule { id: $code, name: $name, words: $words };)*
            pub static ALL: &[&Rule] = &[$(&$id),*];
        };
    }

    rules! {
        UNREADABLE = "RD001", "unreadable file",
            "A file that rdock needs could not be read: it is not UTF-8, it is larger than the limit, or the system refused. rdock never treats such a file as absent, because the Dockerfile would then be confidently wrong.";
        MALFORMED = "RD002", "malformed manifest",
            "A manifest is there but does not follow its format. rdock stops with the line instead of guessing from what it could still read, and never falls through to another language.";
        NOTHING_FOUND = "RD003", "nothing to build",
            "No folder at or under the path holds a manifest of a language that rdock knows together with a program to start. The message says what was looked for.";
        AMBIGUOUS = "RD004", "more than one answer",
            "The project itself does not say which of several candidates is meant, and a guess would build the wrong program without an error. The message lists the candidates and the flag that chooses.";
        TOO_LARGE = "RD005", "tree too large",
            "The scan stops at a fixed number of files and a fixed depth, so that a run on a wrong folder ends with a message instead of filling the memory.";
        BAD_SETTING = "RD006", "setting that cannot be used",
            "A flag or a key of rdock.toml is unknown or has a value of the wrong kind.";
        NO_SUCH_SERVICE = "RD007", "no such service",
            "A service or path was named that rdock does not find. `rdock list` shows those that it does.";
        UNESCAPABLE = "RD008", "value that cannot be written",
            "A value from the project (a path, a name, a start command) holds a character that has no safe form at its place in a Dockerfile, such as a line break. rdock refuses it rather than let it become an instruction.";
        NO_TERMINAL = "RD009", "terminal that cannot be asked",
            "The wizard needs a terminal that it can draw on and read keys from. `--yes` asks nothing, and every question has a flag.";
        NO_VERSION = "RD101", "no image for this version",
            "The project asks for a version that no supported image serves. The message names the nearest ones. A version in rdock.toml decides.";
        END_OF_LIFE = "RD102", "version past its end of support",
            "The chosen base image no longer gets security updates: the project pins it exactly, so rdock keeps it and says so.";
        IMPOSSIBLE_RUNTIME = "RD103", "runtime that cannot work",
            "The asked runtime base cannot run what the build makes: a dynamically linked program on scratch, a glibc program on Alpine, a JVM on scratch.";
        HIDDEN_INPUT = "RD104", "ignored file that the build copies",
            "An ignore file that rdock did not write hides a path that the Dockerfile copies or binds. The build would fail, or silently miss the file.";
        MISSING_INPUT = "RD105", "missing file that the build copies",
            "The Dockerfile would copy a path that is not in the repository.";
        EDITED = "RD106", "Dockerfile edited by hand",
            "The checksum in the header no longer fits the file, so somebody changed it. rdock never overwrites such a file without `--force`. Move the change into rdock.toml, and `rdock generate` keeps it.";
        FOREIGN = "RD107", "file that rdock did not write",
            "There is a file without rdock's header at the place that rdock would write. It is left as it is unless `--force` is given.";
        LOOPBACK = "RD108", "program that listens on loopback only",
            "A program that binds 127.0.0.1 or localhost inside a container cannot be reached from outside of it. Bind 0.0.0.0, or read the address from the environment.";
        WRITES_ROOT = "RD109", "program that writes into its own folder",
            "With a read-only root file system the write fails. rdock gives the path a volume where it can tell the folder, and names the place.";
        UNSUPPORTED = "RD110", "project that rdock does not build",
            "The folder belongs to a build system or a language that rdock recognises and leaves alone, because a generic Dockerfile for it would be worse than none.";
        WRITE_FAILED = "RD111", "file that could not be written",
            "The Dockerfile or ignore file could not be put in place. The old file is still there, whole.";
        REGISTRY = "RD120", "registry that gives no digest",
            "`rdock pin` asked the registry of a base image and got no digest: it does not answer, it wants a login, it takes no more requests for now, it does not have the tag, or it contradicts itself. rdock.lock is left as it was. Only `rdock pin` uses the network; every other command works without.";
        NOT_PINNED = "RD121", "image without a pin",
            "The repository has an rdock.lock, and a base image is not in it: its tag may mean another image tomorrow. `rdock pin` asks for the digests that are missing.";
        NO_STAGE = "RD113", "stage that cannot be made",
            "A stage was asked for (`stages` in rdock.toml, or `--stages`) and the project has nothing to put into it: no test command, no watch command. The Dockerfile is written without it. Where the image is to depend on the stage (`gate`), this is an error.";
        NO_PLATFORM = "RD114", "image that lacks a platform",
            "rdock.toml asks for platforms, and a base image is not published for one of them. The build would fail, or emulate another platform without saying so.";
        NOT_REPEATABLE = "RD112", "build that is not repeatable",
            "There is no lockfile, so the same Dockerfile may install other versions tomorrow.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn nothing_of_a_message_hides_from_its_reader() {
        let source = Source::new("svc/\u{202e}/x", "a\u{202e}b\n");
        let error = Diagnostic::error(&rules::MALFORMED, "a\u{202e}b")
            .at(Location::span(&source, 0..1), "a\u{200b}b")
            .help("a\u{202e}b");
        let whole = Diagnostic::error(&rules::MALFORMED, "a").at(Location::whole(&source), "");
        for text in [error.draw(false, &source.path), whole.draw(false, &source.path)] {
            assert!(text.chars().all(|c| c == '\n' || !unseen(c)), "{text:?}");
            assert!(text.contains("svc/\u{fffd}/x"), "{text}");
        }
    }
}
