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

/// Lines below the first begin `indent` further right.
pub fn hanging(text: &str, width: usize, indent: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent).max(10));
    lines.join(&format!("\n{}", " ".repeat(indent)))
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
    fn lines_keep_to_the_width_and_long_words_stay_whole() {
        assert_eq!(
            wrap("a bc def ghijklmnop q", 6),
            ["a bc", "def", "ghijklmnop", "q"]
        );
        assert_eq!(hanging("one two three four", 14, 4), "one two\n    three four");
    }
}
