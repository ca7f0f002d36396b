//! Proving a release: everything a client checks about a registry before it believes one artifact of it.
//!
//! [`ReleaseProof`] is a machine of the shape plan, supply, check. It [needs](ReleaseProof::needs) files of the
//! registry's layout; whoever drives it brings each or says that there is none; it judges. Trust root and its
//! successors, checkpoint, continuity with the one seen before, index, log entry, namespace: the order and the rules
//! are those of the trust document, section 8. It ends in a [`ProvenRelease`], which says what the archive must turn
//! out to be and whose signatures count, and in what is to be [remembered](ReleaseProof::memory) once the archive was
//! verified as well.

mod bound;
mod error;
mod files;
pub mod judge;
mod memory;
mod offline;
#[cfg(test)]
mod tests;

pub use bound::BoundMemoryError;
pub use error::ReleaseProofError;
pub use files::FileNeed;
pub use memory::{Memory, Seen, SeenRecord};
pub use offline::prove_offline;

use crate::diagnostic::Diagnose as _;
use crate::digest::{Digest, TreeDigest};
use crate::index::{IndexEntry, IndexError, IndexFile};
use crate::limits;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::{Artifact, Leaf};
use crate::log::proof::{Goal, LogTiles};
use crate::message::registry as text_of;
use crate::message::verify as text;
use crate::name::{Namespace, PackageName};
use crate::registry::{RegistryConfig, VerifiedTrustRoot, layout};
use crate::sign::{Authorised, KeyId, NamespaceChain, RegistryId, StatusChange, TrustPolicy};
use crate::target::{Kind, Target};
use crate::verify::report::{Check, ReleaseCheckId, Verdicts};
use crate::verify::{Expectation, Trust};
use crate::version::Version;
use files::Files;
use judge::{
    Continuity, Older, check_entry, check_records, check_remembered, check_rev, choose, compare, judge_entry,
};
use std::collections::BTreeSet;

/// What is to be proved: a release of a package that is all of this. Without version and identity it is the newest
/// one that is no pre-release and whose status is plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The package.
    pub package: PackageName,
    /// Its version. Of several artifacts that fit, the one that was logged last.
    pub version: Option<Version>,
    /// The kind.
    pub kind: Option<Kind>,
    /// The target.
    pub target: Option<Target>,
    /// The identity.
    pub tree: Option<TreeDigest>,
    /// The registry.
    pub registry: Option<RegistryId>,
}

impl Wanted {
    /// The newest release of a package.
    pub fn newest(package: PackageName) -> Self {
        Self { package, version: None, kind: None, target: None, tree: None, registry: None }
    }

    /// Whether it may be this artifact with this identity.
    fn admits(&self, artifact: &Artifact, tree: &TreeDigest) -> bool {
        self.package == artifact.package
            && self.version.as_ref().is_none_or(|version| *version == artifact.version)
            && self.kind.is_none_or(|kind| kind == artifact.kind)
            && self.target.as_ref().is_none_or(|target| *target == artifact.target)
            && self.tree.is_none_or(|wanted| wanted == *tree)
    }

