//! Paths from the repository's root, said as a terminal in the current folder can open them.

use crate::paths;
use crate::plan::Plan;
use crate::render;
use crate::source::Location;
use std::path::{MAIN_SEPARATOR_STR, Path};

/// Where the current folder and the repository's root lie to each other.
#[derive(Debug, Default)]
pub struct Viewpoint {
    /// The current folder from the root; empty at the root and outside of it.
    here: String,
    /// The root from the current folder, with a `/` behind it; empty at the root and inside of it.
    root: String,
}

impl Viewpoint {
    /// Both paths absolute and without links.
    pub fn new(root: &Path, current: &Path) -> Self {
        let slashed = |path: &Path| path.to_string_lossy().replace(MAIN_SEPARATOR_STR, "/");
        if let Ok(here) = current.strip_prefix(root) {
            return Self {
                here: slashed(here),
                root: String::new(),
            };
        }
        let common = current.ancestors().find(|dir| root.starts_with(dir));
        let Some(common) = common.filter(|dir| dir.parent().is_some()) else {
            return Self {
                here: String::new(),
                root: format!("{}/", slashed(root)),
            };
        };
        let up = current
            .strip_prefix(common)
            .map_or(0, |rest| rest.components().count());
        let down = root.strip_prefix(common).unwrap_or(root);
        Self {
            here: String::new(),
            root: format!("{}{}/", "../".repeat(up), slashed(down)),
        }
    }

    /// A file or folder, from the root.
    pub fn path(&self, path: &str) -> String {
        let outside = |dir: &&str| !paths::is_under(path, dir);
        let up = paths::ancestors(&self.here).take_while(outside).count();
        let common = paths::ancestors(&self.here).nth(up).unwrap_or("");
        let climb = format!("{}{}", self.root, "../".repeat(up));
        match (paths::relative(path, common), climb.trim_end_matches('/')) {
            (".", "") => ".".into(),
            (".", climb) => climb.into(),
            (below, _) => climb.clone() + below,
        }
    }

    /// `../go.mod:3`.
    pub fn place(&self, at: &Location) -> String {
        let path = self.path(at.file());
        at.line().map_or(path.clone(), |line| format!("{path}:{line}"))
    }

    /// What builds the image, to be run in the current folder.
    pub fn build_command(&self, plan: &Plan) -> String {
        render::build_command_with(plan, |path| self.path(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_said_from_the_current_folder() {
        for (current, path, seen) in [
            ("/repo", "api/go.mod", "api/go.mod"),
            ("/repo", "", "."),
            ("/repo/api", "api/go.mod", "go.mod"),
            ("/repo/api", "api", "."),
            ("/repo/api/cmd", "api/go.mod", "../go.mod"),
            ("/repo/web/src", "api/go.mod", "../../api/go.mod"),
            ("/repo/web/src", "", "../.."),
            ("/repo/api", "api2/go.mod", "../api2/go.mod"),
            ("/home/me", "go.mod", "/repo/go.mod"),
        ] {
            let from = Viewpoint::new(Path::new("/repo"), Path::new(current));
            assert_eq!(from.path(path), seen, "{current}");
        }
        let beside = Viewpoint::new(Path::new("/home/me/repo"), Path::new("/home/me/other"));
        assert_eq!(beside.path("api/go.mod"), "../repo/api/go.mod");
        assert_eq!(beside.path(""), "../repo");
    }
}
