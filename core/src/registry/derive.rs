//! The files that follow from the log: index, namespaces, trust roots, proofs.
//!
//! They are made by folding the log over what is there already, so a writer that was stopped between checkpoint and
//! index loses nothing: the next one folds the rest. How far the fold has come is a file of the registry too, and is
//! written last.
//!
//! A trust root that the log has and no file tells of is written behind everything else, and then all files are derived
//! again, by its keys: [`Derivation::rotation`]. Until that is done the file says that nothing is derived.

use super::commit::{Commit, Step};
use super::error::WriteError;
use super::layout;
use super::snapshot::Snapshot;
use super::trust_root::VerifiedTrustRoot;
use super::writer::{LogHead, prune_partials};
use crate::digest::{Digest, TreeDigest};
use crate::index::{Core, IndexEntry, IndexFile, IndexStatus, VerifiedIndex};
use crate::limits;
use crate::log::leaf::{Artifact, Leaf, Subject};
use crate::log::note::{IndexKey, LogKey};
use crate::log::policy::LogPolicy;
use crate::log::proof::{Goal, LogTiles, TlogProof};
use crate::log::tile::{self, BundleId};
use crate::name::{Namespace, PackageName};
use crate::sign::{Envelope, NamespaceChain, PublicKey, SecretKey, StatusRecord};
use std::collections::BTreeMap;
use std::task::{Poll, ready};

/// What the derived files are signed with, and what they are derived from.
#[derive(Clone, Copy, Debug)]
pub struct DerivedBy<'a> {
    /// The end of the log, published.
    pub head: &'a LogHead,
    /// The registry's trust root.
    pub trust: &'a VerifiedTrustRoot,
    /// The log key that signs now, not one it has taken the place of.
    pub log_key: &'a PublicKey,
    /// The index key.
    pub index_key: &'a SecretKey,
}

/// An index file while it changes.
#[derive(Clone, Debug)]
struct Growing {
    /// The file as it becomes.
    file: IndexFile,
    /// The file as it was; `None` when there was none.
    before: Option<VerifiedIndex>,
}

/// Brings the derived files from the leaf `from` up to the log's end.
#[derive(Clone, Debug)]
pub struct Derivation {
    from: u64,
    next: u64,
    /// Whether nothing is taken from files that are there, except where they are as they must be.
    is_anew: bool,
    /// Trust roots without a file.
    trust_roots: Vec<(String, Vec<u8>)>,
    rotation: Option<VerifiedTrustRoot>,
    /// Packages in the order they were first touched: dependencies are logged before their dependents.
    indexes: Vec<Growing>,
    /// Where a package is among them.
    places: BTreeMap<PackageName, usize>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    proofs: Vec<(u64, Artifact, Vec<u8>)>,
    last: BTreeMap<PackageName, u64>,
}

impl Derivation {
    /// Begins behind the first `from` leaves.
    pub fn new(from: u64) -> Self {
        Self {
            from,
            next: from,
            is_anew: false,
            trust_roots: Vec::new(),
            rotation: None,
            indexes: Vec::new(),
            places: BTreeMap::new(),
            chains: BTreeMap::new(),
            proofs: Vec::new(),
            last: BTreeMap::new(),
        }
    }

    /// Makes every derived file anew from the log and the archives, whatever is there. Files that are as they must be stay;
    /// a new index file has a `rev` behind that of any that was lost: no note was ever signed without a leaf.
    pub fn anew() -> Self {
        Self { is_anew: true, ..Self::new(0) }
    }

    /// The steps, when all that is needed is in the snapshot; looks on when it was supplied.
    ///
    /// # Errors
    /// [`WriteError::File`] and [`WriteError::Missing`] when the registry was damaged.
    pub fn check(&mut self, by: DerivedBy<'_>, snapshot: &mut Snapshot) -> Poll<Result<Commit, WriteError>> {
        let to = by.head.size();
        if self.from >= to {
            return Poll::Ready(Ok(Commit::new()));
        }
        while self.next < to {
            let bytes = ready!(snapshot.entry(self.next, to))?;
            ready!(self.take(self.next, &bytes, by, snapshot))?;
            self.next += 1;
            if self.next.is_multiple_of(tile::WIDTH) {
                let read = BundleId::at(self.next / tile::WIDTH - 1, to);
                read.into_iter().for_each(|id| snapshot.forget(&layout::bundle(id)));
            }
        }
        self.finish(by, snapshot)
    }

