//! rdock writes Dockerfiles. One pipeline, a value at each step:
//!
//! ```text
//! folder ─scan─▶ Tree ─discover─▶ [Claim] ─plan─▶ Plan ─render─▶ [File] ─▶ write │ check │ print
//! ```
//!
//! Only `tree` reads the scanned tree, only `cli::write` writes it, only `process` starts programs, only
//! `registry` uses the network. A fact has a place ([`source`]), a choice has a
//! reason and losers ([`decision`]), a template says and does not decide. A module imports only
//! from those above it in this list; `tests/tidy.rs` holds that.

// The blank lines keep this order, which is that of the layers, from being sorted.
pub mod source;

pub mod diagnostic;

pub mod decision;

pub mod paths;

pub mod escape;

pub mod dockerfile;

pub mod tree;

pub mod process;

pub mod manifest;

pub mod catalog;

pub mod settings;

pub mod config;

pub mod platforms;

pub mod ignorefile;

pub mod choose;

pub mod plan;

pub mod stages;

pub mod lang;

pub mod audit;

pub mod discover;

pub mod drift;

pub mod pins;

pub mod registry;

pub mod render;

pub mod amend;

pub mod bake;

pub mod pipeline;

pub mod compose;

pub mod cli;
