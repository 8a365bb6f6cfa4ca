//! The choices for one program, and the text that they become.

use super::builder;
use super::compile;
use super::detect::{self, Facts};
use super::front::{Front, front_ends};
use super::inputs::{clean, context, ignore, manifests, mounts, paths_outside};
use super::refuse;
use super::runtime::{self, Target};
use super::serve::{self, Serve};
use super::stages::{self, Shape};
use super::view::{Common, Layer, Mount};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::{Plan, RuntimeStage, View, os_setup};
use crate::settings::{Cache, Runtime};

/// Newest release that was tried.
const CHEF: &str = "0.1.78";

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    whole(project).map_err(|e| vec![e])
}

fn whole(project: &Project) -> Result<Plan, Diagnostic> {
    let facts = detect::detect(project)?;
    refuse::other_tools(project, &facts)?;
    let version = builder::version(project, &facts)?;
    let runtime = runtime::runtime(project, &facts, &version)?;
    let target = runtime.value.1.clone();
    let builder = builder::builder(project, &version, target.musl)?;
    let fronts = front_ends(project, &facts)?;
    let context = context(project, &facts, &fronts)?;
    let serve = serve::serve(project, &facts, &context)?;
    let compile = compile::compile(project, &facts, &builder.value, &target, &context)?;

    let release = builder
        .value
        .release
        .map_or_else(String::new, |(a, b)| format!(" {a}.{b}"));
    let reason = builder.because.worded();
    let about = format!("compiles the program with Rust{release}: {reason}");
    let base = target.base.map_or_else(|| "scratch".to_string(), |b| b.from());
    let stage = stage(project, &target, &runtime, &serve)?;
    let mut args = Vec::new();
    for (name, default) in &project.settings.args {
        args.push(Safe::join(&[escape::name(name)?, escape::quoted(default)?], "="));
    }
    let workdir = paths::join("src", paths::relative(&facts.root, &context)).expect("inside the context");
    let layer = project.settings.cache() == Cache::Layer;
    let binary = &facts.program.target.name.value;
    let common = Common {
        front_ends: fronts.iter().map(|f| f.assets.stages.clone()).collect(),
        builder: Safe::literal(escape_image(&builder.value.from)?),
        build_about: escape::comment(&about),
        build_setup: os_setup(builder.value.family, &compile.packages, None)?,
        channel: version.channel.as_deref().map(escape::shell).transpose()?,
        args,
        build_env: compile.env.clone(),
        workdir: escape::path(&format!("/{workdir}"))?,
        cache_about: if layer { LAYERED } else { MOUNTED },
        locked: if facts.lock.is_some() { " --locked" } else { "" },
        select: compile.select.clone(),
        artifact: compile.artifact.clone(),
        outputs: outputs(&serve),
        runtime: stage,
        folder: serve.folder.as_deref().map(escape::path).transpose()?,
        copies: copies(&target, &serve, &fronts)?,
        program: escape::path(binary)?,
        entrypoint: escape::exec(&serve.entrypoint)?,
        command: match serve.arguments.is_empty() {
            true => None,
            false => Some(escape::exec(&serve.arguments)?),
        },
    };
    if layer && paths_outside(&facts).next().is_some() {
        return Err(Diagnostic::error(
            &diagnostic::rules::BAD_SETTING,
            "cargo-chef cannot make a layer of dependencies with packages outside of the workspace",
        )
        .help("leave `cache` at `mount` for this service"));
    }
    let cache = escape::mount(&format!("{}-target", escape::image_name(&facts.cache)))?;
    let stages = stages::stages(&Shape {
        project,
        facts: &facts,
        common: &common,
        fronts: &fronts,
        context: &context,
        mounts: match layer {
            true => compile.secret_mounts.clone(),
            false => {
                let mut mounts = mounts(&facts, &compile, &fronts, &context)?;
                let target = format!("type=cache,id={cache}-$TARGETARCH,target=/target,sharing=locked");
                mounts.push(Safe::literal(target));
                mounts
            }
        },
        clean: (!layer).then(|| clean(&facts, &builder.value)).transpose()?,
        secrets: &compile.secret_mounts,
        arguments: &serve.arguments,
        manifests: manifests(project, &context),
    })?;
    let view: Box<dyn View> = if layer {
        Box::new(Layer {
            common,
            chef: CHEF,
            secret_mounts: compile.secret_mounts.clone(),
            front_end_copies: fronts
                .iter()
                .filter(|f| f.embedded)
                .map(|f| f.copy(&context))
                .collect::<Result<_, _>>()?,
        })
    } else {
        Box::new(Mount {
            common,
            mounts: mounts(&facts, &compile, &fronts, &context)?,
            cache,
            clean: clean(&facts, &builder.value)?,
        })
    };

    let mut decisions = vec![builder.decision("builder", builder.value.from.clone())];
    decisions.push(runtime.decision("runtime", base));
    decisions.push(Decision {
        topic: "start",
        value: serve.shown(),
        because: facts.program.because.clone(),
        over: facts.program.over.clone(),
    });
    decisions.extend(
        serve
            .port
            .as_ref()
            .map(|p| p.decision("port", p.value.to_string())),
    );
    decisions.extend(compile.decisions.iter().cloned());
    decisions.extend(serve.decisions.iter().cloned());
    decisions.push(cache_decision(project));
    decisions.extend(allocator(&facts, &target));
    decisions.extend(fronts.iter().flat_map(|f| f.assets.decisions.iter().cloned()));

    let mut warnings = version.warnings;
    warnings.extend(compile.warnings);
    warnings.extend(serve.warnings);
    warnings.extend(fronts.iter().flat_map(|f| f.assets.warnings.iter().cloned()));
    let mut reads = compile.reads;
    reads.extend(serve.reads);
    reads.extend(fronts.iter().flat_map(|f| f.assets.reads.iter().cloned()));
    reads.sort();
    reads.dedup();
    let mut ignore = ignore(project, &context, version.hide_file.then_some(&facts));
    ignore.extend(compile.ignore);
    for line in fronts.iter().flat_map(|f| &f.assets.ignore) {
        if !ignore.contains(line) {
            ignore.push(line.clone());
        }
    }
    Ok(Plan {
        name: escape::image_name(&facts.name),
        title: format!("Rust{release}"),
        entry: binary.clone(),
        dir: project.claim.dir.clone(),
        context,
        port: serve.port.map(|p| p.value),
        decisions,
        warnings,
        secrets: compile.secrets,
        dockerfile: view,
        ignore,
        reads,
        front_ends: fronts.iter().map(|f| f.dir.clone()).collect(),
        stages,
    })
}

