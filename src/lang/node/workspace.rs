//! Workspaces of npm, Yarn, pnpm and Bun: the root, its members, and which of them a program needs.

use crate::diagnostic::Diagnostic;
use crate::manifest::doc;
use crate::manifest::package_json::{self, Kind, PackageJson};
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Member {
    pub dir: String,
    pub package: Arc<PackageJson>,
}

/// A root and its members, sorted by folder; the root itself is none of them.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub root: String,
    pub package: Option<Arc<PackageJson>>,
    pub members: Vec<Member>,
}

pub fn manifest(dir: &str) -> String {
    in_dir(dir, "package.json")
}

pub fn in_dir(dir: &str, file: &str) -> String {
    if dir.is_empty() {
        file.to_string()
    } else {
        format!("{dir}/{file}")
    }
}

/// The package.json of a folder.
///
/// # Errors
/// It is there but broken.
pub fn read(tree: &Tree, dir: &str) -> Result<Option<Arc<PackageJson>>, Diagnostic> {
    tree.parsed(&manifest(dir), package_json::parse)
}

/// The globs that a root declares, if it is one.
fn patterns(tree: &Tree, root: &str) -> Result<Option<Vec<Sourced<String>>>, Diagnostic> {
    if let Some(source) = tree.read(&in_dir(root, "pnpm-workspace.yaml"))? {
        let documents = doc::yaml(&source)?;
        let packages = documents
            .first()
            .and_then(|d| d.get("packages"))
            .map(doc::Node::strings);
        if let Some(packages) = packages.filter(|p| !p.is_empty()) {
            return Ok(Some(packages));
        }
    }
    let own = read(tree, root)?.map(|p| p.workspaces.clone());
    Ok(own.filter(|globs| !globs.is_empty()))
}

struct Globs {
    take: GlobSet,
    leave: GlobSet,
}

impl Globs {
    fn new(patterns: &[Sourced<String>]) -> Self {
        let (mut take, mut leave) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            let (text, set) = match pattern.value.strip_prefix('!') {
                Some(rest) => (rest, &mut leave),
                None => (pattern.value.as_str(), &mut take),
            };
            let text = text.trim_start_matches("./").trim_end_matches('/');
            if let Ok(glob) = GlobBuilder::new(text).literal_separator(true).build() {
                set.add(glob);
            }
        }
        Self {
            take: take.build().unwrap_or_default(),
            leave: leave.build().unwrap_or_default(),
        }
    }

    fn has(&self, dir: &str) -> bool {
        self.take.is_match(dir) && !self.leave.is_match(dir)
    }
}

/// The workspace that `dir` is the root of, or a member of.
///
/// # Errors
/// A manifest of the workspace is broken.
pub fn find(tree: &Tree, dir: &str) -> Result<Option<Arc<Workspace>>, Diagnostic> {
    for root in paths::ancestors(dir) {
        let known = tree.once_at(root, || Root(rooted(tree, root)));
        match &known.0 {
            Err(error) => return Err(error.clone()),
            Ok(Some((globs, workspace))) if root == dir || globs.has(paths::relative(dir, root)) => {
                return Ok(Some(workspace.clone()));
            }
            Ok(_) => {}
        }
    }
    Ok(None)
}

/// A folder's workspace, read once for all its members.
struct Root(Result<Option<(Globs, Arc<Workspace>)>, Diagnostic>);

fn rooted(tree: &Tree, root: &str) -> Result<Option<(Globs, Arc<Workspace>)>, Diagnostic> {
    let Some(patterns) = patterns(tree, root)? else {
        return Ok(None);
    };
    let globs = Globs::new(&patterns);
    let mut members = Vec::new();
    for file in tree.under(root).filter(|f| paths::base(f) == "package.json") {
        let member = paths::parent(file);
        if member != root && globs.has(paths::relative(member, root)) {
            members.extend(read(tree, member)?.map(|package| Member {
                dir: member.to_string(),
                package,
            }));
        }
    }
    members.sort_by(|a, b| a.dir.cmp(&b.dir));
    let workspace = Workspace {
        root: root.to_string(),
        package: read(tree, root)?,
        members,
    };
    Ok(Some((globs, Arc::new(workspace))))
}

