//! The command line's shape, and nothing else.

use crate::compose::Target;
use crate::settings::{Cache, Runtime, Stage};
use clap::{Args as Group, Parser, Subcommand, ValueEnum};

/// Writes the Dockerfile that the best engineer of your ecosystem would have written by hand.
///
/// Reads the manifests, chooses base images, and writes Dockerfile and .dockerignore with the reason
/// for every choice. Needs no network and no Docker, and runs nothing of the project.
#[derive(Parser)]
#[command(name = "rdock", version = version(), after_help = EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Say nothing but errors.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every decision with its reason as it is made.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Start here instead of in the current folder.
    #[arg(long, short = 'C', global = true, value_name = "DIR")]
    pub directory: Option<std::path::PathBuf>,
}

/// The facts about base images are part of the binary, so their date belongs to its version.
fn version() -> String {
    format!(
        "{} (catalogue of {})",
        env!("CARGO_PKG_VERSION"),
        crate::catalog::as_of()
    )
}

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 a file is not as rdock would write it (check) or has
a finding (audit), 2 error, 130 stopped by Ctrl-C with nothing written.
Data goes to standard output, all else to standard error.";

#[derive(Subcommand)]
pub enum Command {
    /// Find the services here, choose, and write their Dockerfiles
    ///
    /// Finds the services at or under PATH. Choices given as flags are kept in rdock.toml, so that
    /// `generate` and `check` repeat them.
    Init {
        /// Folder of a service or of a repository
        #[arg(default_value = ".")]
        path: String,
        /// Never ask; a real ambiguity is an error that names the flag which settles it
        #[arg(long, short)]
        yes: bool,
        /// Overwrite files that were edited by hand or not written by rdock
        #[arg(long)]
        force: bool,
        /// Write compose.yaml too, as `rdock compose` does
        #[arg(long)]
        compose: bool,
        #[command(flatten)]
        choices: Choices,
    },
    /// Write the Dockerfiles again from what stands now
    Generate {
        /// Services by name, or folders; all by default
        services: Vec<String>,
        /// Print to standard output, write nothing
        #[arg(long)]
        print: bool,
        /// Overwrite files that were edited by hand or not written by rdock
        #[arg(long)]
        force: bool,
        /// Write docker-bake.hcl too, with a target for each service; from then on it is kept current
        #[arg(long)]
        bake: bool,
        #[command(flatten)]
        choices: Choices,
        #[command(flatten)]
        many: Many,
    },
    /// Compare the files with what rdock would write; exit 1 where they differ
    Check {
        /// Services by name, or folders; all by default
        services: Vec<String>,
        #[command(flatten)]
        choices: Choices,
        #[command(flatten)]
        many: Many,
    },
    /// Show every choice, its reason with file and line, and what it was chosen over
    Explain {
        /// Services by name, or folders; or a rule such as RD101
        services: Vec<String>,
        #[command(flatten)]
        choices: Choices,
        #[command(flatten)]
        format: Format,
    },
    /// List the services found
    List {
        /// Folder of a service or of a repository
        #[arg(default_value = ".")]
        path: String,
        #[command(flatten)]
        format: Format,
    },
    /// Write compose.yaml: the services, and the databases and queues that they need
    ///
    /// A compose file that rdock did not write stays as it is; the services that it lacks are printed.
    Compose {
        /// Print to standard output, write nothing
        #[arg(long)]
        print: bool,
        /// What the services are built up to: the image as it ships, or the stage for development; as the
        /// file has it where it is there
        #[arg(long, value_enum)]
        target: Option<Target>,
        #[command(flatten)]
        format: Format,
    },
    /// Pin the base images to digests in rdock.lock; the only command that uses the network
    ///
    /// Asks the registries for the digest of every image that the Dockerfiles name and the lock does not
    /// hold yet, then writes the lock and the Dockerfiles. `generate` and `check` work from the lock.
    Pin {
        /// Ask again, for every image or for IMAGE, and take the digests that the tags have now
        #[arg(long, value_name = "IMAGE", num_args = 0..=1, conflicts_with = "check")]
        update: Option<Option<String>>,
        /// Write nothing; exit 1 where a tag has moved, and say what moved
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Name the mistakes in Dockerfiles, rdock's own or not; exit 1 on a finding
    ///
    /// A comment `# rdock: ignore=RD…` on the line above silences a rule; `rdock explain RD…` is its page.
    Audit {
        /// Dockerfiles, or folders that hold some
        paths: Vec<String>,
        /// Show what rdock would write beside it
        #[arg(long)]
        diff: bool,
        /// Form of the output; github is for annotations, sarif for code scanning
        #[arg(long, value_enum, default_value_t = AuditFormat::Text)]
        format: AuditFormat,
    },
    /// Print the JSON schema of rdock.toml, for editors
    Schema,
    /// Show the base images that rdock knows
    Images {
        /// Only images whose name holds this word
        name: Option<String>,
        /// Show the FROM lines of the Dockerfiles here that are past their end of support or not in
        /// the catalogue; exit 1 where support has ended
        #[arg(long, conflicts_with = "name")]
        outdated: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Say which tools around rdock are here and what they add; rdock itself needs none
    Doctor {
        #[command(flatten)]
        format: Format,
    },
    /// Print the completions of a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page of rdock, or of one of its commands
    #[command(hide = true)]
    Man { command: Option<String> },
}

/// Answers to every question that rdock could ask.
#[derive(Group, Default)]
#[command(next_help_heading = "Choices")]
pub struct Choices {
    /// Kind of base image that the program runs on
    #[arg(long, value_enum)]
    pub runtime: Option<Runtime>,
    /// Image of the build stage, with its tag
    #[arg(long, value_name = "IMAGE")]
    pub builder: Option<String>,
    /// Version of the language, over what the manifests say
    #[arg(long, value_name = "VERSION")]
    pub language_version: Option<String>,
    /// Port that the program listens on
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Start command, as one line without shell syntax
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Program to build: a Go package, a Cargo binary, a Java main class, a source file
    #[arg(long, value_name = "PROGRAM")]
    pub main: Option<String>,
    /// Which manifest counts where a folder has several
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Where earlier work is kept: cache mounts, or layers that a CI can export
    #[arg(long, value_enum)]
    pub cache: Option<Cache>,
    /// Stages besides those of the image, for `docker build --target`
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STAGES")]
    pub stages: Vec<Stage>,
}

#[derive(Group)]
pub struct Format {
    /// Form of the output; the JSON has a documented, versioned schema
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
}

/// For commands that run over many services, in scripts.
#[derive(Group)]
pub struct Many {
    /// Only services whose inputs differ in git from this commit, branch or tag
    #[arg(long, value_name = "REF")]
    pub changed_since: Option<String>,
    /// Form of the output: for people, for programs, or annotations for GitHub Actions
    #[arg(long, value_enum, default_value_t = SyncFormat::Text)]
    pub format: SyncFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SyncFormat {
    Text,
    Json,
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    Text,
    Json,
    Github,
    Sarif,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    Text,
    Json,
}
