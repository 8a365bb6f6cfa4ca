//! The names that the manifests of any language depend on at run time. A hint and no more: what cannot be
//! read says nothing here, and the languages' own readers report it.

use crate::manifest::doc::{self, Node, Value};
use crate::manifest::gomod;
use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The dependencies that one manifest declares.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub dir: String,
    /// What another manifest of the repository calls it.
    pub name: Option<String>,
    /// In lower case; `name#feature` for features and extras.
    pub names: Vec<Sourced<String>>,
}

/// Every manifest at or under `context`.
pub fn manifests(tree: &Tree, context: &str) -> Vec<Manifest> {
    let files = tree.under(context).filter_map(|path| {
        let source = || tree.text(path);
        let mut manifest = match paths::base(path) {
            "go.mod" => go(&source()?)?,
            "package.json" => node(&source()?)?,
            "pyproject.toml" => pyproject(&source()?)?,
            "Pipfile" => pipfile(&source()?)?,
            "Cargo.toml" => cargo(&source()?)?,
            "pom.xml" => pom(&source()?),
            "build.gradle" | "build.gradle.kts" => gradle(tree, &source()?),
            file if file.starts_with("requirements") && file.ends_with(".txt") => requirements(&source()?),
            _ => return None,
        };
        manifest.dir = paths::parent(path).to_string();
        Some(manifest)
    });
    files.collect()
}

/// What the service in `dir` depends on, through the other manifests of its repository too.
pub fn of_service(manifests: &[Manifest], dir: &str) -> Vec<Sourced<String>> {
    let at = |dir: &str| manifests.iter().filter(|m| m.dir == dir).collect::<Vec<_>>();
    let nearest = paths::ancestors(dir).map(at).find(|found| !found.is_empty());
    let mut due = nearest.unwrap_or_default();
    // Java and Go keep versions and shared parts above; a library beside comes in by its name.
    let by_name: BTreeMap<&str, &Manifest> = manifests
        .iter()
        .filter_map(|m| Some((m.name.as_deref()?, m)))
        .collect();
    let mut seen: BTreeSet<*const Manifest> = due.iter().map(|m| *m as *const Manifest).collect();
    let mut names = Vec::new();
    while let Some(manifest) = due.pop() {
        for name in &manifest.names {
            if let Some(other) = by_name.get(name.value.as_str())
                && seen.insert(*other)
            {
                due.push(other);
            }
            names.push(name.clone());
        }
    }
    names
}

fn lower(name: &str) -> String {
    name.trim().to_lowercase()
}

fn go(source: &Arc<Source>) -> Option<Manifest> {
    let file = gomod::parse(source).ok()?;
    let text = &source.text;
    let direct = file.require.into_iter().filter(|require| {
        let end = require.at.range().map_or(0, |r| r.end);
        let line = text[end..].lines().next().unwrap_or("");
        !line.contains("// indirect")
    });
    Some(Manifest {
        name: file.module.map(|m| lower(&m.value)),
        names: direct.map(|r| r.map(|name| lower(&name))).collect(),
        ..Manifest::default()
    })
}

fn keys(node: Option<&Node>) -> Vec<Sourced<String>> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .map(|e| Sourced::new(lower(&e.key), e.key_at.clone()))
        .collect()
}

fn node(source: &Arc<Source>) -> Option<Manifest> {
    let root = doc::json(source).ok()?;
    let mut names = keys(root.get("dependencies"));
    names.extend(keys(root.get("optionalDependencies")));
    Some(Manifest {
        name: root.string(&["name"]).map(|n| lower(&n.value)),
        names,
        ..Manifest::default()
    })
}

/// `psycopg[binary,pool]>=3 ; python_version > "3.9"` gives `psycopg` and its extras.
fn requirement(text: &str, at: &Location) -> Vec<Sourced<String>> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let text = text.trim();
    let end = text.find(|c| !good(c)).unwrap_or(text.len());
    let name = lower(&text[..end]).replace(['_', '.'], "-");
    if name.is_empty() {
        return Vec::new();
    }
    let extras = text[end..].trim_start().strip_prefix('[');
    let extras = extras.and_then(|rest| rest.split(']').next()).unwrap_or("");
    let extras = extras.split(',').map(lower).filter(|e| !e.is_empty());
    let names = extras.map(|extra| format!("{name}#{extra}"));
    let mut all: Vec<Sourced<String>> = names.map(|n| Sourced::new(n, at.clone())).collect();
    all.insert(0, Sourced::new(name, at.clone()));
    all
}

fn requirements(source: &Arc<Source>) -> Manifest {
    let lines = source.text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with(['#', '-']) && !line.contains("://")
    });
    Manifest {
        names: lines
            .flat_map(|line| requirement(line, &Location::of(source, line)))
            .collect(),
        ..Manifest::default()
    }
}

/// A table of names whose values may be tables with `extras`.
fn python_table(node: Option<&Node>) -> Vec<Sourced<String>> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    entries
        .flat_map(|entry| {
            let extras = entry.node.get("extras").map(Node::strings).unwrap_or_default();
            let extras: Vec<String> = extras.into_iter().map(|e| e.value).collect();
            requirement(&format!("{}[{}]", entry.key, extras.join(",")), &entry.key_at)
        })
        .collect()
}

