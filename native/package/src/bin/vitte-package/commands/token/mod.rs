//! `token`: a user's tokens at a registry.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package_core::diagnostic::Exit;

/// Create, list and revoke your tokens at a registry
///
/// A token lets a program, such as CI, do some of what you may do. Log in first: a token made for a program cannot make
/// others.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package token create ci --scopes publish:update --packages acme/*\n  vitte package token list"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Create(create::Args),
    List(list::Args),
    Revoke(revoke::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Create(args) => create::run(args, env, ui),
        Action::List(args) => list::run(args, env, ui),
        Action::Revoke(args) => revoke::run(args, env, ui),
    }
}
