//! rdock.toml: what a person decided that no detection could find out. Read with places, so that an
//! unknown key is an error at its line with the nearest known one.

mod extra;
mod keys;

pub use keys::{KEYS, Key, Kind, TABLES};

use crate::decision::Because;
use crate::diagnostic::{Diagnostic, rules};
use crate::manifest::doc::{self, Entry, Node, Value};
use crate::settings::{Cache, Given, Runtime, Settings, Stage};
use crate::source::Sourced;
use crate::tree::Tree;
use clap::ValueEnum;
use std::collections::BTreeMap;

/// The file's name, at the repository root.
pub const FILE: &str = "rdock.toml";

#[derive(Clone, Debug, Default)]
pub struct Config {
    pub services: Vec<ServiceConfig>,
    /// `[defaults]`: for every service that does not say otherwise.
    pub defaults: Settings,
    /// `[defaults.python]`: for every service of a language, over `[defaults]`.
    pub by_language: Vec<(Sourced<String>, Settings)>,
    /// `docker.io` → `registry.example.com/hub`.
    pub mirrors: BTreeMap<String, String>,
    /// Positions in `services`, by path and by the name of those without.
    by_path: BTreeMap<String, usize>,
    by_name: BTreeMap<String, usize>,
}

#[derive(Clone, Debug, Default)]
pub struct ServiceConfig {
    pub name: String,
    /// From the root; `None` where the name alone says which.
    pub path: Option<String>,
    pub skip: bool,
    pub settings: Settings,
}

impl Config {
    /// rdock.toml of the tree; an absent file is an empty configuration.
    ///
    /// # Errors
    /// Not TOML, an unknown key, or a value of the wrong kind.
    pub fn read(tree: &Tree) -> Result<Self, Diagnostic> {
        let Some(source) = tree.read(FILE)? else {
            return Ok(Self::default());
        };
        let root = doc::toml(&source)?;
        let mut config = Config::default();
        for entry in root.entries() {
            match entry.key.as_str() {
                "defaults" => config.read_defaults(entry)?,
                "services" => {
                    for entry in table(entry)? {
                        config.add(service(entry, &[]).and_then(|service| named(service, entry))?);
                    }
                }
                "mirrors" => config.mirrors = extra::mirrors(entry)?,
                _ => {
                    let tables: Vec<&str> = TABLES.iter().map(|t| t.0).collect();
                    return Err(unknown(entry, &tables));
                }
            }
        }
        Ok(config)
    }

    fn add(&mut self, service: ServiceConfig) {
        let at = self.services.len();
        match &service.path {
            Some(path) => self.by_path.entry(path.clone()).or_insert(at),
            None => self.by_name.entry(service.name.clone()).or_insert(at),
        };
        self.services.push(service);
    }

    /// `[defaults]` holds settings, and a table for each language.
    fn read_defaults(&mut self, defaults: &Entry) -> Result<(), Diagnostic> {
        let is_language = |e: &&Entry| e.node.is_table() && !KEYS.iter().any(|k| k.name == e.key);
        for entry in table(defaults)?.iter().filter(is_language) {
            let name = Sourced::new(entry.key.clone(), entry.key_at.clone());
            self.by_language.push((name, service(entry, BY_NAME)?.settings));
        }
        let own = table(defaults)?.iter().filter(|e| !is_language(e));
        self.defaults = read_service(&defaults.key, own, BY_NAME)?.settings;
        Ok(())
    }

