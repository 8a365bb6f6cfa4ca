//! How the program is started. Each place that can tell is asked in turn, from what a person wrote
//! down to what the files are called.

use super::facts::Facts;
use super::frameworks::RUNNERS;
use super::servers;
use super::{consoles, functions, modules, ports, procfile, rules, runners, scripts, workers};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::Diagnostic;
use crate::manifest::command;
use crate::paths;
use crate::settings::{Given, Settings};
use crate::tree::Tree;

pub struct Start {
    pub words: Vec<String>,
    /// Takes arguments of its own: ENTRYPOINT rather than CMD.
    pub command_line: bool,
    pub because: Because,
    pub over: Vec<Rejected>,
    /// What is started, for people: `app.main:app`.
    pub entry: String,
    /// `FastAPI`, `Django`, or nothing.
    pub framework: &'static str,
    pub port: Option<Chosen<u16>>,
    pub env: Vec<(String, String)>,
    /// Where it runs, from the repository's root.
    pub workdir: String,
    /// A folder that must be on the module path besides.
    pub import_root: Option<String>,
    /// A console script of the project itself: it must be installed.
    pub own_script: bool,
    pub warnings: Vec<Diagnostic>,
}

impl Start {
    pub fn new(facts: &Facts, words: Vec<String>, because: Because) -> Self {
        Self {
            entry: words.join(" "),
            words,
            command_line: false,
            because,
            over: Vec::new(),
            framework: "",
            port: None,
            env: Vec::new(),
            workdir: facts.dir.clone(),
            import_root: None,
            own_script: false,
            warnings: Vec::new(),
        }
    }

    fn at_root(mut self, root: &str) -> Self {
        if root != self.workdir {
            self.import_root = Some(root.to_string());
        }
        self
    }
}

/// # Errors
/// Nothing to start, or several programs and no word on which.
pub fn choose(tree: &Tree, facts: &Facts, settings: &Settings) -> Result<Start, Diagnostic> {
    let mut start = found(tree, facts, settings)?;
    if let Some(given) = &settings.port {
        start.port = Some(Chosen::new(given.value, given.because.clone()));
    }
    Ok(start)
}

fn found(tree: &Tree, facts: &Facts, settings: &Settings) -> Result<Start, Diagnostic> {
    let port = settings.port.as_ref().map(|p| p.value);
    if let Some(given) = &settings.command {
        return Ok(given_command(tree, facts, given));
    }
    if let Some(given) = &settings.main {
        return given_main(tree, facts, given, port);
    }
    let mut over = Vec::new();
    let done = |mut start: Start, over: Vec<Rejected>| {
        start.over.extend(over);
        Ok(start)
    };
    if let Some(start) = from_procfile(tree, facts, port, &mut over) {
        return done(start, over);
    }
    if let Some(error) = compiled_front(tree, facts) {
        return Err(error);
    }
    if let Some(start) = servers::django(facts, port) {
        return done(start, over);
    }
    let app = facts.apps.iter().find(|a| a.framework.name != "Django");
    let web = match app {
        Some(app) => {
            let app = servers::named(facts, app);
            if let Some(other) = facts.apps.iter().find(|a| a.is_as_good_as(app)) {
                over.push(Rejected::possible(
                    other.spec(),
                    "another application; choose it with --main",
                ));
            }
            servers::serve(facts, app, port)
        }
        None => None,
    };
    let runner = runners::runner(facts, port);
    if let Some(start) = runner
        && (web.is_none() || start.1)
    {
        return done(start.0, over);
    }
    if let Some(start) = web {
        return done(start, over);
    }
    if let Some(start) = functions::function(facts, port) {
        return done(start, over);
    }
    if let Some(app) = app
        && let Some(start) = consoles::serving_console(tree, facts)
            .or_else(|| scripts::setting_up(tree, facts, app, port))
            .or_else(|| servers::development(tree, facts, app, port))
    {
        return done(start, over);
    }
    if let Some(start) = consoles::console(facts, &mut over)? {
        return done(start, over);
    }
    if let Some(start) = scripts::package(tree, facts) {
        return done(start, over);
    }
    if app.is_none()
        && let Some(start) = workers::worker(tree, facts)
    {
        return done(start, over);
    }
    if app.is_none()
        && let Some(start) = workers::runner_of_files(tree, facts)
    {
        return done(start, over);
    }
    let script = scripts::script(tree, facts, port, &mut over)?;
    // The file of an application that starts no server would end at once.
    let idle =
        |s: &Start| app.is_some_and(|a| paths::relative(&a.path, &facts.dir) == s.entry) && s.port.is_none();
    if let Some(start) = script.filter(|s| !idle(s)) {
        return done(start, over);
    }
    if let Some(app) = app {
        return Err(servers::no_server(facts, app));
    }
    Err(nothing(facts))
}

