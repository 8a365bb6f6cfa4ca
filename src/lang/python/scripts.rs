//! Programs that are no web application: console scripts, packages with `__main__.py`, workers,
//! single files.

use super::apps::App;
use super::facts::Facts;
use super::frameworks::{CLI_MODULES, SCRIPTS};
use super::modules;
use super::source::Module;
use super::start::{Start, loopback_warning, running_calls};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::pep508::normalize;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// The console script named as the project, or the only one.
///
/// # Errors
/// Several, none of which has the project's name.
pub fn console(facts: &Facts, over: &mut Vec<Rejected>) -> Result<Option<Start>, Diagnostic> {
    if !facts.is_package {
        return Ok(None);
    }
    let name = facts
        .name
        .as_ref()
        .map(|n| normalize(&n.value))
        .unwrap_or_default();
    let chosen = match &facts.scripts[..] {
        [] => return Ok(None),
        [one] => one,
        several => {
            let joined = |text: &str| normalize(text).replace('-', "");
            let named = several
                .iter()
                .find(|(n, _)| normalize(n) == name)
                .or_else(|| several.iter().find(|(n, _)| joined(n) == joined(&name)));
            let Some(named) = named.or_else(|| {
                several
                    .iter()
                    .find(|(n, _)| ["start", "serve", "server", "app", "main", "run"].contains(&n.as_str()))
            }) else {
                let names: Vec<&str> = several.iter().map(|(n, _)| n.as_str()).collect();
                return Err(Diagnostic::error(
                    &diagnostic::rules::AMBIGUOUS,
                    format!("the project has several programs: {}", names.join(", ")),
                )
                .at(several[0].1.at.clone(), "the first of them")
                .choices("main", names.iter().copied())
                .help(format!(
                    "choose with `--main {}`, or with `main` in rdock.toml",
                    names[0]
                )));
            };
            let others = several.iter().filter(|(n, _)| *n != named.0);
            over.extend(others.map(|(n, _)| {
                Rejected::possible(n.clone(), "another console script; choose it with --main")
            }));
            named
        }
    };
    Ok(Some(console_script(facts, &chosen.0, &chosen.1)))
}

/// A console script whose function sets the application up and starts the server: the application
/// alone, behind a framework's development server, would lack what it sets up.
pub fn serving_console(tree: &Tree, facts: &Facts) -> Option<Start> {
    if !facts.is_package {
        return None;
    }
    let serves = |target: &str| -> Option<&Module> {
        let (name, function) = target.split_once(':')?;
        let function = function.split_whitespace().next()?;
        let own = |callee: &str| {
            let last = callee.rsplit('.').next().unwrap_or(callee);
            last != function
                && !last.starts_with("get")
                && facts
                    .modules
                    .iter()
                    .flat_map(|m| &m.functions)
                    .any(|f| f.name == last)
        };
        // The package may only pass on what one of its modules defines.
        let below = format!("{name}.");
        facts.modules.iter().find(|module| {
            let import = modules::import_of(tree, &facts.dir, module).name;
            let mut defined = module.functions.iter().filter(|f| f.name == function);
            (import == name || import.starts_with(&below))
                && defined.any(|f| f.calls.iter().any(|c| own(c)))
                && running_calls(module)
                    .any(|c| c.function.as_deref() == Some(function) && !is_launcher(&c.callee))
        })
    };
    let (name, target, module) = facts
        .scripts
        .iter()
        .find_map(|(name, target)| Some((name, target, serves(&target.value)?)))?;
    let mut start = console_script(facts, name, target);
    start.warnings.extend(loopback(module));
    if let Some(port) = named_port(module) {
        start.port = Some(Chosen::new(port.value, Because::at(&port.at, "names it")));
    }
    Some(start)
}

/// A script at the top, named as the package that holds the application, or as scripts are, which uses
/// that package: it sets up what the application alone lacks.
pub fn setting_up(tree: &Tree, facts: &Facts, app: &App, port: Option<u16>) -> Option<Start> {
    let package = app.import.name.split('.').next()?;
    if !app.import.name.contains('.') && !app.path.ends_with("__init__.py") {
        return None;
    }
    let known = |m: &Module| {
        let inside = paths::relative(&m.path, &facts.dir);
        !inside.contains('/') && (SCRIPTS.contains(&inside) || m.stem() == package)
    };
    let mut fitting = facts
        .modules
        .iter()
        .filter(|m| m.guard.is_some() && m.path != app.path && known(m) && m.imports(package));
    let module = fitting.next().filter(|_| fitting.next().is_none())?;
    let guard = module.guard.clone()?;
    let because = Because::at(
        &guard,
        "is its main guard, and no server for the application is among the dependencies",
    );
    let mut start = file(tree, facts, module, port, because);
    start.framework = app.framework.name;
    Some(start)
}

