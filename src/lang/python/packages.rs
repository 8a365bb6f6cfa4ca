//! Operating system packages: what the dependencies need to compile, and to run.

use super::dists::From;
use super::facts::Facts;
use super::natives::{COMPILER, Compiled, GEODJANGO, NATIVES, OPTIONAL_C, STARTED_BY_SOURCE};
use super::pick::blocked;
use super::programs::Program;
use crate::source::Sourced;
use crate::tree::Tree;
use std::collections::BTreeSet;

#[derive(Default)]
pub struct Packages {
    pub build: BTreeSet<String>,
    pub run: BTreeSet<String>,
    /// Of these, libraries that are loaded when the source is imported, and that no `-dev` package brings.
    pub loaded: BTreeSet<String>,
    /// `psycopg2 is compiled against libpq`, one for each distribution.
    pub why: Vec<String>,
}

impl Packages {
    /// And the programs that the source starts.
    pub fn with(mut self, programs: &[Sourced<&Program>], musl: bool) -> Self {
        for program in programs {
            let package = if musl {
                program.value.alpine
            } else {
                program.value.debian
            };
            self.run.insert(package.into());
            let at = &program.at;
            self.why.push(format!("{at} starts {}", program.value.name));
        }
        self
    }
}

/// `musl` asks for Alpine's names.
pub fn needed(facts: &Facts, minor: u64, musl: bool) -> Packages {
    let mut out = Packages::default();
    let Some(manager) = &facts.manager else { return out };
    for dist in &manager.dists {
        if matches!(dist.from, From::Git(_)) {
            out.build.insert("git".into());
            out.why.push(format!("{} comes from a git repository", dist.name));
            continue;
        }
        let row = NATIVES.iter().find(|n| n.name == dist.name);
        let fits = dist
            .wheels
            .as_ref()
            .is_some_and(|w| w.iter().any(|w| w.fits(minor, musl)));
        let old =
            dist.lacks_wheel(minor, musl) || dist.wheels.is_none() && blocked(dist, minor, facts).is_some();
        let compiled = match row.map(|r| r.compiled) {
            Some(Compiled::Always) => !fits,
            Some(Compiled::Never) => false,
            Some(Compiled::WithoutWheel) | None => old && !OPTIONAL_C.contains(&dist.name.as_str()),
        };
        // Pure distributions that are merely too old need no compiler.
        let pure = dist
            .wheels
            .as_ref()
            .is_some_and(|w| !w.is_empty() && w.iter().all(|w| w.is_pure()));
        if compiled && !pure && !musl {
            out.build.extend(COMPILER.iter().map(|p| p.to_string()));
            let build = row.map_or(&[][..], |r| r.build);
            out.build.extend(build.iter().map(|p| p.to_string()));
            out.why.push(format!("{} is compiled from source", dist.name));
        }
        let Some(row) = row else { continue };
        // What others bring along starts its program for few, and they say so.
        let unused = STARTED_BY_SOURCE
            .iter()
            .any(|(dist, module)| *dist == row.name && !facts.modules.iter().any(|m| m.imports(module)));
        if unused {
            continue;
        }
        let bundled = row.name == "psycopg" && (manager.has("psycopg-binary") || manager.has("psycopg-c"));
        if (compiled || row.compiled == Compiled::Never) && !bundled {
            let run = if musl {
                row.alpine.unwrap_or_default()
            } else {
                row.run
            };
            out.run.extend(run.iter().map(|p| p.to_string()));
            let library = |p: &&&str| !compiled && (p.starts_with("lib") || **p == "git");
            out.loaded
                .extend(run.iter().filter(library).map(|p| p.to_string()));
            if !run.is_empty() {
                out.why
                    .push(format!("{} loads or runs {}", dist.name, run.join(", ")));
            }
        }
    }
    // What an extra brings stands in no list, and its libraries are wanted all the same.
    let brought = NATIVES
        .iter()
        .filter(|n| n.compiled == Compiled::Always && manager.dist(n.name).is_none() && manager.has(n.name));
    for row in brought.filter(|_| !musl) {
        out.build
            .extend(COMPILER.iter().chain(row.build).map(|p| p.to_string()));
        out.run.extend(row.run.iter().map(|p| p.to_string()));
        out.why.push(format!("{} is compiled from source", row.name));
    }
    if facts.django.as_ref().is_some_and(|d| d.uses_gis) && !musl {
        out.run.extend(GEODJANGO.iter().map(|p| p.to_string()));
        out.loaded.extend(GEODJANGO.iter().map(|p| p.to_string()));
        out.why.push("GeoDjango loads GDAL, GEOS and PROJ".into());
    }
    out
}

/// Does the project's own build compile C?
pub fn compiles_itself(tree: &Tree, facts: &Facts) -> bool {
    let script = super::facts::in_dir(&facts.dir, "setup.py");
    let says = tree
        .text(&script)
        .is_some_and(|s| ["ext_modules", "cffi_modules"].iter().any(|w| s.text.contains(w)));
    let requires = facts
        .manager
        .as_ref()
        .and_then(|m| m.project(&["build-system", "requires"]));
    let tools = ["cython", "meson-python", "nanobind", "pybind11", "scikit-build"];
    let needs = |r: &Sourced<String>| tools.iter().any(|t| r.value.to_lowercase().starts_with(t));
    says || requires.is_some_and(|r| r.strings().iter().any(needs))
}

/// Does the project's own build compile Rust?
pub fn compiles_rust(facts: &Facts) -> bool {
    let manager = facts.manager.as_ref();
    let requires = manager.and_then(|m| m.project(&["build-system", "requires"]));
    let builds = |r: &Sourced<String>| {
        ["maturin", "setuptools-rust"]
            .iter()
            .any(|t| r.value.starts_with(t))
    };
    requires.is_some_and(|r| r.strings().iter().any(builds))
}

/// Distributions that Alpine cannot have without a compiler, with the reason; empty is the proof.
pub fn not_for_musl(facts: &Facts, minor: u64) -> Vec<String> {
    let Some(manager) = &facts.manager else {
        return Vec::new();
    };
    manager
        .dists
        .iter()
        .filter(|d| !matches!(d.from, From::Path(_)))
        .filter_map(|d| {
            let Some(wheels) = &d.wheels else {
                return Some(format!("{} (no lockfile lists its wheels)", d.name));
            };
            if wheels.is_empty() {
                return Some(format!("{} (no wheel at all)", d.name));
            }
            let fits = wheels.iter().any(|w| w.fits(minor, true));
            let row = NATIVES.iter().find(|n| n.name == d.name);
            match (fits, row) {
                (false, _) => Some(format!("{} (no wheel for musllinux)", d.name)),
                (true, Some(r)) if r.alpine.is_none() => {
                    Some(format!("{} (its libraries on Alpine are not known)", d.name))
                }
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::facts;

    #[test]
    fn what_others_bring_along_has_its_program_where_the_source_uses_it() {
        let run = |source: &str| {
            let requirements = ("requirements.txt", "gitpython==3.1.45\nstreamlit==1.51.0\n");
            let tree = Tree::from_pairs([("app.py", source), requirements]);
            let facts = facts::read(&tree, "").unwrap();
            needed(&facts, 13, false).run.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(run("import git\n"), ["git"]);
        assert!(run("import streamlit\n").is_empty());
    }
}
