//! Maven: pom.xml in, facts out.

pub mod boot;
pub mod claims;
pub mod detect;
mod files;
pub mod model;
mod node;
pub mod package;
mod plugin;
mod pom;
pub mod reactor;
mod tomcat;
mod values;
