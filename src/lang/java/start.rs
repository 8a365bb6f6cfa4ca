//! Which class is started, with which arguments and files.

use super::facts::{Facts, Package};
use super::rules;
use super::sources::Kind;
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::lang::Project;
use crate::manifest::command;
use crate::paths;
use crate::source::Sourced;

/// Candidates that a message lists.
const SHOWN: usize = 8;

/// The class to start; `None` where the artifact starts by itself.
///
/// # Errors
/// Several classes could be meant, or none.
pub fn main_class(project: &Project, facts: &Facts) -> Result<Option<Chosen<String>>, Diagnostic> {
    if let Some(given) = &project.settings.main {
        return Ok(Some(Chosen::new(given.value.clone(), given.because.clone())));
    }
    let needs = matches!(
        facts.package,
        Package::Thin { .. } | Package::Installed { .. } | Package::Fat { runs: false, .. }
    );
    if !needs {
        return Ok(None);
    }
    if let Some(main) = &facts.declared {
        let because = Because::at(&main.at, "names the main class");
        return Ok(Some(Chosen::new(main.value.clone(), because)));
    }
    if let Some(main) = procfile(project).and_then(|p| p.main) {
        let because = Because::at(&main.at, "starts this class");
        return Ok(Some(Chosen::new(main.value, because)));
    }
    let Some(best) = facts.mains.first() else {
        return Err(Diagnostic::error(&rules::NO_MAIN, "no class to start")
            .at(
                project.claim.manifest.clone(),
                "looked for a main class in the build, a Procfile, and `main` methods under src/main",
            )
            .help("give it with --main, or set `main` in rdock.toml"));
    };
    let equal: Vec<_> = facts.mains.iter().filter(|m| m.kind == best.kind).collect();
    let over: Vec<Rejected> = facts
        .mains
        .iter()
        .filter(|m| m.class != best.class)
        .map(|m| Rejected::possible(m.class.clone(), "has a main method too"))
        .collect();
    // The same program in Java and in Kotlin: either will do.
    let stem = |class: &str| {
        class
            .strip_suffix("Kt")
            .unwrap_or(class)
            .rsplit('.')
            .next()
            .map(str::to_string)
    };
    let twins = equal.iter().all(|m| stem(&m.class) == stem(&best.class));
    if equal.len() > 1 && !twins {
        let mut list: Vec<&str> = equal.iter().map(|m| m.class.as_str()).take(SHOWN).collect();
        if equal.len() > SHOWN {
            list.push("…");
        }
        return Err(Diagnostic::error(
            &diagnostic::rules::AMBIGUOUS,
            format!("more than one class could be started: {}", list.join(", ")),
        )
        .at(best.at.clone(), "one of them")
        .choices("main", equal.iter().map(|m| m.class.clone()))
        .help(format!(
            "choose with --main {}, or set `main` in rdock.toml",
            best.class
        )));
    }
    let why = match best.kind {
        Kind::Marked => "is marked as the program",
        Kind::Named => "is named as programs are, and has a main method",
        Kind::Serves => "opens a server in its file, and no other class with a main method does",
        Kind::Plain | Kind::Aside => "has the only main method",
    };
    let because = Because::at(&best.at, why);
    Ok(Some(Chosen::new(best.class.clone(), because).over(over)))
}

/// What a Procfile starts.
struct Process {
    main: Option<Sourced<String>>,
    arguments: Option<(Vec<String>, Because)>,
}

