//! As much of Go's syntax as detection needs: tokens without comments, the package clause, imports,
//! build constraints and the `//go:` directives. A comment or a string never passes for code.
//! Grammar: <https://go.dev/ref/spec#Lexical_elements>, constraints: <https://pkg.go.dev/cmd/go#hdr-Build_constraints>.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    Word(&'a str),
    /// The value of an interpreted or raw string.
    Text(String),
    Number(&'a str),
    Punct(char),
}

/// A Go file, read once.
pub struct GoFile {
    pub source: Arc<Source>,
    pub package: String,
    pub imports: Vec<Sourced<String>>,
    /// Does it `import "C"`?
    pub cgo: Option<Location>,
    /// `#cgo` lines of the comment above `import "C"`.
    pub cgo_directives: Vec<String>,
    /// Patterns of `//go:embed`, relative to the file's folder, without `all:`.
    pub embeds: Vec<Sourced<String>>,
    /// The `//go:build` expression.
    pub constraint: Option<String>,
}

/// Splits the text into tokens with their byte offsets. Never fails: an unclosed string or comment
/// ends at the end of the text.
pub fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        match bytes[i] {
            b'/' if bytes.get(i + 1) == Some(&b'/') => {
                i = text[i..].find('\n').map_or(bytes.len(), |n| i + n)
            }
            b'/' if bytes.get(i + 1) == Some(&b'*') => {
                i = text[i + 2..].find("*/").map_or(bytes.len(), |n| i + n + 4);
            }
            b'`' => {
                let end = text[i + 1..].find('`').map_or(bytes.len(), |n| i + 1 + n);
                out.push((start, Token::Text(text[i + 1..end].to_string())));
                i = (end + 1).min(bytes.len());
            }
            quote @ (b'"' | b'\'') => {
                i += 1;
                while i < bytes.len() && bytes[i] != quote && bytes[i] != b'\n' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                let end = (start + 1..=i.min(bytes.len()))
                    .rev()
                    .find(|e| text.is_char_boundary(*e))
                    .unwrap_or(start + 1);
                if quote == b'"' {
                    out.push((start, Token::Text(unescape(&text[start + 1..end]))));
                }
                i = (i + 1).min(bytes.len());
                while !text.is_char_boundary(i) {
                    i += 1;
                }
            }
            b if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 => {
                while i < bytes.len()
                    && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] >= 0x80)
                {
                    i += 1;
                }
                out.push((start, Token::Word(&text[start..i])));
            }
            b if b.is_ascii_digit() => {
                while i < bytes.len()
                    && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_' || bytes[i] == b'.')
                {
                    i += 1;
                }
                out.push((start, Token::Number(&text[start..i])));
            }
            b if b.is_ascii_whitespace() => i += 1,
            b => {
                out.push((start, Token::Punct(b as char)));
                i += 1;
            }
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

/// Reads the head of a file. `None` where there is no package clause.
pub fn parse(source: &Arc<Source>) -> Option<GoFile> {
    let text = &source.text;
    let tokens = tokens(text);
    let mut rest = tokens.as_slice();
    let package = match rest {
        [(_, Token::Word("package")), (_, Token::Word(name)), tail @ ..] => {
            rest = tail;
            name.to_string()
        }
        _ => return None,
    };
    let head_end = tokens[0].0;
    let mut file = GoFile {
        source: source.clone(),
        package,
        imports: Vec::new(),
        cgo: None,
        cgo_directives: Vec::new(),
        embeds: Vec::new(),
        constraint: constraint(&text[..head_end]),
    };
    loop {
        match rest {
            [(_, Token::Punct(';')), tail @ ..] => rest = tail,
            [(_, Token::Word("import")), (_, Token::Punct('(')), tail @ ..] => {
                let end = tail
                    .iter()
                    .position(|(_, t)| *t == Token::Punct(')'))
                    .unwrap_or(tail.len());
                for (at, token) in &tail[..end] {
                    file.import(*at, token);
                }
                rest = &tail[(end + 1).min(tail.len())..];
            }
            [
                (_, Token::Word("import")),
                (at, token @ Token::Text(_)),
                tail @ ..,
            ]
            | [
                (_, Token::Word("import")),
                _,
                (at, token @ Token::Text(_)),
                tail @ ..,
            ] => {
                file.import(*at, token);
                rest = tail;
            }
            _ => break,
        }
    }
    if let Some(at) = &file.cgo {
        let before = &text[..at.range().map_or(0, |r| r.start)];
        file.cgo_directives = before
            .lines()
            .map(|l| l.trim().trim_start_matches("//").trim())
            .filter(|l| l.starts_with("#cgo "))
            .map(String::from)
            .collect();
    }
    if file.imports.iter().any(|i| i.value == "embed") {
        file.embeds = embeds(source);
    }
    Some(file)
}

