use super::{OwnKey, choose, protect};
use crate::commands::asking::Asking;
use crate::ui::Ui;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyName;
use vitte_package::message::signing as words;
use vitte_package::ops::key;
use vitte_package_core::diagnostic::Exit;

/// Add a key from a PEM file (PKCS#8, Ed25519)
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key import backup.pem --name restored\n  openssl genpkey -algorithm ed25519 -out new.pem && vitte package key import new.pem --name new"
)]
pub(crate) struct Args {
    /// The file; only its owner may be able to read it
    file: PathBuf,
    /// The key's name
    #[arg(long, value_name = "NAME", default_value = "default")]
    name: String,
    /// Encrypt it with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
    #[arg(long)]
    passphrase: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { file, name, passphrase } = args;
    let name = KeyName::parse(&name)?;
    let chosen = choose(passphrase, &name, env, ui)?;
    let key = key::import(env, &file, &name, &mut Asking { env, ui }, &protect(chosen.as_ref()))?;
    let path = env.shorten(&key.path).display().to_string();
    ui.success(words::key_imported(name.as_str(), &key.public.id().short(), &path));
    ui.result(&OwnKey::from(&key));

    Ok(Exit::Ok)
}
