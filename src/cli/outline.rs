//! A Dockerfile by stages: what each starts from, does, and takes from others.

use crate::dockerfile;
use crate::pipeline::Done;
use crate::source::Source;
use serde::Serialize;

#[derive(Debug, PartialEq, Serialize)]
pub struct Stage {
    pub name: String,
    /// An image, or an earlier stage.
    pub from: String,
    /// Its comment in the Dockerfile: `installs the dependencies`.
    pub does: String,
    /// Stages that files are copied or mounted from.
    pub takes_from: Vec<String>,
}

/// The stages of a service's Dockerfile, in its order.
pub fn stages(done: &Done) -> Vec<Stage> {
    let file = &done.files[0];
    match dockerfile::read(&Source::new(file.path.as_str(), file.text.as_str())) {
        Ok(dockerfile) => dockerfile.stages.iter().map(stage).collect(),
        Err(_) => Vec::new(),
    }
}

fn stage(stage: &dockerfile::Stage) -> Stage {
    let name = stage.name.clone().unwrap_or_default();
    let comment = stage.comment.join(" ");
    let comment = comment.trim();
    let mut takes_from: Vec<String> = Vec::new();
    for instruction in &stage.instructions {
        let copied = instruction.flag("from").map(str::to_string);
        let mounted = instruction
            .mounts()
            .filter_map(|m| m.get("from").map(str::to_string));
        for from in copied.into_iter().chain(mounted) {
            if !takes_from.contains(&from) {
                takes_from.push(from);
            }
        }
    }
    Stage {
        from: stage.from.written.clone(),
        does: comment.strip_prefix(&name).unwrap_or(comment).trim().to_string(),
        takes_from,
        name,
    }
}
