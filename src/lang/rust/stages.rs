//! What Rust's stages on request do: `cargo test` with the build's caches, and `cargo run` or cargo-watch.

use super::detect::Facts;
use super::front::Front;
use super::view::Common;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::Safe;
use crate::lang::Project;
use crate::paths;
use crate::plan::{Dev, Stages, Test, Work};
use crate::settings::Stage;
use crate::source::Location;
use crate::stages::missing;

/// Newest release that was tried.
const WATCH: &str = "8.5.3";

/// Files that say that the project is developed with cargo-watch.
const SAYS: &[&str] = &[
    ".cargo/config.toml",
    ".cargo/config",
    "Makefile",
    "justfile",
    "Justfile",
    "Makefile.toml",
    "package.json",
    "Procfile.dev",
];

/// What the stages of the image are like.
pub struct Shape<'a> {
    pub project: &'a Project<'a>,
    pub facts: &'a Facts,
    pub common: &'a Common,
    pub fronts: &'a [Front],
    pub context: &'a str,
    /// Fields of the mounts of the build's RUN, and what `cargo clean` drops; nothing in layers.
    pub mounts: Vec<Safe>,
    pub clean: Option<Safe>,
    pub secrets: &'a [Safe],
    /// Arguments of the program.
    pub arguments: &'a [String],
    /// Manifests and the lockfile, from the root of the repository.
    pub manifests: Vec<String>,
}

/// # Errors
/// A path that cannot be written into the Dockerfile.
pub fn stages(shape: &Shape) -> Result<Stages, Diagnostic> {
    let asked = shape.project.settings.stages();
    Ok(Stages {
        deps: None,
        test: asked.contains(&Stage::Test).then(|| test(shape)),
        dev: asked.contains(&Stage::Dev).then(|| dev(shape)),
    })
}

/// Words that say which package and which features, but no single program.
fn package(select: &Safe) -> String {
    let mut words = select.as_str().split(' ');
    let mut out = String::new();
    while let Some(word) = words.next() {
        match word {
            "--bin" => drop(words.next()),
            word => {
                out.push(' ');
                out += word;
            }
        }
    }
    out
}

fn test(shape: &Shape) -> Result<Test, Diagnostic> {
    let tree = shape.project.tree;
    let tests = |path: &&str| {
        path.ends_with(".rs")
            && tree.text(path).is_some_and(|s| {
                s.text.contains("#[test]") || s.text.contains("test]\n") || s.text.contains("#[rstest")
            })
    };
    let root = &shape.facts.root;
    if !tree.under(root).any(|p| tests(&p)) {
        return Err(
            missing(Stage::Test, format!("no `#[test]` in {}", paths::shown(root)))
                .help("add a test, or take `test` out of `stages`"),
        );
    }
    let common = shape.common;
    let cargo = format!("cargo test{}{}", common.locked, package(&common.select));
    let command = match &shape.clean {
        Some(clean) => format!("cargo clean{} {clean} \\\n    && {cargo}", common.locked),
        None => cargo.clone(),
    };
    // Tests write beside their sources; what they write is dropped.
    let writable = |m: &Safe| match m.as_str() {
        "type=bind,target=/src" => Safe::literal("type=bind,target=/src,rw"),
        _ => m.clone(),
    };
    Ok(Test {
        work: Work::on("build"),
        mounts: shape.mounts.iter().map(writable).collect(),
        command: Safe::literal(command),
        because: Because::rule(format!("`{cargo}`")),
    })
}

fn dev(shape: &Shape) -> Result<Dev, Diagnostic> {
    let common = shape.common;
    let mut work = Work::on(common.builder.as_str());
    work.about = "runs the program from its source".into();
    work.lines
        .extend(common.build_setup.iter().map(|s| Safe::literal(s.clone())));
    if let Some(channel) = &common.channel {
        work.line(
            "RUN",
            &Safe::literal(format!("rustup toolchain install {channel} --profile minimal")),
        );
        work.line("ENV", &Safe::literal(format!("RUSTUP_TOOLCHAIN={channel}")));
    }
    let watch = watch(shape);
    if watch.is_some() {
        work.line(
            "RUN",
            &Safe::literal(format!("cargo install cargo-watch --locked --version {WATCH}")),
        );
    }
    work.line("ENV", &Safe::literal("CARGO_TARGET_DIR=/target"));
    work.line("WORKDIR", &common.workdir);
    work.line("COPY", &Safe::literal(". /src"));
    for front in shape.fronts.iter().filter(|f| f.embedded) {
        work.line("COPY", &front.copy(shape.context)?);
    }
    let secrets: String = shape
        .secrets
        .iter()
        .map(|m| format!("--mount={m} \\\n    "))
        .collect();
    // Compiled once, so that a start compiles no more than what has changed.
    let build = format!("{secrets}cargo build{} {}", common.locked, common.select);
    work.line("RUN", &Safe::literal(build));
    work.env(&common.runtime.env, &[]);
    let run = format!("run{} {}", common.locked, common.select);
    let (command, because, watches) = match watch {
        Some(because) => {
            let words = ["cargo", "watch", "-x"].map(String::from);
            (words.into_iter().chain([run]).collect(), because, true)
        }
        None => {
            let mut words: Vec<String> = vec!["cargo".into()];
            words.extend(run.split(' ').map(String::from));
            if !shape.arguments.is_empty() {
                words.push("--".into());
                words.extend(shape.arguments.iter().cloned());
            }
            let because =
                Because::rule("nothing in the project watches it; it is started again after a change");
            (words, because, false)
        }
    };
    Ok(Dev {
        work,
        command,
        because,
        watches,
        sync: vec![(shape.context.to_string(), "/src".into())],
        own: vec!["target".into()],
        manifests: shape.manifests.clone(),
    })
}

/// The file that starts the program with cargo-watch.
fn watch(shape: &Shape) -> Option<Because> {
    let tree = shape.project.tree;
    let dirs = [shape.facts.root.as_str(), shape.project.claim.dir.as_str(), ""];
    let files = dirs
        .iter()
        .flat_map(|dir| SAYS.iter().filter_map(|f| paths::join(dir, f)));
    let source = files.filter_map(|path| tree.text(&path)).find(|s| {
        s.text.contains("cargo watch") || s.text.contains("cargo-watch") || s.text.contains("\"watch -")
    })?;
    Some(Because::at(&Location::whole(&source), "uses cargo-watch"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_of_a_package_and_not_of_one_program() {
        let words = Safe::literal("--package api --bin api --features x");
        assert_eq!(package(&words), " --package api --features x");
        assert_eq!(package(&Safe::literal("--bin x")), "");
    }
}
