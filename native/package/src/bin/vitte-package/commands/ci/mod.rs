//! `ci`: workflows of continuous integration.

pub(crate) mod check;
pub(crate) mod init;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Write a workflow that publishes from continuous integration, and check one
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package ci init --provider github --registry https://registry.example\n  vitte package ci check"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Init(init::Args),
    Check(check::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Init(args) => init::run(args, env, ui),
        Action::Check(args) => check::run(args, env, ui),
    }
}
