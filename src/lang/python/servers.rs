//! Application objects put behind a server that the project has among its dependencies.

use super::apps::App;
use super::facts::Facts;
use super::frameworks::{Factory, Interface, SERVERS, Server};
use super::ports::{port_of_app, running_calls};
use super::rules;
use super::source::Module;
use super::start::Start;
use super::{ports, scripts, version};
use crate::decision::{Because, Chosen};
use crate::diagnostic::Diagnostic;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;
use pep440_rs::Version;

const PORT: u16 = 8000;

fn has(facts: &Facts, dist: &str) -> bool {
    facts.manager.as_ref().is_some_and(|m| m.has(dist))
}

/// The server for an interface out of the project's dependencies.
fn server(facts: &Facts, interface: Interface) -> Option<&'static Server> {
    SERVERS
        .iter()
        .find(|s| s.interface == interface && has(facts, s.dist))
}

/// Could the installed version be this one or newer?
fn at_least(facts: &Facts, dist: &str, parts: [u64; 2]) -> bool {
    let found = facts.manager.as_ref().and_then(|m| m.dist(dist));
    found.is_none_or(|d| version::admits(&d.spec, &Version::new(parts)))
}

/// On a read-only root, gunicorn's heartbeat belongs into memory and its control socket nowhere.
pub fn gunicorn_flags(facts: &Facts, words: &mut Vec<String>) {
    let at = words
        .iter()
        .position(|w| w.ends_with("gunicorn"))
        .map_or(1, |i| i + 1);
    let said = |flag: &str| words.iter().any(|w| w.starts_with(flag));
    let mut flags: Vec<String> = Vec::new();
    if !said("--worker-tmp-dir") {
        flags.extend(["--worker-tmp-dir".into(), "/dev/shm".into()]);
    }
    if at_least(facts, "gunicorn", [25, 1]) && !said("--no-control-socket") {
        flags.push("--no-control-socket".into());
    }
    words.splice(at..at, flags);
}

fn words(facts: &Facts, server: &Server, app: &str, factory: bool, port: u16) -> Option<Vec<String>> {
    let named = match (factory, server.factory) {
        (false, _) | (true, Factory::Flag(_)) => app.to_string(),
        (true, Factory::Parentheses) => format!("{app}()"),
        (true, Factory::Unsupported) => return None,
    };
    let mut words = vec![server.program.to_string()];
    if let (true, Factory::Flag(flag)) = (factory, server.factory) {
        words.push(flag.to_string());
    }
    words.extend(
        server
            .arguments
            .iter()
            .map(|a| a.replace("{app}", &named).replace("{port}", &port.to_string())),
    );
    if server.dist == "gunicorn" {
        gunicorn_flags(facts, &mut words);
        if gunicorn_binds_wrongly(facts, &[]) {
            words.splice(1..1, ["--bind".into(), format!("0.0.0.0:{port}")]);
        }
    }
    Some(words)
}

/// gunicorn.conf.py, which gunicorn reads by itself.
fn gunicorn_config(facts: &Facts, words: &[String]) -> Option<Sourced<Vec<String>>> {
    let named = words
        .iter()
        .enumerate()
        .find_map(|(i, word)| match word.as_str() {
            "-c" | "--config" => words.get(i + 1).map(String::as_str),
            word => word.strip_prefix("--config="),
        });
    let path = paths::join(&facts.dir, named.unwrap_or("gunicorn.conf.py"))?;
    let source = facts.gunicorn_configs.iter().find(|s| s.path == path)?;
    let module = Module::read(source);
    let bind = module.value_of("bind")?;
    let mut said = bind.strings.clone();
    let line = &source.text[bind.at.range().map_or(0, |r| r.start)..];
    let line = line.lines().next().unwrap_or("");
    said.extend(
        line.split(|c: char| !c.is_ascii_digit())
            .filter(|d| d.len() >= 2)
            .map(str::to_string),
    );
    Some(Sourced::new(said, bind.at.clone()))
}

