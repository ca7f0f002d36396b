//! What programs read: the envelope around every answer of `--json`, the events of `--progress json`, and the
//! parts that the answers of several commands have in common. The rest of an answer is a type next to its command.
//!
//! Each type has a JSON Schema in `native/package/schemas`, made from it and compared with it by `schemas`. What is
//! printed has the members in alphabetical order, whatever the order here.

mod envelope;
mod event;
#[cfg(test)]
mod schemas;

pub(crate) use envelope::{Diagnostic, Envelope};
pub(crate) use event::Event;

use serde::Serialize;
use std::path::Path;
use vitte_package::manifest_edit::Edited;
use vitte_package::ops::prove;
use vitte_package::ops::sections::SectionHere;
use vitte_package::store;
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::{KeyId, RegistryId, StatusAction};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// A line of the manifest that was written or removed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ManifestLine<'a> {
    /// The table it stands in, as its heading has it.
    table: &'a str,
    /// The line, without its comment.
    line: &'a str,
}

impl<'a> ManifestLine<'a> {
    pub(crate) fn all(edited: &'a [Edited]) -> Vec<Self> {
        edited.iter().map(|edited| Self { table: &edited.table, line: &edited.line }).collect()
    }
}

/// What became of a package in the lockfile.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LockChange<'a> {
    /// The package.
    pub(crate) package: &'a PackageName,
    /// The version before; none if it was not locked.
    pub(crate) from: Option<&'a Version>,
    /// The version now; none if it is locked no more.
    pub(crate) to: Option<&'a Version>,
}

/// What a lockfile is like after a command.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Locked<'a> {
    /// Whether the lockfile was written.
    pub(crate) written: bool,
    /// How many packages it locks, without those of the project itself.
    pub(crate) packages: usize,
    /// What changed in it, or would have.
    pub(crate) changes: Vec<LockChange<'a>>,
    /// Bytes that were not fetched, because deltas came in place of whole packages.
    pub(crate) saved: u64,
}

/// A release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Release<'a> {
    /// The package.
    pub(crate) package: &'a PackageName,
    /// Its version.
    pub(crate) version: &'a Version,
}

/// A deferred section of a package, and where it is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SectionRow<'a> {
    /// Its name.
    section: &'a str,
    /// Bytes of its files.
    bytes: u64,
    /// The folder with its files; null while it is not there.
    folder: Option<&'a Path>,
    /// Whether it came now.
    brought: bool,
    /// Bytes of the archive that were fetched for it; null where it was all of them, or none.
    fetched: Option<u64>,
}

impl<'a> From<&'a SectionHere> for SectionRow<'a> {
    fn from(here: &'a SectionHere) -> Self {
        Self {
            section: here.name.as_str(),
            bytes: here.bytes,
            folder: Some(&here.folder),
            brought: here.brought,
            fetched: here.transfer.map(|transfer| transfer.bytes),
        }
    }
}

impl<'a> From<&'a store::DeferredSection> for SectionRow<'a> {
    fn from(section: &'a store::DeferredSection) -> Self {
        Self {
            section: section.name.as_str(),
            bytes: section.bytes,
            folder: section.folder.as_deref(),
            brought: false,
            fetched: None,
        }
    }
}

/// An artifact that is installed for this user.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Installed<'a> {
    /// The package.
    package: &'a PackageName,
    /// Its version.
    version: &'a Version,
    /// What was installed.
    kind: Kind,
    /// What it is for.
    target: &'a Target,
    /// Its identity.
    tree: TreeDigest,
    /// The registry it came from; none for a file.
    registry: Option<&'a str>,
    /// Ids of the keys that signed it.
    signers: &'a [KeyId],
    /// Its programs, by name.
    programs: Vec<&'a str>,
}

impl<'a> From<&'a store::StoredRelease> for Installed<'a> {
    fn from(release: &'a store::StoredRelease) -> Self {
        Self {
            package: &release.package,
            version: &release.version,
            kind: release.kind,
            target: &release.target,
            tree: release.tree,
            registry: release.registry.as_deref(),
            signers: &release.signers,
            programs: release.programs.keys().map(String::as_str).collect(),
        }
    }
}

/// What a registry's log proves of a release.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LogProof<'a> {
    /// The registry.
    registry: &'a RegistryId,
    /// The log entry.
    log: u64,
    /// When it was logged, in seconds since 1970.
    time: u64,
    /// How many entries the log has.
    size: u64,
    /// The root of the log.
    root: Digest,
    /// Ids of the keys that signed the release.
    signers: &'a [KeyId],
    /// Whether others have signed the log as well.
    witnessed: bool,
    /// What was said of the release later.
    status: Option<StatusAction>,
}

impl<'a> From<&'a prove::LogProof> for LogProof<'a> {
    fn from(proof: &'a prove::LogProof) -> Self {
        Self {
            registry: &proof.registry,
            log: proof.log,
            time: proof.time,
            size: proof.size,
            root: proof.root,
            signers: &proof.signers,
            witnessed: proof.witnessed,
            status: proof.status.as_ref().map(|status| status.action),
        }
    }
}
