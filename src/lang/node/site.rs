//! Files for a browser: a build, and nginx without root; or the stages alone, for another language's
//! program that serves them.

use crate::catalog::Variant;
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::building;
use crate::lang::node::cloudflare;
use crate::lang::node::context;
use crate::lang::node::detect;
use crate::lang::node::ground::{self, Ground};
use crate::lang::node::install::Installer;
use crate::lang::node::parts;
use crate::lang::node::product::{Fallback, Site, absolute, beside};
use crate::lang::node::program::{self, Build, Decided};
use crate::lang::node::runtime;
use crate::lang::node::stages::{self, Shape};
use crate::lang::node::tool;
use crate::lang::node::view::{self, World};
use crate::lang::{Assets, Project};
use crate::plan::{Plan, RuntimeStage};
use crate::settings::Runtime;

const NGINX: &str = "nginxinc/nginx-unprivileged";

pub fn plan(mut ground: Ground, site: Site, build: Build) -> Result<Plan, Diagnostic> {
    let (project, facts) = (ground.project, ground.facts);
    let settings = project.settings;
    let (builder, builder_because, builder_over) = ground::builder(&ground, false)?;
    let mut installer = Installer::new(facts, settings, false, ground.line.parse().unwrap_or(26))?;
    let packages = tool::build_packages(facts, &builder, settings);
    let base = view::Base {
        about: escape::comment(&installer.holds(&format!("Node.js {}", ground.line))),
        from: parts::from(settings.builder.as_ref().map(|b| b.value.as_str()), &builder)?,
        lines: installer.base_lines(builder.os.family, &packages)?,
    };
    let deps = installer.everything("installs every dependency, those for the build too", None)?;
    let building = building::stage(&mut installer, &build, &[], settings)?;

    let line = project
        .catalog
        .image(NGINX)
        .and_then(|i| i.lines.first())
        .map_or("", |l| l.version.as_str());
    let image = project
        .catalog
        .base(NGINX, line, Variant::Slim, "alpine3.24")
        .or_else(|| runtime::tag(project.catalog, NGINX, line, Variant::Slim));
    let image = image.expect("the catalogue has nginx");
    if let Some(asked) = &settings.runtime
        && asked.value != Runtime::Alpine
    {
        return Err(Diagnostic::error(
            &crate::diagnostic::rules::IMPOSSIBLE_RUNTIME,
            format!(
                "{} cannot serve files: there is no web server in it",
                asked.value.name()
            ),
        )
        .help("leave the runtime out: the files are served by nginx on Alpine"));
    }
    let about = "serves the built files with nginx, without root, on port 8080";
    let mut stage = RuntimeStage::new(
        image,
        about,
        &settings.runtime_packages,
        &settings.env,
        &settings.labels,
    )?;
    let port = match &settings.port {
        Some(given) => Chosen::new(given.value, given.because.clone()),
        None => Chosen::new(8080, Because::rule("the image's own, as it runs without root")),
    };
    stage.expose = Some(port.value);
    let from = escape::path(&absolute(&format!("app/{}", facts.place), &site.dir))?;
    let to = if site.base.is_empty() {
        "/usr/share/nginx/html".to_string()
    } else {
        format!("/usr/share/nginx/html/{}", escape::path(&site.base)?)
    };
    let prefix = if site.base.is_empty() {
        "/".to_string()
    } else {
        format!("/{}/", escape::path(&site.base)?)
    };
    let serving = view::Serving {
        port: port.value,
        from,
        to: Safe::literal(to),
        home: (!site.base.is_empty()).then(|| Safe::literal(prefix.clone())),
        hashed: (!site.hashed.is_empty()).then(|| Safe::literal(format!("{prefix}{}/", site.hashed))),
        fallback: Safe::literal(match site.fallback {
            Fallback::Application => format!("$uri $uri/ {prefix}index.html"),
            Fallback::Pages => "$uri $uri.html $uri/index.html =404".into(),
        }),
        missing: (site.fallback == Fallback::Pages && site.base.is_empty()).then_some("/404.html"),
    };
    ground.warnings.extend(facts.managed.warnings.iter().cloned());
    ground.warnings.append(&mut installer.warnings);
    ground.warnings.extend(cloudflare::warning(facts));
    let mut decisions = vec![
        Decision {
            topic: "builder",
            value: base.from.to_string(),
            because: settings
                .builder
                .as_ref()
                .map_or(builder_because, |b| b.because.clone()),
            over: builder_over,
        },
        Decision {
            topic: "runtime",
            value: image.from(),
            because: Because::rule("the build makes files for a browser, and nginx serves them without root"),
            over: vec![],
        },
        Decision {
            topic: "start",
            value: format!("nginx serves {}", site.dir),
            because: site.because,
            over: vec![],
        },
        port.decision("port", port.value.to_string()),
        parts::manager_decision(&installer),
    ];
    decisions.append(&mut installer.decisions);
    let manifests = installer.manifests()?;
    let shape = Shape {
        base: &base,
        has_base: true,
        build: Some(&build),
        runtime: &stage,
        port: stage.expose,
        source: None,
    };
    let stages = stages::stages(&mut installer, &shape)?;
    // Files for a browser are the same for all platforms, and so made once.
    let base = view::Base {
        from: on_builder(&base.from),
        ..base
    };
    let name = facts.framework.map_or("Static files", |f| f.name);
    let world = World {
        home: escape::path(&facts.home)?,
        source: facts.source()?,
        base,
        manifests,
        deps,
        build: building,
        runtime: stage,
        copies: vec![],
        last: vec![],
        entrypoint: None,
        cmd: None,
    };
    Ok(Plan {
        name: project.claim.name.clone(),
        title: format!("{name}, built on Node.js {}", ground.line),
        entry: site.dir.clone(),
        dir: project.claim.dir.clone(),
        context: project.claim.context.clone(),
        port: Some(port.value),
        decisions,
        warnings: ground.warnings,
        secrets: installer.secrets,
        dockerfile: Box::new(view::SiteFiles { world, site: serving }),
        ignore: context::ignore(facts, &[]),
        reads: parts::tidy(installer.reads),
        front_ends: vec![],
        stages,
    })
}

