//! What stands at a file's place against what rdock would write: the same, out of date, edited by
//! hand, or somebody else's.

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token, UnifiedDiffConfig, UnifiedDiffPrinter};
use sha2::{Digest, Sha256};
use std::fmt;

/// The header's first line before the checksum is known.
pub const UNSIGNED: &str = "# Made by rdock (checksum 00000000); `rdock generate` writes it again.";
/// The same in compose.yaml.
pub const UNSIGNED_COMPOSE: &str = "# Made by rdock (checksum 00000000); `rdock compose` writes it again.";
const BEFORE: &str = "# Made by rdock (checksum ";
const AFTER: [&str; 2] = [
    "); `rdock generate` writes it again.",
    "); `rdock compose` writes it again.",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Missing,
    /// As rdock would write it now.
    Same,
    /// Written by rdock, not touched since, but something it depends on has changed.
    Stale,
    /// Written by rdock and changed by somebody.
    Edited,
    /// Without rdock's header.
    Foreign,
    /// Written by rdock and not touched since, and of no use any more.
    Obsolete,
}

/// How `existing` stands to `wanted`. Line ends do not count.
pub fn state(existing: Option<&str>, wanted: &str) -> State {
    let Some(existing) = existing else {
        return State::Missing;
    };
    let existing = unix(existing);
    if existing == wanted {
        State::Same
    } else if !is_ours(&existing) {
        State::Foreign
    } else if sign(&existing) == existing {
        State::Stale
    } else {
        State::Edited
    }
}

/// Does the text carry rdock's header in its first two lines?
pub fn is_ours(text: &str) -> bool {
    signature(&unix(text)).is_some()
}

/// Is the text rdock's own, as rdock wrote it?
pub fn is_untouched(text: &str) -> bool {
    let text = unix(text);
    is_ours(&text) && sign(&text) == text
}

/// `\r\n` as `\n`.
pub fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The text with the checksum of its other bytes in the header. A text without header stays as it is.
pub fn sign(text: &str) -> String {
    let Some(at) = signature(text) else {
        return text.to_string();
    };
    let mut hash = Sha256::new();
    hash.update(&text[..at]);
    hash.update(&text[at + 8..]);
    let sum: String = hash
        .finalize()
        .iter()
        .take(4)
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("{}{sum}{}", &text[..at], &text[at + 8..])
}

/// Where the eight digits of the checksum stand.
fn signature(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split('\n').take(2) {
        if let Some(rest) = line.strip_prefix(BEFORE)
            && rest.is_char_boundary(8)
            && rest.get(8..).is_some_and(|after| AFTER.contains(&after))
        {
            return Some(start + BEFORE.len());
        }
        start += line.len() + 1;
    }
    None
}

/// A unified diff with three lines of context, as `patch` and `git apply` read it.
pub fn diff(path: &str, old: &str, new: &str) -> String {
    let (input, diff) = compared(old, new);
    let lines = Lines(&input.interner);
    let hunks = diff.unified_diff(&lines, UnifiedDiffConfig::default(), &input);
    format!("--- a/{path}\n+++ b/{path}\n{hunks}")
}

/// The lines that `new` has and `old` has not.
pub fn added<'a>(old: &'a str, new: &'a str) -> Vec<&'a str> {
    let (input, diff) = compared(old, new);
    let tokens = diff
        .hunks()
        .flat_map(|h| &input.after[h.after.start as usize..h.after.end as usize]);
    tokens.map(|&token| input.interner[token]).collect()
}

fn compared<'a>(old: &'a str, new: &'a str) -> (InternedInput<&'a str>, Diff) {
    let input = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    (input, diff)
}

/// Writes the lines of a diff.
struct Lines<'a>(&'a Interner<&'a str>);

impl Lines<'_> {
    fn line(&self, mut f: impl fmt::Write, sign: char, token: Token) -> fmt::Result {
        let line = self.0[token];
        let end = if line.ends_with('\n') {
            ""
        } else {
            "\n\\ No newline at end of file\n"
        };
        write!(f, "{sign}{line}{end}")
    }
}

impl UnifiedDiffPrinter for Lines<'_> {
    fn display_header(&self, mut f: impl fmt::Write, a: u32, b: u32, old: u32, new: u32) -> fmt::Result {
        // The first of no lines is line 0.
        let first = |start: u32, count: u32| if count == 0 { start } else { start + 1 };
        writeln!(f, "@@ -{},{old} +{},{new} @@", first(a, old), first(b, new))
    }

    fn display_context_token(&self, f: impl fmt::Write, token: Token) -> fmt::Result {
        self.line(f, ' ', token)
    }

    fn display_hunk(&self, mut f: impl fmt::Write, old: &[Token], new: &[Token]) -> fmt::Result {
        old.iter().try_for_each(|&token| self.line(&mut f, '-', token))?;
        new.iter().try_for_each(|&token| self.line(&mut f, '+', token))
    }
}

/// Which key of rdock.toml can hold an edit, by the instruction that the edited line starts with.
const HOLDS: &[(&str, &str)] = &[
    ("FROM", "runtime` or `builder"),
    ("EXPOSE", "port"),
    ("ENV", "env"),
    ("ARG", "args"),
    ("LABEL", "labels"),
    ("CMD", "command"),
    ("ENTRYPOINT", "command"),
    ("COPY", "files"),
    ("RUN", "build-packages` or `runtime-packages"),
];

/// The keys that would hold the lines which `existing` has and `wanted` has not.
pub fn keys_for(existing: &str, wanted: &str) -> Vec<&'static str> {
    let mut keys: Vec<&str> = Vec::new();
    for line in added(wanted, existing) {
        let first = line.split_whitespace().next().unwrap_or("");
        for (_, key) in HOLDS.iter().filter(|(word, _)| *word == first) {
            if !keys.contains(key) {
                keys.push(key);
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(body: &str) -> String {
        sign(&format!("# syntax=docker/dockerfile:1\n{UNSIGNED}\n{body}"))
    }

    #[test]
    fn each_state_is_told_from_the_others() {
        let wanted = signed("FROM a\n");
        assert_eq!(state(None, &wanted), State::Missing);
        assert_eq!(state(Some(&wanted), &wanted), State::Same);
        assert_eq!(state(Some(&wanted.replace('\n', "\r\n")), &wanted), State::Same);
        assert_eq!(state(Some(&signed("FROM b\n")), &wanted), State::Stale);
        assert_eq!(
            state(Some(&signed("FROM b\n").replace("FROM b", "FROM c")), &wanted),
            State::Edited
        );
        assert_eq!(state(Some("FROM a\n"), &wanted), State::Foreign);
        assert_eq!(state(Some(""), &wanted), State::Foreign);
    }

    #[test]
    fn a_changed_checksum_is_an_edit_too() {
        let wanted = signed("FROM a\n");
        let at = signature(&wanted).unwrap();
        let mut other = wanted.clone();
        other.replace_range(at..at + 8, "ffffffff");
        assert_eq!(state(Some(&other), &wanted), State::Edited);
    }

    #[test]
    fn an_edit_names_the_key_that_would_hold_it() {
        assert_eq!(keys_for("FROM a\nEXPOSE 1\n", "FROM a\nEXPOSE 2\n"), ["port"]);
    }
}
