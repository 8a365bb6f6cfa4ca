//! Rules on what installs leave in the image: development dependencies, caches, tools.

use super::locks::env_before;
use super::view::{Install, View, copied, join};
use crate::diagnostic::{Diagnostic, Rule};
use crate::dockerfile::{Command, Instruction};
use crate::manifest::command;
use crate::paths;
use serde_json::Value;

/// Installs whose result is in the image: in the shipped stages, or in a stage that its packages are
/// copied from.
fn shipped_installs<'a>(view: &View<'a>) -> Vec<Install<'a>> {
    let mut stages = view.shipped.clone();
    for (_, _, i) in view.shipped() {
        let Some(copied) = copied(i) else { continue };
        let Some(from) = copied.from.and_then(|f| view.file.stage(f)) else {
            continue;
        };
        let packages = ["node_modules", ".venv", "venv", "site-packages"];
        let named = |s: &str| packages.contains(&paths::base(s.trim_end_matches('/')));
        let last = view.file.stages[from].instructions.len();
        let dir = view.workdir(from, last);
        let all = |s: &str| dir.as_deref().is_some_and(|d| d == s.trim_end_matches('/'));
        // `--exclude=node_modules` leaves them where they are.
        let left = |(flag, value): &(String, String)| flag == "exclude" && named(value);
        let without = i.flags.iter().any(left);
        if copied
            .sources
            .iter()
            .any(|s| named(&s.text) || all(&s.text) && !without)
        {
            stages.extend(view.file.chain(from));
        }
    }
    view.installs()
        .into_iter()
        .filter(|i| stages.contains(&i.stage))
        .collect()
}

pub fn dev_dependencies(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let mut found = Vec::new();
    let all = shipped_installs(view);
    for (n, install) in all.iter().enumerate() {
        // The last install of a tool in a stage says what is there in the end.
        if all[n + 1..]
            .iter()
            .any(|l| l.stage == install.stage && l.tool.id == install.tool.id)
        {
            continue;
        }
        let words = &install.command.words;
        let asks = install
            .tool
            .production
            .iter()
            .any(|p| words.iter().any(|w| w == p || w.starts_with(&format!("{p}="))));
        if asks || install.command.nested || install.sub == "fetch" {
            continue;
        }
        let env = env_before(view, install);
        let title = match install.tool.id {
            "npm" | "yarn" | "pnpm" | "bun" => node(view, install, &env),
            "pip" => words
                .iter()
                .find(|w| {
                    let name = paths::base(w).to_lowercase();
                    let folder = paths::base(paths::parent(w));
                    let is_dev = |s: &str| {
                        s.split(['-', '_', '.'])
                            .any(|p| matches!(p, "dev" | "test" | "tests" | "development"))
                    };
                    name.ends_with(".txt")
                        && is_dev(name.trim_end_matches(".txt"))
                        && (name.contains("requirements") || folder == "requirements")
                })
                .map(|w| {
                    (
                        format!("{w} is installed into the image"),
                        "install the production list alone".to_string(),
                    )
                }),
            "poetry" => manifest_has(
                view,
                install,
                &["[tool.poetry.group.dev", "[tool.poetry.dev-dependencies]"],
            )
            .then(|| with_flag(install)),
            "uv" => (manifest_has(view, install, &["[dependency-groups]"])
                && manifest_has(view, install, &["\ndev = ["])
                && !env.iter().any(|(k, _)| k == "UV_NO_DEV"))
            .then(|| with_flag(install)),
            "pipenv" => words.iter().any(|w| w == "--dev" || w == "-d").then(|| {
                (
                    "development dependencies are in the image".to_string(),
                    "leave `--dev` out".to_string(),
                )
            }),
            _ => None,
        };
        let Some((title, help)) = title else { continue };
        if pruned(view, install) {
            continue;
        }
        found.push(
            Diagnostic::warning(rule, title)
                .at(
                    install.instruction.place_of(&install.command),
                    "size and attack surface that the running program does not use",
                )
                .help(help),
        );
    }
    found
}

fn with_flag(install: &Install) -> (String, String) {
    let command = install.command.words.join(" ");
    let title = "development dependencies are in the image".to_string();
    (
        title,
        format!(
            "write `{command} {}`, in a stage of its own where the build needs the others",
            install.tool.without_dev
        ),
    )
}

fn manifest_has(view: &View, install: &Install, any: &[&str]) -> bool {
    let Some(dir) = view.manifest_dir(install, install.tool.manifest) else {
        return false;
    };
    view.read(&join(&dir, install.tool.manifest))
        .is_some_and(|t| any.iter().any(|a| t.text.contains(a)))
}

