//! Two manifests in one folder: the named rules that decide which of them is the service.

use crate::config::Config;
use crate::decision::{Because, Decision, Rejected};
use crate::diagnostic::{Diagnostic, rules};
use crate::lang::{Claim, Role};
use crate::manifest::command;
use crate::paths;
use crate::tree::Tree;

/// Programs that start a service, and the language whose service it then is.
const STARTERS: &[(&str, &str)] = &[
    ("bun", "node"),
    ("daphne", "python"),
    ("flask", "python"),
    ("gunicorn", "python"),
    ("hypercorn", "python"),
    ("java", "java"),
    ("node", "node"),
    ("npm", "node"),
    ("npx", "node"),
    ("pipenv", "python"),
    ("pnpm", "node"),
    ("poetry", "python"),
    ("python", "python"),
    ("python3", "python"),
    ("streamlit", "python"),
    ("uv", "python"),
    ("uvicorn", "python"),
    ("waitress-serve", "python"),
    ("yarn", "node"),
];

/// The claim that counts, and where there was a choice the reason for it. In this order: rdock.toml
/// or a flag; a program over static files over tools; the program that the Procfile starts.
///
/// # Errors
/// Several programs, and nothing that chooses.
pub fn settle(
    tree: &Tree,
    config: &Config,
    mut claims: Vec<Claim>,
) -> Result<(Claim, Option<Decision>), Diagnostic> {
    if claims.len() == 1 {
        return Ok((claims.swap_remove(0), None));
    }
    let dir = claims[0].dir.clone();
    if let Some(given) = config.language_of(&dir) {
        let because = &given.because;
        if let Some(chosen) = only(&claims, |c| c.language == given.value) {
            return Ok(decided(
                &claims,
                chosen,
                because.clone(),
                "rdock.toml names another",
            ));
        }
    }
    let rank = |c: &Claim| match c.role {
        Role::Program => 0,
        Role::StaticSite => 1,
        Role::Tooling => 2,
    };
    claims.sort_by_key(rank);
    let best = rank(&claims[0]);
    let equal: Vec<Claim> = claims.iter().filter(|c| rank(c) == best).cloned().collect();
    if let [chosen] = equal.as_slice() {
        let because = match chosen.role {
            Role::Program => "is the manifest of a program",
            Role::StaticSite | Role::Tooling => "is the manifest of static files",
        };
        let because = Because::at(&chosen.manifest, because);
        let why = "no program of its own in this folder";
        return Ok(decided(&claims, chosen.clone(), because, why));
    }
    if let Some((language, because)) = procfile(tree, &dir)
        && let Some(chosen) = only(&equal, |c| c.language == language)
    {
        return Ok(decided(&claims, chosen, because, "the Procfile starts another"));
    }
    Err(ambiguous(&dir, &equal))
}

fn only(claims: &[Claim], fits: impl Fn(&Claim) -> bool) -> Option<Claim> {
    let mut fitting = claims.iter().filter(|c| fits(c));
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.clone())
}

/// Tools beside a program are so common that no word is lost about them.
fn decided(claims: &[Claim], chosen: Claim, because: Because, why: &str) -> (Claim, Option<Decision>) {
    let over: Vec<Rejected> = claims
        .iter()
        .filter(|c| c.language != chosen.language && c.role != Role::Tooling)
        .map(|c| Rejected::possible(super::language(c.language).name, why))
        .collect();
    let decision = (!over.is_empty()).then(|| Decision {
        topic: "language",
        value: super::language(chosen.language).name.to_string(),
        because,
        over,
    });
    (chosen, decision)
}

/// The language of the program that `web:` starts.
fn procfile(tree: &Tree, dir: &str) -> Option<(&'static str, Because)> {
    let path = paths::join(dir, "Procfile")?;
    let processes = command::procfile(&tree.text(&path)?);
    let (_, web) = processes.into_iter().find(|(name, _)| name == "web")?;
    let words = command::parse(&web.value)?.words;
    let (starter, language) = STARTERS.iter().find(|(s, _)| *s == paths::base(&words[0]))?;
    Some((
        *language,
        Because::at(&web.at, format!("starts it with `{starter}`")),
    ))
}

fn ambiguous(dir: &str, equal: &[Claim]) -> Diagnostic {
    let list: Vec<String> = equal
        .iter()
        .map(|c| format!("{} ({})", super::language(c.language).name, c.manifest))
        .collect();
    let flags: Vec<String> = equal
        .iter()
        .map(|c| format!("--language {}", c.language))
        .collect();
    Diagnostic::error(
        &rules::AMBIGUOUS,
        format!(
            "{} holds programs of several languages: {}",
            paths::shown(dir),
            list.join(", ")
        ),
    )
    .at(equal[0].manifest.clone(), "")
    .choices("language", equal.iter().map(|c| c.language))
    .help(format!(
        "choose with {}, or with `language = \"…\"` in rdock.toml",
        flags.join(" or ")
    ))
}
