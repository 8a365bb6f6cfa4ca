//! What the source files say: which classes can be started, on which ports they listen, and which
//! servlet API they use. Read as text: no compiler is needed to see a `main`.

use crate::paths;
use crate::source::{Location, Source, Sourced};
use crate::tree::Tree;
use std::sync::Arc;

use super::tables::LISTENS;

const ENDINGS: &[&str] = &[".java", ".kt", ".groovy", ".scala"];

/// What a class with a `main` is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A framework's own marker: `@SpringBootApplication`, `@QuarkusMain`.
    Marked,
    /// Named as programs are: `Main`, `…Application`.
    Named,
    /// Opens a server.
    Serves,
    Plain,
    /// Named as what goes with a program: `…Client`, `…Benchmark`.
    Aside,
}

const ASIDE: &[&str] = &["Benchmark", "Client", "Demo", "Example", "Test"];

#[derive(Clone, Debug, PartialEq)]
pub struct Main {
    /// `com.acme.App`
    pub class: String,
    pub kind: Kind,
    pub at: Location,
}

/// The programs' own sources below a module: no tests.
pub fn files(tree: &Tree, dir: &str) -> Vec<Arc<Source>> {
    let root = paths::join(dir, "src").unwrap_or_default();
    let not_main = |path: &str| {
        let rest = paths::relative(path, &root);
        rest.split('/')
            .next()
            .is_some_and(|set| set.to_lowercase().contains("test") || set == "it")
    };
    tree.under(&root)
        .filter(|p| ENDINGS.iter().any(|e| p.ends_with(e)) && !not_main(p))
        .filter_map(|p| tree.text(p))
        .collect()
}

/// Is the folder among the inputs of a build or of its tests, and no build itself? `src` is where
/// builds keep their files; at the top of a repository it may as well hold the services.
pub fn is_input(tree: &Tree, dir: &str) -> bool {
    const BUILDS: &[&str] = &[
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "settings.gradle",
        "settings.gradle.kts",
    ];
    let parts: Vec<&str> = dir.split('/').collect();
    parts.iter().enumerate().any(|(i, part)| {
        let beside = || {
            let parent = parts[..i].join("/");
            BUILDS
                .iter()
                .filter_map(|name| paths::join(&parent, name))
                .any(|p| tree.has(&p))
        };
        *part == "src" && (matches!(parts.get(i + 1), Some(&("main" | "test"))) || beside())
    })
}

/// Every class that can be started, best first, then by name.
pub fn mains(files: &[Arc<Source>]) -> Vec<Main> {
    let mut found: Vec<Main> = files.iter().filter_map(main).collect();
    found.sort_by(|a, b| (a.kind, &a.class).cmp(&(b.kind, &b.class)));
    found
}

fn main(source: &Arc<Source>) -> Option<Main> {
    let file = paths::base(&source.path);
    let (stem, ending) = file.rsplit_once('.')?;
    let calls = |line: &str, head: &str| {
        let mut found = line.match_indices(head);
        found.any(|(at, _)| line[at + head.len()..].trim_start().starts_with('('))
    };
    let (line, top_level) = code_lines(source).find_map(|line| match ending {
        "kt" if calls(line, "fun main") => Some((line, !line.starts_with([' ', '\t']))),
        "scala" if calls(line, "def main") || line.contains("extends App") || line.contains("@main") => {
            Some((line, false))
        }
        // From Java 25 on it may be a method of an object, in a class without a head.
        "java" | "groovy" if calls(line, "void main") => Some((line, false)),
        _ => None,
    })?;
    let of_object = matches!(ending, "java" | "groovy") && !line.contains("static");
    let mut name = stem.to_string();
    if top_level && ending == "kt" {
        let named = source
            .text
            .split_once("@file:JvmName(\"")
            .and_then(|(_, r)| r.split('"').next());
        name = match named {
            Some(named) => named.to_string(),
            None => {
                let mut chars = stem.chars();
                let first = chars.next()?.to_uppercase().to_string();
                format!("{first}{}Kt", chars.as_str())
            }
        };
    }
    let class = match package(source) {
        Some(package) => format!("{package}.{name}"),
        None => name,
    };
    let marked = [
        "@SpringBootApplication",
        "@EnableAutoConfiguration",
        "@QuarkusMain",
        "extends Application<",
        "Micronaut.run(",
        "Micronaut.build(",
    ];
    let kind = if marked.iter().any(|m| source.text.contains(m)) {
        Kind::Marked
    } else if of_object || ASIDE.iter().any(|a| stem.ends_with(a)) {
        Kind::Aside
    } else if ["Main", "MainKt", "App", "AppKt", "Application", "ApplicationKt"].contains(&stem)
        || stem.ends_with("Application")
        || stem.ends_with("Main")
    {
        Kind::Named
    } else if serves(source) {
        Kind::Serves
    } else {
        Kind::Plain
    };
    Some(Main {
        class,
        kind,
        at: Location::of(source, line.trim()),
    })
}

/// The lines that are no comment, as far as single lines tell.
pub fn code_lines(source: &Arc<Source>) -> impl Iterator<Item = &str> {
    source.text.lines().filter(|line| {
        let start = line.trim_start();
        !start.starts_with("//") && !start.starts_with('*') && !start.starts_with("/*")
    })
}

