//! The compile step: what it reads, where it keeps earlier work, and its flags.

use super::detect::Facts;
use super::front::StandIn;
use super::module::at;
use crate::catalog::Family;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
use crate::paths;
use crate::plan::{Secret, os_setup};
use crate::settings::{Cache, Runtime};
use std::collections::BTreeMap;

/// Everything of the build stage that follows from the facts and the kind of runtime.
pub struct Compile {
    /// The package that is compiled, from there: `./cmd/api`.
    pub package: String,
    /// Where the go command runs: below the whole context at /src.
    pub workdir: String,
    /// A RUN that installs what the C parts need.
    pub setup: Option<String>,
    /// ARG instructions' arguments.
    pub args: Vec<Safe>,
    /// Everything after `go build`.
    pub flags: Safe,
    /// go.mod, go.sum, go.work and go.work.sum, from the repository's root.
    pub manifests: Vec<String>,
    /// Fields of the mounts of `go mod download`.
    pub download: Vec<Safe>,
    /// Fields of the mounts of `go build`.
    pub mounts: Vec<Safe>,
    /// A built front end, copied over the source in layer mode: `--from=… SOURCE TARGET`.
    pub copies: Vec<Safe>,
    pub secrets: Vec<Secret>,
}

pub fn compile(
    project: &Project,
    facts: &Facts,
    front: &[Assets],
    stands_in: bool,
    kind: Runtime,
) -> Result<Compile, Diagnostic> {
    let run_dir = facts.workspace.as_ref().map_or(&facts.module.dir, |w| &w.dir);
    let workdir = at("/src", paths::relative(run_dir, &facts.context));
    let package = match paths::relative(&facts.main.value, run_dir) {
        "." => ".".to_string(),
        below => format!("./{below}"),
    };
    let (args, flags) = arguments(project, facts, &package, kind)?;
    let mut built = Compile {
        workdir: workdir.strip_suffix("/.").unwrap_or(&workdir).to_string(),
        setup: setup(project, facts, kind)?,
        args,
        flags,
        manifests: manifests(project, facts),
        download: Vec::new(),
        mounts: Vec::new(),
        copies: Vec::new(),
        secrets: Vec::new(),
        package,
    };
    let mut private = Vec::new();
    if let Some(host) = &facts.private {
        private.push(Safe::literal("type=secret,id=netrc,target=/root/.netrc"));
        built.secrets.push(Secret {
            flag: "--secret id=netrc,src=$HOME/.netrc".into(),
            why: format!("{} fetches private modules from {}", host.at, host.value),
        });
    }
    let layer = project.settings.cache() == Cache::Layer;
    if !layer {
        let modules = Safe::literal("type=cache,target=/go/pkg/mod");
        built.download.push(modules.clone());
        for manifest in &built.manifests {
            let path = escape::mount(paths::relative(manifest, &facts.context))?;
            // In a workspace the go command adds checksums to go.work.sum; what it writes is dropped.
            let writable = if path.as_str().ends_with("go.work.sum") {
                ",rw"
            } else {
                ""
            };
            let bind = format!("type=bind,source={path},target=/src/{path}{writable}");
            built.download.push(Safe::literal(bind));
        }
        if facts.vendored.is_none() {
            built.mounts.push(modules);
        }
        built
            .mounts
            .push(Safe::literal("type=cache,target=/root/.cache/go-build"));
        let writes = !front.is_empty() || stands_in || facts.workspace.is_some();
        built.mounts.push(Safe::literal(if writes {
            "type=bind,target=/src,rw"
        } else {
            "type=bind,target=/src"
        }));
    }
    built.download.extend(private.iter().cloned());
    for assets in front {
        let target = escape::mount(paths::relative(&assets.path, &facts.context))?;
        let (stage, output) = (&assets.stage, &assets.output);
        if layer {
            let copy = format!("--from={stage} {output}/ /src/{target}/");
            built.copies.push(Safe::literal(copy));
        } else {
            let mount = format!("type=bind,from={stage},source={output},target=/src/{target}");
            built.mounts.push(Safe::literal(mount));
        }
    }
    built.mounts.extend(private);
    Ok(built)
}

