//! Gradle's builds: settings, projects, the version catalogue, and what a project's scripts say
//! with what root and convention plugins add.

use super::dependencies::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::lang::beside;
use crate::lang::java::front;
use crate::lang::java::sources;
use crate::manifest::gradle::{self, Script, Statement, Token};
use crate::manifest::properties;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// A build: the folder that Gradle is started in.
pub struct Build {
    pub dir: String,
    /// The name that Gradle gives the root project.
    pub name: Option<String>,
    pub projects: Vec<Project>,
    /// Folders of builds that this one includes, buildSrc among them.
    pub included: Vec<String>,
    /// What scripts name outside of the build: `srcDir '../proto'`.
    pub above: Vec<Sourced<String>>,
    /// The build's folder, or the one above it that holds a front end beside it too.
    pub front: String,
    pub catalogue: Catalogue,
    pub(super) settings: Option<Script>,
    pub(super) properties: Vec<(String, Sourced<String>)>,
    pub(super) conventions: BTreeMap<String, Script>,
    /// Scripts that others take in by `apply from`, by their path.
    pub(super) applied: BTreeMap<String, Script>,
}

/// One project of a build.
pub struct Project {
    /// `:app`; `:` for the root.
    pub path: String,
    pub dir: String,
    pub script: Option<Script>,
}

/// A plugin as a script names it.
#[derive(Clone, Debug)]
pub struct Plugin {
    pub id: String,
    pub version: Option<String>,
    pub applied: bool,
    pub at: Location,
}

pub const SCRIPTS: &[&str] = &["build.gradle.kts", "build.gradle"];
pub const SETTINGS: &[&str] = &["settings.gradle.kts", "settings.gradle"];

/// Long names of plugins that everybody calls by the short one.
const SHORT: &[(&str, &str)] = &[
    ("org.gradle.application", "application"),
    ("org.gradle.war", "war"),
];

pub fn first(tree: &Tree, dir: &str, names: &[&str]) -> Option<String> {
    names
        .iter()
        .filter_map(|n| paths::join(dir, n))
        .find(|p| tree.has(p))
}

fn script(tree: &Tree, dir: &str, names: &[&str]) -> Result<Option<Script>, Diagnostic> {
    let Some(path) = first(tree, dir, names) else {
        return Ok(None);
    };
    Ok(tree.read(&path)?.map(|source| gradle::parse(&source)))
}

/// Every build of the repository, those with the shortest paths first.
pub fn all(tree: &Tree) -> Vec<Result<Build, Diagnostic>> {
    let not_builds = ["build", "buildSrc"];
    let mut dirs: Vec<&str> = tree
        .files()
        .filter(|p| SCRIPTS.contains(&paths::base(p)) || SETTINGS.contains(&paths::base(p)))
        .map(paths::parent)
        .filter(|d| !d.split('/').any(|part| not_builds.contains(&part)) && !sources::is_input(tree, d))
        .collect();
    dirs.sort_by_key(|d| (d.split('/').count() - usize::from(d.is_empty()), d.to_string()));
    dirs.dedup();
    let mut taken: Vec<String> = Vec::new();
    let mut builds = Vec::new();
    for dir in &dirs {
        if taken.iter().any(|t| t == dir) {
            continue;
        }
        // Settings may include projects in loops, which nobody can read: folders with a script and
        // without settings of their own belong to the nearest settings above them.
        let nearest = |d: &str| {
            let between = paths::ancestors(paths::parent(d)).take_while(|a| a != dir);
            between.into_iter().all(|a| first(tree, a, SETTINGS).is_none())
        };
        let below: Vec<&str> = dirs
            .iter()
            .copied()
            .filter(|d| paths::is_under(d, dir) && d != dir && first(tree, d, SETTINGS).is_none())
            .filter(|d| nearest(d))
            .collect();
        match build(tree, dir, &below) {
            Ok(build) => {
                taken.extend(build.projects.iter().map(|p| p.dir.clone()));
                taken.extend(build.included.iter().cloned());
                builds.push(Ok(build));
            }
            Err(e) => builds.push(Err(e)),
        }
    }
    builds
}

