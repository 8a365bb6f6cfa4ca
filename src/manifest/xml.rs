//! XML read into a tree whose elements know their places. Namespaces, comments and processing
//! instructions are left out: no manifest means anything by them.

use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// Elements in elements. No manifest comes near it.
const MAX_DEPTH: usize = 128;

#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Without its namespace.
    pub name: String,
    /// The text directly in the element, trimmed.
    pub text: String,
    /// The text where there is some, else the element.
    pub at: Location,
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn get(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// A child of a child: `path(&["build", "plugins"])`.
    pub fn path(&self, names: &[&str]) -> Option<&Element> {
        names.iter().try_fold(self, |element, name| element.get(name))
    }

    /// The children of the element at `path`; empty where there is none.
    pub fn under(&self, path: &[&str]) -> &[Element] {
        self.path(path).map_or(&[], |e| &e.children)
    }

    /// A child's text with its place, where it is not empty.
    pub fn string(&self, path: &[&str]) -> Option<Sourced<String>> {
        let element = self.path(path)?;
        (!element.text.is_empty()).then(|| Sourced::new(element.text.clone(), element.at.clone()))
    }

    /// A child's text; `""` where there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.get(name).map_or("", |e| &e.text)
    }

    /// This element and all below it.
    pub fn each(&self, visit: &mut dyn FnMut(&Element)) {
        visit(self);
        for child in &self.children {
            child.each(visit);
        }
    }
}

/// # Errors
/// The text is not XML, has a document type, or is nested too deep.
pub fn parse(source: &Arc<Source>) -> Result<Element, Diagnostic> {
    let malformed = |at: Location, what: String| {
        Diagnostic::error(&rules::MALFORMED, format!("{} is not valid XML", source.path))
            .at(at, what)
            .help(format!("mend the marked place in {}", source.path))
    };
    let document = roxmltree::Document::parse(&source.text).map_err(|e| {
        let pos = e.pos();
        let line_start: usize = source
            .text
            .split_inclusive('\n')
            .take(pos.row.saturating_sub(1) as usize)
            .map(str::len)
            .sum();
        let rest = &source.text[line_start.min(source.text.len())..];
        let column: usize = rest
            .chars()
            .take(pos.col.saturating_sub(1) as usize)
            .map(char::len_utf8)
            .sum();
        let end = source.text.trim_end().len().saturating_sub(1);
        let at = (line_start + column).min(end);
        malformed(Location::span(source, at..at + 1), e.to_string())
    })?;
    let root = document.root_element();
    if root.descendants().any(|n| n.ancestors().nth(MAX_DEPTH).is_some()) {
        return Err(malformed(
            Location::whole(source),
            format!("nested more than {MAX_DEPTH} levels"),
        ));
    }
    Ok(element(source, root))
}

fn element(source: &Arc<Source>, node: roxmltree::Node) -> Element {
    let text: String = node
        .children()
        .filter(|c| c.is_text())
        .filter_map(|c| c.text())
        .collect();
    let text = text.trim().to_string();
    let children: Vec<Element> = node
        .children()
        .filter(roxmltree::Node::is_element)
        .map(|c| element(source, c))
        .collect();
    let range = node
        .children()
        .find(|c| c.is_text() && c.text().is_some_and(|t| !t.trim().is_empty()))
        .map_or(node.range(), |t| {
            let whole = &source.text[t.range()];
            let start = t.range().start + (whole.len() - whole.trim_start().len());
            start..start + whole.trim().len()
        });
    // An element over many lines is marked at its first.
    let end = source.text[range.clone()]
        .find('\n')
        .map_or(range.end, |n| range.start + n);
    Element {
        name: node.tag_name().name().to_string(),
        text,
        at: Location::span(source, range.start..end),
        children,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_knows_its_text_and_line() {
        let source = Source::new("pom.xml", "<a xmlns='x'>\n <b>\n  <c> t </c><!-- no --></b></a>");
        let root = parse(&source).unwrap();
        let c = root.string(&["b", "c"]).unwrap();
        assert_eq!((c.value.as_str(), c.at.line()), ("t", Some(3)));
    }

    #[test]
    fn broken_and_hostile_files_are_errors_with_a_line() {
        let broken = Source::new("pom.xml", "<a>\n<b></a>");
        assert_eq!(parse(&broken).unwrap_err().at.unwrap().line(), Some(2));
        assert!(parse(&Source::new("f", "")).is_err());
        assert!(parse(&Source::new("f", "<a>".repeat(5_000))).is_err());
        let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        assert!(parse(&Source::new("f", deep)).is_err());
    }
}
