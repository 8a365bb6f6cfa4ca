//! What the compilation needs: packages, variables, secrets, and files that ignore rules must not hide.

use super::builder::Builder;
use super::detect::Facts;
use super::native;
use super::rules;
use super::runtime::Target;
use super::tokens::Tokens;
use crate::catalog::Family;
use crate::decision::{Because, Decision};
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::lang::Project;
use crate::paths;
use crate::plan::Secret;
use crate::source::Location;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Compile {
    pub packages: Vec<String>,
    pub env: Vec<Safe>,
    /// `--package api --bin api --features x`.
    pub select: Safe,
    /// Where cargo puts the program.
    pub artifact: Safe,
    /// A build script may write beside the sources.
    pub writes: bool,
    /// Crates come from git.
    pub git: bool,
    pub secret_mounts: Vec<Safe>,
    pub secrets: Vec<Secret>,
    pub reads: Vec<String>,
    pub ignore: Vec<String>,
    pub decisions: Vec<Decision>,
    pub warnings: Vec<Diagnostic>,
}

/// Programs that build scripts start, as packages of Debian and of Alpine.
const TOOLS: &[(&str, &str, &str)] = &[
    ("bash", "bash", "bash"),
    ("cmake", "cmake", "cmake"),
    ("curl", "curl", "curl"),
    ("g++", "g++", "g++"),
    ("git", "git", "git"),
    ("make", "make", "make"),
    ("nasm", "nasm", "nasm"),
    ("perl", "perl", "perl"),
    ("pkg-config", "pkg-config", "pkgconf"),
    ("protoc", "protobuf-compiler", "protobuf-dev"),
    ("python3", "python3", "python3"),
    ("tar", "tar", "tar"),
    ("unzip", "unzip", "unzip"),
    ("wget", "wget", "wget"),
];

/// Crates whose macros or build scripts ask git for the commit.
const ASK_GIT: &[&str] = &[
    "git-version",
    "vergen",
    "vergen-git2",
    "vergen-gitcl",
    "vergen-gix",
];

/// Linkers that .cargo/config.toml may name, as packages of both families.
const LINKERS: &[(&str, &str)] = &[
    ("clang", "clang"),
    ("lld", "lld"),
    ("mold", "mold"),
    ("gcc", "gcc"),
];

pub fn compile(
    project: &Project,
    facts: &Facts,
    builder: &Builder,
    target: &Target,
    context: &str,
) -> Result<Compile, Diagnostic> {
    let mut out = Compile {
        select: select(facts)?,
        writes: !facts.build_scripts.is_empty(),
        ..Compile::default()
    };
    let mut env: BTreeMap<String, String> = BTreeMap::new();
    packages(project, facts, builder, target, &mut out, &mut env);
    scripts(project, facts, builder, &mut out);
    linkers(facts, &mut out, &mut env);
    queries(project, facts, context, &mut out, &mut env)?;
    registries(facts, &mut out, &mut env);
    if let Some(feature) = &facts.feature {
        out.decisions.push(Decision {
            topic: "features",
            value: feature.value.clone(),
            because: Because::at(&feature.at, "is what compiling ends with where it is off"),
            over: Vec::new(),
        });
    }
    if facts.lock.is_none() {
        let at = facts.package.manifest.package.as_ref().map(|p| p.name.at.clone());
        let warning = Diagnostic::warning(&diagnostic::rules::NOT_REPEATABLE, "there is no Cargo.lock")
            .help("run `cargo generate-lockfile` and commit Cargo.lock; it may stand in .gitignore");
        out.warnings.push(match at {
            Some(at) => warning.at(at, "its crates may be others tomorrow"),
            None => warning,
        });
    }
    if facts.strip.is_none() {
        env.insert("CARGO_PROFILE_RELEASE_STRIP".into(), "symbols".into());
    }
    let triple = facts.cargo_config(&["build", "target"]);
    let folder = match &triple {
        Some(triple) => format!("/target/{}/release", triple.value),
        None => "/target/release".into(),
    };
    out.artifact = escape::shell(&format!("{folder}/{}", facts.program.target.name.value))?;
    for (name, value) in &env {
        out.env
            .push(Safe::join(&[escape::name(name)?, escape::quoted(value)?], "="));
    }
    for embedded in &facts.files.embedded {
        let path = &embedded.value;
        if (project.tree.has(path) || project.tree.has_dir(path)) && !path.is_empty() {
            out.reads.push(path.clone());
        }
    }
    out.packages
        .extend(project.settings.build_packages.iter().cloned());
    out.packages.sort();
    out.packages.dedup();
    Ok(out)
}