    /// Checks that the registry is the one that is wanted.
    fn check_registry(&self, got: &RegistryId) -> Result<(), ReleaseProofError> {
        match self.registry.as_ref().filter(|wanted| *wanted != got) {
            Some(wanted) => {
                let (expected, got) = (wanted.to_string(), got.to_string());
                Err(ReleaseProofError::Registry { expected, got })
            }
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.package.fmt(f)?;
        if let Some(version) = &self.version {
            write!(f, "@{version}")?;
        }
        if let Some(target) = &self.target {
            write!(f, " {target}")?;
        }
        if let Some(tree) = &self.tree {
            write!(f, " {tree}")?;
        }
        Ok(())
    }
}

/// What a registry's log proves about a release. The archive itself has not been looked at.
#[derive(Clone, Debug)]
pub struct ProvenRelease {
    /// The registry.
    pub registry: RegistryId,
    /// Which artifact.
    pub artifact: Artifact,
    /// Log index of the release.
    pub log: u64,
    /// When it was logged, in Unix seconds, as the log says; of stapled proofs, the newest entry in them.
    pub time: u64,
    /// Leaves of the log it was proved in.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// Whether witnesses have seen that log.
    pub witnessed: bool,
    /// The keys that may sign it, and how many must.
    pub authorised: Authorised,
    /// The keys whose signatures counted.
    pub signers: BTreeSet<KeyId>,
    /// What the archive must turn out to be.
    pub expectation: Expectation,
    /// Whether it was yanked or deprecated.
    pub status: Option<StatusChange>,
    /// Bytes of the archive, as the signed index has it; `None` of stapled proofs, which are inside one.
    pub archive_len: Option<u64>,
}

impl ProvenRelease {
    /// How the archive is to be trusted: by the keys that might sign the release where it stands in the log.
    pub fn trust(&self) -> Trust {
        Trust::Signatures(TrustPolicy::new().authorise(self.authorised.clone()))
    }
}

/// Proves a release by the files of its registry.
///
/// Ask for [`needs`](Self::needs), bring each file by [`supply`](Self::supply), and again, until nothing is needed;
/// then [`proven`](Self::proven) or [`failure`](Self::failure) says what came of it. After a failure nothing is
/// needed any more.
#[derive(Debug)]
pub struct ReleaseProof {
    wanted: Wanted,
    pin: Option<Digest>,
    memory: Memory,
    files: Files,
    verdicts: Verdicts<ReleaseCheckId>,
    config: Option<RegistryConfig>,
    trust: Option<VerifiedTrustRoot>,
    trust_is_newest: bool,
    trust_roots: u64,
    log: Option<(VerifiedCheckpoint, LogTiles)>,
    /// In what this copy of the registry is older than what was seen.
    older: Option<Older>,
    refreshed: bool,
    index: Option<(IndexFile, IndexEntry)>,
    chain: Option<NamespaceChain>,
    proven: Option<ProvenRelease>,
    failure: Option<ReleaseProofError>,
}

/// How a step ended, if nothing failed.
enum Pace {
    /// The next one follows.
    On,
    /// Files are needed first.
    Waiting,
}

type Step = Result<Pace, ReleaseProofError>;

impl ReleaseProof {
    /// Begins. What is remembered of the registry decides which trust root is believed; without, the first one whose
    /// envelope has the digest `pin` is.
    pub fn new(wanted: Wanted, pin: Option<Digest>, memory: Memory) -> Self {
        let mut proof = Self {
            wanted,
            pin,
            trust: memory.trust.clone(),
            memory,
            files: Files::default(),
            verdicts: Verdicts::default(),
            config: None,
            trust_is_newest: false,
            trust_roots: 0,
            log: None,
            older: None,
            refreshed: false,
            index: None,
            chain: None,
            proven: None,
            failure: None,
        };
        proof.advance();
        proof
    }

    /// The files to bring now, all at once or one by one; none when it is done.
    pub fn needs(&self) -> &[FileNeed] {
        self.files.needs()
    }

    /// Takes a file that is needed; `None` when the registry does not have it.
    pub fn supply(&mut self, path: &str, file: Option<&[u8]>) {
        let taken = self.files.supply(path, file);
        match taken {
            Err(error) => self.fail(check_of(path), error),
            Ok(()) if self.files.needs().is_empty() => self.advance(),
            Ok(()) => {}
        }
    }

    /// What is proved, once nothing is needed any more and nothing failed.
    pub fn proven(&self) -> Option<&ProvenRelease> {
        self.proven.as_ref()
    }

    /// Why nothing is proved.
    pub fn failure(&self) -> Option<&ReleaseProofError> {
        self.failure.as_ref()
    }

