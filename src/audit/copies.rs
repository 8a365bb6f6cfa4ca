//! Rules on COPY: patterns that match two, paths that nobody made, and a context that brings too much.

use super::tools;
use super::view::{View, copied, whole};
use crate::diagnostic::{Diagnostic, Rule};
use crate::paths;

pub fn jar_pattern(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (n, stage) in view.stages() {
        for i in &stage.instructions {
            let Some(copied) = copied(i).filter(|c| c.dest.text.ends_with(".jar")) else {
                continue;
            };
            let Some(source) = copied
                .sources
                .iter()
                .find(|s| s.text.ends_with("/*.jar") || s.text == "*.jar")
            else {
                continue;
            };
            let from = copied.from.and_then(|f| view.file.stage(f));
            let second = second_jar(view, from.unwrap_or(n), &source.text);
            let Some(second) = second else { continue };
            found.push(
                Diagnostic::error(rule, format!("{} matches two files", source.text))
                    .at(
                        i.place(source.at.clone()),
                        format!("the build also makes {second}; COPY of two files to one fails"),
                    )
                    .help("build with `gradle bootJar` alone where it is Spring Boot, or name the jar"),
            );
        }
    }
    found
}

/// What the build certainly makes beside the program's jar.
fn second_jar(view: &View, stage: usize, pattern: &str) -> Option<&'static str> {
    let runs = view.runs(stage);
    let arg = |program: &[&str], goals: &[&str]| {
        runs.iter().any(|(_, c)| {
            program.contains(&c.program()) && c.args().iter().any(|a| goals.contains(&a.as_str()))
        })
    };
    if pattern.contains("build/libs") || pattern.starts_with("libs/") {
        let script = ["build.gradle", "build.gradle.kts"]
            .iter()
            .find_map(|f| view.read(f))?;
        let boot = script.text.contains("org.springframework.boot");
        let off = script.text.contains("enabled = false")
            || script.text.contains("enabled=false")
            || script.text.contains("archiveClassifier")
            || script.text.contains("enabled.set(false)");
        let all = arg(&["gradle", "gradlew"], &["build", "assemble", "jar"]);
        return (boot && all && !off).then_some("the -plain.jar");
    }
    if pattern.contains("target/") {
        let pom = view.read("pom.xml")?;
        let all = arg(&["mvn", "mvnw"], &["package", "install", "verify"]);
        let has = |p: &str| pom.text.contains(p);
        if has("<modules>") || !all {
            return None;
        }
        if has("maven-shade-plugin") && !has("shadedArtifactAttached") && !has("outputFile") {
            return Some("the original-*.jar of the shade plugin");
        }
        if has("maven-source-plugin") && !has("<profile>") {
            return Some("the -sources.jar");
        }
    }
    None
}

/// Folders that images have of themselves.
const SYSTEM: &[&str] = &[
    "usr",
    "etc",
    "lib",
    "lib64",
    "bin",
    "sbin",
    "opt",
    "root",
    "home",
    "var",
    "go",
    "tmp",
    "srv",
    "run",
    "proc",
    "sys",
    "dev",
    "boot",
    "mnt",
    "media",
    "nix",
    "nodejs",
    "busybox",
    "pnpm",
    "cnb",
    "deployments",
    "jre",
    "ko-app",
    "javaruntime",
    "workspace",
    "data",
    "out",
    "app",
    "src",
    "build",
    "workdir",
];

/// A path that no instruction of the stage can have made.
pub fn nothing_there(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = super::bases::unknown_stage(rule, view);
    for (n, stage) in view.stages() {
        for i in &stage.instructions {
            let Some(copied) = copied(i) else { continue };
            let Some(from) = copied.from.and_then(|f| view.file.stage(f)).filter(|f| *f < n) else {
                continue;
            };
            // Images that nobody here knows may hold anything.
            if view.base(from).and_then(|b| b.root()).is_none()
                && view.base(from).is_none_or(|b| !b.distroless())
            {
                continue;
            }
            for source in &copied.sources {
                let Some(first) = source.text.strip_prefix('/').and_then(|p| p.split('/').next()) else {
                    continue;
                };
                if first.is_empty() || source.text.contains(['$', '*']) {
                    continue;
                }
                let known = SYSTEM.contains(&first);
                let rooted = format!("/{first}");
                let mentioned = view.chain(from).any(|(_, _, i)| {
                    let flags = i.flags.iter().any(|(_, v)| v.contains(&rooted));
                    let docs = i
                        .heredocs
                        .iter()
                        .any(|h| h.text.contains(&rooted) || h.text.contains("cd "));
                    let away =
                        i.text.contains("../") || i.text.contains("cd /") || i.text.contains("WORKDIR");
                    flags
                        || docs
                        || away
                        || i.text.contains(&rooted)
                        || i.text.contains('$') && i.keyword == "WORKDIR"
                });
                // Before a WORKDIR, relative paths lie at the root too.
                let first_work = view
                    .chain(from)
                    .find(|(_, _, i)| matches!(i.keyword.as_str(), "RUN" | "COPY" | "WORKDIR"));
                let elsewhere = first_work.is_some_and(|(_, _, i)| {
                    i.keyword == "WORKDIR" && i.text.starts_with('/') && i.text.trim() != "/"
                });
                let mentioned = mentioned || !elsewhere;
                let dir_known =
                    ["app", "src", "build", "out", "workdir", "workspace", "data"].contains(&first);
                let everything = view
                    .chain(from)
                    .filter_map(|(_, _, i)| super::view::copied(i))
                    .any(|c| c.dest.text == "/" || c.dest.text.contains('$'));
                let scripts = view.runs(from).iter().any(|(_, c)| {
                    c.program().ends_with(".sh")
                        || matches!(c.program(), "make" | "just" | "task" | "sh" | "bash")
                });
                if mentioned
                    || everything
                    || scripts
                    || known && !dir_known
                    || view.chain(from).any(|(_, _, i)| i.keyword == "ADD")
                {
                    continue;
                }
                let name = copied.from.unwrap_or_default();
                found.push(
                    Diagnostic::error(rule, format!("stage {name} makes no /{first}"))
                        .at(i.place(source.at.clone()), "the build fails here")
                        .help(format!(
                            "copy from a folder that stage {name} has{}",
                            dirs(view, from)
                        )),
                );
            }
        }
    }
    found
}

