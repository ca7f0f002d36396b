use crate::commands::whoami::{At, state};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::diagnostic::Exit;

/// List your tokens, without their secrets
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package token list\n  vitte package token list --json")]
pub(crate) struct Args {
    #[command(flatten)]
    at: At,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (account, _) = args.at.account(env, ui)?;
    let list = account.tokens()?;
    for token in &list.tokens {
        let (scopes, packages) = (token.scopes.join(","), token.packages.join(","));
        ui.print(format!("{}  {}  {scopes}  {packages}  {}", token.id, token.name, state(token)));
    }
    if list.tokens.is_empty() {
        ui.say(words::tokens_none());
    }
    ui.result(&list);
    Ok(Exit::Ok)
}
