//! The one writer of the registry: its lock, its keys, and the steps that core decided, applied in their order.

mod fence;
mod keys;
mod pending;
mod view;

use crate::error::{Error, Result};
use crate::objects::{Lock, Objects, Placed, Staging};
use fence::Fence;
pub(crate) use fence::{Shared, silent_for};
pub(crate) use keys::Keys;
use pending::Pending;
use std::path::Path;
use std::sync::Arc;
use view::decide;
pub(crate) use view::{LogView, newest_trust_root};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{
    ArchiveFacts, Commit, Derivation, DerivedBy, LogHead, SignedHead, Snapshot, Step, VerifiedTrustRoot,
    layout, resume,
};
use vitte_package_core::sign::RegistryId;

/// The end of the log, locked against other writers.
#[derive(Debug)]
pub(crate) struct Sequencer {
    view: LogView,
    keys: Keys,
    /// Where replicas share the log.
    fence: Option<Fence>,
    _lock: Lock,
}

impl Sequencer {
    /// Locks the registry and takes its log up where it ended; what an earlier writer was stopped at is finished.
    pub(crate) fn open(files: Objects, keys: &Path, shared: Option<Shared>) -> Result<Self> {
        let mut sequencer = Self::take_up(files, keys, shared)?;
        sequencer.derive()?;
        Ok(sequencer)
    }

    /// As [`Self::open`], whatever the files that follow from the log are like.
    pub(crate) fn take_up(files: Objects, keys: &Path, shared: Option<Shared>) -> Result<Self> {
        let registry = view::registry(&files)?;
        let keys = Keys::load(keys)?;
        let lock = files.lock()?;
        let taken = shared.map(Fence::take).transpose()?;
        files.clear_staging();
        let trust = view::newest_trust_root(&files, &registry)?;
        let policy = &trust.root().log_policy;
        let log_key = keys.log.public();
        if !policy.logs().iter().any(|key| *key.note_key().public() == log_key) {
            let folder = keys.folder.display().to_string();
            let reason = "the log key there is not the registry's";
            return Err(Error::new(Code::Forbidden, text::storage(&folder, reason)));
        }
        let published = view::checkpoint(&files, &trust)?;
        let (fence, intent) = match taken {
            None => (None, keys.signed()?),
            Some(taken) => {
                if behind(published.as_ref(), taken.head).is_some() {
                    let staging = &taken.fence.shared.staging;
                    let pending = left_to_do(&files, staging, taken.pending)?;
                    let pending = pending.ok_or_else(|| older(published.as_ref(), taken.head))?;
                    write_pending(&files, staging, &pending)?;
                }
                // A log that was not shared before has its intent beside the key.
                let intent = if taken.head.is_some() { taken.head } else { keys.signed()? };
                (Some(taken.fence), intent)
            }
        };
        let mut snapshot = Snapshot::new();
        let resumed = decide(&files, &mut snapshot, |snapshot| {
            resume(&registry, &log_key, published.as_ref(), intent, snapshot)
        });
        let resumed = resumed.map_err(|error| match error.first().code {
            Code::Consistency if fence.is_some() && behind(published.as_ref(), intent).is_some() => {
                older(published.as_ref(), intent)
            }
            _ => error,
        })?;
        let view = LogView { files, trust, head: Arc::new(resumed.head), snapshot };
        let mut sequencer = Self { view, keys, fence, _lock: lock };
        if let Some(fence) = &mut sequencer.fence {
            fence.advance(sequencer.view.head.signed(), &Pending::default())?;
        }
        if !resumed.is_published {
            let commit = sequencer.view.head.sign(&sequencer.keys.log)?;
            sequencer.apply(commit, &[])?;
        }
        Ok(sequencer)
    }

