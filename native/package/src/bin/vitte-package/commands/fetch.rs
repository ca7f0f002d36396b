use super::scope::{ScopeArgs, tell};
use crate::ui::Ui;
use serde_json::json;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::sync::{self, Reach};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::dependencies as words;

/// Bring a project's dependencies into the store
///
/// Afterwards `vitte package install --offline` needs nothing else.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package fetch\n  vitte package fetch --locked")]
pub(crate) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let scope = args.scope.scope_in_ci(env, ui)?;
    let synced = sync::sync(env, &scope, Reach::Store, ui.reporter())?;
    let changes = tell(&synced.changes, ui);
    ui.done(words::sync_done(synced.fetched.unpacked, synced.fetched.held));
    ui.answer(&json!({
        "unpacked": synced.fetched.unpacked, "held": synced.fetched.held, "changes": changes,
    }));
    Ok(Exit::Ok)
}
