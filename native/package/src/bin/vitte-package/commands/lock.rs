use super::scope::{ScopeArgs, tell};
use crate::answer::Locked;
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::dependencies as words;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;

/// Bring `vitte.lock` up to date
///
/// Releases that are locked and still fit stay; what is new is the newest that fits.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package lock\n  vitte package lock --locked")]
pub(crate) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let outcome = ops::lock::lock(env, &args.scope.scope()?, ui.reporter())?;
    let changes = tell(&outcome.changes, ui);
    let count = outcome.lockfile.packages().iter().filter(|package| package.artifact.is_some()).count();
    ui.success(if outcome.is_new { words::lock_written(count) } else { words::lock_current(count) });
    ui.result(&Locked { written: outcome.is_new, packages: count, changes, saved: 0 });
    Ok(Exit::Ok)
}
