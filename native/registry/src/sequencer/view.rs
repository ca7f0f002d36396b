//! A registry as it is at the end of its log, for deciding what may follow.

use crate::error::{Error, Result};
use crate::examine::archive_facts;
use crate::objects::Objects;
use std::sync::Arc;
use std::task::Poll;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::message::{registry as core_text, server as text};
use vitte_package_core::registry::client::TrustWalk;
use vitte_package_core::registry::{
    LogHead, LogPlace, RegistryConfig, Snapshot, VerifiedTrustRoot, WriteError, check_clock, layout, resume,
};
use vitte_package_core::sign::RegistryId;

/// The files, the end of the log, and what was read to decide.
#[derive(Debug)]
pub(crate) struct LogView {
    pub(super) files: Objects,
    pub(super) trust: VerifiedTrustRoot,
    pub(super) head: Arc<LogHead>,
    pub(super) snapshot: Snapshot,
}

impl LogView {
    /// What is published, for one who writes nothing.
    pub(crate) fn published(files: Objects) -> Result<Self> {
        let registry = registry(&files)?;
        let trust = newest_trust_root(&files, &registry)?;
        let missing =
            || Error::new(Code::RegistryLayout, core_text::registry_file_missing(layout::CHECKPOINT));
        let published = checkpoint(&files, &trust)?.ok_or_else(missing)?;
        let log_key = trust.root().log_policy.logs().last().map(|key| key.note_key().public().clone());
        let log_key = log_key.ok_or_else(missing)?;
        let mut snapshot = Snapshot::new();
        let resumed = decide(&files, &mut snapshot, |snapshot| {
            resume(&registry, &log_key, Some(&published), None, snapshot)
        })?;
        Ok(Self { files, trust, head: Arc::new(resumed.head), snapshot })
    }

    /// Id of the registry.
    pub(crate) fn registry(&self) -> &RegistryId {
        &self.trust.root().registry
    }

    /// The registry's trust root.
    pub(crate) fn trust(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    /// Leaves of the log.
    pub(crate) fn size(&self) -> u64 {
        self.head.size()
    }

    /// Refuses to log anything while the clock is far from the log.
    pub(crate) fn check_clock(&self, now: u64) -> Result<()> {
        Ok(check_clock(now, self.head.last_time())?)
    }

    /// Asks core about the end of the log as it is now.
    pub(crate) fn decide<T>(
        &mut self,
        now: u64,
        mut ask: impl FnMut(LogPlace<'_>, &mut Snapshot) -> Poll<Result<T, WriteError>>,
    ) -> Result<T> {
        let (size, time) = (self.head.size(), self.head.time(now));
        let Self { files, trust, snapshot, .. } = self;
        decide(files, snapshot, |snapshot| ask(LogPlace { trust, size, time }, snapshot))
    }

    /// A view of the same end of the log, for another thread to judge by.
    pub(crate) fn beside(&self) -> Self {
        let Self { files, trust, head, .. } = self;
        let (files, trust, head) = (files.clone(), trust.clone(), Arc::clone(head));
        Self { files, trust, head, snapshot: Snapshot::new() }
    }

    /// Forgets what was read for one submission: a server does not grow with its registry.
    pub(crate) fn forget(&mut self) {
        self.snapshot = Snapshot::new();
    }
}

/// Id of the registry that is there.
pub(super) fn registry(files: &Objects) -> Result<RegistryId> {
    let missing = || Error::new(Code::NoFile, text::data_missing(&files.shown()));
    let config = files.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
    Ok(RegistryConfig::parse(&config)?.registry)
}

/// The published checkpoint.
pub(super) fn checkpoint(files: &Objects, trust: &VerifiedTrustRoot) -> Result<Option<VerifiedCheckpoint>> {
    let note = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?;
    Ok(note.map(|note| VerifiedCheckpoint::open(&note, &trust.root().log_policy)).transpose()?)
}

/// The newest trust root that the registry's own rotations lead to.
pub(crate) fn newest_trust_root(files: &Objects, registry: &RegistryId) -> Result<VerifiedTrustRoot> {
    let path = layout::trust_root(1);
    let missing = || Error::new(Code::RegistryLayout, core_text::registry_file_missing(&path));
    let first = files.read(&path, limits::ENVELOPE_LEN as u64)?.ok_or_else(missing)?;
    let first = VerifiedTrustRoot::self_signed(&first).map_err(|error| Error::from(error).in_file(&path))?;
    if first.root().registry != *registry {
        let message = core_text::registry_other_id(first.root().registry.as_str(), registry.as_str());
        return Err(Error::new(Code::RegistryMismatch, message));
    }
    let mut walk = TrustWalk::new(first);
    loop {
        let path = walk.path();
        let next = files.read(&path, limits::ENVELOPE_LEN as u64)?;
        let advanced = walk.advance(next.as_deref()).map_err(|error| Error::from(error).in_file(&path));
        if !advanced? {
            return Ok(walk.trust_root().clone());
        }
    }
}

/// Asks core again and again, and reads the files that it needs in between.
pub(crate) fn decide<T>(
    files: &Objects,
    snapshot: &mut Snapshot,
    mut ask: impl FnMut(&mut Snapshot) -> Poll<Result<T, WriteError>>,
) -> Result<T> {
    loop {
        if let Poll::Ready(decided) = ask(snapshot) {
            return Ok(decided?);
        }
        let needs: Vec<_> = snapshot.needs().into_iter().map(|need| (need.path, need.limit)).collect();
        for ((path, _), file) in needs.iter().zip(files.read_all(&needs)?) {
            snapshot.supply(path, file);
        }
        let archives: Vec<_> =
            snapshot.archive_needs().map(|(artifact, tree)| (artifact.clone(), *tree)).collect();
        for (artifact, tree) in archives {
            let facts = archive_facts(files, &artifact, tree)?;
            snapshot.supply_archive(artifact, facts);
        }
    }
}
