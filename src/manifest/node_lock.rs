//! The lockfiles of npm, Yarn, pnpm and Bun: which packages in which versions, and what their
//! installation needs. Read as far as a container depends on it, line by line where the format is
//! YAML that a tool wrote.

use crate::diagnostic::Diagnostic;
use crate::manifest::doc::{self, Node};
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// `lockfileVersion`, or Yarn's `__metadata.version`; empty where the format has none.
    pub version: String,
    /// Yarn 2 and newer.
    pub berry: bool,
    pub packages: BTreeMap<String, Vec<Entry>>,
    /// Hosts that packages come from, but for the managers' own registries.
    pub hosts: Vec<String>,
    /// Folders of packages that are not at the root: `apps/api/node_modules/x` (npm says it).
    pub folders: BTreeSet<String>,
    /// A package comes from a git repository.
    pub git: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    pub version: String,
    /// Known to be for development alone, or for that and what can do without (npm says it): a peer
    /// that a framework may have for its tests.
    pub dev: bool,
    /// The install goes on without it where it fails (npm says it).
    pub optional: bool,
    /// Has install scripts (npm says it; pnpm up to 8 too).
    pub scripts: bool,
}

impl Lock {
    pub fn has(&self, name: &str) -> bool {
        self.packages.contains_key(name)
    }

    /// The newest version of a package.
    pub fn newest(&self, name: &str) -> Option<&str> {
        let parse = |e: &Entry| nodejs_semver::Version::parse(&e.version).ok();
        let entries = self.packages.get(name)?;
        entries
            .iter()
            .max_by(|a, b| parse(a).cmp(&parse(b)))
            .map(|e| e.version.as_str())
    }

    fn add(&mut self, name: &str, entry: Entry) {
        if !name.is_empty() {
            self.packages.entry(name.to_string()).or_default().push(entry);
        }
    }

    fn note_source(&mut self, url: &str) {
        if url.starts_with("git") || url.contains(".git#") {
            self.git = true;
            return;
        }
        let Some(rest) = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
        else {
            return;
        };
        let host = rest.split(['/', ':']).next().unwrap_or_default().to_string();
        if !host.is_empty() && !PUBLIC.iter().any(|p| host.ends_with(p)) && !self.hosts.contains(&host) {
            self.hosts.push(host);
        }
    }
}

/// Hosts that need no credentials.
const PUBLIC: &[&str] = &[
    "npmjs.org",
    "yarnpkg.com",
    "npmmirror.com",
    "github.com",
    "jsr.io",
    "taobao.org",
];

/// # Errors
/// Not JSON.
pub fn npm(source: &Arc<Source>) -> Result<Lock, Diagnostic> {
    let node = doc::json(source)?;
    let mut lock = Lock {
        version: node
            .get("lockfileVersion")
            .and_then(Node::scalar)
            .unwrap_or_default(),
        ..Lock::default()
    };
    let truth = |n: &Node, key: &str| n.get(key).and_then(Node::as_bool).unwrap_or(false);
    let text = |n: &Node, key: &str| n.get(key).and_then(Node::as_str).unwrap_or_default().to_string();
    for entry in node.get("packages").map(Node::entries).unwrap_or_default() {
        let Some((_, name)) = entry.key.rsplit_once("node_modules/") else {
            continue;
        };
        lock.note_source(&text(&entry.node, "resolved"));
        if !entry.key.starts_with("node_modules/") {
            lock.folders.insert(entry.key.clone());
        }
        lock.add(
            name,
            Entry {
                version: text(&entry.node, "version"),
                dev: truth(&entry.node, "dev") || truth(&entry.node, "devOptional"),
                optional: truth(&entry.node, "optional"),
                scripts: truth(&entry.node, "hasInstallScript"),
            },
        );
    }
    if node.get("packages").is_none() {
        let mut open: Vec<&Node> = node.get("dependencies").into_iter().collect();
        while let Some(table) = open.pop() {
            for entry in table.entries() {
                lock.note_source(&text(&entry.node, "resolved"));
                lock.add(
                    &entry.key,
                    Entry {
                        version: text(&entry.node, "version"),
                        dev: truth(&entry.node, "dev"),
                        optional: truth(&entry.node, "optional"),
                        scripts: truth(&entry.node, "requires_build"),
                    },
                );
                open.extend(entry.node.get("dependencies"));
            }
        }
    }
    Ok(lock)
}

/// Both formats of yarn.lock.
pub fn yarn(source: &Arc<Source>) -> Lock {
    let mut lock = Lock {
        berry: source.text.contains("\n__metadata:") || source.text.starts_with("__metadata:"),
        ..Lock::default()
    };
    let mut name = String::new();
    for line in source.text.lines() {
        if !line.starts_with([' ', '#']) && line.trim_end().ends_with(':') {
            let key = line.trim_end().trim_end_matches(':').trim_matches('"');
            let first = key.split(", ").next().unwrap_or_default().trim_matches('"');
            name = name_of(first).to_string();
            continue;
        }
        let Some(field) = line.strip_prefix("  ").filter(|f| !f.starts_with(' ')) else {
            continue;
        };
        let (key, value) = field.split_once([':', ' ']).unwrap_or((field, ""));
        let value = value.trim().trim_matches('"');
        match key {
            "version" if name == "__metadata" => lock.version = value.to_string(),
            "version" => lock.add(
                &name,
                Entry {
                    version: value.to_string(),
                    ..Entry::default()
                },
            ),
            "resolved" => lock.note_source(value),
            "resolution" if value.contains(".git#") || value.contains("@git") => lock.git = true,
            _ => {}
        }
    }
    lock
}

