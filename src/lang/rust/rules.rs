//! What can be wrong with a Rust project, in words.

use crate::diagnostic::Rule;

macro_rules! rules {
    ($($id:ident = $code:literal, $name:literal, $words:literal;)*) => {
        $(pub static $id: Rule = Rule { id: $code, name: $name, words: $words };)*
        pub static ALL: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    NO_TARGET = "RD601", "binary without a file",
        "Cargo.toml names a binary whose main file is not in the repository: neither at its `path`, nor as src/bin/NAME.rs or src/bin/NAME/main.rs. Cargo itself refuses such a manifest.";
    DISOWNED = "RD602", "package that its workspace does not list",
        "A Cargo.toml lies below a workspace that neither lists it in `members` nor leaves it out by `exclude`. Cargo refuses to build it: \"current package believes it's in a workspace when it's not\".";
    NO_BINARY = "RD603", "package without a binary",
        "The package is a library, or its only binaries are examples, tests or helpers of the build. A container needs a program to start.";
    SQLX_OFFLINE = "RD604", "queries checked against a database",
        "sqlx's `query!` macros ask a database while the program is compiled, and there is none in `docker build`. `cargo sqlx prepare --workspace` writes the answers into .sqlx; commit that folder, and rdock sets SQLX_OFFLINE.";
    OWN_TOOLCHAIN = "RD605", "toolchain that has no image",
        "rust-toolchain.toml asks for a nightly, a beta or a toolchain of its own, for which there is no official image. The build installs it with rustup, in a layer of its own, which must be able to reach rustup's server.";
    OTHER_TOOL = "RD606", "program that cargo alone does not build",
        "The package is built with a tool of its own (cargo-leptos, dx, trunk, cargo-tauri, espflash), or for a target that is no Linux. A Dockerfile that runs `cargo build` would make the wrong thing.";
    OLD_COMPILER = "RD607", "compiler past its support",
        "The project pins an exact Rust version that gets no new images. rdock keeps it, as it is the one that the project is tested with, unless it is older than every image that rdock knows. Newer compilers build older code: raising the channel in rust-toolchain.toml is seldom work.";
    CARGO_DISAGREES = "RD608", "cargo sees another project",
        "`rdock init` compared what it read from the manifests with `cargo metadata`, and the two differ. The Dockerfile would be made from wrong facts. Please report the manifest; until then a setting decides.";
    CARGO_SILENT = "RD609", "cargo could not be asked",
        "cargo is there, but `cargo metadata` failed or ran out of time, so the comparison that `rdock init` makes was left out. The message holds cargo's own words.";
    GIT_COMMIT = "RD610", "build script that asks git",
        "A build script or a crate of the build reads the commit from .git, which is not part of the build context. The program builds, and says that its commit is unknown.";
}