fn pyproject(source: &Arc<Source>) -> Option<Manifest> {
    let root = doc::toml(source).ok()?;
    let lists = [
        root.path(&["project", "dependencies"]).cloned(),
        root.path(&["project", "optional-dependencies"]).map(flat),
    ];
    let mut names: Vec<Sourced<String>> = lists
        .into_iter()
        .flatten()
        .flat_map(|list| list.strings())
        .flat_map(|item| requirement(&item.value, &item.at))
        .collect();
    names.extend(python_table(root.path(&["tool", "poetry", "dependencies"])));
    let name = root.string(&["project", "name"]);
    let name = name.or_else(|| root.string(&["tool", "poetry", "name"]));
    Some(Manifest {
        name: name.map(|n| lower(&n.value).replace(['_', '.'], "-")),
        names,
        ..Manifest::default()
    })
}

/// The lists of a table as one.
fn flat(table: &Node) -> Node {
    let items = table.entries().iter().flat_map(|e| e.node.items()).cloned();
    Node {
        value: Value::List(items.collect()),
        at: table.at.clone(),
    }
}

fn pipfile(source: &Arc<Source>) -> Option<Manifest> {
    let root = doc::toml(source).ok()?;
    Some(Manifest {
        names: python_table(root.get("packages")),
        ..Manifest::default()
    })
}

fn cargo(source: &Arc<Source>) -> Option<Manifest> {
    let root = doc::toml(source).ok()?;
    let mut names = Vec::new();
    for table in [
        root.get("dependencies"),
        root.path(&["workspace", "dependencies"]),
    ] {
        for entry in table.map_or(&[][..], Node::entries) {
            let package = entry.node.get("package").and_then(Node::as_str);
            let name = lower(package.unwrap_or(&entry.key));
            let features = entry.node.get("features").map(Node::strings).unwrap_or_default();
            let with = features
                .into_iter()
                .map(|f| f.map(|feature| format!("{name}#{}", lower(&feature))));
            let with: Vec<Sourced<String>> = with.collect();
            names.push(Sourced::new(name, entry.key_at.clone()));
            names.extend(with);
        }
    }
    Some(Manifest {
        name: root.string(&["package", "name"]).map(|n| lower(&n.value)),
        names,
        ..Manifest::default()
    })
}

/// The artifacts of a POM, and each with its group, outside of test scope. The languages read the file
/// as XML; here its names are enough.
fn pom(source: &Arc<Source>) -> Manifest {
    let text = &source.text;
    let element = |block: &'_ str, name: &str| -> Option<(usize, usize)> {
        let start = block.find(&format!("<{name}>"))? + name.len() + 2;
        Some((start, start + block[start..].find("</")?))
    };
    let mut names = Vec::new();
    for (at, _) in text.match_indices("<dependency>") {
        let block = &text[at..];
        let block = &block[..block.find("</dependency>").unwrap_or(block.len())];
        if block.contains("<scope>test</scope>") {
            continue;
        }
        let Some((start, end)) = element(block, "artifactId") else {
            continue;
        };
        let place = Location::span(source, at + start..at + end);
        let artifact = lower(&block[start..end]);
        if let Some((start, end)) = element(block, "groupId") {
            let group = lower(&block[start..end]);
            names.push(Sourced::new(format!("{group}:{artifact}"), place.clone()));
        }
        names.push(Sourced::new(artifact, place));
    }
    // The project's own name is the first that no block holds.
    let head = text.split("<dependencies>").next().unwrap_or("");
    let head = head
        .split("</parent>")
        .nth(1)
        .or(head.split("<parent>").next())
        .unwrap_or(head);
    Manifest {
        name: element(head, "artifactId").map(|(s, e)| lower(&head[s..e])),
        names,
        ..Manifest::default()
    }
}

