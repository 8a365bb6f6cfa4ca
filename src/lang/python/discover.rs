//! Folders that hold a Python program.

use super::above;
use super::facts::in_dir;
use super::frameworks::{APP_FILES, FRAMEWORKS, RUNNERS, SCRIPTS};
use super::workers::LOCUST_FILE;
use super::{conda, front, manager, modules};
use crate::diagnostic::Diagnostic;
use crate::lang::{Claim, Role};
use crate::manifest::{command, doc};
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// Files that make a folder a Python project.
pub const MANIFESTS: &[&str] = &[
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "setup.py",
    "pylock.toml",
    "requirements.in",
    "setup.cfg",
    "environment.yml",
    "environment.yaml",
];

/// Folders whose manifests serve the documents, the tests or the work on the project.
const TOOLING: &[&str] = &[
    ".ci",
    ".devcontainer",
    ".github",
    ".gitlab",
    "ci",
    "doc",
    "docs",
    "documentation",
    "hack",
    "requirements",
    "scripts",
    "tests",
    "tooling",
    "tools",
    WEBSITE,
];

const WEBSITE: &str = "website";

pub fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut dirs: BTreeSet<&str> = BTreeSet::new();
    for path in tree.files() {
        let base = paths::base(path);
        let dir = paths::parent(path);
        let django = || tree.text(path).is_some_and(|s| s.text.contains("django"));
        if MANIFESTS.contains(&base) || base == "manage.py" && !dir.contains("template") && django() {
            dirs.insert(dir);
        }
        if base.ends_with(".txt") && paths::base(dir) == "requirements" {
            dirs.insert(paths::parent(dir));
        }
    }
    // Bare scripts count at the root, where nothing else says what the repository is.
    if bare(tree) || dirs.is_empty() && only_scripts(tree) {
        dirs.insert("");
    }
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut claims: Vec<Result<Claim, Diagnostic>> = dirs
        .into_iter()
        .filter_map(|dir| claim(tree, dir, &mut used).transpose())
        .collect();
    // What another project installs, and no file of it is a program, is a library.
    for claim in claims.iter_mut().flatten() {
        if used.contains(&claim.dir) && !has_program(tree, &claim.dir) {
            claim.role = Role::Tooling;
        }
    }
    claims
}

fn bare(tree: &Tree) -> bool {
    tree.files_in("").any(|f| SCRIPTS.contains(&f))
}

/// Endings of other languages' source files.
const OTHER_SOURCE: &[&str] = &[
    ".c", ".cc", ".cpp", ".cs", ".go", ".java", ".js", ".kt", ".php", ".rb", ".rs", ".swift", ".ts",
];

/// A repository without a manifest of any language that is Python for the most part, with a program at
/// its top.
fn only_scripts(tree: &Tree) -> bool {
    let program = |f: &str| f.ends_with(".py") && tree.text(f).is_some_and(|s| s.text.contains("__main__"));
    if !tree.files_in("").any(program) || tree.files().any(|f| OTHERS.contains(&paths::base(f))) {
        return false;
    }
    let other = |f: &&str| OTHER_SOURCE.iter().any(|e| f.ends_with(e));
    let (python, others) = (
        tree.files().filter(|f| f.ends_with(".py")).count(),
        tree.files().filter(other).count(),
    );
    python > others
}

