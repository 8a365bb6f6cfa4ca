//! Paths as a program's source puts them together: `path.join(__dirname, '..', 'data')`, a constant, the
//! default of a variable of the environment.

use crate::manifest::javascript::{Kind, Token};
use crate::paths;
use crate::source::Source;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of the package as it was read.
pub struct Module {
    pub source: Arc<Source>,
    pub tokens: Vec<Token>,
}

/// A path that an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// As it is written: below the folder that the program runs in, or absolute.
    Text(String),
    /// From the repository's root, put together from the place of the file.
    File(String),
}

/// Names that say of a property where something stands, and not of what: `path` is no such name.
fn is_place(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = [
        "dir",
        "directory",
        "file",
        "filename",
        "folder",
        "location",
        "path",
    ];
    words
        .iter()
        .any(|w| name.strip_suffix(w).is_some_and(|rest| rest.len() > 1))
}

/// Names hold names at most so often.
const DEPTH: usize = 6;

/// Expressions in expressions; one that is nested deeper says nothing.
const NESTED: usize = 24;

/// Expressions that are read for one place; names that are given many others would multiply without end.
const STEPS: usize = 2_000;

/// What the names of a package stand for.
pub struct Places<'a> {
    modules: &'a [Module],
    /// Of a name the file, and the token after its `=` or `:`, wherever it is given something.
    names: BTreeMap<&'a str, Vec<(usize, usize)>>,
    /// Those left for this place.
    steps: Cell<usize>,
}

impl<'a> Places<'a> {
    pub fn new(modules: &'a [Module]) -> Self {
        let mut names: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        for (file, module) in modules.iter().enumerate() {
            for (i, pair) in module.tokens.windows(2).enumerate() {
                let Some(name) = pair[0].word() else { continue };
                let before = |n: usize| i.checked_sub(n).map(|b| &module.tokens[b]);
                // `dir: string = …`
                let typed = before(1).is_some_and(|t| t.is(':'));
                let name = match before(2).and_then(Token::word).filter(|_| typed) {
                    Some(typed) if pair[1].is('=') => typed,
                    _ => name,
                };
                if pair[1].is('=') || pair[1].is(':') && is_place(name) {
                    names.entry(name).or_default().push((file, i + 2));
                }
            }
        }
        Self {
            modules,
            names,
            steps: Cell::new(0),
        }
    }

    /// What the expression at a token of a file comes to.
    pub fn at(&self, file: usize, token: usize) -> Option<Place> {
        self.steps.set(STEPS);
        self.reader(file, token, 0).expression()
    }

    fn reader(&self, file: usize, token: usize, depth: usize) -> Reader<'_> {
        Reader {
            places: self,
            file,
            at: token,
            depth,
            nested: 0,
        }
    }

    /// What a name stands for: in the file itself, else where just one file knows it.
    fn named(&self, file: usize, name: &str, depth: usize) -> Option<Place> {
        if depth > DEPTH {
            return None;
        }
        let given = self.names.get(name)?;
        let value = |(f, at): &(usize, usize)| self.reader(*f, *at, depth + 1).expression();
        let own = given.iter().filter(|(f, _)| *f == file).find_map(value);
        let constant = name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        own.or_else(|| {
            if !constant && !is_place(name) {
                return None;
            }
            let mut all = given.iter().take(20).filter_map(value);
            let first = all.next()?;
            all.all(|p| p == first).then_some(first)
        })
    }
}

/// Reads one expression.
struct Reader<'a> {
    places: &'a Places<'a>,
    file: usize,
    at: usize,
    depth: usize,
    nested: usize,
}

