//! The one writer of a registry's log.
//!
//! Order of writing, which makes a crash at any point harmless: entries and tiles; the size and root about to be
//! signed, beside the key; the checkpoint; then the files that follow from the log ([`super::derive`]). Until the
//! checkpoint is replaced nobody sees anything of a batch. `core/docs/trust.md`, section 6.4.

use super::client::read_config;
use super::directory::Directory;
use super::keys::{RegistryKeys, Signed};
use super::log_files::LogFiles;
use super::source::Source;
use crate::env::{Env, Variable};
use crate::error::Error;
use crate::fs::{Hold, Lock};
use crate::message::registry as text;
use crate::report::{Reporter, Task};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::log::append::Appender;
use vitte_package_core::log::checkpoint::{Checkpoint, VerifiedCheckpoint};
use vitte_package_core::log::leaf::Leaf;
use vitte_package_core::log::note::LogKey;
use vitte_package_core::log::policy::LogPolicy;
use vitte_package_core::log::proof::{Goal, LogTiles};
use vitte_package_core::log::tile::{self, BundleId, TileId};
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// The file writers lock.
pub const LOCK: &str = ".vitte-registry.lock";
/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is read of a registry of one's own before something is written.
pub trait Head {
    /// The folder.
    fn directory(&self) -> &Directory;
    /// The registry's trust root.
    fn trust(&self) -> &VerifiedTrustRoot;
    /// Leaves of the log.
    fn size(&self) -> u64;
    /// Id of the registry.
    fn registry(&self) -> &RegistryId {
        &self.trust().root().registry
    }
}

/// The end of a log as it is published: nothing is locked, nothing can be signed or written.
#[derive(Debug)]
pub struct PublishedHead {
    directory: Directory,
    trust: VerifiedTrustRoot,
    size: u64,
}

impl PublishedHead {
    /// Reads the end of the log of a registry whose keys this user has.
    ///
    /// # Errors
    /// `forbidden` without the registry's keys; `registry-layout`, `trust-root` and its kin, `note`.
    pub fn read(directory: Directory, vitte_home: &Path) -> Result<Self, Error> {
        let config = read_config(&directory)?;
        RegistryKeys::load(vitte_home, &config.registry)?;
        let trust = read_trust_root(&directory, &config.registry)?;
        let checkpoint = read_checkpoint(&directory, &trust)?.ok_or_else(|| {
            let message = text::registry_layout(&directory.name(), layout::CHECKPOINT);
            Error::from(Diagnostic::new(Code::RegistryLayout, message))
        })?;
        Ok(Self { size: checkpoint.size(), directory, trust })
    }
}

impl Head for PublishedHead {
    fn directory(&self) -> &Directory {
        &self.directory
    }

