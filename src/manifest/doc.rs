//! TOML, JSON and YAML read into one tree whose every node knows its place in the file.

use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source, Sourced};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Lists in lists. No manifest comes near it; a recursive parser beyond it would exhaust the stack.
const MAX_DEPTH: usize = 128;
/// Nodes of one document, with YAML's aliases expanded.
const MAX_NODES: usize = 4_000_000;

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// As it is written: `1.10` and `1.1` are two versions.
    Number(String),
    String(String),
    List(Vec<Node>),
    /// In the order of the file.
    Table(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_at: Location,
    pub node: Node,
}

impl Node {
    /// A direct member of a table. The last one wins where a JSON file says a key twice.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .rev()
            .find(|e| e.key == key)
            .map(|e| &e.node)
    }

    /// A member of a member: `path(&["tool", "poetry", "name"])`.
    pub fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// A string, or a number or truth value as it is written.
    pub fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::String(s) | Value::Number(s) => Some(s.clone()),
            Value::Bool(b) => Some(b.to_string()),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The elements of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a table; empty for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    pub fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    /// A string member with its place.
    pub fn string(&self, keys: &[&str]) -> Option<Sourced<String>> {
        let node = self.path(keys)?;
        Some(Sourced::new(node.as_str()?.to_string(), node.at.clone()))
    }

    /// The strings of a list, or a single string; other elements are left out.
    pub fn strings(&self) -> Vec<Sourced<String>> {
        let one = std::slice::from_ref(self);
        let nodes = if self.as_str().is_some() {
            one
        } else {
            self.items()
        };
        nodes
            .iter()
            .filter_map(|n| Some(Sourced::new(n.as_str()?.to_string(), n.at.clone())))
            .collect()
    }
}

fn malformed(source: &Arc<Source>, format: &str, span: Range<usize>, what: impl Into<String>) -> Diagnostic {
    // The end of the file has no text to mark: mark the last line that has some.
    let end = source.text.trim_end().len();
    let span = if span.start >= end && end > 0 {
        end - 1..end
    } else {
        span
    };
    Diagnostic::error(
        &rules::MALFORMED,
        format!("{} is not valid {format}", source.path),
    )
    .at(Location::span(source, span), what)
    .help(format!("mend the marked place in {}", source.path))
}

/// Brackets outside of strings are counted, so that no recursive parser is given a deeper text.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (i, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(i);
                }
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// # Errors
/// The text is not TOML 1.0; the place is the parser's.
pub fn toml(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    let table = toml::de::DeTable::parse(&source.text).map_err(|e| {
        malformed(
            source,
            "TOML",
            e.span().unwrap_or(0..0),
            e.message().replace('\n', ", "),
        )
    })?;
    let whole = 0..source.text.len();
    Ok(from_toml_table(source, table.get_ref(), whole))
}

fn from_toml_table(source: &Arc<Source>, table: &toml::de::DeTable, span: Range<usize>) -> Node {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let entry = Entry {
                key: key.get_ref().to_string(),
                key_at: Location::span(source, key.span()),
                node: from_toml(source, value.get_ref(), value.span()),
            };
            (key.span().start, entry)
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    Node {
        value: Value::Table(entries.into_iter().map(|(_, e)| e).collect()),
        at: Location::span(source, span),
    }
}

fn from_toml(source: &Arc<Source>, value: &toml::de::DeValue, span: Range<usize>) -> Node {
    use toml::de::DeValue as T;
    let value = match value {
        T::String(s) => Value::String(s.to_string()),
        T::Integer(n) => Value::Number(n.as_str().to_string()),
        T::Float(n) => Value::Number(n.as_str().to_string()),
        T::Boolean(b) => Value::Bool(*b),
        T::Datetime(d) => Value::String(d.to_string()),
        T::Array(items) => Value::List(
            items
                .iter()
                .map(|item| from_toml(source, item.get_ref(), item.span()))
                .collect(),
        ),
        T::Table(table) => return from_toml_table(source, table, span),
    };
    Node {
        value,
        at: Location::span(source, span),
    }
}

