//! Rules on an install that does not do what the lockfile says, or says it in an old way.

use super::view::{Install, View, join};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::Instruction;
use crate::paths;

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
