//! Reading a registry: files in, facts out.

mod index;
mod log;
mod proofs;

use super::entries::{Entries, LogSize};
use super::files::{FileNeed, Files};
use super::judge::Older;
use super::table::Table;
use super::{Memory, ProofCache, ProvenRelease, Refusal, TrustWalk};
use crate::digest::Digest;
use crate::index::{IndexEntry, VerifiedIndex};
use crate::limits;
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::proof::LogTiles;
use crate::name::{Namespace, PackageName};
use crate::registry::{RegistryConfig, VerifiedTrustRoot, layout};
use crate::sign::NamespaceChain;
use index::{IndexJob, IndexState, OpenedIndex};
use proofs::{ChainState, JudgedRelease, ReleaseJob, WantedRelease};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

/// A release whose proof is wanted: the index file and its line.
pub type Unproved = (Arc<VerifiedIndex>, IndexEntry);

/// Something to find out about the registry.
#[derive(Clone, Debug)]
pub enum Want {
    /// The index files of these packages.
    Index(Vec<PackageName>),
    /// The records of these namespaces.
    Namespaces(Vec<Namespace>),
    /// The proofs of these releases.
    Releases {
        /// Which.
        releases: Vec<Unproved>,
        /// Whether what was proved in an earlier run has to be proved again.
        anew: bool,
    },
    /// These entries of the log.
    Entries(Vec<u64>),
    /// Whether another checkpoint that was seen of the log is of the same history. With the right edge of its log, as
    /// [`LogTiles::edge`] wrote it, where that is known.
    History(VerifiedCheckpoint, Option<String>),
    /// The right edge of the log, to be remembered.
    Edge,
}

/// What a session has found out.
#[derive(Clone, Debug)]
pub enum Event {
    /// What was remembered of the log, this checkpoint, does not count any more: the trust root has dropped its key.
    LogDropped(Vec<u8>),
    /// Trust root and checkpoint are verified.
    Opened,
    /// The index file of a package was judged: [`Session::index`] has it.
    Index(PackageName),
    /// The records of a namespace were judged: [`Session::namespace`] has them.
    Namespace(Namespace),
    /// A release was judged.
    Release {
        /// Its package.
        package: PackageName,
        /// Its place in the log, as the index says.
        log: u64,
        /// What is proved, or why nothing is.
        result: Box<Result<ProvenRelease, Refusal>>,
    },
    /// An entry of the log, proved to be in it.
    Entry {
        /// Its place.
        log: u64,
        /// Its bytes.
        result: Result<Vec<u8>, Refusal>,
    },
    /// Whether the other checkpoint is of the same history; `false` when neither that nor the contrary can be shown.
    History(Result<bool, Refusal>),
    /// A file passed every check: a copy of it may be kept.
    Confirmed(String),
}

/// Work that needs no file and no state, so that it can be done on any thread: signatures to check.
#[derive(Debug)]
pub struct Job(Task);

/// A [`Job`] that is done.
#[derive(Debug)]
pub struct Done(TaskResult);

#[derive(Debug)]
enum Task {
    Index(Box<IndexJob>),
    Release(Box<ReleaseJob>),
}

#[derive(Debug)]
enum TaskResult {
    Index(Box<OpenedIndex>),
    Release(Box<JudgedRelease>),
}

impl Job {
    /// Does the work.
    pub fn run(self) -> Done {
        Done(match self.0 {
            Task::Index(job) => TaskResult::Index(Box::new(job.run())),
            Task::Release(job) => TaskResult::Release(Box::new(job.run())),
        })
    }
}

/// [`ProofCache::parse`], of which a module that keeps no proofs has no code.
type ReadProofs = fn(&str, &VerifiedTrustRoot, u64) -> ProofCache;

/// A look at a registry, under one checkpoint.
///
/// Say what is [wanted](Self::want), bring the files that it [needs](Self::needs), do its [jobs](Self::jobs), and again,
/// until nothing is left to do: [`take`](Self::take) gives what came of it. Nothing happens before the last needed file
/// is there, so neither order nor timing of the files makes a difference. Nothing that was found out is asked for again.
#[derive(Debug)]
pub struct Session {
    pin: Option<Digest>,
    memory: Memory,
    /// Proofs of earlier runs, until the log is known that they count for.
    kept_proofs: Option<(String, ReadProofs)>,
    files: Files,
    events: VecDeque<Event>,
    jobs: Vec<Job>,
    /// Jobs that are not done.
    working: usize,
    failure: Option<Refusal>,
    is_offline: bool,
    config: Option<RegistryConfig>,
    walk: Option<TrustWalk>,
    trust: Option<Arc<VerifiedTrustRoot>>,
    /// The checkpoint that was remembered, once it is known that it counts.
    before: Option<VerifiedCheckpoint>,
    is_memory_read: bool,
    /// The newest checkpoint that was verified.
    checkpoint: Option<VerifiedCheckpoint>,
    /// Its log; none while the checkpoint is being read, once more perhaps.
    tiles: Option<LogTiles>,
    /// Leaves of the log that is served.
    served: Option<u64>,
    /// Leaves of the log that it was shown to continue, or to be a beginning of.
    compared: Option<u64>,
    older: Option<Older>,
    /// Leaves that an index file or namespace spoke of when the checkpoint was last read again.
    refreshed: u64,
    proofs: Option<ProofCache>,
    entries: Entries,
    indexes: Table<PackageName, IndexState>,
    open_indexes: Table<PackageName, ()>,
    /// Index files that are copies the registry was not asked about.
    cached: Table<PackageName, ()>,
    chains: Table<Namespace, ChainState>,
    open_chains: Table<Namespace, ()>,
    releases: Vec<WantedRelease>,
    wanted_entries: Table<u64, ()>,
    other_history: Option<(VerifiedCheckpoint, Option<String>)>,
    is_edge_wanted: bool,
}

