use super::{At, Find, apply};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::namespace::NamespaceChange;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::sign::namespace::{Revocation, RevocationReason};

/// Make a key count for nothing from a log entry on
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package namespace revoke demo KEY --since 4711 --reason compromised --registry reg"
)]
pub(crate) struct Args {
    #[command(flatten)]
    at: At,
    /// The key: its fingerprint, its id, or the name of one of your own
    #[arg(value_name = "KEY")]
    revoked: String,
    /// The first log entry at which it does not count; may lie in the past
    #[arg(long, value_name = "LOG")]
    since: u64,
    /// compromised or retired
    #[arg(long, value_name = "REASON", default_value = "compromised")]
    reason: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { at, revoked, since, reason } = args;
    let Some(reason) = RevocationReason::parse(&reason) else {
        return Err(Diagnostic::new(Code::Usage, words::revocation_reason(&reason)).into());
    };
    let change = |find: &Find<'_>| {
        let revoke = vec![Revocation { key: find(&revoked)?, since, reason }];
        Ok(NamespaceChange { revoke, ..NamespaceChange::default() })
    };
    apply(&at, change, env, ui)
}
