//! A pom.xml with its parents: inheritance, properties and interpolation as Maven does them, as far
//! as the repository itself holds the answer.

pub use super::plugin::Plugin;
use crate::diagnostic::Diagnostic;
use crate::manifest::xml::{self, Element};
use crate::paths;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Parents of parents. Maven projects have three or four.
const MAX_PARENTS: usize = 16;
/// Properties in properties.
const MAX_INTERPOLATIONS: usize = 64;

/// One pom.xml.
#[derive(Clone, Debug)]
pub struct Pom {
    pub path: String,
    pub root: Element,
    /// Which of its profiles are on when nobody asks for one.
    active: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Coordinates {
    pub group: String,
    pub artifact: String,
    /// Empty where it is managed elsewhere or cannot be resolved.
    pub version: String,
    /// `compile` where nothing is said.
    pub scope: String,
    pub kind: String,
    pub at: Location,
}

/// A pom with everything that it inherits inside of the repository.
#[derive(Clone, Debug)]
pub struct Model {
    /// The pom and its parents in the repository, nearest first.
    pub chain: Vec<Pom>,
    /// The first parent that comes from elsewhere.
    pub external: Option<Coordinates>,
    /// Nearest first: the first of a name wins.
    properties: Vec<(String, Sourced<String>)>,
}

/// The parsed pom at `path`; `None` where there is no such file.
pub fn read(tree: &Tree, path: &str) -> Result<Option<Pom>, Diagnostic> {
    let Some(source) = tree.read(path)? else {
        return Ok(None);
    };
    let root = xml::parse(&source)?;
    let active = active_profiles(tree, &root, paths::parent(path));
    Ok(Some(Pom {
        path: path.to_string(),
        root,
        active,
    }))
}

/// The profiles that are on for a module in `dir`: by a file that is there, by a property that is
/// not, and, where none of the pom's is on so, by default.
fn active_profiles(tree: &Tree, root: &Element, dir: &str) -> Vec<usize> {
    let profiles = root.under(&["profiles"]);
    let there = |path: &str| {
        let path = path.replace("${project.basedir}", ".").replace("${basedir}", ".");
        paths::join(dir, &path).is_some_and(|p| tree.has(&p) || (!p.is_empty() && tree.has_dir(&p)))
    };
    let on = |test: &dyn Fn(&Element) -> bool| -> Vec<usize> {
        let all = profiles.iter().enumerate();
        all.filter(|(_, p)| p.get("activation").is_some_and(test))
            .map(|(i, _)| i)
            .collect()
    };
    let found = on(&|a| {
        a.string(&["property", "name"])
            .is_some_and(|n| n.value.starts_with('!'))
            || a.string(&["file", "exists"]).is_some_and(|f| there(&f.value))
            || a.string(&["file", "missing"]).is_some_and(|f| !there(&f.value))
    });
    if found.is_empty() {
        on(&|a| a.text_of("activeByDefault") == "true")
    } else {
        found
    }
}

impl Pom {
    pub fn dir(&self) -> &str {
        paths::parent(&self.path)
    }

    /// The poms that this one lists as modules, those of profiles included, as paths; whether they
    /// exist is not asked.
    pub fn modules(&self) -> Vec<String> {
        let mut lists: Vec<&Element> = self.root.get("modules").into_iter().collect();
        lists.extend(self.root.get("subprojects"));
        for profile in self.root.under(&["profiles"]) {
            lists.extend(profile.get("modules"));
        }
        let mut found = Vec::new();
        for module in lists.iter().flat_map(|l| &l.children) {
            if let Some(path) = self.beside(&module.text)
                && !found.contains(&path)
            {
                found.push(path);
            }
        }
        found
    }

    /// A pom named by its file or its folder, relative to this one.
    fn beside(&self, name: &str) -> Option<String> {
        let path = paths::join(self.dir(), &name.replace('\\', "/"))?;
        Some(if path.ends_with(".xml") {
            path
        } else if path.is_empty() {
            "pom.xml".into()
        } else {
            format!("{path}/pom.xml")
        })
    }

