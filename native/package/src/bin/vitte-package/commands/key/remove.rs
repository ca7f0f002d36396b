use super::OwnKey;
use crate::commands::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::Exit;

/// Remove a key of your own
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key remove laptop\n  vitte package key remove laptop --yes"
)]
pub(crate) struct Args {
    /// The key: its name, fingerprint or id
    #[arg(add = ArgValueCompleter::new(completions::keys))]
    name: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name } = args;
    let store = KeyStore::open(env)?;
    let key = store.choose(&name)?;
    let name = key.name.clone();
    let question = words::key_remove_question(name.as_str(), &key.public.id().short());
    if !ui.confirm(&question, "--yes")? {
        ui.say(words::key_kept(name.as_str()));
        return Ok(Exit::Failed);
    }
    let key = store.remove(&name)?;
    ui.success(words::key_removed(name.as_str(), &key.public.id().short()));
    ui.result(&OwnKey::from(&key));

    Ok(Exit::Ok)
}