    /// Takes in one leaf; nothing changes while something is needed for it.
    fn take(
        &mut self,
        index: u64,
        bytes: &[u8],
        by: DerivedBy<'_>,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let leaf = Leaf::parse(bytes)?;
        let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default();
        match &leaf.subject {
            Subject::Genesis { .. } => ready!(self.trust_root(1, envelope, by, snapshot))?,
            Subject::Trust { version, .. } => ready!(self.trust_root(*version, envelope, by, snapshot))?,
            Subject::Namespace { namespace, seq } => {
                if !self.chains.contains_key(namespace) {
                    let registry = &by.trust.root().registry;
                    let chain = match self.is_anew {
                        true => NamespaceChain::new(registry.clone(), namespace.clone()),
                        false => ready!(snapshot.chain(registry, namespace))?,
                    };
                    self.chains.insert(namespace.clone(), chain);
                }
                if let Some(chain) = self.chains.get_mut(namespace).filter(|chain| chain.len() as u64 == *seq)
                {
                    chain.push(index, envelope)?;
                }
            }
            Subject::Release { artifact, tree, .. } => {
                let at = ready!(self.index(&artifact.package, by, snapshot))?;
                let known = |one: &Growing| one.file.entries().iter().any(|entry| entry.log == index);
                if self.indexes.get(at).is_some_and(|one| !known(one)) {
                    let entry = ready!(entry(index, leaf.time, artifact, tree, snapshot))?;
                    if let Some(one) = self.indexes.get_mut(at) {
                        one.file.add(entry)?;
                    }
                }
                self.last.insert(artifact.package.clone(), index);
                self.proofs.push((index, artifact.clone(), bytes.to_vec()));
            }
            Subject::Status { package, version } => {
                let record = StatusRecord::unverified(&Envelope::parse(envelope)?)?;
                let at = ready!(self.index(package, by, snapshot))?;
                if let Some(one) = self.indexes.get_mut(at) {
                    one.file.set_status(version, &IndexStatus { log: index, change: record.change });
                }
                self.last.insert(package.clone(), index);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The newest trust root, if the log has a newer one than the files were derived by. Once the steps are applied its
    /// keys sign: the log's end is to be [signed](LogHead::sign) anew, and the files are to be derived again.
    pub fn rotation(&self) -> Option<&VerifiedTrustRoot> {
        self.rotation.as_ref()
    }

    fn trust_root(
        &mut self,
        version: u64,
        envelope: &[u8],
        by: DerivedBy<'_>,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        let path = layout::trust_root(version);
        let there = ready!(snapshot.file(&path, limits::ENVELOPE_LEN as u64));
        let is_there = there.is_some_and(|there| !self.is_anew || there == envelope);
        if version > by.trust.root().version {
            self.rotation = Some(self.rotation.as_ref().unwrap_or(by.trust).advance(envelope)?);
        }
        if !is_there {
            self.trust_roots.push((path, envelope.to_vec()));
        }
        Poll::Ready(Ok(()))
    }

    /// The place of a package's index file among those that grow.
    fn index(
        &mut self,
        package: &PackageName,
        by: DerivedBy<'_>,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<usize, WriteError>> {
        if let Some(at) = self.places.get(package) {
            return Poll::Ready(Ok(*at));
        }
        let before = ready!(snapshot.index(by.trust, package)).map(|before| before.cloned());
        let (before, file) = if self.is_anew {
            let before = before.ok().flatten();
            let rev = before.as_ref().map_or(0, |before| before.rev()).max(by.head.size());
            (before, IndexFile::after(package.clone(), rev))
        } else {
            let before = before?;
            let file = before.as_ref().map(VerifiedIndex::to_draft);
            (before, file.unwrap_or_else(|| IndexFile::new(package.clone())))
        };
        let at = self.indexes.len();
        self.indexes.push(Growing { file, before });
        self.places.insert(package.clone(), at);
        Poll::Ready(Ok(at))
    }

    /// Proofs first, then namespaces, then the index files: what an index file names is there before it. A trust root
    /// comes last: clients that have read it may no longer accept what older keys signed.
    fn finish(&mut self, by: DerivedBy<'_>, snapshot: &mut Snapshot) -> Poll<Result<Commit, WriteError>> {
        let registry = &by.trust.root().registry;
        let (to, checkpoint) = (by.head.size(), by.head.checkpoint());
        let newest = LogPolicy::unwitnessed(&LogKey::new(&LogKey::name_of(registry), by.log_key.clone())?);
        let newest_index = [IndexKey::new(&IndexKey::name_of(registry), by.index_key.public())?];
        let goals: Vec<_> = self.proofs.iter().map(|(index, ..)| Goal::Leaf(*index)).collect();
        let mut tiles = LogTiles::new(&checkpoint);
        ready!(snapshot.prove(&mut tiles, &goals))?;
        let proof_len = limits::TLOG_PROOF_LEN as u64;
        ready!(
            snapshot.want(self.proofs.iter().map(|(_, artifact, _)| (layout::proof(artifact), proof_len)))
        );
        let Some(note) = ready!(snapshot.file(layout::CHECKPOINT, limits::NOTE_LEN as u64)) else {
            return Poll::Ready(Err(WriteError::NoLog));
        };
        let note = note.to_vec();
        let indexes = self.indexes.iter().map(|one| layout::index(one.file.package()));
        ready!(snapshot.want(indexes.map(|path| (path, limits::INDEX_LEN as u64))));
        let mut commit = Commit::new();
        for (index, artifact, leaf) in &self.proofs {
            let path = layout::proof(artifact);
            // A proof that is there is as good, as long as the key that signed it counts for a while.
            let there = ready!(snapshot.file(&path, proof_len));
            let good = |bytes: &[u8]| {
                let proved = TlogProof::parse(bytes).and_then(|proof| proof.verify(&newest));
                proved.is_ok_and(|proved| proved.leaf == *leaf)
            };
            if !there.is_some_and(good) {
                let proof = TlogProof::new(leaf, *index, tiles.inclusion(*index)?, &note);
                commit.put(path, proof.to_bytes());
            }
        }
        for (namespace, chain) in &self.chains {
            commit.put(layout::namespace(namespace), chain.to_bytes());
        }
        for (package, index) in &self.last {
            commit.put(layout::last_leaf(package), format!("{index}\n").into_bytes());
        }
        for Growing { file, before } in &mut self.indexes {
            let path = layout::index(file.package());
            let changed = before.as_ref().is_none_or(|before| before.entries() != file.entries());
            let bytes = ready!(snapshot.file(&path, limits::INDEX_LEN as u64)).unwrap_or_default();
            // After a rotation every file is signed anew.
            if changed || VerifiedIndex::open(bytes, &newest_index, file.package()).is_err() {
                commit.put(path, file.sign(to, registry, by.index_key)?);
            }
        }
        prune_partials(&mut commit, self.from, to);
        if self.rotation.is_some() {
            commit = commit.then(derive_anew());
        }
        self.trust_roots.iter().for_each(|(path, envelope)| commit.put(path.clone(), envelope.clone()));
        if self.rotation.is_none() {
            commit.put(layout::DERIVED.to_owned(), format!("{to}\n").into_bytes());
        }
        Poll::Ready(Ok(commit))
    }
}

/// The steps after which every derived file is made anew, as after a rotation of keys.
pub fn derive_anew() -> Commit {
    let mut commit = Commit::new();
    commit.push(Step::Put { path: layout::DERIVED.to_owned(), bytes: b"0\n".to_vec() });
    commit
}

/// The index line of a release that was logged at `index`.
fn entry(
    index: u64,
    time: u64,
    artifact: &Artifact,
    tree: &TreeDigest,
    snapshot: &mut Snapshot,
) -> Poll<Result<IndexEntry, WriteError>> {
    let facts = ready!(snapshot.archive(artifact, tree));
    let core = Core::parse(&facts.core)?;
    let (head, file, size): (Digest, Digest, u64) = (facts.head, facts.file, facts.size);
    Poll::Ready(Ok(IndexEntry { core, log: index, time, head, file, size, status: None }))
}
