//! Which files the program is made of, as far as its imports tell.

use super::facts::Facts;
use super::modules;
use super::source::Module;
use super::start::Start;
use crate::paths;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// The file that is started: by its path, by the module's name, or as a console script's.
pub fn started<'a>(tree: &Tree, facts: &'a Facts, start: &Start) -> Option<&'a Module> {
    let named = |m: &&Module| {
        paths::relative(&m.path, &facts.dir) == start.entry
            || start.entry.split(':').next() == Some(&modules::import_of(tree, &facts.dir, m).name)
    };
    facts.modules.iter().find(named)
}

/// Paths of all that the started file imports, itself among them; `None` where that cannot be told, as
/// of a framework that finds modules by itself.
pub fn reached(tree: &Tree, facts: &Facts, start: &Start) -> Option<BTreeSet<String>> {
    walk(tree, facts, start, |module| {
        // `app.config.from_object("shop.config.Config")`
        let named = module.strings.iter().map(|(s, _)| s).filter(|s| is_dotted(s));
        module.imports.iter().chain(named).map(String::as_str).collect()
    })
}

/// The same, of what is loaded before anything is called.
pub fn at_start(tree: &Tree, facts: &Facts, start: &Start) -> Option<BTreeSet<String>> {
    walk(tree, facts, start, |module| {
        module.firm.iter().map(|i| i.value.as_str()).collect()
    })
}

fn walk(
    tree: &Tree,
    facts: &Facts,
    start: &Start,
    follow: impl Fn(&Module) -> Vec<&str>,
) -> Option<BTreeSet<String>> {
    if facts.django.is_some() {
        return None;
    }
    let console = || {
        let (_, target) = facts
            .scripts
            .iter()
            .find(|(name, _)| start.words.first() == Some(name))?;
        let name = target.value.split(':').next()?.trim();
        facts
            .modules
            .iter()
            .find(|m| modules::import_of(tree, &facts.dir, m).name == name)
    };
    let first = match start.own_script {
        true => console(),
        false => started(tree, facts, start),
    }?;
    let mut by_name: BTreeMap<String, Vec<&Module>> = BTreeMap::new();
    for module in &facts.modules {
        let name = modules::import_of(tree, &facts.dir, module).name;
        by_name.entry(name).or_default().push(module);
    }
    let mut reached = BTreeSet::from([first.path.clone()]);
    let mut todo = vec![first];
    while let Some(module) = todo.pop() {
        let own = modules::import_of(tree, &facts.dir, module).name;
        for import in follow(module) {
            let Some(full) = absolute(&own, &module.path, import) else {
                continue;
            };
            // Importing `a.b.c` runs `a`, `a.b` and itself.
            let ends = full.match_indices(['.', ':']).map(|(i, _)| i).chain([full.len()]);
            for found in ends.filter_map(|end| by_name.get(&full[..end])).flatten() {
                if reached.insert(found.path.clone()) {
                    todo.push(found);
                }
            }
        }
    }
    Some(reached)
}

/// Is the file a part of what was reached? Where that cannot be told, commands of Django's manage.py and
/// other programs are none.
pub fn is_part(reached: &Option<BTreeSet<String>>, module: &Module) -> bool {
    match reached {
        Some(reached) => reached.contains(&module.path),
        None => module.guard.is_none() && !module.path.split('/').any(|part| part == "management"),
    }
}

/// Can the string name a module or something in one?
fn is_dotted(text: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_alphanumeric() || c == '_');
    text.len() < 200 && text.contains('.') && text.split(['.', ':']).all(word)
}

/// `..db` in `shop.web.views` is `shop.db`.
fn absolute(own: &str, path: &str, import: &str) -> Option<String> {
    let name = import.trim_start_matches('.');
    let dots = import.len() - name.len();
    if dots == 0 {
        return Some(import.to_string());
    }
    let mut package: Vec<&str> = own.split('.').collect();
    let up = dots - usize::from(paths::base(path) == "__init__.py");
    package.truncate(package.len().checked_sub(up)?);
    package.extend(name.split('.').filter(|n| !n.is_empty()));
    Some(package.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_imports_start_at_the_package() {
        assert_eq!(absolute("a.b.c", "a/b/c.py", ".d").as_deref(), Some("a.b.d"));
        assert_eq!(absolute("a.b", "a/b/__init__.py", ".d").as_deref(), Some("a.b.d"));
        assert_eq!(absolute("a.b.c", "a/b/c.py", "..d.e").as_deref(), Some("a.d.e"));
        assert_eq!(absolute("a", "a.py", "...d"), None);
    }
}
