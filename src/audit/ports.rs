//! Rules on EXPOSE and HEALTHCHECK against the rest.

use super::view::{View, copied};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::{Instruction, commands};
use crate::paths;
use crate::source::Location;

/// Ports of an EXPOSE; `None` where a variable hides one.
fn ports(i: &Instruction) -> Option<Vec<u16>> {
    i.words()
        .iter()
        .map(|w| w.text.split('/').next()?.parse().ok())
        .collect()
}

pub fn expose(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let exposed: Vec<(&Instruction, Vec<u16>)> = match view
        .shipped()
        .filter(|(_, _, i)| i.keyword == "EXPOSE")
        .map(|(_, _, i)| Some((i, ports(i)?)))
        .collect()
    {
        Some(list) => list,
        None => return Vec::new(),
    };
    let Some((first, _)) = exposed.first() else {
        return Vec::new();
    };
    let all: Vec<u16> = exposed.iter().flat_map(|(_, p)| p.clone()).collect();
    let said = |port: u16| {
        let port = port.to_string();
        let env = view.env(view.file.stages.len() - 1);
        env.values().any(|v| v.contains(&port)) || view.start_text().contains(&port)
    };
    let env = view.env(view.file.stages.len() - 1);
    if let Some(port) = env.get("PORT").and_then(|p| p.parse::<u16>().ok())
        && !all.contains(&port)
        && !all.iter().any(|p| view.start_text().contains(&p.to_string()))
    {
        return vec![finding(rule, first, &all, format!("ENV PORT says {port}"), port)];
    }
    if let Some((port, place)) = view.known.and_then(|k| k.port.as_ref())
        && !all.contains(port)
        && !all.iter().any(|p| said(*p))
        && !from_environment(place)
    {
        return vec![finding(rule, first, &all, format!("{place} says {port}"), *port)];
    }
    Vec::new()
}

/// Does the line read a variable first? Then whoever starts the container may say another port.
fn from_environment(place: &Location) -> bool {
    let line = place.range().map_or("", |r| {
        let text = &place.source().text;
        let start = text[..r.start].rfind('\n').map_or(0, |i| i + 1);
        text[start..].lines().next().unwrap_or("")
    });
    let line = line.to_lowercase();
    line.is_empty()
        || ["env", "port)", "${", "flag", "config", "arg"]
            .iter()
            .any(|w| line.contains(w))
}

fn finding(rule: &'static Rule, i: &Instruction, all: &[u16], why: String, port: u16) -> Diagnostic {
    let list: Vec<String> = all.iter().map(u16::to_string).collect();
    Diagnostic::warning(
        rule,
        format!("EXPOSE {} and the program disagree", list.join(" ")),
    )
    .at(
        i.at.clone(),
        format!("{why}; who publishes this port reaches nothing"),
    )
    .help(format!("write `EXPOSE {port}`"))
}

pub fn health(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(base) = view.runtime() else {
        return Vec::new();
    };
    let Some((_, _, check)) = view
        .shipped()
        .filter(|(_, _, i)| i.keyword == "HEALTHCHECK")
        .last()
    else {
        return Vec::new();
    };
    let Some(test) = check.text.strip_prefix("CMD").map(str::trim_start) else {
        return Vec::new();
    };
    let exec: Option<Vec<String>> = serde_json::from_str(test).ok();
    if exec.is_none() && base.without_shell() {
        let bring = view.shipped().filter_map(|(_, _, i)| copied(i)).any(|c| {
            c.sources
                .iter()
                .any(|s| s.text.contains("busybox") || paths::base(&s.text) == "sh")
                || c.dest.text.starts_with("/bin")
        });
        if bring {
            return Vec::new();
        }
        return vec![
            Diagnostic::error(
                rule,
                format!("HEALTHCHECK needs a shell, and {} has none", base.name),
            )
            .at(check.at.clone(), "the container is never healthy")
            .help(
                "write the exec form, `HEALTHCHECK CMD [\"/program\", …]`, of a program that is in the image",
            ),
        ];
    }
    let programs: Vec<String> = match &exec {
        Some(words) => words.first().cloned().into_iter().collect(),
        None => commands(test).iter().map(|c| c.words[0].clone()).collect(),
    };
    let Some(program) = programs.iter().map(|p| paths::base(p)).find(|p| base.lacks(p)) else {
        return Vec::new();
    };
    // `curl … || wget …` tries both.
    if programs
        .iter()
        .any(|p| matches!(paths::base(p), "curl" | "wget") && !base.lacks(paths::base(p)))
    {
        return Vec::new();
    }
    let brought = view.shipped().any(|(_, _, i)| {
        let text = format!(
            "{} {}",
            i.text,
            i.heredocs.iter().map(|h| h.text.as_str()).collect::<String>()
        );
        i.keyword == "RUN"
            && (text.contains(program)
                || text.contains(".sh")
                || text.contains('$') && text.contains("install"))
            || i.keyword == "ADD"
            || copied(i)
                .is_some_and(|c| c.from.is_some() && (c.dest.text.contains("bin") || c.dest.text == "/"))
    });
    if brought {
        return Vec::new();
    }
    vec![
        Diagnostic::error(rule, format!("HEALTHCHECK runs {program}, which {}:{} does not have", base.name, base.tag()))
            .at(check.at.clone(), "the container is never healthy")
            .help(match base.name.as_str() {
                "node" => "ask with Node: `HEALTHCHECK CMD [\"node\", \"-e\", \"fetch('http://127.0.0.1:<port>/').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))\"]`".to_string(),
                "python" => "ask with Python: `HEALTHCHECK CMD [\"python\", \"-c\", \"import urllib.request as u; u.urlopen('http://127.0.0.1:<port>/', timeout=2)\"]`".to_string(),
                _ => format!("install {program} in this stage, or take the HEALTHCHECK out"),
            }),
    ]
}