/// `used` gathers the folders that projects install.
fn claim(tree: &Tree, dir: &str, used: &mut BTreeSet<String>) -> Result<Option<Claim>, Diagnostic> {
    let found = manager::detect(tree, dir)?;
    let has = |file: &str| tree.has(&in_dir(dir, file));
    let conda = ["environment.yml", "environment.yaml"]
        .into_iter()
        .find(|f| has(f));
    let Some(found) = found else {
        let manage = has("manage.py");
        let bare = dir.is_empty() && (bare(tree) || only_scripts(tree));
        let above = paths::ancestors(dir)
            .skip(1)
            .any(|d| MANIFESTS.iter().any(|m| tree.has(&in_dir(d, m))));
        if let Some(file) = conda.filter(|_| !above && has_program(tree, dir)) {
            return Err(conda::error(tree, &in_dir(dir, file)));
        }
        if above || !(manage || bare) || !has_program(tree, dir) {
            return Ok(None);
        }
        let first = tree
            .files_in(dir)
            .find(|f| f.ends_with(".py"))
            .unwrap_or_default();
        return Ok(Some(Claim {
            language: "python",
            dir: dir.to_string(),
            context: dir.to_string(),
            shares: None,
            name: String::new(),
            manifest: tree.place(first),
            role: if conda.is_some() {
                Role::Tooling
            } else {
                Role::Program
            },
        }));
    };
    used.extend(found.locals.iter().filter(|l| *l != dir).cloned());
    let name = super::facts::name(tree, dir, Some(&found));
    let procfile = has_procfile(tree, dir);
    let direct_dist = |name: &str| found.dists.iter().any(|d| d.name == name && d.direct);
    let spiders = || tree.under(dir).any(|p| paths::base(p) == "scrapy.cfg");
    let runs_files =
        direct_dist("rq") || direct_dist("locust") && has(LOCUST_FILE) || direct_dist("scrapy") && spiders();
    let starts = runs_files
        || procfile
        || has("manage.py")
        || is_package_with_scripts(tree, dir, &found)
        || has_program(tree, dir);
    // A folder called website holds the documents, unless a file of it is a program by its name.
    let site = || paths::base(dir) == WEBSITE && named_program(tree, dir);
    let for_work_on = |dir: &str| dir.split('/').any(|part| TOOLING.contains(&part));
    let tooling = for_work_on(dir) && !procfile && (for_work_on(paths::parent(dir)) || !site());
    // The root of a workspace that is no project itself.
    let virtual_root = found.tool == super::tools::Tool::Uv && found.project(&["project"]).is_none();
    let direct = || found.dists.iter().filter(|d| d.direct);
    let for_work = direct().next().is_some() && direct().all(|d| is_tool(&d.name));
    // Beside another language's manifest a file must say by its name that it is the program.
    let beside = OTHERS.iter().any(|m| has(m)) && !procfile && !has("manage.py") && !named_program(tree, dir);
    // What makes an installer of the program above is no program of its own.
    let packs = !dir.is_empty() && direct().any(|d| PACKERS.contains(&d.name.as_str()));
    let tooling = tooling || virtual_root || for_work || beside || packs;
    let role = if starts && !tooling {
        Role::Program
    } else {
        Role::Tooling
    };
    let mut context = found.root.clone();
    for read in found
        .reads
        .iter()
        .map(|r| paths::parent(r))
        .chain(found.locals.iter().map(String::as_str))
    {
        context = paths::common([context.as_str(), read]);
    }
    if role == Role::Program
        && let Some(above) = front::above(tree, dir)
    {
        context = paths::common([context.as_str(), &above]);
    }
    let mut shares = None;
    if role == Role::Program {
        let shared = above::find(tree, dir);
        shares = shared
            .iter()
            .find(|f| !paths::is_under(&f.value, &context))
            .cloned();
        context = paths::common(
            [context.as_str()]
                .into_iter()
                .chain(shared.iter().map(|f| paths::parent(&f.value))),
        );
    }
    Ok(Some(Claim {
        language: "python",
        dir: dir.to_string(),
        context: paths::common([context.as_str(), dir]),
        shares,
        name: name.map_or_else(|| paths::base(dir).to_string(), |n| n.value),
        manifest: place(tree, dir).unwrap_or(found.at),
        role,
    }))
}

fn is_package_with_scripts(tree: &Tree, dir: &str, found: &manager::Manager) -> bool {
    !super::facts::scripts(tree, dir, Some(found)).is_empty()
}

/// Is there a Procfile that does not start another language's program?
fn has_procfile(tree: &Tree, dir: &str) -> bool {
    let Some(source) = tree.text(&in_dir(dir, "Procfile")) else {
        return false;
    };
    let processes = command::procfile(&source);
    let web = processes
        .iter()
        .find(|(name, _)| name == "web")
        .or(processes.first());
    web.is_some_and(|(_, text)| command::language_of(&text.value).is_none_or(|l| l == "python"))
}

