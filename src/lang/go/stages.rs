//! What Go's stages on request do: `go test` with the build's caches, and air or `go run` for development.

use super::detect::Facts;
use super::module::at;
use super::view::World;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
use crate::paths;
use crate::plan::{Dev, Stages, Test, Work};
use crate::settings::Stage;
use crate::source::Location;
use crate::stages::missing;

/// Newest release that was tried.
const AIR: &str = "github.com/air-verse/air@v1.67.4";

/// air's own configuration.
const AIR_FILES: &[&str] = &[".air.toml", "air.toml"];

pub fn stages(
    project: &Project,
    facts: &Facts,
    world: &World,
    front: &[Assets],
    arguments: &[String],
) -> Result<Stages, Diagnostic> {
    let asked = project.settings.stages();
    Ok(Stages {
        deps: None,
        test: asked.contains(&Stage::Test).then(|| test(project, facts, world)),
        dev: asked
            .contains(&Stage::Dev)
            .then(|| dev(project, facts, world, front, arguments)),
    })
}

/// Where the go command runs.
fn run_dir(facts: &Facts) -> &str {
    facts.workspace.as_ref().map_or(&facts.module.dir, |w| &w.dir)
}

fn test(project: &Project, facts: &Facts, world: &World) -> Result<Test, Diagnostic> {
    let dir = &facts.module.dir;
    let mut files = project.tree.under(dir).filter(|p| p.ends_with("_test.go"));
    if files.next().is_none() {
        let file = at(dir, "go.mod");
        return Err(missing(
            Stage::Test,
            format!("the module of {file} has no file `*_test.go`"),
        )
        .help("add a test, or take `test` out of `stages`"));
    }
    let packages = match paths::relative(dir, run_dir(facts)) {
        "." => "./...".to_string(),
        below => format!("./{below}/..."),
    };
    // Tests write beside their sources; what they write is dropped.
    let writable = |m: &Safe| match m.as_str() {
        "type=bind,target=/src" => Safe::literal("type=bind,target=/src,rw"),
        _ => m.clone(),
    };
    let command = [
        Safe::literal(format!("{}{}go test", world.before, world.private)),
        escape::shell(&packages)?,
    ];
    Ok(Test {
        work: Work::on("build"),
        mounts: world.mounts.iter().map(writable).collect(),
        command: Safe::join(&command, " "),
        because: Because::rule(format!("`go test {packages}` is every test of the module")),
    })
}

fn dev(
    project: &Project,
    facts: &Facts,
    world: &World,
    front: &[Assets],
    arguments: &[String],
) -> Result<Dev, Diagnostic> {
    let mut work = Work::on(world.builder.as_str());
    work.about = "runs the program from its source".into();
    work.lines
        .extend(world.setup.iter().map(|s| Safe::literal(s.clone())));
    work.line("WORKDIR", &world.workdir);
    work.line("ENV", &Safe::literal(format!("CGO_ENABLED={}", world.cgo)));
    if let Some(mounts) = &world.download {
        for (sources, folder) in &world.manifests {
            work.line("COPY", &Safe::join(&[sources.clone(), folder.clone()], " "));
        }
        let secrets = mounts.iter().filter(|m| m.as_str().starts_with("type=secret"));
        let secrets: String = secrets.map(|m| format!("--mount={m} \\\n    ")).collect();
        let private = &world.private;
        work.line(
            "RUN",
            &Safe::literal(format!("{secrets}{private}go mod download")),
        );
    }
    let (mut command, because, watches, install) = watch(project, facts, world)?;
    if install {
        work.line("RUN", &Safe::literal(format!("go install {AIR}")));
    }
    work.line("COPY", &Safe::literal(". /src/"));
    for assets in front {
        let target = escape::path(paths::relative(&assets.path, &facts.context))?;
        let (stage, output) = (&assets.stage, &assets.output);
        work.line(
            "COPY",
            &Safe::literal(format!("--from={stage} {output}/ /src/{target}/")),
        );
    }
    // Compiled once, so that a start compiles no more than what has changed.
    let package = escape::shell(&world.package)?;
    work.line(
        "RUN",
        &Safe::join(
            &[
                Safe::literal(format!("{}go build -o /dev/null", world.before)),
                package,
            ],
            " ",
        ),
    );
    work.env(&world.runtime.env, &[]);
    if !watches {
        command.extend(arguments.iter().cloned());
    }
    let manifests = world
        .manifests
        .iter()
        .flat_map(|(sources, _)| sources.as_str().split(' '));
    let manifests = manifests.filter_map(|m| paths::join(&facts.context, m));
    Ok(Dev {
        work,
        command,
        because,
        watches,
        sync: vec![(facts.context.clone(), "/src".into())],
        own: Vec::new(),
        manifests: manifests.collect(),
    })
}

/// The command, why, whether it watches, and whether air must be installed.
fn watch(
    project: &Project,
    facts: &Facts,
    world: &World,
) -> Result<(Vec<String>, Because, bool, bool), Diagnostic> {
    let tree = project.tree;
    let here = run_dir(facts);
    let words = |text: &str| -> Vec<String> { text.split(' ').map(String::from).collect() };
    let dirs = [here, facts.module.dir.as_str(), project.claim.dir.as_str()];
    let found = dirs
        .iter()
        .flat_map(|dir| AIR_FILES.iter().map(|file| at(dir, file)))
        .find(|path| tree.has(path));
    let Some(file) = found else {
        let mut command = words("go run");
        command.push(world.package.to_string());
        let because =
            Because::rule("there is no air.toml, so nothing watches it; it is started again after a change");
        return Ok((command, because, false, false));
    };
    let manifest = tree.text(&at(&facts.module.dir, "go.mod"));
    let own = manifest.is_some_and(|s| {
        let tool = |line: &str| line.trim().trim_start_matches("tool ").trim() == "github.com/air-verse/air";
        s.text.lines().any(tool)
    });
    let mut command = words(if own { "go tool air" } else { "air" });
    let inside = paths::relative(&file, here);
    if inside != ".air.toml" {
        command.extend(["-c".to_string(), inside.to_string()]);
    }
    let because = match tree.text(&file) {
        Some(source) => Because::at(&Location::whole(&source), "configures air, which watches"),
        None => Because::rule("air watches"),
    };
    Ok((command, because, true, !own))
}