impl Session {
    /// Starts. What is remembered of the registry decides which trust root is trusted; without, the first one whose
    /// envelope has the digest `pin` is.
    pub fn open(pin: Option<Digest>, memory: Memory) -> Self {
        let mut session = Self {
            pin,
            walk: memory.trust.clone().map(TrustWalk::new),
            memory,
            kept_proofs: None,
            files: Files::default(),
            events: VecDeque::new(),
            jobs: Vec::new(),
            working: 0,
            failure: None,
            is_offline: false,
            config: None,
            trust: None,
            before: None,
            is_memory_read: false,
            checkpoint: None,
            tiles: None,
            served: None,
            compared: None,
            older: None,
            refreshed: 0,
            proofs: None,
            entries: Entries::default(),
            indexes: Table::default(),
            open_indexes: Table::default(),
            cached: Table::default(),
            chains: Table::default(),
            open_chains: Table::default(),
            releases: Vec::new(),
            wanted_entries: Table::default(),
            other_history: None,
            is_edge_wanted: false,
        };
        session.advance();
        session
    }

    /// As [`open`](Self::open), with what [`ProofCache::to_text`] gave an earlier time.
    pub fn open_with_proofs(pin: Option<Digest>, memory: Memory, proofs: String) -> Self {
        Self { kept_proofs: Some((proofs, ProofCache::parse)), ..Self::open(pin, memory) }
    }

    /// As it was opened, over copies of the registry's files that were kept: they are held against the checkpoint that is
    /// remembered. To be called before the first file is supplied.
    #[must_use]
    pub fn offline(self) -> Self {
        Self { is_offline: true, ..self }
    }

    /// Says what is wanted. What is known already is reported again; what was refused is checked again.
    pub fn want(&mut self, want: Want) {
        self.files.retry_unreadable();
        self.entries.trim();
        self.refreshed = 0;
        match want {
            Want::Index(packages) => packages.into_iter().for_each(|package| self.want_index(package)),
            Want::Namespaces(namespaces) => {
                namespaces.into_iter().for_each(|namespace| self.want_namespace(namespace));
            }
            Want::Releases { releases, anew } => self.want_releases(releases, anew),
            Want::Entries(indices) => {
                indices.into_iter().for_each(|index| _ = self.wanted_entries.insert(index, ()))
            }
            Want::History(checkpoint, edge) => self.other_history = Some((checkpoint, edge)),
            Want::Edge => self.is_edge_wanted = true,
        }
        self.advance();
    }

    /// The files to bring now, all at once or one by one; none when there is nothing to bring.
    pub fn needs(&self) -> &[FileNeed] {
        self.files.needs()
    }

    /// Takes a file that is needed.
    pub fn supply(&mut self, path: &str, file: Vec<u8>) {
        self.files.supply(path, Some(file));
        self.advance_if_complete();
    }

    /// The registry does not have a file that is needed.
    pub fn absent(&mut self, path: &str) {
        self.files.supply(path, None);
        self.advance_if_complete();
    }

    /// A file that is needed cannot be read now; it is asked for again when something that needs it is wanted again.
    pub fn unreadable(&mut self, path: &str) {
        self.files.unreadable(path);
        self.advance_if_complete();
    }

