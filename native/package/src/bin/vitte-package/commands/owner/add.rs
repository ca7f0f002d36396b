use super::owned;
use crate::commands::whoami::At;
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::diagnostic::Exit;

/// Add an owner to a package, or to a namespace
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package owner add acme/json bob\n  vitte package owner add acme/* bob"
)]
pub(crate) struct Args {
    /// The package, or `namespace/*`
    package: String,
    /// The user's name
    user: String,
    #[command(flatten)]
    at: At,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let owned = owned(&args.package)?;
    let (account, _) = args.at.account(env, ui)?;
    let owners = account.add_owner(&owned, &args.user)?;
    ui.success(words::owner_added(&args.user, &owned.to_string()));
    ui.result(&owners);
    Ok(Exit::Ok)
}
