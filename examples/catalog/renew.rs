//! Overlay, lists and the catalogue so far, made into the next catalogue. Reads nothing itself.

use crate::lists::{self, Build};
use crate::overlay::{Fixed, Listed, Os, Overlay};
use crate::shape;
use crate::support::Support;
use rdock::catalog::{self, Catalog, Image, Line, Tag};
use std::collections::BTreeMap;

/// Where the lists come from, by name: `golang`, `nodejs`.
pub trait Lists {
    /// # Errors
    /// The file cannot be read.
    fn library(&self, image: &str) -> Result<String, String>;
    /// # Errors
    /// The file cannot be read.
    fn product(&self, name: &str) -> Result<String, String>;
}

/// The next catalogue, and what a person should look at.
///
/// # Errors
/// A list is missing or cannot be understood; a cycle of the overlay does not exist.
pub fn renew(overlay: &Overlay, old: &Catalog, from: &dyn Lists) -> Result<(Catalog, Vec<String>), String> {
    let mut support = Support::new(from, &overlay.as_of);
    let mut systems = Vec::new();
    for os in &overlay.os {
        systems.push(catalog::Os {
            suite: os.suite.clone(),
            family: os.family,
            libc: os.libc,
            libc_version: os.libc_version.clone(),
            eol: support.of(&os.support)?.eol,
        });
    }
    let mut images = Vec::new();
    for image in &overlay.listed {
        let builds = lists::library(&from.library(&image.reference)?);
        let old = old.images.iter().find(|i| i.reference == image.reference);
        images.push(listed(overlay, image, &builds, old, &mut support)?);
    }
    for image in &overlay.fixed {
        images.push(fixed(image, &mut support)?);
    }
    images.sort_by(|a, b| a.reference.cmp(&b.reference));
    let mut notes = support.unknown_systems(&overlay.os)?;
    notes.extend(apply(overlay, &mut images));
    Ok((
        Catalog {
            as_of: overlay.as_of.clone(),
            systems,
            images: images.into(),
        },
        notes,
    ))
}

fn listed(
    overlay: &Overlay,
    image: &Listed,
    builds: &[Build],
    old: Option<&Image>,
    support: &mut Support,
) -> Result<Image, String> {
    let mut lines: BTreeMap<Vec<u64>, Line> = BTreeMap::new();
    for build in builds {
        for tag in &build.tags {
            let Some((version, numbers, _)) = shape::line(&image.line, tag) else {
                continue;
            };
            if !shape::kept(image, &numbers) || lines.contains_key(&numbers) {
                continue;
            }
            let (tags, patch) = tags(overlay, image, version, builds);
            if !tags.is_empty() {
                let line = Line {
                    version: version.into(),
                    patch,
                    tags,
                    ..support.line(image, &numbers)?
                };
                lines.insert(numbers, line);
            }
        }
    }
    if lines.is_empty() {
        return Err(format!(
            "library/{} has no tag of the shapes in overlay.toml",
            image.reference
        ));
    }
    // A line that is no longer listed stays: its tags still pull, though nobody rebuilds them.
    for line in old.map_or(&[][..], |i| &i.lines) {
        let Some((_, numbers, "")) = shape::line(&image.line, &line.version) else {
            continue;
        };
        if shape::kept(image, &numbers) && !lines.contains_key(&numbers) {
            let mut line = line.clone();
            if let Ok(dates) = support.line(image, &numbers) {
                (line.released, line.eol, line.lts) = (dates.released, dates.eol, dates.lts);
            }
            lines.insert(numbers, line);
        }
    }
    Ok(Image {
        reference: image.reference.clone(),
        about: image.about.clone(),
        shell: image.shell,
        user: image.user.clone(),
        lines: lines.into_values().rev().collect(),
    })
}

/// The tags of a line that rdock writes, and the full version behind them. Of each shape those of
/// the maintained suites, else the newest suite's.
fn tags(overlay: &Overlay, image: &Listed, version: &str, builds: &[Build]) -> (Vec<Tag>, String) {
    let (mut tags, mut patch) = (Vec::new(), "");
    for wanted in &image.tags {
        let found = |os: &'_ Os| {
            let tag = format!("{version}{}", shape::end(wanted, os)?);
            let build = builds.iter().find(|b| b.tags.contains(&tag))?;
            Some((tag, build))
        };
        let found: Vec<_> = overlay
            .os
            .iter()
            .filter_map(|os| Some((os, found(os)?)))
            .collect();
        let maintained = |os: &Os| overlay.suites.contains(&os.suite);
        let any = found.iter().any(|(os, _)| maintained(os));
        for (i, (os, (tag, build))) in found.into_iter().enumerate() {
            if maintained(os) || (!any && i == 0) {
                let full = shape::patch(&build.tags).unwrap_or_default();
                if shape::numbers(full) > shape::numbers(patch) {
                    patch = full;
                }
                let (suite, variant, arch) = (os.suite.clone(), wanted.variant, build.arch.clone());
                tags.push(Tag {
                    tag,
                    suite,
                    variant,
                    arch,
                    size_mb: None,
                });
            }
        }
    }
    (tags, patch.to_string())
}

fn fixed(image: &Fixed, support: &mut Support) -> Result<Image, String> {
    let mut lines = Vec::new();
    for line in &image.lines {
        let dates = support.of(&line.support)?;
        lines.push(Line {
            version: line.version.clone(),
            patch: line.patch.clone(),
            lts: line.lts || dates.lts,
            released: dates.released,
            eol: dates.eol,
            tags: line.tags.clone(),
        });
    }
    Ok(Image {
        reference: image.reference.clone(),
        about: image.about.clone(),
        shell: image.shell,
        user: image.user.clone(),
        lines,
    })
}

/// Patches and sizes that the overlay knows better. Returns those that fit nothing.
fn apply(overlay: &Overlay, images: &mut [Image]) -> Vec<String> {
    let mut notes = Vec::new();
    for (key, patch) in &overlay.patches {
        let lines = images
            .iter_mut()
            .flat_map(|i| i.lines.iter_mut().map(|l| (&i.reference, l)));
        let mut fitting = lines.filter(|(r, l)| format!("{r} {}", l.version) == *key);
        match fitting.next() {
            Some((_, line)) if shape::numbers(patch) > shape::numbers(&line.patch) => {
                line.patch.clone_from(patch)
            }
            Some((_, line)) => notes.push(format!("patch of {key}: the lists have {} by now", line.patch)),
            None => notes.push(format!("patch of {key}: there is no such line")),
        }
    }
    for image in images.iter_mut() {
        for tag in image.lines.iter_mut().flat_map(|l| &mut l.tags) {
            tag.size_mb = overlay
                .sizes
                .get(&format!("{}:{}", image.reference, tag.tag))
                .copied();
        }
    }
    let known = |key: &str| {
        let mut from = images
            .iter()
            .flat_map(|i| i.lines.iter().flat_map(|l| &l.tags).map(|t| (&i.reference, t)));
        from.any(|(reference, tag)| format!("{reference}:{}", tag.tag) == key)
    };
    notes.extend(
        overlay
            .sizes
            .keys()
            .filter(|k| !known(k))
            .map(|k| format!("size of {k}: there is no such tag")),
    );
    notes
}
