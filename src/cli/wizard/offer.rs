//! The options of a question about base images, each tried on this very project: what it would be,
//! what is known of the image, and what it costs or breaks.

use crate::catalog::{Libc, catalog};
use crate::cli::place::Place;
use crate::cli::whatif;
use crate::cli::words;
use crate::decision::{Decision, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::{Found, Service};
use crate::pipeline::Done;
use crate::settings::{Given, Runtime, Settings};

/// What taking an option sets.
#[derive(Clone, Debug, PartialEq)]
pub enum Pick {
    /// What rdock would do anyway: nothing to keep.
    AsFound,
    Runtime(Runtime),
    Builder(String),
    Version(String),
}

impl Pick {
    /// The same as settings, with the reason that rdock.toml will give.
    pub fn apply(&self, settings: &mut Settings) {
        fn given<T>(value: T) -> Option<Given<T>> {
            let because = crate::decision::Because::rule(crate::cli::settings::kept(""));
            Some(Given { value, because })
        }
        match self {
            Pick::AsFound => {}
            Pick::Runtime(runtime) => settings.runtime = given(*runtime),
            Pick::Builder(image) => settings.builder = given(image.clone()),
            Pick::Version(version) => settings.version = given(version.clone()),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub name: String,
    pub pick: Pick,
    /// Size, shell, libc, user, end of support.
    pub facts: Vec<String>,
    pub note: String,
}

/// A question's options; the first is what rdock would take.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    pub choices: Vec<Choice>,
    /// What cannot be taken, and why.
    pub impossible: Vec<(String, String)>,
}

fn decision<'a>(done: &'a Done, topic: &str) -> Option<&'a Decision> {
    done.plan.decisions.iter().find(|d| d.topic == topic)
}

/// Every base that the program could run on, tried one by one.
pub fn runtimes(place: &Place, all: &Found, service: &Service, flags: &Settings, now: &Done) -> Offer {
    let mut offer = Offer::default();
    let Some(found) = decision(now, "runtime") else {
        return offer;
    };
    for runtime in Runtime::ALL {
        let mut asked = flags.clone();
        Pick::Runtime(runtime).apply(&mut asked);
        let loser = found.over.iter().find(|r| r.value == runtime.name());
        match whatif::one(place, all, service, &asked) {
            Ok(done) => {
                let taken = loser.is_none();
                let choice = Choice {
                    name: runtime.name().into(),
                    pick: if taken {
                        Pick::AsFound
                    } else {
                        Pick::Runtime(runtime)
                    },
                    facts: decision(&done, "runtime").map_or(Vec::new(), |d| facts(&d.value, user(&done))),
                    note: match loser {
                        None => format!("rdock's choice: {}", found.because.located()),
                        Some(loser) => cost(&loser.why, "runtime", now, &done),
                    },
                };
                offer.add(choice, taken);
            }
            Err(errors) => offer.refuse(runtime.name(), loser, &errors),
        }
    }
    offer
}

/// The builder that rdock would take, and those it weighed.
pub fn builders(place: &Place, all: &Found, service: &Service, flags: &Settings, now: &Done) -> Offer {
    let mut offer = Offer::default();
    let Some(found) = decision(now, "builder") else {
        return offer;
    };
    offer.choices.push(Choice {
        name: found.value.clone(),
        pick: Pick::AsFound,
        facts: facts(&found.value, None),
        note: format!("rdock's choice: {}", found.because.located()),
    });
    for loser in &found.over {
        let pick = match catalog().lookup(&loser.value) {
            Some(_) => Pick::Builder(loser.value.clone()),
            None => match other_version(&loser.value, &found.value) {
                Some(version) => Pick::Version(version.to_string()),
                None => continue,
            },
        };
        if !loser.possible {
            offer.impossible.push((loser.value.clone(), loser.why.clone()));
            continue;
        }
        let mut asked = flags.clone();
        pick.apply(&mut asked);
        match whatif::one(place, all, service, &asked) {
            Ok(done) => {
                let Some(other) = decision(&done, "builder").filter(|d| d.value != found.value) else {
                    continue;
                };
                let choice = Choice {
                    name: other.value.clone(),
                    pick,
                    facts: facts(&other.value, None),
                    note: cost(&loser.why, "builder", now, &done),
                };
                offer.add(choice, false);
            }
            Err(errors) => offer.refuse(&loser.value, Some(loser), &errors),
        }
    }
    offer
}

