//! YAML, written: block style, sorted by the caller, every value from a project quoted where it could mean
//! something else.

#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// A key without a value.
    Null,
    /// A number or a truth value, written as it is.
    Plain(String),
    /// Interpolated by Compose; see [`literal`].
    Text(String),
    List(Vec<Yaml>),
    /// A list on one line.
    Words(Vec<String>),
    Map(Map),
}

/// Keys in the order of writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    entries: Vec<(String, Yaml, String)>,
}

impl Map {
    pub fn put(&mut self, key: impl Into<String>, value: Yaml) {
        self.entries.push((key.into(), value, String::new()));
    }

    /// With a comment of one line above.
    pub fn note(&mut self, comment: &str, key: impl Into<String>, value: Yaml) {
        self.entries
            .push((key.into(), value, crate::escape::comment(comment).to_string()));
    }

    pub fn text(&mut self, key: &str, value: impl Into<String>) {
        self.put(key, Yaml::Text(value.into()));
    }

    pub fn plain(&mut self, key: &str, value: impl ToString) {
        self.put(key, Yaml::Plain(value.to_string()));
    }

    /// Nothing for an empty list.
    pub fn list(&mut self, key: &str, items: Vec<String>) {
        if !items.is_empty() {
            self.put(key, Yaml::List(items.into_iter().map(Yaml::Text).collect()));
        }
    }

    /// Nothing for an empty map.
    pub fn map(&mut self, key: &str, map: Map) {
        if !map.is_empty() {
            self.put(key, Yaml::Map(map));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// With a blank line between the entries of the first two levels.
    pub fn document(&self) -> String {
        let mut out = String::new();
        write(&mut out, self, 0);
        out
    }
}

/// A text that Compose shall not interpolate.
pub fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn write(out: &mut String, map: &Map, depth: usize) {
    let indent = "  ".repeat(depth);
    for (i, (key, value, comment)) in map.entries.iter().enumerate() {
        if i > 0 && (depth == 0 || (depth == 1 && matches!(value, Yaml::Map(m) if m.entries.len() > 1))) {
            out.push('\n');
        }
        if !comment.is_empty() {
            *out += &format!("{indent}# {comment}\n");
        }
        *out += &format!("{indent}{}:", scalar(key));
        put(out, value, depth);
    }
}

/// What follows `key:`.
fn put(out: &mut String, value: &Yaml, depth: usize) {
    match value {
        Yaml::Null => out.push('\n'),
        Yaml::Plain(text) => *out += &format!(" {text}\n"),
        Yaml::Text(text) => *out += &format!(" {}\n", scalar(text)),
        Yaml::Words(words) => {
            let words = serde_json::to_string(words).expect("strings are JSON");
            *out += &format!(" {}\n", words.replace("\",\"", "\", \""));
        }
        Yaml::Map(map) => {
            out.push('\n');
            write(out, map, depth + 1);
        }
        Yaml::List(items) => {
            out.push('\n');
            let indent = "  ".repeat(depth + 1);
            for item in items {
                match item {
                    Yaml::Map(map) => {
                        // The first key stands behind the dash.
                        let mut text = String::new();
                        write(&mut text, map, depth + 2);
                        *out += &format!("{indent}- {}", text.trim_start());
                    }
                    Yaml::Text(text) => *out += &format!("{indent}- {}\n", scalar(text)),
                    _ => *out += &format!("{indent}-\n"),
                }
            }
        }
    }
}

/// Plain where nobody could read it as anything but this text; in double quotes otherwise.
fn scalar(text: &str) -> String {
    let good = |c: char| c.is_ascii_alphanumeric() || "_./:@-".contains(c);
    let keyword = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '/')
        && text.chars().all(good)
        && !text.ends_with(':')
        && !keyword
        && text.parse::<f64>().is_err();
    let seconds = text
        .strip_suffix('s')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if plain || seconds {
        return text.to_string();
    }
    crate::escape::json(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_are_plain() {
        for text in [
            "postgres:18-trixie",
            "no-new-privileges:true",
            "./a/b",
            "LOG_LEVEL",
            ".",
        ] {
            assert_eq!(scalar(text), text);
        }
        for text in [
            "",
            "yes",
            "8080",
            "1e3",
            "a: b",
            "a #b",
            "- a",
            "a:",
            "{a",
            "127.0.0.1:1:1",
            ".5",
            "*x",
            "inf",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
        assert_eq!(scalar("a\"\n\\"), r#""a\"\n\\""#);
    }

    #[test]
    fn maps_and_lists_are_indented() {
        let mut inner = Map::default();
        inner.list("l", vec!["x".into(), "1".into()]);
        inner.put("e", Yaml::Null);
        let mut item = Map::default();
        item.text("a", "b");
        item.text("c", "d");
        inner.put("w", Yaml::List(vec![Yaml::Map(item)]));
        let mut root = Map::default();
        root.note("why", "k", Yaml::Map(inner));
        assert_eq!(
            root.document(),
            "# why\nk:\n  l:\n    - x\n    - \"1\"\n  e:\n  w:\n    - a: b\n      c: d\n"
        );
    }
}
