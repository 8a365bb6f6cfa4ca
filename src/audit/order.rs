//! Rules on what a changed file builds again, and on what an install sees.

use super::tools::BUILDERS;
use super::view::{Install, View, copied, join, there, whole};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::Instruction;
use crate::paths;
use serde_json::Value;
use std::collections::BTreeSet;

pub fn source_first(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let installs = view.installs();
    let mut done: BTreeSet<(usize, &str)> = BTreeSet::new();
    for install in &installs {
        let tool = install.tool;
        let earlier = installs
            .iter()
            .any(|i| i.tool.id == tool.id && (i.stage, i.index) < (install.stage, install.index));
        let cached = tool.cache_is_all && install.instruction.mounts().any(|m| m.kind() == "cache");
        if earlier || cached || install.command.nested || !done.insert((install.stage, tool.id)) {
            continue;
        }
        let Some(copy) = whole_before(view, install.stage, install.index) else {
            continue;
        };
        // Sure only with the manifest where the copy brings it.
        if !view.has(tool.manifest) && tool.id != "pip" || view.context.is_none() {
            continue;
        }
        let listed = install
            .command
            .words
            .iter()
            .skip_while(|w| *w != "-r")
            .nth(1)
            .map(String::as_str);
        let manifest = if tool.id == "pip" {
            listed.unwrap_or("")
        } else {
            tool.manifest
        };
        let files: Vec<&str> = [manifest]
            .iter()
            .chain(tool.locks)
            .filter(|f| view.has(f))
            .copied()
            .collect();
        if files.is_empty() {
            continue;
        }
        let run = install.command.words.join(" ");
        found.push(
            Diagnostic::warning(rule, format!("a change of any file runs `{run}` again"))
                .at(
                    copy.at.clone(),
                    format!("copied before the install in {}", place(install)),
                )
                .help(format!(
                    "before this line: `COPY {} ./`{} and `RUN {run}`; the source after them",
                    files.join(" "),
                    members_too(view)
                )),
        );
    }
    found.extend(compile_first(rule, view));
    found
}

/// In a workspace the install reads the manifest of every member.
fn members_too(view: &View) -> &'static str {
    let workspace = view
        .json("package.json")
        .is_some_and(|j| j.get("workspaces").is_some());
    match workspace || view.has("pnpm-workspace.yaml") {
        true => ", the package.json of each member into its folder,",
        false => "",
    }
}

fn place(install: &Install) -> String {
    let line = install.instruction.place_of(&install.command).line().unwrap_or(0);
    format!("line {line}")
}

/// The COPY of the whole context that stands before an instruction in its stage's chain.
fn whole_before<'a>(view: &View<'a>, stage: usize, index: usize) -> Option<&'a Instruction> {
    let chain = view
        .chain(stage)
        .take_while(|(s, n, _)| *s != stage || *n < index);
    chain
        .filter_map(|(_, _, i)| copied(i))
        .find(|c| {
            c.from.is_none()
                && c.instruction.flag("parents").is_none()
                && c.sources.iter().any(|s| whole(&s.text))
        })
        .map(|c| c.instruction)
}

/// Compilers that load dependencies on the way, with nothing that keeps them.
fn compile_first(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (stage, s) in view.stages() {
        for (index, i) in s.instructions.iter().enumerate() {
            if i.keyword != "RUN" || i.onbuild || i.mounts().any(|m| m.kind() == "cache") {
                continue;
            }
            for command in i.commands() {
                let builder = BUILDERS.iter().find(|b| {
                    b.programs.contains(&command.program())
                        && command.args().iter().any(|a| b.builds.contains(&a.as_str()))
                });
                let Some(builder) = builder.filter(|_| !command.nested) else {
                    continue;
                };
                let Some(copy) = whole_before(view, stage, index) else {
                    continue;
                };
                let again = view.runs(stage);
                let earlier = again.iter().any(|(r, c)| {
                    builder.programs.contains(&c.program())
                        && (r.at.line() < i.at.line()
                            || c.at.start < command.at.start
                                && r.at.line() == i.at.line()
                                && c.words != command.words
                                && c.has("download"))
                });
                let manifest = builder.manifests.iter().find(|m| view.has(m));
                let (Some(manifest), false) = (manifest, earlier) else {
                    continue;
                };
                let vendored = view.has("vendor/modules.txt")
                    || command
                        .args()
                        .iter()
                        .any(|a| a == "-mod=vendor" || a.contains("offline"));
                let depends = match *manifest {
                    "go.mod" => view.has("go.sum"),
                    _ => view.read(manifest).is_some_and(|t| t.text.contains("ependenc")),
                };
                let mentions = view.chain(stage).any(|(_, _, i)| {
                    i.keyword == "COPY" && i.flag("from").is_some() && i.text.contains(builder.cache)
                });
                if vendored || !depends || mentions {
                    continue;
                }
                let files: Vec<&str> = builder
                    .manifests
                    .iter()
                    .filter(|m| view.has(m))
                    .copied()
                    .collect();
                found.push(
                    Diagnostic::warning(rule, "a change of any file loads every dependency again")
                        .at(
                            copy.at.clone(),
                            format!(
                                "copied before `{}`, which has no cache",
                                command.words[..command.words.len().min(3)].join(" ")
                            ),
                        )
                        .help(format!(
                            "before this line: `COPY {} ./` and `RUN {}`; the source after them",
                            files.join(" "),
                            builder.first
                        )),
                );
                return found;
            }
        }
    }
    found
}

