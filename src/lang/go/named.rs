//! Paths that the source puts together: constants that hold one, `filepath.Join("web", "templates")`.

use super::module::Package;
use super::syntax::{self, Token};
use std::collections::BTreeMap;

/// Texts by the name that holds them; `None` where several are given to it.
type Names = BTreeMap<String, Option<String>>;

/// What names hold, in the program's packages and in a file.
pub struct Constants {
    /// Of a package, at its top, by its name: `config.TemplateDir`.
    packages: BTreeMap<String, Names>,
}

impl Constants {
    pub fn read(packages: &[&Package]) -> Self {
        let mut all: BTreeMap<String, Names> = BTreeMap::new();
        for package in packages {
            let names = all.entry(package.name.clone()).or_default();
            for file in &package.files {
                let tokens = syntax::tokens(&file.source.text);
                for (name, text) in given(&tokens) {
                    note(names, name, text);
                }
            }
        }
        Self { packages: all }
    }

    /// The text of the name at `i` of a file of that package, where one text alone is given to it.
    fn text(&self, package: &str, tokens: &[(usize, Token)], i: usize) -> Option<&str> {
        let Token::Word(name) = tokens.get(i)?.1 else {
            return None;
        };
        let of = match &tokens[..i] {
            [.., (_, Token::Word(other)), (_, Token::Punct('.'))] => self.packages.get(*other)?,
            [.., (_, Token::Punct('.'))] => return None,
            _ => self.packages.get(package)?,
        };
        of.get(name)?.as_deref()
    }

    /// The path that the argument at `i` begins with: a constant, or the arguments of `filepath.Join` up to
    /// the first that is only known when the program runs. A first one that holds the folder that the
    /// program was started in is left aside. Not for a text that stands there itself.
    pub fn path(&self, package: &str, tokens: &[(usize, Token)], i: usize) -> Option<String> {
        let joins = tokens[i].1 == Token::Word("Join") && is(tokens, i + 1, '(');
        if !joins {
            // `const Version = "dev"` is no folder of that name.
            let version =
                matches!(tokens[i].1, Token::Word(name) if name.to_ascii_lowercase().contains("version"));
            let alone = !is(tokens, i + 1, '.') && !is(tokens, i + 1, '(') && !assigned(tokens, i);
            let alone = alone && !version;
            return alone.then(|| self.text(package, tokens, i))?.map(str::to_string);
        }
        let mut parts: Vec<&str> = Vec::new();
        let mut at = i + 2;
        let mut first = true;
        loop {
            let end = argument(tokens, at)?;
            let part = match &tokens[at..end] {
                [(_, Token::Text(text))] => Some(text.as_str()),
                [(_, Token::Word(_))] => self.text(package, tokens, at),
                [(_, Token::Word(_)), (_, Token::Punct('.')), (_, Token::Word(_))] => {
                    self.text(package, tokens, at + 2)
                }
                _ => None,
            };
            match (part, &tokens[at..end]) {
                (Some(part), _) => parts.push(part),
                (None, [(_, Token::Word(name))]) if first && HERE.contains(name) => {}
                (None, _) => break,
            }
            if !is(tokens, end, ',') {
                break;
            }
            (at, first) = (end + 1, false);
        }
        // A path from the root of the file system stays one.
        (!parts.is_empty()).then(|| parts.join("/"))
    }
}

/// What people call the folder that the program was started in.
const HERE: &[&str] = &["cwd", "pwd", "wd", "workDir", "workingDir", "workdir"];

/// `name = "text"`, `name := "text"`, `const name string = "text"`.
fn given<'a, 'b>(tokens: &'b [(usize, Token<'a>)]) -> impl Iterator<Item = (&'a str, Option<&'b str>)> {
    (1..tokens.len()).filter_map(|i| {
        let (_, Token::Punct('=')) = tokens[i] else {
            return None;
        };
        let name = match &tokens[..i] {
            [.., (_, Token::Word(name)), (_, Token::Word("string"))] => name,
            [.., (_, Token::Punct('.')), (_, Token::Word(_))] => return None,
            [.., (_, Token::Word(name))] | [.., (_, Token::Word(name)), (_, Token::Punct(':'))] => name,
            _ => return None,
        };
        let text = match tokens.get(i + 1) {
            // What is put together has more than the text.
            Some((_, Token::Text(_))) if is(tokens, i + 2, '+') => None,
            Some((_, Token::Text(text))) => Some(text.as_str()),
            // `==`
            Some((_, Token::Punct('='))) => return None,
            _ => None,
        };
        Some((*name, text))
    })
}

fn note(names: &mut Names, name: &str, text: Option<&str>) {
    let text = text.map(str::to_string);
    names
        .entry(name.to_string())
        .and_modify(|known| {
            if *known != text {
                *known = None;
            }
        })
        .or_insert(text);
}

fn is(tokens: &[(usize, Token)], i: usize, c: char) -> bool {
    tokens.get(i).is_some_and(|(_, t)| *t == Token::Punct(c))
}

/// Is the name given something here, rather than used?
fn assigned(tokens: &[(usize, Token)], i: usize) -> bool {
    is(tokens, i + 1, '=') || is(tokens, i + 1, ':')
}

/// Where the argument that begins at `at` ends: its comma, or the bracket of the call.
fn argument(tokens: &[(usize, Token)], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (i, (_, token)) in tokens.iter().enumerate().skip(at).take(64) {
        match token {
            Token::Punct('(' | '[' | '{') => depth += 1,
            Token::Punct(')') | Token::Punct(',') if depth == 0 => return Some(i),
            Token::Punct(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::go::module::Module;
    use crate::tree::Tree;

    /// The path of the argument of `open(…)`.
    #[track_caller]
    fn check(argument: &str, expected: Option<&str>) {
        let source = format!(
            "package main\nimport \"acme.dev/x/config\"\nconst dir = \"web/pages\"\nconst VERSION = \"dev\"\nvar twice = \"a\"\n\
             func set() {{ twice = \"b\" }}\nfunc main() {{ open({argument}) }}\n"
        );
        let tree = Tree::from_pairs([
            ("go.mod", "module acme.dev/x\n"),
            ("main.go", source.as_str()),
            (
                "config/config.go",
                "package config\nconst (\n\tAssets string = \"static\"\n)\n",
            ),
        ]);
        let module = Module::read(&tree, "").unwrap().unwrap();
        let packages: Vec<&Package> = module.packages.values().collect();
        let constants = Constants::read(&packages);
        let tokens = syntax::tokens(&source);
        let open = tokens
            .iter()
            .position(|(_, t)| *t == Token::Word("open"))
            .unwrap();
        let found = (open + 2..tokens.len())
            .take_while(|i| tokens[*i].1 != Token::Punct('}'))
            .find_map(|i| constants.path("main", &tokens, i));
        assert_eq!(found.as_deref(), expected, "{argument}");
    }

    #[test]
    fn a_path_of_constants_is_put_together() {
        check("dir", Some("web/pages"));
        check("config.Assets", Some("static"));
        check("twice", None);
        check("VERSION", None);
        check("unknown", None);
        check("filepath.Join(dir, \"index.html\")", Some("web/pages/index.html"));
        check("filepath.Join(\"web\", name)", Some("web"));
        check("filepath.Join(wd, config.Assets)", Some("static"));
        check("filepath.Join(home, \".cache\")", None);
        check("filepath.Join(", None);
    }
}
