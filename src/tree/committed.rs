//! Files that .gitignore names and that are committed all the same: git goes by its index, and an
//! ignored lockfile or go.work still decides what a build does.

use crate::paths;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands beside a manifest and decides its build, from the manifest's folder.
const BESIDE: &[(&str, &[&str])] = &[
    ("Cargo.toml", &["Cargo.lock"]),
    ("Pipfile", &["Pipfile.lock"]),
    ("go.mod", &["go.sum"]),
    ("gradlew", &["gradle/wrapper/gradle-wrapper.jar"]),
    ("mvnw", &[".mvn/wrapper/maven-wrapper.jar"]),
    (
        "package.json",
        &[
            "bun.lock",
            "bun.lockb",
            "package-lock.json",
            "pnpm-lock.yaml",
            "yarn.lock",
        ],
    ),
    ("pyproject.toml", &["pdm.lock", "poetry.lock", "uv.lock"]),
];

/// Where a module of Go has its programs. `.gitignore` names a program that `go build` leaves behind, and with
/// it the folder of its source: `server` hides `cmd/server`.
const PROGRAMS: &str = "cmd";

/// What stands in any folder above a module of Go.
const ABOVE: &[&str] = &["go.work", "go.work.sum"];

/// Parts of patterns that can name one of these; without any of them nothing has to be looked for.
const HINTS: &[&str] = &["lock", ".sum", ".work", ".jar"];

/// The files of these kinds below `root` that the walk did not find because .gitignore names them, and
/// that are committed. Where there is no index of git to ask, what is there counts.
pub fn ignored(root: &Path, found: &[&str]) -> Vec<String> {
    let read = |path: &&str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut ignores = found.iter().filter(|p| paths::base(p) == ".gitignore");
    let modules = found.iter().filter(|p| paths::base(p) == "go.mod");
    let mut wanted: BTreeSet<String> = modules
        .flat_map(|p| programs(root, paths::parent(p), found))
        .collect();
    let hinted = ignores.any(|p| HINTS.iter().any(|hint| read(p).contains(hint)));
    if !hinted && wanted.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<&str> = found.iter().copied().collect();
    for path in found.iter().filter(|_| hinted) {
        let (dir, name) = (paths::parent(path), paths::base(path));
        for (_, files) in BESIDE.iter().filter(|(manifest, _)| *manifest == name) {
            wanted.extend(files.iter().filter_map(|file| paths::join(dir, file)));
        }
        if name == "go.mod" {
            let above = paths::ancestors(dir).flat_map(|dir| ABOVE.iter().map(move |f| paths::join(dir, f)));
            wanted.extend(above.flatten());
        }
    }
    wanted.retain(|path| !known.contains(path.as_str()) && super::walk::inside(root, &root.join(path)));
    if wanted.is_empty() {
        return Vec::new();
    }
    let index = root.join(".git/index");
    if super::walk::inside(root, &index)
        && let Ok(index) = fs::read(index)
        && let Some(names) = tracked(&index)
    {
        wanted.retain(|path| names.contains(path.as_bytes()));
    }
    wanted.into_iter().collect()
}

/// The source of the programs below the module's `cmd` that the walk found nothing of.
fn programs(root: &Path, module: &str, found: &[&str]) -> Vec<String> {
    let Some(all) = paths::join(module, PROGRAMS) else {
        return Vec::new();
    };
    let folders = fs::read_dir(root.join(&all)).into_iter().flatten().flatten();
    let hidden = folders
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| paths::join(&all, entry.file_name().to_str()?))
        .filter(|dir| {
            let below = format!("{dir}/");
            !found.iter().any(|f| f.starts_with(&below))
        });
    hidden
        .flat_map(|dir| {
            let files = fs::read_dir(root.join(&dir)).into_iter().flatten().flatten();
            let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
            let names = files.filter_map(|entry| entry.file_name().into_string().ok());
            let source = names.filter(|name| name.ends_with(".go"));
            source
                .filter_map(move |name| paths::join(&dir, &name))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The paths in an index of git, version 2 or 3, by git's own description of the format. `None` for
/// another version, or for what is no index.
fn tracked(index: &[u8]) -> Option<BTreeSet<&[u8]>> {
    /// Bytes of an entry before its flags, and of each word of flags.
    const BEFORE_FLAGS: usize = 60;
    const EXTENDED: u16 = 0x4000;
    let number = |at: usize| Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?));
    if index.get(..4)? != b"DIRC" || !matches!(number(4)?, 2 | 3) {
        return None;
    }
    let mut names = BTreeSet::new();
    let mut at = 12;
    for _ in 0..number(8)? {
        let flags = index.get(at + BEFORE_FLAGS..at + BEFORE_FLAGS + 2)?;
        let more = u16::from_be_bytes([flags[0], flags[1]]) & EXTENDED != 0;
        let start = at + BEFORE_FLAGS + if more { 4 } else { 2 };
        let length = index.get(start..)?.iter().position(|byte| *byte == 0)?;
        names.insert(&index[start..start + length]);
        // One to eight zeros fill up an entry to a multiple of eight bytes.
        at += (start - at + length + 8) / 8 * 8;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(names: &[&str]) -> Vec<u8> {
        let mut bytes = [
            b"DIRC".as_slice(),
            &2u32.to_be_bytes(),
            &(names.len() as u32).to_be_bytes(),
        ]
        .concat();
        for name in names {
            let mut entry = vec![0; 60];
            entry.extend((name.len() as u16).to_be_bytes());
            entry.extend(name.as_bytes());
            let whole = (entry.len() + 8) / 8 * 8;
            entry.resize(whole, 0);
            bytes.extend(entry);
        }
        bytes
    }

    #[test]
    fn an_index_of_git_is_read() {
        let bytes = index(&["a", "go.work", "services/api/Cargo.lock"]);
        let names = tracked(&bytes).unwrap();
        assert_eq!(names.len(), 3);
        assert!(names.contains(b"services/api/Cargo.lock".as_slice()));
    }

    #[test]
    fn what_is_no_index_is_none() {
        let whole = index(&["go.work"]);
        for bytes in [&b""[..], b"DIRC", b"DIRC\0\0\0\x04\0\0\0\x01", &whole[..40]] {
            assert!(tracked(bytes).is_none());
        }
    }
}
