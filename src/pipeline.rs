//! The whole way from a tree to files, for one service or for hundreds. Every command is this,
//! stopped early or ended differently.

use crate::amend;
use crate::catalog::catalog;
use crate::config::Config;
use crate::decision::{Because, Decision};
use crate::diagnostic::{Diagnostic, Severity, rules};
use crate::discover::{self, Found, Service};
use crate::lang::{AssetsResult, Claim, Project, Role};
use crate::paths;
use crate::pins::Pins;
use crate::plan::Plan;
use crate::platforms;
use crate::render::{self, File};
use crate::settings::Settings;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of one service. The others go on.
pub struct Outcome {
    pub service: Service,
    pub result: Result<Done, Vec<Diagnostic>>,
}

pub struct Done {
    pub plan: Plan,
    pub files: Vec<File>,
    /// A file of rdock's own that the new ones leave without a use.
    pub obsolete: Option<String>,
    /// `linux/amd64`: what a person wants the image built for.
    pub platforms: Vec<String>,
}

/// Plans and renders every service found, in parallel, in the order of their folders. `flags` win
/// over rdock.toml.
pub fn run(tree: &Tree, config: &Config, found: &Found, flags: &Settings) -> Vec<Outcome> {
    run_with(tree, config, found, flags, &|outcome| outcome)
}

/// [`run`] that keeps of each service what `keep` makes of it, called as soon as it is done: the plans
/// of ten thousand services need more memory than the whole repository.
pub fn run_with<T: Send>(
    tree: &Tree,
    config: &Config,
    found: &Found,
    flags: &Settings,
    keep: &(dyn Fn(Outcome) -> T + Sync),
) -> Vec<T> {
    let mut folders: Vec<&str> = found.claims.iter().map(|c| c.dir.as_str()).collect();
    folders.sort_unstable();
    let alone = |dir: &str| {
        let below = format!("{dir}/");
        let next = folders.partition_point(|f| *f < below.as_str());
        !dir.is_empty() && folders.get(next).is_none_or(|f| !f.starts_with(&below))
    };
    // Services that are still to be planned, by the folder that they share.
    let mut waiting: HashMap<&str, AtomicUsize> = HashMap::new();
    for service in &found.services {
        *waiting.entry(&service.claim.context).or_default().get_mut() += 1;
    }
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(found.services.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(service) = found.services.get(at) else {
                break;
            };
            let result = one(tree, config, &found.claims, service, flags).map_err(|errors| {
                let placed = |error| placed(tree, &service.claim, error);
                errors.into_iter().map(placed).collect()
            });
            let front_ends = match &result {
                Ok(done) => done.plan.front_ends.clone(),
                Err(_) => Vec::new(),
            };
            let kept = keep(Outcome {
                service: service.clone(),
                result,
            });
            // The texts of a repository's sources need more memory than all else.
            let context = service.claim.context.as_str();
            if waiting[context].fetch_sub(1, Ordering::Relaxed) == 1 && !context.is_empty() {
                tree.forget(context);
            } else if alone(&service.claim.dir) {
                tree.forget(&service.claim.dir);
            }
            made.lock()
                .expect("no holder panics")
                .push((at, front_ends, kept));
        }
    };
    let threads = std::thread::available_parallelism()
        .map_or(1, |n| n.get())
        .min(found.services.len());
    if threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let mut made = made.into_inner().expect("no holder panics");
    let claim = |at: usize| &found.services[at].claim;
    made.sort_by(|(a, ..), (b, ..)| (&claim(*a).dir, a).cmp(&(&claim(*b).dir, b)));
    let served: HashSet<String> = made.iter().flat_map(|(_, dirs, _)| dirs.clone()).collect();
    made.into_iter()
        .filter(|(at, ..)| stands_alone(claim(*at), &served))
        .map(|(.., kept)| kept)
        .collect()
}

/// A front end that another service builds and serves is no service of its own.
fn stands_alone(claim: &Claim, served: &HashSet<String>) -> bool {
    claim.role != Role::StaticSite || !served.contains(&claim.dir)
}

/// The services that [`run`] would give, where nothing but their names is wanted: without front ends that
/// others serve. Plans those alone whose build could reach one.
pub fn standing<'a>(tree: &Tree, config: &Config, found: &'a Found) -> Vec<&'a Service> {
    let (sites, programs): (Vec<&Service>, Vec<&Service>) = found
        .services
        .iter()
        .partition(|s| s.claim.role == Role::StaticSite);
    let over_sites: HashSet<&str> = sites
        .iter()
        .flat_map(|s| paths::ancestors(&s.claim.dir))
        .collect();
    let reaches = |s: &&Service| over_sites.contains(s.claim.context.as_str());
    let asked = Found {
        services: programs.into_iter().filter(reaches).cloned().collect(),
        claims: found.claims.clone(),
        ..Found::default()
    };
    let served: HashSet<String> = run_with(tree, config, &asked, &Settings::default(), &|outcome| {
        outcome
            .result
            .map_or_else(|_| Vec::new(), |done| done.plan.front_ends)
    })
    .into_iter()
    .flatten()
    .collect();
    let services = found.services.iter();
    services.filter(|s| stands_alone(&s.claim, &served)).collect()
}

