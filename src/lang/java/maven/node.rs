//! Node.js that Maven's plugins run: which of them, where they look for it, and how they are told that it is there.

use super::model::{Model, Plugin};
use crate::lang::java::config::Config;
use crate::lang::java::facts::NodeRun;
use crate::manifest::xml::Element;
use crate::paths;
use crate::source::Sourced;

const FRONTEND: &str = "frontend-maven-plugin";

/// A goal of frontend-maven-plugin that fetches Node.js with a package manager.
struct Install {
    goal: &'static str,
    skip: &'static str,
    /// The npm package of the manager; empty where Node.js brings it.
    package: &'static str,
    /// Where the configuration names its version.
    version: &'static str,
    /// Its newest version that the plugin's way to start it fits.
    usual: &'static str,
}

const INSTALLS: &[Install] = &[
    Install {
        goal: "install-node-and-corepack",
        skip: "-Dskip.installnodecorepack",
        package: "corepack",
        version: "corepackVersion",
        usual: "0",
    },
    Install {
        goal: "install-node-and-npm",
        skip: "-Dskip.installnodenpm",
        package: "",
        version: "",
        usual: "",
    },
    Install {
        goal: "install-node-and-pnpm",
        skip: "-Dskip.installnodepnpm",
        package: "pnpm",
        version: "pnpmVersion",
        usual: "10",
    },
    Install {
        goal: "install-node-and-yarn",
        skip: "-Dskip.installyarn",
        package: "yarn",
        version: "yarnVersion",
        usual: "1",
    },
];

/// Plugins that take the Node.js which is on the path.
const ON_THE_PATH: &[&str] = &["flow-maven-plugin", "hilla-maven-plugin", "vaadin-maven-plugin"];

const MANAGERS: &[&str] = &["node", "npm", "npx", "pnpm", "yarn"];

/// What the modules that the program needs run.
pub fn of(closure: &[&Model], context: &str, config: &Config) -> Option<NodeRun> {
    let mut all = closure.iter().filter_map(|m| {
        fetched(m, context)
            .or_else(|| on_the_path(m))
            .or_else(|| quinoa(m, config))
    });
    let mut first = all.next()?;
    for other in all {
        first.homes.extend(other.homes);
        first.packages.extend(other.packages);
        first.dirs.extend(other.dirs);
        first.words.extend(other.words);
        first.version = first.version.or(other.version);
    }
    for list in [
        &mut first.homes,
        &mut first.packages,
        &mut first.dirs,
        &mut first.words,
    ] {
        list.sort();
        list.dedup();
    }
    Some(first)
}

/// frontend-maven-plugin has an installation of its own in a folder of the module.
fn fetched(model: &Model, context: &str) -> Option<NodeRun> {
    let plugin = model.plugin(FRONTEND).filter(Plugin::runs)?;
    let installs: Vec<&Install> = INSTALLS.iter().filter(|i| plugin.runs_goal(i.goal)).collect();
    if installs.is_empty() {
        return None;
    }
    let folder = |key: &str| {
        let said = plugin.config(&[key])?;
        paths::join(model.dir(), &said.value)
    };
    let works = folder("workingDirectory").unwrap_or_else(|| model.dir().to_string());
    let home = folder("installDirectory").unwrap_or_else(|| works.clone());
    if !paths::is_under(&home, context) {
        return None;
    }
    let packages = installs.iter().filter(|i| !i.package.is_empty()).map(|i| {
        let said = plugin.config(&[i.version]).map(|v| v.value);
        let said = said.filter(|v| {
            v.trim_start_matches('v')
                .starts_with(|c: char| c.is_ascii_digit())
        });
        let version = said.unwrap_or_else(|| i.usual.into());
        format!("{}@{}", i.package, version.trim_start_matches('v'))
    });
    Some(NodeRun {
        by: FRONTEND,
        at: plugin.at(),
        version: plugin.config(&["nodeVersion"]),
        homes: vec![paths::relative(&home, context).to_string()],
        packages: packages.collect(),
        dirs: vec![works],
        words: installs.iter().map(|i| i.skip.to_string()).collect(),
    })
}

