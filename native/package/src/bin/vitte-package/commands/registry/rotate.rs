use super::folder;
use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::registry as words;
use vitte_package::ops::registry;
use vitte_package::registry::write::keys::KeyRole;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;
use vitte_package_core::sign::RegistryId;

/// Replace keys of a registry of your own, and log the next trust root
///
/// A log or index key that is replaced counts until the next rotation; without any of the three flags, such keys
/// are dropped.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry rotate reg --log --yes\n  vitte package registry rotate reg --yes"
)]
pub(crate) struct Args {
    /// The folder
    dir: PathBuf,
    /// Draw a new root key
    #[arg(long)]
    root: bool,
    /// Draw a new log key
    #[arg(long)]
    log: bool,
    /// Draw a new index key
    #[arg(long)]
    index: bool,
}

/// The answer of `registry rotate`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Rotated<'a> {
    /// Its id.
    registry: &'a RegistryId,
    /// The version of the new trust root.
    version: u64,
    /// Its entry in the log.
    log: u64,
    /// Its digest.
    trust_root: Digest,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir, root, log, index } = args;
    let asked = [(KeyRole::Root, root), (KeyRole::Log, log), (KeyRole::Index, index)];
    let roles = asked.into_iter().filter(|(_, asked)| *asked).map(|(role, _)| role).collect();
    if !ui.confirm(&words::confirm_trust_root(&dir.display().to_string()), "--yes")? {
        return Ok(ui.declined());
    }
    let rotated = registry::rotate(env, &folder(env, &dir)?, &roles, ui.reporter())?;
    ui.success(words::rotated(rotated.registry.as_str(), rotated.version, rotated.log));
    if log || index {
        ui.say(words::rotated_overlap(&dir.display().to_string()));
    }
    ui.result(&Rotated {
        registry: &rotated.registry,
        version: rotated.version,
        log: rotated.log,
        trust_root: rotated.trust_root,
    });

    Ok(Exit::Ok)
}
