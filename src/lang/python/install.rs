//! The stage that installs the dependencies: commands, mounts and secrets of each tool.

use super::dists::From;
use super::facts::Facts;
use super::manager::{HEADER, Manager};
use super::tools::Tool;
use super::{tool_version, view};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::paths;
use crate::plan::Secret;
use askama::Template;

/// Folders and paths inside of the image.
pub struct Places {
    /// The build context, from the repository's root; it lies at /app.
    pub context: String,
    pub venv: String,
}

impl Places {
    pub fn new(context: &str, root: &str) -> Self {
        let mut places = Self {
            context: context.to_string(),
            venv: String::new(),
        };
        places.venv = format!("{}/.venv", places.image(root));
        places
    }

    /// Where a path of the repository lies in the image.
    pub fn image(&self, path: &str) -> String {
        match paths::relative(path, &self.context) {
            "." => "/app".into(),
            inside => format!("/app/{inside}"),
        }
    }

    /// A path as COPY and mounts name it.
    pub fn source<'a>(&self, path: &'a str) -> &'a str {
        paths::relative(path, &self.context)
    }
}

/// Everything that the stage needs besides the facts.
pub struct Stage<'a> {
    pub facts: &'a Facts,
    pub manager: &'a Manager,
    pub places: &'a Places,
    pub catalog: &'static Catalog,
    pub from: Safe,
    pub setup: Option<String>,
    pub args: Vec<Safe>,
    /// The interpreter lies at /usr/bin in the runtime.
    pub distroless: bool,
    pub minor: u64,
    /// The version and its reason.
    pub why: String,
}

/// A read of the whole stage.
pub struct Installed {
    pub text: String,
    pub secrets: Vec<Secret>,
    pub reads: Vec<String>,
    /// Tool of the build stage's own install: `uv pip` rather than `pip`.
    pub with_uv: bool,
    /// Fields of the mounts of the install step, and what follows the tool's name there.
    pub mounts: Vec<Safe>,
    pub install: Option<Safe>,
}

const PIP_CACHE: &str = "type=cache,target=/root/.cache/pip";
/// Formats of pdm.lock whose hash can be checked.
const PDM_LOCK: &str = ">=4.5";
const UV_CACHE: &str = "type=cache,target=/root/.cache/uv";

