//! What rdock.toml changes in a finished Dockerfile, whatever its language: stages on request, mirrors of
//! registries, secrets for RUN, and a person's own lines at named points.

use crate::catalog::catalog;
use crate::diagnostic::{Diagnostic, rules};
use crate::dockerfile::{self, Step, sections};
use crate::escape;
use crate::plan::{Plan, Secret, View};
use crate::settings::{BuildSecret, Lines, Point, SecretKind, Settings};
use crate::stages;
use std::collections::BTreeMap;

/// Changes the plan's Dockerfile and what `docker build` must be given.
///
/// # Errors
/// A line for a stage or a point that the file does not have.
pub fn amend(
    plan: &mut Plan,
    settings: &Settings,
    mirrors: &BTreeMap<String, String>,
) -> Result<(), Diagnostic> {
    let asked = settings.stages();
    if mirrors.is_empty() && settings.secrets.is_empty() && settings.lines.is_empty() && asked.is_empty() {
        return Ok(());
    }
    let mut text = plan.dockerfile.text();
    // Lines for the last stage are there before the stages that repeat it are made.
    let later = |l: &&Lines| asked.iter().any(|s| s.name() == l.stage) || l.stage == stages::DEPS;
    for lines in settings.lines.iter().filter(|l| !later(l)) {
        text = with_lines(&text, lines)?;
    }
    text = stages::extend(plan, &text, catalog(), settings)?;
    for lines in settings.lines.iter().filter(later) {
        text = with_lines(&text, lines)?;
    }
    if !settings.secrets.is_empty() {
        text = with_secrets(&text, &settings.secrets)?;
        plan.secrets.extend(settings.secrets.iter().map(flag));
    }
    if !mirrors.is_empty() {
        text = mirrored(&text, mirrors);
    }
    plan.dockerfile = Box::new(Text(text));
    Ok(())
}

/// A finished text.
struct Text(String);

