//! A Dockerfile as the rules see it: stages that ship, the start command, the build context and
//! what is in it, installs. Worked out once; a rule only asks.

use super::base::Base;
use super::tools::{self, Tool};
use crate::dockerfile::{Command, Dockerfile, Instruction, Stage, Word, expand};
use crate::ignorefile::IgnoreFile;
use crate::paths;
use crate::source::{Location, Source};
use crate::tree::Tree;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What rdock itself found out about the service beside the Dockerfile.
#[derive(Clone, Debug)]
pub struct Known {
    /// The port, with the place in the code that says so.
    pub port: Option<(u16, Location)>,
}

pub struct View<'a> {
    pub file: &'a Dockerfile,
    pub tree: &'a Tree,
    /// Folder of the build context, where the Dockerfile's own paths tell it.
    pub context: Option<String>,
    /// The ignore file that holds for the build: its path and its rules.
    pub ignore: Option<(String, IgnoreFile)>,
    pub known: Option<&'a Known>,
    /// The last stage and those that it derives from, itself last.
    pub shipped: Vec<usize>,
    /// Is the image there to run a program, and not to build or to develop in?
    pub deployed: bool,
    bases: Vec<Option<Base>>,
}

/// A COPY or ADD.
pub struct Copied<'a> {
    pub instruction: &'a Instruction,
    pub from: Option<&'a str>,
    pub sources: Vec<Word>,
    pub dest: Word,
}

/// The program that the container starts.
pub struct Start<'a> {
    pub entrypoint: Option<&'a Instruction>,
    pub cmd: Option<&'a Instruction>,
}

/// A RUN command that installs the project's dependencies.
pub struct Install<'a> {
    pub stage: usize,
    /// Number of the instruction in its stage.
    pub index: usize,
    pub instruction: &'a Instruction,
    pub command: Command,
    pub tool: &'static Tool,
    pub sub: String,
}

impl<'a> View<'a> {
    pub fn new(file: &'a Dockerfile, tree: &'a Tree, known: Option<&'a Known>) -> Self {
        let shipped = file.chain(file.stages.len() - 1);
        let bases = (0..file.stages.len()).map(|stage| {
            let root = &file.stages[file.chain(stage)[0]];
            root.from.image.as_deref().and_then(Base::parse)
        });
        let mut view = Self {
            file,
            tree,
            context: None,
            ignore: None,
            known,
            shipped,
            deployed: false,
            bases: bases.collect(),
        };
        view.context = view.find_context();
        view.ignore = view.find_ignore();
        view.deployed = view.is_deployed();
        view
    }

    /// The image that a stage begins with, through the stages that it derives from.
    pub fn base(&self, stage: usize) -> Option<&Base> {
        self.bases[stage].as_ref()
    }

    /// The image that the last stage begins with.
    pub fn runtime(&self) -> Option<&Base> {
        self.base(self.file.stages.len() - 1)
    }

    pub fn stages(&self) -> impl Iterator<Item = (usize, &'a Stage)> {
        self.file.stages.iter().enumerate()
    }

    /// Instructions of a stage's whole chain, with their stage, in order of their work.
    pub fn chain(&self, stage: usize) -> impl Iterator<Item = (usize, usize, &'a Instruction)> + use<'a> {
        let file = self.file;
        self.file.chain(stage).into_iter().flat_map(move |s| {
            let own = file.stages[s].instructions.iter().enumerate();
            own.filter(|(_, i)| !i.onbuild).map(move |(n, i)| (s, n, i))
        })
    }

    /// Instructions whose work is in the image.
    pub fn shipped(&self) -> impl Iterator<Item = (usize, usize, &'a Instruction)> + use<'a> {
        self.chain(self.file.stages.len() - 1)
    }

    /// Commands of the RUNs of a chain.
    pub fn runs(&self, stage: usize) -> Vec<(&'a Instruction, Command)> {
        let runs = self.chain(stage).filter(|(_, _, i)| i.keyword == "RUN");
        runs.flat_map(|(_, _, i)| i.commands().into_iter().map(move |c| (i, c)))
            .collect()
    }

    /// The stage of each instruction that installs dependencies, in the file's order.
    pub fn installs(&self) -> Vec<Install<'a>> {
        let mut found = Vec::new();
        for (stage, s) in self.stages() {
            for (index, instruction) in s.instructions.iter().enumerate() {
                if instruction.keyword != "RUN" || instruction.onbuild {
                    continue;
                }
                for command in instruction.commands() {
                    if let Some((tool, sub)) = tools::install(&command) {
                        found.push(Install {
                            stage,
                            index,
                            instruction,
                            command,
                            tool,
                            sub,
                        });
                    }
                }
            }
        }
        found
    }

    /// The last CMD and ENTRYPOINT that count.
    pub fn start(&self) -> Start<'a> {
        let mut start = Start {
            entrypoint: None,
            cmd: None,
        };
        for (_, _, i) in self.shipped() {
            match i.keyword.as_str() {
                "ENTRYPOINT" => start.entrypoint = Some(i),
                "CMD" => start.cmd = Some(i),
                _ => {}
            }
        }
        start
    }

