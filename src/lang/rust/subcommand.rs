//! Programs of several commands: which argument makes one serve. Read from what is derived for
//! [clap](https://docs.rs/clap/latest/clap/_derive/index.html#subcommand-attributes).

use super::tokens::Tokens;
use crate::source::{Location, Sourced};
use std::collections::BTreeSet;

/// Names of commands that serve, best first.
const SERVING: [&[&str]; 3] = [
    &[
        "serve",
        "server",
        "run-server",
        "runserver",
        "start-server",
        "web-server",
        "webserver",
    ],
    &["api", "daemon", "http", "web"],
    &["listen", "run", "start", "up"],
];

/// A command of an enum, and the type that it holds.
struct Command {
    name: Sourced<String>,
    holds: Option<String>,
    /// Its own arguments, where they stand in the enum.
    body: Option<Location>,
}

/// The command that serves.
#[derive(Debug)]
pub struct Serving {
    pub name: Sourced<String>,
    /// Where its arguments are declared.
    body: Option<Location>,
}

impl Serving {
    pub fn of(name: &str, at: Location) -> Self {
        Self {
            name: Sourced::new(name.to_string(), at),
            body: None,
        }
    }

    /// Is the argument that is declared there one of this command?
    pub fn takes(&self, argument: &Location) -> bool {
        let inside = |body: &Location| {
            let (outer, inner) = (body.range()?, argument.range()?);
            Some(body.file() == argument.file() && outer.start <= inner.start && inner.end <= outer.end)
        };
        self.body.as_ref().and_then(inside).unwrap_or(false)
    }
}

