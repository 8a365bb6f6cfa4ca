//! The choices for one program, and the text that they become.

use super::builder::{self, Builder};
use super::compile::{self, Compile};
use super::detect::{self, Facts};
use super::refuse;
use super::runtime::{self, Target};
use super::serve::{self, Serve};
use super::stages::{self, Shape};
use super::view::{Common, Layer, Mount};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
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
        outputs: match &serve.data {
            Some(data) => Safe::join(
                &[Safe::literal("-p"), escape::shell(&format!("/out{data}"))?],
                " ",
            ),
            None => Safe::literal("/out"),
        },
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
            "--from=build --chown={user} /out{data} {data}"
        )));
    }
    Ok(copies)
}

/// A front end that the program embeds, or serves from a folder.
pub struct Front {
    pub dir: String,
    pub assets: Assets,
    /// In the source, from the repository root.
    pub path: String,
    /// As the program says it.
    pub said: String,
    pub embedded: bool,
}

impl Front {
    pub fn copy(&self, context: &str) -> Result<Safe, Diagnostic> {
        let from = escape::path(&self.assets.output)?;
        let to = escape::path(&format!("/src/{}", paths::relative(&self.path, context)))?;
        Ok(Safe::literal(format!("--from={} {from} {to}", self.assets.stage)))
    }
}

fn front_ends(project: &Project, facts: &Facts) -> Result<Vec<Front>, Diagnostic> {
    let mut wanted: Vec<(String, String, bool)> = Vec::new();
    for embedded in &facts.files.embedded {
        let path = &embedded.value;
        // No front end writes Rust.
        if !project.tree.has(path) && !project.tree.has_dir(path) && !path.ends_with(".rs") {
            wanted.push((path.clone(), path.clone(), true));
        }
    }
    for (said, path) in &facts.files.built {
        wanted.push((path.value.clone(), said.clone(), false));
    }
    let mut fronts: Vec<Front> = Vec::new();
    for (path, said, embedded) in wanted {
        let Some(dir) = super::files::front_end(project.tree, &path, "") else {
            continue;
        };
        if dir == project.claim.dir || fronts.iter().any(|f| f.path == path) {
            continue;
        }
        match (project.assets)(&dir) {
            Some(Ok(assets)) => {
                let assets = assets.making(&path);
                // A file of the front end stands for its folder.
                let inside = paths::relative(&path, &assets.path).to_string();
                let (path, said) = if path != assets.path && paths::is_under(&path, &assets.path) {
                    let folder = said.strip_suffix(&inside).unwrap_or(&said);
                    (assets.path.clone(), folder.trim_end_matches('/').to_string())
                } else {
                    (path, said)
                };
                let said = if embedded { path.clone() } else { said };
                fronts.push(Front {
                    dir,
                    assets,
                    path,
                    said,
                    embedded,
                });
            }
            // A path that is merely opened may be anybody's.
            Some(Err(mut errors)) if embedded && !errors.is_empty() => return Err(errors.swap_remove(0)),
            _ => {}
        }
    }
    fronts.dedup_by(|a, b| a.path == b.path);
    Ok(fronts)
}

/// The nearest folder that holds all that the build reads.
fn context(project: &Project, facts: &Facts, fronts: &[Front]) -> Result<String, Diagnostic> {
    let mut dirs: Vec<&str> = vec![&facts.root, &project.claim.dir];
    dirs.extend(facts.closure.local.iter().map(String::as_str));
    dirs.extend(fronts.iter().map(|f| f.dir.as_str()));
    let files = facts
        .files
        .embedded
        .iter()
        .map(|e| &e.value)
        .chain(facts.files.opened.values().map(|o| &o.value));
    dirs.extend(
        files
            .filter(|f| project.tree.has(f) || project.tree.has_dir(f))
            .map(|f| paths::parent(f)),
    );
    // Aliases alone change no build.
    let matters = |c: &&detect::Config| c.node.entries().iter().any(|e| e.key != "alias");
    dirs.extend(facts.config.iter().filter(matters).map(|c| c.dir.as_str()));
    let common = paths::common(dirs);
    // A settings' file may lie higher.
    for file in &project.settings.files {
        if paths::join(&project.claim.dir, file).is_none() {
            return Err(Diagnostic::error(
                &diagnostic::rules::BAD_SETTING,
                format!("`{file}` leaves the repository"),
            )
            .help("name a path inside of it"));
        }
    }
    Ok(common)
}