/// Reflex compiles its front end with a Bun that it downloads itself; its file alone would end at once.
fn compiled_front(tree: &Tree, facts: &Facts) -> Option<Diagnostic> {
    facts.manager.as_ref()?.dist("reflex").filter(|d| d.direct)?;
    let file = super::facts::in_dir(&facts.dir, "rxconfig.py");
    let error = Diagnostic::error(
        &rules::NO_START,
        "a Reflex application: its front end is compiled by a Bun that Reflex downloads, which rdock does not write",
    )
    .help("for the back end alone: `--command \"reflex run --env prod --backend-only\"`, with the front end of `reflex export --frontend-only` on a host for static files");
    tree.has(&file)
        .then(|| error.at(tree.place(&file), "makes it one"))
}

fn nothing(facts: &Facts) -> Diagnostic {
    let at = facts.manager.as_ref().map(|m| m.at.clone());
    let seen: Vec<&str> = facts.modules.iter().map(|m| m.path.as_str()).take(8).collect();
    let seen = match seen[..] {
        [] => "there is no Python file that could be a program".to_string(),
        _ => format!("found {}", seen.join(", ")),
    };
    let error = Diagnostic::error(
        &rules::NO_START,
        format!(
            "nothing to start in {}: looked at Procfile, manage.py, application objects, [project.scripts], __main__.py and main guards; {seen}",
            paths::shown(&facts.dir)
        ),
    )
    .help("name the program with `--main path/to/file.py` or `--command \"python -m package\"`");
    match at {
        Some(at) => error.at(at, ""),
        None => error,
    }
}

fn given_command(tree: &Tree, facts: &Facts, given: &Given<Vec<String>>) -> Start {
    let mut start = Start::new(facts, given.value.clone(), given.because.clone());
    start.own_script = given
        .value
        .first()
        .is_some_and(|w| facts.scripts.iter().any(|(n, _)| n == w));
    if let Some(app) = facts.apps.first() {
        start = start.at_root(&app.import.root);
    } else if tree.has_dir(&super::facts::in_dir(&facts.dir, "src")) && !facts.is_package {
        start = start.at_root(&super::facts::in_dir(&facts.dir, "src"));
    }
    start
}

/// `main.py`, `pkg.main:app`, `pkg.module` or the name of a console script.
fn given_main(
    tree: &Tree,
    facts: &Facts,
    given: &Given<String>,
    port: Option<u16>,
) -> Result<Start, Diagnostic> {
    let asked = given.value.trim_start_matches("./");
    let named = |mut start: Start| {
        start.because = given.because.clone();
        Ok(start)
    };
    let file = asked.split(':').next().unwrap_or(asked);
    let object = asked.split_once(':').map(|(_, o)| o);
    let app = facts.apps.iter().find(|a| {
        let same = a.import.name == file || paths::relative(&a.path, &facts.dir) == file;
        same && object.is_none_or(|o| o == a.name || o == a.object())
    });
    if let Some(app) = app
        && let Some(start) =
            servers::serve(facts, app, port).or_else(|| servers::development(tree, facts, app, port))
    {
        return named(start);
    }
    if let Some((name, target)) = facts.scripts.iter().find(|(name, _)| name == asked) {
        return named(consoles::console_script(facts, name, target));
    }
    let module = facts.modules.iter().find(|m| {
        paths::relative(&m.path, &facts.dir) == file || modules::import_of(tree, &facts.dir, m).name == file
    });
    if let Some(module) = module {
        if let Some(runner) = RUNNERS.iter().find(|r| module.imports(r.module)) {
            return named(runners::run(facts, runner, module, port));
        }
        return named(scripts::file(tree, facts, module, port, given.because.clone()));
    }
    let error = Diagnostic::error(
        &rules::NO_START,
        format!("there is no program `{asked}` in {}", paths::shown(&facts.dir)),
    )
    .help("give a Python file, `module:application`, or the name of a console script");
    Err(match &given.because.at {
        Some(at) => error.at(at.clone(), "asked for here"),
        None => error,
    })
}

