//! What the program's own source says about its surroundings: the port, files that it opens, files
//! that it writes, a variable for its version. One walk over its tokens.

use super::calls::{address, after_key, callee, is_default, near_port};
use super::commands;
use super::configured::configured;
use super::data;
use super::flags::{self, Flag};
use super::module::{Module, Package};
use super::named::Constants;
use super::opened::{creates, database, opens};
use super::ports::{self, Open, Tagged};
use super::settings;
use super::stamp::version_variable;
use super::syntax::{self, Token};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An argument that makes the program listen on all addresses.
pub struct Opening {
    pub words: String,
    /// After the command, as the libraries have it whose flags belong to one of several commands.
    pub after: bool,
}

#[derive(Default)]
pub struct Hints {
    pub port: Option<Sourced<u16>>,
    /// The environment variable that it reads its port from: PORT, or one that has no default.
    pub port_variable: Option<Sourced<String>>,
    /// An address that only the container itself can reach.
    pub loopback: Option<Sourced<String>>,
    /// The argument that makes it one that everybody reaches.
    pub opening: Option<Opening>,
    /// A variable whose default is an address that only the container itself can reach.
    pub opened_by: Option<Sourced<String>>,
    /// Folders and files that the program opens by a relative path, from the repository root, with
    /// the path by which it opens them, which may begin with `../` from the program's own folder.
    pub opens: BTreeSet<(String, String)>,
    /// A folder that it keeps data in unless it is told another, relative or absolute.
    pub data: Option<Sourced<String>>,
    /// It makes folders, and asks for the one of its user.
    pub home: Option<Location>,
    /// A file without which the program ends, and which the image has empty.
    pub insisted: Option<Sourced<String>>,
    /// A database file with a relative path.
    pub database: Option<Sourced<String>>,
    /// `import/path.Var` and its placeholder, for `-ldflags -X`.
    pub version: Option<(Sourced<String>, String)>,
}

/// Hosts that only the container itself reaches.
const LOOPBACK: &[&str] = &["127.0.0.1", "::1", "localhost"];

/// Functions that take an address to listen on.
const LISTEN: &[&str] = &[
    "Listen",
    "ListenAndServe",
    "ListenAndServeTLS",
    "ListenTLS",
    "Run",
    "RunTLS",
    "Start",
    "StartTLS",
    "Serve",
    "StartServer",
];

/// Endings of files that hold a program's settings.
const CONFIGURATION: &[&str] = &[
    ".conf",
    ".env",
    ".ini",
    ".json",
    ".properties",
    ".toml",
    ".yaml",
    ".yml",
];

/// Functions that define a flag or read the environment with a default.
pub const DEFAULTS: &[&str] = &[
    "Int",
    "IntP",
    "IntVar",
    "IntVarP",
    "String",
    "StringP",
    "StringVar",
    "StringVarP",
    "Uint",
    "UintVar",
    "Uint16",
    "SetDefault",
    "Getenv",
    "LookupEnv",
    "GetEnv",
    "getEnv",
    "getenv",
    "GetenvDefault",
    "envOr",
    "EnvOr",
    "getEnvOrDefault",
    "GetEnvOrDefault",
    "env",
    "Env",
];