/// A workspace member that a copied member needs and whose manifest the install does not see.
pub fn workspace(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(root) = view.json("package.json") else {
        return Vec::new();
    };
    let Some(globs) = globs(view, &root) else {
        return Vec::new();
    };
    let members = members(view, &globs);
    let mut found = Vec::new();
    for install in view
        .installs()
        .iter()
        .filter(|i| i.tool.manifest == "package.json" && i.sub != "fetch")
    {
        if install
            .command
            .args()
            .iter()
            .any(|a| a.contains("--filter") || a == "-F" || a == "-w" || a.starts_with("--workspace"))
            || !view.gets(install, "package.json")
            || view.manifest_dir(install, "package.json").as_deref() != Some("")
        {
            continue;
        }
        let (seen, missing): (Vec<_>, Vec<_>) = members
            .iter()
            .partition(|(dir, _)| view.gets(install, &join(dir, "package.json")));
        let needed = missing.iter().find_map(|(dir, json)| {
            let name = json.get("name")?.as_str()?;
            let user = seen.iter().find(|(_, j)| {
                ["dependencies", "devDependencies"]
                    .iter()
                    .any(|k| j.get(k).and_then(|d| d.get(name)).is_some())
            })?;
            Some((dir, name, &user.0))
        });
        if let Some((dir, name, user)) = needed {
            found.push(
                Diagnostic::error(
                    rule,
                    format!(
                        "{dir}/package.json is not there when `{}` runs",
                        install.command.words.join(" ")
                    ),
                )
                .at(
                    install.instruction.place_of(&install.command),
                    format!("{user} depends on {name}, which is then not linked"),
                )
                .help(format!("before it: `COPY {dir}/package.json {dir}/`")),
            );
        }
    }
    found
}

fn globs(view: &View, root: &Value) -> Option<Vec<String>> {
    let list = root.get("workspaces").map(|w| w.get("packages").unwrap_or(w));
    if let Some(list) = list.and_then(Value::as_array) {
        return Some(
            list.iter()
                .filter_map(|v| v.as_str().map(str::to_string))
                .collect(),
        );
    }
    let text = view.read("pnpm-workspace.yaml")?;
    let lines = text
        .text
        .lines()
        .skip_while(|l| !l.starts_with("packages:"))
        .skip(1);
    let items = lines.take_while(|l| l.trim_start().starts_with('-') || l.trim().is_empty());
    Some(
        items
            .map(|l| {
                l.trim()
                    .trim_start_matches('-')
                    .trim()
                    .trim_matches(['"', '\''])
                    .to_string()
            })
            .collect(),
    )
}

/// Folders and manifests of the members.
fn members(view: &View, globs: &[String]) -> Vec<(String, Value)> {
    let Some(context) = view.context.as_deref() else {
        return Vec::new();
    };
    let (out, wanted): (Vec<&String>, Vec<&String>) = globs.iter().partition(|g| g.starts_with('!'));
    let matches = |pattern: &str, dir: &str| {
        let pattern = pattern.trim_start_matches(['!', '.', '/']).trim_end_matches('/');
        super::view::glob(pattern, dir)
    };
    let manifests = view
        .tree
        .under(context)
        .filter(|f| paths::base(f) == "package.json");
    let dirs = manifests.map(|f| paths::relative(paths::parent(f), context).to_string());
    dirs.filter(|d| wanted.iter().any(|g| matches(g, d)) && !out.iter().any(|g| matches(g, d)))
        .filter_map(|d| Some((d.clone(), view.json(&join(&d, "package.json"))?)))
        .collect()
}

