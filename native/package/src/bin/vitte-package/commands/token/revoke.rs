use crate::commands::whoami::At;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::diagnostic::Exit;

/// Make one of your tokens worthless
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package token revoke 4fQ0zT8sWk2B")]
pub(crate) struct Args {
    /// Its id, as `token list` shows it
    id: String,
    #[command(flatten)]
    at: At,
}

/// The answer of `token revoke`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Revoked<'a> {
    /// Id of the token.
    id: &'a str,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (account, _) = args.at.account(env, ui)?;
    account.revoke_token(&args.id)?;
    ui.success(words::token_revoked(&args.id));
    ui.result(&Revoked { id: &args.id });
    Ok(Exit::Ok)
}
