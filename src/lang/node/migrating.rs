//! Steps of a build script that need the database. There is none while an image is built, and a migration is a
//! job of its own before the new program starts.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::building;
use crate::lang::node::detect::Facts;
use crate::lang::node::rules;
use crate::lang::node::scripts;
use crate::manifest::command;
use crate::manifest::package_json::PackageJson;

/// Commands that change a database.
const MIGRATES: &[&str] = &[
    "ace migration:run",
    "db-migrate up",
    "drizzle-kit migrate",
    "drizzle-kit push",
    "knex migrate",
    "knex seed",
    "mikro-orm migration:up",
    "node-pg-migrate up",
    "payload migrate",
    "prisma db push",
    "prisma db seed",
    "prisma migrate deploy",
    "prisma migrate dev",
    "prisma migrate reset",
    "sequelize db:",
    "sequelize-cli db:",
    "typeorm migration:run",
];

/// Programs that are none of the dependencies' own.
const SYSTEM: &[&str] = &[
    "bun", "cp", "echo", "mkdir", "mv", "node", "npm", "npx", "pnpm", "rm", "yarn",
];

/// Scripts in scripts that are taken apart.
const DEEPEST: usize = 4;

/// A part of a script that is a script itself, or a command.
#[derive(Clone, Debug, PartialEq)]
enum Part<'a> {
    Script(&'a str),
    Command(&'a str),
}

impl<'a> Part<'a> {
    fn text(&self) -> &'a str {
        match self {
            Part::Script(text) | Part::Command(text) => text,
        }
    }
}

/// A build script without its migrations.
struct Rest<'a> {
    kept: Vec<Part<'a>>,
    dropped: Vec<Part<'a>>,
}

/// `None` where the script has no migration, or nothing else.
fn rest<'a>(package: &'a PackageJson, name: &str) -> Option<Rest<'a>> {
    let mut all = Vec::new();
    parts(package, name, 0, &mut all)?;
    let (dropped, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|part| migrates(package, part));
    (!dropped.is_empty() && !kept.is_empty()).then_some(Rest { kept, dropped })
}

/// The parts of a script in their order. `None` where hooks stand around it.
fn parts<'a>(package: &'a PackageJson, name: &str, depth: usize, all: &mut Vec<Part<'a>>) -> Option<()> {
    let hooked = ["pre", "post"]
        .iter()
        .any(|hook| package.script(&format!("{hook}{name}")).is_some());
    if hooked || depth > DEEPEST {
        return None;
    }
    for piece in scripts::chain(&package.script(name)?.value) {
        let words: Vec<&str> = piece.split_whitespace().collect();
        let known = |name: &str| package.scripts.iter().find(|s| s.0 == name).map(|s| s.0.as_str());
        let called: Option<Vec<&str>> = match words.as_slice() {
            ["run-s" | "npm-run-all", names @ ..] => names.iter().map(|n| known(n)).collect(),
            ["npm" | "pnpm" | "yarn" | "bun", "run", name] => known(name).map(|n| vec![n]),
            ["pnpm" | "yarn", name] => known(name).map(|n| vec![n]),
            _ => None,
        };
        for part in match called {
            Some(names) => names.into_iter().map(Part::Script).collect(),
            None => vec![Part::Command(piece)],
        } {
            let mixed = |name: &str| {
                let text = scripts::expand(package, name);
                let steps = scripts::chain(&text);
                steps.iter().any(|s| changes(s)) && !steps.iter().all(|s| changes(s))
            };
            match part {
                Part::Script(name) if mixed(name) => parts(package, name, depth + 1, all)?,
                part => all.push(part),
            }
        }
    }
    Some(())
}

fn migrates(package: &PackageJson, part: &Part) -> bool {
    match part {
        Part::Script(name) => changes(&scripts::expand(package, name)),
        Part::Command(text) => changes(text),
    }
}

fn changes(text: &str) -> bool {
    MIGRATES.iter().any(|command| text.contains(command))
}

/// The steps that stay of a build script with migrations, and what is said of it. `None` where the script has none,
/// or where what stays can only be said by the script itself.
pub fn steps(facts: &Facts, name: &str) -> Option<(Vec<Safe>, Diagnostic)> {
    let rest = rest(&facts.package, name)?;
    let said = |part: &Part| match part {
        Part::Script(name) => building::script(facts, name, facts.place).ok(),
        Part::Command(text) => said(facts, text),
    };
    let steps = rest.kept.iter().map(said).collect::<Option<_>>()?;
    let dropped: Vec<&str> = rest.dropped.iter().map(Part::text).collect();
    let title = format!("left out of the build: {}", dropped.join(", "));
    let warning = Diagnostic::warning(&rules::MIGRATION, title)
        .at(facts.package.script(name)?.at.clone(), "needs the database")
        .help("run it as a job of its own before the container starts");
    Some((steps, warning))
}

fn said(facts: &Facts, text: &str) -> Option<Safe> {
    let command = command::parse(text)?;
    let plain = command.words.iter().all(|word| !word.contains(['$', '*', '%']));
    let first = command.words.first()?;
    if !facts.place.is_empty() || !plain || matches!(first.as_str(), "cd" | "." | "source") {
        return None;
    }
    let mut words = Vec::new();
    for (name, value) in &command.env {
        words.push(format!("{name}={}", escape::shell(value).ok()?));
    }
    if !SYSTEM.contains(&first.as_str()) {
        words.push(facts.managed.manager.exec.to_string());
    }
    for word in &command.words {
        words.push(escape::shell(word).ok()?.to_string());
    }
    Some(Safe::literal(words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[track_caller]
    fn check(scripts: &str, kept: Option<&[&str]>) {
        let source = Source::new("package.json", format!(r#"{{"scripts":{{{scripts}}}}}"#));
        let package = crate::manifest::package_json::parse(&source).unwrap();
        let rest = rest(&package, "build");
        let found = rest.map(|r| r.kept.iter().map(Part::text).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), kept, "{scripts}");
    }

    #[test]
    fn what_changes_the_database_is_left_out_and_the_rest_stays_in_its_order() {
        check(
            r#""build":"prisma generate && prisma migrate deploy && next build""#,
            Some(&["prisma generate", "next build"]),
        );
        check(
            r#""build":"run-s db:migrate build:next","db:migrate":"drizzle-kit migrate","build:next":"next build""#,
            Some(&["build:next"]),
        );
        check(
            r#""build":"yarn all","all":"prisma db push && vite build""#,
            Some(&["vite build"]),
        );
    }

    #[test]
    fn a_script_without_a_migration_or_with_hooks_stays_whole() {
        check(r#""build":"next build""#, None);
        check(r#""build":"prisma migrate deploy""#, None);
        check(
            r#""prebuild":"x","build":"prisma migrate deploy && next build""#,
            None,
        );
        check(r#""build":"npm run build && prisma db push""#, None);
    }
}
