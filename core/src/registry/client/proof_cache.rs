//! What a client has proved of a registry, so that it need not prove it again.
//!
//! Nothing is trusted here that was not checked: a line is the digest of everything a check looked at, and says that
//! the check passed. Other bytes have another digest. The text may be lost at any time, and one that cannot be read
//! counts as empty. Whoever keeps it must keep it as safe as the pinned trust root.

use super::table::Table;
use crate::digest::{Digest, Hasher};
use crate::index::{IndexEntry, VerifiedIndex};
use crate::name::{Namespace, PackageName};
use crate::registry::VerifiedTrustRoot;
use crate::sign::{KeyId, NamespaceChain};
use std::collections::BTreeSet;

const MAGIC: &str = "vitte-proved 1";
/// Lines of one kind at most; when there would be more, nothing is written.
const LINES: usize = 200_000;

/// Index notes whose signatures were checked and releases whose proofs were, under one trust root.
#[derive(Clone, Debug)]
pub struct ProofCache {
    /// Digest of the trust root: under another one everything is proved anew.
    trust: Digest,
    /// The log that the proofs were made in had at least so many leaves.
    size: u64,
    /// By package, the digest of the newest index note.
    notes: Table<String, Digest>,
    /// By namespace, the digest of the records that were proved to be in the log.
    records: Table<Namespace, Digest>,
    /// By everything that was judged in earlier runs, who signed.
    releases: Table<Digest, Vec<KeyId>>,
    /// The same of this run, in the log as it is now.
    fresh: Table<Digest, Vec<KeyId>>,
    /// Digest of the records of each namespace that was asked about.
    chains: Table<Namespace, Digest>,
    is_new: bool,
}

