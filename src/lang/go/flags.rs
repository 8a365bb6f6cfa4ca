//! Flags: the name of the one whose default a token is, and how it is given.

use super::hints::Opening;
use super::syntax::Token;

/// What gives another address than the default one.
pub struct Flag {
    pub name: String,
    /// Of a library whose flags belong to one command of several: after the command, not before it.
    pub after: bool,
}

impl Flag {
    /// Is it one for an address to listen on?
    pub fn of_host(&self) -> bool {
        ADDRESS.contains(&self.name.as_str())
    }

    /// The flag with another value.
    pub fn opening(self, value: &str) -> Opening {
        let dashes = if self.after { "--" } else { "-" };
        Opening {
            words: format!("{dashes}{}={value}", self.name),
            after: self.after,
        }
    }
}

/// Functions that define a flag with a default.
const DEFINE: &[&str] = &["String", "StringP", "StringVar", "StringVarP"];

/// Names of flags for an address to listen on.
const ADDRESS: &[&str] = &[
    "addr",
    "address",
    "bind",
    "bind-addr",
    "bind-address",
    "http-addr",
    "http-address",
    "listen",
    "listen-addr",
    "listen-address",
    "listen-host",
];

/// The flag whose default the token is, of the standard library or one that works like it.
pub fn of_default(tokens: &[(usize, Token)], i: usize) -> Option<Flag> {
    let open = opening(tokens, i)?;
    let name = match &tokens[..open] {
        [
            ..,
            (_, Token::Word(library)),
            (_, Token::Punct('.')),
            (_, Token::Word(call)),
        ] if DEFINE.contains(call) => (*library == "flag").then_some(false).or(Some(true)),
        // `cmd.Flags().String(…)`
        [
            ..,
            (_, Token::Punct(')')),
            (_, Token::Punct('.')),
            (_, Token::Word(call)),
        ] if DEFINE.contains(call) => Some(true),
        _ => None,
    };
    let after = name?;
    let name = tokens[open + 1..i].iter().find_map(|(_, t)| match t {
        Token::Text(name) => Some(name),
        _ => None,
    })?;
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (plain && !name.is_empty()).then(|| Flag {
        name: name.clone(),
        after,
    })
}

/// The bracket in which the token stands directly.
pub fn opening(tokens: &[(usize, Token)], i: usize) -> Option<usize> {
    let mut depth = 0;
    for j in (i.saturating_sub(12)..i).rev() {
        match &tokens[j].1 {
            Token::Punct(')') => depth += 1,
            Token::Punct('(') if depth > 0 => depth -= 1,
            Token::Punct('(') => return Some(j),
            Token::Punct('{' | '}' | ';') => return None,
            _ => {}
        }
    }
    None
}
