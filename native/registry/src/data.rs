//! The folder of a server: `public/` is the registry, byte for byte what a directory registry is; `keys/`, `staging/`
//! and `db.sqlite` are the server's own.

use crate::error::{At as _, Error, Result};
use crate::objects::{Files, LOCK, STAGING, make_folder, write_atomic};
use crate::sequencer::{Keys, Sequencer};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::note::{IndexKey, LogKey};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{RegistryConfig, TrustRoot, VerifiedTrustRoot, layout};
use vitte_package_core::sign::{Envelope, RegistryId, dsse};

/// A server's folder.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    root: PathBuf,
}

impl Data {
    /// The folder at a path, which need not exist.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The registry's files.
    pub(crate) fn public(&self) -> Files {
        Files::new(self.root.join("public"))
    }

    /// Where the registry's keys are.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Where archives of uploads wait.
    pub(crate) fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("db.sqlite")
    }

    /// Id of the registry.
    pub(crate) fn registry(&self) -> Result<RegistryId> {
        let missing = || Error::new(Code::NoFile, text::data_missing(&self.root.display().to_string()));
        let config = self.public().read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
        Ok(RegistryConfig::parse(&config)?.registry)
    }

    /// Begins a registry: keys, trust root, the first log entry. Gives the digest of the trust root, which clients pin.
    pub(crate) fn init(&self, id: &str, now: u64) -> Result<(RegistryId, Digest)> {
        let registry = RegistryId::parse(id)?;
        self.claim()?;
        let keys = Keys::draw()?;
        keys.store(&self.keys())?;
        let log = LogKey::new(&LogKey::name_of(&registry), keys.log.public())?;
        let index = IndexKey::new(&IndexKey::name_of(&registry), keys.index.public())?;
        let root = TrustRoot::first(registry.clone(), now, keys.root.public(), &log, index);
        let envelope = Envelope::sign(dsse::TRUST_ROOT, &root.to_payload()?, &[&keys.root])?;
        let trust = VerifiedTrustRoot::self_signed(envelope.as_bytes())?;
        let files = self.public();
        // In version control its bytes must stay as they were signed.
        files.write(".gitattributes", b"* -text\n")?;
        files.write(&layout::trust_root(1), trust.envelope())?;
        let mut sequencer = Sequencer::begin(files.clone(), Keys::load(&self.keys())?, trust.clone())?;
        let genesis = Leaf {
            subject: Subject::Genesis { registry: registry.clone() },
            time: now,
            prev: None,
            envelopes: vec![String::from_utf8_lossy(trust.envelope()).into_owned()],
        };
        sequencer.append(&[genesis])?;
        sequencer.derive()?;
        // What makes the folder a registry comes last.
        files.write(layout::CONFIG, &RegistryConfig::directory(registry.clone()).to_bytes())?;
        Ok((registry, trust.digest()))
    }

    /// Takes a directory registry over, with its keys: `keys` is the folder they are in.
    pub(crate) fn import(&self, from: &Path, keys: &Path) -> Result<RegistryId> {
        let source = Files::new(from.to_owned());
        let missing = || Error::new(Code::NoFile, text::data_missing(&from.display().to_string()));
        source.read(layout::CONFIG, layout::CONFIG_LEN)?.ok_or_else(missing)?;
        // Nobody writes there meanwhile.
        let _lock = source.lock()?;
        self.claim()?;
        copy_folder(keys, &self.keys(), Mode::Private)?;
        copy_folder(from, self.public().root(), Mode::Shared)?;
        // Whether the keys are this log's, and whether the copy is what they signed last.
        let sequencer = Sequencer::open(self.public(), &self.keys())?;
        Ok(sequencer.registry().clone())
    }

    /// Copies the registry's files into a new folder, as a directory registry.
    pub(crate) fn export(&self, to: &Path) -> Result<RegistryId> {
        let registry = self.registry()?;
        let files = self.public();
        let _lock = files.lock()?;
        if to.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::new(Code::FolderExists, text::data_exists(&to.display().to_string())));
        }
        copy_folder(files.root(), to, Mode::Shared)?;
        Ok(registry)
    }

    /// Makes the folder, which must not hold a registry.
    fn claim(&self) -> Result<()> {
        for folder in [self.public().root(), &self.keys()] {
            if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
                let folder = folder.display().to_string();
                return Err(Error::new(Code::RegistryExists, text::data_exists(&folder)));
            }
        }
        make_folder(&self.root, Some(0o700))?;
        make_folder(self.public().root(), None)?;
        make_folder(&self.keys(), Some(0o700))?;
        make_folder(&self.staging(), Some(0o700))
    }
}

/// Who may read what is copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Private,
    Shared,
}

/// Copies the files below a folder. What a writer stages or locks is not part of a registry.
fn copy_folder(from: &Path, to: &Path, mode: Mode) -> Result<()> {
    make_folder(to, (mode == Mode::Private).then_some(0o700))?;
    for entry in std::fs::read_dir(from).at(from)? {
        let entry = entry.at(from)?;
        let (name, path) = (entry.file_name(), entry.path());
        if [STAGING, LOCK].iter().any(|own| name == *own) {
            continue;
        }
        if entry.file_type().at(&path)?.is_dir() {
            copy_folder(&path, &to.join(&name), mode)?;
            continue;
        }
        let bytes = std::fs::read(&path).at(&path)?;
        write_atomic(to, &to.join(&name), &bytes, (mode == Mode::Private).then_some(0o600))?;
    }
    Ok(())
}
