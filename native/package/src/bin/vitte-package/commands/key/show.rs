use super::OwnKey;
use crate::commands::completions;
use crate::ui::Ui;
use clap_complete::ArgValueCompleter;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::Exit;

/// Show a key's id and public half
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package key show\n  vitte package key show laptop")]
pub(crate) struct Args {
    /// The key: its name, fingerprint or id; not needed when there is only one
    #[arg(add = ArgValueCompleter::new(completions::keys))]
    name: Option<String>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name } = args;
    let store = KeyStore::open(env)?;
    let key = match name {
        Some(name) => store.choose(&name)?,
        None => store.only()?,
    };
    for line in [
        words::key_shown(key.name.as_str(), &key.public.id().short()),
        words::key_shown_id(&key.public.id().to_string()),
        words::key_shown_file(&env.shorten(&key.path).display().to_string(), key.protection.as_str()),
    ] {
        ui.print(line);
    }
    ui.print(key.public.to_pem().trim_end());
    ui.result(&OwnKey::from(&key));

    Ok(Exit::Ok)
}
