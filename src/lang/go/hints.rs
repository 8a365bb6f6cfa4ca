//! What the program's own source says about its surroundings: the port, files that it opens, files
//! that it writes, a variable for its version.

use super::module::{Module, Package};
use super::ports::{self, Open, Tagged};
use super::syntax::{self, Token};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Hints {
    pub port: Option<Sourced<u16>>,
    /// Reads the environment variable PORT.
    pub port_variable: Option<Location>,
    /// An address that only the container itself can reach.
    pub loopback: Option<Sourced<String>>,
    /// The argument that makes it one that everybody reaches.
    pub opening: Option<String>,
    /// A variable whose default is an address that only the container itself can reach.
    pub opened_by: Option<Sourced<String>>,
    /// Folders and files that the program opens by a relative path, from the repository root, with
    /// the path by which it opens them, which may begin with `../` from the program's own folder.
    pub opens: BTreeSet<(String, String)>,
    /// A database file with a relative path.
    pub database: Option<Sourced<String>>,
    /// `import/path.Var` and its placeholder, for `-ldflags -X`.
    pub version: Option<(Sourced<String>, String)>,
}

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

/// Functions that open what their argument names.
const OPEN: &[&str] = &[
    "AddConfigPath",
    "Dir",
    "DirFS",
    "File",
    "Glob",
    "LoadHTMLFiles",
    "LoadHTMLGlob",
    "Load",
    "New",
    "NewFileSystem",
    "NewWithDatabaseInstance",
    "Open",
    "OpenFile",
    "Overload",
    "ParseFiles",
    "ParseGlob",
    "ReadDir",
    "ReadFile",
    "ServeFile",
    "SetConfigFile",
    "Static",
    "StaticFS",
    "StaticFile",
    "Walk",
    "WalkDir",
];

/// Endings of files that programs read and nobody compiles.
const DATA: &[&str] = &[
    "conf", "csv", "gohtml", "html", "ini", "json", "mmdb", "sql", "tmpl", "toml", "tpl", "txt", "yaml",
    "yml",
];

/// Endings of files that hold a program's settings.
const CONFIGURATION: &[&str] = &[".conf", ".ini", ".json", ".toml", ".yaml", ".yml"];

/// Functions that define a flag or read the environment with a default.
const DEFAULTS: &[&str] = &[
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
            let mut depth = 0usize;
            for (i, (_, token)) in tokens.iter().enumerate() {
                match token {
                    Token::Punct('{') => depth += 1,
                    Token::Punct('}') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                let named = (depth == 0).then(|| ports::variable(&tokens, i)).flatten();
                let call = callee(&tokens, i);
                match token {
                    Token::Text(text) => {
                        if text == "PORT" && hints.port_variable.is_none() {
                            hints.port_variable = Some(place(i));
                        }
                        if let Some((host, port)) = address(text) {
                            let listens =
                                call.is_some_and(|c| LISTEN.contains(&c)) || after_key(&tokens, i, "Addr");
                            let rank = match () {
                                () if listens => 0,
                                () if is_default(&tokens, i) => 1,
                                // Elsewhere an address is as often somebody else's.
                                () if package.dir == main => 3,
                                () if named.is_some() => 4,
                                () => continue,
                            };
                            let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
                            if local && imports(file, "net/http/pprof") {
                                continue;
                            }
                            if local
                                && (rank == 0 || package.dir == main)
                                && hints.loopback.is_none()
                                && rank < 2
                            {
                                hints.loopback = Some(Sourced::new(text.clone(), place(i)));
                                hints.opening = flag(&tokens, i)
                                    .filter(|_| package.dir == main)
                                    .map(|name| format!("-{name}=0.0.0.0:{port}"));
                            }
                            if !local || rank < 2 {
                                let outside =
                                    !host.is_empty() && !local && host != "0.0.0.0" && host != "[::]";
                                if !outside {
                                    ports[rank].get_or_insert_with(|| Sourced::new(port, place(i)));
                                }
                            }
                        } else if let Some(port) = text.parse().ok().filter(|p| *p >= 80)
                            && (is_default(&tokens, i)
                                || (near_port(&tokens, i) && (package.dir == main || reads_port)))
                        {
                            ports[1].get_or_insert_with(|| Sourced::new(port, place(i)));
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
                                    hints.opening = Some(format!("--{name}=0.0.0.0"));
                                }
                                Some(Tagged::Loopback(Open::Never)) if hints.loopback.is_none() => {
                                    hints.loopback = Some(Sourced::new("localhost".into(), place(i)));
                                }
                                _ => {}
                            }
                        }
                        if !creates(call, &tokens[i..]) {
                            opens(tree, module, main, call, text, &mut hints.opens);
                        }
                        if let Some(path) = database(text)
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
                            hints.port_variable.get_or_insert_with(|| place(i));
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
    if hints.port.is_none() && hints.port_variable.is_none() {
        hints.port = hints
            .opens
            .iter()
            .flat_map(|(path, _)| tree.under(path).chain(tree.has(path).then_some(path.as_str())))
            .filter(|p| CONFIGURATION.iter().any(|e| p.ends_with(e)))
            .filter_map(|p| tree.text(p))
            .find_map(|source| ports::configured(&source));
    }
    hints
}

fn imports(file: &syntax::GoFile, path: &str) -> bool {
    file.imports.iter().any(|i| paths::is_under(&i.value, path))
}

/// The name of the standard library's flag whose default the token is.
fn flag<'a>(tokens: &'a [(usize, Token)], i: usize) -> Option<&'a str> {
    let [.., (_, Token::Text(name)), (_, Token::Punct(','))] = &tokens[..i] else {
        return None;
    };
    let of_flag = tokens[i.saturating_sub(10)..i].windows(3).any(|w| {
        matches!(
            w,
            [
                (_, Token::Word("flag")),
                (_, Token::Punct('.')),
                (_, Token::Word("String" | "StringVar"))
            ]
        )
    });
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (of_flag && plain && !name.is_empty()).then_some(name)
}

