//! Application objects of web frameworks: which file holds one, under which name.

use super::frameworks::{APP_FILES, APP_NAMES, FACTORIES, FRAMEWORKS, Framework};
use super::modules::{self, Import};
use super::source::Module;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct App {
    pub framework: &'static Framework,
    pub import: Import,
    pub path: String,
    /// The object, or the function that makes it.
    pub name: String,
    pub factory: bool,
    pub at: Location,
    rank: Rank,
}

/// Smaller is better. The fields in their order: an unusual file name, a factory, depth, the file's
/// place in [`APP_FILES`], the framework's in [`FRAMEWORKS`], the object's in [`APP_NAMES`].
type Rank = (bool, bool, usize, usize, usize, usize);

impl App {
    /// `pkg.main:app`
    pub fn spec(&self) -> String {
        format!("{}:{}", self.import.name, self.object())
    }

    pub fn object(&self) -> String {
        match self.framework.attribute {
            "" => self.name.clone(),
            attribute => format!("{}.{attribute}", self.name),
        }
    }

    /// Nothing but the file's name speaks for this one rather than `other`.
    pub fn is_as_good_as(&self, other: &App) -> bool {
        let (unusual, factory, depth, file, ..) = self.rank;
        let (u, f, d, o, ..) = other.rank;
        (unusual, factory, depth, file) == (u, f, d, o) && self.path != other.path
    }
}

