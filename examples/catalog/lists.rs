//! The two public lists: docker-library's library files and endoflife.date's product pages.

use rdock::manifest::doc::{self, Node};
use rdock::source::Source;

/// One build of an image: the tags that name it and where it runs.
pub struct Build {
    pub tags: Vec<String>,
    /// In Docker's names, of the three that rdock records.
    pub arch: Vec<String>,
}

/// One release cycle of a product. Dates are `YYYY-MM-DD`, or empty.
#[derive(Debug, Default, PartialEq)]
pub struct Cycle {
    pub name: String,
    pub released: String,
    pub eol: String,
    /// `true`, `false`, or the day on which long-term support begins.
    pub lts: String,
}

impl Cycle {
    pub fn is_lts(&self, on: &str) -> bool {
        self.lts == "true" || (is_date(&self.lts) && self.lts.as_str() <= on)
    }
}

const ARCHITECTURES: [(&str, &str); 3] = [("amd64", "amd64"), ("arm64v8", "arm64"), ("arm32v7", "arm/v7")];

/// A library file: blocks between blank lines, each of `Name: value` lines as in a mail's header.
/// A block with `Tags` is a build; windows builds are left out with their architectures.
pub fn library(text: &str) -> Vec<Build> {
    let mut builds = Vec::new();
    for block in text.replace("\r\n", "\n").split("\n\n") {
        let words = |name: &str| -> Vec<String> {
            let lines = block.lines().skip_while(|l| !l.starts_with(&format!("{name}:")));
            let mut value = String::new();
            for (i, line) in lines.enumerate() {
                match line.split_once(':') {
                    Some((_, rest)) if i == 0 => value.push_str(rest),
                    _ if line.starts_with([' ', '\t']) => value.push_str(line),
                    _ => break,
                }
            }
            let words = value.split(',').map(|w| w.trim().to_string());
            words.filter(|w| !w.is_empty()).collect()
        };
        let mut listed = words("Architectures");
        if listed.is_empty() {
            listed.push("amd64".into());
        }
        let known = ARCHITECTURES
            .iter()
            .filter(|(library, _)| listed.iter().any(|l| l == library));
        let arch: Vec<String> = known.map(|(_, docker)| docker.to_string()).collect();
        let tags = words("Tags");
        if !tags.is_empty() && !arch.is_empty() {
            builds.push(Build { tags, arch });
        }
    }
    builds
}

/// A product page: YAML between two `---` lines, whose `releases` are the cycles, newest first.
///
/// # Errors
/// No front matter, broken YAML, no releases.
pub fn product(name: &str, text: &str) -> Result<Vec<Cycle>, String> {
    let text = text.replace("\r\n", "\n");
    let front = text.strip_prefix("---\n").and_then(|t| t.split("\n---").next());
    let front = front.ok_or_else(|| format!("{name}.md has no front matter"))?;
    let documents = doc::yaml(&Source::new(format!("{name}.md"), front)).map_err(|d| format!("{d:?}"))?;
    let releases = documents.first().and_then(|d| d.get("releases"));
    let cycles: Vec<Cycle> = releases.map_or(&[][..], Node::items).iter().map(cycle).collect();
    if cycles.is_empty() {
        return Err(format!("{name}.md lists no releases"));
    }
    Ok(cycles)
}

fn cycle(node: &Node) -> Cycle {
    let text = |key: &str| node.get(key).and_then(Node::scalar).unwrap_or_default();
    let date = |key: &str| Some(text(key)).filter(|d| is_date(d)).unwrap_or_default();
    // `eol: true` is an end on a day that nobody wrote down; the last release is surely before it.
    let eol = match text("eol").as_str() {
        "true" => date("latestReleaseDate"),
        _ => date("eol"),
    };
    Cycle {
        name: text("releaseCycle"),
        released: date("releaseDate"),
        eol,
        lts: text("lts"),
    }
}

fn is_date(text: &str) -> bool {
    let digit = |i: usize, b: u8| {
        if i == 4 || i == 7 {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    };
    text.len() == 10 && text.bytes().enumerate().all(|(i, b)| digit(i, b))
}
