//! A catalogue as the text of images.toml.

use rdock::catalog::{Catalog, Family, Libc};
use std::fmt::Write;

const HEAD: &str = "\
# The base images that rdock knows. Made by `cargo run --example catalog` from overlay.toml and two
# public lists; docs/catalogue.md says how. A tag is a row of tag, variant, suite, architectures and
# the compressed size where somebody published it.
";

pub fn text(catalog: &Catalog) -> String {
    let mut out = format!("{HEAD}as_of = {:?}\n", catalog.as_of);
    for os in &catalog.systems {
        let family = match os.family {
            Family::Debian => "debian",
            Family::Ubuntu => "ubuntu",
            Family::Alpine => "alpine",
            Family::Distroless => "distroless",
            Family::Scratch => "scratch",
        };
        let libc = match os.libc {
            Libc::Glibc => "glibc",
            Libc::Musl => "musl",
            Libc::None => "none",
        };
        out.push_str("\n[[os]]\n");
        let version = ("libc_version", os.libc_version.as_str());
        table(
            &mut out,
            &[
                ("suite", &os.suite),
                ("family", family),
                ("libc", libc),
                version,
                ("eol", &os.eol),
            ],
        );
    }
    for image in catalog.images.iter() {
        out.push_str("\n[[image]]\n");
        table(
            &mut out,
            &[("reference", &image.reference), ("about", &image.about)],
        );
        let _ = writeln!(out, "shell = {}", image.shell);
        table(&mut out, &[("user", image.user.as_deref().unwrap_or_default())]);
        for line in &image.lines {
            let _ = writeln!(out, "\n[[image.line]]\nversion = {:?}", line.version);
            table(&mut out, &[("patch", &line.patch)]);
            if line.lts {
                out.push_str("lts = true\n");
            }
            table(&mut out, &[("released", &line.released), ("eol", &line.eol)]);
            out.push_str("tag = [\n");
            for tag in &line.tags {
                let _ = writeln!(out, "    \"{tag}\",");
            }
            out.push_str("]\n");
        }
    }
    out
}

/// The keys that have a value.
fn table(out: &mut String, entries: &[(&str, &str)]) {
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{key} = {value:?}");
    }
}