fn select(facts: &Facts) -> Result<Safe, Diagnostic> {
    let mut words = Vec::new();
    if facts.in_workspace {
        words.push(Safe::literal("--package"));
        words.push(escape::shell(&facts.name)?);
    }
    words.push(Safe::literal("--bin"));
    words.push(escape::shell(&facts.program.target.name.value)?);
    let features = &facts.program.target.required_features;
    if !features.is_empty() {
        words.push(Safe::literal("--features"));
        words.push(escape::shell(&features.join(","))?);
    }
    Ok(Safe::join(&words, " "))
}

fn packages(
    project: &Project,
    facts: &Facts,
    builder: &Builder,
    target: &Target,
    out: &mut Compile,
    env: &mut BTreeMap<String, String>,
) {
    let alpine = builder.family == Family::Alpine;
    let list: fn(&native::Native) -> &[String] = if alpine { |n| &n.apk } else { |n| &n.build };
    out.packages = native::union(&facts.native, list);
    for found in &facts.native {
        let own = list(found.native);
        if !own.is_empty() {
            out.decisions.push(Decision {
                topic: "packages",
                value: own.join(", "),
                because: Because::at(
                    &found.at,
                    format!("brings {}, which is built with them", found.native.name),
                ),
                over: Vec::new(),
            });
        }
        if alpine && !target.dynamic {
            let pairs = found.native.env_musl.iter().filter_map(|p| p.split_once('='));
            env.extend(pairs.map(|(k, v)| (k.to_string(), v.to_string())));
        }
    }
    if target.dynamic {
        env.insert("RUSTFLAGS".into(), "-C target-feature=-crt-static".into());
    }
    let _ = project;
}

/// Programs that build scripts start, and .git where the commit is asked for.
fn scripts(project: &Project, facts: &Facts, builder: &Builder, out: &mut Compile) {
    let mut git: Option<Location> = None;
    for source in &facts.build_scripts {
        let tokens = Tokens::of(source);
        for i in 0..tokens.list.len() {
            if !tokens.spells(i, "Command : : new (") {
                continue;
            }
            let Some((tool, debian, alpine)) = tokens
                .text(i + 5)
                .and_then(|name| TOOLS.iter().find(|(tool, _, _)| *tool == name))
            else {
                continue;
            };
            let package = if builder.family == Family::Alpine {
                alpine
            } else {
                debian
            };
            out.packages.push((*package).to_string());
            out.decisions.push(Decision {
                topic: "packages",
                value: (*package).to_string(),
                because: Because::at(&tokens.at(i + 5), format!("starts {tool}")),
                over: Vec::new(),
            });
            if *tool == "git" {
                git = Some(tokens.at(i + 5));
            }
        }
    }
    for name in ASK_GIT {
        if let Some(used) = facts.uses(name) {
            git = Some(used.at.clone());
            out.packages.push("git".into());
        }
    }
    let Some(at) = git else { return };
    out.ignore.push("!.git".into());
    out.decisions.push(Decision {
        topic: "files",
        value: ".git".into(),
        because: Because::at(&at, "asks for the commit"),
        over: Vec::new(),
    });
    let _ = (project, rules::GIT_COMMIT.id);
}

/// The linker of .cargo/config.toml; a wrapper of the compiler is turned off.
fn linkers(facts: &Facts, out: &mut Compile, env: &mut BTreeMap<String, String>) {
    for config in &facts.config {
        let targets = config.node.get("target").map_or(&[][..], |n| n.entries());
        let linux = targets
            .iter()
            .filter(|e| super::cfg::may_hold(&e.key))
            .map(|e| &e.node);
        for node in linux.chain(config.node.get("build")) {
            let mut words: Vec<(String, Location)> = Vec::new();
            if let Some(linker) = node.string(&["linker"]) {
                words.push((linker.value, linker.at));
            }
            for flag in node.get("rustflags").map(|n| n.strings()).unwrap_or_default() {
                for word in flag.value.split_whitespace() {
                    if let Some((_, linker)) = word.split_once("-fuse-ld=") {
                        words.push((linker.to_string(), flag.at.clone()));
                    }
                    if let Some((_, linker)) = word.split_once("linker=") {
                        words.push((linker.to_string(), flag.at.clone()));
                    }
                }
            }
            for (word, at) in words {
                let word = paths::base(&word);
                let Some((_, package)) = LINKERS.iter().find(|(l, p)| *l == word && *p != "gcc") else {
                    continue;
                };
                out.packages.push((*package).to_string());
                out.decisions.push(Decision {
                    topic: "packages",
                    value: (*package).to_string(),
                    because: Because::at(&at, "links with it"),
                    over: Vec::new(),
                });
            }
        }
        let wrapper = config.node.path(&["build", "rustc-wrapper"]);
        if wrapper.is_some() {
            env.insert("RUSTC_WRAPPER".into(), String::new());
        }
    }
}

