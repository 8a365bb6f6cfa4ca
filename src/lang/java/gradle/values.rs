//! Single values of a project's scripts: keys in blocks, names of archives, main classes.

use super::model::{Build, Project};
use crate::lang::java::facts::Artifact;
use crate::manifest::gradle::{Statement, Token};
use crate::source::Sourced;

/// The value of a key in the project's statements, inside of all the blocks; no blocks mean the top.
pub fn get(build: &Build, project: &Project, blocks: &[&str], key: &str) -> Option<Sourced<String>> {
    build.statements(project).into_iter().find_map(|s| {
        let shared = |b: &str| b.contains("allprojects") || b.contains("subprojects");
        let top = s.blocks.iter().all(|b| shared(b));
        let fits = blocks.iter().all(|b| s.is_in(b)) && (!blocks.is_empty() || top);
        let value = fits.then(|| s.value_of(key)).flatten()?;
        let text = match value.first()? {
            Token::Text(text) => text.clone(),
            _ => Statement::joined(value).trim_end_matches(')').to_string(),
        };
        Some(Sourced::new(text, s.at.clone()))
    })
}

/// A key in its block, or with the block's name and a dot before it.
pub fn either(build: &Build, project: &Project, block: &str, key: &str) -> Option<Sourced<String>> {
    get(build, project, &[block], key).or_else(|| get(build, project, &[], &format!("{block}.{key}")))
}

/// A literal, or what an expression names; `None` where only Gradle could tell.
fn plain(build: &Build, value: &str) -> Option<String> {
    if value.contains('$') {
        return build.interpolate(value);
    }
    let word = value.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c));
    if !word {
        return None;
    }
    let expression = value.starts_with(|c: char| c.is_alphabetic())
        && (value.contains('.') || build.resolve(value).is_some())
        && ![".jar", ".war"].iter().any(|e| value.ends_with(e));
    if expression {
        return build.resolve(value);
    }
    Some(value.to_string())
}

/// The file that an archive task writes into `dir`. `suffix` is what the task adds by itself.
pub fn artifact(
    build: &Build,
    project: &Project,
    dir: &str,
    task: &str,
    ending: &'static str,
    suffix: &str,
) -> Artifact {
    Artifact {
        dir: dir.to_string(),
        name: file_name(build, project, task, ending, suffix),
        ending,
        suffix: if suffix.is_empty() {
            String::new()
        } else {
            format!("-{suffix}")
        },
    }
}

/// `archiveFileName`, or base name, version and classifier as Gradle joins them.
fn file_name(build: &Build, project: &Project, task: &str, ending: &str, suffix: &str) -> Option<String> {
    let of_task = |keys: &[&str]| keys.iter().find_map(|key| either(build, project, task, key));
    if let Some(name) = of_task(&["archiveFileName", "archiveName"]) {
        return plain(build, &name.value);
    }
    let base = of_task(&["archiveBaseName", "baseName"])
        .or_else(|| either(build, project, "base", "archivesName"))
        .or_else(|| get(build, project, &[], "archivesBaseName"));
    let base = match base {
        Some(base) => plain(build, &base.value)?,
        None => build.name_of(project),
    };
    let version = of_task(&["archiveVersion"]).or_else(|| get(build, project, &[], "version"));
    let version = match version {
        Some(version) => plain(build, &version.value)?,
        None => build.resolve("version").unwrap_or_default(),
    };
    let classifier = match of_task(&["archiveClassifier", "classifier"]) {
        Some(classifier) => plain(build, &classifier.value)?,
        None => suffix.to_string(),
    };
    let joined: Vec<String> = [base, version, classifier]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Some(format!("{}.{ending}", joined.join("-")))
}

pub fn manifest_main(build: &Build, project: &Project) -> Option<Sourced<String>> {
    build.statements(project).into_iter().find_map(|s| {
        let at = s.tokens.iter().position(|t| t.text() == Some("Main-Class"))?;
        let value = s.tokens[at + 1..]
            .iter()
            .find(|t| !matches!(t, Token::Sign(_)) && t.word() != Some("to"))?;
        let class = match value {
            Token::Text(text) => build.interpolate(text)?,
            Token::Word(word) => build.resolve(word)?,
            Token::Sign(_) => return None,
        };
        Some(Sourced::new(class, s.at.clone()))
    })
}

/// Where a build names its main class: block and key.
const MAIN_KEYS: &[(&[&str], &str)] = &[
    (&["application"], "mainClass"),
    (&["application"], "mainClassName"),
    (&[], "mainClassName"),
    (&[], "application.mainClass"),
    (&["springBoot"], "mainClass"),
    (&["bootJar"], "mainClass"),
];

/// The main class that the build names.
pub fn declared_main(build: &Build, project: &Project) -> Option<Sourced<String>> {
    let named = MAIN_KEYS.iter().find_map(|(blocks, key)| {
        let found = get(build, project, blocks, key)?;
        let class = if found.value.contains('$') {
            build.interpolate(&found.value)?
        } else {
            build.resolve(&found.value).unwrap_or(found.value)
        };
        let good = class
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
        (good && !class.is_empty()).then(|| Sourced::new(class, found.at))
    });
    named.or_else(|| manifest_main(build, project))
}