impl GoFile {
    fn import(&mut self, at: usize, token: &Token) {
        let Token::Text(path) = token else { return };
        let at = Location::span(&self.source, at..at + path.len() + 2);
        if path == "C" {
            self.cgo = Some(at);
        } else {
            self.imports.push(Sourced::new(path.clone(), at));
        }
    }

    /// Is the file part of a build for linux/amd64 with these tags, `cgo` on or off, by its name and
    /// constraint?
    pub fn built(&self, name: &str, tags: &[&str]) -> bool {
        let holds = |c: &str| holds(c, false, tags) || holds(c, true, tags);
        named_for_linux(name) && self.constraint.as_deref().is_none_or(holds)
    }

    /// The tag that the file asks for and that nothing but `-tags` sets.
    pub fn tag(&self) -> Option<Sourced<&str>> {
        let tag = self.constraint.as_deref()?;
        let is_word = tag
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if !is_word || OTHER_OS.contains(&tag) || OTHER_ARCH.contains(&tag) || tag == "ignore" {
            return None;
        }
        let at = self.source.text.find(tag)?;
        let at = Location::span(&self.source, at..at + tag.len());
        Some(Sourced::new(tag, at)).filter(|t| !holds(t.value, true, &[]))
    }
}

/// The first `//go:build` line before the package clause, or the old `// +build` lines as one.
fn constraint(head: &str) -> Option<String> {
    let mut old = Vec::new();
    for line in head.lines() {
        let line = line.trim();
        if let Some(expression) = line.strip_prefix("//go:build ") {
            return Some(expression.trim().to_string());
        }
        if let Some(options) = line
            .strip_prefix("//")
            .map(str::trim)
            .and_then(|l| l.strip_prefix("+build "))
        {
            // Space is or, comma is and, lines are and.
            let any: Vec<String> = options
                .split_whitespace()
                .map(|o| format!("({})", o.replace(',', " && ")))
                .collect();
            old.push(format!("({})", any.join(" || ")));
        }
    }
    (!old.is_empty()).then(|| old.join(" && "))
}

const OTHER_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const OTHER_ARCH: &[&str] = &[
    "386", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64",
    "s390x", "sparc64", "wasm",
];

fn named_for_linux(name: &str) -> bool {
    let stem = name.strip_suffix(".go").unwrap_or(name);
    let mut parts: Vec<&str> = stem.split('_').skip(1).collect();
    let last = parts.pop();
    let other = |part: Option<&str>| part.is_some_and(|p| OTHER_OS.contains(&p) || OTHER_ARCH.contains(&p));
    let arch_before = last == Some("amd64") || last.is_some_and(|l| OTHER_ARCH.contains(&l));
    !(other(last) || arch_before && other(parts.pop()))
}

/// The value of a build constraint on linux/amd64 with the newest Go and these tags.
pub fn holds(expression: &str, cgo: bool, tags: &[&str]) -> bool {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in expression.chars().chain([' ']) {
        if c.is_alphanumeric() || c == '_' || c == '.' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if "!&|()".contains(c) {
            tokens.push(c.to_string());
        }
    }
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let mut at = 0;
    let is_set = |word: &str| match word {
        "linux" | "amd64" | "unix" | "gc" => true,
        "cgo" => cgo,
        word => word.starts_with("go1.") || tags.contains(&word),
    };
    or(&tokens, &mut at, &is_set, 0)
}

fn or(tokens: &[&str], at: &mut usize, is_set: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    let mut value = and(tokens, at, is_set, depth);
    while tokens.get(*at) == Some(&"|") {
        *at += 1;
        if tokens.get(*at) == Some(&"|") {
            *at += 1;
        }
        value |= and(tokens, at, is_set, depth);
    }
    value
}

