//! Rules on who starts the program, and through what.

use super::installs::script_name;
use super::view::{View, copied};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::{Command, Instruction, commands};
use crate::manifest::command;
use crate::paths;
use crate::source::Source;
use std::sync::Arc;

/// Programs that begin as root on purpose and go on as somebody else, or must be root.
const OWN_ROOT: &[&str] = &[
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "s6-setuidgid",
    "s6-svscan",
    "supervisord",
    "/init",
    "cron",
    "crond",
    "nginx",
    "httpd",
    "apache2",
    "apachectl",
    "apache2-foreground",
    "sshd",
    "dockerd",
    "haproxy",
    "php-fpm",
    "systemd",
    "/sbin/init",
    "docker",
    "dumb-init-su",
    "catalina.sh",
    "chpst",
    "fixuid",
];

pub fn root(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let user = view.shipped().filter(|(_, _, i)| i.keyword == "USER").last();
    let at = match user {
        Some((_, _, i)) => {
            let name = i
                .text
                .split(':')
                .next()
                .unwrap_or("")
                .trim_matches('"')
                .to_string();
            if !matches!(name.as_str(), "root" | "0") {
                return Vec::new();
            }
            i.at.clone()
        }
        None if view.runtime().and_then(|b| b.root()) == Some(true) => view.file.last().from.line.clone(),
        None => return Vec::new(),
    };
    let text = view.start_text();
    let installs: String = view.shipped().map(|(_, _, i)| format!("{} ", i.text)).collect();
    let word = |text: &str, tool: &str| {
        text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.')))
            .any(|w| w == tool || w.ends_with(&format!("/{tool}")))
    };
    if text.contains(".wasm")
        || OWN_ROOT.iter().any(|t| word(&text, t))
        || ["gosu", "su-exec", "setpriv"].iter().any(|t| word(&installs, t))
    {
        return Vec::new();
    }
    match scripts(view) {
        Scripts::Unread => return Vec::new(),
        Scripts::Read(all)
            if all.iter().any(|s| {
                OWN_ROOT.iter().any(|t| word(&s.text, t)) || word(&s.text, "su") || word(&s.text, "chroot")
            }) =>
        {
            return Vec::new();
        }
        _ => {}
    }
    let base = view.runtime();
    let help = match base {
        Some(b) if b.distroless() => format!("write `FROM {}:nonroot`", b.name),
        Some(b) if b.is("node") || b.is("oven/bun") => {
            "add `USER 1000:1000`, the image's own user, before the start command".into()
        }
        _ => "add `USER 10001:10001` before the start command; give it the folders that it writes".into(),
    };
    vec![
        Diagnostic::warning(rule, "the program runs as root")
            .at(
                at,
                "who breaks into the program owns the container, and is root to the host's kernel",
            )
            .help(help),
    ]
}

enum Scripts {
    None,
    /// One is started and is not in the context, so nobody can say what it does.
    Unread,
    Read(Vec<Arc<Source>>),
}

/// Shell scripts that the start runs.
fn scripts(view: &View) -> Scripts {
    let Some(words) = view.start_words() else {
        return Scripts::None;
    };
    let mut found = Vec::new();
    for word in &words {
        let base = paths::base(word);
        let looks = base.ends_with(".sh") || base.contains("entrypoint") || base.ends_with(".bash");
        if !looks {
            continue;
        }
        match script(view, word) {
            Some(source) => found.push(source),
            None => return Scripts::Unread,
        }
    }
    // `./start` and the like may be anything.
    let first = &words[0];
    let unknown = first.starts_with("./")
        && found.is_empty()
        && script(view, first).is_none()
        && !first.contains('.')
        && view.context.is_none();
    if unknown {
        return Scripts::Unread;
    }
    if let Some(source) = script(view, first).filter(|s| s.text.starts_with("#!")) {
        found.push(source);
    }
    if found.is_empty() {
        Scripts::None
    } else {
        Scripts::Read(found)
    }
}

/// The file of the context that is copied to where the start names it.
fn script(view: &View, word: &str) -> Option<Arc<Source>> {
    let base = paths::base(word);
    let context = view.context.as_deref()?;
    for (_, _, i) in view.shipped() {
        let Some(copied) = copied(i).filter(|c| c.from.is_none()) else {
            continue;
        };
        for source in &copied.sources {
            let path = super::view::clean(&source.text);
            let to_it = paths::base(copied.dest.text.trim_end_matches('/')) == base;
            if paths::base(&path) == base || to_it && view.has(&path) {
                return view.read(&path);
            }
            let dir = super::view::join(&path, base);
            if view.has(&dir) {
                return view.read(&dir);
            }
        }
    }
    let matches: Vec<&str> = view
        .tree
        .under(context)
        .filter(|f| paths::base(f) == base)
        .collect();
    match &matches[..] {
        [one] => view.tree.text(one),
        _ => None,
    }
}

