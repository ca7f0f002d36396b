use super::OwnKey;
use crate::commands::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{KeyName, KeyStore};
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::Exit;

/// Give a key another name
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package key rename default laptop")]
pub(crate) struct Args {
    /// The key: its name, fingerprint or id
    #[arg(add = ArgValueCompleter::new(completions::keys))]
    name: String,
    /// Its new name
    #[arg(value_name = "NEW_NAME")]
    to: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name, to } = args;
    let to = KeyName::parse(&to)?;
    let store = KeyStore::open(env)?;
    let name = store.choose(&name)?.name;
    let key = store.rename(&name, &to)?;
    ui.success(words::key_renamed(name.as_str(), to.as_str(), &key.public.id().short()));
    ui.result(&OwnKey::from(&key));

    Ok(Exit::Ok)
}
