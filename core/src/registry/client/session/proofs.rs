//! What the log proves: entries, the records of namespaces, and releases by both.

use super::super::judge::{check_records, check_remembered, judge_again, judge_entry};
use super::super::{ProvenRelease, Refusal, ReleaseProofError, SeenRecord};
use super::index::Judgement;
use super::{Event, Session, Task, Unproved};
use crate::digest::Digest;
use crate::index::{IndexEntry, VerifiedIndex};
use crate::limits;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::leaf::Leaf;
use crate::log::proof::{Goal, TlogProof};
use crate::message::registry as text;
use crate::name::Namespace;
use crate::registry::{VerifiedTrustRoot, layout};
use crate::sign::NamespaceChain;
use crate::verify::ReleaseCheckId as Check;
use std::sync::Arc;
use std::task::Poll;

/// How far the records of a namespace are.
#[derive(Debug)]
pub(super) enum ChainState {
    /// Their file is needed.
    Wanted,
    /// They hang together; whether the log has them is to be shown.
    Read(NamespaceChain),
    /// The end.
    Judged(Result<Arc<NamespaceChain>, Refusal>),
}

/// A release whose proof is wanted.
#[derive(Debug)]
pub(super) struct WantedRelease {
    file: Arc<VerifiedIndex>,
    entry: IndexEntry,
    anew: bool,
}

/// Checks who signed a release.
#[derive(Debug)]
pub(super) struct ReleaseJob {
    wanted: WantedRelease,
    logged: Box<Logged>,
}

/// The entry of a release, which is in the log, and all that it is judged by.
#[derive(Debug)]
struct Logged {
    leaf: Leaf,
    trust: Arc<VerifiedTrustRoot>,
    checkpoint: VerifiedCheckpoint,
    chain: Arc<NamespaceChain>,
    /// Of everything that is looked at.
    fingerprint: Digest,
    /// The proof next to the archive, if the entry was taken from there.
    proof: Option<String>,
}

/// A release that was judged.
#[derive(Debug)]
pub(super) struct JudgedRelease {
    wanted: WantedRelease,
    fingerprint: Digest,
    proof: Option<String>,
    result: Result<ProvenRelease, Refusal>,
}

impl ReleaseJob {
    pub(super) fn run(self) -> JudgedRelease {
        let Self { wanted, logged } = self;
        let Logged { leaf, trust, checkpoint, chain, fingerprint, proof } = *logged;
        let result = judge_entry(&trust, &checkpoint, &wanted.file, &wanted.entry, &leaf, &chain);
        JudgedRelease { wanted, fingerprint, proof, result: result.map_err(Refusal::from) }
    }
}

impl Session {
    pub(super) fn want_namespace(&mut self, namespace: Namespace) {
        if let Some(ChainState::Judged(result)) = self.chains.get(&namespace) {
            if result.is_ok() {
                return self.events.push_back(Event::Namespace(namespace));
            }
            self.chains.remove(&namespace);
        }
        if !self.chains.contains(&namespace) {
            self.chains.insert(namespace.clone(), ChainState::Wanted);
        }
        self.open_chains.insert(namespace, ());
    }

    pub(super) fn want_releases(&mut self, releases: Vec<Unproved>, anew: bool) {
        self.entries.expect(releases.iter().map(|(_, entry)| entry.log));
        for (file, entry) in releases {
            let namespace = file.package().namespace_or_none();
            if !self.chains.contains(&namespace) {
                self.want_namespace(namespace);
            }
            self.releases.push(WantedRelease { file, entry, anew });
        }
    }

    /// Judges the records that are here. Gives the leaves that the newest of those need that have to wait for a newer
    /// checkpoint.
    pub(super) fn judge_namespaces(&mut self) -> u64 {
        let mut ahead = 0;
        for namespace in self.open_chains.keys() {
            match self.judge_namespace(&namespace) {
                Ok(Judgement::Done) => _ = self.open_chains.remove(&namespace),
                Ok(Judgement::Pending) => {}
                Ok(Judgement::Ahead(size)) => ahead = ahead.max(size),
                Err(refusal) => {
                    self.open_chains.remove(&namespace);
                    self.chains.insert(namespace.clone(), ChainState::Judged(Err(refusal)));
                    self.events.push_back(Event::Namespace(namespace));
                }
            }
        }
        ahead
    }

