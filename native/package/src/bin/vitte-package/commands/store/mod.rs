//! `store`: unpacked packages.

pub(crate) mod gc;
pub(crate) mod list;
pub(crate) mod verify;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Look after the store of unpacked packages
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package store verify\n  vitte package store gc")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Verify(verify::Args),
    List(list::Args),
    Gc(gc::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Verify(args) => verify::run(args, env, ui),
        Action::List(args) => list::run(args, env, ui),
        Action::Gc(args) => gc::run(args, env, ui),
    }
}
