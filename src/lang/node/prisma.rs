//! Prisma: its schema, its config, and the client that is generated from them.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::config;
use crate::lang::node::detect::Facts;
use crate::lang::node::install::Installer;
use crate::lang::node::workspace::{Reach, in_dir};
use crate::manifest::package_json::PackageJson;
use crate::paths;

/// Prisma and its schema.
pub struct Prisma {
    /// Schema file or folder, from the root.
    pub schema: String,
    pub config: Option<String>,
    /// The generated client goes into node_modules.
    pub in_modules: bool,
    /// Folder that the client is generated into, from the root, where it is not node_modules.
    pub output: Option<String>,
    pub major: u64,
    pub version: Option<String>,
    /// The CLI is installed in production.
    pub production: bool,
}

pub fn find(facts: &Facts) -> Option<Prisma> {
    let mut places: Vec<(&str, &PackageJson)> = vec![(facts.dir, &facts.package)];
    places.extend(
        facts
            .closure(Reach::Build)
            .into_iter()
            .map(|m| (m.dir.as_str(), &*m.package)),
    );
    if facts.workspace.is_some() {
        places.extend(
            facts
                .workspace
                .as_ref()
                .and_then(|w| Some((w.root.as_str(), w.package.as_deref()?))),
        );
    }
    places.into_iter().find_map(|(dir, package)| {
        let dependency = package
            .dependency("@prisma/client")
            .or_else(|| package.dependency("prisma"))?;
        let named = package.node.string(&["prisma", "schema"]).map(|s| s.value);
        let config = [
            "prisma.config.ts",
            "prisma.config.js",
            "prisma.config.mjs",
            ".config/prisma.ts",
        ]
        .iter()
        .map(|f| in_dir(dir, f))
        .find(|f| facts.tree.has(f));
        let configured = config
            .as_ref()
            .and_then(|c| facts.tree.text(c))
            .and_then(|s| config::read(&s).literal("schema"));
        let path = [named, configured.map(|c| c.value)]
            .into_iter()
            .flatten()
            .chain(
                [
                    "prisma/schema.prisma",
                    "schema.prisma",
                    "prisma/schema",
                    "prisma",
                    "src/prisma/schema.prisma",
                    "db/schema.prisma",
                ]
                .map(String::from),
            )
            .filter_map(|p| paths::join(dir, &p))
            .find(|p| facts.tree.has(p) || facts.tree.under(p).any(|f| f.ends_with(".prisma")))?;
        let files: Vec<String> = if facts.tree.has(&path) {
            vec![path.clone()]
        } else {
            facts
                .tree
                .under(&path)
                .filter(|f| f.ends_with(".prisma"))
                .map(str::to_string)
                .collect()
        };
        let (mut output, mut in_modules) = (None, true);
        for file in &files {
            let Some(source) = facts.tree.text(file) else {
                continue;
            };
            let mut generator = false;
            for line in source.text.lines() {
                let line = line.trim();
                generator = (generator || line.starts_with("generator")) && line != "}";
                if let Some(value) = line.strip_prefix("output").filter(|_| generator) {
                    let value = value.trim_start_matches([' ', '=']).trim().trim_matches('"');
                    if let Some(target) = paths::join(paths::parent(file), value)
                        && !target.contains("node_modules")
                    {
                        in_modules = false;
                        output = Some(facts.placed(&target).to_string());
                    }
                }
            }
        }
        let version = facts
            .managed
            .lock
            .newest("prisma")
            .or(facts.managed.lock.newest("@prisma/client"))
            .map(str::to_string);
        let text = version.clone().unwrap_or_else(|| dependency.range.clone());
        let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        Some(Prisma {
            schema: facts.placed(&path).to_string(),
            config: config.map(|c| facts.placed(&c).to_string()),
            in_modules,
            output,
            major: digits.split('.').next().and_then(|m| m.parse().ok()).unwrap_or(7),
            version,
            production: package.in_production("prisma"),
        })
    })
}

impl Installer<'_> {
    /// `prisma generate`, with the CLI of the project where it is installed.
    ///
    /// # Errors
    /// A path that cannot be written into a RUN.
    pub fn generate(&self, production: bool) -> Result<Safe, Diagnostic> {
        let prisma = self.facts.prisma.as_ref().expect("asked for where there is one");
        let schema = escape::shell(&prisma.schema)?;
        let fake = if prisma.config.is_some() {
            "DATABASE_URL=postgresql://build:build@localhost:5432/build "
        } else {
            ""
        };
        let default = ["prisma/schema.prisma", "schema.prisma"].contains(&prisma.schema.as_str());
        let flag = if default || prisma.config.is_some() && !production {
            String::new()
        } else {
            format!(" --schema={schema}")
        };
        let cli = match (&prisma.version, production && !prisma.production) {
            (Some(version), true) => format!("npx --yes {}", escape::shell(&format!("prisma@{version}"))?),
            (None, true) => format!("npx --yes prisma@{}", prisma.major),
            _ => format!("{} prisma", self.facts.managed.manager.exec),
        };
        Ok(Safe::literal(format!("{fake}{cli} generate{flag}")))
    }
}

/// `prisma/` of `prisma/schema.prisma`; empty at the root.
pub fn folder_of(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    }
}