fn build(tree: &Tree, dir: &str, below: &[&str]) -> Result<Build, Diagnostic> {
    let settings = script(tree, dir, SETTINGS)?;
    let mut projects = vec![Project {
        path: ":".into(),
        dir: dir.to_string(),
        script: script(tree, dir, SCRIPTS)?,
    }];
    let mut included = Vec::new();
    if let Some(settings) = &settings {
        for (path, folder) in members(settings) {
            let Some(folder) = paths::join(dir, &folder).filter(|f| tree.has_dir(f)) else {
                continue;
            };
            projects.push(Project {
                script: script(tree, &folder, SCRIPTS)?,
                path,
                dir: folder,
            });
        }
        for s in &settings.statements {
            if s.tokens.first().and_then(Token::word) == Some("includeBuild") {
                included.extend(s.texts().filter_map(|t| paths::join(dir, t)));
            }
        }
    }
    if settings.is_some() {
        for folder in below {
            let known = projects.iter().any(|p| p.dir == *folder)
                || included.iter().any(|i| paths::is_under(folder, i));
            if !known {
                projects.push(Project {
                    path: format!(":{}", paths::relative(folder, dir).replace('/', ":")),
                    dir: folder.to_string(),
                    script: script(tree, folder, SCRIPTS)?,
                });
            }
        }
    }
    included.extend(paths::join(dir, "buildSrc"));
    included.retain(|d| tree.has_dir(d) && d != dir);
    included.sort();
    included.dedup();
    let file = paths::join(dir, "gradle.properties").unwrap_or_default();
    Ok(Build {
        dir: dir.to_string(),
        name: settings
            .as_ref()
            .and_then(|s| s.get(&[], "rootProject.name"))
            .map(|n| n.value),
        catalogue: Catalogue::read(tree, dir)?,
        settings,
        properties: tree
            .text(&file)
            .map(|s| properties::parse(&s))
            .unwrap_or_default(),
        conventions: conventions(tree, &included),
        above: above(tree, dir, &projects),
        front: front::context(tree, dir, dir),
        applied: applied(tree, dir, &projects),
        projects,
        included,
    })
}