/// Vaadin's plugins, and commands of the exec plugin.
fn on_the_path(model: &Model) -> Option<NodeRun> {
    let vaadin = || {
        let found = ON_THE_PATH
            .iter()
            .find_map(|name| Some((*name, model.plugin(name)?)))?;
        Some((found.0, found.1.at()))
    };
    let exec = || {
        let plugin = model.plugin("exec-maven-plugin")?;
        let runs = |e: &Element| e.name == "executable" && MANAGERS.contains(&e.text.trim());
        let mut found = false;
        for place in &plugin.places {
            place.each(&mut |e| found |= runs(e));
        }
        found.then(|| ("exec-maven-plugin", plugin.at()))
    };
    let (by, at) = vaadin().or_else(exec)?;
    Some(NodeRun::on_the_path(by, at))
}

/// Quinoa takes the Node.js on the path, unless it is told to fetch one.
fn quinoa(model: &Model, config: &Config) -> Option<NodeRun> {
    let found = model
        .dependencies()
        .into_iter()
        .find(|d| d.artifact == "quarkus-quinoa")?;
    let key = |rest: &str| config.get(&format!("quarkus.quinoa.{rest}"));
    let mut run = NodeRun::on_the_path("quarkus-quinoa", found.at);
    if key("package-manager-install").is_some_and(|v| v.value == "true") {
        run.words
            .push("-Dquarkus.quinoa.package-manager-install=false".into());
        run.version =
            key("package-manager-install.node-version").map(|v| Sourced::new(v.value.clone(), v.at.clone()));
    }
    let ui = key("ui-dir").map_or("src/main/webui", |v| v.value.as_str());
    run.dirs.extend(paths::join(model.dir(), ui));
    Some(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::java::maven::model::read;
    use crate::tree::Tree;

    fn run(plugin: &str) -> Option<NodeRun> {
        let pom = format!(
            "<project><artifactId>a</artifactId><build><plugins>{plugin}</plugins></build></project>"
        );
        let tree = Tree::from_pairs([("web/pom.xml", pom.as_str())]);
        let model = Model::load(&tree, read(&tree, "web/pom.xml").unwrap().unwrap()).unwrap();
        of(&[&model], "", &Config::default())
    }

    #[test]
    fn a_plugin_that_fetches_node_is_told_where_it_is() {
        let found = run(
            "<plugin><artifactId>frontend-maven-plugin</artifactId><configuration>\
             <nodeVersion>v22.14.0</nodeVersion><workingDirectory>ui</workingDirectory>\
             <installDirectory>${project.build.directory}</installDirectory></configuration><executions>\
             <execution><goals><goal>install-node-and-pnpm</goal></goals><configuration>\
             <pnpmVersion>v9.15.0</pnpmVersion></configuration></execution></executions></plugin>",
        )
        .unwrap();
        assert_eq!(found.homes, ["web/target"]);
        assert_eq!(found.dirs, ["web/ui"]);
        assert_eq!(found.packages, ["pnpm@9.15.0"]);
        assert_eq!(found.words, ["-Dskip.installnodepnpm"]);
        assert_eq!(found.version.unwrap().value, "v22.14.0");
    }

    #[test]
    fn a_command_of_the_build_finds_node_on_the_path() {
        let exec = |program: &str| {
            run(&format!(
                "<plugin><artifactId>exec-maven-plugin</artifactId><executions><execution>\
                 <phase>generate-resources</phase><configuration><executable>{program}</executable>\
                 </configuration></execution></executions></plugin>"
            ))
        };
        assert!(exec("npm").is_some_and(|n| n.homes.is_empty()));
        assert!(exec("java").is_none());
    }
}