    /// The project element and its active profiles, which carry the same children.
    fn bodies(&self) -> Vec<&Element> {
        let profiles = self.root.under(&["profiles"]);
        let active = self.active.iter().filter_map(|i| profiles.get(*i));
        active.chain([&self.root]).collect()
    }
}

impl Model {
    /// # Errors
    /// A pom of the chain is not XML.
    pub fn load(tree: &Tree, pom: Pom) -> Result<Self, Diagnostic> {
        let mut chain = vec![pom];
        let mut external = None;
        while chain.len() < MAX_PARENTS {
            let child = chain.last().expect("the chain starts with one");
            let Some(parent) = child.root.get("parent") else {
                break;
            };
            let relative = parent.get("relativePath").map(|r| r.text.as_str());
            let path = match relative {
                Some("") => None,
                Some(path) => child.beside(path),
                None => child.beside("../pom.xml"),
            };
            let found = match path {
                Some(path) if !chain.iter().any(|p| p.path == path) => {
                    read(tree, &path)?.filter(|p| own_artifact(&p.root) == parent.text_of("artifactId"))
                }
                _ => None,
            };
            match found {
                Some(mut pom) => {
                    // A parent's profile looks for files beside the child.
                    pom.active = active_profiles(tree, &pom.root, chain[0].dir());
                    chain.push(pom);
                }
                None => {
                    external = Some(coordinates(parent, |t| t.to_string()));
                    break;
                }
            }
        }
        let mut properties = Vec::new();
        for pom in &chain {
            for body in pom.bodies() {
                for p in body.under(&["properties"]) {
                    properties.push((p.name.clone(), Sourced::new(p.text.clone(), p.at.clone())));
                }
            }
        }
        let mut model = Self {
            chain,
            external,
            properties,
        };
        if let Some(parent) = &mut model.external {
            // A parent's version may be `${revision}`, of this very pom.
            let version = parent.version.clone();
            let at = parent.at.clone();
            let version = model.interpolate(&version).unwrap_or_default();
            model.external = model.external.map(|p| Coordinates { version, at, ..p });
        }
        Ok(model)
    }

    /// Properties given on the command line, as `.mvn/maven.config` does, win over all others.
    pub fn define(&mut self, name: &str, value: Sourced<String>) {
        self.properties.insert(0, (name.to_string(), value));
    }

    pub fn pom(&self) -> &Pom {
        &self.chain[0]
    }

    pub fn dir(&self) -> &str {
        self.pom().dir()
    }

    pub fn artifact(&self) -> &str {
        own_artifact(&self.pom().root)
    }

    fn raw_group(&self) -> String {
        let parents = self
            .chain
            .iter()
            .filter_map(|p| p.root.string(&["parent", "groupId"]));
        let own = self.pom().root.string(&["groupId"]).into_iter();
        own.chain(parents).map(|s| s.value).next().unwrap_or_default()
    }

    fn raw_version(&self) -> Option<String> {
        let root = &self.pom().root;
        let own = root.string(&["version"]);
        own.or_else(|| root.string(&["parent", "version"]))
            .map(|v| v.value)
    }

    /// `jar` where nothing is said.
    pub fn packaging(&self) -> String {
        let raw = self.raw_packaging();
        self.interpolate(&raw).unwrap_or(raw)
    }

    fn raw_packaging(&self) -> String {
        let said = self.pom().root.string(&["packaging"]);
        said.map_or_else(|| "jar".into(), |p| p.value)
    }

    /// The name of the jar or war without its ending; `None` where it cannot be resolved.
    pub fn final_name(&self) -> Option<String> {
        self.interpolate(&self.raw_final_name())
    }

    fn raw_final_name(&self) -> String {
        let bodies = self.chain.iter().flat_map(Pom::bodies);
        let said = bodies
            .filter_map(|body| body.string(&["build", "finalName"]))
            .next();
        said.map_or_else(
            || "${project.artifactId}-${project.version}".into(),
            |name| name.value,
        )
    }

    /// The folder that the build writes, from the module's own.
    pub fn build_dir(&self) -> String {
        self.interpolate(&self.raw_build_dir())
            .map(|d| d.trim_start_matches("./").trim_end_matches('/').to_string())
            .filter(|d| !d.is_empty() && !d.starts_with('/') && !d.contains(".."))
            .unwrap_or_else(|| "target".into())
    }

    fn raw_build_dir(&self) -> String {
        let said = self
            .chain
            .iter()
            .find_map(|p| p.root.string(&["build", "directory"]));
        said.map_or_else(|| "target".into(), |d| d.value)
    }