    /// Begins a log in an empty folder.
    pub(crate) fn begin(
        files: Objects,
        keys: Keys,
        trust: VerifiedTrustRoot,
        shared: Option<Shared>,
    ) -> Result<Self> {
        let lock = files.lock()?;
        let taken = shared.map(Fence::take).transpose()?;
        if taken.as_ref().is_some_and(|taken| taken.head.is_some()) {
            return Err(Error::new(Code::RegistryExists, text::database_taken()));
        }
        let head = Arc::new(LogHead::empty(&trust.root().registry));
        let view = LogView { files, trust, head, snapshot: Snapshot::new() };
        Ok(Self { view, keys, fence: taken.map(|taken| taken.fence), _lock: lock })
    }

    /// The registry at the end of its log.
    pub(crate) fn view(&mut self) -> &mut LogView {
        &mut self.view
    }

    /// Id of the registry.
    pub(crate) fn registry(&self) -> &RegistryId {
        self.view.registry()
    }

    /// Refuses when another replica may have become the sequencer.
    pub(crate) fn check_right(&self) -> Result<()> {
        self.fence.as_ref().map_or(Ok(()), Fence::check_right)
    }

    /// Says that this one is at work. Refused when another one has taken over.
    pub(crate) fn beat(&self) -> Result<()> {
        self.fence.as_ref().map_or(Ok(()), Fence::beat)
    }

    /// Says what is known of an archive that is about to be in its place.
    pub(crate) fn know_archive(&mut self, artifact: Artifact, facts: ArchiveFacts) {
        self.view.snapshot.supply_archive(artifact, facts);
    }

    /// Puts archives in their places and logs leaves in one batch: all of them, or, after a crash, none.
    pub(crate) fn append(&mut self, staging: &Staging, archives: &[Placed], leaves: &[Leaf]) -> Result<()> {
        if self.fence.is_none() {
            self.view.files.place(staging, archives)?;
        }
        let mut grown = LogHead::clone(&self.view.head);
        let commit = grown.append(leaves, &self.keys.log)?;
        self.apply(commit, archives)?;
        self.view.head = Arc::new(grown);
        Ok(())
    }

    /// Brings the files that follow from the log up to its end.
    pub(crate) fn derive(&mut self) -> Result<()> {
        let LogView { files, trust, head, snapshot } = &mut self.view;
        let log_key = self.keys.log.public();
        let by = DerivedBy { head, trust, log_key: &log_key, index_key: &self.keys.index };
        let from = decide(files, snapshot, |snapshot| snapshot.derived_size().map(Ok))?.unwrap_or(0);
        let mut derivation = Derivation::new(from);
        let commit = decide(files, snapshot, |snapshot| derivation.check(by, snapshot))?;
        self.apply(commit, &[])?;
        // Keys are changed where they are kept, not by this program: it never signs by others than it began with.
        match derivation.rotation() {
            None => Ok(()),
            Some(trust) => {
                let path = layout::trust_root(trust.root().version);
                Err(Error::new(Code::RegistryLayout, text::rotation_unfinished(&path)))
            }
        }
    }

    /// Makes the files that follow from the log anew, from the log and the archives. Gives how many were not as they must be.
    pub(crate) fn derive_anew(&mut self) -> Result<usize> {
        let LogView { files, trust, head, snapshot } = &mut self.view;
        let log_key = self.keys.log.public();
        let by = DerivedBy { head, trust, log_key: &log_key, index_key: &self.keys.index };
        let mut derivation = Derivation::anew();
        let commit = decide(files, snapshot, |snapshot| derivation.check(by, snapshot))?;
        let mut written = 0;
        for step in commit.steps() {
            if let Step::Put { path, bytes } = step
                && files.read(path, u64::MAX)?.as_ref() != Some(bytes)
            {
                written += 1;
            }
        }
        self.apply(commit, &[])?;
        Ok(written)
    }

