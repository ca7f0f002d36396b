//! The files of a registry that were read for one batch, and those that are still to be read.
//!
//! Everything that decides what is written looks here, so each file is read and checked once. A file that is not here
//! yet is listed in [`Snapshot::needs`], and the caller looks again when it was supplied: the shape plan, supply, check.

use super::client::FileNeed;
use super::commit::Step;
use super::error::WriteError;
use super::layout;
use super::trust_root::VerifiedTrustRoot;
use crate::digest::{Digest, TreeDigest};
use crate::index::VerifiedIndex;
use crate::limits;
use crate::log::leaf::{Artifact, Leaf, Subject};
use crate::log::note::IndexKey;
use crate::log::proof::{Goal, LogTiles};
use crate::log::tile::{self, BundleId, TileId};
use crate::name::{Namespace, PackageName};
use crate::sign::{NamespaceChain, RegistryId};
use crate::version::Version;
use std::collections::BTreeMap;
use std::task::{Poll, ready};

/// What an index line says besides what the log says. It follows from the archive alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// The `core` of its index line.
    pub core: String,
    /// Its head digest.
    pub head: Digest,
    /// Digest of the whole file.
    pub file: Digest,
    /// Bytes of the file.
    pub size: u64,
}

/// Files by path. `None` stands for one that the registry does not have.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    files: BTreeMap<String, Option<Vec<u8>>>,
    needs: BTreeMap<String, u64>,
    indexes: BTreeMap<PackageName, Option<VerifiedIndex>>,
    /// The keys that the signatures of `indexes` were checked by.
    index_keys: Vec<IndexKey>,
    archives: BTreeMap<Artifact, ArchiveFacts>,
    archive_needs: BTreeMap<Artifact, TreeDigest>,
    /// The bundle that was read last: leaves are mostly read one after the other.
    bundle: Option<(BundleId, Vec<Vec<u8>>)>,
}

impl Snapshot {
    /// Nothing was read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The files to supply now, each once.
    pub fn needs(&self) -> Vec<FileNeed> {
        self.needs.iter().map(|(path, limit)| FileNeed { path: path.clone(), limit: *limit }).collect()
    }

    /// Supplies a file; `None` when the registry does not have it.
    pub fn supply(&mut self, path: &str, file: Option<Vec<u8>>) {
        self.needs.remove(path);
        self.files.insert(path.to_owned(), file);
    }

    /// The archives whose facts are to be supplied now: they are in the registry and in its log.
    pub fn archive_needs(&self) -> impl Iterator<Item = (&Artifact, &TreeDigest)> {
        self.archive_needs.iter()
    }

    /// Supplies the facts of an archive that was verified.
    pub fn supply_archive(&mut self, artifact: Artifact, facts: ArchiveFacts) {
        self.archive_needs.remove(&artifact);
        self.archives.insert(artifact, facts);
    }