/// # Errors
/// A path or a value that cannot be written into a Dockerfile.
pub fn stage(stage: Stage) -> Result<Installed, Diagnostic> {
    let Stage {
        facts,
        manager,
        places,
        ..
    } = stage;
    let with_uv = matches!(manager.tool, Tool::Uv | Tool::Project);
    let (secret_mounts, secrets) = secrets(manager)?;
    let mut reads = manager.reads.clone();
    let mut copies = Vec::new();
    // pip, PDM and Pipenv install local projects with the rest, and need their files then.
    let needs_files = matches!(manager.tool, Tool::Pip | Tool::Pdm | Tool::Pipenv);
    for local in manager.locals.iter().filter(|l| needs_files && **l != facts.dir) {
        let (from, to) = (places.source(local), places.image(local));
        copies.push(Safe::join(&[escape::path(from)?, escape::path(&to)?], " "));
        reads.push(local.clone());
    }
    let mut mounts: Vec<Safe> = cache(manager.tool).iter().map(|m| Safe::literal(*m)).collect();
    if manager.inline.is_some() {
        mounts.push(Safe::literal(format!(
            "type=bind,from=header,source=/{HEADER},target={HEADER}"
        )));
    }
    for read in manager.reads.iter().filter(|_| manager.inline.is_none()) {
        let source = escape::mount(places.source(read))?;
        let target = match paths::is_under(read, &manager.root) {
            true => escape::mount(paths::relative(read, &manager.root))?,
            false => escape::mount(&places.image(read))?,
        };
        mounts.push(Safe::literal(format!(
            "type=bind,source={source},target={target}"
        )));
    }
    mounts.extend(secret_mounts);
    let venv = Safe::literal(match (stage.distroless, manager.tool, stage.minor) {
        (true, Tool::Pip | Tool::Uv | Tool::Project | Tool::Poetry | Tool::Pdm | Tool::Pipenv, _) => format!(
            "ln -s /usr/local/bin/python3 /usr/bin/python \\\n    && /usr/bin/python -m venv --without-pip {}",
            places.venv
        ),
        // Until 3.11 an environment had setuptools, and old distributions count on it.
        (_, Tool::Pip, ..=11) => format!("python -m venv {}", places.venv),
        (_, Tool::Pip, _) => format!("python -m venv --without-pip {}", places.venv),
        _ => String::new(),
    });
    let install = command(facts, manager, places, stage.distroless)?;
    let about = match (&install, manager.tool) {
        (None, _) => format!("makes the virtual environment for {}", stage.why),
        (_, tool) => {
            let file = match tool {
                Tool::Pip => manager
                    .requirements
                    .first()
                    .map_or("the dependencies", String::as_str),
                _ => manager.at.file(),
            };
            format!("installs {} for {}", within(file, &facts.dir), stage.why)
        }
    };
    let row = manager.row();
    let version = manager
        .made_with
        .as_ref()
        .map(|v| v.value.as_str())
        .filter(|v| at_least_2_1(v))
        .unwrap_or(row.version);
    let older = row.older.iter().find(|(minor, _)| *minor == stage.minor);
    let version = older.map_or(version, |(_, version)| version);
    let tool = match &manager.tool_range {
        Some(range) if !tool_version::admits(&range.value, version) => escape::shell(&format!(
            "{}{}",
            row.name.to_lowercase(),
            tool_version::range(&range.value)
        ))?,
        _ if version == row.version => {
            Safe::literal(format!("{}=={version}{}", row.name.to_lowercase(), row.with))
        }
        _ => Safe::literal(format!("{}=={version}", row.name.to_lowercase())),
    };
    let deps = view::Deps {
        about: escape::comment(&about),
        from: stage.from,
        uv: with_uv
            .then(|| tool_version::uv_image(stage.catalog, manager.tool_range.as_ref()))
            .transpose()?
            .flatten(),
        setup: stage.setup,
        workdir: escape::path(&places.image(&manager.root))?,
        tool,
        args: stage.args,
        copies,
        venv: (!venv.as_str().is_empty()).then_some(venv),
        mounts,
        install,
    };
    let header = match (&manager.inline, manager.reads.first()) {
        (Some(_), Some(script)) => header(&deps.from, places.source(script))?,
        _ => String::new(),
    };
    let text = match manager.tool {
        Tool::Pip => view::Pip { deps: &deps }.render(),
        Tool::Uv | Tool::Project => view::Uv { deps: &deps }.render(),
        Tool::Poetry => view::Poetry { deps: &deps }.render(),
        Tool::Pdm => view::Pdm { deps: &deps }.render(),
        Tool::Pipenv => view::Pipenv { deps: &deps }.render(),
    };
    Ok(Installed {
        text: header + &text.expect("a template of strings renders into a string"),
        secrets,
        reads,
        with_uv,
        mounts: deps.mounts,
        install: deps.install,
    })
}

/// A stage that takes the header out of a script, so that an edit below it installs nothing again.
fn header(from: &Safe, script: &str) -> Result<String, Diagnostic> {
    let about = escape::comment(&format!("takes the list of dependencies out of {script}"));
    let source = escape::mount(script)?;
    Ok(format!(
        "# header {about}\nFROM {from} AS header\nRUN --mount=type=bind,source={source},target=/script.py \\\n    sed -n '/^# \\/\\/\\/ script/,/^# \\/\\/\\/[[:space:]]*$/p' /script.py > /{HEADER}\n\n"
    ))
}

/// Poetry reads the locks of older versions, and older versions do not always install any more.
fn at_least_2_1(version: &str) -> bool {
    let mut parts = version.split('.').map(|p| p.parse::<u64>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (2, 1)
}

fn cache(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Pip => &[PIP_CACHE],
        Tool::Uv | Tool::Project => &[UV_CACHE],
        Tool::Poetry => &["type=cache,target=/root/.cache/pypoetry"],
        Tool::Pdm => &["type=cache,target=/root/.cache/pdm"],
        Tool::Pipenv => &[PIP_CACHE, "type=cache,target=/root/.cache/pipenv"],
    }
}