/// What a walk along dependencies follows.
#[derive(Clone, Copy, PartialEq)]
pub enum Reach {
    /// Every dependency: what a build may read.
    Build,
    /// Those that are installed in production.
    Runtime,
}

impl Workspace {
    /// The members that `package` in `dir` needs, itself left out, each after those it needs.
    pub fn closure(&self, dir: &str, package: &PackageJson, reach: Reach) -> Vec<&Member> {
        let names: BTreeMap<&str, usize> = self
            .members
            .iter()
            .enumerate()
            .filter_map(|(i, m)| Some((m.package.name.as_deref()?, i)))
            .collect();
        let (mut done, mut seen) = (Vec::new(), BTreeSet::new());
        self.visit(&names, dir, package, reach, &mut seen, &mut done);
        done.into_iter()
            .map(|i| &self.members[i])
            .filter(|m| m.dir != dir)
            .collect()
    }

    fn visit(
        &self,
        names: &BTreeMap<&str, usize>,
        dir: &str,
        package: &PackageJson,
        reach: Reach,
        seen: &mut BTreeSet<usize>,
        done: &mut Vec<usize>,
    ) {
        for dependency in &package.dependencies {
            if reach == Reach::Runtime && dependency.kind == Kind::Development {
                continue;
            }
            let local = ["file:", "link:", "portal:"]
                .iter()
                .find_map(|p| dependency.range.strip_prefix(p));
            let index = match local {
                Some(path) => {
                    let target = paths::join(dir, path);
                    self.members.iter().position(|m| Some(&m.dir) == target.as_ref())
                }
                None => names.get(dependency.name.as_str()).copied(),
            };
            let Some(index) = index else { continue };
            if seen.insert(index) {
                let member = &self.members[index];
                self.visit(names, &member.dir, &member.package, reach, seen, done);
                done.push(index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::from_pairs([
            (
                "package.json",
                r#"{"workspaces": ["apps/*", "libs/**", "!libs/old"]}"#,
            ),
            (
                "apps/api/package.json",
                r#"{"name": "api", "dependencies": {"@x/a": "*"}, "devDependencies": {"@x/c": "*"}}"#,
            ),
            (
                "libs/a/package.json",
                r#"{"name": "@x/a", "dependencies": {"@x/b": "*"}}"#,
            ),
            (
                "libs/deep/b/package.json",
                r#"{"name": "@x/b", "dependencies": {"@x/a": "*"}}"#,
            ),
            ("libs/c/package.json", r#"{"name": "@x/c"}"#),
            ("libs/old/package.json", r#"{"name": "@x/old"}"#),
            ("other/package.json", r#"{"name": "other"}"#),
        ])
    }

    #[test]
    fn members_follow_the_globs_and_their_exceptions() {
        let workspace = find(&tree(), "apps/api").unwrap().unwrap();
        let dirs: Vec<&str> = workspace.members.iter().map(|m| m.dir.as_str()).collect();
        assert_eq!(dirs, ["apps/api", "libs/a", "libs/c", "libs/deep/b"]);
        assert!(find(&tree(), "other").unwrap().is_none());
    }

    #[test]
    fn a_closure_survives_a_cycle_and_lists_needs_first() {
        let workspace = find(&tree(), "apps/api").unwrap().unwrap();
        let api = &workspace
            .members
            .iter()
            .find(|m| m.dir == "apps/api")
            .unwrap()
            .package;
        let dirs = |reach| -> Vec<&str> {
            workspace
                .closure("apps/api", api, reach)
                .iter()
                .map(|m| m.dir.as_str())
                .collect()
        };
        assert_eq!(dirs(Reach::Runtime), ["libs/deep/b", "libs/a"]);
        assert_eq!(dirs(Reach::Build), ["libs/deep/b", "libs/a", "libs/c"]);
    }
}
