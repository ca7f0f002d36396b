//! The one writer of a registry that is a folder: its lock and its keys, and the steps that core decided, applied.
//!
//! What is written, and in which order, is core's business ([`vitte_package_core::registry::Commit`]): stopped between
//! any two steps, the registry is in order, and the next writer finishes what was started. Here each step is made durable
//! before the next.

use super::decide::{DecideError, decide, in_folder};
use super::keys::RegistryKeys;
use crate::env::{Env, Variable};
use crate::error::Error;
use crate::fs::{self, Hold, Lock};
use crate::message::registry as text;
use crate::registry::read::client::read_config;
use crate::registry::read::directory::{Directory, STAGING};
use crate::registry::read::source::RegistrySource;
use crate::registry::read::trust_root::read_trust_root;
use crate::report::{Reporter, Task};
use std::path::Path;
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::registry::{
    ArchiveFacts, Commit, Derivation, DerivedBy, LogHead, LogPlace, SignedHead, Snapshot, Step,
    VerifiedTrustRoot, WriteError, check_clock, derive_anew, layout, resume,
};
use vitte_package_core::sign::RegistryId;

/// The file writers lock.
pub const LOCK: &str = ".vitte-registry.lock";
/// How long a writer waits for another.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);

/// The end of a log, locked against other writers.
#[derive(Debug)]
pub struct Sequencer {
    directory: Directory,
    keys: RegistryKeys,
    trust: VerifiedTrustRoot,
    head: LogHead,
    snapshot: Snapshot,
    _lock: Lock,
}

impl Sequencer {
    /// Locks the registry, and takes its log up where it ended. A batch whose checkpoint was about to be signed when
    /// an earlier writer died is finished first.
    ///
    /// # Errors
    /// `forbidden` without the registry's keys, `busy` while another process writes; `consistency` when the folder
    /// holds an older or another log than was signed: it refuses to sign a second one.
    pub fn open(directory: Directory, vitte_home: &Path, reporter: &dyn Reporter) -> Result<Self, Error> {
        let config = read_config(&directory)?;
        let keys = RegistryKeys::load(vitte_home, &config.registry)?;
        let lock = Lock::take(&directory.file(LOCK), Hold::Exclusive, "publish", LOCK_TIMEOUT, || {
            reporter.started(Task::Wait, None);
        })?;
        reporter.finished(Task::Wait);
        // What a killed writer left there is nobody's: this one may have nothing to stage.
        fs::remove_stale(&directory.file(STAGING));
        let trust = read_trust_root(&directory, &config.registry)?;
        let keys = keys.select(trust.root())?;
        let log_key = keys.log.public();
        if !trust.root().log_policy.logs().iter().any(|key| *key.note_key().public() == log_key) {
            let folder = RegistryKeys::folder(vitte_home, &config.registry).display().to_string();
            let message = text::registry_no_keys(config.registry.as_str(), &folder);
            return Err(Diagnostic::new(Code::Forbidden, message).into());
        }
        let checkpoint = read_checkpoint(&directory, &trust)?;
        let intent = keys.signed()?;
        let mut snapshot = Snapshot::new();
        let resumed = decide(&directory, &mut snapshot, |snapshot| {
            resume(&config.registry, &log_key, checkpoint.as_ref(), intent, snapshot)
        });
        let resumed = resumed.map_err(|error| match error {
            DecideError::Core(WriteError::NotTheSignedLog(fault)) => {
                let signed = RegistryKeys::signed_file(vitte_home, &config.registry);
                stale_copy(&(*fault).into(), &directory.name(), &signed)
            }
            error => error.in_folder(&directory),
        })?;
        let mut sequencer = Self { directory, keys, trust, head: resumed.head, snapshot, _lock: lock };
        if !resumed.is_published {
            sequencer.sign()?;
        }
        Ok(sequencer)
    }

    /// Begins a log in an empty folder.
    ///
    /// # Errors
    /// `io`, `busy`.
    pub fn begin(directory: Directory, keys: RegistryKeys, trust: VerifiedTrustRoot) -> Result<Self, Error> {
        let lock = Lock::take(&directory.file(LOCK), Hold::Exclusive, "registry init", LOCK_TIMEOUT, || ())?;
        let head = LogHead::empty(&trust.root().registry);
        Ok(Self { directory, keys, trust, head, snapshot: Snapshot::new(), _lock: lock })
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.head.size()
    }

    /// Id of the registry.
    pub fn registry(&self) -> &RegistryId {
        &self.trust.root().registry
    }

