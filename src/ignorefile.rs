//! .dockerignore as Docker reads it: order matters, the last matching line wins, `!` brings back, and a
//! pattern that matches a folder hides all below it.
//! Source of the rules: <https://docs.docker.com/build/concepts/context/#syntax>.

pub struct IgnoreFile {
    rules: Vec<Rule>,
}

struct Rule {
    /// The pattern's folders and, last, its name.
    parts: Vec<Part>,
    brings_back: bool,
}

struct Part {
    text: String,
    /// Nothing in it stands for other characters.
    plain: bool,
}

impl Part {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_string(),
            plain: !text.contains(['*', '?', '[', '\\']),
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self.plain {
            true => self.text == name,
            false => pattern_fits(&self.text, name),
        }
    }
}

impl IgnoreFile {
    /// A pattern that is not closed hides nothing.
    pub fn parse(text: &str) -> Self {
        let rules = text.lines().filter_map(|line| {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                return None;
            }
            let (brings_back, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let pattern = pattern.trim_start_matches("./").trim_matches('/');
            Some(Rule {
                parts: pattern.split('/').map(Part::new).collect(),
                brings_back,
            })
        });
        Self {
            rules: rules.collect(),
        }
    }

    /// Is the path (from the context's root) left out of the build context?
    pub fn hides(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        let mut hidden = false;
        for rule in &self.rules {
            if rule.brings_back == hidden && fits(&rule.parts, &path) {
                hidden = !rule.brings_back;
            }
        }
        hidden
    }
}

/// Does the path, or a folder above it, fit the pattern? What matches a folder matches all below it, and
/// `**` stands for any number of folders.
fn fits(pattern: &[Part], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => true,
        Some((first, rest)) if first.text == "**" => {
            if rest.is_empty() {
                return !path.is_empty();
            }
            (0..path.len()).any(|skip| fits(rest, &path[skip..]))
        }
        Some((first, rest)) => match path.split_first() {
            Some((name, below)) => first.fits(name) && fits(rest, below),
            None => false,
        },
    }
}

/// One name by one pattern, as Go's `filepath.Match` has it: `*`, `?`, `[a-z]`, `[^a]`, `\x`.
fn pattern_fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how much it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
        } else if let Some(length) = one_fits(&pattern[p..], name[n]) {
            p += length;
            n += 1;
        } else if let Some((after, swallowed)) = star {
            star = Some((after, swallowed + 1));
            p = after;
            n = swallowed + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// How much of the pattern the character takes, if it fits its beginning.
fn one_fits(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '\\' => (pattern.get(1)? == &c).then_some(2),
        '[' => {
            let end = 2 + pattern.iter().skip(2).position(|c| *c == ']')?;
            let (not, set) = match pattern[1] {
                '^' | '!' => (true, &pattern[2..end]),
                _ => (false, &pattern[1..end]),
            };
            let mut within = false;
            let mut at = 0;
            while at < set.len() {
                if set.get(at + 1) == Some(&'-') && at + 2 < set.len() {
                    within |= (set[at]..=set[at + 2]).contains(&c);
                    at += 3;
                } else {
                    within |= set[at] == c;
                    at += 1;
                }
            }
            (within != not).then_some(end + 1)
        }
        first => (*first == c).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, hidden: &[&str], seen: &[&str]) {
        let file = IgnoreFile::parse(text);
        for path in hidden {
            assert!(file.hides(path), "{path} should be hidden by {text:?}");
        }
        for path in seen {
            assert!(!file.hides(path), "{path} should be seen through {text:?}");
        }
    }

    #[test]
    fn a_pattern_without_stars_matches_the_root_alone() {
        check(
            "node_modules\n",
            &["node_modules", "node_modules/a/b"],
            &["web/node_modules"],
        );
        check("**/node_modules\n", &["node_modules", "web/node_modules/x"], &[]);
        check("/dist/\n", &["dist/a"], &["web/dist"]);
    }

    #[test]
    fn the_last_matching_line_wins() {
        check(
            ".env*\n!.env.example\n",
            &[".env", ".env.local"],
            &[".env.example"],
        );
        check("!a\na\n", &["a"], &[]);
        check("*\n!src\n", &["x"], &["src/deep/file"]);
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        check("*.md\n", &["README.md"], &["docs/a.md"]);
        check("a/*/c\n", &["a/b/c"], &["a/b/b/c"]);
        check("a/**/c\n", &["a/c", "a/b/b/c"], &["c"]);
        check("**\n", &["a", "a/b"], &[]);
        check("a**b\n", &["axb"], &["a/b"]);
    }

    #[test]
    fn sets_questions_and_escapes_are_read() {
        check("*.py[cod]\n", &["a.pyc", ".pyo"], &["a.py", "a.pyx"]);
        check("[a-c]?[^x]\n", &["bxa"], &["dxa", "bxx", "bx"]);
        check("\\*\n[\n", &["*"], &["a", "["]);
        check("a*b*c*d\n", &["aXbXcXd", "abcd", "abbccd"], &["abc", "dabc"]);
    }
}
