//! A registry that is a folder of files.

use super::source::{ArchiveFile, ArchiveRequest, RegistrySource, check_line_ends, is_of_disk};
use crate::error::{Error, IoAction, IoContext};
use crate::extract::Incoming;
use crate::fs::{self, Access};
use crate::message::registry as text;
use crate::report::Reporter;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where a writer makes what it then puts into its place, inside the registry's folder: a rename does that.
pub const STAGING: &str = ".vitte-staging";

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
        // Not next to the file: what a killed writer leaves is found in one place, and readers never list it.
        let staging = self.file(STAGING);
        create_durably(&staging)?;
        fs::write_atomic_by(&staging, &file, bytes, Access::Shared)
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
        fs::sync_file(from)?;
        fs::rename(from, &file)
    }

    /// Opens an archive; `None` when there is none.
    ///
    /// # Errors
    /// `io`.
    pub fn open(&self, path: &str) -> Result<Option<File>, Error> {
        let file = self.file(path);
        match File::open(&file) {
            Err(error) if is_absent(&error) => Ok(None),
            result => result.on(IoAction::Read, &file).map(Some),
        }
    }

    /// Removes a file, or a folder with all that is in it. That it is gone already, or stays, is no fault: nobody is led
    /// to it.
    pub fn prune(&self, path: &str) {
        let file = self.file(path);
        let _ = match std::fs::symlink_metadata(&file) {
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(&file),
            Ok(_) => std::fs::remove_file(&file),
            Err(error) => Err(error),
        };
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
    match fs::folder_builder().recursive(false).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        result => result.on(IoAction::Create, folder)?,
    }
    fs::sync_folder(folder.parent().unwrap_or(Path::new(".")))
}

impl RegistrySource for Directory {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let file = self.file(path);
        match File::open(&file) {
            Err(error) if is_absent(&error) => Ok(None),
            opened => {
                let bytes = fs::read_open(opened.on(IoAction::Read, &file)?, &file, limit)?;
                check_line_ends(path, &bytes, || {
                    let root = self.root.display().to_string();
                    vec![text::line_ends_checkout(&root), text::line_ends_attributes(&root)]
                })?;
                Ok(Some(bytes))
            }
        }
    }

    fn at(&self, error: Error, path: &str) -> Error {
        if is_of_disk(&error) { error } else { error.in_file(self.file(path)) }
    }

    fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        _: &mut Incoming<'_>,
        _: &dyn Reporter,
    ) -> Result<Option<ArchiveFile>, Error> {
        let file = self.file(&wanted.path());
        Ok(file.is_file().then(|| ArchiveFile::at(file)))
    }

    fn list(&self, folder: &str) -> Option<Vec<String>> {
        Some(files_below(&self.root, folder))
    }
}

/// The paths of all files below a folder, sorted; none where it cannot be read.
fn files_below(root: &Path, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return found };
    for entry in entries.flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(root, &path)),
            _ => found.push(path),
        }
    }
    found.sort();
    found
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
