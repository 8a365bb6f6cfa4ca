//! The wizard of `rdock init` on a terminal. It asks what detection could not settle and which base
//! images to take, shows what would be written, and writes nothing before the last answer.
//!
//! The answers so far are one value; the next question follows from it, and going back takes the
//! value from before the last answer.

mod ask;
mod offer;
mod preview;
mod questions;
mod same;

use super::End;
use super::output::{Output, STRONG, paint};
use super::place::Place;
use super::{explain, settings, whatif};
use crate::config::ServiceConfig;
use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::{Found, Service};
use crate::pipeline::{self, Done};
use crate::settings::{Given, Settings, Stage};
use ask::{Answer, Stop};
use offer::{Offer, Pick};
use std::collections::BTreeMap;

/// How the command line was given: for the command that would repeat the answers.
pub struct Asked<'a> {
    /// `-C`'s folder.
    pub start: &'a str,
    pub path: &'a str,
    pub force: bool,
    pub flags: Settings,
}

/// Everything answered so far. By folder, because names may change with the answers.
#[derive(Clone, Default)]
struct Answers {
    languages: BTreeMap<String, String>,
    services: Option<Vec<String>>,
    /// What detection could not settle, by service.
    settled: BTreeMap<String, Settings>,
    runtimes: Option<BTreeMap<String, Pick>>,
    builders: Option<BTreeMap<String, Pick>>,
    ports: BTreeMap<String, Option<u16>>,
    /// For all of them alike.
    stages: Option<Vec<Stage>>,
}

/// A service with its flags and what they make of it.
struct Planned {
    service: Service,
    flags: Settings,
    result: Result<Done, Vec<Diagnostic>>,
}

/// What each service (folder and name) could have.
type Offers = Vec<(String, String, Offer)>;

enum Question {
    Language {
        dir: String,
        error: Diagnostic,
    },
    Services,
    Settle {
        dir: String,
        error: Diagnostic,
        flag: &'static str,
    },
    Runtime(Offers),
    Builder(Offers),
    Port {
        dir: String,
        name: String,
    },
    /// Each with what it would do.
    Stages(Vec<(Stage, String)>),
    Write,
}

/// What is in the repository, before any question: the same until a language is chosen.
struct Survey {
    languages: BTreeMap<String, String>,
    found: Found,
    /// Those that a person can choose from, each with its line.
    services: Vec<Service>,
    rows: Vec<String>,
}

impl Survey {
    fn new(
        place: &Place,
        answers: &Answers,
        left_out: &[String],
        flags: &Settings,
    ) -> Result<Self, Diagnostic> {
        let mut found = place.services(super::sync::language(flags))?;
        found.services.retain(|s| !left_out.contains(&s.claim.dir));
        let outcomes = pipeline::run(&place.tree, &place.config, &found, flags);
        let rows = outcomes.iter().map(questions::row).collect();
        Ok(Self {
            languages: answers.languages.clone(),
            found,
            services: outcomes.into_iter().map(|o| o.service).collect(),
            rows,
        })
    }
}

/// Asks until everything is answered, then writes.
///
/// # Errors
/// Nothing found, or a terminal that cannot be asked.
pub fn run(out: &Output, mut place: Place, asked: &Asked) -> Result<End, Diagnostic> {
    let config = place.config.clone();
    let mut answers = Answers::default();
    let mut past: Vec<Answers> = Vec::new();
    let mut shown = String::new();
    let left_out = left_out(out, &place, &asked.flags)?;
    let mut known: Option<Survey> = None;
    loop {
        if known.as_ref().is_none_or(|k| k.languages != answers.languages) {
            place.config = config.clone();
            for (dir, language) in &answers.languages {
                let service = with_language(&config, dir, language);
                place.config.services.insert(0, service);
            }
            known = None;
        }
        let survey = match known.take() {
            Some(survey) => known.insert(survey),
            None => known.insert(Survey::new(&place, &answers, &left_out, &asked.flags)?),
        };
        let found = &survey.found;
        if found.services.is_empty() && !left_out.is_empty() {
            return Ok(End::Error);
        }
        let (planned, question) = next(&place, survey, &answers, &asked.flags)?;
        let text = overview(out, &planned, found, out.columns());
        if question.is_about_plans() && answers.runtimes.is_none() && text != shown {
            out.note(text.trim_end());
            shown = text;
        }
        let given = match &question {
            Question::Write if planned.iter().all(|p| p.result.is_err()) => {
                for errors in planned.iter().filter_map(|p| p.result.as_ref().err()) {
                    out.diagnostics(errors);
                }
                return Ok(End::Error);
            }
            Question::Write => match preview::confirm(out, &place, &planned, asked) {
                Ok(Answer::Given(Some(write))) => return write.put(out, &place, &planned, asked, found),
                Ok(Answer::Given(None)) => {
                    out.note("nothing was written");
                    return Ok(End::Fine);
                }
                Ok(Answer::Back) => Ok(Answer::Back),
                Err(stop) => Err(stop),
            },
            question => questions::put(out, question, survey, &answers),
        };
        match given {
            Ok(Answer::Given(next)) => past.push(std::mem::replace(&mut answers, next)),
            Ok(Answer::Back) => match past.pop() {
                Some(before) => answers = before,
                None => {
                    out.note("nothing was written");
                    return Ok(End::Stopped);
                }
            },
            Err(Stop::Interrupted) => {
                out.note("\nstopped; nothing was written");
                return Ok(End::Stopped);
            }
            Err(Stop::Failed(error)) => return Err(*error),
        }
    }
}

