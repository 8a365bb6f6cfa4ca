//! What the program writes: folders that it makes, databases and logs that it keeps.

use super::discover::is_for_work;
use super::django::{line_of, ups};
use super::facts::Facts;
use super::frameworks::RUNNERS;
use super::source::{Call, Module};
use super::start::Start;
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Something that the program writes below its own folder, from the repository's root.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    Folder(String),
    File(String),
    /// A folder of its own outside of the program's: `/var/lib/name`, `/data`.
    State(String),
}

/// Calls that open a file for the program's log.
const LOGS: &[&str] = &[
    "FileHandler",
    "RotatingFileHandler",
    "TimedRotatingFileHandler",
    "WatchedFileHandler",
    "basicConfig",
];

/// Settings of frameworks and their extensions that name a folder for what users send.
const UPLOADS: &[&str] = &[
    "MEDIA_ROOT",
    "UPLOADED_FILES_DEST",
    "UPLOAD_DIR",
    "UPLOAD_DIRECTORY",
    "UPLOAD_FOLDER",
];

/// Options that name the folder of a program's state.
const STATE_OPTIONS: &[&str] = &[
    "--config",
    "--config-dir",
    "--config_dir",
    "--data",
    "--data-dir",
    "--data_dir",
    "--datadir",
];

/// Folders at the root that programs keep their state in.
const STATE: &[&str] = &[
    "config",
    "data",
    "db",
    "downloads",
    "media",
    "state",
    "storage",
    "uploads",
];

/// Is this the name of a variable that holds a path rather than a part of an address?
fn names_a_place(variable: &str) -> bool {
    let variable = variable.to_uppercase();
    let words = [
        "DATA", "DB", "DIR", "FILE", "FOLDER", "HOME", "PATH", "ROOT", "STORAGE",
    ];
    let address = ["PREFIX", "ROUTE", "URI", "URL"];
    words.iter().any(|w| variable.contains(w)) && !address.iter().any(|w| variable.contains(w))
}

/// The folder of state that an absolute path lies in, `name` being the project's.
fn state(path: &str, name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let inside = path
        .strip_prefix('/')
        .filter(|p| p.chars().all(plain) && !p.contains(".."))?;
    if let Some(below) = inside.strip_prefix("var/lib/") {
        let first = below.split('/').next()?;
        return (!name.is_empty() && first.eq_ignore_ascii_case(name)).then(|| format!("/var/lib/{first}"));
    }
    let first = inside.split('/').next().filter(|f| STATE.contains(f))?;
    Some(format!("/{first}"))
}

/// Folders that it makes, databases that it keeps.
pub fn written(tree: &Tree, facts: &Facts, start: &Start) -> Vec<Sourced<Written>> {
    let mut seen = Seen {
        facts,
        workdir: &start.workdir,
        out: Vec::new(),
    };
    seen.runner(tree, start.framework);
    let working = |m: &&Module| !is_for_work(paths::relative(&m.path, &facts.dir));
    for module in facts.modules.iter().filter(working) {
        seen.strings(module);
        seen.settings(module);
        for call in &module.calls {
            seen.variable(call);
            seen.call(module, call);
        }
        seen.django(module);
    }
    let mut out = seen.out;
    out.sort_by_key(|w| w.at.to_string());
    out
}

/// Is this what the command of the framework writes by itself?
pub fn by_framework(framework: &str, path: &str) -> bool {
    let runner = RUNNERS.iter().find(|r| r.name == framework);
    runner.is_some_and(|r| r.makes.contains(&paths::base(path)) || r.writes.contains(&paths::base(path)))
}

struct Seen<'a> {
    facts: &'a Facts,
    workdir: &'a str,
    out: Vec<Sourced<Written>>,
}

