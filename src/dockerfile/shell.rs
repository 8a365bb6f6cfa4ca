//! The simple commands in a shell script, as far as they can be told without running it.

use std::ops::Range;

/// A program with its arguments. `a && b` are two.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Without quotes; variables and substitutions as written. Never empty.
    pub words: Vec<String>,
    /// `NAME=value` before the program.
    pub env: Vec<(String, String)>,
    /// Files that it writes by `>` or `>>`.
    pub writes: Vec<String>,
    /// Inside of the script.
    pub at: Range<usize>,
    /// In the file, for a command of a here-document.
    pub heredoc: Option<Range<usize>>,
    /// Part of a pipe, a loop, a branch, a sub-shell or after `||`: it may not run, or not alone.
    pub nested: bool,
    /// Started by `exec`: it takes the place of the shell.
    pub exec: bool,
}

impl Command {
    /// The program without its folder.
    pub fn program(&self) -> &str {
        let word = self.words[0].as_str();
        word.rsplit_once('/').map_or(word, |(_, base)| base)
    }

    /// Words after the program.
    pub fn args(&self) -> &[String] {
        &self.words[1..]
    }

    pub fn has(&self, flag: &str) -> bool {
        self.args().iter().any(|a| {
            a == flag
                || a.strip_prefix(flag)
                    .is_some_and(|r| flag.starts_with("--") && r.starts_with('='))
        })
    }

    /// Arguments that are no flags.
    pub fn plain(&self) -> Vec<&str> {
        self.args()
            .iter()
            .map(String::as_str)
            .filter(|a| !a.starts_with('-'))
            .collect()
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Word {
        text: String,
        quoted: bool,
    },
    /// `&&`, `||`, `;`, `|`, `&`, `(`, `)`, line end as `;`.
    Operator(&'static str),
    /// `>`, `>>`, `<`, `<<`, with the word that follows.
    Redirect(&'static str),
}

const OPERATORS: &[&str] = &["&&", "||", ";;", "|&", ";", "|", "&", "(", ")"];
const REDIRECTS: &[&str] = &["<<<", "<<-", "<<", ">>", ">|", ">&", "&>", "<&", ">", "<"];
const OPENS: &[&str] = &["if", "while", "until", "for", "case", "{", "select"];
const CLOSES: &[&str] = &["fi", "done", "esac", "}"];
const SKIPPED: &[&str] = &[
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "fi", "done", "esac", "}",
];

fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let rest = &text[i..];
        match bytes[i] {
            b'\n' => {
                found.push((Token::Operator(";"), i..i + 1));
                i += 1;
            }
            b'\\' if rest.starts_with("\\\n") => i += 2,
            b'\\' if rest.starts_with("\\\r\n") => i += 3,
            c if c.is_ascii_whitespace() => i += 1,
            b'#' => i += rest.find('\n').unwrap_or(rest.len()),
            _ => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if let Some(r) = REDIRECTS.iter().find(|r| rest[digits..].starts_with(**r)) {
                    found.push((Token::Redirect(r), i..i + digits + r.len()));
                    i += digits + r.len();
                } else if let Some(o) = OPERATORS.iter().find(|o| rest.starts_with(**o)) {
                    found.push((Token::Operator(o), i..i + o.len()));
                    i += o.len();
                } else {
                    let (word, quoted, length) = word(rest);
                    found.push((Token::Word { text: word, quoted }, i..i + length));
                    i += length.max(1);
                }
            }
        }
    }
    found
}

