//! The end of a log, taken up where it was left, and how it grows.
//!
//! A writer first resumes: what is published and what was about to be signed when an earlier writer was stopped tell
//! where the log ends. Then [`LogHead::append`] turns leaves into a [`Commit`]. No file is touched here.
//!
//! # Example
//! A writer is stopped before it could publish, and the next one ends what it began.
//! ```
//! use std::collections::BTreeMap;
//! use std::task::Poll;
//! use vitte_package_core::log::{checkpoint::VerifiedCheckpoint, leaf::{Leaf, Subject}, note::LogKey, policy::LogPolicy};
//! use vitte_package_core::registry::{LogHead, SignedHead, Snapshot, Step, layout, resume};
//! use vitte_package_core::sign::{RegistryId, SecretKey};
//!
//! let id = RegistryId::parse("registry.example/")?;
//! let key = SecretKey::from_seed(&[2; 32]);
//! let policy = LogPolicy::unwitnessed(&LogKey::new(&LogKey::name_of(&id), key.public())?);
//! let mut files = BTreeMap::new();
//! // What was signed last is kept next to the key.
//! let mut signed: Option<SignedHead> = None;
//!
//! let leaf = Leaf {
//!     subject: Subject::Genesis { registry: id.clone() },
//!     time: 1_763_800_000,
//!     prev: None,
//!     envelopes: vec!["{}".to_owned()],
//! };
//! let commit = LogHead::empty(&id).append(&[leaf], &key)?;
//! let mut apply = |step: &Step| match step {
//!     Step::Put { path, bytes } => _ = files.insert(path.clone(), bytes.clone()),
//!     Step::Publish { checkpoint } => _ = files.insert(layout::CHECKPOINT.into(), checkpoint.clone()),
//!     Step::Intent(head) => signed = Some(*head),
//!     Step::Prune { .. } => {}
//! };
//! // All but the last step: the checkpoint is signed, and nobody has seen it.
//! let (last, done) = commit.steps().split_last().ok_or("a commit has steps")?;
//! assert!(matches!(last, Step::Publish { .. }));
//! done.iter().for_each(&mut apply);
//! assert!(!files.contains_key(layout::CHECKPOINT));
//!
//! let mut snapshot = Snapshot::new();
//! let resumed = loop {
//!     match resume(&id, &key.public(), None, signed, &mut snapshot) {
//!         Poll::Ready(resumed) => break resumed?,
//!         Poll::Pending => {
//!             for need in snapshot.needs() {
//!                 snapshot.supply(&need.path, files.get(&need.path).cloned());
//!             }
//!         }
//!     }
//! };
//! assert!(!resumed.is_published);
//! for step in resumed.head.sign(&key)? {
//!     if let Step::Publish { checkpoint } = step {
//!         let checkpoint = VerifiedCheckpoint::open(&checkpoint, &policy)?;
//!         assert_eq!((checkpoint.size(), *checkpoint.root()), (1, resumed.head.signed().root));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::commit::{Commit, SignedHead, Step};
use super::error::WriteError;
use super::layout;
use super::snapshot::Snapshot;
use crate::diagnostic::{Code, Diagnostic};
use crate::log::append::Appender;
use crate::log::checkpoint::{Checkpoint, VerifiedCheckpoint};
use crate::log::leaf::Leaf;
use crate::log::note::LogKey;
use crate::log::policy::LogPolicy;
use crate::log::proof::{Goal, LogTiles};
use crate::log::tile::{self, BundleId, TileId};
use crate::message::registry as text;
use crate::sign::{PublicKey, RegistryId, SecretKey};
use std::task::{Poll, ready};

/// The end of a log: all that is needed to append to it.
#[derive(Clone, Debug)]
pub struct LogHead {
    origin: String,
    log: Appender,
    /// The entries of the last bundle, if it is not full.
    tail: Vec<Vec<u8>>,
    last_time: u64,
}

/// A log that was taken up.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Its end.
    pub head: LogHead,
    /// Whether the published checkpoint is of this end and signed by the present log key. If it is not, an earlier writer
    /// was stopped before it could publish, and [`LogHead::sign`] comes first.
    pub is_published: bool,
}