/// Programs that come from a package with another name.
const BINS: &[(&str, &str)] = &[
    ("tsc", "typescript"),
    ("nest", "@nestjs/cli"),
    ("ng", "@angular/cli"),
    ("vue-cli-service", "@vue/cli-service"),
];

fn node(view: &View, install: &Install, env: &[(String, String)]) -> Option<(String, String)> {
    let dir = view.manifest_dir(install, "package.json")?;
    let json = view.json(&join(&dir, "package.json"))?;
    let dev = json
        .get("devDependencies")?
        .as_object()
        .filter(|d| !d.is_empty())?;
    if env
        .iter()
        .any(|(k, _)| k == "NODE_ENV" || k.to_lowercase().starts_with("npm_config_"))
        || view.has(&join(&dir, ".npmrc"))
    {
        return None;
    }
    // A start that runs a development dependency needs it.
    let words = started(view, &json)?;
    let needs = |word: &String| {
        let base = word.rsplit('/').next().unwrap_or(word);
        BINS.iter().any(|(b, p)| base == *b && dev.contains_key(*p))
            || dev.keys().any(|d| d.len() > 2 && word.contains(d.as_str()))
    };
    if words.iter().any(needs) {
        return None;
    }
    Some(with_flag(install))
}

/// Words of the start, a script of package.json resolved. `None` where it is not certain.
fn started(view: &View, json: &Value) -> Option<Vec<String>> {
    let words = view.start_words()?;
    match script_name(&words) {
        None if matches!(
            words[0].as_str(),
            "node" | "/usr/local/bin/node" | "/nodejs/bin/node"
        ) =>
        {
            Some(words)
        }
        None => None,
        Some(name) => {
            let script = json.get("scripts")?.get(&name)?.as_str()?;
            command::parse(script)
                .map(|c| c.words)
                .filter(|w| script_name(w).is_none())
        }
    }
}

/// `start` for `npm start`, `npm run start`, `yarn start`.
pub fn script_name(words: &[String]) -> Option<String> {
    let word = |n: usize| words.get(n).map(String::as_str);
    if !matches!(word(0)?, "npm" | "yarn" | "pnpm") {
        return None;
    }
    match word(1)? {
        "run" | "run-script" => word(2).map(str::to_string),
        name if !name.starts_with('-') => Some(name.to_string()),
        _ => None,
    }
}

/// Is there something later that takes the development dependencies out, or all packages?
fn pruned(view: &View, install: &Install) -> bool {
    let mut later = view.runs(install.stage);
    later.extend(view.runs(view.file.stages.len() - 1));
    later.iter().any(|(i, c)| {
        let prune = c
            .args()
            .iter()
            .any(|a| matches!(a.as_str(), "prune" | "focus" | "autoclean"));
        let again = super::tools::install(c).is_some_and(|(t, _)| {
            t.production
                .iter()
                .any(|p| c.words.iter().any(|w| w == p || w.starts_with(&format!("{p}="))))
        });
        let removed = c.program() == "rm" && c.args().iter().any(|a| a.contains("node_modules"));
        (prune || again || removed || c.program() == "node-prune" || c.program() == "modclean")
            && i.at.line() >= install.instruction.at.line()
    })
}

