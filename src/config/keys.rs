//! What rdock.toml may hold: one table for errors, the schema and the documentation.

/// A key that rdock.toml may hold: for errors, the schema and the documentation.
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub words: &'static str,
    pub example: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    String,
    Bool,
    /// A switch, or a list of words that turns it on.
    BoolOrList,
    Port,
    Words,
    List,
    Map,
    /// Instructions by the point at which they stand.
    Lines,
    /// Build secrets by their id.
    Secrets,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Some of a few words.
    Choices(&'static [&'static str]),
}

/// The keys of `[defaults]`, and with `path` and `skip` those of `[services.NAME]`.
pub const KEYS: &[Key] = &[
    Key {
        name: "path",
        kind: Kind::String,
        words: "Folder of the service, where its name alone does not say.",
        example: "path = \"services/api\"",
    },
    Key {
        name: "skip",
        kind: Kind::Bool,
        words: "Leave this service out of every command.",
        example: "skip = true",
    },
    Key {
        name: "language",
        kind: Kind::String,
        words: "Which manifest counts where a folder has several.",
        example: "language = \"go\"",
    },
    Key {
        name: "runtime",
        kind: Kind::Choice(&["scratch", "alpine", "slim", "distroless", "jre"]),
        words: "Kind of base image that the program runs on.",
        example: "runtime = \"alpine\"",
    },
    Key {
        name: "builder",
        kind: Kind::String,
        words: "Image of the build stage, with its tag.",
        example: "builder = \"golang:1.26-trixie\"",
    },
    Key {
        name: "version",
        kind: Kind::String,
        words: "Version of the language, over what the manifests say.",
        example: "version = \"3.12\"",
    },
    Key {
        name: "port",
        kind: Kind::Port,
        words: "Port that the program listens on.",
        example: "port = 8080",
    },
    Key {
        name: "command",
        kind: Kind::Words,
        words: "Start command, word by word or as one string.",
        example: "command = [\"node\", \"dist/main.js\"]",
    },
    Key {
        name: "main",
        kind: Kind::String,
        words: "Program to build: a Go package, a Cargo binary, a Java main class, a source file.",
        example: "main = \"./cmd/api\"",
    },
    Key {
        name: "cache",
        kind: Kind::Choice(&["mount", "layer"]),
        words: "Where earlier work is kept: BuildKit cache mounts, or image layers that a CI can export.",
        example: "cache = \"layer\"",
    },
    Key {
        name: "aot",
        kind: Kind::Bool,
        words: "Java: start the program once in the build, and keep what it loads in an archive that later starts read. Spring Boot from 3.3, where it starts without its database.",
        example: "aot = true",
    },
    Key {
        name: "jlink",
        kind: Kind::BoolOrList,
        words: "Java: make a runtime of the program's own modules by jlink, on slim Debian. A list names further modules, those that the program loads by name.",
        example: "jlink = true",
    },
    Key {
        name: "stages",
        kind: Kind::Choices(&["test", "dev", "debug", "scan"]),
        words: "Stages besides those of the image, for `docker build --target`.",
        example: "stages = [\"test\", \"dev\"]",
    },
    Key {
        name: "gate",
        kind: Kind::Choices(&["test", "scan"]),
        words: "Stages that must pass before there is an image: the last stage depends on them.",
        example: "gate = [\"test\"]",
    },
    Key {
        name: "platforms",
        kind: Kind::List,
        words: "Platforms that the image is built for: a base image that lacks one is an error before the build.",
        example: "platforms = [\"linux/amd64\", \"linux/arm64\"]",
    },
    Key {
        name: "build-packages",
        kind: Kind::List,
        words: "Operating system packages that the build needs besides those that rdock finds.",
        example: "build-packages = [\"cmake\"]",
    },
    Key {
        name: "runtime-packages",
        kind: Kind::List,
        words: "Operating system packages that the program needs at run time.",
        example: "runtime-packages = [\"ffmpeg\"]",
    },
    Key {
        name: "args",
        kind: Kind::Map,
        words: "Build arguments with their defaults.",
        example: "args = { VERSION = \"dev\" }",
    },
    Key {
        name: "env",
        kind: Kind::Map,
        words: "Environment of the runtime stage. Never a secret.",
        example: "env = { LOG_LEVEL = \"info\" }",
    },
    Key {
        name: "labels",
        kind: Kind::Map,
        words: "Labels of the image.",
        example: "labels = { \"org.opencontainers.image.source\" = \"https://example.com/acme\" }",
    },
    Key {
        name: "files",
        kind: Kind::List,
        words: "Files or folders beside the manifest that the program reads at run time.",
        example: "files = [\"config\"]",
    },
    Key {
        name: "secrets",
        kind: Kind::Secrets,
        words: "Secrets that every RUN before the last stage sees: an environment variable of the builder, or one of its files at a place.",
        example: "secrets = { NPM_TOKEN = { env = \"NPM_TOKEN\" }, netrc = { file = \"$HOME/.netrc\", target = \"/root/.netrc\" } }",
    },
    Key {
        name: "lines",
        kind: Kind::Lines,
        words: "Instructions of your own at a point of a stage: STAGE.start, STAGE.before-last-run, STAGE.before-user, STAGE.end.",
        example: "lines = { \"runtime.before-user\" = [\"RUN echo hello > /etc/motd\"] }",
    },
];

/// The tables of rdock.toml.
pub const TABLES: &[(&str, &str)] = &[
    (
        "defaults",
        "For every service that does not say otherwise; [defaults.LANGUAGE] for those of a language.",
    ),
    ("services", "What one service needs, by its name."),
    (
        "mirrors",
        "Where base images come from instead: a registry, or the beginning of an image's name, and its replacement.",
    ),
];
