//! Ports and addresses that no call names: defaults in struct tags, variables and constants that are named
//! after a port.

use super::syntax::Token;

/// Words of names that belong to another server than the program's own.
pub const ELSEWHERE: &[&str] = &[
    "admin",
    "client",
    "cluster",
    "gossip",
    "database",
    "db",
    "debug",
    "grpc",
    "imap",
    "kafka",
    "mail",
    "metrics",
    "mongo",
    "mysql",
    "nats",
    "peer",
    "pg",
    "pop3",
    "postgres",
    "pprof",
    "prometheus",
    "proxy",
    "rabbit",
    "redis",
    "remote",
    "smtp",
    "ssh",
    "target",
    "upstream",
];
/// Words of names that belong to the program's own server.
const OWN: &[&str] = &[
    "api",
    "app",
    "application",
    "backend",
    "http",
    "listen",
    "rest",
    "server",
    "service",
    "web",
];
/// Words that say that the program listens there.
const LISTENS: &[&str] = &[
    "addr",
    "address",
    "bind",
    "interface",
    "ip",
    "ipv4",
    "listen",
    "port",
];
const LOOPBACK: &[&str] = &["127.0.0.1", "localhost"];

/// What a name says, `HTTPPort` and `http-port` alike.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let next_is_small = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        let after_small = i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        if !c.is_alphanumeric() || c.is_ascii_uppercase() && (after_small || next_is_small) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words
                .last_mut()
                .expect("there is one")
                .push(c.to_ascii_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

pub fn says(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|w| list.contains(&w.as_str()))
}

/// A default in a struct's tag: `HTTPPort uint `long:"listen" default:"8081"``.
#[derive(Debug, PartialEq)]
pub enum Tagged {
    Port(u16),
    Loopback(Open),
}

/// What changes an address of loopback.
#[derive(Debug, PartialEq)]
pub enum Open {
    Variable(String),
    Flag(String),
    Never,
}

/// What stands after a key of a tag.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (before, rest) = text.split_once(&format!("{key}:\""))?;
    let whole = before.is_empty() || before.ends_with([' ', '\t']);
    whole.then(|| rest.split_once('"').map(|(v, _)| v)).flatten()
}

/// What a tag calls its field.
pub fn keys(text: &str) -> Vec<String> {
    let names = ["long", "env", "name", "arg", "envconfig"];
    let values = names.iter().filter_map(|key| value(text, key));
    values.flat_map(words).collect()
}

/// The default that a tag gives to its field.
pub fn default(text: &str) -> Option<&str> {
    ["default", "envDefault", "env-default"]
        .iter()
        .find_map(|k| value(text, k))
}

/// The field's name, the text of its tag.
pub fn tag(field: &str, text: &str) -> Option<Tagged> {
    let value = |key: &str| value(text, key);
    let default = default(text)?;
    let mut said = words(field);
    said.extend(keys(text));
    if !says(&said, LISTENS) || says(&said, ELSEWHERE) {
        return None;
    }
    let env = value("env").or_else(|| value("envconfig"));
    let env = env.and_then(|e| e.split(',').next()).filter(|e| !e.is_empty());
    let (host, port) = default.rsplit_once(':').unwrap_or(("", default));
    if LOOPBACK.contains(&default) || LOOPBACK.contains(&host) {
        let name = |text: &&str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        };
        let variable = |text: &&str| name(text) && crate::escape::name(text).is_ok();
        let open = match (env.filter(variable), value("long").filter(name)) {
            _ if !LOOPBACK.contains(&default) => Open::Never,
            (Some(env), _) => Open::Variable(env.to_string()),
            (None, Some(flag)) => Open::Flag(flag.to_string()),
            (None, None) => Open::Never,
        };
        return Some(Tagged::Loopback(open));
    }
    let own = says(
        &said,
        &[
            "http", "https", "listen", "server", "web", "bind", "addr", "address",
        ],
    ) || said.iter().filter(|w| *w != "port").count() == 0
        || env.is_some();
    // `--host --port` beside each other are as often those of a server to connect to.
    let port: u16 = port.parse().ok().filter(|p| *p >= 80 && !of_others(*p))?;
    own.then_some(Tagged::Port(port))
}