pub fn lockfile(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for install in view.installs() {
        let tool = install.tool;
        let Some(dir) = view.manifest_dir(&install, tool.manifest) else {
            continue;
        };
        let Some(lock) = tool.locks.iter().map(|l| join(&dir, l)).find(|l| view.has(l)) else {
            continue;
        };
        // A step for one part of the install, or one that asks for no lockfile, is not the install.
        if install.command.nested || ["uv", "bun"].contains(&tool.id) && install.command.has("--package") {
            continue;
        }
        let name = paths::base(&lock);
        let command = install.command.words.join(" ");
        let at = install.instruction.place_of(&install.command);
        if !view.gets(&install, &lock) || view.hidden(&lock) {
            let title = format!("`{command}` does not see {lock}");
            let why = if view.hidden(&lock) {
                "an ignore file hides it"
            } else {
                "it is not copied before"
            };
            found.push(
                Diagnostic::warning(rule, title)
                    .at(
                        at,
                        match tool.id {
                            "go" => format!("{why}: the downloads are not checked against it"),
                            _ => format!("{why}: the versions are chosen anew at every build"),
                        },
                    )
                    .help(format!(
                        "copy it with the manifest: `COPY {} {lock} ./`, and `RUN {}`",
                        join(&dir, tool.manifest),
                        tool.right
                    )),
            );
            continue;
        }
        let words = &install.command.words;
        let held = tool.frozen.is_empty()
            || tool.frozen.contains(&install.sub.as_str())
            || tool
                .frozen
                .iter()
                .any(|f| words.iter().any(|w| w == f || w.starts_with(&format!("{f}="))));
        let env = env_before(view, &install);
        let by_env = env.iter().any(|(k, v)| {
            matches!(
                k.as_str(),
                "CI" | "UV_LOCKED" | "UV_FROZEN" | "YARN_ENABLE_IMMUTABLE_INSTALLS"
            ) && !matches!(v.as_str(), "0" | "false" | "")
        });
        let set_up = dir_has(view, &dir, ".yarnrc", "frozen-lockfile")
            || dir_has(view, &dir, ".npmrc", "frozen-lockfile")
            || dir_has(view, &dir, "bunfig.toml", "frozen");
        if held || by_env || set_up {
            continue;
        }
        let right = held_command(view, &install, &dir);
        found.push(
            Diagnostic::warning(
                rule,
                format!("`{command}` may install other versions than {name} says"),
            )
            .at(
                at,
                format!("where the manifest and {name} disagree it chooses anew, without an error"),
            )
            .help(format!("write `{right}`")),
        );
    }
    found
}

/// ENV and ARG defaults of the chain before an install, and its own variables.
pub fn env_before(view: &View, install: &Install) -> Vec<(String, String)> {
    let chain = view
        .chain(install.stage)
        .take_while(|(s, n, _)| *s != install.stage || *n < install.index);
    let mut env: Vec<(String, String)> = Vec::new();
    for (_, _, i) in chain.filter(|(_, _, i)| matches!(i.keyword.as_str(), "ENV" | "ARG")) {
        env.extend(super::view::pairs(i).into_iter().map(|(k, v, _)| (k, v)));
    }
    env.extend(install.command.env.clone());
    // `export CI=1 && …` in the same RUN.
    for c in install
        .instruction
        .commands()
        .iter()
        .filter(|c| c.program() == "export")
    {
        env.extend(
            c.args()
                .iter()
                .filter_map(|a| a.split_once('='))
                .map(|(k, v)| (k.into(), v.into())),
        );
    }
    env
}

/// The same command by which the lockfile is law.
fn held_command(view: &View, install: &Install, dir: &str) -> String {
    let words = &install.command.words;
    let flag = match install.tool.id {
        "npm" | "pipenv" => {
            let new = if install.tool.id == "npm" { "ci" } else { "sync" };
            let held = words.iter().map(|w| {
                if matches!(w.as_str(), "install" | "i") {
                    new
                } else {
                    w
                }
            });
            let held = held.collect::<Vec<_>>().join(" ");
            return DROPPED
                .iter()
                .filter(|(tool, ..)| *tool == install.tool.id)
                .fold(held, |text, (_, old, new, _)| text.replace(old, new));
        }
        "yarn" if view.has(&join(dir, ".yarnrc.yml")) => "--immutable",
        "uv" => "--locked",
        _ => "--frozen-lockfile",
    };
    format!("{} {flag}", words.join(" "))
}

