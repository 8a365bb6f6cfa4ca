//! What stands beside the program in the runtime image, and what the build context leaves out.

use super::detect::Facts;
use super::served::Served;
use crate::diagnostic::{Diagnostic, rules};
use crate::escape::{self, Safe};
use crate::lang::{Assets, Project};
use crate::paths;
use crate::plan::RuntimeStage;
use crate::settings::Runtime;

/// The runtime stage's files beside the program.
pub struct Beside {
    /// `/app` or `/data`, where the program opens or writes files by relative paths.
    pub home: Option<Safe>,
    /// A step of the build that lays out folders for the runtime.
    pub layout: Option<Safe>,
    /// Whole COPY instructions' arguments, least changing first.
    pub files: Vec<Safe>,
    /// What is copied from the context.
    pub reads: Vec<String>,
}

/// CA roots on scratch, the files that the program opens, and what must stay writable.
pub fn beside(
    project: &Project,
    facts: &Facts,
    kind: Runtime,
    served: &[Served],
    stage: &mut RuntimeStage,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Beside, Diagnostic> {
    let mut files = Vec::new();
    let mut reads = Vec::new();
    if kind == Runtime::Scratch {
        files.push(Safe::literal(
            "--link --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
        ));
    }
    let mut opened: Vec<(String, String)> = facts.hints.opens.iter().cloned().collect();
    for file in &project.settings.files {
        if let Some(path) = paths::join(&project.claim.dir, file) {
            let name = paths::relative(file, "").trim_start_matches("./").to_string();
            opened.push((path, name));
        }
    }
    // A file below a folder that is copied anyway needs no COPY of its own.
    let replaced = |name: &str| served.iter().any(|s| s.name == name);
    opened.retain(|(_, name)| !replaced(name));
    let covered = |path: &str| opened.iter().any(|(p, _)| p != path && paths::is_under(path, p));
    for (path, name) in opened.iter().filter(|(p, _)| !covered(p)) {
        let source = escape::path(paths::relative(path, &facts.context))?;
        let target = if name.starts_with("../") {
            escape::path(&format!("/app/{}", paths::relative(path, &facts.module.dir)))?
        } else {
            Safe::join(&[Safe::literal("."), escape::path(name)?], "/")
        };
        files.push(Safe::join(&[Safe::literal("--link"), source, target], " "));
        reads.push(path.clone());
    }
    for front in served {
        let (stage, output) = (&front.assets.stage, &front.assets.output);
        let target = escape::path(&front.name)?;
        files.push(Safe::literal(format!(
            "--link --from={stage} {output} ./{target}"
        )));
    }
    let opens_files = !opened.is_empty() || !served.is_empty();
    let (home, layout) = writable(facts, opens_files, stage, &mut files, warnings)?;
    Ok(Beside {
        home,
        layout,
        files,
        reads,
    })
}

/// Where the program works, and what must stay writable there on a read-only root.
fn writable(
    facts: &Facts,
    opens_files: bool,
    stage: &mut RuntimeStage,
    files: &mut Vec<Safe>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(Option<Safe>, Option<Safe>), Diagnostic> {
    // A program that opens `../../configs` is started in its own folder.
    let upward = facts.hints.opens.iter().any(|(_, name)| name.starts_with("../"));
    let app = if upward {
        let below = paths::relative(&facts.main.value, &facts.module.dir);
        escape::path(&format!("/app/{below}"))?
    } else {
        Safe::literal("/app")
    };
    let opens_files = opens_files || facts.hints.insisted.is_some();
    let data = facts.hints.data.as_ref().filter(|_| facts.listens);
    let data = data.map(|d| match d.value.starts_with('/') {
        true => d.value.clone(),
        false => format!("/app/{}", d.value),
    });
    let database = database(facts, opens_files, data.is_some(), &app, warnings);
    let mut volumes: Vec<String> = Vec::new();
    let mut home = opens_files.then(|| app.clone());
    let mut link = None;
    if let Some(database) = database {
        volumes.push(database.volume);
        home = Some(database.home);
        link = database.link;
    }
    if let Some(data) = data
        && !volumes.iter().any(|v| paths::is_under(&data, v))
    {
        volumes.retain(|v| !paths::is_under(v, &data));
        if data.starts_with("/app/") && home.is_none() {
            home = Some(app);
        }
        volumes.push(data);
    }
    if facts.listens && facts.hints.home.is_some() {
        if volumes.is_empty() {
            volumes.push("/data".to_string());
        }
        stage.env("HOME", &volumes[0])?;
    }
    let mut layout = Vec::new();
    if !volumes.is_empty() {
        layout.push(Safe::literal("mkdir -p /out/volume"));
    }
    let chown = format!("--chown={}", stage.user);
    for volume in &volumes {
        let volume = escape::path(volume)?;
        files.push(Safe::literal(format!(
            "{chown} --from=build /out/volume {volume}"
        )));
        stage.volumes.push(escape::exec(&[volume.as_str()])?);
    }
    if link.is_some() || facts.hints.insisted.is_some() {
        layout = vec![Safe::literal(if volumes.is_empty() {
            "mkdir -p /out/beside"
        } else {
            "mkdir -p /out/volume /out/beside"
        })];
        // COPY follows a link that it is given, and keeps those in a folder.
        files.push(Safe::literal("--from=build /out/beside/ ./"));
    }
    if let Some(name) = link {
        let target = escape::shell(&format!("/data/{name}"))?;
        let link = escape::shell(&format!("/out/beside/{name}"))?;
        layout.push(Safe::join(&[Safe::literal("ln -s"), target, link], " "));
    }
    if let Some(file) = &facts.hints.insisted {
        let file = escape::shell(&format!("/out/beside/{}", file.value))?;
        layout.push(Safe::join(&[Safe::literal("touch"), file], " "));
    }
    let layout = (!layout.is_empty()).then(|| Safe::join(&layout, " \\\n    && "));
    Ok((home, layout))
}

/// A database beside the program.
struct Database {
    volume: String,
    /// The folder that the program is started in.
    home: Safe,
    /// The file's name, where a link in that folder leads to it in the volume.
    link: Option<String>,
}

fn database(
    facts: &Facts,
    opens_files: bool,
    has_data: bool,
    app: &Safe,
    warnings: &mut Vec<Diagnostic>,
) -> Option<Database> {
    let sqlite = facts.sqlite.as_ref()?;
    let named = facts.hints.database.as_ref();
    let folder = named.map(|d| paths::parent(&d.value)).filter(|d| !d.is_empty());
    let up = folder.map_or(0, |f| f.split('/').take_while(|part| *part == "..").count());
    let told = facts
        .command
        .iter()
        .flat_map(|c| &c.value)
        .any(|w| w.ends_with("=/data"));
    let at = |volume: &str, home: &Safe| Database {
        volume: volume.to_string(),
        home: home.clone(),
        link: None,
    };
    Some(match (folder, opens_files, named) {
        // Above the folder that it is started in.
        (Some(_), false, _) if up > 0 => {
            let home = format!("/data{}", "/app".repeat(up));
            at("/data", &Safe::literal(home))
        }
        (Some(_), true, _) if up > 0 => at("/data", app),
        (Some(folder), _, _) => at(&format!("/app/{folder}"), app),
        (None, _, None) if has_data => return None,
        (None, false, _) => at("/data", &Safe::literal("/data")),
        (None, true, Some(database)) => Database {
            link: Some(database.value.clone()),
            ..at("/data", app)
        },
        (None, true, None) if told || facts.hints.home.is_some() => at("/data", app),
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
            at("/data", app)
        }
    })
}

/// What the context leaves out beside the shared lines.
pub fn ignore(project: &Project, facts: &Facts, front: &[Assets]) -> Vec<String> {
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
    if facts.workspace.is_none() {
        // The go command would go by a developer's own workspace, whose modules are elsewhere.
        lines.extend(["go.work".into(), "go.work.sum".into()]);
    }
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
        // A folder that holds more than a placeholder is one that the front end reads.
        let placeholder = |f: &str| paths::base(f).starts_with('.');
        if project.tree.under(&assets.path).all(placeholder) {
            lines.push(paths::relative(&assets.path, &facts.context).to_string());
        }
        lines.extend(assets.ignore.iter().cloned());
    }
    lines
}