fn and(tokens: &[&str], at: &mut usize, is_set: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    let mut value = not(tokens, at, is_set, depth);
    while tokens.get(*at) == Some(&"&") {
        *at += 1;
        if tokens.get(*at) == Some(&"&") {
            *at += 1;
        }
        value &= not(tokens, at, is_set, depth);
    }
    value
}

fn not(tokens: &[&str], at: &mut usize, is_set: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    let mut negated = false;
    while tokens.get(*at) == Some(&"!") {
        negated = !negated;
        *at += 1;
    }
    let word = tokens.get(*at).copied().unwrap_or("");
    *at += 1;
    let value = match word {
        // A constraint nested deeper than any person writes is false.
        "(" if depth < 64 => {
            let value = or(tokens, at, is_set, depth + 1);
            *at += 1;
            value
        }
        word => is_set(word),
    };
    value != negated
}

/// `//go:embed` lines: a directive stands alone on its line, in a group of variables behind tabs.
fn embeds(source: &Arc<Source>) -> Vec<Sourced<String>> {
    let mut found = Vec::new();
    for line in source.text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("//go:embed ") else {
            continue;
        };
        for word in shlex::split(rest).unwrap_or_default() {
            let pattern = word
                .strip_prefix("all:")
                .unwrap_or(&word)
                .trim_matches('`')
                .to_string();
            found.push(Sourced::new(pattern, Location::of(source, line)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> GoFile {
        parse(&Source::new("x.go", text)).unwrap()
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let file = file(
            "// package lib\n/* import \"C\" */\npackage main\n\nimport (\n\t\"fmt\" // \"os\"\n\tx \"a/b\"\n)\nvar s = `import \"C\"`\n",
        );
        assert_eq!(file.package, "main");
        assert!(file.cgo.is_none());
        assert_eq!(
            file.imports.iter().map(|i| i.value.as_str()).collect::<Vec<_>>(),
            ["fmt", "a/b"]
        );
    }

    #[test]
    fn cgo_and_its_directives_are_seen() {
        let file = file(
            "package main\n\n// #cgo pkg-config: vips\n// #include <x.h>\nimport \"C\"\nimport \"os\"\n",
        );
        assert_eq!(file.cgo.unwrap().line(), Some(5));
        assert_eq!(file.cgo_directives, ["#cgo pkg-config: vips"]);
    }

    #[test]
    fn constraints_follow_the_build() {
        for (expression, on) in [
            ("linux", true),
            ("ignore", false),
            ("!windows && (amd64 || arm64)", true),
            ("!cgo", true),
            ("cgo", false),
            ("go1.21", true),
            ("tools", false),
        ] {
            assert_eq!(holds(expression, false, &[]), on, "{expression}");
        }
        assert!(!file("// +build windows darwin\n// +build amd64\n\npackage main\n").built("x.go", &[]));
        assert!(file("package main\n").built("server_linux_amd64.go", &[]));
        for name in ["a_windows.go", "a_linux_arm64.go", "a_darwin_amd64.go"] {
            assert!(!file("package main\n").built(name, &[]), "{name}");
        }
        assert!(!holds(&"(".repeat(100_000), false, &[]));
    }

    #[test]
    fn embed_patterns_are_read_with_their_lines() {
        let file = file(
            "package main\nimport _ \"embed\"\n\n//go:embed all:web/dist \"a b\"\nvar f embed.FS\nvar (\n\t//go:embed c.sql\n\ts string\n)\n",
        );
        let found: Vec<_> = file
            .embeds
            .iter()
            .map(|e| (e.value.as_str(), e.at.line()))
            .collect();
        assert_eq!(
            found,
            [("web/dist", Some(4)), ("a b", Some(4)), ("c.sql", Some(7))]
        );
    }

    #[test]
    fn a_cut_off_file_does_no_harm() {
        for text in [
            "package main\nvar s = \"abc",
            "package main /*",
            "package main\nvar s = `",
            "package main\nvar c = '\\",
            "package main\nimport (\"a\"",
            "",
            "é",
        ] {
            let _ = parse(&Source::new("x.go", text));
        }
    }
}
