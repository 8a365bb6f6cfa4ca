//! Ports and hosts in the tokens of a program: names that mean one, and numbers that may be one.

use crate::manifest::javascript::{Kind, Token};

pub fn number(token: &Token) -> Option<u16> {
    let text = match &token.kind {
        Kind::Number(n) => n,
        Kind::String(s) => s,
        _ => return None,
    };
    text.parse().ok().filter(|p| *p >= 80)
}

/// `NAME` of `env.NAME` or `env["NAME"]` whose `env` stands at `at`.
pub fn variable(tokens: &[Token], at: usize) -> Option<&str> {
    if at < 2 || tokens[at].word() != Some("env") || !tokens[at - 1].is('.') {
        return None;
    }
    match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(dot), Some(name)) if dot.is('.') => name.word(),
        (Some(open), Some(name)) if open.is('[') => name.string(),
        _ => None,
    }
}

/// The variable at the end of an address: `0.0.0.0:${process.env.CART_PORT}`.
pub fn address_variable(template: &str) -> Option<&str> {
    let (_, said) = template.rsplit_once(":${process.env")?;
    let name = said.trim_start_matches(['.', '[', '\'', '"']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let rest = name[end..].trim_start_matches(['\'', '"', ']']);
    (end > 0 && rest == "}").then(|| &name[..end])
}

/// The first `env` of the expression that begins at `from`.
pub fn environment(tokens: &[Token], from: usize) -> Option<usize> {
    let end = tokens.len().min(from + 12);
    let ends = |t: &Token| t.is(';') || t.is(',') || matches!(t.word(), Some("const" | "let" | "var"));
    (from..end)
        .take_while(|i| !ends(&tokens[*i]))
        .find(|i| variable(tokens, *i).is_some())
}

pub fn is_port(name: &str) -> bool {
    matches!(
        name.to_uppercase().as_str(),
        "PORT" | "SERVER_PORT" | "APP_PORT" | "HTTP_PORT" | "API_PORT" | "NODE_PORT" | "BUN_PORT"
    )
}

pub fn is_host(name: &str) -> bool {
    matches!(
        name,
        "HOST" | "SERVER_HOST" | "APP_HOST" | "HTTP_HOST" | "BIND_HOST" | "LISTEN_HOST"
    )
}

/// The tokens of a property's value, up to the comma after it.
pub fn property(tokens: &[Token], from: usize) -> &[Token] {
    let from = from.min(tokens.len());
    let mut depth = 0usize;
    let end = tokens[from..].iter().take(60).position(|t| match t.kind {
        Kind::Mark('(' | '{' | '[') => {
            depth += 1;
            false
        }
        Kind::Mark(')' | '}' | ']') => {
            depth = depth.wrapping_sub(1);
            depth == usize::MAX
        }
        Kind::Mark(',' | ';') => depth == 0,
        _ => false,
    });
    &tokens[from..end.map_or(tokens.len().min(from + 60), |e| from + e)]
}

/// The first port number in the same statement.
pub fn port_after(tokens: &[Token], from: usize) -> Option<(u16, &Token)> {
    tokens
        .iter()
        .skip(from)
        .take(14)
        .take_while(|t| !t.is(';') && !matches!(t.word(), Some("const" | "let" | "var" | "process")))
        .find_map(|t| Some((number(t)?, t)))
}

/// Index of the bracket that closes the one at `open`.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Mark('(' | '{' | '[') => depth += 1,
            Kind::Mark(')' | '}' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The last name of `this.config.port`, at the front of a call's arguments.
pub fn last_name(arguments: &[Token]) -> Option<&str> {
    let mut name = arguments.first()?.word()?;
    let mut rest = &arguments[1..];
    while let [dot, next, more @ ..] = rest
        && dot.is('.')
    {
        name = next.word()?;
        rest = more;
    }
    Some(name)
}

/// What is made with its port: `new Server(8080)` of Socket.IO, `new WebSocketServer({ port })`,
/// `Hapi.server({ port: 4000 })`.
const MADE: &[&str] = &["Server", "SocketServer", "WebSocketServer", "server"];

/// The port in the arguments of the call whose name stands at `at`.
pub fn made(tokens: &[Token], at: usize) -> Option<(u16, &Token)> {
    let named = tokens[at].word().is_some_and(|w| MADE.contains(&w));
    let opened = tokens.get(at + 1).is_some_and(|t| t.is('('));
    let before = at.checked_sub(1).map(|i| &tokens[i]);
    let of = before.is_some_and(|t| t.word() == Some("new") || t.is('.'));
    if !(named && opened && of) {
        return None;
    }
    let arguments = &tokens[(at + 2)..closing(tokens, at + 1).max(at + 2).min(tokens.len())];
    let first = arguments.first()?;
    if let Some(port) = number(first) {
        return Some((port, first));
    }
    if !first.is('{') {
        return None;
    }
    let inside = &arguments[..closing(arguments, 0).min(arguments.len())];
    let key = inside.iter().position(|t| t.word() == Some("port"))?;
    let value = property(inside, key + 2);
    value.iter().find_map(|t| Some((number(t)?, t)))
}