fn gunicorn_binds_wrongly(facts: &Facts, words: &[String]) -> bool {
    gunicorn_config(facts, words).is_some_and(|bind| {
        bind.value
            .iter()
            .any(|s| s.starts_with("127.0.0.1") || s.starts_with("localhost") || s.starts_with("unix:"))
    })
}

/// The port that gunicorn.conf.py binds in so many words, where PORT does not decide it.
pub fn gunicorn_port(facts: &Facts, words: &[String]) -> Option<u16> {
    if !words.iter().any(|w| w.ends_with("gunicorn")) {
        return None;
    }
    let bind = gunicorn_config(facts, words)?;
    if bind.value.iter().any(|s| s == "PORT") || gunicorn_binds_wrongly(facts, words) {
        return None;
    }
    bind.value.iter().find_map(|s| s.rsplit(':').next()?.parse().ok())
}

/// The application that a command names: `pkg.main:app`, `pkg.wsgi`.
pub fn app_in<'a>(facts: &'a Facts, words: &[String]) -> Option<&'a App> {
    words.iter().find_map(|word| {
        let (module, object) = word
            .split_once(':')
            .map_or((word.as_str(), None), |(m, o)| (m, Some(o)));
        let object = object.map(|o| o.split('(').next().unwrap_or(o));
        facts
            .apps
            .iter()
            .find(|a| a.import.name == module && object.is_none_or(|o| o == a.name || o == a.object()))
    })
}

/// A settings file names the application, or `uvicorn.run("app.main:app")` in a main guard.
pub fn named<'a>(facts: &'a Facts, best: &'a App) -> &'a App {
    if let Some(name) = &facts.named_app {
        let (module, object) = name.value.split_once(':').unwrap_or((&name.value, ""));
        let fits = |a: &&App| a.import.name == module && (object.is_empty() || object == a.name);
        if let Some(app) = facts.apps.iter().find(fits) {
            return app;
        }
    }
    // A script for the work on the project speaks last.
    let mut scripts: Vec<&(String, Sourced<String>)> = facts.scripts.iter().collect();
    scripts.sort_by_key(|(name, _)| {
        ["debug", "dev", "develop", "local", "test"]
            .iter()
            .any(|d| name.contains(d))
    });
    let of_script = scripts.iter().find_map(|(_, target)| {
        let module = target.value.split(':').next()?;
        facts.apps.iter().find(|a| a.import.name == module)
    });
    if let Some(app) = of_script {
        return app;
    }
    let calls = facts.modules.iter().flat_map(|m| m.calls.iter());
    let named = calls
        .filter(|c| c.callee == "uvicorn.run")
        .filter_map(|c| c.positional(0)?.value.clone())
        .find_map(|spec| {
            facts
                .apps
                .iter()
                .find(|a| a.spec() == spec || spec == format!("{}:{}", a.import.name, a.name))
        });
    named.unwrap_or(best)
}

