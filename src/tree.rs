//! The only reader of the disk: a walk of the repository that obeys .gitignore, and capped reads
//! of single files on demand. Follows no symlink out of the root and runs nothing.

mod committed;
mod encoding;
mod walk;

use crate::diagnostic::{Diagnostic, rules};
use crate::source::{Location, Source};
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Files in one tree; a checkout of the Linux kernel has about 90,000.
const MAX_FILES: usize = 1_000_000;
/// Bytes of one file. The largest lockfiles seen are about 4 MB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Boxed, since there is a place for it beside every file and hardly any is ever filled.
type Made = Arc<dyn Any + Send + Sync>;

type Read_ = Result<Arc<Source>, Box<Diagnostic>>;

/// Files after which a walk goes on with all processors; starting threads for fewer takes longer.
const FEW: usize = 1_000;

/// The files of a repository, by path from its root.
pub struct Tree {
    /// `None` for a tree made from pairs, whose texts are all read.
    root: Option<PathBuf>,
    /// Sorted.
    files: Vec<String>,
    /// The text of each file, once somebody asked for it, and until it is forgotten.
    texts: Vec<Mutex<Option<Read_>>>,
    /// Files that are symlinks; the folders on the way to a file never are.
    links: HashSet<String>,
    /// Names of files under which no file can be read: pipes, devices, links to nothing or out of the
    /// repository.
    odd: BTreeSet<String>,
    /// See [`Tree::once_at`].
    made: Mutex<HashMap<String, Vec<(TypeId, Made)>>>,
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
        let refused = walk::Refused::default();
        let found = match walk::one_thread(&real, FEW, &refused) {
            Some(found) => found,
            None => walk::in_parallel(&real, &refused),
        };
        if let Some(folder) = refused.first() {
            let path = match folder.strip_prefix(&real).ok().and_then(Path::to_str) {
                None | Some("") => walk::IGNORE.to_string(),
                Some(dir) => format!("{dir}/{}", walk::IGNORE),
            };
            return Err(Diagnostic::error(
                &rules::UNREADABLE,
                format!("{path}: neither a regular file nor a link to one in the repository"),
            )
            .at(Location::whole(&Source::new(path.as_str(), "")), "")
            .help(format!(
                "replace {path} with a regular file, as git follows no link there"
            )));
        }
        if found.len() > MAX_FILES {
            return Err(Diagnostic::error(
                &rules::TOO_LARGE,
                format!("{}: more than {MAX_FILES} files", root.display()),
            )
            .help("run rdock in the repository's own folder, or list generated folders in .gitignore"));
        }
        let (odd, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, kind)| *kind == walk::Kind::Odd);
        let links = found
            .iter()
            .filter(|(_, kind)| *kind == walk::Kind::Link)
            .map(|(path, _)| path.clone())
            .collect();
        let mut files: Vec<String> = found.into_iter().map(|(path, _)| path).collect();
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        files.extend(committed::ignored(&real, &names));
        files.sort_unstable();
        Ok(Self {
            root: Some(real),
            texts: files.iter().map(|_| Mutex::default()).collect(),
            files,
            links,
            odd: odd.into_iter().map(|(path, _)| path).collect(),
            made: Mutex::default(),
        })
    }

    /// A tree in memory, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs: BTreeMap<&str, &str> = pairs.into_iter().collect();
        let text = |(path, text): (&&str, &&str)| Mutex::new(Some(Ok(Source::new(*path, *text))));
        Self {
            root: None,
            files: pairs.keys().map(|p| p.to_string()).collect(),
            texts: pairs.iter().map(text).collect(),
            links: HashSet::new(),
            odd: BTreeSet::new(),
            made: Mutex::default(),
        }
    }

    fn position(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|f| f.as_str().cmp(path)).ok()
    }

    /// Is there such a file (after .gitignore)?
    pub fn has(&self, path: &str) -> bool {
        self.position(path).is_some()
    }

    /// Is there a file below this folder? `""` is the root.
    pub fn has_dir(&self, dir: &str) -> bool {
        dir.is_empty() || self.files.get(self.start(dir)).is_some_and(|f| is_below(f, dir))
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
        self.files[self.range(dir)].iter().map(String::as_str)
    }

    /// Where the files below `dir` begin.
    fn start(&self, dir: &str) -> usize {
        self.files.partition_point(|f| is_before(f, dir))
    }

    /// Most folders are small: the end is looked for in steps that double.
    fn range(&self, dir: &str) -> Range<usize> {
        let start = self.start(dir);
        let rest = &self.files[start..];
        let mut step = 1;
        while rest.get(step).is_some_and(|f| is_below(f, dir)) {
            step *= 2;
        }
        let count = rest[..rest.len().min(step)].partition_point(|f| is_below(f, dir));
        start..start + count
    }

    /// The files directly in `dir`, sorted.
    pub fn files_in<'a>(&'a self, dir: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let skip = skip(dir);
        self.children(dir).filter(move |path| !path[skip..].contains('/'))
    }

    /// The folders directly in `dir`, by path, sorted.
    pub fn dirs_in(&self, dir: &str) -> Vec<String> {
        let skip = skip(dir);
        self.children(dir)
            .filter_map(|path| Some(path[..skip + path[skip..].find('/')?].to_string()))
            .collect()
    }

    /// The files directly in `dir`, and the first file below each of its folders. What else the
    /// folders hold is leapt over.
    fn children<'a>(&'a self, dir: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let (skip, mut within) = (skip(dir), self.range(dir));
        std::iter::from_fn(move || {
            let path = self.files[within.clone()].first()?;
            within.start = match path[skip..].find('/') {
                None => within.start + 1,
                Some(end) => self.range(&path[..skip + end]).end,
            };
            Some(path.as_str())
        })
    }

    /// A file's text, read once; `None` when there is no such file.
    ///
    /// # Errors
    /// The file is there but too large, not UTF-8, or refused by the system.
    pub fn read(&self, path: &str) -> Result<Option<Arc<Source>>, Diagnostic> {
        let Some(at) = self.position(path) else {
            return match self.odd.contains(path) {
                true => Err(self.unreadable(path)),
                false => Ok(None),
            };
        };
        let mut text = self.texts[at].lock().expect("no holder panics");
        match text.get_or_insert_with(|| self.load(path).map_err(Box::new)) {
            Ok(source) => Ok(Some(source.clone())),
            Err(error) => Err((**error).clone()),
        }
    }

    /// Names of files under which no file can be read, sorted.
    pub fn odd(&self) -> impl Iterator<Item = &str> {
        self.odd.iter().map(String::as_str)
    }

    /// Why there is no text under such a name.
    pub fn unreadable(&self, path: &str) -> Diagnostic {
        let what = "neither a regular file nor a link to one in the repository";
        Diagnostic::error(&rules::UNREADABLE, format!("{path}: {what}"))
            .at(self.place(path), "")
            .help(format!("replace {path} with a regular file, or remove it"))
    }

    /// Lets go of the texts below `dir` and of what was made from one; who asks again reads again.
    pub fn forget(&self, dir: &str) {
        if self.root.is_none() {
            return;
        }
        let mut made = self.made.lock().expect("no holder panics");
        for at in self.range(dir) {
            *self.texts[at].lock().expect("no holder panics") = None;
            made.remove(&self.files[at]);
        }
    }

    /// What is made from the whole tree, once for all services: one value of each type.
    pub fn once<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.once_at("", make)
    }

    /// What is made from one folder or file, once for all services: one value of each type and path.
    pub fn once_at<T: Any + Send + Sync>(&self, path: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let of_type = |known: &Vec<(TypeId, Made)>| {
            let (_, value) = known.iter().find(|(id, _)| *id == TypeId::of::<T>())?;
            value.clone().downcast::<T>().ok()
        };
        let known = self
            .made
            .lock()
            .expect("no holder panics")
            .get(path)
            .and_then(of_type);
        if let Some(value) = known {
            return value;
        }
        // Made without the lock, as making it may read: two threads may both make it, to the same
        // result.
        let value = Arc::new(make());
        let mut made = self.made.lock().expect("no holder panics");
        made.entry(path.to_string())
            .or_default()
            .push((TypeId::of::<T>(), value.clone()));
        value
    }

    /// What a file says, parsed once for all services; `None` when there is no such file.
    ///
    /// # Errors
    /// Those of [`Tree::read`] and of `parse`.
    pub fn parsed<T: Any + Send + Sync>(
        &self,
        path: &str,
        parse: impl FnOnce(&Arc<Source>) -> Result<T, Diagnostic>,
    ) -> Result<Option<Arc<T>>, Diagnostic> {
        let Some(source) = self.read(path)? else {
            return Ok(None);
        };
        let parsed = self.once_at(path, || parse(&source).map(Arc::new));
        (*parsed).clone().map(Some)
    }

    /// [`Tree::read`] for hints: text that need not be there, nor be readable.
    pub fn text(&self, path: &str) -> Option<Arc<Source>> {
        self.read(path).ok().flatten()
    }

    /// The place of a file as a whole, without reading it.
    pub fn place(&self, path: &str) -> Location {
        Location::whole(&Source::new(path, ""))
    }

    fn load(&self, path: &str) -> Result<Arc<Source>, Diagnostic> {
        let unreadable = |why: String| {
            Diagnostic::error(&rules::UNREADABLE, format!("{path}: {why}")).at(self.place(path), "")
        };
        let root = self.root.as_ref().expect("a tree from pairs has every text");
        let full = root.join(path);
        if self.links.contains(path) && !walk::inside(root, &full) {
            return Err(unreadable("a symlink that leaves the repository".into())
                .help("replace the link with the file itself"));
        }
        let io = |e: std::io::Error| unreadable(e.to_string()).help(format!("make {path} readable"));
        // What was a file in the walk may be a pipe by now, and opening one could hang.
        let size = match fs::metadata(&full).map_err(io)? {
            meta if meta.is_file() => meta.len().min(MAX_BYTES),
            _ => return Err(unreadable("no regular file".into()).help(format!("make {path} a regular file"))),
        };
        let file = fs::File::open(&full).map_err(io)?;
        let mut bytes = Vec::with_capacity(size as usize + 1);
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(unreadable(format!("larger than {} MB", MAX_BYTES >> 20))
                .help("check that it is the right file; rdock reads none of that size"));
        }
        // PowerShell's `pip freeze > requirements.txt` writes UTF-16, and pip reads it.
        let bytes = match path.ends_with(".txt") {
            true => encoding::utf16(&bytes).map_or(bytes, String::into_bytes),
            false if path.ends_with(".py") => encoding::declared(&bytes).map_or(bytes, String::into_bytes),
            false => bytes,
        };
        let mut text = String::from_utf8(bytes).map_err(|e| {
            unreadable(format!("not UTF-8 (byte {})", e.utf8_error().valid_up_to()))
                .help(format!("save {path} as UTF-8"))
        })?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(Source::new(path, text))
    }
}

