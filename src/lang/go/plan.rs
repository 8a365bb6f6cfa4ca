//! Choices for one Go program.

use super::bases;
use super::compile;
use super::detect::{self, Facts};
use super::files;
use super::front::{self, StandIn};
use super::hints::Opening;
use super::served::{self, Served};
use super::version;
use super::view::{Layer, Mount, World};
use crate::catalog::Base;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project, usual_port};
use crate::paths;
use crate::plan::{Plan, RuntimeStage};
use crate::settings::{Cache, Runtime};

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    let facts = detect::detect(project).map_err(|e| vec![e])?;
    let (front, stand_ins) = front::front_ends(project, &facts)?;
    let (served, unbuilt) = served::served(project, &facts, &front);
    let mut plan = make(project, &facts, front, &stand_ins, served).map_err(|e| vec![e])?;
    plan.warnings.extend(stand_ins.into_iter().map(|s| s.warning));
    plan.warnings.extend(unbuilt);
    Ok(plan)
}

fn make(
    project: &Project,
    facts: &Facts,
    front: Vec<Assets>,
    stand_ins: &[StandIn],
    served: Vec<Served>,
) -> Result<Plan, Diagnostic> {
    let settings = project.settings;
    let mut warnings = Vec::new();
    let version = version::version(project, facts, &mut warnings)?;
    let runtime = bases::runtime(project, facts)?;
    let (kind, base) = runtime.value;
    let builder = bases::builder(project, facts, &version, kind)?;
    let cross = facts.cgo.is_none();
    let usual = usual_port(project.tree, &project.claim.dir);
    let port = port(project, facts, usual);
    let given = facts
        .arguments
        .iter()
        .any(|w| w.contains("$PORT") || w.contains("${PORT}"));
    let expose = port
        .as_ref()
        .and_then(|p| p.value)
        .or(given.then_some(usual))
        .or((port.is_some() && facts.listens).then_some(usual));
    let built = compile::compile(project, facts, &front, !stand_ins.is_empty(), kind)?;
    let package = built.package;

    let about = format!("holds the program alone: {}", runtime.because.worded());
    let mut stage = runtime_stage(project, facts, kind, base, &about)?;
    stage.expose = expose;
    if let Some(variable) = &facts.hints.port_variable {
        stage.env(&variable.value, &expose.unwrap_or(usual).to_string())?;
    }
    if let Some(name) = &facts.hints.opened_by {
        stage.env(&name.value, "0.0.0.0")?;
    }
    let beside = files::beside(project, facts, kind, &served, &mut stage, &mut warnings)?;
    let (command, arguments) = command(project, facts, expose.unwrap_or(usual));

    let mut reads = built.manifests.clone();
    reads.extend(beside.reads);
    let embeds = facts.embeds.iter().filter(|e| e.there).map(|e| e.path.clone());
    reads.extend(embeds.filter(|p| !p.is_empty() && *p != facts.context));
    if let Some(vendor) = &facts.vendored {
        reads.push(paths::parent(vendor.file()).to_string());
    }
    let mut front = front;
    let places: Vec<Decision> = served.iter().map(Served::decision).collect();
    front.extend(served.into_iter().map(|s| s.assets));
    reads.extend(front.iter().flat_map(|a| a.reads.clone()));
    let downloads = facts.vendored.is_none() && facts.has_dependencies;
    let front_end: Vec<String> = front.iter().map(|a| a.stages.clone()).collect();
    let world = World {
        front_end: (!front.is_empty()).then(|| front_end.join("\n\n")),
        about: escape::comment(&format!(
            "compiles {} with Go {}: {}",
            if package == "." { "the program" } else { &package },
            version.value.version,
            version.because.worded()
        )),
        platform: if cross { "--platform=$BUILDPLATFORM " } else { "" },
        builder: builder.value.clone(),
        setup: built.setup,
        package: package.clone(),
        workdir: escape::path(&built.workdir)?,
        cgo: if facts.cgo.is_some() { "1" } else { "0" },
        private: match &facts.private {
            Some(hosts) => Safe::literal(format!("GOPRIVATE={} ", escape::shell(&hosts.value)?)),
            None => Safe::literal(""),
        },
        download: downloads.then_some(built.download),
        manifests: compile::copied(&built.manifests, &facts.context)?,
        args: built.args,
        mounts: built.mounts,
        copies: built.copies,
        before: compile::stand_ins(stand_ins, &facts.context)?,
        target: if cross {
            "GOOS=$TARGETOS GOARCH=$TARGETARCH GOARM=${TARGETVARIANT#v} \\\n    "
        } else {
            ""
        },
        flags: built.flags,
        layout: beside.layout,
        runtime: stage,
        home: beside.home,
        files: beside.files,
        binary: Safe::literal(facts.binary.clone()),
        entrypoint: escape::exec(&command)?,
        cmd: (!arguments.is_empty())
            .then(|| escape::exec(&arguments))
            .transpose()?,
    };
    let stages = super::stages::stages(project, facts, &world, &front, &arguments)?;

    warn(facts, expose, &mut warnings);
    warnings.extend(front::missing(project, facts, &front));
    warnings.extend(front.iter().flat_map(|a| a.warnings.clone()));
    let mut decisions = vec![
        builder.decision("builder", builder.value.to_string()),
        runtime.decision("runtime", base.map_or("scratch".to_string(), |b| b.from())),
        facts.main.decision("start", package.clone()),
    ];
    decisions.extend(port.map(|p| {
        let variable = facts.hints.port_variable.as_ref().map_or("PORT", |v| &v.value);
        let value = p.value.map_or(format!("from {variable}"), |p| p.to_string());
        p.decision("port", value)
    }));
    decisions.extend(further(project, facts));
    decisions.extend(front.iter().flat_map(|a| a.decisions.clone()));
    decisions.extend(places);
    Ok(Plan {
        name: String::new(),
        title: format!("Go {}", version.value.version),
        entry: package,
        dir: project.claim.dir.clone(),
        context: facts.context.clone(),
        port: expose,
        decisions,
        warnings,
        secrets: built.secrets,
        dockerfile: match settings.cache() {
            Cache::Layer => Box::new(Layer { world }),
            Cache::Mount => Box::new(Mount { world }),
        },
        ignore: files::ignore(project, facts, &front),
        reads,
        front_ends: front.iter().map(|a| a.dir.clone()).collect(),
        stages,
    })
}

