//! INI files as Python's configparser reads them: sections, keys, values over indented lines.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// `(section, key, value)` in the order of the file; the lines of a long value are joined by line
/// breaks. Lines that fit no form are skipped: only setup.cfg is read so, for hints.
pub fn parse(source: &Arc<Source>) -> Vec<(String, String, Sourced<String>)> {
    let mut out: Vec<(String, String, Sourced<String>)> = Vec::new();
    let mut section = String::new();
    for line in source.text.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with(char::is_whitespace) {
            if let Some((_, _, value)) = out.last_mut() {
                value.value.push('\n');
                value.value += text;
            }
        } else if let Some(name) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = name.trim().to_string();
        } else if let Some((key, value)) = text.split_once(['=', ':']) {
            let at = Location::of(source, line);
            let value = Sourced::new(value.trim().to_string(), at);
            out.push((section.clone(), key.trim().to_lowercase(), value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_on_over_indented_lines() {
        let source = Source::new(
            "setup.cfg",
            "[options]\ninstall_requires =\n    a>=1\n    b\nzip_safe = no\n",
        );
        let found = parse(&source);
        assert_eq!(found[0].2.value, "\na>=1\nb");
        assert_eq!(
            (found[1].0.as_str(), found[1].1.as_str()),
            ("options", "zip_safe")
        );
    }
}
