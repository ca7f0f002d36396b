use crate::commands::yank::{StatusArgs, change};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::StatusAction;

/// Deprecate a release in favour of another
///
/// The release can still be chosen, with a warning. The record is signed and logged.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package deprecate demo/hello@1.0.0 --registry reg --use demo/greet\n  vitte package deprecate demo/hello@1.0.0 --registry reg --undo"
)]
pub(crate) struct Args {
    #[command(flatten)]
    what: StatusArgs,
    /// Take the remark back
    #[arg(long)]
    undo: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let action = if args.undo { StatusAction::Undeprecate } else { StatusAction::Deprecate };
    change(args.what, action, env, ui)
}
