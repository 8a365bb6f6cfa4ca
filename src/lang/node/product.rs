//! What a framework's build makes: files for a browser, or a program, and how that is started.

use crate::decision::Because;
use crate::diagnostic::Diagnostic;
use crate::lang::node::config::Config;
use crate::lang::node::workspace::in_dir;

use crate::manifest::node_lock::Lock;
use crate::manifest::package_json::PackageJson;
use crate::paths;
use crate::tree::Tree;

/// What a framework's function may look at.
pub struct Look<'a> {
    pub tree: &'a Tree,
    /// Folder of the package, from the repository root.
    pub dir: &'a str,
    /// The same from the root of the build context: `""` where they are one.
    pub place: &'a str,
    pub package: &'a PackageJson,
    pub lock: &'a Lock,
    pub config: Option<&'a Config>,
    /// Text of the build script, with those that it runs.
    pub build: &'a str,
    /// Text of the start script.
    pub start: &'a str,
    /// Yarn's Plug'n'Play, without node_modules.
    pub plug_and_play: bool,
}

pub enum Product {
    Site(Site),
    Program(Program),
    /// Nothing that a container could run; why, and the edit that mends it.
    None(Diagnostic),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fallback {
    /// Any path is the application's: /index.html.
    Application,
    /// A path is a file, a page or a folder; else /404.html.
    Pages,
}

pub struct Site {
    /// Where the build puts it, from the package's folder.
    pub dir: String,
    pub fallback: Fallback,
    /// Folders whose file names hold a hash of their content.
    pub hashed: &'static str,
    /// The path that the files expect to be served under; empty for the root.
    pub base: String,
    pub because: Because,
}

/// A result of the build and its place in the image, both from the context's root.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pub from: String,
    pub to: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// A file that Node.js runs, from the package's folder, with its arguments.
    File(Vec<String>),
    /// A program that a dependency brings: its name, the file behind it inside node_modules where that
    /// is known, and its arguments.
    Bin {
        name: String,
        file: Option<&'static str>,
        args: Vec<String>,
    },
}

pub struct Program {
    pub outputs: Vec<Output>,
    /// Node.js modules are needed at run time.
    pub modules: bool,
    pub start: Start,
    /// Folder, from the context's root, that it is started in.
    pub cwd: String,
    pub env: Vec<(&'static str, &'static str)>,
    pub port: Option<u16>,
    /// The variable that the program reads its port from.
    pub port_variable: Option<&'static str>,
    /// A folder, from the package's own, that it writes to.
    pub writes: Option<&'static str>,
    /// The config file is read when it starts.
    pub reads_config: bool,
    pub because: Because,
}

impl Look<'_> {
    pub fn inside(&self, path: &str) -> String {
        paths::join(self.place, path).unwrap_or_else(|| path.to_string())
    }

    pub fn same(&self, path: &str) -> Output {
        let path = self.inside(path);
        Output {
            from: path.clone(),
            to: path,
        }
    }

    pub fn literal(&self, key: &str) -> Option<String> {
        Some(self.config?.literal(key)?.value)
    }

    pub fn has_dir(&self, path: &str) -> bool {
        self.tree.has_dir(&in_dir(self.dir, path))
    }

    /// Major version of a package, from the lockfile or the range.
    pub fn major(&self, name: &str) -> u64 {
        let locked = self.lock.newest(name).map(str::to_string);
        let text = locked.or_else(|| Some(self.package.dependency(name)?.range.clone()));
        let digits = text.unwrap_or_default();
        let digits = digits.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits
            .split('.')
            .next()
            .and_then(|d| d.parse().ok())
            .unwrap_or(u64::MAX)
    }

    /// The value of a flag in the build script: `--outDir x` or `--outDir=x`.
    pub fn flag(&self, names: &[&str]) -> Option<String> {
        let words: Vec<&str> = self.build.split_whitespace().collect();
        words.iter().enumerate().find_map(|(i, word)| {
            let (flag, value) = word.split_once('=').unwrap_or((word, ""));
            if !names.contains(&flag) {
                return None;
            }
            let value = if value.is_empty() {
                words.get(i + 1)?
            } else {
                value
            };
            Some(value.trim_matches(['"', '\'']).to_string())
        })
    }

    pub fn because(&self, key: &str, text: &str) -> Because {
        match self.config.and_then(|c| c.setting(key)) {
            Some(setting) => Because::at(&setting.at, text),
            None => Because::rule(text),
        }
    }
}

/// A path below another; one that leads out of it begins with `..`.
pub fn beside(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The same inside of an image, whose root has nothing above it.
pub fn absolute(base: &str, path: &str) -> String {
    let joined = beside(base, path);
    let inside = joined.trim_start_matches("../");
    format!("/{}", if inside == ".." { "" } else { inside })
}

pub fn clean(path: &str) -> String {
    path.trim_start_matches("./").trim_end_matches('/').to_string()
}

/// `/docs/` or `https://x.github.io/docs` → `docs`; `./` and `/` → ``.
fn base_of(text: &str) -> String {
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, p)| p),
        None if text.starts_with('/') => text,
        None => "",
    };
    path.trim_matches('/').to_string()
}

pub fn site(dir: impl Into<String>, fallback: Fallback, hashed: &'static str, because: Because) -> Product {
    Product::Site(Site {
        dir: clean(&dir.into()),
        fallback,
        hashed,
        base: String::new(),
        because,
    })
}

pub fn with_base(product: Product, base: Option<String>) -> Product {
    match product {
        Product::Site(site) => Product::Site(Site {
            base: base.as_deref().map(base_of).unwrap_or_default(),
            ..site
        }),
        other => other,
    }
}