    /// What the registry says about itself, once it was read: hints without authority.
    pub fn config(&self) -> Option<&RegistryConfig> {
        self.config.as_ref()
    }

    /// What is to be remembered, once the archive was verified too. Before that, and after a failure, it is nobody's
    /// to keep.
    pub fn memory(&self) -> Option<&Memory> {
        self.proven.as_ref().map(|_| &self.memory)
    }

    /// All checks, in order, also those that were not made.
    pub fn checks(&self) -> Vec<Check<ReleaseCheckId>> {
        self.verdicts.clone().into_checks()
    }

    fn fail(&mut self, check: ReleaseCheckId, error: ReleaseProofError) {
        self.files.start();
        self.verdicts.failed(check, error.diagnostic());
        self.failure = Some(error);
    }

    /// Goes as far as the files that are there allow.
    fn advance(&mut self) {
        use ReleaseCheckId as Check;
        if self.proven.is_some() || self.failure.is_some() {
            return;
        }
        self.files.start();
        type Go = fn(&mut ReleaseProof) -> Step;
        let steps: [(Check, Go); 7] = [
            (Check::TrustRoot, Self::read_config),
            (Check::TrustRoot, Self::walk_trust),
            (Check::Checkpoint, Self::read_checkpoint),
            (Check::Index, Self::read_index),
            (Check::Authority, Self::read_namespace),
            (Check::Checkpoint, Self::catch_up),
            (Check::Entry, Self::prove),
        ];
        for (check, step) in steps {
            match step(self) {
                Ok(Pace::On) => {}
                Ok(Pace::Waiting) => return,
                Err(error) => {
                    let check = match &error {
                        ReleaseProofError::SplitView { .. } => Check::Continuity,
                        ReleaseProofError::Namespace(_) | ReleaseProofError::Sign(_) => Check::Authority,
                        _ => check,
                    };
                    return self.fail(check, error);
                }
            }
        }
    }

    fn namespace(&self) -> Namespace {
        self.wanted.package.namespace_or_none()
    }

    fn read_config(&mut self) -> Step {
        if self.config.is_none() {
            let Some(file) = self.files.get(layout::CONFIG, layout::CONFIG_LEN) else {
                return Ok(Pace::Waiting);
            };
            let file = file.ok_or_else(|| ReleaseProofError::Absent { path: layout::CONFIG.to_owned() })?;
            self.config = Some(RegistryConfig::parse(file).map_err(ReleaseProofError::Config)?);
        }
        // Where they are is known now; asked for at once, since they are needed whatever the others say.
        let _ = self.files.get(layout::CHECKPOINT, limits::NOTE_LEN as u64);
        let _ = self.files.get(&layout::index(&self.wanted.package), limits::INDEX_LEN as u64);
        let _ = self.files.get(&layout::namespace(&self.namespace()), limits::NAMESPACE_FILE_LEN as u64);
        Ok(Pace::On)
    }

