//! The stage that all installs begin with: system packages, variables, the package manager.

use crate::catalog::{Base, Family};
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::node::detect::Facts;
use crate::lang::node::install::Installer;
use crate::lang::node::managed::Linker;
use crate::lang::node::manager::Id;
use crate::plan;
use crate::settings::Settings;
use nodejs_semver::Version;

impl Installer<'_> {
    /// ENV, system packages and the package manager of the stages that install.
    ///
    /// # Errors
    /// A value that cannot be written into the Dockerfile.
    pub fn base_lines(&mut self, family: Family, packages: &[String]) -> Result<Vec<Safe>, Diagnostic> {
        let facts = self.facts;
        let managed = &facts.managed;
        let mut lines: Vec<Safe> = plan::os_setup(family, packages, None)?
            .into_iter()
            .map(Safe::literal)
            .collect();
        let mut env: Vec<(String, String)> = managed
            .manager
            .env
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect();
        if managed.manager.id == Id::Berry {
            let shared = managed.linker == Linker::NodeModules && !managed.zero_install;
            env.push(("YARN_ENABLE_GLOBAL_CACHE".into(), shared.to_string()));
            env.push(("YARN_ENABLE_TELEMETRY".into(), "0".into()));
        }
        for found in &facts.natives {
            let pairs = if found.production {
                found.native.env
            } else {
                found.native.skip
            };
            env.extend(pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        }
        if !crate::lang::node::parts::mounts(self.settings) {
            env.retain(|(name, _)| !name.ends_with("config_store_dir"));
        }
        env.sort();
        env.dedup();
        for (name, value) in env {
            lines.push(Safe::literal(format!(
                "ENV {}={}",
                escape::name(&name)?,
                escape::quoted(&value)?
            )));
        }
        lines.extend(self.tool()?);
        Ok(lines)
    }

    /// The package manager's version, where the image's own will not do.
    pub fn version(&self) -> Option<&str> {
        let managed = &self.facts.managed;
        let version = managed.version.as_deref()?;
        Some(
            managed
                .manager
                .instead(version, self.node_major)
                .unwrap_or(version),
        )
    }

    fn tool(&self) -> Result<Option<Safe>, Diagnostic> {
        let managed = &self.facts.managed;
        let Some(version) = self.version() else {
            return Ok(None);
        };
        let major = version.split('.').next().unwrap_or_default();
        let bundled = match self.node_major {
            ..=16 => "8",
            17..=18 => "10",
            19..=22 => "10",
            _ => "11",
        };
        let force = match managed.manager.id {
            Id::Npm if major == bundled || self.node_major < 18 => return Ok(None),
            Id::Yarn1 if self.node_major <= 25 => return Ok(None),
            Id::Bun if self.bun_image => return Ok(None),
            // The image's own yarn stands in the way.
            Id::Berry if self.node_major <= 25 => "--force ",
            _ => "",
        };
        let spec = escape::shell(&format!("{}@{version}", managed.manager.package))?;
        Ok(Some(Safe::literal(format!(
            "RUN npm install --global {force}{spec}"
        ))))
    }

    /// What the base stage holds, in words.
    pub fn holds(&self, line: &str) -> String {
        let managed = &self.facts.managed;
        let tool = match (self.version(), managed.manager.id) {
            (Some(version), id) if id != Id::Npm => format!(" and {} {version}", managed.manager.name),
            _ => " and npm".into(),
        };
        let tool = if self.bun_image { String::new() } else { tool };
        format!("holds {line}{tool} for the stages that install and build")
    }
}

/// The system packages that native modules need while they are installed.
pub fn build_packages(facts: &Facts, base: &Base, settings: &Settings) -> Vec<String> {
    let alpine = base.os.family == Family::Alpine;
    let mut packages: Vec<String> = settings.build_packages.clone();
    for found in &facts.natives {
        let names = if alpine {
            found.native.apk_build
        } else {
            found.native.build
        };
        packages.extend(names.iter().map(|n| n.to_string()));
    }
    if alpine && needs_compiler(facts).is_some() {
        packages.extend(["g++", "make", "python3"].map(String::from));
    }
    if needs_compiler(facts).is_some() && old_gyp(facts) && (alpine || base.os.suite == "trixie") {
        let name = if alpine {
            "py3-setuptools"
        } else {
            "python3-setuptools"
        };
        packages.push(name.into());
    }
    if alpine && facts.managed.lock.git {
        packages.push("git".into());
    }
    if alpine && facts.prisma.as_ref().is_some_and(|p| p.major < 7)
        || facts.prisma.as_ref().is_some_and(|p| p.major < 7)
    {
        packages.push("openssl".into());
    }
    packages.sort();
    packages.dedup();
    packages
}

/// node-gyp before 10 imports distutils, which Python dropped in 3.12; setuptools brings it along.
fn old_gyp(facts: &Facts) -> bool {
    let Some(entries) = facts.managed.lock.packages.get("node-gyp") else {
        return false;
    };
    let before = |v: &Version| v.major() < 10;
    entries
        .iter()
        .any(|e| Version::parse(&e.version).is_ok_and(|v| before(&v)))
}

/// Why the stages that install need compilers or git, if they do.
pub fn needs_compiler(facts: &Facts) -> Option<Because> {
    if let Some(found) = facts.natives.iter().find(|f| f.native.compiles) {
        return Some(Because::at(
            &found.at,
            format!("has {}, which may be compiled", found.native.package),
        ));
    }
    if let Some(hint) = facts.hint {
        let lock = facts.managed.lockfile.as_deref().unwrap_or_default();
        return Some(Because::at(
            &facts.tree.place(lock),
            format!("has {hint}, which compiles native modules"),
        ));
    }
    if facts.managed.lock.git {
        let lock = facts.managed.lockfile.as_deref().unwrap_or_default();
        return Some(Because::at(&facts.tree.place(lock), "has dependencies from git"));
    }
    None
}
