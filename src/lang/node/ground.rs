//! What programs and sites stand on alike: the line of Node.js, and the image that builds.

use crate::catalog::{Base, Variant};
use crate::decision::{Because, Chosen, Rejected};
use crate::diagnostic::{Diagnostic, rules as shared};
use crate::lang::Project;
use crate::lang::node::detect::Facts;
use crate::lang::node::limits;
use crate::lang::node::rules;
use crate::lang::node::runtime;
use crate::lang::node::tool;
use crate::lang::node::version;

/// Everything that the templates of programs and sites share.
pub struct Ground<'a> {
    pub project: &'a Project<'a>,
    pub facts: &'a Facts<'a>,
    /// `26`.
    pub line: String,
    pub version: Chosen<String>,
    pub bun: Option<Because>,
    pub warnings: Vec<Diagnostic>,
}

impl<'a> Ground<'a> {
    /// For a front end alone.
    ///
    /// # Errors
    /// No image serves the project's Node.js.
    pub fn alone(
        project: &'a Project<'a>,
        facts: &'a Facts<'a>,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<Self, Diagnostic> {
        let line = node(project, facts, warnings)?;
        Ok(Self {
            project,
            facts,
            line: line.value.version.clone(),
            version: Chosen {
                value: line.value.version.clone(),
                because: line.because,
                over: line.over,
            },
            bun: None,
            warnings: vec![],
        })
    }
}

/// The line of Node.js, held at what the dependencies run on.
pub fn node(
    project: &Project,
    facts: &Facts,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Chosen<&'static crate::catalog::Line>, Diagnostic> {
    let cap = limits::newest_node(facts);
    let asked = project.settings.version.as_ref();
    let line = version::choose(
        project.catalog,
        &facts.wishes,
        asked,
        cap.as_ref(),
        facts.types.as_ref(),
        warnings,
    )?;
    // A framework that refuses the line outranks a pin: no image could be built from it.
    let Some((framework, major, needs)) = facts.needs_node() else {
        return Ok(line);
    };
    let chosen: u64 = line.value.version.parse().unwrap_or(0);
    if asked.is_some() || chosen >= needs {
        return Ok(line);
    }
    let newest = version::choose(project.catalog, &[], None, None, None, warnings)?;
    let text = format!("{framework} {major} needs Node.js {needs} or newer");
    warnings.push(
        Diagnostic::warning(
            &rules::NODE_RANGE,
            format!("{text}, and the project asks for {}", line.value.version),
        )
        .at(line.because.at.clone().unwrap_or_else(|| facts.package.at()), "")
        .help(format!("ask for Node.js {}", newest.value.version)),
    );
    Ok(Chosen::new(newest.value, Because::rule(text)).over(newest.over))
}

/// The image of the stages that install and build.
pub fn builder(ground: &Ground, alpine: bool) -> Result<(Base, Because, Vec<Rejected>), Diagnostic> {
    let (facts, catalog) = (ground.facts, ground.project.catalog);
    let (full, slim) = (Variant::Full, Variant::Slim);
    if ground.bun.is_some() {
        let line = catalog
            .image("oven/bun")
            .and_then(|i| i.lines.first())
            .map_or("", |l| l.version.as_str());
        let base = runtime::tag(catalog, "oven/bun", line, slim).expect("the catalogue has Bun");
        return Ok((base, ground.bun.clone().expect("just asked"), vec![]));
    }
    let compiler = tool::needs_compiler(facts);
    let variant = match (&compiler, alpine) {
        (_, true) => Variant::Alpine,
        (Some(_), _) => full,
        (None, _) => slim,
    };
    let base = runtime::tag(catalog, "node", &ground.line, variant)
        .or_else(|| runtime::tag(catalog, "node", &ground.line, full))
        .or_else(|| runtime::tag(catalog, "node", &ground.line, slim));
    let base = base.ok_or_else(|| {
        Diagnostic::error(
            &shared::NO_VERSION,
            format!("there is no image of Node.js {}", ground.line),
        )
        .help("set another `version` in rdock.toml")
    })?;
    let mut over = ground.version.over.clone();
    let because = match compiler.filter(|_| variant == full) {
        Some(because) => {
            over.insert(0, Rejected::impossible("slim", "has no compiler"));
            because
        }
        None => ground.version.because.clone(),
    };
    Ok((base, because, over))
}
