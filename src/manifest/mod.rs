//! Parsers, one a format: text in, values with places out, and no policy.

pub mod command;
pub mod doc;
pub mod gomod;
pub mod gradle;
pub mod properties;
pub mod xml;
