//! The only writer: whole files, put in place by a rename, never through a symlink out of the
//! repository.

use crate::diagnostic::{Diagnostic, rules};
use crate::render::File;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What stands at a file's place now; `None` for nothing. `root` is canonical.
///
/// # Errors
/// Something is there that cannot be read as text.
pub fn existing(root: &Path, file: &File) -> Result<Option<String>, Diagnostic> {
    let place = ready(root, &file.path)?;
    match fs::read_to_string(place) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(refused(&file.path, &e)),
    }
}

/// The place of a file that can be written: nothing is there yet, or a regular file, in the repository. A
/// pipe or a device would be waited for without end. `root` is canonical.
///
/// # Errors
/// Anything else is there, or the place lies outside.
pub fn ready(root: &Path, path: &str) -> Result<PathBuf, Diagnostic> {
    let mut place = real_folder(root, path)?;
    let mut meta = fs::symlink_metadata(&place).ok();
    if meta.as_ref().is_some_and(fs::Metadata::is_symlink) {
        place = fs::canonicalize(&place).map_err(|_| {
            failed(path, "it is a symlink to nothing").help("replace the link with a file of its own")
        })?;
        meta = fs::metadata(&place).ok();
    }
    match meta {
        _ if !place.starts_with(root) => Err(failed(path, "it is a symlink that leaves the repository")
            .help("replace the link with a file of its own")),
        Some(meta) if meta.is_dir() => Err(failed(path, "it is a folder")),
        Some(meta) if !meta.is_file() => Err(failed(path, "it is no regular file")),
        _ => Ok(place),
    }
}

/// The file's place with the symlinks on the way to its folder followed. Most often there are none: one look at
/// each folder below the root takes less than following the whole path from the top of the disk.
fn real_folder(root: &Path, path: &str) -> Result<PathBuf, Diagnostic> {
    let place = root.join(path);
    let folder = place.parent().expect("a file has a folder");
    let mut on_the_way = folder.ancestors().take_while(|dir| *dir != root);
    if on_the_way.all(|dir| fs::symlink_metadata(dir).is_ok_and(|meta| meta.is_dir())) {
        return Ok(place);
    }
    let real = folder.canonicalize().map_err(|e| refused(path, &e))?;
    Ok(real.join(place.file_name().expect("a file has a name")))
}

/// Writes beside the place and renames over it. Mode and line ends of what it replaces are kept.
///
/// # Errors
/// The place lies outside of the repository, or the system refuses; the old file is then still
/// there, whole.
pub fn put(root: &Path, file: &File) -> Result<(), Diagnostic> {
    let place = ready(root, &file.path)?;
    let io = |e: std::io::Error| refused(&file.path, &e);
    let old = fs::read(&place).ok();
    let crlf = old
        .as_deref()
        .is_some_and(|bytes| bytes.windows(2).any(|w| w == b"\r\n"));
    let text = if crlf {
        file.text.replace('\n', "\r\n")
    } else {
        file.text.clone()
    };
    let name = place.file_name().expect("a file has a name").to_string_lossy();
    let temporary = place.with_file_name(format!(".{name}.rdock-{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut handle = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        handle.write_all(text.as_bytes())?;
        if let Ok(meta) = fs::metadata(&place) {
            handle.set_permissions(meta.permissions())?;
        }
        handle.sync_all()?;
        fs::rename(&temporary, &place)
    };
    write().map_err(|e| {
        let _ = fs::remove_file(&temporary);
        io(e)
    })
}

/// Takes a file away.
///
/// # Errors
/// The place lies outside of the repository, or the system refuses.
pub fn remove(root: &Path, path: &str) -> Result<(), Diagnostic> {
    fs::remove_file(ready(root, path)?).map_err(|e| refused(path, &e))
}

/// What the system says, with what mends it.
fn refused(path: &str, e: &std::io::Error) -> Diagnostic {
    let help = match e.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk, then run again".into(),
        ErrorKind::ReadOnlyFilesystem => {
            "run rdock where the repository can be written, or use --print".into()
        }
        _ => format!("make {path} and its folder writable, or print the file: `rdock generate --print`"),
    };
    Diagnostic::error(&rules::WRITE_FAILED, format!("{path}: {e}")).help(help)
}

fn failed(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error(&rules::WRITE_FAILED, format!("{path}: {why}"))
        .help(format!("make {path} writable, or remove it"))
}