    /// Words of the started program where they are certain: exec forms alone, entrypoint first.
    pub fn start_words(&self) -> Option<Vec<String>> {
        let start = self.start();
        let mut words = Vec::new();
        for part in [start.entrypoint, start.cmd].into_iter().flatten() {
            match &part.exec {
                Some(exec) => words.extend(exec.iter().cloned()),
                None => {
                    let commands = part.commands();
                    let [command] = &commands[..] else { return None };
                    words.extend(command.words.iter().cloned());
                }
            }
        }
        (!words.is_empty()).then_some(words)
    }

    /// All text of the start, for searching.
    pub fn start_text(&self) -> String {
        let start = self.start();
        let parts = [start.entrypoint, start.cmd];
        parts
            .into_iter()
            .flatten()
            .map(|i| i.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// ENV as it stands at the end of a stage.
    pub fn env(&self, stage: usize) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        for (_, _, i) in self.chain(stage).filter(|(_, _, i)| i.keyword == "ENV") {
            for (name, value, _) in pairs(i) {
                env.insert(name, value);
            }
        }
        env
    }

    /// The working directory at an instruction; `None` where a variable hides it or the base sets it.
    pub fn workdir(&self, stage: usize, before: usize) -> Option<String> {
        let mut dir: Option<String> = None;
        let mut first = true;
        for (s, n, i) in self.chain(stage) {
            if s == stage && n >= before {
                break;
            }
            if i.keyword == "WORKDIR" {
                let text = i.text.trim_matches('"');
                if text.contains('$') {
                    dir = None;
                    first = false;
                } else if text.starts_with('/') {
                    dir = Some(text.trim_end_matches('/').to_string());
                } else if let Some(base) = &dir {
                    dir = Some(format!("{base}/{}", text.trim_start_matches("./")));
                } else if first {
                    dir = None;
                }
            }
        }
        dir
    }

    /// Is there such a file in the build context (and the context known)?
    pub fn has(&self, path: &str) -> bool {
        self.context_path(path).is_some_and(|p| self.tree.has(&p))
    }

    /// A file of the context.
    pub fn read(&self, path: &str) -> Option<Arc<Source>> {
        self.tree.text(&self.context_path(path)?)
    }

    pub fn json(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&self.read(path)?.text).ok()
    }

    /// A path of the context from the repository root.
    pub fn context_path(&self, path: &str) -> Option<String> {
        paths::join(self.context.as_deref()?, path.trim_start_matches('/'))
    }

    /// Does the ignore file hide a path of the context?
    pub fn hidden(&self, path: &str) -> bool {
        self.ignore.as_ref().is_some_and(|(_, ignore)| ignore.hides(path))
    }