/// The word at the start of `text`, whether a quote was in it, and its length there.
fn word(text: &str) -> (String, bool, usize) {
    let mut out = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    while let Some(&(i, c)) = chars.peek() {
        match c {
            c if c.is_whitespace() => return (out, quoted, i),
            ';' | '&' | '|' | '(' | ')' | '<' | '>' => return (out, quoted, i),
            '\\' => {
                chars.next();
                match chars.peek() {
                    Some(&(_, '\n')) | None => {}
                    Some(&(_, next)) => out.push(next),
                }
                chars.next();
            }
            '\'' | '"' => {
                quoted = true;
                chars.next();
                while let Some((_, inner)) = chars.next() {
                    match inner {
                        inner if inner == c => break,
                        '\\' if c == '"' => {
                            if let Some((_, next)) = chars.next() {
                                out.push(next);
                            }
                        }
                        inner => out.push(inner),
                    }
                }
            }
            '`' => {
                out.push(c);
                chars.next();
                for (_, inner) in chars.by_ref() {
                    out.push(inner);
                    if inner == '`' {
                        break;
                    }
                }
            }
            '$' => {
                out.push(c);
                chars.next();
                let (open, close) = match chars.peek() {
                    Some(&(_, '(')) => ('(', ')'),
                    Some(&(_, '{')) => ('{', '}'),
                    _ => continue,
                };
                let mut depth = 0;
                for (_, inner) in chars.by_ref() {
                    out.push(inner);
                    if inner == open {
                        depth += 1;
                    } else if inner == close {
                        depth -= 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            c => {
                out.push(c);
                chars.next();
            }
        }
    }
    (out, quoted, text.len())
}

/// The commands of a script in their order.
pub fn commands(script: &str) -> Vec<Command> {
    let mut found: Vec<Command> = Vec::new();
    let mut depth = 0_usize;
    let mut pipe = false;
    let mut maybe = false;
    let tokens = tokens(script);
    let mut i = 0;
    while i < tokens.len() {
        let mut command = Command {
            words: Vec::new(),
            env: Vec::new(),
            writes: Vec::new(),
            at: tokens[i].1.clone(),
            heredoc: None,
            nested: false,
            exec: false,
        };
        let mut end = ";";
        let mut skip = false;
        while i < tokens.len() {
            let (token, at) = &tokens[i];
            i += 1;
            match token {
                Token::Operator(o) => {
                    end = o;
                    break;
                }
                Token::Redirect(r) => {
                    if let Some((Token::Word { text, .. }, _)) = tokens.get(i) {
                        if matches!(*r, ">" | ">>" | ">|" | "&>") {
                            command.writes.push(text.clone());
                        }
                        i += 1;
                    }
                }
                Token::Word { text, quoted } => {
                    let first = command.words.is_empty() && !*quoted;
                    if first && OPENS.contains(&text.as_str()) {
                        depth += 1;
                    }
                    if first && CLOSES.contains(&text.as_str()) {
                        depth = depth.saturating_sub(1);
                    }
                    if first && matches!(text.as_str(), "for" | "case" | "select" | "function") {
                        skip = true;
                    }
                    if first && SKIPPED.contains(&text.as_str()) {
                        continue;
                    }
                    if first && text == "exec" {
                        command.exec = true;
                        continue;
                    }
                    if command.words.is_empty()
                        && let Some((name, value)) = text.split_once('=')
                        && !name.is_empty()
                        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    {
                        command.env.push((name.into(), value.into()));
                        continue;
                    }
                    if command.words.is_empty() {
                        command.at = at.clone();
                    }
                    command.words.push(text.clone());
                    command.at.end = at.end;
                }
            }
        }
        let piped = matches!(end, "|" | "|&");
        command.nested = depth > 0 || pipe || piped || maybe;
        match end {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        pipe = piped;
        maybe = end == "||";
        if !command.words.is_empty() && !skip {
            found.push(command);
        }
    }
    found
}

/// The commands of an exec form: the program itself, or the script that it gives to a shell.
pub fn of_exec(words: &[String]) -> Vec<Command> {
    if let [shell, flag, script, ..] = words
        && matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"))
        && flag.starts_with('-')
        && flag.ends_with('c')
    {
        return commands(script);
    }
    if words.is_empty() {
        return Vec::new();
    }
    vec![Command {
        words: words.to_vec(),
        env: Vec::new(),
        writes: Vec::new(),
        at: 0..0,
        heredoc: None,
        nested: false,
        exec: true,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[&str]) {
        let found: Vec<String> = commands(script)
            .iter()
            .map(|c| format!("{}{}", c.words.join(" "), if c.nested { " ?" } else { "" }))
            .collect();
        assert_eq!(found, expected, "{script}");
    }

    #[test]
    fn lists_pipes_and_branches_are_taken_apart() {
        check("a b && c 'd e'; f", &["a b", "c d e", "f"]);
        check("a | b", &["a ?", "b ?"]);
        check(
            "if [ -f x ]; then npm ci; else npm i; fi\nls",
            &["[ -f x ] ?", "npm ci ?", "npm i ?", "ls"],
        );
        check("for f in a b; do rm $f; done && ls", &["rm $f ?", "ls"]);
        check("(cd x && y) || z", &["cd x ?", "y ?", "z ?"]);
        check("a $(b && c) \"d && e\"", &["a $(b && c) d && e"]);
        check("a \\\n  b # c && d\ne", &["a b", "e"]);
    }

    #[test]
    fn variables_and_redirections_stand_apart() {
        let found = commands("A=1 B=\"x y\" make all > log 2>&1 && exec java -jar a.jar");
        assert_eq!(
            found[0].env,
            [("A".into(), "1".into()), ("B".into(), "x y".into())]
        );
        assert_eq!(found[0].words, ["make", "all"]);
        assert_eq!(found[0].writes, ["log"]);
        assert!(found[1].exec && found[1].program() == "java");
    }

    #[test]
    fn broken_scripts_do_no_harm() {
        for script in ["'", "\"", "$(", "`", "&&", "a >", "((((", "\\", "é'", "| |"] {
            commands(script);
        }
    }
}
