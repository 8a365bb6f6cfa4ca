//! Variables of the environment that hold an address or a port, with their defaults.

use super::super::tokens::{Token, Tokens};
use super::address::{address, port};
use super::{Evidence, Listening, Ports};

/// `env::var("PORT")…unwrap_or("8080")`, `env::var("HOST")…unwrap_or("127.0.0.1")`.
pub fn variable(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Ports) {
    let reads = tokens
        .ident(i)
        .is_some_and(|w| w == "var" || w == "var_os" || w.contains("env"));
    if !reads || !tokens.is(i + 1, '(') {
        return;
    }
    let Some(name) = tokens.text(i + 2) else { return };
    let name = name.to_string();
    let is_port = name == "PORT" || name.ends_with("_PORT") || name == "SERVER_PORT";
    let is_address = named_address(&name);
    if !(is_port || is_address) || foreign(&name) {
        return;
    }
    if is_port && (found.port_variable.is_none() || name == "PORT") {
        found.port_variable = Some(tokens.sourced(i + 2, name.clone()));
    }
    let mut ends = false;
    for n in i + 3..(i + 40).min(tokens.list.len()) {
        match tokens.get(n) {
            Some(Token::Punct(';')) if ends => {
                found.required.push(tokens.sourced(i + 2, name));
                break;
            }
            Some(Token::Punct(';')) => break,
            Some(Token::Punct('?')) => ends = true,
            Some(Token::Ident(w)) if w == "expect" || w == "unwrap" => ends = true,
            // The next variable of the same statement has its own default.
            Some(Token::Ident(w)) if (w == "var" || w == "var_os") && tokens.is(n + 1, '(') => break,
            Some(Token::Text(text)) => {
                if is_port && let Some(p) = port(text) {
                    ports.push((Evidence::Variable, tokens.sourced(n, p)));
                    break;
                }
                if is_address && let Some((loopback, p)) = address(text) {
                    note(tokens, n, &name, loopback, p, found, ports);
                    break;
                }
            }
            Some(Token::Number(_)) if is_port => {
                if let Some(p) = tokens
                    .number(n)
                    .and_then(|p| u16::try_from(p).ok())
                    .filter(|p| *p > 9)
                {
                    ports.push((Evidence::Variable, tokens.sourced(n, p)));
                    break;
                }
            }
            _ => {}
        }
    }
}

pub fn named_address(name: &str) -> bool {
    // Where it sends others is no address of its own.
    let others = [
        "REDIRECT", "ALLOWED", "TRUSTED", "PROXY", "UPSTREAM", "TARGET", "REMOTE", "PUBLIC",
    ];
    if name.split('_').any(|p| others.contains(&p)) {
        return false;
    }
    ["HOST", "ADDR", "ADDRESS", "BIND", "LISTEN", "IP", "INTERFACE"]
        .iter()
        .any(|part| name.split('_').any(|p| p == *part))
}

pub fn foreign(name: &str) -> bool {
    [
        "DB", "DATABASE", "POSTGRES", "PG", "REDIS", "MYSQL", "SMTP", "KAFKA", "MONGO", "NATS", "RABBITMQ",
        "URL",
    ]
    .iter()
    .any(|part| name.split('_').any(|p| p == *part))
}

pub fn note(
    tokens: &Tokens,
    i: usize,
    name: &str,
    loopback: bool,
    port: Option<u16>,
    found: &mut Listening,
    ports: &mut Ports,
) {
    found.open |= !loopback;
    if loopback {
        let open = match port {
            Some(port) => format!("0.0.0.0:{port}"),
            None => "0.0.0.0".to_string(),
        };
        found.addresses.push((name.to_string(), tokens.sourced(i, open)));
    }
    if let Some(port) = port {
        ports.push((Evidence::Variable, tokens.sourced(i, port)));
    }
}
