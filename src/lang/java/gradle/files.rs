//! Which files of a Gradle build are copied, and the wrapper.

use super::model::{Build, Project, SCRIPTS, SETTINGS, first};
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::java::facts::{Input, Wrapper};
use crate::lang::java::rules;
use crate::manifest::gradle::{Statement, Token};
use crate::manifest::properties;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// With more projects than this, one COPY of everything reads better than one for each.
const MANY: usize = 16;

pub struct Files {
    pub manifests: Vec<Input>,
    pub sources: Vec<Input>,
    pub because: Because,
}

/// Files at the top that Gradle reads without being told.
const TOP: &[&str] = &[
    "gradle.properties",
    "gradle.lockfile",
    "settings-gradle.lockfile",
    "lombok.config",
];

pub fn of(tree: &Tree, build: &Build, closure: &[&Project], wrapper: bool) -> Files {
    let context = build.context();
    let from = |path: &str| paths::relative(path, &context).to_string();
    let script = |input: Vec<String>, dir: &str| {
        Input::files(
            input,
            if dir == context {
                ""
            } else {
                paths::relative(dir, &context)
            },
        )
    };
    let mut manifests = Vec::new();
    if wrapper {
        let path = paths::join(&build.dir, "gradlew").unwrap_or_default();
        manifests.push(Input {
            executable: true,
            ..script(vec![from(&path)], &build.dir)
        });
    }
    let folder = paths::join(&build.dir, "gradle").unwrap_or_default();
    if tree.has_dir(&folder) {
        manifests.push(Input::folder(&from(&folder)));
    }
    if build.projects.len() > MANY {
        let why = format!(
            "the build has {} projects, and Gradle reads the script of every one",
            build.projects.len()
        );
        return Files {
            manifests,
            sources: vec![Input::everything()],
            because: Because::rule(why),
        };
    }
    let unwritten = |p: &&Project| p.script.is_none() && p.dir != build.dir;
    let apart = |p: &&Project| !closure.iter().any(|c| c.path == p.path);
    if let Some(bare) = build.projects.iter().filter(unwritten).find(apart) {
        // Gradle 9 wants the folder of every project to be there.
        let why = format!(
            "{} has no build script of its own, and Gradle wants its folder",
            bare.path
        );
        return Files {
            manifests,
            sources: vec![Input::everything()],
            because: Because::rule(why),
        };
    }
    let mut top: Vec<String> = first(tree, &build.dir, SETTINGS).into_iter().collect();
    top.extend(
        TOP.iter()
            .filter_map(|n| paths::join(&build.dir, n))
            .filter(|p| tree.has(p)),
    );
    for project in &build.projects {
        let mut own: Vec<String> = first(tree, &project.dir, SCRIPTS).into_iter().collect();
        own.extend(applied(tree, &project.dir));
        if project.dir == build.dir {
            own.append(&mut top);
            own.sort();
        } else {
            let more = ["gradle.properties", "gradle.lockfile"];
            own.extend(
                more.iter()
                    .filter_map(|n| paths::join(&project.dir, n))
                    .filter(|p| tree.has(p)),
            );
            own.sort();
        }
        if !own.is_empty() {
            manifests.push(script(own.iter().map(|p| from(p)).collect(), &project.dir));
        }
    }
    for dir in &build.included {
        manifests.push(Input::folder(&from(dir)));
    }
    let mut sources = Vec::new();
    if let Some(root) = build.projects.first().filter(apart) {
        // Gradle configures the root for every task, and scripts name its files by `$rootDir`.
        let all = closure.iter().copied().chain([root]);
        let words = words(all.flat_map(|p| build.statements(p)).chain(build.settings()));
        sources.extend(entries(tree, build, root, &words, &context));
    }
    for project in closure {
        let mut words = words(build.statements(project).into_iter());
        words.insert("src".to_string());
        sources.extend(entries(tree, build, project, &words, &context));
    }
    if sources.is_empty() {
        // What lies above comes with everything.
        return Files {
            manifests,
            sources: vec![Input::everything()],
            because: Because::rule("the program has no src folder of its own"),
        };
    }
    for path in build.above.iter().map(|a| &a.value) {
        sources.push(match tree.has(path) {
            true => Input::files(vec![from(path)], paths::relative(paths::parent(path), &context)),
            false => Input::folder(&from(path)),
        });
    }
    Files {
        manifests,
        sources,
        because: Because::rule("the build scripts, and the sources of the projects that the program needs"),
    }
}

