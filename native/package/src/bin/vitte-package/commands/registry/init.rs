use super::folder;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// Begin a registry in a folder: keys, trust root and an empty log
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry init reg\n  vitte package registry init reg --id packages.example.org/"
)]
pub(crate) struct Args {
    /// The folder; it may not exist yet, or must be empty
    dir: PathBuf,
    /// Its id, a host and path without scheme; without it, one made from its root key
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

/// The answer of `registry init`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Begun<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// Its folder, as it was given.
    directory: &'a Path,
    /// The digest of its trust root, which others have to be told.
    trust_root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir, id } = args;
    let begun = registry::init(env, &folder(env, &dir)?, id.as_deref())?;
    let digest = begun.trust_root.to_string();
    ui.success(words::begun(&dir.display().to_string(), begun.registry.as_str()));
    let keys = env.shorten(&begun.keys).display().to_string();
    ui.say(words::begun_keys(&keys, &dir.display().to_string()));
    ui.say(words::begun_pin(&dir.display().to_string(), &digest));
    ui.result(&Begun { registry: &begun.registry, directory: &dir, trust_root: begun.trust_root });

    Ok(Exit::Ok)
}
