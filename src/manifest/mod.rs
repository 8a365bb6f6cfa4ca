//! Parsers, one a format: text in, values with places out, and no policy.

pub mod cargo;
pub mod command;
pub mod doc;
pub mod dotenv;
pub mod gomod;
pub mod gradle;
pub mod ini;
pub mod javascript;
pub mod node_lock;
pub mod package_json;
pub mod pep508;
pub mod properties;
pub mod pysource;
pub mod requirements;
pub mod xml;