    fn trust(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Head for Sequencer {
    fn directory(&self) -> &Directory {
        &self.directory
    }

    fn trust(&self) -> &VerifiedTrustRoot {
        &self.trust
    }

    fn size(&self) -> u64 {
        self.appender.size()
    }
}

/// The end of a log, locked against other writers.
#[derive(Debug)]
pub struct Sequencer {
    directory: Directory,
    keys: RegistryKeys,
    trust: VerifiedTrustRoot,
    appender: Appender,
    last_time: u64,
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
        let lock = Lock::take(&directory.file(LOCK), Hold::Exclusive, "publish", PATIENCE, || {
            reporter.started(Task::Wait, None);
        })?;
        reporter.finished(Task::Wait);
        let trust = read_trust_root(&directory, &config.registry)?;
        let keys = keys.settle(trust.root())?;
        let log_key =
            trust.root().log_policy.logs().iter().any(|key| *key.note_key().public() == keys.log.public());
        if !log_key {
            let folder = RegistryKeys::folder(vitte_home, &config.registry).display().to_string();
            let message = text::registry_no_keys(config.registry.as_str(), &folder);
            return Err(Diagnostic::new(Code::Forbidden, message).into());
        }
        let checkpoint = read_checkpoint(&directory, &trust)?;
        let (name, signed) = (directory.name(), RegistryKeys::signed_file(vitte_home, &config.registry));
        let (published, last) = (
            checkpoint.as_ref().map_or(0, VerifiedCheckpoint::size),
            keys.signed()?.map_or(0, |last| last.size),
        );
        let restored = |error: Error| match error.code() {
            Code::Unavailable if last > published => {
                let older = Diagnostic::new(Code::Consistency, text::registry_older(published, last));
                refuse_restored(&older.into(), &name, &signed)
            }
            _ => refuse_restored(&error, &name, &signed),
        };
        let head = agreed_head(&directory, &keys, checkpoint.as_ref(), &restored)?;
        let files = LogFiles::new(&directory, head.size);
        let mut edge = Vec::new();
        for id in TileId::right_edge(head.size) {
            edge.push(files.tile(id).map_err(restored)?);
        }
        let appender =
            Appender::resume(head.size, &head.root, &edge).map_err(|error| restored(error.into()))?;
        let last_time = match head.size {
            0 => 0,
            size => Leaf::parse(&files.entry(size - 1)?)?.time,
        };
        let mut sequencer = Self { directory, keys, trust, appender, last_time, _lock: lock };
        let behind = checkpoint
            .as_ref()
            .map(|checkpoint| Signed { size: checkpoint.size(), root: *checkpoint.root() });
        if behind != Some(head) {
            if let Some(behind) = &checkpoint {
                sequencer.check_continues(behind.checkpoint()).map_err(restored)?;
            }
            sequencer.sign()?;
        }
        Ok(sequencer)
    }

    /// Begins a log in an empty folder.
    ///
    /// # Errors
    /// `io`, `busy`.
    pub fn begin(directory: Directory, keys: RegistryKeys, trust: VerifiedTrustRoot) -> Result<Self, Error> {
        let lock = Lock::take(&directory.file(LOCK), Hold::Exclusive, "registry init", PATIENCE, || ())?;
        Ok(Self { directory, keys, trust, appender: Appender::empty(), last_time: 0, _lock: lock })
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.appender.size()
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

    /// The policy that believes the present log key only, not those it has taken the place of.
    ///
    /// # Errors
    /// `note` when the registry's id cannot be part of a key's name.
    pub fn newest_log_key(&self) -> Result<LogPolicy, Error> {
        let key = LogKey::new(&LogKey::name_of(self.registry()), self.keys.log.public())?;
        Ok(LogPolicy::unwitnessed(&key))
    }

    /// The folder.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The checkpoint as it is now.
    ///
    /// # Errors
    /// `note` when it cannot be signed.
    pub fn checkpoint(&self) -> Checkpoint {
        let origin = LogKey::name_of(self.registry());
        Checkpoint::new(&origin, self.appender.size(), self.appender.root())
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
        let now = unix_now();
        if self.size() == 0 || is_plausible(now, self.last_time) {
            return Ok(());
        }
        let message = text::clock_far(&day(now), &day(self.last_time));
        Err(Diagnostic::new(Code::Forbidden, message).help(text::clock_far_help()).into())
    }

    /// The time new leaves bear: now, but never before the last leaf.
    pub fn time(&self) -> u64 {
        unix_now().max(self.last_time)
    }

    /// Logs leaves in one batch: all of them, or, after a crash, none. Gives the index of the first.
    ///
    /// # Errors
    /// `limit` when a leaf is too long, `leaf` when one cannot stand there, `io`, `no-space`.
    pub fn append(&mut self, leaves: &[Leaf]) -> Result<u64, Error> {
        let first = self.appender.size();
        let mut grown = self.appender.clone();
        let (mut entries, mut time) = (Vec::new(), self.last_time);
        for leaf in leaves {
            leaf.check_place(grown.size(), Some(time))?;
            time = leaf.time;
            let bytes = leaf.to_bytes()?;
            grown.append(&bytes)?;
            entries.push(bytes);
        }
        self.write_bundles(first, &entries, grown.size())?;
        for (id, bytes) in grown.take_tiles() {
            self.directory.write(&layout::tile(id), &bytes)?;
        }
        (self.appender, self.last_time) = (grown, time);
        self.sign()?;
        self.forget_partial(first);
        Ok(first)
    }

    /// Takes up the trust root that was just logged, and signs the checkpoint again by the keys it lists.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn adopt(&mut self, trust: VerifiedTrustRoot) -> Result<(), Error> {
        self.keys = self.keys.clone().settle(trust.root())?;
        self.trust = trust;
        self.sign()
    }

    /// Notes size and root beside the key, then signs and publishes the checkpoint.
    fn sign(&mut self) -> Result<(), Error> {
        let checkpoint = self.checkpoint();
        self.keys.note_signed(Signed { size: checkpoint.size(), root: *checkpoint.root() })?;
        let note = checkpoint.sign(&self.keys.log)?;
        self.directory.write(layout::CHECKPOINT, &note.to_bytes())
    }

    fn write_bundles(&self, first: u64, entries: &[Vec<u8>], size: u64) -> Result<(), Error> {
        let files = LogFiles::new(&self.directory, first);
        let mut next = 0;
        let mut index = first / tile::WIDTH;
        while let Some(id) = BundleId::at(index, size) {
            let mut bundle = Vec::new();
            let known = first.saturating_sub(id.first()).min(tile::WIDTH);
            if known > 0 {
                for entry in files.bundle(index)?.iter() {
                    tile::print_entry(&mut bundle, entry)?;
                }
            }
            for entry in entries.iter().skip(next).take(usize::from(id.width()) - known as usize) {
                tile::print_entry(&mut bundle, entry)?;
                next += 1;
            }
            self.directory.write(&layout::bundle(id), &bundle)?;
            index += 1;
        }
        Ok(())
    }

    /// Removes the partial tiles and bundles that full ones have taken the place of since the log had `first` leaves.
    fn forget_partial(&self, first: u64) {
        let size = self.appender.size();
        for level in 0..tile::LEVELS {
            let span = u32::from(level) * tile::HEIGHT + tile::HEIGHT;
            let (from, to) = (first.checked_shr(span).unwrap_or(0), size.checked_shr(span).unwrap_or(0));
            for index in from..to {
                if let Some(id) = TileId::at(level, index, size) {
                    self.directory.forget_folder(&format!("{}.p", layout::tile(id)));
                }
                if let Some(id) = BundleId::at(index, size).filter(|_| level == 0) {
                    self.directory.forget_folder(&format!("{}.p", layout::bundle(id)));
                }
            }
        }
    }

    /// The log in hand begins with the published one.
    fn check_continues(&self, published: &Checkpoint) -> Result<(), Error> {
        let mut tiles = LogTiles::new(&self.checkpoint());
        let files = LogFiles::new(&self.directory, self.appender.size());
        files
            .prove(&mut tiles, &[Goal::Prefix(published.size())])
            .and_then(|()| tiles.check_prefix(published).map_err(Error::from))
    }
}

/// How far the clock may be ahead of the last entry: a registry may rest for a year.
const AHEAD: u64 = 366 * 86_400;
/// How far it may be behind: clocks of machines differ.
const BEHIND: u64 = 86_400;

fn is_plausible(now: u64, last: u64) -> bool {
    now.saturating_sub(last) <= AHEAD && last.saturating_sub(now) <= BEHIND
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The day of a time, as people write it.
fn day(time: u64) -> String {
    let time = i64::try_from(time).ok().and_then(|time| jiff::Timestamp::from_second(time).ok());
    time.map_or_else(String::new, |time| time.strftime("%Y-%m-%d").to_string())
}

/// Reads the newest trust root of a registry, walking the chain from the first, which is believed.
///
/// # Errors
/// `registry-layout` when there is none, `trust-root` and its kin when the chain does not check.
pub fn read_trust_root(source: &dyn Source, registry: &RegistryId) -> Result<VerifiedTrustRoot, Error> {
    let first = source.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64)?.ok_or_else(|| {
        let message = text::registry_layout(&source.name(), &layout::trust_root(1));
        Error::from(Diagnostic::new(Code::RegistryLayout, message))
    })?;
    let trust =
        VerifiedTrustRoot::own(&first).map_err(|error| source.about(error.into(), &layout::trust_root(1)))?;
    if trust.root().registry != *registry {
        let message = text::registry_other_id(trust.root().registry.as_str(), registry.as_str());
        let fault = Diagnostic::new(Code::RegistryMismatch, message);
        return Err(source.about(fault.into(), &layout::trust_root(1)));
    }
    newest_trust_root(source, trust, |_| ())
}

/// The newest trust root that the registry's own rotations lead to from `trust`; `passed` is told each, from that one on.
///
/// # Errors
/// `trust-root` and its kin; `limit` when there are more than are followed in one go. Network faults.
pub fn newest_trust_root(
    source: &dyn Source,
    mut trust: VerifiedTrustRoot,
    mut passed: impl FnMut(&VerifiedTrustRoot),
) -> Result<VerifiedTrustRoot, Error> {
    for _ in 0..=limits::TRUST_ROOT_STEPS {
        passed(&trust);
        let path = layout::trust_root(trust.root().version.saturating_add(1));
        let Some(next) = source.read(&path, limits::ENVELOPE_LEN as u64)? else { return Ok(trust) };
        trust = trust.advance(&next).map_err(|error| source.about(error.into(), &path))?;
    }
    let fault = Diagnostic::new(Code::Limit, text::trust_root_walk(limits::TRUST_ROOT_STEPS));
    Err(source.about(fault.into(), "trust"))
}

fn read_checkpoint(
    directory: &Directory,
    trust: &VerifiedTrustRoot,
) -> Result<Option<VerifiedCheckpoint>, Error> {
    let Some(bytes) = directory.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)? else { return Ok(None) };
    VerifiedCheckpoint::open(&bytes, &trust.root().log_policy)
        .map(Some)
        .map_err(|error| directory.about(error.into(), layout::CHECKPOINT))
}