/// The folders of services that a language's own tool reads otherwise; it is said why.
fn left_out(out: &Output, place: &Place, flags: &Settings) -> Result<Vec<String>, Diagnostic> {
    let dirs = |found: &Found| -> Vec<String> {
        let dirs = found.services.iter().map(|s| s.claim.dir.clone());
        dirs.collect()
    };
    let mut found = place.services(super::sync::language(flags))?;
    let all = dirs(&found);
    out.diagnostics(&super::init::second_opinion(place, &mut found, flags));
    let sure = dirs(&found);
    Ok(all.into_iter().filter(|dir| !sure.contains(dir)).collect())
}

fn with_language(config: &crate::config::Config, dir: &str, language: &str) -> ServiceConfig {
    let mut service = config.service_at(dir).cloned().unwrap_or_default();
    service.path = Some(dir.to_string());
    service.settings.language = Some(kept(language.to_string()));
    if service.name.is_empty() {
        service.name = crate::escape::image_name(crate::paths::base(dir));
    }
    service
}

fn kept<T>(value: T) -> Given<T> {
    Given {
        value,
        because: Because::rule(settings::kept("")),
    }
}

impl Answers {
    /// The flags of one service: its own answers over those of the command line.
    fn flags(&self, dir: &str, flags: &Settings) -> Settings {
        let mut own = self.settled.get(dir).cloned().unwrap_or_default();
        if let Some(language) = self.languages.get(dir) {
            own.language = Some(kept(language.clone()));
        }
        for picks in self.runtimes.iter().chain(&self.builders) {
            if let Some(pick) = picks.get(dir) {
                pick.apply(&mut own);
            }
        }
        if let Some(Some(port)) = self.ports.get(dir) {
            own.port = Some(kept(*port));
        }
        if let Some(stages) = self.stages.as_ref().filter(|s| !s.is_empty()) {
            own.stages = Some(kept(stages.clone()));
        }
        own.over(flags)
    }
}

/// What is to be asked after these answers.
fn next(
    place: &Place,
    survey: &Survey,
    answers: &Answers,
    flags: &Settings,
) -> Result<(Vec<Planned>, Question), Diagnostic> {
    let errors = &survey.found.errors;
    let unsettled = |e: &&Diagnostic| e.choices.as_ref().is_some_and(|c| c.flag == "language");
    if let Some(error) = errors.iter().find(unsettled) {
        let file = error.at.as_ref().map_or("", |at| at.file());
        let question = Question::Language {
            dir: crate::paths::parent(file).to_string(),
            error: error.clone(),
        };
        return Ok((Vec::new(), question));
    }
    if survey.services.is_empty() {
        return Err(errors.first().cloned().unwrap_or_else(|| {
            Diagnostic::error(&rules::NOTHING_FOUND, "no service can be read")
                .help("mend the errors above, then run again")
        }));
    }
    if answers.services.is_none() && survey.services.len() > 1 {
        return Ok((Vec::new(), Question::Services));
    }
    let dirs = answers.services.as_ref();
    let chosen = survey
        .services
        .iter()
        .filter(|s| dirs.is_none_or(|d| d.contains(&s.claim.dir)));
    let chosen: Vec<&Service> = chosen.collect();
    let planned = whatif::each(&chosen, |service| {
        let own = answers.flags(&service.claim.dir, flags);
        Planned {
            service: (*service).clone(),
            result: whatif::one(place, &survey.found, service, &own),
            flags: own,
        }
    });
    let question = about(place, &survey.found, &planned, answers, flags);
    Ok((planned, question))
}

