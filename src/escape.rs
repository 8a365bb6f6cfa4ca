//! Values from a scanned project on their way into a Dockerfile. One function for each context;
//! what has no safe form there is an error, so a value never becomes an instruction or expands.

use crate::diagnostic::{Diagnostic, masked, rules, unseen};
use std::fmt;

/// Text that is safe at its place in the Dockerfile. Made only here, and from literals.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Safe(String);

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Safe {
    /// Text of rdock itself: a literal of the source or of the catalogue.
    pub fn literal(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parts that are each safe in the same context, with a literal between.
    pub fn join(parts: &[Safe], between: &'static str) -> Safe {
        Safe(parts.iter().map(Safe::as_str).collect::<Vec<_>>().join(between))
    }
}

fn unescapable(kind: &str, value: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        &rules::UNESCAPABLE,
        format!(
            "{kind} `{}` cannot be written into a Dockerfile: {why}",
            value.escape_debug()
        ),
    )
    .help("rename it in the project, or give another one in rdock.toml")
}

fn no_control(kind: &str, value: &str) -> Result<(), Diagnostic> {
    match value.chars().find(|c| unseen(*c)) {
        Some(c) => Err(unescapable(
            kind,
            value,
            &format!("it holds the control character {}", c.escape_unicode()),
        )),
        None => Ok(()),
    }
}

/// One word of a shell command in a RUN. Quotes survive the Dockerfile parser, which expands nothing
/// in RUN, and the shell takes them away.
///
/// # Errors
/// Control characters, and a backslash at the end of the word (a line continuation).
pub fn shell(value: &str) -> Result<Safe, Diagnostic> {
    no_control("the word", value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(Safe(value.into()));
    }
    if value.contains("<<") {
        return Err(unescapable("the word", value, "`<<` would begin a here-document"));
    }
    if value.contains(['$', '`', '\'']) {
        // In double quotes with backslashes: ShellCheck takes a `$` in single quotes for a mistake.
        let mut out = String::from("\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                out.push('\\');
            }
            out.push(c);
        }
        return Ok(Safe(out + "\""));
    }
    Ok(Safe(format!("'{value}'")))
}

/// The JSON form of ENTRYPOINT and CMD, in which nothing is expanded.
///
/// # Errors
/// Control characters.
pub fn exec<S: AsRef<str>>(words: &[S]) -> Result<Safe, Diagnostic> {
    let mut parts = Vec::new();
    for word in words {
        no_control("the argument", word.as_ref())?;
        parts.push(serde_json::to_string(word.as_ref()).expect("a string is JSON"));
    }
    Ok(Safe(format!("[{}]", parts.join(", "))))
}

/// A string as JSON, and so as YAML and HCL, has it in double quotes. What nobody would see is spelled out.
pub fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string is JSON");
    let mut out = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        match u16::try_from(u32::from(c)) {
            Ok(number) if unseen(c) => out += &format!("\\u{number:04x}"),
            _ => out.push(c),
        }
    }
    out
}

/// A source or destination of COPY, or an argument of WORKDIR. Expansion and wildcards are
/// escaped away.
///
/// # Errors
/// Control characters, white space, quotes and backslashes: COPY has another form for them, which
/// no linter and few people read rightly.
pub fn path(value: &str) -> Result<Safe, Diagnostic> {
    no_control("the path", value)?;
    if let Some(c) = value
        .chars()
        .find(|c| c.is_whitespace() || "\"'\\`<>#".contains(*c))
    {
        return Err(unescapable("the path", value, &format!("it holds `{c}`")));
    }
    let mut out = String::new();
    for c in value.chars() {
        match c {
            '$' => out += "\\$",
            '*' | '?' | '[' => {
                out.push('[');
                out.push(c);
                out.push(']');
            }
            c => out.push(c),
        }
    }
    Ok(Safe(out))
}

/// A source, target or id in a `--mount=` flag, whose fields are separated by commas.
///
/// # Errors
/// As [`path`], and commas, equals signs, wildcards and `$`.
pub fn mount(value: &str) -> Result<Safe, Diagnostic> {
    if let Some(c) = value.chars().find(|c| ",=$*?[".contains(*c)) {
        return Err(unescapable(
            "the path",
            value,
            &format!("it holds `{c}`, which a mount cannot express"),
        ));
    }
    path(value)
}

