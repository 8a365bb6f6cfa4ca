//! Distributions that the project installs for production, out of lockfiles and requirements.

use crate::manifest::doc::Node;
use crate::manifest::pep508::{self, Requirement, normalize};
use crate::source::{Location, Sourced};
use std::collections::{BTreeMap, BTreeSet};

/// One distribution, by its normalised name.
#[derive(Clone, Debug)]
pub struct Dist {
    pub name: String,
    /// The specifier; a lock gives `==` and its version.
    pub spec: String,
    pub extras: Vec<String>,
    pub at: Location,
    /// The wheels that a lock lists; `None` where nothing lists files.
    pub wheels: Option<Vec<Wheel>>,
    pub from: From,
    /// Asked for by the project itself rather than by another distribution.
    pub direct: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum From {
    Index,
    /// A folder, from the one that holds the manifest.
    Path(String),
    Git(String),
    Url,
}

/// The tags of a wheel's file name.
#[derive(Clone, Debug, PartialEq)]
pub struct Wheel {
    python: String,
    abi: String,
    platform: String,
}

impl Wheel {
    /// `numpy-2.1.0-cp313-cp313-manylinux_2_17_x86_64.whl`, or a URL that ends so.
    pub fn parse(file: &str) -> Option<Self> {
        let file = file.split(['?', '#']).next()?.rsplit('/').next()?;
        let mut parts = file.strip_suffix(".whl")?.rsplitn(4, '-');
        let (platform, abi, python) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            python: python.into(),
            abi: abi.into(),
            platform: platform.into(),
        })
    }

    pub fn is_pure(&self) -> bool {
        self.platform == "any"
    }

    /// Installs on CPython `3.minor` and Linux with glibc, or with musl.
    pub fn fits(&self, minor: u64, musl: bool) -> bool {
        let libc = if musl { "musllinux" } else { "manylinux" };
        let platform = self.is_pure()
            || self
                .platform
                .split('.')
                .any(|p| p.starts_with(libc) && p.ends_with("x86_64") || !musl && p == "linux_x86_64");
        let of = |tag: &str| -> Option<u64> { tag.strip_prefix("cp3")?.parse().ok() };
        let python = self.python.split('.').any(|tag| {
            matches!(tag, "py3" | "py2.py3")
                || tag
                    .strip_prefix("py3")
                    .and_then(|m| m.parse().ok())
                    .is_some_and(|m: u64| m <= minor)
                || match of(tag) {
                    Some(m) if self.abi == "abi3" => m <= minor,
                    Some(m) => m == minor && !self.abi.ends_with('t'),
                    None => false,
                }
        });
        platform && python
    }
}

impl Dist {
    pub fn new(requirement: &Requirement, at: &Location) -> Self {
        let from = match &requirement.url {
            None => From::Index,
            Some(url) if url.starts_with("git+") => From::Git(url.clone()),
            Some(url) if url.contains("://") => From::Url,
            Some(path) => From::Path(path.clone()),
        };
        Self {
            name: requirement.name.clone(),
            spec: requirement.spec.clone(),
            extras: requirement.extras.clone(),
            at: at.clone(),
            wheels: None,
            from,
            direct: true,
        }
    }

    /// The one version that it can be.
    pub fn version(&self) -> Option<&str> {
        let version = self.spec.trim_start_matches('=');
        (self.spec.starts_with("==") && !version.contains([',', '*', ' '])).then_some(version)
    }

    /// Lists wheels, and none of them fits: it is built from source.
    pub fn lacks_wheel(&self, minor: u64, musl: bool) -> bool {
        self.wheels
            .as_ref()
            .is_some_and(|w| !w.is_empty() && !w.iter().any(|w| w.fits(minor, musl)))
    }
}

/// The `dependencies` lists of `[project]`, and other lists of PEP 508 strings.
pub fn of_strings(node: Option<&Node>) -> Vec<Dist> {
    node.map(Node::strings)
        .unwrap_or_default()
        .iter()
        .filter_map(|text| Some((pep508::parse(&text.value)?, &text.at)))
        .filter(|(requirement, _)| requirement.on_linux())
        .map(|(requirement, at)| Dist::new(&requirement, at))
        .collect()
}

