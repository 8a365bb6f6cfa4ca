//! Addresses and ports that stand in the source: in texts, numbers and constants.

use super::super::tokens::{Token, Tokens};
use super::variable::foreign;
use super::{Evidence, Listening, Ports};

/// Words that say that an address is for listening.
const LISTENS: &[&str] = &[
    "bind",
    "bind_addr",
    "listen",
    "listener",
    "serve",
    "server",
    "addr",
    "address",
    "host",
    "socketaddr",
    "ipaddr",
    "run",
    "bind_address",
    "listen_addr",
    "socket",
    "try_bind",
    "parse",
];
/// Words that say that it is somebody else's.
const ELSEWHERE: &[&str] = &[
    "connect",
    "client",
    "url",
    "uri",
    "redis",
    "database",
    "db",
    "postgres",
    "mysql",
    "kafka",
    "broker",
    "nats",
    "mongo",
    "smtp",
    "upstream",
    "endpoint",
    "origin",
    "peer",
    "remote",
    "test_",
    "proxy",
    "allowed",
    "cors",
    "assert",
    "assert_eq",
    "println",
    "info",
    "debug",
    "warn",
    "error",
    "trace",
    "eprintln",
    "help",
    "about",
    "doc",
    "expect",
];
const LOOPBACK: &[&str] = &["127.0.0.1", "localhost", "[::1]", "::1"];
const ANY: &[&str] = &["0.0.0.0", "[::]", "::"];

pub fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|p| *p > 0)
}

/// An address with its port, if it has one: `127.0.0.1:8080`, `[::]`, `0.0.0.0:{port}`.
pub fn address(text: &str) -> Option<(bool, Option<u16>)> {
    let known = |list: &[&str]| {
        list.iter().find_map(|host| {
            let rest = text.strip_prefix(host)?;
            match rest.strip_prefix(':') {
                _ if rest.is_empty() => Some(None),
                Some(number) if number.starts_with('{') => Some(None),
                Some(number) => port(number).map(Some),
                None => None,
            }
        })
    };
    if let Some(port) = known(LOOPBACK) {
        return Some((true, port));
    }
    known(ANY).map(|port| (false, port))
}

fn is_ours(tokens: &Tokens, i: usize) -> bool {
    // Compared with, or an arm of a match.
    let compared =
        i >= 2 && tokens.is(i - 1, '=') && matches!(tokens.get(i - 2), Some(Token::Punct('=' | '!')));
    if compared || tokens.is(i + 1, '=') || tokens.is(i + 1, '|') || tokens.is(i.wrapping_sub(1), '|') {
        return false;
    }
    let words = tokens.before(i);
    let any = |list: &[&str]| {
        words
            .iter()
            .any(|w| list.contains(&w.as_str()) || list.iter().any(|l| l.len() > 3 && w.contains(l)))
    };
    any(LISTENS) && !any(ELSEWHERE)
}

/// `"127.0.0.1:8080"` in a statement that listens.
pub fn literal(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Ports) {
    let Some((loopback, port)) = tokens.text(i).and_then(address) else {
        return;
    };
    if !is_ours(tokens, i) || covered(tokens, i, found) {
        return;
    }
    found.open |= !loopback;
    if loopback && found.loopback.is_none() {
        found.loopback = Some(tokens.at(i));
    }
    let beside = (tokens.is(i + 1, ',')).then(|| tokens.number(i + 2)).flatten();
    if let Some(port) = port.or_else(|| beside.and_then(|n| u16::try_from(n).ok())) {
        ports.push((Evidence::Bound, tokens.sourced(i, port)));
    }
}

/// Is this text the default of a variable that was noted?
fn covered(tokens: &Tokens, i: usize, found: &Listening) -> bool {
    let at = tokens.at(i);
    found.addresses.iter().any(|(_, a)| a.at == at)
}

/// `([0, 0, 0, 0], 3000)`, `Ipv4Addr::new(127, 0, 0, 1), 3000`, `(Ipv4Addr::UNSPECIFIED, 3000)`.
pub fn octets(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Ports) {
    // Four numbers of a longer list are no address.
    let whole = ['[', '('].iter().any(|c| tokens.is(i.wrapping_sub(1), *c))
        && [']', ')'].iter().any(|c| tokens.is(i + 7, *c));
    let (loopback, mut next) = if whole && tokens.spells(i, "0 , 0 , 0 , 0") {
        (false, i + 7)
    } else if whole && tokens.spells(i, "127 , 0 , 0 , 1") {
        (true, i + 7)
    } else if tokens.ident(i) == Some("UNSPECIFIED") {
        (false, i + 1)
    } else if tokens.ident(i) == Some("LOCALHOST") {
        (true, i + 1)
    } else {
        return;
    };
    while tokens.is(next, ')') || tokens.is(next, ']') {
        next += 1;
    }
    if !tokens.is(next, ',') {
        return;
    }
    let number = tokens.number(next + 1).and_then(|n| u16::try_from(n).ok());
    let variable = tokens
        .ident(next + 1)
        .is_some_and(|w| w.to_lowercase().contains("port"));
    if number.is_none() && !variable {
        return;
    }
    found.open |= !loopback;
    if loopback && found.loopback.is_none() {
        found.loopback = Some(tokens.at(i));
    }
    if let Some(number) = number.filter(|n| *n > 0) {
        ports.push((Evidence::Bound, tokens.sourced(next + 1, number)));
    }
}

/// `const DEFAULT_PORT: u16 = 6379;`, `fn default_port() -> u16 { 5000 }`
pub fn constant(tokens: &Tokens, i: usize, ports: &mut Ports) {
    if tokens.ident(i) == Some("fn")
        && tokens.ident(i + 1).is_some_and(is_own_port)
        && tokens.spells(i + 2, "( ) - > u16 {")
        && tokens.is(i + 9, '}')
        && let Some(p) = tokens.number(i + 8).and_then(|p| u16::try_from(p).ok())
        && p > 0
    {
        ports.push((Evidence::Constant, tokens.sourced(i + 8, p)));
    }
    if !matches!(tokens.ident(i), Some("const" | "static")) {
        return;
    }
    let named = tokens
        .ident(i + 1)
        .is_some_and(|w| w.split('_').any(|p| p.eq_ignore_ascii_case("port")));
    if named
        && tokens.spells(i + 2, ": u16 =")
        && let Some(p) = tokens
            .number(i + 5)
            .and_then(|p| u16::try_from(p).ok())
            .filter(|p| *p > 0)
    {
        ports.push((Evidence::Constant, tokens.sourced(i + 5, p)));
    }
}

/// `port`, `http_port`, `listen-port`; not the ends of a range, and not another's.
pub fn is_own_port(name: &str) -> bool {
    const OTHERS: &[&str] = &["min", "max", "remote", "target", "dest", "upstream", "forward"];
    let words: Vec<&str> = name.split(['_', '-']).collect();
    words.contains(&"port") && !words.iter().any(|w| OTHERS.contains(w)) && !foreign(&name.to_uppercase())
}
