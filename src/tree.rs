//! The only reader of the disk: a walk of the repository that obeys .gitignore, and capped reads
//! of single files on demand. Follows no symlink out of the root and runs nothing.

use crate::diagnostic::{Diagnostic, rules};
use crate::paths;
use crate::source::{Location, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Files in one tree; a checkout of the Linux kernel has about 90,000.
const MAX_FILES: usize = 1_000_000;
/// Folders in folders.
const MAX_DEPTH: usize = 64;
/// Bytes of one file. The largest lockfiles seen are about 4 MB.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Folders that hold installed or built things even where nobody ignores them.
const NEVER_SOURCE: &[&str] = &[".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"];

type Read_ = Result<Arc<Source>, Diagnostic>;

/// The files of a repository, by path from its root.
pub struct Tree {
    /// `None` for a tree made from pairs, whose texts are all in the cache.
    root: Option<PathBuf>,
    files: BTreeSet<String>,
    cache: Mutex<BTreeMap<String, Read_>>,
}

impl Tree {
    /// Walks `root`, which must be a folder.
    ///
    /// # Errors
    /// More files or a deeper nesting than the limits, or a root that cannot be read.
    pub fn scan(root: &Path) -> Result<Self, Diagnostic> {
        let unreadable = |why: String| {
            Diagnostic::error(&rules::UNREADABLE, format!("{}: {why}", root.display()))
                .help("give a folder that exists and can be read")
        };
        let real = fs::canonicalize(root).map_err(|e| unreadable(e.to_string()))?;
        if !real.is_dir() {
            return Err(unreadable("not a folder".into()));
        }
        let mut files = BTreeSet::new();
        let walk = ignore::WalkBuilder::new(&real)
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .parents(false)
            .max_depth(Some(MAX_DEPTH))
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !entry.file_type().is_some_and(|t| t.is_dir())
                    || !NEVER_SOURCE.iter().any(|n| entry.file_name() == *n)
            })
            .build();
        for entry in walk {
            let Ok(entry) = entry else { continue };
            let Some(kind) = entry.file_type() else { continue };
            let is_file = kind.is_file() || (kind.is_symlink() && inside(&real, entry.path()));
            if !is_file {
                continue;
            }
            let Some(path) = entry.path().strip_prefix(&real).ok().and_then(|p| p.to_str()) else {
                continue;
            };
            files.insert(path.replace(std::path::MAIN_SEPARATOR, "/"));
            if files.len() > MAX_FILES {
                return Err(Diagnostic::error(
                    &rules::TOO_LARGE,
                    format!("{}: more than {MAX_FILES} files", root.display()),
                )
                .help("run rdock in the repository's own folder, or list generated folders in .gitignore"));
            }
        }
        Ok(Self {
            root: Some(real),
            files,
            cache: Mutex::default(),
        })
    }

    /// A tree in memory, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let cache: BTreeMap<_, _> = pairs
            .into_iter()
            .map(|(path, text)| (path.to_string(), Ok(Source::new(path, text))))
            .collect();
        Self {
            root: None,
            files: cache.keys().cloned().collect(),
            cache: Mutex::new(cache),
        }
    }

    /// Is there such a file (after .gitignore)?
    pub fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// Is there a file below this folder? `""` is the root.
    pub fn has_dir(&self, dir: &str) -> bool {
        dir.is_empty() || self.under(dir).next().is_some()
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every file, sorted.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Every file at any depth below `dir`, sorted.
    pub fn under<'a>(&'a self, dir: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let prefix = if dir.is_empty() {
            String::new()
        } else {
            format!("{dir}/")
        };
        self.files
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .map(String::as_str)
            .take_while(move |path| path.starts_with(&prefix))
    }

    /// The files directly in `dir`, sorted.
    pub fn files_in<'a>(&'a self, dir: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let dir = dir.to_string();
        self.under(&dir).filter(move |path| paths::parent(path) == dir)
    }

    /// The folders directly in `dir`, by path, sorted.
    pub fn dirs_in(&self, dir: &str) -> Vec<String> {
        let skip = if dir.is_empty() { 0 } else { dir.len() + 1 };
        let mut dirs: Vec<String> = self
            .under(dir)
            .filter_map(|path| Some(path[..skip + path[skip..].find('/')?].to_string()))
            .collect();
        dirs.dedup();
        dirs
    }

    /// A file's text, read once; `None` when there is no such file.
    ///
    /// # Errors
    /// The file is there but too large, not UTF-8, or refused by the system.
    pub fn read(&self, path: &str) -> Result<Option<Arc<Source>>, Diagnostic> {
        if !self.has(path) {
            return Ok(None);
        }
        if let Some(done) = self.cache.lock().expect("no holder panics").get(path) {
            return done.clone().map(Some);
        }
        let read = self.load(path);
        self.cache
            .lock()
            .expect("no holder panics")
            .insert(path.to_string(), read.clone());
        read.map(Some)
    }

    /// [`Tree::read`] for hints: text that need not be there, nor be readable.
    pub fn text(&self, path: &str) -> Option<Arc<Source>> {
        self.read(path).ok().flatten()
    }

    /// The place of a file as a whole, without reading it.
    pub fn place(&self, path: &str) -> Location {
        Location::whole(&Source::new(path, ""))
    }

    fn load(&self, path: &str) -> Read_ {
        let unreadable = |why: String| {
            Diagnostic::error(&rules::UNREADABLE, format!("{path}: {why}")).at(self.place(path), "")
        };
        let root = self.root.as_ref().expect("a tree from pairs has every text");
        let full = root.join(path);
        if !inside(root, &full) {
            return Err(unreadable("a symlink that leaves the repository".into())
                .help("replace the link with the file itself"));
        }
        let io = |e: std::io::Error| unreadable(e.to_string()).help(format!("make {path} readable"));
        let file = fs::File::open(&full).map_err(io)?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(unreadable(format!("larger than {} MB", MAX_BYTES >> 20))
                .help("rdock reads no file of that size; is it the right one?"));
        }
        let text = String::from_utf8(bytes).map_err(|e| {
            unreadable(format!("not UTF-8 (byte {})", e.utf8_error().valid_up_to()))
                .help(format!("save {path} as UTF-8"))
        })?;
        Ok(Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text)))
    }
}

/// Does `path`, with symlinks followed, lie in `root` (itself canonical) and name a regular file?
/// A pipe or a device is no source, and opening one could hang.
fn inside(root: &Path, path: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|real| real.starts_with(root) && real.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_are_told_apart() {
        let tree = Tree::from_pairs([("a/x", ""), ("a/b/y", ""), ("ab", "")]);
        assert_eq!(tree.files_in("a").collect::<Vec<_>>(), ["a/x"]);
        assert_eq!(tree.under("a").collect::<Vec<_>>(), ["a/b/y", "a/x"]);
        assert_eq!(tree.dirs_in("a"), ["a/b"]);
        assert_eq!(tree.dirs_in(""), ["a"]);
        assert!(tree.has_dir("a/b") && !tree.has_dir("ab"));
    }
}
