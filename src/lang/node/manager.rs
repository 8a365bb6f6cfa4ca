//! The package managers as data: what an install reads, how it is asked for, where its cache is.

/// One package manager, or one line of it that behaves in its own way.
#[derive(Debug)]
pub struct Manager {
    pub id: Id,
    /// As people write it.
    pub name: &'static str,
    /// Lockfiles, the one that counts first.
    pub locks: &'static [&'static str],
    /// Files and folders at the root that an install reads beside manifests and lockfile.
    pub inputs: &'static [&'static str],
    /// Everything, exactly as locked.
    pub frozen: &'static str,
    /// Everything, without a lockfile.
    pub loose: &'static str,
    /// Production dependencies, exactly as locked.
    pub frozen_prod: &'static str,
    pub loose_prod: &'static str,
    /// Added for one member of a workspace: `{dir}` and `{name}`. Empty where there is no such way.
    pub one: &'static str,
    /// Download cache, as root.
    pub cache: &'static str,
    /// Two installs must not share the cache at once.
    pub locked_cache: bool,
    /// ENV of the stages that install.
    pub env: &'static [(&'static str, &'static str)],
    /// The npm package that brings it.
    pub package: &'static str,
    /// Newest version of each line, newest first.
    pub versions: &'static [&'static str],
    /// Runs a script of the root.
    pub run: &'static str,
    /// Runs a script of a member: `{dir}`, `{name}` and `{script}`.
    pub run_in: &'static str,
    /// Runs a program of node_modules.
    pub exec: &'static str,
    /// Leaves an empty node_modules behind where nothing is to be installed.
    pub always_folder: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    Npm,
    Yarn1,
    Berry,
    Pnpm,
    Bun,
}

pub static NPM: Manager = Manager {
    id: Id::Npm,
    name: "npm",
    locks: &["npm-shrinkwrap.json", "package-lock.json"],
    inputs: &[".npmrc"],
    frozen: "npm ci --no-audit --no-fund",
    loose: "npm install --no-audit --no-fund",
    frozen_prod: "npm ci --omit=dev --no-audit --no-fund",
    loose_prod: "npm install --omit=dev --no-audit --no-fund",
    one: " --workspace={dir} --include-workspace-root=false",
    cache: "/root/.npm",
    locked_cache: false,
    env: &[],
    package: "npm",
    versions: &["12.2.0", "11.21.2", "10.9.9"],
    run: "npm run {script}",
    run_in: "npm run {script} --workspace={dir}",
    exec: "npx",
    always_folder: false,
};

pub static YARN1: Manager = Manager {
    id: Id::Yarn1,
    name: "Yarn",
    locks: &["yarn.lock"],
    inputs: &[".npmrc", ".yarnrc"],
    frozen: "yarn install --frozen-lockfile --non-interactive",
    loose: "yarn install --non-interactive",
    frozen_prod: "yarn install --frozen-lockfile --non-interactive --production",
    loose_prod: "yarn install --non-interactive --production",
    one: "",
    cache: "/usr/local/share/.cache/yarn",
    locked_cache: true,
    env: &[],
    package: "yarn",
    versions: &["1.22.22"],
    run: "yarn run {script}",
    run_in: "yarn workspace {name} run {script}",
    exec: "yarn run",
    always_folder: true,
};

pub static BERRY: Manager = Manager {
    id: Id::Berry,
    name: "Yarn",
    locks: &["yarn.lock"],
    inputs: &[
        ".yarnrc.yml",
        ".yarn/cache",
        ".yarn/patches",
        ".yarn/plugins",
        ".yarn/releases",
        ".yarn/sdks",
        "yarn.config.cjs",
    ],
    frozen: "yarn install --immutable",
    loose: "yarn install --no-immutable",
    frozen_prod: "yarn workspaces focus --all --production",
    loose_prod: "yarn workspaces focus --all --production",
    one: "",
    cache: "/root/.cache/yarn",
    locked_cache: false,
    env: &[("YARN_GLOBAL_FOLDER", "/root/.cache/yarn")],
    package: "@yarnpkg/cli-dist",
    versions: &["4.18.1", "3.8.7", "2.4.2"],
    run: "yarn run {script}",
    run_in: "yarn workspace {name} run {script}",
    exec: "yarn run",
    always_folder: true,
};

pub static PNPM: Manager = Manager {
    id: Id::Pnpm,
    name: "pnpm",
    locks: &["pnpm-lock.yaml"],
    inputs: &[".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs", "pnpm-workspace.yaml"],
    frozen: "pnpm install --frozen-lockfile",
    loose: "pnpm install --no-frozen-lockfile",
    frozen_prod: "pnpm install --prod --frozen-lockfile",
    loose_prod: "pnpm install --prod --no-frozen-lockfile",
    one: " --filter={name}...",
    cache: "/pnpm/store",
    locked_cache: true,
    env: &[("npm_config_store_dir", "/pnpm/store")],
    package: "pnpm",
    versions: &["10.34.9", "9.15.9", "8.15.9", "7.33.7", "6.35.1"],
    run: "pnpm run {script}",
    run_in: "pnpm --filter={name} run {script}",
    exec: "pnpm exec",
    always_folder: true,
};

