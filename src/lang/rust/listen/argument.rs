//! Arguments of clap and fields of smart-default, with their defaults.

use super::super::tokens::Tokens;
use super::address::{address, is_own_port, port};
use super::variable::{named_address, note};
use super::{Evidence, Listening, Ports};

/// clap: `#[arg(long, env = "HOST", default_value = "127.0.0.1")] host: String`.
pub fn argument(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Ports) {
    let attribute = tokens.is(i, '#') && tokens.is(i + 1, '[');
    if !attribute || !matches!(tokens.ident(i + 2), Some("arg" | "clap" | "structopt")) {
        return;
    }
    let end = tokens.closing(i + 1);
    let mut field = end;
    while tokens.is(field, '#') {
        field = tokens.closing(field + 1);
    }
    if tokens.ident(field) == Some("pub") {
        field += 1;
        if tokens.is(field, '(') {
            field = tokens.closing(field);
        }
    }
    let Some(name) = tokens.ident(field).map(str::to_lowercase) else {
        return;
    };
    let mut variable = None;
    let mut long = None;
    for n in i + 3..end {
        if tokens.ident(n) == Some("env") {
            variable = Some(
                tokens
                    .text(n + 2)
                    .map_or_else(|| name.to_uppercase(), str::to_string),
            );
        }
        // `long`, `long = "host"`, but not `default_value = long`.
        if tokens.ident(n) == Some("long") && (tokens.is(n - 1, '(') || tokens.is(n - 1, ',')) {
            let given = tokens.text(n + 2).filter(|_| tokens.is(n + 1, '='));
            long = Some(given.map_or_else(|| name.replace('_', "-"), str::to_string));
        }
    }
    for n in i + 3..end {
        if !tokens.ident(n).is_some_and(|w| w.starts_with("default_value")) || !tokens.is(n + 1, '=') {
            continue;
        }
        let text = tokens.text(n + 2);
        if is_own_port(&name) {
            let given = text
                .and_then(port)
                .or_else(|| tokens.number(n + 2).and_then(|p| u16::try_from(p).ok()));
            if let Some(given) = given.filter(|p| *p > 0) {
                ports.push((Evidence::Argument, tokens.sourced(n + 2, given)));
                if let Some(variable) = variable.as_ref().filter(|_| found.port_variable.is_none()) {
                    found.port_variable = Some(tokens.sourced(n + 2, variable.clone()));
                }
            }
        } else if let Some((loopback, given)) = text.and_then(address)
            && named_address(&name.to_uppercase())
        {
            match &variable {
                Some(variable) => note(tokens, n + 2, variable, loopback, given, found, ports),
                None => {
                    if loopback && found.loopback.is_none() {
                        found.loopback = Some(tokens.at(n + 2));
                        found.opening = long.as_ref().map(|long| {
                            let port = given.map(|p| format!(":{p}")).unwrap_or_default();
                            tokens.sourced(n + 2, format!("--{long}=0.0.0.0{port}"))
                        });
                    }
                    if let Some(given) = given {
                        ports.push((Evidence::Argument, tokens.sourced(n + 2, given)));
                    }
                }
            }
        }
    }
}

/// smart-default: `#[default(8536)] pub port: u16`.
pub fn smart_default(tokens: &Tokens, i: usize, ports: &mut Ports) {
    if !tokens.spells(i, "# [ default (") || !tokens.is(i + 5, ')') {
        return;
    }
    let mut field = tokens.closing(i + 1);
    while tokens.is(field, '#') {
        field = tokens.closing(field + 1);
    }
    if tokens.ident(field) == Some("pub") {
        field += 1;
    }
    let own = tokens.ident(field).is_some_and(is_own_port);
    let given = tokens.number(i + 4).and_then(|p| u16::try_from(p).ok());
    if let Some(given) = given.filter(|p| own && *p > 0) {
        ports.push((Evidence::Constant, tokens.sourced(i + 4, given)));
    }
}

/// clap: `Arg::new("port").long("port").default_value("8000")`.
pub fn built_argument(tokens: &Tokens, i: usize, ports: &mut Ports) {
    let made = tokens.spells(i, "Arg : : new (") || tokens.spells(i, "Arg : : with_name (");
    if !made || !tokens.text(i + 5).is_some_and(is_own_port) {
        return;
    }
    for n in i + 6..(i + 80).min(tokens.list.len()) {
        if tokens.ident(n) == Some("Arg") || tokens.is(n, ';') {
            return;
        }
        let given = tokens.ident(n) == Some("default_value") && tokens.is(n + 1, '(');
        if given && let Some(given) = tokens.text(n + 2).and_then(port) {
            ports.push((Evidence::Argument, tokens.sourced(n + 2, given)));
            return;
        }
    }
}