/// `run` of something that runs other things.
fn is_launcher(callee: &str) -> bool {
    matches!(
        callee,
        "asyncio.run" | "subprocess.run" | "anyio.run" | "trio.run" | "uvloop.run"
    )
}

pub fn console_script(facts: &Facts, name: &str, target: &Sourced<String>) -> Start {
    let mut start = Start::new(
        facts,
        vec![name.to_string()],
        Because::at(&target.at, format!("makes the console script {name}")),
    );
    start.own_script = true;
    start.command_line = true;
    start
}

/// `python -m package`, of a package at the top or in `src`: further down lie copies of others.
pub fn package(tree: &Tree, facts: &Facts) -> Option<Start> {
    let mains = facts.modules.iter().filter(|m| {
        let inside = paths::relative(&m.path, &facts.dir);
        let depth = inside.trim_start_matches("src/").matches('/').count();
        paths::base(inside) == "__main__.py" && depth == 1
    });
    let module = mains.min_by_key(|m| (m.path.matches('/').count(), m.path.clone()))?;
    let because = Because::at(&Location::whole(&module.source), "makes the package a program");
    Some(file(tree, facts, module, None, because))
}

/// A Celery worker, where there is no web application.
pub fn worker(tree: &Tree, facts: &Facts) -> Option<Start> {
    let manager = facts.manager.as_ref()?;
    if manager.dist("celery").is_some() {
        let found = facts.modules.iter().find_map(|m| {
            let value = m.values.iter().find(|v| {
                matches!(
                    v.callee.as_deref(),
                    Some("celery.Celery" | "celery.app.Celery" | "celery.app.base.Celery")
                )
            })?;
            Some((m, value))
        });
        let (module, value) = found?;
        let import = modules::import_of(tree, &facts.dir, module);
        let target = format!("{}:{}", import.name, value.name);
        let words = ["celery", "--app", &target, "worker", "--loglevel=INFO"]
            .map(String::from)
            .to_vec();
        let mut start = Start::new(facts, words, Because::at(&value.at, "has the Celery application"));
        start.entry = target;
        start.framework = "Celery";
        if import.root != facts.dir {
            start.import_root = Some(import.root);
        }
        return Some(start);
    }
    None
}

/// Where no file is a program: a worker of RQ, or Locust with its file.
pub fn runner_of_files(tree: &Tree, facts: &Facts) -> Option<Start> {
    let manager = facts.manager.as_ref()?;
    let works = |m: &Module| {
        m.guard.is_some()
            || m.calls
                .iter()
                .any(|c| c.callee.rsplit('.').next() == Some("work"))
    };
    if facts.modules.iter().any(works) {
        return None;
    }
    if let Some(dist) = manager.dist("rq").filter(|d| d.direct) {
        let queue = facts
            .modules
            .iter()
            .flat_map(|m| &m.calls)
            .filter(|c| matches!(c.callee.as_str(), "rq.Queue" | "rq.queue.Queue"))
            .find_map(|c| c.positional(0).filter(|a| a.is_string)?.value.clone());
        let mut words = vec!["rq".to_string(), "worker".into()];
        words.extend(queue);
        let because = Because::at(
            &dist.at,
            "asks for RQ, and no file starts a worker; RQ_REDIS_URL says where Redis is",
        );
        let mut start = Start::new(facts, words, because);
        start.framework = "RQ";
        return Some(start);
    }
    if let Some(start) = spider(tree, facts) {
        return Some(start);
    }
    let file = super::facts::in_dir(&facts.dir, LOCUST_FILE);
    if manager.dist("locust").is_some() && tree.has(&file) {
        let because = Because::at(&tree.place(&file), "is what Locust runs");
        let mut start = Start::new(facts, vec!["locust".into()], because);
        start.framework = "Locust";
        start.port = Some(Chosen::new(
            8089,
            Because::rule("the usual one of Locust's web interface"),
        ));
        return Some(start);
    }
    None
}

