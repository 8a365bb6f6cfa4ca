//! What the rules know of package managers and build tools, as tables.

use crate::dockerfile::Command;

/// A tool that installs a project's dependencies.
#[derive(Debug)]
pub struct Tool {
    pub id: &'static str,
    pub programs: &'static [&'static str],
    /// Subcommands that install what the manifest lists; `""` for the bare program.
    pub installs: &'static [&'static str],
    pub manifest: &'static str,
    pub locks: &'static [&'static str],
    /// Flags and subcommands by which the lockfile is law.
    pub frozen: &'static [&'static str],
    /// The install to write instead, where the lockfile is there.
    pub right: &'static str,
    /// Flags that leave development dependencies out.
    pub production: &'static [&'static str],
    /// The flag to add for that.
    pub without_dev: &'static str,
    /// Are the downloads all in the cache, so that a cache mount makes the order of COPY harmless?
    pub cache_is_all: bool,
}

pub static TOOLS: &[Tool] = &[
    Tool {
        id: "npm",
        programs: &["npm"],
        installs: &["ci", "install", "i", "clean-install", "install-clean"],
        manifest: "package.json",
        locks: &["package-lock.json", "npm-shrinkwrap.json"],
        frozen: &["ci", "clean-install", "install-clean"],
        right: "npm ci",
        production: &[
            "--omit=dev",
            "--production",
            "--only=production",
            "--only=prod",
            "--omit",
            "--only",
        ],
        without_dev: "--omit=dev",
        cache_is_all: false,
    },
    Tool {
        id: "yarn",
        programs: &["yarn"],
        installs: &["", "install"],
        manifest: "package.json",
        locks: &["yarn.lock"],
        frozen: &["--frozen-lockfile", "--immutable", "--pure-lockfile"],
        right: "yarn install --frozen-lockfile",
        production: &["--production", "--prod"],
        without_dev: "--production",
        cache_is_all: false,
    },
    Tool {
        id: "pnpm",
        programs: &["pnpm"],
        installs: &["install", "i", "fetch"],
        manifest: "package.json",
        locks: &["pnpm-lock.yaml"],
        frozen: &["--frozen-lockfile", "fetch"],
        right: "pnpm install --frozen-lockfile",
        production: &["--prod", "-P", "--production"],
        without_dev: "--prod",
        cache_is_all: false,
    },
    Tool {
        id: "bun",
        programs: &["bun"],
        installs: &["install", "i"],
        manifest: "package.json",
        locks: &["bun.lock", "bun.lockb"],
        frozen: &["--frozen-lockfile"],
        right: "bun install --frozen-lockfile",
        production: &["--production", "-p"],
        without_dev: "--production",
        cache_is_all: false,
    },
    Tool {
        id: "pip",
        programs: &["pip", "pip3"],
        installs: &["install"],
        manifest: "requirements.txt",
        locks: &[],
        frozen: &[],
        right: "",
        production: &[],
        without_dev: "",
        cache_is_all: false,
    },
    Tool {
        id: "poetry",
        programs: &["poetry"],
        installs: &["install", "sync"],
        manifest: "pyproject.toml",
        locks: &["poetry.lock"],
        frozen: &[],
        right: "poetry install --only main --no-root",
        production: &["--only", "--without", "--no-dev"],
        without_dev: "--only main",
        cache_is_all: false,
    },
    Tool {
        id: "uv",
        programs: &["uv"],
        installs: &["sync"],
        manifest: "pyproject.toml",
        locks: &["uv.lock"],
        frozen: &["--locked", "--frozen"],
        right: "uv sync --locked --no-install-project",
        production: &["--no-dev", "--no-default-groups", "--only-group", "--no-group"],
        without_dev: "--no-dev",
        cache_is_all: false,
    },
    Tool {
        id: "pipenv",
        programs: &["pipenv"],
        installs: &["install", "sync"],
        manifest: "Pipfile",
        locks: &["Pipfile.lock"],
        frozen: &["sync", "--deploy", "--ignore-pipfile"],
        right: "pipenv sync",
        production: &[],
        without_dev: "",
        cache_is_all: false,
    },
    Tool {
        id: "go",
        programs: &["go"],
        installs: &["mod download"],
        manifest: "go.mod",
        locks: &["go.sum"],
        frozen: &["mod download"],
        right: "go mod download",
        production: &[],
        without_dev: "",
        cache_is_all: true,
    },
    Tool {
        id: "bundler",
        programs: &["bundle"],
        installs: &["install", ""],
        manifest: "Gemfile",
        locks: &["Gemfile.lock"],
        frozen: &["install", ""],
        right: "bundle install",
        production: &[],
        without_dev: "",
        cache_is_all: true,
    },
];

