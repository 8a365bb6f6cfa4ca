//! A RUN instruction's text: mounts, then steps that must all succeed.

use crate::escape::Safe;

/// What follows `RUN `.
pub fn text(mounts: &[Safe], steps: &[Safe]) -> Safe {
    let mut out = String::new();
    for mount in mounts {
        out += &format!("--mount={mount} \\\n    ");
    }
    let steps: Vec<&str> = steps.iter().map(Safe::as_str).collect();
    out += &steps.join(" \\\n    && ");
    Safe::literal(out)
}
