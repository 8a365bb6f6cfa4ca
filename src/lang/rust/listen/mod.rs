//! Where a program listens, from its source: addresses, ports, and the variables that hold them.

mod address;
mod argument;
mod variable;

pub use address::address;
pub use variable::named_address;

use super::tokens::Tokens;
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
    /// The argument that makes of it one that everybody reaches.
    pub opening: Option<Sourced<String>>,
    /// A listening socket is opened at all.
    pub serves: bool,
    /// An address that everybody reaches.
    pub open: bool,
    /// Variables whose default is a loopback address, with what they should say.
    pub addresses: Vec<(String, Sourced<String>)>,
    /// Variables that the program cannot do without, each with the place that reads it: `env::var("HOST").expect(…)`.
    pub required: Vec<Sourced<String>>,
    /// Variables that the image sets whatever the source has as their default.
    pub told: Vec<Told>,
}

/// A variable that the image sets.
#[derive(Debug)]
pub struct Told {
    pub name: String,
    pub value: String,
    pub at: Location,
    /// After the place.
    pub why: &'static str,
}

/// How good the evidence for a port is; the first is the best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    Bound,
    Variable,
    Argument,
    Constant,
}

/// Ports, each with how good the evidence is.
type Ports = Vec<(Evidence, Sourced<u16>)>;

/// Reads the files in order; earlier files are better evidence. `framework`: a crate whose only use
/// is to serve is depended on.
pub fn listening(files: &[Tokens], framework: bool) -> Listening {
    let mut found = Listening::default();
    let mut ports = Ports::new();
    for tokens in files {
        for i in 0..tokens.list.len() {
            variable::variable(tokens, i, &mut found, &mut ports);
            argument::argument(tokens, i, &mut found, &mut ports);
            argument::built_argument(tokens, i, &mut ports);
            argument::smart_default(tokens, i, &mut ports);
            address::literal(tokens, i, &mut found, &mut ports);
            address::octets(tokens, i, &mut found, &mut ports);
            address::constant(tokens, i, &mut ports);
        }
    }
    // A client has a default port too.
    found.serves = framework || files.iter().any(serves);
    if !found.serves {
        found.loopback = None;
        found.opening = None;
        found.addresses.clear();
        found.required.clear();
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
    fn an_argument_with_a_loopback_default_is_given() {
        let argument = |text: &str| {
            let found = listening(&[Tokens::of(&Source::new("src/main.rs", text))], false);
            found.opening.map(|o| o.value)
        };
        let source = "#[arg(short, long, default_value = \"127.0.0.1:9000\")] bind_addr: String, x.serve(a)";
        assert_eq!(argument(source).as_deref(), Some("--bind-addr=0.0.0.0:9000"));
        assert_eq!(argument(&source.replace("long,", "")), None);
        let named = source.replace("long,", "long = \"listen\",");
        assert_eq!(argument(&named).as_deref(), Some("--listen=0.0.0.0:9000"));
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
