//! What one Python file says: imports, what its names are made from, functions, calls, the main
//! guard. Read from tokens, so that comments and strings cannot fool it.

use super::expressions::{
    after, before, dotted, is_field, is_guard, is_python2, is_setting, span, split_arguments,
};
use crate::manifest::pysource::{self, Kind, Line, Token};
use crate::paths;
use crate::source::{Location, Source, Sourced};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// A file as far as it is understood.
#[derive(Debug)]
pub struct Module {
    pub path: String,
    pub source: Arc<Source>,
    /// Local name → what it stands for: `Flask` → `flask.Flask`.
    names: BTreeMap<String, String>,
    /// Every module that is imported anywhere in the file, dotted; relative ones begin with a dot.
    pub imports: BTreeSet<String>,
    /// Those of the top level, in no block: without them the file does not load.
    pub firm: Vec<Sourced<String>>,
    /// Names given at the top level.
    pub values: Vec<Value>,
    /// Names in classes, functions and blocks whose value comes from the place of the file or is a
    /// setting by its name; keys of a table of settings: `app.config["NAME"] = …`.
    pub places: Vec<Value>,
    /// Functions of the top level.
    pub functions: Vec<Function>,
    /// Classes of the top level with what they derive from, resolved.
    pub classes: Vec<(String, Vec<String>)>,
    /// Modules all of whose names are imported.
    pub stars: Vec<String>,
    pub calls: Vec<Call>,
    /// `if __name__ == "__main__":`
    pub guard: Option<Location>,
    /// String literals, f-strings apart.
    pub strings: Vec<(String, Location)>,
    /// A statement that Python 3 does not have: `print "x"`.
    pub python2: Option<Location>,
    /// What stands between the quotes of f-strings.
    pub formats: Vec<(String, Location)>,
}

/// `name = …` at the top level.
#[derive(Clone, Debug)]
pub struct Value {
    pub name: String,
    pub at: Location,
    /// What is called to make it, resolved through the imports: `flask.Flask`.
    pub callee: Option<String>,
    /// The strings in the expression, in order.
    pub strings: Vec<String>,
    /// Where the expression lies in the file.
    span: Range<usize>,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub at: Location,
    /// Parameters without a default.
    pub required: usize,
    /// What its body calls, resolved.
    pub calls: Vec<String>,
}

/// `callee(…)` anywhere.
#[derive(Clone, Debug)]
pub struct Call {
    pub callee: String,
    pub at: Location,
    pub in_guard: bool,
    /// In no block at all, so it is made whenever the file is imported.
    pub at_top: bool,
    /// The function of the top level that it is in.
    pub function: Option<String>,
    pub arguments: Vec<Argument>,
    /// The call whose first argument begins with this one: `int` in `int(os.environ.get("X"))`.
    pub within: Option<String>,
    /// The attribute that is taken of the result: `split` in `os.environ.get("X").split()`.
    pub then: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub name: Option<String>,
    /// The value of a string, or a number or name as it is written; `None` for an expression.
    pub value: Option<String>,
    pub is_string: bool,
    /// A list, a tuple or a table in so many words.
    pub is_display: bool,
    /// Strings and numbers anywhere in the expression, in order.
    pub literals: Vec<String>,
    pub at: Location,
    span: Range<usize>,
}

impl Value {
    /// The expression as it is written.
    pub fn expression(&self) -> &str {
        &self.at.source().text[self.span.clone()]
    }
}

impl Argument {
    /// The expression as it is written.
    pub fn expression(&self) -> &str {
        &self.at.source().text[self.span.clone()]
    }
}

impl Call {
    pub fn keyword(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|a| a.name.as_deref() == Some(name))
    }

    pub fn positional(&self, index: usize) -> Option<&Argument> {
        self.arguments.iter().filter(|a| a.name.is_none()).nth(index)
    }
}