impl ProofCache {
    /// Nothing was proved yet.
    pub fn empty(trust: &VerifiedTrustRoot) -> Self {
        Self {
            trust: trust.digest(),
            size: 0,
            notes: Table::default(),
            records: Table::default(),
            releases: Table::default(),
            fresh: Table::default(),
            chains: Table::default(),
            is_new: false,
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote: what was proved under this trust root, in a log that had `size`
    /// leaves when it was last seen.
    pub fn parse(text: &str, trust: &VerifiedTrustRoot, size: u64) -> Self {
        let cache = Self { size, ..Self::empty(trust) };
        cache.read(text).unwrap_or_else(|| Self::empty(trust))
    }

    fn read(mut self, text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let head = format!("{MAGIC} {}", self.trust);
        if lines.next()? != head {
            return None;
        }
        for line in lines {
            let mut words = line.split(' ');
            match (words.next()?, words.next()?) {
                ("note", package) => {
                    self.notes.insert(package.to_owned(), Digest::from_hex(words.next()?).ok()?);
                }
                ("records", namespace) => {
                    let namespace = Namespace::parse(namespace).ok()?;
                    self.records.insert(namespace, Digest::from_hex(words.next()?).ok()?);
                }
                ("release", digest) => {
                    let signers = words.map(|word| KeyId::parse(word).ok()).collect::<Option<_>>()?;
                    self.releases.insert(Digest::from_hex(digest).ok()?, signers);
                }
                _ => return None,
            }
        }
        Some(self)
    }

    /// The text to keep, if there is anything new. To be written after what the log was has been remembered.
    pub fn to_text(&self) -> Option<String> {
        if !self.is_new || self.notes.len() > LINES || self.releases.len() + self.fresh.len() > LINES {
            return None;
        }
        let mut lines = Vec::with_capacity(self.notes.len() + self.releases.len());
        lines.extend(self.notes.iter().map(|(package, digest)| format!("note {package} {digest}\n")));
        let records = self.records.iter();
        lines.extend(records.map(|(namespace, digest)| format!("records {namespace} {digest}\n")));
        let earlier = self.releases.iter().filter(|(fingerprint, _)| !self.fresh.contains(*fingerprint));
        for (fingerprint, signers) in earlier.chain(self.fresh.iter()) {
            let signers: String = signers.iter().map(|signer| format!(" {signer}")).collect();
            lines.push(format!("release {fingerprint}{signers}\n"));
        }
        lines.sort_unstable();
        Some(format!("{MAGIC} {}\n{}", self.trust, lines.concat()))
    }

    /// Whether no release was proved before.
    pub fn is_empty(&self) -> bool {
        self.releases.len() == 0 && self.fresh.len() == 0
    }

    /// Digest of the newest index note of a package whose signature was checked.
    pub(super) fn note(&self, package: &PackageName) -> Option<Digest> {
        self.notes.get(package.as_str()).copied()
    }

    /// The signature of a note was checked, and everything else about it.
    pub(super) fn record_note(&mut self, package: &PackageName, note: Digest) {
        let before = self.notes.insert(package.to_string(), note);
        self.is_new |= before != Some(note);
    }

    /// Whether these very records of a namespace, in these places, were proved to be in the log when it was seen last.
    pub(super) fn has_records(&self, chain: &NamespaceChain) -> bool {
        chain.latest_index().is_some_and(|latest| latest < self.size)
            && self.records.get(chain.namespace()) == Some(&digest_of(chain))
    }

    /// The records of a namespace were proved to be in the log as it is now.
    pub(super) fn record_chain(&mut self, chain: &NamespaceChain) {
        let digest = digest_of(chain);
        self.is_new |= self.records.insert(chain.namespace().clone(), digest) != Some(digest);
    }

    /// The digest of everything that is looked at when a release is judged: trust root, records of the namespace, and
    /// what the index says that the log has to say too.
    pub(super) fn fingerprint(
        &mut self,
        namespace: &Namespace,
        chain: &NamespaceChain,
        file: &VerifiedIndex,
        entry: &IndexEntry,
    ) -> Digest {
        let known = self.chains.get(namespace).copied();
        let records = known.unwrap_or_else(|| digest_of(chain));
        if known.is_none() {
            self.chains.insert(namespace.clone(), records);
        }
        let package = file.package().as_str();
        let mut hasher = Hasher::new();
        hasher.update(self.trust.as_bytes());
        hasher.update(records.as_bytes());
        hasher.update(&(package.len() as u64).to_le_bytes());
        hasher.update(package.as_bytes());
        hasher.update(&entry.log.to_le_bytes());
        hasher.update(&entry.time.to_le_bytes());
        // The last, since it has no length of its own: version, kind, target, tree digest and all that was signed.
        hasher.update(entry.core.raw().as_bytes());
        hasher.finish()
    }

    /// Who signed the release with this fingerprint, if it was judged before. `log` is its place: a log that was never
    /// seen so long proves nothing about it.
    pub(super) fn signers(&self, fingerprint: &Digest, log: u64) -> Option<&[KeyId]> {
        let earlier = || self.releases.get(fingerprint).filter(|_| log < self.size);
        self.fresh.get(fingerprint).or_else(earlier).map(Vec::as_slice)
    }

    /// As [`Self::signers`], if it was judged in this run.
    pub(super) fn fresh_signers(&self, fingerprint: &Digest) -> Option<&[KeyId]> {
        self.fresh.get(fingerprint).map(Vec::as_slice)
    }

    /// A release was proved, in the log as it is now.
    pub(super) fn record(&mut self, fingerprint: Digest, signers: &BTreeSet<KeyId>) {
        self.is_new = true;
        self.fresh.insert(fingerprint, signers.iter().copied().collect());
    }
}

/// The digest of the records of a namespace and their places in the log.
fn digest_of(chain: &NamespaceChain) -> Digest {
    let mut hasher = Hasher::new();
    for (log, _, envelope) in chain.records() {
        hasher.update(&log.to_le_bytes());
        hasher.update(Digest::of(envelope.as_bytes()).as_bytes());
    }
    hasher.finish()
}
