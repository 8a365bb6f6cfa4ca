//! go.mod and go.work: the directives, with their lines.
//! Grammar: <https://go.dev/ref/mod#go-mod-file-grammar>, <https://go.dev/ref/mod#go-work-file-grammar>.

use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source, Sourced};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A go.mod or go.work file. What a program's container does not depend on (`exclude`, `retract`,
/// `tool`, `ignore`, `godebug`) is checked for its shape and left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GoMod {
    pub module: Option<Sourced<String>>,
    pub go: Option<Sourced<String>>,
    pub toolchain: Option<Sourced<String>>,
    pub require: Vec<Sourced<String>>,
    /// Those of them that the module's own packages do not import.
    pub indirect: BTreeSet<String>,
    /// Right-hand sides of `replace` that are folders: they begin with `./`, `../` or `/`.
    pub replace_dirs: Vec<Sourced<String>>,
    /// Folders of go.work's `use`.
    pub use_dirs: Vec<Sourced<String>>,
}

/// # Errors
/// A line that is no directive, an unclosed block or string.
pub fn parse(source: &Arc<Source>) -> Result<GoMod, Diagnostic> {
    let mut file = GoMod::default();
    let mut block: Option<(&str, &str)> = None;
    for line in source.text.split('\n') {
        let words = words(source, line)?;
        let Some(first) = words.first() else { continue };
        match block {
            Some(_) if first.0 == ")" => block = None,
            Some((verb, _)) => directive(source, &mut file, verb, &words, line)?,
            None if words.get(1).is_some_and(|w| w.0 == "(") => {
                if words.len() > 2 {
                    return Err(broken(source, line, "a block opens with nothing after `(`"));
                }
                block = Some((verb_of(source, first.1)?, line));
            }
            None => directive(source, &mut file, verb_of(source, first.1)?, &words[1..], line)?,
        }
    }
    match block {
        Some((_, line)) => Err(broken(source, line, "this block is never closed with `)`")),
        None => Ok(file),
    }
}

const VERBS: &[&str] = &[
    "module",
    "go",
    "toolchain",
    "godebug",
    "require",
    "exclude",
    "replace",
    "retract",
    "tool",
    "ignore",
    "use",
];

fn verb_of(source: &Arc<Source>, word: &str) -> Result<&'static str, Diagnostic> {
    VERBS
        .iter()
        .find(|v| **v == word)
        .copied()
        .ok_or_else(|| broken(source, word, "not a directive of go.mod or go.work"))
}

fn broken(source: &Arc<Source>, part: &str, what: &str) -> Diagnostic {
    Diagnostic::error(&rules::MALFORMED, format!("{} is not valid", source.path))
        .at(Location::of(source, part.trim_end()), what)
        .help(format!("mend the marked line in {}", source.path))
}

/// A word's value, and the text that spells it.
type Word<'a> = (String, &'a str);

fn words<'a>(source: &Arc<Source>, line: &'a str) -> Result<Vec<Word<'a>>, Diagnostic> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with("//") {
        let (value, spelled) = match rest.chars().next() {
            Some(q @ ('"' | '`')) => {
                let end = rest[1..]
                    .find(q)
                    .ok_or_else(|| broken(source, rest, "this string is never closed"))?;
                (rest[1..=end].to_string(), &rest[..end + 2])
            }
            _ => {
                let end = rest
                    .char_indices()
                    .find(|(i, c)| c.is_whitespace() || (*i > 0 && "(),".contains(*c)))
                    .map_or(rest.len(), |(i, _)| i);
                let end = rest[..end].find("//").filter(|i| *i > 0).unwrap_or(end);
                (rest[..end].to_string(), &rest[..end])
            }
        };
        words.push((value, spelled));
        rest = rest[spelled.len()..].trim_start();
    }
    Ok(words)
}

fn directive(
    source: &Arc<Source>,
    file: &mut GoMod,
    verb: &str,
    words: &[Word],
    line: &str,
) -> Result<(), Diagnostic> {
    let at = |word: &Word| Sourced::new(word.0.clone(), Location::of(source, word.1));
    let Some(first) = words.first() else {
        return Err(broken(source, line, "the directive has no argument"));
    };
    let line_at = || Sourced::new(first.0.clone(), Location::of(source, line.trim()));
    match verb {
        "module" => file.module = Some(line_at()),
        "go" => file.go = Some(line_at()),
        "toolchain" => file.toolchain = Some(line_at()),
        "require" => {
            let comment = line.split_once("//").map_or("", |(_, comment)| comment.trim());
            if comment == "indirect" || comment.starts_with("indirect;") {
                file.indirect.insert(first.0.clone());
            }
            file.require.push(at(first));
        }
        "use" => file.use_dirs.push(at(first)),
        "replace" => {
            let Some(arrow) = words.iter().position(|w| w.0 == "=>") else {
                return Err(broken(source, line, "replace needs `=>`"));
            };
            let Some(target) = words.get(arrow + 1) else {
                return Err(broken(source, line, "replace needs a target after `=>`"));
            };
            if ["./", "../", "/"].iter().any(|p| target.0.starts_with(p))
                || target.0 == ".."
                || target.0 == "."
            {
                file.replace_dirs.push(at(target));
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> GoMod {
        parse(&Source::new("go.mod", text)).unwrap()
    }

    #[test]
    fn a_comment_that_starts_with_go_is_no_go_line() {
        let file = parsed(
            "// go services of acme\nmodule acme.dev/x // go 1.2\n\ngo 1.24.1\n\ntoolchain go1.24.5\n",
        );
        assert_eq!(file.module.unwrap().value, "acme.dev/x");
        let go = file.go.unwrap();
        assert_eq!((go.value.as_str(), go.at.line()), ("1.24.1", Some(4)));
        assert_eq!(file.toolchain.unwrap().value, "go1.24.5");
    }

    #[test]
    fn blocks_strings_and_replacements_are_read() {
        let file = parsed(
            "module \"m\"\nrequire (\n\ta.b/c v1.0.0 // indirect\n\n\t\"d\" v2\n)\nrequire e v1\nreplace a.b/c v1.0.0 => ../c\nreplace d => e v1\n",
        );
        assert_eq!(
            file.require.iter().map(|r| r.value.as_str()).collect::<Vec<_>>(),
            ["a.b/c", "d", "e"]
        );
        assert_eq!(file.replace_dirs[0].value, "../c");
        assert_eq!(file.replace_dirs.len(), 1);
    }

    #[test]
    fn a_work_file_lists_its_folders() {
        let file = parsed("go 1.26\nuse ./api\nuse (\n\t./lib\n)\n");
        assert_eq!(
            file.use_dirs.iter().map(|r| r.value.as_str()).collect::<Vec<_>>(),
            ["./api", "./lib"]
        );
    }

    #[test]
    fn a_broken_line_is_an_error_with_its_place() {
        for text in [
            "module m\nrequire (\n a v1\n",
            "module m\n<<<<<<< HEAD\n",
            "module \"m\n",
            "go\n",
            "replace a\n",
        ] {
            let error = parse(&Source::new("go.mod", text)).unwrap_err();
            assert!(error.at.unwrap().line().is_some(), "{text}");
        }
    }

    #[test]
    fn windows_line_ends_do_not_reach_the_values() {
        assert_eq!(parsed("module m\r\ngo 1.25\r\n").go.unwrap().value, "1.25");
    }
}