fn dir_has(view: &View, dir: &str, file: &str, word: &str) -> bool {
    view.read(&join(dir, file)).is_some_and(|t| t.text.contains(word))
}

/// Flags that the named tool dropped or deprecated, and what to write.
const DROPPED: &[(&str, &str, &str, &str)] = &[
    (
        "npm",
        "--only=production",
        "--omit=dev",
        "npm deprecated it in version 7",
    ),
    (
        "npm",
        "--only=prod",
        "--omit=dev",
        "npm deprecated it in version 7",
    ),
    (
        "npm",
        "--production",
        "--omit=dev",
        "npm deprecated it in version 8",
    ),
    (
        "poetry",
        "--no-dev",
        "--only main",
        "Poetry 2 does not know it any more",
    ),
];

pub fn dropped_flag(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (stage, _) in view.stages() {
        let own = view.file.stages[stage]
            .instructions
            .iter()
            .filter(|i| i.keyword == "RUN" && !i.onbuild);
        for (i, command) in own.flat_map(|i| i.commands().into_iter().map(move |c| (i, c))) {
            let hit = DROPPED.iter().find(|(tool, flag, ..)| {
                command.program() == *tool && command.args().iter().any(|a| a == flag)
            });
            let Some((tool, flag, instead, why)) = hit else {
                continue;
            };
            if *tool == "poetry" && pinned_poetry_1(view, stage) || *tool == "npm" && old_node(view, stage) {
                continue;
            }
            found.push(
                Diagnostic::warning(rule, format!("{flag} is an old flag of {tool}"))
                    .at(
                        i.place_of(&command),
                        format!("{why}; a later version may ignore it and install everything"),
                    )
                    .help(format!(
                        "write `{}`",
                        command.words.join(" ").replace(flag, instead)
                    )),
            );
        }
    }
    found
}

fn pinned_poetry_1(view: &View, stage: usize) -> bool {
    let text = |i: &Instruction| {
        i.text.contains("poetry==1") || i.text.contains("poetry~=1") || i.text.contains("POETRY_VERSION")
    };
    view.chain(stage).any(|(_, _, i)| text(i)) || view.file.args.keys().any(|k| k.contains("POETRY"))
}

/// Node before 16 came with npm 6, which knows nothing newer.
fn old_node(view: &View, stage: usize) -> bool {
    view.base(stage).is_none_or(|b| {
        !b.is("node")
            || super::base::version(b.tag())
                .first()
                .is_some_and(|major| *major < 16)
    })
}

/// A COPY from the context of something that only a build makes, in a file that has that build.
pub fn made_by_build(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(context) = view.context.as_deref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (n, stage) in view.stages() {
        for copied in stage
            .instructions
            .iter()
            .filter(|i| !i.onbuild)
            .filter_map(copied)
            .filter(|c| c.from.is_none())
        {
            for source in &copied.sources {
                let path = super::view::clean(&source.text);
                let first = path.split('/').next().unwrap_or("");
                if !["dist", "build", "target", "out", ".next", ".output"].contains(&first)
                    || there(view.tree, context, &path)
                {
                    continue;
                }
                let builder = view.stages().take(n).find(|(m, _)| {
                    view.runs(*m).iter().any(|(_, c)| {
                        let word = |w: &str| c.args().iter().any(|a| a == w);
                        match first {
                            "target" => {
                                matches!(c.program(), "mvn" | "mvnw" | "cargo")
                                    && (word("package") || word("build") || word("install"))
                            }
                            "build" if matches!(c.program(), "gradle" | "gradlew") => {
                                word("build") || word("bootJar") || word("assemble")
                            }
                            "dist" | "build" | "out" | ".next" | ".output" => {
                                matches!(c.program(), "npm" | "yarn" | "pnpm" | "bun") && word("build")
                            }
                            _ => false,
                        }
                    })
                });
                let Some((m, stage)) = builder else { continue };
                let name = stage.name.clone().unwrap_or_else(|| m.to_string());
                found.push(
                    Diagnostic::error(rule, format!("{path} comes from the build context, where no build puts it"))
                        .at(copied.instruction.place(source.at.clone()), format!("stage {name} makes it; a clean checkout does not have it, and an old copy would be shipped"))
                        .help(format!("write `COPY --from={name} <folder in that stage>/{path} {}`", copied.dest.text)),
                );
            }
        }
    }
    found
}
