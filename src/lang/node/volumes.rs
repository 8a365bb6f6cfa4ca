//! Volumes for what a program writes, so that it runs on a read-only root.

use crate::diagnostic::{Diagnostic, rules as shared};
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::lang::node::program::{Program, Sources};
use crate::lang::node::workspace::in_dir;
use crate::lang::node::writes::{self, What, Write};
use crate::paths;
use crate::plan::RuntimeStage;
use crate::settings::Runtime;
use std::collections::BTreeSet;

/// Names of folders that programs fill while they run.
const FILLED: &[&str] = &[
    "data", "database", "db", "files", "logs", "media", "storage", "tmp", "uploads",
];

/// Folders that builds and tests fill.
const BUILT: &[&str] = &["build", "coverage", "dist", "node_modules", "out"];

/// Where files stand that are written beside the program.
const BESIDE: &str = "/data";

/// Endings of files that a program makes where they are missing, and that no build leaves.
const MADE: &[&str] = &[".db", ".log", ".sqlite", ".sqlite3"];

/// What the program writes, from the context's root or absolute.
#[derive(Default)]
struct Written {
    folders: BTreeSet<String>,
    /// Files beside the program, which become links into a volume.
    files: BTreeSet<String>,
}

/// Folders that are committed empty, with a file that keeps them: the program fills them.
fn kept(facts: &Facts) -> Vec<String> {
    let empty = |folder: &String| {
        let mut files = facts.tree.under(folder);
        let keeps = |file: &str| matches!(paths::base(file), ".gitkeep" | ".keep" | ".gitignore");
        FILLED.contains(&paths::base(folder)) && files.all(keeps)
    };
    let folders = facts.tree.dirs_in(facts.dir).into_iter().filter(empty);
    folders.map(|f| facts.placed(&f).to_string()).collect()
}

/// Does the source say so of the program that runs? What a framework bundles lies elsewhere than its
/// source, and its build writes files as well.
fn concerns(facts: &Facts, program: &Program, write: &Write) -> bool {
    if facts.framework.is_none_or(|f| f.id == "nest") || !matches!(program.sources, Sources::Named) {
        return true;
    }
    let name = paths::base(&write.path.value);
    let filled = FILLED.contains(&name) || name == "config";
    !write.from_file && (write.what == What::Database || write.what == What::Folder && filled)
}

/// Is this a folder of the program's own code or of its build?
fn is_code(facts: &Facts, program: &Program, folder: &str) -> bool {
    program.outputs.iter().any(|o| paths::is_under(folder, &o.to))
        || paths::is_under(folder, &in_dir(facts.place, "src"))
        || BUILT.contains(&paths::base(folder))
        || folder != facts.place && files::has_source(facts.tree, &in_dir(facts.root, folder))
}

fn written(facts: &Facts, program: &Program, warnings: &mut Vec<Diagnostic>) -> Written {
    let mut written = Written::default();
    for write in facts.scan.writes.iter().filter(|w| concerns(facts, program, w)) {
        let path = write.path.value.as_str();
        let own = path.strip_prefix(&format!("{}/", facts.home));
        if path.starts_with('/') && own.is_none() {
            let folder = if write.what == What::Folder {
                path
            } else {
                paths::parent(path)
            };
            if writes::is_state(folder) {
                written.folders.insert(folder.to_string());
            }
            continue;
        }
        if own.is_none() && !paths::is_under(path, facts.dir) {
            continue;
        }
        let path = own.unwrap_or_else(|| facts.placed(path));
        let folder = if write.what == What::Folder {
            path
        } else {
            paths::parent(path)
        };
        let linked = write.what == What::Database
            || write.what == What::File && MADE.iter().any(|end| path.ends_with(end));
        if folder != facts.place {
            if !is_code(facts, program, folder) {
                written.folders.insert(folder.to_string());
            }
        } else if write.what == What::Folder || !paths::base(path).contains('.') {
            // The folder of the program itself is there, and a word is no file.
        } else if !linked || facts.tree.has(&in_dir(facts.root, path)) {
            warnings.push(beside(path, write, "fails on a read-only root file system"));
        } else {
            written.files.insert(path.to_string());
        }
    }
    written.folders.extend(kept(facts));
    written
}

fn beside(path: &str, write: &Write, label: &str) -> Diagnostic {
    Diagnostic::warning(
        &shared::WRITES_ROOT,
        format!("the program writes {path} beside itself"),
    )
    .at(write.path.at.clone(), label)
    .help("write into a folder of its own, such as data/, which then gets a volume")
}

/// Makes the folders, as a line of the Dockerfile, and lists them as volumes.
///
/// # Errors
/// A path that cannot be written into a Dockerfile.
pub fn add(
    facts: &Facts,
    program: &Program,
    kind: Runtime,
    stage: &mut RuntimeStage,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Option<Safe>, Diagnostic> {
    let mut written = written(facts, program, warnings);
    if kind == Runtime::Distroless {
        for file in &written.files {
            let same = |w: &&Write| w.path.value.ends_with(file.as_str());
            warnings.extend(
                facts
                    .scan
                    .writes
                    .iter()
                    .find(same)
                    .map(|w| beside(file, w, "no volume in this image")),
            );
        }
        return Ok(None);
    }
    written
        .folders
        .extend(program.writes.iter().filter_map(|f| paths::join(&program.cwd, f)));
    if !written.files.is_empty() {
        written.folders.insert(BESIDE.to_string());
    }
    // What lies in a volume needs none of its own.
    let all = written.folders.clone();
    written
        .folders
        .retain(|f| !all.iter().any(|a| a != f && paths::is_under(f, a)));
    if written.folders.is_empty() {
        return Ok(None);
    }
    let (mut words, mut all_files) = (Vec::new(), false);
    for folder in &written.folders {
        let word = escape::path(folder)?;
        all_files |=
            !folder.starts_with('/') && facts.tree.under(&in_dir(facts.root, folder)).next().is_some();
        stage.volumes.push(match folder.starts_with('/') {
            true => word.clone(),
            false => Safe::literal(format!("{}/{word}", facts.home)),
        });
        words.push(word);
    }
    let list = Safe::join(&words, " ");
    let chown = if all_files { "chown -R" } else { "chown" };
    let mut line = format!("RUN mkdir -p {list} && {chown} {} {list}", stage.user);
    for file in &written.files {
        let name = escape::path(paths::base(file))?;
        line += &format!(" \\\n    && ln -s {BESIDE}/{name} {}", escape::path(file)?);
    }
    Ok(Some(Safe::literal(line)))
}
