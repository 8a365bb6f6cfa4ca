//! What Node's stages on request do: the project's own `test` and `dev` scripts, run by its manager.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::building;
use crate::lang::node::detect::Facts;
use crate::lang::node::install::Installer;
use crate::lang::node::manager::Id;
use crate::lang::node::program::Build;
use crate::lang::node::scripts;
use crate::lang::node::view;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::plan::{Dev, RuntimeStage, Stages, Test, Work};
use crate::settings::Stage;
use crate::source::Sourced;
use crate::stages::{DEPS, missing};

/// What the stages of the image are like.
pub struct Shape<'a> {
    pub base: &'a view::Base,
    /// There is a stage `base`.
    pub has_base: bool,
    /// There is a stage `build`, on a stage `deps` with every dependency.
    pub build: Option<&'a Build>,
    pub runtime: &'a RuntimeStage,
    pub port: Option<u16>,
    /// The start command, where it runs the source as it was written.
    pub source: Option<&'a [String]>,
}

/// Scripts that test, the best first.
const TESTS: &[&str] = &["test", "test:ci", "test:unit", "test:run", "unit"];

/// Scripts that develop, the best first.
const DEVELOPS: &[&str] = &["dev", "start:dev", "develop", "dev:server", "start:development"];

/// Scripts that develop where they start a development server or a watcher: else they may as well only build,
/// or serve what was built.
const MAY_DEVELOP: &[&str] = &["serve", "start", "watch"];

/// Programs that start another one again after a change.
const WATCHERS: &[&str] = &[
    "nodemon",
    "tsx watch",
    "node --watch",
    "bun --watch",
    "ts-node-dev",
    "node-dev",
];

/// What a test needs that no stage has: a browser, or other containers.
const NEEDS_MORE: &[(&str, &str)] = &[
    ("cypress", "a browser"),
    ("ember test", "a browser"),
    ("polymer test", "a browser"),
    ("testcafe", "a browser"),
    ("playwright test", "a browser"),
    ("karma", "a browser"),
    ("wdio", "a browser"),
    ("web-test-runner", "a browser"),
    ("docker", "Docker"),
];

/// Runners that fail where they find no test.
const RUNNERS: &[&str] = &["ava", "jasmine", "jest", "mocha", "react-scripts test", "vitest"];

