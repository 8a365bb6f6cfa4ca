//! What the program's own source says about its surroundings: the port, files that it opens, files
//! that it writes, a variable for its version.

use super::module::{Module, Package};
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
    /// Folders and files that the program opens by a relative path, from the repository root, with
    /// the path by which it opens them.
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
    let mut ports: [Option<Sourced<u16>>; 4] = [None, None, None, None];
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
            for (i, (_, token)) in tokens.iter().enumerate() {
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
                                () => continue,
                            };
                            let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
                            if local
                                && (rank == 0 || package.dir == main)
                                && hints.loopback.is_none()
                                && rank < 2
                            {
                                hints.loopback = Some(Sourced::new(text.clone(), place(i)));
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
                        }
                        opens(tree, module, main, call, text, &mut hints.opens);
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
                        }
                    }
                    // gin: `r.Run()` without an argument listens on 8080, or on PORT.
                    Token::Word("Run") if imports(file, "github.com/gin-gonic/gin") => {
                        if matches!(
                            tokens.get(i + 1..i + 3),
                            Some([(_, Token::Punct('(')), (_, Token::Punct(')'))])
                        ) {
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
    hints
}

fn imports(file: &syntax::GoFile, path: &str) -> bool {
    file.imports.iter().any(|i| paths::is_under(&i.value, path))
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
    if !call.is_some_and(|c| OPEN.contains(&c)) && !names_data {
        return;
    }
    let text = text.strip_prefix("file://").unwrap_or(text);
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
        let is_folder = tree.under(&path).any(|f| !f.ends_with(".go"));
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
    let known = [".db", ".sqlite", ".sqlite3", ".db3"]
        .iter()
        .any(|e| path.ends_with(e) && path.len() > e.len());
    let plain = path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    (known && plain && !path.starts_with('/') && !path.contains("..")).then(|| path.to_string())
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
