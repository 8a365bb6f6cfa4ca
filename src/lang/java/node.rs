//! Node.js in the build stage, where a plugin of the build runs it: out of Node's own image instead of a download
//! that no cache of Docker's sees.

use super::facts::{Facts, NodeRun};
use crate::catalog::{Base, Family, Variant};
use crate::decision::{Because, Decision};
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::Project;

/// From this line on the binary wants a library that Ubuntu's images lack.
const WANTS_LIBATOMIC: u32 = 25;

/// Node.js brings certificates of its own: with those of the system it trusts a company's proxy as Java does.
pub const CERTIFICATES: &str = "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt";

/// What npm has fetched.
pub const MOUNT: &str = "--mount=type=cache,target=/root/.npm,sharing=locked";

/// Arguments of COPY that bring it into another stage.
pub const COPIES: &[&str] = &[
    "--link --from=node /usr/local/bin/ /usr/local/bin/",
    "--link --from=node /usr/local/lib/node_modules/ /usr/local/lib/node_modules/",
];

/// The stage, and how the build finds what is in it.
#[derive(Clone)]
pub struct Node {
    /// After `# node`.
    pub about: Safe,
    pub from: Safe,
    /// After `npm install --global`.
    pub packages: Option<Safe>,
    /// A RUN that puts it where a plugin looks for an installation of its own.
    pub links: Option<Safe>,
    /// For the build: `libatomic1`.
    pub system: Option<&'static str>,
    /// Arguments of the build tool.
    pub words: Vec<String>,
    pub decision: Decision,
}

/// `None` where nothing runs Node.js, or where there is no image of the version that is named: then the plugin
/// fetches it.
///
/// # Errors
/// A path or version that cannot be written into a Dockerfile.
pub fn choose(project: &Project, facts: &Facts) -> Result<Option<Node>, Diagnostic> {
    let Some(run) = &facts.recipe.node else {
        return Ok(None);
    };
    let Some((base, because)) = base(project, run) else {
        return Ok(None);
    };
    let packages = run
        .packages
        .iter()
        .map(|p| escape::shell(p))
        .collect::<Result<Vec<_>, _>>()?;
    let mut steps = Vec::new();
    for home in &run.homes {
        let node = if home == "." {
            "node".to_string()
        } else {
            format!("{home}/node")
        };
        let to = escape::shell(&format!("{node}/"))?;
        let yarn = run.packages.iter().any(|p| p.starts_with("yarn@"));
        let made = escape::shell(&if yarn {
            format!("{node}/yarn")
        } else {
            node.clone()
        })?;
        steps.push(Safe::join(&[Safe::literal("mkdir -p"), made], " "));
        steps.push(Safe::join(
            &[
                Safe::literal("ln -s /usr/local/bin/node /usr/local/lib/node_modules"),
                to,
            ],
            " ",
        ));
        if yarn {
            let to = escape::shell(&format!("{node}/yarn/dist"))?;
            steps.push(Safe::join(
                &[Safe::literal("ln -s /usr/local/lib/node_modules/yarn"), to],
                " ",
            ));
        }
    }
    let major = base.line.version.parse().unwrap_or(0);
    Ok(Some(Node {
        about: escape::comment(&format!(
            "is the Node.js that {} runs; {}",
            run.by,
            because.worded()
        )),
        from: Safe::literal(base.from()),
        packages: (!packages.is_empty()).then(|| Safe::join(&packages, " ")),
        links: (!steps.is_empty()).then(|| Safe::join(&steps, " \\\n    && ")),
        system: (major >= WANTS_LIBATOMIC).then_some("libatomic1"),
        words: run.words.clone(),
        decision: Decision {
            topic: "node",
            value: base.from(),
            because,
            over: Vec::new(),
        },
    }))
}

/// What such a build leaves in a checkout.
pub fn ignore(run: &NodeRun) -> Vec<String> {
    let own = run.homes.iter().map(|home| match home.as_str() {
        "." => "node".to_string(),
        home => format!("{home}/node"),
    });
    std::iter::once("**/node_modules".to_string())
        .chain(own)
        .collect()
}

/// The image of the line that the plugin names, else of the newest one that needs nothing more.
fn base(project: &Project, run: &NodeRun) -> Option<(Base, Because)> {
    let catalog = project.catalog;
    let image = |version: &str| catalog.newest_base("node", version, Variant::Slim, Family::Debian);
    if let Some(said) = &run.version {
        let major = said.value.trim_start_matches('v').split('.').next()?;
        let because = Because::at(&said.at, format!("names Node.js {}", said.value));
        return Some((image(major)?, because));
    }
    let lines = catalog.supported_lines("node");
    let fits = |version: &str| version.parse().is_ok_and(|v: u32| v < WANTS_LIBATOMIC);
    let line = lines.iter().find(|l| l.lts && fits(&l.version))?;
    Some((
        image(&line.version)?,
        Because::at(&run.at, "names no version of it"),
    ))
}
