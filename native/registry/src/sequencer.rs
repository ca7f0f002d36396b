//! The one writer of the registry: its lock, its keys, and the steps that core decided, applied in their order.

use crate::error::{At as _, Error, Result};
use crate::examine::archive_facts;
use crate::objects::{Lock, Objects, make_folder, write_atomic};
use std::path::{Path, PathBuf};
use std::task::Poll;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::json::{Json, JsonError};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf};
use vitte_package_core::message::{registry as core_text, server as text};
use vitte_package_core::registry::client::TrustWalk;
use vitte_package_core::registry::{
    ArchiveFacts, Commit, Derivation, DerivedBy, LogHead, LogPlace, RegistryConfig, SignedHead, Snapshot,
    Step, VerifiedTrustRoot, WriteError, check_clock, layout, resume,
};
use vitte_package_core::sign::{RegistryId, SecretKey};

/// The keys of a registry, and what the log key signed last. They lie apart from its files.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    pub(crate) root: SecretKey,
    pub(crate) log: SecretKey,
    pub(crate) index: SecretKey,
}

/// The file that says what was signed last.
const SIGNED: &str = "signed.json";

impl Keys {
    /// New keys, on no disk yet.
    pub(crate) fn draw() -> Result<Self> {
        let draw = || {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|error| Error::storage("the system's randomness", &error))?;
            Ok::<_, Error>(SecretKey::from_seed(&seed))
        };
        Ok(Self { folder: PathBuf::new(), root: draw()?, log: draw()?, index: draw()? })
    }

    /// Stores the keys in a folder.
    pub(crate) fn store(&self, folder: &Path) -> Result<()> {
        make_folder(folder, Some(0o700))?;
        for (name, key) in [("root", &self.root), ("log", &self.log), ("index", &self.index)] {
            let file = folder.join(format!("{name}.pem"));
            write_atomic(folder, &file, key.to_pkcs8_pem().as_bytes(), Some(0o600))?;
        }
        Ok(())
    }

    /// Reads the keys in a folder that nobody else can read.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| -> Result<SecretKey> {
            let path = folder.join(format!("{name}.pem"));
            check_private(&path)?;
            Ok(SecretKey::from_pkcs8_pem(&std::fs::read_to_string(&path).at(&path)?)?)
        };
        Ok(Self { root: read("root")?, log: read("log")?, index: read("index")?, folder: folder.to_owned() })
    }

    fn signed(&self) -> Result<Option<SignedHead>> {
        let path = self.folder.join(SIGNED);
        if !path.exists() {
            return Ok(None);
        }
        let mut object = Json::parse_object(&std::fs::read(&path).at(&path)?, 1)?;
        let root = Digest::from_hex(&object.text("root")?);
        let shape = JsonError::Shape { member: "root".to_owned(), wanted: "a digest" };
        Ok(Some(SignedHead { size: object.number("size")?, root: root.map_err(|_| shape)? }))
    }

    fn note_signed(&self, signed: SignedHead) -> Result<()> {
        let json = format!("{{\"size\":{},\"root\":\"{}\"}}\n", signed.size, signed.root);
        write_atomic(&self.folder, &self.folder.join(SIGNED), json.as_bytes(), Some(0o600))
    }
}

