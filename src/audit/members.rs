//! Rules on the members of a JavaScript workspace.

use super::view::{View, join};
use crate::diagnostic::{Diagnostic, Rule};
use crate::paths;
use serde_json::Value;

/// A workspace member that a copied member needs and whose manifest the install does not see.
pub fn workspace(rule: &'static Rule, view: &View) -> Vec<Diagnostic> {
    let Some(root) = view.json("package.json") else {
        return Vec::new();
    };
    let Some(globs) = globs(view, &root) else {
        return Vec::new();
    };
    let members = members(view, &globs);
    let mut found = Vec::new();
    for install in view
        .installs()
        .iter()
        .filter(|i| i.tool.manifest == "package.json" && i.sub != "fetch")
    {
        if install
            .command
            .args()
            .iter()
            .any(|a| a.contains("--filter") || a == "-F" || a == "-w" || a.starts_with("--workspace"))
            || !view.gets(install, "package.json")
            || view.manifest_dir(install, "package.json").as_deref() != Some("")
        {
            continue;
        }
        let (seen, missing): (Vec<_>, Vec<_>) = members
            .iter()
            .partition(|(dir, _)| view.gets(install, &join(dir, "package.json")));
        let needed = missing.iter().find_map(|(dir, json)| {
            let name = json.get("name")?.as_str()?;
            let user = seen.iter().find(|(_, j)| {
                ["dependencies", "devDependencies"]
                    .iter()
                    .any(|k| j.get(k).and_then(|d| d.get(name)).is_some())
            })?;
            Some((dir, name, &user.0))
        });
        if let Some((dir, name, user)) = needed {
            found.push(
                Diagnostic::error(
                    rule,
                    format!(
                        "{dir}/package.json is not there when `{}` runs",
                        install.command.words.join(" ")
                    ),
                )
                .at(
                    install.instruction.place_of(&install.command),
                    format!("{user} depends on {name}, which is then not linked"),
                )
                .help(format!("before it: `COPY {dir}/package.json {dir}/`")),
            );
        }
    }
    found
}

fn globs(view: &View, root: &Value) -> Option<Vec<String>> {
    let list = root.get("workspaces").map(|w| w.get("packages").unwrap_or(w));
    if let Some(list) = list.and_then(Value::as_array) {
        return Some(
            list.iter()
                .filter_map(|v| v.as_str().map(str::to_string))
                .collect(),
        );
    }
    let text = view.read("pnpm-workspace.yaml")?;
    let lines = text
        .text
        .lines()
        .skip_while(|l| !l.starts_with("packages:"))
        .skip(1);
    let items = lines.take_while(|l| l.trim_start().starts_with('-') || l.trim().is_empty());
    Some(
        items
            .map(|l| {
                l.trim()
                    .trim_start_matches('-')
                    .trim()
                    .trim_matches(['"', '\''])
                    .to_string()
            })
            .collect(),
    )
}

/// Folders and manifests of the members.
fn members(view: &View, globs: &[String]) -> Vec<(String, Value)> {
    let Some(context) = view.context.as_deref() else {
        return Vec::new();
    };
    let (out, wanted): (Vec<&String>, Vec<&String>) = globs.iter().partition(|g| g.starts_with('!'));
    let matches = |pattern: &str, dir: &str| {
        let pattern = pattern.trim_start_matches(['!', '.', '/']).trim_end_matches('/');
        super::view::glob(pattern, dir)
    };
    let manifests = view
        .tree
        .under(context)
        .filter(|f| paths::base(f) == "package.json");
    let dirs = manifests.map(|f| paths::relative(paths::parent(f), context).to_string());
    dirs.filter(|d| wanted.iter().any(|g| matches(g, d)) && !out.iter().any(|g| matches(g, d)))
        .filter_map(|d| Some((d.clone(), view.json(&join(&d, "package.json"))?)))
        .collect()
}
