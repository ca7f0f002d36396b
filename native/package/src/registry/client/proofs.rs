//! What the log proves: entries, the records of namespaces, and releases by both.

use super::{RegistryClient, about, layout_fault};
use crate::error::Error;
use crate::message::registry as text;
use crate::parallel;
use crate::registry::continuity::outdated;
use crate::registry::log_files::LogFiles;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::index::{IndexEntry, IndexFile};
use vitte_package_core::limits;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::log::proof::{Goal, TlogProof};
use vitte_package_core::log::tile::BundleId;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::client::judge::{
    check_records, check_remembered, judge_again, judge_entry,
};
use vitte_package_core::registry::client::{ProvenRelease, SeenRecord};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::NamespaceChain;

/// A release whose proof is wanted: the index file and its line.
pub type Unproved = (Arc<IndexFile>, IndexEntry);

impl RegistryClient {
    /// Brings together what proving several releases takes, log entries, namespaces and tiles, and proves them, for
    /// [`RegistryClient::prove_once`]. What does not check is left for that to tell.
    ///
    /// # Errors
    /// `inclusion` when one lies outside the log.
    pub fn prove_ahead(&mut self, releases: &[Unproved]) -> Result<(), Error> {
        self.prefetch_proofs(releases)?;
        let mut leaves = Vec::with_capacity(releases.len());
        for (file, entry) in releases {
            let namespace = file.package().namespace_or_none();
            let leaf = self.release_leaf(&file.artifact(entry), entry.log);
            if let (Ok(leaf), Ok(_)) = (leaf, self.namespace(&namespace)) {
                leaves.push((file, entry, leaf, namespace));
            }
        }
        let (trust, checkpoint, chains) = (&self.trust, &self.checkpoint, &self.chains);
        let judged = parallel::map(leaves, self.jobs, |(file, entry, leaf, namespace)| {
            let proven = judge_entry(trust, checkpoint, file, entry, &leaf, chains.get(&namespace)?).ok()?;
            Some((file, entry, namespace, proven.signers))
        });
        for (file, entry, namespace, signers) in judged.into_iter().flatten() {
            if let Some(chain) = self.chains.get(&namespace) {
                let bound = self.proved.bound(&namespace, chain, file, entry);
                self.proved.keep(bound, &signers);
            }
        }
        Ok(())
    }

