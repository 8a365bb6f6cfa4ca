//! `images`: the catalogue as a table.

use super::End;
use super::args::OutputFormat;
use super::json;
use super::output::Output;
use super::sync::pretty;
use super::words;
use crate::catalog::{Libc, catalog};
use crate::diagnostic::{Diagnostic, printable, rules};

pub fn run(out: &Output, name: &str, format: OutputFormat) -> Result<End, Diagnostic> {
    let catalog = catalog();
    if !catalog.images.iter().any(|i| i.reference.contains(name)) {
        let known: Vec<&str> = catalog.images.iter().map(|i| i.reference.as_str()).collect();
        return Err(Diagnostic::error(
            &rules::NO_SUCH_SERVICE,
            format!("`{}` is no image that rdock knows", printable(name)),
        )
        .help(format!("the images are: {}", known.join(", "))));
    }
    if format == OutputFormat::Json {
        out.data(&pretty(&json::images(catalog, name)));
        return Ok(End::Fine);
    }
    let mut rows = vec![["IMAGE", "SUITE", "LIBC", "SHELL", "USER", "MB", "SUPPORT ENDS"].map(String::from)];
    for image in catalog.images.iter().filter(|i| i.reference.contains(name)) {
        for line in image.lines.iter().filter(|l| catalog.supported(l)) {
            for tag in &line.tags {
                let os = catalog.os(&tag.suite);
                let libc = match os.map(|o| (o.libc, o.libc_version.as_str())) {
                    Some((Libc::Glibc, v)) => format!("glibc {v}"),
                    Some((Libc::Musl, v)) => format!("musl {v}"),
                    _ => "none".into(),
                };
                rows.push([
                    format!("{}:{}", image.reference, tag.tag),
                    tag.suite.clone(),
                    libc.trim().into(),
                    if image.shell { "yes" } else { "no" }.into(),
                    image.user.clone().unwrap_or_else(|| "root".into()),
                    tag.size_mb.map_or("?".into(), |mb| format!("{mb:.0}")),
                    if line.eol.is_empty() {
                        "-".into()
                    } else {
                        line.eol.clone()
                    },
                ]);
            }
        }
    }
    let width = |i: usize| words::widest(rows.iter().map(|r| r[i].as_str()));
    let widths: Vec<usize> = (0..7).map(width).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(c, w)| format!("{c:w$}")).collect();
        out.data(&format!("{}\n", cells.join("  ").trim_end()));
    }
    out.note(&format!(
        "facts of {}; sizes are compressed, for amd64",
        catalog.as_of
    ));
    Ok(End::Fine)
}
