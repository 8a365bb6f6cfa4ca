//! native.toml: what crates need of the operating system, and which entries a program's crates
//! bring into play.

use super::closure::{Closure, Use};
use crate::source::Location;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Native {
    pub name: String,
    pub build: Vec<String>,
    pub run: Vec<String>,
    pub apk: Vec<String>,
    pub apk_run: Vec<String>,
    pub musl: Option<String>,
    pub env_musl: Vec<String>,
    pub unless: Vec<String>,
    pub unless_used: Vec<String>,
    pub not_from: Vec<String>,
    pub words: Vec<String>,
    pub instead: Vec<String>,
    pub forced: Vec<String>,
    pub via: Vec<String>,
    pub feature: Option<String>,
    pub files: Option<Files>,
}

/// What a crate reads at run time.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Files {
    Certificates,
}

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "crate")]
    crates: Vec<Native>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("native.toml")).expect("a test reads the table"));

/// An entry of the table that the program brings into play.
#[derive(Clone, Debug)]
pub struct Found {
    pub native: &'static Native,
    pub at: Location,
}

/// The entries that `closure` needs, by name.
pub fn found(closure: &Closure, locked: bool) -> Vec<Found> {
    TABLE
        .crates
        .iter()
        .filter(|n| !n.unless_used.iter().any(|c| closure.crates.contains_key(c)))
        .filter(|n| !turned_off(n, closure))
        .filter_map(|native| {
            let used = match closure.crates.get(&native.name) {
                Some(used) => Some(used).filter(|u| applies(native, u) || forced(native, closure)),
                None if !locked => guess(native, closure),
                None => None,
            }?;
            Some(Found {
                native,
                at: used.at.clone(),
            })
        })
        .collect()
}

fn applies(native: &Native, used: &Use) -> bool {
    let own_source = native.unless.iter().any(|c| used.needs.contains(c))
        || used.features.iter().any(|f| f == "vendored" || f == "bundled");
    let idle = |parent: &String| native.not_from.contains(parent);
    !own_source && (used.parents.is_empty() || !used.parents.iter().all(idle))
}

/// Only features that are off speak of the library: Cargo.lock names it for their sake.
fn turned_off(native: &Native, closure: &Closure) -> bool {
    let speak = |names: &BTreeSet<String>, words: &[String]| {
        names.iter().any(|n| words.iter().any(|w| n.contains(w.as_str())))
    };
    let own = closure.crates.get(&native.name).is_some_and(|u| u.direct);
    let other = native.instead.is_empty() || speak(&closure.on, &native.instead);
    !own && other && speak(&closure.off, &native.words) && !speak(&closure.on, &native.words)
}

fn forced(native: &Native, closure: &Closure) -> bool {
    native.forced.iter().any(|forced| {
        let (name, feature) = forced.split_once('/').unwrap_or((forced, ""));
        let used = closure.crates.get(name);
        used.is_some_and(|u| u.features.contains(feature))
    })
}

/// Without a Cargo.lock, the direct dependencies are all that is known.
fn guess<'a>(native: &Native, closure: &'a Closure) -> Option<&'a Use> {
    native
        .via
        .iter()
        .filter_map(|c| closure.crates.get(c))
        .find(|used| {
            let vendored = used.features.iter().any(|f| f == "vendored" || f == "bundled");
            let asked = native.feature.as_ref().is_none_or(|f| used.features.contains(f));
            // The feature tells a front for several libraries; one that is a front for this one alone
            // has no such feature.
            !vendored
                && (asked
                    || native
                        .via
                        .first()
                        .is_some_and(|v| v != "diesel" && closure.crates.contains_key(v)))
        })
}

/// The union of one list over all entries, sorted.
pub fn union(found: &[Found], list: fn(&Native) -> &[String]) -> Vec<String> {
    let all: BTreeSet<&String> = found.iter().flat_map(|f| list(f.native)).collect();
    all.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_unique_and_complete() {
        let names: Vec<&String> = TABLE.crates.iter().map(|n| &n.name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for native in &TABLE.crates {
            let lists = [
                &native.build,
                &native.run,
                &native.apk,
                &native.apk_run,
                &native.not_from,
            ];
            for list in &lists[..4] {
                assert!(list.is_sorted(), "{}", native.name);
            }
            let empty = native.build.is_empty() && native.files.is_none();
            assert!(!empty, "{}", native.name);
            let libraries = !native.run.is_empty();
            let answered = native.musl.is_some() || !native.apk.is_empty();
            assert!(!libraries || answered, "{} says nothing of musl", native.name);
        }
    }
}
