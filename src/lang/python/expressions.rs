//! Pieces of a line of tokens: dotted names, arguments, the marks of Python 2 and of a main guard.

use crate::manifest::pysource::{Kind, Token};
use crate::source::Source;
use std::ops::Range;
use std::sync::Arc;

/// Is this the name of a setting: `DATA_DIR`?
pub fn is_setting(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && name.chars().all(plain)
}

/// A field of a class that names a place: `data_dir: str = "data"`.
pub fn is_field(tokens: &[Token]) -> bool {
    let [name, colon, .., _] = tokens else {
        return false;
    };
    let names_a_place = ["dir", "directory", "folder", "path"].iter().any(|word| {
        name.text
            .strip_suffix(word)
            .is_some_and(|r| r.is_empty() || r.ends_with('_'))
    });
    colon.is(":") && names_a_place && tokens.iter().any(|t| t.is("="))
}

/// From the first of the tokens to the end of the last.
pub fn span(source: &Arc<Source>, tokens: &[Token]) -> Range<usize> {
    let range = |t: Option<&Token>| t.and_then(|t| t.at(source).range()).unwrap_or(0..0);
    range(tokens.first()).start..range(tokens.last()).end
}

/// `a.b.c` at the front of the tokens, and what follows it.
pub fn dotted<'a, 'b>(tokens: &'b [Token<'a>]) -> (String, &'b [Token<'a>]) {
    let mut name = String::new();
    let mut i = 0;
    while let Some(token) = tokens.get(i).filter(|t| t.kind == Kind::Name) {
        name += token.text;
        i += 1;
        match tokens.get(i..i + 2) {
            Some([dot, next]) if dot.is(".") && next.kind == Kind::Name => {
                name.push('.');
                i += 1;
            }
            _ => break,
        }
    }
    (name, &tokens[i..])
}

/// `a.b` where the tokens end with `a.b(`.
pub fn before(tokens: &[Token]) -> Option<String> {
    let [names @ .., open] = tokens else { return None };
    if !open.is("(") {
        return None;
    }
    let mut start = names.len();
    while start > 0 && names[start - 1].kind == Kind::Name {
        start -= 1;
        if start == 0 || !names[start - 1].is(".") {
            break;
        }
        start -= 1;
    }
    let (name, _) = dotted(&names[start..]);
    (!name.is_empty()).then_some(name)
}

/// Tokens that the arguments of one call are looked for in.
const LONGEST: usize = 5_000;
/// Python reads no brackets that are nested deeper than this.
const DEEPEST: usize = 200;

/// What follows the bracket that closes the list.
pub fn after<'a, 'b>(tokens: &'b [Token<'a>]) -> &'b [Token<'a>] {
    let mut depth = 0usize;
    for (i, token) in tokens.iter().take(LONGEST).enumerate() {
        match token.text {
            _ if token.kind != Kind::Op => {}
            "(" | "[" | "{" if depth == DEEPEST => break,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return &tokens[i + 1..],
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
    }
    &[]
}

/// The arguments up to the bracket that closes the list.
pub fn split_arguments<'a, 'b>(tokens: &'b [Token<'a>]) -> Vec<&'b [Token<'a>]> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (i, token) in tokens.iter().take(LONGEST).enumerate() {
        match token.text {
            _ if token.kind != Kind::Op => {}
            "(" | "[" | "{" if depth == DEEPEST => break,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => {
                out.push(&tokens[start..i]);
                break;
            }
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => {
                out.push(&tokens[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    out.retain(|a| !a.is_empty());
    out
}

/// `print "x"`, `exec "x"`, `raise E, "x"`: no Python 3 reads these.
pub fn is_python2(tokens: &[Token]) -> bool {
    match tokens {
        [first, second, ..] if first.is("print") || first.is("exec") => {
            let operator = ["and", "as", "if", "in", "is", "not", "or", "for"]
                .iter()
                .any(|w| second.is(w));
            second.kind != Kind::Op && !operator
        }
        [first, rest @ ..] if first.is("raise") => {
            let (error, after) = dotted(rest);
            !error.is_empty() && after.first().is_some_and(|t| t.is(","))
        }
        _ => false,
    }
}

pub fn is_guard(tokens: &[Token]) -> bool {
    let is_main = |t: &Token| t.string().as_deref() == Some("__main__");
    match tokens {
        [i, name, equals, main, ..] if i.is("if") && equals.is("==") => {
            (name.is("__name__") && is_main(main)) || (main.is("__name__") && is_main(name))
        }
        _ => false,
    }
}