impl Module {
    pub fn read(source: &Arc<Source>) -> Self {
        let mut module = Module {
            path: source.path.clone(),
            source: source.clone(),
            names: BTreeMap::new(),
            imports: BTreeSet::new(),
            firm: Vec::new(),
            values: Vec::new(),
            places: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            stars: Vec::new(),
            calls: Vec::new(),
            guard: None,
            strings: Vec::new(),
            formats: Vec::new(),
            python2: None,
        };
        let lines = pysource::lines(&source.text);
        for line in &lines {
            module.import(&line.tokens, line.indent == 0);
        }
        let mut guard: Option<usize> = None;
        let mut function: Option<usize> = None;
        for line in &lines {
            if guard.is_some_and(|indent| line.indent <= indent) {
                guard = None;
            }
            if line.indent == 0 && !line.tokens.first().is_some_and(|t| t.is("@")) {
                function = None;
            }
            if is_guard(&line.tokens) {
                guard = Some(line.indent);
                module.guard = line.tokens.first().map(|t| t.at(source));
            }
            if line.indent == 0 && module.function(line) {
                function = Some(module.functions.len() - 1);
            }
            if line.indent == 0 {
                module.value(&line.tokens);
                module.class(&line.tokens);
            } else if line.tokens.iter().any(|t| t.is("__file__"))
                || line.tokens.first().is_some_and(|t| is_setting(t.text))
                || is_field(&line.tokens)
            {
                let known = module.values.len();
                module.value(&line.tokens);
                let found = module.values.split_off(known);
                module.places.extend(found);
            }
            module.item(&line.tokens);
            module.call(line, guard.is_some(), function);
            if module.python2.is_none() && is_python2(&line.tokens) {
                module.python2 = line.tokens.first().map(|t| t.at(source));
            }
            for token in &line.tokens {
                if let Some(value) = token.string() {
                    module.strings.push((value, token.at(source)));
                } else if let Some(inner) = token.formatted() {
                    module.formats.push((inner.to_string(), token.at(source)));
                }
            }
        }
        module
    }

