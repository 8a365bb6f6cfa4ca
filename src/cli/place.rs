//! Where rdock is: the repository's root above a path, and the paths that a person names.

use super::output::Output;
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, rules};
use crate::discover::{self, Found, Service};
use crate::lang;
use crate::paths;
use crate::process;
use crate::settings::Settings;
use crate::tree::Tree;
use std::path::{Path, PathBuf};

/// The repository that a command works on.
pub struct Place {
    pub root: PathBuf,
    pub tree: Tree,
    pub config: Config,
    /// The current (or asked) folder, from the root.
    pub here: String,
}

/// The repository's root for a folder: the nearest one upward with rdock.toml, else with .git, else itself.
pub fn root_above(folder: &Path) -> PathBuf {
    let holds = |name: &str| folder.ancestors().find(|dir| dir.join(name).exists());
    let root = holds(config::FILE).or_else(|| holds(".git"));
    root.unwrap_or(folder).to_path_buf()
}

impl Place {
    /// The repository that the path lies in.
    ///
    /// # Errors
    /// The path is no folder, or rdock.toml is broken.
    pub fn find(out: &Output, path: &Path) -> Result<Self, Diagnostic> {
        let real = path.canonicalize().map_err(|e| {
            Diagnostic::error(&rules::UNREADABLE, format!("{}: {e}", path.display()))
                .help("give a folder that exists")
        })?;
        let root = root_above(&real);
        process::never_from(&root);
        if root.parent().is_none() && ![config::FILE, ".git"].iter().any(|name| root.join(name).exists()) {
            return Err(Diagnostic::error(
                &rules::TOO_LARGE,
                format!("{} is the whole file system and no repository", root.display()),
            )
            .help("run rdock in the repository's own folder, or name it: `rdock init PATH`"));
        }
        out.within(&root);
        let tree = Tree::scan(&root)?;
        let config = Config::read(&tree)?;
        let languages: Vec<&str> = lang::ALL.iter().map(|l| l.id).collect();
        config.check_languages(&languages)?;
        let here = real.strip_prefix(&root).ok().and_then(Path::to_str).unwrap_or("");
        let here = here.replace(std::path::MAIN_SEPARATOR, "/");
        Ok(Self {
            root,
            tree,
            config,
            here,
        })
    }

    /// The services at or under this place.
    ///
    /// # Errors
    /// None, and nothing broken either that would explain it.
    pub fn services(&self, language: Option<&str>) -> Result<Found, Diagnostic> {
        self.services_at(&self.here, language)
    }

    fn services_at(&self, dir: &str, language: Option<&str>) -> Result<Found, Diagnostic> {
        let found = discover::discover(&self.tree, &self.config, dir, language);
        if !found.services.is_empty() || !found.errors.is_empty() {
            return Ok(found);
        }
        Err(discover::nothing(&found, dir))
    }

    /// The services that `names` mean: each a service's name or a folder. All where there are none.
    ///
    /// # Errors
    /// A name that is neither.
    pub fn named(&self, names: &[String], language: Option<&str>) -> Result<Found, Diagnostic> {
        if names.is_empty() {
            return self.services(language);
        }
        let all = discover::discover(&self.tree, &self.config, "", language);
        let mut found = Found {
            claims: all.claims.clone(),
            ..Found::default()
        };
        for name in names {
            if let Some(service) = all.services.iter().find(|s| s.name == *name) {
                add(&mut found, vec![service.clone()]);
                continue;
            }
            match paths::join(&self.here, name).filter(|dir| self.tree.has_dir(dir)) {
                Some(dir) => {
                    let at = self.services_at(&dir, language)?;
                    add(&mut found, at.services);
                    found.errors.extend(at.errors);
                }
                None if all.services.is_empty() => return Err(discover::nothing(&all, "")),
                None => {
                    let known: Vec<&str> = all.services.iter().map(|s| s.name.as_str()).take(20).collect();
                    return Err(Diagnostic::error(
                        &rules::NO_SUCH_SERVICE,
                        format!("`{name}` is neither a service nor a folder"),
                    )
                    .help(format!("the services are: {}", known.join(", "))));
                }
            }
        }
        Ok(found)
    }
}

/// Choices that only one service can mean.
///
/// # Errors
/// One of them was made, and several services were found.
pub fn for_one(found: &Found, flags: &Settings) -> Result<(), Diagnostic> {
    let Settings {
        port, command, main, ..
    } = flags;
    let made = [
        ("command", command.is_some()),
        ("main", main.is_some()),
        ("port", port.is_some()),
    ];
    let Some((flag, _)) = made.iter().find(|(_, made)| *made) else {
        return Ok(());
    };
    let [first, _, ..] = found.services.as_slice() else {
        return Ok(());
    };
    let title = format!(
        "--{flag} is for one service, and there are {}",
        found.services.len()
    );
    let names: Vec<&str> = found.services.iter().map(|s| s.name.as_str()).take(20).collect();
    // `--main ./cmd/orders`, where that is a service itself.
    let meant = main.as_ref().and_then(|main| paths::join("", &main.value));
    let is_meant = |s: &&Service| meant.as_ref().is_some_and(|m| s.claim.dir.ends_with(m.as_str()));
    let folder = &found.services.iter().find(is_meant).unwrap_or(first).claim.dir;
    Err(Diagnostic::error(&rules::BAD_SETTING, title)
        .help(format!("name its folder: {}", paths::shown(folder)))
        .help(format!("the services are: {}", names.join(", "))))
}

fn add(found: &mut Found, services: Vec<Service>) {
    for service in services {
        if !found.services.iter().any(|s| s.claim.dir == service.claim.dir) {
            found.services.push(service);
        }
    }
}