/// Where each installer leaves what it downloaded, and how that is left out.
pub fn caches(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let mut found = Vec::new();
    let env = view.env(view.file.stages.len() - 1);
    let is_on = |name: &str| {
        env.get(name)
            .is_some_and(|v| !matches!(v.as_str(), "" | "0" | "false" | "off"))
    };
    for (stage, _, i) in view.shipped().filter(|(_, _, i)| i.keyword == "RUN") {
        let commands = i.commands();
        let text: String = format!(
            "{} {}",
            i.text,
            i.heredocs.iter().map(|h| h.text.as_str()).collect::<String>()
        );
        let mounted = |part: &str| {
            i.mounts()
                .any(|m| m.kind() != "bind" && m.target().is_some_and(|t| t.contains(part)))
        };
        let removes = |part: &str| {
            commands
                .iter()
                .any(|c| matches!(c.program(), "rm" | "find") && c.args().iter().any(|a| a.contains(part)))
        };
        for c in &commands {
            let arg = |word: &str| c.args().iter().any(|a| a == word);
            let hit = match c.program() {
                "apt-get" | "apt" if arg("update") => {
                    let kept = !removes("/var/lib/apt")
                        && !removes("/var/lib")
                        && !mounted("/var/lib/apt")
                        && !text.contains("rm -rf /var/cache/apt /var/lib")
                        && !text.contains("/apt/lists");
                    let debian = view.base(stage).is_some_and(|b| b.libc.is_some());
                    (kept && debian).then_some((
                        "package lists of apt stay in the image",
                        "end the RUN with `&& rm -rf /var/lib/apt/lists/*`".to_string(),
                    ))
                }
                "apk" if arg("add") || arg("update") => {
                    let kept = !arg("--no-cache")
                        && !c.args().iter().any(|a| a.contains("--no-cache"))
                        && !removes("/var/cache/apk")
                        && !mounted("/var/cache/apk")
                        && !mounted("/etc/apk");
                    let cleaned = text.contains("/var/cache/") || text.contains("cache clean");
                    (kept && !cleaned).then(|| {
                        (
                            "the package index of apk stays in the image",
                            "write `apk add --no-cache …`, without `apk update`".to_string(),
                        )
                    })
                }
                "pip" | "pip3" | "python" | "python3"
                    if arg("install")
                        && (c.program().starts_with("pip")
                            || c.args().starts_with(&["-m".into(), "pip".into()])) =>
                {
                    let kept = !arg("--no-cache-dir")
                        && !arg("--no-cache")
                        && !is_on("PIP_NO_CACHE_DIR")
                        && !env.contains_key("PIP_CACHE_DIR")
                        && !mounted("pip")
                        && !mounted(".cache")
                        && !removes(".cache")
                        && !text.contains("pip cache purge")
                        && !text.contains("PIP_NO_CACHE_DIR");
                    let only_tools = c.args().iter().all(|a| {
                        a.starts_with('-') || matches!(a.as_str(), "install" | "pip" | "setuptools" | "wheel")
                    });
                    (kept && !only_tools && !env.contains_key("PIP_NO_CACHE_DIR")).then(|| {
                        (
                            "downloads of pip stay in the image",
                            "add `--no-cache-dir`, or `RUN --mount=type=cache,target=/root/.cache/pip`"
                                .to_string(),
                        )
                    })
                }
                "npm" if arg("ci") || arg("install") || arg("i") => {
                    let kept = !mounted("npm")
                        && !mounted(".cache")
                        && !text.contains("cache clean")
                        && !removes(".npm")
                        && !removes("/root")
                        && !env.keys().any(|k| k.to_lowercase() == "npm_config_cache")
                        && !c.has("--cache")
                        && !removes("/tmp")
                        && !removes("_cacache");
                    kept.then(|| ("downloads of npm stay in the image", "write `RUN --mount=type=cache,target=/root/.npm …`, or end it with `&& npm cache clean --force`".to_string()))
                }
                _ => None,
            };
            if let Some((title, help)) = hit {
                found.push(
                    Diagnostic::warning(rule, title)
                        .at(i.place_of(c), "space in a layer that nothing uses again")
                        .help(help),
                );
                break;
            }
        }
    }
    found
}

/// Tools that a person uses and a program does not.
const BY_HAND: &[&str] = &[
    "vim",
    "vim-tiny",
    "nano",
    "emacs",
    "emacs-nox",
    "gdb",
    "strace",
    "ltrace",
    "tcpdump",
    "htop",
    "telnet",
    "nmap",
    "tmux",
    "screen",
    "mc",
];

pub fn by_hand(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    if !view.deployed {
        return Vec::new();
    }
    let all = view.runs(view.file.stages.len() - 1);
    let start = view.start_text();
    let mut found = Vec::new();
    for (i, c) in &all {
        let adds = matches!(c.program(), "apt-get" | "apt") && c.args().iter().any(|a| a == "install")
            || c.program() == "apk" && c.args().iter().any(|a| a == "add");
        let tool = c.args().iter().find(|a| BY_HAND.contains(&a.as_str()));
        let Some(tool) = tool.filter(|_| adds) else {
            continue;
        };
        if used(tool, &all, c, &start) {
            continue;
        }
        found.push(
            Diagnostic::warning(rule, format!("{tool} is in the image that runs"))
                .at(
                    i.place_of(c),
                    "a help for an intruder, and more to keep up to date",
                )
                .help(format!(
                    "take {tool} out; debug with a stage of its own (`--target debug`) or `docker debug`"
                )),
        );
    }
    found
}

fn used(tool: &str, all: &[(&Instruction, Command)], own: &Command, start: &str) -> bool {
    start.contains(tool)
        || all.iter().any(|(_, c)| {
            c != own
                && (c.program() == tool
                    || c.args().iter().any(|a| {
                        matches!(c.program(), "apt-get" | "apk")
                            && (a == "purge" || a == "remove" || a == "del")
                    }))
        })
}