fn from_procfile(tree: &Tree, facts: &Facts, port: Option<u16>, over: &mut Vec<Rejected>) -> Option<Start> {
    let source = tree.text(&super::facts::in_dir(&facts.dir, "Procfile"))?;
    let processes = command::procfile(&source);
    let process = processes.iter().find(|(name, _)| name == "web").or_else(|| {
        processes
            .iter()
            .find(|(name, _)| ["app", "worker", "bot"].contains(&name.as_str()))
    })?;
    let (name, text) = process;
    let manager = facts.manager.as_ref()?;
    let web = name == "web";
    let default = port.unwrap_or(default_port(&text.value));
    let line = match procfile::line(&text.value, default, manager) {
        Ok(line) => line,
        Err(why) => {
            over.push(Rejected::impossible(format!("Procfile's {name}"), why));
            return None;
        }
    };
    let mut start = Start::new(
        facts,
        line.words,
        Because::at(&text.at, format!("says how {name} is started")),
    );
    start.env = line.env;
    let program = procfile::program(&start.words).to_string();
    if program == "gunicorn" {
        servers::gunicorn_flags(facts, &mut start.words);
    }
    if let Some(app) = servers::app_in(facts, &start.words) {
        start.framework = app.framework.name;
        start.entry = app.spec();
        if !start
            .words
            .iter()
            .any(|w| w.starts_with("--chdir") || w.starts_with("--app-dir"))
        {
            start = start.at_root(&app.import.root);
        }
    } else if let Some(django) = &facts.django
        && !start
            .words
            .iter()
            .any(|w| w.starts_with("--chdir") || w.starts_with("--pythonpath"))
    {
        start.workdir = django.dir.clone();
    }
    if facts.django.is_some() {
        start.framework = "Django";
    }
    if let Some(runner) = RUNNERS.iter().find(|r| r.dist == program) {
        start.framework = runner.name;
        start
            .env
            .extend(runner.env.iter().map(|(k, v)| (k.to_string(), v.to_string())));
    }
    start.own_script = start
        .words
        .first()
        .is_some_and(|w| facts.scripts.iter().any(|(n, _)| n == w));
    if web {
        let script = facts.modules.iter().find(|m| {
            start
                .words
                .iter()
                .any(|w| w == paths::relative(&m.path, &facts.dir))
        });
        let own = script.and_then(ports::named_port).map(|p| p.value);
        let number = port
            .or(line.port)
            .or(own)
            .or(servers::gunicorn_port(facts, &start.words))
            .unwrap_or(default);
        let because = match line.port {
            Some(_) => Because::at(&text.at, "names it"),
            None => Because::rule(format!("the usual one of {program}, and PORT changes it")),
        };
        start.port = Some(Chosen::new(number, because));
        // Who starts a Procfile gives PORT.
        start.env.push(("PORT".into(), number.to_string()));
    }
    if let Some(dropped) = line.dropped {
        start.warnings.push(
            Diagnostic::warning(&rules::MIGRATE, format!("the image does not run `{dropped}`"))
                .at(text.at.clone(), "more than the server")
                .help("run it as a job of its own before each release: `docker run IMAGE ...`"),
        );
    }
    Some(start)
}