    /// The registry's trust root.
    pub fn trust(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    /// The registry's keys.
    pub fn keys(&self) -> &RegistryKeys {
        &self.keys
    }

    /// The folder.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Refuses to log anything while this machine's clock is far from the time of the last entry: entries never go back
    /// in time, so one wrong time would stay for ever. `VITTE_LOG_TIME=accept` says that it is right.
    ///
    /// # Errors
    /// `forbidden`, with both times; `config` for another value of the variable.
    pub fn check_clock(&self, env: &Env) -> Result<(), Error> {
        match env.variable(Variable::LogTime)? {
            None => {}
            Some("accept") => return Ok(()),
            Some(other) => return Err(Diagnostic::new(Code::Config, text::log_time(other)).into()),
        }
        check_clock(unix_now(), self.head.last_time()).map_err(|error| in_folder(&self.directory, &error))
    }

    /// The time new leaves bear: now, but never before the last leaf.
    pub fn time(&self) -> u64 {
        self.head.time(unix_now())
    }

    /// Logs leaves in one batch: all of them, or, after a crash, none. Gives the index of the first.
    ///
    /// # Errors
    /// `limit` when a leaf is too long, `leaf` when one cannot stand there, `io`, `no-space`.
    pub fn append(&mut self, leaves: &[Leaf]) -> Result<u64, Error> {
        let first = self.head.size();
        let mut grown = self.head.clone();
        let commit = grown.append(leaves, &self.keys.log);
        self.apply(commit.map_err(|error| in_folder(&self.directory, &error))?)?;
        self.head = grown;
        Ok(first)
    }

    /// Brings the files that follow from the log up to its end. If a new trust root is among them, its keys sign from
    /// then on, and sign all files anew.
    ///
    /// # Errors
    /// `io`, `no-space`; `leaf`, `index` and their kin when the folder was damaged.
    pub fn derive(&mut self) -> Result<(), Error> {
        while let Some(trust) = self.derive_once()? {
            self.keys = self.keys.clone().select(trust.root())?;
            self.trust = trust;
            self.sign()?;
        }
        Ok(())
    }

    /// Derives the files by the present keys. Gives the trust root that the log has beyond the present one.
    fn derive_once(&mut self) -> Result<Option<VerifiedTrustRoot>, Error> {
        let Self { directory, keys, trust, head, snapshot, .. } = self;
        let log_key = keys.log.public();
        let by = DerivedBy { head, trust, log_key: &log_key, index_key: &keys.index };
        let from = decide(directory, snapshot, |snapshot| snapshot.derived_size().map(Ok));
        let from = from.map_err(|error| error.in_folder(directory))?.unwrap_or(0);
        let mut derivation = Derivation::new(from);
        let commit = decide(directory, snapshot, |snapshot| derivation.check(by, snapshot));
        let commit = commit.map_err(|error| error.in_folder(directory))?;
        self.apply(commit)?;
        Ok(derivation.rotation().cloned())
    }

    /// Makes the files that follow from the log anew, from its first leaf on.
    ///
    /// # Errors
    /// As [`Sequencer::derive`].
    pub fn derive_anew(&mut self) -> Result<(), Error> {
        self.apply(derive_anew())?;
        self.derive()
    }

    /// Size and root of the log.
    pub(super) fn head(&self) -> SignedHead {
        self.head.signed()
    }

    /// Goes on with what was read before the lock was taken, at the same end of the log.
    pub(super) fn use_snapshot(&mut self, snapshot: Snapshot) {
        self.snapshot = snapshot;
    }

    /// Asks core what is written at the end of the log, and reads the files that it needs.
    pub(super) fn decide<T>(
        &mut self,
        mut ask: impl FnMut(LogPlace<'_>, &mut Snapshot) -> Poll<Result<T, WriteError>>,
    ) -> Result<T, DecideError> {
        let (size, time) = (self.size(), self.time());
        let Self { directory, trust, snapshot, .. } = self;
        decide(directory, snapshot, |snapshot| ask(LogPlace { trust, size, time }, snapshot))
    }

    /// Says what is known of an archive that was just verified, so that it is not read again.
    pub fn know_archive(&mut self, artifact: Artifact, facts: ArchiveFacts) {
        self.snapshot.supply_archive(artifact, facts);
    }

    /// Signs and publishes the checkpoint.
    fn sign(&mut self) -> Result<(), Error> {
        let commit = self.head.sign(&self.keys.log);
        self.apply(commit.map_err(|error| in_folder(&self.directory, &error))?)
    }

    /// Applies steps in their order; each is on the disk before the next.
    fn apply(&mut self, commit: Commit) -> Result<(), Error> {
        for step in commit {
            match &step {
                Step::Put { path, bytes } => self.directory.write(path, bytes)?,
                Step::Intent(head) => self.keys.note_signed(*head)?,
                Step::Publish { checkpoint } => self.directory.write(layout::CHECKPOINT, checkpoint)?,
                Step::Prune { prefix } => self.directory.prune(prefix),
            }
            self.snapshot.apply(&step);
        }
        Ok(())
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The published checkpoint; `None` when there is none.
///
/// # Errors
/// `note`, `origin` and their kin; `io`.
pub(super) fn read_checkpoint(
    directory: &Directory,
    trust: &VerifiedTrustRoot,
) -> Result<Option<VerifiedCheckpoint>, Error> {
    let Some(bytes) = directory.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)? else { return Ok(None) };
    VerifiedCheckpoint::open(&bytes, &trust.root().log_policy)
        .map(Some)
        .map_err(|error| directory.at(error.into(), layout::CHECKPOINT))
}

/// The folder is not the one that was signed last.
pub(crate) fn stale_copy(error: &Error, folder: &str, signed: &Path) -> Error {
    Diagnostic::new(Code::Consistency, text::registry_restored(&error.to_string()))
        .help(text::registry_restored_help())
        .help(text::registry_restored_lost(&signed.display().to_string(), folder))
        .into()
}
