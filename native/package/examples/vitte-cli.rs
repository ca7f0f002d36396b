//! The dispatcher for other tools: which program does `vitte X`, and what commands there are.
//!
//! `cargo run --example vitte-cli -- build`

#![allow(clippy::print_stdout, reason = "an example talks")]

use std::path::PathBuf;
use vitte_package::dispatch;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::nearest::nearest;

/// What is known about a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// The program that does it.
    Program(PathBuf),
    /// There is none; the command that may have been intended.
    Nothing(Option<String>),
}

/// Finds the program of a command, or the nearest command there is.
pub fn run(env: &Env, command: &str) -> Found {
    match dispatch::find(env, command) {
        Some(program) => Found::Program(program),
        None => {
            let known = dispatch::list(env);
            Found::Nothing(nearest(command, known.keys().map(String::as_str)).map(str::to_owned))
        }
    }
}

fn main() -> Result<(), Error> {
    let command = std::env::args().nth(1).unwrap_or_else(|| "package".to_owned());
    match run(&Env::capture()?, &command) {
        Found::Program(program) => println!("vitte {command} runs {}", program.display()),
        Found::Nothing(Some(near)) => println!("there is no vitte {command}; there is vitte {near}"),
        Found::Nothing(None) => println!("there is no vitte {command}"),
    }
    Ok(())
}