/// Makes empty files where nothing else makes what is embedded.
pub fn stand_ins(files: &[StandIn], context: &str) -> Result<Safe, Diagnostic> {
    let mut steps = String::new();
    for file in files {
        let path = at("/src", paths::relative(&file.file, context));
        let (folder, path) = (escape::shell(paths::parent(&path))?, escape::shell(&path)?);
        steps += &format!("mkdir -p {folder} && touch {path} \\\n    && ");
    }
    Ok(Safe::literal(steps))
}

/// What follows ARG, and what follows `go build`.
fn arguments(
    project: &Project,
    facts: &Facts,
    package: &str,
    kind: Runtime,
) -> Result<(Vec<Safe>, Safe), Diagnostic> {
    let settings = project.settings;
    let mut args = Vec::new();
    if facts.cgo.is_none() {
        args.push(Safe::literal("TARGETOS TARGETARCH TARGETVARIANT"));
    }
    for (name, value) in &settings.args {
        args.push(arg(name, value)?);
    }
    let mut ldflags = String::from("-s -w -buildid=");
    if let Some((variable, default)) = &facts.hints.version
        && !settings.args.contains_key("VERSION")
        && stampable(&variable.value)
    {
        args.push(arg("VERSION", default)?);
        ldflags += &format!(" -X {}=$VERSION", variable.value);
    }
    let mut tags: Vec<&str> = facts.tags.iter().map(|t| t.value.as_str()).collect();
    if kind == Runtime::Scratch {
        // Nothing on scratch knows time zones but the program itself.
        tags.push("timetzdata");
    }
    let tags = match tags.as_slice() {
        [] => String::new(),
        tags => format!("-tags {} ", tags.join(",")),
    };
    let output = format!("-trimpath {tags}-ldflags=\"{ldflags}\" -o /out/{}", facts.binary);
    let flags = Safe::join(&[Safe::literal(output), escape::shell(package)?], " ");
    Ok((args, flags))
}

/// A name that `-X` takes without quoting. Import paths have no other characters.
fn stampable(variable: &str) -> bool {
    variable
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "./-_".contains(c))
}

fn arg(name: &str, value: &str) -> Result<Safe, Diagnostic> {
    Ok(Safe::join(&[escape::name(name)?, escape::quoted(value)?], "="))
}

/// What C needs in the builder.
fn setup(project: &Project, facts: &Facts, kind: Runtime) -> Result<Option<String>, Diagnostic> {
    let mut packages = project.settings.build_packages.clone();
    packages.extend(facts.cgo.iter().flat_map(|c| &c.build).map(|p| p.to_string()));
    let musl = kind == Runtime::Alpine && facts.cgo.is_some();
    if musl {
        packages.push("build-base".into());
    }
    let family = if musl { Family::Alpine } else { Family::Debian };
    os_setup(family, &packages, None)
}

/// Every go.mod, go.sum, go.work and go.work.sum that is there.
fn manifests(project: &Project, facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(workspace) = &facts.workspace {
        found.extend([at(&workspace.dir, "go.work"), at(&workspace.dir, "go.work.sum")]);
    }
    found.extend(
        facts
            .needed
            .iter()
            .flat_map(|dir| [at(dir, "go.mod"), at(dir, "go.sum")]),
    );
    found.retain(|path| project.tree.has(path));
    found.sort();
    found
}

/// Manifests by folder: `a/go.mod a/go.sum` and `/src/a/`.
pub fn copied(manifests: &[String], context: &str) -> Result<Vec<(Safe, Safe)>, Diagnostic> {
    let mut folders: BTreeMap<&str, Vec<Safe>> = BTreeMap::new();
    for manifest in manifests {
        let relative = paths::relative(manifest, context);
        folders
            .entry(paths::parent(relative))
            .or_default()
            .push(escape::path(relative)?);
    }
    folders
        .into_iter()
        .map(|(dir, files)| {
            let target = escape::path(&if dir.is_empty() {
                "/src/".to_string()
            } else {
                format!("/src/{dir}/")
            })?;
            Ok((Safe::join(&files, " "), target))
        })
        .collect()
}
