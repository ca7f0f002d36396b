//! `vitte X …` runs `vitte-X …`. It has no other logic.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};
use vitte_package::dispatch;
use vitte_package::env::Env;
use vitte_package::error::{Error, IoAction};
use vitte_package::message::{self, ui, usage};
use vitte_package::terminal::escape;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::nearest::nearest;

fn main() -> ExitCode {
    let outcome = Env::capture().and_then(|env| {
        message::set_language(env.language());
        dispatch(&env, std::env::args_os().skip(1))
    });
    outcome.unwrap_or_else(|error| {
        for fault in error.faults() {
            let diagnostic = fault.diagnostic();
            let mut text =
                format!("{}[{}]: {}\n", ui::level_error(), diagnostic.code, escape(&diagnostic.message));
            for help in &diagnostic.help {
                text += &format!("  = {}: {}\n", ui::level_help(), escape(help));
            }
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
        ExitCode::from(error.exit() as u8)
    })
}

fn dispatch(env: &Env, mut arguments: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let Some(first) = arguments.next() else {
        let _ = std::io::stderr().write_all(help(env).as_bytes());
        return Ok(ExitCode::from(Exit::Usage as u8));
    };
    let Some(name) = first.to_str() else {
        return Err(Diagnostic::new(Code::Usage, usage::argument_encoding(&first.to_string_lossy())).into());
    };
    let answer = match name {
        "-h" | "--help" => help(env),
        "-V" | "--version" => format!("vitte {}\n", env!("CARGO_PKG_VERSION")),
        _ => {
            return match dispatch::find(env, name) {
                Some(program) => run(&program, arguments),
                None => Err(unknown(env, name)),
            };
        }
    };
    let _ = std::io::stdout().write_all(answer.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn unknown(env: &Env, name: &str) -> Error {
    let commands = dispatch::list(env);
    let fault = Diagnostic::new(Code::UnknownCommand, usage::unknown_command(name));
    let fault = match nearest(name, commands.keys().map(String::as_str)) {
        Some(near) => fault.help(usage::did_you_mean(near)),
        None => fault,
    };
    fault.help(ui::dispatcher_help()).into()
}

fn help(env: &Env) -> String {
    let mut text = format!("{}\n\n{}\n", ui::dispatcher_about(), ui::dispatcher_usage());
    let commands = dispatch::list(env);
    if commands.is_empty() {
        return text + &format!("\n{}\n", ui::dispatcher_none());
    }
    text += &format!("\n{}\n", ui::dispatcher_commands());
    for (name, program) in commands {
        text += &format!("  {name:<16} {}\n", escape(&program.display().to_string()));
    }
    text
}

/// Becomes the program, so that signals, terminal and exit status are its own.
#[cfg(unix)]
fn run(program: &Path, arguments: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let error = std::os::unix::process::CommandExt::exec(Command::new(program).args(arguments));
    Err(Error::io(IoAction::Run, program, &error))
}

/// Runs the program and ends as it does.
#[cfg(not(unix))]
fn run(program: &Path, arguments: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let status = Command::new(program).args(arguments).status();
    let status = status.map_err(|error| Error::io(IoAction::Run, program, &error))?;
    std::process::exit(status.code().unwrap_or(Exit::Failed as i32))
}