/// The only spider of a Scrapy project, or the command that takes the name of one.
fn spider(tree: &Tree, facts: &Facts) -> Option<Start> {
    facts.manager.as_ref()?.dist("scrapy").filter(|d| d.direct)?;
    let cfg = tree
        .under(&facts.dir)
        .filter(|p| paths::base(p) == "scrapy.cfg")
        .min_by_key(|p| (p.matches('/').count(), *p))?;
    let spiders: Vec<String> = facts
        .modules
        .iter()
        .filter(|m| paths::base(paths::parent(&m.path)) == "spiders" && m.imports("scrapy"))
        .filter_map(|m| spider_name(&m.source.text))
        .collect();
    let mut words = vec!["scrapy".to_string(), "crawl".into()];
    let because = Because::at(&tree.place(cfg), "makes it a project of Scrapy");
    if let [one] = &spiders[..] {
        words.push(one.clone());
    }
    let mut start = Start::new(facts, words, because);
    start.command_line = spiders.len() != 1;
    start.framework = "Scrapy";
    start.workdir = paths::parent(cfg).to_string();
    Some(start)
}

/// `name = "quotes"` in the class of a spider.
fn spider_name(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|l| l.starts_with("name = "))?;
    let name = line["name = ".len()..].trim_matches(['"', '\'']);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_string())
}

/// What Locust takes without a word.
pub const LOCUST_FILE: &str = "locustfile.py";

/// A file that is a program by its main guard or by its name.
///
/// # Errors
/// Several that are equally so.
pub fn script(
    tree: &Tree,
    facts: &Facts,
    port: Option<u16>,
    over: &mut Vec<Rejected>,
) -> Result<Option<Start>, Diagnostic> {
    let inside = |m: &Module| paths::relative(&m.path, &facts.dir).to_string();
    let depth = |m: &Module| inside(m).trim_start_matches("src/").matches('/').count();
    let known = |m: &Module| SCRIPTS.iter().position(|s| *s == paths::base(&m.path));
    let guarded: Vec<&Module> = facts.modules.iter().filter(|m| m.guard.is_some()).collect();
    let top: Vec<&Module> = facts.modules.iter().filter(|m| depth(m) == 0).collect();
    let project = facts.name.as_ref().map_or(String::new(), |n| normalize(&n.value));
    let best = top
        .iter()
        .copied()
        .filter(|m| known(m).is_some() && paths::base(&m.path) != "__init__.py")
        .min_by_key(|m| (m.guard.is_none(), known(m), m.path.clone()));
    let by_name = || {
        guarded
            .iter()
            .copied()
            .find(|m| depth(m) <= 1 && !project.is_empty() && normalize(m.stem()) == project)
    };
    let programs: Vec<&Module> = top.iter().copied().filter(|m| m.guard.is_some()).collect();
    let only = || match programs[..] {
        [one] => Some(one).filter(|m| !is_helper(m.stem())),
        _ => {
            let mut serious = programs.iter().copied().filter(|m| !is_helper(m.stem()));
            let first = serious.next();
            let mut serving = programs.iter().copied().filter(|m| served_port(m).is_some());
            let server = serving.next();
            first
                .filter(|_| serious.next().is_none())
                .or(server.filter(|_| serving.next().is_none()))
        }
    };
    // Several programs at the top are a question; what lies below them is no answer.
    let asks = programs.iter().filter(|m| !is_helper(m.stem())).count() > 1;
    // A program that another one imports is a part of it, whatever its own guard does.
    let outer = || {
        let part = |m: &&Module| {
            let others = programs.iter().filter(|o| o.path != m.path);
            others.into_iter().any(|o| o.imports.contains(m.stem()))
        };
        let mut outer = programs
            .iter()
            .copied()
            .filter(|m| !part(m) && !is_helper(m.stem()));
        let first = outer.next();
        first.filter(|_| asks && outer.next().is_none())
    };
    let deeper = || {
        guarded
            .iter()
            .copied()
            .filter(|m| !asks && known(m).is_some() && depth(m) <= 2)
            .min_by_key(|m| (depth(m), known(m), m.path.clone()))
    };
    let alone = || match top
        .iter()
        .filter(|m| !m.path.ends_with("__init__.py"))
        .collect::<Vec<_>>()[..]
    {
        [one] => Some(*one),
        _ => None,
    };
    let any = || match guarded[..] {
        [one] => Some(one),
        _ => None,
    };
    let chosen = best
        .or_else(by_name)
        .or_else(only)
        .or_else(outer)
        .or_else(deeper)
        .or_else(alone)
        .or_else(any)
        .or_else(|| programs.first().copied().filter(|_| programs.len() == 1));
    let Some(module) = chosen else {
        if programs.len() > 1 {
            let names: Vec<String> = programs.iter().map(|m| inside(m)).collect();
            return Err(Diagnostic::error(
                &diagnostic::rules::AMBIGUOUS,
                format!("several files are programs: {}", names.join(", ")),
            )
            .at(
                programs[0].guard.clone().expect("a program has a guard"),
                "the first of them",
            )
            .choices("main", names.iter().cloned())
            .help(format!(
                "choose with `--main {}`, or with `main` in rdock.toml",
                names[0]
            )));
        }
        return Ok(None);
    };
    over.extend(
        programs
            .iter()
            .filter(|m| m.path != module.path)
            .map(|m| Rejected::possible(inside(m), "another file with a main guard; choose it with --main")),
    );
    let because = match &module.guard {
        Some(guard) => Because::at(guard, "is its main guard"),
        None => Because::at(
            &Location::whole(&module.source),
            "is a program by its name, and no other file speaks for itself",
        ),
    };
    Ok(Some(file(tree, facts, module, port, because)))
}

