//! Paths as the source puts them together, from the repository's root.

use super::{Seen, Source};
use crate::lang::python::django::ups;
use crate::lang::python::source::{Call, Module, Value};
use crate::manifest::pysource;
use crate::paths;
use crate::source::Location;

/// Ways to ask a variable of the environment, with a default.
const ASKS: &[&str] = &[
    "os.environ.get(",
    "environ.get(",
    "os.getenv(",
    "getenv(",
    "env.path(",
    "env.str(",
    "env(",
    "config(",
];

impl Seen<'_> {
    /// The folder that an expression begins with: `BASE_DIR / …`, `os.path.dirname(__file__)`; `None` where
    /// a name in it tells nothing.
    pub fn base(&self, module: &Module, text: &str, depth: usize) -> Option<String> {
        if text.contains("__file__") {
            if self.source == Source::Installed {
                return None;
            }
            let mut folder = module.path.as_str();
            for _ in 0..ups(text) {
                folder = paths::parent(folder);
            }
            return (folder != module.path).then(|| folder.to_string());
        }
        let known = |name: &str| module.place_of(name).is_some();
        let mut names = names_in(text).filter(|name| !PATH_WORDS.contains(name));
        match names.next() {
            None => Some(self.workdir.to_string()),
            Some(name) if known(name) && depth < 4 => {
                let mut folder = self.value_path(module, module.place_of(name)?, depth + 1)?;
                // `os.path.dirname(SOURCE_DIR)`, `ROOT.parent`
                let ups = ["dirname(", ".parent", "pardir"];
                for _ in 0..ups.iter().map(|up| text.matches(up).count()).sum() {
                    folder = paths::parent(&folder).to_string();
                }
                Some(folder)
            }
            // What others define is by its name the folder of the program, or unknown.
            Some(name) => {
                let name = name.to_lowercase();
                let is_base = ["base", "cwd", "here", "project", "root"]
                    .iter()
                    .any(|w| name.contains(w));
                let copied = self.source == Source::Copied;
                (is_base && copied).then(|| self.workdir.to_string())
            }
        }
    }

    /// What an expression comes to: `os.path.join(BASE, "data")`; of a variable of the environment its
    /// default.
    pub fn evaluate(&self, module: &Module, expression: &str, depth: usize) -> Option<String> {
        let expression = &settings_named(otherwise(expression));
        let lines = pysource::lines(expression);
        let tokens = lines.iter().flat_map(|l| &l.tokens);
        let mut strings: Vec<String> = tokens.filter_map(|t| t.string()).collect();
        let mut text = without_strings(expression).replace("environ.Path(", "Path(");
        if let Some(rest) = asked(&text) {
            // The first string is the variable's name.
            let default = strings.len() > 1 || names_in(&rest).any(|n| !PATH_WORDS.contains(&n));
            if !default || strings.is_empty() {
                return None;
            }
            strings.remove(0);
            text = rest;
        }
        let lists = text.contains('{') || text.replace("parents[", "").contains('[');
        // What another name adds to the first is unknown.
        let names = names_in(&text).filter(|n| !PATH_WORDS.contains(n)).count();
        if text.contains("env") || lists || names > 1 {
            return None;
        }
        let base = self.base(module, &text, depth)?;
        match strings.join("/").as_str() {
            "" | "." => Some(base),
            path if path.starts_with('/') || path.contains(['{', '%', ' ', '?', '\n', ':']) => None,
            path => paths::join(&base, path),
        }
    }

    /// The path that a name stands for.
    pub fn value_path(&self, module: &Module, value: &Value, depth: usize) -> Option<String> {
        self.evaluate(module, value.expression(), depth)
    }

    /// The same, where it is none of the program's own folders.
    pub fn stands_for(&self, module: &Module, name: &str) -> Option<String> {
        let path = match module.place_of(name) {
            Some(value) => self.value_path(module, value, 0)?,
            None => self.field(name)?,
        };
        (path != self.workdir && path != self.facts.dir).then_some(path)
    }

    /// `settings.data_dir`, where one class alone has a field of that name with a default.
    fn field(&self, name: &str) -> Option<String> {
        let (_, field) = name.rsplit_once('.')?;
        let mut found = self
            .facts
            .modules
            .iter()
            .filter_map(|m| Some((m, m.field(field)?)));
        let (module, value) = found.next()?;
        if found.next().is_some() {
            return None;
        }
        // `Field(default="./data", description="…")`
        let given = value.expression().strip_prefix("Field(");
        let default = given.map(|g| g.trim_start().trim_start_matches("default="));
        match default {
            Some(default) => {
                let quote = default.chars().next().filter(|c| ['"', '\''].contains(c))?;
                self.below(default[1..].split(quote).next()?)
            }
            None => self.value_path(module, value, 0),
        }
    }

    /// The path in a call's first argument: a string, or a name that stands for one.
    pub fn argument(&self, module: &Module, call: &Call) -> Option<String> {
        let argument = call.positional(0)?;
        match &argument.value {
            Some(value) if argument.is_string => self.below(value),
            Some(name) => self.stands_for(module, name),
            // `os.path.join(HERE, "x")`, where every part is known.
            None => {
                let text = &settings_named(argument.expression());
                if module.place_of(text).is_some() {
                    return self.stands_for(module, text);
                }
                let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                if text.contains('.') && text.chars().all(plain) {
                    return self.stands_for(module, text);
                }
                let code = without_strings(text);
                let names = names_in(&code).filter(|n| !PATH_WORDS.contains(n));
                let path = (names.count() <= 1).then(|| self.evaluate(module, text, 0))??;
                (path != self.workdir && path != self.facts.dir).then_some(path)
            }
        }
    }
}

