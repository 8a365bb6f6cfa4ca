//! Programs with a window of their own: a container has no screen, and a browser has not what the shell
//! gives their page.

use crate::diagnostic::Diagnostic;
use crate::lang::node::files;
use crate::lang::node::rules;
use crate::lang::node::start::{Command, Start};
use crate::lang::node::workspace::in_dir;
use crate::manifest::package_json::PackageJson;
use crate::source::Location;
use crate::tree::Tree;

/// What makes a desktop program of a package: the dependency, and its name for people.
const SHELLS: &[(&str, &str)] = &[
    ("electron", "Electron"),
    ("nw", "NW.js"),
    ("@neutralinojs/neu", "Neutralinojs"),
];

/// What a build script calls that packs a desktop program.
const PACKERS: &[&str] = &[
    "electron-builder",
    "electron-forge",
    "electron-packager",
    "electron-vite",
    "tauri build",
];

/// How a page of Tauri's finds out whether it is in a browser.
const GUARDS: &[&str] = &["__TAURI", "isTauri"];

#[derive(Clone)]
pub struct Desktop {
    pub shell: &'static str,
    pub at: Location,
}

/// A program that the shell runs: its `main` is for the shell, and no script starts another in Node.js.
pub fn program(package: &PackageJson, starts: &[Command]) -> Option<Desktop> {
    let serves = starts.iter().any(|c| !matches!(c.start, Start::Development(_)));
    shell(package).filter(|_| !serves)
}

/// A page that is of no use without its shell: the build packs both, or the page asks Tauri for
/// things without a look whether it is there.
pub fn page(tree: &Tree, dir: &str, package: &PackageJson, build: &str) -> Option<Desktop> {
    if let Some(shell) = shell(package)
        && PACKERS.iter().any(|p| build.contains(p))
    {
        return Some(shell);
    }
    let asks = package.dependency("@tauri-apps/api")?;
    let shelled = tree.has_dir(&in_dir(dir, "src-tauri")) || package.dependency("@tauri-apps/cli").is_some();
    let guarded = || {
        let files = files::of(tree, dir).into_iter();
        let mut texts = files.filter_map(|f| tree.text(f));
        texts.any(|s| GUARDS.iter().any(|g| s.text.contains(g)))
    };
    (shelled && !guarded()).then(|| Desktop {
        shell: "Tauri",
        at: asks.at.clone(),
    })
}

fn shell(package: &PackageJson) -> Option<Desktop> {
    SHELLS.iter().find_map(|(name, shell)| {
        let dependency = package.dependency(name)?;
        Some(Desktop {
            shell,
            at: dependency.at.clone(),
        })
    })
}

pub fn refused(desktop: Desktop) -> Diagnostic {
    Diagnostic::error(
        &rules::DESKTOP,
        format!("this is a desktop program for {}", desktop.shell),
    )
    .at(desktop.at, "opens a window")
    .help("a server in it is started with `--main FILE` or `--command`")
}