    /// Imported names, each with what it stands for.
    pub fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names
            .iter()
            .map(|(name, full)| (name.as_str(), full.as_str()))
    }

    /// The value of a name at the top level; the last one counts.
    pub fn value_of(&self, name: &str) -> Option<&Value> {
        self.values.iter().rev().find(|v| v.name == name)
    }

    /// The same, or a name further in that stands for a place.
    pub fn place_of(&self, name: &str) -> Option<&Value> {
        self.value_of(name)
            .or_else(|| self.places.iter().find(|v| v.name == name))
    }

    /// A field of a class, with its type and a default: `data_dir: str = "data"`.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.places.iter().find(|v| v.name == name)
    }

    /// Does the file import this module or something below it?
    pub fn imports(&self, module: &str) -> bool {
        self.imports
            .iter()
            .any(|i| i == module || i.strip_prefix(module).is_some_and(|r| r.starts_with('.')))
    }

    /// `main` for `src/app/main.py`; the package's own name for `__init__.py`.
    pub fn stem(&self) -> &str {
        match paths::base(&self.path).strip_suffix(".py") {
            Some("__init__") => paths::base(paths::parent(&self.path)),
            Some(stem) => stem,
            None => paths::base(&self.path),
        }
    }

    fn import(&mut self, tokens: &[Token], at_top: bool) {
        let Some(first) = tokens.first() else { return };
        if first.is("import") {
            for part in tokens[1..].split(|t| t.is(",")) {
                let (name, rest) = dotted(part);
                if name.is_empty() {
                    continue;
                }
                if at_top {
                    self.firm.push(Sourced::new(name.clone(), first.at(&self.source)));
                }
                self.imports.insert(name.clone());
                match rest {
                    [as_, alias, ..] if as_.is("as") => {
                        self.names.insert(alias.text.into(), name);
                    }
                    _ => {
                        let top = name.split('.').next().unwrap_or(&name).to_string();
                        self.names.insert(top.clone(), top);
                    }
                }
            }
        } else if first.is("from") {
            let Some(at) = tokens.iter().position(|t| t.is("import")) else {
                return;
            };
            let from: String = tokens[1..at].iter().map(|t| t.text).collect();
            if at_top {
                self.firm.push(Sourced::new(from.clone(), first.at(&self.source)));
            }
            self.imports.insert(from.clone());
            let list: Vec<Token> = tokens[at + 1..]
                .iter()
                .filter(|t| !t.is("(") && !t.is(")"))
                .copied()
                .collect();
            for part in list.split(|t| t.is(",")) {
                let Some(name) = part.first() else { continue };
                if name.is("*") {
                    self.stars.push(from.clone());
                    continue;
                }
                let alias = if part.len() == 3 { part[2] } else { *name };
                let full = match from.ends_with('.') {
                    true => format!("{from}{}", name.text),
                    false => format!("{from}.{}", name.text),
                };
                // A submodule or a name in the module: which one, only the files can tell.
                if at_top {
                    self.firm.push(Sourced::new(full.clone(), name.at(&self.source)));
                }
                self.imports.insert(full.clone());
                self.names.insert(alias.text.into(), full);
            }
        }
    }

    fn resolve(&self, name: &str) -> String {
        let (first, rest) = name.split_once('.').map_or((name, ""), |(a, b)| (a, b));
        match self.names.get(first) {
            Some(full) if rest.is_empty() => full.clone(),
            Some(full) => format!("{full}.{rest}"),
            None => name.to_string(),
        }
    }

    /// `a = …`, `a: T = …`, `a = b = …`; of `a, b = …` the first name.
    fn value(&mut self, tokens: &[Token]) {
        let [name, rest @ ..] = tokens else { return };
        if name.kind != Kind::Name {
            return;
        }
        let Some(equals) = rest.iter().position(|t| t.is("=")) else {
            return;
        };
        let is_tuple = || rest[..equals].iter().all(|t| t.kind == Kind::Name || t.is(","));
        if equals > 0 && !rest[0].is(":") && !(rest[0].is(",") && is_tuple()) {
            return;
        }
        let mut expression = &rest[equals + 1..];
        let mut names = vec![*name];
        while let [another, equals, ..] = expression
            && another.kind == Kind::Name
            && equals.is("=")
        {
            names.push(*another);
            expression = &expression[2..];
        }
        if expression.first().is_some_and(|t| t.is("await")) {
            expression = &expression[1..];
        }
        let (callee, after) = dotted(expression);
        let called = !callee.is_empty() && after.first().is_some_and(|t| t.is("("));
        let span = span(&self.source, expression);
        for name in names {
            self.values.push(Value {
                name: name.text.into(),
                at: name.at(&self.source),
                callee: called.then(|| self.resolve(&callee)),
                strings: expression.iter().filter_map(Token::string).collect(),
                span: span.clone(),
            });
        }
    }

    /// `app.config["NAME"] = …`
    fn item(&mut self, tokens: &[Token]) {
        let Some(equals) = tokens.iter().position(|t| t.is("=")) else {
            return;
        };
        let [_, .., open, key, close] = &tokens[..equals] else {
            return;
        };
        let name = key.string().filter(|n| is_setting(n));
        if let Some(name) = name.filter(|_| open.is("[") && close.is("]")) {
            let expression = &tokens[equals + 1..];
            self.places.push(Value {
                name,
                at: key.at(&self.source),
                callee: None,
                strings: expression.iter().filter_map(Token::string).collect(),
                span: span(&self.source, expression),
            });
        }
    }

    fn class(&mut self, tokens: &[Token]) {
        let [class, name, open, bases @ ..] = tokens else {
            return;
        };
        if class.is("class") && open.is("(") {
            let bases = split_arguments(bases)
                .iter()
                .map(|base| self.resolve(&dotted(base).0))
                .collect();
            self.classes.push((name.text.into(), bases));
        }
    }

    fn function(&mut self, line: &Line) -> bool {
        let tokens = &line.tokens;
        let at = match tokens.first() {
            Some(t) if t.is("def") => 1,
            Some(t) if t.is("async") && tokens.get(1).is_some_and(|t| t.is("def")) => 2,
            _ => return false,
        };
        let (Some(name), Some(open)) = (tokens.get(at), tokens.get(at + 1)) else {
            return false;
        };
        if !open.is("(") {
            return false;
        }
        let required = split_arguments(&tokens[at + 2..])
            .iter()
            .filter(|p| p.first().is_some_and(|t| t.kind == Kind::Name) && !p.iter().any(|t| t.is("=")))
            .count();
        self.functions.push(Function {
            name: name.text.into(),
            at: name.at(&self.source),
            required,
            calls: Vec::new(),
        });
        true
    }

    fn call(&mut self, line: &Line, in_guard: bool, function: Option<usize>) {
        let tokens = &line.tokens;
        let defines = |i: usize| i > 0 && (tokens[i - 1].is("def") || tokens[i - 1].is("class"));
        let mut i = 0;
        while i < tokens.len() {
            let (name, rest) = dotted(&tokens[i..]);
            let length = tokens.len() - i - rest.len();
            let subscript = matches!(rest.first(), Some(t) if t.is("["));
            if !name.is_empty() && (subscript || matches!(rest.first(), Some(t) if t.is("("))) && !defines(i)
            {
                let callee = self.resolve(&name);
                // `os.environ["X"]` counts as a call of `os.environ`.
                if let Some(function) = function
                    && line.indent > 0
                {
                    self.functions[function].calls.push(callee.clone());
                }
                let within = before(&tokens[..i]).map(|name| self.resolve(&name));
                let then = match after(&rest[1..]) {
                    [dot, name, ..] if dot.is(".") && name.kind == Kind::Name => Some(name.text.to_string()),
                    _ => None,
                };
                self.calls.push(Call {
                    callee,
                    within,
                    then,
                    at: tokens[i].at(&self.source),
                    in_guard,
                    at_top: line.indent == 0,
                    function: function.map(|f| self.functions[f].name.clone()),
                    arguments: split_arguments(&rest[1..])
                        .iter()
                        .filter_map(|a| self.argument(a))
                        .collect(),
                });
            }
            i += length.max(1);
        }
    }

    fn argument(&self, tokens: &[Token]) -> Option<Argument> {
        let (name, value) = match tokens {
            [name, equals, value @ ..] if name.kind == Kind::Name && equals.is("=") => {
                (Some(name.text.to_string()), value)
            }
            value => (None, value),
        };
        let first = value.first()?;
        let alone = value.len() == 1;
        Some(Argument {
            name,
            value: match first.kind {
                _ if !alone => None,
                Kind::String => first.string(),
                _ => Some(first.text.to_string()),
            },
            is_string: alone && first.kind == Kind::String,
            is_display: ["[", "(", "{"].iter().any(|open| first.is(open)),
            literals: value
                .iter()
                .filter_map(|t| match t.kind {
                    Kind::Number => Some(t.text.to_string()),
                    _ => t.string(),
                })
                .collect(),
            at: first.at(&self.source),
            span: span(&self.source, value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        Module::read(&Source::new("app/main.py", text))
    }

    #[test]
    fn a_name_is_known_by_what_makes_it_whatever_it_was_imported_as() {
        let m = module(
            "import flask as f\nfrom fastapi import (FastAPI as Api,\n  Request)\n\
             a = f.Flask(__name__)\nb: Api = Api(title='x')\nc = other.thing\n# d = Api()\n",
        );
        assert_eq!(m.value_of("a").unwrap().callee.as_deref(), Some("flask.Flask"));
        assert_eq!(
            m.value_of("b").unwrap().callee.as_deref(),
            Some("fastapi.FastAPI")
        );
        assert_eq!(m.value_of("c").unwrap().callee, None);
        assert!(m.value_of("d").is_none());
        assert!(m.imports("fastapi") && !m.imports("fast"));
    }

    #[test]
    fn every_name_that_is_given_a_value_has_it() {
        let m = module(
            "from fasthtml.common import *\na, rt = fast_app()\nx = y = f.g('z')\nd['k'] = f()\nclass Own(flask.Flask, Mixin):\n    b = f()\n",
        );
        assert_eq!(m.stars, ["fasthtml.common"]);
        let names: Vec<&str> = m.values.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names, ["a", "x", "y"]);
        assert_eq!(m.value_of("x").unwrap().callee.as_deref(), Some("f.g"));
        assert_eq!(
            m.classes,
            [("Own".into(), vec!["flask.Flask".into(), "Mixin".into()])]
        );
    }

    #[test]
    fn calls_know_where_they_are_and_their_arguments() {
        let m = module(
            "import uvicorn, os\ndef create_app(config=None, *, x=1):\n    return Flask(__name__)\n\
             def other(a, b: int): pass\nif __name__ == '__main__':\n    uvicorn.run('m:app', host=\"0.0.0.0\", port=int(os.environ.get('PORT', 9000)))\n",
        );
        assert_eq!(m.functions[0].required, 0);
        assert_eq!(m.functions[1].required, 2);
        assert_eq!(m.functions[0].calls, ["Flask"]);
        let run = m.calls.iter().find(|c| c.callee == "uvicorn.run").unwrap();
        assert!(run.in_guard);
        assert_eq!(run.positional(0).unwrap().value.as_deref(), Some("m:app"));
        assert_eq!(run.keyword("host").unwrap().value.as_deref(), Some("0.0.0.0"));
        assert_eq!(run.keyword("port").unwrap().literals, ["PORT", "9000"]);
        assert!(m.guard.is_some());
    }

    #[test]
    fn statements_of_python_2_are_told_from_names() {
        for old in [
            "print 'x'",
            "print x",
            "exec 'y'",
            "raise a.B, 'c'",
            "if x:\n    print 1",
        ] {
            assert!(module(old).python2.is_some(), "{old}");
        }
        for new in [
            "print('x')",
            "print = 1",
            "print",
            "raise A('b'), c",
            "# print 'x'",
        ] {
            assert!(module(new).python2.is_none(), "{new}");
        }
    }
}
