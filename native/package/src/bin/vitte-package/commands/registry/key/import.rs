use crate::commands::asking::Asking;
use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::sign::RegistryId;

/// Restore the keys from such a file
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package registry key import registry-keys.pem")]
pub(crate) struct Args {
    /// The file; only its owner may be able to read it
    file: PathBuf,
}

/// The answer of `registry key import`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct KeysImported<'a> {
    /// The registry's id.
    registry: &'a RegistryId,
    /// The folder the keys are in.
    keys: String,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { file } = args;
    let (id, folder) = registry::import_keys(env, &file, &mut Asking { env, ui })?;
    let folder = env.shorten(&folder).display().to_string();
    ui.success(words::registry_keys_imported(id.as_str(), &folder));
    ui.result(&KeysImported { registry: &id, keys: folder });

    Ok(Exit::Ok)
}