/// Does the path lie below the folder?
fn is_below(path: &str, dir: &str) -> bool {
    dir.is_empty() || path.len() > dir.len() && path.as_bytes()[dir.len()] == b'/' && path.starts_with(dir)
}

/// Does the path stand before all that lies below the folder?
fn is_before(path: &str, dir: &str) -> bool {
    let (path, dir) = (path.as_bytes(), dir.as_bytes());
    match path.get(..dir.len()) {
        _ if dir.is_empty() => false,
        Some(head) if head == dir => path.get(dir.len()).is_none_or(|byte| *byte < b'/'),
        _ => path < dir,
    }
}

/// How much of every path below the folder is the folder itself.
fn skip(dir: &str) -> usize {
    match dir {
        "" => 0,
        _ => dir.len() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_file_is_parsed_once_for_all_who_ask() {
        let tree = Tree::from_pairs([("a/lock", "x"), ("b/lock", "")]);
        let times = AtomicUsize::new(0);
        let parse = |source: &Arc<Source>| {
            times.fetch_add(1, Ordering::Relaxed);
            match source.text.as_str() {
                "" => Err(Diagnostic::error(&rules::MALFORMED, "empty")),
                text => Ok(text.to_string()),
            }
        };
        for _ in 0..3 {
            assert_eq!(tree.parsed("a/lock", parse).unwrap().unwrap().as_str(), "x");
            assert!(tree.parsed("b/lock", parse).is_err());
            assert!(tree.parsed("c/lock", parse).unwrap().is_none());
        }
        assert_eq!(times.into_inner(), 2);
    }

    #[test]
    fn folders_and_files_are_told_apart() {
        let tree = Tree::from_pairs([("a/x", ""), ("a/b/y", ""), ("ab", "")]);
        assert_eq!(tree.files_in("a").collect::<Vec<_>>(), ["a/x"]);
        assert_eq!(tree.under("a").collect::<Vec<_>>(), ["a/b/y", "a/x"]);
        assert_eq!(tree.dirs_in("a"), ["a/b"]);
        assert_eq!(tree.dirs_in(""), ["a"]);
        assert_eq!(tree.files_in("").collect::<Vec<_>>(), ["ab"]);
        assert!(tree.has_dir("a/b") && !tree.has_dir("ab"));
    }
}
