//! Index files: read, checked, accepted.

use super::super::judge::{Older, check_rev};
use super::super::{Refusal, ReleaseProofError};
use super::{Event, Session, Task};
use crate::digest::Digest;
use crate::index::{IndexError, VerifiedIndex};
use crate::limits;
use crate::name::PackageName;
use crate::registry::{VerifiedTrustRoot, layout};
use crate::verify::ReleaseCheckId as Check;
use std::sync::Arc;
use std::task::Poll;

/// How far an index file is.
#[derive(Debug)]
pub(super) enum IndexState {
    /// Its file is needed.
    Wanted,
    /// Its signature is being checked.
    Opening,
    /// What the check said, of a file that may be ahead of the checkpoint; nothing when there is no file.
    Opened(Option<OpenedIndex>),
    /// The end.
    Judged(Result<Option<Arc<VerifiedIndex>>, Refusal>),
}

/// Checks the signature of an index file.
#[derive(Debug)]
pub(super) struct IndexJob {
    package: PackageName,
    bytes: Vec<u8>,
    trust: Arc<VerifiedTrustRoot>,
    /// Digest of the newest note whose signature was checked before.
    known: Option<Digest>,
    is_cached: bool,
}

/// An index file whose signature was checked.
#[derive(Debug)]
pub(super) struct OpenedIndex {
    package: PackageName,
    note: Digest,
    file: Result<VerifiedIndex, IndexError>,
    is_cached: bool,
}

impl IndexJob {
    pub(super) fn run(self) -> OpenedIndex {
        let Self { package, bytes, trust, known, is_cached } = self;
        let (note, file) = VerifiedIndex::open_checked(&bytes, &trust.root().index, &package, known);
        OpenedIndex { package, note, file, is_cached }
    }
}

impl Session {
    pub(super) fn want_index(&mut self, package: PackageName) {
        if let Some(IndexState::Judged(result)) = self.indexes.get(&package) {
            if result.is_ok() {
                return self.events.push_back(Event::Index(package));
            }
            self.indexes.remove(&package);
        }
        if !self.indexes.contains(&package) {
            self.indexes.insert(package.clone(), IndexState::Wanted);
        }
        self.open_indexes.insert(package, ());
    }

    /// Takes copies of index files that are kept, in place of those of the registry: whether there is something newer
    /// makes no difference. They pass the same checks; those that do not are passed over. To be called when nothing else
    /// is under way.
    pub fn use_cached(&mut self, copies: Vec<(PackageName, Vec<u8>)>) {
        for (package, bytes) in copies {
            let is_free = matches!(
                self.indexes.get(&package),
                None | Some(IndexState::Wanted | IndexState::Judged(Err(_)))
            );
            if is_free {
                self.open_index(package, bytes, true);
            }
        }
    }

    /// Whether the index file of a package is a copy that the registry was not asked about.
    pub fn is_cached(&self, package: &PackageName) -> bool {
        self.cached.contains(package)
    }

    /// Drops what [`use_cached`](Self::use_cached) took: the registry is asked after all.
    pub fn drop_cached(&mut self) {
        for (package, ()) in self.cached.iter() {
            self.indexes.remove(package);
        }
        self.cached.clear();
    }

    fn open_index(&mut self, package: PackageName, bytes: Vec<u8>, is_cached: bool) {
        let Some(trust) = self.trust.clone() else { return };
        let known = self.proofs.as_ref().and_then(|proofs| proofs.note(&package));
        self.indexes.insert(package.clone(), IndexState::Opening);
        self.push_job(Task::Index(Box::new(IndexJob { package, bytes, trust, known, is_cached })));
    }

    pub(super) fn finish_index(&mut self, opened: OpenedIndex) {
        let package = opened.package.clone();
        if !opened.is_cached {
            self.indexes.insert(package, IndexState::Opened(Some(opened)));
            return;
        }
        let seen = self.memory.seen.packages.get(package.as_str()).copied();
        match opened.file {
            Ok(file)
                if check_rev(&package, seen, Some(file.rev()), None).is_ok()
                    && file.log_size() <= self.size() =>
            {
                self.open_indexes.remove(&package);
                self.cached.insert(package.clone(), ());
                self.accept_index(&package, Some((opened.note, file)));
            }
            _ => {
                let is_wanted = self.open_indexes.contains(&package);
                self.indexes.remove(&package);
                if is_wanted {
                    self.indexes.insert(package, IndexState::Wanted);
                }
            }
        }
    }

