//! Any Dockerfile as instructions and stages with places: rdock's own or somebody else's. Reads as
//! BuildKit does: directives, `# escape`, here-documents, ONBUILD, CRLF, comments in continuations.

mod names;
mod read;
mod sections;
mod shell;
mod words;

pub use names::{heredoc, images, instructions};
pub use read::read;
pub use sections::{Section, Step, sections};
pub use shell::{Command, commands};
pub use words::{Word, expand, split};

use crate::source::{Location, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A whole file.
#[derive(Debug)]
pub struct Dockerfile {
    pub source: Arc<Source>,
    /// ARG lines before the first FROM: name and default.
    pub args: BTreeMap<String, Option<String>>,
    /// At least one.
    pub stages: Vec<Stage>,
}

#[derive(Debug)]
pub struct Stage {
    /// After AS, in lower case; BuildKit compares names without case.
    pub name: Option<String>,
    pub from: From,
    /// Without the FROM.
    pub instructions: Vec<Instruction>,
    /// The comment lines directly above FROM, without `#`.
    pub comment: Vec<String>,
}

#[derive(Debug)]
pub struct From {
    /// As written: `node:${VERSION}`.
    pub written: String,
    /// With the defaults of the ARG lines above; `None` where one has no default.
    pub image: Option<String>,
    pub platform: Option<String>,
    /// The image's word in the file.
    pub at: Location,
    /// The FROM line.
    pub line: Location,
    /// The number of an earlier stage, where FROM names one.
    pub stage: Option<usize>,
}

/// One instruction, continuation lines joined.
#[derive(Debug)]
pub struct Instruction {
    /// In upper case: `RUN`.
    pub keyword: String,
    /// For `ONBUILD RUN`: runs in a later build, not in this one.
    pub onbuild: bool,
    /// `--mount=type=cache,target=/x` as `("mount", "type=cache,target=/x")`.
    pub flags: Vec<(String, String)>,
    /// After keyword and flags, on one line, comments taken out.
    pub text: String,
    /// Words of the exec form; `None` in the shell form.
    pub exec: Option<Vec<String>>,
    pub heredocs: Vec<Heredoc>,
    /// The whole instruction.
    pub at: Location,
    /// Where in the file each piece of `text` stands: offset in text, offset in file.
    map: Vec<(usize, usize)>,
}

#[derive(Debug)]
pub struct Heredoc {
    pub name: String,
    pub text: String,
    at: usize,
}

impl Dockerfile {
    /// The last stage: what `docker build` gives.
    pub fn last(&self) -> &Stage {
        self.stages.last().expect("reading asserts a stage")
    }

    /// The stage that a `--from` means: by name, else by number.
    pub fn stage(&self, name: &str) -> Option<usize> {
        let lower = name.to_lowercase();
        let named = |s: &Stage| s.name.as_deref() == Some(lower.as_str());
        self.stages
            .iter()
            .position(named)
            .or_else(|| name.parse().ok().filter(|n| *n < self.stages.len()))
    }

    /// A stage and those that it derives from, the given one last.
    pub fn chain(&self, stage: usize) -> Vec<usize> {
        let mut chain = vec![stage];
        while let Some(parent) = self.stages[chain[0]].from.stage {
            chain.insert(0, parent);
        }
        chain
    }
}

impl Instruction {
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The values of every `--mount`.
    pub fn mounts(&self) -> impl Iterator<Item = Mount<'_>> {
        self.flags
            .iter()
            .filter(|(n, _)| n == "mount")
            .map(|(_, v)| Mount(v))
    }

    /// The words of `text`, or of the exec form, without quotes.
    pub fn words(&self) -> Vec<Word> {
        match &self.exec {
            Some(words) => {
                let whole = 0..self.text.len();
                let word = |w: &String| Word {
                    text: w.clone(),
                    quoted: true,
                    at: self.find(w).unwrap_or(whole.clone()),
                };
                words.iter().map(word).collect()
            }
            None => split(&self.text),
        }
    }

    fn find(&self, part: &str) -> Option<Range<usize>> {
        self.text.find(part).map(|start| start..start + part.len())
    }

    /// The place in the file of a range of `text`.
    pub fn place(&self, range: Range<usize>) -> Location {
        let in_file = |offset: usize| {
            let i = self.map.partition_point(|(t, _)| *t <= offset).saturating_sub(1);
            self.map.get(i).map_or(0, |(t, f)| f + (offset - t))
        };
        let start = in_file(range.start);
        let end = if range.end > range.start {
            in_file(range.end - 1) + 1
        } else {
            start
        };
        Location::span(self.at.source(), start..end)
    }

    /// The simple commands of a RUN (or of another shell form), here-documents included.
    pub fn commands(&self) -> Vec<Command> {
        if let Some(words) = &self.exec {
            return shell::of_exec(words);
        }
        let mut found = commands(&self.text);
        // `RUN <<EOF`: the text itself is the script. Else the here-document is some program's input.
        let bare = self.text.trim_start().starts_with("<<");
        for heredoc in self.heredocs.iter().filter(|_| bare && self.keyword == "RUN") {
            found.extend(commands(&heredoc.text).into_iter().map(|c| Command {
                at: 0..0,
                heredoc: Some(heredoc.at + c.at.start..heredoc.at + c.at.end),
                ..c
            }));
        }
        found
    }

    /// The place of a command of this instruction.
    pub fn place_of(&self, command: &Command) -> Location {
        match &command.heredoc {
            Some(range) => Location::span(self.at.source(), range.clone()),
            None if self.exec.is_some() => self.at.clone(),
            None => self.place(command.at.clone()),
        }
    }
}

/// The value of a `--mount`: `type=cache,target=/root/.npm`.
pub struct Mount<'a>(&'a str);

impl Mount<'_> {
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut pairs = self.0.split(',').filter_map(|p| p.split_once('='));
        pairs.find(|(k, _)| *k == key).map(|(_, v)| v.trim_matches('"'))
    }

    /// `bind` where it is not said, as BuildKit has it.
    pub fn kind(&self) -> &str {
        self.get("type").unwrap_or("bind")
    }

    pub fn target(&self) -> Option<&str> {
        self.get("target")
            .or_else(|| self.get("dst"))
            .or_else(|| self.get("destination"))
    }

    pub fn source(&self) -> Option<&str> {
        self.get("source").or_else(|| self.get("src"))
    }
}
