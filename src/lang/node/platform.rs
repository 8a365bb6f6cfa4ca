//! Packages for one platform that a lockfile leaves out: npm writes those of the machine that made it
//! alone, where an older node_modules was there. The install then lacks the build tool's own program.

use crate::manifest::node_lock::Lock;

/// Prefix and suffix of a platform's package: `@rollup/rollup-linux-x64-gnu`.
const FAMILIES: &[(&str, &str)] = &[
    ("@esbuild/", ""),
    ("@img/sharp-", ""),
    ("@next/swc-", "-gnu"),
    ("@parcel/watcher-", "-glibc"),
    ("@rolldown/binding-", "-gnu"),
    ("@rollup/rollup-", "-gnu"),
    ("@swc/core-", "-gnu"),
    ("@tailwindcss/oxide-", "-gnu"),
    ("lightningcss-", "-gnu"),
];

/// What to install beside the lockfile, with the machine's architecture left to the shell.
pub fn missing(lock: &Lock) -> Vec<String> {
    let has = |prefix: &str, platform: &str| {
        lock.packages.keys().any(|k| {
            k.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(platform))
        })
    };
    FAMILIES
        .iter()
        .filter(|(prefix, _)| !has(prefix, "linux-x64"))
        .filter_map(|(prefix, suffix)| {
            let other = lock.packages.iter().find(|(name, _)| {
                name.strip_prefix(prefix)
                    .is_some_and(|rest| ["darwin-", "win32-"].iter().any(|p| rest.starts_with(p)))
            })?;
            let version = &other.1.first()?.version;
            let plain = version
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
            plain.then(|| format!("\"{prefix}linux-$(node -p process.arch){suffix}@{version}\""))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::node_lock;
    use crate::source::Source;

    #[test]
    fn a_lockfile_of_another_system_alone_lacks_the_linux_package() {
        let lock = |names: &[&str]| {
            let list: Vec<String> = names
                .iter()
                .map(|n| format!(r#""node_modules/{n}": {{"version": "4.1.0"}}"#))
                .collect();
            let text = format!(r#"{{"lockfileVersion": 3, "packages": {{{}}}}}"#, list.join(","));
            node_lock::npm(&Source::new("package-lock.json", text)).unwrap()
        };
        let darwin = "@rollup/rollup-darwin-arm64";
        let step = r#""@rollup/rollup-linux-$(node -p process.arch)-gnu@4.1.0""#;
        assert_eq!(missing(&lock(&["rollup", darwin])), [step]);
        assert!(missing(&lock(&["rollup", darwin, "@rollup/rollup-linux-x64-gnu"])).is_empty());
        assert!(missing(&lock(&["rollup"])).is_empty());
    }
}
