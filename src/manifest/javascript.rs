//! JavaScript and TypeScript as a list of words, strings and marks: enough to find a literal that a
//! config or a server file says, without running it. Comments are left out. Never fails: what it
//! cannot read it passes over.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// An identifier or keyword.
    Word(String),
    /// A string or a template without `${}`, with the quotes off and escapes as written.
    String(String),
    /// A template that computes.
    Template(String),
    Number(String),
    Mark(char),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

impl Token {
    pub fn is(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(w) => Some(w),
            _ => None,
        }
    }

    pub fn string(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }
}

/// Words after which a `/` begins a regular expression.
const BEFORE_REGEX: &[&str] = &["return", "typeof", "case", "in", "of", "do", "else", "void"];

pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut out: Vec<Token> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let c = bytes[i];
        let start = i;
        let kind = match c {
            b' ' | b'\t' | b'\r' | b'\n' => {
                i += 1;
                continue;
            }
            b'/' if bytes.get(i + 1) == Some(&b'/') => {
                i = text[i..].find('\n').map_or(bytes.len(), |n| i + n);
                continue;
            }
            b'#' if i == 0 && bytes.get(1) == Some(&b'!') => {
                i = text.find('\n').unwrap_or(bytes.len());
                continue;
            }
            b'/' if bytes.get(i + 1) == Some(&b'*') => {
                i = text[i + 2..].find("*/").map_or(bytes.len(), |n| i + n + 4);
                continue;
            }
            b'/' if regex_may_begin(out.last()) => {
                if let Some(end) = regex_end(bytes, i) {
                    i = end;
                    continue;
                }
                i += 1;
                Kind::Mark('/')
            }
            b'\'' | b'"' => {
                i = quoted_end(bytes, i, c);
                let end = if i > start + 1 && bytes[i - 1] == c {
                    i - 1
                } else {
                    i
                };
                Kind::String(text[start + 1..end].to_string())
            }
            b'`' => {
                i += 1;
                while i < bytes.len() && bytes[i] != b'`' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                let end = i.min(bytes.len());
                i = (end + 1).min(bytes.len());
                let inner = text.get(start + 1..end).unwrap_or_default().to_string();
                if inner.contains("${") {
                    Kind::Template(inner)
                } else {
                    Kind::String(inner)
                }
            }
            c if c.is_ascii_digit() => {
                while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'_' | b'.'))
                {
                    i += 1;
                }
                Kind::Number(text[start..i].replace('_', ""))
            }
            c if c.is_ascii_alphabetic() || c == b'_' || c == b'$' || c >= 0x80 => {
                while i < bytes.len()
                    && (bytes[i].is_ascii_alphanumeric()
                        || matches!(bytes[i], b'_' | b'$')
                        || bytes[i] >= 0x80)
                {
                    i += 1;
                }
                Kind::Word(text[start..i].to_string())
            }
            c => {
                i += 1;
                Kind::Mark(c as char)
            }
        };
        out.push(Token {
            kind,
            span: start..i.min(bytes.len()),
        });
    }
    out
}

fn regex_may_begin(last: Option<&Token>) -> bool {
    match last.map(|t| &t.kind) {
        None => true,
        Some(Kind::Mark(c)) => "(,=:[!&|?{};+".contains(*c),
        Some(Kind::Word(w)) => BEFORE_REGEX.contains(&w.as_str()),
        _ => false,
    }
}

fn regex_end(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut i, mut class) = (start + 1, false);
    while let Some(&b) = bytes.get(i) {
        match b {
            b'\n' => return None,
            b'\\' => i += 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => return Some(i + 1),
            _ => {}
        }
        i += 1;
    }
    None
}

/// A quoted string ends at its quote, or at the end of the line: an apostrophe in JSX text is none.
fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut i = start + 1;
    while let Some(&b) = bytes.get(i) {
        match b {
            b'\n' => return i,
            b'\\' => i += 1,
            b if b == quote => return i + 1,
            _ => {}
        }
        i += 1;
    }
    i.min(bytes.len())
}

/// What a property of an object literal is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A string, number or truth value as written.
    Literal(String),
    /// Anything that only running the file would tell.
    Computed,
}

/// The first `key: …` of the file, with the place of its value.
pub fn property(tokens: &[Token], key: &str) -> Option<(Setting, Range<usize>)> {
    tokens.windows(2).enumerate().find_map(|(i, pair)| {
        let named = pair[0].word() == Some(key) || pair[0].string() == Some(key);
        let before = i.checked_sub(1).map(|b| &tokens[b]);
        // `a ? key : b` and `x.key` are no properties.
        let listed = before.is_none_or(|t| t.is('{') || t.is(','));
        (named && listed && pair[1].is(':')).then(|| value(tokens, i + 2))
    })
}

