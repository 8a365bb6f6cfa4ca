//! Completions and manual pages, both made from the command line's own shape.

use super::End;
use super::args::Args;
use super::output::Output;
use crate::diagnostic::{Diagnostic, rules};
use clap::CommandFactory;
use clap_complete::Shell;

pub fn completions(out: &Output, shell: Shell) -> Result<End, Diagnostic> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "rdock", &mut script);
    out.data(&String::from_utf8_lossy(&script));
    Ok(End::Fine)
}

/// The page in roff: `rdock man | man -l -`, `rdock man generate > rdock-generate.1`.
pub fn page(out: &Output, command: Option<&str>) -> Result<End, Diagnostic> {
    let mut all = Args::command();
    all.build();
    let shown = match command {
        None => all.clone(),
        Some(name) => all
            .find_subcommand(name)
            .ok_or_else(|| {
                let known: Vec<&str> = all.get_subcommands().map(|c| c.get_name()).collect();
                Diagnostic::error(&rules::BAD_SETTING, format!("`{name}` is no command of rdock"))
                    .help(format!("name one of: {}", known.join(", ")))
            })?
            .clone()
            .name(format!("rdock-{name}")),
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(shown)
        .render(&mut page)
        .expect("a page is written into memory");
    out.data(&String::from_utf8_lossy(&page));
    Ok(End::Fine)
}
