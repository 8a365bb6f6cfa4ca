//! A Django project: its settings, its WSGI and ASGI modules, where its static files go.

use super::apps::App;
use super::frameworks::Interface;
use super::source::Module;
use crate::paths;
use crate::source::{Location, Sourced};

#[derive(Debug)]
pub struct Django {
    /// Folder of manage.py: Python runs there.
    pub dir: String,
    pub manage: Location,
    /// `pkg.wsgi:application`, with the place.
    pub wsgi: Option<Sourced<String>>,
    pub asgi: Option<Sourced<String>>,
    /// What the server uses, where manage.py uses another one.
    pub settings_of_server: Option<String>,
    /// Where collectstatic writes, absolute or from the repository's root.
    pub static_root: Option<Sourced<String>>,
    /// Variables that the settings cannot do without, with a harmless value.
    pub dummies: Vec<(String, String)>,
    /// No application that is known to bring static files: the folder may stay unmade.
    pub bare: bool,
    pub uses_gis: bool,
    pub uses_channels: bool,
}

pub fn find(dir: &str, modules: &[Module], apps: &[App]) -> Option<Django> {
    let manage = modules
        .iter()
        .filter(|m| paths::base(&m.path) == "manage.py" && m.imports("django"))
        .min_by_key(|m| (m.path.matches('/').count(), m.path.clone()))?;
    let folder = paths::parent(&manage.path);
    if !paths::is_under(folder, dir) {
        return None;
    }
    let of = |interface: Interface| {
        let made = apps.iter().find(|a| {
            a.framework.interface == interface
                && !a.factory
                && paths::is_under(&a.path, folder)
                && [
                    "wsgi.py",
                    "asgi.py",
                    "routing.py",
                    "wsgi/__init__.py",
                    "asgi/__init__.py",
                ]
                .iter()
                .any(|name| app_file(&a.path, name))
        });
        // Something of the project's own may wrap the application.
        let names: &[&str] = match interface {
            Interface::Asgi => &["asgi.py", "asgi/__init__.py"],
            _ => &["wsgi.py", "wsgi/__init__.py"],
        };
        let wrapped = || {
            let mut modules = modules.iter().filter(|m| paths::is_under(&m.path, folder));
            let module = modules.find(|m| {
                names.iter().any(|name| app_file(&m.path, name)) && m.value_of("application").is_some()
            })?;
            let at = module.value_of("application")?.at.clone();
            Some((&module.path, "application", at))
        };
        let (path, object, at) = made
            .map(|a| (&a.path, a.name.as_str(), a.at.clone()))
            .or_else(wrapped)?;
        // A function of the usual name that hands on to the object.
        let hands_on = |m: &Module| m.path == *path && m.functions.iter().any(|f| f.name == "application");
        let object = if modules.iter().any(hands_on) {
            "application"
        } else {
            object
        };
        let name = paths::relative(path, folder)
            .trim_end_matches(".py")
            .trim_end_matches("/__init__")
            .replace('/', ".");
        Some((path.clone(), Sourced::new(format!("{name}:{object}"), at)))
    };
    let (wsgi, asgi) = (of(Interface::Wsgi), of(Interface::Asgi));
    let by_manage = settings_of(manage);
    let by_server = wsgi
        .as_ref()
        .or(asgi.as_ref())
        .and_then(|(path, _)| modules.iter().find(|m| m.path == *path))
        .and_then(settings_of);
    let settings = by_server.clone().or(by_manage.clone());
    let files: Vec<&Module> = match &settings {
        Some(name) => settings_files(folder, name, modules),
        None => Vec::new(),
    };
    let says = |text: &str| files.iter().any(|m| m.strings.iter().any(|(s, _)| s == text));
    let collects = says("django.contrib.staticfiles");
    Some(Django {
        dir: folder.to_string(),
        manage: Location::whole(&manage.source),
        wsgi: wsgi.map(|(_, w)| w),
        asgi: asgi.map(|(_, a)| a),
        settings_of_server: by_server.filter(|s| by_manage.as_ref() != Some(s)),
        static_root: files
            .iter()
            .find_map(|m| static_root(m, folder))
            .filter(|_| collects),
        dummies: dummies(&files),
        bare: !says("django.contrib.admin") && files.iter().all(|m| m.value_of("STATICFILES_DIRS").is_none()),
        uses_gis: says("django.contrib.gis"),
        uses_channels: says("channels") || says("daphne"),
    })
}