/// The manifest that a person would name.
fn place(tree: &Tree, dir: &str) -> Option<Location> {
    let file = MANIFESTS.iter().find(|f| tree.has(&in_dir(dir, f)))?;
    let path = in_dir(dir, file);
    let source = tree.text(&path)?;
    let at = doc::toml(&source)
        .ok()
        .and_then(|n| Some(n.get("project")?.get("name")?.at.clone()));
    Some(at.unwrap_or_else(|| tree.place(&path)))
}

/// Manifests of other languages.
const OTHERS: &[&str] = &[
    "Cargo.toml",
    "build.gradle",
    "build.gradle.kts",
    "go.mod",
    "package.json",
    "pom.xml",
];

/// Distributions that check, test or document: where there are no others, nothing is served.
const TOOLS: &[&str] = &[
    "ansible",
    "ansible-core",
    "ansible-lint",
    "black",
    "bump2version",
    "codespell",
    "coverage",
    "docutils",
    "flake8",
    "furo",
    "isort",
    "jupyter",
    "jupyterlab",
    "mkdocs",
    "mypy",
    "myst-parser",
    "nox",
    "pip-tools",
    "pre-commit",
    "pylint",
    "pytest",
    "recommonmark",
    "ruff",
    "sphinx",
    "tox",
    "twine",
    "yamllint",
];

/// Distributions that make an installer or one file of a program.
const PACKERS: &[&str] = &["cx-freeze", "nuitka", "py2app", "py2exe", "pyinstaller"];

fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
        || ["mkdocs-", "pytest-", "sphinx-", "sphinxcontrib-", "types-"]
            .iter()
            .any(|p| name.starts_with(p))
}

/// Does this path, from the service's folder, lead into a folder for the work on the project?
pub fn is_for_work(inside: &str) -> bool {
    paths::parent(inside)
        .split('/')
        .any(|part| TOOLING.contains(&part) || ["builder", "dev", "packaging"].contains(&part))
}

/// Files that can be a program, not too deep and not of the work on the project.
fn shallow<'a>(tree: &'a Tree, dir: &str) -> Vec<&'a str> {
    let mut files = modules::candidates(tree, dir);
    files.retain(|path| {
        let inside = paths::relative(path, dir);
        let for_work = inside
            .split('/')
            .any(|part| TOOLING.contains(&part) || part == "hooks");
        inside.matches('/').count() <= 3 && !for_work
    });
    files
}

/// Is there a file that is a program by its name?
fn named_program(tree: &Tree, dir: &str) -> bool {
    shallow(tree, dir).iter().any(|f| {
        let base = paths::base(f);
        let stem = base.trim_end_matches(".py");
        SCRIPTS.contains(&base)
            || stem != "__init__" && APP_FILES.contains(&stem)
            || base.starts_with("streamlit")
    })
}

/// What makes an application, by its bare name, where that says of which framework it is.
fn makers() -> impl Iterator<Item = &'static str> {
    FRAMEWORKS
        .iter()
        .flat_map(|f| f.makes)
        .filter_map(|name| name.rsplit('.').next())
        .filter(|name| !["API", "App", "Application", "app", "default_app"].contains(name))
}

/// Is there a file that is a program by its name, or one that says so?
fn has_program(tree: &Tree, dir: &str) -> bool {
    let files = shallow(tree, dir);
    let says = |text: &str| {
        text.contains("__main__")
            || text.contains("Celery(")
            || makers().any(|name| text.contains(name) && text.contains(&format!("{name}(")))
            || RUNNERS.iter().any(|r| {
                text.contains(r.module)
                    && ["import", "from"]
                        .iter()
                        .any(|word| text.contains(&format!("{word} {}", r.module)))
            })
    };
    named_program(tree, dir)
        || files.iter().any(|f| tree.text(f).is_some_and(|s| says(&s.text)))
        || matches!(&files[..], [one] if !one.ends_with("__init__.py"))
}
