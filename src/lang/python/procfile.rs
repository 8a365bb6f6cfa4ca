//! A start command as people write it for a shell, turned into words that need none.

use super::frameworks::SERVERS;
use super::manager::Manager;
use crate::manifest::command;

/// Wrappers that resolve a program in the tool's own environment: the image has it on PATH.
const WRAPPERS: &[&[&str]] = &[
    &["exec"],
    &["poetry", "run"],
    &["uv", "run"],
    &["pdm", "run"],
    &["pipenv", "run"],
    &["rye", "run"],
    &["hatch", "run"],
    &["bin/start-nginx"],
    &["bin/start-pgbouncer"],
];

pub struct Line {
    pub words: Vec<String>,
    pub env: Vec<(String, String)>,
    /// The port that the words name.
    pub port: Option<u16>,
    /// Steps before the program that were left out.
    pub dropped: Option<String>,
}

/// `Err` says why the line cannot be used.
pub fn line(text: &str, default_port: u16, manager: &Manager) -> Result<Line, String> {
    let (before, last) = match text.rsplit_once("&&") {
        Some((before, last)) => (Some(before.trim().to_string()), last),
        None => match text.rsplit_once(';') {
            Some((before, last)) if !last.trim().is_empty() => (Some(before.trim().to_string()), last),
            _ => (None, text),
        },
    };
    let last = last.trim().trim_end_matches('&').trim();
    // `2>&1` changes nothing that a container runtime would not do.
    let last = last.replace("2>&1", "");
    let parsed = command::parse(&last).ok_or("it needs a shell")?;
    let mut words = parsed.words;
    while let Some(wrapper) = WRAPPERS
        .iter()
        .find(|w| words.len() > w.len() && words.iter().zip(w.iter()).all(|(word, part)| word == part))
    {
        words.drain(..wrapper.len());
    }
    let gunicorn = program(&words) == "gunicorn";
    let mut port = None;
    let mut out: Vec<String> = Vec::new();
    let mut skip_value_of: Option<String> = None;
    for word in words {
        if let Some(flag) = skip_value_of.take() {
            if word.contains("PORT") || word.contains('$') {
                continue;
            }
            out.push(flag);
        }
        let with_port = expand(&word, default_port);
        if gunicorn {
            // gunicorn binds 0.0.0.0 at PORT and reads WEB_CONCURRENCY by itself.
            let is_bind = word.starts_with("--bind=") || word.starts_with("-b") && word.len() > 2;
            let is_workers = word.starts_with("--workers=");
            if (is_bind || is_workers) && word.contains('$') {
                continue;
            }
            if ["-b", "--bind", "-w", "--workers"].contains(&word.as_str()) {
                skip_value_of = Some(word);
                continue;
            }
        }
        out.push(with_port.ok_or_else(|| format!("`{word}` needs a shell"))?);
    }
    out.extend(skip_value_of);
    for (i, word) in out.iter().enumerate() {
        let value = match word.split_once('=') {
            Some((_, value)) => value,
            None => word,
        };
        let after = i > 0
            && [
                "--port",
                "-p",
                "--bind",
                "-b",
                "--server.port",
                "--http-socket",
                "--http",
            ]
            .contains(&out[i - 1].as_str());
        let named = ["--port=", "-p=", "--bind=", "-b=", "--server.port=", "--listen="]
            .iter()
            .any(|f| word.starts_with(f));
        if after || named || word.starts_with("0.0.0.0:") || word.starts_with("-b0.0.0.0:") {
            let digits = value.rsplit(':').next().unwrap_or(value);
            port = port.or(digits.parse().ok());
        }
    }
    let program = program(&out).to_string();
    if program.is_empty() {
        return Err("it starts nothing".into());
    }
    if let Some(server) = SERVERS.iter().find(|s| s.program == program)
        && !manager.has(server.dist)
    {
        return Err(format!("{} is not among the dependencies", server.dist));
    }
    if out.iter().any(|w| w == "runserver") {
        return Err("runserver is for development".into());
    }
    let shell = [
        "sh",
        "bash",
        "npm",
        "yarn",
        "make",
        "docker",
        "./start.sh",
        "heroku",
    ];
    if shell.contains(&program.as_str()) || program.ends_with(".sh") || program.starts_with("./") {
        return Err(format!("{program} is a script rather than the program"));
    }
    address(&mut out, &program, port.unwrap_or(default_port));
    Ok(Line {
        words: out,
        env: parsed.env,
        port,
        dropped: before,
    })
}

