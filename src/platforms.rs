//! Which platforms a finished Dockerfile can be built for: every image that runs on the target must be had
//! for it. What runs on the builder's own platform asks nothing of the target.

use crate::catalog::{Base, Catalog};
use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::dockerfile::{self, Dockerfile};
use crate::settings::Given;
use crate::source::Source;

/// `linux/arm64/v8` is `arm64`, `linux/arm/v7` is `arm/v7`; as the catalogue records them.
fn arch(platform: &str) -> &str {
    let arch = platform.split_once('/').map_or(platform, |(_, arch)| arch);
    if arch == "arm64/v8" { "arm64" } else { arch }
}

/// The architectures that the catalogue has facts about.
const RECORDED: &[&str] = &["amd64", "arm64", "arm/v7"];

/// The images of the catalogue that run on the target's platform.
fn images(catalog: &'static Catalog, text: &str) -> Vec<(String, Base)> {
    let source = Source::new("Dockerfile", text);
    let Ok(file) = dockerfile::read(&source) else {
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    for (n, stage) in file.stages.iter().enumerate() {
        if on_builder(&file, n) {
            continue;
        }
        if stage.from.stage.is_none() {
            names.extend(stage.from.image.clone());
        }
        let froms = stage.instructions.iter().filter_map(|i| i.flag("from"));
        let images = froms.filter(|from| file.stage(from).is_none());
        names.extend(images.map(str::to_string));
    }
    names.dedup();
    let known = |name: String| catalog.lookup(&name).map(|base| (name, base));
    names.into_iter().filter_map(known).collect()
}

fn on_builder(file: &Dockerfile, stage: usize) -> bool {
    let root = &file.stages[file.chain(stage)[0]];
    root.from
        .platform
        .as_deref()
        .is_some_and(|p| p.contains("BUILDPLATFORM"))
}

/// Is every image there for the architecture?
pub fn has(catalog: &'static Catalog, text: &str, arch: &str) -> bool {
    let all = images(catalog, text);
    all.iter()
        .all(|(_, base)| base.tag.arch.iter().any(|a| a == arch))
}

/// What is wrong with the asked platforms. An architecture that the catalogue does not record is left to
/// the registry.
pub fn check(catalog: &'static Catalog, text: &str, asked: &Given<Vec<String>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, base) in images(catalog, text) {
        for platform in &asked.value {
            let recorded = RECORDED.contains(&arch(platform));
            if !recorded || base.tag.arch.iter().any(|a| a == arch(platform)) {
                continue;
            }
            let has: Vec<String> = base.tag.arch.iter().map(|a| format!("linux/{a}")).collect();
            let error = Diagnostic::error(&rules::NO_PLATFORM, format!("{name} is not there for {platform}"));
            let error = match &asked.because {
                Because { at: Some(at), .. } => error.at(at.clone(), "asked for here"),
                _ => error,
            };
            found.push(error.help(format!(
                "take {platform} out of `platforms`, or choose another image with `runtime` or `builder`; this one is there for {}",
                has.join(", ")
            )));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;

    fn asked(platform: &str) -> Given<Vec<String>> {
        Given {
            value: vec![platform.into()],
            because: Because::rule(""),
        }
    }

    const FILE: &str = "FROM --platform=$BUILDPLATFORM oven/bun:1.4-slim AS build\n\nFROM build AS b\nRUN x\n\nFROM gcr.io/distroless/java21-debian13:nonroot\nCOPY --from=b /x /x\n";

    #[test]
    fn what_runs_on_the_target_must_be_there_for_it() {
        let titles = |platform: &str| -> Vec<String> {
            let found = check(catalog(), FILE, &asked(platform));
            found.into_iter().map(|d| d.title).collect()
        };
        assert_eq!(
            titles("linux/arm/v7"),
            ["gcr.io/distroless/java21-debian13:nonroot is not there for linux/arm/v7"]
        );
        assert!(titles("linux/arm64/v8").is_empty() && titles("linux/amd64").is_empty());
        assert!(titles("linux/riscv64").is_empty(), "nothing is known of it");
        assert!(has(catalog(), FILE, "arm64") && !has(catalog(), FILE, "arm/v7"));
    }
}
