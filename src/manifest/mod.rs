//! Parsers, one a format: text in, values with places out, and no policy.

pub mod cargo;
pub mod command;
pub mod doc;
pub mod gomod;
