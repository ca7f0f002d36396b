//! Trust root, checkpoint, continuity with the one seen before.

use super::super::continuity::{Continuity, compare};
use super::super::judge::Older;
use super::super::{Refusal, ReleaseProofError};
use super::{Event, ProofCache, Session, TrustWalk};
use crate::digest::Digest;
use crate::limits;
use crate::log::checkpoint::{CheckpointError, VerifiedCheckpoint};
use crate::log::note::NoteError;
use crate::log::proof::LogTiles;
use crate::registry::VerifiedTrustRoot;
use crate::registry::{RegistryConfig, layout};
use crate::verify::ReleaseCheckId as Check;
use std::sync::Arc;
use std::task::Poll;

type Step = Result<Poll<()>, Refusal>;

impl Session {
    /// Everything that comes before the first package.
    pub(super) fn open_log(&mut self) -> Step {
        type StepFn = fn(&mut Session) -> Step;
        let steps: [(Check, StepFn); 3] = [
            (Check::TrustRoot, Self::read_config),
            (Check::TrustRoot, Self::walk_trust),
            (Check::Checkpoint, Self::read_checkpoint),
        ];
        for (check, step) in steps {
            match step(self).map_err(|refusal| refusal.of(check))? {
                Poll::Ready(()) => {}
                Poll::Pending => return Ok(Poll::Pending),
            }
        }
        Ok(Poll::Ready(()))
    }

    fn read_config(&mut self) -> Step {
        if self.config.is_none() {
            let path = layout::CONFIG;
            let Poll::Ready(file) = self.files.get(path, layout::CONFIG_LEN)? else {
                return Ok(Poll::Pending);
            };
            let file = file.ok_or_else(|| absent(path))?;
            let config = RegistryConfig::parse(file);
            self.config =
                Some(config.map_err(|e| Refusal::from(ReleaseProofError::Config(e)).in_file(path))?);
        }
        Ok(Poll::Ready(()))
    }

    /// The trust root that is trusted, and from it one by one to the newest.
    fn walk_trust(&mut self) -> Step {
        if self.trust.is_some() {
            return Ok(Poll::Ready(()));
        }
        let claimed = self.config.as_ref().map(|config| config.registry.to_string()).unwrap_or_default();
        let mut walk = match self.walk.clone() {
            Some(walk) => walk,
            None => {
                let path = layout::trust_root(1);
                let first = self.files.get(&path, limits::ENVELOPE_LEN as u64);
                let Some(pin) = self.pin else {
                    let offered = match first {
                        Ok(Poll::Pending) => return Ok(Poll::Pending),
                        Ok(Poll::Ready(first)) => first.map(Digest::of),
                        Err(_) => None,
                    };
                    return Err(ReleaseProofError::Untrusted { registry: claimed, offered }.into());
                };
                let Poll::Ready(first) = first? else { return Ok(Poll::Pending) };
                let first = first.ok_or_else(|| absent(&path))?;
                let first = VerifiedTrustRoot::pinned(first, &pin);
                TrustWalk::new(first.map_err(|error| Refusal::from(error).in_file(&path))?)
            }
        };
        loop {
            let path = walk.path();
            let Poll::Ready(next) = self.files.get(&path, limits::ENVELOPE_LEN as u64)? else {
                self.walk = Some(walk);
                return Ok(Poll::Pending);
            };
            if !walk.advance(next).map_err(|error| Refusal::from(error).in_file(&path))? {
                break;
            }
        }
        let root = walk.trust_root().root();
        if root.registry.as_str() != claimed {
            let expected = root.registry.to_string();
            let refusal = Refusal::from(ReleaseProofError::Registry { expected, got: claimed });
            return Err(refusal.in_file(&layout::trust_root(root.version)));
        }
        self.trust = Some(Arc::new(walk.trust_root().clone()));
        Ok(Poll::Ready(()))
    }

    /// Takes up what is remembered of the log, as the log keys of the trust root let it count.
    fn read_memory(&mut self, trust: &VerifiedTrustRoot) -> Result<(), Refusal> {
        if std::mem::replace(&mut self.is_memory_read, true) {
            return Ok(());
        }
        if let Some(note) = self.memory.checkpoint.clone() {
            let stored = VerifiedCheckpoint::reopen(&note, &trust.root().log_policy);
            self.checkpoint = stored.map_err(ReleaseProofError::Remembered)?;
            if self.checkpoint.is_none() {
                // A dropped log key has signed it: it binds nobody any more, nor does what was seen under it.
                self.memory.forget_log();
                self.events.push_back(Event::LogDropped(note));
            }
        }
        self.before.clone_from(&self.checkpoint);
        // What was proved before holds for this log as far as it continues the one it was proved in.
        self.proofs = Some(match (self.kept_proofs.take(), &self.before) {
            (Some((text, read)), Some(before)) => read(&text, trust, before.size()),
            _ => ProofCache::empty(trust),
        });
        Ok(())
    }

