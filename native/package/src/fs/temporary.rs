//! Private folders that disappear.

use super::{create_folder, litter, private_folder_builder, sweep, sync_folder};
use crate::error::{Error, IoAction, IoContext};
use crate::interrupt;
use std::path::{Path, PathBuf};

/// A private folder (0700) that disappears with all it holds unless it is [kept](TempDir::keep_as): when
/// the value is dropped, on Ctrl-C, or, after a crash, when [`remove_stale`](super::remove_stale) finds its process gone.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    kept: bool,
}

impl TempDir {
    /// Makes `parent/.vitte-<pid>-<place>-<random>`; `parent` is made too, and what killed processes have left in it is
    /// removed.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn new_in(parent: &Path) -> Result<Self, Error> {
        create_folder(parent)?;
        sweep(parent);
        loop {
            let mut random = [0; 8];
            getrandom::fill(&mut random)
                .map_err(|error| Error::io(IoAction::Create, parent, &std::io::Error::other(error)))?;
            let name = format!("{}{:016x}", litter::prefix(), u64::from_le_bytes(random));
            let path = parent.join(name);
            match interrupt::remember(&path, || private_folder_builder().create(&path)) {
                Ok(()) => return Ok(Self { path, kept: false }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(IoAction::Create, &path, &error)),
            }
        }
    }

    /// Moves a folder into `parent`, which is on the same file system, to be removed: a rename, for which there is
    /// room on a full disk too.
    ///
    /// # Errors
    /// `io`.
    pub fn of_unwanted(folder: &Path, parent: &Path) -> Result<Self, Error> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|error| Error::io(IoAction::Rename, folder, &std::io::Error::other(error)))?;
        let path = parent.join(format!("{}{:016x}", litter::prefix(), u64::from_le_bytes(random)));
        interrupt::remember(&path, || std::fs::rename(folder, &path)).on(IoAction::Rename, folder)?;
        Ok(Self { path, kept: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames it to its final place on the same file system and flushes that place's folder. Says whether
    /// it did: `false` when a folder is there already, and then this one is removed.
    ///
    /// # Errors
    /// `io`; the folder is then removed.
    pub fn keep_as(self, place: &Path) -> Result<bool, Error> {
        let kept = self.place_as(place)?;
        if kept {
            sync_folder(place.parent().unwrap_or(Path::new(".")))?;
        }
        Ok(kept)
    }

    /// As [`keep_as`](Self::keep_as), without flushing: for several at once, all flushed together afterwards.
    ///
    /// # Errors
    /// `io`; the folder is then removed.
    pub fn place_as(mut self, place: &Path) -> Result<bool, Error> {
        if let Some(parent) = place.parent() {
            create_folder(parent)?;
        }
        if place.exists() {
            return Ok(false);
        }
        match interrupt::forget(&self.path, || std::fs::rename(&self.path, place)) {
            Ok(()) => {
                self.kept = true;
                Ok(true)
            }
            // Another process was faster: what it put there is the same.
            Err(_) if place.is_dir() => Ok(false),
            Err(error) => Err(Error::io(IoAction::Rename, place, &error)),
        }
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if !self.kept {
            interrupt::forget(&self.path, || {
                // What cannot be removed now is found by `remove_stale` later.
                let _ = std::fs::remove_dir_all(&self.path);
            });
        }
    }
}