/// The version in `golang:1.26`, where the builder is another tag of the same image, or in words:
/// `Python 3.12`.
fn other_version<'a>(value: &'a str, builder: &str) -> Option<&'a str> {
    let (name, version) = value.rsplit_once([':', ' '])?;
    let image = builder.rsplit_once(':').is_some_and(|(image, _)| image == name);
    let words = value.contains(' ') && version.starts_with(|c: char| c.is_ascii_digit());
    (image || words).then_some(version)
}

impl Offer {
    fn add(&mut self, choice: Choice, first: bool) {
        if self.choices.iter().any(|c| c.name == choice.name) {
            return;
        }
        let at = if first { 0 } else { self.choices.len() };
        self.choices.insert(at, choice);
    }

    /// A base that the language does not know is no option at all; one that it weighed is shown.
    fn refuse(&mut self, name: &str, loser: Option<&Rejected>, errors: &[Diagnostic]) {
        let unknown = loser.is_none() && errors.iter().any(|e| e.rule.id == rules::IMPOSSIBLE_RUNTIME.id);
        if unknown || self.impossible.iter().any(|(n, _)| n == name) {
            return;
        }
        let why = match loser {
            Some(loser) if !loser.possible => loser.why.clone(),
            _ => errors.first().map_or(String::new(), |e| e.title.clone()),
        };
        self.impossible.push((name.into(), why));
    }

    /// One question for several services: what all of them can have. The rest cannot be picked.
    pub fn common(offers: Vec<(String, Offer)>) -> Offer {
        let mut offers = offers;
        if offers.len() == 1 {
            return offers.remove(0).1;
        }
        let count = offers.len();
        let mut common = Offer::default();
        let firsts: Vec<&Choice> = offers.iter().filter_map(|(_, o)| o.choices.first()).collect();
        let mut names: Vec<&str> = Vec::new();
        for (_, offer) in &offers {
            for name in offer.choices.iter().map(|c| c.name.as_str()) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if firsts.iter().any(|c| c.name != firsts[0].name) {
            common.choices.push(Choice {
                name: "each its own".into(),
                pick: Pick::AsFound,
                facts: Vec::new(),
                note: format!("rdock's choice for each of the {count} services"),
            });
        }
        for name in names {
            let have: Vec<&Choice> = offers
                .iter()
                .filter_map(|(_, o)| o.choices.iter().find(|c| c.name == name))
                .collect();
            if have.len() < count {
                let lacks = offers
                    .iter()
                    .find(|(_, o)| !o.choices.iter().any(|c| c.name == name))
                    .map(|(service, o)| {
                        let why = o.impossible.iter().find(|(n, _)| n == name);
                        let why = why.map_or("not for its language", |(_, w)| w.as_str());
                        format!("{service}: {why}")
                    });
                common.impossible.push((name.into(), lacks.unwrap_or_default()));
                continue;
            }
            let set = have.iter().find(|c| c.pick != Pick::AsFound);
            common.choices.push(Choice {
                name: name.into(),
                pick: set.map_or(Pick::AsFound, |c| c.pick.clone()),
                facts: together(&have),
                note: match set {
                    None => format!("rdock's choice for all {count} services"),
                    Some(_) => have
                        .iter()
                        .find(|c| c.pick != Pick::AsFound)
                        .map_or(String::new(), |c| c.note.clone()),
                },
            });
        }
        for (service, offer) in &offers {
            for (name, why) in &offer.impossible {
                if !common.impossible.iter().any(|(n, _)| n == name)
                    && !common.choices.iter().any(|c| c.name == *name)
                {
                    common
                        .impossible
                        .push((name.clone(), format!("{service}: {why}")));
                }
            }
        }
        common
    }

    /// The options as rows for a terminal of this width.
    pub fn rows(&self, columns: usize) -> Vec<String> {
        // The prompt's own mark takes two columns, and the last one stays free.
        let width = columns.saturating_sub(3);
        let cells: Vec<Vec<&str>> = self.choices.iter().map(Choice::cells).collect();
        let widest = |i: usize| {
            let lengths = cells.iter().map(|c| c.get(i).map_or(0, |t| words::count(t)));
            lengths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..6).map(widest).collect();
        let table = widths.iter().sum::<usize>() + 2 * 5;
        let row = |(choice, cells): (&Choice, &Vec<&str>)| {
            if table > width {
                let parts = [choice.facts.join(", "), choice.note.clone()];
                let parts: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                let below = words::entry("    ", &parts.join("; "), width, 4);
                return format!("{}\n{below}", choice.name);
            }
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(c, w)| format!("{c:w$}"))
                .collect();
            let line = padded.join("  ").trim_end().to_string();
            if cells.len() == 6 && table + 2 + words::count(&choice.note) <= width {
                return format!("{:table$}  {}", line, choice.note);
            }
            format!("{line}\n{}", words::entry("    ", &choice.note, width, 4))
        };
        self.choices.iter().zip(&cells).map(row).collect()
    }
}

