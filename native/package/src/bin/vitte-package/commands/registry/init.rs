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
pub(crate) struct Created<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// Its folder, as it was given.
    directory: &'a Path,
    /// The digest of its trust root, which others have to be told.
    trust_root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir, id } = args;
    let created = registry::init(env, &folder(env, &dir)?, id.as_deref())?;
    let digest = created.trust_root.to_string();
    ui.success(words::created(&dir.display().to_string(), created.registry.as_str()));
    let keys = env.shorten(&created.keys).display().to_string();
    ui.say(words::created_keys(&keys, &dir.display().to_string()));
    ui.say(words::created_pin(&dir.display().to_string(), &digest));
    ui.result(&Created { registry: &created.registry, directory: &dir, trust_root: created.trust_root });

    Ok(Exit::Ok)
}