fn package(source: &Arc<Source>) -> Option<String> {
    let line = code_lines(source).find(|l| l.trim_start().starts_with("package "))?;
    let name = line.trim_start()["package ".len()..]
        .split([';', ' ', '/'])
        .next()?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_string())
}

/// The port of the first call that opens a server and says it as a number.
pub fn port(files: &[Arc<Source>]) -> Option<Sourced<u16>> {
    for needle in LISTENS {
        for source in files {
            for line in code_lines(source) {
                let Some(at) = line.find(needle) else { continue };
                if let Some(port) = port_in(&line[at + needle.len()..]) {
                    return Some(Sourced::new(port, Location::of(source, line.trim())));
                }
            }
        }
    }
    None
}

/// The first number that can be a port before the call ends.
fn port_in(arguments: &str) -> Option<u16> {
    let end = arguments.find([';', '{']).unwrap_or(arguments.len());
    let mut number = String::new();
    for c in arguments[..end].chars().chain([' ']) {
        if c.is_ascii_digit() {
            number.push(c);
        } else if c != '_' {
            if let Ok(port) = number.parse::<u16>()
                && port >= 80
            {
                return Some(port);
            }
            number.clear();
        }
    }
    None
}

/// A server that is bound to the loopback address. Clients name it too, so the file must serve.
pub fn loopback(files: &[Arc<Source>]) -> Option<Location> {
    for source in files.iter().filter(|s| serves(s)) {
        for line in code_lines(source) {
            let opens = LISTENS.iter().any(|n| line.contains(n));
            if opens
                && ["\"127.0.0.1\"", "\"localhost\""]
                    .iter()
                    .any(|h| line.contains(h))
            {
                return Some(Location::of(source, line.trim()));
            }
        }
    }
    None
}

fn serves(source: &Source) -> bool {
    let calls = [
        "ServerSocket(",
        "forPort(",
        "HttpServer.create",
        ".listen(",
        "embeddedServer(",
        "new Server(",
    ];
    calls.iter().any(|c| source.text.contains(c))
}

/// Does the program read PORT from its environment, in whatever way?
pub fn reads_port(files: &[Arc<Source>]) -> Option<Location> {
    files.iter().find_map(|source| {
        let line = code_lines(source).find(|l| l.contains("(\"PORT\"") || l.contains("[\"PORT\"]"))?;
        Some(Location::of(source, line.trim()))
    })
}

/// Which of two packages the sources import first: `javax.servlet` or `jakarta.servlet`.
pub fn imports(files: &[Arc<Source>], package: &str) -> Option<Location> {
    let needle = format!("import {package}.");
    files.iter().find_map(|s| {
        let line = code_lines(s).find(|l| l.trim_start().starts_with(&needle))?;
        Some(Location::of(s, line.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_src_is_a_build_where_src_belongs_to_none() {
        let tree = Tree::from_pairs([
            ("src/ads/pom.xml", ""),
            ("lib/pom.xml", ""),
            ("lib/src/it/sample/pom.xml", ""),
            ("src/ads/src/test/sample/pom.xml", ""),
        ]);
        assert!(!is_input(&tree, "src/ads"));
        assert!(!is_input(&tree, "lib"));
        assert!(is_input(&tree, "lib/src/it/sample"));
        assert!(is_input(&tree, "src/ads/src/test/sample"));
    }

    fn found(path: &str, text: &str) -> Option<String> {
        main(&Source::new(path, text)).map(|m| m.class)
    }

    #[test]
    fn a_main_is_found_in_each_language() {
        let java = "package a.b;\npublic class X {\n  public static void main(String[] args) {}\n}";
        assert_eq!(found("src/main/java/a/b/X.java", java).as_deref(), Some("a.b.X"));
        let spaced = "class X {\n  public static void main (String... args) {}\n}";
        assert_eq!(found("X.java", spaced).as_deref(), Some("X"));
        let of_object = main(&Source::new("X.java", "void main() {\n}\nvoid mainly() {}")).unwrap();
        assert_eq!(of_object.kind, Kind::Aside);
        assert_eq!(found("X.java", "class X {\n void mainly() {}\n}"), None);
        assert_eq!(
            found("app.kt", "package a\nfun main() {}").as_deref(),
            Some("a.AppKt")
        );
        assert_eq!(
            found(
                "App.kt",
                "object App {\n @JvmStatic fun main(a: Array<String>) {}\n}"
            )
            .as_deref(),
            Some("App")
        );
        assert_eq!(
            found("X.java", "class X {\n // public static void main(String[] a)\n}"),
            None
        );
    }

    #[test]
    fn a_port_is_read_from_the_call_that_opens_it() {
        let port = |text: &str| port(&[Source::new("A.java", text)]).map(|p| p.value);
        assert_eq!(port("app.start(7_070);"), Some(7070));
        assert_eq!(port("  port(8080);"), Some(8080));
        assert_eq!(
            port("embeddedServer(Netty, port = 8081, host = \"0.0.0.0\") {"),
            Some(8081)
        );
        assert_eq!(port("new InetSocketAddress(\"0.0.0.0\", 9000)"), Some(9000));
        assert_eq!(port("thread.start();"), None);
    }
}
