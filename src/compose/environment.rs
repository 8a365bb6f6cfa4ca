//! The variables that a service reads: its `.env.example`, and the names in its source.

use super::{peers, variables};
use crate::lang;
use crate::manifest::dotenv;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SOURCES: &[&str] = &[
    "cjs",
    "cts",
    "go",
    "groovy",
    "java",
    "js",
    "jsx",
    "kt",
    "mjs",
    "mts",
    "prisma",
    "properties",
    "py",
    "rs",
    "scala",
    "ts",
    "tsx",
    "vue",
    "yaml",
    "yml",
];
/// Files of one service that are looked through.
const MAX_FILES: usize = 3_000;
const MAX_BYTES: usize = 512 * 1024;

/// Paths at which programs say that they are well, likeliest first.
const HEALTH_PATHS: &[&str] = &[
    "/healthz",
    "/livez",
    "/health/live",
    "/health",
    "/api/healthz",
    "/api/health",
    "/actuator/health",
    "/-/healthy",
    "/readyz",
    "/up",
    "/ping",
];

/// What a service's sources show.
#[derive(Default)]
pub struct Reads {
    /// The variables of the example, with the values there.
    pub example: BTreeMap<String, Sourced<String>>,
    /// Variables that the code reads and that mean part of a connection, with the first place.
    pub code: BTreeMap<String, Location>,
    /// Variables that the code reads and that may name another service.
    pub peers: BTreeSet<String>,
    /// The path of a health check, where the code has one of the usual.
    pub health: Option<Sourced<&'static str>>,
    /// The provider of a Prisma schema's datasource: `postgresql`.
    pub provider: Option<Sourced<String>>,
}

/// `others` are the folders of other services, which are not looked into.
pub fn reads(tree: &Tree, dir: &str, context: &str, others: &[&str]) -> Reads {
    let example = paths::ancestors(dir)
        .find_map(|dir| {
            dotenv::SAMPLES
                .iter()
                .find_map(|name| tree.text(&paths::join(dir, name)?))
        })
        .map(|source| {
            dotenv::variables(&source)
                .map(|(n, v)| (n.to_string(), v))
                .collect()
        })
        .unwrap_or_default();
    let mut reads = Reads {
        example,
        ..Reads::default()
    };
    let files = tree.under(context).filter(|path| {
        let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
        SOURCES.contains(&extension)
            && !others
                .iter()
                .any(|o| paths::is_under(path, o) && !paths::is_under(dir, o))
            && !paths::relative(path, context)
                .split('/')
                .any(|part| lang::is_no_service(part) || part.starts_with('.'))
            && !is_test(paths::base(path))
            && (!extension.starts_with('y') || is_configuration(paths::base(path)))
    });
    for source in files.take(MAX_FILES).filter_map(|path| tree.text(path)) {
        if source.text.len() <= MAX_BYTES {
            look(&source, paths::is_under(&source.path, dir), &mut reads);
        }
    }
    reads
}

fn is_test(file: &str) -> bool {
    file.contains("_test.") || file.contains(".test.") || file.contains(".spec.") || file.starts_with("test_")
}

/// YAML that a program reads itself, unlike that of tools around it.
fn is_configuration(file: &str) -> bool {
    let starts = ["application", "bootstrap", "config", "default", "settings"];
    starts.iter().any(|start| file.starts_with(start))
}

/// `NAME=value` lines; comments and lines of another shape are left out.
fn look(source: &Arc<Source>, own: bool, reads: &mut Reads) {
    // Pydantic reads the fields of a settings class by their names.
    if source.path.ends_with(".prisma") && reads.provider.is_none() {
        reads.provider = provider(source);
    }
    let settings_class = source.path.ends_with(".py") && source.text.contains("BaseSettings");
    for line in source.text.lines() {
        if own && let Some(path) = health(line) {
            let rank = |p: &str| HEALTH_PATHS.iter().position(|h| *h == p);
            let better = |old: &Sourced<&str>| rank(path) < rank(old.value);
            if reads.health.as_ref().is_none_or(better) {
                reads.health = Some(Sourced::new(path, Location::of(source, line)));
            }
        }
        let lower = line.to_ascii_lowercase();
        if lower.contains("env") || line.contains("${") || lower.contains("config(") {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for word in words.filter(|w| is_variable(w)) {
                note(reads, word.to_string(), source, line);
                if is_read(line, word) && peers::may_name_one(word) {
                    reads.peers.insert(word.to_string());
                }
            }
        }
        if settings_class
            && let Some((field, _)) = line.trim_start().split_once(':')
            && line.starts_with([' ', '\t'])
            && dotenv::is_name(field.trim())
        {
            note(reads, field.trim().to_uppercase(), source, line);
        }
    }
}