/// What removes lines that name the project itself from a requirement file.
const SELF_LINE: &str = r"/^(-e|--editable)?[ =]*(file:)?\.?\/?(\[[^]]*\])?[[:space:]]*(#.*)?$/d";

fn command(
    facts: &Facts,
    manager: &Manager,
    places: &Places,
    distroless: bool,
) -> Result<Option<Safe>, Diagnostic> {
    let groups = |flag: &str| -> Result<String, Diagnostic> {
        let mut out = String::new();
        for group in &manager.groups {
            out += &format!(" {flag} {}", escape::shell(group)?);
        }
        Ok(out)
    };
    let extras = |flag: &str| -> Result<String, Diagnostic> {
        let mut out = String::new();
        for extra in &manager.extras {
            out += &format!(" {flag} {}", escape::shell(extra)?);
        }
        Ok(out)
    };
    let text = match manager.tool {
        Tool::Pip => {
            let python = places.venv.clone() + "/bin/python";
            let Some(file) = manager.requirements.first() else {
                return Ok(None);
            };
            let inside = paths::relative(file, &manager.root);
            let file = escape::shell(inside)?;
            if manager.self_lines.is_empty() {
                format!("pip --python {python} install -r {file}")
            } else {
                let other = escape::shell(&inside.replace(".txt", ".external.txt"))?;
                let mut take = String::from("grep -vxF");
                for line in &manager.self_lines {
                    take += &format!(" -e {}", escape::shell(line)?);
                }
                // grep has no way to match the end of a line of Windows, and fails where no line is left.
                let plain =
                    manager.self_lines.iter().all(|l| !l.ends_with('\r')) && !manager.dists.is_empty();
                if !plain {
                    take = format!("sed -E '{SELF_LINE}'");
                }
                format!("{take} {file} > {other} \\\n    && pip --python {python} install -r {other}")
            }
        }
        Tool::Uv => {
            let local = !manager.locals.is_empty();
            let workspace = manager.root != facts.dir || is_workspace(manager) || local;
            let mode = if workspace || manager.stale.is_some() || is_dynamic(manager) {
                "--frozen"
            } else {
                "--locked"
            };
            let scope = match (workspace, local) {
                (false, _) => "--no-install-project",
                (true, true) => "--no-install-project --no-install-workspace --no-install-local",
                (true, false) => "--no-install-workspace",
            };
            let package = match (&facts.name, manager.root != facts.dir) {
                (Some(name), true) => format!(" --package {}", escape::shell(&name.value)?),
                _ => String::new(),
            };
            let more = groups("--group")? + &extras("--extra")?;
            format!("uv sync {mode} --no-dev {scope}{package}{more}")
        }
        Tool::Project => {
            let make = if distroless {
                String::new()
            } else {
                "uv venv .venv \\\n    && ".into()
            };
            let file = if manager.lock.is_some() {
                "pylock.toml"
            } else {
                "pyproject.toml"
            };
            if !manager.manifest.is_empty() {
                format!("{make}uv pip install -r {}", manager.manifest)
            } else if manager.lock.is_none() && manager.dists.is_empty() {
                "uv venv .venv".to_string()
            } else {
                // Groups alone need no [project], and an extra needs one.
                let what = match (manager.lock.is_some(), manager.project(&["project"]).is_some()) {
                    (true, _) => format!(" -r {file}"),
                    (_, false) => groups("--group")?,
                    (_, true) => format!(" -r {file}{}{}", extras("--extra")?, groups("--group")?),
                };
                format!("{make}uv pip install{what}")
            }
        }
        Tool::Poetry => {
            let mut only = String::from("main");
            for group in &manager.groups {
                only += ",";
                only += escape::shell(group)?.as_str();
            }
            format!(
                "install --only {only} --no-root --no-directory --compile{}",
                extras("--extras")?
            )
        }
        Tool::Pdm => {
            // The hash in a lock of an older format is not the one that today's PDM makes.
            let format = manager
                .lock
                .as_ref()
                .and_then(|l| l.string(&["metadata", "lock_version"]));
            let current = format.is_some_and(|f| tool_version::admits(PDM_LOCK, &f.value));
            let check = match current && manager.stale.is_none() {
                true => "--check",
                false => "--frozen-lockfile",
            };
            format!(
                "install {check} --prod --no-self --no-editable{}{}",
                groups("--group")?,
                extras("--group")?
            )
        }
        Tool::Pipenv => match manager.lock {
            Some(_) => "sync --python /usr/local/bin/python".to_string(),
            None => "install --skip-lock --python /usr/local/bin/python".to_string(),
        },
    };
    Ok(Some(Safe::literal(text)))
}