    fn prefetch_proofs(&self, releases: &[Unproved]) -> Result<(), Error> {
        let bundles = self.bundles.want(releases.iter().map(|(_, entry)| entry.log));
        let single = releases.iter().filter(|(_, entry)| !self.bundles.wants(entry.log));
        let proof = |(file, entry): &Unproved| layout::proof(&file.artifact(entry));
        let mut wanted: BTreeMap<String, u64> =
            single.map(|release| (proof(release), limits::TLOG_PROOF_LEN as u64)).collect();
        let bundles = bundles.into_iter().filter_map(|index| BundleId::at(index, self.checkpoint.size()));
        wanted.extend(bundles.map(|id| (layout::bundle(id), layout::BUNDLE_LEN)));
        for namespace in releases.iter().map(|(file, _)| file.package().namespace_or_none()) {
            if !self.chains.contains_key(&namespace) {
                wanted.insert(layout::namespace(&namespace), limits::NAMESPACE_FILE_LEN as u64);
            }
        }
        let goals: Vec<Goal> = releases.iter().map(|(_, entry)| Goal::Leaf(entry.log)).collect();
        let tiles = self.tiles.needed(&goals)?;
        wanted.extend(tiles.into_iter().map(|id| (layout::tile(id), layout::TILE_LEN)));
        self.source.prefetch(&wanted.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Proves an artifact of an index file: its entry is in the log, says what the index says, and was signed by keys
    /// that might sign for the package there and are not revoked.
    ///
    /// # Errors
    /// `inclusion`, `leaf`, `index-line-digest`, `ns-chain`, `threshold`, `key-not-authorised`, `key-revoked`, `policy`.
    pub fn prove(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<ProvenRelease, Error> {
        let artifact = file.artifact(entry);
        let namespace = artifact.package.namespace_or_none();
        self.namespace(&namespace)?;
        if let Some(chain) = self.chains.get(&namespace) {
            let bound = self.proved.bound(&namespace, chain, file, entry);
            if let Some(signers) = self.proved.signers_now(&bound) {
                return Ok(judge_again(&self.trust, &self.checkpoint, file, entry, chain, signers)?);
            }
        }
        let leaf = self.release_leaf(&artifact, entry.log)?;
        let Some(chain) = self.chains.get(&namespace) else { return Err(layout_fault(&*self.source, "ns/")) };
        Ok(judge_entry(&self.trust, &self.checkpoint, file, entry, &leaf, chain)?)
    }

    /// As [`RegistryClient::prove`], except that what this user's own client has proved before is not proved again:
    /// the same line of the index, under the same trust root and the same records of the namespace, in a log that has
    /// gone on since.
    ///
    /// # Errors
    /// As [`RegistryClient::prove`].
    pub fn prove_once(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<ProvenRelease, Error> {
        let namespace = file.package().namespace_or_none();
        self.namespace(&namespace)?;
        let Some(chain) = self.chains.get(&namespace) else { return Err(layout_fault(&*self.source, "ns/")) };
        let bound = self.proved.bound(&namespace, chain, file, entry);
        if let Some(signers) = self.proved.signers(&bound, entry.log) {
            return Ok(judge_again(&self.trust, &self.checkpoint, file, entry, chain, signers)?);
        }
        let proven = self.prove(file, entry)?;
        self.proved.keep(bound, &proven.signers);
        Ok(proven)
    }

    /// Whether [`RegistryClient::prove_once`] would ask for nothing.
    ///
    /// # Errors
    /// Those of [`RegistryClient::namespace`].
    pub fn has_proved(&mut self, file: &IndexFile, entry: &IndexEntry) -> Result<bool, Error> {
        if self.proved.is_empty() {
            return Ok(false);
        }
        let namespace = file.package().namespace_or_none();
        self.namespace(&namespace)?;
        let Some(chain) = self.chains.get(&namespace) else { return Ok(false) };
        let bound = self.proved.bound(&namespace, chain, file, entry);
        Ok(self.proved.signers(&bound, entry.log).is_some())
    }

    /// Brings the files of several namespaces together, for [`RegistryClient::namespace`].
    pub fn prefetch_namespaces(&self, namespaces: &BTreeSet<Namespace>) {
        let unread = namespaces.iter().filter(|namespace| !self.chains.contains_key(*namespace));
        let file = |namespace: &Namespace| (layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
        let files: Vec<_> = unread.map(file).collect();
        self.source.prefetch(&files);
    }

    /// The records of a namespace, each proved to be in the log.
    ///
    /// # Errors
    /// `ns-chain`, `threshold`, `inclusion`, `leaf`.
    pub fn namespace(&mut self, namespace: &Namespace) -> Result<&NamespaceChain, Error> {
        if !self.chains.contains_key(namespace) {
            let chain = self.read_namespace(namespace)?;
            self.chains.insert(namespace.clone(), chain);
        }
        self.chains.get(namespace).ok_or_else(|| layout_fault(&*self.source, &layout::namespace(namespace)))
    }

    fn read_namespace(&mut self, namespace: &Namespace) -> Result<NamespaceChain, Error> {
        let path = layout::namespace(namespace);
        let bytes = self.source.read(&path, limits::NAMESPACE_FILE_LEN as u64)?;
        let is_absent = bytes.is_none();
        let bytes = bytes.unwrap_or_default();
        let parsed = NamespaceChain::parse(self.id().clone(), namespace.clone(), &bytes);
        let chain = parsed.map_err(|error| about(error.into(), &*self.source, &path))?;
        let seen = self.seen.namespaces.get(namespace.as_str());
        check_remembered(&chain, seen, is_absent, self.older.as_ref())
            .map_err(|error| about(error.into(), &*self.source, &path))?;
        let places: Vec<u64> = chain.records().map(|(index, ..)| index).collect();
        let records = chain.latest_index().map_or(0, |index| index.saturating_add(1));
        if records > self.checkpoint.size() {
            self.refresh()?;
        }
        if records > self.checkpoint.size() {
            let reason = text::copy_records_ahead(namespace.as_str(), records, self.checkpoint.size());
            return Err(about(outdated(reason), &*self.source, &path));
        }
        // The log still has what was proved to be in it: only its entries are not brought again.
        if !self.proved.has_records(namespace, &chain) {
            let leaves = places.into_iter().map(|index| self.leaf(index)).collect::<Result<Vec<_>, _>>()?;
            check_records(&chain, &leaves)?;
            self.proved.keep_records(namespace, &chain);
        }
        if let (Some(latest), Some(digest)) = (chain.latest(), chain.latest_digest()) {
            let seen = SeenRecord { seq: latest.seq, envelope: digest };
            self.seen.namespaces.insert(namespace.to_string(), seen);
        }
        self.source.believe(&path);
        Ok(chain)
    }

    /// The entry of a release. It is taken from the proof beside the archive where there is one, which is far smaller
    /// than a bundle, unless that was brought because many entries of it are wanted. What it says means nothing until it
    /// has been proved by the log's own tiles.
    fn release_leaf(&mut self, artifact: &Artifact, index: u64) -> Result<Leaf, Error> {
        if self.bundles.wants(index) {
            return self.leaf(index);
        }
        let path = layout::proof(artifact);
        let beside = self.source.read(&path, limits::TLOG_PROOF_LEN as u64)?;
        let told = beside.and_then(|bytes| TlogProof::parse(&bytes).ok());
        match told.as_ref().and_then(TlogProof::unproved_leaf) {
            Some(leaf) => {
                let leaf = self.proved_leaf(index, leaf)?;
                self.source.believe(&path);
                Ok(leaf)
            }
            None => self.leaf(index),
        }
    }

    fn log_files(&self) -> LogFiles<'_> {
        LogFiles::sharing(&*self.source, self.checkpoint.size(), &self.bundles).in_older_copy(self.served())
    }

    /// Proves that the log has this entry at this place.
    fn proved_leaf(&mut self, index: u64, bytes: &[u8]) -> Result<Leaf, Error> {
        let served = self.served();
        let files = LogFiles::sharing(&*self.source, self.checkpoint.size(), &self.bundles);
        files.in_older_copy(served).prove(&mut self.tiles, &[Goal::Leaf(index)])?;
        self.tiles.check_leaf(index, bytes)?;
        let leaf = Leaf::parse(bytes)?;
        leaf.check_place(index, None)?;
        Ok(leaf)
    }

    /// An entry of the log, proved to be in it.
    ///
    /// # Errors
    /// `inclusion` when it is not, `leaf` when it is malformed.
    pub fn leaf(&mut self, index: u64) -> Result<Leaf, Error> {
        let bytes = self.log_files().entry(index)?;
        self.proved_leaf(index, &bytes)
    }

    /// The proof that the entry at `index` is in the log, to travel with a file.
    ///
    /// # Errors
    /// As [`RegistryClient::leaf`].
    pub fn tlog_proof(&mut self, index: u64) -> Result<TlogProof, Error> {
        self.leaf(index)?;
        let bytes = self.log_files().entry(index)?;
        Ok(TlogProof::new(&bytes, index, self.tiles.inclusion(index)?, self.checkpoint.bytes()))
    }
}
