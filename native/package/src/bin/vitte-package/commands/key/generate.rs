use super::{OwnKey, choose, protect};
use crate::ui::Ui;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{KeyName, Protection};
use vitte_package::message::signing as words;
use vitte_package::ops::key;
use vitte_package_core::diagnostic::Exit;

/// Make a new Ed25519 key
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key generate\n  vitte package key generate --name laptop --passphrase"
)]
pub(crate) struct Args {
    /// The key's name
    #[arg(long, value_name = "NAME", default_value = "default")]
    name: String,
    /// Encrypt it with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
    #[arg(long)]
    passphrase: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { name, passphrase } = args;
    let name = KeyName::parse(&name)?;
    let chosen = choose(passphrase, &name, env, ui)?;
    let key = key::generate(env, &name, &protect(chosen.as_ref()))?;
    let path = env.shorten(&key.path).display().to_string();
    ui.success(words::key_created(name.as_str(), &key.public.id().short(), &path));
    ui.say(words::key_back_up(&path));
    if key.protection == Protection::Plain {
        ui.say(words::key_unencrypted(name.as_str()));
    }
    ui.say(words::key_hand_out(name.as_str()));
    ui.result(&OwnKey::from(&key));

    Ok(Exit::Ok)
}
