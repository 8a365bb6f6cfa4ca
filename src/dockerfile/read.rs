//! From text to instructions and stages.

use super::words::{expand, split};
use super::{Dockerfile, From, Heredoc, Instruction, Stage};
use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];
const WITH_HEREDOC: &[&str] = &["ADD", "COPY", "RUN"];
const WITH_EXEC: &[&str] = &["ADD", "COPY", "RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME"];

/// Reads a Dockerfile.
///
/// # Errors
/// A word that is no instruction, an instruction before FROM, a here-document without end, or no FROM.
pub fn read(source: &Arc<Source>) -> Result<Dockerfile, Diagnostic> {
    let lines = lines(&source.text);
    let escape = escape(&source.text);
    let mut file = Dockerfile {
        source: source.clone(),
        args: BTreeMap::new(),
        stages: Vec::new(),
    };
    let mut comment: Vec<String> = Vec::new();
    let mut i = 0;
    while i < lines.len() {
        let line = &source.text[lines[i].clone()];
        let trimmed = line.trim();
        if trimmed.is_empty() {
            comment.clear();
            i += 1;
            continue;
        }
        if let Some(text) = trimmed.strip_prefix('#') {
            comment.push(text.trim().to_string());
            i += 1;
            continue;
        }
        let instruction = instruction(source, &lines, &mut i, escape)?;
        add(&mut file, instruction, std::mem::take(&mut comment))?;
    }
    if file.stages.is_empty() {
        return Err(
            Diagnostic::error(&rules::MALFORMED, format!("{} has no FROM", source.path))
                .at(Location::whole(source), "")
                .help("a Dockerfile begins with `FROM <image>`"),
        );
    }
    Ok(file)
}

/// Byte ranges of the lines, without line ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        found.push(start..start + line.trim_end_matches(['\n', '\r']).len());
        start = end;
    }
    found
}

/// The escape character: directives stand before anything else, each a comment `# name=value`.
fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| {
        let (key, value) = line.trim().strip_prefix('#')?.split_once('=')?;
        let key = key.trim().to_lowercase();
        ["syntax", "escape", "check"]
            .contains(&key.as_str())
            .then_some((key, value.trim()))
    });
    let mut escapes = directives.filter(|(key, _)| key == "escape");
    escapes
        .next()
        .map_or('\\', |(_, value)| if value == "`" { '`' } else { '\\' })
}

fn instruction(
    source: &Arc<Source>,
    lines: &[Range<usize>],
    i: &mut usize,
    escape: char,
) -> Result<Instruction, Diagnostic> {
    let first = lines[*i].start;
    let mut text = String::new();
    let mut map: Vec<(usize, usize)> = Vec::new();
    let mut last = lines[*i].end;
    let mut going = true;
    while going && *i < lines.len() {
        let range = lines[*i].clone();
        let line = &source.text[range.clone()];
        *i += 1;
        let continued = !text.is_empty() || !map.is_empty();
        if continued && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        last = range.end;
        let body = continuation(line, escape);
        going = body.is_some();
        map.push((text.len(), range.start));
        text.push_str(body.unwrap_or(line));
    }
    let at = Location::span(source, first..last);
    let mut start = text.len() - text.trim_start().len();
    let mut onbuild = false;
    let keyword = loop {
        let rest = &text[start..];
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let keyword = rest[..length].to_uppercase();
        start += length;
        start += text[start..].len() - text[start..].trim_start().len();
        if !KEYWORDS.contains(&keyword.as_str()) {
            return Err(Diagnostic::error(&rules::MALFORMED, format!("`{}` is no Dockerfile instruction", &rest[..length]))
                .at(at, "")
                .help("check the line above: does it end with a line continuation where it should not, or lack one?"));
        }
        if keyword != "ONBUILD" || onbuild {
            break keyword;
        }
        onbuild = true;
    };
    let mut flags = Vec::new();
    while let Some(rest) = text[start..].strip_prefix("--") {
        let word = &split(rest).into_iter().next().map_or(0..0, |w| w.at);
        let (name, value) = rest[..word.end]
            .split_once('=')
            .unwrap_or((&rest[..word.end], ""));
        flags.push((name.to_string(), value.trim_matches('"').to_string()));
        start += 2 + word.end;
        start += text[start..].len() - text[start..].trim_start().len();
    }
    let rest = text[start..].trim_end().to_string();
    let map = moved(&map, start);
    let heredocs = if WITH_HEREDOC.contains(&keyword.as_str()) {
        let mut found = Vec::new();
        for (name, tabs) in heredoc_names(&rest) {
            found.push(heredoc(source, lines, i, name, tabs, &at)?);
        }
        found
    } else {
        Vec::new()
    };
    let exec = (WITH_EXEC.contains(&keyword.as_str()) && rest.starts_with('['))
        .then(|| serde_json::from_str::<Vec<String>>(&rest).ok())
        .flatten();
    Ok(Instruction {
        keyword,
        onbuild,
        flags,
        text: rest,
        exec,
        heredocs,
        at,
        map,
    })
}