impl View for Text {
    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Every image of another registry under the mirror's name. The longest fitting beginning wins.
fn mirrored(text: &str, mirrors: &BTreeMap<String, String>) -> String {
    let mut out = text.to_string();
    for place in dockerfile::images(text).into_iter().rev() {
        let full = full_name(&text[place.clone()]);
        let fits = |from: &&String| {
            full.strip_prefix(from.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        if let Some(from) = mirrors.keys().filter(fits).max_by_key(|from| from.len()) {
            out.replace_range(place, &format!("{}{}", mirrors[from], &full[from.len()..]));
        }
    }
    out
}

/// `golang:1.27` is `docker.io/library/golang:1.27`.
fn full_name(image: &str) -> String {
    match image.split_once('/') {
        None => format!("docker.io/library/{image}"),
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => image.to_string(),
        Some(_) => format!("docker.io/{image}"),
    }
}

/// The secrets are mounted into every RUN before the last stage, which ships.
fn with_secrets(text: &str, secrets: &[BuildSecret]) -> Result<String, Diagnostic> {
    let mut mounts = String::new();
    for secret in secrets {
        let id = escape::mount(&secret.id)?;
        mounts += &match &secret.kind {
            SecretKind::Env(name) => {
                format!(" --mount=type=secret,id={id},env={} \\\n   ", escape::name(name)?)
            }
            SecretKind::File { target, .. } => {
                format!(
                    " --mount=type=secret,id={id},target={} \\\n   ",
                    escape::mount(target)?
                )
            }
        };
    }
    let mut out = text.to_string();
    let sections = sections(text);
    let ships = |name: &str| matches!(name, "debug" | "scan") || stages::SHIPPED.contains(&name);
    for stage in sections.iter().rev().skip(1).filter(|s| !ships(&s.name)) {
        for run in stage.steps.iter().rev().filter(|i| i.name == "RUN") {
            out.insert_str(run.range.start + "RUN".len(), &mounts);
        }
    }
    Ok(out)
}

/// How `docker build` is given the secret.
fn flag(secret: &BuildSecret) -> Secret {
    let flag = match &secret.kind {
        SecretKind::Env(name) => format!("--secret id={},env={name}", secret.id),
        SecretKind::File { source, .. } => format!("--secret id={},src={source}", secret.id),
    };
    Secret {
        flag,
        why: format!("{} asks for it", crate::config::FILE),
    }
}

fn with_lines(text: &str, lines: &Lines) -> Result<String, Diagnostic> {
    let stages = sections(text);
    let Some(stage) = stages.iter().find(|s| s.name == lines.stage) else {
        let names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
        return Err(Diagnostic::error(
            &rules::BAD_SETTING,
            format!("there is no stage `{}` in this Dockerfile", lines.stage),
        )
        .at(lines.at.clone(), "")
        .help(format!("its stages are: {}", names.join(", "))));
    };
    let last = |name: &str| {
        stage
            .steps
            .iter()
            .rfind(|i| i.name == name)
            .map(|i| i.above)
            .ok_or_else(|| {
                Diagnostic::error(
                    &rules::BAD_SETTING,
                    format!("the stage `{}` has no {name}", stage.name),
                )
                .at(lines.at.clone(), "")
                .help("use `start` or `end` for this stage")
            })
    };
    let ends = |i: Option<&Step>| i.map_or(text.len(), |i| i.range.end);
    let at = match lines.point {
        Point::Start => ends(stage.steps.first()),
        Point::End => ends(stage.steps.last()),
        Point::BeforeLastRun => last("RUN")?,
        Point::BeforeUser => last("USER")?,
    };
    let mut out = text.to_string();
    let before = if at > 0 && !text[..at].ends_with('\n') {
        "\n"
    } else {
        ""
    };
    out.insert_str(at, &format!("{before}{}\n", lines.text));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Source};

    const FILE: &str = "# build\nFROM golang:1 AS build\n# hadolint ignore=DL3008\nRUN x \\\n    y\n\n# runtime\nFROM gcr.io/distroless/static AS runtime\nCOPY --from=build /a /a\nUSER 1:1\nCMD [\"/a\"]";

    fn lines(stage: &str, point: Point) -> Lines {
        Lines {
            stage: stage.into(),
            point,
            text: "RUN own".into(),
            at: Location::whole(&Source::new("rdock.toml", "")),
        }
    }

    fn mirror(pairs: &[(&str, &str)]) -> String {
        let pairs = pairs.iter().map(|(a, b)| (a.to_string(), b.to_string()));
        mirrored(FILE, &pairs.collect())
    }

    #[test]
    fn a_mirror_takes_the_place_of_its_registry_alone() {
        let text = mirror(&[("docker.io", "r.example/hub")]);
        assert!(text.contains("FROM r.example/hub/library/golang:1 AS build"));
        assert!(text.contains("FROM gcr.io/distroless/static AS") && text.contains("--from=build"));
        let text = mirror(&[("docker.io", "a"), ("docker.io/library", "b"), ("gcr.io", "c/g")]);
        assert!(text.contains("FROM b/golang:1 AS build"));
        assert!(text.contains("FROM c/g/distroless/static AS"));
        assert_eq!(mirror(&[("docker.i", "x"), ("gcr.io/dist", "x")]), FILE);
    }

    #[test]
    fn lines_stand_at_their_point() {
        let at = |stage, point| with_lines(FILE, &lines(stage, point)).unwrap();
        assert!(at("build", Point::Start).contains("AS build\nRUN own\n# hadolint"));
        assert!(at("build", Point::BeforeLastRun).contains("AS build\nRUN own\n# hadolint"));
        assert!(at("build", Point::End).contains("    y\nRUN own\n\n# runtime"));
        assert!(at("runtime", Point::BeforeUser).contains("/a\nRUN own\nUSER"));
        assert!(at("runtime", Point::End).ends_with("CMD [\"/a\"]\nRUN own\n"));
        let error = with_lines(FILE, &lines("biuld", Point::End)).unwrap_err();
        assert_eq!(error.help, ["its stages are: build, runtime"]);
        assert!(with_lines(FILE, &lines("build", Point::BeforeUser)).is_err());
    }

    #[test]
    fn a_here_document_is_one_instruction() {
        let text = "FROM a AS build\nRUN <<EOF\nx\nEOF\n\nFROM b AS runtime\nUSER 1\n";
        let out = with_lines(text, &lines("build", Point::End)).unwrap();
        assert!(out.contains("x\nEOF\nRUN own\n\nFROM b"), "{out}");
    }

    #[test]
    fn secrets_are_mounted_before_the_stage_that_ships() {
        let secret = BuildSecret {
            id: "t".into(),
            kind: SecretKind::Env("TOKEN".into()),
        };
        let text = FILE.replace("USER", "RUN z\nUSER");
        let out = with_secrets(&text, &[secret]).unwrap();
        assert!(
            out.contains("RUN --mount=type=secret,id=t,env=TOKEN \\\n    x"),
            "{out}"
        );
        assert!(out.contains("\nRUN z\n"));
    }
}
