//! Maven: pom.xml in, facts out.

pub mod model;
pub mod reactor;
