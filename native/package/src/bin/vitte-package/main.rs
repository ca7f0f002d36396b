//! `vitte-package`, also run as `vitte package`.

#![forbid(unsafe_code)]

mod annotation;
mod answer;
mod argument;
mod cli;
mod commands;
mod global;
mod help;
mod progress;
mod render;
mod ui;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