/// Development servers: how the command begins, and what lets it be reached from outside; `{port}` is
/// the service's own.
const SERVERS: &[(&str, &[&str])] = &[
    ("astro dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("docusaurus start", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("eleventy --serve", &["--port={port}"]),
    ("gatsby develop", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("next dev", &["--port", "{port}"]),
    ("ng serve", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("nuxi dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("nuxt dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("nitro dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("nitropack dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("parcel", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("react-router dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("react-scripts start", &[]),
    ("remix vite:dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("svelte-kit dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("vinxi dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("vitepress dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("vuepress dev", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("vite", &["--host", "0.0.0.0", "--port", "{port}"]),
    (
        "vue-cli-service serve",
        &["--host", "0.0.0.0", "--port", "{port}"],
    ),
    ("webpack serve", &["--host", "0.0.0.0", "--port", "{port}"]),
    ("webpack-dev-server", &["--host", "0.0.0.0", "--port", "{port}"]),
];

/// # Errors
/// A name that cannot be written into the Dockerfile.
pub fn stages(installer: &mut Installer, shape: &Shape) -> Result<Stages, Diagnostic> {
    let asked = installer.settings.stages();
    let (test_asked, dev_asked) = (asked.contains(&Stage::Test), asked.contains(&Stage::Dev));
    if !test_asked && !dev_asked {
        return Ok(Stages::default());
    }
    let facts = installer.facts;
    let installs = facts
        .packages(Reach::Build)
        .iter()
        .any(|p| !p.dependencies.is_empty());
    let deps = match shape.build {
        None if installs => Some(dependencies(installer, shape)?),
        _ => None,
    };
    let home = escape::path(&facts.home)?;
    let begin = |built: &str| match (shape.build, &deps) {
        (Some(_), _) => Work::on(built),
        (None, Some(_)) => Work::on(DEPS),
        (None, None) => {
            let mut work = Work::on(shape.base.from.as_str());
            work.line("WORKDIR", &home);
            work
        }
    };
    Ok(Stages {
        test: test_asked.then(|| test(facts, shape, begin("build"))),
        dev: dev_asked.then(|| dev(installer, shape, begin("deps"))),
        deps,
    })
}

/// The image's own stages leave out what is for development.
fn dependencies(installer: &mut Installer, shape: &Shape) -> Result<Work, Diagnostic> {
    let about = "installs every dependency, those for tests and development too";
    let install = installer.everything(about, None)?;
    let mut work = if shape.has_base {
        Work::on("base")
    } else {
        let mut work = Work::on(shape.base.from.as_str());
        work.line("WORKDIR", &escape::path(&installer.facts.home)?);
        work.lines.extend(shape.base.lines.iter().cloned());
        work
    };
    work.about = about.into();
    for copy in &install.copies {
        work.line("COPY", copy);
    }
    work.line("RUN", &install.run);
    Ok(work)
}

/// The first of these scripts that does something.
fn script<'a>(
    package: &'a PackageJson,
    names: &[&'static str],
) -> Option<(&'static str, &'a Sourced<String>)> {
    names.iter().find_map(|name| {
        let script = package.script(name)?;
        let text = scripts::expand(package, name);
        let idle = scripts::chain(&text).iter().all(|part| {
            let first = part.split_whitespace().next().unwrap_or_default();
            matches!(first, "echo" | "exit" | "true" | ":")
        });
        (!idle).then_some((*name, script))
    })
}

fn test(facts: &Facts, shape: &Shape, mut work: Work) -> Result<Test, Diagnostic> {
    let manifest = in_dir(facts.dir, "package.json");
    let Some((name, text)) = script(&facts.package, TESTS) else {
        let error = missing(Stage::Test, format!("{manifest} has no script `test` that tests"));
        return Err(match facts.package.script("test") {
            Some(script) => error.at(script.at.clone(), "a placeholder"),
            None => error.at(facts.tree.place(&manifest), ""),
        }
        .help("give it a script: `\"test\": \"node --test\"`"));
    };
    let whole = scripts::expand(&facts.package, name);
    let karma = whole.contains("ng test") && facts.package.dependency("karma").is_some();
    let needs = NEEDS_MORE.iter().find(|(word, _)| whole.contains(word));
    if let Some(what) = needs.map(|(_, what)| *what).or(karma.then_some("a browser")) {
        return Err(missing(Stage::Test, format!("the script `{name}` needs {what}"))
            .at(text.at.clone(), "not in the stages of a build")
            .help("give it a script `test:unit` for the tests that need nothing else"));
    }
    let runner = RUNNERS.iter().find(|tool| begins(&whole, tool));
    if let Some(runner) = runner.filter(|_| !whole.contains("passWithNoTests") && !has_tests(facts)) {
        return Err(
            missing(Stage::Test, format!("there is no file with a test for {runner}"))
                .at(text.at.clone(), "would find nothing, and fail")
                .help("add a test, or take `test` out of `stages`"),
        );
    }
    if shape.build.is_none() {
        for copy in building::sources(facts)? {
            work.line("COPY", &copy);
        }
    }
    if matches!(shape.build, Some(Build::Tool(_))) && !facts.place.is_empty() {
        work.line("WORKDIR", &escape::path(&facts.home)?);
    }
    let command = building::script(facts, name, facts.place)?;
    Ok(Test {
        work,
        mounts: Vec::new(),
        // Runners that would watch on a terminal do not.
        command: Safe::literal(format!("CI=true {command}")),
        because: Because::at(&text.at, format!("has the script `{name}`")),
    })
}

/// A file that a runner takes for a test by its name or its folder.
fn has_tests(facts: &Facts) -> bool {
    facts.tree.under(facts.dir).any(|path| {
        let path = paths::relative(path, facts.dir);
        let folder = |part: &str| matches!(part, "__tests__" | "test" | "tests" | "spec" | "specs");
        let (dirs, name) = path.rsplit_once('/').unwrap_or(("", path));
        let named = [".test.", ".spec.", "-test.", "-spec.", "_test.", "_spec."];
        let named = named.iter().any(|part| name.contains(part)) || name.starts_with("test.");
        named || dirs.split('/').any(folder)
    })
}

fn dev(installer: &Installer, shape: &Shape, mut work: Work) -> Result<Dev, Diagnostic> {
    let facts = installer.facts;
    let (words, because) = develop(installer, shape)?;
    work.about = "runs the program from its source".into();
    for copy in building::sources(facts)? {
        work.line("COPY", &copy);
    }
    if let Some(build) = shape.build {
        let steps = building::before(installer, build)?;
        if !steps.is_empty() {
            work.line("RUN", &Safe::join(&steps, " \\\n    && "));
        }
    }
    if !facts.place.is_empty() {
        let place = escape::path(facts.place)?;
        work.line("WORKDIR", &Safe::literal(format!("{}/{place}", facts.home)));
    }
    work.env(&shape.runtime.env, &["NODE_ENV"]);
    let named = |name: &str| shape.runtime.env.iter().any(|e| e.as_str().starts_with(name));
    // Development servers listen for their own machine alone unless told otherwise.
    if !named("HOST=") {
        work.line("ENV", &Safe::literal("HOST=0.0.0.0"));
    }
    if let Some(port) = shape.port.filter(|_| !named("PORT=")) {
        work.line("ENV", &Safe::literal(format!("PORT={port}")));
    }
    let manifest = |path: &&String| facts.tree.has(path);
    let mut manifests: Vec<String> = installer.reads.iter().filter(manifest).cloned().collect();
    manifests.sort();
    manifests.dedup();
    Ok(Dev {
        work,
        command: words,
        because,
        watches: true,
        sync: vec![(facts.root.to_string(), facts.home.clone())],
        own: vec!["node_modules".into()],
        manifests,
    })
}

/// The command that watches: a script, else Node's own flag where the source runs as it is.
fn develop(installer: &Installer, shape: &Shape) -> Result<(Vec<String>, Because), Diagnostic> {
    let facts = installer.facts;
    let package = &facts.package;
    let serves = |text: &str| {
        SERVERS.iter().any(|(tool, _)| begins(text, tool)) || WATCHERS.iter().any(|tool| begins(text, tool))
    };
    let may = MAY_DEVELOP
        .iter()
        .filter_map(|name| Some((*name, package.script(name)?)))
        .find(|(_, script)| serves(&script.value));
    let found = script(package, DEVELOPS)
        .filter(|(name, _)| !scripts::expand(package, name).contains("docker"))
        .or(may);
    if let Some((name, text)) = found {
        let words = script_words(facts, name, &text.value, shape.port);
        return Ok((words, Because::at(&text.at, format!("has the script `{name}`"))));
    }
    match shape.source {
        Some([program, rest @ ..]) if program == "bun" || installer.node_major >= 18 => {
            let watch = [program.clone(), "--watch".to_string()];
            let because =
                format!("there is no script `dev`, and `{program} --watch` starts it again after a change");
            Ok((
                watch.into_iter().chain(rest.iter().cloned()).collect(),
                Because::rule(because),
            ))
        }
        _ => {
            let manifest = in_dir(facts.dir, "package.json");
            Err(missing(Stage::Dev, format!("{manifest} has no script `dev`"))
                .at(facts.tree.place(&manifest), "")
                .help("give it a script `dev` that starts the program and watches its source"))
        }
    }
}

/// Does the last command of a script begin with this tool?
fn begins(text: &str, tool: &str) -> bool {
    let last = scripts::chain(text).pop().unwrap_or_default();
    let mut words = last.split_whitespace().peekable();
    while words
        .next_if(|w| matches!(*w, "cross-env" | "npx" | "bunx") || w.contains('=') && !w.starts_with('-'))
        .is_some()
    {}
    let words: Vec<&str> = words.collect();
    let tool: Vec<&str> = tool.split(' ').collect();
    // Bare `vite` serves, `vite build` does not.
    let other = |w: &&str| !w.starts_with('-') && !matches!(*w, "dev" | "serve");
    match tool.as_slice() {
        [one @ ("vite" | "parcel")] => {
            words.first() == Some(one) && (*one != "vite" || !words.get(1).is_some_and(other))
        }
        tool => words.starts_with(tool),
    }
}

fn script_words(facts: &Facts, name: &str, text: &str, port: Option<u16>) -> Vec<String> {
    let manager = facts.managed.manager;
    let mut words: Vec<String> = manager
        .run
        .replace("{script}", name)
        .split(' ')
        .map(String::from)
        .collect();
    let flags = SERVERS
        .iter()
        .find(|(tool, _)| begins(text, tool))
        .map_or(&[][..], |(_, f)| f);
    let mut more = Vec::new();
    let mut flags = flags.iter().peekable();
    while let Some(flag) = flags.next() {
        let value = flags.next_if(|next| !next.starts_with('-'));
        let short = if *flag == "--port" { " -p " } else { " -H " };
        let said = text.contains(flag.split('=').next().unwrap_or(flag)) || text.contains(short);
        let all = [Some(flag), value];
        let all = all.into_iter().flatten().map(|f| f.to_string());
        match port {
            _ if said => {}
            Some(port) => more.extend(all.map(|f| f.replace("{port}", &port.to_string()))),
            None => more.extend(all.filter(|f| !flag.contains("port") && !f.contains("{port}"))),
        }
    }
    // npm alone takes what follows for its own.
    if !more.is_empty() && manager.id == Id::Npm {
        words.push("--".into());
    }
    words.extend(more);
    words
}

/// The start command, where it runs a file of the repository and not of a build.
pub fn from_source<'w>(facts: &Facts, words: &'w [String], cwd: &str) -> Option<&'w [String]> {
    let program = words.first()?;
    let file = words.iter().skip(1).find(|w| !w.starts_with('-'))?;
    let path = paths::join(&in_dir(facts.root, cwd), file)?;
    (matches!(program.as_str(), "node" | "bun") && facts.tree.has(&path)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_the_last_command_alone() {
        assert!(begins("vite", "vite"));
        assert!(begins("cross-env A=1 vite dev --open", "vite"));
        assert!(begins("npm run gen && next dev", "next dev"));
        assert!(!begins("vite build", "vite"));
        assert!(!begins("vitest", "vite"));
        assert!(!begins("next build", "next dev"));
    }
}
