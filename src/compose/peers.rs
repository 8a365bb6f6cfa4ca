//! Variables that name another service of the repository: `CATALOGUE_HOST`, `PRODUCT_CATALOG_SERVICE_ADDR`.

use super::App;
use crate::paths;

/// What of the other service's place a variable holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Url,
    /// `host:port`
    Address,
    Host,
    Port,
}

/// What a name ends with, after the words for the service.
const ENDINGS: &[(&str, Part)] = &[
    ("_ADDR", Part::Address),
    ("_ADDRESS", Part::Address),
    ("_BASE_URL", Part::Url),
    ("_HOST", Part::Host),
    ("_HOSTNAME", Part::Host),
    ("_PORT", Part::Port),
    ("_URI", Part::Url),
    ("_URL", Part::Url),
];

/// Services whose address in a variable is the one that people type: links in letters, allowed origins.
const FACES: &[&str] = &[
    "client",
    "dashboard",
    "frontend",
    "site",
    "ui",
    "web",
    "webapp",
    "website",
];

/// Words for the program itself: `APP_PORT` is its own.
const OWN: &[&str] = &["app", "grpc", "http", "server", "service"];

fn split(name: &str) -> Option<(String, Part)> {
    let (words, part) = ENDINGS
        .iter()
        .filter_map(|(ending, part)| Some((name.strip_suffix(ending)?, *part)))
        .min_by_key(|(words, _)| words.len())?;
    Some((plain(words), part)).filter(|(words, _)| !words.is_empty() && !OWN.contains(&words.as_str()))
}

/// `product-catalog-service` and `PRODUCT_CATALOG` are one name.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let short = ["service", "svc"].iter().find_map(|end| name.strip_suffix(end));
    short.filter(|s| !s.is_empty()).unwrap_or(&name).to_string()
}

/// Could the variable name another service?
pub fn may_name_one(variable: &str) -> bool {
    split(variable).is_some()
}

/// The value of a variable that names another service; `example` is what stands for it now.
pub fn value(app: &App, apps: &[App], variable: &str, example: &str) -> Option<String> {
    let (words, part) = split(variable)?;
    let others = || apps.iter().filter(|other| other.claim.dir != app.claim.dir);
    let whole = |other: &&App| {
        let names = [other.plan.name.as_str(), paths::base(&other.claim.dir)];
        names.iter().any(|name| plain(name) == words)
    };
    // `EMOJISVC_HOST` in a repository whose services are called `emojivoto-emoji-svc`.
    let ending = |other: &&App| {
        let name = other.plan.name.as_str();
        let mut ends = name.match_indices('-').map(|(at, _)| &name[at + 1..]);
        ends.any(|end| plain(end) == words)
    };
    let only = |fits: &dyn Fn(&&App) -> bool| {
        let mut found = others().filter(|o| fits(o));
        found.next().filter(|_| found.next().is_none())
    };
    let other = only(&whole).or_else(|| only(&ending))?;
    if matches!(part, Part::Url | Part::Port) && FACES.contains(&words.as_str()) {
        return None;
    }
    let host = &other.plan.name;
    let port = other.plan.port;
    Some(match part {
        Part::Host => host.clone(),
        Part::Port => port?.to_string(),
        Part::Address => format!("{host}:{}", port?),
        Part::Url => {
            let (scheme, rest) = example.split_once("://").unwrap_or(("http", ""));
            let scheme = if scheme == "https" { "http" } else { scheme };
            let path = rest.find('/').map_or("", |at| &rest[at..]);
            let awkward = |c: char| c.is_control() || c.is_whitespace() || "$\"'\\`{}".contains(c);
            if scheme.contains(awkward) || path.contains(awkward) {
                return None;
            }
            format!("{scheme}://{host}:{}{path}", port?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_service_and_what_of_its_place_is_meant() {
        for (name, want) in [
            (
                "PRODUCT_CATALOG_SERVICE_ADDR",
                Some(("productcatalog", Part::Address)),
            ),
            ("CATALOGUE_HOST", Some(("catalogue", Part::Host))),
            ("EMOJISVC_HOST", Some(("emoji", Part::Host))),
            ("AI_SERVICE_URL", Some(("ai", Part::Url))),
            ("ORDERS_BASE_URL", Some(("orders", Part::Url))),
            ("URL", None),
            ("APP_PORT", None),
            ("LOG_LEVEL", None),
        ] {
            let want = want.map(|(words, part)| (words.to_string(), part));
            assert_eq!(split(name), want, "{name}");
        }
    }
}
