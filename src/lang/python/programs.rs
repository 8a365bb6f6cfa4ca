//! Programs of the operating system that the source starts: `subprocess.run(["ffmpeg", …])`.

use super::facts::Facts;
use super::reach;
use super::source::{Call, Module};
use super::start::Start;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// A program, Debian's package and Alpine's that bring it.
pub struct Program {
    pub name: &'static str,
    pub debian: &'static str,
    pub alpine: &'static str,
}

const fn program(name: &'static str, debian: &'static str, alpine: &'static str) -> Program {
    Program { name, debian, alpine }
}

/// Sorted by name. What a program does without where it is missing (`git rev-parse` for a version) is not
/// among them.
const PROGRAMS: &[Program] = &[
    program("convert", "imagemagick", "imagemagick"),
    program("dot", "graphviz", "graphviz"),
    program("exiftool", "libimage-exiftool-perl", "exiftool"),
    program("ffmpeg", "ffmpeg", "ffmpeg"),
    program("ffprobe", "ffmpeg", "ffmpeg"),
    program("gs", "ghostscript", "ghostscript"),
    program("identify", "imagemagick", "imagemagick"),
    program("magick", "imagemagick", "imagemagick"),
    program("neato", "graphviz", "graphviz"),
    program("pandoc", "pandoc", "pandoc"),
    program("pdftocairo", "poppler-utils", "poppler-utils"),
    program("pdftoppm", "poppler-utils", "poppler-utils"),
    program("pdftotext", "poppler-utils", "poppler-utils"),
    program("qpdf", "qpdf", "qpdf"),
    program("tesseract", "tesseract-ocr", "tesseract-ocr"),
];

/// Those that a part of the program starts, each once.
pub fn started(tree: &Tree, facts: &Facts, start: &Start) -> Vec<Sourced<&'static Program>> {
    let mut parts: Vec<&Module> = facts
        .modules
        .iter()
        .filter(|m| m.calls.iter().any(spawns))
        .collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let reached = reach::reached(tree, facts, start);
    parts.retain(|m| reach::is_part(&reached, m));
    let mut found: Vec<Sourced<&'static Program>> = parts.iter().flat_map(|m| in_module(m)).collect();
    found.sort_by_key(|p| p.value.name);
    found.dedup_by_key(|p| p.value.name);
    found
}

fn spawns(call: &Call) -> bool {
    matches!(
        call.callee.as_str(),
        "subprocess.run"
            | "subprocess.Popen"
            | "subprocess.call"
            | "subprocess.check_call"
            | "subprocess.check_output"
            | "asyncio.create_subprocess_exec"
            | "asyncio.create_subprocess_shell"
            | "os.popen"
            | "os.system"
    )
}

fn in_module(module: &Module) -> Vec<Sourced<&'static Program>> {
    let known = |word: &str| PROGRAMS.iter().find(|p| p.name == paths::base(word));
    let first = module
        .calls
        .iter()
        .filter(|c| spawns(c))
        .filter_map(|c| c.positional(0));
    let mut found: Vec<Sourced<&'static Program>> = Vec::new();
    for argument in first {
        // A whole command line, or the program alone.
        let line = argument.value.as_deref().filter(|_| argument.is_string);
        let word = line.and_then(|l| l.split_whitespace().next());
        found.extend(word.and_then(known).map(|p| Sourced::new(p, argument.at.clone())));
    }
    // The list of words, also where a name holds it: `command = ["ffmpeg", "-i", path]`.
    let lists = module.strings.iter().filter(|(_, at)| begins_list(at));
    found.extend(lists.filter_map(|(word, at)| Some(Sourced::new(known(word)?, at.clone()))));
    found
}

/// Is this string the first of a list?
fn begins_list(at: &Location) -> bool {
    at.range()
        .and_then(|range| at.source().text.get(..range.start))
        .is_some_and(|before| before.trim_end().ends_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let module = Module::read(&Source::new("app.py", source));
        let names: Vec<&str> = match module.calls.iter().any(spawns) {
            true => in_module(&module).iter().map(|p| p.value.name).collect(),
            false => Vec::new(),
        };
        assert_eq!(names, expected, "{source}");
    }

    #[test]
    fn a_program_is_the_first_word_of_what_is_started() {
        check("import subprocess\nsubprocess.run(['dot', '-Tpng'])\n", &["dot"]);
        check(
            "from subprocess import run\nrun(['/usr/bin/dot'] + more)\n",
            &["dot"],
        );
        check(
            "import subprocess\ncommand = [\n    'ffmpeg', '-i', path]\nsubprocess.run(command)\n",
            &["ffmpeg"],
        );
        check("import os\nos.system('convert a b')\n", &["convert"]);
        check(
            "import asyncio\nasyncio.create_subprocess_exec('ffprobe', path)\n",
            &["ffprobe"],
        );
    }

    #[test]
    fn a_word_that_is_not_started_is_no_program() {
        check("import subprocess\nsubprocess.run(['git', 'convert'])\n", &[]);
        check("actions = ['convert', 'identify']\n", &[]);
        check("import shutil\nshutil.which('ffmpeg')\n", &[]);
    }

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        assert!(PROGRAMS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
