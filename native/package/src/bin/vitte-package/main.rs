//! `vitte-package`, also run as `vitte package`.

mod answer;
mod cli;
mod commands;
mod progress;
mod render;
mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
