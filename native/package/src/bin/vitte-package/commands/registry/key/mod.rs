//! `registry key`: a backup of a registry's signing keys.

pub(crate) mod export;
pub(crate) mod import;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Back up the signing keys of a registry of your own, and restore them
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry key export reg --out registry-keys.pem\n  vitte package registry key import registry-keys.pem"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Export(export::Args),
    Import(import::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Export(args) => export::run(args, env, ui),
        Action::Import(args) => import::run(args, env, ui),
    }
}