/// pnpm-lock.yaml of every version.
pub fn pnpm(source: &Arc<Source>) -> Lock {
    let mut lock = Lock::default();
    let mut section = "";
    let mut last: Option<(String, usize)> = None;
    for line in source.text.lines().filter(|l| !l.trim().is_empty()) {
        if !line.starts_with(' ') {
            section = line.split(':').next().unwrap_or_default();
            if section == "lockfileVersion" {
                let value = line.split_once(':').map_or("", |(_, v)| v);
                lock.version = value.trim().trim_matches(['\'', '"']).to_string();
            }
            continue;
        }
        if line.contains("type: git") || line.contains("codeload.github.com") {
            lock.git = true;
        }
        if let Some(at) = line.find("tarball: ") {
            lock.note_source(line[at + 9..].trim_end_matches('}').trim());
        }
        if section != "packages" {
            continue;
        }
        if line.starts_with("    ") {
            if let Some((name, index)) = &last
                && let Some(entry) = lock.packages.get_mut(name).and_then(|e| e.get_mut(*index))
            {
                match line.trim() {
                    "requiresBuild: true" => entry.scripts = true,
                    "dev: true" => entry.dev = true,
                    _ => {}
                }
            }
            continue;
        }
        let key = line.trim().trim_end_matches(':').trim_matches(['\'', '"']);
        let key = key.strip_prefix('/').unwrap_or(key);
        let key = key.split('(').next().unwrap_or(key);
        let (name, version) = if lock.version.starts_with('5') {
            // `name/1.2.3_peers`
            let at = key
                .match_indices('/')
                .map(|(i, _)| i)
                .find(|i| key[i + 1..].starts_with(|c: char| c.is_ascii_digit()));
            at.map_or((key, ""), |at| (&key[..at], &key[at + 1..]))
        } else {
            let name = name_of(key);
            (name, key.get(name.len() + 1..).unwrap_or_default())
        };
        let version = version.split('_').next().unwrap_or_default();
        lock.add(
            name,
            Entry {
                version: version.to_string(),
                ..Entry::default()
            },
        );
        last = lock.packages.get(name).map(|e| (name.to_string(), e.len() - 1));
    }
    lock
}

/// bun.lock, the text form.
///
/// # Errors
/// Not JSON, comments and trailing commas apart.
pub fn bun(source: &Arc<Source>) -> Result<Lock, Diagnostic> {
    let node = doc::json(source)?;
    let mut lock = Lock {
        version: node
            .get("lockfileVersion")
            .and_then(Node::scalar)
            .unwrap_or_default(),
        ..Lock::default()
    };
    for entry in node.get("packages").map(Node::entries).unwrap_or_default() {
        let Some(id) = entry.node.items().first().and_then(Node::as_str) else {
            continue;
        };
        if id.contains("@git") || id.contains("@github:") {
            lock.git = true;
        }
        let name = name_of(id);
        let version = id.get(name.len() + 1..).unwrap_or_default();
        lock.add(
            name,
            Entry {
                version: version.to_string(),
                ..Entry::default()
            },
        );
    }
    Ok(lock)
}

/// `@scope/name` of `@scope/name@npm:^1.0.0`.
fn name_of(spec: &str) -> &str {
    match spec.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => &spec[..at + 1],
        None => spec,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Source::new("lock", text)
    }

    #[test]
    fn a_peer_that_is_for_tests_is_no_package_of_production() {
        let lock = npm(&source(
            r#"{"lockfileVersion":3,"packages":{
                "node_modules/playwright":{"version":"1.59.1","devOptional":true},
                "node_modules/sharp":{"version":"0.34.5","optional":true}}}"#,
        ));
        let lock = lock.unwrap();
        assert!(lock.packages["playwright"][0].dev && !lock.packages["sharp"][0].dev);
    }

    #[test]
    fn every_format_gives_names_and_versions() {
        let locks = [
            npm(&source(
                r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/@a/b": {"version": "1.2.3"}}}"#,
            ))
            .unwrap(),
            npm(&source(
                r#"{"lockfileVersion": 1, "dependencies": {"@a/b": {"version": "1.2.3"}}}"#,
            ))
            .unwrap(),
            yarn(&source(
                "# yarn lockfile v1\n\n\n\"@a/b@^1.0.0\", \"@a/b@1\":\n  version \"1.2.3\"\n  dependencies:\n    version \"9\"\n",
            )),
            yarn(&source(
                "__metadata:\n  version: 8\n\n\"@a/b@npm:^1.0.0\":\n  version: 1.2.3\n  resolution: \"@a/b@npm:1.2.3\"\n",
            )),
            pnpm(&source(
                "lockfileVersion: '9.0'\n\npackages:\n\n  '@a/b@1.2.3':\n    resolution: {integrity: x}\n",
            )),
            pnpm(&source(
                "lockfileVersion: '6.0'\npackages:\n  /@a/b@1.2.3(c@1.0.0):\n    dev: true\n",
            )),
            pnpm(&source(
                "lockfileVersion: 5.4\npackages:\n  /@a/b/1.2.3_c@1.0.0:\n    requiresBuild: true\n",
            )),
            bun(&source(
                "{\"lockfileVersion\": 1, \"packages\": {\"@a/b\": [\"@a/b@1.2.3\", \"\", {}, \"x\"],}}",
            ))
            .unwrap(),
        ];
        for lock in locks {
            assert_eq!(lock.newest("@a/b"), Some("1.2.3"), "{lock:?}");
        }
    }

    #[test]
    fn berry_is_told_from_classic_by_its_metadata() {
        assert!(yarn(&source("# x\n\n__metadata:\n  version: 8\n")).berry);
        assert!(!yarn(&source("# yarn lockfile v1\n")).berry);
    }
}
