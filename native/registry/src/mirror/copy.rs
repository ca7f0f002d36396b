//! The copy on the disk: `public/` has the registry's files, each of which was verified before it was written there, so
//! that any file server can deliver them; `mirror.json` says what was seen of the registry last.

use super::archives::Archives;
use super::words;
use crate::error::{At as _, Error, Result};
use crate::objects::{Files, Lock, Objects, make_folder, temporary, write_atomic};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::client::Memory;
use vitte_package_core::registry::layout;

/// Bytes of `mirror.json` at most: a trust root, a checkpoint, and a right edge of tiles.
const MEMORY_LEN: u64 = 4 * 1024 * 1024;

/// The copy on the disk. One process has it.
#[derive(Debug)]
pub(super) struct LocalCopy {
    folder: PathBuf,
    files: Files,
    /// The same files, for what delivers them.
    pub(super) objects: Objects,
    pub(super) archives: Archives,
    /// Held while the log and what follows from it go on together: nobody is to see one without the other.
    gate: RwLock<()>,
    _lock: Lock,
}

impl LocalCopy {
    /// Opens the copy in a folder, which need not exist, with so many bytes of archives at most.
    pub(super) fn open(folder: &Path, limit: u64) -> Result<Self> {
        let files = Files::new(folder.join("public"));
        let objects = Objects::folder(files.root().to_owned());
        objects.make()?;
        let lock = objects.lock()?;
        objects.clear_staging();
        let archives = Archives::of(files.clone(), limit)?;
        Ok(Self { folder: folder.to_owned(), files, objects, archives, gate: RwLock::default(), _lock: lock })
    }

    /// Holds the log still while a file is opened.
    pub(super) fn still(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps readers out while the log goes on.
    pub(super) fn moving(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn holds(&self, path: &str) -> bool {
        self.files.file(path).is_file()
    }

    /// A file of the copy; none when it is not there or cannot be read, since the registry may be asked.
    pub(super) fn read(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        self.files.read(path, limit).ok().flatten()
    }

    /// Writes a file that was verified. One that is there already stays, with its tag.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        if self.read(path, bytes.len() as u64).as_deref() == Some(bytes) {
            return Ok(());
        }
        self.files.write(path, bytes)
    }

    /// Removes a file, and all below the folder of that name.
    pub(super) fn prune(&self, path: &str) {
        self.files.prune(path);
    }

    /// A place for an archive until it is verified.
    pub(super) fn staged(&self) -> Result<PathBuf> {
        let staging = self.files.file(crate::objects::STAGING);
        make_folder(&staging, None)?;
        temporary(&staging, None).map(|(_, path)| path)
    }

    fn memory_file(&self) -> PathBuf {
        self.folder.join("mirror.json")
    }

    /// What was seen of the registry; none before the first time.
    pub(super) fn memory(&self) -> Result<Option<Memory>> {
        let file = self.memory_file();
        let bytes = match std::fs::read(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.at(&file)?,
        };
        let damaged = || Error::new(Code::Json, words::damaged(&file.display().to_string()));
        if bytes.len() as u64 > MEMORY_LEN {
            return Err(damaged());
        }
        Memory::parse(&bytes).map(Some).map_err(|_| damaged())
    }

    /// Remembers what was seen.
    pub(super) fn remember(&self, memory: &Memory) -> Result<()> {
        write_atomic(&self.folder, &self.memory_file(), &memory.to_bytes(), Some(0o600))
    }

    /// Keeps two checkpoints that contradict each other. Gives the folder they are in.
    pub(super) fn keep_evidence(&self, notes: &[Vec<u8>; 2]) -> Result<PathBuf> {
        let folder = self.folder.join("evidence");
        make_folder(&folder, Some(0o700))?;
        for (name, note) in ["before", "now"].into_iter().zip(notes) {
            let digest = Digest::of(note).to_string();
            let short = digest.rsplit(':').next().and_then(|hex| hex.get(..16)).unwrap_or_default();
            let file = folder.join(format!("checkpoint-{name}-{short}"));
            if !file.exists() {
                write_atomic(&folder, &file, note, Some(0o600))?;
            }
        }
        Ok(folder)
    }

    /// The trust root that was pinned when the copy was begun.
    pub(super) fn first_trust_root(&self) -> Option<Digest> {
        self.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64).map(|bytes| Digest::of(&bytes))
    }

    /// The packages whose index files are kept.
    pub(super) fn packages(&self) -> Vec<PackageName> {
        let mut packages = Vec::new();
        for namespace in names(&self.files.file("index")) {
            for name in names(&self.files.file("index").join(&namespace)) {
                let name = match namespace.as_str() {
                    Namespace::NONE => name,
                    namespace => format!("{namespace}/{name}"),
                };
                packages.extend(PackageName::parse(&name).ok());
            }
        }
        packages
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}
