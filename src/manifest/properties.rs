//! Java's `.properties`: keys with values and places.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// The pairs of the file, in its order. Nothing in it can be malformed.
pub fn parse(source: &Arc<Source>) -> Vec<(String, Sourced<String>)> {
    let mut pairs = Vec::new();
    let mut lines = source.text.lines();
    while let Some(first) = lines.next() {
        let text = first.trim_start();
        if text.is_empty() || text.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = text.to_string();
        while whole.ends_with('\\') && !whole.ends_with("\\\\") {
            whole.pop();
            match lines.next() {
                Some(next) => whole += next.trim_start(),
                None => break,
            }
        }
        let split = separator(&whole);
        let (key, rest) = whole.split_at(split);
        let value = rest.trim_start();
        let value = value.strip_prefix(['=', ':']).unwrap_or(value).trim();
        pairs.push((
            unescape(key.trim_end()),
            Sourced::new(unescape(value), Location::of(source, text)),
        ));
    }
    pairs
}

/// The last value of a key.
pub fn get<'a>(pairs: &'a [(String, Sourced<String>)], key: &str) -> Option<&'a Sourced<String>> {
    pairs.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
}

fn separator(line: &str) -> usize {
    let mut escaped = false;
    for (i, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '=' | ':' | ' ' | '\t' => return i,
            _ => {}
        }
    }
    line.len()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_comments_and_continued_lines() {
        let source = Source::new("p", "# c\na=1\n b : x\\:y\nlong = a,\\\n   b\nc d\n! no\ne");
        let pairs = parse(&source);
        let value = |k: &str| get(&pairs, k).map(|v| v.value.clone());
        assert_eq!(value("a").as_deref(), Some("1"));
        assert_eq!(value("b").as_deref(), Some("x:y"));
        assert_eq!(value("long").as_deref(), Some("a,b"));
        assert_eq!(value("c").as_deref(), Some("d"));
        assert_eq!(value("e").as_deref(), Some(""));
        assert_eq!(get(&pairs, "long").unwrap().at.line(), Some(4));
    }
}
