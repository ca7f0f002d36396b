use super::OwnKey;
use crate::commands::asking::Asking;
use crate::commands::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::PassphraseSource as _;
use vitte_package::keys::{KeyStore, Protection};
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::Exit;

/// Set, change or remove the passphrase of a key
///
/// A new passphrase is asked for; for a key without one it may also come from VITTE_SIGNING_KEY_PASSWORD.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key passphrase laptop\n  vitte package key passphrase laptop --remove"
)]
pub(crate) struct Args {
    /// The key: its name, fingerprint or id
    #[arg(add = ArgValueCompleter::new(completions::keys))]
    name: String,
    /// Keep it without a passphrase
    #[arg(long)]
    remove: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name, remove } = args;
    let store = KeyStore::open(env)?;
    let key = store.choose(&name)?;
    let name = key.name.clone();
    let secret = store.secret(&key, &mut Asking { env, ui })?;
    let chosen = match (remove, key.protection) {
        (true, _) => None,
        (false, Protection::Plain) => Some(Asking { env, ui }.chosen(name.as_str())?),
        // The variable holds the passphrase it has.
        (false, Protection::Passphrase) => Some(Asking { env, ui }.asked_twice(name.as_str())?),
    };
    let key = store.protect(&key, &secret, chosen.as_ref())?;
    ui.success(match key.protection {
        Protection::Plain => words::passphrase_removed(name.as_str()),
        Protection::Passphrase => words::passphrase_set(name.as_str()),
    });
    ui.result(&OwnKey::from(&key));
    Ok(Exit::Ok)
}