/// Refuses a key that others can read.
fn check_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if std::fs::metadata(path).at(path)?.mode() & 0o077 != 0 {
            let shown = path.display().to_string();
            let fault = Diagnostic::new(Code::KeyPermissions, text::keys_private(&shown));
            return Err(fault.help(format!("chmod 600 {shown}")).into());
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// The end of the log, locked against other writers.
#[derive(Debug)]
pub(crate) struct Sequencer {
    files: Objects,
    keys: Keys,
    trust: VerifiedTrustRoot,
    head: LogHead,
    snapshot: Snapshot,
    _lock: Lock,
}

impl Sequencer {
    /// Locks the registry and takes its log up where it ended; what an earlier writer was stopped at is finished.
    pub(crate) fn open(files: Objects, keys: &Path) -> Result<Self> {
        let missing = || Error::new(Code::NoFile, text::data_missing(&files.shown()));
        let config = files.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
        let registry = RegistryConfig::parse(&config)?.registry;
        let keys = Keys::load(keys)?;
        let lock = files.lock()?;
        files.clear_staging();
        let trust = newest_trust_root(&files, &registry)?;
        let policy = &trust.root().log_policy;
        let log_key = keys.log.public();
        if !policy.logs().iter().any(|key| *key.note_key().public() == log_key) {
            let folder = keys.folder.display().to_string();
            let reason = "the log key there is not the registry's";
            return Err(Error::new(Code::Forbidden, text::storage(&folder, reason)));
        }
        let checkpoint = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?;
        let checkpoint = checkpoint.map(|note| VerifiedCheckpoint::open(&note, policy)).transpose()?;
        let intent = keys.signed()?;
        let mut snapshot = Snapshot::new();
        let resumed = decide(&files, &mut snapshot, |snapshot| {
            resume(&registry, &log_key, checkpoint.as_ref(), intent, snapshot)
        })?;
        let mut sequencer = Self { files, keys, trust, head: resumed.head, snapshot, _lock: lock };
        if !resumed.is_published {
            let commit = sequencer.head.sign(&sequencer.keys.log)?;
            sequencer.apply(commit)?;
        }
        sequencer.derive()?;
        Ok(sequencer)
    }

    /// Begins a log in an empty folder.
    pub(crate) fn begin(files: Objects, keys: Keys, trust: VerifiedTrustRoot) -> Result<Self> {
        let lock = files.lock()?;
        let head = LogHead::empty(&trust.root().registry);
        Ok(Self { files, keys, trust, head, snapshot: Snapshot::new(), _lock: lock })
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

    /// The registry's files.
    pub(crate) fn files(&self) -> &Objects {
        &self.files
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

    /// Says what is known of an archive that was just put in its place.
    pub(crate) fn know_archive(&mut self, artifact: Artifact, facts: ArchiveFacts) {
        self.snapshot.supply_archive(artifact, facts);
    }

    /// Logs leaves in one batch: all of them, or, after a crash, none.
    pub(crate) fn append(&mut self, leaves: &[Leaf]) -> Result<()> {
        let mut grown = self.head.clone();
        let commit = grown.append(leaves, &self.keys.log)?;
        self.apply(commit)?;
        self.head = grown;
        Ok(())
    }

    /// Brings the files that follow from the log up to its end.
    pub(crate) fn derive(&mut self) -> Result<()> {
        let Self { files, keys, trust, head, snapshot, .. } = self;
        let log_key = keys.log.public();
        let by = DerivedBy { head, trust, log_key: &log_key, index_key: &keys.index };
        let from = decide(files, snapshot, |snapshot| snapshot.derived_size().map(Ok))?.unwrap_or(0);
        let mut derivation = Derivation::new(from);
        let commit = decide(files, snapshot, |snapshot| derivation.check(by, snapshot))?;
        self.apply(commit)?;
        // Keys are changed where they are kept, not by this program: it never signs by others than it began with.
        match derivation.rotation() {
            None => Ok(()),
            Some(trust) => {
                let path = layout::trust_root(trust.root().version);
                Err(Error::new(Code::RegistryLayout, text::rotation_unfinished(&path)))
            }
        }
    }

    /// Forgets what was read for one submission: a server does not grow with its registry.
    pub(crate) fn forget(&mut self) {
        self.snapshot = Snapshot::new();
    }

    /// Applies steps in their order, group by group; each group is on the disk before the next.
    fn apply(&mut self, commit: Commit) -> Result<()> {
        for group in commit.into_groups() {
            let mut puts: Vec<(&str, &[u8])> = Vec::new();
            for step in &group {
                if let Step::Put { path, bytes } = step {
                    puts.push((path, bytes));
                    continue;
                }
                self.files.write_all(&std::mem::take(&mut puts))?;
                match step {
                    Step::Put { .. } => {}
                    Step::Intent(head) => self.keys.note_signed(*head)?,
                    Step::Publish { checkpoint } => self.files.write(layout::CHECKPOINT, checkpoint)?,
                    Step::Prune { prefix } => self.files.prune(prefix),
                }
            }
            self.files.write_all(&puts)?;
            group.iter().for_each(|step| self.snapshot.apply(step));
        }
        Ok(())
    }
}

/// The newest trust root that the registry's own rotations lead to.
fn newest_trust_root(files: &Objects, registry: &RegistryId) -> Result<VerifiedTrustRoot> {
    let path = layout::trust_root(1);
    let missing = || Error::new(Code::RegistryLayout, core_text::registry_file_missing(&path));
    let first = files.read(&path, limits::ENVELOPE_LEN as u64)?.ok_or_else(missing)?;
    let first = VerifiedTrustRoot::self_signed(&first)?;
    if first.root().registry != *registry {
        let message = core_text::registry_other_id(first.root().registry.as_str(), registry.as_str());
        return Err(Error::new(Code::RegistryMismatch, message));
    }
    let mut walk = TrustWalk::new(first);
    loop {
        let next = files.read(&walk.path(), limits::ENVELOPE_LEN as u64)?;
        if !walk.advance(next.as_deref())? {
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
