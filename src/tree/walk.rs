//! The walk of a repository: its files, its links, and the names under which no file can be read.

use super::MAX_FILES;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Folders in folders.
const MAX_DEPTH: usize = 64;

/// Folders that hold installed or built things even where nobody ignores them.
const NEVER_SOURCE: &[&str] = &[".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"];

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    File,
    Link,
    Odd,
}

pub(super) type Entry = (String, Kind);

pub(super) const IGNORE: &str = ".gitignore";

/// Folders that were not entered, as their .gitignore cannot be read: it is a pipe or a device, which
/// would be waited for without end, or a link that leaves the repository.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<Vec<PathBuf>>>);

impl Refused {
    /// May the walk go into this folder?
    fn enters(&self, root: &Path, dir: &Path) -> bool {
        let file = dir.join(IGNORE);
        let good = match fs::symlink_metadata(&file) {
            Ok(meta) if meta.is_symlink() => fs::metadata(&file).is_err() || inside(root, &file),
            Ok(meta) => meta.is_file() || meta.is_dir(),
            Err(_) => true,
        };
        if !good {
            self.0.lock().expect("no holder panics").push(dir.to_path_buf());
        }
        good
    }

    pub(super) fn first(&self) -> Option<PathBuf> {
        self.0.lock().expect("no holder panics").iter().min().cloned()
    }
}

fn walker(real: &Path, refused: &Refused) -> ignore::WalkBuilder {
    let (root, refused) = (real.to_path_buf(), refused.clone());
    let mut builder = ignore::WalkBuilder::new(real);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .parents(false)
        .max_depth(Some(MAX_DEPTH))
        .filter_entry(move |entry| {
            entry.depth() == 0
                || !entry.file_type().is_some_and(|t| t.is_dir())
                || !NEVER_SOURCE.iter().any(|n| entry.file_name() == *n)
                    && refused.enters(&root, entry.path())
        });
    builder
}

/// One thread's walk; `None` once there are more files than `most`.
pub(super) fn one_thread(real: &Path, most: usize, refused: &Refused) -> Option<Vec<Entry>> {
    let mut found = Vec::new();
    if !refused.enters(real, real) {
        return Some(found);
    }
    for entry in walker(real, refused).build() {
        found.extend(file(real, entry));
        if found.len() > most {
            return None;
        }
    }
    Some(found)
}

/// A walk with all processors, which stops soon after the limit.
pub(super) fn in_parallel(real: &Path, refused: &Refused) -> Vec<Entry> {
    /// One thread's files; handed over when the thread is done.
    struct Own<'a> {
        found: Vec<Entry>,
        all: &'a Mutex<Vec<Entry>>,
    }
    impl Drop for Own<'_> {
        fn drop(&mut self) {
            self.all.lock().expect("no holder panics").append(&mut self.found);
        }
    }
    let all = Mutex::new(Vec::new());
    let count = AtomicUsize::new(0);
    walker(real, refused).build_parallel().run(|| {
        let mut own = Own {
            found: Vec::new(),
            all: &all,
        };
        let count = &count;
        Box::new(move |entry| {
            if let Some(entry) = file(real, entry) {
                own.found.push(entry);
                if count.fetch_add(1, Ordering::Relaxed) > MAX_FILES {
                    return ignore::WalkState::Quit;
                }
            }
            ignore::WalkState::Continue
        })
    });
    all.into_inner().expect("no holder panics")
}

/// A file by its path from the root. What cannot be looked at is not there.
fn file(real: &Path, entry: Result<ignore::DirEntry, ignore::Error>) -> Option<Entry> {
    let entry = entry.ok()?;
    let kind = match entry.file_type()? {
        kind if kind.is_file() => Kind::File,
        kind if kind.is_dir() => return None,
        kind if kind.is_symlink() && inside(real, entry.path()) => Kind::Link,
        // A link to a folder is no file in any case.
        kind if kind.is_symlink() && entry.path().is_dir() => return None,
        _ => Kind::Odd,
    };
    let path = entry.path().strip_prefix(real).ok()?.to_str()?;
    Some((path.replace(std::path::MAIN_SEPARATOR, "/"), kind))
}

/// Does `path`, with symlinks followed, lie in `root` (itself canonical) and name a regular file?
/// A pipe or a device is no source, and opening one could hang.
pub(super) fn inside(root: &Path, path: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|real| real.starts_with(root) && real.is_file())
}