impl Seen<'_> {
    fn add(&mut self, what: Option<Written>, at: &Location) {
        let odd = |w: &Written| {
            let (Written::Folder(path) | Written::File(path) | Written::State(path)) = w;
            let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
            !path.chars().all(plain) || matches!(w, Written::File(_)) && is_for_tests(path)
        };
        if let Some(what) = what.filter(|w| !odd(w))
            && self.out.iter().all(|o| o.value != what)
        {
            self.out.push(Sourced::new(what, at.clone()));
        }
    }

    /// What the command of a framework writes by itself, as far as it is not there.
    fn runner(&mut self, tree: &Tree, framework: &str) {
        let Some(runner) = RUNNERS.iter().find(|r| r.name == framework) else {
            return;
        };
        let Some(at) = self.facts.manager.as_ref().map(|m| m.at.clone()) else {
            return;
        };
        for folder in runner.makes {
            self.add(self.below(folder).map(Written::Folder), &at);
        }
        for file in runner.writes {
            let path = self.below(file).filter(|p| !tree.has(p));
            self.add(path.map(Written::File), &at);
        }
    }

    fn name(&self) -> &str {
        self.facts.name.as_ref().map_or("", |n| n.value.as_str())
    }

    /// A path below the folder that the program runs in.
    fn below(&self, path: &str) -> Option<String> {
        self.from(self.workdir, path)
    }

    fn from(&self, folder: &str, path: &str) -> Option<String> {
        let plain = !path.is_empty()
            && !path.starts_with(['/', '~', ':'])
            && !path.contains(['{', '%', ' ', '?', '\n']);
        let path = paths::join(folder, path).filter(|_| plain)?;
        (path != self.workdir && path != self.facts.dir).then_some(path)
    }

    /// A file that is kept: its folder, where that holds nothing of the program.
    fn kept(&self, path: String) -> Written {
        let folder = paths::parent(&path);
        let code = |m: &Module| paths::is_under(&m.path, folder);
        if folder == self.workdir || self.facts.modules.iter().any(code) {
            Written::File(path)
        } else {
            Written::Folder(folder.to_string())
        }
    }

    /// A folder that is made, where it holds nothing of the program.
    fn made(&self, path: String) -> Option<Written> {
        let code = |m: &Module| paths::is_under(&m.path, &path);
        (!self.facts.modules.iter().any(code)).then(|| Written::Folder(path.clone()))
    }

    fn database(&self, path: &str) -> Option<Written> {
        Some(self.kept(self.below(path)?))
    }

    /// The folder that an expression begins with: `BASE_DIR / …`, `os.path.dirname(__file__)`; `None` where
    /// a name in it tells nothing.
    fn base(&self, module: &Module, text: &str, depth: usize) -> Option<String> {
        if text.contains("__file__") {
            let mut folder = module.path.as_str();
            for _ in 0..ups(text) {
                folder = paths::parent(folder);
            }
            return (folder != module.path).then(|| folder.to_string());
        }
        let known = |name: &str| module.place_of(name).is_some();
        let mut names = names_in(text).filter(|name| !PATH_WORDS.contains(name));
        match names.next() {
            None => Some(self.workdir.to_string()),
            Some(name) if known(name) && depth < 4 => self.path_of(module, name, depth + 1),
            // What others define is by its name the folder of the program, or unknown.
            Some(name) => {
                let name = name.to_lowercase();
                let is_base = ["base", "cwd", "here", "project", "root"]
                    .iter()
                    .any(|w| name.contains(w));
                is_base.then(|| self.workdir.to_string())
            }
        }
    }

    /// The path that a name of the top level stands for.
    fn path_of(&self, module: &Module, name: &str, depth: usize) -> Option<String> {
        let value = module.place_of(name)?;
        let line = line_of(&value.at);
        if line.contains("env") {
            return None;
        }
        let (_, expression) = line.split_once('=')?;
        let base = self.base(module, &without_strings(expression), depth)?;
        match value.strings.join("/").as_str() {
            "" | "." => Some(base),
            path if path.starts_with('/') || path.contains(['{', '%', ' ', '?', '\n', ':']) => None,
            path => paths::join(&base, path),
        }
    }

    /// The same, where it is none of the program's own folders.
    fn stands_for(&self, module: &Module, name: &str) -> Option<String> {
        let path = self.path_of(module, name, 0)?;
        (path != self.workdir && path != self.facts.dir).then_some(path)
    }

    /// The path in a call's first argument: a string, or a name that stands for one.
    fn argument(&self, module: &Module, call: &Call) -> Option<String> {
        let argument = call.positional(0)?;
        match &argument.value {
            Some(value) if argument.is_string => self.below(value),
            Some(name) => self.stands_for(module, name),
            None => None,
        }
    }

    fn strings(&mut self, module: &Module) {
        let flask_sqlalchemy = self
            .facts
            .manager
            .as_ref()
            .and_then(|m| m.dist("flask-sqlalchemy"));
        let instance = flask_sqlalchemy.is_some_and(|d| d.version().is_none_or(|v| v >= "3"));
        for (i, (text, at)) in module.strings.iter().enumerate() {
            if text.starts_with("/var/lib/") {
                self.add(state(text, self.name()).map(Written::State), at);
            }
            let Some(path) = after_scheme(text) else { continue };
            if path.is_empty() {
                // `"sqlite:///" + os.path.join(basedir, "app.db")`
                let line = whole_line(at);
                let file = module.strings[i + 1..].iter().take(3).find(|(s, a)| {
                    is_database(s) && (a.line() == at.line() || line.trim_end().ends_with(['\\', '+', '(']))
                });
                if let Some((file, at)) = file {
                    let line = without_strings(whole_line(at));
                    let expression = line.split_once('+').map_or("", |(_, after)| after);
                    let base = self.base(module, expression, 0);
                    self.add(base.and_then(|b| self.from(&b, file)).map(|p| self.kept(p)), at);
                }
            } else if !path.starts_with('/') {
                let what = match instance {
                    true => self.below("instance").map(Written::Folder),
                    false => self.database(path),
                };
                self.add(what, at);
            }
        }
        for (text, at) in &module.formats {
            let Some(path) = after_scheme(text) else { continue };
            let name = path.trim_start_matches("./").strip_prefix('{');
            let name = name.and_then(|n| n.strip_suffix('}')).unwrap_or("");
            let found = if module.value_of(name).is_some() {
                self.stands_for(module, name)
            } else {
                let file = path
                    .rsplit(['}', '"', '\'', ' ', '('])
                    .find(|part| is_database(part));
                let expression = path.split('{').nth(1).and_then(|e| e.split('}').next());
                let base = self.base(module, &without_strings(expression.unwrap_or_default()), 0);
                file.and_then(|f| self.from(&base?, f.trim_start_matches('/')))
            };
            let relative = found
                .as_ref()
                .filter(|_| instance && module.value_of(name).is_some());
            let what = match relative {
                Some(_) => self.below("instance").map(Written::Folder),
                None => found.map(|p| self.kept(p)),
            };
            self.add(what, at);
        }
    }

    /// `MEDIA_ROOT = BASE_DIR / "media"`
    fn settings(&mut self, module: &Module) {
        for name in UPLOADS {
            if let Some(value) = module.value_of(name) {
                let folder = self.stands_for(module, name).and_then(|p| self.made(p));
                self.add(folder, &value.at);
            }
        }
    }

    /// `os.getenv("DATA_DIR", "/data")`
    fn variable(&mut self, call: &Call) {
        let last = call.callee.rsplit('.').next().unwrap_or("");
        if !(call.callee.ends_with("environ.get") || matches!(last, "getenv" | "env")) {
            return;
        }
        let variable = call
            .positional(0)
            .and_then(|a| a.value.as_deref())
            .unwrap_or_default();
        let default = call
            .positional(1)
            .or(call.keyword("default"))
            .filter(|a| a.is_string);
        if let Some(path) = default.and_then(|a| a.value.as_deref())
            && names_a_place(variable)
        {
            self.add(state(path, self.name()).map(Written::State), &call.at);
        }
    }

    fn call(&mut self, module: &Module, call: &Call) {
        let fasthtml = self.facts.apps.iter().any(|a| a.framework.name == "FastHTML");
        let last = call.callee.rsplit('.').next().unwrap_or("");
        let what = match call.callee.as_str() {
            "os.makedirs" | "os.mkdir" => self.argument(module, call).and_then(|p| self.made(p)),
            "Path" | "pathlib.Path" if call.then.as_deref() == Some("mkdir") => {
                self.argument(module, call).and_then(|p| self.made(p))
            }
            callee if last == "mkdir" => {
                let name = callee.trim_end_matches(".mkdir");
                self.stands_for(module, name).and_then(|p| self.made(p))
            }
            callee if LOGS.contains(&last) || callee.ends_with("logger.add") => {
                match call.keyword("filename").filter(|a| a.is_string) {
                    Some(argument) => argument.value.as_deref().and_then(|p| self.database(p)),
                    None if last == "basicConfig" => None,
                    None => self.argument(module, call).map(|p| self.kept(p)),
                }
            }
            _ if last == "add_argument" => self.option(module, call),
            "sqlite3.connect" | "aiosqlite.connect" => self.argument(module, call).map(|p| self.kept(p)),
            // It keeps the key of its sessions in a file, and makes tables in its first argument.
            _ if fasthtml && matches!(last, "FastHTML" | "fast_app") => {
                if call.keyword("secret_key").is_none() {
                    let key = format!("{}/.sesskey", self.workdir);
                    self.add(Some(Written::File(key.trim_start_matches('/').into())), &call.at);
                }
                self.argument(module, call)
                    .filter(|_| last == "fast_app")
                    .map(|p| self.kept(p))
            }
            "flask.Flask" if call.keyword("instance_relative_config").is_some() => {
                self.below("instance").map(Written::Folder)
            }
            _ => None,
        };
        self.add(what, &call.at);
    }

    /// `add_argument("--data-dir", default=os.path.join(HERE, "data"))`
    fn option(&self, module: &Module, call: &Call) -> Option<Written> {
        let mut names = call
            .arguments
            .iter()
            .filter(|a| a.name.is_none())
            .flat_map(|a| &a.literals);
        names.find(|n| STATE_OPTIONS.contains(&n.as_str()))?;
        let default = call.keyword("default")?;
        let path = match &default.value {
            Some(value) if default.is_string => self.below(value)?,
            Some(name) => self.stands_for(module, name)?,
            None => return None,
        };
        // A file is read, and written only by some.
        (!paths::base(&path).contains('.'))
            .then(|| self.made(path))
            .flatten()
    }

    /// `BASE_DIR / "data" / "db.sqlite3"`, on one line, in settings that name the engine.
    fn django(&mut self, module: &Module) {
        let names_engine = |(s, _): &(String, Location)| s == "django.db.backends.sqlite3";
        if !module.strings.iter().any(names_engine) {
            return;
        }
        let name = module
            .strings
            .iter()
            .position(|(s, _)| is_database(s) && !s.starts_with("django."));
        if let Some(i) = name {
            let at = &module.strings[i].1;
            let mut parts: Vec<&str> = module.strings[..i]
                .iter()
                .rev()
                .take_while(|(s, a)| a.line() == at.line() && is_folder(s) && !is_key(a))
                .map(|(s, _)| s.as_str())
                .collect();
            parts.reverse();
            parts.push(&module.strings[i].0);
            self.add(self.database(&parts.join("/")), at);
        }
    }
}

