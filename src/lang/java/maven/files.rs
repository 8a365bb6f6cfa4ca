//! Which files of a reactor the build needs, and the wrapper.

use super::model::Model;
use super::reactor::Reactor;
use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::java::facts::{Input, Wrapper};
use crate::lang::java::rules;
use crate::lang::java::tables::READS_ALL;
use crate::manifest::properties;
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// With more modules than this, one COPY of everything reads better than one for each.
const MANY: usize = 16;

/// Files beside the sources that compilers and generators read without being told.
const UNASKED: &[&str] = &["lombok.config"];

/// What to copy before and after the step that only needs the build files.
pub struct Files {
    pub manifests: Vec<Input>,
    pub sources: Vec<Input>,
    pub because: Because,
}

/// For a module with those that it needs. Paths are from the context.
pub fn of(tree: &Tree, context: &str, reactor: &Reactor, closure: &[&Model], wrapper: bool) -> Files {
    let from = |path: &str| paths::relative(path, context).to_string();
    let mut manifests = Vec::new();
    if wrapper {
        manifests.push(Input {
            executable: true,
            ..Input::files(vec!["mvnw".into()], "")
        });
    }
    let dot = paths::join(context, ".mvn").unwrap_or_default();
    if wrapper || tree.under(&dot).any(|p| !p.contains(".mvn/wrapper/")) {
        manifests.push(Input::folder(".mvn"));
    }
    let poms = reactor.poms();
    let everything = |because: Because, manifests: Vec<Input>| Files {
        manifests,
        sources: vec![Input::everything()],
        because,
    };
    if poms.len() > MANY {
        let why = format!("the build has {} poms, and Maven reads every one", poms.len());
        return everything(Because::rule(why), manifests);
    }
    for pom in &poms {
        let dir = paths::parent(pom);
        manifests.push(Input::files(
            vec![from(pom)],
            if dir == context {
                ""
            } else {
                paths::relative(dir, context)
            },
        ));
    }
    let mut sources = Vec::new();
    let mut because = Because::rule("the poms, and the sources of the modules that the program needs");
    for model in closure {
        let root = model.dir() == context;
        let reads_all = READS_ALL
            .iter()
            .filter_map(|p| model.plugin(p))
            .filter(|p| p.runs())
            .map(|p| p.at())
            .next();
        let named = inputs(tree, model, context);
        if reads_all.is_some() || (named.is_empty() && model.packaging() != "pom") {
            let why = match &reads_all {
                Some(at) => Because::at(at, "may read any file of its module"),
                None => Because::rule("the module has no src folder"),
            };
            if root {
                return everything(why, manifests);
            }
            because = why;
            sources.push(Input::folder(&from(model.dir())));
            continue;
        }
        sources.extend(named);
    }
    // What the parents' configuration names beside the modules: checkstyle rules, licence headers.
    if !closure.iter().any(|m| m.dir() == context) {
        let words: BTreeSet<String> = closure.iter().flat_map(|m| m.words()).collect();
        let of_reactor = |folder: &str| poms.iter().any(|p| paths::is_under(p, folder));
        let named = beside(tree, context, context, &words);
        sources.extend(named.into_iter().filter(|input| {
            let folder = paths::join(context, input.from[0].trim_end_matches('/'));
            !input.from[0].ends_with('/') || !folder.is_some_and(|f| of_reactor(&f))
        }));
    }
    // A parent that the poms name as a file is there already.
    for input in &mut sources {
        input
            .from
            .retain(|path| !manifests.iter().any(|m| m.from.contains(path)));
    }
    sources.retain(|input| !input.from.is_empty());
    sources.sort_by(|a, b| a.to.cmp(&b.to).then(a.from.cmp(&b.from)));
    sources.dedup();
    Files {
        manifests,
        sources,
        because,
    }
}

/// `src`, and the other entries of the module's folder that its poms name.
fn inputs(tree: &Tree, model: &Model, context: &str) -> Vec<Input> {
    let mut words: BTreeSet<String> = model.words().into_iter().collect();
    words.insert("src".into());
    words.extend(UNASKED.iter().map(|w| w.to_string()));
    beside(tree, model.dir(), context, &words)
}

fn beside(tree: &Tree, dir: &str, context: &str, words: &BTreeSet<String>) -> Vec<Input> {
    let from = |path: &str| paths::relative(path, context).to_string();
    let mut found = Vec::new();
    for folder in tree.dirs_in(dir) {
        let name = paths::base(&folder);
        let module = tree.has(&format!("{folder}/pom.xml"));
        if words.contains(name) && !module && !["target", ".mvn", ".git"].contains(&name) {
            found.push(Input::folder(&from(&folder)));
        }
    }
    let files: Vec<String> = tree
        .files_in(dir)
        .filter(|f| {
            let name = paths::base(f);
            words.contains(name) && !["pom.xml", "mvnw"].contains(&name) && !name.starts_with("Dockerfile")
        })
        .map(from)
        .collect();
    if !files.is_empty() {
        let to = if dir == context {
            ""
        } else {
            paths::relative(dir, context)
        };
        found.push(Input::files(files, to));
    }
    found
}

/// The wrapper in the folder that Maven is started in.
pub fn wrapper(tree: &Tree, context: &str) -> Wrapper {
    let path = |name: &str| paths::join(context, name).unwrap_or_default();
    let script = path("mvnw");
    if !tree.has(&script) {
        return Wrapper::Absent;
    }
    let broken = |why: &str, at: Location| {
        Wrapper::Broken(
            Diagnostic::warning(&rules::BROKEN_WRAPPER, format!("{script} is left aside: {why}"))
                .at(at, "")
                .help("run `mvn wrapper:wrapper` and commit what it writes"),
        )
    };
    if tree.text(&script).is_some_and(|s| s.text.contains("\r\n")) {
        return broken("it has Windows line ends", tree.place(&script));
    }
    let Some(source) = tree.text(&path(".mvn/wrapper/maven-wrapper.properties")) else {
        return broken(
            "maven-wrapper.properties is not in the repository",
            tree.place(&script),
        );
    };
    let pairs = properties::parse(&source);
    let Some(url) = properties::get(&pairs, "distributionUrl") else {
        return broken("its properties name no distribution", Location::whole(&source));
    };
    let only_script = properties::get(&pairs, "distributionType").is_some_and(|t| t.value == "only-script");
    if !only_script && !tree.has(&path(".mvn/wrapper/maven-wrapper.jar")) {
        return broken(
            "maven-wrapper.jar is not in the repository",
            Location::whole(&source),
        );
    }
    let version = url
        .value
        .rsplit_once("apache-maven-")
        .and_then(|(_, v)| v.split_once("-bin"))
        .map_or(String::new(), |(v, _)| v.to_string());
    Wrapper::Usable {
        version,
        at: url.at.clone(),
    }
}
