//! What the linker leaves out of the release binary. It aborts where it panics, so nothing ever reads its
//! tables for unwinding, an eighth of its size. It stands at a fixed address, as its tables of rules, words
//! and images hold fourteen thousand pointers, each of which a movable program lists and mends when it
//! starts, another twentieth.

use std::path::Path;
use std::{env, fs};

const SCRIPT: &str = "\
SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table .gcc_except_table.*) } }
INSERT AFTER .text;
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    let gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !gnu || !is("PROFILE", "release") {
        return;
    }
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    let script = Path::new(&folder).join("no-unwind-tables.ld");
    fs::write(&script, SCRIPT).expect("cargo made the folder");
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if !features.split(',').any(|f| f == "crt-static") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