/// `[tool.poetry.dependencies]`, a Pipfile's `[packages]`: names as keys.
pub fn of_table(node: Option<&Node>) -> Vec<Dist> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .filter(|e| normalize(&e.key) != "python")
        .filter(|e| e.node.get("optional").and_then(Node::as_bool) != Some(true))
        .map(|entry| {
            let node = match entry.node.items().first() {
                Some(first) => first,
                None => &entry.node,
            };
            let text = |key: &str| node.get(key).and_then(Node::as_str);
            let version = node.as_str().or(text("version")).unwrap_or("");
            let from = match (text("path"), text("git"), text("url").or(text("file"))) {
                (Some(path), ..) => From::Path(path.into()),
                (_, Some(git), _) => From::Git(git.into()),
                (.., Some(_)) => From::Url,
                _ => From::Index,
            };
            Dist {
                name: normalize(&entry.key),
                spec: if version == "*" {
                    String::new()
                } else {
                    version.into()
                },
                extras: node
                    .get("extras")
                    .map(Node::strings)
                    .unwrap_or_default()
                    .iter()
                    .map(|e| normalize(&e.value))
                    .collect(),
                at: entry.key_at.clone(),
                wheels: None,
                from,
                direct: true,
            }
        })
        .collect()
}

/// One `[[package]]` of a lock, with what it needs.
struct Locked {
    dist: Dist,
    /// Needs, each with the extras that it is asked for with.
    needs: Vec<(String, Vec<String>)>,
    /// Needs of an extra.
    extra_needs: BTreeMap<String, Vec<(String, Vec<String>)>>,
    /// In a group for production, where the lock itself says so.
    main: Option<bool>,
}

/// uv.lock, poetry.lock, pdm.lock and pylock.toml: the packages that production needs, found from
/// `direct` on where the lock does not tell its groups apart; all of them without it.
pub fn of_lock(lock: &Node, direct: Option<&[Dist]>) -> Vec<Dist> {
    let everything = direct.is_none();
    let direct = direct.unwrap_or_default();
    let packages = lock.get("package").or(lock.get("packages"));
    let files = lock.path(&["metadata", "files"]);
    let mut all: BTreeMap<String, Vec<Locked>> = BTreeMap::new();
    for node in packages.map(Node::items).unwrap_or_default() {
        if let Some(locked) = locked(node, files) {
            all.entry(locked.dist.name.clone()).or_default().push(locked);
        }
    }
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut queue: Vec<(String, Vec<String>)> = direct
        .iter()
        .map(|d| (d.name.clone(), d.extras.clone()))
        .collect();
    let mut seen: BTreeSet<(String, Vec<String>)> = queue.iter().cloned().collect();
    let grouped = all.values().flatten().any(|l| l.main.is_some());
    if grouped || everything {
        wanted = all
            .iter()
            .filter(|(_, ls)| ls.iter().any(|l| l.main.unwrap_or(true)))
            .map(|(name, _)| name.clone())
            .collect();
        queue.clear();
    }
    while let Some((name, extras)) = queue.pop() {
        for locked in all.get(&name).into_iter().flatten() {
            let more = extras.iter().filter_map(|e| locked.extra_needs.get(e)).flatten();
            for need in locked.needs.iter().chain(more) {
                if seen.insert(need.clone()) {
                    queue.push(need.clone());
                }
            }
        }
        wanted.insert(name);
    }
    let mut out = Vec::new();
    for name in wanted {
        for locked in all.remove(&name).unwrap_or_default() {
            let mut dist = locked.dist;
            if let Some(asked) = direct.iter().find(|d| d.name == dist.name) {
                dist.direct = true;
                dist.extras = asked.extras.clone();
            }
            out.push(dist);
        }
    }
    out
}

fn locked(node: &Node, files: Option<&Node>) -> Option<Locked> {
    let name = node.get("name")?;
    let text = |keys: &[&str]| node.path(keys).and_then(Node::as_str).map(str::to_string);
    let version = text(&["version"]);
    let listed = node
        .get("wheels")
        .or(node.get("files"))
        .or(files.and_then(|f| f.get(name.as_str()?)));
    let source = node.get("source");
    let at_source = |key: &str| source.and_then(|s| s.get(key)).and_then(Node::as_str);
    let kind = at_source("type");
    let path = ["editable", "virtual", "directory", "path"]
        .into_iter()
        .find_map(at_source);
    let from = match (path, at_source("git"), kind) {
        (Some(path), ..) => From::Path(path.into()),
        (_, Some(git), _) => From::Git(git.into()),
        (.., Some("git")) => From::Git(at_source("url").unwrap_or_default().into()),
        (.., Some("directory")) => From::Path(at_source("url").unwrap_or_default().into()),
        _ => match (text(&["path"]), text(&["git"]).or(text(&["vcs", "url"]))) {
            (Some(path), _) => From::Path(path),
            (_, Some(git)) => From::Git(git),
            _ => From::Index,
        },
    };
    // A lock without files says nothing about wheels; uv leaves `wheels` out where there are none.
    let has_files = listed.is_some() || node.get("sdist").is_some();
    let wheels = has_files.then(|| {
        listed
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|f| {
                let file = ["file", "url", "name", "path"]
                    .iter()
                    .find_map(|k| f.get(k)?.as_str());
                Wheel::parse(file.or(f.as_str())?)
            })
            .collect()
    });
    let groups = node.get("groups").map(Node::strings);
    let main = match groups {
        Some(groups) => Some(groups.iter().any(|g| g.value == "main" || g.value == "default")),
        None => text(&["category"]).map(|c| c == "main"),
    };
    let mut extra_needs = BTreeMap::new();
    let optional = node.get("optional-dependencies").or(node.get("extras"));
    for entry in optional.map(Node::entries).unwrap_or_default() {
        extra_needs.insert(normalize(&entry.key), needs(&entry.node));
    }
    Some(Locked {
        dist: Dist {
            name: normalize(name.as_str()?),
            spec: version.map(|v| format!("=={v}")).unwrap_or_default(),
            extras: Vec::new(),
            at: name.at.clone(),
            wheels,
            from,
            direct: false,
        },
        needs: node.get("dependencies").map(needs).unwrap_or_default(),
        extra_needs,
        main,
    })
}

