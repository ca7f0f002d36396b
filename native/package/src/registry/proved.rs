//! What this user's own client has proved of a registry, so that it need not prove it again:
//! `$VITTE_HOME/trust/<registry>/proved`.
//!
//! Nothing is believed here that was not checked: a line is the digest of everything a check looked at, and says that
//! the check passed. Other bytes have another digest. The file may be deleted at any time, and one that cannot be read
//! counts as empty. It stands beside the pinned trust root since whoever can write there can do worse.

use crate::error::Error;
use crate::fs::{self, Access};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::index::{IndexEntry, IndexFile};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::VerifiedTrustRoot;
use vitte_package_core::sign::{KeyId, NamespaceChain};

pub(super) const FILE: &str = "proved";
const MAGIC: &str = "vitte-proved 1";
/// Bytes of the file at most.
const LEN: u64 = 64 * 1024 * 1024;
/// Lines of one kind at most; when there would be more, only those of this run are kept.
const LINES: usize = 200_000;

/// Index notes whose signatures were checked and releases whose proofs were, under one trust root.
#[derive(Debug)]
pub struct Proved {
    /// Digest of the trust root: under another one everything is proved anew.
    trust: Digest,
    /// The log that the proofs were made in had at least so many leaves.
    size: u64,
    /// By package, the digest of the newest index note.
    notes: HashMap<String, Digest>,
    /// By namespace, the digest of the records that were proved to be in the log.
    records: BTreeMap<Namespace, Digest>,
    /// By everything that was judged, who signed.
    releases: HashMap<Digest, BTreeSet<KeyId>>,
    /// Digest of the records of each namespace that was asked about.
    chains: BTreeMap<Namespace, Digest>,
    /// Releases proved in this run, in the log as it is now.
    fresh: HashSet<Digest>,
    is_new: bool,
}

/// An index note, and whether its signature was checked before.
#[derive(Debug)]
pub struct KnownNote {
    package: String,
    digest: Digest,
    known: bool,
}

impl KnownNote {
    /// Whether these very bytes were checked.
    pub fn is_known(&self) -> bool {
        self.known
    }
}

impl Proved {
    /// Nothing was proved yet.
    pub fn nothing(trust: &VerifiedTrustRoot) -> Self {
        Self {
            trust: trust.digest(),
            size: 0,
            notes: HashMap::new(),
            records: BTreeMap::new(),
            releases: HashMap::new(),
            chains: BTreeMap::new(),
            fresh: HashSet::new(),
            is_new: false,
        }
    }

    /// What was proved under this trust root, in a log that had `size` leaves when it was last seen.
    pub fn read(folder: &Path, trust: &VerifiedTrustRoot, size: u64) -> Self {
        let text = fs::read_text_if_there(&folder.join(FILE), LEN).ok().flatten().unwrap_or_default();
        let proved = Self { size, ..Self::nothing(trust) };
        proved.take(&text).unwrap_or_else(|| Self::nothing(trust))
    }

    fn take(mut self, text: &str) -> Option<Self> {
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

    /// Whether nothing at all was proved before.
    pub fn is_empty(&self) -> bool {
        self.releases.is_empty()
    }

    /// Looks an index note up.
    pub fn note(&self, package: &PackageName, bytes: &[u8]) -> KnownNote {
        let digest = Digest::of(bytes);
        let known = self.notes.get(package.as_str()) == Some(&digest);
        KnownNote { package: package.to_string(), digest, known }
    }

    /// The signature of this note was checked, and everything else about it.
    pub fn keep_note(&mut self, note: KnownNote) {
        if !note.known {
            self.is_new = true;
            self.notes.insert(note.package, note.digest);
        }
    }

    /// Whether these very records of a namespace, in these places, were proved to be in the log when it was seen last.
    pub fn has_records(&self, namespace: &Namespace, chain: &NamespaceChain) -> bool {
        chain.latest_index().is_some_and(|latest| latest < self.size)
            && self.records.get(namespace) == Some(&digest_of(chain))
    }

    /// The records of a namespace were proved to be in the log as it is now.
    pub fn keep_records(&mut self, namespace: &Namespace, chain: &NamespaceChain) {
        let digest = digest_of(chain);
        self.is_new |= self.records.insert(namespace.clone(), digest) != Some(digest);
    }

    /// The digest of everything that is looked at when a release is judged: trust root, records of the namespace, and
    /// what the index says that the log has to say too.
    pub fn bound(
        &mut self,
        namespace: &Namespace,
        chain: &NamespaceChain,
        file: &IndexFile,
        entry: &IndexEntry,
    ) -> Digest {
        let records = *self.chains.entry(namespace.clone()).or_insert_with(|| digest_of(chain));
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

    /// Who signed what `bound` stands for, if it was judged before. `log` is its place: a log that was never seen so
    /// long proves nothing about it.
    pub fn signers(&self, bound: &Digest, log: u64) -> Option<BTreeSet<KeyId>> {
        self.releases.get(bound).filter(|_| log < self.size || self.fresh.contains(bound)).cloned()
    }

    /// As [`Proved::signers`], if it was judged in this run.
    pub fn signers_now(&self, bound: &Digest) -> Option<BTreeSet<KeyId>> {
        self.releases.get(bound).filter(|_| self.fresh.contains(bound)).cloned()
    }

    /// A release was proved, in the log as it is now.
    pub fn keep(&mut self, bound: Digest, signers: &BTreeSet<KeyId>) {
        self.is_new = true;
        self.fresh.insert(bound);
        self.releases.insert(bound, signers.clone());
    }

    /// Writes the file, if there is anything new. To be called after what the log was has been remembered.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        if !self.is_new || self.notes.len() > LINES || self.releases.len() > LINES {
            return Ok(());
        }
        let mut lines = Vec::with_capacity(self.notes.len() + self.releases.len());
        lines.extend(self.notes.iter().map(|(package, digest)| format!("note {package} {digest}\n")));
        lines
            .extend(self.records.iter().map(|(namespace, digest)| format!("records {namespace} {digest}\n")));
        for (bound, signers) in &self.releases {
            let signers: String = signers.iter().map(|signer| format!(" {signer}")).collect();
            lines.push(format!("release {bound}{signers}\n"));
        }
        lines.sort_unstable();
        let text = format!("{MAGIC} {}\n{}", self.trust, lines.concat());
        fs::write_atomic(&folder.join(FILE), text.as_bytes(), Access::Private)
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
