//! A finished Dockerfile as pieces of its text, for those who put something into it.

use super::names::{heredoc, instructions};
use std::ops::Range;

/// A stage of a text that rdock made, as ranges of it: to be changed, not to be understood.
pub struct Section {
    pub name: String,
    /// FROM first.
    pub steps: Vec<Step>,
}

pub struct Step {
    /// In upper case.
    pub name: String,
    /// From the name to the end of the last line, line break included.
    pub range: Range<usize>,
    /// Where the comments directly above begin: a linter's pragma belongs to its instruction.
    pub above: usize,
}

pub fn sections(text: &str) -> Vec<Section> {
    let mut stages: Vec<Section> = Vec::new();
    for words in instructions(text) {
        let name = text[words[0].clone()].to_uppercase();
        if name == "FROM" {
            stages.push(Section {
                name: text[words[words.len() - 1].clone()].to_string(),
                steps: Vec::new(),
            });
        }
        let Some(stage) = stages.last_mut() else { continue };
        let (start, end) = (words[0].start, words[words.len() - 1].end);
        let end = end_of_line(text, heredoc_end(text, &words).unwrap_or(end));
        let mut above = start;
        for line in text[..start].split_inclusive('\n').rev() {
            if !line.starts_with('#') {
                break;
            }
            above -= line.len();
        }
        stage.steps.push(Step {
            name,
            range: start..end,
            above,
        });
    }
    stages
}

fn end_of_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

/// Where the last here-document of an instruction ends.
fn heredoc_end(text: &str, words: &[Range<usize>]) -> Option<usize> {
    let mut at = None;
    for (mark, tabs) in words.iter().filter_map(|r| heredoc(&text[r.clone()])) {
        let mut start = at.unwrap_or_else(|| end_of_line(text, words[words.len() - 1].end));
        for line in text[start..].split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            let bare = if tabs { bare.trim_start_matches('\t') } else { bare };
            if bare == mark {
                at = Some(start + bare.len());
                break;
            }
            start += line.len();
        }
        at = at.map(|end| end_of_line(text, end));
    }
    at.map(|end| end.saturating_sub(1))
}