/// `provider = "postgresql"` in the block `datasource`; a generator has one too.
fn provider(source: &Arc<Source>) -> Option<Sourced<String>> {
    let mut inside = false;
    source.text.lines().find_map(|line| {
        let text = line.trim();
        inside = (inside || text.starts_with("datasource ")) && text != "}";
        let value = text.strip_prefix("provider").filter(|_| inside)?;
        let value = value.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?;
        let name = value.split('"').next()?;
        Some(Sourced::new(name.to_string(), Location::of(source, line)))
    })
}

fn is_variable(word: &str) -> bool {
    let good = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    word.len() > 3 && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().all(good)
}

/// Does the word stand where a variable of the environment does: in quotes, or as in `env.NAME` and `${NAME}`? A
/// constant may have such a name too.
fn is_read(line: &str, word: &str) -> bool {
    let before = |at: usize| line[..at].chars().next_back();
    line.match_indices(word)
        .any(|(at, _)| before(at).is_some_and(|c| "\"'`.{[".contains(c)))
}

fn note(reads: &mut Reads, name: String, source: &Arc<Source>, line: &str) {
    if variables::meaning(&name).is_some() {
        let at = || Location::of(source, line);
        reads.code.entry(name).or_insert_with(at);
    }
}

/// A usual path as a whole string of the line, or after a method as in `"GET /healthz"`.
fn health(line: &str) -> Option<&'static str> {
    let strings = line.split(['"', '\'', '`']).skip(1).step_by(2);
    strings
        .map(|s| s.strip_prefix("GET ").unwrap_or(s))
        .find_map(|s| HEALTH_PATHS.iter().copied().find(|h| *h == s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pairs: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::from_pairs(pairs.iter().copied());
        reads(&tree, "", "", &[]).code.into_keys().collect()
    }

    #[test]
    fn the_names_that_code_reads_are_found_in_every_language() {
        for (file, line) in [
            ("a.go", "os.Getenv(\"DATABASE_URL\")"),
            ("a.go", "type C struct { U string `envconfig:\"DATABASE_URL\"` }"),
            ("a.ts", "new Pool({ connectionString: process.env.DATABASE_URL })"),
            ("a.py", "url = os.environ[\"DATABASE_URL\"]"),
            ("a.py", "url = config(\"DATABASE_URL\", cast=str)"),
            ("s.py", "class S(BaseSettings):\n    database_url: str"),
            ("a.rs", "std::env::var(\"DATABASE_URL\")"),
            ("A.java", "System.getenv(\"DATABASE_URL\")"),
            ("application.yml", "url: ${DATABASE_URL:x}"),
            ("schema.prisma", "url = env(\"DATABASE_URL\")"),
        ] {
            assert_eq!(names(&[(file, line)]), ["DATABASE_URL"], "{line}");
        }
        assert!(names(&[("a_test.go", "os.Getenv(\"DATABASE_URL\")")]).is_empty());
        assert!(names(&[("a.go", "const DATABASE_URL = 1")]).is_empty());
    }

    #[test]
    fn a_schema_of_prisma_names_its_database() {
        let text = "generator client {\n  provider = \"prisma-client\"\n}\n\ndatasource db {\n  provider = \"mysql\"\n}\n";
        let tree = Tree::from_pairs([("prisma/schema.prisma", text)]);
        let found = reads(&tree, "", "", &[]).provider.unwrap();
        assert_eq!((found.value.as_str(), found.at.line()), ("mysql", Some(6)));
    }

    #[test]
    fn the_likeliest_health_path_wins() {
        let tree = Tree::from_pairs([(
            "a.go",
            "h(\"/ping\")\nh(\"GET /healthz\")\nh(\"/health-insurance\")\n",
        )]);
        let found = reads(&tree, "", "", &[]).health.unwrap();
        assert_eq!((found.value, found.at.line()), ("/healthz", Some(2)));
    }
}
