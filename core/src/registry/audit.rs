//! A registry checked from scratch: the log replayed leaf by leaf, and every file that follows from it compared.
//!
//! It needs no key and trusts nothing but the trust root. It does not read the content of archives: the caller
//! verifies each by [`crate::verify`].
//!
//! A writer may go on meanwhile. The log only grows, so what was replayed stays true; a file that follows from it may
//! be newer than the checkpoint that was read. Where files and checkpoint do not agree, the checkpoint is read again,
//! the log replayed from where it was, and only the files that did not agree, or that the new entries are about, are
//! compared again.

mod files;

use super::config::RegistryConfig;
use super::error::WriteError;
use super::layout;
use super::snapshot::Snapshot;
use super::trust_root::VerifiedTrustRoot;
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::{Digest, TreeDigest};
use crate::index::IndexStatus;
use crate::limits;
use crate::log::append::Appender;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf, LeafError, Subject, Thread};
use crate::log::merkle;
use crate::log::tile::{self, BundleId, TileId};
use crate::message::registry as text;
use crate::name::{Namespace, PackageName};
use crate::sign::{Envelope, NamespaceChain, ReleaseFacts, ReleaseStatement, Role, StatusRecord};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Poll, ready};

/// What a registry that is in order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// Leaves of the log.
    pub entries: u64,
    /// Root over them.
    pub root: Digest,
    /// Namespaces.
    pub namespaces: usize,
    /// Packages.
    pub packages: usize,
    /// Artifacts.
    pub artifacts: usize,
    /// Entries at the log's end that index, namespaces and proofs may not know yet: a writer was stopped between
    /// checkpoint and index. The next writer makes up for it.
    pub unfinished: u64,
}

/// A release as the log has it.
#[derive(Clone, Debug)]
struct Logged {
    index: u64,
    time: u64,
    tree: TreeDigest,
    core: Digest,
    /// Hash of the leaf: the leaves themselves would be too much to keep.
    leaf: Digest,
}

/// A release whose signatures are still to be checked: that takes most of the time of an audit.
#[derive(Clone, Debug)]
pub struct UncheckedRelease {
    index: u64,
    leaf: Leaf,
}

/// Proof that the signatures of a release of the log were checked. Made by [`Audit::verify`] alone.
#[derive(Clone, Copy, Debug)]
pub struct CheckedRelease {
    index: u64,
}

/// Whether the proof next to an archive may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proofs {
    /// Each archive has its proof.
    Required,
    /// Clients make those that are missing from the tiles.
    Optional,
}

/// So many signatures are checked together.
const BATCH: usize = 4096;

/// How often files that do not agree with the checkpoint are compared, each time with the newest one. A registry that
/// nobody writes to is at fault at the second time already: it is as it was at the first.
const ROUNDS: u32 = 8;

/// An audit under way.
#[derive(Clone, Debug)]
pub struct Audit {
    trust: VerifiedTrustRoot,
    listed: BTreeSet<String>,
    proofs: Proofs,
    /// The checkpoint, and the round in which it was read.
    checkpoint: Option<(u32, VerifiedCheckpoint)>,
    next: u64,
    log: Appender,
    tiles: Vec<(TileId, Vec<u8>)>,
    time: Option<u64>,
    threads: BTreeMap<Thread, u64>,
    chains: BTreeMap<Namespace, NamespaceChain>,
    releases: BTreeMap<Artifact, Logged>,
    versions: BTreeSet<(PackageName, Version)>,
    statuses: BTreeMap<(PackageName, Version), Vec<IndexStatus>>,
    trust_roots: BTreeMap<u64, Vec<u8>>,
    unchecked: Vec<UncheckedRelease>,
    /// What is wrong with the leaf that was read last; reported when the releases before it have been checked.
    failed: Option<WriteError>,
    /// The namespaces and packages whose files were not compared since an entry about them was replayed, or were not
    /// right.
    due: Due,
    /// The packages whose files are still to be compared in this round, from the last to the first.
    packages: Option<Vec<(PackageName, Vec<Artifact>)>>,
    faults: Vec<WriteError>,
    /// What the round before found, of how many entries.
    before: Option<(u64, Vec<WriteError>)>,
    rounds: u32,
}

/// Whose files are to be compared.
#[derive(Clone, Debug, Default)]
struct Due {
    namespaces: BTreeSet<Namespace>,
    packages: BTreeSet<PackageName>,
}

