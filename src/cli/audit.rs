//! `audit`: what is wrong with the Dockerfiles that are there, whoever wrote them.

use super::End;
use super::args::AuditFormat;
use super::output::Output;
use super::place::Place;
use super::sync::pretty;
use super::{findings, json};
use crate::audit::{self, Known};
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::{self, Found};
use crate::drift;
use crate::paths;
use crate::pipeline::{self, Done, Outcome};
use crate::settings::Settings;
use serde_json::json;
use std::path::Path;

/// Files that name a port because the code does, and not because another container file does.
const CODE: &[&str] = &[
    "go",
    "js",
    "mjs",
    "cjs",
    "ts",
    "mts",
    "py",
    "rs",
    "java",
    "kt",
    "properties",
];

/// # Errors
/// A path that is neither a folder nor a file, or no Dockerfile at or under the paths.
pub fn run(
    out: &Output,
    start: &Path,
    names: &[String],
    format: AuditFormat,
    diff: bool,
) -> Result<End, Diagnostic> {
    let place = Place::find(out, start)?;
    let files = dockerfiles(&place, names)?;
    let services = services(&place, &files);
    let mut findings = Vec::new();
    let mut diffs = String::new();
    let mut end = End::Fine;
    for file in &files {
        let done = service(&services, file);
        let known = done.and_then(|d| Some(Known { port: Some(port(d)?) }));
        let audited = place.tree.read(file).and_then(|source| {
            let source = source.expect("the tree lists it");
            audit::audit(&source, &place.tree, known.as_ref())
        });
        match audited {
            Ok(found) => findings.extend(found),
            Err(error) => {
                out.diagnostic(&error);
                end = End::Error;
            }
        }
        if let Some(done) = done.filter(|_| diff) {
            let own = place.tree.text(file).map(|s| s.text.clone()).unwrap_or_default();
            diffs += &drift::diff(file, &drift::unix(&own), &done.files[0].text);
        }
    }
    if !findings.is_empty() {
        end = end.max(End::Drift);
    }
    match format {
        AuditFormat::Text => {
            for finding in &findings {
                out.data(&format!("{}\n\n", out.drawn(finding, out.styled_data())));
            }
            out.data(&diffs);
            out.note(&summary(findings.len(), files.len()));
        }
        AuditFormat::Json => {
            let list: Vec<_> = findings.iter().map(json::diagnostic).collect();
            out.data(&pretty(
                &json!({ "schema": json::SCHEMA, "files": files, "findings": list, "diff": diffs }),
            ));
        }
        AuditFormat::Github => out.data(&findings::github(&findings)),
        AuditFormat::Sarif => out.data(&pretty(&findings::sarif(&findings))),
    }
    Ok(end)
}

fn summary(findings: usize, files: usize) -> String {
    let of = |n: usize, one: &str| {
        if n == 1 {
            format!("1 {one}")
        } else {
            format!("{n} {one}s")
        }
    };
    format!("{} in {}", of(findings, "finding"), of(files, "Dockerfile"))
}

/// Files below folders that hold tests' and other people's things are audited when named.
const NOT_OURS: &[&str] = &[
    "__fixtures__",
    "fixture",
    "fixtures",
    "golden",
    "test-fixtures",
    "testdata",
    "third_party",
    "vendor",
    "vendored",
];

