use super::OwnKey;
use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::KeyStore;
use vitte_package::message::signing as words;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::{KeyId, Scope};

/// List own keys and trusted keys
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package key list\n  vitte package key list --json")]
pub(crate) struct Args {}

/// The answer of `key list`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Keys<'a> {
    /// One's own keys.
    own: Vec<OwnKey<'a>>,
    /// Keys of others that are trusted.
    trusted: Vec<TrustedRow>,
}

/// A key of another that is trusted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TrustedRow {
    /// Its id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for.
    #[serde(rename = "for")]
    scopes: Vec<String>,
}

pub(crate) fn run(_: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let store = KeyStore::open(env)?;
    let (own, trusted) = (store.list()?, store.trusted()?);
    for key in &own {
        ui.print(format!(
            "{:<16} {}  {}",
            key.name.as_str(),
            key.public.id().short(),
            key.protection.as_str()
        ));
    }
    let mut others = Vec::new();
    for (key, scopes) in trusted.iter() {
        let scopes: Vec<String> = scopes.iter().map(Scope::to_string).collect();
        ui.print(format!("{:<16} {}  {}", words::key_list_trusted(), key.id().short(), scopes.join(" ")));
        others.push(TrustedRow { key_id: key.id(), short: key.id().short(), scopes });
    }
    if own.is_empty() {
        ui.say(words::key_list_empty());
    }
    ui.result(&Keys { own: own.iter().map(OwnKey::from).collect(), trusted: others });
    Ok(Exit::Ok)
}