/// Ports of databases, queues and the like, which a program connects to.
pub fn of_others(port: u16) -> bool {
    matches!(
        port,
        22 | 25
            | 465
            | 587
            | 1433
            | 3306
            | 4222
            | 4317
            | 4318
            | 5432
            | 5672
            | 6379
            | 9042
            | 9092
            | 11211
            | 27017
    )
}

/// `HTTPListen = "[::]:8025"`, `DefaultPort = 8080` outside of functions: the token after the name and `=`.
pub fn variable(tokens: &[(usize, Token)], i: usize) -> Option<u16> {
    let [.., (_, Token::Word(name)), (_, Token::Punct('='))] = &tokens[..i] else {
        return None;
    };
    let said = words(name);
    if !says(&said, &["addr", "address", "bind", "listen", "port"]) || says(&said, ELSEWHERE) {
        return None;
    }
    match &tokens[i].1 {
        Token::Number(n) if says(&said, &["default", "http"]) => n.parse().ok().filter(|p| *p >= 1024),
        Token::Text(text) => {
            let (host, port) = text.rsplit_once(':')?;
            let open = matches!(host, "" | "0.0.0.0" | "[::]");
            port.parse().ok().filter(|p| open && *p >= 1024)
        }
        _ => None,
    }
}

/// `os.Getenv("SERVER_PORT")`, or `env:"HTTP_PORT,required"` in a tag: a variable without a default that is named after
/// the port of the program's own server.
pub fn variable_of_port<'a>(text: &'a str, call: Option<&str>) -> Option<&'a str> {
    let name = match call {
        Some("Getenv" | "LookupEnv" | "MustGetenv" | "mustGetenv") => text,
        None if default(text).is_none() => {
            let env = value(text, "env").or_else(|| value(text, "envconfig"))?;
            env.split(',').next()?
        }
        _ => return None,
    };
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let said = words(name);
    let own = says(&said, OWN);
    let port = said.last().is_some_and(|w| w == "port");
    (name.chars().all(plain) && own && port && !says(&said, ELSEWHERE)).then_some(name)
}

/// Functions that take a text apart and listen on nothing.
const OF_TEXTS: &[&str] = &[
    "Contains",
    "Cut",
    "Equal",
    "Errorf",
    "HasPrefix",
    "HasSuffix",
    "Replace",
    "ReplaceAll",
    "Sprintf",
    "Split",
    "TrimPrefix",
    "TrimSuffix",
];

/// Is an address of all hosts given to what is named after listening: `conf.Listen = ":1984"`, `Bind: ":9000"`,
/// `"listen": ":9000"`, `fallback(s.ListenAddress, ":8000")`, `Listen.setDefault(":3456")`?
pub fn given(tokens: &[(usize, Token)], i: usize) -> bool {
    let name = |t: &Token| match t {
        Token::Word(name) => words(name),
        Token::Text(name) if !name.contains([' ', ':', '/']) => words(name),
        _ => Vec::new(),
    };
    let fits = |said: &[String]| says(said, LISTENS) && !says(said, ELSEWHERE);
    if let [.., (_, before), (_, Token::Punct('=' | ':'))] = &tokens[..i] {
        // `name := ":8080"`
        let end = if *before == Token::Punct(':') {
            i - 2
        } else {
            i - 1
        };
        // `conf.Redis.Addr`: what it is of says whose it is.
        let start = tokens[..end]
            .iter()
            .rposition(|(_, t)| !matches!(t, Token::Word(_) | Token::Text(_) | Token::Punct('.')))
            .map_or(0, |n| n + 1);
        let said: Vec<String> = tokens[start..end].iter().flat_map(|(_, t)| name(t)).collect();
        return fits(&said);
    }
    let Some(open) = super::flags::opening(tokens, i) else {
        return false;
    };
    let of_texts = matches!(tokens[..open].last(), Some((_, Token::Word(call))) if OF_TEXTS.contains(call));
    let said: Vec<String> = tokens[open.saturating_sub(3)..i]
        .iter()
        .flat_map(|(_, t)| name(t))
        .collect();
    !of_texts && fits(&said)
}