    /// Every language that the file names is one of `known`.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_languages(&self, known: &[&str]) -> Result<(), Diagnostic> {
        let tables = self
            .by_language
            .iter()
            .map(|(name, _)| (&name.value, Some(&name.at)));
        let all = std::iter::once(&self.defaults).chain(self.services.iter().map(|s| &s.settings));
        let given = all
            .filter_map(|s| s.language.as_ref())
            .map(|g| (&g.value, g.because.at.as_ref()));
        match tables
            .chain(given)
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some((name, at)) => {
                let error = Diagnostic::error(
                    &rules::BAD_SETTING,
                    format!("`{name}` is no language that rdock knows"),
                );
                let error = match at {
                    Some(at) => error.at(at.clone(), ""),
                    None => error,
                };
                Err(error.help(format!("the languages are: {}", known.join(", "))))
            }
        }
    }

    /// The configured service whose `path` is this folder.
    pub fn service_at(&self, dir: &str) -> Option<&ServiceConfig> {
        self.by_path.get(dir).map(|at| &self.services[*at])
    }

    /// The configured service of this name, where it does not say its path.
    fn service_named(&self, name: &str) -> Option<&ServiceConfig> {
        self.by_name.get(name).map(|at| &self.services[*at])
    }

    pub fn skips(&self, dir: &str) -> bool {
        self.service_at(dir).is_some_and(|s| s.skip)
    }

    /// Is a service without `path` of this name left out?
    pub fn skips_name(&self, name: &str) -> bool {
        self.service_named(name).is_some_and(|s| s.skip)
    }

    pub fn language_of(&self, dir: &str) -> Option<&Given<String>> {
        let given = self.service_at(dir).and_then(|s| s.settings.language.as_ref());
        given.or(self.defaults.language.as_ref())
    }

    /// The settings of a service: its own keys over `[defaults.LANGUAGE]` over `[defaults]`.
    pub fn settings(&self, name: &str, dir: &str, language: &str) -> Settings {
        let own = self.service_at(dir).or_else(|| self.service_named(name));
        let general = match self.by_language.iter().find(|(l, _)| l.value == language) {
            Some((_, settings)) => settings.clone().over(&self.defaults),
            None => self.defaults.clone(),
        };
        match own {
            Some(service) => service.settings.clone().over(&general),
            None => general,
        }
    }
}

fn wrong(node: &Node, key: &str, want: &str) -> Diagnostic {
    Diagnostic::error(&rules::BAD_SETTING, format!("`{key}` wants {want}"))
        .at(node.at.clone(), "")
        .help(match KEYS.iter().find(|k| k.name == key) {
            Some(known) => format!("write for example `{}`", known.example),
            None => format!("give `{key}` {want}"),
        })
}

fn unknown(entry: &Entry, known: &[&str]) -> Diagnostic {
    let near = known
        .iter()
        .map(|k| (strsim::normalized_damerau_levenshtein(k, &entry.key), k))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let error = Diagnostic::error(
        &rules::BAD_SETTING,
        format!("`{}` is no key that rdock knows here", entry.key),
    )
    .at(entry.key_at.clone(), "");
    // `packages` is a part of two keys, and `env` of `environment`.
    let part = |k: &&&str| entry.key.len() > 2 && (k.contains(&entry.key) || entry.key.contains(**k));
    let parts: Vec<String> = known.iter().filter(part).map(|k| format!("`{k}`")).collect();
    match near {
        Some((score, key)) if score > 0.5 && parts.len() < 2 => error.help(format!("did you mean `{key}`?")),
        _ if !parts.is_empty() => error.help(format!("did you mean {}?", parts.join(" or "))),
        _ => error.help(format!("the keys are: {}", known.join(", "))),
    }
}

fn table(entry: &Entry) -> Result<&[Entry], Diagnostic> {
    if entry.node.is_table() {
        Ok(entry.node.entries())
    } else {
        Err(wrong(&entry.node, &entry.key, "a table"))
    }
}

fn string(entry: &Entry) -> Result<Sourced<String>, Diagnostic> {
    let text = entry
        .node
        .as_str()
        .ok_or_else(|| wrong(&entry.node, &entry.key, "a string"))?;
    Ok(Sourced::new(text.to_string(), entry.node.at.clone()))
}