/// From 11 on, settings are read from `pnpm_config_*` alone, and `pnpm run` would install again
/// where it takes node_modules for stale.
pub static PNPM11: Manager = Manager {
    env: &[
        ("pnpm_config_store_dir", "/pnpm/store"),
        ("pnpm_config_verify_deps_before_run", "false"),
    ],
    versions: &["12.21.0", "11.28.11"],
    ..PNPM
};

pub static BUN: Manager = Manager {
    id: Id::Bun,
    name: "Bun",
    locks: &["bun.lock", "bun.lockb"],
    inputs: &[".npmrc", "bunfig.toml"],
    frozen: "bun install --frozen-lockfile",
    loose: "bun install",
    frozen_prod: "bun install --frozen-lockfile --production",
    loose_prod: "bun install --production",
    one: " --filter='./{dir}'",
    cache: "/root/.bun/install/cache",
    locked_cache: false,
    env: &[],
    package: "bun",
    versions: &["1.4.5"],
    run: "bun run {script}",
    run_in: "bun run --cwd {dir} {script}",
    exec: "bunx",
    always_folder: true,
};

/// The newest Yarn that writes each version of yarn.lock: a newer one would change the file, which an
/// immutable install refuses.
pub const BERRY_LOCKS: &[(&str, &str)] = &[
    ("10", "4.18.1"),
    ("9", "4.14.1"),
    ("8", "4.12.0"),
    ("6", "3.8.7"),
    ("5", "3.1.1"),
    ("4", "2.4.2"),
];

/// Node.js 20 refuses what these lines of pnpm ask of it (`ERR_INVALID_THIS`) up to a release of theirs:
/// the line, the first release that runs there, and the one that takes the place of those before.
const PNPM_SINCE_NODE_20: &[(u64, (u64, u64), &str)] = &[
    (8, (3, 1), "8.15.9"),
    (7, (33, 0), "7.33.7"),
    (6, (u64::MAX, 0), "7.33.7"),
    (5, (u64::MAX, 0), "7.33.7"),
];

/// In the order in which a lockfile speaks for its manager.
pub static ALL: &[&Manager] = &[&PNPM, &PNPM11, &BUN, &BERRY, &YARN1, &NPM];

impl Manager {
    /// The line of the same manager that `version` belongs to.
    pub fn for_version(&'static self, version: &str) -> &'static Manager {
        let major: u32 = version
            .split('.')
            .next()
            .and_then(|m| m.parse().ok())
            .unwrap_or(0);
        match self.id {
            Id::Pnpm if major >= 11 => &PNPM11,
            Id::Pnpm => &PNPM,
            Id::Yarn1 | Id::Berry if major >= 2 => &BERRY,
            Id::Yarn1 | Id::Berry => &YARN1,
            _ => self,
        }
    }

    /// The version in the place of one that Node.js of a line cannot run; it reads the same lockfile.
    pub fn instead(&self, version: &str, node: u64) -> Option<&'static str> {
        let version = nodejs_semver::Version::parse(version).ok()?;
        let (_, first, newer) = PNPM_SINCE_NODE_20
            .iter()
            .find(|(major, ..)| self.id == Id::Pnpm && node >= 20 && *major == version.major())?;
        ((version.minor(), version.patch()) < *first).then_some(*newer)
    }

    /// The newest version known of a line: `newest("9")`.
    pub fn newest(&self, major: &str) -> Option<&'static str> {
        let prefix = format!("{major}.");
        self.versions.iter().copied().find(|v| v.starts_with(&prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pnpm_that_node_20_refuses_gives_way_to_one_that_reads_the_same_lockfile() {
        for (version, node, expected) in [
            ("6.35.1", 26, Some("7.33.7")),
            ("6.35.1", 18, None),
            ("7.5.0", 22, Some("7.33.7")),
            ("7.33.7", 22, None),
            ("8.1.0", 20, Some("8.15.9")),
            ("8.6.0", 26, None),
            ("10.4.1", 26, None),
        ] {
            assert_eq!(PNPM.instead(version, node), expected, "{version} on {node}");
        }
        assert_eq!(NPM.instead("6.14.0", 26), None);
    }

    #[test]
    fn every_manager_names_a_version_of_its_own_line() {
        for manager in ALL {
            for version in manager.versions {
                assert!(std::ptr::eq(manager.for_version(version), *manager), "{version}");
                assert!(nodejs_semver::Version::parse(version).is_ok());
            }
            assert!(manager.run.contains("{script}") && manager.run_in.contains("{script}"));
        }
    }
}
