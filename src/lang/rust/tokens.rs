//! Rust source as words: enough to tell code from comments, strings from code, and tests from the
//! program. No grammar; a file that does not compile gives words as well.

use crate::source::{Location, Source, Sourced};
use std::ops::Range;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Ident(String),
    /// Without its quotes, with the common escapes undone.
    Text(String),
    Number(String),
    Punct(char),
}

/// The words of one file, without comments and without `#[cfg(test)]` modules.
pub struct Tokens {
    pub source: Arc<Source>,
    pub list: Vec<(Token, Range<usize>)>,
}

impl Tokens {
    pub fn of(source: &Arc<Source>) -> Self {
        Self {
            source: source.clone(),
            list: without_tests(split(&source.text)),
        }
    }

    pub fn get(&self, i: usize) -> Option<&Token> {
        self.list.get(i).map(|(t, _)| t)
    }

    pub fn at(&self, i: usize) -> Location {
        Location::span(&self.source, self.list[i].1.clone())
    }

    pub fn sourced<T>(&self, i: usize, value: T) -> Sourced<T> {
        Sourced::new(value, self.at(i))
    }

    pub fn ident(&self, i: usize) -> Option<&str> {
        match self.get(i) {
            Some(Token::Ident(s)) => Some(s),
            _ => None,
        }
    }

    pub fn text(&self, i: usize) -> Option<&str> {
        match self.get(i) {
            Some(Token::Text(s)) => Some(s),
            _ => None,
        }
    }

    pub fn number(&self, i: usize) -> Option<u64> {
        match self.get(i) {
            Some(Token::Number(s)) => {
                let digits: String = s
                    .chars()
                    .filter(|c| *c != '_')
                    .take_while(char::is_ascii_digit)
                    .collect();
                digits.parse().ok()
            }
            _ => None,
        }
    }

    pub fn is(&self, i: usize, c: char) -> bool {
        self.get(i) == Some(&Token::Punct(c))
    }

    /// Do the words from `i` on spell this? `"cfg ( test )"`.
    pub fn spells(&self, i: usize, words: &str) -> bool {
        words
            .split(' ')
            .enumerate()
            .all(|(n, word)| match self.get(i + n) {
                Some(Token::Ident(s) | Token::Number(s)) => s == word,
                Some(Token::Punct(c)) => word.len() == c.len_utf8() && word.starts_with(*c),
                _ => false,
            })
    }

    /// The identifiers of the statement before `i`, lower case, nearest first.
    pub fn before(&self, i: usize) -> Vec<String> {
        let mut words = Vec::new();
        for n in (i.saturating_sub(40)..i).rev() {
            match self.get(n) {
                Some(Token::Punct(';' | '{' | '}')) => break,
                Some(Token::Ident(s)) => words.push(s.to_lowercase()),
                _ => {}
            }
        }
        words
    }

    /// The names of the calls around `i` in its statement, nearest first: `Files`, `new` for the
    /// second word of `Files::new("/a", "b")`, and the name that a `let` or `const` gives.
    pub fn around(&self, i: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut depth = 0usize;
        for n in (i.saturating_sub(60)..i).rev() {
            match self.get(n) {
                Some(Token::Punct(';' | '{' | '}')) => break,
                Some(Token::Punct(')' | ']')) => depth += 1,
                Some(Token::Punct('(' | '[')) if depth > 0 => depth -= 1,
                Some(Token::Punct('(')) => {
                    let mut at = n;
                    while let Some(name) = at.checked_sub(1).and_then(|m| self.ident(m)) {
                        names.push(name);
                        at -= 1;
                        if at < 3 || !self.is(at - 1, ':') || !self.is(at - 2, ':') {
                            break;
                        }
                        at -= 2;
                    }
                }
                Some(Token::Ident(word))
                    if depth == 0 && matches!(word.as_str(), "let" | "const" | "static") =>
                {
                    let skip = usize::from(self.ident(n + 1) == Some("mut"));
                    names.extend(self.ident(n + 1 + skip));
                    break;
                }
                _ => {}
            }
        }
        names
    }

    /// The index after the bracket that closes the one at `open`.
    pub fn closing(&self, open: usize) -> usize {
        closing(&self.list, open)
    }
}

