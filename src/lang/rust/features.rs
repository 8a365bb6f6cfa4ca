//! Features without which a package does not compile: `#[cfg(not(any(feature = "a", feature = "b")))] compile_error!(…)`.

use super::closure;
use super::tokens::Tokens;
use super::workspace::Crate;
use crate::paths;
use crate::source::Sourced;
use crate::tree::Tree;

/// Where people say so.
const FILES: &[&str] = &["build.rs", "src/main.rs", "src/lib.rs"];

/// The feature that is turned on where the default ones have none of those that the package asks for: the one that
/// the error's own text builds with, else the one that needs nothing of the system, else the first.
pub fn needed(tree: &Tree, package: &Crate, given: &[String]) -> Option<Sourced<String>> {
    let manifest = &package.manifest;
    let mut asked: Vec<String> = given.to_vec();
    asked.push("default".into());
    let on = closure::features(&manifest.features, &asked);
    let known = |name: &str| manifest.features.iter().any(|(n, _)| n == name);
    let sources = FILES
        .iter()
        .filter_map(|f| tree.text(&paths::join(&package.dir, f)?));
    for tokens in sources.map(|s| Tokens::of(&s)) {
        for i in 0..tokens.list.len() {
            let Some((names, error)) = guarded(&tokens, i) else {
                continue;
            };
            if names.iter().any(|n| on.contains(n)) {
                continue;
            }
            let text = tokens.text(error).unwrap_or("");
            let told = text.split_once("--features").map(|(_, rest)| rest);
            let told = told.and_then(|rest| {
                rest.split(|c: char| !c.is_alphanumeric() && !"-_".contains(c))
                    .find(|w| !w.is_empty())
            });
            let easy = || {
                names
                    .iter()
                    .find(|n| n.contains("sqlite") || n.contains("rustls"))
            };
            let chosen = told.map(str::to_string).filter(|n| known(n));
            let chosen = chosen.or_else(|| easy().or(names.first()).cloned());
            return chosen.filter(|n| known(n)).map(|n| tokens.sourced(error, n));
        }
    }
    None
}

/// The features of the attribute at `i`, and where the text of the error stands that follows it.
fn guarded(tokens: &Tokens, i: usize) -> Option<(Vec<String>, usize)> {
    if !tokens.spells(i, "# [ cfg ( not (") {
        return None;
    }
    let end = tokens.closing(i + 1);
    if !tokens.spells(end, "compile_error ! (") {
        return None;
    }
    let mut names = Vec::new();
    for n in i + 6..end {
        match tokens.ident(n) {
            Some("any" | "feature") => {}
            // `all(…)`, `target_os`, another `not`: no plain list.
            Some(_) => return None,
            None => names.extend(tokens.text(n).map(str::to_string)),
        }
    }
    (!names.is_empty()).then_some((names, end + 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::rust::workspace::Crates;

    #[track_caller]
    fn check(default: &str, script: &str, expected: Option<&str>) {
        let manifest = format!(
            "[package]\nname = \"x\"\n[features]\ndefault = [{default}]\nmysql = []\nsqlite = [\"sqlite_system\"]\n\
             sqlite_system = []\n"
        );
        let tree = Tree::from_pairs([("Cargo.toml", manifest.as_str()), ("build.rs", script)]);
        let crates = Crates::new(&tree);
        let package = crates.get("").unwrap().unwrap();
        let found = needed(&tree, &package, &[]);
        assert_eq!(found.map(|f| f.value).as_deref(), expected, "{script}");
    }

    #[test]
    fn a_feature_is_turned_on_where_the_package_does_not_compile_without() {
        let any = "#[cfg(not(any(feature = \"mysql\", feature = \"sqlite_system\")))]";
        check(
            "",
            &format!("{any} compile_error!(\"none\");"),
            Some("sqlite_system"),
        );
        let told = format!("{any} compile_error!(\"do: cargo build --features sqlite\");");
        check("", &told, Some("sqlite"));
        check("\"mysql\"", &told, None);
        check("\"sqlite\"", &told, None);
        check(
            "",
            "#[cfg(not(feature = \"mysql\"))] compile_error!(\"x\");",
            Some("mysql"),
        );
        check("", "#[cfg(not(feature = \"gone\"))] compile_error!(\"x\");", None);
        check(
            "",
            "#[cfg(not(target_os = \"linux\"))] compile_error!(\"x\");",
            None,
        );
        check("", &format!("{any} println!(\"x\");"), None);
        check("", any, None);
    }
}