    /// The trust root that is believed, and from it one by one to the newest.
    fn walk_trust(&mut self) -> Step {
        let claimed = self.config.as_ref().map(|config| config.registry.to_string()).unwrap_or_default();
        let mut trust = match &self.trust {
            Some(trust) => trust.clone(),
            None => {
                let path = layout::trust_root(1);
                let Some(first) = self.files.get(&path, limits::ENVELOPE_LEN as u64) else {
                    return Ok(Pace::Waiting);
                };
                let Some(pin) = self.pin else {
                    let offered = first.map(Digest::of);
                    return Err(ReleaseProofError::Untrusted { registry: claimed, offered });
                };
                let first = first.ok_or(ReleaseProofError::Absent { path })?;
                VerifiedTrustRoot::pinned(first, &pin)?
            }
        };
        while !self.trust_is_newest {
            let path = layout::trust_root(trust.root().version.saturating_add(1));
            match self.files.get(&path, limits::ENVELOPE_LEN as u64) {
                None => {
                    self.trust = Some(trust);
                    return Ok(Pace::Waiting);
                }
                Some(Some(next)) => {
                    self.trust_roots += 1;
                    if self.trust_roots > limits::TRUST_ROOT_STEPS {
                        return Err(ReleaseProofError::TrustRoots { limit: limits::TRUST_ROOT_STEPS });
                    }
                    trust = trust.advance(next)?;
                }
                Some(None) => self.trust_is_newest = true,
            }
        }
        let root = trust.root();
        if root.registry.as_str() != claimed {
            let expected = root.registry.to_string();
            return Err(ReleaseProofError::Registry { expected, got: claimed });
        }
        self.wanted.check_registry(&root.registry)?;
        let found = text::found_trust_root(root.registry.as_str(), root.version);
        self.verdicts.passed(ReleaseCheckId::TrustRoot, found);
        self.trust = Some(trust);
        Ok(Pace::On)
    }

    /// The checkpoint to prove against: of the one seen before and the one shown now, the larger, once it is proved
    /// that it continues the other.
    fn read_checkpoint(&mut self) -> Step {
        let Some(trust) = &self.trust else { return Ok(Pace::Waiting) };
        if self.log.is_some() {
            return Ok(Pace::On);
        }
        let version = trust.root().version;
        let policy = &trust.root().log_policy;
        let path = layout::CHECKPOINT;
        let stored = match self.memory.checkpoint.as_deref() {
            Some(note) => VerifiedCheckpoint::reopen(note, policy)?,
            None => None,
        };
        let Some(note) = self.files.get(path, limits::NOTE_LEN as u64) else { return Ok(Pace::Waiting) };
        let fetched = match (note.map(|note| VerifiedCheckpoint::open(note, policy)), &stored) {
            (Some(Ok(fetched)), _) => fetched,
            (Some(Err(error)), stored) => match (self.lacks_trust_root(version), stored) {
                (None, _) => return Ok(Pace::Waiting),
                (Some(false), _) => return Err(error.into()),
                // Signed by keys of an older trust root: the copy is older than what was seen.
                (Some(true), None) => {
                    return Err(ReleaseProofError::Outdated { reason: text_of::older_trust_root(version) });
                }
                (Some(true), Some(stored)) => {
                    return Ok(self.go_on_with_stored(stored.clone(), Older::TrustRoot { seen: version }));
                }
            },
            (None, Some(stored)) => return Ok(self.go_on_with_stored(stored.clone(), Older::NoCheckpoint)),
            (None, None) => return Err(ReleaseProofError::Absent { path: path.to_owned() }),
        };
        self.verdicts.passed(ReleaseCheckId::Checkpoint, text::found_checkpoint(fetched.size()));
        let Some(stored) = stored else {
            if self.memory.checkpoint.is_some() {
                // A dropped log key has signed it: it binds nobody any more, nor does what was seen under it.
                self.memory.forget_log();
            }
            self.verdicts.not_asked(ReleaseCheckId::Continuity);
            self.go_on_with(fetched);
            return Ok(Pace::On);
        };
        let edge = self.memory.edge.as_deref();
        let kept = edge.and_then(|edge| LogTiles::from_edge(stored.checkpoint(), edge));
        let older = Older::Log { served: fetched.size(), seen: stored.size() };
        match compare(&mut self.files, &stored, &fetched, kept.as_ref()) {
            Ok(Continuity::Waiting) => return Ok(Pace::Waiting),
            Ok(Continuity::Continues) => self.go_on_with(fetched),
            Ok(Continuity::Begins) => _ = self.go_on_with_stored(stored.clone(), older),
            Ok(Continuity::Smaller) => return Ok(self.go_on_with_stored(stored, older)),
            Err(Err(error)) => return Err(error),
            Err(Ok(reason)) => {
                return Err(ReleaseProofError::SplitView {
                    before: stored.size(),
                    now: fetched.size(),
                    reason,
                    notes: Box::new([stored.bytes().to_vec(), fetched.bytes().to_vec()]),
                });
            }
        }
        let found = text::found_continuity(stored.size());
        self.verdicts.passed(ReleaseCheckId::Continuity, found);
        Ok(Pace::On)
    }

