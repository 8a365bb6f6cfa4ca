//! [Rocket](https://rocket.rs/guide/v0.5/configuration/): where its programs listen, and what Rocket.toml names.

use super::detect::Facts;
use super::serve::{Serve, copy};
use crate::decision::{Because, Chosen, Decision};
use crate::diagnostic::Diagnostic;
use crate::lang::Project;
use crate::manifest::doc;
use crate::paths;
use crate::source::Sourced;

/// Rocket's own.
const ROCKET_PORT: u16 = 8000;

pub fn rocket(project: &Project, facts: &Facts, out: &mut Serve) -> Result<bool, Diagnostic> {
    let Some(used) = facts.closure.depends("rocket") else {
        return Ok(false);
    };
    out.env.insert("ROCKET_ADDRESS".into(), "0.0.0.0".into());
    out.port = Some(Chosen::new(
        ROCKET_PORT,
        Because::at(used, "is Rocket, which listens on 8000"),
    ));
    out.decisions.push(Decision {
        topic: "address",
        value: "ROCKET_ADDRESS=0.0.0.0".into(),
        because: Because::at(used, "is Rocket, which listens on 127.0.0.1 unless it is told"),
        over: Vec::new(),
    });
    let mut templates = "templates".to_string();
    let path = paths::join(&project.claim.dir, "Rocket.toml").expect("a name without dots");
    if let Some(source) = project.tree.read(&path)? {
        let root = doc::toml(&source)?;
        let profiles = || {
            ["release", "global", "default"]
                .into_iter()
                .filter_map(|p| root.get(p))
        };
        let port = |node: &doc::Node| Some((node.scalar()?.parse::<u16>().ok()?, node.at.clone()));
        if let Some((port, at)) = profiles().find_map(|p| port(p.get("port")?)) {
            let because = Because::at(&at, format!("says `port = {port}`"));
            out.port = Some(Chosen::new(port, because));
        }
        if let Some(dir) = profiles().find_map(|p| p.get("template_dir")?.scalar()) {
            templates = dir.trim_start_matches("./").trim_end_matches('/').to_string();
        }
        let databases = profiles().filter_map(|p| p.get("databases"));
        out.database = databases.flat_map(|d| d.entries()).find_map(|entry| {
            let url = entry.node.get("url")?;
            let file = url.scalar()?;
            let kept = [".db", ".sqlite", ".sqlite3"].iter().any(|e| file.ends_with(e));
            let plain = !file.contains(':') && !file.starts_with(['/', '.']);
            (kept && plain).then(|| Sourced::new(file, url.at.clone()))
        });
        copy(
            out,
            "Rocket.toml",
            &path,
            Because::at(used, "reads its settings from it"),
        );
    }
    if let Some(used) = facts.closure.depends("rocket_dyn_templates")
        && let Some(path) = paths::join(&project.claim.dir, &templates).filter(|p| project.tree.has_dir(p))
    {
        let because = Because::at(used, "reads templates from it");
        copy(out, &templates, &path, because);
    }
    Ok(true)
}
