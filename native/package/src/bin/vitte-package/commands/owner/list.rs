use super::owned;
use crate::commands::whoami::At;
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::diagnostic::Exit;

/// List the owners of a package, or of a namespace
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package owner list acme/json\n  vitte package owner list acme/* --json"
)]
pub(crate) struct Args {
    /// The package, or `namespace/*`
    package: String,
    #[command(flatten)]
    at: At,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let owned = owned(&args.package)?;
    let (account, _) = args.at.account(env, ui)?;
    let owners = account.owners(&owned)?;
    for user in &owners.owners {
        ui.print(user);
    }
    for user in &owners.namespace_owners {
        ui.print(format!("{user}  {}", words::owner_of_namespace()));
    }
    if owners.owners.is_empty() && owners.namespace_owners.is_empty() {
        ui.say(words::owners_none(&owners.package));
    }
    ui.result(&owners);
    Ok(Exit::Ok)
}
