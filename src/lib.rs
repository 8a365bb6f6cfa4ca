//! rdock writes Dockerfiles. One pipeline, a value at each step:
//!
//! ```text
//! folder ─scan─▶ Tree ─discover─▶ [Claim] ─plan─▶ Plan ─render─▶ [File] ─▶ write │ check │ print
//! ```
//!
//! Only `tree` reads the disk, only `cli::write` writes it. A fact has a place ([`source`]), a choice has a
//! reason and losers ([`decision`]), a template says and does not decide. A module imports only
//! from those above it in this list; `tests/tidy.rs` holds that.

pub mod catalog;
pub mod choose;
pub mod cli;
pub mod config;
pub mod decision;
pub mod diagnostic;
pub mod discover;
pub mod drift;
pub mod escape;
pub mod ignorefile;
pub mod lang;
pub mod manifest;
pub mod paths;
pub mod pins;
pub mod pipeline;
pub mod plan;
pub mod process;
pub mod registry;
pub mod render;
pub mod settings;
pub mod source;
pub mod tree;