/// The application behind a server of the project's own; `None` where it has none.
pub fn serve(facts: &Facts, app: &App, port: Option<u16>) -> Option<Start> {
    let found = port_of_app(facts, app);
    let framework = app.framework;
    let (words, server_name, reads_port, number) = match framework.interface {
        Interface::Own if framework.name == "Sanic" => {
            let number = port.or(found.as_ref().map(|p| p.value)).unwrap_or(PORT);
            let mut words = vec![
                "sanic".to_string(),
                app.spec(),
                "--host=0.0.0.0".into(),
                format!("--port={number}"),
                "--single-process".into(),
            ];
            if app.factory {
                words.push("--factory".into());
            }
            (words, "sanic", false, number)
        }
        Interface::Own => return None,
        interface => {
            let server = server(facts, interface).or_else(|| {
                // gunicorn serves ASGI by itself since 25.
                let asgi = interface == Interface::Asgi && at_least(facts, "gunicorn", [25, 0]);
                server(facts, Interface::Wsgi).filter(|s| asgi && s.dist == "gunicorn")
            })?;
            let configured = gunicorn_port(facts, &[server.program.to_string()]);
            // The port of a development server is not the one of a production server.
            let own = found
                .as_ref()
                .filter(|_| interface == Interface::Asgi)
                .map(|p| p.value);
            let number = port.or(configured).or(own).unwrap_or(PORT);
            let mut words = words(facts, server, &app.spec(), app.factory, number)?;
            if server.dist == "gunicorn" && interface == Interface::Asgi {
                words.splice(1..1, ["--worker-class".into(), "asgi".into()]);
            }
            (words, server.dist, server.reads_port, number)
        }
    };
    let kind = if app.factory {
        "a function that makes a"
    } else {
        "the"
    };
    let because = Because::at(
        &app.at,
        format!(
            "has {kind} {} application, and {server_name} is among the dependencies",
            framework.name
        ),
    );
    let mut start = Start::new(facts, words, because);
    start.entry = app.spec();
    start.framework = framework.name;
    if app.import.root != start.workdir {
        start.import_root = Some(app.import.root.clone());
    }
    start.port = Some(
        match found.filter(|p| p.value == number && framework.interface != Interface::Wsgi) {
            Some(port) => Chosen::new(number, Because::at(&port.at, "names it")),
            None => Chosen::new(number, Because::rule(format!("the usual one of {server_name}"))),
        },
    );
    if reads_port {
        start.env.push(("PORT".into(), number.to_string()));
    }
    Some(start)
}

pub fn django(facts: &Facts, port: Option<u16>) -> Option<Start> {
    let django = facts.django.as_ref()?;
    let wsgi = django.wsgi.as_ref().map(|w| (w, Interface::Wsgi));
    let asgi = django.asgi.as_ref().map(|a| (a, Interface::Asgi));
    let order = if django.uses_channels {
        [asgi, wsgi]
    } else {
        [wsgi, asgi]
    };
    let chosen = order
        .into_iter()
        .flatten()
        .find_map(|(app, interface)| Some((app, server(facts, interface)?)));
    let at = |app: &Sourced<String>| app.at.clone();
    let mut start = match chosen {
        Some((app, server)) => {
            let number = port
                .or(gunicorn_port(facts, &[server.program.to_string()]))
                .unwrap_or(PORT);
            let words = words(facts, server, &app.value, false, number)?;
            let because = Because::at(
                &at(app),
                format!(
                    "is Django's application, and {} is among the dependencies",
                    server.dist
                ),
            );
            let mut start = Start::new(facts, words, because);
            start.entry = app.value.clone();
            start.port = Some(Chosen::new(
                number,
                Because::rule(format!("the usual one of {}", server.dist)),
            ));
            if server.reads_port {
                start.env.push(("PORT".into(), number.to_string()));
            }
            start
        }
        None => {
            let number = port.unwrap_or(PORT);
            let words = ["python", "manage.py", "runserver", "--noreload"]
                .map(String::from)
                .to_vec();
            let mut start = Start::new(
                facts,
                words,
                Because::at(
                    &django.manage,
                    "starts Django's own server, and no other is among the dependencies",
                ),
            );
            start.words.push(format!("0.0.0.0:{number}"));
            start.entry = "manage.py".into();
            start.port = Some(Chosen::new(number, Because::rule("the usual one of Django")));
            start.warnings.push(
                Diagnostic::warning(&rules::NO_SERVER, "the image starts Django's development server")
                    .at(
                        django.manage.clone(),
                        "no gunicorn or uvicorn among the dependencies",
                    )
                    .help("add gunicorn to the dependencies"),
            );
            start
        }
    };
    start.framework = "Django";
    start.workdir = django.dir.clone();
    Some(start)
}

