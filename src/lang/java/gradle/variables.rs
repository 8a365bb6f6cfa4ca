//! Variables of Gradle's scripts: where an expression or a text names one, its value.

use super::model::Build;
use crate::manifest::gradle::{Statement, Token};
use crate::manifest::properties;

/// References in one value, those of its references included.
const MAX_REFERENCES: usize = 64;

impl Build {
    /// The value that an expression names: a variable of a script, a property, the catalogue.
    pub fn resolve(&self, expression: &str) -> Option<String> {
        let mut left = MAX_REFERENCES;
        self.resolve_within(expression, &mut left)
    }

    fn resolve_within(&self, expression: &str, left: &mut usize) -> Option<String> {
        *left = left.checked_sub(1)?;
        let expression = expression.trim_start_matches('$').trim_matches(['{', '}']);
        if let Some(name) = expression.strip_prefix("libs.versions.") {
            return self.catalogue.version(name);
        }
        let name = expression.rsplit('.').next()?;
        if let Some(value) = properties::get(&self.properties, name) {
            return Some(value.value.clone());
        }
        let projects = self.projects.iter().filter_map(|p| p.script.as_ref());
        let scripts = projects.chain(&self.settings);
        let mut statements = scripts
            .chain(self.conventions.values())
            .chain(self.applied.values())
            .flat_map(|s| &s.statements);
        let value = statements.find_map(|s| set_to(s, name))?;
        match value.first()? {
            Token::Text(text) => self.expand(text, left),
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Some(word.clone()),
            Token::Word(word) if word.starts_with("JavaVersion.") => Some(word.clone()),
            Token::Word(word) if word != expression => self.resolve_within(word, left),
            _ => None,
        }
    }

    /// A text with its `$name` and `${…}` replaced; `None` where one of them is not known.
    pub fn interpolate(&self, text: &str) -> Option<String> {
        let mut left = MAX_REFERENCES;
        self.expand(text, &mut left)
    }

    fn expand(&self, text: &str, left: &mut usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            out += &rest[..start];
            rest = &rest[start + 1..];
            let (name, after) = match rest.strip_prefix('{') {
                Some(inner) => inner.split_once('}')?,
                None => {
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                    rest.split_at(end.unwrap_or(rest.len()))
                }
            };
            out += &self.resolve_within(name, left)?;
            rest = after;
        }
        out += rest;
        Some(out)
    }
}

/// What a statement sets `name` to: `def name = …`, `ext.name = …`, `extra["name"] = …`,
/// `set('name', …)`.
fn set_to<'a>(s: &'a Statement, name: &str) -> Option<&'a [Token]> {
    let declares = matches!(
        s.tokens.first().and_then(Token::word),
        Some("def" | "val" | "var" | "final" | "String")
    );
    let tokens = if declares { &s.tokens[1..] } else { &s.tokens[..] };
    let (key, value) = match tokens {
        [Token::Word(key), Token::Sign('='), value @ ..] => (key.rsplit('.').next()?, value),
        [
            Token::Word(key),
            Token::Word(by),
            Token::Word(_),
            Token::Sign('('),
            value @ ..,
        ] if by == "by" => (key.as_str(), value),
        [
            Token::Word(_),
            Token::Sign('[' | '('),
            Token::Text(key),
            Token::Sign(']' | ','),
            value @ ..,
        ] => (key.as_str(), value),
        _ => return None,
    };
    let value = match value {
        [Token::Sign('='), value @ ..] => value,
        value => value,
    };
    (key == name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::super::model::{self};
    use super::*;
    use crate::tree::Tree;

    fn only(files: &[(&str, &str)]) -> Build {
        let tree = Tree::from_pairs(files.iter().copied());
        let mut builds = model::all(&tree);
        assert_eq!(builds.len(), 1);
        builds.remove(0).unwrap()
    }

    #[test]
    fn variables_are_found_wherever_scripts_keep_them() {
        let script = "def a = '1'\next.b = \"$a.2\"\nval c by extra(\"3\")\next { set('d', '4') }\n";
        let build = only(&[("build.gradle", script), ("gradle.properties", "e=5\n")]);
        for (name, value) in [
            ("a", "1"),
            ("b", "1.2"),
            ("c", "3"),
            ("d", "4"),
            ("rootProject.e", "5"),
        ] {
            assert_eq!(build.resolve(name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn variables_that_refer_to_themselves_end() {
        let script = "a = \"${b}${b}${b}${b}\"\nb = \"${a}${a}${a}${a}\"\nc = c\n";
        let build = only(&[("build.gradle", script)]);
        assert_eq!(build.resolve("a"), None);
        assert_eq!(build.resolve("c"), None);
    }
}
