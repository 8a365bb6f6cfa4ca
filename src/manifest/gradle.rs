//! Gradle's build scripts, Groovy or Kotlin, read without running them: statements with the blocks
//! around them. Programs cannot be read so in general; what build scripts say of versions, plugins
//! and dependencies nearly always can.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// Blocks in blocks; deeper ones are read as if they were at this depth.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A name, a number, or names with dots between: `java.toolchain`.
    Word(String),
    /// What is between quotes, with `$…` as written.
    Text(String),
    Sign(char),
}

/// A line of the script, or the head of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The heads of the blocks around it, outermost first: `tasks.named(bootJar)`.
    pub blocks: Vec<String>,
    pub tokens: Vec<Token>,
    pub at: Location,
    /// Is it the head of a block?
    pub head: bool,
}

/// A whole script.
#[derive(Clone, Debug)]
pub struct Script {
    pub source: Arc<Source>,
    pub statements: Vec<Statement>,
}

impl Token {
    pub fn text(&self) -> Option<&str> {
        match self {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

impl Statement {
    /// Is it directly or indirectly in a block whose head names this?
    pub fn is_in(&self, name: &str) -> bool {
        self.blocks.iter().any(|b| names(b, name))
    }

    /// The value after `key`, `key =`, `key.set(`, `key(`: the tokens that follow, without signs
    /// that merely wrap them. `None` where the statement does not begin with the key.
    pub fn value_of(&self, key: &str) -> Option<&[Token]> {
        let first = self.tokens.first()?.word()?;
        let rest = first.strip_prefix(key)?;
        if !matches!(rest, "" | ".set" | ".convention") {
            return None;
        }
        let mut rest = &self.tokens[1..];
        while let Some(Token::Sign('=' | '(' | '+' | ':')) = rest.first() {
            rest = &rest[1..];
        }
        (!rest.is_empty()).then_some(rest)
    }

    /// The strings of the statement.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(Token::text)
    }

    /// The text of the tokens from the first on, as one word: `JavaVersion.VERSION_17`.
    pub fn joined(tokens: &[Token]) -> String {
        tokens
            .iter()
            .map(|t| match t {
                Token::Word(w) | Token::Text(w) => w.clone(),
                Token::Sign(c) => c.to_string(),
            })
            .collect()
    }
}

fn names(head: &str, name: &str) -> bool {
    head.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|part| part.eq_ignore_ascii_case(name))
}

impl Script {
    /// The string or word that a key is set to, at any of the given blocks (all must be around it);
    /// no blocks mean the top of the script.
    pub fn get(&self, blocks: &[&str], key: &str) -> Option<Sourced<String>> {
        self.statements.iter().find_map(|s| {
            let fits = blocks.iter().all(|b| s.is_in(b)) && (!blocks.is_empty() || s.blocks.is_empty());
            let value = fits.then(|| s.value_of(key)).flatten()?;
            let value = match value.first()? {
                Token::Text(text) if value.len() == 1 || value[1] == Token::Sign(')') => text.clone(),
                _ => Statement::joined(value),
            };
            Some(Sourced::new(value, s.at.clone()))
        })
    }
}

/// Reads any text; what is no build script gives statements that mean nothing.
pub fn parse(source: &Arc<Source>) -> Script {
    let mut reader = Reader {
        source,
        statements: Vec::new(),
        blocks: Vec::new(),
        tokens: Vec::new(),
        start: 0,
        depth: 0,
    };
    reader.read();
    Script {
        source: source.clone(),
        statements: reader.statements,
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    statements: Vec<Statement>,
    /// Heads of the open blocks, each with the depth of brackets outside of it.
    blocks: Vec<(String, usize)>,
    tokens: Vec<Token>,
    start: usize,
    depth: usize,
}

impl Reader<'_> {
    fn read(&mut self) {
        let text = &self.source.text;
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            let rest = &text[i..];
            let c = rest.chars().next().expect("i is inside of the text");
            let next = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                comment.find("*/").map_or(rest.len(), |n| n + 4)
            } else if c == '"' || c == '\'' {
                let (string, length) = string(rest, c);
                self.token(i, Token::Text(string));
                length
            } else if c == '`' {
                let end = rest[1..].find('`').map_or(rest.len(), |n| n + 2);
                self.token(i, Token::Word(rest[1..end.saturating_sub(1).max(1)].to_string()));
                end
            } else if is_word(c) {
                let mut end = rest.find(|c: char| !is_word(c) && c != '.').unwrap_or(rest.len());
                while rest[..end].ends_with('.') && end > 1 {
                    end -= 1;
                }
                self.token(i, Token::Word(rest[..end].to_string()));
                end
            } else {
                self.sign(i, c);
                c.len_utf8()
            };
            i += next.max(1);
        }
        self.end(bytes.len());
    }

    fn token(&mut self, at: usize, token: Token) {
        if self.tokens.is_empty() {
            self.start = at;
        }
        self.tokens.push(token);
    }

    fn sign(&mut self, at: usize, c: char) {
        match c {
            '\n' => {
                let open = matches!(self.tokens.last(), Some(Token::Sign(',' | '=' | '+')));
                if self.depth == 0 && !open {
                    self.end(at);
                }
            }
            ';' => self.end(at),
            '{' => {
                self.without_annotations();
                let head: String = Statement::joined(&self.tokens);
                self.push(at, true);
                if self.blocks.len() < MAX_DEPTH {
                    self.blocks.push((head, self.depth));
                }
                self.depth = 0;
            }
            '}' => {
                self.end(at);
                if let Some((_, depth)) = self.blocks.pop() {
                    self.depth = depth;
                }
            }
            '(' | '[' => {
                self.depth += 1;
                self.token(at, Token::Sign(c));
            }
            ')' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.token(at, Token::Sign(c));
            }
            c if c.is_whitespace() => {}
            c => self.token(at, Token::Sign(c)),
        }
    }

    fn end(&mut self, at: usize) {
        self.push(at, false);
    }

    /// `@Suppress("x") plugins` is `plugins`.
    fn without_annotations(&mut self) {
        while let [Token::Sign('@'), Token::Word(_), rest @ ..] = self.tokens.as_slice() {
            let mut gone = 2;
            if rest.first() == Some(&Token::Sign('(')) {
                let end = rest.iter().position(|t| *t == Token::Sign(')'));
                gone += end.map_or(rest.len(), |n| n + 1);
            }
            self.tokens.drain(..gone);
        }
    }

    fn push(&mut self, at: usize, head: bool) {
        if self.tokens.is_empty() {
            return;
        }
        let text = &self.source.text[self.start..at];
        let line = text.lines().next().unwrap_or(text).trim_end();
        let span = self.start..self.start + line.len();
        self.statements.push(Statement {
            blocks: self.blocks.iter().map(|(b, _)| b.clone()).collect(),
            tokens: std::mem::take(&mut self.tokens),
            at: Location::span(self.source, span),
            head,
        });
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// The content of a string that `rest` begins with, and its length with the quotes.
fn string(rest: &str, quote: char) -> (String, usize) {
    let triple: String = [quote; 3].iter().collect();
    if rest.starts_with(&triple) {
        let end = rest[3..].find(&triple).map_or(rest.len() - 3, |n| n);
        return (rest[3..3 + end].to_string(), (end + 6).min(rest.len()));
    }
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => {
                escaped = false;
                out.push(c);
            }
            '\\' => escaped = true,
            c if c == quote => return (out, i + 1),
            '\n' => return (out, i),
            c => out.push(c),
        }
    }
    (out, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        parse(&Source::new("build.gradle", text))
    }

    #[test]
    fn both_dialects_say_the_same() {
        let groovy = "// id 'no'\nversion = '1.0' /* x */\njava {\n  toolchain { languageVersion = JavaLanguageVersion.of(21) }\n}\nbootJar { archiveFileName = \"app.jar\" }\n";
        let kotlin = "version = \"1.0\"\njava { toolchain {\n languageVersion.set(JavaLanguageVersion.of(21)) } }\ntasks.named<BootJar>(\"bootJar\") { archiveFileName.set(\"app.jar\") }";
        for text in [groovy, kotlin] {
            let script = script(text);
            assert_eq!(script.get(&[], "version").unwrap().value, "1.0");
            let java = script.get(&["java", "toolchain"], "languageVersion").unwrap();
            assert!(
                java.value.starts_with("JavaLanguageVersion.of(21"),
                "{}",
                java.value
            );
            assert_eq!(
                script.get(&["bootJar"], "archiveFileName").unwrap().value,
                "app.jar"
            );
        }
    }

    #[test]
    fn a_statement_over_several_lines_is_one() {
        let script = script("runtimeOnly 'a:b:1',\n   'c:d:2'\ninclude(\n  \":x\",\n  \":y\"\n)\n");
        assert_eq!(script.statements.len(), 2);
        assert_eq!(script.statements[1].texts().collect::<Vec<_>>(), [":x", ":y"]);
        assert_eq!(script.statements[1].at.line(), Some(3));
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "{".repeat(10_000),
            "}".repeat(10_000),
            "\"".into(),
            "'''".into(),
            "/*".into(),
            "`".into(),
            "a('".into(),
            "…".into(),
        ] {
            script(&text);
        }
    }
}