/// The line without its continuation mark; `None` where it has none.
fn continuation(line: &str, escape: char) -> Option<&str> {
    let body = line.trim_end_matches([' ', '\t', '\r']).strip_suffix(escape)?;
    (!body.ends_with(escape)).then_some(body)
}

fn moved(map: &[(usize, usize)], start: usize) -> Vec<(usize, usize)> {
    let before = map.iter().rposition(|(t, _)| *t <= start).unwrap_or(0);
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (i, (t, f)) in map.iter().enumerate().skip(before) {
        out.push(if i == before {
            (0, f + (start - t))
        } else {
            (t - start, *f)
        });
    }
    out
}

/// Names of the here-documents that a line opens, with whether leading tabs are dropped.
fn heredoc_names(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut quote: Option<char> = None;
    let mut previous = ' ';
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c && previous != '\\' => quote = None,
            (None, '<')
                if text[i..].starts_with("<<") && (previous.is_whitespace() || previous.is_ascii_digit()) =>
            {
                let rest = &text[i + 2..];
                let (rest, tabs) = rest.strip_prefix('-').map_or((rest, false), |r| (r, true));
                let name: String = rest
                    .trim_start_matches(['"', '\''])
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
                    .collect();
                if !rest.starts_with('<') && !name.is_empty() {
                    found.push((name, tabs));
                }
            }
            _ => {}
        }
        previous = c;
    }
    found
}

fn heredoc(
    source: &Arc<Source>,
    lines: &[Range<usize>],
    i: &mut usize,
    name: String,
    tabs: bool,
    opened: &Location,
) -> Result<Heredoc, Diagnostic> {
    let at = lines.get(*i).map_or(source.text.len(), |l| l.start);
    while *i < lines.len() {
        let line = &source.text[lines[*i].clone()];
        let end = lines[*i].start;
        *i += 1;
        if (if tabs { line.trim_start_matches('\t') } else { line }) == name {
            return Ok(Heredoc {
                name,
                text: source.text[at..end].to_string(),
                at,
            });
        }
    }
    Err(Diagnostic::error(
        &rules::MALFORMED,
        format!("the here-document `{name}` has no end"),
    )
    .at(opened.clone(), "")
    .help(format!("add a line that is `{name}` alone")))
}

fn add(file: &mut Dockerfile, instruction: Instruction, comment: Vec<String>) -> Result<(), Diagnostic> {
    if instruction.keyword == "FROM" && !instruction.onbuild {
        let from = from(file, &instruction)?;
        let words = instruction.words();
        let name = match &words[..] {
            [_, word, name, ..] if word.text.eq_ignore_ascii_case("as") => Some(name.text.to_lowercase()),
            _ => None,
        };
        file.stages.push(Stage {
            name,
            from,
            instructions: Vec::new(),
            comment,
        });
        return Ok(());
    }
    if let Some(stage) = file.stages.last_mut() {
        stage.instructions.push(instruction);
        return Ok(());
    }
    if instruction.keyword != "ARG" {
        let title = format!("{} stands before the first FROM", instruction.keyword);
        return Err(Diagnostic::error(&rules::MALFORMED, title)
            .at(instruction.at, "")
            .help("only ARG, comments and directives may stand before the first FROM"));
    }
    for word in instruction.words() {
        let (name, default) = match word.text.split_once('=') {
            Some((name, value)) => (name, expand(value, &|n| file.args.get(n).cloned().flatten())),
            None => (word.text.as_str(), None),
        };
        file.args.insert(name.to_string(), default);
    }
    Ok(())
}

