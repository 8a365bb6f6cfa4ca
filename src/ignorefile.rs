//! .dockerignore as Docker reads it: order matters, the last matching line wins, `!` brings back, and a
//! pattern that matches a folder hides all below it.
//! Source of the rules: <https://docs.docker.com/build/concepts/context/#syntax>.

use globset::{GlobBuilder, GlobMatcher};

pub struct IgnoreFile {
    rules: Vec<Rule>,
}

struct Rule {
    glob: GlobMatcher,
    brings_back: bool,
}

impl IgnoreFile {
    /// Lines that are no valid pattern are left out, as they hide nothing.
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
            let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
            Some(Rule {
                glob: glob.compile_matcher(),
                brings_back,
            })
        });
        Self {
            rules: rules.collect(),
        }
    }

    /// Is the path (from the context's root) left out of the build context?
    pub fn hides(&self, path: &str) -> bool {
        let mut hidden = false;
        for rule in &self.rules {
            if rule.brings_back == hidden
                && crate::paths::ancestors(path).any(|p| !p.is_empty() && rule.glob.is_match(p))
            {
                hidden = !rule.brings_back;
            }
        }
        hidden
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
    }
}
