//! Tasks of a project's own that copy its dependencies into a folder: what a jar with a `Class-Path`
//! finds beside itself.

use super::model::{Build, Project};
use crate::manifest::gradle::{Statement, Token};

#[derive(Debug, PartialEq)]
pub struct Copied {
    pub task: String,
    /// The folder that the task fills, from the project's.
    pub dir: String,
}

/// What a program is made of at run time, by the names that it had.
const CLASSPATHS: &[&str] = &["configurations.runtimeClasspath", "configurations.runtime"];

/// The task that copies all that the program needs.
pub fn libraries(build: &Build, project: &Project) -> Option<Copied> {
    let statements = build.statements(project);
    let in_block = |s: &Statement, key: &str| s.tokens.first().and_then(Token::word) == Some(key);
    statements
        .iter()
        .filter(|s| in_block(s, "from"))
        .find_map(|from| {
            let whole =
                from.tokens.len() <= 6 && from.tokens.iter().filter_map(Token::word).any(is_classpath);
            let head = from.blocks.last().filter(|_| whole)?;
            let into = statements
                .iter()
                .find(|s| s.blocks.last() == Some(head) && in_block(s, "into"))?;
            Some(Copied {
                task: task(head)?,
                dir: folder(&Statement::joined(into.value_of("into")?))?,
            })
        })
}

fn is_classpath(word: &str) -> bool {
    CLASSPATHS.contains(&word.strip_suffix(".get").unwrap_or(word))
}

/// The name in `tasks.register("libs", Copy)`, `tasks.register<Sync>("libs")`, `task libs(type: Copy)`.
fn task(head: &str) -> Option<String> {
    let of_type = |head: &str| ["Copy", "Sync"].iter().any(|t| head.contains(t));
    let rest = ["tasks.register", "tasks.create", "task"]
        .iter()
        .find_map(|start| head.strip_prefix(start))
        .filter(|_| of_type(head))?;
    let rest = rest.trim_start_matches("<Copy>").trim_start_matches("<Sync>");
    let name = rest.trim_start_matches('(');
    let end = name
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'))
        .unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_string())
}

/// The folder that an expression names, from the project's: `"$buildDir/libs"`,
/// `layout.buildDirectory.dir("libs")`, `file("target")`.
pub fn folder(expression: &str) -> Option<String> {
    let text = expression.trim_end_matches(')');
    let (below, text) = match text.strip_prefix("layout.buildDirectory.dir(") {
        Some(rest) => ("build/", rest),
        None => ("", text),
    };
    let text = ["layout.projectDirectory.dir(", "project.file(", "file("]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(text);
    let mut text = format!("{below}{text}");
    for (name, value) in [
        ("${projectDir}/", ""),
        ("$projectDir/", ""),
        ("${project.projectDir}/", ""),
        ("${buildDir}/", "build/"),
        ("$buildDir/", "build/"),
        ("${project.buildDir}/", "build/"),
        ("${layout.buildDirectory.get()}/", "build/"),
        ("${layout.buildDirectory.get().asFile}/", "build/"),
    ] {
        text = text.replace(name, value);
    }
    let known = text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let inside = !text.starts_with('/') && !text.split('/').any(|part| part == "..");
    (known && inside && !text.is_empty()).then(|| text.trim_end_matches('/').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::java::gradle::model;
    use crate::tree::Tree;

    #[test]
    fn tasks_that_copy_the_dependencies_are_found_in_both_dialects() {
        for (script, name) in [
            (
                "tasks.register('libs', Copy) {\n into \"$projectDir/target/lib\"\n from configurations.runtimeClasspath\n}",
                "build.gradle",
            ),
            (
                "task libs(type: Copy) { from configurations.runtimeClasspath\n into 'target/lib' }",
                "build.gradle",
            ),
            (
                "tasks.register<Copy>(\"libs\") {\n from(configurations.runtimeClasspath.get())\n into(\"target/lib\")\n}",
                "build.gradle.kts",
            ),
            (
                "tasks.register<Sync>(\"libs\") {\n from(configurations.runtimeClasspath)\n into(\"target/lib\")\n}",
                "build.gradle.kts",
            ),
        ] {
            let tree = Tree::from_pairs([(name, script)]);
            let build = model::all(&tree).remove(0).unwrap();
            let expected = Copied {
                task: "libs".into(),
                dir: "target/lib".into(),
            };
            assert_eq!(libraries(&build, &build.projects[0]), Some(expected), "{script}");
        }
    }

    #[test]
    fn folders_that_only_gradle_knows_are_none() {
        assert_eq!(
            folder("layout.buildDirectory.dir(libs)").as_deref(),
            Some("build/libs")
        );
        assert_eq!(folder("$buildDir/lib").as_deref(), Some("build/lib"));
        assert_eq!(folder("$where/lib"), None);
        assert_eq!(folder("../lib"), None);
    }
}
