//! The written style of every message: read from the source, so that none is left out.

use std::fs;
use std::path::{Path, PathBuf};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_string();
            found.push((path, text));
        }
    }
}

/// The text of a string literal that starts at `at` with its quote, and where it ends.
fn literal(text: &str, at: usize) -> (String, usize) {
    let mut value = String::new();
    let mut chars = text[at + 1..].char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, at + 1 + i + 1),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, '\n')) => {
                    let rest = chars.as_str();
                    let skip = rest.len() - rest.trim_start().len();
                    for _ in 0..rest[..skip].chars().count() {
                        chars.next();
                    }
                }
                Some((_, c)) => value.push(c),
                None => break,
            },
            c => value.push(c),
        }
    }
    (value, text.len())
}

/// The string literals of a call's arguments, by argument. `at` is after the opening bracket.
fn arguments(text: &str, at: usize) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = vec![Vec::new()];
    let mut depth = 0;
    let mut i = at;
    let bytes = text.as_bytes();
    while i < bytes.len() {
        match bytes[i] {
            b'"' => {
                let (value, end) = literal(text, i);
                found.last_mut().unwrap().push(value);
                i = end;
                continue;
            }
            b'\'' if bytes.get(i + 2) == Some(&b'\'') => i += 2,
            b'\'' if bytes.get(i + 1) == Some(&b'\\') => i += 3,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => found.push(Vec::new()),
            _ => {}
        }
        i += 1;
    }
    found
}

/// Every literal that `call` gets as its argument number `argument`: the first one, which begins the
/// message, or of a `match` or `if` each that stands alone.
fn texts(call: &str, argument: usize) -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(&home().join("src"), &mut files);
    let mut found = Vec::new();
    for (path, text) in files {
        for (at, _) in text.match_indices(call) {
            let line = text[..at].matches('\n').count() + 1;
            let args = arguments(&text, at + call.len());
            if let Some(first) = args.get(argument).and_then(|a| a.first()) {
                let place = format!("{}:{line}", path.strip_prefix(home()).unwrap().display());
                found.push((place, first.clone()));
            }
        }
    }
    found
}

/// Proper names that a message may begin with, besides the languages' own.
const NAMES: &[&str] = &[
    "Alpine",
    "Angular",
    "Bun",
    "C",
    "Cargo",
    "Debian",
    "Deno",
    "Django",
    "Docker",
    "Dockerfile",
    "Flask",
    "Gradle",
    "Hugo",
    "Java",
    "Maven",
    "Next",
    "Node",
    "Node.js",
    "Nuxt",
    "Pipenv",
    "Poetry",
    "Python",
    "Quarkus",
    "Remix",
    "Rust",
    "Spring",
    "Tomcat",
    "Ubuntu",
    "Vite",
    "Yarn",
];

/// Begins lower case, with a value, or with a name that is written with a capital; ends without a
/// full stop; holds no politeness and no excitement.
fn wrong(text: &str) -> Option<&'static str> {
    let text = text.trim_end();
    let first = text.split([' ', ':', ',', '`']).next().unwrap_or("");
    let capital = first.starts_with(|c: char| c.is_ascii_uppercase());
    let name = NAMES.contains(&first.trim_end_matches('\''))
        || rdock::lang::ALL.iter().any(|l| l.name == first)
        || first.chars().skip(1).any(|c| c.is_ascii_uppercase());
    let lower = text.to_lowercase();
    if text.is_empty() {
        Some("is empty")
    } else if capital && !name {
        Some("begins with a capital")
    } else if text.ends_with('.') && !text.ends_with("..") {
        Some("ends with a full stop")
    } else if text.contains('!') && !text.contains("`!") {
        Some("shouts")
    } else if text.contains("  ") && !text.contains('\n') {
        Some("holds two spaces in a row")
    } else if ["please", "sorry", "oops", "failed to ", "unable to ", "invalid "]
        .iter()
        .any(|word| lower.contains(word))
    {
        Some("has a word that this style does not use")
    } else {
        None
    }
}

