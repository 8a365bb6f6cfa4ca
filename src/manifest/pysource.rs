//! Python source split into logical lines of tokens. Comments and strings cannot fool a reader of
//! these; nothing is parsed beyond that.

use crate::source::{Location, Source};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Name,
    Number,
    String,
    /// One character, except `==`, `:=`, `->` and `**`.
    Op,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
}

/// A logical line: brackets and backslashes joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// Columns of white space before the first token; a tab goes to the next multiple of eight.
    pub indent: usize,
    pub tokens: Vec<Token<'a>>,
}

impl<'a> Token<'a> {
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::String && self.text == text
    }

    /// The value of a string literal; `None` for bytes and for f-strings.
    pub fn string(&self) -> Option<String> {
        if self.kind != Kind::String {
            return None;
        }
        let start = self.text.find(['"', '\''])?;
        let (prefix, body) = self.text.split_at(start);
        if prefix.contains(['b', 'B', 'f', 'F', 't', 'T']) {
            return None;
        }
        let quote = if body.starts_with("\"\"\"") || body.starts_with("'''") {
            3
        } else {
            1
        };
        let inner = body.get(quote..body.len().checked_sub(quote)?)?;
        if prefix.contains(['r', 'R']) || !inner.contains('\\') {
            return Some(inner.to_string());
        }
        let mut out = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('\n') | None => {}
                    Some(c) => out.push(c),
                },
                c => out.push(c),
            }
        }
        Some(out)
    }

    /// What stands between the quotes of an f-string.
    pub fn formatted(&self) -> Option<&'a str> {
        let start = self.text.find(['"', '\''])?;
        let (prefix, body) = self.text.split_at(start);
        if self.kind != Kind::String || !prefix.contains(['f', 'F']) {
            return None;
        }
        let quote = if body.starts_with("\"\"\"") || body.starts_with("'''") {
            3
        } else {
            1
        };
        body.get(quote..body.len().checked_sub(quote)?)
    }

    pub fn at(&self, source: &Arc<Source>) -> Location {
        Location::of(source, self.text)
    }
}

/// Never fails: what is no Python becomes tokens all the same.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut out = Vec::new();
    let mut line = Line {
        indent: 0,
        tokens: Vec::new(),
    };
    let mut depth = 0usize;
    let mut indent = scanner.indent();
    while let Some(c) = scanner.peek() {
        if c == '\n' {
            scanner.at += 1;
            if depth == 0 {
                if !line.tokens.is_empty() {
                    out.push(std::mem::replace(
                        &mut line,
                        Line {
                            indent: 0,
                            tokens: Vec::new(),
                        },
                    ));
                }
                indent = scanner.indent();
            }
            continue;
        }
        if c == '\\'
            && scanner.text[scanner.at + 1..]
                .trim_start_matches('\r')
                .starts_with('\n')
        {
            scanner.at += scanner.text[scanner.at..].find('\n').unwrap_or(0) + 1;
            continue;
        }
        if c.is_whitespace() {
            scanner.at += c.len_utf8();
            continue;
        }
        if c == '#' {
            let rest = &scanner.text[scanner.at..];
            scanner.at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if line.tokens.is_empty() {
            line.indent = indent;
        }
        let token = scanner.token(c);
        match token.text {
            "(" | "[" | "{" if token.kind == Kind::Op => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Op => depth = depth.saturating_sub(1),
            // `;` ends a statement as a line break does.
            ";" if depth == 0 => {
                let next = Line {
                    indent: line.indent,
                    tokens: Vec::new(),
                };
                out.push(std::mem::replace(&mut line, next));
                continue;
            }
            _ => {}
        }
        line.tokens.push(token);
    }
    if !line.tokens.is_empty() {
        out.push(line);
    }
    out
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn indent(&self) -> usize {
        let mut columns = 0;
        for c in self.text[self.at..].chars() {
            match c {
                ' ' => columns += 1,
                '\t' => columns = (columns / 8 + 1) * 8,
                _ => break,
            }
        }
        columns
    }

    fn token(&mut self, c: char) -> Token<'a> {
        let start = self.at;
        let rest = &self.text[start..];
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let kind = if c == '"' || c == '\'' {
            self.string("");
            Kind::String
        } else if c.is_ascii_digit() {
            let end = rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(rest.len());
            self.at += end;
            Kind::Number
        } else if is_word(c) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            self.at += end;
            let is_prefix = word.len() <= 2 && word.chars().all(|c| "rRbBuUfFtT".contains(c));
            if is_prefix && self.text[self.at..].starts_with(['"', '\'']) {
                self.string(word);
                Kind::String
            } else {
                Kind::Name
            }
        } else {
            let two = ["==", ":=", "->", "**"].iter().any(|op| rest.starts_with(op));
            self.at += if two { 2 } else { c.len_utf8() };
            Kind::Op
        };
        Token {
            kind,
            text: &self.text[start..self.at],
        }
    }

    /// Goes past the string literal whose quote is at the scanner's place.
    fn string(&mut self, prefix: &str) {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.at];
        let triple = bytes[self.at..].starts_with(&[quote; 3]);
        let formatted = prefix.contains(['f', 'F', 't', 'T']);
        self.at += if triple { 3 } else { 1 };
        let mut braces = 0usize;
        while self.at < bytes.len() {
            match bytes[self.at] {
                // In a raw string too, a backslash keeps the quote after it.
                b'\\' => {
                    self.at += 1;
                }
                b'\n' if !triple && braces == 0 => return,
                b'{' if formatted && braces == 0 && bytes.get(self.at + 1) == Some(&b'{') => self.at += 1,
                b'{' if formatted => braces += 1,
                b'}' if formatted => braces = braces.saturating_sub(1),
                b if b == quote && triple && bytes[self.at..].starts_with(&[quote; 3]) => {
                    self.at += 3;
                    return;
                }
                b if b == quote && !triple && braces == 0 => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        lines(text)
            .iter()
            .map(|l| l.tokens.iter().map(|t| t.text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let text = "# app = Flask(__name__)\n'''\napp = Flask(__name__)\n'''\nx = \"app = 1 # no\" # c\n";
        assert_eq!(words(text)[1], "x = \"app = 1 # no\"");
        assert_eq!(lines(text).len(), 2);
    }

    #[test]
    fn brackets_and_backslashes_join_lines() {
        assert_eq!(
            words("app = Flask(\n    __name__,\n)\nb = 1 + \\\n  2\n"),
            ["app = Flask ( __name__ , )", "b = 1 + 2"]
        );
    }

    #[test]
    fn an_f_string_may_hold_its_own_quote() {
        assert_eq!(
            words("a = f\"{x[\"k\"]}\"; b = 2"),
            ["a = f\"{x[\"k\"]}\"", "b = 2"]
        );
    }

    #[test]
    fn indentation_and_values_are_kept() {
        let text = "if x:\n\ta = r'\\d'\n    b = 'it\\'s'\n";
        let lines = lines(text);
        assert_eq!(lines[1].indent, 8);
        assert_eq!(lines[1].tokens[2].string().as_deref(), Some("\\d"));
        assert_eq!(lines[2].tokens[2].string().as_deref(), Some("it's"));
    }

    #[test]
    fn what_is_no_python_does_no_harm() {
        for text in [
            "'", "\"\"\"", "f'{", "\\", "(((", ")", "é = 'ü", "a\\", "'\\", "\u{0}", "f'{\\é",
        ] {
            lines(text);
        }
    }
}