/// Folders for what the runtime takes from the build, after `mkdir`, and the steps that fill them.
fn outputs(serve: &Serve) -> Safe {
    let folders = match (&serve.data, serve.beside.is_empty()) {
        (None, true) => "/out",
        (Some(_), true) => "-p /out/volume",
        (None, false) => "-p /out/beside",
        (Some(_), false) => "-p /out/volume /out/beside",
    };
    let mut steps = vec![Safe::literal(folders)];
    steps.extend(serve.beside.iter().cloned());
    Safe::join(&steps, " \\\n    && ")
}

const MOUNTED: &[&str] = &[
    "Compiled dependencies stay in the cache mount. The project's own packages are dropped first:",
    "cargo goes by dates, and the mount outlives the checkout.",
];
const LAYERED: &[&str] = &["Compiled dependencies are a layer of their own, which CI can export and import."];

fn cache_decision(project: &Project) -> Decision {
    let (value, other, why) = match project.settings.cache() {
        Cache::Mount => (
            "mount",
            "layer",
            "cargo-chef costs minutes once, and all dependencies again with each new one; for CI that loses cache mounts",
        ),
        Cache::Layer => ("layer", "mount", "faster where the builder lives on"),
    };
    let because = match &project.settings.cache {
        Some(given) => given.because.clone(),
        None => Because::rule(
            "the default: after an edit cargo compiles what changed and no more, where the builder lives on",
        ),
    };
    Chosen::new((), because)
        .over(vec![crate::decision::Rejected::possible(other, why)])
        .decision("cache", value)
}

/// Crates that replace the allocator.
const ALLOCATORS: &[&str] = &["mimalloc", "tikv-jemallocator", "jemallocator", "snmalloc-rs"];

fn allocator(facts: &Facts, target: &Target) -> Option<Decision> {
    if !target.musl || ALLOCATORS.iter().any(|name| facts.uses(name).is_some()) {
        return None;
    }
    Some(Decision {
        topic: "allocator",
        value: "musl's own".into(),
        because: Because::rule(
            "nothing replaces it; under many small allocations it costs three times glibc's, and the crate mimalloc mends that",
        ),
        over: Vec::new(),
    })
}

/// An image name that somebody gave is checked as a word, not trusted.
fn escape_image(from: &str) -> Result<String, Diagnostic> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if from.is_empty() || !from.chars().all(good) {
        return Err(Diagnostic::error(
            &diagnostic::rules::BAD_SETTING,
            format!("`{}` is no name of an image", from.escape_debug()),
        )
        .help("write it as in `rust:1.98-slim-trixie`"));
    }
    Ok(from.to_string())
}

fn stage(
    project: &Project,
    target: &Target,
    runtime: &Chosen<(Runtime, Target)>,
    serve: &Serve,
) -> Result<RuntimeStage, Diagnostic> {
    let settings = project.settings;
    let about = runtime.because.worded();
    let about = format!("holds the program alone: {about}");
    let mut stage = match target.base {
        Some(base) => RuntimeStage::new(base, &about, &target.packages, &settings.env, &settings.labels)?,
        None => RuntimeStage::scratch(&about, &settings.env, &settings.labels)?,
    };
    for (name, value) in &serve.env {
        stage.env(name, value)?;
    }
    if let Some(data) = &serve.data {
        stage.volumes.push(escape::exec(&[data])?);
    }
    stage.expose = serve.port.as_ref().map(|p| p.value);
    Ok(stage)
}

fn copies(target: &Target, serve: &Serve, fronts: &[Front]) -> Result<Vec<Safe>, Diagnostic> {
    let mut copies = Vec::new();
    if target.certificates {
        let bundle = "/etc/ssl/certs/ca-certificates.crt";
        copies.push(Safe::literal(format!("--from=build {bundle} {bundle}")));
    }
    copies.extend(serve.copies.iter().cloned());
    for front in fronts.iter().filter(|f| !f.embedded) {
        let from = escape::path(&front.assets.output)?;
        let folder = serve.folder.as_deref().unwrap_or("/app");
        let to = escape::path(&format!("{folder}/{}", front.said))?;
        copies.push(Safe::literal(format!(
            "--from={} {from} {to}",
            front.assets.stage
        )));
    }
    if !serve.beside.is_empty() {
        copies.push(Safe::literal("--from=build /out/beside/ ./"));
    }
    if let Some(data) = &serve.data {
        let data = escape::path(data)?;
        let user = match target.base {
            Some(base) => base
                .image
                .user
                .clone()
                .unwrap_or_else(|| crate::plan::APP_USER.into()),
            None => "65532:65532".into(),
        };
        copies.push(Safe::literal(format!(
            "--from=build --chown={user} /out/volume {data}"
        )));
    }
    Ok(copies)
}