/// `conf.HttpPort = "6157"`, `ServerPort: 8080`: a number that is given to the port of the program's own server.
pub fn numbered(tokens: &[(usize, Token)], i: usize) -> Option<u16> {
    let [.., (_, Token::Word(name)), (_, Token::Punct('=' | ':'))] = &tokens[..i] else {
        return None;
    };
    let said = words(name);
    let own = said.last().is_some_and(|w| w == "port") && says(&said, OWN) && !says(&said, ELSEWHERE);
    let number = match &tokens[i].1 {
        Token::Text(number) => number.as_str(),
        Token::Number(number) => number,
        _ => return None,
    };
    number
        .parse()
        .ok()
        .filter(|p| own && *p >= 1024 && !of_others(*p))
}

/// Is the token the value of a variable that is named after another server: `SMTPListen = "[::]:1025"`?
pub fn of_another(tokens: &[(usize, Token)], i: usize) -> bool {
    let [.., (_, Token::Word(name)), (_, Token::Punct('='))] = &tokens[..i] else {
        return false;
    };
    says(&words(name), ELSEWHERE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::go::syntax::tokens;

    #[test]
    fn defaults_of_tags_are_ports_where_the_field_is_named_after_one() {
        for (field, text, expected) in [
            (
                "HTTPPort",
                r#"long:"listen" default:"8081""#,
                Some(Tagged::Port(8081)),
            ),
            (
                "Port",
                r#"default:"3000" env:"WAKAPI_PORT""#,
                Some(Tagged::Port(3000)),
            ),
            ("Port", r#"long:"port" default:"5432""#, None),
            ("DBPort", r#"env:"DB_PORT" envDefault:"7000""#, None),
            ("MetricsPort", r#"default:"9100""#, None),
            ("Timeout", r#"default:"8080""#, None),
            (
                "ListenIpV4",
                r#"yaml:"listen_ipv4" default:"127.0.0.1" env:"LISTEN_IPV4""#,
                Some(Tagged::Loopback(Open::Variable("LISTEN_IPV4".into()))),
            ),
            (
                "HTTPHost",
                r#"long:"bind" default:"localhost""#,
                Some(Tagged::Loopback(Open::Flag("bind".into()))),
            ),
            ("Host", r#"long:"host" default:"localhost""#, None),
            (
                "BindHost",
                r#"long:"b$(id)" env:"A B" default:"localhost""#,
                Some(Tagged::Loopback(Open::Never)),
            ),
        ] {
            assert_eq!(tag(field, text), expected, "{field} {text}");
        }
    }

    #[test]
    fn a_variable_named_after_what_it_listens_on_has_the_port() {
        for (text, expected) in [
            ("var HTTPListen = \"[::]:8025\"", Some(8025)),
            ("var SMTPListen = \"[::]:1025\"", None),
            ("const DefaultPort = 8080", Some(8080)),
            ("port = 8080", None),
            ("listenAddr = \"127.0.0.1:80\"", None),
        ] {
            let tokens = tokens(text);
            assert_eq!(variable(&tokens, tokens.len() - 1), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_of_the_own_port_is_told_from_others() {
        for (text, call, expected) in [
            ("SERVER_PORT", Some("Getenv"), true),
            ("DB_SERVER_PORT", Some("Getenv"), false),
            ("EXPORT", Some("Getenv"), false),
            ("SERVER_PORT", Some("Println"), false),
            ("env:\"HTTP_PORT,required\"", None, true),
            ("env:\"HTTP_PORT\" envDefault:\"8080\"", None, false),
        ] {
            assert_eq!(variable_of_port(text, call).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_given_to_what_listens() {
        for (text, expected) in [
            ("conf.Mod.Listen = \":1984\"", true),
            ("conf.Redis.Addr = \":6379\"", false),
            ("listen := \":8080\"", true),
            ("Config{Bind: \":8080\"", true),
            ("map[string]any{\"listen\": \":9000\"", true),
            ("s.Address = fallback(s.ListeningAddress, \":8000\"", true),
            ("ServiceInterface.setDefault(\":3456\"", true),
            ("strings.TrimSuffix(address, \":8080\"", false),
            ("dial(\":8080\"", false),
            ("\":8080\"", false),
        ] {
            let tokens = tokens(text);
            assert_eq!(given(&tokens, tokens.len() - 1), expected, "{text}");
        }
    }
}
