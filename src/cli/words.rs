//! Text for a terminal's width.

/// The words in lines of at most `width` characters; a longer word stands alone and whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if count(line) + 1 + count(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

/// `head`, then the text; its further lines stand below its first, or below `indent` where the
/// head leaves no room.
pub fn entry(head: &str, text: &str, width: usize, indent: usize) -> String {
    let own = count(head);
    let indent = if own + 40 <= width { own } else { indent };
    let mut lines: Vec<String> = Vec::new();
    let mut rest = wrap(text, width.saturating_sub(indent).max(10)).into_iter();
    match rest.next() {
        Some(first) if own + count(&first) <= width => lines.push(format!("{head}{first}")),
        Some(first) => lines.extend([head.trim_end().to_string(), format!("{:indent$}{first}", "")]),
        None => lines.push(head.trim_end().to_string()),
    }
    lines.extend(rest.map(|line| format!("{:indent$}{line}", "")));
    lines.join("\n")
}

/// The width of a column. A cell that is longer than any that is read in a table sticks out.
pub fn widest<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.map(count).filter(|n| *n <= 200).max().unwrap_or(0)
}

pub fn count(text: &str) -> usize {
    text.chars().count()
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_any_length_makes_no_wider_column() {
        let long = "x".repeat(100_000);
        assert_eq!(widest(["ab", long.as_str(), "a"].into_iter()), 2);
    }

    #[test]
    fn lines_keep_to_the_width_and_long_words_stay_whole() {
        assert_eq!(
            wrap("a bc def ghijklmnop q", 6),
            ["a bc", "def", "ghijklmnop", "q"]
        );
        assert_eq!(
            entry("a  ", "one two three four five six seven eight nine", 43, 1),
            "a  one two three four five six seven eight\n   nine"
        );
        assert_eq!(
            entry("long-head  ", "one two three four", 20, 4),
            "long-head\n    one two three\n    four"
        );
    }
}