    /// The folder in the context whose manifest an install in this stage sees: the one that was last
    /// copied before it into the working directory, by name or with the whole context.
    pub fn manifest_dir(&self, install: &Install, manifest: &str) -> Option<String> {
        let mut dir = None;
        let mut here = false;
        let workdir = self.workdir(install.stage, install.index).unwrap_or_default();
        for (s, n, i) in self.chain(install.stage) {
            if s == install.stage && n >= install.index {
                break;
            }
            let Some(copied) = copied(i).filter(|c| c.from.is_none()) else {
                continue;
            };
            let dest = copied.dest.text.trim_end_matches('/');
            let dest = dest.strip_suffix(manifest).unwrap_or(dest).trim_end_matches('/');
            let into = matches!(dest, "." | "") || dest == workdir;
            for source in &copied.sources {
                let clean = clean(&source.text);
                let at = if whole(&source.text) {
                    String::new()
                } else if glob(paths::base(&clean), manifest) {
                    paths::parent(&clean).to_string()
                } else if self.has(&format!("{clean}/{manifest}")) {
                    clean
                } else {
                    continue;
                };
                if self.has(&join(&at, manifest)) && (into || !here) {
                    dir = Some(at);
                    here |= into;
                }
            }
        }
        for mount in install
            .instruction
            .mounts()
            .filter(|m| m.kind() == "bind" && m.get("from").is_none())
        {
            let source = clean(mount.source().unwrap_or(""));
            if paths::base(&source) == manifest {
                dir = Some(paths::parent(&source).to_string());
            } else if self.has(&join(&source, manifest)) {
                dir = Some(source);
            }
        }
        dir
    }

    /// Does the stage get the file before the install: copied by name, pattern or folder, or bound?
    pub fn gets(&self, install: &Install, path: &str) -> bool {
        let chain = self.chain(install.stage);
        let before = chain.take_while(|(s, n, _)| *s != install.stage || *n < install.index);
        let copies = before.filter_map(|(_, _, i)| copied(i)).any(|c| {
            c.from.is_some()
                || c.instruction.flag("parents").is_some()
                || c.sources.iter().any(|s| covers(&s.text, path))
        });
        let bound = install.instruction.mounts().filter(|m| m.kind() == "bind");
        copies
            || bound
                .into_iter()
                .any(|m| m.get("from").is_some() || covers(m.source().unwrap_or("."), path))
    }

    fn find_context(&self) -> Option<String> {
        let own = paths::parent(&self.file.source.path);
        let mut wanted = Vec::new();
        let mut any = false;
        for (_, stage) in self.stages() {
            for i in stage.instructions.iter().filter(|i| !i.onbuild) {
                if let Some(copied) = copied(i).filter(|c| c.from.is_none()) {
                    any = true;
                    wanted.extend(copied.sources.iter().map(|s| s.text.clone()));
                }
                let binds = i
                    .mounts()
                    .filter(|m| m.kind() == "bind" && m.get("from").is_none());
                wanted.extend(binds.filter_map(|m| m.source().map(str::to_string)));
            }
        }
        let remote = |s: &str| s.contains("://") || s.starts_with("git@") || s.starts_with("<<");
        let values = |name: &str| self.file.args.get(name).cloned().flatten();
        let wanted: Vec<String> = wanted
            .iter()
            .filter(|s| !remote(s) && !whole(s))
            .filter_map(|s| expand(s, &values))
            .map(|s| clean(&s))
            .filter(|s| !s.split('/').any(|part| tools::OUTPUT_DIRS.contains(&part)))
            .collect();
        if wanted.is_empty() {
            let manifest = |m: &&str| self.tree.has(&join(own, m));
            return (any && tools::MANIFESTS.iter().any(manifest)).then(|| own.to_string());
        }
        paths::ancestors(own)
            .find(|dir| wanted.iter().all(|path| there(self.tree, dir, path)))
            .map(str::to_string)
    }

    fn find_ignore(&self) -> Option<(String, IgnoreFile)> {
        let context = self.context.as_deref()?;
        let own = format!("{}.dockerignore", self.file.source.path);
        [own, join(context, ".dockerignore")]
            .into_iter()
            .find_map(|path| {
                let text = self.tree.text(&path)?;
                Some((path, IgnoreFile::parse(&text.text)))
            })
    }