/// Is this the name of something that helps with a program rather than the program?
fn is_helper(stem: &str) -> bool {
    let helpers = [
        "client", "demo", "download", "evaluate", "example", "export", "generate", "helper", "helpers",
        "import", "init", "install", "migrate", "populate", "seed", "test", "train", "utils",
    ];
    stem.split('_').any(|part| helpers.contains(&part))
}

/// `python main.py` at the top, `python -m pkg.main` in a package.
pub fn file(tree: &Tree, facts: &Facts, module: &Module, port: Option<u16>, because: Because) -> Start {
    let import = modules::import_of(tree, &facts.dir, module);
    let inside = paths::relative(&module.path, &facts.dir).to_string();
    let relative = paths::relative(&module.path, &import.root);
    let main = relative.strip_suffix("/__main__.py");
    // A file in a package imports its neighbours through the package; elsewhere a path will do.
    let in_package = relative.contains('/');
    let words: Vec<String> = match (main, in_package) {
        (Some(package), _) => vec!["python".into(), "-m".into(), package.replace('/', ".")],
        (None, true) => vec!["python".into(), "-m".into(), import.name.clone()],
        (None, false) => vec!["python".into(), inside.clone()],
    };
    let by_module = words[1] == "-m";
    let mut start = Start::new(facts, words, because);
    start.entry = inside;
    if by_module && import.root != facts.dir {
        start.import_root = Some(import.root);
    }
    start.command_line = CLI_MODULES.iter().any(|m| module.imports(m));
    let served = served_port(module);
    if let Some(found) = &served {
        let number = port.unwrap_or(found.value);
        start.port = Some(Chosen::new(number, Because::at(&found.at, "names it")));
        start.command_line = false;
        start.warnings.extend(loopback(module));
        if reads_port(module, facts) {
            start.env.push(("PORT".into(), number.to_string()));
        }
    }
    start
}

/// A port in a call that starts a server, or the default of the variable PORT.
pub fn named_port(module: &Module) -> Option<Sourced<u16>> {
    let number = |text: &str| -> Option<u16> {
        let digits = text.rsplit(':').next().unwrap_or(text);
        digits.parse().ok().filter(|p| *p > 0)
    };
    let in_calls = running_calls(module).find_map(|call| {
        let argument = call.keyword("port").or(call.keyword("server_port")).or_else(|| {
            let last = call.callee.rsplit('.').next().unwrap_or("");
            let positional = matches!(
                last,
                "listen"
                    | "HTTPServer"
                    | "ThreadingHTTPServer"
                    | "TCPServer"
                    | "WSGIServer"
                    | "make_server"
                    | "add_insecure_port"
                    | "add_secure_port"
                    | "run_simple"
            );
            let usable = |a: &&super::source::Argument| a.literals.iter().any(|l| number(l).is_some());
            call.arguments.iter().filter(|_| positional).find(usable)
        })?;
        let from_name = argument
            .value
            .as_deref()
            .filter(|_| !argument.is_string)
            .and_then(|name| module.value_of(name))
            .and_then(|v| number_in(&v.at, &v.name));
        let port = from_name.or_else(|| argument.literals.iter().rev().find_map(|l| number(l)))?;
        Some(Sourced::new(port, argument.at.clone()))
    });
    in_calls.or_else(|| {
        let call = port_variable(module)?;
        let default = call.positional(1)?;
        let port = default.literals.iter().find_map(|l| number(l))?;
        Some(Sourced::new(port, call.at.clone()))
    })
}

