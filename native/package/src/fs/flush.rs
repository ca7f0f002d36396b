//! Flushing files and folders to disk.

use crate::error::{Error, IoAction, IoContext};
use std::fs::File;
use std::path::Path;

/// Flushes a file that was written before to disk.
///
/// # Errors
/// `io`, `no-space`.
pub fn sync_file(path: &Path) -> Result<(), Error> {
    flush(path).on(IoAction::Write, path)
}

#[cfg(not(windows))]
fn flush(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Windows flushes only what is open for writing. A file that may only be read cannot be opened so, and is left to the
/// system.
#[cfg(windows)]
fn flush(path: &Path) -> std::io::Result<()> {
    match std::fs::OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        file => file?.sync_all(),
    }
}

/// Flushes a folder's entries to disk, where the system can.
///
/// # Errors
/// `io`.
pub fn sync_folder(path: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        File::open(path).and_then(|folder| folder.sync_all()).on(IoAction::Write, path)?;
    }
    Ok(())
}

/// Flushes everything written to the file system that holds `folder`: one call in place of an fsync a file.
///
/// # Errors
/// `io`, `no-space`.
pub fn sync_file_system(folder: &Path) -> Result<(), Error> {
    #[cfg(target_os = "linux")]
    {
        let handle = File::open(folder).on(IoAction::Write, folder)?;
        rustix::fs::syncfs(&handle).map_err(std::io::Error::from).on(IoAction::Write, folder)
    }
    #[cfg(not(target_os = "linux"))]
    {
        fn each(folder: &Path) -> std::io::Result<()> {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                match entry.file_type()?.is_dir() {
                    true => each(&entry.path())?,
                    false => flush(&entry.path())?,
                }
            }
            if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
        }
        each(folder).on(IoAction::Write, folder)
    }
}

/// Renames a file or folder and flushes the folder it went to.
///
/// # Errors
/// `io`; `io` too when the place is taken by a folder that is not empty.
pub fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::rename(from, to).on(IoAction::Rename, to)?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}