    /// Whether the registry does not have the trust root that is believed, so that it is older; `None` while its file is
    /// needed.
    fn lacks_trust_root(&mut self, version: u64) -> Option<bool> {
        let there = self.files.get(&layout::trust_root(version), limits::ENVELOPE_LEN as u64)?;
        Some(there.is_none())
    }

    /// What was seen stays in force; everything is proved by it.
    fn go_on_with_stored(&mut self, stored: VerifiedCheckpoint, older: Older) -> Pace {
        self.verdicts.not_asked(ReleaseCheckId::Continuity);
        self.older = Some(older);
        self.go_on_with(stored);
        Pace::On
    }

    fn go_on_with(&mut self, checkpoint: VerifiedCheckpoint) {
        let mut tiles = LogTiles::new(checkpoint.checkpoint());
        let edge = self.memory.edge.as_deref();
        match edge.and_then(|edge| LogTiles::from_edge(checkpoint.checkpoint(), edge)) {
            Some(kept) => tiles.keep(&kept),
            None => self.memory.edge = None,
        }
        self.memory.checkpoint = Some(checkpoint.bytes().to_vec());
        self.log = Some((checkpoint, tiles));
    }

    fn read_index(&mut self) -> Step {
        let Some(trust) = &self.trust else { return Ok(Pace::Waiting) };
        let package = &self.wanted.package;
        let seen = self.memory.seen.packages.get(package.as_str()).copied();
        let (older, version) = (self.older, trust.root().version);
        let Some(file) = self.files.get(&layout::index(package), limits::INDEX_LEN as u64) else {
            return Ok(Pace::Waiting);
        };
        let missing = || ReleaseProofError::NotFound {
            release: self.wanted.to_string(),
            registry: trust.root().registry.to_string(),
        };
        let Some(file) = file else {
            check_rev(package, seen, None, older.as_ref())?;
            return Err(missing());
        };
        let file = match IndexFile::open(file, &trust.root().index, package) {
            Err(IndexError::Note(error)) => match self.lacks_trust_root(version) {
                None => return Ok(Pace::Waiting),
                Some(false) => return Err(IndexError::Note(error).into()),
                Some(true) => {
                    return Err(ReleaseProofError::Outdated { reason: text_of::older_trust_root(version) });
                }
            },
            file => file?,
        };
        check_rev(package, seen, Some(file.rev()), older.as_ref())?;
        let entry = choose(&file, &self.wanted).cloned().ok_or_else(missing)?;
        let found = text::found_index(&file.artifact(&entry).to_string(), file.rev());
        self.verdicts.passed(ReleaseCheckId::Index, found);
        self.index = Some((file, entry));
        Ok(Pace::On)
    }

    fn read_namespace(&mut self) -> Step {
        let Some(trust) = &self.trust else { return Ok(Pace::Waiting) };
        let namespace = self.wanted.package.namespace_or_none();
        let path = layout::namespace(&namespace);
        let Some(file) = self.files.get(&path, limits::NAMESPACE_FILE_LEN as u64) else {
            return Ok(Pace::Waiting);
        };
        let registry = trust.root().registry.clone();
        let is_absent = file.is_none();
        let chain = NamespaceChain::parse(registry, namespace.clone(), file.unwrap_or_default())?;
        let seen = self.memory.seen.namespaces.get(namespace.as_str());
        check_remembered(&chain, seen, is_absent, self.older.as_ref())?;
        self.chain = Some(chain);
        Ok(Pace::On)
    }