fn runtime_stage(
    project: &Project,
    facts: &Facts,
    kind: Runtime,
    base: Option<Base>,
    about: &str,
) -> Result<RuntimeStage, Diagnostic> {
    let settings = project.settings;
    let Some(base) = base else {
        return RuntimeStage::scratch(about, &settings.env, &settings.labels);
    };
    let mut packages = settings.runtime_packages.clone();
    if matches!(kind, Runtime::Alpine | Runtime::Slim) {
        packages.extend(["ca-certificates", "tzdata"].map(String::from));
    }
    if kind == Runtime::Slim {
        packages.extend(facts.cgo.iter().flat_map(|c| &c.run).map(|p| p.to_string()));
    }
    RuntimeStage::new(base, about, &packages, &settings.env, &settings.labels)
}

/// The Procfile's arguments, with the port that it leaves to the platform; none where they hold other variables.
fn arguments(facts: &Facts, port: u16) -> Vec<String> {
    let port = port.to_string();
    let words = facts.arguments.iter();
    let given: Vec<String> = words
        .map(|w| w.replace("${PORT}", &port).replace("$PORT", &port))
        .collect();
    if !given.is_empty() && !given.iter().any(|w| w.contains('$')) {
        return given;
    }
    let mut words: Vec<String> = facts.command.iter().flat_map(|c| c.value.clone()).collect();
    words.extend(
        opening(facts)
            .filter(|o| after(facts, o))
            .map(|o| o.words.clone()),
    );
    words
}

/// The flag that makes the program listen on all addresses, where nothing else gives it arguments.
fn opening(facts: &Facts) -> Option<&Opening> {
    facts
        .hints
        .opening
        .as_ref()
        .filter(|_| facts.arguments.is_empty())
}

/// Does the flag belong behind the command, where it is replaced together with it?
fn after(facts: &Facts, opening: &Opening) -> bool {
    opening.after || facts.command.is_some()
}

