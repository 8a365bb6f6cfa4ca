//! Where a program listens, from its source: addresses, ports, and the variables that hold them.

use super::tokens::{Token, Tokens};
use crate::source::{Location, Sourced};

/// What the source says about listening.
#[derive(Debug, Default)]
pub struct Listening {
    /// Ports, best evidence first.
    pub ports: Vec<Sourced<u16>>,
    /// `PORT` is read from the environment.
    pub port_variable: Option<Sourced<String>>,
    /// An address that only the machine itself reaches, with nothing to change it.
    pub loopback: Option<Location>,
    /// A listening socket is opened at all.
    pub serves: bool,
    /// An address that everybody reaches.
    pub open: bool,
    /// Variables whose default is a loopback address, with what they should say.
    pub addresses: Vec<(String, Sourced<String>)>,
}

/// How good the evidence for a port is; the first is the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    Bound,
    Variable,
    Argument,
    Constant,
}

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

/// Reads the files in order; earlier files are better evidence. `framework`: a crate whose only use
/// is to serve is depended on.
pub fn listening(files: &[Tokens], framework: bool) -> Listening {
    let mut found = Listening::default();
    let mut ports: Vec<(Evidence, Sourced<u16>)> = Vec::new();
    for tokens in files {
        for i in 0..tokens.list.len() {
            variable(tokens, i, &mut found, &mut ports);
            argument(tokens, i, &mut found, &mut ports);
            built_argument(tokens, i, &mut ports);
            smart_default(tokens, i, &mut ports);
            literal(tokens, i, &mut found, &mut ports);
            octets(tokens, i, &mut found, &mut ports);
            constant(tokens, i, &mut ports);
        }
    }
    // A client has a default port too.
    found.serves = framework || files.iter().any(serves);
    if !found.serves {
        found.loopback = None;
        found.addresses.clear();
        ports.retain(|(evidence, _)| *evidence == Evidence::Bound);
        found.port_variable = None;
    }
    ports.sort_by_key(|(evidence, _)| *evidence);
    found.ports = ports.into_iter().map(|(_, p)| p).collect();
    found
}

/// Methods that open a listening socket. `bind` is none: queries have it too.
const METHODS: &[&str] = &[
    "serve",
    "serve_with_shutdown",
    "launch",
    "listen",
    "bind_rustls",
    "bind_openssl",
];
/// Types and modules of servers: `TcpListener::bind`, `axum::serve`.
const TYPES: &[&str] = &["HttpServer", "TcpListener", "UdpSocket", "UnixListener", "Server"];
const MODULES: &[&str] = &["axum", "warp", "axum_server", "poem", "tide", "hyper"];

/// Does the file open a listening socket?
pub fn serves(tokens: &Tokens) -> bool {
    (0..tokens.list.len()).any(|i| {
        tokens.ident(i).is_some_and(|w| {
            TYPES.contains(&w) && tokens.spells(i + 1, ": :")
                || MODULES.contains(&w) && tokens.spells(i + 1, ": : serve (")
                || METHODS.contains(&w) && tokens.is(i + 1, '(') && tokens.is(i.wrapping_sub(1), '.')
        })
    })
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|p| *p > 0)
}