/// sqlx's `query!` asks a database while it is compiled, unless the answers are there.
fn queries(
    project: &Project,
    facts: &Facts,
    context: &str,
    out: &mut Compile,
    env: &mut BTreeMap<String, String>,
) -> Result<(), Diagnostic> {
    let Some(at) = &facts.queries else { return Ok(()) };
    let given = project.settings.args.contains_key("DATABASE_URL")
        || facts.cargo_config(&["env", "DATABASE_URL"]).is_some();
    match &facts.prepared {
        Some(path) => {
            env.insert("SQLX_OFFLINE".into(), "true".into());
            out.reads.push(path.clone());
            out.decisions.push(Decision {
                topic: "files",
                value: paths::relative(path, context).to_string(),
                because: Because::at(at, "has queries that are checked while it is compiled"),
                over: Vec::new(),
            });
            Ok(())
        }
        None if given => Ok(()),
        None if let Some((url, place)) = committed(project, facts) => {
            // sqlx opens the file for writing.
            out.writes = true;
            env.insert("DATABASE_URL".into(), url);
            out.decisions.push(Decision {
                topic: "files",
                value: "DATABASE_URL".into(),
                because: Because::at(
                    &place,
                    "names a database that is committed; queries are checked against it",
                ),
                over: Vec::new(),
            });
            Ok(())
        }
        None => Err(Diagnostic::error(
            &rules::SQLX_OFFLINE,
            "the queries are checked against a database, and a build has none",
        )
        .at(at.clone(), "checked while it is compiled")
        .help("run `cargo sqlx prepare --workspace` and commit the folder .sqlx")),
    }
}

/// A database of SQLite in the repository, that .env names.
fn committed(project: &Project, facts: &Facts) -> Option<(String, Location)> {
    for dir in [&facts.root, &project.claim.dir] {
        let Some(source) = paths::join(dir, ".env").and_then(|p| project.tree.text(&p)) else {
            continue;
        };
        for line in source.text.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let value = value.trim().trim_matches(['"', '\'']);
            if name.trim().trim_start_matches("export ") != "DATABASE_URL" || !value.starts_with("sqlite:") {
                continue;
            }
            let file = value.trim_start_matches("sqlite:").trim_start_matches("//");
            let file = file.split('?').next().unwrap_or(file);
            // A database may be ignored by git and committed all the same.
            if paths::join(dir, file).is_some() {
                return Some((value.to_string(), Location::of(&source, line)));
            }
        }
    }
    None
}

/// Crates that do not come from crates.io: git, ssh, registries with a token.
fn registries(facts: &Facts, out: &mut Compile, env: &mut BTreeMap<String, String>) {
    let Some((_, lock)) = facts.lock.as_deref() else {
        out.git = true;
        return;
    };
    let mut hosts = BTreeSet::new();
    let mut private: Option<Location> = None;
    for package in &lock.packages {
        let Some(source) = &package.source else { continue };
        if let Some(rest) = source.value.strip_prefix("git+") {
            out.git = true;
            if let Some(rest) = rest.strip_prefix("ssh://") {
                let host = rest.split('/').next().unwrap_or(rest);
                let host = host.rsplit('@').next().unwrap_or(host);
                hosts.insert(host.split(':').next().unwrap_or(host).to_string());
            }
        } else if !source.value.contains("crates.io") && private.is_none() {
            private = Some(source.at.clone());
        }
    }
    if !hosts.is_empty() {
        let hosts: Vec<String> = hosts.into_iter().collect();
        out.secret_mounts.push(Safe::literal("type=ssh"));
        out.secrets.push(Secret {
            flag: "--ssh default".into(),
            why: format!("crates come from {} over ssh", hosts.join(", ")),
        });
        out.packages
            .extend(["git".to_string(), "openssh-client".to_string()]);
        env.insert("CARGO_NET_GIT_FETCH_WITH_CLI".into(), "true".into());
        // An unknown host's key is taken at the first contact, and a changed one refused.
        env.insert(
            "GIT_SSH_COMMAND".into(),
            "ssh -o StrictHostKeyChecking=accept-new".into(),
        );
    }
    if let Some(at) = private {
        out.secret_mounts.push(Safe::literal(
            "type=secret,id=cargo-credentials,target=/usr/local/cargo/credentials.toml",
        ));
        out.secrets.push(Secret {
            flag: "--secret id=cargo-credentials,src=$HOME/.cargo/credentials.toml".into(),
            why: "crates come from a registry of its own".into(),
        });
        out.decisions.push(Decision {
            topic: "secrets",
            value: "cargo-credentials".into(),
            because: Because::at(&at, "names a registry that is not crates.io"),
            over: Vec::new(),
        });
    }
}