fn app_file(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
}

/// `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`
fn settings_of(module: &Module) -> Option<String> {
    module
        .calls
        .iter()
        .filter(|c| {
            c.callee.ends_with("setdefault")
                || c.callee.ends_with("getenv")
                || c.callee.ends_with("environ.get")
        })
        .find(|c| c.positional(0).and_then(|a| a.value.as_deref()) == Some("DJANGO_SETTINGS_MODULE"))
        .and_then(|c| c.positional(1)?.value.clone())
}

/// The settings module and, where it is one of a package, all of that package.
fn settings_files<'a>(dir: &str, name: &str, modules: &'a [Module]) -> Vec<&'a Module> {
    let path = paths::join(dir, &name.replace('.', "/")).unwrap_or_default();
    let folder = paths::parent(&path);
    let is_package = modules.iter().any(|m| m.path == format!("{path}/__init__.py"));
    let around = is_package || paths::base(folder).starts_with("settings") || paths::base(folder) == "config";
    let folder = if is_package { path.as_str() } else { folder };
    let mut files: Vec<&Module> = modules
        .iter()
        .filter(|m| m.path == format!("{path}.py") || around && paths::parent(&m.path) == folder)
        .collect();
    // The server's own settings say it best.
    files.sort_by_key(|m| (m.path != format!("{path}.py"), m.path.clone()));
    files
}

fn static_root(module: &Module, dir: &str) -> Option<Sourced<String>> {
    let value = module.value_of("STATIC_ROOT")?;
    let line = line_of(&value.at);
    let parts: Vec<&str> = value
        .strings
        .iter()
        .map(String::as_str)
        .filter(|s| !s.is_empty())
        .collect();
    if parts.is_empty() || line.contains("env") {
        return None;
    }
    let inside = parts.join("/");
    let path = if inside.starts_with('/') {
        inside.trim_end_matches('/').to_string()
    } else {
        let base = module.values.iter().rev().find(|v| {
            let said = line_of(&v.at);
            v.name != "STATIC_ROOT" && said.contains("__file__") && line.contains(&v.name)
        });
        let ups = base.map_or(0, |v| ups(line_of(&v.at)));
        let mut base = module.path.as_str();
        for _ in 0..ups {
            base = paths::parent(base);
        }
        let base = if ups == 0 { dir } else { base };
        paths::join(base, &inside)?
    };
    Some(Sourced::new(path, value.at.clone()))
}