    /// Applies steps in their order, group by group; each group is on the disk before the next.
    fn apply(&mut self, commit: Commit, archives: &[Placed]) -> Result<()> {
        if self.fence.is_some() {
            return self.apply_fenced(commit, archives);
        }
        let Self { view, keys, .. } = self;
        for group in commit.into_groups() {
            let mut puts: Vec<(&str, &[u8])> = Vec::new();
            for step in &group {
                if let Step::Put { path, bytes } = step {
                    puts.push((path, bytes));
                    continue;
                }
                view.files.write_all(&std::mem::take(&mut puts))?;
                match step {
                    Step::Put { .. } => {}
                    Step::Intent(head) => keys.note_signed(*head)?,
                    Step::Publish { checkpoint } => view.files.write(layout::CHECKPOINT, checkpoint)?,
                    Step::Prune { prefix } => view.files.prune(prefix),
                }
            }
            view.files.write_all(&puts)?;
            group.iter().for_each(|step| view.snapshot.apply(step));
        }
        Ok(())
    }

    /// Applies steps where another sequencer may be at work: nothing of the log is written before its head was moved,
    /// and a file that changes is replaced only if nobody else replaced it since the head, or the epoch, was checked.
    fn apply_fenced(&mut self, commit: Commit, archives: &[Placed]) -> Result<()> {
        let Self { view, fence: Some(fence), .. } = self else { return Ok(()) };
        let intent = commit.steps().iter().find_map(|step| match step {
            Step::Intent(head) => Some(*head),
            _ => None,
        });
        if let Some(head) = intent {
            let (mut pending, mut published) = (Pending::default(), None);
            pending.placed = archives.to_vec();
            for step in commit {
                view.snapshot.apply(&step);
                match step {
                    Step::Put { path, bytes } => pending.puts.push((path, bytes)),
                    Step::Publish { checkpoint } => published = Some(checkpoint),
                    // Nothing is left of a writer that was stopped: nothing is written before the head was moved.
                    Step::Intent(_) | Step::Prune { .. } => {}
                }
            }
            let tags = view.files.tags(&[layout::CHECKPOINT])?;
            fence.advance(head, &pending)?;
            write_pending(&view.files, &fence.shared.staging, &pending)?;
            if let Some(checkpoint) = &published {
                view.files.replace_all(&[(layout::CHECKPOINT, checkpoint)], &tags)?;
            }
            return Ok(());
        }
        for group in commit.into_groups() {
            let puts: Vec<(&str, &[u8])> = group
                .iter()
                .filter_map(|step| match step {
                    Step::Put { path, bytes } => Some((path.as_str(), bytes.as_slice())),
                    _ => None,
                })
                .collect();
            let tags = view.files.tags(&puts.iter().map(|(path, _)| *path).collect::<Vec<_>>())?;
            fence.check_epoch()?;
            view.files.replace_all(&puts, &tags)?;
            for step in &group {
                if let Step::Prune { prefix } = step {
                    view.files.prune(prefix);
                }
                view.snapshot.apply(step);
            }
        }
        Ok(())
    }
}

/// The sizes of what is published and of the head that the database knows, where that is larger.
fn behind(published: Option<&VerifiedCheckpoint>, head: Option<SignedHead>) -> Option<(u64, u64)> {
    let (size, head) = (published.map_or(0, VerifiedCheckpoint::size), head?.size);
    (size < head).then_some((size, head))
}

/// The files are not those that the database knows the head of.
fn older(published: Option<&VerifiedCheckpoint>, head: Option<SignedHead>) -> Error {
    let (size, head) = behind(published, head).unwrap_or_default();
    let fault = Diagnostic::new(Code::Consistency, text::files_older(size, head));
    fault.help(text::files_older_help()).into()
}

/// What another sequencer may have done in part: an archive that waits no longer, and is in its place, was put there.
/// None when one is neither here nor there.
fn left_to_do(files: &Objects, staging: &Staging, pending: Pending) -> Result<Option<Pending>> {
    let Pending { placed, puts } = pending;
    let mut left = Vec::new();
    for one in placed {
        if staging.has(&one.upload, &one.file)? {
            left.push(one);
        } else if files.find(&one.path)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(Pending { placed: left, puts }))
}

/// Writes what belongs to a head that was moved already. Who does it twice, or late, writes the same.
fn write_pending(files: &Objects, staging: &Staging, pending: &Pending) -> Result<()> {
    files.place(staging, &pending.placed)?;
    let puts: Vec<_> = pending.puts.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    files.write_all(&puts)
}
