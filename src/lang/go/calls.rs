//! Where a token stands: in which call, after which key, beside which name; and the addresses that texts are.

use super::hints::DEFAULTS;
use super::syntax::Token;

/// The function in whose argument list the token stands directly.
pub fn callee<'a>(tokens: &[(usize, Token<'a>)], i: usize) -> Option<&'a str> {
    let mut depth = 0;
    for j in (i.saturating_sub(24)..i).rev() {
        match &tokens[j].1 {
            Token::Punct(')') => depth += 1,
            Token::Punct('(') if depth > 0 => depth -= 1,
            Token::Punct('(') => {
                return match tokens.get(j.wrapping_sub(1)) {
                    Some((_, Token::Word(name))) => Some(name),
                    _ => None,
                };
            }
            Token::Punct('{' | '}' | ';') => return None,
            _ => {}
        }
    }
    None
}

/// `Addr: ":8080"` in a struct.
pub fn after_key(tokens: &[(usize, Token)], i: usize, key: &str) -> bool {
    i >= 2 && tokens[i - 1].1 == Token::Punct(':') && tokens[i - 2].1 == Token::Word(key)
}

/// A value in a call that defines a flag or a default, whose name speaks of a port or an address.
pub fn is_default(tokens: &[(usize, Token)], i: usize) -> bool {
    let Some(name) = callee(tokens, i) else {
        return false;
    };
    if !DEFAULTS.contains(&name) {
        return false;
    }
    let start = i.saturating_sub(8);
    tokens[start..i].iter().any(|(_, t)| match t {
        Token::Text(t) => speaks_of_port(t),
        _ => false,
    })
}

fn speaks_of_port(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts: Vec<&str> = name.split(['-', '_', '.', ' ']).collect();
    parts
        .iter()
        .any(|p| matches!(*p, "port" | "addr" | "address" | "listen" | "bind" | "httpport"))
        && !parts.contains(&"metrics")
}

/// `port = "8080"`, `port := "8080"`, `const defaultPort = "8080"`.
pub fn near_port(tokens: &[(usize, Token)], i: usize) -> bool {
    let before: Vec<&Token> = tokens[i.saturating_sub(4)..i].iter().map(|(_, t)| t).collect();
    before.last() == Some(&&Token::Punct('='))
        && before
            .iter()
            .rev()
            .any(|t| matches!(t, Token::Word(w) if w.to_ascii_lowercase().ends_with("port")))
}

/// `:8080`, `0.0.0.0:8080`, `localhost:8080`, and the host before the colon.
pub fn address(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let good = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
    if !host.chars().all(good) || port.len() < 2 || !port.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some((host, port.parse().ok().filter(|p| *p > 0)?))
}