/// An image in FROM, with its tag or digest, by the distribution specification. Nothing else has a form
/// there: a flag of FROM, a path and a variable are none.
///
/// # Errors
/// Anything that is no name of an image.
pub fn image(value: &str) -> Result<Safe, Diagnostic> {
    let (name, digest) = match value.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (value, None),
    };
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let good_name = match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => {
            is_host(host) && is_repository(rest)
        }
        _ => is_repository(name),
    };
    let hex = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
    let good_digest = |digest: &str| {
        let hash = digest.strip_prefix("sha256:");
        hash.is_some_and(|hash| hash.len() == 64 && hash.chars().all(hex))
    };
    if good_name && tag.is_none_or(is_tag) && digest.is_none_or(good_digest) {
        return Ok(Safe(value.into()));
    }
    Err(unescapable("the image", value, "it is no name of an image"))
}

/// A registry's host, perhaps with its port.
pub fn is_host(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && text.chars().all(good)
}

/// The part of an image's name between its registry and its tag.
pub fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && part.chars().all(good)
    };
    text.len() < 256 && text.split('/').all(part)
}

/// An image's tag.
pub fn is_tag(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(good) && !text.starts_with(['.', '-'])
}

/// The value of ENV, LABEL or an ARG default, in double quotes where it needs them.
///
/// # Errors
/// Control characters.
pub fn quoted(value: &str) -> Result<Safe, Diagnostic> {
    no_control("the value", value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:+@%,=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(Safe(value.into()));
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Ok(Safe(out))
}

/// The name of an environment variable or build argument.
///
/// # Errors
/// Anything but letters, digits and `_`, and a leading digit.
pub fn name(value: &str) -> Result<Safe, Diagnostic> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if value.is_empty() || !value.chars().all(good) || value.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(unescapable("the name", value, "it is no name of a variable"));
    }
    Ok(Safe(value.into()))
}

/// A comment of one line. Never fails: what cannot be shown is replaced.
pub fn comment(value: &str) -> Safe {
    let seen = |c: char| if unseen(c) { ' ' } else { c };
    let text: String = masked(value).chars().map(seen).collect();
    Safe(text.trim().to_string())
}

/// Characters of an image's name: a registry adds its own to them, and the program's file is called so.
const LONGEST: usize = 128;

/// A name for `docker build -t`, by the distribution specification: lower case, `.`, `_`, `-` as
/// separators.
pub fn image_name(value: &str) -> String {
    let mut out = String::new();
    for c in value.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if out.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            out.push(if matches!(c, '.' | '_') { c } else { '-' });
        }
    }
    out.truncate(LONGEST);
    let out = out.trim_end_matches(['-', '.', '_']);
    if out.is_empty() { "app".into() } else { out.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_name_is_always_one() {
        assert_eq!(image_name("@acme/Web_App"), "acme-web_app");
        assert_eq!(image_name("a..b"), "a.b");
        assert_eq!(image_name("日本"), "app");
    }

    #[test]
    fn a_value_with_a_line_break_is_refused_everywhere() {
        for f in [shell, path, mount, quoted, name] {
            assert!(f("a\nRUN evil").is_err());
        }
        assert!(exec(&["a\nb"]).is_err());
        assert_eq!(comment("a\nRUN evil").as_str(), "a RUN evil");
    }

    #[test]
    fn what_nobody_would_see_is_refused_everywhere() {
        for f in [shell, path, mount, quoted, name] {
            assert!(f("a\u{202e}b").is_err() && f("a\u{200b}b").is_err());
        }
        assert!(exec(&["a\u{2066}b"]).is_err());
        assert_eq!(comment("a\u{202e}b").as_str(), "a b");
    }

    #[test]
    fn a_string_of_json_shows_all_of_it() {
        assert_eq!(json("a\u{202e}\u{7f}\n\""), r#""a\u202e\u007f\n\"""#);
    }

    #[test]
    fn an_image_is_a_name_and_nothing_else() {
        let digest = format!("golang:1@sha256:{}", "a".repeat(64));
        for good in [
            "golang",
            "golang:1.26-trixie",
            "localhost:5000/a/b:c",
            "ghcr.io/a/b",
            digest.as_str(),
        ] {
            assert_eq!(image(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-rf",
            "--platform=x",
            "../a",
            "/etc",
            "a*",
            "a b",
            "a$b",
            "A",
            "a:",
            "a@sha256:1",
            "é",
        ] {
            assert!(image(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_expands() {
        assert_eq!(shell("$(id)").unwrap().as_str(), r#""\$(id)""#);
        assert_eq!(shell("it's").unwrap().as_str(), r#""it's""#);
        assert_eq!(shell("a b").unwrap().as_str(), "'a b'");
        assert_eq!(path("a$b").unwrap().as_str(), r"a\$b");
        assert_eq!(path("a*").unwrap().as_str(), "a[*]");
        assert_eq!(quoted("$HOME\"\\").unwrap().as_str(), r#""\$HOME\"\\""#);
        assert_eq!(exec(&["a\"", "`b`"]).unwrap().as_str(), r#"["a\"", "`b`"]"#);
    }
}
