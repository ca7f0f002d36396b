use crate::ui::Ui;
use serde::Serialize;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::signing as words;
use vitte_package::ops::key;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::{KeyId, Scope};

/// Trust a key no longer
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package key untrust default.pub --for demo/hello\n  vitte package key untrust default.pub"
)]
pub(crate) struct Args {
    /// The key: its fingerprint, its id, or its public key as PEM
    key: String,
    /// Only for these packages
    #[arg(long = "for", value_name = "SCOPE")]
    scope: Option<String>,
}

/// The answer of `key untrust`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Untrusted {
    /// The key's id.
    key_id: KeyId,
    /// Its id in the short form that is shown to people.
    short: String,
    /// The packages it is trusted for no more; none for all.
    #[serde(rename = "for")]
    scope: Option<String>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { key, scope } = args;
    let id = key::find_trusted(env, &key)?;
    let scope = scope.as_deref().map(Scope::parse).transpose()?;
    key::untrust(env, id, scope.as_ref())?;
    ui.success(words::key_untrusted(&id.short()));
    let scope = scope.map(|scope| scope.to_string());
    ui.result(&Untrusted { key_id: id, short: id.short(), scope });

    Ok(Exit::Ok)
}