#[track_caller]
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn titles_are_plain_clauses() {
    let mut titles = texts("Diagnostic::error(", 1);
    titles.extend(texts("Diagnostic::warning(", 1));
    assert!(titles.len() > 20);
    let wrong = titles
        .iter()
        .filter_map(|(place, title)| Some(format!("{place}: `{title}` {}", wrong(title)?)));
    none(wrong.collect());
}

#[test]
fn labels_are_plain_too() {
    let labels = texts(".at(", 1);
    let wrong = labels
        .iter()
        .filter(|(_, label)| !label.is_empty())
        .filter_map(|(place, label)| Some(format!("{place}: `{label}` {}", wrong(label)?)));
    none(wrong.collect());
}

/// The first word of a help that says what to do.
const VERBS: &[&str] = &[
    "add",
    "allow",
    "ask",
    "bind",
    "build",
    "change",
    "check",
    "choose",
    "commit",
    "compile",
    "copy",
    "declare",
    "delete",
    "do",
    "drop",
    "export",
    "generate",
    "give",
    "install",
    "keep",
    "leave",
    "let",
    "list",
    "listen",
    "lock",
    "lower",
    "make",
    "mend",
    "merge",
    "mount",
    "move",
    "name",
    "overwrite",
    "pass",
    "pin",
    "point",
    "put",
    "raise",
    "read",
    "remove",
    "rename",
    "replace",
    "restore",
    "revoke",
    "run",
    "save",
    "say",
    "set",
    "split",
    "start",
    "state",
    "take",
    "tell",
    "try",
    "turn",
    "update",
    "upgrade",
    "use",
    "wait",
    "widen",
    "write",
];

/// Openings of a help that lists what there is to choose from, or says what the format allows.
const LISTS: &[&str] = &[
    "its ",
    "only ",
    "not usable",
    "the ",
    "one of",
    "did you mean",
    "rdock looked for",
    "looked at",
];

#[test]
fn a_help_says_what_to_do_or_names_the_edit() {
    let helps = texts(".help(", 0);
    assert!(helps.len() > 20);
    let mut found = Vec::new();
    for (place, help) in &helps {
        let first = help.split([' ', ',', ':']).next().unwrap_or("");
        // A single word is an argument of a function that makes the help.
        let says = !help.contains(' ')
            || VERBS.contains(&first)
            || LISTS.iter().any(|l| help.starts_with(l))
            || help.contains('`')
            || help.contains("--")
            || help.starts_with('{')
            || help.split([';', ',', ':']).skip(1).any(|part| {
                let first = part.trim().split(' ').next().unwrap_or("");
                VERBS.contains(&first)
            });
        if !says {
            found.push(format!("{place}: `{help}` tells nobody what to do"));
        }
        found.extend(wrong(help).map(|why| format!("{place}: `{help}` {why}")));
    }
    none(found);
}

#[test]
fn a_rule_has_a_name_without_capital_and_a_page_of_sentences() {
    let mut found = Vec::new();
    for rule in rdock::cli::all_rules() {
        let digits = rule.id.strip_prefix("RD").unwrap_or("");
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            found.push(format!("{} is no id", rule.id));
        }
        found.extend(wrong(rule.name).map(|why| format!("{}: `{}` {why}", rule.id, rule.name)));
        if !rule.words.ends_with(['.', '`', ')']) || rule.words.len() < 40 {
            found.push(format!("{}: its page is no text: {}", rule.id, rule.words));
        }
    }
    none(found);
}

#[test]
fn every_error_in_a_golden_has_its_help() {
    let mut found = Vec::new();
    let mut count = 0;
    let folders = |dir: &Path| -> Vec<PathBuf> {
        fs::read_dir(dir)
            .into_iter()
            .flatten()
            .map(|e| e.unwrap().path())
            .collect()
    };
    for case in folders(&home().join("golden")).iter().flat_map(|l| folders(l)) {
        let Ok(text) = fs::read_to_string(case.join("error.txt")) else {
            continue;
        };
        for message in text.split("\nerror[").filter(|m| !m.starts_with("warning")) {
            count += 1;
            if !message.contains("help: ") {
                found.push(format!("{}: {message}", case.display()));
            }
        }
    }
    assert!(count > 0);
    none(found);
}
