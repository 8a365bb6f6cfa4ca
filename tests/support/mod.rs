//! What the test programs share: the cases on disk, copies of them, and the rdock binary.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A case: a folder with case.toml and in/.
pub struct Case {
    /// `go/cgo-sqlite`.
    pub name: String,
    pub dir: PathBuf,
    pub about: String,
    pub args: Vec<String>,
    /// Arguments of `rdock compose`.
    pub compose: Vec<String>,
    pub path: String,
    pub docker: Option<toml::Table>,
}

/// The repository of rdock itself.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every case of `folder`, sorted. A folder without a readable case.toml is an error.
pub fn cases(folder: &str) -> Vec<Case> {
    let root = home().join(folder);
    let mut cases = Vec::new();
    for language in folders(&root) {
        for dir in folders(&language) {
            let file = dir.join("case.toml");
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let table: toml::Table =
                toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            for key in table.keys() {
                assert!(
                    ["about", "args", "compose", "path", "docker"].contains(&key.as_str()),
                    "{}: {key}?",
                    file.display()
                );
            }
            let about = table
                .get("about")
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_string();
            assert!(!about.is_empty(), "{} needs `about`", file.display());
            cases.push(Case {
                name: format!("{}/{}", base(&language), base(&dir)),
                about,
                args: strings(&table, "args"),
                compose: strings(&table, "compose"),
                path: table
                    .get("path")
                    .and_then(|v| v.as_str())
                    .unwrap_or(".")
                    .to_string(),
                docker: table.get("docker").and_then(|v| v.as_table()).cloned(),
                dir,
            });
        }
    }
    cases
}

pub fn strings(table: &toml::Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(|v| v.as_array());
    list.into_iter()
        .flatten()
        .map(|v| v.as_str().expect("a list of strings").to_string())
        .collect()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let mut dirs: Vec<PathBuf> = entries
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    dirs.sort();
    dirs
}

fn base(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Every file below a folder, by its relative path; .git left out.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        for path in entries.map(|e| e.unwrap().path()) {
            if path.is_dir() && !path.is_symlink() {
                if base(&path) != ".git" {
                    walk(root, &path, found);
                }
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

/// A fresh copy of a case's in/, as a repository of its own.
pub fn copy(case: &Case, place: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(place)
        .join(&case.name);
    let _ = fs::remove_dir_all(&target);
    fs::create_dir_all(target.join(".git")).unwrap();
    for (name, bytes) in files(&case.dir.join("in")) {
        let file = target.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    target
}

/// Runs rdock in a folder, without colour.
pub fn rdock(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdock"))
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .args(args)
        .output()
        .expect("rdock starts")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
