//! Choices for one Go program.

use super::detect::{self, Cgo, Facts};
use super::module::at;
use super::view::{Layer, Mount, World};
use crate::catalog::{Base, Line, Variant};
use crate::choose::{self, Candidate};
use crate::decision::{Because, Chosen, Decision, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::{Assets, AssetsResult, Project};
use crate::paths;
use crate::plan::{Plan, RuntimeStage, Secret};
use crate::settings::{Cache, Runtime};
use crate::source::Sourced;
use std::collections::BTreeMap;

const SUITE: &str = "trixie";
const ALPINE: &str = "alpine3.24";

/// For a program that listens where PORT says and has no default that fits.
const DEFAULT_PORT: u16 = 8080;

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    let facts = detect::detect(project).map_err(|e| vec![e])?;
    let front = front_ends(project, &facts)?;
    make(project, &facts, front).map_err(|e| vec![e])
}

/// The stages for embedded folders that are not in the repository but that a front end builds.
fn front_ends(project: &Project, facts: &Facts) -> Result<Vec<Assets>, Vec<Diagnostic>> {
    let mut found: Vec<Assets> = Vec::new();
    for embed in facts.embeds.iter().filter(|e| !e.there) {
        if found.iter().any(|a| paths::is_under(&embed.path, &a.path)) {
            continue;
        }
        match assets_for(project, facts, &embed.path) {
            Some(Ok(assets))
                if paths::is_under(&embed.path, &assets.path)
                    || paths::is_under(&assets.path, &embed.path) =>
            {
                found.push(assets);
            }
            Some(Err(errors)) => return Err(errors),
            _ => {
                return Err(vec![
                    Diagnostic::error(&rules::MISSING_INPUT, format!("{} is embedded and is not in the repository", embed.path))
                        .at(embed.at.clone(), "nothing matches this")
                        .help(format!("commit {}, or put the front end that makes it into a folder with a package.json and a build script", embed.path)),
                ]);
            }
        }
    }
    Ok(found)
}

/// The front end that makes `path`: one in a folder above it, any other of the context whose output it
/// is, or the only one that there is.
fn assets_for(project: &Project, facts: &Facts, path: &str) -> Option<AssetsResult> {
    let above = paths::ancestors(paths::parent(path)).take_while(|dir| paths::is_under(dir, &facts.context));
    if let Some(found) = above
        .filter(|dir| project.tree.has(&at(dir, "package.json")))
        .find_map(project.assets)
    {
        return Some(found);
    }
    let manifests = project
        .tree
        .under(&facts.context)
        .filter(|p| paths::base(p) == "package.json");
    let dirs = manifests
        .map(paths::parent)
        .filter(|dir| !dir.split('/').any(crate::lang::is_no_service));
    let mut others: Vec<AssetsResult> = dirs.filter_map(project.assets).collect();
    if let Some(i) = others
        .iter()
        .position(|found| found.as_ref().is_ok_and(|a| paths::is_under(path, &a.path)))
    {
        return Some(others.swap_remove(i));
    }
    others.retain(Result::is_ok);
    match others.as_mut_slice() {
        // A script of its own may write elsewhere than the plain build does.
        [Ok(only)] => only.path = path.to_string(),
        _ => return None,
    }
    others.pop()
}