/// The line that the place is in, from its beginning.
pub fn whole_line(at: &Location) -> &str {
    let text = &at.source().text;
    let start = at
        .range()
        .map_or(0, |r| text[..r.start].rfind('\n').map_or(0, |i| i + 1));
    text[start..].lines().next().unwrap_or_default()
}

/// Names in expressions of paths that are of Python's own.
pub const PATH_WORDS: &[&str] = &[
    "Path", "True", "absolute", "abspath", "as_posix", "cast", "dirname", "fspath", "getcwd", "join",
    "joinpath", "normpath", "os", "pardir", "parent", "path", "pathlib", "realpath", "resolve", "str",
    "strict",
];

/// The names of an expression, attributes among them.
pub fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| w.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// The expression without what stands in quotes, and without a comment.
pub fn without_strings(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut comment = false;
    for c in text.chars() {
        comment &= c != '\n';
        match quote {
            None if c == '#' || comment => comment = true,
            None if c == '"' || c == '\'' => quote = Some(c),
            None => out.push(c),
            Some(q) if q == c => quote = None,
            Some(_) => {}
        }
    }
    out
}

/// `app.config["DATA"]` as the name that it is in the table of settings: `DATA`.
fn settings_named(expression: &str) -> String {
    let mut out = String::new();
    let mut rest = expression;
    while let Some((before, after)) = rest.split_once(".config[") {
        let quote = after.chars().next().filter(|c| ['"', '\''].contains(c));
        let key = quote.and_then(|q| after[1..].split_once(q));
        let Some((key, after)) = key.and_then(|(key, after)| Some((key, after.strip_prefix(']')?))) else {
            break;
        };
        let named = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        out += before.trim_end_matches(named);
        out += key;
        rest = after;
    }
    out + rest
}

/// What is taken where all else is nothing: the last of `a or b`.
fn otherwise(expression: &str) -> &str {
    let mut quote = None;
    let mut last = 0;
    for (i, c) in expression.char_indices() {
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            None if expression[i..].starts_with(" or ") => last = i + " or ".len(),
            Some(q) if q == c => quote = None,
            _ => {}
        }
    }
    // Inside of brackets it is a part of the expression.
    let tail = &expression[last..];
    let depth = |open: char, close: char| tail.matches(open).count() == tail.matches(close).count();
    if depth('(', ')') { tail } else { expression }
}

/// The expression without the question for a variable of the environment, where it asks one.
fn asked(text: &str) -> Option<String> {
    let starts = |call: &&&str| {
        let at = text.find(**call)?;
        let before = text[..at].chars().next_back();
        before
            .is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
            .then_some(at)
    };
    let (call, at) = ASKS.iter().find_map(|call| Some((call, starts(&call)?)))?;
    let rest = format!("{}({}", &text[..at], &text[at + call.len()..]);
    Some(rest.replace("default=", " "))
}
