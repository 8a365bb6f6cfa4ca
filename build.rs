//! The release binary aborts where it panics, so nothing ever reads its tables for unwinding: the
//! linker leaves them out, an eighth of its size.

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
}
