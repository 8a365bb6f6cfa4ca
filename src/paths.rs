//! Paths inside the repository: relative to its root, `/`-separated, `""` for the root itself.

/// `join("a/b", "../c")` is `a/c`. `None` when the result leaves the repository or is absolute.
pub fn join(base: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    if is_plain(base) && is_plain(relative) {
        return Some(format!("{base}/{relative}"));
    }
    let mut parts: Vec<&str> = base.split('/').filter(|p| !p.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Nothing in the path is empty or begins with a dot, as in nearly all of the many paths that are joined.
fn is_plain(path: &str) -> bool {
    let mut before = b'/';
    let odd = path.bytes().any(|byte| {
        let odd = before == b'/' && (byte == b'/' || byte == b'.');
        before = byte;
        odd
    });
    !odd && before != b'/'
}

/// The folder of a path; `""` at the top.
pub fn parent(path: &str) -> &str {
    slash(path).map_or("", |at| &path[..at])
}

/// The last part of a path.
pub fn base(path: &str) -> &str {
    slash(path).map_or(path, |at| &path[at + 1..])
}

/// The last slash. Asked for every file of a repository, and for each several times.
fn slash(path: &str) -> Option<usize> {
    path.bytes().rposition(|byte| byte == b'/')
}

/// Is `path` the folder `dir` or something below it?
pub fn is_under(path: &str, dir: &str) -> bool {
    dir.is_empty() || path == dir || path.strip_prefix(dir).is_some_and(|r| r.starts_with('/'))
}

/// `path` as seen from `dir`, which must be an ancestor or the same: `.` for itself.
pub fn relative<'a>(path: &'a str, dir: &str) -> &'a str {
    debug_assert!(is_under(path, dir));
    let rest = path.get(dir.len()..).unwrap_or(path).trim_start_matches('/');
    if rest.is_empty() { "." } else { rest }
}

/// Folder and all its ancestors up to the root, nearest first: `a/b`, `a`, ``.
pub fn ancestors(dir: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dir), |d| if d.is_empty() { None } else { Some(parent(d)) })
}

/// The nearest folder that holds all of `dirs`.
pub fn common<'a>(dirs: impl IntoIterator<Item = &'a str>) -> String {
    let mut dirs = dirs.into_iter();
    let Some(first) = dirs.next() else {
        return String::new();
    };
    dirs.fold(first.to_string(), |shared, dir| {
        ancestors(&shared)
            .find(|a| is_under(dir, a))
            .unwrap_or("")
            .to_string()
    })
}

/// `.` for the root, else the path: how a folder is written for a person or a command line.
pub fn shown(dir: &str) -> &str {
    if dir.is_empty() { "." } else { dir }
}

/// What strings of a source may name, each alone and together with those after it on its line, four at
/// most: `join(here, "web", "dist")` is `web`, `web/dist` and `dist`. With each the number of its first
/// string. A string comes with its line.
pub fn named<'a>(strings: &'a [(&'a str, usize)]) -> impl Iterator<Item = (usize, String)> + 'a {
    strings.iter().enumerate().flat_map(move |(first, (_, line))| {
        let row = strings[first..]
            .iter()
            .take(4)
            .take_while(move |(_, l)| l == line);
        row.scan(String::new(), move |path, (text, _)| {
            if !path.is_empty() && !text.is_empty() {
                path.push('/');
            }
            *path += text;
            Some((first, path.clone()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_in_a_row_on_one_line_name_a_path_together() {
        let strings = [("..", 1), ("", 1), ("dist", 1), ("index.html", 2)];
        let named: Vec<(usize, String)> = named(&strings).collect();
        let paths = |first| named.iter().filter(move |n| n.0 == first).map(|n| n.1.as_str());
        assert_eq!(paths(0).collect::<Vec<_>>(), ["..", "..", "../dist"]);
        assert_eq!(paths(2).collect::<Vec<_>>(), ["dist"]);
        assert_eq!(paths(3).collect::<Vec<_>>(), ["index.html"]);
    }

    #[test]
    fn a_join_never_leaves_the_repository() {
        assert_eq!(join("a/b", "../c").as_deref(), Some("a/c"));
        assert_eq!(join("", "./x/").as_deref(), Some("x"));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!(join("a/b", "c/./d//e").as_deref(), Some("a/b/c/d/e"));
        assert_eq!(join("a/", "c/").as_deref(), Some("a/c"));
        assert_eq!(join("a", "").as_deref(), Some("a"));
        assert_eq!(join("a", ".env").as_deref(), Some("a/.env"));
        assert_eq!(join("a", "/etc"), None);
    }

    #[test]
    fn the_common_folder_holds_all() {
        assert_eq!(common(["a/b", "a/c/d"]), "a");
        assert_eq!(common(["ab", "a"]), "");
        assert_eq!(common(["a/b"]), "a/b");
    }

    #[test]
    fn a_name_that_merely_starts_alike_is_not_inside() {
        assert!(!is_under("apps-old/x", "apps"));
        assert!(is_under("apps/x", "apps"));
        assert_eq!(relative("apps/x", "apps"), "x");
        assert_eq!(relative("apps", "apps"), ".");
    }
}