impl Audit {
    /// Begins the audit of a registry by its newest trust root. `listed` are the paths of its files; without a way to
    /// list them, none: then files that should not be there are not noticed.
    pub fn new(trust: VerifiedTrustRoot, listed: BTreeSet<String>, proofs: Proofs) -> Self {
        Self {
            trust,
            listed,
            proofs,
            checkpoint: None,
            next: 0,
            log: Appender::empty(),
            tiles: Vec::new(),
            time: None,
            threads: BTreeMap::new(),
            chains: BTreeMap::new(),
            releases: BTreeMap::new(),
            versions: BTreeSet::new(),
            statuses: BTreeMap::new(),
            trust_roots: BTreeMap::new(),
            unchecked: Vec::new(),
            failed: None,
            due: Due::default(),
            packages: None,
            faults: Vec::new(),
            before: None,
            rounds: 0,
        }
    }

    /// The releases whose signatures are to be checked now, before [`Audit::check`] goes on: each by [`Audit::verify`],
    /// on as many threads as there are.
    pub fn unchecked(&self) -> &[UncheckedRelease] {
        &self.unchecked
    }

    /// Checks that a release was signed, for exactly what the log says, by keys that its namespace had then.
    ///
    /// # Errors
    /// [`WriteError::File`] naming the log entry.
    pub fn verify(&self, release: &UncheckedRelease) -> Result<CheckedRelease, WriteError> {
        let checked = self.check_release(release.index, &release.leaf);
        checked.map_err(|error| in_file(&entry_name(release.index), error))?;
        Ok(CheckedRelease { index: release.index })
    }

    /// Takes the releases that were checked.
    pub fn accept(&mut self, checked: &[CheckedRelease]) {
        let checked: BTreeSet<u64> = checked.iter().map(|one| one.index).collect();
        self.unchecked.retain(|release| !checked.contains(&release.index));
    }

    /// Checks all signatures that are to be checked now, one after the other.
    ///
    /// # Errors
    /// As [`Audit::verify`], for the first that fails.
    pub fn verify_all(&mut self) -> Result<(), WriteError> {
        let checked: Result<Vec<_>, _> = self.unchecked.iter().map(|release| self.verify(release)).collect();
        self.accept(&checked?);
        Ok(())
    }

    /// The releases of a log that was found in order: artifact, identity, and digest of the `core` of its index line.
    pub fn releases(&self) -> impl Iterator<Item = (&Artifact, &TreeDigest, &Digest)> {
        let releases = self.releases.iter().filter(|_| self.packages.is_some());
        releases.map(|(artifact, logged)| (artifact, &logged.tree, &logged.core))
    }

    /// Digest of the first trust root that the log names: what users pin.
    pub fn first_trust_root(&self) -> Option<Digest> {
        self.trust_roots.values().next().map(|envelope| Digest::of(envelope))
    }

    /// What the registry holds, when all that is needed is in the snapshot; looks on when it was supplied, and when the
    /// signatures of [`Audit::unchecked`] were checked. Where files do not agree with the checkpoint, it asks for both
    /// again, a few times at most.
    ///
    /// # Errors
    /// The first fault of the log; if it is in order, every fault of the files that follow from it.
    pub fn check(&mut self, snapshot: &mut Snapshot) -> Poll<Result<Audited, Vec<WriteError>>> {
        loop {
            let checkpoint = ready!(self.read_checkpoint(snapshot)).map_err(|error| vec![error])?;
            let found = match ready!(self.replay(&checkpoint, snapshot)) {
                Ok(()) => ready!(self.check_files(&checkpoint, snapshot)),
                // The end of a log that grows may have moved into another file.
                Err(error @ WriteError::Missing { .. }) => Err(vec![error]),
                Err(error) => return Poll::Ready(Err(vec![error])),
            };
            match found {
                Err(faults) if !self.is_final(&checkpoint, &faults) => {
                    self.rounds += 1;
                    self.before = Some((checkpoint.size(), faults));
                    self.packages = None;
                    *snapshot = Snapshot::new();
                }
                found => return Poll::Ready(found),
            }
        }
    }

    /// Whether what was found stays true when the registry is read again.
    fn is_final(&self, checkpoint: &VerifiedCheckpoint, faults: &[WriteError]) -> bool {
        let is_unchanged =
            |(size, before): &(u64, Vec<WriteError>)| (*size, &**before) == (checkpoint.size(), faults);
        let is_forked = self.next == checkpoint.size() && self.log.root() != *checkpoint.root();
        is_forked || self.rounds + 1 >= ROUNDS || self.before.as_ref().is_some_and(is_unchanged)
    }