fn list(entry: &Entry) -> Result<Vec<String>, Diagnostic> {
    let wrong = || wrong(&entry.node, &entry.key, "a list of strings");
    match &entry.node.value {
        Value::List(items) => items
            .iter()
            .map(|n| n.as_str().map(str::to_string).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

fn map(entry: &Entry) -> Result<BTreeMap<String, String>, Diagnostic> {
    let pairs = table(entry)?.iter().map(|e| match e.node.scalar() {
        Some(value) => Ok((e.key.clone(), value)),
        None => Err(wrong(&e.node, &e.key, "a string")),
    });
    pairs.collect()
}

fn choice<T: ValueEnum>(entry: &Entry, words: &str) -> Result<T, Diagnostic> {
    T::from_str(&string(entry)?.value, false).map_err(|_| wrong(&entry.node, &entry.key, words))
}

fn stages(entry: &Entry, words: &str, fits: fn(Stage) -> bool) -> Result<Vec<Stage>, Diagnostic> {
    let wrong = || wrong(&entry.node, &entry.key, words);
    let stage = |name: &String| Stage::from_str(name, false).ok().filter(|s| fits(*s));
    let mut all = list(entry)
        .map_err(|_| wrong())?
        .iter()
        .map(|name| stage(name).ok_or_else(wrong))
        .collect::<Result<Vec<_>, _>>()?;
    all.sort();
    all.dedup();
    Ok(all)
}

/// `linux/amd64`, `linux/arm/v7`.
fn platforms(entry: &Entry) -> Result<Vec<String>, Diagnostic> {
    let all = list(entry)?;
    let good = |p: &String| {
        let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric());
        (2..=3).contains(&p.split('/').count()) && p.split('/').all(word)
    };
    match all.iter().all(good) {
        true => Ok(all),
        false => Err(wrong(&entry.node, &entry.key, "platforms such as linux/amd64")),
    }
}

fn given<T>(entry: &Entry, value: T) -> Given<T> {
    Given {
        value,
        because: Because::at(&entry.key_at, "asks for it"),
    }
}

/// A service's name is its image's too, and stands in the command that builds it.
fn named(service: ServiceConfig, entry: &Entry) -> Result<ServiceConfig, Diagnostic> {
    let name = crate::escape::image_name(&entry.key);
    if name == entry.key {
        return Ok(service);
    }
    Err(Diagnostic::error(
        &rules::BAD_SETTING,
        format!(
            "`{}` is no name of a service, as it is none of an image",
            entry.key.escape_debug()
        ),
    )
    .at(entry.key_at.clone(), "")
    .help(format!(
        "write `[services.{name}]`, with `path` where its folder is another"
    )))
}

/// Keys that say which service is meant, and so have no place among defaults.
const BY_NAME: &[&str] = &["path", "skip"];

fn service(entry: &Entry, refused: &[&str]) -> Result<ServiceConfig, Diagnostic> {
    read_service(&entry.key, table(entry)?, refused)
}

fn read_service<'a>(
    name: &str,
    entries: impl IntoIterator<Item = &'a Entry>,
    refused: &[&str],
) -> Result<ServiceConfig, Diagnostic> {
    let mut service = ServiceConfig {
        name: name.to_string(),
        ..Default::default()
    };
    let settings = &mut service.settings;
    for entry in entries {
        if refused.contains(&entry.key.as_str()) {
            return Err(unknown(entry, &known(refused)));
        }
        match entry.key.as_str() {
            "path" => {
                let path = string(entry)?;
                let inside = crate::paths::join("", &path.value);
                service.path =
                    Some(inside.ok_or_else(|| wrong(&entry.node, "path", "a folder of the repository"))?);
            }
            "skip" => {
                service.skip = entry
                    .node
                    .as_bool()
                    .ok_or_else(|| wrong(&entry.node, "skip", "true or false"))?
            }
            "language" => settings.language = Some(given(entry, string(entry)?.value)),
            "runtime" => {
                let words = "scratch, alpine, slim, distroless or jre";
                settings.runtime = Some(given(entry, choice::<Runtime>(entry, words)?));
            }
            "cache" => settings.cache = Some(given(entry, choice::<Cache>(entry, "mount or layer")?)),
            "aot" => {
                let on = entry.node.as_bool();
                let on = on.ok_or_else(|| wrong(&entry.node, "aot", "true or false"))?;
                settings.aot = Some(given(entry, on));
            }
            "jlink" => {
                let words = "true, false or a list of modules";
                let more = match entry.node.as_bool() {
                    Some(on) => on.then(Vec::new),
                    None => Some(list(entry).map_err(|_| wrong(&entry.node, "jlink", words))?),
                };
                settings.jlink = Some(given(entry, more));
            }
            "builder" => {
                let image = string(entry)?.value;
                let name = |_| wrong(&entry.node, "builder", "the name of an image with its tag");
                crate::escape::image(&image).map_err(name)?;
                settings.builder = Some(given(entry, image));
            }
            "version" => {
                let version = entry
                    .node
                    .scalar()
                    .ok_or_else(|| wrong(&entry.node, "version", "a string"))?;
                settings.version = Some(given(entry, version));
            }
            "port" => {
                let port = entry
                    .node
                    .scalar()
                    .and_then(|p| p.parse::<u16>().ok())
                    .filter(|p| *p > 0);
                let port = port.ok_or_else(|| wrong(&entry.node, "port", "a number from 1 to 65535"))?;
                settings.port = Some(given(entry, port));
            }
            "command" => settings.command = Some(given(entry, command(entry)?)),
            "main" => settings.main = Some(given(entry, string(entry)?.value)),
            "stages" => {
                let words = "a list of test, dev, debug and scan";
                settings.stages = Some(given(entry, stages(entry, words, |_| true)?));
            }
            "gate" => {
                let words = "a list of test and scan";
                settings.gate = Some(given(entry, stages(entry, words, Stage::proves)?));
            }
            "platforms" => settings.platforms = Some(given(entry, platforms(entry)?)),
            "build-packages" => settings.build_packages = list(entry)?,
            "runtime-packages" => settings.runtime_packages = list(entry)?,
            "args" => settings.args = map(entry)?,
            "env" => settings.env = map(entry)?,
            "labels" => settings.labels = map(entry)?,
            "files" => settings.files = list(entry)?,
            "secrets" => settings.secrets = extra::secrets(entry)?,
            "lines" => settings.lines = extra::lines(entry)?,
            _ => return Err(unknown(entry, &known(refused))),
        }
    }
    Ok(service)
}

fn known(refused: &[&str]) -> Vec<&'static str> {
    KEYS.iter()
        .map(|k| k.name)
        .filter(|n| !refused.contains(n))
        .collect()
}

