//! Angular: the output of the project that angular.json builds.

use crate::decision::Because;
use crate::lang::node::product::{Fallback, Look, Product, clean, site};
use crate::lang::node::servers::bundle;
use crate::lang::node::sites::spa;
use crate::lang::node::workspace::in_dir;
use crate::manifest::doc::{self, Node};

pub fn angular(look: &Look) -> Product {
    let path = in_dir(look.dir, "angular.json");
    let Some(workspace) = look.tree.text(&path).and_then(|s| doc::json(&s).ok()) else {
        return spa("dist");
    };
    let projects = workspace.get("projects").map(Node::entries).unwrap_or_default();
    let default = workspace.get("defaultProject").and_then(Node::as_str);
    let application = |e: &&doc::Entry| {
        let kind = e.node.get("projectType").and_then(Node::as_str);
        kind != Some("library") && !e.key.ends_with("-e2e")
    };
    let named = look.build.split_whitespace().skip_while(|w| *w != "build").nth(1);
    let project = projects
        .iter()
        .find(|e| Some(e.key.as_str()) == named)
        .or_else(|| projects.iter().find(|e| Some(e.key.as_str()) == default))
        .or_else(|| projects.iter().find(application));
    let Some(project) = project else {
        return spa("dist");
    };
    let target = project
        .node
        .get("architect")
        .or_else(|| project.node.get("targets"))
        .and_then(|a| a.get("build"));
    let option = |key: &str| target.and_then(|t| t.path(&["options", key]));
    let builder = target
        .and_then(|t| t.get("builder"))
        .and_then(Node::as_str)
        .unwrap_or_default();
    let modern = builder.ends_with(":application");
    let out = option("outputPath");
    let base = out
        .and_then(|o| o.as_str().or_else(|| o.get("base")?.as_str()))
        .map_or_else(|| format!("dist/{}", project.key), clean);
    let browser = out.and_then(|o| o.get("browser")).and_then(Node::as_str);
    let because = match out {
        Some(node) => Because::at(&node.at, "names the output"),
        None => Because::rule("Angular writes into dist and the project's name"),
    };
    let ssr = option("ssr").is_some_and(|s| s.is_table() || s.as_bool() == Some(true));
    let prerendered = option("outputMode").and_then(Node::as_str) == Some("static");
    if modern && ssr && !prerendered {
        return bundle(look, &base, &format!("{base}/server/server.mjs"), 4000, because);
    }
    let dir = match (modern, browser) {
        (true, Some("")) => base,
        (true, Some(browser)) => format!("{base}/{browser}"),
        (true, None) => format!("{base}/browser"),
        (false, _) => base,
    };
    site(dir, Fallback::Application, "", because)
}
