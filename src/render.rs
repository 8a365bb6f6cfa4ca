//! From a plan to files: the header, the ignore file, and the check that everything the build copies
//! is there and seen.

use crate::diagnostic::{Diagnostic, rules};
use crate::drift;
use crate::ignorefile::IgnoreFile;
use crate::paths;
use crate::pins::{self, Pins};
use crate::plan::Plan;
use crate::tree::Tree;

/// A file to write, from the repository root.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// Never part of a build context: version control, editors, other containers' files, local secrets.
/// Every line also holds in sub-folders where such things can lie there.
const IGNORED: &str = "\
.git
.gitattributes
.github
.gitlab-ci.yml
.idea
.vscode
**/.DS_Store
**/.env
**/.env.*
!**/.env.example
compose.y*ml
docker-compose*.y*ml
rdock.toml
";

/// The Dockerfile of a plan with its images at their digests, and the ignore file unless somebody else's stands in its place.
///
/// # Errors
/// A path that the build copies is missing, or hidden by an ignore file that rdock did not write.
pub fn files(tree: &Tree, plan: &Plan, pins: &Pins) -> Result<Vec<File>, Vec<Diagnostic>> {
    let mut errors: Vec<Diagnostic> = missing(tree, plan).collect();
    let dockerfile = File {
        path: dockerfile_path(plan),
        text: dockerfile(plan, pins),
    };
    let mut files = vec![dockerfile];
    let path = ignore_path(plan);
    let own = |path: &str| {
        tree.text(path)
            .filter(|s| !drift::is_ours(&s.text))
            .map(|s| (path.to_string(), IgnoreFile::parse(&s.text)))
    };
    match own(&path) {
        Some((path, ignore)) => errors.extend(hidden(plan, &path, &ignore)),
        None => files.push(File {
            path,
            text: ignore_text(plan, pins),
        }),
    }
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

/// Where the Dockerfile stands.
pub fn dockerfile_path(plan: &Plan) -> String {
    join(&plan.dir, "Dockerfile")
}

/// `Dockerfile.dockerignore` wins over the context's `.dockerignore`, so a service below the
/// context's root has its own.
fn ignore_path(plan: &Plan) -> String {
    if plan.dir == plan.context {
        join(&plan.context, ".dockerignore")
    } else {
        join(&plan.dir, "Dockerfile.dockerignore")
    }
}

/// The ignore file that rdock wrote when the build context began elsewhere, where nobody has changed it since.
/// `Dockerfile.dockerignore` would win over the one that holds now.
pub fn obsolete(tree: &Tree, plan: &Plan) -> Option<String> {
    let former = match plan.dir == plan.context {
        true => "Dockerfile.dockerignore",
        false => ".dockerignore",
    };
    let path = join(&plan.dir, former);
    let ours = |path: &String| tree.text(path).is_some_and(|s| drift::is_untouched(&s.text));
    Some(path).filter(ours)
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.into()
    } else {
        format!("{dir}/{name}")
    }
}

/// The command that builds the image, to be run from the repository root.
pub fn build_command(plan: &Plan) -> String {
    build_command_with(plan, |path| paths::shown(path).to_string())
}

/// [`build_command`] in a folder where a path of the repository is called what `path` makes of it.
pub fn build_command_with(plan: &Plan, path: impl Fn(&str) -> String) -> String {
    let mut words = vec!["docker build".to_string()];
    if plan.dir != plan.context {
        words.push(format!("-f {}", shell_path(&path(&dockerfile_path(plan)))));
    }
    words.push(format!("-t {}", plan.name));
    words.extend(plan.secrets.iter().map(|s| s.flag.to_string()));
    words.push(shell_path(&path(&plan.context)));
    words.join(" ")
}

fn shell_path(path: &str) -> String {
    shlex::try_quote(path).map_or_else(|_| path.to_string(), |p| p.to_string())
}

fn dockerfile(plan: &Plan, pins: &Pins) -> String {
    let body = pins.apply(&plan.dockerfile.text());
    let command = crate::escape::comment(&build_command(plan));
    drift::sign(&format!(
        "# syntax=docker/dockerfile:1\n{}\n# Build it from the repository root:\n#   {command}\n\n{}\n",
        drift::UNSIGNED,
        body.trim()
    ))
}

fn ignore_text(plan: &Plan, pins: &Pins) -> String {
    let mut text = format!("{}\n{IGNORED}", drift::UNSIGNED);
    // By their paths: elsewhere a file of such a name may be a template that the program carries.
    for own in [ignore_path(plan), dockerfile_path(plan)] {
        text += &format!("{}\n", paths::relative(&own, &plan.context));
    }
    if !pins.is_empty() {
        text += &format!("{}\n", pins::FILE);
    }
    for line in &plan.ignore {
        text.push_str(line.trim());
        text.push('\n');
    }
    // What the build copies is never hidden by a general pattern above.
    let ignore = IgnoreFile::parse(&text);
    for path in in_context(plan).filter(|p| ignore.hides(p)) {
        text.push_str(&format!("!{path}\n"));
    }
    drift::sign(&text)
}

/// What the build reads, as seen from the context.
fn in_context(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.reads
        .iter()
        .map(|p| paths::relative(p, &plan.context))
        .filter(|p| *p != ".")
}

fn missing<'a>(tree: &'a Tree, plan: &'a Plan) -> impl Iterator<Item = Diagnostic> + 'a {
    plan.reads
        .iter()
        .filter(|path| !tree.has(path) && !tree.has_dir(path))
        .map(|path| {
            Diagnostic::error(
                &rules::MISSING_INPUT,
                format!("{path} is needed by the build and is not in the repository"),
            )
            .help(format!("add {path}, or take it out of .gitignore"))
        })
}

fn hidden(plan: &Plan, file: &str, ignore: &IgnoreFile) -> Vec<Diagnostic> {
    let hidden = in_context(plan).filter(|path| ignore.hides(path));
    hidden
        .map(|path| {
            Diagnostic::error(
                &rules::HIDDEN_INPUT,
                format!("{file} hides {path}, which the build copies"),
            )
            .help(format!("add the line `!{path}` at the end of {file}"))
        })
        .collect()
}