/// JSON with the comments and trailing commas that tsconfig.json and its kin allow.
///
/// # Errors
/// The text is not even that; an empty file counts as malformed.
pub fn json(source: &Arc<Source>) -> Result<Node, Diagnostic> {
    if let Some(at) = too_deep(&source.text) {
        return Err(malformed(
            source,
            "JSON",
            at..at + 1,
            format!("nested more than {MAX_DEPTH} levels"),
        ));
    }
    let options = jsonc_parser::ParseOptions {
        allow_missing_commas: false,
        ..Default::default()
    };
    let parsed = jsonc_parser::parse_to_ast(&source.text, &Default::default(), &options).map_err(|e| {
        malformed(
            source,
            "JSON",
            e.range().start..e.range().end,
            e.kind().to_string(),
        )
    })?;
    match parsed.value {
        Some(value) => Ok(from_json(source, &value)),
        None => Err(malformed(source, "JSON", 0..0, "the file is empty")),
    }
}

fn from_json(source: &Arc<Source>, value: &jsonc_parser::ast::Value) -> Node {
    use jsonc_parser::ast::{ObjectPropName, Value as J};
    use jsonc_parser::common::Ranged;
    let at = |r: jsonc_parser::common::Range| Location::span(source, r.start..r.end);
    let node = match value {
        J::NullKeyword(_) => Value::Null,
        J::BooleanLit(b) => Value::Bool(b.value),
        J::NumberLit(n) => Value::Number(n.value.to_string()),
        J::StringLit(s) => Value::String(s.value.to_string()),
        J::Array(array) => Value::List(array.elements.iter().map(|v| from_json(source, v)).collect()),
        J::Object(object) => Value::Table(
            object
                .properties
                .iter()
                .map(|p| Entry {
                    key: p.name.as_str().to_string(),
                    key_at: match &p.name {
                        ObjectPropName::String(s) => at(s.range),
                        ObjectPropName::Word(w) => at(w.range),
                    },
                    node: from_json(source, &p.value),
                })
                .collect(),
        ),
    };
    Node {
        value: node,
        at: at(value.range()),
    }
}

