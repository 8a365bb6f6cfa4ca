//! System packages, browsers and the init that the last stage needs.

use crate::diagnostic::Diagnostic;
use crate::escape;
use crate::lang::node::detect::Facts;
use crate::lang::node::ground::Ground;
use crate::lang::node::program::{Modules, Program};
use crate::settings::Runtime;

pub fn runtime_packages(ground: &Ground, program: &Program, alpine: bool) -> Vec<String> {
    let mut packages = ground.project.settings.runtime_packages.clone();
    for found in ground.facts.natives.iter().filter(|f| f.production) {
        let names = if alpine {
            found.native.apk_runtime
        } else {
            found.native.runtime
        };
        packages.extend(names.iter().map(|n| n.to_string()));
    }
    if program.modules != Modules::None && ground.facts.prisma.as_ref().is_some_and(|p| p.major < 7) {
        packages.push("openssl".into());
    }
    if ground.facts.natives.iter().any(|f| f.production && f.native.init) && !alpine {
        packages.push("tini".into());
    }
    packages.sort();
    packages.dedup();
    packages
}

/// Installs the browser of exactly the version of Playwright that is in use, and Debian's packages for it.
pub fn browsers(facts: &Facts) -> Option<Result<String, Diagnostic>> {
    let found = facts
        .natives
        .iter()
        .find(|f| f.native.package == "playwright" && f.production)?;
    let version = found.version.clone()?;
    let shell = nodejs_semver::Version::parse(&version)
        .is_ok_and(|v| v >= nodejs_semver::Version::from((1u64, 49u64, 0u64)));
    let only = if shell { " --only-shell" } else { "" };
    Some(escape::shell(&format!("playwright@{version}")).map(|spec| {
        format!("RUN PLAYWRIGHT_BROWSERS_PATH=/ms-playwright npx --yes {spec} install --with-deps{only} chromium \\\n    && rm -rf /var/lib/apt/lists/* /root/.npm")
    }))
}

/// A process that reaps others, where the program starts some.
pub fn init(facts: &Facts, kind: Runtime, alpine: bool) -> Option<Vec<String>> {
    let needed = facts.natives.iter().any(|f| f.production && f.native.init);
    (needed && kind == Runtime::Slim && !alpine).then(|| vec!["/usr/bin/tini".into(), "--".into()])
}