impl Choice {
    fn cells(&self) -> Vec<&str> {
        std::iter::once(self.name.as_str())
            .chain(self.facts.iter().map(String::as_str))
            .collect()
    }
}

/// The facts of one option for several services: each as it is, or all that it can be.
fn together(choices: &[&Choice]) -> Vec<String> {
    let fact = |i: usize| {
        let mut values: Vec<&str> = Vec::new();
        for value in choices.iter().filter_map(|c| c.facts.get(i)) {
            if !values.contains(&value.as_str()) {
                values.push(value);
            }
        }
        values.join(" or ")
    };
    (0..5).map(fact).filter(|f| !f.is_empty()).collect()
}

/// What an image is like. Five facts, always in the same order; empty for an unknown image.
fn facts(from: &str, user: Option<String>) -> Vec<String> {
    let user = |own: Option<&str>| {
        let user = user
            .clone()
            .or(own.map(String::from))
            .unwrap_or_else(|| "root".into());
        match user.split(':').next().unwrap_or("") {
            "root" | "0" => "root".to_string(),
            uid => format!("user {uid}"),
        }
    };
    if from == "scratch" {
        let fixed = ["0 MB", "no shell", "no libc"].map(String::from);
        return fixed
            .into_iter()
            .chain([user(None), "nothing to support".into()])
            .collect();
    }
    let Some(base) = catalog().lookup(from) else {
        return Vec::new();
    };
    let ends = [base.line.eol.as_str(), base.os.eol.as_str()];
    let end = ends.into_iter().filter(|e| !e.is_empty()).min();
    vec![
        base.tag.size_mb.map_or("? MB".into(), |mb| format!("{mb:.0} MB")),
        if base.image.shell { "shell" } else { "no shell" }.into(),
        match base.os.libc {
            Libc::None => "no libc".into(),
            Libc::Glibc => format!("glibc {}", base.os.libc_version).trim().into(),
            Libc::Musl => format!("musl {}", base.os.libc_version).trim().into(),
        },
        user(base.image.user.as_deref()),
        end.map_or("no end set".into(), |e| format!("until {e}")),
    ]
}

/// The user that the written Dockerfile ends with.
fn user(done: &Done) -> Option<String> {
    let text = &done.files.first()?.text;
    let user = text.lines().rev().find_map(|l| l.strip_prefix("USER "))?;
    Some(user.trim().to_string())
}

/// What speaks against an option, and what else would change with it.
fn cost(why: &str, topic: &str, now: &Done, then: &Done) -> String {
    let mut parts = vec![why.to_string()];
    for change in whatif::changes(&now.plan.decisions, &then.plan.decisions) {
        if change.topic == topic {
            continue;
        }
        parts.push(match change.to {
            Some(to) => format!("{} becomes {to}", change.topic),
            None => format!("no {}", change.topic),
        });
    }
    parts.extend(whatif::fresh(now, then).map(|w| format!("warns: {}", w.title)));
    parts.retain(|p| !p.is_empty());
    crate::diagnostic::printable(&parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(name: &str, note: &str) -> Choice {
        Choice {
            name: name.into(),
            pick: Pick::AsFound,
            facts: facts("scratch", None),
            note: note.into(),
        }
    }

    #[test]
    fn rows_keep_to_the_width() {
        let offer = Offer {
            choices: vec![
                choice(
                    "distroless",
                    "a note of some length that has to go below the line",
                ),
                choice("b", "short"),
            ],
            impossible: Vec::new(),
        };
        for columns in [40, 60, 80, 120, 200] {
            for row in offer.rows(columns) {
                for line in row.lines() {
                    assert!(words::count(line) < columns - 2, "{columns}: {line}");
                }
            }
        }
        assert_eq!(offer.rows(200)[0].lines().count(), 1, "one line where it fits");
    }

    #[test]
    fn what_one_service_cannot_have_none_can_pick() {
        let offer = |names: &[&str]| Offer {
            choices: names.iter().map(|n| choice(n, "")).collect(),
            impossible: vec![("scratch".into(), "cgo".into())],
        };
        let common = Offer::common(vec![
            ("a".into(), offer(&["slim", "alpine"])),
            ("b".into(), offer(&["slim", "jre"])),
        ]);
        let names: Vec<&str> = common.choices.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["slim"]);
        let not: Vec<&str> = common.impossible.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(not, ["alpine", "jre", "scratch"]);
    }
}