/// The tree to go on from: the larger of what is published and what was about to be signed.
fn agreed_head(
    directory: &Directory,
    keys: &RegistryKeys,
    checkpoint: Option<&VerifiedCheckpoint>,
    restored: &dyn Fn(Error) -> Error,
) -> Result<Signed, Error> {
    let published = checkpoint.map(|checkpoint| Signed { size: checkpoint.size(), root: *checkpoint.root() });
    match (keys.signed()?, published) {
        (Some(signed), Some(published)) if published.size < signed.size => Ok(signed),
        (Some(signed), Some(published)) if published.size == signed.size && published != signed => {
            let message = text::same_size_other_root(signed.size);
            Err(restored(Diagnostic::new(Code::Consistency, message).into()))
        }
        (Some(signed), Some(published)) if published.size > signed.size => {
            // The keys are an older copy. What was signed with them must still be the beginning of what is published.
            let mut tiles = checkpoint.map(|checkpoint| LogTiles::new(checkpoint.checkpoint()));
            let files = LogFiles::new(directory, published.size);
            if let Some(tiles) = &mut tiles {
                let before = Checkpoint::new("", signed.size, signed.root);
                files
                    .prove(tiles, &[Goal::Prefix(signed.size)])
                    .and_then(|()| tiles.check_prefix(&before).map_err(Error::from))
                    .map_err(restored)?;
            }
            Ok(published)
        }
        (_, Some(published)) => Ok(published),
        (Some(signed), None) => Ok(signed),
        (None, None) => {
            let message = text::registry_layout(&directory.name(), layout::CHECKPOINT);
            Err(Diagnostic::new(Code::RegistryLayout, message).into())
        }
    }
}

/// The folder is not the one that was signed last.
pub(crate) fn refuse_restored(error: &Error, folder: &str, signed: &Path) -> Error {
    Diagnostic::new(Code::Consistency, text::registry_restored(&error.to_string()))
        .help(text::registry_restored_help())
        .help(text::registry_restored_lost(&signed.display().to_string(), folder))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_differ_a_little_and_a_registry_may_rest() {
        let last = 1_800_000_000;
        for now in [last, last + 1, last + 300 * 86_400, last - 3600, last - BEHIND, last + AHEAD] {
            assert!(is_plausible(now, last), "{now}");
        }
        for now in [last + 5 * AHEAD, last + AHEAD + 1, last - BEHIND - 1, 0] {
            assert!(!is_plausible(now, last), "{now}");
        }
        assert_eq!(day(1_800_000_000), "2027-01-15");
    }
}
