//! What the program opens by a path from its working folder, and that is in the repository: pages,
//! templates, data. An image that holds the jar alone has none of it.

use super::facts::{Facts, Package};
use super::sources;
use crate::decision::Because;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;

/// A file or folder that is copied beside the program.
pub struct Opened {
    /// In the repository.
    pub path: String,
    /// From the program's working folder.
    pub name: String,
    pub because: Because,
}

/// Calls whose path is one of the file system, however short it is.
const CALLS: &[&str] = &[
    "File(",
    "FileInputStream(",
    "FileReader(",
    "Path(",
    "Path.of(",
    "Paths.get(",
    "externalLocation(",
    "setBaseResourceAsString(",
    "setResourceBase(",
];

/// Folders that hold what is compiled, and what the build makes.
const BUILT: &[&str] = &[
    "build",
    "out",
    "src",
    "src/main",
    "src/main/groovy",
    "src/main/java",
    "src/main/kotlin",
    "src/main/scala",
    "target",
];

pub fn find(tree: &Tree, facts: &Facts) -> Vec<Opened> {
    if let Package::War { .. } = facts.package {
        return Vec::new();
    }
    let mut found: Vec<Opened> = Vec::new();
    for source in &facts.files {
        for line in sources::code_lines(source) {
            for (name, given) in names(line) {
                let dirs = [Some(&facts.dir), given.then_some(&facts.context)];
                let Some(path) = dirs
                    .into_iter()
                    .flatten()
                    .filter_map(|dir| paths::join(dir, &name))
                    .find(|path| tree.has(path) || tree.has_dir(path))
                else {
                    continue;
                };
                if paths::is_under(&facts.dir, &path) {
                    continue;
                }
                let because = Because::at(&Location::of(source, line.trim()), "opens it");
                found.push(Opened { path, name, because });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<String> = found.iter().map(|o| o.name.clone()).collect();
    let mut before = None;
    found.retain(|opened| {
        let again = before.replace(opened.name.clone()) == Some(opened.name.clone());
        let inside = names
            .iter()
            .any(|n| *n != opened.name && paths::is_under(&opened.name, n));
        !again && !inside
    });
    found
}

/// Text that is given as it stands to a call that opens files.
pub fn given(line: &str) -> Vec<&str> {
    let parts: Vec<&str> = line.split('"').collect();
    let texts = parts.windows(2).step_by(2);
    let opened = texts.filter(|w| CALLS.iter().any(|c| w[0].trim_end().ends_with(c)));
    opened.map(|w| w[1]).collect()
}

/// The paths that a line names: text with a slash in it, and what is given to a call that opens files.
pub fn names(line: &str) -> Vec<(String, bool)> {
    let parts: Vec<&str> = line.split('"').collect();
    let texts = parts.iter().enumerate().skip(1).step_by(2);
    texts
        .filter_map(|(at, text)| {
            let name = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
            let plain = !["", "."].contains(&name)
                && !name.contains(".env")
                && !name.starts_with('/')
                && !name.contains("..")
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            let given = CALLS.iter().any(|c| parts[at - 1].trim_end().ends_with(c));
            let tests = name.starts_with("src/") && name.contains("test");
            let fits = plain && (given || name.contains('/')) && !tests && !BUILT.contains(&name);
            fits.then(|| (name.to_string(), given))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_file_system_is_told_from_other_text() {
        #[track_caller]
        fn check(line: &str, expected: &[&str]) {
            let found: Vec<String> = names(line).into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, expected);
        }
        check(
            "new File(root.getAbsolutePath(), \"src/main/webapp/\")",
            &["src/main/webapp"],
        );
        check("Files.readString(Path.of(\"seed.json\"))", &["seed.json"]);
        check("log.info(\"seed.json\")", &[]);
        check("new File(\"/etc/hosts\")", &[]);
        check("new File(\"../other\")", &[]);
        check("new File(\"src/test/resources/x\")", &[]);
        check("new File(\"target\")", &[]);
        check("new File(\".\")", &[]);
        check("new File(\".env\")", &[]);
        check("@GetMapping(\"/users/{id}\")", &[]);
    }
}
