//! The choices for one service: which Node.js, and whether a program or a site is made.

use crate::decision::Chosen;
use crate::diagnostic::{Diagnostic, rules as shared};
use crate::lang::Project;
use crate::lang::node::detect;
use crate::lang::node::ground::{self, Ground};
use crate::lang::node::nx;
use crate::lang::node::program::{self, Decided, Run};
use crate::lang::node::service::service;
use crate::lang::node::site;
use crate::lang::node::source;
use crate::lang::node::start::Start;
use crate::lang::node::workspace::manifest;
use crate::plan::Plan;

pub fn plan(project: &Project) -> Result<Plan, Vec<Diagnostic>> {
    make(project).map_err(|e| vec![e])
}

fn make(project: &Project) -> Result<Plan, Diagnostic> {
    let claim = project.claim;
    let mut app = nx::app(project.tree, &claim.dir)?;
    let dir = if app.is_some() {
        claim.context.as_str()
    } else {
        claim.dir.as_str()
    };
    if !project.tree.has(&manifest(dir)) {
        return Err(
            Diagnostic::error(&shared::MISSING_INPUT, format!("{} is not there", manifest(dir)))
                .help("add a package.json"),
        );
    }
    let mut facts = detect::detect(project.tree, dir, &claim.context)?;
    // An application at the root is built by Nx where its own scripts start nothing.
    let starts = facts
        .starts
        .iter()
        .any(|c| !matches!(c.start, Start::Development(_)));
    app = app.filter(|_| claim.dir != claim.context || !starts && facts.framework.is_none());
    let decided = match &app {
        Some(app) => {
            facts.scan = source::scan(project.tree, &claim.dir, None);
            facts.framework = None;
            facts.build = None;
            nx::decided(app)
        }
        None => program::decide(&facts, project.settings)?,
    };
    let mut warnings = Vec::new();
    let line = ground::node(project, &facts, &mut warnings)?;
    let bun = match &decided {
        Decided::Program(p) if matches!(p.run, Run::Bun { .. }) => {
            facts.has_bun_runtime().or_else(|| Some(p.because.clone()))
        }
        _ => None,
    };
    let ground = Ground {
        project,
        facts: &facts,
        line: line.value.version.clone(),
        version: Chosen {
            value: line.value.version.clone(),
            because: line.because.clone(),
            over: line.over.clone(),
        },
        bun,
        warnings,
    };
    match decided {
        Decided::Site(site, build) => site::plan(ground, site, build),
        Decided::Program(program) => service(ground, *program),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::settings::Settings;
    use crate::tree::Tree;

    /// The Dockerfile of the service in `dir`.
    #[track_caller]
    fn dockerfile(files: &[(String, String)], dir: &str) -> (String, Vec<String>) {
        let tree = Tree::from_pairs(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
        let claims = super::super::discover::discover(&tree).into_iter();
        let claim = claims.filter_map(Result::ok).find(|c| c.dir == dir).unwrap();
        let settings = Settings::default();
        let none = |_: &str| None;
        let project = Project {
            tree: &tree,
            catalog: catalog::catalog(),
            claim: &claim,
            settings: &settings,
            context: &claim.context,
            assets: &none,
        };
        let plan = plan(&project).unwrap();
        (plan.dockerfile.text(), plan.reads)
    }

    fn workspace(members: usize) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = (0..members)
            .map(|i| {
                (
                    format!("libs/l{i:03}/package.json"),
                    format!(r#"{{"name": "@x/l{i:03}"}}"#),
                )
            })
            .collect();
        files.push((
            "package.json".into(),
            r#"{"name": "root", "workspaces": ["apps/*", "libs/*"]}"#.into(),
        ));
        files.push((
            "apps/api/package.json".into(),
            r#"{"name": "api", "scripts": {"start": "node index.js"}, "dependencies": {"@x/l001": "*", "express": "5"}}"#.into(),
        ));
        files.push(("apps/api/index.js".into(), String::new()));
        files
    }

    #[test]
    fn every_manifest_of_a_workspace_reaches_the_install() {
        let (text, reads) = dockerfile(&workspace(20), "apps/api");
        for i in 0..20 {
            assert!(
                text.contains(&format!("COPY libs/l{i:03}/package.json ./libs/l{i:03}/")),
                "{text}"
            );
            assert!(reads.contains(&format!("libs/l{i:03}/package.json")));
        }
    }

    #[test]
    fn two_hundred_members_stay_under_the_limit_of_layers() {
        let (text, reads) = dockerfile(&workspace(200), "apps/api");
        assert!(text.contains("FROM base AS manifests"), "{text}");
        assert!(text.contains("COPY --from=manifests /manifests ./"), "{text}");
        assert!(
            text.lines()
                .filter(|l| l.starts_with("COPY") || l.starts_with("RUN"))
                .count()
                < 30
        );
        assert!(reads.contains(&"libs/l199/package.json".to_string()));
    }

    #[test]
    fn npm_6_of_an_old_node_is_spoken_to_in_its_own_words() {
        let files = [
            (
                "package.json",
                r#"{"name": "a", "engines": {"node": "14"}, "dependencies": {"ms": "2"}, "scripts": {"start": "node s.js", "postinstall": "husky install"}}"#,
            ),
            ("s.js", ""),
        ];
        let (text, _) = dockerfile(&files.map(|(p, t)| (p.to_string(), t.to_string())), "");
        assert!(!text.contains("--omit") && !text.contains("npm pkg"), "{text}");
        assert!(text.contains("delete it.scripts[n]"), "{text}");
        assert!(text.contains("./package.json postinstall"), "{text}");
        assert!(text.contains("npm install --production"), "{text}");
    }

    #[test]
    fn only_the_closure_of_the_application_is_shipped() {
        let (text, _) = dockerfile(&workspace(5), "apps/api");
        let runtime = text.split("AS runtime").nth(1).unwrap();
        assert!(
            runtime.contains("libs/l001 ./libs/l001") && !runtime.contains("l002"),
            "{runtime}"
        );
    }
}