/// The projects that settings include: path and folder.
/// Where `apply from: "$rootDir/gradle/x.gradle"` may mean its file.
fn taken_in(s: &Statement, root: &str, own: &str) -> Vec<String> {
    let word = |name: &str| s.tokens.iter().any(|t| t.word() == Some(name));
    if s.tokens.first().and_then(Token::word) != Some("apply") || !word("from") {
        return Vec::new();
    }
    let Some(text) = s.texts().last().filter(|t| !t.contains("://")) else {
        return Vec::new();
    };
    let plain = match text.strip_prefix('$') {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    [own, root]
        .iter()
        .filter_map(|dir| paths::join(dir, plain))
        .collect()
}

/// The scripts that these take in, and those that they take in themselves.
fn applied(tree: &Tree, dir: &str, projects: &[Project]) -> BTreeMap<String, Script> {
    let mut found: BTreeMap<String, Script> = BTreeMap::new();
    let mut due: Vec<(String, &str)> = Vec::new();
    for project in projects {
        for s in project.script.iter().flat_map(|s| &s.statements) {
            due.extend(
                taken_in(s, dir, &project.dir)
                    .into_iter()
                    .map(|p| (p, project.dir.as_str())),
            );
        }
    }
    while let Some((path, own)) = due.pop() {
        let known = found.contains_key(&path) || SCRIPTS.contains(&paths::base(&path));
        let Some(source) = tree.text(&path).filter(|_| !known) else {
            continue;
        };
        let script = gradle::parse(&source);
        for s in &script.statements {
            due.extend(taken_in(s, dir, own).into_iter().map(|p| (p, own)));
        }
        found.insert(path, script);
    }
    found
}

/// Files and folders outside of the build that its scripts name, from the project's folder or the build's.
fn above(tree: &Tree, dir: &str, projects: &[Project]) -> Vec<Sourced<String>> {
    let mut found = BTreeMap::new();
    for project in projects {
        for s in project.script.iter().flat_map(|s| &s.statements) {
            let texts: Vec<(&str, usize)> = s
                .texts()
                .map(|text| text.trim_start_matches(['$', '{']))
                .map(|text| {
                    let variable = [
                        "rootDir",
                        "projectDir",
                        "rootProject.projectDir",
                        "project.projectDir",
                    ];
                    let rest = variable.iter().find_map(|v| text.strip_prefix(v));
                    rest.map_or(text, |rest| rest.trim_start_matches(['}', '/']))
                })
                .enumerate()
                .map(|(line, text)| (text, line))
                .collect();
            let reached = beside::reached(tree, dir, &[&project.dir, dir], &texts);
            for path in reached.into_keys().filter(|path| !script_or_build(tree, path)) {
                found.entry(path).or_insert_with(|| s.at.clone());
            }
        }
    }
    found
        .into_iter()
        .map(|(path, at)| Sourced::new(path, at))
        .collect()
}

/// A build of its own, or a script of one.
fn script_or_build(tree: &Tree, path: &str) -> bool {
    let script = path.ends_with(".gradle") || path.ends_with(".gradle.kts");
    script || first(tree, path, SCRIPTS).is_some() || first(tree, path, SETTINGS).is_some()
}

/// The name that settings give to every project at the top: `children.each { it.name = "x-${it.name}" }`.
fn renamed(settings: &Script) -> Option<String> {
    settings.statements.iter().find_map(|s| {
        let all = s
            .blocks
            .last()
            .is_some_and(|b| b.starts_with("rootProject.children."));
        let named = s.tokens.first().and_then(Token::word) == Some("it.name");
        s.texts().next().filter(|_| all && named).map(str::to_string)
    })
}

fn members(settings: &Script) -> Vec<(String, String)> {
    let renamed = renamed(settings);
    let mut moved: BTreeMap<&str, &str> = BTreeMap::new();
    for s in &settings.statements {
        let text = Statement::joined(&s.tokens);
        if text.starts_with("project(") && text.contains("projectDir") {
            let texts: Vec<&str> = s.texts().collect();
            if let [project, .., folder] = texts[..] {
                moved.insert(project, folder);
            }
        }
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for s in &settings.statements {
        if s.tokens.first().and_then(Token::word) != Some("include") {
            continue;
        }
        for name in s.texts() {
            let written = format!(":{}", name.trim_start_matches(':'));
            let path = match &renamed {
                Some(to) => {
                    let (first, rest) = written[1..].split_once(':').unwrap_or((&written[1..], ""));
                    let to = to.replace("${it.name}", first).replace("$it.name", first);
                    let colon = if rest.is_empty() { "" } else { ":" };
                    format!(":{to}{colon}{rest}")
                }
                None => written.clone(),
            };
            let folder = match moved.get(path.as_str()).or_else(|| moved.get(written.as_str())) {
                Some(folder) => folder.to_string(),
                None => written[1..].replace(':', "/"),
            };
            if !found.iter().any(|(p, _)| *p == path) {
                found.push((path, folder));
            }
        }
    }
    found
}

/// Precompiled script plugins of buildSrc and included builds, by the id that projects apply.
fn conventions(tree: &Tree, included: &[String]) -> BTreeMap<String, Script> {
    let mut found = BTreeMap::new();
    for dir in included {
        for path in tree.under(dir).filter(|p| p.contains("src/main/")) {
            let name = paths::base(path);
            let id = name
                .strip_suffix(".gradle.kts")
                .or_else(|| name.strip_suffix(".gradle"));
            if let (Some(id), Some(source)) = (id, tree.text(path)) {
                found.insert(id.to_string(), gradle::parse(&source));
            }
        }
    }
    found
}

impl Build {
    /// The name of a project, in the container: the root's folder is /src there.
    pub fn name_of(&self, project: &Project) -> String {
        match project.path.rsplit(':').next() {
            Some(name) if !name.is_empty() => name.to_string(),
            _ => self.name.clone().unwrap_or_else(|| "src".into()),
        }
    }

    /// The folder that holds the build and all that it includes.
    pub fn context(&self) -> String {
        let dirs = self.projects.iter().map(|p| p.dir.as_str());
        let above = self.above.iter().map(|path| paths::parent(&path.value));
        paths::common(
            dirs.chain(self.included.iter().map(String::as_str))
                .chain(above)
                .chain([self.front.as_str()]),
        )
    }

    fn root(&self) -> Option<&Script> {
        self.projects.first()?.script.as_ref()
    }

    pub fn settings(&self) -> impl Iterator<Item = &Statement> {
        self.settings.iter().flat_map(|s| &s.statements)
    }

    /// What the project's script says, then its conventions, then the root's blocks for all.
    pub fn statements<'a>(&'a self, project: &'a Project) -> Vec<&'a Statement> {
        let mut scripts: Vec<&Script> = project.script.iter().collect();
        let mut all: Vec<&Statement> = Vec::new();
        let mut next = 0;
        while let Some(script) = scripts.get(next).copied() {
            next += 1;
            let own: Vec<&Statement> = script.statements.iter().collect();
            for path in own.iter().flat_map(|s| taken_in(s, &self.dir, &project.dir)) {
                if let Some(more) = self.applied.get(&path)
                    && !scripts.iter().any(|s| s.source.path == path)
                {
                    scripts.push(more);
                }
            }
            for plugin in self.plugins_in(&own) {
                if let Some(convention) = self.conventions.get(&plugin.id)
                    && !scripts.iter().any(|s| s.source.path == convention.source.path)
                {
                    scripts.push(convention);
                }
            }
            all.extend(own);
        }
        let block = |s: &Statement, name: &str| s.blocks.first().is_some_and(|b| b.contains(name));
        if project.path == ":" {
            // In the root's own script these are meant for others.
            all.retain(|s| !block(s, "subprojects"));
        } else {
            let shared = self.root().into_iter().flat_map(|r| &r.statements);
            all.extend(shared.filter(|s| block(s, "allprojects") || block(s, "subprojects")));
        }
        all
    }

    pub fn plugins(&self, project: &Project) -> Vec<Plugin> {
        let own = self.plugins_in(&self.statements(project));
        let mut elsewhere: Vec<&Statement> = self.root().into_iter().flat_map(|s| &s.statements).collect();
        elsewhere.extend(self.settings.iter().flat_map(|s| &s.statements));
        let elsewhere = self.plugins_in(&elsewhere);
        own.into_iter()
            .map(|mut plugin| {
                if plugin.version.is_none() {
                    let other = elsewhere
                        .iter()
                        .find(|o| o.id == plugin.id && o.version.is_some());
                    plugin.version = other.and_then(|o| o.version.clone());
                }
                plugin
            })
            .collect()
    }

    fn plugins_in(&self, statements: &[&Statement]) -> Vec<Plugin> {
        statements.iter().filter_map(|s| self.plugin(s)).collect()
    }

    fn plugin(&self, s: &Statement) -> Option<Plugin> {
        let in_plugins = s.blocks.last().is_some_and(|b| b == "plugins");
        let first = s.tokens.first()?.word()?;
        let mut version = None;
        let id = match first {
            "id" if in_plugins => s.texts().next()?.to_string(),
            "kotlin" if in_plugins => format!("org.jetbrains.kotlin.{}", s.texts().next()?),
            "alias" if in_plugins => {
                let (id, known) = self.catalogue.plugin(&s.tokens)?;
                version = known;
                id
            }
            "apply" if !in_plugins && s.tokens.iter().any(|t| t.word() == Some("plugin")) => {
                s.texts().next()?.to_string()
            }
            word if in_plugins && s.tokens.len() == 1 => word.to_string(),
            _ => return None,
        };
        let after = |word: &str| s.tokens.iter().position(|t| t.word() == Some(word));
        if let Some(at) = after("version")
            && let Some(token) = s.tokens[at + 1..].iter().find(|t| !matches!(t, Token::Sign(_)))
        {
            let raw = Statement::joined(std::slice::from_ref(token));
            let known = if raw.starts_with(|c: char| c.is_ascii_digit()) {
                Some(raw)
            } else {
                self.resolve(&raw)
            };
            version = known.or(version);
        }
        let off = after("apply").is_some_and(|at| Statement::joined(&s.tokens[at..]).contains("false"));
        let short = SHORT.iter().find(|(long, _)| *long == id);
        Some(Plugin {
            id: short.map_or(id, |(_, short)| short.to_string()),
            version,
            applied: first == "apply" || !off,
            at: s.at.clone(),
        })
    }

    /// The project and those of the build that it needs.
    pub fn closure<'a>(&'a self, project: &'a Project) -> Vec<&'a Project> {
        let plain = |p: &str| p.to_lowercase().replace(['-', '_'], "");
        let mut closure = vec![project];
        let mut next = 0;
        while let Some(current) = closure.get(next).copied() {
            next += 1;
            for path in self.statements(current).into_iter().flat_map(needed) {
                let found = self.projects.iter().find(|p| plain(&p.path) == plain(&path));
                if let Some(found) = found
                    && !closure.iter().any(|c| c.path == found.path)
                {
                    closure.push(found);
                }
            }
        }
        closure.sort_by(|a, b| a.dir.cmp(&b.dir));
        closure
    }
}

/// The projects that a dependency names: `project(":lib")`, `projects.lib`.
fn needed(s: &Statement) -> Vec<String> {
    let mut wanted = Vec::new();
    if !s.is_in("dependencies") {
        return wanted;
    }
    if s.tokens.iter().any(|t| t.word() == Some("project")) {
        wanted.extend(s.texts().map(|t| format!(":{}", t.trim_start_matches(':'))));
    }
    for word in s.tokens.iter().filter_map(Token::word) {
        if let Some(accessor) = word.strip_prefix("projects.") {
            wanted.push(format!(":{}", accessor.replace('.', ":")));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(files: &[(&str, &str)]) -> Build {
        let tree = Tree::from_pairs(files.iter().copied());
        let mut builds = all(&tree);
        assert_eq!(builds.len(), 1);
        builds.remove(0).unwrap()
    }

    #[test]
    fn a_folder_that_settings_include_in_a_loop_belongs_to_the_build() {
        let build = only(&[
            (
                "settings.gradle",
                "file('apps').eachDir { include \"apps:${it.name}\" }",
            ),
            ("apps/x/build.gradle", ""),
        ]);
        assert!(
            build
                .projects
                .iter()
                .any(|p| p.path == ":apps:x" && p.dir == "apps/x")
        );
    }
}