/// Takes a log up from its published checkpoint and what was about to be signed last, to go on with it by `log_key`.
/// Looks again when the files that `snapshot` needs were supplied.
///
/// # Errors
/// [`WriteError::NotTheSignedLog`] when the files hold an older or another log than the one that was signed: going on
/// would show two logs of one name. [`WriteError::NoLog`] when there is none yet.
pub fn resume(
    registry: &RegistryId,
    log_key: &PublicKey,
    published: Option<&VerifiedCheckpoint>,
    intent: Option<SignedHead>,
    snapshot: &mut Snapshot,
) -> Poll<Result<Resumed, WriteError>> {
    let shown = published.map(|shown| SignedHead { size: shown.size(), root: *shown.root() });
    let head = match (intent, shown) {
        (Some(intent), Some(shown)) if intent.size == shown.size && intent != shown => {
            let fault = Diagnostic::new(Code::Consistency, text::same_size_other_root(intent.size));
            return Poll::Ready(Err(WriteError::NotTheSignedLog(Box::new(fault))));
        }
        (Some(intent), Some(shown)) if intent.size > shown.size => intent,
        (_, Some(shown)) => shown,
        (Some(intent), None) => intent,
        (None, None) => return Poll::Ready(Err(WriteError::NoLog)),
    };
    let not_signed = |error: WriteError| match (&error, shown) {
        (WriteError::NotTheSignedLog(_), _) => error,
        (WriteError::Missing { .. }, shown)
            if intent.is_some_and(|last| last.size > shown.map_or(0, |s| s.size)) =>
        {
            let (shown, last) = (shown.map_or(0, |shown| shown.size), head.size);
            let fault = Diagnostic::new(Code::Consistency, text::registry_older(shown, last));
            WriteError::NotTheSignedLog(Box::new(fault))
        }
        _ => {
            let fault = error.diagnostics().into_iter().next();
            let fault = fault.unwrap_or_else(|| Diagnostic::new(Code::Consistency, error.to_string()));
            WriteError::NotTheSignedLog(Box::new(fault))
        }
    };
    let origin = LogKey::name_of(registry);
    // Where both are known, the smaller must be the beginning of the larger: a restored folder, or keys that were
    // restored, are noticed here.
    let earlier = [intent, shown].into_iter().flatten().find(|other| other.size < head.size);
    if let Some(earlier) = earlier {
        let mut tiles = LogTiles::new(&Checkpoint::new(&origin, head.size, head.root));
        ready!(snapshot.prove(&mut tiles, &[Goal::Prefix(earlier.size)])).map_err(not_signed)?;
        let earlier = Checkpoint::new(&origin, earlier.size, earlier.root);
        tiles.check_prefix(&earlier).map_err(|error| not_signed(error.into()))?;
    }
    let ids = TileId::right_edge(head.size);
    let mut wanted: Vec<_> = ids.iter().map(|id| (layout::tile(*id), layout::TILE_LEN)).collect();
    let last = head.size.checked_sub(1).and_then(|last| BundleId::at(last / tile::WIDTH, head.size));
    wanted.extend(last.map(|id| (layout::bundle(id), layout::BUNDLE_LEN)));
    ready!(snapshot.want(wanted));
    let mut edge = Vec::new();
    for id in ids {
        edge.push(ready!(snapshot.tile(id)).map_err(not_signed)?);
    }
    let log = Appender::resume(head.size, &head.root, &edge).map_err(|error| not_signed(error.into()))?;
    let (mut tail, mut last_time) = (Vec::new(), 0);
    if let Some(id) = last {
        tail = ready!(snapshot.bundle(id.index(), head.size))?;
        last_time = tail.last().map(|entry| Leaf::parse(entry)).transpose()?.map_or(0, |leaf| leaf.time);
        if id.width() as u64 == tile::WIDTH {
            tail.clear();
        }
    }
    let head = LogHead { origin, log, tail, last_time };
    let policy = LogPolicy::unwitnessed(&LogKey::new(&head.origin, log_key.clone())?);
    let is_signed = |shown: &VerifiedCheckpoint| VerifiedCheckpoint::open(shown.bytes(), &policy).is_ok();
    let is_published = shown == Some(head.signed()) && published.is_some_and(is_signed);
    Poll::Ready(Ok(Resumed { head, is_published }))
}

impl LogHead {
    /// The end of the empty log of a registry.
    pub fn empty(registry: &RegistryId) -> Self {
        Self { origin: LogKey::name_of(registry), log: Appender::empty(), tail: Vec::new(), last_time: 0 }
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// Size and root.
    pub fn signed(&self) -> SignedHead {
        SignedHead { size: self.log.size(), root: self.log.root() }
    }

    /// Time of the last leaf, in Unix seconds; 0 in an empty log.
    pub fn last_time(&self) -> u64 {
        self.last_time
    }

    /// The time that new leaves carry when the clock says `now`: never before the last leaf.
    pub fn time(&self, now: u64) -> u64 {
        now.max(self.last_time)
    }

    /// The checkpoint of this end.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(&self.origin, self.log.size(), self.log.root())
    }

