use super::install::trust_prompt;
use super::names;
use crate::argument::RegistryArg;
use crate::ui::Ui;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use vitte_package::config::parse_age;
use vitte_package::dependencies::Network;
use vitte_package::env::{Env, secret_variables};
use vitte_package::error::{Error, IoAction};
use vitte_package::message::dependencies as words;
use vitte_package::ops::exec;
use vitte_package::ops::install::{InstallRequest, Wanted};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// Run a program of a package without installing it
///
/// The package is verified as for an install and kept in the store; no command is added, and the history stays as
/// it is. Streams and exit status are the program's own.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package exec demo/hello\n  vitte package exec demo/hello@1.0.0 --registry ./registry -- --greeting Hi"
)]
pub(crate) struct Args {
    /// The package, with a version or a requirement if wanted, or a file
    #[arg(value_name = "NAME[@REQ]|FILE")]
    package: String,
    /// Which of its programs
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<String>,
    /// Use what is installed, and open no socket
    #[arg(long)]
    offline: bool,
    /// Choose no release younger than this, for example 24h
    #[arg(long, value_name = "AGE")]
    min_age: Option<String>,
    /// Trust this key for a file, besides own and trusted ones: a name or a file
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    registry: RegistryArg,
    /// What the program is given
    #[arg(last = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let age = |given: &str| {
        parse_age(given).ok_or_else(|| Error::from(Diagnostic::new(Code::Usage, words::age_syntax(given))))
    };
    names::check("exec", &args.package, env)?;
    let request = InstallRequest {
        wanted: vec![Wanted::parse(&args.package, env)?],
        keys: args.keys,
        registry: args.registry.registry,
        network: if args.offline { Network::Offline } else { Network::Online },
        minimum_age: args.min_age.as_deref().map(age).transpose()?,
        with: BTreeSet::new(),
    };
    let program = exec::program(env, &request, args.bin.as_deref(), &mut trust_prompt(ui), ui.reporter())?;
    become_program(&program, &args.arguments)
}

/// The program is somebody else's: it sees neither the key that signs here nor what opens it.
fn command(program: &Path, arguments: &[OsString]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    for secret in secret_variables() {
        command.env_remove(secret);
    }
    command
}

/// Becomes the program, so that signals, terminal and exit status are its own.
#[cfg(unix)]
fn become_program(program: &Path, arguments: &[OsString]) -> Result<Exit, Error> {
    let error = std::os::unix::process::CommandExt::exec(&mut command(program, arguments));
    Err(Error::io(IoAction::Run, program, &error))
}

/// Runs the program and ends as it does.
#[cfg(not(unix))]
fn become_program(program: &Path, arguments: &[OsString]) -> Result<Exit, Error> {
    let status = command(program, arguments).status();
    let status = status.map_err(|error| Error::io(IoAction::Run, program, &error))?;
    std::process::exit(status.code().unwrap_or(Exit::Failed as i32))
}