    /// Judges the index files that are here. Gives the leaves that the newest of those speak of that have to wait for a
    /// newer checkpoint.
    pub(super) fn judge_indexes(&mut self) -> u64 {
        let mut ahead = 0;
        // Those that stay open are put back in their order, at the end: nothing is moved for each that does not.
        for (package, ()) in std::mem::take(&mut self.open_indexes) {
            match self.judge_index(&package) {
                Ok(Judgement::Done) => {}
                Ok(Judgement::Pending) => _ = self.open_indexes.insert(package, ()),
                Ok(Judgement::Ahead(size)) => {
                    ahead = ahead.max(size);
                    self.open_indexes.insert(package, ());
                }
                Err(refusal) => {
                    let refusal = refusal.of(Check::Index).in_file(&layout::index(&package));
                    self.indexes.insert(package.clone(), IndexState::Judged(Err(refusal)));
                    self.events.push_back(Event::Index(package));
                }
            }
        }
        ahead
    }

    fn judge_index(&mut self, package: &PackageName) -> Result<Judgement, Refusal> {
        let Some(trust) = self.trust.clone() else { return Ok(Judgement::Pending) };
        if matches!(self.indexes.get(package), Some(IndexState::Wanted)) {
            let file = self.files.take(&layout::index(package), limits::INDEX_LEN as u64);
            match file {
                Ok(Poll::Pending) => return Ok(Judgement::Pending),
                Ok(Poll::Ready(Some(bytes))) => {
                    self.open_index(package.clone(), bytes, false);
                    return Ok(Judgement::Pending);
                }
                Ok(Poll::Ready(None)) => _ = self.indexes.insert(package.clone(), IndexState::Opened(None)),
                Err(refusal) => {
                    self.files.forget(&layout::index(package));
                    return Err(refusal);
                }
            }
        }
        let opened = match self.indexes.get_mut(package) {
            // Whatever comes of it takes the place of this.
            Some(IndexState::Opened(opened)) => opened.take(),
            Some(IndexState::Judged(_)) | None => return Ok(Judgement::Done),
            Some(_) => return Ok(Judgement::Pending),
        };
        let seen = self.memory.seen.packages.get(package.as_str()).copied();
        let older = self.older;
        let Some(opened) = opened else {
            check_rev(package, seen, None, older.as_ref())?;
            self.accept_index(package, None);
            return Ok(Judgement::Done);
        };
        if matches!(opened.file, Err(IndexError::Note(_))) {
            let Poll::Ready(is_older) = self.lacks_trust_root(&trust)? else {
                self.indexes.insert(package.clone(), IndexState::Opened(Some(opened)));
                return Ok(Judgement::Pending);
            };
            if is_older {
                let older = Older::TrustRoot { seen: trust.root().version };
                return Err(ReleaseProofError::Outdated { reason: older.message() }.into());
            }
        }
        let OpenedIndex { note, file, .. } = opened;
        let file = file?;
        check_rev(package, seen, Some(file.rev()), older.as_ref())?;
        let size = file.log_size();
        // A copy may have been kept by a command that failed later and so remembered no checkpoint. The releases that it
        // names beyond the log that was seen cannot be proved; all others can.
        if size > self.size() && !self.is_offline {
            if size <= self.refreshed {
                // The copy is being written, or lags in part.
                let (package, checkpoint) = (package.to_string(), self.size());
                return Err(ReleaseProofError::Ahead { package, size, checkpoint }.into());
            }
            let opened = OpenedIndex { package: package.clone(), note, file: Ok(file), is_cached: false };
            self.indexes.insert(package.clone(), IndexState::Opened(Some(opened)));
            return Ok(Judgement::Ahead(size));
        }
        self.files.confirm(layout::index(package));
        self.accept_index(package, Some((note, file)));
        Ok(Judgement::Done)
    }

    fn accept_index(&mut self, package: &PackageName, file: Option<(Digest, VerifiedIndex)>) {
        if let (Some((note, file)), Some(proofs)) = (&file, &mut self.proofs) {
            self.memory.seen.packages.insert(package.to_string(), file.rev());
            proofs.record_note(package, *note);
        }
        let file = file.map(|(_, file)| Arc::new(file));
        self.indexes.insert(package.clone(), IndexState::Judged(Ok(file)));
        self.events.push_back(Event::Index(package.clone()));
    }
}

/// How judging something ended, if it was not refused.
pub(super) enum Judgement {
    Done,
    /// Files or jobs are needed first.
    Pending,
    /// It speaks of a log of so many leaves.
    Ahead(u64),
}
