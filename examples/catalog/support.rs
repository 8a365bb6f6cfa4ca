//! When lines came out and when they end, from endoflife.date.

use crate::lists::{self, Cycle};
use crate::overlay::{Listed, Os};
use crate::renew::Lists;
use crate::shape;
use rdock::catalog::{Family, Line};
use std::collections::BTreeMap;

pub struct Support<'a> {
    from: &'a dyn Lists,
    as_of: &'a str,
    products: BTreeMap<String, Vec<Cycle>>,
}

impl<'a> Support<'a> {
    pub fn new(from: &'a dyn Lists, as_of: &'a str) -> Self {
        Self {
            from,
            as_of,
            products: BTreeMap::new(),
        }
    }

    fn product(&mut self, name: &str) -> Result<&[Cycle], String> {
        if !self.products.contains_key(name) {
            let cycles = lists::product(name, &self.from.product(name)?)?;
            self.products.insert(name.into(), cycles);
        }
        Ok(&self.products[name])
    }

    /// The dates of `debian 13`; none for an empty text.
    pub fn of(&mut self, support: &str) -> Result<Line, String> {
        let mut line = Line {
            version: String::new(),
            patch: String::new(),
            lts: false,
            released: String::new(),
            eol: String::new(),
            tags: Vec::new(),
        };
        let Some((product, name)) = support.split_once(' ') else {
            return Ok(line);
        };
        let as_of = self.as_of;
        let cycle = self.product(product)?.iter().find(|c| c.name == name);
        let cycle = cycle.ok_or_else(|| format!("{product}.md has no cycle {name}"))?;
        line.released.clone_from(&cycle.released);
        line.eol.clone_from(&cycle.eol);
        line.lts = cycle.is_lts(as_of);
        Ok(line)
    }

    /// The dates of a line. One that stands on two products ends with the first of them, and has no
    /// day of its own on which it came out.
    pub fn line(&mut self, image: &Listed, numbers: &[u64]) -> Result<Line, String> {
        let mut dates = Vec::new();
        for support in &image.support {
            dates.push(self.of(&shape::cycle(support, numbers))?);
        }
        let ends = dates.iter().map(|l| l.eol.clone()).filter(|e| !e.is_empty());
        let eol = ends.min().unwrap_or_default();
        match dates.len() {
            1 => Ok(dates.remove(0)),
            _ => Ok(Line { eol, ..self.of("")? }),
        }
    }

    /// Releases of the distributions that the overlay has no [[os]] for. Of Ubuntu only the LTS ones.
    pub fn unknown_systems(&mut self, systems: &[Os]) -> Result<Vec<String>, String> {
        let as_of = self.as_of;
        let mut notes = Vec::new();
        for family in [Family::Debian, Family::Ubuntu, Family::Alpine] {
            let ours: Vec<&str> = systems
                .iter()
                .filter(|o| o.family == family)
                .map(|o| o.support.as_str())
                .collect();
            let Some((product, _)) = ours.first().and_then(|s| s.split_once(' ')) else {
                continue;
            };
            let out = |c: &&Cycle| match family {
                Family::Ubuntu => c.is_lts(as_of),
                _ => !c.released.is_empty() && c.released.as_str() <= as_of,
            };
            if let Some(newest) = self.product(product)?.iter().find(out) {
                let name = format!("{product} {}", newest.name);
                if !ours.contains(&name.as_str()) {
                    notes.push(format!("{name} is out and has no [[os]] in overlay.toml"));
                }
            }
        }
        Ok(notes)
    }
}
