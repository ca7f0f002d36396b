//! The folder of a server: `public/` is the registry, byte for byte what a directory registry is; `keys/`, `staging/`
//! and `db.sqlite` are the server's own.

use crate::database::Database;
use crate::error::{At as _, Error, Result};
use crate::message as words;
use crate::objects::{LOCK, Lock, Objects, STAGING, Staging, make_folder, write_atomic};
use crate::sequencer::{Keys, Sequencer, Shared};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::runtime::Runtime;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::note::{IndexKey, LogKey};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{RegistryConfig, TrustRoot, VerifiedTrustRoot, layout};
use vitte_package_core::sign::{Envelope, RegistryId, dsse};

/// A server's folder, and what lies elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    root: PathBuf,
    places: Places,
}

/// How often a registry that is being written to is copied before an export is given up.
const PASSES: u32 = 50;
/// How many of these may find nothing new before what follows from the log is not waited for any more.
const WAITED: u32 = 20;
/// The pause between two passes.
const BETWEEN_PASSES: Duration = Duration::from_millis(100);

/// How far a registry is written.
#[derive(PartialEq)]
struct Written {
    checkpoint: Option<Vec<u8>>,
    /// The size of the log that its index files have been made for.
    derived: Option<u64>,
}

impl Written {
    /// Whether the index files are those of the checkpoint.
    fn is_settled(&self) -> bool {
        let size = self
            .checkpoint
            .as_deref()
            .and_then(|note| std::str::from_utf8(note).ok()?.lines().nth(1)?.parse::<u64>().ok());
        self.derived.is_none() || self.derived == size
    }
}

/// How many entries of the log the files that follow from it have taken in; none when nothing says so.
pub(crate) fn derived_size(files: &Objects) -> Result<Option<u64>> {
    let bytes = files.read(layout::DERIVED, 64)?;
    Ok(bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.trim().parse().ok()))
}

fn written(files: &Objects) -> Result<Written> {
    let checkpoint = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?;
    Ok(Written { checkpoint, derived: derived_size(files)? })
}

/// What does not lie in the folder.
#[derive(Clone, Default)]
pub(crate) struct Places {
    /// The address of the bucket that has the registry's files.
    pub(crate) storage: Option<String>,
    /// The address of the database that replicas share.
    pub(crate) database: Option<String>,
    /// The folder of the registry's keys.
    pub(crate) keys: Option<PathBuf>,
    /// How long a database or a bucket may take to respond.
    pub(crate) patience: Duration,
    /// How long the replica that writes to the log may be silent.
    pub(crate) silence: Duration,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses may have passwords in them.
        formatter.write_str("Places")
    }
}

impl Data {
    /// The folder at a path, which need not exist. What `places` names is elsewhere.
    pub(crate) fn new(root: PathBuf, places: Places) -> Self {
        Self { root, places }
    }

    /// The registry's files.
    pub(crate) fn public(&self) -> Result<Objects> {
        match &self.places.storage {
            None => Ok(Objects::folder(self.root.join("public"))),
            Some(address) => Objects::bucket(address, "public", self.places.patience),
        }
    }

    /// Where the registry's keys are.
    pub(crate) fn keys(&self) -> PathBuf {
        self.places.keys.clone().unwrap_or_else(|| self.root.join("keys"))
    }

    /// Where archives of uploads wait.
    pub(crate) fn staging(&self) -> Result<Staging> {
        let local = self.root.join("staging");
        match &self.places.storage {
            None => Ok(Staging::Folder(local)),
            Some(address) => Staging::bucket(address, local, self.places.patience),
        }
    }

    /// Opens the database, and makes what is missing.
    pub(crate) async fn open_database(&self) -> Result<Database> {
        match (&self.places.database, &self.places.storage) {
            (Some(address), _) => Database::at(address, self.places.patience).await,
            (None, Some(_)) => Err(Error::new(Code::Config, words::storage_alone())),
            (None, None) => Database::sqlite(&self.database()).await,
        }
    }

    /// What its sequencer shares with those of other replicas; none where nobody shares the database.
    pub(crate) fn share(&self, runtime: &Runtime) -> Result<Option<Shared>> {
        if self.places.database.is_none() && self.places.storage.is_none() {
            return Ok(None);
        }
        self.share_in(runtime.block_on(self.open_database())?, runtime)
    }

    /// The same, of a database that was opened already.
    pub(crate) fn share_in(&self, database: Database, runtime: &Runtime) -> Result<Option<Shared>> {
        let runtime = runtime.handle().clone();
        let shared = || {
            let (database, silence) = (database.clone(), self.places.silence);
            Ok::<_, Error>(Shared { staging: self.staging()?, runtime, database, silence })
        };
        database.is_shared().then(shared).transpose()
    }