    fn judge_namespace(&mut self, namespace: &Namespace) -> Result<Judgement, Refusal> {
        let path = layout::namespace(namespace);
        if matches!(self.chains.get(namespace), Some(ChainState::Wanted)) {
            let chain = self.read_namespace(namespace, &path);
            let chain = chain.map_err(|refusal| {
                self.files.forget(&path);
                refusal.of(Check::Authority).in_file(&path)
            })?;
            let Poll::Ready(chain) = chain else { return Ok(Judgement::Pending) };
            self.chains.insert(namespace.clone(), ChainState::Read(chain));
        }
        let chain = match self.chains.remove(namespace) {
            Some(ChainState::Read(chain)) => chain,
            Some(state) => {
                self.chains.insert(namespace.clone(), state);
                return Ok(Judgement::Done);
            }
            None => return Ok(Judgement::Done),
        };
        let records = chain.latest_index().map_or(0, |index| index.saturating_add(1));
        let judgement = match records > self.size() {
            true if records > self.refreshed => Judgement::Ahead(records),
            true => {
                let reason = text::copy_records_ahead(namespace.as_str(), records, self.size());
                let refusal = Refusal::from(ReleaseProofError::Outdated { reason });
                return Err(refusal.of(Check::Checkpoint).in_file(&path));
            }
            // The log still has what was proved to be in it.
            false if self.proofs.as_ref().is_some_and(|proofs| proofs.has_records(&chain)) => Judgement::Done,
            false => {
                let places: Vec<u64> = chain.records().map(|(index, ..)| index).collect();
                match self.leaves(&places)? {
                    Poll::Pending => Judgement::Pending,
                    Poll::Ready(leaves) => {
                        check_records(&chain, &leaves)?;
                        Judgement::Done
                    }
                }
            }
        };
        let state = match judgement {
            Judgement::Done => {
                if let (Some(latest), Some(envelope)) = (chain.latest(), chain.latest_digest()) {
                    let seen = SeenRecord { seq: latest.seq, envelope };
                    self.memory.seen.namespaces.insert(namespace.to_string(), seen);
                }
                if let Some(proofs) = &mut self.proofs {
                    proofs.record_chain(&chain);
                }
                self.files.confirm(path);
                self.events.push_back(Event::Namespace(namespace.clone()));
                ChainState::Judged(Ok(Arc::new(chain)))
            }
            _ => ChainState::Read(chain),
        };
        self.chains.insert(namespace.clone(), state);
        Ok(judgement)
    }

    fn read_namespace(&mut self, namespace: &Namespace, path: &str) -> Result<Poll<NamespaceChain>, Refusal> {
        let Some(trust) = self.trust.clone() else { return Ok(Poll::Pending) };
        let Poll::Ready(file) = self.files.take(path, limits::NAMESPACE_FILE_LEN as u64)? else {
            return Ok(Poll::Pending);
        };
        let is_absent = file.is_none();
        let registry = trust.root().registry.clone();
        let chain = NamespaceChain::parse(registry, namespace.clone(), &file.unwrap_or_default())?;
        let seen = self.memory.seen.namespaces.get(namespace.as_str());
        check_remembered(&chain, seen, is_absent, self.older.as_ref())?;
        Ok(Poll::Ready(chain))
    }

    /// Entries of the log, each proved to be in its place.
    fn leaves(&mut self, places: &[u64]) -> Result<Poll<Vec<Leaf>>, Refusal> {
        let log = self.log_size();
        let Some(tiles) = &mut self.tiles else { return Ok(Poll::Pending) };
        let goals: Vec<Goal> = places.iter().copied().map(Goal::Leaf).collect();
        // Every file is asked for before the first one is waited for.
        let proved = self.files.prove(tiles, &goals)?;
        let mut leaves = Vec::with_capacity(places.len());
        for &index in places {
            if let Poll::Ready(bytes) = self.entries.entry(&mut self.files, index, log)?
                && proved.is_ready()
            {
                tiles.check_leaf(index, bytes)?;
                leaves.push(read_leaf(index, bytes)?);
            }
        }
        Ok(if leaves.len() == places.len() { Poll::Ready(leaves) } else { Poll::Pending })
    }

    /// Goes on with the releases that are wanted.
    pub(super) fn prove_releases(&mut self) {
        let mut open = Vec::new();
        for wanted in std::mem::take(&mut self.releases) {
            match self.prove_release(&wanted) {
                Ok(Proof::Pending) => open.push(wanted),
                Ok(Proof::Known(proven)) => self.tell_release(&wanted, Ok(*proven)),
                Ok(Proof::Logged(logged)) => {
                    self.push_job(Task::Release(Box::new(ReleaseJob { wanted, logged })));
                }
                Err(refusal) => self.tell_release(&wanted, Err(refusal)),
            }
        }
        self.releases.extend(open);
    }

