//! An archive made of a delta and of an older release that the store holds, instead of being downloaded.
//!
//! What comes of it is an archive like any other, and is verified as one: a delta can only be of no use, never do harm.
//! Whatever is wrong with it, the whole archive is downloaded instead.

use super::client::RegistryClient;
use super::source::{ArchiveRequest, Transfer};
use crate::builder::{Options, Plan};
use crate::delta_file::{DeltaFile, OldFiles, inputs_of};
use crate::error::Error;
use crate::fs::TempDir;
use crate::message::delta as text;
use crate::report::{Silent, Work};
use crate::store::Store;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vitte_package_core::codec::{Codec, Profile};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::manifest::quick_facts;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{DeltaList, OfferedDelta, deltas, layout};
use vitte_package_core::verify::Sections;

/// Bytes of a delta that is fetched, at most: it is held in memory.
const FETCHED: u64 = 64 * 1024 * 1024;

/// Bytes that did not have to be fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// Packages that came as deltas.
    pub deltas: usize,
    /// Bytes of these.
    pub fetched: u64,
    /// Bytes of the archives in place of which they came, as the registry says.
    pub whole: u64,
    /// Bytes of archives that did not have to come, because the files in them were here or nobody asked for them.
    pub parts: u64,
}

impl Saved {
    /// Bytes that were not fetched.
    pub fn bytes(&self) -> u64 {
        self.whole.saturating_sub(self.fetched).saturating_add(self.parts)
    }

    /// What an archive of which parts came has saved.
    pub(super) fn by_parts(transfer: Option<Transfer>) -> Self {
        Self { parts: transfer.map_or(0, |transfer| transfer.saved()), ..Self::default() }
    }
}

impl std::ops::AddAssign for Saved {
    fn add_assign(&mut self, other: Self) {
        self.deltas += other.deltas;
        self.fetched = self.fetched.saturating_add(other.fetched);
        self.whole = self.whole.saturating_add(other.whole);
        self.parts = self.parts.saturating_add(other.parts);
    }
}

/// An archive that was made of a delta. It is gone when this is dropped.
#[derive(Debug)]
pub(super) struct ByDelta {
    folder: TempDir,
    /// What that has saved.
    pub(super) saved: Saved,
}

impl ByDelta {
    /// The archive.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("archive")
    }
}

impl RegistryClient {
    /// Makes an archive of a delta, where the registry has one from a release that the store holds. `None` where it has
    /// not, and where there is anything wrong with it: why is told to those who ask.
    pub(super) fn archive_by_delta(
        &self,
        wanted: &ArchiveRequest<'_>,
        store: &Store,
        work: Work<'_>,
    ) -> Option<ByDelta> {
        let has_deltas = self.config().features.iter().any(|feature| feature == deltas::FEATURE);
        // A delta leaves deferred sections out.
        let is_plain = wanted.unpack.sections == Sections::undeferred();
        if !has_deltas || !is_plain || !self.source().is_remote() {
            return None;
        }
        let package = &wanted.artifact.package;
        // A package that is new here has nothing that a delta could begin from.
        if !self.held(|| held(store)).contains(package) {
            return None;
        }
        match self.try_delta(wanted, store, work) {
            Ok(made) => made,
            Err(error) => {
                work.reporter.decided(text::not_used(package.as_str(), &error.to_string()));
                None
            }
        }
    }

    fn try_delta(
        &self,
        wanted: &ArchiveRequest<'_>,
        store: &Store,
        work: Work<'_>,
    ) -> Result<Option<ByDelta>, Error> {
        let artifact = wanted.artifact;
        let Some(list) = self.source().read(&layout::deltas(artifact), DeltaList::LEN)? else {
            return Ok(None);
        };
        let list = DeltaList::parse(&list)?;
        let path = wanted.path();
        let file = path.rsplit('/').next().unwrap_or_default();
        let serves = |delta: &&OfferedDelta| {
            delta.size <= FETCHED && delta.size < delta.whole && store.holds(&delta.from)
        };
        let Some(delta) = list.to(file, &wanted.tree).into_iter().find(serves) else { return Ok(None) };
        let Some(bytes) = self.source().read(&layout::delta(artifact, &delta.from), delta.size)? else {
            return Ok(None);
        };
        let saved = Saved { deltas: 1, fetched: bytes.len() as u64, whole: delta.whole, parts: 0 };
        let mut opened = DeltaFile::of(bytes)?;
        if opened.prelude().head().tree() != wanted.tree {
            return Err(Diagnostic::new(Code::TreeDigest, text::other_release()).into());
        }
        let Some(old) = store.find(&delta.from)? else { return Ok(None) };
        let tree = opened.new_tree(old.tree())?;
        let folder = store.temporary()?;
        let old_files = OldFiles { tree: old.tree(), folder: old.folder() };
        let places = opened.rebuild(&old_files, &tree, &folder.path().join("files"))?;
        // It is read once, and then gone: compressing it well would be of no use.
        let options =
            Options { kind: artifact.kind, codec: Codec::Lz4, profile: Profile::Build, jobs: work.jobs };
        let signatures = opened.prelude().signatures().to_vec();
        let archive = folder.path().join("archive");
        Plan::new(inputs_of(&tree, places))?.write(&archive, options, &Silent, |_| Ok(signatures))?;
        remove(&folder.path().join("files"));
        Ok(Some(ByDelta { folder, saved }))
    }
}

/// Makes room for what is unpacked now; what stays goes with the folder above.
fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}

/// The packages of which the store holds a release.
fn held(store: &Store) -> BTreeSet<PackageName> {
    let trees = store.packages().unwrap_or_default();
    let name = |manifest: String| quick_facts(&manifest).ok().map(|(name, _)| name);
    trees.iter().filter_map(|(tree, _)| store.manifest(tree).and_then(name)).collect()
}
