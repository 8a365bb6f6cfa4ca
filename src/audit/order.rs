//! Rules on what a changed file builds again, and on what a build makes.

use super::tools::BUILDERS;
use super::view::{Install, View, copied, there, whole};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::Instruction;
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
