//! `log`: a registry's transparency log.

pub(crate) mod monitor;
pub(crate) mod show;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Look into a registry's transparency log
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package log show --registry reg\n  vitte package log monitor --registry reg"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Show(show::Args),
    Monitor(monitor::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Show(args) => show::run(args, env, ui),
        Action::Monitor(args) => monitor::run(args, env, ui),
    }
}