    /// Takes in a step that was applied to the registry.
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::Put { path, bytes } => self.put(path, bytes.clone()),
            Step::Publish { checkpoint } => self.put(layout::CHECKPOINT, checkpoint.clone()),
            Step::Prune { prefix } => {
                let below = format!("{prefix}/");
                self.files.retain(|path, _| path != prefix && !path.starts_with(&below));
            }
            Step::Intent(_) => {}
        }
    }

    fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.forget_index(path);
        self.bundle = None;
        self.supply(path, Some(bytes));
    }

    /// Forgets a file that is not looked at again.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
        self.forget_index(path);
    }

    /// Forgets what was read from a file, if it is an index file.
    fn forget_index(&mut self, path: &str) {
        if let Some(package) = layout::package_of_index(path) {
            self.indexes.remove(&package);
        }
    }

    /// A file, at most `limit` bytes of it.
    pub(super) fn file(&mut self, path: &str, limit: u64) -> Poll<Option<&[u8]>> {
        if !self.files.contains_key(path) {
            self.needs.insert(path.to_owned(), limit);
            return Poll::Pending;
        }
        Poll::Ready(self.files.get(path).and_then(Option::as_deref))
    }

    /// Asks for files that will be looked at, so that they are brought in one round. Whether all are there.
    pub(super) fn want(&mut self, files: impl IntoIterator<Item = (String, u64)>) -> Poll<()> {
        let mut whole = Poll::Ready(());
        for (path, limit) in files {
            if self.file(&path, limit).is_pending() {
                whole = Poll::Pending;
            }
        }
        whole
    }

    /// The first of two files that the registry has.
    fn either(&mut self, paths: [String; 2], limit: u64) -> Poll<Result<&[u8], WriteError>> {
        let [first, second] = paths;
        let path = if ready!(self.file(&first, limit)).is_some() { &first } else { &second };
        match ready!(self.file(path, limit)) {
            Some(bytes) => Poll::Ready(Ok(bytes)),
            None => Poll::Ready(Err(WriteError::Missing { path: first })),
        }
    }

    /// The bytes of a tile; of the full one where a partial one is gone. Nothing is checked.
    pub(super) fn tile(&mut self, id: TileId) -> Poll<Result<Vec<u8>, WriteError>> {
        let paths = [layout::tile(id), layout::tile(id.full())];
        let bytes = ready!(self.either(paths, layout::TILE_LEN))?;
        let width = usize::from(id.width()) * 32;
        Poll::Ready(Ok(bytes.get(..width).unwrap_or(bytes).to_vec()))
    }

    /// Supplies and checks the tiles that `goals` need.
    pub(super) fn prove(&mut self, tiles: &mut LogTiles, goals: &[Goal]) -> Poll<Result<(), WriteError>> {
        let needed = tiles.needed(goals)?;
        ready!(self.want(needed.iter().map(|id| (layout::tile(*id), layout::TILE_LEN))));
        for id in needed {
            tiles.supply(id, &ready!(self.tile(id))?)?;
        }
        tiles.check()?;
        Poll::Ready(Ok(()))
    }

    /// The entries of a bundle of a log of `size` leaves.
    pub(super) fn bundle(&mut self, index: u64, size: u64) -> Poll<Result<Vec<Vec<u8>>, WriteError>> {
        let Some(id) = BundleId::at(index, size) else {
            return Poll::Ready(Err(WriteError::Missing {
                path: format!("log entry {}", index * tile::WIDTH),
            }));
        };
        let path = layout::bundle(id);
        let bytes = ready!(self.either([path.clone(), layout::bundle(id.full())], layout::BUNDLE_LEN))?;
        let entries =
            tile::parse_bundle(id, bytes).map_err(|error| WriteError::from(error).in_file(&path))?;
        Poll::Ready(Ok(entries.into_iter().map(<[u8]>::to_vec).collect()))
    }

    /// The entry at `index` of a log of `size` leaves.
    pub(super) fn entry(&mut self, index: u64, size: u64) -> Poll<Result<Vec<u8>, WriteError>> {
        let missing = || WriteError::Missing { path: format!("log entry {index}") };
        let id = BundleId::at(index / tile::WIDTH, size).ok_or_else(missing)?;
        if self.bundle.as_ref().is_none_or(|(known, _)| *known != id) {
            self.bundle = Some((id, ready!(self.bundle(id.index(), size))?));
        }
        let entry = self.bundle.as_ref().and_then(|(_, entries)| entries.get((index % tile::WIDTH) as usize));
        Poll::Ready(entry.cloned().ok_or_else(missing))
    }

    /// How many status records a version has in a log of `size` leaves.
    ///
    /// # Errors
    /// As [`Snapshot::index`]; [`WriteError::Missing`] when the log is not all there.
    pub fn status_records(
        &mut self,
        trust: &VerifiedTrustRoot,
        size: u64,
        package: &PackageName,
        version: &Version,
    ) -> Poll<Result<u64, WriteError>> {
        let (mut next, mut count) = (ready!(self.last_leaf(trust, package))?, 0);
        while let Some(index) = next {
            let leaf = Leaf::parse(&ready!(self.entry(index, size))?)?;
            count += u64::from(matches!(&leaf.subject, Subject::Status { version: of, .. } if of == version));
            next = leaf.prev.filter(|prev| *prev < index);
        }
        Poll::Ready(Ok(count))
    }

    /// The index file of a package, its signature checked.
    ///
    /// # Errors
    /// [`WriteError::File`] when it is not signed by the registry or malformed.
    pub fn index(
        &mut self,
        trust: &VerifiedTrustRoot,
        package: &PackageName,
    ) -> Poll<Result<Option<&VerifiedIndex>, WriteError>> {
        let keys = &trust.root().index;
        if self.index_keys != *keys {
            self.indexes.clear();
            self.index_keys.clone_from(keys);
        }
        if !self.indexes.contains_key(package) {
            let path = layout::index(package);
            let bytes = ready!(self.file(&path, limits::INDEX_LEN as u64));
            let file = match bytes {
                Some(bytes) => Some(
                    VerifiedIndex::open(bytes, keys, package)
                        .map_err(|error| WriteError::from(error).in_file(&path))?,
                ),
                None => None,
            };
            self.indexes.insert(package.clone(), file);
        }
        Poll::Ready(Ok(self.indexes.get(package).and_then(Option::as_ref)))
    }

    /// The records of a namespace; none when there is no such namespace.
    ///
    /// # Errors
    /// [`WriteError::File`] when the records do not form a chain.
    pub fn chain(
        &mut self,
        registry: &RegistryId,
        namespace: &Namespace,
    ) -> Poll<Result<NamespaceChain, WriteError>> {
        let path = layout::namespace(namespace);
        let bytes = ready!(self.file(&path, limits::NAMESPACE_FILE_LEN as u64)).unwrap_or_default();
        let chain = NamespaceChain::parse(registry.clone(), namespace.clone(), bytes);
        Poll::Ready(chain.map_err(|error| WriteError::from(error).in_file(&path)))
    }

    /// The last leaf of a package, a release or a status: the line of a package whose status was undone does not say.
    ///
    /// # Errors
    /// As [`Snapshot::index`].
    pub fn last_leaf(
        &mut self,
        trust: &VerifiedTrustRoot,
        package: &PackageName,
    ) -> Poll<Result<Option<u64>, WriteError>> {
        let noted = ready!(self.number(&layout::last_leaf(package)));
        let indexed = ready!(self.index(trust, package))?.and_then(|file| file.last_leaf());
        Poll::Ready(Ok(noted.max(indexed)))
    }

    /// How many leaves the files that follow from the log have taken in; `None` when that is not known, as in a copy.
    pub fn derived_size(&mut self) -> Poll<Option<u64>> {
        self.number(layout::DERIVED)
    }

    fn number(&mut self, path: &str) -> Poll<Option<u64>> {
        let bytes = ready!(self.file(path, 64)).unwrap_or_default();
        Poll::Ready(std::str::from_utf8(bytes).ok().and_then(|text| text.trim_end().parse().ok()))
    }

    /// The facts of an archive.
    pub(super) fn archive(&mut self, artifact: &Artifact, tree: &TreeDigest) -> Poll<&ArchiveFacts> {
        if !self.archives.contains_key(artifact) {
            self.archive_needs.insert(artifact.clone(), *tree);
        }
        self.archives.get(artifact).map_or(Poll::Pending, Poll::Ready)
    }
}
