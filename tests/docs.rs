//! The pages that are made from the code, and the links between all pages. `UPDATE_DOCS=1` writes
//! the made ones anew.

use rdock::config::{KEYS, Kind};
use rdock::lang;
use std::fs;
use std::path::{Path, PathBuf};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn page(name: &str, wanted: &str) {
    let path = home().join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        is == wanted,
        "docs/{name} is not current; `UPDATE_DOCS=1 cargo test --test docs` writes it"
    );
}

#[test]
fn the_page_of_the_rules_is_current() {
    let mut text = String::from(
        "# Rules\n\nEvery error and warning names its rule. `rdock explain RD101` prints a rule's page; this is all of\nthem. Made from the code by `UPDATE_DOCS=1 cargo test --test docs`.\n",
    );
    let mut rules: Vec<_> = rdock::cli::all_rules().collect();
    rules.sort_by_key(|r| r.id);
    let owner = |id: &str| {
        let of = lang::ALL.iter().find(|l| l.rules.iter().any(|r| r.id == id));
        match of {
            Some(language) => language.name,
            None if id.starts_with("RD0") => "Reading the project",
            None if id.starts_with("RD1") => "Planning and writing",
            None => "Existing Dockerfiles",
        }
    };
    let mut last = "";
    for rule in rules {
        let group = owner(rule.id);
        if group != last {
            text += &format!("\n## {group}\n");
            last = group;
        }
        text += &format!("\n### {}: {}\n\n{}\n", rule.id, rule.name, rule.words);
    }
    page("rules.md", &text);
}

#[test]
fn no_two_rules_share_an_id() {
    let rules: Vec<_> = rdock::cli::all_rules().collect();
    for (i, rule) in rules.iter().enumerate() {
        for other in &rules[..i] {
            assert!(rule.id != other.id, "{} and {}", rule.name, other.name);
        }
    }
}

const SETTINGS: &str = r#"# rdock.toml

What a person decided and no detection could find out. The file stands at the root of the repository. It
is not needed: rdock writes it when `rdock init` is given a choice, by a flag or in the wizard, and keeps
its comments and order. `generate` and `check` then repeat the choice.

```toml
[defaults]              # for every service
cache = "layer"

[services.api]          # a service by its name, which `rdock list` shows
path = "services/api"   # its folder, where the name alone does not say
runtime = "alpine"

[mirrors]               # where images come from instead
"docker.io" = "registry.example.com/hub"
```

A flag wins over `[services.NAME]`, which wins over `[defaults]`, which wins over what the project's
manifests say. A key that rdock does not know is an error at its line, with the nearest known key.

"#;

#[test]
fn the_page_of_the_settings_is_current() {
    let mut text = SETTINGS.to_string();
    text += "## Keys\n\nAll of these stand under `[services.NAME]`; all but `path` and `skip` under `[defaults]` too.\n";
    for key in KEYS {
        let kind = match key.kind {
            Kind::String => "a string".to_string(),
            Kind::Bool => "true or false".into(),
            Kind::BoolOrList => "true, false or a list of words".into(),
            Kind::Port => "a number from 1 to 65535".into(),
            Kind::Words => "a list of words, or one string without shell syntax".into(),
            Kind::List => "a list of strings".into(),
            Kind::Map => "a table of strings".into(),
            Kind::Lines => "a table of lists of instructions, by the point where they stand".into(),
            Kind::Secrets => "a table of secrets by their id".into(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
            Kind::Choices(words) => format!("a list of some of {}", words.join(", ")),
        };
        text += &format!(
            "\n### `{}`\n\n{} It is {kind}.\n\n```toml\n{}\n```\n",
            key.name, key.words, key.example
        );
    }
    page("rdock-toml.md", &text);
}

#[test]
fn the_example_of_the_settings_page_is_read() {
    let example = SETTINGS.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let tree = rdock::tree::Tree::from_pairs([(rdock::config::FILE, example)]);
    let config = rdock::config::Config::read(&tree).unwrap_or_else(|e| panic!("{}", e.title));
    assert_eq!(config.services.len(), 1);
}

fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = fs::read_dir(home().join("docs"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.push(home().join("README.md"));
    pages.sort();
    pages
}

#[test]
fn every_link_leads_to_a_file() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap();
            let outside = link.contains("://") || link.is_empty();
            assert!(
                outside || page.parent().unwrap().join(link).exists(),
                "{} links to {link}",
                page.display()
            );
        }
    }
}

/// The commands in a page: `rdock …` in code words, and the lines of code blocks that start with it.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            block = !block;
        } else if block {
            let line = line.trim_start_matches(|c: char| c.is_whitespace() || "$->".contains(c));
            let line = line.trim_start_matches("run: ").trim_start_matches("script: ");
            let end = line.find([';', '|', '>', '#']).unwrap_or(line.len());
            // Words in a column of their own explain the command.
            let end = line.find("  ").unwrap_or(end).min(end);
            found.push(line[..end].trim().to_string());
        } else {
            found.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(|word| word.replace("\\|", "|")),
            );
        }
    }
    // Commands with a part left open are for people alone.
    found.retain(|c| c.starts_with("rdock ") && !c.contains(['[', '…', '|', '<']));
    found
}

#[test]
fn every_command_in_the_pages_is_one_that_rdock_takes() {
    use clap::Parser;
    let mut count = 0;
    for page in pages() {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            let words = shlex::split(&command).unwrap();
            let taken = rdock::cli::args::Args::try_parse_from(words);
            let wrong = taken.err().filter(|e| e.use_stderr());
            assert!(
                wrong.is_none(),
                "{}: {command}\n{}",
                page.display(),
                wrong.unwrap()
            );
            count += 1;
        }
    }
    assert!(count > 10, "only {count} commands found");
}