fn command(entry: &Entry) -> Result<Vec<String>, Diagnostic> {
    let words = match entry.node.as_str() {
        Some(text) => crate::manifest::command::parse(text)
            .filter(|c| c.env.is_empty())
            .map(|c| c.words),
        None => Some(list(entry)?),
    };
    words.filter(|w| !w.is_empty()).ok_or_else(|| {
        wrong(
            &entry.node,
            "command",
            "a program and its arguments; a shell's syntax needs an explicit `sh -c`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Diagnostic> {
        Config::read(&Tree::from_pairs([(FILE, text)]))
    }

    #[test]
    fn a_service_takes_its_own_keys_before_the_defaults() {
        let config =
            read("[defaults]\nport = 1\nruntime = \"slim\"\n[services.api]\npath = \"a\"\nport = 2\n")
                .unwrap();
        let settings = config.settings("api", "a", "go");
        assert_eq!(settings.port.unwrap().value, 2);
        assert_eq!(settings.runtime.unwrap().value, Runtime::Slim);
        assert_eq!(config.settings("other", "b", "go").port.unwrap().value, 1);
    }

    #[test]
    fn a_language_has_defaults_of_its_own() {
        let config = read(
            "[defaults]\nport = 1\ncache = \"layer\"\n[defaults.python]\nport = 2\n[services.api]\npath = \"a\"\n",
        )
        .unwrap();
        assert_eq!(config.settings("api", "a", "python").port.unwrap().value, 2);
        assert_eq!(config.settings("api", "a", "python").cache(), Cache::Layer);
        assert_eq!(config.settings("api", "a", "go").port.unwrap().value, 1);
        let error = config.check_languages(&["go"]).unwrap_err();
        assert_eq!(error.at.unwrap().line(), Some(4));
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        let error = read("[services.api]\nruntme = \"slim\"\n").unwrap_err();
        assert_eq!(error.help, ["did you mean `runtime`?"]);
        assert_eq!(error.at.unwrap().line(), Some(2));
        let error = read("[services.api]\nenvironment = {}\n").unwrap_err();
        assert_eq!(error.help, ["did you mean `env`?"]);
        let error = read("[services.api]\npackages = []\n").unwrap_err();
        assert_eq!(
            error.help,
            ["did you mean `build-packages` or `runtime-packages`?"]
        );
    }

    #[test]
    fn every_key_has_an_example_that_is_read() {
        for key in KEYS {
            read(&format!("[services.x]\n{}\n", key.example))
                .unwrap_or_else(|e| panic!("{}: {}", key.name, e.title));
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_an_error_at_its_place() {
        for text in [
            "port = 0",
            "port = \"x\"",
            "runtime = \"ubuntu\"",
            "command = \"a && b\"",
            "path = \"../x\"",
            "env = 1",
            "stages = [\"prod\"]",
            "stages = \"test\"",
            "gate = [\"dev\"]",
            "platforms = [\"arm64\"]",
            "secrets = { a = { env = \"x y\" } }",
            "secrets = { a = { file = \"x\" } }",
            "lines = { \"build\" = \"RUN x\" }",
            "lines = { \"build.end\" = \"FROM x\" }",
            "lines = { \"build.end\" = \"RUN x \\\\\" }",
        ] {
            let error = read(&format!("[services.x]\n{text}\n")).unwrap_err();
            assert_eq!(error.at.unwrap().line(), Some(2), "{text}");
        }
    }
}
