//! What every language's plan is made of: the service, its decisions, and the parts of a runtime
//! stage that do not depend on the language.

use crate::catalog::{Base, Family};
use crate::decision::{Because, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use std::collections::BTreeMap;

/// A template with its values: the Dockerfile without rdock's header.
pub trait View: Send + Sync {
    fn text(&self) -> String;
}

impl<T: askama::Template + Send + Sync> View for T {
    fn text(&self) -> String {
        self.render()
            .expect("a template of strings renders into a string")
    }
}

/// Everything decided about one service.
pub struct Plan {
    /// Unique in the repository; also the image's name in `docker build -t`.
    pub name: String,
    /// `Go 1.27`.
    pub title: String,
    /// What is started, for the one-line summary: `./cmd/api`.
    pub entry: String,
    /// Folder of the Dockerfile.
    pub dir: String,
    /// Folder of the build context: `dir` or an ancestor.
    pub context: String,
    pub port: Option<u16>,
    /// In the order in which a reader wants them: builder, runtime, start, port, then the rest.
    pub decisions: Vec<Decision>,
    pub warnings: Vec<Diagnostic>,
    /// Secrets that `docker build` must be given.
    pub secrets: Vec<Secret>,
    pub dockerfile: Box<dyn View>,
    /// Lines of the ignore file that the language adds to [`crate::render`]'s own. Relative to the
    /// context. A later `!` line wins over an earlier one.
    pub ignore: Vec<String>,
    /// Paths, from the repository root, that the build copies or binds one by one: each must exist
    /// and must not be ignored.
    pub reads: Vec<String>,
    /// Folders of front ends that this service builds and serves itself: no services of their own.
    pub front_ends: Vec<String>,
    pub stages: Stages,
}

/// What a language says of the stages on request. [`crate::stages`] makes them into text.
#[derive(Default)]
pub struct Stages {
    /// `dev-deps`: what tests and development need and no stage of the image has.
    pub deps: Option<Work>,
    /// `None` where nobody asked; an error where it cannot be made.
    pub test: Option<Result<Test, Diagnostic>>,
    pub dev: Option<Result<Dev, Diagnostic>>,
}

/// How a stage begins.
pub struct Work {
    /// A stage, or an image.
    pub from: Safe,
    /// After `# name`: what it does.
    pub about: String,
    /// Whole instructions.
    pub lines: Vec<Safe>,
}

impl Work {
    /// Nothing yet, on a stage or an image.
    pub fn on(from: &str) -> Self {
        Self {
            from: Safe::literal(from),
            about: String::new(),
            lines: Vec::new(),
        }
    }

    /// An instruction with what follows its name.
    pub fn line(&mut self, name: &'static str, rest: &Safe) {
        self.lines.push(Safe::literal(format!("{name} {rest}")));
    }

    /// The variables of the runtime, but for some.
    pub fn env(&mut self, env: &[Safe], but: &[&str]) {
        for pair in env {
            let name = pair.as_str().split('=').next().unwrap_or_default();
            if !but.contains(&name) {
                self.line("ENV", pair);
            }
        }
    }
}

/// Fails where a test does.
pub struct Test {
    pub work: Work,
    /// Fields of the mounts of its RUN.
    pub mounts: Vec<Safe>,
    pub command: Safe,
    pub because: Because,
}

/// Is started with the source mounted or synced.
pub struct Dev {
    pub work: Work,
    pub command: Vec<String>,
    pub because: Because,
    /// Does the command itself see a change, or must it be started again?
    pub watches: bool,
    /// Folders of the repository and where they lie in the image.
    pub sync: Vec<(String, String)>,
    /// Below those: what the image has of its own, and what decides what is installed.
    pub own: Vec<String>,
    pub manifests: Vec<String>,
}

/// A secret for `docker build --secret` or `--ssh`: how to pass it on the command line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// `--secret id=netrc,src=$HOME/.netrc`
    pub flag: String,
    /// What it is for, in a clause.
    pub why: String,
}

/// The user that the program runs as, and how it comes to be there.
pub const APP_USER: &str = "10001:10001";

/// The last stage, apart from what the language copies into it.
pub struct RuntimeStage {
    /// What FROM says.
    pub from: Safe,
    /// After `# runtime`: the reason for the base, in words.
    pub about: Safe,
    /// A RUN that installs packages and makes the user; absent where neither is needed.
    pub setup: Option<String>,
    /// `uid:gid`.
    pub user: Safe,
    /// `NAME="value"`, sorted.
    pub env: Vec<Safe>,
    pub labels: Vec<Safe>,
    /// Folders that stay writable on a read-only root.
    pub volumes: Vec<Safe>,
    pub expose: Option<u16>,
}