    fn is_deployed(&self) -> bool {
        let Start { entrypoint, cmd } = self.start();
        if entrypoint.is_none() && cmd.is_none() {
            return false;
        }
        let path = &self.file.source.path;
        let last = self.file.last().name.clone().unwrap_or_default();
        let words = |part: &str, list: &[&str]| {
            let part = part.to_lowercase();
            part.split(|c: char| !c.is_ascii_alphanumeric())
                .any(|w| list.contains(&w))
        };
        let names = [paths::base(path), last.as_str()];
        if names.iter().any(|n| words(n, tools::NOT_DEPLOYED))
            || paths::parent(path)
                .split('/')
                .any(|f| words(f, tools::WORK_FOLDERS))
        {
            return false;
        }
        let text = self.start_text();
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/')))
            .filter(|w| !w.is_empty())
            .collect();
        let only_a_shell = words
            .iter()
            .all(|w| matches!(*w, "/bin/bash" | "/bin/sh" | "bash" | "sh" | "-l" | "ash"));
        !only_a_shell && !words.iter().any(|w| tools::DEVELOPMENT.contains(w))
    }
}

/// The parts of a COPY or ADD.
pub fn copied(instruction: &Instruction) -> Option<Copied<'_>> {
    if !matches!(instruction.keyword.as_str(), "COPY" | "ADD") {
        return None;
    }
    let mut sources = instruction.words();
    let dest = sources.pop()?;
    sources.retain(|s| !s.text.starts_with("<<"));
    Some(Copied {
        instruction,
        from: instruction.flag("from"),
        sources,
        dest,
    })
}

/// Name, value and place of each pair of an ENV, ARG or LABEL. An ARG without default has no value.
pub fn pairs(instruction: &Instruction) -> Vec<(String, String, std::ops::Range<usize>)> {
    let words = instruction.words();
    let legacy = instruction.keyword == "ENV" && words.first().is_some_and(|w| !w.text.contains('='));
    if legacy {
        let name = words[0].text.clone();
        let value: Vec<&str> = words[1..].iter().map(|w| w.text.as_str()).collect();
        return vec![(name, value.join(" "), words[0].at.clone())];
    }
    let pair = |w: &Word| match w.text.split_once('=') {
        Some((name, value)) => (name.to_string(), value.to_string(), w.at.clone()),
        None => (w.text.clone(), String::new(), w.at.clone()),
    };
    words.iter().map(pair).collect()
}

/// `.` and its like: the whole context.
pub fn whole(source: &str) -> bool {
    matches!(source, "." | "./" | "/" | "*" | "./*" | "/." | "././")
}

/// `./web/` as `web`.
pub fn clean(path: &str) -> String {
    let mut path = path.trim_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    if path == "." {
        String::new()
    } else {
        path.trim_end_matches("/.").to_string()
    }
}

pub fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.into()
    } else {
        format!("{dir}/{name}")
    }
}

/// Does a COPY source bring the file along?
fn covers(source: &str, path: &str) -> bool {
    if whole(source) {
        return true;
    }
    let source = clean(source);
    source.is_empty()
        || source.contains('$')
        || paths::is_under(path, &source)
        || glob(&source, path)
        || paths::ancestors(path).any(|p| !p.is_empty() && glob(&source, p))
}

/// Go's `filepath.Match`, as COPY has it.
pub fn glob(pattern: &str, path: &str) -> bool {
    if !pattern.contains(['*', '?', '[']) {
        return pattern == path;
    }
    globset::GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .is_ok_and(|g| g.compile_matcher().is_match(path))
}

/// Is `path`, which may be a pattern, there below `dir`?
pub fn there(tree: &Tree, dir: &str, path: &str) -> bool {
    let full = join(dir, path);
    if path.is_empty() || tree.has(&full) || tree.has_dir(&full) {
        return true;
    }
    if !path.contains(['*', '?', '[']) {
        return false;
    }
    let fixed = path
        .split('/')
        .take_while(|p| !p.contains(['*', '?', '[']))
        .collect::<Vec<_>>()
        .join("/");
    let Ok(matcher) = globset::GlobBuilder::new(&full).literal_separator(true).build() else {
        return false;
    };
    let matcher = matcher.compile_matcher();
    tree.under(&join(dir, &fixed))
        .chain(tree.under(dir))
        .any(|f| paths::ancestors(f).any(|p| matcher.is_match(p)))
}