/// The question that these plans leave open; the last one is whether to write.
fn about(place: &Place, found: &Found, planned: &[Planned], answers: &Answers, flags: &Settings) -> Question {
    for one in planned {
        let Err(errors) = &one.result else { continue };
        if let [error] = errors.as_slice()
            && let Some(flag) = flag_for(error)
        {
            return Question::Settle {
                dir: one.service.claim.dir.clone(),
                error: error.clone(),
                flag,
            };
        }
    }
    let offers = |make: fn(&Place, &Found, &Service, &Settings, &Done) -> Offer| -> Offers {
        let done = planned.iter().filter_map(|p| Some((p, p.result.as_ref().ok()?)));
        let done: Vec<(&Planned, &Done)> = done.collect();
        whatif::each(&done, |(p, done)| {
            let offer = make(place, found, &p.service, &p.flags, done);
            (p.service.claim.dir.clone(), p.service.name.clone(), offer)
        })
    };
    if answers.runtimes.is_none() && flags.runtime.is_none() {
        let offers = offers(offer::runtimes);
        if common(&offers).choices.len() > 1 {
            return Question::Runtime(offers);
        }
    }
    if answers.builders.is_none() && flags.builder.is_none() && flags.version.is_none() {
        let offers = offers(offer::builders);
        if common(&offers).choices.len() > 1 {
            return Question::Builder(offers);
        }
    }
    let few = if planned.len() > 3 { &[][..] } else { planned };
    for one in few {
        let Ok(done) = &one.result else { continue };
        let decided = done.plan.port.is_some() || done.plan.decisions.iter().any(|d| d.topic == "port");
        if !decided && !answers.ports.contains_key(&one.service.claim.dir) {
            return Question::Port {
                dir: one.service.claim.dir.clone(),
                name: one.service.name.clone(),
            };
        }
    }
    if answers.stages.is_none() && flags.stages.is_none() {
        let stages = stages(place, found, few);
        if !stages.is_empty() {
            return Question::Stages(stages);
        }
    }
    Question::Write
}

/// The stages that these services could have, where they have tests: who has none is not asked. Nothing
/// where rdock.toml says which.
fn stages(place: &Place, found: &Found, planned: &[Planned]) -> Vec<(Stage, String)> {
    let mut all: Vec<(Stage, String)> = Vec::new();
    for one in planned.iter().filter(|p| p.result.is_ok()) {
        let dir = &one.service.claim.dir;
        let own = place
            .config
            .settings(&one.service.name, dir, one.service.claim.language);
        if !own.stages().is_empty() {
            return Vec::new();
        }
        let mut asked = one.flags.clone();
        asked.stages = Some(kept(Stage::ALL.to_vec()));
        let Ok(done) = whatif::one(place, found, &one.service, &asked) else {
            continue;
        };
        for stage in Stage::ALL {
            let decision = done.plan.decisions.iter().find(|d| d.topic == stage.name());
            if let Some(decision) = decision.filter(|_| !all.iter().any(|(s, _)| *s == stage)) {
                all.push((stage, decision.value.clone()));
            }
        }
    }
    all.sort_by_key(|(stage, _)| *stage);
    let tests = all.iter().any(|(stage, _)| *stage == Stage::Test);
    if tests { all } else { Vec::new() }
}

impl Question {
    /// Asked of services whose plans stand, so that they can be shown first.
    fn is_about_plans(&self) -> bool {
        matches!(
            self,
            Question::Runtime(_)
                | Question::Builder(_)
                | Question::Port { .. }
                | Question::Stages(_)
                | Question::Write
        )
    }
}

/// The services as they would be without further answers, and what could not be read at all.
fn overview(out: &Output, planned: &[Planned], found: &Found, columns: usize) -> String {
    let mut text = String::new();
    let told = found.warnings.iter().chain(&found.errors);
    for error in told.filter(|e| e.choices.is_none()) {
        text += &format!("{}\n", out.drawn(error, false));
    }
    let plans: Vec<&Done> = planned.iter().filter_map(|p| p.result.as_ref().ok()).collect();
    for done in &plans {
        text += &match plans.len() {
            1..=3 => questions::about(done, columns),
            _ => format!("{}\n", paint(STRONG, &explain::headline(done))),
        };
    }
    text
}

fn common(offers: &Offers) -> Offer {
    Offer::common(
        offers
            .iter()
            .map(|(_, name, o)| (name.clone(), o.clone()))
            .collect(),
    )
}

/// The flag that settles an ambiguity: named with its values, or in the help alone.
fn flag_for(error: &Diagnostic) -> Option<&'static str> {
    if let Some(choices) = &error.choices {
        return Some(choices.flag);
    }
    ["main", "command"]
        .into_iter()
        .find(|flag| error.help.iter().any(|h| h.contains(&format!("--{flag}"))))
}