/// A tool that compiles and loads dependencies on the way.
pub struct Builder {
    pub programs: &'static [&'static str],
    /// Any of these among the arguments.
    pub builds: &'static [&'static str],
    pub manifests: &'static [&'static str],
    /// A part of the path of the cache mount that keeps the downloads.
    pub cache: &'static str,
    /// Commands that only load dependencies.
    pub first: &'static str,
}

pub static BUILDERS: &[Builder] = &[
    Builder {
        programs: &["go"],
        builds: &["build", "install"],
        manifests: &["go.mod", "go.sum"],
        cache: "/pkg/mod",
        first: "go mod download",
    },
    Builder {
        programs: &["mvn", "mvnw"],
        builds: &["package", "install", "verify", "compile"],
        manifests: &["pom.xml"],
        cache: ".m2",
        first: "mvn dependency:go-offline",
    },
    Builder {
        programs: &["gradle", "gradlew"],
        builds: &["build", "assemble", "bootJar", "jar", "shadowJar", "installDist"],
        manifests: &["build.gradle", "build.gradle.kts"],
        cache: ".gradle",
        first: "gradle dependencies",
    },
];

/// The project install in a command: the tool and its subcommand. Installs of named packages and
/// global ones are none.
pub fn install(command: &Command) -> Option<(&'static Tool, String)> {
    let mut words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if matches!(command.program(), "python" | "python3") && words.get(1) == Some(&"-m") {
        words.drain(..2);
    }
    let program = words.first()?.rsplit('/').next()?;
    let tool = TOOLS.iter().find(|t| t.programs.contains(&program))?;
    let args = &words[1..];
    if args.iter().any(|a| {
        matches!(
            *a,
            "-g" | "--global" | "--location=global" | "--version" | "-v" | "--help"
        )
    }) {
        return None;
    }
    if tool.id == "pip" {
        let listed = args
            .iter()
            .any(|a| *a == "-r" || a.starts_with("--requirement") || a.starts_with("-r"));
        return (args.first() == Some(&"install") && listed).then(|| (tool, "install".into()));
    }
    // Values of flags that come before the subcommand: `npm --prefix web ci`.
    let valued = [
        "--prefix",
        "-C",
        "--cwd",
        "--dir",
        "--filter",
        "-F",
        "--project",
        "--directory",
        "--registry",
        "--network-timeout",
        "--omit",
        "--only",
        "--without",
        "--with",
        "--extras",
        "-E",
        "--group",
        "--package",
        "--extra",
        "--cache",
        "--store-dir",
        "--workspace",
        "-w",
        "--mutex",
        "--cache-folder",
        "--retry",
        "--jobs",
        "-j",
        "--install-strategy",
        "--loglevel",
    ];
    let mut plain = Vec::new();
    let mut skip = false;
    for arg in args {
        if std::mem::take(&mut skip) {
            continue;
        }
        if arg.starts_with('-') {
            skip = valued.contains(arg);
        } else {
            plain.push(*arg);
        }
    }
    let sub = plain.join(" ");
    tool.installs.contains(&sub.as_str()).then_some((tool, sub))
}

/// Folders that builds make: a source in one of them need not be in the repository.
pub const OUTPUT_DIRS: &[&str] = &[
    "target",
    "build",
    "dist",
    "out",
    "bin",
    "node_modules",
    ".next",
    ".output",
    "publish",
    "_build",
    "release",
];

/// A folder with one of these is somebody's build context.
pub const MANIFESTS: &[&str] = &[
    "package.json",
    "go.mod",
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "setup.py",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
];

/// Folders whose Dockerfiles are for the work on a project.
pub const WORK_FOLDERS: &[&str] = &[
    "dev",
    "development",
    "devcontainer",
    "test",
    "tests",
    "testing",
    "e2e",
    "ci",
    "lint",
    "bench",
    "benchmark",
    "benchmarks",
    "docs",
    "packaging",
    "codesandbox",
    "gitpod",
    "vscode",
    "local",
    "debug",
    "tools",
];

/// Words in a file's or stage's name that say: not for running the program in production.
pub const NOT_DEPLOYED: &[&str] = &[
    "dev",
    "devel",
    "develop",
    "development",
    "devcontainer",
    "test",
    "tests",
    "testing",
    "e2e",
    "ci",
    "lint",
    "debug",
    "builder",
    "build",
    "buildenv",
    "tools",
    "toolchain",
    "bench",
    "benchmark",
    "docs",
    "local",
    "watch",
    "gitpod",
    "vscode",
];

/// Words of a start command that say the same.
pub const DEVELOPMENT: &[&str] = &[
    "dev",
    "start:dev",
    "develop",
    "serve:dev",
    "nodemon",
    "--reload",
    "--watch",
    "watch",
    "air",
    "reflex",
    "infinity",
    "/dev/null",
    "runserver",
    "--debug",
    "test",
    "start:debug",
];