/// `files` of rdock.toml that the build would not see. Rust's context reaches to them.
fn within(service: &Service, settings: &Settings) -> Result<(), Diagnostic> {
    let claim = &service.claim;
    let seen = |file: &&String| {
        let path = paths::join(&claim.dir, file);
        claim.language == "rust" || path.is_some_and(|p| paths::is_under(&p, &claim.context))
    };
    match settings.files.iter().find(|file| !seen(file)) {
        None => Ok(()),
        Some(file) => Err(Diagnostic::error(
            &rules::BAD_SETTING,
            format!(
                "`files` of {} names {file}, which is outside of its build context, {}",
                service.name,
                paths::shown(&claim.context)
            ),
        )
        .help("move it below that folder; what the source itself names in a shared folder above comes along without a setting")),
    }
}

/// One service alone.
///
/// # Errors
/// What keeps it from being planned or rendered.
pub fn one(
    tree: &Tree,
    config: &Config,
    claims: &[Claim],
    service: &Service,
    flags: &Settings,
) -> Result<Done, Vec<Diagnostic>> {
    let settings =
        flags
            .clone()
            .over(&config.settings(&service.name, &service.claim.dir, service.claim.language));
    within(service, &settings).map_err(|e| vec![e])?;
    let assets = |dir: &str| assets(tree, config, claims, dir, &service.claim.context);
    let project = Project {
        tree,
        catalog: catalog(),
        claim: &service.claim,
        settings: &settings,
        context: &service.claim.context,
        assets: &assets,
    };
    let mut plan = (discover::language(service.claim.language).plan)(&project)?;
    plan.name = service.name.clone();
    plan.dir = service.home.clone();
    plan.decisions.splice(0..0, service.language.clone());
    plan.decisions.extend(context(&service.claim));
    amend::amend(&mut plan, &settings, &config.mirrors).map_err(|e| vec![e])?;
    let pins = Pins::read(tree).map_err(|e| vec![e])?;
    let files = render::files(tree, &plan, &pins)?;
    let obsolete = render::obsolete(tree, &plan);
    plan.warnings.extend(pins.missing(&files[0].text));
    let text = &files[0].text;
    let lacking = settings
        .platforms
        .iter()
        .flat_map(|p| platforms::check(catalog(), text, p));
    plan.warnings.extend(lacking);
    let (errors, warnings): (Vec<_>, Vec<_>) = std::mem::take(&mut plan.warnings)
        .into_iter()
        .partition(|d| d.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(errors);
    }
    plan.warnings = warnings;
    let platforms = settings.platforms.map_or(Vec::new(), |p| p.value);
    Ok(Done {
        plan,
        files,
        obsolete,
        platforms,
    })
}

/// Why the build context begins above the service and its workspace.
fn context(claim: &Claim) -> Option<Decision> {
    let Sourced { value, at } = claim.shares.as_ref()?;
    let because = format!(
        "names `{value}`, which is outside of {}",
        paths::shown(&claim.dir)
    );
    Some(Decision {
        topic: "context",
        value: paths::shown(&claim.context).to_string(),
        because: Because::at(at, because),
        over: Vec::new(),
    })
}

/// Largest file in which the place of a value is looked for.
const SMALL: usize = 256 * 1024;

/// An error about a value that cannot be written, at the line that most of the value's words stand on: of
/// rdock.toml, the manifest, and what else is in their folder. A value has come a long way from there and
/// has lost its place. Where no line has any of them, it is the manifest as a whole.
fn placed(tree: &Tree, claim: &Claim, error: Diagnostic) -> Diagnostic {
    if error.rule != &rules::UNESCAPABLE || error.at.is_some() {
        return error;
    }
    let value = error.title.split('`').nth(1).unwrap_or("");
    // What a reader of the title sees as `\n` or `\u{7}` is written in many ways.
    let words: Vec<&str> = value
        .split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)))
        .filter(|word| word.len() > 1)
        .collect();
    let manifest = claim.manifest.file();
    let beside = tree.files_in(&claim.dir).filter(|f| *f != manifest);
    let files = [crate::config::FILE, manifest].into_iter().chain(beside);
    let mut best: Option<(usize, Location)> = None;
    for source in files
        .filter_map(|f| tree.text(f))
        .filter(|s| s.text.len() <= SMALL)
    {
        for line in source.text.lines() {
            let score = words.iter().filter(|w| line.contains(**w)).map(|w| w.len()).sum();
            if score > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((score, Location::of(&source, line.trim())));
            }
        }
    }
    let at = best.map_or_else(|| tree.place(manifest), |(_, at)| at);
    error.at(at, "")
}

fn assets(tree: &Tree, config: &Config, claims: &[Claim], dir: &str, context: &str) -> Option<AssetsResult> {
    let (language, claim) = discover::front_end(claims, dir)?;
    let build = language.assets?;
    // The members of a workspace look at one another.
    let planned = tree.once_at(&format!("{dir}:{context}"), || {
        let settings = config.settings("", dir, claim.language);
        let none = |_: &str| None;
        build(&Project {
            tree,
            catalog: catalog(),
            claim,
            settings: &settings,
            context,
            assets: &none,
        })
    });
    Some((*planned).clone())
}
