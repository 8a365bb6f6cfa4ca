//! A pom.xml with its parents: inheritance as Maven does it, as far as the repository itself holds the
//! answer.

pub use super::plugin::Plugin;
use super::pom::own_artifact;
pub use super::pom::{Pom, read};
use crate::diagnostic::Diagnostic;
use crate::manifest::xml::Element;
use crate::source::{Location, Sourced};
use crate::tree::Tree;

/// Parents of parents. Maven projects have three or four.
const MAX_PARENTS: usize = 16;

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
    pub(super) properties: Vec<(String, Sourced<String>)>,
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
                    pom.activate(tree, chain[0].dir());
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

    #[test]
    fn a_profile_that_alone_builds_the_front_end_is_asked_for() {
        let plugin = |goal: &str| {
            format!(
                "<build><plugins><plugin><artifactId>vaadin-maven-plugin</artifactId><executions><execution>\
                 <goals><goal>{goal}</goal></goals></execution></executions></plugin></plugins></build>"
            )
        };
        let pom = |own: &str| {
            format!(
                "<project><artifactId>a</artifactId>{}<profiles><profile><id>dev</id><activation>\
                 <activeByDefault>true</activeByDefault></activation><properties><who>dev</who></properties>\
                 </profile><profile><id>production</id>{}</profile></profiles></project>",
                plugin(own),
                plugin("build-frontend")
            )
        };
        let asked = |own: &str| {
            let text = pom(own);
            let model = model(&[("pom.xml", &text)], "pom.xml");
            let asked = model.pom().asked_profile().map(|p| p.value);
            (asked, model.property("who").map(|p| p.value))
        };
        assert_eq!(asked("prepare-frontend"), (Some("production".into()), None));
        assert_eq!(asked("build-frontend"), (None, Some("dev".into())));
    }
}
