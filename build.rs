//! What the linker leaves out of the release binary. It aborts where it panics, so nothing ever reads its
//! tables for unwinding, an eighth of its size. It stands at a fixed address, as its tables of rules, words
//! and images hold fourteen thousand pointers, each of which a movable program lists and mends when it
//! starts, another twentieth; for musl .cargo/config.toml says that.

use std::path::Path;
use std::{env, fs};

/// The frames of the C library's own start and end files stay: these files refer to them.
const SCRIPT: &str = "\
SECTIONS { /DISCARD/ : {
    *(EXCLUDE_FILE (*crtbegin*.o *crtend*.o) .eh_frame) *(.eh_frame_hdr)
    *(.gcc_except_table .gcc_except_table.*)
} }
INSERT AFTER .text;
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("PROFILE", "release") {
        return;
    }
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    let script = Path::new(&folder).join("no-unwind-tables.ld");
    fs::write(&script, SCRIPT).expect("cargo made the folder");
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if is("CARGO_CFG_TARGET_ENV", "gnu") && !features.split(',').any(|f| f == "crt-static") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
