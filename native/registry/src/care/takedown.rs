//! Archives that the operator removes. Log entry, proof and index line stay: no client is shown another history.

use super::words;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::sequencer::newest_trust_root;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::limits;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::layout;
use vitte_package_core::registry::removal::{REMOVAL_LEN, Removal};
use vitte_package_core::sign::StatusAction;
use vitte_package_core::version::Version;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenDown {
    pub(crate) archives: u64,
    pub(crate) bytes: u64,
    /// Whether its author has yanked it, so that nobody is led to it who does not have it.
    pub(crate) is_yanked: bool,
}

/// Removes the archives of a release. The record of each is there before its archive goes: stopped at any moment and run
/// again, it ends in the same. An archive that was removed before keeps its record.
pub(crate) fn take_down(
    data: &Data,
    package: &PackageName,
    version: &Version,
    removal: Removal,
) -> Result<TakenDown> {
    let files = data.public()?;
    let trust = newest_trust_root(&files, &data.registry()?)?;
    let missing = || Error::new(Code::NotFound, words::takedown_missing(&format!("{package}@{version}")));
    let bytes = files.read(&layout::index(package), limits::INDEX_LEN as u64)?.ok_or_else(missing)?;
    let index = VerifiedIndex::open(&bytes, &trust.root().index, package).map_err(|error| {
        use vitte_package_core::diagnostic::Diagnose as _;
        Error::from(error.diagnostic())
    })?;
    let entries = index.entries().iter().filter(|entry| entry.core.version == *version);
    let entries: Vec<_> = entries.collect();
    let is_yanked = entries
        .iter()
        .all(|entry| entry.status.as_ref().is_some_and(|status| status.change.action == StatusAction::Yank));
    let artifacts: Vec<Artifact> = entries.iter().map(|entry| index.artifact(entry)).collect();
    if artifacts.is_empty() {
        return Err(missing());
    }
    let mut taken = TakenDown { is_yanked, ..TakenDown::default() };
    for artifact in &artifacts {
        let path = layout::archive(artifact);
        if removed(&files, artifact)?.is_none() {
            files.write(&layout::removal(artifact), &removal.to_bytes())?;
        }
        if let Some(stored) = files.find(&path)? {
            files.delete(&path)?;
            taken.archives += 1;
            taken.bytes += stored.len;
        }
        // The deltas that lead to it have what is in it.
        files.delete(&layout::deltas(artifact))?;
        let mut deltas = Vec::new();
        files.each(&format!("{path}{}", layout::DELTA), &mut |listed| {
            deltas.push(listed.path);
            Ok(())
        })?;
        for delta in deltas {
            files.delete(&delta)?;
        }
    }
    Ok(taken)
}

/// The record of an archive that was removed.
pub(super) fn removed(files: &Objects, artifact: &Artifact) -> Result<Option<Removal>> {
    let record = files.read(&layout::removal(artifact), REMOVAL_LEN)?;
    Ok(record.map(|bytes| Removal::parse(&bytes)).transpose()?)
}
