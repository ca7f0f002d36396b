//! A registry that is a folder of files.

use super::source::{ArchiveStream, Source};
use crate::error::{Doing, Error, IoContext};
use crate::fs::{self, Access};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use vitte_package_core::name::PackageName;

/// The folder. Reading needs no lock: what readers begin with, the checkpoint, is written last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The registry in `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file of the registry is. Paths come from validated names only and have no `..`.
    pub fn file(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |folder, part| folder.join(part))
    }

    /// Writes a file in one step, and the folders above it. On return it is on the disk.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let file = self.file(path);
        if let Some(folder) = file.parent() {
            create_durably(folder)?;
        }
        fs::write_atomic(&file, bytes, Access::Shared)
    }

    /// Puts a finished file of the same file system in its place in one step.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn place(&self, from: &Path, path: &str) -> Result<(), Error> {
        let file = self.file(path);
        if let Some(folder) = file.parent() {
            create_durably(folder)?;
        }
        File::open(from).and_then(|file| file.sync_all()).doing(Doing::Write, from)?;
        fs::rename(from, &file)
    }

    /// Removes a folder that is not needed any more; that it is not there is no fault.
    pub fn forget_folder(&self, path: &str) {
        let _ = std::fs::remove_dir_all(self.file(path));
    }
}

/// Makes a folder and those above it; each is entered into the one above on the disk.
fn create_durably(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        create_durably(above)?;
    }
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        result => result.doing(Doing::Create, folder)?,
    }
    fs::sync_folder(folder.parent().unwrap_or(Path::new(".")))
}

impl Source for Directory {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let file = self.file(path);
        match std::fs::metadata(&file) {
            Err(error) if is_absent(&error) => Ok(None),
            _ => fs::read(&file, limit).map(Some),
        }
    }

    fn open(&self, path: &str) -> Result<Option<ArchiveStream>, Error> {
        let file = self.file(path);
        match File::open(&file) {
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(Error::io(Doing::Read, &file, &error)),
            Ok(opened) => {
                let len = opened.metadata().doing(Doing::Read, &file)?.len();
                Ok(Some(ArchiveStream { reader: Box::new(opened), len: Some(len) }))
            }
        }
    }

    fn packages(&self) -> Result<Option<Vec<PackageName>>, Error> {
        let mut names = Vec::new();
        let index = self.root.join("index");
        for namespace in listed(&index)? {
            for base in listed(&index.join(&namespace))? {
                // Packages without a namespace have `_` in its place.
                let full = if namespace == "_" { base } else { format!("{namespace}/{base}") };
                names.extend(PackageName::parse(&full).ok());
            }
        }
        names.sort();
        Ok(Some(names))
    }

    fn local(&self, path: &str) -> Option<PathBuf> {
        Some(self.file(path))
    }
}

/// The names in a folder that are text; none when it is not there.
fn listed(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        result => result.doing(Doing::List, folder)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.doing(Doing::List, folder)?.file_name().into_string().ok());
    }
    Ok(names)
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