fn procfile(project: &Project) -> Option<Process> {
    let dirs = [&project.claim.dir, &project.claim.context];
    let source = dirs
        .iter()
        .find_map(|d| project.tree.text(&paths::join(d, "Procfile")?))?;
    let (_, line) = command::procfile(&source).into_iter().find(|(n, _)| n == "web")?;
    let words = command::parse(&line.value)?.words;
    let mut words = words.iter().peekable();
    if words.next()? != "java" {
        return None;
    }
    let mut main = None;
    let mut jar = false;
    while let Some(word) = words.next() {
        match word.as_str() {
            "-cp" | "-classpath" | "--class-path" => {
                words.next();
            }
            "-jar" => {
                words.next();
                jar = true;
                break;
            }
            option if option.starts_with(['-', '$', '@']) => {}
            class => {
                main = Some(Sourced::new(class.to_string(), line.at.clone()));
                break;
            }
        }
    }
    let rest: Vec<String> = words.cloned().collect();
    let fixed = !rest.is_empty() && !rest.iter().any(|w| w.contains('$'));
    let arguments =
        (fixed && (jar || main.is_some())).then(|| (rest, Because::at(&line.at, "gives these arguments")));
    Some(Process { main, arguments })
}

/// Arguments of the program, and the files of the project that they name: path in the repository.
pub struct Arguments {
    pub words: Vec<String>,
    pub because: Option<Because>,
    pub files: Vec<String>,
}

pub fn arguments(project: &Project, facts: &Facts) -> Arguments {
    let dropwizard = facts
        .framework
        .as_ref()
        .is_some_and(|f| f.framework.name == "Dropwizard");
    let given = procfile(project)
        .and_then(|p| p.arguments)
        .or_else(|| facts.arguments.clone());
    let classpath = facts
        .files
        .iter()
        .any(|f| f.text.contains("ResourceConfigurationSourceProvider"));
    let (words, because) = match given {
        Some((words, because)) => (words, Some(because)),
        None if dropwizard => match server_config(project, facts) {
            Some(path) => {
                let at = project.tree.place(&path);
                let because = Because::at(&at, "is the configuration that Dropwizard's `server` reads");
                let word = if classpath {
                    paths::base(&path).to_string()
                } else {
                    path
                };
                (vec!["server".into(), word], Some(because))
            }
            None => (vec!["server".into()], Some(Because::rule("Dropwizard's command"))),
        },
        None => (Vec::new(), None),
    };
    let mut files = Vec::new();
    let words = words
        .into_iter()
        .map(|word| {
            let name = paths::base(&word).to_string();
            if classpath || !is_file(&name) {
                return word;
            }
            match find(project, facts, &name) {
                Some(path) => {
                    files.push(path);
                    name
                }
                None => word,
            }
        })
        .collect();
    Arguments {
        words,
        because,
        files,
    }
}

fn is_file(name: &str) -> bool {
    [".yml", ".yaml", ".json", ".conf", ".properties", ".xml"]
        .iter()
        .any(|e| name.ends_with(e))
}

/// The folders in which a program's own configuration lies.
const FOLDERS: &[&str] = &[
    "",
    "config",
    "conf",
    "src/main/resources",
    "src/main/resources/config",
];

fn find(project: &Project, facts: &Facts, name: &str) -> Option<String> {
    [&facts.dir, &facts.context].iter().find_map(|dir| {
        FOLDERS
            .iter()
            .filter_map(|f| paths::join(&paths::join(dir, f)?, name))
            .find(|p| project.tree.has(p))
    })
}

/// The one YAML file that configures Dropwizard's server.
fn server_config(project: &Project, facts: &Facts) -> Option<String> {
    // The module's own, then one that all modules share at the top.
    let dirs = [&facts.dir, &facts.context];
    let folders = dirs
        .iter()
        .flat_map(|d| FOLDERS.iter().filter_map(|f| paths::join(d, f)));
    folders.into_iter().find_map(|dir| {
        project
            .tree
            .files_in(&dir)
            .filter(|p| p.ends_with(".yml") || p.ends_with(".yaml"))
            .filter(|p| !paths::base(p).starts_with('.'))
            .find(|p| {
                project.tree.text(p).is_some_and(|s| {
                    s.text.lines().any(|l| {
                        ["server:", "logging:", "database:"]
                            .iter()
                            .any(|k| l.starts_with(k))
                    })
                })
            })
            .map(str::to_string)
    })
}