    /// The file of the database, if nobody shares it.
    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("db.sqlite")
    }

    /// Whether there is a registry.
    pub(crate) fn is_begun(&self) -> Result<bool> {
        Ok(!self.public()?.is_empty()?)
    }

    /// Id of the registry.
    pub(crate) fn registry(&self) -> Result<RegistryId> {
        let missing = || Error::new(Code::NoFile, text::data_missing(&self.root.display().to_string()));
        let config = self.public()?.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
        let config =
            RegistryConfig::parse(&config).map_err(|error| Error::from(error).in_file(layout::CONFIG))?;
        Ok(config.registry)
    }

    /// Begins a registry: keys, trust root, the first log entry. Gives the digest of the trust root, which clients pin.
    pub(crate) fn init(&self, id: &str, now: u64, shared: Option<Shared>) -> Result<(RegistryId, Digest)> {
        let registry = RegistryId::parse(id)?;
        self.claim()?;
        let keys = Keys::draw()?;
        keys.store(&self.keys())?;
        let log = LogKey::new(&LogKey::name_of(&registry), keys.log.public())?;
        let index = IndexKey::new(&IndexKey::name_of(&registry), keys.index.public())?;
        let root = TrustRoot::first(registry.clone(), now, keys.root.public(), &log, index);
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &[&keys.root])?;
        let trust = VerifiedTrustRoot::self_signed(envelope.as_bytes())?;
        let files = self.public()?;
        // In version control its bytes must stay as they were signed.
        files.write(".gitattributes", b"* -text\n")?;
        files.write(&layout::trust_root(1), trust.envelope())?;
        let mut sequencer =
            Sequencer::begin(files.clone(), Keys::load(&self.keys())?, trust.clone(), shared)?;
        let genesis = Leaf {
            subject: Subject::Genesis { registry: registry.clone() },
            time: now,
            prev: None,
            envelopes: vec![String::from_utf8_lossy(trust.envelope()).into_owned()],
        };
        sequencer.append(&self.staging()?, &[], &[genesis])?;
        sequencer.derive()?;
        // What makes the folder a registry comes last.
        files.write(layout::CONFIG, &RegistryConfig::directory(registry.clone()).to_bytes())?;
        Ok((registry, trust.digest()))
    }

    /// Takes a directory registry over, with its keys: `keys` is the folder they are in.
    pub(crate) fn import(&self, from: &Path, keys: &Path, shared: Option<Shared>) -> Result<RegistryId> {
        let source = Objects::folder(from.to_owned());
        let missing = || Error::new(Code::NoFile, text::data_missing(&from.display().to_string()));
        source.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
        // Nobody writes there meanwhile.
        let _lock = source.lock()?;
        self.claim()?;
        copy_folder(keys, &self.keys())?;
        let files = self.public()?;
        source.each("", &mut |listed| copy(&source, &files, &listed.path))?;
        // Whether the keys are this log's, and whether the copy is what they signed last.
        let sequencer = Sequencer::open(files, &self.keys(), shared)?;
        Ok(sequencer.registry().clone())
    }

    /// Copies the registry's files into a new folder, as a directory registry, also beside a server that runs.
    pub(crate) fn export(&self, to: &Path) -> Result<RegistryId> {
        let registry = self.registry()?;
        let files = self.public()?;
        // Nothing is written to a folder under its lock, which a server has for as long as it runs. A bucket has none.
        let lock = match files.lock() {
            Ok(lock) => Some(lock),
            Err(error) if error.first().code == Code::Busy => None,
            Err(error) => return Err(error),
        };
        let exported = Objects::folder(to.to_owned());
        if !exported.is_empty()? {
            return Err(Error::new(Code::FolderExists, text::data_exists(&exported.shown())));
        }
        make_folder(to, None)?;
        let is_still = lock.as_ref().is_some_and(Lock::keeps_writers_out);
        let mut unchanged = 0;
        for pass in 1.. {
            let before = written(&files)?;
            files.each("", &mut |listed| {
                // Archives and whole tiles are written once.
                let is_final = layout::delivery(&listed.path).cache_control.contains("immutable");
                let is_there =
                    is_final && exported.find(&listed.path)?.is_some_and(|found| found.len == listed.len);
                if is_there { Ok(()) } else { copy(&files, &exported, &listed.path) }
            })?;
            // What was written meanwhile is copied again. What follows from the log is waited for, but for no longer than
            // a writer takes that is at work: one that was killed leaves it to the next.
            unchanged = if written(&files)? == before { unchanged + 1 } else { 0 };
            if is_still || unchanged > WAITED || (unchanged > 0 && before.is_settled()) {
                break;
            }
            if pass == PASSES {
                let fault = Diagnostic::new(Code::Busy, words::export_never_settles());
                return Err(fault.help(words::export_never_settles_help()).into());
            }
            std::thread::sleep(BETWEEN_PASSES);
        }
        exported.clear_staging();
        Ok(registry)
    }

    /// Makes the folder, which must not hold a registry.
    fn claim(&self) -> Result<()> {
        let files = self.public()?;
        for taken in [&files, &Objects::folder(self.keys())] {
            if !taken.is_empty()? {
                return Err(Error::new(Code::RegistryExists, text::data_exists(&taken.shown())));
            }
        }
        self.make()?;
        make_folder(&self.keys(), Some(0o700))
    }

    /// Makes the folders, but for that of the keys.
    pub(crate) fn make(&self) -> Result<()> {
        make_folder(&self.root, Some(0o700))?;
        self.public()?.make()?;
        make_folder(self.staging()?.root(), Some(0o700))
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the database is shared by replicas.
    pub(crate) fn shares_database(&self) -> bool {
        self.places.database.is_some()
    }
}

/// Copies a file, however long it is: a registry has what its own limits let in.
fn copy(from: &Objects, to: &Objects, path: &str) -> Result<()> {
    match from.read(path, u64::MAX)? {
        Some(bytes) => to.write(path, &bytes),
        None => Ok(()),
    }
}

/// Copies a folder of keys, which nobody else may read.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    make_folder(to, Some(0o700))?;
    for entry in std::fs::read_dir(from).at(from)? {
        let entry = entry.at(from)?;
        let (name, path) = (entry.file_name(), entry.path());
        if [STAGING, LOCK].iter().any(|own| name == *own) {
            continue;
        }
        if entry.file_type().at(&path)?.is_dir() {
            copy_folder(&path, &to.join(&name))?;
            continue;
        }
        write_atomic(to, &to.join(&name), &std::fs::read(&path).at(&path)?, Some(0o600))?;
    }
    Ok(())
}