/// Programs of packages that a container may start as they are.
const SERVERS: &[&str] = &[
    "next",
    "remix-serve",
    "react-router-serve",
    "serve",
    "http-server",
    "tsx",
    "pm2-runtime",
];

pub fn package_manager(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let Some(words) = view.start_words() else {
        return Vec::new();
    };
    let Some(name) = script_name(&words) else {
        return Vec::new();
    };
    let Some(json) = view.json("package.json") else {
        return Vec::new();
    };
    let Some(scripts) = json.get("scripts") else {
        return Vec::new();
    };
    let hooks = [format!("pre{name}"), format!("post{name}")];
    if hooks.iter().any(|h| scripts.get(h).is_some()) {
        return Vec::new();
    }
    let Some(script) = scripts.get(&name).and_then(|s| s.as_str()) else {
        return Vec::new();
    };
    // Only where the same start can be written without a shell.
    let plain = command::parse(script)
        .filter(|c| c.env.is_empty() && !script.contains('$') && script_name(&c.words).is_none());
    let Some(mut direct) = plain.map(|c| c.words) else {
        return Vec::new();
    };
    if direct[0] != "node" {
        let own = json.get("dependencies").and_then(|d| d.get(&direct[0])).is_some();
        if !own || !SERVERS.contains(&direct[0].as_str()) {
            return Vec::new();
        }
        direct[0] = format!("node_modules/.bin/{}", direct[0]);
    }
    let extra = words
        .iter()
        .skip_while(|w| **w != name)
        .skip(1)
        .filter(|w| *w != "--");
    direct.extend(extra.cloned());
    let Some(place) = view.start().cmd.or(view.start().entrypoint) else {
        return Vec::new();
    };
    let exec = serde_json::to_string(&direct)
        .unwrap_or_default()
        .replace("\",\"", "\", \"");
    vec![
        Diagnostic::warning(rule, format!("{} stays between Docker and the program", words[0]))
            .at(
                place.at.clone(),
                "a second process, a home folder that it writes to, and signals that may not arrive",
            )
            .help(format!(
                "write `{} {exec}`, which is what `{script}` does",
                place.keyword
            )),
    ]
}

/// Programs that stay until they are told to stop.
const STAYS: &[&str] = &[
    "bun",
    "bundle",
    "celery",
    "daphne",
    "deno",
    "dotnet",
    "flask",
    "gunicorn",
    "hypercorn",
    "java",
    "node",
    "npm",
    "php",
    "pnpm",
    "puma",
    "python",
    "python3",
    "rails",
    "ruby",
    "streamlit",
    "uvicorn",
    "yarn",
];

/// The last command of a script where it stays, as a child of the shell.
fn kept_waiting(all: &[Command]) -> Option<&Command> {
    let last = all.last()?;
    let word = last.words[0].as_str();
    let stays =
        STAYS.contains(&last.program()) || word.starts_with("./") || word.starts_with('/') || word == "$@";
    let own = all.iter().any(|c| matches!(c.program(), "trap" | "wait"));
    let shell = matches!(last.program(), "sh" | "bash" | "ash");
    (stays && !own && !shell && !last.exec && !last.nested).then_some(last)
}

pub fn signals(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(base) = view.runtime().filter(|b| view.deployed && b.dash()) else {
        return Vec::new();
    };
    let own_shell = view.shipped().any(|(_, _, i)| i.keyword == "SHELL");
    let start = view.start();
    // With an exec ENTRYPOINT before it, a CMD is arguments.
    let place = match (start.entrypoint, start.cmd) {
        (Some(e), _) => e,
        (None, Some(c)) => c,
        _ => return Vec::new(),
    };
    let shell = match &place.exec {
        None => !own_shell,
        Some(words) => {
            matches!(words[..], [ref sh, ref c, _, ..] if matches!(sh.as_str(), "sh" | "/bin/sh") && c == "-c")
        }
    };
    let found = place.commands();
    // Two or more are `a && b`; the last stays.
    let Some(last) = kept_waiting(&found).filter(|_| shell) else {
        return Vec::new();
    };
    let mut help = Vec::new();
    let simple =
        found.len() == 1 && last.env.is_empty() && !place.text.contains('$') && last.writes.is_empty();
    if simple {
        let exec = serde_json::to_string(&last.words)
            .unwrap_or_default()
            .replace("\",\"", "\", \"");
        help.push(format!("write `{} {exec}`", place.keyword));
    } else if last.program() == "java" && place.text.contains("JAVA_OPTS") {
        help.push(format!("Java reads JAVA_TOOL_OPTIONS by itself: `{} [\"java\", …]` without $JAVA_OPTS; or write `exec java …`", place.keyword));
    } else {
        help.push(format!(
            "put `exec` before `{}`, or write the exec form: `{} [\"{}\", …]`",
            last.words[0], place.keyword, last.words[0]
        ));
    }
    vec![
        Diagnostic::warning(
            rule,
            format!(
                "a shell stays as the first process, and {} never hears of `docker stop`",
                last.program()
            ),
        )
        .at(
            place.at.clone(),
            format!(
                "/bin/sh of {} passes no signals on: the program is killed after ten seconds",
                base.name
            ),
        )
        .help(help.remove(0)),
    ]
}

