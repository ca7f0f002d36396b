use super::scope::{ScopeArgs, tell};
use crate::answer::LockChange;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::Fetched;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::sync::{self, Reach};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::target::Target;

/// Bring a project's dependencies into the store
///
/// Afterwards `vitte package install --offline` needs nothing else.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package fetch\n  vitte package fetch --locked\n  vitte package fetch --target aarch64-unknown-linux-gnu"
)]
pub(crate) struct Args {
    /// Binaries for this system instead of the one this runs on
    #[arg(long, value_name = "TARGET", value_parser = Target::parse)]
    target: Option<Target>,
    #[command(flatten)]
    scope: ScopeArgs,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// Packages that were verified and unpacked now.
    unpacked: usize,
    /// Packages the store held already.
    held: usize,
    /// Bytes that were not fetched, because deltas came in place of whole packages.
    saved: u64,
    /// What changed in the lockfile.
    changes: Vec<LockChange<'a>>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let mut scope = args.scope.scope_in_ci(env, ui)?;
    scope.target = args.target;
    let synced = sync::sync(env, &scope, Reach::Store, ui.reporter())?;
    let changes = tell(&synced.changes, ui);
    ui.success(super::install::fetched_in_words(synced.fetched));
    super::install::tell_saved(synced.fetched.saved, ui);
    let Fetched { unpacked, held, saved } = synced.fetched;
    ui.result(&Answer { unpacked, held, saved: saved.bytes(), changes });
    Ok(Exit::Ok)
}