    /// Work to do now, in any order and on any threads; every job is to be [finished](Self::finish).
    pub fn jobs(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.jobs)
    }

    /// Takes a job that was done.
    pub fn finish(&mut self, done: Done) {
        match done.0 {
            TaskResult::Index(opened) => self.finish_index(*opened),
            TaskResult::Release(judged) => self.finish_release(*judged),
        }
        self.working = self.working.saturating_sub(1);
        self.advance_if_complete();
    }

    /// Does all jobs here and now.
    pub fn work(&mut self) {
        loop {
            let jobs = self.jobs();
            if jobs.is_empty() {
                return;
            }
            jobs.into_iter().for_each(|job| self.finish(job.run()));
        }
    }

    /// The next thing that was found out.
    pub fn take(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Why the registry cannot be read. Nothing is needed any more then.
    pub fn failure(&self) -> Option<&Refusal> {
        self.failure.as_ref()
    }

    /// What the registry says about itself, once it was read: hints without authority.
    pub fn config(&self) -> Option<&RegistryConfig> {
        self.config.as_ref()
    }

    /// The newest trust root, once all of them were followed.
    pub fn trust_root(&self) -> Option<&VerifiedTrustRoot> {
        self.trust.as_deref()
    }

    /// The checkpoint that everything is proved against.
    pub fn checkpoint(&self) -> Option<&VerifiedCheckpoint> {
        self.checkpoint.as_ref().filter(|_| self.tiles.is_some())
    }

    /// The checkpoint that was remembered when this session started, if it still counts.
    pub fn remembered(&self) -> Option<&VerifiedCheckpoint> {
        self.before.as_ref()
    }

    /// Leaves of the log that is served, once its checkpoint was verified.
    pub fn served(&self) -> Option<u64> {
        self.served
    }

    /// Leaves of the log seen before that the served one was compared with and agrees with.
    pub fn compared(&self) -> Option<u64> {
        self.compared
    }

    /// In what this copy of the registry is older than what was seen, if it is.
    pub fn older(&self) -> Option<&Older> {
        self.older.as_ref()
    }

    /// The index file of a package, `None` in it when the registry has none, once that was judged.
    pub fn index(&self, package: &PackageName) -> Option<&Result<Option<Arc<VerifiedIndex>>, Refusal>> {
        match self.indexes.get(package)? {
            IndexState::Judged(result) => Some(result),
            _ => None,
        }
    }

    /// The records of a namespace, each proved to be in the log, once that was judged.
    pub fn namespace(&self, namespace: &Namespace) -> Option<&Result<Arc<NamespaceChain>, Refusal>> {
        match self.chains.get(namespace)? {
            ChainState::Judged(result) => Some(result),
            _ => None,
        }
    }

    /// What was proved so far, for the next time.
    pub fn proofs(&self) -> Option<&ProofCache> {
        self.proofs.as_ref()
    }

    /// What was seen, to be remembered once all other checks have passed as well.
    pub fn memory(&self) -> Memory {
        let mut memory = self.memory.clone();
        if let Some(trust) = self.trust_root() {
            memory.trust = Some(trust.clone());
        }
        if let Some(edge) = self.tiles.as_ref().and_then(LogTiles::edge) {
            memory.edge = Some(edge);
        }
        memory
    }

    fn advance_if_complete(&mut self) {
        if self.files.needs().is_empty() && self.working == 0 {
            self.advance();
        }
    }

    /// Goes as far as the files that are there allow.
    fn advance(&mut self) {
        self.files.start();
        self.entries.start();
        if self.failure.is_some() {
            return;
        }
        loop {
            match self.open_log() {
                Ok(Poll::Ready(())) => {}
                Ok(Poll::Pending) => break self.ask_ahead(),
                Err(refusal) => {
                    self.files.start();
                    self.failure = Some(refusal);
                    break;
                }
            }
            let ahead = self.judge_indexes().max(self.judge_namespaces());
            if ahead <= self.size().max(self.refreshed) {
                self.prove_releases();
                self.prove_others();
                break;
            }
            // Something was published since the checkpoint was read.
            self.refreshed = ahead;
            self.tiles = None;
            self.files.forget(layout::CHECKPOINT);
        }
        let confirmed = self.files.take_confirmed();
        self.events.extend(confirmed.into_iter().map(Event::Confirmed));
    }

    /// Asks for what is needed whatever comes of the steps before, once it is known where it is.
    fn ask_ahead(&mut self) {
        if self.config.is_none() {
            return;
        }
        if !self.is_offline {
            self.files.ask(layout::CHECKPOINT, limits::NOTE_LEN as u64);
        }
        for (package, ()) in self.open_indexes.iter() {
            if matches!(self.indexes.get(package), Some(IndexState::Wanted)) {
                self.files.ask(&layout::index(package), limits::INDEX_LEN as u64);
            }
        }
        for (namespace, ()) in self.open_chains.iter() {
            if matches!(self.chains.get(namespace), Some(ChainState::Wanted)) {
                self.files.ask(&layout::namespace(namespace), limits::NAMESPACE_FILE_LEN as u64);
            }
        }
    }

    /// Leaves of the log that everything is proved in.
    fn size(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, VerifiedCheckpoint::size)
    }

    fn log_size(&self) -> LogSize {
        LogSize { size: self.size(), served: self.older.as_ref().and_then(Older::served) }
    }

    fn push_job(&mut self, task: Task) {
        self.working += 1;
        self.jobs.push(Job(task));
    }

    /// How often a bundle of entries was taken apart.
    #[cfg(test)]
    pub(super) fn bundle_reads(&self) -> usize {
        self.entries.reads
    }
}