    /// The checkpoint to prove against: of the one seen before and the one shown now, the larger, once it is proved
    /// that it continues the other.
    fn read_checkpoint(&mut self) -> Step {
        let Some(trust) = self.trust.clone() else { return Ok(Poll::Pending) };
        if self.tiles.is_some() {
            return Ok(Poll::Ready(()));
        }
        self.read_memory(&trust)?;
        let path = layout::CHECKPOINT;
        if self.is_offline {
            let error = ReleaseProofError::Outdated { reason: Older::Offline.message() };
            let stored = self.checkpoint.clone().ok_or_else(|| Refusal::from(error).in_file(path))?;
            return Ok(self.go_on_with(stored, Some(Older::Offline)));
        }
        let Poll::Ready(note) = self.files.get(path, limits::NOTE_LEN as u64)? else {
            return Ok(Poll::Pending);
        };
        let opened = note.map(|note| VerifiedCheckpoint::open(note, &trust.root().log_policy));
        let stored = self.checkpoint.clone();
        if matches!(opened, Some(Err(CheckpointError::Note(NoteError::Unsigned { .. })))) {
            let Poll::Ready(is_older) = self.lacks_trust_root(&trust)? else { return Ok(Poll::Pending) };
            if is_older {
                // Signed by keys of an older trust root.
                let older = Older::TrustRoot { seen: trust.root().version };
                let error = ReleaseProofError::Outdated { reason: older.message() };
                let stored = stored.ok_or_else(|| Refusal::from(error).in_file(path))?;
                return Ok(self.go_on_with(stored, Some(older)));
            }
        }
        let fetched = match (opened, &stored) {
            (Some(fetched), _) => fetched.map_err(|error| Refusal::from(error).in_file(path))?,
            (None, Some(stored)) => return Ok(self.go_on_with(stored.clone(), Some(Older::NoCheckpoint))),
            (None, None) => return Err(absent(path)),
        };
        self.served = Some(fetched.size());
        let Some(stored) = stored else { return Ok(self.go_on_with(fetched, None)) };
        let kept = self.memory.edge.as_deref();
        let kept = kept.and_then(|edge| LogTiles::from_edge(stored.checkpoint(), edge));
        let older = Older::Log { served: fetched.size(), seen: stored.size() };
        let Poll::Ready(continuity) = compare(&mut self.files, &stored, &fetched, kept.as_ref())? else {
            return Ok(Poll::Pending);
        };
        let seen = stored.size();
        let step = match continuity {
            Continuity::Continues => self.go_on_with(fetched, None),
            Continuity::Begins => self.go_on_with(stored, Some(older)),
            Continuity::Smaller => return Ok(self.go_on_with(stored, Some(older))),
            Continuity::Contradicts(reason) => return Err(split_view(&stored, &fetched, reason)),
        };
        self.compared = Some(seen);
        Ok(step)
    }

    /// Whether the registry does not have the trust root that is trusted, so that this copy is from before a rotation
    /// that was seen.
    pub(super) fn lacks_trust_root(&mut self, trust: &VerifiedTrustRoot) -> Result<Poll<bool>, Refusal> {
        if self.is_offline {
            // Copies that were kept before a rotation stay; before the first one there can be none.
            return Ok(Poll::Ready(trust.root().version > 1));
        }
        let path = layout::trust_root(trust.root().version);
        let there = self.files.get(&path, limits::ENVELOPE_LEN as u64)?;
        Ok(there.map(|file| file.is_none()))
    }

    fn go_on_with(&mut self, checkpoint: VerifiedCheckpoint, older: Option<Older>) -> Poll<()> {
        // A copy that was once older stays so until it has more: its other files are of the same time.
        if self.older.is_none() || checkpoint.size() > self.size() {
            self.older = older;
        }
        self.compared = None;
        let mut tiles = LogTiles::new(checkpoint.checkpoint());
        let edge = self.memory.edge.as_deref();
        match edge.and_then(|edge| LogTiles::from_edge(checkpoint.checkpoint(), edge)) {
            Some(kept) => tiles.keep(&kept),
            None => self.memory.edge = None,
        }
        self.memory.checkpoint = Some(checkpoint.bytes().to_vec());
        self.checkpoint = Some(checkpoint);
        self.tiles = Some(tiles);
        self.events.push_back(Event::Opened);
        Poll::Ready(())
    }

    /// Compares with the log that another process has seen.
    pub(super) fn judge_history(&mut self) {
        let (Some((other, edge)), Some(ours)) = (&self.other_history, &self.checkpoint) else { return };
        let kept = edge.as_deref().and_then(|edge| LogTiles::from_edge(other.checkpoint(), edge));
        let compared = compare(&mut self.files, other, ours, kept.as_ref());
        let result = match compared {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(Continuity::Continues | Continuity::Begins)) => Ok(true),
            Ok(Poll::Ready(Continuity::Smaller)) => Ok(false),
            Ok(Poll::Ready(Continuity::Contradicts(reason))) => Err(split_view(other, ours, reason)),
            Err(refusal) => Err(refusal.of(Check::Continuity)),
        };
        self.other_history = None;
        self.events.push_back(Event::History(result));
    }
}

fn absent(path: &str) -> Refusal {
    Refusal::from(ReleaseProofError::Absent { path: path.to_owned() }).in_file(path)
}

fn split_view(before: &VerifiedCheckpoint, now: &VerifiedCheckpoint, reason: String) -> Refusal {
    let notes = Box::new([before.bytes().to_vec(), now.bytes().to_vec()]);
    let error = ReleaseProofError::SplitView { before: before.size(), now: now.size(), reason, notes };
    Refusal::from(error).in_file(layout::CHECKPOINT)
}