fn dirs(view: &View, stage: usize) -> String {
    let end = view.file.stages[stage].instructions.len();
    view.workdir(stage, end)
        .map_or(String::new(), |d| format!(": it works in {d}"))
}

pub fn context(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(context) = view.context.as_deref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (stage, s) in view.stages() {
        let shipped = view.shipped.contains(&stage);
        for (index, i) in s.instructions.iter().enumerate() {
            let Some(copied) = copied(i).filter(|c| c.from.is_none() && !i.onbuild) else {
                continue;
            };
            let Some(source) = copied.sources.iter().find(|s| whole(&s.text)) else {
                continue;
            };
            let Some((what, why, line)) = leak(view, context, stage, index, shipped) else {
                continue;
            };
            let ignore = view
                .ignore
                .as_ref()
                .map_or(super::view::join(context, ".dockerignore"), |(p, _)| p.clone());
            let title = match &view.ignore {
                None => format!("{what} goes into the build: there is no .dockerignore"),
                Some(_) => format!("{what} goes into the build: {ignore} does not name it"),
            };
            found.push(
                Diagnostic::warning(rule, title)
                    .at(i.place(source.at.clone()), why)
                    .help(format!("add the line `{line}` to {ignore}")),
            );
            return found;
        }
    }
    found
}

/// Does the project have a `.env` on developers' machines: a sample of it, or a library that reads it?
fn uses_env_file(view: &View, context: &str) -> bool {
    let sample = view
        .tree
        .files_in(context)
        .map(paths::base)
        .any(|f| f.starts_with(".env.") || matches!(f, "env.example" | "sample.env" | "env.sample"));
    let reader =
        |manifest: &str, library: &str| view.read(manifest).is_some_and(|t| t.text.contains(library));
    sample
        || reader("package.json", "\"dotenv\"")
        || reader("go.mod", "/godotenv")
        || ["requirements.txt", "pyproject.toml", "Pipfile"].iter().any(|m| {
            ["python-dotenv", "django-environ", "environs"]
                .iter()
                .any(|l| reader(m, l))
        })
}

/// What a COPY of the whole context brings and should not.
fn leak(
    view: &View,
    context: &str,
    stage: usize,
    index: usize,
    shipped: bool,
) -> Option<(&'static str, &'static str, &'static str)> {
    let excluded = |path: &str| view.hidden(path);
    // A secret file that git knows not to take.
    let named = |line: &str| {
        paths::ancestors(context)
            .filter_map(|d| view.tree.text(&super::view::join(d, ".gitignore")))
            .any(|t| t.text.lines().any(|l| l.trim().trim_start_matches('/') == line))
    };
    if shipped && named(".env") && !excluded(".env") && uses_env_file(view, context) {
        return Some((
            ".env",
            "git keeps it out because it holds secrets; the image would have it",
            "**/.env",
        ));
    }
    let installed = view.runs(stage).iter().any(|(i, c)| {
        tools::install(c).is_some_and(|(t, _)| t.manifest == "package.json")
            && i.at.line() < view.file.stages[stage].instructions[index].at.line()
    });
    if installed && view.has("package.json") && !excluded("node_modules") {
        return Some((
            "node_modules",
            "the host's packages replace those that were installed above, whatever system they are for",
            "**/node_modules",
        ));
    }
    let git = view
        .chain(stage)
        .any(|(_, _, i)| i.text.contains("git ") || i.text.contains(".git") || i.text.contains("vcs"));
    if context.is_empty() && shipped && !excluded(".git") && !excluded(".git/config") && !git {
        return Some((
            ".git",
            "the whole history is in the image, and every commit builds this step again",
            ".git",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::view::clean;

    #[test]
    fn paths_are_the_same_however_they_are_written() {
        for path in ["web", "./web", "/web/", "././web/"] {
            assert_eq!(clean(path), "web");
        }
    }
}