/// The line that the place is in, from its beginning.
pub fn whole_line(at: &Location) -> &str {
    let text = &at.source().text;
    let start = at
        .range()
        .map_or(0, |r| text[..r.start].rfind('\n').map_or(0, |i| i + 1));
    text[start..].lines().next().unwrap_or_default()
}

/// What follows `sqlite:///`.
fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("sqlite:///")
        .or(text.strip_prefix("sqlite+aiosqlite:///"))
        .or(text.strip_prefix("sqlite+pysqlite:///"))
}

fn is_database(text: &str) -> bool {
    [".sqlite3", ".sqlite", ".db"].iter().any(|e| text.ends_with(e))
}

/// Names in expressions of paths that are of Python's own.
const PATH_WORDS: &[&str] = &[
    "Path", "absolute", "abspath", "as_posix", "fspath", "getcwd", "join", "joinpath", "normpath", "os",
    "parent", "path", "pathlib", "realpath", "resolve", "str",
];

/// The names of an expression, attributes among them.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| w.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

/// The expression without what stands in quotes, and without a comment.
fn without_strings(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            None if c == '#' => break,
            None if c == '"' || c == '\'' => quote = Some(c),
            None => out.push(c),
            Some(q) if q == c => quote = None,
            Some(_) => {}
        }
    }
    out
}