/// A framework's own development server, or the script's: what works without adding a dependency.
pub fn development(tree: &Tree, facts: &Facts, app: &App, port: Option<u16>) -> Option<Start> {
    let module = facts.modules.iter().find(|m| m.path == app.path)?;
    let runs = running_calls(module).find(|c| c.in_guard || c.function.as_deref() == Some("main"));
    let open = runs.is_some_and(|c| {
        let host = c.keyword("host").or(c.keyword("address"));
        let literal = host.and_then(|h| h.value.as_deref().filter(|_| h.is_string));
        host.is_some() && !literal.is_some_and(|h| matches!(h, "127.0.0.1" | "localhost"))
    });
    let debug = runs
        .and_then(|c| c.keyword("debug"))
        .is_some_and(|a| a.value.as_deref() == Some("True"));
    let number = port
        .or(ports::named_port(module).map(|p| p.value))
        .unwrap_or(if app.framework.dist == "flask" { 5000 } else { PORT });
    let flask = ["Flask", "APIFlask", "Flask-OpenAPI3"].contains(&app.framework.name);
    if !flask || open && !debug {
        if runs.is_none() || app.framework.interface == Interface::Asgi && !open {
            return None;
        }
        let because = Because::at(
            &app.at,
            format!(
                "has the {} application, and its own main guard starts it",
                app.framework.name
            ),
        );
        let mut start = scripts::file(tree, facts, module, port, because);
        start.framework = app.framework.name;
        start.command_line = false;
        if app.framework.interface != Interface::Own {
            start.warnings.push(no_server_warning(app));
        }
        start.port = start.port.or_else(|| {
            Some(Chosen::new(
                number,
                Because::rule(format!("the usual one of {}", app.framework.name)),
            ))
        });
        return Some(start);
    }
    let target = if app.name == "app" && app.import.name == "app" {
        app.import.name.clone()
    } else {
        app.spec()
    };
    let words = [
        "flask",
        "--app",
        &target,
        "run",
        "--host",
        "0.0.0.0",
        "--port",
        &number.to_string(),
    ]
    .map(String::from);
    let because = Because::at(
        &app.at,
        "has the Flask application, and no production server is among the dependencies",
    );
    let mut start = Start::new(facts, words.to_vec(), because);
    if !at_least(facts, "flask", [2, 2]) {
        start.words.drain(1..3);
        start.env.push(("FLASK_APP".into(), target));
    }
    start.entry = app.spec();
    start.framework = app.framework.name;
    if app.import.root != start.workdir {
        start.import_root = Some(app.import.root.clone());
    }
    start.port = Some(match ports::named_port(module).filter(|p| p.value == number) {
        Some(port) => Chosen::new(number, Because::at(&port.at, "names it")),
        None => Chosen::new(number, Because::rule("the usual one of Flask's own server")),
    });
    start.warnings.push(no_server_warning(app));
    if let Some(call) = runs.filter(|_| debug) {
        start.warnings.push(
            Diagnostic::warning(
                &rules::DEBUG,
                "the image leaves out the debugger of the main guard",
            )
            .at(call.at.clone(), "debug=True")
            .help("take `debug=True` out, or read it from the environment"),
        );
    }
    Some(start)
}

fn no_server_warning(app: &App) -> Diagnostic {
    let add = if app.framework.interface == Interface::Asgi {
        "uvicorn"
    } else {
        "gunicorn"
    };
    Diagnostic::warning(
        &rules::NO_SERVER,
        format!("the image starts {}'s development server", app.framework.name),
    )
    .at(app.at.clone(), "no production server among the dependencies")
    .help(format!("add {add} to the dependencies"))
}

/// # Panics
/// Never.
pub fn no_server(facts: &Facts, app: &App) -> Diagnostic {
    let add = if app.framework.interface == Interface::Wsgi {
        "gunicorn"
    } else {
        "uvicorn"
    };
    let place = facts
        .manager
        .as_ref()
        .map_or("requirements.txt", |m| m.at.file())
        .to_string();
    let at: Location = app.at.clone();
    Diagnostic::error(
        &rules::NO_SERVER,
        format!(
            "nothing among the dependencies can serve the {} application {}",
            app.framework.name,
            app.spec()
        ),
    )
    .at(at, "the application")
    .help(format!(
        "add {add} to the dependencies ({place}), or give `--command`"
    ))
}
