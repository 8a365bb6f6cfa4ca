//! Command lines as people write them in a Procfile or in `scripts`: split into words, with the
//! leading `NAME=value` pairs apart, and a word on whether only a shell could run them.

use crate::source::{Location, Source, Sourced};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Variables set before the program's name.
    pub env: Vec<(String, String)>,
    pub words: Vec<String>,
}

/// Splits a command that needs no shell: quotes are honoured, `$PORT` and `${PORT:-8080}` stay as
/// they are written inside a word. `None` for lists, pipes, redirections, substitutions, unbalanced
/// quotes and an empty command.
pub fn parse(text: &str) -> Option<Command> {
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\n') => return None,
            (None | Some('"'), '`') => return None,
            (None | Some('"'), '$') if chars.peek() == Some(&'(') => return None,
            _ => {}
        }
    }
    let mut words = shlex::split(text)?;
    let is_assignment = |word: &String| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let count = words.iter().take_while(|w| is_assignment(w)).count();
    let env = words
        .drain(..count)
        .filter_map(|w| w.split_once('=').map(|(k, v)| (k.to_string(), v.to_string())))
        .collect();
    (!words.is_empty()).then_some(Command { env, words })
}

/// Programs that belong to one language, by its id.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("java", &["gradle", "java", "mvn"]),
    (
        "node",
        &[
            "bun", "node", "npm", "npx", "pm2", "pnpm", "ts-node", "tsx", "yarn",
        ],
    ),
    (
        "python",
        &[
            "celery",
            "daphne",
            "ddtrace-run",
            "fastapi",
            "flask",
            "granian",
            "gunicorn",
            "hypercorn",
            "newrelic-admin",
            "pipenv",
            "poetry",
            "python",
            "python3",
            "streamlit",
            "uvicorn",
            "uwsgi",
            "waitress-serve",
        ],
    ),
    ("ruby", &["bundle", "puma", "rails", "rake", "ruby"]),
];

/// Whose language a command is, where the name of its last program says so.
pub fn language_of(text: &str) -> Option<&'static str> {
    let last = text.rsplit(['&', ';']).find(|part| !part.trim().is_empty())?;
    let mut words = last
        .split_whitespace()
        .filter(|w| !w.contains('=') && *w != "exec");
    let program = words.next()?.rsplit('/').next()?;
    PROGRAMS
        .iter()
        .find(|(_, names)| names.contains(&program))
        .map(|(language, _)| *language)
}

/// The processes of a Procfile, `web: …`, in its order.
pub fn procfile(source: &Arc<Source>) -> Vec<(String, Sourced<String>)> {
    source
        .text
        .lines()
        .filter_map(|line| {
            let (name, command) = line.split_once(':')?;
            let name = name.trim();
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(good) || command.trim().is_empty() {
                return None;
            }
            let at = Location::of(source, line);
            Some((name.to_string(), Sourced::new(command.trim().to_string(), at)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_before_the_program_are_told_from_its_arguments() {
        let command = parse("NODE_ENV=production node 'my server.js' --a=b").unwrap();
        assert_eq!(command.env, [("NODE_ENV".into(), "production".into())]);
        assert_eq!(command.words, ["node", "my server.js", "--a=b"]);
    }

    #[test]
    fn what_only_a_shell_can_run_is_none() {
        for text in [
            "a && b", "a | b", "a > b", "a $(b)", "a `b`", "a 'b", "", "a; b", "A=1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse("gunicorn --bind 0.0.0.0:$PORT app:app").is_some());
        assert!(parse("echo 'a && b'").is_some());
    }

    #[test]
    fn a_command_tells_whose_it_is() {
        assert_eq!(
            language_of("python manage.py migrate && gunicorn app.wsgi"),
            Some("python")
        );
        assert_eq!(
            language_of("NODE_ENV=production exec node server.js"),
            Some("node")
        );
        assert_eq!(language_of("./bin/web"), None);
    }

    #[test]
    fn a_procfile_gives_its_processes_with_lines() {
        let source = Source::new("Procfile", "# c\nrelease: ./m\nweb: gunicorn app:app\n");
        let found = procfile(&source);
        assert_eq!(found[1].0, "web");
        assert_eq!(found[1].1.at.line(), Some(3));
    }
}
