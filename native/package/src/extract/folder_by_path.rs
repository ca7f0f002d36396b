//! Writing files below one folder where the system has no folders to open: by path.
//!
//! The folder is private and was made by this process, so nobody else puts links into it.

use super::{Need, Permissions};
use crate::error::{Error, IoAction, IoContext};
use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use vitte_package_core::verify::FilePart;

/// The folder files are written into.
pub(super) struct Folder {
    path: PathBuf,
    permissions: Permissions,
    /// Files that span frames and are not complete, with the bytes still to come.
    split: Mutex<HashMap<usize, (File, u64)>>,
}

impl Folder {
    /// Takes a folder that exists. The system itself says when the disk is full.
    pub(super) fn open(path: &Path, permissions: Permissions, _need: Need) -> Result<Self, Error> {
        Ok(Self { path: path.to_path_buf(), permissions, split: Mutex::default() })
    }

    /// What one thread writes with.
    pub(super) fn writer(&self) -> DirWriter<'_> {
        DirWriter { folder: self, made: HashSet::new() }
    }
}

/// One thread's way through the folder: it remembers the folders that exist.
pub(super) struct DirWriter<'a> {
    folder: &'a Folder,
    made: HashSet<PathBuf>,
}

impl DirWriter<'_> {
    /// Writes a part of a file; the first to come makes the file.
    pub(super) fn write(&mut self, part: &FilePart<'_>) -> Result<(), Error> {
        let entry = part.file;
        let path = self.folder.path.join(entry.path().as_str());
        if part.bytes.len() as u64 == entry.size() {
            let mut file = self.create(&path)?;
            file.write_all(part.bytes).on(IoAction::Write, &path)?;
            return self.complete(&file, &path);
        }
        let mut split = self.folder.split.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut file, left) = match split.remove(&part.entry) {
            Some(open) => open,
            None => (self.create(&path)?, entry.size()),
        };
        let left = left.saturating_sub(part.bytes.len() as u64);
        file.seek(SeekFrom::Start(part.offset)).on(IoAction::Write, &path)?;
        file.write_all(part.bytes).on(IoAction::Write, &path)?;
        if left == 0 {
            return self.complete(&file, &path);
        }
        split.insert(part.entry, (file, left));
        Ok(())
    }

    fn create(&mut self, path: &Path) -> Result<File, Error> {
        if let Some(above) = path.parent()
            && !self.made.contains(above)
        {
            std::fs::create_dir_all(above).on(IoAction::Create, above)?;
            self.made.insert(above.to_path_buf());
        }
        OpenOptions::new().write(true).create_new(true).open(path).on(IoAction::Write, path)
    }

    fn complete(&self, file: &File, path: &Path) -> Result<(), Error> {
        if self.folder.permissions == Permissions::ReadOnly {
            let mut permissions = file.metadata().on(IoAction::Write, path)?.permissions();
            permissions.set_readonly(true);
            file.set_permissions(permissions).on(IoAction::Write, path)?;
        }
        Ok(())
    }
}
