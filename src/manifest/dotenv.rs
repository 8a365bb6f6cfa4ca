//! Variables of `.env` files, and the names of samples of them.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

/// What projects call a sample of the variables that their program reads.
pub const SAMPLES: &[&str] = &[
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".env.local.example",
    ".env-example",
    ".env-sample",
    ".example.env",
    ".sample.env",
    "env.example",
    "env.sample",
    "example.env",
    "sample.env",
];

/// Lines of one file that are looked at.
const MOST: usize = 2_000;

/// Names and values in the order of the file, as a shell would read them.
pub fn variables(source: &Arc<Source>) -> impl Iterator<Item = (&str, Sourced<String>)> {
    source.text.lines().take(MOST).filter_map(|line| {
        let text = line.trim();
        let text = text.strip_prefix("export ").unwrap_or(text);
        let (name, value) = text.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or(""),
            Some('#') => "",
            _ => value.split(" #").next().unwrap_or("").trim_end(),
        };
        is_name(name).then(|| (name, Sourced::new(value.to_string(), Location::of(source, line))))
    })
}

/// Can a variable have this name?
pub fn is_name(text: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(good) && !text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_read_like_a_shell_would() {
        let text = "# c\nA=1\nexport B = \"x y\" # c\nC=\nD='#'\nE=v # c\nnonsense\n1X=2\n";
        let source = Source::new(".env.example", text);
        let found: Vec<(&str, Sourced<String>)> = variables(&source).collect();
        let pairs: Vec<(&str, &str)> = found.iter().map(|(k, v)| (*k, v.value.as_str())).collect();
        assert_eq!(
            pairs,
            [("A", "1"), ("B", "x y"), ("C", ""), ("D", "#"), ("E", "v")]
        );
        assert_eq!(found[1].1.at.line(), Some(3));
    }
}