/// Is this the name of a file for the tests?
fn is_for_tests(path: &str) -> bool {
    paths::base(path)
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| ["test", "testing", "tests"].contains(&part))
}

/// `"name":` in a dictionary.
fn is_key(at: &Location) -> bool {
    let text = &at.source().text;
    at.range()
        .is_some_and(|r| text[r.end..].trim_start().starts_with(':'))
}

/// Can this string be a part of a path, rather than a key or the name of a variable?
fn is_folder(text: &str) -> bool {
    !text.is_empty() && !text.contains([':', ' ']) && text.chars().any(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Because;
    use crate::lang::python::facts;

    #[track_caller]
    fn check(source: &str, expected: &[Written]) {
        let tree = Tree::from_pairs([
            ("app.py", source),
            ("pyproject.toml", "[project]\nname = \"Notes\"\nversion = \"1\""),
        ]);
        let facts = facts::read(&tree, "").unwrap();
        let start = Start::new(&facts, Vec::new(), Because::rule(""));
        let found = written(&tree, &facts, &start);
        let found: Vec<Written> = found.into_iter().map(|w| w.value).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn a_database_is_named_by_its_file_rather_than_its_engine() {
        let engine = "D = {'ENGINE': 'django.db.backends.sqlite3',";
        check(
            &format!("{engine} 'NAME': BASE / 'db.sqlite3'}}"),
            &[Written::File("db.sqlite3".into())],
        );
        check(
            &format!("{engine} 'name': join(BASE, 'data', 'x.db')}}"),
            &[Written::Folder("data".into())],
        );
    }

    #[test]
    fn a_database_may_be_put_together_from_parts() {
        let file = [Written::File("app.db".into())];
        check(
            "basedir = os.path.abspath(os.path.dirname(__file__))\nX = os.getenv('DATABASE_URL') or 'sqlite:///' + os.path.join(basedir, 'app.db')",
            &file,
        );
        check("name = 'app.db'\nurl = f'sqlite:///{name}'", &file);
        check(
            "BASE = Path(__file__).parent\nurl = f\"sqlite:///{BASE / 'app.db'}\"",
            &file,
        );
        check("url = f'sqlite+aiosqlite:///./{os.getenv(\"NAME\")}'", &[]);
        check(
            "BASE = Path(__file__).parent\nDATA = BASE / 'data'\nurl = f'sqlite:///{DATA}/app.db'",
            &[Written::Folder("data".into())],
        );
        check("url = f\"sqlite:///{join(args.config, 'app.db')}\"", &[]);
        check("url = 'sqlite:///test.db'", &[]);
        check(
            "class C:\n    BASE = os.path.dirname(__file__)\n    URL = 'sqlite:///' + os.path.join(BASE, 'app.db')",
            &file,
        );
        check("url = 'sqlite:///' + NAME\nother = 'x.db'", &[]);
    }

    #[test]
    fn a_database_beside_the_code_is_a_file_and_no_folder() {
        let source = "BASE = os.path.dirname(__file__)\nURL = 'sqlite:///' + os.path.join(BASE, 'app.db')";
        let tree = Tree::from_pairs([
            ("shop/config.py", source),
            ("app.py", ""),
            ("requirements.txt", "flask"),
        ]);
        let facts = facts::read(&tree, "").unwrap();
        let start = Start::new(&facts, Vec::new(), Because::rule(""));
        let found = written(&tree, &facts, &start);
        assert_eq!(found[0].value, Written::File("shop/app.db".into()));
    }

    #[test]
    fn folders_are_made_under_a_name_too() {
        let folder = [Written::Folder("uploads".into())];
        check(
            "import pathlib\npathlib.Path('uploads').mkdir(exist_ok=True)",
            &folder,
        );
        check("D = Path('uploads')\nD.mkdir()", &folder);
        check(
            "B = os.path.dirname(__file__)\nD = os.path.join(B, 'uploads')\nos.makedirs(D)",
            &folder,
        );
        check("D = os.getenv('UPLOADS', 'uploads')\nos.makedirs(D)", &[]);
    }

    #[test]
    fn an_option_names_the_folder_of_the_state() {
        check(
            "d = os.path.join(os.path.dirname(__file__), 'x', '..', 'data')\np.add_argument('-d', '--data-dir', default=d)",
            &[Written::Folder("data".into())],
        );
        check("p.add_argument('--config', default='config.toml')", &[]);
        check("p.add_argument('--name', default='data')", &[]);
    }

    #[test]
    fn a_log_is_written_wherever_its_handler_says() {
        let log = Written::File("bot.log".into());
        check(
            "import logging\nh = logging.FileHandler(filename='bot.log')",
            std::slice::from_ref(&log),
        );
        check(
            "import logging\nlogging.basicConfig(filename='bot.log')",
            std::slice::from_ref(&log),
        );
        check("import logging\nlogging.basicConfig(level=1)", &[]);
        check(
            "h = RotatingFileHandler('logs/bot.log', maxBytes=1)",
            &[Written::Folder("logs".into())],
        );
    }

    #[test]
    fn state_has_a_folder_outside_of_the_program() {
        check(
            "X = '/var/lib/notes/all'",
            &[Written::State("/var/lib/notes".into())],
        );
        check("X = '/var/lib/postgresql'", &[]);
        check(
            "import os\nX = os.getenv('DATA_DIR', '/data')",
            &[Written::State("/data".into())],
        );
        check("import os\nX = os.getenv('MEDIA_URL', '/media/')", &[]);
        check("import os\nX = os.getenv('CERT_FILE', '/etc/x.pem')", &[]);
    }
}
