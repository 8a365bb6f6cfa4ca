//! requirements.txt and constraint files, in the grammar that pip reads.

use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::pep508::{self, Requirement};
use crate::source::{Location, Source};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Requirement(Requirement),
    /// A project, wheel or archive by path or URL, without a name: `./libs/x`, `git+https://…`.
    Direct {
        target: String,
        editable: bool,
    },
    /// `-r other.txt`
    Include(String),
    /// `-c constraints.txt`
    Constraint(String),
    /// `--index-url`, `--extra-index-url` or `--find-links`, with the URL.
    Index(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub line: Line,
    pub at: Location,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    pub entries: Vec<Entry>,
    /// The comments before the first requirement: pip-compile and uv sign there.
    pub head: String,
    /// Says `--hash` or `--require-hashes`.
    pub hashed: bool,
}

/// # Errors
/// A line that pip would not understand.
pub fn parse(source: &Arc<Source>) -> Result<File, Diagnostic> {
    let mut file = File::default();
    let mut rest = source.text.as_str();
    while !rest.is_empty() {
        let start = source.text.len() - rest.len();
        // A logical line: a backslash at the end continues, unless a comment began.
        let mut text = String::new();
        let mut first = "";
        loop {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            rest = after;
            if first.is_empty() {
                first = line;
            }
            let comment = line.trim_start().starts_with('#');
            match line.trim_end().strip_suffix('\\') {
                Some(part) if !comment => text += part,
                _ => {
                    text += line.trim_end();
                    break;
                }
            }
            if rest.is_empty() {
                break;
            }
        }
        if text.trim_start().starts_with('#') && file.entries.is_empty() {
            file.head += &text;
            file.head.push('\n');
        }
        let text = match text.find('#') {
            Some(i) if i == 0 || text[..i].ends_with(char::is_whitespace) => &text[..i],
            _ => &text,
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let at = Location::span(source, start..start + first.trim_end().len());
        file.hashed |= text.contains("--hash") || text.contains("--require-hashes");
        match line(text) {
            Ok(Some(line)) => file.entries.push(Entry { line, at }),
            Ok(None) => {}
            Err(why) => {
                return Err(
                    Diagnostic::error(&rules::MALFORMED, format!("pip cannot read {}", source.path))
                        .at(at, why)
                        .help(format!("mend or remove the marked line in {}", source.path)),
                );
            }
        }
    }
    Ok(file)
}

fn option<'a>(text: &'a str, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let rest = text.strip_prefix(name)?;
        let value = match name.starts_with("--") {
            true => rest
                .strip_prefix('=')
                .or(rest.strip_prefix(char::is_whitespace))?,
            false => rest,
        };
        Some(value.trim().trim_matches(['"', '\'']))
    })
}

fn line(text: &str) -> Result<Option<Line>, &'static str> {
    if let Some(path) = option(text, &["--requirement", "-r"]) {
        return Ok(Some(Line::Include(path.into())));
    }
    if let Some(path) = option(text, &["--constraint", "-c"]) {
        return Ok(Some(Line::Constraint(path.into())));
    }
    if let Some(target) = option(text, &["--editable", "-e"]) {
        return Ok(Some(Line::Direct {
            target: target.into(),
            editable: true,
        }));
    }
    let index = ["--extra-index-url", "--index-url", "--find-links", "-i", "-f"];
    if let Some(url) = option(text, &index) {
        return Ok(Some(Line::Index(url.into())));
    }
    if text.starts_with('-') {
        return Ok(None);
    }
    let text = text.split(" --").next().unwrap_or(text).trim();
    let named = pep508::parse(text);
    let path = text.split([';', '[', ' ']).next().unwrap_or(text);
    let is_path = text.starts_with(['.', '/'])
        || path.contains('/')
        || path.contains("://")
        || path.ends_with(".whl")
        || path.ends_with(".tar.gz");
    match named {
        Some(requirement) if requirement.url.is_some() || !is_path => {
            Ok(Some(Line::Requirement(requirement)))
        }
        _ if is_path => Ok(Some(Line::Direct {
            target: text.split(" ;").next().unwrap_or(text).trim().into(),
            editable: false,
        })),
        _ => Err("neither a requirement nor an option"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let file = parse(&Source::new("requirements.txt", text)).unwrap();
        file.entries.into_iter().map(|e| e.line).collect()
    }

    #[test]
    fn every_kind_of_line_is_told_from_the_others() {
        let found = lines(
            "# c\n-r base.txt\n--constraint=c.txt\nflask==3.0 # web\n-e ./libs/x\n./y\n\
             git+https://h/z.git@v1#egg=z\n--extra-index-url https://u/s\n--no-binary :all:\n\
             a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n",
        );
        assert_eq!(found[0], Line::Include("base.txt".into()));
        assert_eq!(found[1], Line::Constraint("c.txt".into()));
        assert!(matches!(&found[2], Line::Requirement(r) if r.pin() == Some("3.0")));
        assert!(matches!(&found[3], Line::Direct { editable: true, target } if target == "./libs/x"));
        assert!(matches!(&found[4], Line::Direct { editable: false, .. }));
        assert!(matches!(&found[5], Line::Direct { target, .. } if target.ends_with("#egg=z")));
        assert_eq!(found[6], Line::Index("https://u/s".into()));
        assert!(matches!(&found[7], Line::Requirement(r) if r.pin() == Some("1")));
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn a_merge_conflict_is_an_error_at_its_line() {
        let error = parse(&Source::new("requirements.txt", "flask\n<<<<<<< HEAD\n")).unwrap_err();
        assert_eq!(error.at.unwrap().line(), Some(2));
    }
}
