//! Nx: applications that are described by a project.json and share the root's one package.json.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::node::product::{Fallback, Output, Site};
use crate::lang::node::program::{Build, Decided, Modules, Program, Run, Sources};
use crate::lang::{Claim, Role};
use crate::manifest::doc::{self, Node};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Publishers of executors that build JavaScript, and what they publish for other languages. An
/// executor is written `package:name`; `nx:run-commands` says nothing of the language.
const JAVASCRIPT: &[&str] = &[
    "@nx",
    "@nrwl",
    "@nxext",
    "@angular",
    "@angular-devkit",
    "@analogjs",
];
const OTHERS: &[&str] = &["dotnet", "expo", "gradle", "maven", "react-native", "workspace"];

/// Does this executor build JavaScript?
fn is_javascript(executor: &str) -> bool {
    let package = executor.split(':').next().unwrap_or_default();
    let Some((publisher, name)) = package.split_once('/') else {
        return false;
    };
    JAVASCRIPT.contains(&publisher) && !OTHERS.contains(&name)
}

/// An application of an Nx workspace.
pub struct App {
    pub name: String,
    pub root: String,
    /// Where the build puts it, from the workspace's root.
    pub output: String,
    pub site: bool,
    pub next: bool,
    pub at: Location,
}

/// The applications of every Nx workspace in the tree that have no package.json of their own.
pub fn discover(tree: &Tree) -> Vec<Result<Claim, Diagnostic>> {
    let mut found = Vec::new();
    for file in tree.files().filter(|f| paths::base(f) == "project.json") {
        let dir = paths::parent(file);
        if tree.has(&super::workspace::manifest(dir)) {
            continue;
        }
        match app(tree, dir) {
            Ok(Some(app)) => found.push(Ok(Claim {
                language: "node",
                dir: dir.to_string(),
                context: app.root,
                shares: None,
                name: app.name,
                manifest: app.at,
                role: if app.site { Role::StaticSite } else { Role::Program },
            })),
            Ok(None) => {}
            Err(error) => found.push(Err(error)),
        }
    }
    found
}

/// The application in `dir`, if it is one.
///
/// # Errors
/// project.json is broken.
pub fn app(tree: &Tree, dir: &str) -> Result<Option<App>, Diagnostic> {
    let path = super::workspace::in_dir(dir, "project.json");
    let own = tree.has(&super::workspace::manifest(dir));
    let alone = own && tree.has(&super::workspace::in_dir(dir, "nx.json"));
    if own && !alone {
        return Ok(None);
    }
    let Some(root) = paths::ancestors(dir).find(|d| tree.has(&super::workspace::in_dir(d, "nx.json"))) else {
        return Ok(None);
    };
    let Some(source) = tree.read(&path)? else {
        return Ok(None);
    };
    let project = doc::json(&source)?;
    let text = |keys: &[&str]| project.path(keys).and_then(Node::as_str).map(str::to_string);
    if text(&["projectType"]).as_deref() != Some("application") || dir.ends_with("-e2e") {
        return Ok(None);
    }
    let targets = project.get("targets").or_else(|| project.get("architect"));
    let Some(build) = targets.and_then(|t| t.get("build")) else {
        return Ok(None);
    };
    let executor = build.get("executor").or_else(|| build.get("builder"));
    let executor = executor.and_then(Node::as_str).unwrap_or_default();
    if !is_javascript(executor) {
        return Ok(None);
    }
    let place = if dir == root {
        ""
    } else {
        paths::relative(dir, root)
    };
    let name = text(&["name"]).unwrap_or_else(|| paths::base(dir).to_string());
    let output = build
        .path(&["options", "outputPath"])
        .and_then(Node::as_str)
        .map(|o| o.replace("{workspaceRoot}/", "").replace("{projectRoot}", place))
        .unwrap_or_else(|| format!("dist/{place}"));
    let next = executor.contains("next");
    let target = build
        .path(&["options", "target"])
        .and_then(Node::as_str)
        .unwrap_or_default();
    let node = ["node", "express", "nest", "js:", "esbuild"]
        .iter()
        .any(|w| executor.contains(w))
        || target == "node";
    Ok(Some(App {
        name,
        root: root.to_string(),
        output,
        site: !next && !node,
        next,
        at: Sourced::new((), build.at.clone()).at,
    }))
}

/// Where Nx says that the build of a package puts its results, from the package's folder. Its config file
/// may compute the place.
pub fn output(tree: &Tree, dir: &str) -> Option<String> {
    let source = tree.text(&super::workspace::in_dir(dir, "project.json"))?;
    let root = paths::ancestors(dir).find(|d| tree.has(&super::workspace::in_dir(d, "nx.json")))?;
    let project = doc::json(&source).ok()?;
    let outputs = project.path(&["targets", "build", "outputs"])?.strings();
    let [only] = outputs.as_slice() else { return None };
    let text = &only.value;
    let path = match text.strip_prefix("{projectRoot}/") {
        Some(own) => own.to_string(),
        None => {
            let up = "../".repeat(paths::relative(dir, root).split('/').count());
            format!("{up}{}", text.strip_prefix("{workspaceRoot}/")?)
        }
    };
    let inside = !text.contains("..") && !path.contains('{');
    inside.then_some(path)
}

/// What is built and started, by Nx's own rules.
pub fn decided(app: &App) -> Decided {
    let build = Build::Tool(format!("nx build {} --configuration=production", app.name));
    let because = Because::at(&app.at, "is built by Nx");
    if app.site {
        let site = Site {
            dir: app.output.clone(),
            fallback: Fallback::Application,
            hashed: "",
            base: String::new(),
            because,
        };
        return Decided::Site(site, build);
    }
    let output = Output {
        from: app.output.clone(),
        to: app.output.clone(),
    };
    let run = if app.next {
        Run::Bin {
            name: "next".into(),
            file: Some("next/dist/bin/next"),
            args: vec!["start".into(), app.output.clone()],
        }
    } else {
        Run::Node {
            flags: vec![],
            file: format!("{}/main.js", app.output),
            args: vec![],
        }
    };
    Decided::Program(Box::new(Program {
        build,
        run,
        outputs: vec![output],
        sources: Sources::Named,
        modules: Modules::Production,
        cwd: String::new(),
        env: vec![("HOST".into(), "0.0.0.0".into())],
        port: app.next.then_some(3000),
        port_variable: app.next.then_some("PORT"),
        writes: vec![],
        before: vec![],
        because,
        over: vec![],
        warnings: vec![],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executor_of_another_language_makes_no_node_program() {
        for yes in [
            "@nx/vite:build",
            "@nrwl/node:webpack",
            "@angular-devkit/build-angular:browser",
        ] {
            assert!(is_javascript(yes), "{yes}");
        }
        for no in [
            "nx:run-commands",
            "@nx/gradle:gradle",
            "@nx-go/nx-go:build",
            "@nxlv/python:build",
            "",
        ] {
            assert!(!is_javascript(no), "{no}");
        }
    }
}
