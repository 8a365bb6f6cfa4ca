//! What a program reads of a folder that others share: `../proto/shop.proto` beside `api/`. The build context
//! begins above both, and each keeps its place.

use crate::diagnostic::Diagnostic;
use crate::escape::{self, Safe};
use crate::lang::beside;
use crate::lang::node::detect::Facts;
use crate::lang::node::files;
use crate::manifest::javascript::{self, Kind};
use crate::paths;
use crate::source::Location;
use crate::tree::Tree;
use std::collections::BTreeMap;
use std::ops::Range;

/// The ending of a description of messages.
const MESSAGES: &str = ".proto";

/// Endings that an import leaves out, and the file that the name of a folder means.
const MODULES: &[&str] = &[".js", ".cjs", ".mjs", ".ts", ".json", "/index.js", "/index.ts"];

/// Something of a shared folder that the program reads.
#[derive(Clone, Debug)]
pub struct Above {
    pub path: String,
    /// Where it is named.
    pub at: Location,
    /// The source names it without a folder, so it stands in that of the program.
    pub bare: bool,
}

/// Files and folders that the source in `dir` names, outside of `root`: a description of messages and a module
/// with all that stands in the shared folder, as these name others; anything else alone.
pub fn find(tree: &Tree, dir: &str, root: &str) -> Vec<Above> {
    let mut folders = beside::shared(tree, dir);
    folders.retain(|folder| !paths::is_under(folder, root));
    if folders.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<String, Location> = BTreeMap::new();
    let mut bare: BTreeMap<String, Location> = BTreeMap::new();
    for file in files::of(tree, dir) {
        let speaks = |text: &str| text.contains("..") || text.contains(MESSAGES);
        let Some(source) = tree.text(file).filter(|s| speaks(&s.text)) else {
            continue;
        };
        let said = strings(&source.text);
        let at = |said: &Said| Location::span(&source, said.span.clone());
        for one in &said {
            if let Some(path) = messages(tree, dir, &folders, &one.text) {
                bare.entry(path).or_insert_with(|| at(one));
            }
        }
        let strings: Vec<(&str, usize)> = said.iter().map(|s| (s.text.as_str(), s.line)).collect();
        for (path, first) in beside::reached(tree, dir, &[paths::parent(file), dir], &strings) {
            let Some(folder) = folders.iter().find(|f| paths::is_under(&path, f)) else {
                continue;
            };
            let whole =
                tree.has_dir(&path) || path.ends_with(MESSAGES) || MODULES.iter().any(|m| path.ends_with(m));
            let path = if whole { folder.clone() } else { path };
            found.entry(path).or_insert_with(|| at(&said[first]));
        }
    }
    let all: Vec<String> = found.keys().cloned().collect();
    found.retain(|path, _| {
        !all.iter()
            .any(|other| other != path && paths::is_under(path, other))
    });
    // A name that is a part of a path that was followed.
    bare.retain(|path, _| !found.keys().any(|f| paths::is_under(path, f)));
    let of = |bare: bool| move |(path, at)| Above { path, at, bare };
    found
        .into_iter()
        .map(of(false))
        .chain(bare.into_iter().map(of(true)))
        .collect()
}

/// `shop.proto`, which the program opens in the folder that it is started in, where it is not there and one
/// shared folder has it: whoever builds the image puts it there.
fn messages(tree: &Tree, dir: &str, folders: &[String], name: &str) -> Option<String> {
    let plain = name.trim_start_matches("./");
    let alone = plain.ends_with(MESSAGES) && !plain.contains('/') && plain.len() > MESSAGES.len();
    let is_it = |path: &&str| paths::base(path) == plain;
    if !alone || tree.under(dir).any(|path| is_it(&path)) {
        return None;
    }
    let mut all = folders.iter().flat_map(|f| tree.under(f)).filter(is_it);
    let first = all.next()?;
    all.next().is_none().then(|| first.to_string())
}

/// A string of the source.
struct Said {
    text: String,
    line: usize,
    span: Range<usize>,
}

/// The strings of a source; names of modules with each ending that they may have.
fn strings(text: &str) -> Vec<Said> {
    let mut line = 0;
    let mut last = 0;
    let mut found = Vec::new();
    for token in javascript::tokens(text) {
        let (Kind::String(said) | Kind::Template(said)) = &token.kind else {
            continue;
        };
        line += text[last..token.span.start].matches('\n').count();
        last = token.span.start;
        found.push(Said {
            text: said.trim_start_matches("${__dirname}").to_string(),
            line,
            span: token.span.clone(),
        });
    }
    let modules: Vec<Said> = found
        .iter()
        .filter(|said| said.text.starts_with("../"))
        .flat_map(|said| MODULES.iter().map(move |ending| (said, ending)))
        // Each on a line of its own.
        .zip(line + 1..)
        .map(|((said, ending), line)| Said {
            text: format!("{}{ending}", said.text),
            line,
            span: said.span.clone(),
        })
        .collect();
    found.extend(modules);
    found
}

impl Facts<'_> {
    /// COPY arguments of what the program reads above its folder.
    ///
    /// # Errors
    /// A path that cannot be written into a Dockerfile.
    pub fn shared(&self) -> Result<Vec<Safe>, Diagnostic> {
        let copy = |Above { path, bare, .. }: &Above| {
            let from = escape::path(paths::relative(path, self.context))?;
            let to = match self.tree.has(path) {
                _ if *bare => format!("{}/", escape::path(&self.in_image(self.dir))?),
                true => format!("{}/", escape::path(&self.in_image(paths::parent(path)))?),
                false => escape::path(&self.in_image(path))?.to_string(),
            };
            Ok(Safe::literal(format!("{from} {to}")))
        };
        self.above.iter().map(copy).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[(&str, bool)]) {
        let tree = Tree::from_pairs([
            ("services/api/package.json", "{}"),
            ("services/api/src/server.ts", source),
            ("services/shared/log.js", ""),
            ("services/config/limits.yaml", ""),
            ("services/config/.env", ""),
            ("proto/shop.proto", ""),
            ("docs/guide.md", ""),
        ]);
        let found = find(&tree, "services/api", "services/api");
        let found: Vec<(&str, bool)> = found.iter().map(|a| (a.path.as_str(), a.bare)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn what_the_source_names_in_shared_folders_comes_along() {
        check(
            "path.join(__dirname, '..', '..', '..', 'proto', 'shop.proto')",
            &[("proto", false)],
        );
        check(
            "load(`${__dirname}/../../../proto/shop.proto`)",
            &[("proto", false)],
        );
        check(
            "import { log } from '../../shared/log'",
            &[("services/shared", false)],
        );
        check(
            "read('../../config/limits.yaml')",
            &[("services/config/limits.yaml", false)],
        );
        check("loadSync('shop.proto')", &[("proto/shop.proto", true)]);
    }

    #[test]
    fn nothing_comes_along_that_is_no_shared_folder_s_or_is_hidden() {
        check("read('../../config/.env')", &[]);
        check("read('../../../docs/guide.md')", &[]);
        check("read('../../shared/missing')", &[]);
        check("glob('../..')", &[]);
    }
}