    pub fn property(&self, name: &str) -> Option<Sourced<String>> {
        let (_, value) = self.properties.iter().find(|(n, _)| n == name)?;
        Some(Sourced::new(self.interpolate(&value.value)?, value.at.clone()))
    }

    /// The text with every `${…}` replaced; `None` where one of them is not known here.
    pub fn interpolate(&self, text: &str) -> Option<String> {
        let mut left = MAX_INTERPOLATIONS;
        self.expand(text, &mut left)
    }

    fn expand(&self, text: &str, left: &mut usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            *left = left.checked_sub(1)?;
            let end = start + rest[start..].find('}')?;
            out += &rest[..start];
            out += &self.value(&rest[start + 2..end], left)?;
            rest = &rest[end + 1..];
        }
        out += rest;
        Some(out)
    }

    /// What a name stands for. Everything goes through `left`, so that a value that refers to
    /// itself ends.
    fn value(&self, name: &str, left: &mut usize) -> Option<String> {
        let own = name
            .strip_prefix("project.")
            .or_else(|| name.strip_prefix("pom."));
        let raw = match own {
            Some("artifactId") => return Some(self.artifact().to_string()),
            Some("groupId") => self.raw_group(),
            Some("version") => self.raw_version()?,
            Some("parent.version") => self.pom().root.string(&["parent", "version"])?.value,
            Some("name") => match self.pom().root.string(&["name"]) {
                Some(name) => name.value,
                None => return Some(self.artifact().to_string()),
            },
            Some("packaging") => self.raw_packaging(),
            Some("build.directory") => self.raw_build_dir(),
            Some("build.finalName") => self.raw_final_name(),
            Some("build.sourceDirectory") => return Some("src/main/java".into()),
            Some("basedir") => return Some(".".into()),
            _ if name == "basedir" => return Some(".".into()),
            _ => {
                let (_, value) = self.properties.iter().find(|(n, _)| n == name)?;
                value.value.clone()
            }
        };
        self.expand(&raw, left)
    }

    /// A plugin that the build runs: declared in `<plugins>` here or in a parent, with what
    /// `<pluginManagement>` adds. Plugins are told apart by artifact: their groups are often
    /// properties.
    pub fn plugin(&self, artifact: &str) -> Option<Plugin<'_>> {
        let plugin = self.managed_plugin(artifact)?;
        let declared = self.chain.iter().flat_map(Pom::bodies).any(|body| {
            body.under(&["build", "plugins"])
                .iter()
                .any(|p| p.text_of("artifactId") == artifact)
        });
        declared.then_some(plugin)
    }

    /// A plugin that Maven runs unasked, such as the compiler's: management alone configures it.
    pub fn managed_plugin(&self, artifact: &str) -> Option<Plugin<'_>> {
        let mut places = Vec::new();
        for pom in &self.chain {
            for body in pom.bodies() {
                for list in [
                    &["build", "plugins"][..],
                    &["build", "pluginManagement", "plugins"],
                ] {
                    places.extend(
                        body.under(list)
                            .iter()
                            .filter(|p| p.text_of("artifactId") == artifact),
                    );
                }
            }
        }
        (!places.is_empty()).then_some(Plugin { model: self, places })
    }

    /// The dependencies, inherited ones included; without those that only tests see.
    pub fn dependencies(&self) -> Vec<Coordinates> {
        self.all_dependencies()
            .into_iter()
            .filter(|d| d.scope != "test")
            .collect()
    }

    fn all_dependencies(&self) -> Vec<Coordinates> {
        let mut found: Vec<Coordinates> = Vec::new();
        for body in self.chain.iter().flat_map(Pom::bodies) {
            for d in body.under(&["dependencies"]) {
                let mut d = coordinates(d, |t| self.interpolate(t).unwrap_or_default());
                if d.scope.is_empty() {
                    d.scope = self.managed_scope(&d).unwrap_or_else(|| "compile".into());
                }
                found.push(d);
            }
        }
        found
    }

    fn managed_scope(&self, wanted: &Coordinates) -> Option<String> {
        self.managed()
            .into_iter()
            .find(|m| m.group == wanted.group && m.artifact == wanted.artifact && m.scope != "import")
            .map(|m| m.scope)
            .filter(|s| !s.is_empty())
    }

    /// What `<dependencyManagement>` lists, imports included.
    pub fn managed(&self) -> Vec<Coordinates> {
        self.chain
            .iter()
            .flat_map(Pom::bodies)
            .flat_map(|body| body.under(&["dependencyManagement", "dependencies"]))
            .map(|d| coordinates(d, |t| self.interpolate(t).unwrap_or_default()))
            .collect()
    }

    /// Every word of every text of the poms: which files and folders they could mean.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for pom in &self.chain {
            pom.root.each(&mut |e| {
                words.extend(
                    e.text
                        .split(|c: char| c.is_whitespace() || "/\\,;:=".contains(c))
                        .filter(|w| !w.is_empty())
                        .map(str::to_string),
                );
            });
        }
        words.sort();
        words.dedup();
        words
    }
}