impl<'a> Reader<'a> {
    fn module(&self) -> &'a Module {
        &self.places.modules[self.file]
    }

    fn token(&self, ahead: usize) -> Option<&'a Token> {
        self.module().tokens.get(self.at + ahead)
    }

    fn is(&self, ahead: usize, mark: char) -> bool {
        self.token(ahead).is_some_and(|t| t.is(mark))
    }

    fn skip(&mut self, mark: char) -> bool {
        let there = self.is(0, mark);
        self.at += usize::from(there);
        there
    }

    /// The last of `a || b`, which is taken where the others are nothing.
    fn expression(&mut self) -> Option<Place> {
        let steps = self.places.steps.get();
        if self.nested > NESTED || steps == 0 {
            return None;
        }
        self.places.steps.set(steps - 1);
        self.nested += 1;
        let value = self.alternatives();
        self.nested -= 1;
        value
    }

    fn alternatives(&mut self) -> Option<Place> {
        let mut value = self.term();
        loop {
            let or = ['|', '?'].into_iter().any(|m| self.is(0, m) && self.is(1, m));
            if or {
                self.at += 2;
                value = self.term().or(value);
            } else if self.is(0, '?') && !self.is(1, '.') {
                // `asked ? a : b`
                self.at += 1;
                let yes = self.expression();
                value = match self.skip(':') {
                    true => self.expression().or(yes),
                    false => None,
                };
            } else {
                return value;
            }
        }
    }

    fn term(&mut self) -> Option<Place> {
        let token = self.token(0)?;
        match &token.kind {
            Kind::String(text) => {
                self.at += 1;
                Some(Place::Text(text.clone()))
            }
            Kind::Template(text) => {
                self.at += 1;
                self.template(text)
            }
            Kind::Mark('(') => {
                self.at += 1;
                let inside = self.expression();
                self.skip(')').then_some(inside)?
            }
            Kind::Word(_) => self.chain(),
            _ => None,
        }
    }

    /// `process.cwd()`, `Database.dataDir`, `require('path').join(…)`.
    fn chain(&mut self) -> Option<Place> {
        let mut value = None;
        let mut first = true;
        let mut before = "";
        loop {
            let word = self.token(0)?.word()?;
            self.at += 1;
            if word == "new" || word == "await" {
                continue;
            }
            value = if self.is(0, '(') {
                self.at += 1;
                self.call(word)
            } else {
                match word {
                    "__dirname" => Some(Place::File(self.folder())),
                    "__filename" => Some(Place::File(self.module().source.path.clone())),
                    "dirname" if before == "meta" => Some(Place::File(self.folder())),
                    "url" | "filename" if before == "meta" => {
                        Some(Place::File(self.module().source.path.clone()))
                    }
                    "env" if before == "process" || before == "meta" => return self.variable(),
                    _ if self.depth > DEPTH || !first && (value.is_some() || !is_place(word)) => None,
                    name => self.places.named(self.file, name, self.depth + 1),
                }
            };
            before = word;
            first = false;
            self.at += usize::from(self.is(0, '?') && self.is(1, '.') || self.is(0, '!') && self.is(1, '.'));
            if !self.skip('.') {
                self.elements(&mut value);
                return value;
            }
        }
    }

    /// `args["data-dir"]` tells nothing.
    fn elements(&mut self, value: &mut Option<Place>) {
        while self.is(0, '[') {
            self.at = super::ports::closing(&self.module().tokens, self.at) + 1;
            *value = None;
        }
    }

    /// The rest of `env.NAME`, `env['NAME']`: what the environment says is unknown.
    fn variable(&mut self) -> Option<Place> {
        if self.skip('.') {
            self.at += 1;
        } else if self.is(0, '[') {
            self.at = super::ports::closing(&self.module().tokens, self.at) + 1;
        }
        None
    }

    fn folder(&self) -> String {
        paths::parent(&self.module().source.path).to_string()
    }

    /// A call, from its first argument on.
    fn call(&mut self, word: &str) -> Option<Place> {
        let end = super::ports::closing(&self.module().tokens, self.at - 1);
        let mut arguments = Vec::new();
        while self.at < end && arguments.len() < 8 {
            arguments.push(self.expression());
            if !self.skip(',') {
                break;
            }
        }
        let whole = self.at == end;
        self.at = end + 1;
        let mut arguments = whole.then_some(arguments)?.into_iter();
        match word {
            "cwd" => Some(Place::Text(".".into())),
            "join" | "resolve" => {
                let first = arguments.next()??;
                arguments.try_fold(first, |place, next| below(place, &next?))
            }
            "dirname" => Some(match arguments.next()?? {
                Place::Text(text) => Place::Text(match paths::parent(&text) {
                    "" => ".".into(),
                    folder => folder.into(),
                }),
                Place::File(path) => Place::File(paths::parent(&path).into()),
            }),
            // `new URL('../data', import.meta.url)`
            "URL" => match (arguments.next()??, arguments.next()??) {
                (text @ Place::Text(_), Place::File(path)) => {
                    below(Place::File(paths::parent(&path).into()), &text)
                }
                _ => None,
            },
            "fileURLToPath" | "normalize" | "String" => arguments.next()?,
            _ => None,
        }
    }

    /// `${__dirname}/data`
    fn template(&self, text: &str) -> Option<Place> {
        let (name, rest) = text.strip_prefix("${")?.split_once('}')?;
        let base = match name.trim() {
            "__dirname" | "import.meta.dirname" => Place::File(self.folder()),
            "process.cwd()" => Place::Text(".".into()),
            name => self
                .places
                .named(self.file, name.rsplit('.').next()?, self.depth + 1)?,
        };
        below(base, &Place::Text(rest.trim_start_matches('/').into()))
    }
}

/// `path.join(base, text)`
fn below(base: Place, next: &Place) -> Option<Place> {
    let Place::Text(next) = next else { return None };
    Some(match base {
        Place::Text(text) => Place::Text(format!("{}/{next}", text.trim_end_matches('/'))),
        Place::File(path) => Place::File(paths::join(&path, next.trim_start_matches('/'))?),
    })
}