    fn prove_release(&mut self, wanted: &WantedRelease) -> Result<Proof, Refusal> {
        let WantedRelease { file, entry, anew } = wanted;
        let artifact = file.artifact(entry);
        let namespace = artifact.package.namespace_or_none();
        let chain = match self.chains.get(&namespace) {
            Some(ChainState::Judged(result)) => Some(result.clone()?),
            _ => None,
        };
        let log = self.log_size();
        let (Some(trust), Some(checkpoint), Some(proofs)) =
            (self.trust.clone(), self.checkpoint.clone(), &mut self.proofs)
        else {
            return Ok(Proof::Pending);
        };
        let fingerprint = chain.as_ref().map(|chain| proofs.fingerprint(&namespace, chain, file, entry));
        if let (Some(chain), Some(fingerprint)) = (&chain, &fingerprint) {
            let signers = match anew {
                true => proofs.fresh_signers(fingerprint),
                false => proofs.signers(fingerprint, entry.log),
            };
            if let Some(signers) = signers {
                let signers = signers.iter().copied().collect();
                let proven = judge_again(&trust, &checkpoint, file, entry, chain, signers)?;
                return Ok(Proof::Known(Box::new(proven)));
            }
        } else if !anew && !proofs.is_empty() {
            // It may well be known: that is seen when the records of its namespace are.
            return Ok(Proof::Pending);
        }
        let Some(tiles) = &mut self.tiles else { return Ok(Proof::Pending) };
        let proved = self.files.prove(tiles, &[Goal::Leaf(entry.log)])?;
        let proof = layout::proof(&artifact);
        let bytes = self.entries.of_release(&mut self.files, &proof, entry.log, log)?;
        let (Poll::Ready(()), Poll::Ready(bytes), Some(chain), Some(fingerprint)) =
            (proved, bytes, chain, fingerprint)
        else {
            return Ok(Proof::Pending);
        };
        let leaf = tiles.check_leaf(entry.log, bytes).map_err(Refusal::from);
        let leaf = match leaf.and_then(|()| read_leaf(entry.log, bytes)) {
            Ok(leaf) => leaf,
            Err(refusal) => {
                self.entries.forget(entry.log);
                self.files.forget(&proof);
                return Err(refusal);
            }
        };
        let proof = self.files.is_expected(&proof).then_some(proof);
        Ok(Proof::Logged(Box::new(Logged { leaf, trust, checkpoint, chain, fingerprint, proof })))
    }

    pub(super) fn finish_release(&mut self, judged: JudgedRelease) {
        let JudgedRelease { wanted, fingerprint, proof, result } = judged;
        if let (Ok(proven), Some(proofs)) = (&result, &mut self.proofs) {
            proofs.record(fingerprint, &proven.signers);
        }
        if let Some(proof) = proof {
            self.files.forget(&proof);
            if result.is_ok() {
                self.files.confirm(proof);
            }
        }
        self.tell_release(&wanted, result);
    }

    fn tell_release(&mut self, wanted: &WantedRelease, result: Result<ProvenRelease, Refusal>) {
        let (package, log) = (wanted.file.package().clone(), wanted.entry.log);
        self.events.push_back(Event::Release { package, log, result: Box::new(result) });
    }

    /// Whether a release needs no files to be proved, as far as its namespace is known.
    pub fn has_proved(&mut self, file: &VerifiedIndex, entry: &IndexEntry) -> bool {
        let namespace = file.package().namespace_or_none();
        match (self.chains.get(&namespace), &mut self.proofs) {
            (Some(ChainState::Judged(Ok(chain))), Some(proofs)) => {
                let fingerprint = proofs.fingerprint(&namespace, chain, file, entry);
                proofs.signers(&fingerprint, entry.log).is_some()
            }
            _ => false,
        }
    }

    /// Goes on with single entries, the right edge, and the comparison with another checkpoint.
    pub(super) fn prove_others(&mut self) {
        for index in self.wanted_entries.keys() {
            let result = match self.prove_entry(index) {
                Ok(Poll::Pending) => continue,
                Ok(Poll::Ready(bytes)) => Ok(bytes),
                Err(refusal) => Err(refusal),
            };
            self.wanted_entries.remove(&index);
            self.events.push_back(Event::Entry { log: index, result });
        }
        if let Some(tiles) = self.tiles.as_mut().filter(|_| self.is_edge_wanted) {
            // Without it a smaller log can be compared less well later; nothing else depends on it.
            self.is_edge_wanted = matches!(self.files.prove(tiles, &[]), Ok(Poll::Pending));
        }
        self.judge_history();
    }

    fn prove_entry(&mut self, index: u64) -> Result<Poll<Vec<u8>>, Refusal> {
        let log = self.log_size();
        let Some(tiles) = &mut self.tiles else { return Ok(Poll::Pending) };
        let proved = self.files.prove(tiles, &[Goal::Leaf(index)])?;
        let bytes = self.entries.entry(&mut self.files, index, log)?;
        let (Poll::Ready(()), Poll::Ready(bytes)) = (proved, bytes) else { return Ok(Poll::Pending) };
        tiles.check_leaf(index, bytes)?;
        Ok(Poll::Ready(bytes.to_vec()))
    }

    /// The proof that an entry is in the log, to travel with a file, once that was [reported](Event::Entry).
    pub fn tlog_proof(&self, index: u64, entry: &[u8]) -> Result<TlogProof, Refusal> {
        let missing = || Refusal::from(ReleaseProofError::Absent { path: layout::CHECKPOINT.to_owned() });
        let (tiles, checkpoint) = self.tiles.as_ref().zip(self.checkpoint()).ok_or_else(missing)?;
        Ok(TlogProof::new(entry, index, tiles.inclusion(index)?, checkpoint.bytes()))
    }
}

/// How far the proof of a release is.
enum Proof {
    Pending,
    /// It was judged before.
    Known(Box<ProvenRelease>),
    /// Its entry is in the log; who signed it is to be judged.
    Logged(Box<Logged>),
}

fn read_leaf(index: u64, bytes: &[u8]) -> Result<Leaf, Refusal> {
    let leaf = Leaf::parse(bytes)?;
    leaf.check_place(index, None)?;
    Ok(leaf)
}
