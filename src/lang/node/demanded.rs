//! Variables of the environment without which the server's modules do not load. Next.js loads them while it
//! builds, to see which pages are static; their real values come when the program runs.

use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::lang::node::source;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::manifest::javascript::{self, Token};
use std::collections::{BTreeMap, BTreeSet};

/// Calls that throw where they are given nothing.
const CALLS: &[&str] = &["createClient", "drizzle", "neon", "postgres"];

/// Part of a variable's name, and a value that what reads it can parse. The first that fits.
const VALUES: &[(&str, &str)] = &[
    ("MONGO", "mongodb://localhost:27017/build"),
    ("MYSQL", "mysql://build:build@localhost:3306/build"),
    ("REDIS", "redis://localhost:6379"),
    ("DATABASE", "postgresql://build:build@localhost:5432/build"),
    ("POSTGRES", "postgresql://build:build@localhost:5432/build"),
    ("DB_", "postgresql://build:build@localhost:5432/build"),
    ("_URL", "http://localhost"),
    ("_URI", "http://localhost"),
    ("ENDPOINT", "http://localhost"),
    ("", "build"),
];

/// Each variable and its value for the build.
pub fn find(facts: &Facts) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    if facts.framework.is_none_or(|f| f.id != "next") {
        return found;
    }
    let mut dirs = vec![facts.dir];
    let members = facts.closure(Reach::Build);
    dirs.extend(members.iter().map(|m| m.dir.as_str()));
    let mut seen = Seen::default();
    for file in dirs.into_iter().flat_map(|dir| files::of(facts.tree, dir)) {
        if let Some(source) = facts.tree.text(file).filter(|s| s.text.contains("process.env")) {
            seen.read(&javascript::tokens(&source.text));
        }
    }
    let given = |name: &str| {
        [".env", ".env.production"].iter().any(|file| {
            let source = facts.tree.text(&in_dir(facts.dir, file));
            let sets = |line: &str| line.split_once('=').is_some_and(|(n, _)| n.trim() == name);
            source.is_some_and(|s| s.text.lines().any(sets))
        })
    };
    // T3's check of the environment is switched off as a whole.
    if seen.skips {
        found.insert("SKIP_ENV_VALIDATION".into(), "1");
    }
    let asked = seen.asserted.difference(&seen.optional).chain(&seen.thrown);
    for name in asked.filter(|n| !source::is_public(n) && *n != "NODE_ENV" && !given(n)) {
        let value = VALUES.iter().find(|(part, _)| name.contains(part));
        found.insert(name.clone(), value.map_or("build", |(_, value)| value));
    }
    found
}

/// How variables are read.
#[derive(Default, Debug, PartialEq)]
struct Seen {
    /// `if (!process.env.A) throw …`
    thrown: BTreeSet<String>,
    /// `process.env.A!`, `new Client(process.env.A)`
    asserted: BTreeSet<String>,
    /// `process.env.A ?? "b"`, `if (process.env.A)`
    optional: BTreeSet<String>,
    skips: bool,
}

impl Seen {
    fn read(&mut self, tokens: &[Token]) {
        for i in 0..tokens.len() {
            let mark = |at: usize, m: char| tokens.get(at).is_some_and(|t| t.is(m));
            let word = |at: usize| tokens.get(at).and_then(Token::word);
            if word(i) != Some("process") || word(i + 2) != Some("env") || !mark(i + 3, '.') {
                continue;
            }
            let Some(name) = word(i + 4) else { continue };
            if name == "SKIP_ENV_VALIDATION" {
                self.skips = true;
                continue;
            }
            let back = |n: usize| i.checked_sub(n);
            let before = |n: usize, m: char| back(n).is_some_and(|at| mark(at, m));
            let next = i + 5;
            if before(1, '!') && !before(2, '!') {
                if throws(tokens, next) {
                    self.thrown.insert(name.to_string());
                }
                continue;
            }
            let condition = before(1, '(') && back(2).and_then(word) == Some("if");
            if condition || before(1, '!') || ['?', '&', '|'].iter().any(|m| mark(next, *m)) {
                self.optional.insert(name.to_string());
                continue;
            }
            let asserted = mark(next, '!') && !mark(next + 1, '=');
            let ends = mark(next, ',') || mark(next, ')');
            let called = before(1, '(')
                && ends
                && back(2)
                    .and_then(word)
                    .is_some_and(|callee| CALLS.contains(&callee) || back(3).and_then(word) == Some("new"));
            if asserted || called {
                self.asserted.insert(name.to_string());
            }
        }
    }
}

/// Does the condition around this place end in a `throw`?
fn throws(tokens: &[Token], at: usize) -> bool {
    let mut depth = 1usize;
    for (i, token) in tokens.iter().enumerate().skip(at).take(40) {
        if token.is('(') {
            depth += 1;
        } else if token.is(')') {
            depth -= 1;
        }
        if depth == 0 {
            let body = i + 1 + usize::from(tokens.get(i + 1).is_some_and(|t| t.is('{')));
            return tokens.get(body).and_then(Token::word) == Some("throw");
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, thrown: &[&str], asserted: &[&str], optional: &[&str]) {
        let mut seen = Seen::default();
        seen.read(&javascript::tokens(text));
        let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        let expected = Seen {
            thrown: set(thrown),
            asserted: set(asserted),
            optional: set(optional),
            skips: false,
        };
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn what_stops_a_module_is_told_from_what_it_can_do_without() {
        check("if (!process.env.A) { throw new Error('A') }", &["A"], &[], &[]);
        check(
            "if (!process.env.A || !process.env.B) throw x",
            &["A", "B"],
            &[],
            &[],
        );
        check("if (!process.env.A) return null", &[], &[], &[]);
        check("new Stripe(process.env.A!, {})", &[], &["A"], &[]);
        check("new MongoClient(process.env.A)", &[], &["A"], &[]);
        check("const sql = neon(process.env.A)", &[], &["A"], &[]);
        check("Number(process.env.A)", &[], &[], &[]);
        check("if (process.env.A) f()", &[], &[], &["A"]);
        check(
            "process.env.A ?? 'b'; process.env.B && f()",
            &[],
            &[],
            &["A", "B"],
        );
        check("if (process.env.A != x) f()", &[], &[], &["A"]);
        check("x = !!process.env.A", &[], &[], &["A"]);
        check("!process.env.A", &[], &[], &[]);
    }
}