fn make(project: &Project, facts: &Facts, front: Vec<Assets>) -> Result<Plan, Diagnostic> {
    let settings = project.settings;
    let mut warnings = Vec::new();
    let version = version(project, facts, &mut warnings)?;
    let runtime = runtime(project, facts)?;
    let (kind, base) = &runtime.value;
    let builder = builder(project, facts, &version, *kind)?;
    let cross = facts.cgo.is_none();
    let port = port(project, facts);
    let expose = port.as_ref().and_then(|p| p.value);

    let run_dir = facts
        .workspace
        .as_ref()
        .map_or(&facts.module.dir, |w| &w.dir)
        .clone();
    let workdir = at("/src", paths::relative(&run_dir, &facts.context));
    let workdir = workdir.strip_suffix("/.").unwrap_or(&workdir).to_string();
    let package = match paths::relative(&facts.main.value, &run_dir) {
        "." => ".".to_string(),
        below => format!("./{below}"),
    };
    let manifests = manifests(project, facts);
    let downloads = facts.vendored.is_none() && facts.has_dependencies;

    let mut runtime_packages = settings.runtime_packages.clone();
    if matches!(kind, Runtime::Alpine | Runtime::Slim) {
        runtime_packages.extend(["ca-certificates", "tzdata"].map(String::from));
    }
    if *kind == Runtime::Slim {
        runtime_packages.extend(facts.cgo.iter().flat_map(|c| &c.run).map(|p| p.to_string()));
    }
    let about = format!("holds the program alone: {}", runtime.because.worded());
    let mut stage = match base {
        Some(base) => RuntimeStage::new(*base, &about, &runtime_packages, &settings.env, &settings.labels)?,
        None => RuntimeStage::scratch(&about, &settings.env, &settings.labels)?,
    };
    stage.expose = expose;
    if facts.hints.port_variable.is_some() {
        stage.env("PORT", &expose.unwrap_or(DEFAULT_PORT).to_string())?;
    }

    let mut files = Vec::new();
    let mut reads: Vec<String> = manifests.clone();
    if *kind == Runtime::Scratch {
        files.push(Safe::literal(
            "--link --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
        ));
    }
    let mut opened: Vec<(String, String)> = facts.hints.opens.iter().cloned().collect();
    for file in &settings.files {
        if let Some(path) = paths::join(&project.claim.dir, file) {
            opened.push((
                path,
                paths::relative(file, "").trim_start_matches("./").to_string(),
            ));
        }
    }
    // A file below a folder that is copied anyway needs no COPY of its own.
    let covered = |path: &str| opened.iter().any(|(p, _)| p != path && paths::is_under(path, p));
    for (path, name) in opened.iter().filter(|(p, _)| !covered(p)) {
        let source = escape::path(paths::relative(path, &facts.context))?;
        let target = escape::path(name)?;
        let target = Safe::join(&[Safe::literal("."), target], "/");
        files.push(Safe::join(&[Safe::literal("--link"), source, target], " "));
        reads.push(path.clone());
    }
    let (home, layout) = writable(facts, !opened.is_empty(), &mut stage, &mut files, &mut warnings)?;

    let mut args = Vec::new();
    if cross {
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
    let mut tags: Vec<&str> = Vec::new();
    if *kind == Runtime::Scratch {
        tags.push("timetzdata");
    }
    let tags = if tags.is_empty() {
        String::new()
    } else {
        format!("-tags {} ", tags.join(","))
    };
    let binary = Safe::literal(facts.binary.clone());
    let flags = Safe::join(
        &[
            Safe::literal(format!(
                "-trimpath {tags}-ldflags=\"{ldflags}\" -o /out/{}",
                facts.binary
            )),
            escape::shell(&package)?,
        ],
        " ",
    );

    let mut secrets = Vec::new();
    let mut private = Vec::new();
    if let Some(host) = &facts.private {
        private.push(Safe::literal("type=secret,id=netrc,target=/root/.netrc"));
        secrets.push(Secret {
            flag: "--secret id=netrc,src=$HOME/.netrc",
            why: format!("{} fetches private modules from {}", host.at, host.value),
        });
    }

    let layer = settings.cache() == Cache::Layer;
    let bind_all = if front.is_empty() {
        "type=bind,target=/src"
    } else {
        "type=bind,target=/src,rw"
    };
    let modules = Safe::literal("type=cache,target=/go/pkg/mod");
    let compiled = Safe::literal("type=cache,target=/root/.cache/go-build");
    let mut download = Vec::new();
    let mut mounts = Vec::new();
    if !layer {
        download.push(modules.clone());
        for manifest in &manifests {
            let path = escape::mount(paths::relative(manifest, &facts.context))?;
            download.push(Safe::literal(format!(
                "type=bind,source={path},target=/src/{path}"
            )));
        }
        if facts.vendored.is_none() {
            mounts.push(modules);
        }
        mounts.extend([compiled, Safe::literal(bind_all)]);
    }
    download.extend(private.iter().cloned());
    let mut copies = Vec::new();
    for assets in &front {
        let target = paths::relative(&assets.path, &facts.context);
        let target = escape::mount(target)?;
        if layer {
            copies.push(Safe::literal(format!(
                "--from={} {}/ /src/{target}/",
                assets.stage, assets.output
            )));
        } else {
            mounts.push(Safe::literal(format!(
                "type=bind,from={},source={},target=/src/{target}",
                assets.stage, assets.output
            )));
        }
    }
    mounts.extend(private);

    let mut build_packages = settings.build_packages.clone();
    build_packages.extend(facts.cgo.iter().flat_map(|c| &c.build).map(|p| p.to_string()));
    if facts.cgo.is_some() && *kind == Runtime::Alpine {
        build_packages.push("build-base".into());
    }
    let family = if *kind == Runtime::Alpine && facts.cgo.is_some() {
        crate::catalog::Family::Alpine
    } else {
        crate::catalog::Family::Debian
    };
    let setup = crate::plan::os_setup(family, &build_packages, None)?;

    let mut command = vec![format!("/usr/local/bin/{}", facts.binary)];
    let mut arguments = facts.arguments.clone();
    if let Some(given) = &settings.command {
        match given.value.split_first() {
            Some((first, rest)) if paths::base(first) == facts.binary => arguments = rest.to_vec(),
            _ => {
                command = given.value.clone();
                arguments = Vec::new();
            }
        }
    }

    let ignore = ignore(facts, &front);
    reads.extend(
        facts
            .embeds
            .iter()
            .filter(|e| e.there)
            .map(|e| e.path.clone())
            .filter(|p| !p.is_empty() && *p != facts.context),
    );
    if let Some(vendor) = &facts.vendored {
        reads.push(paths::parent(vendor.file()).to_string());
    }
    for assets in &front {
        reads.extend(assets.reads.iter().cloned());
    }
    let world = World {
        front_end: (!front.is_empty()).then(|| {
            front
                .iter()
                .map(|a| a.stages.clone())
                .collect::<Vec<_>>()
                .join("\n\n")
        }),
        about: escape::comment(&format!(
            "compiles {} with Go {}: {}",
            if package == "." { "the program" } else { &package },
            version.value.version,
            version.because.worded()
        )),
        platform: if cross { "--platform=$BUILDPLATFORM " } else { "" },
        builder: builder.value.clone(),
        setup,
        package: package.clone(),
        workdir: escape::path(&workdir)?,
        cgo: if facts.cgo.is_some() { "1" } else { "0" },
        private: match &facts.private {
            Some(hosts) => Safe::literal(format!("GOPRIVATE={} ", escape::shell(&hosts.value)?)),
            None => Safe::literal(""),
        },
        download: downloads.then_some(download),
        manifests: copied(&manifests, &facts.context)?,
        args,
        mounts,
        copies,
        target: if cross {
            "GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} \\\n    "
        } else {
            ""
        },
        flags,
        layout,
        runtime: stage,
        home,
        files,
        binary,
        entrypoint: escape::exec(&command)?,
        cmd: if arguments.is_empty() {
            None
        } else {
            Some(escape::exec(&arguments)?)
        },
    };

    let stages = super::stages::stages(project, facts, &world, &front, &arguments)?;

    warn(facts, expose, &mut warnings);
    for assets in &front {
        warnings.extend(assets.warnings.iter().cloned());
    }
    let mut decisions = vec![
        builder.decision("builder", builder.value.to_string()),
        runtime.decision("runtime", base.map_or("scratch".to_string(), |b| b.from())),
        facts.main.decision("start", package.clone()),
    ];
    if let Some(port) = &port {
        decisions.push(port.decision(
            "port",
            port.value.map_or("from PORT".to_string(), |p| p.to_string()),
        ));
    }
    if let Some(cgo) = &facts.cgo {
        decisions.push(Decision {
            topic: "cgo",
            value: "on".into(),
            because: cgo.because.clone(),
            over: Vec::new(),
        });
    }
    decisions.push(cache_decision(project, facts));
    for (path, name) in &facts.hints.opens {
        decisions.push(Decision {
            topic: "files",
            value: path.clone(),
            because: Because::rule(format!("the program opens `{name}` at run time")),
            over: Vec::new(),
        });
    }
    for assets in &front {
        decisions.extend(assets.decisions.iter().cloned());
    }
    Ok(Plan {
        name: String::new(),
        title: format!("Go {}", version.value.version),
        entry: package,
        dir: project.claim.dir.clone(),
        context: facts.context.clone(),
        port: expose,
        decisions,
        warnings,
        secrets,
        dockerfile: if layer {
            Box::new(Layer { world })
        } else {
            Box::new(Mount { world })
        },
        ignore,
        reads,
        front_ends: front.iter().map(|a| a.dir.clone()).collect(),
        stages,
    })
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

/// The newest supported line that is not older than any stated minimum.
fn version(
    project: &Project,
    facts: &Facts,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Chosen<&'static Line>, Diagnostic> {
    let catalog = project.catalog;
    let lines = catalog.supported_lines("golang");
    let nearest = lines.first().map_or("none".to_string(), |l| l.version.clone());
    if let Some(given) = &project.settings.version {
        let all = catalog.image("golang").map_or(&[][..], |i| &i.lines);
        let found = all.iter().find(|l| minor(&l.version) == minor(&given.value));
        let Some(line) = found else {
            let error = Diagnostic::error(
                &rules::NO_VERSION,
                format!("there is no image of Go {}", given.value),
            );
            return Err(placed(error, &given.because).help(format!("the newest is {nearest}")));
        };
        if !catalog.supported(line) {
            warnings.push(
                Diagnostic::warning(
                    &rules::END_OF_LIFE,
                    format!("Go {} gets no security updates since {}", line.version, line.eol),
                )
                .help(format!(
                    "take {nearest}: a program for an older Go builds with it as well"
                )),
            );
        }
        return Ok(Chosen::new(line, given.because.clone()));
    }
    let highest = facts
        .versions
        .iter()
        .filter(|v| minor(&v.value).is_some())
        .max_by_key(|v| minor(&v.value));
    let Some(highest) = highest else {
        let line = lines
            .first()
            .copied()
            .ok_or_else(|| Diagnostic::error(&rules::NO_VERSION, "the catalogue has no Go"))?;
        return Ok(Chosen::new(
            line,
            Because::rule("no file names a version: the newest supported Go"),
        ));
    };
    let line = choose::newest_line(catalog, "golang", false, |l| {
        minor(&l.version) >= minor(&highest.value)
    });
    let Some(line) = line else {
        return Err(Diagnostic::error(
            &rules::NO_VERSION,
            format!("no supported image of Go is as new as {}", highest.value),
        )
        .at(highest.at.clone(), format!("the newest image is {nearest}"))
        .help(format!(
            "lower the line to {nearest}, or name a builder image with --builder"
        )));
    };
    let older = lines.iter().filter(|l| l.version != line.version);
    let over = older
        .map(|l| {
            Rejected::possible(
                format!("golang:{}", l.version),
                "an older line; Go keeps its promise of compatibility",
            )
        })
        .collect();
    Ok(Chosen::new(line, said(highest)).over(over))
}

fn said(version: &Sourced<String>) -> Because {
    Because::at(
        &version.at,
        format!(
            "says `go {}`, newest supported Go that is not older",
            version.value
        ),
    )
}

fn placed(error: Diagnostic, because: &Because) -> Diagnostic {
    match &because.at {
        Some(at) => error.at(at.clone(), "asked for here"),
        None => error,
    }
}

/// `1.25rc1`, `1.25.3` and `1.25` are all (1, 25).
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    let number = |part: Option<&str>| -> Option<u32> {
        let part = part?;
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().ok()
    };
    Some((number(parts.next())?, number(parts.next()).unwrap_or(0)))
}

fn runtime(project: &Project, facts: &Facts) -> Result<Chosen<(Runtime, Option<Base>)>, Diagnostic> {
    let catalog = project.catalog;
    let distroless = |name: &str| catalog.lookup(&format!("gcr.io/distroless/{name}-debian13:nonroot"));
    let alpine = catalog.lookup(&format!("alpine:{}", ALPINE.trim_start_matches("alpine")));
    let slim = catalog.lookup(&format!("debian:{SUITE}-slim"));
    let candidates = match &facts.cgo {
        None => vec![
            Candidate::possible(
                Runtime::Distroless,
                distroless("static"),
                "no cgo in the build, so a static binary (2 MB, no shell)",
            ),
            Candidate::possible(
                Runtime::Scratch,
                None,
                "nothing but the program, CA roots and its own time zones",
            ),
            Candidate::possible(
                Runtime::Alpine,
                alpine,
                "a static binary with a shell and apk beside it (8 MB)",
            ),
            Candidate::possible(
                Runtime::Slim,
                slim,
                "a static binary with Debian beside it (75 MB)",
            ),
        ],
        Some(cgo) => with_cgo(cgo, &distroless, alpine, slim),
    };
    choose::runtime(candidates, project.settings.runtime.as_ref())
}

fn with_cgo(
    cgo: &Cgo,
    distroless: &dyn Fn(&str) -> Option<Base>,
    alpine: Option<Base>,
    slim: Option<Base>,
) -> Vec<Candidate<Option<Base>>> {
    let why = cgo.because.worded();
    let libraries = !cgo.run.is_empty() || !cgo.unknown.is_empty();
    let list = cgo.run.iter().copied().collect::<Vec<_>>().join(", ");
    let needs = if list.is_empty() {
        "shared libraries".to_string()
    } else {
        list
    };
    let small = match (libraries, cgo.cpp) {
        (true, _) => Candidate::impossible(
            Runtime::Distroless,
            format!("the program needs {needs}, which distroless has not"),
        ),
        (_, true) => Candidate::possible(
            Runtime::Distroless,
            distroless("cc"),
            format!("{why}: glibc and libstdc++, no shell"),
        ),
        (_, false) => Candidate::possible(
            Runtime::Distroless,
            distroless("base-nossl"),
            format!("{why}: glibc, no shell"),
        ),
    };
    let slim = Candidate::possible(
        Runtime::Slim,
        slim,
        if libraries {
            format!("{why} and the program needs {needs}")
        } else {
            "glibc with a shell and apt".into()
        },
    );
    let alpine = if libraries || cgo.cpp {
        Candidate::impossible(
            Runtime::Alpine,
            format!("{why}, and the libraries that it needs are known for Debian alone"),
        )
    } else {
        Candidate::possible(Runtime::Alpine, alpine, "musl: compiled on Alpine too")
    };
    let scratch = Candidate::impossible(
        Runtime::Scratch,
        format!("{why}, so the binary is linked to libc"),
    );
    vec![small, slim, alpine, scratch]
}

fn builder(
    project: &Project,
    facts: &Facts,
    version: &Chosen<&'static Line>,
    kind: Runtime,
) -> Result<Chosen<Safe>, Diagnostic> {
    if let Some(given) = &project.settings.builder {
        return Ok(Chosen::new(escape::path(&given.value)?, given.because.clone()));
    }
    let line = &version.value.version;
    let musl = facts.cgo.is_some() && kind == Runtime::Alpine;
    let (variant, suite) = if musl {
        (Variant::Alpine, ALPINE)
    } else {
        (Variant::Full, SUITE)
    };
    let base = project
        .catalog
        .base("golang", line, variant, suite)
        .ok_or_else(|| {
            Diagnostic::error(
                &rules::NO_VERSION,
                format!("golang {line} has no image on {suite}"),
            )
            .help("name a builder image with --builder")
        })?;
    let mut over = version.over.clone();
    if musl {
        over.push(Rejected::impossible(
            format!("golang:{line}-{SUITE}"),
            "glibc, and the runtime has musl",
        ));
    } else {
        over.push(Rejected::possible(
            format!("golang:{line}-{ALPINE}"),
            "has no git, no C compiler and no bash; only its layers are smaller",
        ));
    }
    Ok(Chosen::new(Safe::literal(base.from()), version.because.clone()).over(over))
}

/// `None` inside: the program listens where PORT says and has no default of its own.
fn port(project: &Project, facts: &Facts) -> Option<Chosen<Option<u16>>> {
    if let Some(given) = &project.settings.port {
        return Some(Chosen::new(Some(given.value), given.because.clone()));
    }
    if let (Some(found), Some(variable)) = (
        facts.hints.port.as_ref().filter(|p| p.value < 1024),
        &facts.hints.port_variable,
    ) {
        let text = format!(
            "reads PORT; its default {} needs privileges on some platforms",
            found.value
        );
        return Some(Chosen::new(Some(DEFAULT_PORT), Because::at(variable, text)));
    }
    if let Some(found) = &facts.hints.port {
        return Some(Chosen::new(
            Some(found.value),
            Because::at(&found.at, format!("says {}", found.value)),
        ));
    }
    let at = facts.hints.port_variable.as_ref()?;
    Some(Chosen::new(
        None,
        Because::at(
            at,
            format!("reads PORT and has no default; the image sets {DEFAULT_PORT}"),
        ),
    ))
}

fn cache_decision(project: &Project, facts: &Facts) -> Decision {
    let (value, text) = match project.settings.cache() {
        Cache::Layer => (
            "layer",
            "modules stay in a layer that CI can export; every compile starts anew",
        ),
        Cache::Mount if facts.vendored.is_some() => (
            "mount",
            "vendor/ holds the modules; compiled packages stay in a cache mount",
        ),
        Cache::Mount => (
            "mount",
            "modules and compiled packages stay in cache mounts, so an edit compiles one package",
        ),
    };
    let because = match &project.settings.cache {
        Some(given) => given.because.clone(),
        None => Because::rule(text),
    };
    Decision {
        topic: "cache",
        value: value.into(),
        because,
        over: Vec::new(),
    }
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
fn copied(manifests: &[String], context: &str) -> Result<Vec<(Safe, Safe)>, Diagnostic> {
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

/// Where the program works, and what must stay writable there on a read-only root.
fn writable(
    facts: &Facts,
    opens_files: bool,
    stage: &mut RuntimeStage,
    files: &mut Vec<Safe>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(Option<Safe>, Option<Safe>), Diagnostic> {
    let database = facts.hints.database.as_ref().filter(|_| facts.sqlite.is_some());
    let app = Safe::literal("/app");
    let Some(sqlite) = &facts.sqlite else {
        return Ok((opens_files.then_some(app), None));
    };
    let folder = database
        .map(|d| paths::parent(&d.value))
        .filter(|d| !d.is_empty());
    let chown = format!("--chown={}", stage.user);
    let (volume, home, link) = match (folder, opens_files, database) {
        (Some(folder), _, _) => (format!("/app/{folder}"), app, None),
        (None, false, _) => ("/data".to_string(), Safe::literal("/data"), None),
        (None, true, Some(database)) => ("/data".to_string(), app, Some(database.value.clone())),
        (None, true, None) => {
            warnings.push(
                Diagnostic::warning(
                    &rules::WRITES_ROOT,
                    format!(
                        "{} keeps a database file, and rdock does not see where",
                        sqlite.value
                    ),
                )
                .at(sqlite.at.clone(), "linked here")
                .help("point the program at /data, which is a volume that it may write to"),
            );
            ("/data".to_string(), app, None)
        }
    };
    let volume = escape::path(&volume)?;
    files.push(Safe::literal(format!(
        "{chown} --from=build /out/volume {volume}"
    )));
    stage.volumes.push(escape::exec(&[volume.as_str()])?);
    let mut layout = vec![Safe::literal("mkdir -p /out/volume")];
    if let Some(name) = link {
        // COPY follows a link that it is given, and keeps those in a folder.
        layout[0] = Safe::literal("mkdir -p /out/volume /out/app");
        let target = escape::shell(&format!("/data/{name}"))?;
        let link = escape::shell(&format!("/out/app/{name}"))?;
        layout.push(Safe::join(&[Safe::literal("ln -s"), target, link], " "));
        files.push(Safe::literal("--from=build /out/app/ ./"));
    }
    Ok((Some(home), Some(Safe::join(&layout, " \\\n    && "))))
}

fn ignore(facts: &Facts, front: &[Assets]) -> Vec<String> {
    let embedded = |name: &str| {
        facts
            .embeds
            .iter()
            .any(|e| e.path.split('/').any(|part| part == name))
    };
    let opened = |name: &str| {
        facts
            .hints
            .opens
            .iter()
            .any(|(p, _)| p.split('/').next() == Some(name))
    };
    let mut lines: Vec<String> = vec!["**/node_modules".into(), "**/*.test".into(), "**/*.out".into()];
    for built in ["bin", "dist"] {
        if !embedded(built)
            && !opened(built)
            && !facts
                .module
                .packages
                .keys()
                .any(|dir| dir.split('/').any(|p| p == built))
        {
            lines.push(built.to_string());
        }
    }
    for assets in front {
        lines.push(paths::relative(&assets.path, &facts.context).to_string());
        lines.extend(assets.ignore.iter().cloned());
    }
    lines
}

fn warn(facts: &Facts, port: Option<u16>, warnings: &mut Vec<Diagnostic>) {
    if let Some(found) = &facts.hints.loopback {
        warnings.push(
            Diagnostic::warning(
                &rules::LOOPBACK,
                format!(
                    "the program listens on {}, which nobody outside of the container reaches",
                    found.value
                ),
            )
            .at(found.at.clone(), "this address")
            .help("listen on 0.0.0.0 or on an address from the environment"),
        );
    }
    if let Some(cgo) = &facts.cgo
        && !cgo.unknown.is_empty()
    {
        let list: Vec<&str> = cgo.unknown.iter().map(String::as_str).collect();
        warnings.push(
            Diagnostic::warning(&super::rules::UNKNOWN_LIBRARY, format!("rdock does not know the Debian packages of {}", list.join(", ")))
                .help("name them in rdock.toml: `build-packages = [\"lib…-dev\"]` and `runtime-packages = [\"lib…\"]`"),
        );
    }
    if let Some(port) = port.filter(|p| *p < 1024) {
        warnings.push(
            Diagnostic::warning(&super::rules::LOW_PORT, format!("port {port} is below 1024")).help(
                "choose a port above 1023 for a platform that refuses it; Docker lets a non-root user bind it",
            ),
        );
    }
}