    /// Index and namespace may be newer than the checkpoint when something is published meanwhile: it is read once
    /// more then, and must continue the one that was read first.
    fn catch_up(&mut self) -> Step {
        let (Some((checkpoint, _)), Some((file, _)), Some(chain)) = (&self.log, &self.index, &self.chain)
        else {
            return Ok(Pace::Waiting);
        };
        let records = chain.latest_index().map_or(0, |index| index.saturating_add(1));
        let size = file.log_size().max(records);
        if size <= checkpoint.size() {
            return Ok(Pace::On);
        }
        if self.refreshed {
            let (package, checkpoint) = (self.wanted.package.to_string(), checkpoint.size());
            return Err(ReleaseProofError::Ahead { package, size, checkpoint });
        }
        self.refreshed = true;
        (self.log, self.older) = (None, None);
        self.files.forget(layout::CHECKPOINT);
        self.read_checkpoint()
    }

    /// The release and the records of its namespace are in the log, and the signer might sign.
    fn prove(&mut self) -> Step {
        let (Some((checkpoint, tiles)), Some((file, entry)), Some(chain), Some(trust)) =
            (&mut self.log, &self.index, &self.chain, &self.trust)
        else {
            return Ok(Pace::Waiting);
        };
        let records: Vec<u64> = chain.records().map(|(index, ..)| index).collect();
        let all = || records.iter().copied().chain([entry.log]);
        let goals: Vec<Goal> = all().map(Goal::Leaf).collect();
        let proved = self.files.prove(tiles, &goals)?;
        let mut leaves = Vec::new();
        for index in all() {
            // Every bundle is asked for before the first one is waited for.
            let served = self.older.as_ref().and_then(Older::served);
            leaves.extend(self.files.entry(index, checkpoint.size(), served)?.map(|leaf| (index, leaf)));
        }
        if !proved || leaves.len() < goals.len() {
            return Ok(Pace::Waiting);
        }
        let read = |(index, bytes): &(u64, Vec<u8>)| -> Result<Leaf, ReleaseProofError> {
            tiles.check_leaf(*index, bytes)?;
            let leaf = Leaf::parse(bytes)?;
            leaf.check_place(*index, None)?;
            Ok(leaf)
        };
        let mut leaves = leaves.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let Some(leaf) = leaves.pop() else { return Ok(Pace::Waiting) };
        check_entry(file, entry, &leaf)?;
        let found = text::found_entry(entry.log, checkpoint.size());
        self.verdicts.passed(ReleaseCheckId::Entry, found);
        check_records(chain, &leaves)?;
        let proven = judge_entry(trust, checkpoint, file, entry, &leaf, chain)?;
        let ids: Vec<String> = proven.signers.iter().map(KeyId::short).collect();
        let found = text::found_authority(&ids.join(", "), chain.len() as u64);
        self.verdicts.passed(ReleaseCheckId::Authority, found);
        if let (Some(latest), Some(envelope)) = (chain.latest(), chain.latest_digest()) {
            let seen = SeenRecord { seq: latest.seq, envelope };
            self.memory.seen.namespaces.insert(chain.namespace().to_string(), seen);
        }
        self.memory.seen.packages.insert(proven.artifact.package.to_string(), file.rev());
        self.memory.trust = Some(trust.clone());
        if let Some(edge) = tiles.edge() {
            self.memory.edge = Some(edge);
        }
        self.proven = Some(proven);
        Ok(Pace::On)
    }
}

/// The check that a file is asked for by.
fn check_of(path: &str) -> ReleaseCheckId {
    match path.split('/').next() {
        Some("index") => ReleaseCheckId::Index,
        Some("ns") => ReleaseCheckId::Authority,
        Some("log") if path == layout::CHECKPOINT => ReleaseCheckId::Checkpoint,
        Some("log") => ReleaseCheckId::Entry,
        _ => ReleaseCheckId::TrustRoot,
    }
}
