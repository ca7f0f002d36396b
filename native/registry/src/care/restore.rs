//! A backup becomes a registry again.
//!
//! A log must not go on from where a backup ended if it had gone further: two logs of one name would be signed. What the
//! log key signed last is kept beside the key, not in a backup; where the keys come from the backup too, the operator
//! says how far the log had come.

use super::backup::{Backup, Copying, DATABASE, KEYS, PUBLIC, copy_private};
use super::words;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::sequencer::{Keys, newest_trust_root};
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{SignedHead, layout};
use vitte_package_core::sign::RegistryId;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    pub(crate) backup: Backup,
    /// How many entries the log key has signed, if they are more than the backup has.
    pub(crate) signed: Option<u64>,
    /// Whether there are keys, so that the registry can go on.
    pub(crate) has_keys: bool,
}

/// Restores a backup. `known` is how many entries the log had at last, as far as the operator knows.
pub(crate) fn restore(data: &Data, from: &Path, known: Option<u64>) -> Result<Restored> {
    let backup = Backup::read(from)?;
    let files = data.public()?;
    for taken in [&files, &Objects::folder(data.database())] {
        let exists = !taken.is_empty()? || data.database().exists();
        if exists {
            return Err(Error::new(Code::RegistryExists, text::data_exists(&taken.shown())));
        }
    }
    let kept = Objects::folder(data.keys());
    let brings_keys = backup.has_keys;
    if brings_keys {
        if !kept.is_empty()? {
            return Err(Error::new(Code::KeyExists, words::keys_there(&kept.shown())));
        }
        // Nothing beside the key says how far the log came.
        if known != Some(backup.size) {
            let fault = Diagnostic::new(Code::Forbidden, words::log_size_unknown(backup.size));
            return Err(fault.help(words::log_size_help(backup.size)).into());
        }
    }
    data.make()?;
    let copying = Copying { from: Objects::folder(from.join(PUBLIC)), to: files };
    let registry = RegistryId::parse(&backup.registry)?;
    let trust = newest_trust_root(&copying.from, &registry)?;
    let damaged = || Error::new(Code::RegistryLayout, words::no_checkpoint());
    let note = copying.from.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.ok_or_else(damaged)?;
    let checkpoint = VerifiedCheckpoint::open(&note, &trust.root().log_policy)?;
    if checkpoint.size() != backup.size || checkpoint.root().to_string() != backup.root {
        return Err(Error::new(Code::RegistryLayout, words::backup_altered(&from.display().to_string())));
    }
    copying.from.each("", &mut |listed| match listed.path == layout::CONFIG {
        true => Ok(()),
        false => copying.copy(&listed.path),
    })?;
    if !data.shares_database() && from.join(DATABASE).is_file() {
        copy_private(&from.join(DATABASE), &data.database())?;
    }
    if brings_keys {
        Keys::load(&from.join(KEYS))?.store(&data.keys())?;
        let signed = SignedHead { size: checkpoint.size(), root: *checkpoint.root() };
        Keys::load(&data.keys())?.note_signed(signed)?;
    }
    // What makes the folder a registry comes last.
    copying.copy(layout::CONFIG)?;
    let has_keys = !kept.is_empty()?;
    let signed = if has_keys { Keys::load(&data.keys())?.signed()? } else { None };
    let signed = signed.map(|signed| signed.size).filter(|size| *size > backup.size);
    Ok(Restored { backup, signed, has_keys })
}