/// The Dockerfiles that the paths mean; all at or under the current folder where there are none.
pub fn dockerfiles(place: &Place, names: &[String]) -> Result<Vec<String>, Diagnostic> {
    let under = |dir: &str| -> Vec<String> {
        let ours = |f: &&str| !paths::relative(f, dir).split('/').any(|p| NOT_OURS.contains(&p));
        let all = place
            .tree
            .under(dir)
            .filter(|f| audit::is_dockerfile(f))
            .filter(ours);
        all.map(str::to_string).collect()
    };
    let mut files = Vec::new();
    let here = [".".to_string()];
    for name in if names.is_empty() { &here[..] } else { names } {
        let path = paths::join(&place.here, name);
        match path {
            Some(path) if place.tree.has(&path) => files.push(path),
            Some(path) if place.tree.has_dir(&path) => {
                let found = under(&path);
                if found.is_empty() {
                    return Err(none(&path));
                }
                files.extend(found);
            }
            _ => {
                return Err(Diagnostic::error(
                    &rules::NO_SUCH_SERVICE,
                    format!("`{name}` is neither a file nor a folder here"),
                )
                .help("give a Dockerfile, or a folder that holds some, inside of the repository"));
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn none(dir: &str) -> Diagnostic {
    Diagnostic::error(&rules::NOTHING_FOUND, format!("no Dockerfile in {}", paths::shown(dir)))
        .help("looked for Dockerfile, Dockerfile.*, *.Dockerfile and Containerfile; name the file where it is called otherwise")
}

/// What rdock itself would do beside these files. A service that it cannot plan is nobody's finding.
fn services(place: &Place, files: &[String]) -> Vec<Outcome> {
    let mut found: Found = discover::discover(&place.tree, &place.config, "", None);
    let beside = |dir: &str| files.iter().any(|f| paths::parent(f) == dir);
    found.services.retain(|s| beside(&s.claim.dir) || beside(&s.home));
    pipeline::run(&place.tree, &place.config, &found, &Settings::default())
}

/// The service that a Dockerfile stands beside, where there is one alone.
fn service<'a>(outcomes: &'a [Outcome], file: &str) -> Option<&'a Done> {
    let dir = paths::parent(file);
    let beside: Vec<&Outcome> = outcomes
        .iter()
        .filter(|o| o.service.claim.dir == dir || o.service.home == dir)
        .collect();
    match &beside[..] {
        [one] => one.result.as_ref().ok(),
        _ => None,
    }
}

/// The port that the program's source names.
fn port(done: &Done) -> Option<(u16, crate::source::Location)> {
    let decision = done.plan.decisions.iter().find(|d| d.topic == "port")?;
    let at = decision.because.at.clone()?;
    let code = CODE.contains(&at.file().rsplit('.').next().unwrap_or(""));
    Some((done.plan.port.filter(|_| code)?, at))
}

/// `images --outdated`: every FROM that names an image whose support has ended, and those that the
/// catalogue does not know.
///
/// # Errors
/// No Dockerfile in the repository.
pub fn outdated(out: &Output, start: &Path, as_json: bool) -> Result<End, Diagnostic> {
    let place = Place::find(out, start)?;
    let files = dockerfiles(&place, &[])?;
    let mut end = End::Fine;
    let mut rows = Vec::new();
    for file in &files {
        let read = place
            .tree
            .read(file)
            .and_then(|s| crate::dockerfile::read(&s.expect("the tree lists it")));
        match read {
            Ok(dockerfile) => rows.extend(audit::images(&dockerfile)),
            Err(error) => {
                out.diagnostic(&error);
                end = End::Error;
            }
        }
    }
    if rows.iter().any(|r| r.ended) {
        end = end.max(End::Drift);
    }
    if as_json {
        let list: Vec<_> = rows
            .iter()
            .map(|r| json!({ "file": r.at.file(), "line": r.at.line(), "image": r.image, "ended": r.ended, "known": r.known, "why": r.why }))
            .collect();
        out.data(&pretty(
            &json!({ "schema": json::SCHEMA, "as_of": crate::catalog::catalog().as_of, "images": list }),
        ));
        return Ok(end);
    }
    let told: Vec<_> = rows.iter().filter(|r| r.ended || !r.known).collect();
    for row in &told {
        out.data(&format!("{}: {}: {}\n", row.at, row.image, row.why));
    }
    out.note(&format!(
        "{} FROM lines, {} past the end of support, {} not in the catalogue of {}",
        rows.len(),
        rows.iter().filter(|r| r.ended).count(),
        rows.iter().filter(|r| !r.known).count(),
        crate::catalog::catalog().as_of
    ));
    Ok(end)
}
