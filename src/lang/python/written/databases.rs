//! Databases in a file: addresses of SQLite, Django's settings.

use super::places::{whole_line, without_strings};
use super::settings::state;
use super::{Seen, Written};
use crate::lang::python::source::Module;
use crate::paths;
use crate::source::Location;

impl Seen<'_> {
    /// `"filename": BASE_DIR / "logs" / "app.log"` in a table of handlers.
    pub fn handlers(&mut self, module: &Module) {
        let handles = |s: &str| s.starts_with("logging.") && s.ends_with("FileHandler");
        if !module.strings.iter().any(|(s, _)| handles(s)) {
            return;
        }
        for (text, at) in &module.strings {
            let Some(range) = at.range().filter(|_| text == "filename" && is_key(at)) else {
                continue;
            };
            let line = at.source().text[range.end..].lines().next().unwrap_or_default();
            let expression = line
                .trim_start()
                .trim_start_matches(':')
                .trim_end()
                .trim_end_matches(['}', ',']);
            let names_one = expression.contains(['"', '\'']) && !expression.contains(':');
            let path = self.evaluate(module, expression, 0).filter(|_| names_one);
            let file = self.file(module, path);
            self.add(file, at);
        }
    }

    pub fn strings(&mut self, module: &Module) {
        let flask_sqlalchemy = self
            .facts
            .manager
            .as_ref()
            .and_then(|m| m.dist("flask-sqlalchemy"));
        let instance = flask_sqlalchemy.is_some_and(|d| d.version().is_none_or(|v| v >= "3"));
        for (i, (text, at)) in module.strings.iter().enumerate() {
            self.configured(module, text);
            if text.starts_with("/var/lib/") {
                self.add(state(text, self.name()).map(Written::State), at);
            }
            let Some(path) = after_scheme(text) else { continue };
            if path.is_empty() {
                // `"sqlite:///" + os.path.join(basedir, "app.db")`
                let line = whole_line(at);
                let file = module.strings[i + 1..].iter().take(3).find(|(s, a)| {
                    is_database(s) && (a.line() == at.line() || line.trim_end().ends_with(['\\', '+', '(']))
                });
                if let Some((file, at)) = file {
                    let line = without_strings(whole_line(at));
                    let expression = line.split_once('+').map_or("", |(_, after)| after);
                    let base = self.base(module, expression, 0);
                    self.add(base.and_then(|b| self.from(&b, file)).map(|p| self.kept(p)), at);
                }
            } else if !path.starts_with('/') {
                let what = match instance {
                    true => self.below("instance").map(Written::Folder),
                    false => self.database(path),
                };
                self.add(what, at);
            }
        }
        for (text, at) in &module.formats {
            let Some(path) = after_scheme(text) else { continue };
            let name = path.trim_start_matches("./").strip_prefix('{');
            let name = name.and_then(|n| n.strip_suffix('}')).unwrap_or("");
            let found = if module.value_of(name).is_some() {
                self.stands_for(module, name)
            } else {
                let file = path
                    .rsplit(['}', '"', '\'', ' ', '('])
                    .find(|part| is_database(part));
                let expression = path.split('{').nth(1).and_then(|e| e.split('}').next());
                let base = self.base(module, &without_strings(expression.unwrap_or_default()), 0);
                file.and_then(|f| self.from(&base?, f.trim_start_matches('/')))
            };
            let relative = found
                .as_ref()
                .filter(|_| instance && module.value_of(name).is_some());
            let what = match relative {
                Some(_) => self.below("instance").map(Written::Folder),
                None => found.map(|p| self.kept(p)),
            };
            self.add(what, at);
        }
    }

    /// `url: "sqlite:///./app.db"` in a file of settings that the source names.
    fn configured(&mut self, module: &Module, name: &str) {
        let is_config = [".cfg", ".ini", ".json", ".toml", ".yaml", ".yml"]
            .iter()
            .any(|e| name.ends_with(e));
        if !is_config || name.len() > 100 {
            return;
        }
        let folders = [self.workdir, paths::parent(&module.path)];
        let found = folders
            .iter()
            .find_map(|folder| self.tree.text(&paths::join(folder, name)?));
        let Some(source) = found else { return };
        for (at, _) in source.text.match_indices("sqlite:///") {
            let rest = &source.text[at + "sqlite:///".len()..];
            let end = rest
                .find(|c: char| c.is_whitespace() || "\"'?#".contains(c))
                .unwrap_or(rest.len());
            let place = Location::of(&source, &source.text[at..at + "sqlite:///".len() + end]);
            self.add(self.database(&rest[..end]), &place);
        }
    }

    /// `BASE_DIR / "data" / "db.sqlite3"`, on one line, in settings that name the engine.
    pub fn django(&mut self, module: &Module) {
        let names_engine = |(s, _): &(String, Location)| s == "django.db.backends.sqlite3";
        if !module.strings.iter().any(names_engine) {
            return;
        }
        let name = module
            .strings
            .iter()
            .position(|(s, _)| is_database(s) && !s.starts_with("django."));
        if let Some(i) = name {
            let at = &module.strings[i].1;
            let mut parts: Vec<&str> = module.strings[..i]
                .iter()
                .rev()
                .take_while(|(s, a)| a.line() == at.line() && is_folder(s) && !is_key(a))
                .map(|(s, _)| s.as_str())
                .collect();
            parts.reverse();
            parts.push(&module.strings[i].0);
            self.add(self.database(&parts.join("/")), at);
        }
    }
}

/// What follows `sqlite:///`.
fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("sqlite:///")
        .or(text.strip_prefix("sqlite+aiosqlite:///"))
        .or(text.strip_prefix("sqlite+pysqlite:///"))
}

fn is_database(text: &str) -> bool {
    [".sqlite3", ".sqlite", ".db"].iter().any(|e| text.ends_with(e))
}

/// `"name":` in a dictionary.
pub fn is_key(at: &Location) -> bool {
    let text = &at.source().text;
    at.range()
        .is_some_and(|r| text[r.end..].trim_start().starts_with(':'))
}

/// Can this string be a part of a path, rather than a key or the name of a variable?
fn is_folder(text: &str) -> bool {
    !text.is_empty() && !text.contains([':', ' ']) && text.chars().any(|c| c.is_ascii_lowercase())
}