pub fn script_without_exec(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let start = view.start();
    let Some(place) = start.entrypoint.or(start.cmd) else {
        return Vec::new();
    };
    let Some(words) = place.exec.as_ref().and_then(|w| {
        if matches!(
            w.first().map(String::as_str),
            Some("sh" | "bash" | "/bin/sh" | "/bin/bash")
        ) {
            w.get(1..)
        } else {
            Some(w)
        }
    }) else {
        return Vec::new();
    };
    let Some(source) = words.first().and_then(|w| script(view, w)) else {
        return Vec::new();
    };
    let shell = source
        .text
        .lines()
        .next()
        .is_some_and(|l| l.starts_with("#!") && (l.trim_end().ends_with("sh") || l.contains("sh -")));
    if !shell {
        return Vec::new();
    }
    let text = source.text.as_str();
    // Functions, here-documents, other files and background work are beyond this reading.
    if [
        "<<",
        "() {",
        "(){",
        "function ",
        "\nsource ",
        "\n. ",
        " &\n",
        "&\n",
        "trap ",
        "wait",
        "exec ",
        "eval ",
    ]
    .iter()
    .any(|w| text.contains(w))
    {
        return Vec::new();
    }
    let all = commands(text);
    let Some(last) = kept_waiting(&all) else {
        return Vec::new();
    };
    let line = crate::source::Location::span(&source, last.at.clone());
    vec![
        Diagnostic::warning(rule, format!("{} runs the program as its child", source.path))
            .at(line, "the script is the first process and passes no signals on: the program is killed after ten seconds")
            .help(format!("write `exec {}`", last.words.join(" "))),
    ]
}

pub fn cannot_start(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let start = view.start();
    let own_shell = view.shipped().any(|(_, _, i)| i.keyword == "SHELL");
    let mut found = Vec::new();
    if let Some(base) = view.runtime().filter(|b| b.without_shell() && !own_shell) {
        let brings = view.shipped().filter_map(|(_, _, i)| copied(i)).any(|c| {
            let dest = c.dest.text.trim_end_matches('/');
            let named =
                |p: &str| ["sh", "bash", "busybox", "bin"].contains(&paths::base(p.trim_end_matches('/')));
            named(dest)
                || dest.is_empty()
                || c.sources.iter().any(|s| named(&s.text) || s.text == "/")
                || c.dest.text == "/"
        });
        let shell_form = |i: &&Instruction| i.exec.is_none() && !i.text.is_empty() && i.text != "[]";
        let added = view.shipped().any(|(_, _, i)| i.keyword == "ADD");
        for i in [start.entrypoint, start.cmd]
            .into_iter()
            .flatten()
            .filter(shell_form)
        {
            if brings || added {
                break;
            }
            let words: Vec<String> = i.words().into_iter().map(|w| w.text).collect();
            let exec = serde_json::to_string(&words)
                .unwrap_or_default()
                .replace("\",\"", "\", \"");
            found.push(
                Diagnostic::error(
                    rule,
                    format!("{} needs a shell, and {} has none", i.keyword, base.name),
                )
                .at(i.at.clone(), "the container does not start: /bin/sh is not there")
                .help(format!("write `{} {exec}`", i.keyword)),
            );
        }
    }
    if let (Some(entrypoint), Some(cmd)) = (start.entrypoint, start.cmd)
        && entrypoint.exec.is_none()
        && !entrypoint.text.is_empty()
        && !entrypoint.text.contains("$0")
        && !entrypoint.text.contains("$@")
        && cmd.at.line() > entrypoint.at.line()
        && !cmd.text.is_empty()
        && cmd.text != "[]"
        && found.is_empty()
    {
        let words: Vec<String> = entrypoint.words().into_iter().map(|w| w.text).collect();
        let exec = serde_json::to_string(&words)
            .unwrap_or_default()
            .replace("\",\"", "\", \"");
        found.push(
            Diagnostic::error(rule, "CMD has no effect beside an ENTRYPOINT in shell form")
                .at(cmd.at.clone(), "never passed to the program")
                .help(format!("write `ENTRYPOINT {exec}`")),
        );
    }
    found
}