/// `group:artifact:version` in quotes, `libs.…` of the version catalogue, outside of test
/// configurations.
fn gradle(tree: &Tree, source: &Arc<Source>) -> Manifest {
    let catalogue = paths::ancestors(paths::parent(&source.path))
        .find_map(|dir| tree.text(&paths::join(dir, "gradle/libs.versions.toml")?))
        .and_then(|source| doc::toml(&source).ok());
    let mut names = Vec::new();
    for line in source.text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("test")
            || trimmed.starts_with("//")
            || trimmed.starts_with("annotationProcessor")
        {
            continue;
        }
        let at = Location::of(source, line);
        let both = |group: &str, artifact: &str| {
            let (group, artifact) = (lower(group), lower(artifact));
            [format!("{group}:{artifact}"), artifact].map(|name| Sourced::new(name, at.clone()))
        };
        for part in line.split(['"', '\'']).skip(1).step_by(2) {
            let mut words = part.split(':');
            match (words.next(), words.next()) {
                (Some(""), Some(project)) if line.contains("project(") => {
                    let own = part.rsplit(':').next().unwrap_or(project);
                    names.push(Sourced::new(format!(":{}", lower(own)), at.clone()));
                    break;
                }
                (Some(group), Some(artifact)) if !group.is_empty() && !artifact.is_empty() => {
                    names.extend(both(group, artifact))
                }
                _ => {}
            }
        }
        let alias = line.split("libs.").nth(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c));
            rest[..end.unwrap_or(rest.len())].replace(['.', '_'], "-")
        });
        let library = alias.and_then(|alias| {
            let libraries = catalogue.as_ref()?.get("libraries")?.entries();
            let found = libraries
                .iter()
                .find(|e| e.key.replace(['.', '_'], "-") == alias)?;
            let text = |key: &str| found.node.get(key).and_then(Node::as_str).map(str::to_string);
            text("module")
                .or_else(|| Some(format!("{}:{}", text("group")?, text("name")?)))
                .or_else(|| found.node.as_str().map(str::to_string))
        });
        if let Some(module) = library {
            let mut words = module.split(':');
            if let (Some(group), Some(artifact)) = (words.next(), words.next()) {
                names.extend(both(group, artifact));
            }
        }
    }
    let own = paths::base(paths::parent(&source.path));
    Manifest {
        name: Some(format!(":{}", lower(own))),
        names,
        ..Manifest::default()
    }
}

/// Does a dependency have this name, or is it a sub-module of it?
pub fn is(dependency: &str, name: &str) -> bool {
    dependency
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || (name.contains('/') && rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, want: &[&str]) {
        let tree = Tree::from_pairs([(path, text)]);
        let found = of_service(&manifests(&tree, ""), paths::parent(path));
        let names: Vec<&str> = found.iter().map(|n| n.value.as_str()).collect();
        assert_eq!(names, want, "{path}");
        assert!(found.iter().all(|n| n.at.line().is_some()));
    }

    #[test]
    fn every_language_names_its_dependencies() {
        check(
            "go.mod",
            "module m\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.1.0\n\ta.b/c v1.0.0 // indirect\n)\n",
            &["github.com/jackc/pgx/v5"],
        );
        check(
            "a/package.json",
            r#"{"dependencies":{"PG":"8"},"devDependencies":{"redis":"5"}}"#,
            &["pg"],
        );
        check(
            "requirements.txt",
            "# c\n-r base.txt\nPsycopg[Binary, pool]>=3 ; x\nDjango_Redis==5\n",
            &["psycopg", "psycopg#binary", "psycopg#pool", "django-redis"],
        );
        check(
            "pyproject.toml",
            "[project]\ndependencies = [\"celery[redis]\"]\n[tool.poetry.dependencies]\nsqlalchemy = { version = \"2\", extras = [\"asyncio\"] }\n",
            &["celery", "celery#redis", "sqlalchemy", "sqlalchemy#asyncio"],
        );
        check(
            "Cargo.toml",
            "[dependencies]\nsqlx = { version = \"0.9\", features = [\"postgres\"] }\n[dev-dependencies]\nredis = \"1\"\n",
            &["sqlx", "sqlx#postgres"],
        );
        check(
            "pom.xml",
            "<project><artifactId>a</artifactId><dependencies><dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency><dependency><artifactId>h2</artifactId><scope>test</scope></dependency></dependencies></project>",
            &["org.postgresql:postgresql", "postgresql"],
        );
        check(
            "build.gradle",
            "dependencies {\n  runtimeOnly 'org.postgresql:postgresql:42'\n  testImplementation 'a:b:1'\n}\n",
            &["org.postgresql:postgresql", "postgresql"],
        );
    }

    #[test]
    fn a_library_of_the_same_repository_brings_its_own() {
        let tree = Tree::from_pairs([
            (
                "apps/web/package.json",
                r#"{"name":"web","dependencies":{"@acme/db":"*"}}"#,
            ),
            (
                "packages/db/package.json",
                r#"{"name":"@acme/db","dependencies":{"pg":"8","web":"*"}}"#,
            ),
            (
                "apps/other/package.json",
                r#"{"name":"other","dependencies":{"redis":"5"}}"#,
            ),
        ]);
        let found = of_service(&manifests(&tree, ""), "apps/web");
        let names: Vec<&str> = found.iter().map(|n| n.value.as_str()).collect();
        assert_eq!(names, ["@acme/db", "pg", "web"]);
    }

    #[test]
    fn broken_manifests_say_nothing() {
        for (path, text) in [
            ("go.mod", "require ("),
            ("package.json", "{"),
            ("pyproject.toml", "["),
            ("Cargo.toml", "["),
            ("pom.xml", "<dependency><artifactId>"),
            ("build.gradle", "libs. ' ::"),
            ("requirements.txt", "[[["),
        ] {
            let tree = Tree::from_pairs([(path, text)]);
            assert!(of_service(&manifests(&tree, ""), "").is_empty(), "{path}");
        }
    }

    #[test]
    fn a_version_in_a_module_path_is_the_same_module() {
        assert!(is("github.com/jackc/pgx/v5", "github.com/jackc/pgx"));
        assert!(is("pg", "pg") && !is("pg-promise", "pg") && !is("pg/x", "pg"));
    }
}