/// The function in whose argument list the token stands directly.
fn callee<'a>(tokens: &[(usize, Token<'a>)], i: usize) -> Option<&'a str> {
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
fn after_key(tokens: &[(usize, Token)], i: usize, key: &str) -> bool {
    i >= 2 && tokens[i - 1].1 == Token::Punct(':') && tokens[i - 2].1 == Token::Word(key)
}

/// A value in a call that defines a flag or a default, whose name speaks of a port or an address.
fn is_default(tokens: &[(usize, Token)], i: usize) -> bool {
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
fn near_port(tokens: &[(usize, Token)], i: usize) -> bool {
    let before: Vec<&Token> = tokens[i.saturating_sub(4)..i].iter().map(|(_, t)| t).collect();
    before.last() == Some(&&Token::Punct('='))
        && before
            .iter()
            .rev()
            .any(|t| matches!(t, Token::Word(w) if w.to_ascii_lowercase().ends_with("port")))
}

/// `:8080`, `0.0.0.0:8080`, `localhost:8080`, and the host before the colon.
fn address(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let good = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
    if !host.chars().all(good) || port.len() < 2 || !port.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some((host, port.parse().ok().filter(|p| *p > 0)?))
}

/// Is a file of this name made by the call: `os.WriteFile(name, …)`, `os.OpenFile(name, os.O_CREATE|…)`?
fn creates(call: Option<&str>, after: &[(usize, Token)]) -> bool {
    let makes = ["Create", "Mkdir", "Remove", "Rename", "Save", "Write"];
    if call.is_some_and(|c| makes.iter().any(|m| c.contains(m))) {
        return true;
    }
    let rest = after.iter().take_while(|(_, t)| *t != Token::Punct(')'));
    rest.take(12)
        .any(|(_, t)| matches!(t, Token::Word("O_CREATE" | "O_TRUNC" | "O_WRONLY" | "O_APPEND")))
}

fn opens(
    tree: &Tree,
    module: &Module,
    main: &str,
    call: Option<&str>,
    text: &str,
    found: &mut BTreeSet<(String, String)>,
) {
    // A whole name of a data file is one wherever it stands, often as the default of a flag.
    let names_data = text
        .rsplit_once('.')
        .is_some_and(|(stem, end)| !stem.is_empty() && DATA.contains(&end));
    let default = call.is_some_and(|c| DEFAULTS.contains(&c)) && text.starts_with("../");
    if !call.is_some_and(|c| OPEN.contains(&c)) && !names_data && !default {
        return;
    }
    let text = text.strip_prefix("file://").unwrap_or(text);
    // From the folder of the program, in which such a program is started.
    if text.starts_with("../") && main != module.dir {
        let path = paths::join(main, text.trim_end_matches('/'));
        let data = |p: &String| {
            paths::is_under(p, &module.dir)
                && *p != module.dir
                && !tree.under(p).any(|f| f.ends_with(".go"))
                && tree.has_dir(p)
        };
        if let Some(path) = path.filter(data) {
            found.insert((path, text.trim_end_matches('/').to_string()));
        }
        return;
    }
    let fixed = match text.find(['*', '?', '[', '{']) {
        Some(i) => paths::parent(&text[..i]),
        None => text,
    };
    let fixed = fixed.trim_start_matches("./").trim_end_matches('/');
    if fixed.is_empty() || fixed.starts_with(['/', '.', '~']) || fixed.contains("..") {
        return;
    }
    for base in [module.dir.as_str(), main] {
        let Some(path) = paths::join(base, fixed) else {
            continue;
        };
        let of_tools = matches!(
            paths::base(&path),
            "package.json" | "package-lock.json" | "tsconfig.json" | "compose.yaml"
        );
        let is_data = tree.has(&path) && !path.ends_with(".go") && !of_tools;
        // A package that embeds its files needs none of them at run time.
        let embeds =
            |p: &Package| paths::is_under(&p.dir, &path) && p.files.iter().any(|f| !f.embeds.is_empty());
        let is_folder =
            tree.under(&path).any(|f| !f.ends_with(".go")) && !module.packages.values().any(embeds);
        if is_data || is_folder {
            found.insert((path, fixed.to_string()));
            return;
        }
    }
}

/// A relative path of a database file: `app.db`, `file:data/app.sqlite?cache=shared`.
fn database(text: &str) -> Option<String> {
    let path = text.strip_prefix("file:").unwrap_or(text);
    let path = path.split('?').next()?.trim_start_matches("./");
    let below = path.trim_start_matches("../");
    let known = [".db", ".sqlite", ".sqlite3", ".db3"]
        .iter()
        .any(|e| path.ends_with(e) && path.len() > e.len());
    let plain = path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    (known && plain && !path.starts_with('/') && !below.contains("..")).then(|| path.to_string())
}

/// A package-level string variable named like a version, empty or with a placeholder.
fn version_variable(
    module: &Module,
    package: &Package,
    main: &str,
    source: &std::sync::Arc<crate::source::Source>,
    tokens: &[(usize, Token)],
) -> Option<(Sourced<String>, String)> {
    let path = match paths::relative(&package.dir, &module.dir) {
        _ if package.dir == main => "main".to_string(),
        "." => module.path().to_string(),
        below => format!("{}/{below}", module.path()),
    };
    let mut depth = 0usize;
    let mut in_var = false;
    for (i, (at, token)) in tokens.iter().enumerate() {
        match token {
            Token::Punct('{') => depth += 1,
            Token::Punct('}') => depth = depth.saturating_sub(1),
            Token::Word("var") if depth == 0 => in_var = true,
            Token::Word("func" | "const" | "type" | "import") if depth == 0 => in_var = false,
            Token::Word(name @ ("version" | "Version")) if depth == 0 && in_var => {
                let after = &tokens[i + 1..];
                let value = match after {
                    [(_, Token::Punct('=')), (_, Token::Text(v)), (_, next), ..]
                        if *next != Token::Punct('+') =>
                    {
                        v
                    }
                    [
                        (_, Token::Word("string")),
                        (_, Token::Punct('=')),
                        (_, Token::Text(v)),
                        ..,
                    ] => v,
                    [(_, Token::Word("string")), (_, next), ..] if *next != Token::Punct('=') => "",
                    [(_, Token::Word("string"))] => "",
                    _ => continue,
                };
                let placeholder = matches!(
                    value.trim_matches(['(', ')']).to_ascii_lowercase().as_str(),
                    "" | "dev"
                        | "devel"
                        | "development"
                        | "unknown"
                        | "none"
                        | "undefined"
                        | "unset"
                        | "n/a"
                        | "latest"
                        | "snapshot"
                        | "local"
                );
                if placeholder {
                    let at = Location::span(source, *at..*at + name.len());
                    let default = if value.is_empty() {
                        "dev".to_string()
                    } else {
                        value.to_string()
                    };
                    return Some((Sourced::new(format!("{path}.{name}"), at), default));
                }
            }
            _ => {}
        }
    }
    None
}