fn own_artifact(root: &Element) -> &str {
    root.text_of("artifactId")
}

fn coordinates(e: &Element, text: impl Fn(&str) -> String) -> Coordinates {
    Coordinates {
        group: text(e.text_of("groupId")),
        artifact: text(e.text_of("artifactId")),
        version: text(e.text_of("version")),
        scope: text(e.text_of("scope")),
        kind: text(e.text_of("type")),
        at: e.get("artifactId").map_or(e.at.clone(), |a| a.at.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(files: &[(&str, &str)], path: &str) -> Model {
        let tree = Tree::from_pairs(files.iter().copied());
        Model::load(&tree, read(&tree, path).unwrap().unwrap()).unwrap()
    }

    #[test]
    fn a_child_inherits_and_its_own_values_win() {
        let parent = "<project><groupId>g</groupId><artifactId>p</artifactId><version>${revision}</version>\
            <properties><revision>2</revision><java.version>11</java.version></properties></project>";
        let child = "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>${revision}</version>\
            </parent><artifactId>c</artifactId><properties><java.version>17</java.version></properties></project>";
        let model = model(&[("pom.xml", parent), ("c/pom.xml", child)], "c/pom.xml");
        assert_eq!(model.final_name().as_deref(), Some("c-2"));
        assert_eq!(model.property("java.version").unwrap().value, "17");
        assert!(model.external.is_none());
    }

    #[test]
    fn a_folder_above_that_is_no_parent_is_not_taken_for_one() {
        let child = "<project><parent><groupId>x</groupId><artifactId>other</artifactId><version>1</version>\
            </parent><artifactId>c</artifactId></project>";
        let root = "<project><artifactId>p</artifactId></project>";
        let model = model(&[("pom.xml", root), ("c/pom.xml", child)], "c/pom.xml");
        assert_eq!(model.external.unwrap().artifact, "other");
    }

    #[test]
    fn values_and_parents_that_refer_to_themselves_end() {
        let pom = "<project><parent><groupId>${project.groupId}</groupId><artifactId>a</artifactId>\
            <version>${project.version}</version><relativePath>pom.xml</relativePath></parent>\
            <artifactId>a</artifactId><packaging>${project.packaging}</packaging>\
            <properties><a>${b}</a><b>${a}${a}</b></properties>\
            <build><finalName>${project.build.finalName}</finalName>\
            <directory>${project.build.directory}</directory></build></project>";
        let model = model(&[("pom.xml", pom)], "pom.xml");
        assert_eq!(model.property("a"), None);
        assert_eq!(model.final_name(), None);
        assert_eq!(model.build_dir(), "target");
        assert_eq!(model.interpolate("${project.version}"), None);
        assert_eq!(model.packaging(), "${project.packaging}");
    }

    #[test]
    fn a_profile_is_on_by_a_file_or_by_default() {
        let pom = "<project><artifactId>a</artifactId><profiles>\
            <profile><activation><file><exists>src/x</exists></file></activation>\
            <properties><who>file</who></properties></profile>\
            <profile><activation><activeByDefault>true</activeByDefault></activation>\
            <properties><who>default</who></properties></profile></profiles></project>";
        let who = |files: &[(&str, &str)]| model(files, "pom.xml").property("who").unwrap().value;
        assert_eq!(who(&[("pom.xml", pom)]), "default");
        assert_eq!(who(&[("pom.xml", pom), ("src/x", "")]), "file");
    }
}
