//! Parse, run, exit.

use clap::Parser;
use rdock::cli;

fn main() -> std::process::ExitCode {
    let args = cli::args::Args::parse();
    cli::run(args)
}