    /// The checkpoint: read once in each round.
    fn read_checkpoint(&mut self, snapshot: &mut Snapshot) -> Poll<Result<VerifiedCheckpoint, WriteError>> {
        let known = self.checkpoint.clone();
        if let Some((round, known)) = &known
            && *round == self.rounds
        {
            return Poll::Ready(Ok(known.clone()));
        }
        if known.is_none() {
            ready!(self.check_config(snapshot))?;
        }
        let Some(bytes) = ready!(snapshot.file(layout::CHECKPOINT, limits::NOTE_LEN as u64)) else {
            return Poll::Ready(Err(WriteError::NoLog));
        };
        let opened = VerifiedCheckpoint::open(bytes, &self.trust.root().log_policy);
        let mut checkpoint = opened.map_err(|error| in_file(layout::CHECKPOINT, error.into()))?;
        if let Some((_, known)) = known
            && checkpoint.size() < known.size()
        {
            // An older copy says nothing new.
            checkpoint = known;
        }
        self.checkpoint = Some((self.rounds, checkpoint.clone()));
        Poll::Ready(Ok(checkpoint))
    }

    /// Replays the log up to the checkpoint, from where it was.
    fn replay(
        &mut self,
        checkpoint: &VerifiedCheckpoint,
        snapshot: &mut Snapshot,
    ) -> Poll<Result<(), WriteError>> {
        while self.failed.is_none() && self.next < checkpoint.size() {
            if self.unchecked.len() >= BATCH {
                return Poll::Pending;
            }
            let number = self.next / tile::WIDTH;
            let bundle = ready!(snapshot.bundle(number, checkpoint.size()))?;
            for bytes in bundle.iter().skip((self.next % tile::WIDTH) as usize) {
                match self.take(self.next, bytes) {
                    Ok(Poll::Ready(())) => self.next += 1,
                    Ok(Poll::Pending) => return Poll::Pending,
                    Err(error) => {
                        self.failed = Some(in_file(&entry_name(self.next), error));
                        break;
                    }
                }
            }
            let read = BundleId::at(number, checkpoint.size());
            read.into_iter().for_each(|id| snapshot.forget(&layout::bundle(id)));
        }
        // What came before a fault is reported first.
        if !self.unchecked.is_empty() {
            return Poll::Pending;
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        let tiles = self.log.take_tiles();
        if !tiles.is_empty() {
            // Unfinished tiles were those of an earlier size.
            self.tiles.retain(|(id, _)| *id == id.full());
            self.tiles.extend(tiles);
        }
        Poll::Ready(Ok(()))
    }

    fn check_config(&self, snapshot: &mut Snapshot) -> Poll<Result<(), WriteError>> {
        let Some(bytes) = ready!(snapshot.file(layout::CONFIG, layout::CONFIG_LEN)) else {
            return Poll::Ready(Err(missing(layout::CONFIG)));
        };
        let config = RegistryConfig::parse(bytes).map_err(|error| in_file(layout::CONFIG, error.into()))?;
        if config.registry != self.trust.root().registry {
            let message =
                text::registry_other_id(config.registry.as_str(), self.trust.root().registry.as_str());
            let fault = Diagnostic::new(Code::RegistryMismatch, message);
            return Poll::Ready(Err(in_file(layout::CONFIG, fault.into())));
        }
        let plain = config.to_bytes() == bytes;
        Poll::Ready(if plain { Ok(()) } else { Err(not_from_log(layout::CONFIG)) })
    }

    /// Takes in one leaf; not yet while it is a record of a namespace, and releases before it are unchecked: a release is
    /// judged by the keys of its own time.
    fn take(&mut self, index: u64, bytes: &[u8]) -> Result<Poll<()>, WriteError> {
        let leaf = Leaf::parse(bytes)?;
        if matches!(leaf.subject, Subject::Namespace { .. }) && !self.unchecked.is_empty() {
            return Ok(Poll::Pending);
        }
        self.log.append(bytes)?;
        leaf.check_place(index, self.time)?;
        self.time = Some(leaf.time);
        let previous = self.threads.insert(leaf.subject.thread(), index);
        if leaf.prev != previous {
            let name = |index: Option<u64>| index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            return Err(mismatch("prev", &name(previous), &name(leaf.prev)));
        }
        let registry = &self.trust.root().registry;
        let envelope = leaf.envelopes.first().map(String::as_bytes).unwrap_or_default();
        match &leaf.subject {
            Subject::Genesis { registry: of } => self.take_trust_root(of.as_str(), 1, envelope)?,
            Subject::Trust { registry: of, version } => {
                self.take_trust_root(of.as_str(), *version, envelope)?
            }
            Subject::Namespace { namespace, seq } => {
                let new = || NamespaceChain::new(registry.clone(), namespace.clone());
                let chain = self.chains.entry(namespace.clone()).or_insert_with(new);
                if *seq != chain.len() as u64 {
                    return Err(mismatch("record", &chain.len().to_string(), &seq.to_string()));
                }
                chain.push(index, envelope)?;
                self.due.namespaces.insert(namespace.clone());
            }
            Subject::Release { artifact, tree, index: core } => {
                self.versions.insert((artifact.package.clone(), artifact.version.clone()));
                self.due.packages.insert(artifact.package.clone());
                let leaf_hash = merkle::leaf_hash(bytes);
                let logged = Logged { index, time: leaf.time, tree: *tree, core: *core, leaf: leaf_hash };
                if let Some(first) = self.releases.insert(artifact.clone(), logged) {
                    let message = text::duplicate_release(&artifact.to_string(), first.index, index);
                    return Err(Diagnostic::new(Code::DuplicateRelease, message).into());
                }
                self.unchecked.push(UncheckedRelease { index, leaf });
            }
            Subject::Status { package, version } => self.take_status(index, package, version, envelope)?,
        }
        Ok(Poll::Ready(()))
    }

    fn take_trust_root(&mut self, registry: &str, version: u64, envelope: &[u8]) -> Result<(), WriteError> {
        if registry != self.trust.root().registry.as_str() {
            return Err(mismatch("registry", self.trust.root().registry.as_str(), registry));
        }
        let expected = self.trust_roots.len() as u64 + 1;
        if version != expected {
            return Err(mismatch("trust root", &expected.to_string(), &version.to_string()));
        }
        self.trust_roots.insert(version, envelope.to_vec());
        Ok(())
    }

    fn chain(&self, package: &PackageName) -> NamespaceChain {
        let namespace = package.namespace_or_none();
        let none = || NamespaceChain::new(self.trust.root().registry.clone(), namespace.clone());
        self.chains.get(&namespace).cloned().unwrap_or_else(none)
    }

    fn check_release(&self, index: u64, leaf: &Leaf) -> Result<(), WriteError> {
        let Subject::Release { artifact, tree, index: core } = &leaf.subject else { return Ok(()) };
        let envelope = Envelope::parse(leaf.envelopes.first().map(String::as_bytes).unwrap_or_default())?;
        self.chain(&artifact.package).check_signed(Role::Release, &artifact.package, index, &envelope)?;
        ReleaseStatement::unverified(&envelope)?.check(&ReleaseFacts {
            registry: Some(self.trust.root().registry.clone()),
            package: Some(artifact.package.clone()),
            version: Some(artifact.version.clone()),
            kind: Some(artifact.kind),
            target: Some(artifact.target.clone()),
            tree: Some(*tree),
            index: Some(*core),
            ..ReleaseFacts::default()
        })?;
        Ok(())
    }

    fn take_status(
        &mut self,
        index: u64,
        package: &PackageName,
        version: &Version,
        envelope: &[u8],
    ) -> Result<(), WriteError> {
        let envelope = Envelope::parse(envelope)?;
        let record = StatusRecord::unverified(&envelope)?;
        self.chain(package).check_signed(Role::Status, package, index, &envelope)?;
        let registry = &self.trust.root().registry;
        if (&record.registry, &record.package, &record.version) != (registry, package, version) {
            let got = format!("{} {} {}", record.registry, record.package, record.version);
            return Err(mismatch("release", &format!("{package} {version}"), &got));
        }
        if !self.versions.contains(&(package.clone(), version.clone())) {
            let message = text::release_missing(&format!("{package}@{version}"), registry.as_str());
            return Err(Diagnostic::new(Code::Leaf, message).into());
        }
        let history = self.statuses.entry((package.clone(), version.clone())).or_default();
        if record.seq != history.len() as u64 {
            return Err(mismatch("status record", &history.len().to_string(), &record.seq.to_string()));
        }
        history.push(IndexStatus { log: index, change: record.change });
        self.due.packages.insert(package.clone());
        Ok(())
    }
}

fn entry_name(index: u64) -> String {
    format!("log entry {index}")
}

fn in_file(path: &str, error: WriteError) -> WriteError {
    error.in_file(path)
}

fn missing(path: &str) -> WriteError {
    in_file(path, Diagnostic::new(Code::RegistryLayout, text::registry_file_missing(path)).into())
}

fn not_from_log(path: &str) -> WriteError {
    in_file(path, Diagnostic::new(Code::RegistryLayout, text::registry_not_from_log(path)).into())
}

fn mismatch(what: &'static str, expected: &str, got: &str) -> WriteError {
    LeafError::Mismatch { what, expected: expected.to_owned(), got: got.to_owned() }.into()
}