impl std::fmt::Debug for Framework {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn position(list: &[&str], item: &str) -> usize {
    list.iter().position(|i| *i == item).unwrap_or(list.len())
}

type Found = (usize, &'static Framework);

fn maker(callee: &str) -> Option<Found> {
    FRAMEWORKS
        .iter()
        .enumerate()
        .find(|(_, f)| f.makes.contains(&callee))
}

/// The same for a name that may come from `from … import *`.
fn maker_in(module: &Module, callee: &str) -> Option<Found> {
    maker(callee).or_else(|| {
        let mut stars = module.stars.iter().filter(|_| !callee.contains('.'));
        stars.find_map(|star| maker(&format!("{star}.{callee}")))
    })
}

/// Every application, the best first.
pub fn find(tree: &Tree, dir: &str, modules: &[Module]) -> Vec<App> {
    // Classes and functions anywhere in the project that make one, by their bare name.
    let mut classes: BTreeMap<&str, Found> = BTreeMap::new();
    for module in modules {
        for (name, bases) in &module.classes {
            if let Some(found) = bases.iter().find_map(|b| maker_in(module, b)) {
                classes.entry(name).or_insert(found);
            }
        }
    }
    let of_class = |callee: &str| classes.get(callee.rsplit('.').next().unwrap_or(callee)).copied();
    let mut factories: BTreeMap<&str, Found> = BTreeMap::new();
    for module in modules {
        for function in &module.functions {
            let made = |c: &String| maker_in(module, c).or_else(|| of_class(c));
            if let Some(found) = function.calls.iter().find_map(made) {
                factories.entry(&function.name).or_insert(found);
            }
        }
    }
    let mut apps = Vec::new();
    for module in modules {
        let import = modules::import_of(tree, dir, module);
        let inside = paths::relative(&module.path, &import.root);
        let stem = paths::base(&module.path).trim_end_matches(".py");
        let file = position(APP_FILES, stem);
        let depth = inside.matches('/').count();
        let mut add = |framework: Found, name: &str, factory: bool, at: &Location| {
            apps.push(App {
                framework: framework.1,
                import: import.clone(),
                path: module.path.clone(),
                name: name.to_string(),
                factory,
                at: at.clone(),
                rank: (
                    file == APP_FILES.len(),
                    factory,
                    depth,
                    file,
                    framework.0,
                    position(APP_NAMES, name),
                ),
            });
        };
        let mut seen: Vec<&str> = Vec::new();
        for value in module.values.iter().rev() {
            if seen.contains(&value.name.as_str()) {
                continue;
            }
            let Some(callee) = &value.callee else { continue };
            let last = callee.rsplit('.').next().unwrap_or(callee);
            let found = maker_in(module, callee)
                .or_else(|| of_class(callee))
                .or_else(|| factories.get(last).copied());
            if let Some(framework) = found {
                seen.push(&value.name);
                add(framework, &value.name, false, &value.at);
            }
        }
        for function in &module.functions {
            if function.required == 0
                && FACTORIES.contains(&function.name.as_str())
                && let Some(framework) = factories.get(function.name.as_str())
            {
                add(*framework, &function.name, true, &function.at);
            }
        }
    }
    reexports(tree, dir, modules, &mut apps);
    apps.sort_by(|a, b| (&a.rank, &a.path).cmp(&(&b.rank, &b.path)));
    apps
}

/// `from app import app` in wsgi.py: the name can be served from there, and the file may do more.
fn reexports(tree: &Tree, dir: &str, modules: &[Module], apps: &mut Vec<App>) {
    let mut more = Vec::new();
    for module in modules {
        let stem = paths::base(&module.path).trim_end_matches(".py");
        let file = position(APP_FILES, stem);
        if file == APP_FILES.len() || stem == "__init__" || apps.iter().any(|a| a.path == module.path) {
            continue;
        }
        for (name, full) in module.named() {
            let Some((from, object)) = full.rsplit_once('.') else {
                continue;
            };
            let from = from.trim_start_matches('.');
            let app = apps.iter().find(|a| {
                !a.factory
                    && a.name == object
                    && (a.import.name == from || a.import.name.ends_with(&format!(".{from}")))
            });
            if let Some(app) = app {
                let import = modules::import_of(tree, dir, module);
                let depth = paths::relative(&module.path, &import.root).matches('/').count();
                more.push(App {
                    import,
                    path: module.path.clone(),
                    name: name.to_string(),
                    at: Location::whole(&module.source),
                    rank: (false, false, depth, file, app.rank.4, app.rank.5),
                    ..app.clone()
                });
            }
        }
    }
    apps.extend(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn best(files: &[(&str, &str)]) -> String {
        let tree = Tree::from_pairs(files.iter().copied());
        let modules = modules::read(&tree, "");
        let apps = find(&tree, "", &modules);
        apps.first().map_or(String::new(), |a| {
            let factory = if a.factory { "()" } else { "" };
            format!("{}{factory} {}", a.spec(), a.framework.name)
        })
    }

    #[test]
    fn the_application_is_found_under_its_name() {
        assert_eq!(
            best(&[("app.py", "from flask import Flask\napp = Flask(__name__)")]),
            "app:app Flask"
        );
        assert_eq!(
            best(&[("src/api/main.py", "import fastapi\nservice = fastapi.FastAPI()")]),
            "api.main:service FastAPI"
        );
        assert_eq!(
            best(&[("app.py", "import dash\napp = dash.Dash()")]),
            "app:app.server Dash"
        );
        assert_eq!(
            best(&[("main.py", "from fasthtml.common import *\napp, rt = fast_app()")]),
            "main:app FastHTML"
        );
        assert_eq!(
            best(&[
                (
                    "shop/app.py",
                    "import flask\nclass Shop(flask.Flask):\n    x = 1\ndef make():\n    return Shop()"
                ),
                ("shop/wsgi.py", "from shop.app import make\napp = make()"),
            ]),
            "shop.wsgi:app Flask"
        );
        assert_eq!(
            best(&[("app.py", "# app = Flask()\n'''\nfrom flask import Flask\n'''")]),
            ""
        );
    }

    #[test]
    fn a_wsgi_file_wins_over_the_factory_that_it_calls() {
        let factory = (
            "shop/__init__.py",
            "from flask import Flask\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n",
        );
        assert_eq!(best(&[factory]), "shop:create_app() Flask");
        assert_eq!(
            best(&[
                factory,
                (
                    "wsgi.py",
                    "from shop import create_app\napplication = create_app()"
                )
            ]),
            "wsgi:application Flask"
        );
        let plain = (
            "shop/__init__.py",
            "from flask import Flask\napp = Flask(__name__)\n",
        );
        assert_eq!(
            best(&[
                plain,
                (
                    "run.py",
                    "from shop import app\nif __name__ == '__main__':\n    app.run()"
                )
            ]),
            "run:app Flask"
        );
    }
}
