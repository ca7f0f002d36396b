//! `owner`: which users may publish to a package.

pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod remove;

use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::account as words;
use vitte_package_core::api::owners::Owned;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};

/// Which users of a registry may publish to a package
///
/// Owners are users of the registry. A release must also be signed with a key of the namespace: `namespace` manages those.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package owner list acme/json\n  vitte package owner add acme/json bob"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Add(add::Args),
    Remove(remove::Args),
    List(list::Args),
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Add(args) => add::run(args, env, ui),
        Action::Remove(args) => remove::run(args, env, ui),
        Action::List(args) => list::run(args, env, ui),
    }
}

fn owned(given: &str) -> Result<Owned, Error> {
    let malformed = || Diagnostic::new(Code::Usage, words::owned_malformed(given));
    Ok(Owned::parse(given).ok_or_else(malformed)?)
}
