//! A variable for the program's version, which the build stamps.

use super::module::{Module, Package};
use super::syntax::Token;
use crate::paths;
use crate::source::{Location, Sourced};

/// A package-level string variable named like a version, empty or with a placeholder.
pub fn version_variable(
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
