//! Dependencies in a script's own header, by PEP 723: `# /// script`.

use super::frameworks::SCRIPTS;
use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::paths;
use crate::source::Source;
use crate::tree::Tree;
use std::sync::Arc;

const BEGIN: &str = "# /// script";
const END: &str = "# ///";

/// The script of a folder that has such a header: the one with a usual name, or the only one.
///
/// # Errors
/// A header that is no TOML.
pub fn find(tree: &Tree, dir: &str) -> Result<Option<(String, Node)>, Diagnostic> {
    let has = |path: &&str| tree.text(path).is_some_and(|s| block(&s.text).is_some());
    let scripts: Vec<&str> = tree
        .files_in(dir)
        .filter(|p| p.ends_with(".py"))
        .filter(has)
        .collect();
    let usual = SCRIPTS
        .iter()
        .find_map(|name| scripts.iter().find(|p| paths::base(p) == *name));
    let Some(path) = usual.or(scripts.first().filter(|_| scripts.len() == 1)) else {
        return Ok(None);
    };
    let Some(source) = tree.text(path) else {
        return Ok(None);
    };
    let node = doc::toml(&masked(&source))?;
    Ok(Some((path.to_string(), node)))
}

/// The lines of the header, from its first to its last.
fn block(text: &str) -> Option<(usize, usize)> {
    let mut begin = None;
    for (i, line) in text.lines().enumerate() {
        match begin {
            None if line.trim_end() == BEGIN => begin = Some(i),
            Some(first) if line.trim_end() == END => return Some((first, i)),
            Some(_) if !line.starts_with('#') => begin = None,
            _ => {}
        }
    }
    None
}

/// The file with nothing left but the header's TOML, everything at its place.
fn masked(source: &Arc<Source>) -> Arc<Source> {
    let lines = block(&source.text);
    let mut out = String::with_capacity(source.text.len());
    for (i, line) in source.text.split_inclusive('\n').enumerate() {
        let inside = lines.is_some_and(|(first, last)| first < i && i < last);
        match line.strip_prefix('#').filter(|_| inside) {
            Some(toml) => {
                out.push(' ');
                out.push_str(toml);
            }
            None => out.extend(line.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })),
        }
    }
    Source::new(&source.path, &out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_where_it_stands() {
        let text = "#!/usr/bin/env -S uv run\n# é\n# /// script\n# requires-python = \">=3.12\"\n# dependencies = [\n#   \"rich\",\n# ]\n# ///\nprint('# ///')\n";
        let tree = Tree::from_pairs([("sync.py", text), ("other.py", "print(1)")]);
        let (path, node) = find(&tree, "").unwrap().unwrap();
        assert_eq!(path, "sync.py");
        assert_eq!(node.get("dependencies").unwrap().strings()[0].value, "rich");
        assert_eq!(node.get("requires-python").unwrap().at.line(), Some(4));
        let open = Tree::from_pairs([("a.py", "# /// script\nx = 1\n")]);
        assert!(find(&open, "").unwrap().is_none());
        let broken = Tree::from_pairs([("a.py", "# /// script\n# x = [\n# ///\n")]);
        assert!(find(&broken, "").is_err());
    }
}