/// The documents of a YAML stream. Plain scalars become truth values and null by the core schema
/// of YAML 1.2, numbers stay as written, merge keys are not applied.
///
/// # Errors
/// The text is not YAML, is nested too deep, or its aliases expand without measure.
pub fn yaml(source: &Arc<Source>) -> Result<Vec<Node>, Diagnostic> {
    let ascii = source.text.is_ascii();
    let offsets: Vec<usize> = if ascii {
        Vec::new()
    } else {
        source.text.char_indices().map(|(i, _)| i).collect()
    };
    let byte = |index: usize| {
        if ascii {
            index
        } else {
            offsets.get(index).copied().unwrap_or(source.text.len())
        }
    };
    let mut documents = Vec::new();
    let mut anchors: HashMap<usize, (Node, usize)> = HashMap::new();
    // Each open list or table: its anchor, the nodes so far, where it started, whether a table.
    let mut open: Vec<(usize, Vec<Node>, Range<usize>, bool)> = Vec::new();
    let mut nodes = 0usize;
    for event in Parser::new_from_str(&source.text) {
        let (event, span) = event.map_err(|e| {
            let at = byte(e.marker().index());
            malformed(source, "YAML", at..at, e.info().to_string())
        })?;
        let span = byte(span.start.index())..byte(span.end.index());
        let refuse = |what: &str| Err(malformed(source, "YAML", span.clone(), what));
        let done: Option<(usize, Node)> = match event {
            Event::Scalar(text, style, anchor, _) => {
                nodes += 1;
                let value = match (&*text, style) {
                    ("" | "~" | "null" | "Null" | "NULL", ScalarStyle::Plain) => Value::Null,
                    ("true" | "True" | "TRUE", ScalarStyle::Plain) => Value::Bool(true),
                    ("false" | "False" | "FALSE", ScalarStyle::Plain) => Value::Bool(false),
                    (text, ScalarStyle::Plain) if text.parse::<f64>().is_ok() => Value::Number(text.into()),
                    (text, _) => Value::String(text.into()),
                };
                Some((
                    anchor,
                    Node {
                        value,
                        at: Location::span(source, span.clone()),
                    },
                ))
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                nodes += 1;
                if open.len() >= MAX_DEPTH {
                    return refuse("nested too deep");
                }
                let table = matches!(event, Event::MappingStart(..));
                open.push((anchor, Vec::new(), span.clone(), table));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((anchor, children, start, table)) = open.pop() else {
                    return refuse("a list ends that never began");
                };
                let value = if table {
                    Value::Table(pairs(children))
                } else {
                    Value::List(children)
                };
                let at = Location::span(source, start.start..span.end.max(start.end));
                Some((anchor, Node { value, at }))
            }
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some((node, size)) => {
                    nodes += size;
                    if nodes > MAX_NODES {
                        return refuse("its aliases expand to too many values");
                    }
                    Some((0, node.clone()))
                }
                None => return refuse("an alias of nothing"),
            },
            _ => None,
        };
        if let Some((anchor, node)) = done {
            if anchor > 0 {
                let size = count(&node);
                anchors.insert(anchor, (node.clone(), size));
            }
            match open.last_mut() {
                Some((_, children, _, _)) => children.push(node),
                None => documents.push(node),
            }
        }
    }
    Ok(documents)
}

fn count(node: &Node) -> usize {
    1 + node.items().iter().map(count).sum::<usize>()
        + node.entries().iter().map(|e| count(&e.node)).sum::<usize>()
}

fn pairs(children: Vec<Node>) -> Vec<Entry> {
    let mut children = children.into_iter();
    let mut entries = Vec::new();
    while let (Some(key), Some(node)) = (children.next(), children.next()) {
        entries.push(Entry {
            key: key.scalar().unwrap_or_default(),
            key_at: key.at,
            node,
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Source::new("f", text)
    }

    #[test]
    fn each_format_gives_the_same_tree_with_lines() {
        let formats: [(&str, Node); 3] = [
            ("toml", toml(&source("[a]\nb = [1, \"x\"]\n")).unwrap()),
            (
                "json",
                json(&source("{\"a\":\n{\"b\": [1, \"x\",], // c\n}}")).unwrap(),
            ),
            ("yaml", yaml(&source("a:\n  b: [1, x]\n")).unwrap().remove(0)),
        ];
        for (format, node) in formats {
            let list = node.path(&["a", "b"]).unwrap();
            assert_eq!(list.at.line(), Some(2), "{format}");
            assert_eq!(list.items()[0].value, Value::Number("1".into()), "{format}");
            assert_eq!(list.strings()[0].value, "x", "{format}");
        }
    }

    #[test]
    fn a_broken_file_is_an_error_at_its_line() {
        let broken = [toml(&source("a = 1\nb = \n")), json(&source("{\n\"a\": }"))];
        for result in broken {
            assert_eq!(result.unwrap_err().at.unwrap().line(), Some(2));
        }
        assert!(yaml(&source("a: [\nb: }")).is_err());
        assert!(json(&source("")).is_err());
    }

    #[test]
    fn hostile_nesting_and_aliases_are_refused_without_harm() {
        assert!(json(&source(&"[".repeat(100_000))).is_err());
        assert!(yaml(&source(&"[".repeat(100_000))).is_err());
        assert!(toml(&source(&format!("a = {}", "[".repeat(100_000)))).is_err());
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb += &format!("a{i}: &a{i} [{refs}]\n");
        }
        assert!(yaml(&source(&bomb)).is_err());
    }
}
