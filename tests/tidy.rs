//! The house rules that a compiler does not hold: layers, rooms, file heads, templates that only say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every Rust file under src/, by its path from there, with its text without the test module.
fn sources() -> BTreeMap<String, String> {
    let root = home().join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let sources = found
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_string();
            (name, text)
        });
    sources.collect()
}

/// `lang/go/plan.rs` belongs to `lang`; `tree.rs` to `tree`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The modules of lib.rs, in its order.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(home().join("src/lib.rs")).unwrap();
    let modules = text
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';').map(String::from));
    modules.collect()
}

/// What a file names of the crate: `crate::tree::Tree` gives `tree`.
fn uses(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = &group[..group.find(['}', ';']).unwrap_or(group.len())];
            found.extend(
                group
                    .split(',')
                    .map(|p| p.trim().split("::").next().unwrap().to_string()),
            );
        } else {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            found.push(rest[..end].to_string());
        }
    }
    found
}

#[test]
fn a_module_uses_only_those_above_it() {
    let layers = layers();
    let rank = |name: &str| layers.iter().position(|l| l == name);
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let Some(own) = rank(module(&file)) else { continue };
        for used in uses(&text) {
            if rank(&used).is_some_and(|r| r > own) {
                wrong.push(format!("{file} uses {used}, which stands below it in lib.rs"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_language_knows_another() {
    for (file, text) in sources() {
        let Some(own) = file
            .strip_prefix("lang/")
            .and_then(|f| f.split_once('/'))
            .map(|(l, _)| l)
        else {
            continue;
        };
        for (other, _) in sources()
            .keys()
            .filter_map(|f| f.strip_prefix("lang/")?.split_once('/'))
        {
            let named = [format!("lang::{other}::"), format!("super::super::{other}")];
            assert!(
                other == own || !named.iter().any(|n| text.contains(n)),
                "{file} uses {other}"
            );
        }
    }
}

/// What may stand in which files alone.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "std::fs",
        &["tree.rs", "tree/", "cli/write.rs", "cli/place.rs", "registry/"],
    ),
    ("fs::read", &["tree.rs", "tree/", "cli/write.rs", "registry/"]),
    (
        "std::env",
        &[
            "main.rs",
            "cli/output.rs",
            "cli/pin.rs",
            "process.rs",
            "registry/",
        ],
    ),
    ("std::net", &["registry/"]),
    ("ureq", &["registry/"]),
    ("Command::new", &["process.rs"]),
    ("std::process::Command", &["process.rs"]),
    ("SystemTime", &["cli/"]),
    ("println!", &[]),
    ("eprintln!", &[]),
];

#[test]
fn disk_environment_network_and_processes_have_their_rooms() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (word, rooms) in ROOMS {
            let at_home = rooms
                .iter()
                .any(|r| file == *r || (r.ends_with('/') && file.starts_with(r)));
            if text.contains(word) && !at_home {
                wrong.push(format!("{file} holds {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for (file, text) in sources() {
        assert!(text.starts_with("//!"), "src/{file} does not begin with //!");
    }
}

#[test]
fn a_template_says_and_does_not_decide() {
    let mut found = Vec::new();
    files(&home().join("templates"), &mut found);
    assert!(!found.is_empty());
    for path in found {
        let name = path.strip_prefix(home()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("{%").skip(1) {
            let tag = part.split("%}").next().unwrap().trim_matches(['-', ' ']);
            let word = tag.split_whitespace().next().unwrap_or("");
            let allowed = match word {
                "if" => tag.starts_with("if let Some("),
                "for" | "endfor" | "endif" | "include" | "let" | "import" | "call" | "endcall" => true,
                "macro" | "endmacro" => true,
                _ => false,
            };
            assert!(allowed, "{name} decides: {{% {tag} %}}");
            assert!(
                !["==", "!=", "&&", "||", " < ", " > "]
                    .iter()
                    .any(|op| tag.contains(op)),
                "{name} compares: {tag}"
            );
        }
    }
}

#[test]
fn no_committed_file_names_a_registrys_host() {
    // Spelled apart, so that this file does not name them either.
    let hosts = [
        ["registry.npm", "js.org"],
        ["registry.yarn", "pkg.com"],
        ["files.python", "hosted.org"],
        ["pypi", ".org"],
        ["proxy.go", "lang.org"],
        ["repo1.maven", ".org"],
        ["repo.maven.apache", ".org"],
        ["static.crates", ".io"],
        ["index.crates", ".io"],
    ];
    let mut found = Vec::new();
    for dir in [
        "src",
        "templates",
        "golden",
        "tests",
        "docs",
        "examples",
        "benches",
        ".ci",
    ] {
        if home().join(dir).is_dir() {
            files(&home().join(dir), &mut found);
        }
    }
    found.push(home().join("README.md"));
    for path in found {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
        for host in &hosts {
            assert!(
                !text.contains(&host.concat()),
                "{} names {}",
                path.display(),
                host.concat()
            );
        }
    }
}
