//! Maven: pom.xml in, facts out.

pub mod claims;
pub mod detect;
mod files;
pub mod model;
pub mod package;
pub mod reactor;