/// Names of stages that the other language's Dockerfile has, or has on request.
const TAKEN: &[&str] = &["base", "build", "debug", "deps", "dev", "runtime", "scan", "test"];

/// The stages that build the front end in a folder, for another language's Dockerfile.
pub fn assets(project: &Project) -> Result<Assets, Vec<Diagnostic>> {
    make_assets(project).map_err(|e| vec![e])
}

/// A stage is called as the folder is, which people know it by; with the folders above where another front
/// end has the same.
fn stage_name(project: &Project) -> String {
    let dir = project.claim.dir.as_str();
    let name = crate::paths::base(dir);
    if name.is_empty() {
        return project.claim.name.clone();
    }
    let alike = |file: &str| {
        let other = crate::paths::parent(file);
        crate::paths::base(file) == "package.json" && other != dir && crate::paths::base(other) == name
    };
    if project.tree.files().any(alike) {
        return crate::paths::relative(dir, project.context).replace('/', "-");
    }
    name.to_string()
}

fn make_assets(project: &Project) -> Result<Assets, Diagnostic> {
    let claim = project.claim;
    // A front end inside of a workspace keeps the workspace's own layout only where it is the root.
    let mut facts = detect::detect(project.tree, &claim.dir, project.context)?;
    let (written, build) = match (program::decide(&facts, project.settings), &facts.build) {
        (Ok(Decided::Site(site, build)), _) => (Some(site.dir), build),
        (_, Some((script, _))) => (None, Build::Script(script)),
        (Err(error), None) => return Err(error),
        (Ok(Decided::Program(_)), None) => {
            return Err(Diagnostic::error(
                &crate::diagnostic::rules::UNSUPPORTED,
                format!("{} is no static front end", claim.dir),
            )
            .at(facts.package.at(), "")
            .help("build it as a service of its own"));
        }
    };
    // The context is the other program's.
    if !crate::paths::is_under(&claim.context, project.context) {
        return Err(Diagnostic::error(
            &crate::diagnostic::rules::MISSING_INPUT,
            format!(
                "{} lies outside of the build context",
                crate::paths::shown(&claim.context)
            ),
        )
        .at(facts.package.at(), "")
        .help("move the front end below the program that serves it, or build it as a service of its own"));
    }
    let guessed = written.is_none();
    let written = written.unwrap_or_else(|| "dist".into());
    // What is written beside the folder needs the repository's own layout.
    if !written.starts_with("..") && facts.locals.is_empty() {
        facts.home = "/app".into();
    }
    let mut warnings = facts.managed.warnings.clone();
    let ground = Ground::alone(project, &facts, &mut warnings)?;
    let (builder, because, over) = ground::builder(&ground, false)?;
    let settings = project.settings;
    let mut installer = Installer::new(&facts, settings, false, ground.line.parse().unwrap_or(26))?;
    let packages = tool::build_packages(&facts, &builder, settings);
    let lines = installer.base_lines(builder.os.family, &packages)?;
    let deps = installer.everything("installs what the front end is built with", None)?;
    let mut build = building::stage(&mut installer, &build, &[], settings)?;
    build.about = Safe::literal("builds the front end");
    let stage = escape::image_name(&stage_name(project)).replace(['.', '_'], "-");
    let stage = if !stage.starts_with(|c: char| c.is_ascii_lowercase()) {
        format!("web-{stage}")
    } else if TAKEN.contains(&stage.as_str()) {
        format!("{stage}-web")
    } else {
        stage
    };
    let output = absolute(&format!("{}/{}", facts.home, facts.place), &written);
    let text = view::FrontEnd {
        stage: Safe::literal(stage.clone()),
        from: on_builder(&parts::from(None, &builder)?),
        workdir: escape::path(&facts.home)?,
        lines,
        deps,
        build,
    };
    let stages = crate::plan::View::text(&text).trim().to_string();
    warnings.append(&mut installer.warnings);
    Ok(Assets {
        dir: project.claim.dir.clone(),
        stages,
        stage,
        output,
        path: beside(&claim.dir, &written),
        guessed,
        ignore: vec!["**/node_modules".into()],
        reads: parts::tidy(installer.reads),
        decisions: vec![Decision {
            topic: "front end",
            value: builder.from(),
            because,
            over,
        }],
        warnings,
    })
}

/// An image for the platform of the machine that builds.
fn on_builder(image: &Safe) -> Safe {
    Safe::join(&[Safe::literal("--platform=$BUILDPLATFORM"), image.clone()], " ")
}