/// The number in `PORT = 8000` or `port = int(os.getenv("PORT", 8000))`.
fn number_in(at: &Location, name: &str) -> Option<u16> {
    let text = &at.source().text[at.range()?.start..];
    let line = text.lines().next()?.strip_prefix(name)?;
    line.split(|c: char| !c.is_ascii_digit())
        .rev()
        .find_map(|d| d.parse().ok().filter(|p| *p > 0))
}

fn port_variable(module: &Module) -> Option<&super::source::Call> {
    module.calls.iter().find(|c| {
        (c.callee.ends_with("getenv") || c.callee.ends_with("environ.get") || c.callee.ends_with("environ"))
            && c.positional(0).and_then(|a| a.value.as_deref()) == Some("PORT")
    })
}

fn reads_port(module: &Module, facts: &Facts) -> bool {
    port_variable(module).is_some() || facts.modules.iter().any(|m| port_variable(m).is_some())
}

/// Where the call that starts the server takes its port from the command line or from a table of
/// settings: `add_argument("--port", default=9000)`, `"PORT": "9000"`.
fn default_port(module: &Module) -> Option<Sourced<u16>> {
    let listens = |c: &super::source::Call| c.callee.rsplit('.').next() == Some("listen");
    running_calls(module).find(|c| listens(c) || c.keyword("port").is_some())?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|p| *p > 0);
    let option = module.calls.iter().find_map(|call| {
        let names = call.arguments.iter().filter(|a| a.name.is_none());
        // argparse, click, and tornado.options.
        let defines = call.callee.rsplit('.').next() == Some("define");
        let is_port = names
            .flat_map(|a| &a.literals)
            .any(|l| l == "--port" || defines && l == "port");
        let default = call.keyword("default").filter(|_| is_port)?;
        let port = default.literals.iter().find_map(|l| number(l))?;
        Some(Sourced::new(port, default.at.clone()))
    });
    option.or_else(|| {
        let pairs = module.strings.windows(2).filter(|pair| pair[0].0 == "PORT");
        let mut ports = pairs.filter_map(|pair| Some(Sourced::new(number(&pair[1].0)?, pair[1].1.clone())));
        ports.next()
    })
}

/// The port that a script listens on, if it does.
fn served_port(module: &Module) -> Option<Sourced<u16>> {
    let own = named_port(module)
        .filter(|_| running_calls(module).next().is_some() || port_variable(module).is_some());
    if own.is_some() {
        return own;
    }
    if let Some(port) = default_port(module) {
        return Some(port);
    }
    // The default of a framework whose call names none.
    let call = running_calls(module).find(|c| {
        let last = c.callee.rsplit('.').next().unwrap_or("");
        matches!(
            last,
            "run_app" | "HTTPServer" | "make_server" | "run" | "serve" | "run_server"
        ) && !is_launcher(&c.callee)
    })?;
    let default = |dist: &str| -> Option<u16> {
        let known = [
            ("aiohttp", 8080),
            ("flask", 5000),
            ("quart", 5000),
            ("bottle", 8080),
            ("sanic", 8000),
            ("uvicorn", 8000),
            ("dash", 8050),
            ("nicegui", 8080),
            ("waitress", 8080),
            ("robyn", 8080),
            ("fasthtml", 5001),
        ];
        known.iter().find(|(d, _)| *d == dist).map(|(_, p)| *p)
    };
    let port = module
        .imports
        .iter()
        .find_map(|i| default(i.split('.').next().unwrap_or(i)))?;
    Some(Sourced::new(port, call.at.clone()))
}

/// A server of the script that binds loopback in so many words.
pub fn loopback(module: &Module) -> Option<Diagnostic> {
    running_calls(module).find_map(|call| {
        let by_name = call
            .keyword("host")
            .or(call.keyword("address"))
            .or(call.keyword("server_name"));
        let host = by_name.or_else(|| {
            let last = call.callee.rsplit('.').next().unwrap_or("");
            let takes = matches!(
                last,
                "HTTPServer"
                    | "ThreadingHTTPServer"
                    | "TCPServer"
                    | "WSGIServer"
                    | "make_server"
                    | "add_insecure_port"
                    | "add_secure_port"
                    | "listen"
                    | "run_simple"
            );
            call.positional(if last == "listen" { 1 } else { 0 })
                .filter(|_| takes)
        })?;
        let said = host
            .literals
            .iter()
            .find(|l| l.starts_with("127.0.0.1") || l.starts_with("localhost"))?;
        Some(loopback_warning(&host.at, said))
    })
}