impl RuntimeStage {
    /// A stage on `base` with operating system `packages`; `env` and `labels` as a person wrote
    /// them.
    ///
    /// # Errors
    /// A value that cannot be written into ENV or LABEL.
    pub fn new(
        base: Base,
        about: &str,
        packages: &[String],
        env: &BTreeMap<String, String>,
        labels: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostic> {
        let (user, create) = match (&base.image.user, base.os.family) {
            (Some(user), _) => (user.clone(), None),
            (None, Family::Debian | Family::Ubuntu) => (APP_USER.to_string(), Some(DEBIAN_USER)),
            (None, Family::Alpine) => (APP_USER.to_string(), Some(ALPINE_USER)),
            (None, Family::Distroless | Family::Scratch) => (DISTROLESS_USER.to_string(), None),
        };
        Ok(Self {
            from: Safe::literal(base.from()),
            about: escape::comment(about),
            setup: os_setup(base.os.family, packages, create)?,
            user: Safe::literal(user),
            env: pairs(env)?,
            labels: label_pairs(labels)?,
            volumes: Vec::new(),
            expose: None,
        })
    }

    /// The empty image: no libc, no shell, no user database. `scratch` has no tag.
    pub fn scratch(
        about: &str,
        env: &BTreeMap<String, String>,
        labels: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostic> {
        Ok(Self {
            from: Safe::literal("scratch"),
            about: escape::comment(about),
            setup: None,
            user: Safe::literal(DISTROLESS_USER),
            env: pairs(env)?,
            labels: label_pairs(labels)?,
            volumes: Vec::new(),
            expose: None,
        })
    }

    /// Adds an ENV that rdock itself decided, unless a person set it.
    ///
    /// # Errors
    /// A value that cannot be written into ENV.
    pub fn env(&mut self, name: &str, value: &str) -> Result<(), Diagnostic> {
        let prefix = format!("{name}=");
        if !self.env.iter().any(|e| e.as_str().starts_with(&prefix)) {
            self.env.push(pair(name, value)?);
            self.env.sort();
        }
        Ok(())
    }
}

const DISTROLESS_USER: &str = "65532:65532";
const DEBIAN_USER: &str = "groupadd --system --gid 10001 app \\\n    && useradd --system --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /app --shell /usr/sbin/nologin app";
const ALPINE_USER: &str =
    "addgroup -S -g 10001 app \\\n    && adduser -S -D -H -u 10001 -G app -h /app -s /sbin/nologin app";

fn pair(name: &str, value: &str) -> Result<Safe, Diagnostic> {
    Ok(Safe::join(&[escape::name(name)?, escape::quoted(value)?], "="))
}

fn pairs(map: &BTreeMap<String, String>) -> Result<Vec<Safe>, Diagnostic> {
    map.iter().map(|(k, v)| pair(k, v)).collect()
}

fn label_pairs(map: &BTreeMap<String, String>) -> Result<Vec<Safe>, Diagnostic> {
    map.iter()
        .map(|(k, v)| Ok(Safe::join(&[escape::path(k)?, escape::quoted(v)?], "=")))
        .collect()
}

/// A RUN with its hadolint pragma that installs `packages` with the family's own tool and then runs
/// `more`; `None` when there is nothing to do.
///
/// # Errors
/// A package name that is no word.
pub fn os_setup(
    family: Family,
    packages: &[String],
    more: Option<&str>,
) -> Result<Option<String>, Diagnostic> {
    let mut packages: Vec<Safe> = packages
        .iter()
        .map(|p| escape::shell(p))
        .collect::<Result<_, _>>()?;
    packages.sort();
    packages.dedup();
    let list = packages
        .iter()
        .map(|p| format!(" \\\n        {p}"))
        .collect::<String>();
    let (pragma, install) = match family {
        _ if packages.is_empty() => ("", None),
        Family::Alpine => (
            "# hadolint ignore=DL3018\n",
            Some(format!("apk add --no-cache{list}")),
        ),
        _ => (
            "# hadolint ignore=DL3008\n",
            Some(format!(
                "apt-get update \\\n    && apt-get install -y --no-install-recommends{list} \\\n    && rm -rf /var/lib/apt/lists/*"
            )),
        ),
    };
    let steps: Vec<String> = install.into_iter().chain(more.map(str::to_string)).collect();
    if steps.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!("{pragma}RUN {}", steps.join(" \\\n    && "))))
}
