//! `doctor`: the tools around rdock, which are there, and what each adds. rdock needs none of them.

use super::args::OutputFormat;
use super::output::{CARE, FAINT, GOOD, Output, STRONG, paint};
use super::place::root_above;
use super::sync::pretty;
use super::{End, json, words};
use crate::diagnostic::Diagnostic;
use crate::process::{self, Said};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// What rdock's Dockerfiles use, and the first BuildKit that has it.
const FEATURES: (&str, (u32, u32)) = ("cache, bind and secret mounts and COPY --link", (0, 8));

/// The first buildx with `docker build --check`.
const CHECKS: (u32, u32) = (0, 15);

/// One line of the report.
struct Finding {
    name: &'static str,
    /// A version; `None` where the tool is not here or does not answer.
    version: Option<String>,
    /// What it adds, or what to do about its absence.
    words: String,
}

pub fn run(out: &Output, start: &Path, format: OutputFormat) -> Result<End, Diagnostic> {
    if let Ok(folder) = start.canonicalize() {
        process::never_from(&root_above(&folder));
    }
    let mut findings = vec![docker(), buildx(), buildkit()];
    findings.push(tool(
        "hadolint",
        "checks a Dockerfile's style: `hadolint Dockerfile`",
    ));
    findings.push(tool(
        "trivy",
        "looks for known holes in an image: `trivy image NAME`",
    ));
    match format {
        OutputFormat::Json => {
            let tools: Vec<_> = findings
                .iter()
                .map(|f| json!({ "name": f.name, "version": f.version, "words": f.words }))
                .collect();
            out.data(&pretty(&json!({ "schema": json::SCHEMA, "tools": tools })));
        }
        OutputFormat::Text => {
            out.styled(&report(&findings, out.columns()));
            out.note("rdock itself needs none of these: it only reads the repository");
        }
    }
    Ok(End::Fine)
}

fn report(findings: &[Finding], columns: usize) -> String {
    let mut text = String::new();
    for finding in findings {
        let (style, version) = match &finding.version {
            Some(version) => (GOOD, version.as_str()),
            None => (CARE, "no answer"),
        };
        text += &format!(
            "{}  {}\n",
            paint(STRONG, &format!("{:9}", finding.name)),
            paint(style, version)
        );
        for line in words::wrap(&finding.words, columns.saturating_sub(11)) {
            text += &format!("           {}\n", paint(FAINT, &line));
        }
    }
    text
}

fn ask(program: &str, args: &[&str]) -> Option<Said> {
    process::run(program, args, &[], LIMIT).ok()
}

/// The first line that the program says, where it ends well.
fn line(program: &str, args: &[&str]) -> Option<String> {
    let said = ask(program, args).filter(|s| s.success)?;
    let first = said.stdout.lines().map(str::trim).find(|l| !l.is_empty())?;
    Some(first.to_string())
}

fn docker() -> Finding {
    // The client's half is printed even where no engine answers, with a code that is not 0.
    let said = ask(
        "docker",
        &["version", "--format", "{{.Client.Version}}\n{{.Server.Version}}"],
    );
    let mut lines = said
        .iter()
        .flat_map(|r| r.stdout.lines())
        .map(str::trim)
        .filter(|l| version_number(l).is_some());
    let client = lines.next().map(str::to_string);
    let words = match (&client, lines.next()) {
        (Some(_), Some(server)) => {
            format!(
                "engine {server}: builds and runs the image, with the command that `rdock init` ends with"
            )
        }
        (Some(_), None) => {
            "no engine answers: start it, or set DOCKER_HOST, to build what rdock writes".into()
        }
        (None, _) => "would build the image; any builder with BuildKit does, also on another machine".into(),
    };
    Finding {
        name: "docker",
        version: client,
        words,
    }
}

fn buildx() -> Finding {
    let version = line("docker", &["buildx", "version"]).and_then(|l| version_number(&l));
    let words = match version
        .as_deref()
        .map(|v| minor(v).is_some_and(|is| is >= CHECKS))
    {
        Some(true) => "builds for other platforms, and checks a Dockerfile: `docker build --check .`",
        Some(false) => "builds for other platforms; `docker build --check` needs 0.15",
        None => "would build for other platforms; on most systems the package docker-buildx-plugin",
    };
    Finding {
        name: "buildx",
        version,
        words: words.into(),
    }
}

fn buildkit() -> Finding {
    let said = ask("docker", &["buildx", "inspect"]);
    let version = said
        .iter()
        .flat_map(|r| r.stdout.lines())
        .find_map(|l| l.trim().strip_prefix("BuildKit version:"))
        .and_then(version_number);
    let words = match version.as_deref().and_then(minor) {
        None => "the part of the engine that builds; it shows once an engine answers".into(),
        // A distribution's build of the engine may not know its own version.
        Some((0, 0)) => format!(
            "does not tell its version; needed for {}: {}.{} or newer",
            FEATURES.0, FEATURES.1.0, FEATURES.1.1
        ),
        Some(is) if is >= FEATURES.1 => format!("has {}, which the Dockerfiles use", FEATURES.0),
        Some(_) => format!("too old for {}: update the engine", FEATURES.0),
    };
    Finding {
        name: "BuildKit",
        version,
        words,
    }
}

fn tool(name: &'static str, adds: &str) -> Finding {
    let version = line(name, &["--version"]).map(|l| version_number(&l).unwrap_or(l));
    let words = match version {
        Some(_) => adds.to_string(),
        None => format!("not needed; where it is on PATH, it {adds}"),
    };
    Finding { name, version, words }
}

/// The first thing in a line that reads as a version: `v0.26.2` in `BuildKit v0.26.2 (…)`.
fn version_number(line: &str) -> Option<String> {
    let number = |word: &str| {
        let word = word.trim_start_matches('v');
        let end = word
            .find(|c: char| !c.is_ascii_alphanumeric() && !".-+".contains(c))
            .unwrap_or(word.len());
        let starts = word.starts_with(|c: char| c.is_ascii_digit());
        (starts && word.contains('.')).then(|| word[..end].to_string())
    };
    line.split_whitespace().find_map(number)
}

fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_tools_say() {
        for (line, version) in [
            ("Haskell Dockerfile Linter 2.14.0", "2.14.0"),
            ("Version: 0.66.0", "0.66.0"),
            ("github.com/docker/buildx v0.30.1 9e66234aa", "0.30.1"),
            ("v0.26.2", "0.26.2"),
            ("29.1.3-rc.1", "29.1.3-rc.1"),
        ] {
            assert_eq!(version_number(line).as_deref(), Some(version));
        }
        assert_eq!(
            version_number("Cannot connect to the Docker daemon at unix:///x.sock"),
            None
        );
    }
}