/// What is started, and its arguments.
fn command(project: &Project, facts: &Facts, port: u16) -> (Vec<String>, Vec<String>) {
    let mut own = vec![format!("/usr/local/bin/{}", facts.binary)];
    // Nobody outside of the container reaches the flag's own default; a later one still wins.
    own.extend(
        opening(facts)
            .filter(|o| !after(facts, o))
            .map(|o| o.words.clone()),
    );
    let Some(given) = &project.settings.command else {
        return (own, arguments(facts, port));
    };
    match given.value.split_first() {
        Some((first, rest)) if paths::base(first) == facts.binary => {
            own.truncate(1);
            (own, rest.to_vec())
        }
        _ => (given.value.clone(), Vec::new()),
    }
}

/// The choices after builder, runtime, start and port.
fn further(project: &Project, facts: &Facts) -> Vec<Decision> {
    let decision = |topic, value: &str, because| Decision {
        topic,
        value: value.to_string(),
        because,
        over: Vec::new(),
    };
    let cgo = facts
        .cgo
        .iter()
        .map(|cgo| decision("cgo", "on", cgo.because.clone()));
    let mut decisions: Vec<Decision> = cgo.collect();
    if let (Some(command), true, None) = (
        &facts.command,
        facts.arguments.is_empty(),
        &project.settings.command,
    ) {
        let because = Because::at(
            &command.at,
            "is the command that serves, and without one the program only shows its help",
        );
        decisions.push(decision("command", &command.value.join(" "), because));
    }
    if let (Some(flag), Some(at), None) = (opening(facts), &facts.hints.loopback, &project.settings.command) {
        let because = Because::at(
            &at.at,
            format!("has {} as its default, which nobody outside reaches", at.value),
        );
        decisions.push(decision("address", &flag.words, because));
    }
    decisions.push(cache_decision(project, facts));
    decisions.extend(facts.tags.iter().map(|tag| {
        let because = Because::at(&tag.at, "embeds with this tag what the program else does without");
        decision("tags", &tag.value, because)
    }));
    if facts.listens {
        let home = facts.hints.home.iter().map(|at| {
            let because = Because::at(at, "asks for the home folder, and the program makes folders");
            decision("home", "a volume", because)
        });
        let data = facts.hints.data.iter().map(|folder| {
            let because = Because::at(&folder.at, "names it as the folder of its data");
            decision("data", &folder.value, because)
        });
        decisions.extend(home.chain(data));
    }
    decisions.extend(facts.hints.insisted.iter().map(|file| {
        let because = Because::at(
            &file.at,
            "ends without it, and takes from the environment what it would say; the image has an empty one",
        );
        decision("files", &file.value, because)
    }));
    decisions.extend(facts.hints.opens.iter().map(|(path, name)| {
        let because = Because::rule(format!("the program opens `{name}` at run time"));
        decision("files", path, because)
    }));
    decisions
}

/// `None` inside: the program listens where PORT says and has no default of its own. `usual` is for those, and
/// for one whose default does not fit.
fn port(project: &Project, facts: &Facts, usual: u16) -> Option<Chosen<Option<u16>>> {
    if let Some(given) = &project.settings.port {
        return Some(Chosen::new(Some(given.value), given.because.clone()));
    }
    if let (Some(found), Some(variable)) = (
        facts.hints.port.as_ref().filter(|p| p.value < 1024),
        &facts.hints.port_variable,
    ) {
        let text = format!(
            "reads {}; its default {} needs privileges on some platforms",
            variable.value, found.value
        );
        return Some(Chosen::new(Some(usual), Because::at(&variable.at, text)));
    }
    if let Some(found) = &facts.hints.port {
        return Some(Chosen::new(
            Some(found.value),
            Because::at(&found.at, format!("says {}", found.value)),
        ));
    }
    if let Some((command, port)) = facts
        .command
        .as_ref()
        .and_then(|c| Some((c, given_port(&c.value)?)))
    {
        let text = format!("listens on {port} by the argument that it is given");
        return Some(Chosen::new(Some(port), Because::at(&command.at, text)));
    }
    let variable = facts.hints.port_variable.as_ref()?;
    let text = format!(
        "reads {} and has no default; the image sets {usual}",
        variable.value
    );
    Some(Chosen::new(None, Because::at(&variable.at, text)))
}

/// `--http=0.0.0.0:8090`
fn given_port(words: &[String]) -> Option<u16> {
    words.iter().find_map(|w| w.rsplit_once(':')?.1.parse().ok())
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

fn warn(facts: &Facts, port: Option<u16>, warnings: &mut Vec<Diagnostic>) {
    if let Some(found) = facts.hints.loopback.as_ref().filter(|_| opening(facts).is_none()) {
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
