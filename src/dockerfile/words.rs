//! Words of an instruction that is no shell script: quotes, and variables with their defaults.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Without quotes; variables as written.
    pub text: String,
    pub quoted: bool,
    /// In the instruction's text.
    pub at: Range<usize>,
}

/// Splits at white space outside of quotes and of `${…}`.
pub fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let mut word = Word {
            text: String::new(),
            quoted: false,
            at: start..text.len(),
        };
        let mut quote = None;
        let mut braces = 0;
        while let Some(&(i, c)) = chars.peek() {
            match (quote, c) {
                (None, c) if c.is_whitespace() && braces == 0 => {
                    word.at.end = i;
                    break;
                }
                (None, '\'' | '"') => {
                    quote = Some(c);
                    word.quoted = true;
                }
                (Some(q), c) if q == c => quote = None,
                (None | Some('"'), '\\') => {
                    chars.next();
                    if let Some(&(_, next)) = chars.peek() {
                        word.text.push(next);
                    }
                }
                (_, c) => {
                    match c {
                        '{' if word.text.ends_with('$') => braces += 1,
                        '}' if braces > 0 => braces -= 1,
                        _ => {}
                    }
                    word.text.push(c);
                }
            }
            chars.next();
        }
        words.push(word);
    }
    words
}

/// Bytes of a text whose variables are replaced: each may hold the one before it twice.
const LONGEST: usize = 64 * 1024;
/// Defaults in defaults.
const DEEPEST: usize = 32;

/// `text` with its variables replaced. `None` where `value` knows one of them not, where a form
/// other than `$A`, `${A}`, `${A:-b}`, `${A-b}`, `${A:+b}` stands, or where it has no end.
pub fn expand(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    expand_in(text, value, 0)
}

fn expand_in(text: &str, value: &dyn Fn(&str) -> Option<String>, depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let end = closing(inner)?;
            let (body, after) = (&inner[..end], &inner[end + 1..]);
            let name = body
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .next()?;
            let operator = &body[name.len()..];
            let known = value(name);
            out.push_str(&match operator.get(..operator.len().min(2)) {
                Some("") => known?,
                Some(":-") => match known.filter(|v| !v.is_empty()) {
                    Some(known) => known,
                    None => expand_in(&operator[2..], value, depth + 1)?,
                },
                Some(":+") => match known? {
                    known if known.is_empty() => known,
                    _ => expand_in(&operator[2..], value, depth + 1)?,
                },
                Some(o) if o.starts_with('-') => match known {
                    Some(known) => known,
                    None => expand_in(&operator[1..], value, depth + 1)?,
                },
                _ => return None,
            });
            rest = after;
        } else {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            out.push_str(&value(&rest[..end])?);
            rest = &rest[end..];
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_take_their_values_and_defaults() {
        let value = |name: &str| match name {
            "A" => Some("1".to_string()),
            "E" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("node:$A-slim", Some("node:1-slim")),
            ("node:${A}.2", Some("node:1.2")),
            ("${B:-x${A}}", Some("x1")),
            ("${E:-y}", Some("y")),
            ("${B}", None),
            ("${A:+z}", Some("z")),
            ("${A#v}", None),
            ("a$", None),
            ("${A", None),
        ] {
            assert_eq!(expand(text, &value).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_text_without_end_is_none() {
        let long = |_: &str| Some("x".repeat(LONGEST / 2));
        assert!(expand("$A", &long).is_some());
        assert!(expand("$A$A$A", &long).is_none());
        let nested = |n: usize| "${A:-".repeat(n) + "x" + &"}".repeat(n);
        assert_eq!(expand(&nested(3), &|_| None).as_deref(), Some("x"));
        assert!(expand(&nested(100_000), &|_| None).is_none());
    }

    #[test]
    fn quotes_hold_a_word_together() {
        let words: Vec<String> = split(r#"A="b c" 'd e' ${F:-g h} i\ j"#)
            .into_iter()
            .map(|w| w.text)
            .collect();
        assert_eq!(words, ["A=b c", "d e", "${F:-g h}", "i j"]);
    }
}