/// The one command that serves, of a server that does nothing without any.
pub fn serving(files: &[Tokens]) -> Option<Serving> {
    let all: Vec<(String, Vec<Command>)> = files.iter().flat_map(enums).collect();
    let names: BTreeSet<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    let parsed = || files.iter().find_map(|tokens| parsed(tokens, &names));
    let root = files.iter().find_map(required).or_else(parsed)?;
    let mut roots = all.iter().filter(|(name, _)| *name == root);
    let (_, commands) = roots.next()?;
    if roots.next().is_some() {
        return None;
    }
    // One that has commands of its own does nothing alone.
    let leads = |c: &Command| c.holds.as_ref().is_some_and(|h| names.contains(h.as_str()));
    let mut ranked: Vec<(usize, &Command)> = commands
        .iter()
        .filter(|c| !leads(c))
        .filter_map(|c| {
            Some((
                SERVING.iter().position(|n| n.contains(&c.name.value.as_str()))?,
                c,
            ))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    match ranked.as_slice() {
        [(best, _), (other, _), ..] if best == other => None,
        [(_, command), ..] => {
            let held = command.holds.as_deref();
            let body = held.and_then(|held| files.iter().find_map(|tokens| fields(tokens, held)));
            Some(Serving {
                name: command.name.clone(),
                body: command.body.clone().or(body),
            })
        }
        [] => None,
    }
}

/// `Commands::parse()`, of an enum.
fn parsed(tokens: &Tokens, enums: &BTreeSet<&str>) -> Option<String> {
    (0..tokens.list.len()).find_map(|i| {
        let name = tokens.ident(i).filter(|name| enums.contains(name))?;
        tokens.spells(i + 1, ": : parse ( )").then(|| name.to_string())
    })
}

/// Where the fields of a struct are.
fn fields(tokens: &Tokens, name: &str) -> Option<Location> {
    let open = (0..tokens.list.len()).find(|i| {
        tokens.ident(*i) == Some("struct") && tokens.ident(i + 1) == Some(name) && tokens.is(i + 2, '{')
    })?;
    Some(between(tokens, open + 2))
}

/// From the bracket at `open` to its end.
fn between(tokens: &Tokens, open: usize) -> Location {
    let last = tokens.closing(open) - 1;
    Location::span(&tokens.source, tokens.list[open].1.start..tokens.list[last].1.end)
}

/// The type of `#[command(subcommand)] command: Commands`; none where it is an `Option`.
fn required(tokens: &Tokens) -> Option<String> {
    let i = (0..tokens.list.len()).find(|i| {
        ["command", "clap", "structopt"]
            .iter()
            .any(|kind| tokens.spells(*i, &format!("# [ {kind} ( subcommand )")))
    })?;
    let mut field = tokens.closing(i + 1);
    while tokens.is(field, '#') {
        field = tokens.closing(field + 1);
    }
    if tokens.ident(field) == Some("pub") {
        field += 1;
        if tokens.is(field, '(') {
            field = tokens.closing(field);
        }
    }
    let mut at = field + 2;
    // `cli::Commands`
    while tokens.is(at + 1, ':') && tokens.is(at + 2, ':') {
        at += 3;
    }
    let plain = tokens.is(field + 1, ':') && !tokens.is(at + 1, '<');
    tokens.ident(at).filter(|_| plain).map(str::to_string)
}

/// The enums of commands: those that derive `Subcommand`, or `Parser`.
fn enums(tokens: &Tokens) -> Vec<(String, Vec<Command>)> {
    let mut found = Vec::new();
    for i in 0..tokens.list.len() {
        if tokens.ident(i) != Some("enum") || !tokens.is(i + 2, '{') {
            continue;
        }
        let derives = (i.saturating_sub(40)..i)
            .rev()
            .take_while(|n| !tokens.is(*n, '}') && !tokens.is(*n, ';'))
            .any(|n| matches!(tokens.ident(n), Some("Subcommand" | "Parser" | "StructOpt")));
        if let Some(name) = tokens.ident(i + 1).filter(|_| derives) {
            found.push((name.to_string(), variants(tokens, i + 2)));
        }
    }
    found
}

fn variants(tokens: &Tokens, open: usize) -> Vec<Command> {
    let end = tokens.closing(open).saturating_sub(1);
    let mut found = Vec::new();
    let mut at = open + 1;
    while at < end {
        let mut named = None;
        while tokens.is(at, '#') && at < end {
            let close = tokens.closing(at + 1);
            named = named.or((at..close).find(|n| {
                tokens.ident(*n) == Some("name") && tokens.is(n + 1, '=') && tokens.text(n + 2).is_some()
            }));
            at = close;
        }
        let Some(variant) = tokens.ident(at) else { break };
        let name = named
            .and_then(|n| tokens.text(n + 2))
            .map_or_else(|| kebab(variant), str::to_string);
        let mut command = Command {
            name: tokens.sourced(at, name),
            holds: None,
            body: None,
        };
        at += 1;
        if tokens.is(at, '(') {
            let close = tokens.closing(at);
            command.holds = (at..close)
                .rev()
                .find_map(|n| tokens.ident(n))
                .map(str::to_string);
            at = close;
        } else if tokens.is(at, '{') {
            let close = tokens.closing(at);
            // `Start { #[command(subcommand)] command: More }`
            let more = (at..close).any(|n| tokens.ident(n) == Some("subcommand"));
            command.body = Some(between(tokens, at));
            at = close;
            if more {
                at += usize::from(tokens.is(at, ','));
                continue;
            }
        }
        at += usize::from(tokens.is(at, ','));
        found.push(command);
    }
    found
}

/// `RunServer` as clap names it: `run-server`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[track_caller]
    fn check(field: &str, commands: &str, expected: Option<&str>) {
        let text = format!(
            "#[derive(Parser)]\nstruct Cli {{ #[arg(long)] verbose: bool, {field} }}\n\
             #[derive(Debug, Subcommand)]\npub enum Commands {{ {commands} }}\n\
             #[derive(Subcommand)]\nenum More {{ Start }}\n"
        );
        let found = serving(&[Tokens::of(&Source::new("src/main.rs", text.as_str()))]);
        assert_eq!(found.map(|f| f.name.value).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_command_of_clap_that_serves_is_found() {
        let needed = "#[command(subcommand)] pub command: Commands";
        check(needed, "Serve { port: u16 }, Migrate", Some("serve"));
        check(
            needed,
            "#[command(about = \"x\")] Run(RunOpts), Export(ExportOpts),",
            Some("run"),
        );
        check(needed, "#[command(name = \"web\")] Frontend, Seed", Some("web"));
        check(needed, "RunServer, Start", Some("run-server"));
        check(needed, "Run, Start", None);
        check(needed, "Server(More), Build", None);
        check(
            needed,
            "Server { #[command(subcommand)] more: More }, Build",
            None,
        );
        check(needed, "Build, Check", None);
        check(
            "#[command(subcommand)] command: Option<Commands>",
            "Serve, Migrate",
            None,
        );
        check("name: String", "Serve, Migrate", None);
    }

    #[test]
    fn an_enum_that_is_parsed_itself_has_commands() {
        let text = "#[derive(Parser)] enum Cmd { Start { port: u16 }, Config } fn main() { Cmd::parse() }";
        let found = serving(&[Tokens::of(&Source::new("src/main.rs", text))]);
        assert_eq!(found.unwrap().name.value, "start");
    }

    #[test]
    fn source_that_ends_early_does_no_harm() {
        let text =
            "#[derive(Parser)] struct C { #[command(subcommand)] c: D } #[derive(Subcommand)] enum D { #[x(";
        for end in 0..text.len() {
            let tokens = Tokens::of(&Source::new("src/main.rs", &text[..end]));
            assert!(serving(&[tokens]).is_none());
        }
    }
}