fn closing(list: &[(Token, Range<usize>)], open: usize) -> usize {
    let mut depth = 0usize;
    for (i, (token, _)) in list.iter().enumerate().skip(open) {
        match token {
            Token::Punct('(' | '[' | '{') => depth += 1,
            Token::Punct(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
    }
    list.len()
}

/// Leaves out `#[cfg(test)] mod …`, `#[test] fn …` and the like: what follows such an attribute up
/// to the end of its braces.
fn without_tests(list: Vec<(Token, Range<usize>)>) -> Vec<(Token, Range<usize>)> {
    let punct = |i: usize, c: char| matches!(list.get(i), Some((Token::Punct(p), _)) if *p == c);
    let mut kept = Vec::with_capacity(list.len());
    let mut i = 0;
    while i < list.len() {
        if !(punct(i, '#') && punct(i + 1, '[')) {
            kept.push(list[i].clone());
            i += 1;
            continue;
        }
        let end = closing(&list, i + 1);
        let words: Vec<&str> = list[i + 2..end.saturating_sub(1).max(i + 2)]
            .iter()
            .filter_map(|(t, _)| match t {
                Token::Ident(s) => Some(s.as_str()),
                _ => None,
            })
            .collect();
        let test = words == ["cfg", "test"] || words.last() == Some(&"test") && words.first() != Some(&"cfg");
        if !test {
            kept.extend_from_slice(&list[i..end]);
            i = end;
            continue;
        }
        // Up to the first `{…}` or `;` after the attribute.
        i = end;
        while i < list.len() && !punct(i, '{') && !punct(i, ';') {
            i += 1;
        }
        i = if punct(i, '{') { closing(&list, i) } else { i + 1 };
    }
    kept
}

fn split(text: &str) -> Vec<(Token, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let mut i = 0;
    while let Some(c) = text[i..].chars().next() {
        let start = i;
        let rest = &text[i..];
        if c.is_whitespace() {
            i += c.len_utf8();
        } else if rest.starts_with("//") {
            i += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            i += comment(rest);
        } else if let Some((value, length)) = string(rest) {
            list.push((Token::Text(value), start..start + length));
            i += length;
        } else if c == '\'' {
            i += quote(rest);
        } else if c.is_alphabetic() || c == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            list.push((Token::Ident(rest[..length].into()), start..start + length));
            i += length;
        } else if c.is_ascii_digit() {
            let length = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            list.push((Token::Number(rest[..length].into()), start..start + length));
            i += length;
        } else {
            list.push((Token::Punct(c), start..start + c.len_utf8()));
            i += c.len_utf8();
        }
        debug_assert!(i > start && i <= bytes.len());
    }
    list
}

/// Length of a block comment; Rust's may be nested.
fn comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut depth, mut i) = (0usize, 0);
    while i + 1 < bytes.len() {
        match &bytes[i..i + 2] {
            b"/*" => {
                depth += 1;
                i += 2;
            }
            b"*/" => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    rest.len()
}

/// `"…"`, `r#"…"#`, and both after `b` or `c`, with the length in the source.
fn string(rest: &str) -> Option<(String, usize)> {
    let prefix = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let skipped = rest.len() - prefix.len();
    if let Some(raw) = prefix.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = body.find(&end)?;
        return Some((
            body[..length].to_string(),
            skipped + 1 + hashes + 1 + length + end.len(),
        ));
    }
    let body = prefix.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = body.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((value, skipped + 1 + i + 1)),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, c)) => value.push(c),
                None => break,
            },
            c => value.push(c),
        }
    }
    Some((value, rest.len()))
}

/// Length of a character in quotes, or of the quote that begins a lifetime.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            // The escaped character itself may be a quote.
            chars.next();
            chars.find(|(_, c)| *c == '\'').map_or(rest.len(), |(i, _)| i + 1)
        }
        Some(_) => match chars.next() {
            Some((i, '\'')) => i + 1,
            _ => 1,
        },
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Tokens {
        Tokens::of(&Source::new("main.rs", text))
    }

    #[test]
    fn comments_and_tests_are_no_code() {
        let found = tokens(
            "// \"a\"\n/* \"b\" /* \"c\" */ */ fn main() { x(\"d\"); }\n#[cfg(test)]\nmod tests { fn f() { \"e\"; } }\n#[tokio::test]\nasync fn t() { \"f\" }\n",
        );
        let texts: Vec<&str> = (0..found.list.len()).filter_map(|i| found.text(i)).collect();
        assert_eq!(texts, ["d"]);
    }

    #[test]
    fn strings_of_every_kind_are_found() {
        let found = tokens(
            r####"let a = r#"x"y"#; let b = b"z\"w"; let c = '"'; let d: &'static str = "v"; '\'' "####,
        );
        let texts: Vec<&str> = (0..found.list.len()).filter_map(|i| found.text(i)).collect();
        assert_eq!(texts, ["x\"y", "z\"w", "v"]);
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "\"",
            "/*",
            "'",
            "r#\"",
            "b",
            "'\\",
            "é'é",
            "#[",
            "#[cfg(test)]",
            "r",
            "0x",
        ] {
            let _ = tokens(text);
        }
    }
}
