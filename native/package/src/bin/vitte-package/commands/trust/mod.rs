//! `trust`: what this user trusts a registry by.

pub(crate) mod accept;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Trust a registry again after it was re-created
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package trust accept reg --trust-root-sha256 \"$(sha256sum < reg/trust/1.json | cut -c1-64)\""
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Accept(accept::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Accept(args) => accept::run(args, env, ui),
    }
}
