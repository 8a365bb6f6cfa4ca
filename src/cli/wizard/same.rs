//! The command that would have given the same without a question.

use super::{Asked, Planned};
use crate::cli::place::Place;
use crate::discover::Found;
use crate::paths;
use crate::settings::Settings;

/// One line where the services agree and all of them were taken, else one for each.
pub fn commands(
    place: &Place,
    planned: &[Planned],
    asked: &Asked,
    found: &Found,
    force: bool,
) -> Vec<String> {
    let whole = planned.len() == found.services.len();
    let same = planned.iter().all(|p| p.flags == planned[0].flags);
    if whole && same {
        return planned
            .first()
            .map(|p| command(asked, asked.path, &p.flags, force))
            .into_iter()
            .collect();
    }
    let of = |p: &Planned| {
        let below = paths::relative(&p.service.claim.dir, &place.here).to_string();
        let inside = paths::is_under(&p.service.claim.dir, &place.here);
        let path = match (inside, asked.path) {
            (false, path) => path.to_string(),
            (true, ".") => below,
            (true, path) if below == "." => path.to_string(),
            (true, path) => format!("{}/{below}", path.trim_end_matches('/')),
        };
        command(asked, &path, &p.flags, force)
    };
    planned.iter().map(of).collect()
}

fn command(asked: &Asked, path: &str, flags: &Settings, force: bool) -> String {
    let mut words: Vec<String> = vec!["rdock".into()];
    if asked.start != "." {
        words.extend(["-C".into(), asked.start.into()]);
    }
    words.extend(["init".into(), "--yes".into()]);
    if force {
        words.push("--force".into());
    }
    words.extend(arguments(flags));
    if path != "." {
        words.push(path.into());
    }
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn arguments(flags: &Settings) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([format!("--{flag}"), value]);
        }
    };
    add("language", flags.language.as_ref().map(|g| g.value.clone()));
    add("runtime", flags.runtime.as_ref().map(|g| g.value.name().into()));
    add("builder", flags.builder.as_ref().map(|g| g.value.clone()));
    add(
        "language-version",
        flags.version.as_ref().map(|g| g.value.clone()),
    );
    add("main", flags.main.as_ref().map(|g| g.value.clone()));
    let command = flags.command.as_ref();
    add(
        "command",
        command.and_then(|g| shlex::try_join(g.value.iter().map(String::as_str)).ok()),
    );
    add("port", flags.port.as_ref().map(|g| g.value.to_string()));
    add("cache", flags.cache.as_ref().map(|g| g.value.name().into()));
    add(
        "stages",
        flags.stages.as_ref().map(|g| {
            let names: Vec<&str> = g.value.iter().map(|s| s.name()).collect();
            names.join(",")
        }),
    );
    words
}