/// How many folders an expression with `__file__` goes up.
pub fn ups(line: &str) -> usize {
    let minus = line
        .rsplit_once("- ")
        .and_then(|(_, n)| n.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    if line.contains("Path(__file__) -")
        && let Some(minus) = minus
    {
        return minus;
    }
    let parents = line
        .split(".parents[")
        .nth(1)
        .and_then(|r| r.split(']').next()?.parse::<usize>().ok());
    if let Some(n) = parents {
        return n + 1;
    }
    line.matches(".parent").count()
        + line.matches("dirname(").count()
        + line.matches("pardir").count()
        + line.matches("\"..\"").count()
        + line.matches("'..'").count()
}

pub fn line_of(at: &Location) -> &str {
    let text = &at.source().text;
    let start = at.range().map_or(0, |r| r.start);
    text[start..].lines().next().unwrap_or("")
}

/// What fails on None.
const INSISTS: &[&str] = &[
    "ast.literal_eval",
    "dj_database_url.parse",
    "float",
    "int",
    "json.loads",
    "os.path.join",
    "Path",
    "pathlib.Path",
    "strtobool",
];

/// Environment variables that are read without a default, and a value that the settings accept.
fn dummies(files: &[&Module]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for call in files.iter().flat_map(|m| &m.calls) {
        let last = call.callee.rsplit('.').next().unwrap_or("");
        let first = call.callee.split('.').next().unwrap_or("");
        let environment = call.callee.ends_with("os.environ")
            || matches!(first, "env" | "environ" | "config" | "decouple" | "ENV")
            || call.callee == "os.getenv"
            || call.callee.ends_with("environ.get")
            || matches!(
                last,
                "get_env" | "getenv" | "env_var" | "get_env_variable" | "get_secret"
            );
        let has_default = call.positional(1).is_some() || call.keyword("default").is_some();
        let Some(name) = call
            .positional(0)
            .filter(|a| a.is_string)
            .and_then(|a| a.value.clone())
        else {
            continue;
        };
        let good = name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && name.len() > 1;
        if !environment || has_default || !good || out.iter().any(|(n, _)| *n == name) {
            continue;
        }
        // What `get` leaves empty hurts only where Django insists on a value.
        let soft = matches!(last, "get" | "getenv");
        let takes = call.within.as_deref().is_some_and(|f| INSISTS.contains(&f));
        if soft && !name.contains("SECRET_KEY") && call.then.is_none() && !takes {
            continue;
        }
        // `if "X" in os.environ:` around it makes it optional.
        let asked = files
            .iter()
            .flat_map(|m| &m.strings)
            .filter(|(s, _)| *s == name)
            .count();
        let read = files
            .iter()
            .flat_map(|m| &m.calls)
            .filter(|c| c.positional(0).and_then(|a| a.value.as_ref()) == Some(&name))
            .count();
        if asked > read || !call.at_top && !name.contains("SECRET_KEY") {
            continue;
        }
        let cast = call
            .keyword("cast")
            .and_then(|a| a.value.clone())
            .unwrap_or_default();
        let within = call.within.as_deref().unwrap_or("");
        let is_number = |f: &str| matches!(f, "bool" | "int" | "float" | "strtobool");
        let value = if is_number(last) || is_number(&cast) || is_number(within) {
            "0"
        } else if name.contains("DATABASE_URL")
            || matches!(last, "db" | "db_url")
            || within.starts_with("dj_database_url")
        {
            "sqlite:///:memory:"
        } else if last == "dict" {
            "a=b"
        } else if last == "json" || within.starts_with("json.") {
            "{}"
        } else if matches!(last, "cache" | "cache_url") {
            "dummycache://"
        } else if matches!(last, "email" | "email_url") {
            "dummymail://"
        } else if name.contains("REDIS") && name.contains("URL") {
            "redis://localhost"
        } else if name.ends_with("URL") || name.ends_with("URI") {
            "http://localhost"
        } else if name.ends_with("PORT") {
            "8000"
        } else if name.ends_with("DEBUG") {
            "0"
        } else {
            "build"
        };
        out.push((name, value.into()));
    }
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::python::{apps, modules};
    use crate::tree::Tree;

    #[test]
    fn settings_tell_where_static_files_go_and_what_must_be_set() {
        let tree = Tree::from_pairs([
            (
                "manage.py",
                "import os\nfrom django.core.management import execute_from_command_line\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.local')\n",
            ),
            ("shop/__init__.py", ""),
            (
                "shop/wsgi.py",
                "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings.production')\napplication = get_wsgi_application()\n",
            ),
            ("shop/settings/__init__.py", ""),
            (
                "shop/settings/base.py",
                "import os\nfrom pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent.parent\nINSTALLED_APPS = ['django.contrib.staticfiles']\nSECRET_KEY = os.environ['SECRET_KEY']\nX = os.environ.get('X')\nN = int(os.environ.get('NUM'))\nHOSTS = os.environ.get('HOSTS').split(' ')\nSTATIC_ROOT = BASE_DIR / 'staticfiles'\n",
            ),
            (
                "shop/settings/production.py",
                "from .base import *\nDEBUG = env.bool('DEBUG')\n",
            ),
        ]);
        let modules = modules::read(&tree, "");
        let apps = apps::find(&tree, "", &modules);
        let django = find("", &modules, &apps).unwrap();
        assert_eq!(django.wsgi.unwrap().value, "shop.wsgi:application");
        assert_eq!(
            django.settings_of_server.as_deref(),
            Some("shop.settings.production")
        );
        assert_eq!(django.static_root.unwrap().value, "staticfiles");
        assert_eq!(
            django.dummies,
            [
                ("DEBUG".into(), "0".into()),
                ("HOSTS".into(), "build".into()),
                ("NUM".into(), "0".into()),
                ("SECRET_KEY".into(), "build".into())
            ]
        );
    }
}
