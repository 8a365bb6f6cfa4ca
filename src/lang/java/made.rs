//! Folders that the source itself makes and fills, such as one for uploads: by a path from the
//! working folder that is written there, as a default or as it stands.

use super::facts::Facts;
use super::opens;
use super::sources::code_lines;
use super::writes::plain;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;

/// Calls that write into a folder.
const WRITES: &[&str] = &[
    ".createDirectories(",
    ".createDirectory(",
    ".mkdir()",
    ".mkdirs()",
    ".transferTo(",
];

/// Ends of the names of what holds a folder.
const NAMES: &[&str] = &["dir", "directory", "folder", "location", "path"];
/// What the folders of users' files are called. Any other word may be no folder at all.
const FOLDERS: &[&str] = &["files", "storage", "upload"];

/// Where programs keep their data on a whole system.
const KEPT: &[&str] = &["/data", "/home", "/mnt", "/opt", "/srv", "/var"];

/// The folders, as the source writes them.
pub fn find(tree: &Tree, facts: &Facts) -> Vec<Sourced<String>> {
    let writes = |s: &Source| WRITES.iter().any(|call| s.text.contains(call));
    if !facts.files.iter().any(|s| writes(s)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for source in &facts.files {
        for line in code_lines(source) {
            let mut folders: Vec<String> = declared(line)
                .filter(|_| !is_a_part(source, line))
                .into_iter()
                .collect();
            if writes(source) {
                let given = opens::names(line).into_iter().filter(|(_, given)| *given);
                folders.extend(given.map(|(name, _)| name));
                let kept = opens::given(line).into_iter().filter(|path| is_kept(path));
                found.extend(
                    kept.map(|path| Sourced::new(path.to_string(), Location::of(source, line.trim()))),
                );
            }
            let at = || Location::of(source, line.trim());
            let new = folders.into_iter().filter(|name| is_new(tree, facts, name));
            found.extend(new.map(|name| Sourced::new(name, at())));
        }
    }
    found
}

/// Is what the line declares a folder of another one, which the source puts together: `root.resolve(UPLOADS)`?
fn is_a_part(source: &Source, line: &str) -> bool {
    let name = line
        .split(['=', ':'])
        .next()
        .and_then(|head| head.split_whitespace().next_back());
    name.is_some_and(|name| source.text.contains(&format!(".resolve({name}")))
}

/// `private String location = "upload-dir";`, `@Value("${app.upload-dir:uploads}")`.
fn declared(line: &str) -> Option<String> {
    let (head, rest) = line.split_once('"')?;
    let (text, _) = rest.split_once('"')?;
    let name = match head.trim_end().strip_suffix('=') {
        // Kotlin's type stands between: `var location: String = "…"`.
        Some(before) => before.split(':').next()?.trim_end().to_lowercase(),
        None if head.trim_end().ends_with("@Value(") => text.split(':').next()?.to_lowercase(),
        None => return None,
    };
    let value = plain(text);
    let named = NAMES.iter().any(|n| name.ends_with(n));
    let relative = !value.starts_with('/') && !value.contains(':');
    (named && relative).then(|| value.trim_start_matches("./").trim_end_matches('/').to_string())
}

/// A folder of its own below one of those: no file, and nothing that the system puts there.
pub fn is_kept(path: &str) -> bool {
    let simple = path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c));
    let below = |root: &str| paths::is_under(path, root) && (path != root || root == "/data");
    simple && KEPT.iter().any(|root| below(root)) && !paths::is_under(path, "/var/run")
}

/// A folder, and none that the repository or the build has.
fn is_new(tree: &Tree, facts: &Facts, name: &str) -> bool {
    let simple = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/_-".contains(c));
    let called = FOLDERS.iter().any(|f| name.contains(f)) && !name.ends_with('-');
    let known = [&facts.dir, &facts.context]
        .iter()
        .filter_map(|dir| paths::join(dir, name))
        .any(|path| tree.has(&path) || tree.has_dir(&path));
    simple && called && !known && !name.starts_with("src/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_from_other_settings() {
        #[track_caller]
        fn check(line: &str, expected: Option<&str>) {
            assert_eq!(declared(line).as_deref(), expected);
        }
        check("private String location = \"upload-dir\";", Some("upload-dir"));
        check("var uploadDir: String = \"./files/\"", Some("files"));
        check("@Value(\"${app.upload-dir:uploads}\")", Some("uploads"));
        check("@Value(\"${app.title:Shop}\")", None);
        check("String location = \"/login\";", None);
        check("String name = \"upload-dir\";", None);
        check("store(directory, \"x\");", None);
    }

    #[test]
    fn a_folder_that_is_put_below_another_is_none_by_itself() {
        let line = "String UPLOAD_PATH = \"upload\";";
        let source = |text: String| Source::new("A.java", text);
        assert!(is_a_part(
            &source(format!("{line}\nroot.resolve(UPLOAD_PATH);")),
            line
        ));
        assert!(!is_a_part(&source(line.to_string()), line));
    }

    #[test]
    fn a_folder_anywhere_is_kept_where_systems_keep_data() {
        assert!(is_kept("/var/docs"));
        assert!(is_kept("/data"));
        assert!(!is_kept("/var"));
        assert!(!is_kept("/etc/app"));
        assert!(!is_kept("/var/run/secrets"));
        assert!(!is_kept("/opt/app/config.yml"));
        assert_eq!(opens::given("base = Paths.get(\"/var/docs\");"), ["/var/docs"]);
        assert!(opens::given("log(\"/var/docs\");").is_empty());
    }
}
