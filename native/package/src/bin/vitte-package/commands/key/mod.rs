//! `key`: one's own keys, and those of others that are trusted.

pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod passphrase;
pub(crate) mod remove;
pub(crate) mod rename;
pub(crate) mod show;
pub(crate) mod trust;
pub(crate) mod untrust;

use crate::commands::asking::Asking;
use crate::ui::Ui;
use serde::Serialize;
use std::borrow::Cow;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::PassphraseSource as _;
use vitte_package::keys::{KeyName, Passphrase, StoredKey};
use vitte_package::ops::key::Protect;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::{KeyId, PublicKey};

/// Make and keep signing keys; say whose keys are trusted
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package key generate --name laptop\n  vitte package key list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Generate(generate::Args),
    List(list::Args),
    Show(show::Args),
    Export(export::Args),
    Import(import::Args),
    Remove(remove::Args),
    Rename(rename::Args),
    Passphrase(passphrase::Args),
    Trust(trust::Args),
    Untrust(untrust::Args),
}

/// A key of one's own: the answer of `key generate`, `key import` and `key show`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OwnKey<'a> {
    /// Its name.
    name: &'a str,
    /// Its id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// Its public half, as PEM.
    public: String,
    /// The file it is kept in.
    file: Cow<'a, str>,
    /// How it is kept: `plain` or `passphrase`.
    protection: &'static str,
}

impl<'a> From<&'a StoredKey> for OwnKey<'a> {
    fn from(key: &'a StoredKey) -> Self {
        let id = key.public.id();
        Self {
            name: key.name.as_str(),
            key_id: id,
            short: id.short(),
            public: PublicKey::to_pem(&key.public),
            file: key.path.to_string_lossy(),
            protection: key.protection.as_str(),
        }
    }
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Generate(args) => generate::run(args, env, ui),
        Action::List(args) => list::run(args, env, ui),
        Action::Show(args) => show::run(args, env, ui),
        Action::Export(args) => export::run(args, env, ui),
        Action::Import(args) => import::run(args, env, ui),
        Action::Remove(args) => remove::run(args, env, ui),
        Action::Rename(args) => rename::run(args, env, ui),
        Action::Passphrase(args) => passphrase::run(args, env, ui),
        Action::Trust(args) => trust::run(args, env, ui),
        Action::Untrust(args) => untrust::run(args, env, ui),
    }
}

fn choose(wanted: bool, name: &KeyName, env: &Env, ui: &mut Ui) -> Result<Option<Passphrase>, Error> {
    if wanted { Asking { env, ui }.chosen(name.as_str()).map(Some) } else { Ok(None) }
}

fn protect(chosen: Option<&Passphrase>) -> Protect<'_> {
    chosen.map_or(Protect::No, Protect::With)
}
