//! Gradle: build scripts in, facts out. They are programs; what they say is read without running
//! them.

pub mod claims;
mod copied;
mod dependencies;
pub mod detect;
mod files;
mod model;
mod package;
mod values;
mod variables;