fn value(tokens: &[Token], at: usize) -> (Setting, Range<usize>) {
    let Some(token) = tokens.get(at) else {
        return (Setting::Computed, 0..0);
    };
    let mut next = at + 1;
    // `as const`, `as "standalone"`, `satisfies X`.
    if tokens
        .get(next)
        .and_then(Token::word)
        .is_some_and(|w| w == "as" || w == "satisfies")
    {
        next += 2;
    }
    let ends = tokens
        .get(next)
        .is_none_or(|t| t.is(',') || t.is('}') || t.is(';'));
    let literal = match &token.kind {
        Kind::String(s) | Kind::Number(s) => Some(s.clone()),
        Kind::Word(w) if w == "true" || w == "false" => Some(w.clone()),
        _ => None,
    };
    match literal {
        Some(text) if ends => (Setting::Literal(text), token.span.clone()),
        _ => match path(&tokens[at..]) {
            Some(text) => (Setting::Literal(text), token.span.clone()),
            None => (Setting::Computed, token.span.clone()),
        },
    }
}

/// Words of expressions that make a path from the folder of the file.
const PATH_WORDS: &[&str] = &[
    "URL",
    "__dirname",
    "dirname",
    "fileURLToPath",
    "import",
    "join",
    "meta",
    "new",
    "path",
    "pathname",
    "resolve",
    "url",
];

/// `path.resolve(__dirname, "../static")`, `fileURLToPath(new URL("../static", import.meta.url))`: the path
/// from the folder of the file.
fn path(tokens: &[Token]) -> Option<String> {
    let (mut depth, mut parts, mut from_here) = (0usize, Vec::new(), false);
    for token in tokens {
        match &token.kind {
            Kind::Mark(',' | '}' | ';') if depth == 0 => break,
            Kind::Mark('(') => depth += 1,
            Kind::Mark(')') => depth = depth.checked_sub(1)?,
            Kind::Mark('.' | ',') => {}
            Kind::String(part) => parts.push(part.trim_matches('/').to_string()),
            Kind::Word(word) if PATH_WORDS.contains(&word.as_str()) => {
                from_here |= matches!(word.as_str(), "__dirname" | "meta");
            }
            _ => return None,
        }
    }
    parts.retain(|p| !p.is_empty() && p != ".");
    (from_here && depth == 0 && !parts.is_empty()).then(|| parts.join("/"))
}

/// The names that the file imports or requires.
pub fn imports(tokens: &[Token]) -> Vec<&str> {
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let Some(name) = token.string() else { continue };
        let word = |back: usize| i.checked_sub(back).and_then(|b| tokens[b].word());
        let call = i > 0 && tokens[i - 1].is('(');
        if matches!(word(1), Some("from" | "import"))
            || (call && matches!(word(2), Some("require" | "import")))
        {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: &str, expected: Option<Setting>) {
        assert_eq!(property(&tokens(text), key).map(|(s, _)| s), expected, "{text}");
    }

    #[test]
    fn a_property_is_told_from_comments_strings_and_conditions() {
        let standalone = || Some(Setting::Literal("standalone".into()));
        check(
            "module.exports = { output: 'standalone' }",
            "output",
            standalone(),
        );
        check(
            "const c: NextConfig = {\n  'output': \"standalone\" as const,\n}",
            "output",
            standalone(),
        );
        check(
            "x = {\n // output: 'export'\n /* output: 'x' */ }",
            "output",
            None,
        );
        check("x = { s: 'output: 1', t: /output: \"1\"/ }", "output", None);
        check(
            "x = { output: process.env.X ? 'standalone' : undefined }",
            "output",
            Some(Setting::Computed),
        );
        check("y = a ? output : 'b'", "output", None);
        check(
            "x = { ssr: false }",
            "ssr",
            Some(Setting::Literal("false".into())),
        );
    }

    #[test]
    fn imports_of_both_kinds_are_found() {
        let text = "import a from 'a'; import 'b'; const c = require(\"c\"); await import('d')";
        assert_eq!(imports(&tokens(text)), ["a", "b", "c", "d"]);
    }

    #[test]
    fn text_that_never_closes_is_passed_over() {
        for text in [
            "'abc",
            "`abc ${",
            "/* x",
            "/abc",
            "a = \"\\",
            "<p>Don't</p>\nx",
            "é '\\",
            "`a\\",
        ] {
            tokens(text);
        }
    }
}