/// An address with its port, if it has one: `127.0.0.1:8080`, `[::]`, `0.0.0.0:{port}`.
fn address(text: &str) -> Option<(bool, Option<u16>)> {
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
fn literal(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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
fn octets(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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

/// `env::var("PORT")…unwrap_or("8080")`, `env::var("HOST")…unwrap_or("127.0.0.1")`.
fn variable(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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
    for n in i + 3..(i + 40).min(tokens.list.len()) {
        match tokens.get(n) {
            Some(Token::Punct(';')) => break,
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

fn named_address(name: &str) -> bool {
    ["HOST", "ADDR", "ADDRESS", "BIND", "LISTEN", "IP", "INTERFACE"]
        .iter()
        .any(|part| name.split('_').any(|p| p == *part))
}

fn foreign(name: &str) -> bool {
    [
        "DB", "DATABASE", "POSTGRES", "PG", "REDIS", "MYSQL", "SMTP", "KAFKA", "MONGO", "NATS", "RABBITMQ",
        "URL",
    ]
    .iter()
    .any(|part| name.split('_').any(|p| p == *part))
}

fn note(
    tokens: &Tokens,
    i: usize,
    name: &str,
    loopback: bool,
    port: Option<u16>,
    found: &mut Listening,
    ports: &mut Vec<(Evidence, Sourced<u16>)>,
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

/// clap: `#[arg(long, env = "HOST", default_value = "127.0.0.1")] host: String`.
fn argument(tokens: &Tokens, i: usize, found: &mut Listening, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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
    for n in i + 3..end {
        if tokens.ident(n) == Some("env") {
            variable = Some(
                tokens
                    .text(n + 2)
                    .map_or_else(|| name.to_uppercase(), str::to_string),
            );
        }
    }
    let words: Vec<&str> = name.split('_').collect();
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
            && words
                .iter()
                .any(|w| ["host", "addr", "address", "bind", "listen", "ip", "interface"].contains(w))
        {
            match &variable {
                Some(variable) => note(tokens, n + 2, variable, loopback, given, found, ports),
                None => {
                    if loopback && found.loopback.is_none() {
                        found.loopback = Some(tokens.at(n + 2));
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
fn smart_default(tokens: &Tokens, i: usize, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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
fn built_argument(tokens: &Tokens, i: usize, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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

/// `port`, `http_port`, `listen-port`; not the ends of a range, and not another's.
fn is_own_port(name: &str) -> bool {
    const OTHERS: &[&str] = &["min", "max", "remote", "target", "dest", "upstream", "forward"];
    let words: Vec<&str> = name.split(['_', '-']).collect();
    words.contains(&"port") && !words.iter().any(|w| OTHERS.contains(w)) && !foreign(&name.to_uppercase())
}

/// `const DEFAULT_PORT: u16 = 6379;`, `fn default_port() -> u16 { 5000 }`
fn constant(tokens: &Tokens, i: usize, ports: &mut Vec<(Evidence, Sourced<u16>)>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn check(text: &str) -> (Option<u16>, bool) {
        let found = listening(&[Tokens::of(&Source::new("src/main.rs", text))], false);
        (found.ports.first().map(|p| p.value), found.loopback.is_some())
    }

    #[test]
    fn ports_are_found_in_the_ways_that_people_write_them() {
        for (text, port, loopback) in [
            ("TcpListener::bind(\"0.0.0.0:3000\").await", Some(3000), false),
            (
                "let addr = SocketAddr::from(([127, 0, 0, 1], 3000)); axum::serve(addr)",
                Some(3000),
                true,
            ),
            ("HttpServer::new(f).bind((\"0.0.0.0\", 8080))?", Some(8080), false),
            (
                "warp::serve(r).run(([0, 0, 0, 0], 3030)).await",
                Some(3030),
                false,
            ),
            (
                "let addr = (Ipv4Addr::LOCALHOST, 4000); TcpListener::bind(addr)",
                Some(4000),
                true,
            ),
            (
                "let addr = \"[::1]:50051\".parse()?; Server::builder()",
                Some(50051),
                true,
            ),
            (
                "let p = env::var(\"PORT\").unwrap_or_else(|_| \"8000\".into()); TcpListener::bind(p)",
                Some(8000),
                false,
            ),
            (
                "const DEFAULT_PORT: u16 = 6379; connect(DEFAULT_PORT)",
                None,
                false,
            ),
            (
                "const DEFAULT_PORT: u16 = 6379; TcpListener::bind(&format!(\"127.0.0.1:{port}\"))",
                Some(6379),
                true,
            ),
            ("Client::connect(\"127.0.0.1:6379\")", None, false),
            ("let redis_url = \"127.0.0.1:6379\";", None, false),
            ("println!(\"listening on {}\", \"127.0.0.1:1\")", None, false),
            (
                "#[arg(long, default_value_t = 7000)] pub port: u16, TcpListener::bind(x)",
                Some(7000),
                false,
            ),
            (
                "#[arg(long, default_value_t = 1024)] min_port: u16, TcpListener::bind(x)",
                None,
                false,
            ),
            ("let list = [0, 0, 0, 0, 2, 0]; TcpListener::bind(x)", None, false),
            (
                "#[doku(example = \"1\")] #[default(8536)] pub port: u16, TcpListener::bind(x)",
                Some(8536),
                false,
            ),
            (
                "fn default_port() -> u16 { 5000 } TcpListener::bind(x)",
                Some(5000),
                false,
            ),
            (
                "Arg::new(\"port\").long(\"port\").default_value(\"8000\"), TcpListener::bind(x)",
                Some(8000),
                false,
            ),
            (
                "let remote_addr = \"127.0.0.1:1234\".parse()?; TcpListener::bind(x)",
                None,
                false,
            ),
        ] {
            assert_eq!(check(text), (port, loopback), "{text}");
        }
    }

    #[test]
    fn a_variable_with_a_loopback_default_can_be_opened() {
        for text in [
            "let a = env::var(\"BIND_ADDR\").unwrap_or(\"127.0.0.1:9000\".to_string()); x.serve(a)",
            "#[arg(long, env = \"BIND_ADDR\", default_value = \"127.0.0.1:9000\")] addr: String, x.serve(a)",
        ] {
            let found = listening(&[Tokens::of(&Source::new("src/main.rs", text))], false);
            assert_eq!(found.addresses[0].0, "BIND_ADDR", "{text}");
            assert_eq!(found.addresses[0].1.value, "0.0.0.0:9000", "{text}");
            assert!(found.loopback.is_none(), "{text}");
        }
    }
}
