//! Volumes for what the program writes.

use super::install::Places;
use super::written::Written;
use crate::diagnostic::{self, Diagnostic};
use crate::escape::{self, Safe};
use crate::paths;
use crate::plan::RuntimeStage;
use crate::settings::Runtime;
use crate::source::Sourced;
use crate::tree::Tree;

/// Volumes for what the program writes; the result is the command that gives it the folders of the
/// repository among them. `COPY --chown` leaves a folder that is there as it is.
pub fn writable(
    tree: &Tree,
    written: &[Sourced<Written>],
    places: &Places,
    kind: Runtime,
    stage: &mut RuntimeStage,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Option<Safe>, Diagnostic> {
    let owner = stage.user.to_string();
    let (uid, gid) = owner.split_once(':').unwrap_or((&owner, &owner));
    let make = |folder: &str| Safe::literal(format!("install -d -o {uid} -g {gid} {folder}"));
    let (mut steps, mut owned, mut linked) = (Vec::new(), Vec::new(), Vec::new());
    for what in written {
        let (path, volume) = match &what.value {
            Written::Folder(path) => (path, places.image(path)),
            Written::File(path) => (path, "/data".to_string()),
            Written::State(path) => (path, path.clone()),
        };
        let committed = matches!(what.value, Written::File(_)) && tree.has(path);
        if kind == Runtime::Distroless || committed {
            warnings.push(
                Diagnostic::warning(
                    &diagnostic::rules::WRITES_ROOT,
                    format!("the program writes to {path}"),
                )
                .at(what.at.clone(), "no volume in this image")
                .help("name another place through the environment, and mount a volume there"),
            );
            continue;
        }
        let folder = escape::path(&volume)?;
        let listed = escape::exec(&[volume.as_str()])?;
        if !stage.volumes.contains(&listed) {
            stage.volumes.push(listed);
            if matches!(what.value, Written::Folder(_)) && tree.has_dir(path) {
                owned.push(folder.clone());
            } else {
                steps.push(make(folder.as_str()));
            }
        }
        if let Written::File(path) = &what.value {
            let (name, link) = (escape::path(paths::base(path))?, places.image(path));
            let parent = escape::path(paths::parent(&link))?;
            let made = Safe::literal(format!("install -d {parent}"));
            if !steps.contains(&made) {
                steps.push(made);
            }
            let link = escape::path(&link)?;
            steps.push(Safe::literal(format!("ln -s {folder}/{name} {link}")));
            linked.push(paths::base(path));
        }
    }
    if let Some(setup) = stage.setup.as_mut().filter(|_| !steps.is_empty()) {
        if !linked.is_empty() {
            let about = escape::comment(&format!("kept in the volume /data: {}", linked.join(", ")));
            setup.insert_str(0, &format!("# {about}\n"));
        }
        for step in steps {
            setup.push_str(" \\\n    && ");
            setup.push_str(step.as_str());
        }
    }
    let list = Safe::join(&owned, " ");
    Ok((!owned.is_empty()).then(|| Safe::literal(format!("chown -R {owner} {list}"))))
}