fn paths_outside(facts: &Facts) -> impl Iterator<Item = &String> {
    facts
        .closure
        .local
        .iter()
        .filter(|d| !paths::is_under(d, &facts.root))
}

/// Manifests and locks below the context.
fn manifests(project: &Project, context: &str) -> Vec<String> {
    let named = |p: &&str| matches!(paths::base(p), "Cargo.toml" | "Cargo.lock");
    let below = project.tree.under(context).filter(named);
    below.map(str::to_string).collect()
}

/// What `cargo clean` drops: all packages that are compiled from the checkout.
fn clean(facts: &Facts, builder: &Builder) -> Result<Safe, Diagnostic> {
    /// The first cargo with `cargo clean --workspace`.
    const KNOWS_WORKSPACE: (u32, u32) = (1, 94);
    let outside = paths_outside(facts).next().is_some();
    if !outside && builder.release.is_some_and(|r| r >= KNOWS_WORKSPACE) {
        return Ok(Safe::literal("--workspace"));
    }
    let mut words = Vec::new();
    for name in &facts.local_names {
        words.push(Safe::join(
            &[Safe::literal("--package"), escape::shell(name)?],
            " ",
        ));
    }
    Ok(Safe::join(&words, " "))
}

fn mounts(
    facts: &Facts,
    compile: &Compile,
    fronts: &[Front],
    context: &str,
) -> Result<Vec<Safe>, Diagnostic> {
    let embedded: Vec<&Front> = fronts.iter().filter(|f| f.embedded).collect();
    let write = if compile.writes || facts.lock.is_none() || !embedded.is_empty() {
        ",rw"
    } else {
        ""
    };
    let mut mounts = vec![Safe::literal(format!("type=bind,target=/src{write}"))];
    for front in embedded {
        let source = escape::mount(&front.assets.output)?;
        let target = escape::mount(&format!("/src/{}", paths::relative(&front.path, context)))?;
        let stage = &front.assets.stage;
        mounts.push(Safe::literal(format!(
            "type=bind,from={stage},source={source},target={target}"
        )));
    }
    mounts.extend(compile.secret_mounts.iter().cloned());
    mounts.push(Safe::literal("type=cache,target=/usr/local/cargo/registry"));
    if compile.git {
        mounts.push(Safe::literal("type=cache,target=/usr/local/cargo/git/db"));
    }
    Ok(mounts)
}

/// Build folders, and toolchain files that would make rustup download.
fn ignore(project: &Project, context: &str, facts: Option<&Facts>) -> Vec<String> {
    let mut lines = vec!["**/target".to_string()];
    // A folder of that name can hold sources.
    let inside = |path: &str| {
        let at = path.split('/').position(|part| part == "target")?;
        Some(path.split('/').take(at + 1).collect::<Vec<_>>().join("/"))
    };
    let mut sources: Vec<String> = project.tree.under(context).filter_map(inside).collect();
    sources.dedup();
    let built = |p: &String| {
        ["CACHEDIR.TAG", ".rustc_info.json"]
            .iter()
            .any(|n| project.tree.has(&format!("{p}/{n}")))
    };
    for path in sources
        .into_iter()
        .filter(|p| paths::is_under(p, context) && !built(p))
    {
        lines.push(format!("!{}", paths::relative(&path, context)));
    }
    // Beside the program or in a folder of its own; deeper ones are tests and examples.
    let near =
        |p: &str| paths::base(p) == "package.json" && paths::relative(p, context).matches('/').count() < 2;
    if project.tree.under(context).any(near) {
        lines.push("**/node_modules".into());
    }
    if let Some(file) = facts.and_then(|f| f.toolchain.file.as_ref())
        && paths::is_under(&file.path, context)
    {
        lines.push(paths::relative(&file.path, context).to_string());
    }
    lines
}
