//! What the log proves: entries, the records of namespaces, and releases by both.

use super::{RegistryClient, Unproved};
use crate::error::Error;
use std::sync::Arc;
use vitte_package_core::index::{IndexEntry, VerifiedIndex};
use vitte_package_core::log::leaf::Leaf;
use vitte_package_core::log::proof::TlogProof;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::client::{ProvenRelease, Want};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::NamespaceChain;

impl RegistryClient {
    /// Brings together what proving several releases takes, log entries, namespaces and tiles, and proves them, for
    /// [`RegistryClient::prove_once`]. What does not check is left for that to tell.
    pub fn prove_ahead(&mut self, releases: &[Unproved]) {
        self.want_ahead(Want::Releases { releases: releases.to_vec(), anew: true });
    }

    /// Proves an artifact of an index file: its entry is in the log, says what the index says, and was signed by keys
    /// that might sign for the package there and are not revoked.
    ///
    /// # Errors
    /// `inclusion`, `leaf`, `index-line-digest`, `ns-chain`, `threshold`, `key-not-authorised`, `key-revoked`, `policy`.
    pub fn prove(&mut self, file: &Arc<VerifiedIndex>, entry: &IndexEntry) -> Result<ProvenRelease, Error> {
        self.prove_release(file, entry, true)
    }

    /// As [`RegistryClient::prove`], except that what this user's own client has proved before is not proved again:
    /// the same line of the index, under the same trust root and the same records of the namespace, in a log that has
    /// gone on since.
    ///
    /// # Errors
    /// As [`RegistryClient::prove`].
    pub fn prove_once(
        &mut self,
        file: &Arc<VerifiedIndex>,
        entry: &IndexEntry,
    ) -> Result<ProvenRelease, Error> {
        self.prove_release(file, entry, false)
    }

    fn prove_release(
        &mut self,
        file: &Arc<VerifiedIndex>,
        entry: &IndexEntry,
        anew: bool,
    ) -> Result<ProvenRelease, Error> {
        let releases = vec![(Arc::clone(file), entry.clone())];
        let reported = self.want(Want::Releases { releases, anew })?;
        match reported.releases.into_iter().find(|(log, _)| *log == entry.log) {
            Some((_, Ok(proven))) => Ok(proven),
            Some((_, Err(refusal))) => Err(self.refused(&refusal)),
            None => Err(self.not_reported(&layout::proof(&file.artifact(entry)))),
        }
    }

    /// Whether [`RegistryClient::prove_once`] would ask for nothing.
    ///
    /// # Errors
    /// Those of [`RegistryClient::namespace`].
    pub fn has_proved(&mut self, file: &VerifiedIndex, entry: &IndexEntry) -> Result<bool, Error> {
        if self.session.proofs().is_none_or(|proofs| proofs.is_empty()) {
            return Ok(false);
        }
        self.namespace(&file.package().namespace_or_none())?;
        Ok(self.session.has_proved(file, entry))
    }

    /// The records of a namespace, each proved to be in the log.
    ///
    /// # Errors
    /// `ns-chain`, `threshold`, `inclusion`, `leaf`.
    pub fn namespace(&mut self, namespace: &Namespace) -> Result<&NamespaceChain, Error> {
        if !matches!(self.session.namespace(namespace), Some(Ok(_))) {
            self.want(Want::Namespaces(vec![namespace.clone()]))?;
        }
        match self.session.namespace(namespace) {
            Some(Ok(chain)) => Ok(chain),
            Some(Err(refusal)) => Err(self.refused(refusal)),
            None => Err(self.not_reported(&layout::namespace(namespace))),
        }
    }

    /// An entry of the log, proved to be in it.
    ///
    /// # Errors
    /// `inclusion` when it is not, `leaf` when it is malformed.
    pub fn leaf(&mut self, index: u64) -> Result<Leaf, Error> {
        let bytes = self.entry(index)?;
        let leaf = Leaf::parse(&bytes)?;
        leaf.check_place(index, None)?;
        Ok(leaf)
    }

    /// The proof that the entry at `index` is in the log, to travel with a file.
    ///
    /// # Errors
    /// As [`RegistryClient::leaf`].
    pub fn tlog_proof(&mut self, index: u64) -> Result<TlogProof, Error> {
        let bytes = self.entry(index)?;
        self.session.tlog_proof(index, &bytes).map_err(|refusal| self.refused(&refusal))
    }

    fn entry(&mut self, index: u64) -> Result<Vec<u8>, Error> {
        match self.want(Want::Entries(vec![index]))?.entry {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(refusal)) => Err(self.refused(&refusal)),
            None => Err(self.not_reported(layout::CHECKPOINT)),
        }
    }
}