fn from(file: &Dockerfile, instruction: &Instruction) -> Result<From, Diagnostic> {
    let words = instruction.words();
    let Some(word) = words.first() else {
        return Err(Diagnostic::error(&rules::MALFORMED, "FROM without an image")
            .at(instruction.at.clone(), "")
            .help("write `FROM <image>`"));
    };
    let image = expand(&word.text, &|n| file.args.get(n).cloned().flatten()).filter(|i| !i.is_empty());
    let lower = image.as_deref().unwrap_or("").to_lowercase();
    let stage = file
        .stages
        .iter()
        .rposition(|s| s.name.as_deref() == Some(lower.as_str()));
    Ok(From {
        written: word.text.clone(),
        image,
        platform: instruction.flag("platform").map(str::to_string),
        at: instruction.place(word.at.clone()),
        line: instruction.at.clone(),
        stage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Dockerfile {
        read(&Source::new("Dockerfile", text)).unwrap()
    }

    #[test]
    fn a_continued_instruction_is_one_and_keeps_its_places() {
        let file = parse("FROM a\nRUN x \\\n  # why\n\n  && yy zz\nCMD [\"b\"]\n");
        let run = &file.stages[0].instructions[0];
        assert_eq!(run.commands().len(), 2);
        let place = run.place_of(&run.commands()[1]);
        assert_eq!(&file.source.text[place.range().unwrap()], "yy zz");
        assert_eq!(file.stages[0].instructions[1].exec.as_deref().unwrap(), ["b"]);
    }

    #[test]
    fn windows_line_ends_and_an_own_escape_are_read() {
        let file = parse("# escape=`\r\nFROM a\r\nRUN x `\r\n && y C:\\z\r\nCMD b\r\n");
        let commands = file.stages[0].instructions[0].commands();
        assert_eq!(commands.len(), 2);
        assert_eq!(file.stages[0].instructions[1].text, "b");
    }

    #[test]
    fn heredocs_are_no_instructions() {
        let file = parse(
            "FROM a\nRUN cat <<EOF > /x && y\nFROM nothing\nEOF\nCOPY <<-\"A\" <<B /d/\nx\n\tA\ny\nB\nRUN <<E\nset -e\napt-get update\nE\nUSER 1\n",
        );
        let stage = &file.stages[0];
        assert_eq!(stage.instructions.len(), 4);
        assert_eq!(stage.instructions[1].heredocs[1].text, "y\n");
        let run = &stage.instructions[2];
        let commands = run.commands();
        assert_eq!(commands[1].words, ["apt-get", "update"]);
        assert_eq!(run.place_of(&commands[1]).line(), Some(12));
    }

    #[test]
    fn args_before_from_name_the_image() {
        let file = parse(
            "ARG V=24\nARG T=$V-slim\nARG NONE\nFROM --platform=$BUILDPLATFORM node:${T} AS Build\nFROM build\nFROM x:$NONE\n",
        );
        assert_eq!(file.stages[0].from.image.as_deref(), Some("node:24-slim"));
        assert_eq!(file.stages[1].from.stage, Some(0));
        assert_eq!(file.stages[2].from.image, None);
        assert_eq!(file.chain(1), [0, 1]);
    }

    #[test]
    fn onbuild_is_for_a_later_build() {
        let file = parse("FROM a\nONBUILD COPY . /x\n");
        let copy = &file.stages[0].instructions[0];
        assert!(copy.onbuild && copy.keyword == "COPY" && copy.text == ". /x");
    }

    #[test]
    fn what_is_no_dockerfile_is_an_error_with_its_line() {
        for (text, line) in [
            ("FROM a\nRUM x\n", Some(2)),
            ("RUN x\n", Some(1)),
            ("", None),
            ("FROM a\nRUN <<E\nx\n", Some(2)),
            ("FROM\n", Some(1)),
        ] {
            let error = read(&Source::new("Dockerfile", text)).unwrap_err();
            assert_eq!(error.at.unwrap().line(), line, "{text:?}");
        }
    }
}