pub fn gather(tree: &Tree, module: &Module, main: &str, packages: &[&Package]) -> Hints {
    let mut hints = Hints::default();
    // Best evidence first: an address in a call that listens, a default named port, any address.
    let mut ports: [Option<Sourced<u16>>; 5] = [const { None }; 5];
    let mut variables: Vec<Sourced<String>> = Vec::new();
    let mut makes_folders = false;
    let commands = packages
        .iter()
        .flat_map(|p| &p.files)
        .any(|f| commands::LIBRARIES.iter().any(|(_, path)| imports(f, path)));
    let constants = Constants::read(packages);
    let mut ordered: Vec<&&Package> = packages.iter().collect();
    ordered.sort_by_key(|p| (p.dir != main, p.dir.clone()));
    for package in ordered {
        for file in &package.files {
            let source = &file.source;
            let tokens = syntax::tokens(&source.text);
            let reads_port = tokens.iter().any(|(_, t)| *t == Token::Text("PORT".into()));
            let place = |i: usize| {
                let (at, ref token) = tokens[i];
                let len = match token {
                    Token::Text(t) => t.len() + 2,
                    Token::Word(w) | Token::Number(w) => w.len(),
                    Token::Punct(_) => 1,
                };
                Location::span(source, at..at + len)
            };
            settings::named(tree, module, &package.name, &constants, &tokens, &mut hints.opens);
            if hints.insisted.is_none() {
                hints.insisted = settings::insisted(&tokens, &place);
            }
            let mut depth = 0usize;
            for (i, (_, token)) in tokens.iter().enumerate() {
                match token {
                    Token::Punct('{') => depth += 1,
                    Token::Punct('}') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                let named = (depth == 0).then(|| ports::variable(&tokens, i)).flatten();
                let named = named.or_else(|| ports::numbered(&tokens, i));
                let call = callee(&tokens, i);
                if let Token::Word(_) = token
                    && !creates(call, &tokens[i..])
                    && let Some(path) = constants.path(&package.name, &tokens, i)
                {
                    opens(tree, module, main, call, &path, &mut hints.opens);
                }
                match token {
                    Token::Text(text) => {
                        if text == "PORT" && hints.port_variable.is_none() {
                            hints.port_variable = Some(Sourced::new(text.clone(), place(i)));
                        } else if let Some(name) = ports::variable_of_port(text, call) {
                            variables.push(Sourced::new(name.to_string(), place(i)));
                        }
                        if LOOPBACK.contains(&text.as_str())
                            && hints.loopback.is_none()
                            && let Some(flag) = flags::of_default(&tokens, i).filter(Flag::of_host)
                        {
                            hints.loopback = Some(Sourced::new(text.clone(), place(i)));
                            hints.opening = Some(flag.opening("0.0.0.0"));
                        }
                        if let Some((host, port)) = address(text) {
                            let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
                            let all = matches!(host, "" | "0.0.0.0" | "[::]");
                            let own = !ports::of_others(port);
                            let called = call.is_some_and(|c| LISTEN.contains(&c));
                            let listens = called || after_key(&tokens, i, "Addr") && own;
                            let added = i > 0 && tokens[i - 1].1 == Token::Punct('+');
                            let rank = match () {
                                () if listens => 0,
                                () if !own => continue,
                                () if is_default(&tokens, i) => 1,
                                () if added || port < 1024 => continue,
                                // Elsewhere an address is as often somebody else's.
                                () if package.dir == main && !ports::of_another(&tokens, i) => 3,
                                () if named.is_some() || all && ports::given(&tokens, i) => 4,
                                () => continue,
                            };
                            // What listens in a tailnet is none of the container's.
                            let apart = local && imports(file, "net/http/pprof");
                            if apart || imports(file, "tailscale.com/tsnet") {
                                continue;
                            }
                            let flag = flags::of_default(&tokens, i);
                            // A flag of a package is one of the program where nothing gives it commands.
                            let own =
                                package.dir == main || !commands && flag.as_ref().is_some_and(Flag::of_host);
                            if local && (rank == 0 || own) && hints.loopback.is_none() && rank < 2 {
                                hints.loopback = Some(Sourced::new(text.clone(), place(i)));
                                let flag = flag.filter(|f| f.after || own);
                                hints.opening = flag.map(|f| f.opening(&format!("0.0.0.0:{port}")));
                            }
                            if all || local && rank < 2 {
                                ports[rank].get_or_insert_with(|| Sourced::new(port, place(i)));
                            }
                        } else if let Some(port) = text.parse().ok().filter(|p| *p >= 80)
                            && (is_default(&tokens, i)
                                || (near_port(&tokens, i) && (package.dir == main || reads_port)))
                        {
                            ports[1].get_or_insert_with(|| Sourced::new(port, place(i)));
                        } else if let Some(port) = named {
                            ports[4].get_or_insert_with(|| Sourced::new(port, place(i)));
                        } else if let [.., (_, Token::Word(field)), (_, Token::Word(_))] = &tokens[..i] {
                            match ports::tag(field, text) {
                                Some(Tagged::Port(port)) => {
                                    ports[2].get_or_insert_with(|| Sourced::new(port, place(i)));
                                }
                                Some(Tagged::Loopback(Open::Variable(name))) => {
                                    hints
                                        .opened_by
                                        .get_or_insert_with(|| Sourced::new(name, place(i)));
                                }
                                Some(Tagged::Loopback(Open::Flag(name))) if hints.loopback.is_none() => {
                                    hints.loopback = Some(Sourced::new("localhost".into(), place(i)));
                                    hints.opening = Some(Opening {
                                        words: format!("--{name}=0.0.0.0"),
                                        after: false,
                                    });
                                }
                                Some(Tagged::Loopback(Open::Never)) if hints.loopback.is_none() => {
                                    hints.loopback = Some(Sourced::new("localhost".into(), place(i)));
                                }
                                _ => {}
                            }
                        }
                        if !creates(call, &tokens[i..]) && !data::joined(&tokens, i, call) {
                            opens(tree, module, main, call, text, &mut hints.opens);
                        }
                        if hints.data.is_none()
                            && let Some(folder) = data::folder(&tokens, i, text, call)
                        {
                            hints.data = Some(Sourced::new(folder, place(i)));
                        }
                        if let Some(path) = database(ports::default(text).unwrap_or(text))
                            && hints.database.is_none()
                        {
                            hints.database = Some(Sourced::new(path, place(i)));
                        }
                    }
                    Token::Number(number) => {
                        if let Some(port) = number.parse().ok().filter(|p| *p >= 80)
                            && is_default(&tokens, i)
                        {
                            ports[1].get_or_insert_with(|| Sourced::new(port, place(i)));
                        } else if let Some(port) = named {
                            ports[4].get_or_insert_with(|| Sourced::new(port, place(i)));
                        }
                    }
                    Token::Word("UserHomeDir" | "UserConfigDir" | "UserCacheDir") if hints.home.is_none() => {
                        hints.home = Some(place(i));
                    }
                    Token::Word("Mkdir" | "MkdirAll") => makes_folders = true,
                    // gin: `r.Run()` without an argument listens on 8080, or on PORT.
                    Token::Word("Run") if imports(file, "github.com/gin-gonic/gin") => {
                        // `exec.Command("open").Run()` is none of gin's.
                        let of_name = matches!(
                            &tokens[i.saturating_sub(2)..i],
                            [(_, Token::Word(_)), (_, Token::Punct('.'))]
                        );
                        let bare = matches!(
                            tokens.get(i + 1..i + 3),
                            Some([(_, Token::Punct('(')), (_, Token::Punct(')'))])
                        );
                        if of_name && bare {
                            ports[2].get_or_insert_with(|| Sourced::new(8080, place(i)));
                            let variable = || Sourced::new("PORT".to_string(), place(i));
                            hints.port_variable.get_or_insert_with(variable);
                        }
                    }
                    _ => {}
                }
            }
            if hints.version.is_none() && paths::is_under(&package.dir, &module.dir) {
                hints.version = version_variable(module, package, main, source, &tokens);
            }
        }
    }
    hints.port = ports.into_iter().flatten().next();
    hints.home = hints.home.filter(|_| makes_folders);
    for (path, said) in settings::folders(tree, module, &hints.opens) {
        hints.opens.insert((path, said));
    }
    if hints.port.is_none() && hints.port_variable.is_none() {
        hints.port = hints
            .opens
            .iter()
            .flat_map(|(path, _)| tree.under(path).chain(tree.has(path).then_some(path.as_str())))
            .filter(|p| CONFIGURATION.iter().any(|e| p.ends_with(e)))
            .filter_map(|p| tree.text(p))
            .find_map(|source| configured(&source));
    }
    if hints.port.is_none() && hints.port_variable.is_none() {
        (hints.port_variable, hints.port) = settings::variable(tree, module, &variables);
    }
    if hints.database.is_none() {
        let files = hints.opens.iter().filter_map(|(path, _)| tree.text(path));
        let mut settings = files.filter(|s| CONFIGURATION.iter().any(|e| s.path.ends_with(e)));
        hints.database = settings.find_map(|source| configured_database(&source));
    }
    hints
}

/// `db_path = data/app.db`
fn configured_database(source: &Arc<Source>) -> Option<Sourced<String>> {
    let lines = source.text.lines().take(2_000);
    lines
        .map(str::trim)
        .filter(|l| !l.starts_with(['#', ';']))
        .find_map(|line| {
            let (_, value) = line.split_once(['=', ':'])?;
            let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
            Some(Sourced::new(database(value)?, Location::of(source, line)))
        })
}

fn imports(file: &syntax::GoFile, path: &str) -> bool {
    file.imports.iter().any(|i| paths::is_under(&i.value, path))
}
