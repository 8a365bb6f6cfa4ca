//! Front ends whose files the program packs: what Node.js builds for `src/main/resources/static`. Where a plugin of
//! the build runs Node.js itself, that is left to it.

use super::facts::Facts;
use crate::decision::{Because, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project, beside, is_no_service};
use crate::paths;
use crate::source::{Location, Source};
use crate::tree::Tree;
use std::sync::Arc;

/// Plugins that bring Node.js and build the front end inside of the build.
const PLUGINS: &[&str] = &[
    "com.github.node-gradle",
    "com.moowork.node",
    "flow-maven-plugin",
    "frontend-gradle-plugin",
    "frontend-maven-plugin",
    "node-maven-plugin",
    "org.siouan.frontend",
    "quarkus-quinoa",
    "vaadin-maven-plugin",
];

const SCRIPTS: &[&str] = &["pom.xml", "build.gradle", "build.gradle.kts"];

/// Folders of a module whose files are packed as they are.
const PACKED: &[&str] = &["src/main/resources", "src/main/webapp"];

/// A front end, and where the build looks for its files.
pub struct Front {
    pub assets: Assets,
    because: Because,
}

/// Those of the context that write into a folder which is packed, or whose output the build script names, where it is
/// not in the repository.
pub fn find(project: &Project, facts: &Facts) -> Vec<Front> {
    let scripts = scripts(project, facts);
    if scripts.iter().any(|s| PLUGINS.iter().any(|p| s.text.contains(p))) {
        return Vec::new();
    }
    let tree = project.tree;
    let mut dirs: Vec<&str> = tree
        .under(&facts.context)
        .filter(|p| paths::base(p) == "package.json")
        .map(paths::parent)
        .filter(|dir| {
            let inside = paths::relative(dir, &facts.context);
            inside.matches('/').count() <= 4 && !inside.split('/').any(is_no_service)
        })
        .collect();
    dirs.sort_unstable();
    let mut found: Vec<Front> = Vec::new();
    for assets in dirs.into_iter().filter_map(|dir| (project.assets)(dir)?.ok()) {
        let page = |p: &str| p.ends_with(".html") || p.ends_with(".js");
        let known = found
            .iter()
            .any(|f| paths::is_under(&assets.path, &f.assets.path));
        if known || tree.under(&assets.path).any(page) {
            continue;
        }
        let because = match packed(facts, &assets.path) {
            Some(folder) => Because::rule(format!("the front end in {} writes into {folder}", assets.dir)),
            None => match scripts.iter().find_map(|s| named(s, &assets.path)) {
                Some(because) => because,
                None => continue,
            },
        };
        found.push(Front { assets, because });
    }
    found
}

/// The folder of the build, or the one above it where a front end lies beside the program that it packs.
pub fn context(tree: &Tree, build: &str, dir: &str) -> String {
    let names = |front: &beside::Front| {
        let outputs: Vec<String> = front.outputs().map(|output| format!("../{output}")).collect();
        let mut texts = SCRIPTS
            .iter()
            .filter_map(|name| tree.text(&paths::join(dir, name)?));
        texts.any(|s| outputs.iter().any(|o| whole(&s.text, o).is_some()))
    };
    match beside::above(tree, dir, &names) {
        Some(above) => paths::common([build, &above]),
        None => build.to_string(),
    }
}

/// The build scripts of the program and of what holds it.
fn scripts(project: &Project, facts: &Facts) -> Vec<Arc<Source>> {
    let dirs = paths::ancestors(&facts.dir).take_while(|dir| paths::is_under(dir, &facts.context));
    let files = dirs.flat_map(|dir| SCRIPTS.iter().filter_map(move |name| paths::join(dir, name)));
    files.filter_map(|path| project.tree.text(&path)).collect()
}

/// The folder of the module that this path is packed from.
fn packed(facts: &Facts, path: &str) -> Option<String> {
    let folders = PACKED.iter().filter_map(|p| paths::join(&facts.dir, p));
    folders.into_iter().find(|folder| paths::is_under(path, folder))
}

/// `<directory>frontend/dist</directory>`, `from("../client/build")`: seen from the script's folder or one above.
fn named(script: &Arc<Source>, path: &str) -> Option<Because> {
    let above = paths::ancestors(paths::parent(&script.path)).filter(|dir| paths::is_under(path, dir));
    let said = above.map(|dir| paths::relative(path, dir));
    let (at, said) = said
        .filter(|said| said.contains('/'))
        .find_map(|said| Some((whole(&script.text, said)?, said)))?;
    let place = Location::span(script, at..at + said.len());
    Some(Because::at(&place, format!("packs {said}")))
}

/// Where the text has this path and not a part of a longer one.
fn whole(text: &str, path: &str) -> Option<usize> {
    let inside = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    text.match_indices(path).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// The COPY arguments without the sources of front ends, which stages of their own build.
pub fn without(fronts: &[Front], facts: &Facts, sources: &[Safe]) -> Vec<Safe> {
    let of_a_front = |copy: &Safe| {
        fronts.iter().any(|front| {
            let dir = paths::relative(&front.assets.dir, &facts.context);
            copy.as_str() == format!("{dir}/ {dir}/")
        })
    };
    sources.iter().filter(|copy| !of_a_front(copy)).cloned().collect()
}

impl Front {
    /// The COPY of what was built, to where the build looks for it.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn copy(&self, facts: &Facts) -> Result<Safe, Diagnostic> {
        let from = escape::path(&format!("{}/", self.assets.output.trim_end_matches('/')))?;
        let to = escape::path(&format!(
            "{}/",
            paths::relative(&self.assets.path, &facts.context)
        ))?;
        let stage = &self.assets.stage;
        Ok(Safe::literal(format!("--from={stage} {from} {to}")))
    }

    pub fn decision(&self) -> Decision {
        Decision {
            topic: "front end",
            value: self.assets.dir.clone(),
            because: self.because.clone(),
            over: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_not_found_within_a_longer_one() {
        assert_eq!(
            whole("<directory>${basedir}/web/dist</directory>", "web/dist"),
            Some(22)
        );
        assert_eq!(whole("new-web/dist", "web/dist"), None);
        assert_eq!(whole("web/dist-old", "web/dist"), None);
    }
}
