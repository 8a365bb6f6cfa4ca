//! Brackets, values and names among the tokens of a file: what [`super::commands`] walks over.

use super::syntax::Token;

pub type Tokens<'a> = [(usize, Token<'a>)];

/// `. Command {` or `. App {` after the library's name, where no list of them is made and no function
/// returns one.
pub fn literal(tokens: &Tokens, i: usize) -> Option<usize> {
    let made = words(tokens, i + 1, &[".", "Command", "{"]) || words(tokens, i + 1, &[".", "App", "{"]);
    let other = matches!(&tokens[..i], [.., (_, Token::Punct('*' | ']' | ')'))]);
    (made && !other).then_some(i + 3)
}

/// The variable that the literal whose type begins at `i` is for.
pub fn assigned(tokens: &Tokens, i: usize) -> String {
    let mut before = &tokens[..i];
    if let [rest @ .., (_, Token::Punct('&'))] = before {
        before = rest;
    }
    match before {
        [
            ..,
            (_, Token::Word(name)),
            (_, Token::Punct(':')),
            (_, Token::Punct('=')),
        ]
        | [.., (_, Token::Word(name)), (_, Token::Punct('='))] => name.to_string(),
        _ => String::new(),
    }
}

/// The name of the function whose declaration begins here.
pub fn function(tokens: &Tokens) -> String {
    let after_receiver = match tokens.get(1) {
        Some((_, Token::Punct('('))) => closing(tokens, 1) + 1,
        _ => 1,
    };
    match tokens.get(after_receiver) {
        Some((_, Token::Word(name))) => name.to_string(),
        _ => String::new(),
    }
}

pub fn words(tokens: &Tokens, at: usize, expected: &[&str]) -> bool {
    expected
        .iter()
        .enumerate()
        .all(|(n, word)| match tokens.get(at + n) {
            Some((_, Token::Word(w))) => w == word,
            Some((_, Token::Punct(c))) => word.len() == 1 && word.starts_with(*c),
            _ => false,
        })
}

/// The bracket that closes the one at `open`, or the end.
pub fn closing(tokens: &Tokens, open: usize) -> usize {
    let mut depth = 0usize;
    for (i, (_, token)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Punct('(' | '[' | '{') => depth += 1,
            Token::Punct(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The comma after the value at `at`, or `end`.
pub fn after_value(tokens: &Tokens, at: usize, end: usize) -> usize {
    let mut i = at;
    while i < end {
        match tokens[i].1 {
            Token::Punct('(' | '[' | '{') => i = closing(tokens, i),
            Token::Punct(',') => return i,
            _ => {}
        }
        i += 1;
    }
    end
}

/// Does a function end in showing the help?
pub fn helps(value: &Tokens) -> bool {
    let last = &value[value.len().saturating_sub(9)..];
    last.iter().any(|(_, t)| {
        matches!(t, Token::Word(w) if w.contains("Help") || w.contains("Usage") || w.eq_ignore_ascii_case("help"))
    })
}