fn is_workspace(manager: &Manager) -> bool {
    manager.project(&["tool", "uv", "workspace"]).is_some()
}

fn is_dynamic(manager: &Manager) -> bool {
    let dynamic = manager.project(&["project", "dynamic"]);
    dynamic.is_some_and(|d| d.strings().iter().any(|s| s.value.contains("dependencies")))
}

/// Indexes that may ask who is there: their secrets are mounted, and absent ones do no harm.
fn secrets(manager: &Manager) -> Result<(Vec<Safe>, Vec<Secret>), Diagnostic> {
    let mut mounts = Vec::new();
    let mut secrets = Vec::new();
    let mut netrc = None;
    let mut add = |name: &str, why: String| -> Result<(), Diagnostic> {
        let name = escape::name(name)?;
        mounts.push(Safe::literal(format!("type=secret,id={name},env={name}")));
        secrets.push(Secret {
            flag: format!("--secret id={name}"),
            why,
        });
        Ok(())
    };
    for index in manager.indexes.iter().filter(|i| !is_public(&i.url.value)) {
        let why = format!("{} names an index beside PyPI", index.url.at);
        let variables = variables(&index.url.value);
        if !variables.is_empty() {
            for variable in variables {
                add(&variable, why.clone())?;
            }
            continue;
        }
        let name = index.name.as_deref().unwrap_or_default().to_uppercase();
        let name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let prefix = match manager.tool {
            Tool::Uv | Tool::Project if !name.is_empty() => Some("UV_INDEX"),
            Tool::Poetry if !name.is_empty() => Some("POETRY_HTTP_BASIC"),
            _ => None,
        };
        match prefix {
            Some(prefix) => {
                add(&format!("{prefix}_{name}_USERNAME"), why.clone())?;
                add(&format!("{prefix}_{name}_PASSWORD"), why)?;
            }
            None => netrc = Some(why),
        }
    }
    let private_git = manager.dists.iter().find(|d| matches!(&d.from, From::Git(url) if url.starts_with("git+ssh") || url.starts_with("git@") || url.starts_with("ssh://")));
    if let Some(dist) = private_git {
        mounts.push(Safe::literal("type=ssh"));
        secrets.push(Secret {
            flag: "--ssh default".into(),
            why: format!("{} fetches {} over ssh", dist.at, dist.name),
        });
    }
    if let Some(why) = netrc {
        mounts.push(Safe::literal("type=secret,id=netrc,target=/root/.netrc"));
        secrets.push(Secret {
            flag: "--secret id=netrc,src=$HOME/.netrc".into(),
            why,
        });
    }
    Ok((mounts, secrets))
}

/// Names of hosts that serve everybody: PyPI, its mirrors, and the makers of large wheels.
const PUBLIC: &[&str] = &[
    "pypi",
    "pythonhosted",
    "pytorch",
    "nvidia",
    "piwheels",
    "python",
    "github",
];

fn is_public(url: &str) -> bool {
    let host = url
        .split("://")
        .nth(1)
        .unwrap_or(url)
        .split(['/', ':'])
        .next()
        .unwrap_or("");
    !url.contains('@') && variables(url).is_empty() && {
        let labels: Vec<&str> = host.split('.').collect();
        let domain = labels.len().checked_sub(2).map_or("", |i| labels[i]);
        PUBLIC.contains(&domain) || labels.contains(&"pypi") && labels.len() <= 3 || !url.contains("://")
    }
}

/// `${TOKEN}` in a URL.
fn variables(url: &str) -> Vec<String> {
    url.split("${")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0.to_string()))
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect()
}

/// A file as seen from the service, or from the root where it lies elsewhere.
fn within<'a>(file: &'a str, dir: &str) -> &'a str {
    if paths::is_under(file, dir) {
        paths::relative(file, dir)
    } else {
        file
    }
}