fn default_port(command: &str) -> u16 {
    RUNNERS
        .iter()
        .find(|r| command.contains(r.dist))
        .map_or(8000, |r| r.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::facts;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &str) {
        let tree = Tree::from_pairs(files.iter().copied());
        let facts = facts::read(&tree, "").unwrap();
        let words = match choose(&tree, &facts, &Settings::default()) {
            Ok(start) => start.words.join(" "),
            Err(error) => format!("! {}", error.title),
        };
        assert_eq!(words, expected);
    }

    #[test]
    fn a_port_may_come_from_an_option_or_a_table() {
        let serves = "from aiohttp import web\n";
        let guard = "if __name__ == '__main__':\n    web.run_app(app, port=int(config.PORT))\n";
        for (line, expected) in [
            ("D = {'HOST': '0.0.0.0', 'PORT': '8081'}\n", 8081),
            ("p.add_argument('-p', '--port', type=int, default=9000)\n", 9000),
            ("", 8080),
        ] {
            let text = format!("{serves}{line}{guard}");
            let tree = Tree::from_pairs([("main.py", text.as_str()), ("requirements.txt", "aiohttp\n")]);
            let facts = facts::read(&tree, "").unwrap();
            let start = choose(&tree, &facts, &Settings::default()).unwrap();
            assert_eq!(start.port.unwrap().value, expected, "{line}");
        }
    }

    #[test]
    fn of_several_scripts_the_one_that_the_others_are_named_after_is_the_program() {
        let project = "[project]\nname = 'Red-Bot'\nversion = '1'\n[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n[project.scripts]\n";
        let scripts = format!("{project}bot-setup = 'bot:setup'\nbot = 'bot:main'\n");
        check(&[("bot.py", ""), ("pyproject.toml", &scripts)], "bot");
        let scripts = format!("{project}both-setup = 'bot:setup'\nbot = 'bot:main'\n");
        let expected = "! the project has several programs: both-setup, bot";
        check(&[("bot.py", ""), ("pyproject.toml", &scripts)], expected);
    }

    const APP: (&str, &str) = (
        "cms/__init__.py",
        "from flask import Flask\napp = Flask(__name__)\n",
    );
    const FLASK: (&str, &str) = ("requirements.txt", "flask\n");

    #[test]
    fn a_program_that_sets_the_application_up_goes_before_the_development_server() {
        check(
            &[APP, FLASK],
            "flask --app cms:app run --host 0.0.0.0 --port 5000",
        );
        let main = "from cms.main import main\nif __name__ == '__main__':\n    main()\n";
        check(&[APP, FLASK, ("cms.py", main)], "python cms.py");
        check(
            &[APP, FLASK, ("seed.py", main)],
            "flask --app cms:app run --host 0.0.0.0 --port 5000",
        );
        let own =
            "from cms import app\ndef configure():\n    pass\ndef main():\n    configure()\n    app.run()\n";
        let setup = "from setuptools import setup\nsetup(name='cms', entry_points={'console_scripts': ['cms-serve=cms.main:main']})\n";
        check(
            &[APP, FLASK, ("cms/main.py", own), ("setup.py", setup)],
            "cms-serve",
        );
    }

    #[test]
    fn where_no_file_is_a_program_the_dependency_may_have_one() {
        let jobs = ("jobs.py", "from rq import Queue\nq = Queue('mail')\n");
        check(&[("requirements.txt", "rq\n"), jobs], "rq worker mail");
        let worker = ("work.py", "from rq import Worker\nWorker(['mail']).work()\n");
        check(&[("requirements.txt", "rq\n"), worker], "python work.py");
        check(
            &[
                ("requirements.txt", "locust\n"),
                ("locustfile.py", "from locust import User\n"),
            ],
            "locust",
        );
        check(
            &[
                ("requirements.txt", "locust\n"),
                ("shop.py", "from locust import HttpUser\n"),
            ],
            "locust -f shop.py",
        );
    }

    #[test]
    fn what_lies_below_several_programs_is_not_the_program() {
        let main = "if __name__ == '__main__':\n    pass\n";
        check(
            &[
                ("a.py", main),
                ("b.py", main),
                ("lib/x/cli.py", main),
                ("lib/x/__main__.py", ""),
            ],
            "! several files are programs: a.py, b.py",
        );
        check(
            &[("load_helper.py", main), ("pkg/main.py", main)],
            "python -m pkg.main",
        );
    }
}