/// Scripts beside a build script, which it applies by name.
fn applied<'a>(tree: &'a Tree, dir: &'a str) -> impl Iterator<Item = String> + 'a {
    let script = |path: &&str| {
        let name = paths::base(path);
        let ending = name.ends_with(".gradle") || name.ends_with(".gradle.kts");
        ending && !SCRIPTS.contains(&name) && !SETTINGS.contains(&name)
    };
    tree.files_in(dir).filter(script).map(str::to_string)
}

/// The parts of all paths that could stand in the statements' strings.
fn words<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<String> {
    let texts = statements.filter(|s| !s.is_in("spotless")).flat_map(read);
    texts
        .flat_map(|t| t.split(['/', '\\']))
        .map(str::to_string)
        .collect()
}

/// The statement's strings up to what it excludes.
fn read(statement: &Statement) -> impl Iterator<Item = &str> {
    let excludes = |t: &Token| t.word().is_some_and(|w| w.to_lowercase().contains("exclude"));
    let tokens = statement.tokens.iter().take_while(move |t| !excludes(t));
    tokens.filter_map(Token::text)
}

/// The entries of the project's folder that these words name, apart from scripts.
fn entries(
    tree: &Tree,
    build: &Build,
    project: &Project,
    words: &BTreeSet<String>,
    context: &str,
) -> Vec<Input> {
    let scripts: Vec<String> = applied(tree, &project.dir).collect();
    let project_dir = |d: &str| {
        build
            .projects
            .iter()
            .any(|p| p.dir != build.dir && paths::is_under(&p.dir, d))
    };
    let skip = ["build", "gradle", "buildSrc", ".git", ".gradle", "out"];
    let mut found: Vec<Input> = tree
        .dirs_in(&project.dir)
        .iter()
        .filter(|d| {
            words.contains(paths::base(d))
                && !skip.contains(&paths::base(d))
                && !project_dir(d)
                && !build.included.contains(d)
        })
        .map(|d| Input::folder(paths::relative(d, context)))
        .collect();
    let files: Vec<String> = tree
        .files_in(&project.dir)
        .filter(|f| {
            let name = paths::base(f);
            words.contains(name)
                && !scripts.iter().any(|s| s == f)
                && !SCRIPTS.contains(&name)
                && !SETTINGS.contains(&name)
                && !TOP.contains(&name)
        })
        .map(|f| paths::relative(f, context).to_string())
        .collect();
    if !files.is_empty() {
        let to = if project.dir == context {
            ""
        } else {
            paths::relative(&project.dir, context)
        };
        found.push(Input::files(files, to));
    }
    found
}

/// The wrapper in the build's folder.
pub fn wrapper(tree: &Tree, dir: &str) -> Wrapper {
    let path = |name: &str| paths::join(dir, name).unwrap_or_default();
    let script = path("gradlew");
    if !tree.has(&script) {
        return Wrapper::Absent;
    }
    let broken = |why: &str, at: Location| {
        Wrapper::Broken(
            Diagnostic::warning(&rules::BROKEN_WRAPPER, format!("{script} is left aside: {why}"))
                .at(at, "")
                .help("run `gradle wrapper` and commit what it writes"),
        )
    };
    if tree.text(&script).is_some_and(|s| s.text.contains("\r\n")) {
        return broken("it has Windows line ends", tree.place(&script));
    }
    if !tree.has(&path("gradle/wrapper/gradle-wrapper.jar")) {
        return broken("gradle-wrapper.jar is not in the repository", tree.place(&script));
    }
    let Some(source) = tree.text(&path("gradle/wrapper/gradle-wrapper.properties")) else {
        return broken(
            "gradle-wrapper.properties is not in the repository",
            tree.place(&script),
        );
    };
    let pairs = properties::parse(&source);
    let url = properties::get(&pairs, "distributionUrl");
    let version = url
        .and_then(|u| u.value.rsplit_once("/gradle-"))
        .map(|(_, v)| {
            v.trim_end_matches(".zip")
                .trim_end_matches("-bin")
                .trim_end_matches("-all")
        })
        .unwrap_or("");
    Wrapper::Usable {
        version: version.to_string(),
        at: url.map_or_else(|| Location::whole(&source), |u| u.at.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::gradle;
    use crate::source::Source;

    #[test]
    fn what_a_script_excludes_or_only_formats_is_not_read_by_the_build() {
        let text = "def excludes = ['notes/**']\n\
                    spotless {\n  java {\n    target 'style/*.java'\n  }\n}\n\
                    jar {\n  from(fileTree(dir: 'legal', exclude: 'drafts'))\n}\n";
        let script = gradle::parse(&Source::new("build.gradle", text));
        let words = words(script.statements.iter());
        assert!(words.contains("legal"));
        for left in ["notes", "style", "drafts"] {
            assert!(!words.contains(left), "{left}");
        }
    }
}
