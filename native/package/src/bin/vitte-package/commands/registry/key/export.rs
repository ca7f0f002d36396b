use crate::commands::asking::Asking;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::PassphraseSource as _;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::RegistryId;

/// Write the three keys to a file, encrypted with a passphrase: asked for, or from VITTE_SIGNING_KEY_PASSWORD
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry key export reg --out registry-keys.pem\n  vitte package registry key export packages.example.org/ --out registry-keys.pem"
)]
pub(crate) struct Args {
    /// The registry's folder, or its id
    registry: String,
    /// Where to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The answer of `registry key export`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct KeysExported<'a> {
    /// The registry's id.
    registry: &'a RegistryId,
    /// The file that was written.
    out: &'a Path,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { registry: given, out } = args;
    let passphrase = Asking { env, ui }.chosen(&given)?;
    let id = registry::export_keys(env, &given, &out, &passphrase)?;
    ui.success(words::registry_keys_exported(id.as_str(), &out.display().to_string()));
    ui.result(&KeysExported { registry: &id, out: &out });

    Ok(Exit::Ok)
}