/// The program's name, through `python -m`.
pub fn program(words: &[String]) -> &str {
    match words {
        [python, m, module, ..] if python.starts_with("python") && m == "-m" => module,
        [first, ..] => first.rsplit('/').next().unwrap_or(first),
        [] => "",
    }
}

/// Servers that bind loopback unless told otherwise are told.
fn address(words: &mut Vec<String>, program: &str, port: u16) {
    let has = |words: &[String], flags: &[&str]| {
        words
            .iter()
            .any(|w| flags.iter().any(|f| w == f || w.starts_with(&format!("{f}="))))
    };
    let (host, ports): (&[&str], &[&str]) = match program {
        "uvicorn" => (&["--host", "--uds", "--fd"], &["--port"]),
        "daphne" => (&["-b", "--bind", "-u", "-e"], &["-p", "--port"]),
        "flask" => (&["--host", "-h"], &["--port", "-p"]),
        "chainlit" | "fastapi" | "litestar" | "quart" | "sanic" => (&["--host"], &["--port"]),
        "granian" | "marimo" | "shiny" | "solara" => (&["--host"], &["--port"]),
        "bokeh" | "panel" => (&["--address"], &["--port"]),
        _ => return,
    };
    if !has(words, host) {
        words.extend([host[0].to_string(), "0.0.0.0".into()]);
    }
    if !has(words, ports) {
        words.extend([ports[0].to_string(), port.to_string()]);
    }
}

/// `$PORT`, `${PORT}` and `${X:-y}` put in; `None` for another variable.
fn expand(word: &str, port: u16) -> Option<String> {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out += &rest[..at];
        let after = &rest[at + 1..];
        let (name, end) = match after.strip_prefix('{') {
            Some(inner) => {
                let close = inner.find('}')?;
                (&inner[..close], close + 2)
            }
            None => {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        let (name, default) = name.split_once(":-").unwrap_or((name, ""));
        match (name, default) {
            ("PORT", "") => out += &port.to_string(),
            (_, "") => return None,
            (_, default) => out += default,
        }
        rest = &after[end..];
    }
    out += rest;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::manager;
    use crate::tree::Tree;

    #[track_caller]
    fn check(text: &str, words: &str) {
        let tree = Tree::from_pairs([("requirements.txt", "gunicorn\nuvicorn\nstreamlit\n")]);
        let manager = manager::detect(&tree, "").unwrap().unwrap();
        let found = line(text, 8000, &manager);
        assert_eq!(
            found.map_or_else(|e| format!("! {e}"), |l| l.words.join(" ")),
            words
        );
    }

    #[test]
    fn variables_are_put_in_or_left_to_the_server() {
        check(
            "gunicorn --bind 0.0.0.0:$PORT app:app --log-file -",
            "gunicorn app:app --log-file -",
        );
        check(
            "gunicorn -b :${PORT} -w $WEB_CONCURRENCY app:app",
            "gunicorn app:app",
        );
        check("gunicorn -w 4 app:app", "gunicorn -w 4 app:app");
        check(
            "uvicorn main:app --host=0.0.0.0 --port=${PORT:-5000}",
            "uvicorn main:app --host=0.0.0.0 --port=5000",
        );
        check(
            "poetry run uvicorn main:app",
            "uvicorn main:app --host 0.0.0.0 --port 8000",
        );
        check("gunicorn app:app --name $NAME", "! `$NAME` needs a shell");
    }

    #[test]
    fn steps_before_the_server_are_left_out() {
        check(
            "python manage.py migrate && gunicorn app.wsgi",
            "gunicorn app.wsgi",
        );
        check("sh setup.sh && streamlit run app.py", "streamlit run app.py");
        check("daphne app:app", "! daphne is not among the dependencies");
        check(
            "python manage.py runserver 0.0.0.0:$PORT",
            "! runserver is for development",
        );
    }
}