    /// The steps that publish this end, signed by the log key: the intent comes first.
    ///
    /// # Errors
    /// [`WriteError::Refused`] when the registry's id cannot be part of a key's name.
    pub fn sign(&self, signer: &SecretKey) -> Result<Commit, WriteError> {
        let checkpoint = self.checkpoint().sign(signer)?.to_bytes();
        let mut commit = Commit::new();
        commit.push(Step::Intent(self.signed()));
        commit.push(Step::Publish { checkpoint });
        Ok(commit)
    }

    /// Appends leaves in one batch. When this fails the end is as it was.
    ///
    /// # Errors
    /// [`WriteError::Refused`] when a leaf is too long or cannot stand there, or the log is full.
    pub fn append(&mut self, leaves: &[Leaf], signer: &SecretKey) -> Result<Commit, WriteError> {
        let mut grown = self.clone();
        let mut entries = Vec::new();
        for leaf in leaves {
            leaf.check_place(grown.log.size(), Some(grown.last_time))?;
            grown.last_time = leaf.time;
            let bytes = leaf.to_bytes()?;
            grown.log.append(&bytes)?;
            entries.push(bytes);
        }
        let (from, to) = (self.log.size(), grown.log.size());
        let mut commit = Commit::new();
        prune_unsigned(&mut commit, from, to);
        grown.put_bundles(&mut commit, from, entries)?;
        for (id, bytes) in grown.log.take_tiles() {
            commit.put(layout::tile(id), bytes);
        }
        let commit = commit.then(grown.sign(signer)?);
        *self = grown;
        Ok(commit)
    }

    /// Writes the bundles that hold the new entries, and keeps those of the last one if it is not full.
    fn put_bundles(
        &mut self,
        commit: &mut Commit,
        from: u64,
        entries: Vec<Vec<u8>>,
    ) -> Result<(), WriteError> {
        let size = self.log.size();
        let mut bundle = std::mem::take(&mut self.tail);
        let mut entries = entries.into_iter();
        let mut index = from / tile::WIDTH;
        while let Some(id) = BundleId::at(index, size) {
            let room = usize::from(id.width()).saturating_sub(bundle.len());
            bundle.extend(entries.by_ref().take(room));
            let mut bytes = Vec::new();
            for entry in &bundle {
                tile::print_entry(&mut bytes, entry)?;
            }
            commit.put(layout::bundle(id), bytes);
            if id.width() as u64 == tile::WIDTH {
                bundle.clear();
            }
            index += 1;
        }
        self.tail = bundle;
        Ok(())
    }
}

/// Removes what a writer may have left that was stopped before it signed: partial tiles and bundles of sizes that no
/// checkpoint was ever signed for. Nobody reads them, but they would not be the beginning of what follows.
fn prune_unsigned(commit: &mut Commit, from: u64, to: u64) {
    for level in 0..tile::LEVELS {
        let shift = u32::from(level) * tile::HEIGHT;
        let hashes = |size: u64| size.checked_shr(shift).unwrap_or(0);
        let (before, after) = (hashes(from), hashes(to));
        let mut prune = |size: u64, whole: bool| {
            let at = |path: String| {
                if whole { path.rsplit_once('/').map(|(folder, _)| folder.to_owned()) } else { Some(path) }
            };
            let index = (size - 1) / tile::WIDTH;
            let paths = [
                TileId::at(level, index, size << shift).map(layout::tile),
                BundleId::at(index, size).filter(|_| level == 0).map(layout::bundle),
            ];
            for prefix in paths.into_iter().flatten().filter_map(at) {
                commit.push(Step::Prune { prefix });
            }
        };
        // Of the unfinished tile the widths between; of those behind it all.
        let end = before.next_multiple_of(tile::WIDTH);
        for size in before.saturating_add(1)..after.min(end) {
            prune(size, false);
        }
        for index in end / tile::WIDTH..after.div_ceil(tile::WIDTH) {
            prune(index * tile::WIDTH + 1, true);
        }
    }
}

/// Removes the partial tiles and bundles that full ones have taken the place of since the log had `from` leaves.
pub(super) fn prune_partials(commit: &mut Commit, from: u64, to: u64) {
    for level in 0..tile::LEVELS {
        let span = u32::from(level) * tile::HEIGHT + tile::HEIGHT;
        let (first, last) = (from.checked_shr(span).unwrap_or(0), to.checked_shr(span).unwrap_or(0));
        for index in first..last {
            if let Some(id) = TileId::at(level, index, to) {
                commit.push(Step::Prune { prefix: format!("{}.p", layout::tile(id)) });
            }
            if let Some(id) = BundleId::at(index, to).filter(|_| level == 0) {
                commit.push(Step::Prune { prefix: format!("{}.p", layout::bundle(id)) });
            }
        }
    }
}