/// Lists of strings (PDM), of tables (uv) and tables by name (Poetry).
fn needs(node: &Node) -> Vec<(String, Vec<String>)> {
    let extras = |n: &Node| -> Vec<String> {
        let list = n.get("extra").or(n.get("extras"));
        list.map(Node::strings)
            .unwrap_or_default()
            .iter()
            .map(|e| normalize(&e.value))
            .collect()
    };
    let on_linux = |n: &Node| {
        let marker = n.get("marker").or(n.get("markers")).and_then(Node::as_str);
        Requirement {
            marker: marker.unwrap_or_default().into(),
            ..Requirement::default()
        }
        .on_linux()
    };
    let tables = node
        .entries()
        .iter()
        .filter(|e| on_linux(&e.node))
        .map(|e| (normalize(&e.key), extras(&e.node)));
    let items = node.items().iter().filter_map(|n| match n.as_str() {
        Some(text) => {
            let r = pep508::parse(text).filter(Requirement::on_linux)?;
            Some((r.name, r.extras))
        }
        None if on_linux(n) => Some((normalize(n.get("name")?.as_str()?), extras(n))),
        None => None,
    });
    tables.chain(items).collect()
}

/// Pipfile.lock: versions and hashes, no files.
pub fn of_pipfile_lock(lock: &Node) -> Vec<Dist> {
    of_table(lock.get("default"))
}

/// A requirement's place as its own word.
pub fn sourced(dist: &Dist) -> Sourced<String> {
    Sourced::new(dist.name.clone(), dist.at.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::doc;
    use crate::source::Source;

    #[test]
    fn a_wheel_fits_by_its_tags() {
        let fits = |name: &str, minor, musl| Wheel::parse(name).unwrap().fits(minor, musl);
        assert!(fits("a-1-py3-none-any.whl", 14, true));
        assert!(fits("a-1-py2.py3-none-any.whl", 14, true));
        let many = "h/a-1-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
        assert!(fits(many, 13, false) && !fits(many, 14, false) && !fits(many, 13, true));
        assert!(fits("a-1-cp37-abi3-musllinux_1_2_x86_64.whl", 13, true));
        assert!(!fits("a-1-cp313-cp313t-manylinux_2_17_x86_64.whl", 13, false));
        assert!(!fits("a-1-cp313-cp313-manylinux_2_17_aarch64.whl", 13, false));
    }

    #[test]
    fn a_locks_development_tools_are_left_out() {
        let lock = doc::toml(&Source::new(
            "uv.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [{ name = \"b\", extra = [\"x\"] }, { name = \"w\", marker = \"sys_platform == 'win32'\" }]\n\
             [[package]]\nname = \"b\"\nversion = \"2\"\nwheels = [{ url = \"b-2-py3-none-any.whl\" }]\n\
             [package.optional-dependencies]\nx = [{ name = \"c\" }]\n\
             [[package]]\nname = \"c\"\nversion = \"3\"\n[[package]]\nname = \"w\"\n[[package]]\nname = \"pytest\"\nversion = \"9\"\n",
        ))
        .unwrap();
        let direct = of_strings(doc::toml(&Source::new("p", "d = [\"A>=1\"]")).unwrap().get("d"));
        let found = of_lock(&lock, Some(&direct));
        let names: Vec<&str> = found.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(found[0].direct && !found[1].direct);
        assert_eq!(found[1].version(), Some("2"));
        assert!(!found[1].lacks_wheel(14, true));
    }
}
