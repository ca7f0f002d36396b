//! Files: atomic writing, private temporary folders, locks, limits on reading.
//!
//! Nothing is ever modified in place: a file or folder is made next to its place and renamed into it.

mod flush;
mod guard;
mod litter;
mod lock;
mod presence;
mod temporary;
mod write;

use crate::error::{Error, IoAction, IoContext};
use crate::message::store;
pub use flush::{rename, sync_file, sync_file_system, sync_folder};
pub use guard::{can_be_written, check_closed, check_guarded};
pub(crate) use litter::remove_stale_in_own;
pub use litter::{count_stale, is_running, remove_stale, sweep};
pub use lock::{Hold, Lock};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
pub use temporary::TempDir;
use vitte_package_core::diagnostic::{Code, Diagnostic};
pub(crate) use write::{
    closed_to_others, temporary, temporary_by, write_atomic_by, write_plain, write_unflushed_by,
};
pub use write::{write_atomic, write_new, write_unflushed};

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody may read it (0644 on Unix, less what the umask takes away), and only the user may write it.
    Shared,
    /// The user alone: 0600 on Unix.
    Private,
    /// Everybody may read and run it (0755 on Unix, less what the umask takes away), and only the user may write it.
    Executable,
}

/// Reads a whole file of at most `limit` bytes.
///
/// # Errors
/// `io` when it cannot be read, `limit` when it is larger.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    read_open(File::open(path).on(IoAction::Read, path)?, path, limit)
}

/// As [`read`], from an open file that is called `path`.
pub(crate) fn read_open(mut file: File, path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    // The length it has now: most files are read in one go.
    let known = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
    // One byte more than allowed tells a file that is too large from one that just fits, also where the
    // length is not known in advance or changes meanwhile.
    let mut bytes = vec![0; known.unwrap_or(0).min(limit) as usize + 1];
    let mut filled = 0;
    loop {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::io(IoAction::Read, path, &error)),
        }
        if filled as u64 > limit {
            let message = store::too_large(&path.display().to_string(), limit);
            return Err(Diagnostic::new(Code::Limit, message).into());
        }
        // More was asked for than there is: that was the end.
        if known == Some(filled as u64) {
            break;
        }
        if filled == bytes.len() {
            let longer = (filled as u64).saturating_mul(2).max(8 * 1024).min(limit.saturating_add(1));
            bytes.resize(longer as usize, 0);
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads a whole file of UTF-8 text of at most `limit` bytes.
///
/// # Errors
/// As [`read`]; `io` when it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Error> {
    text(path, read(path, limit)?)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes)
        .map_err(|_| Diagnostic::new(Code::Io, store::encoding(&path.display().to_string())).into())
}

/// As [`read_text`], with nothing where there is no such file.
///
/// # Errors
/// As [`read_text`], except that a missing file is no error.
pub fn read_text_if_there(path: &Path, limit: u64) -> Result<Option<String>, Error> {
    read_if_there(path, limit)?.map(|bytes| text(path, bytes)).transpose()
}

/// As [`read`], with nothing where there is no such file.
///
/// # Errors
/// As [`read`]; a file that is there and cannot be reached is not one that is not there.
pub fn read_if_there(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    match File::open(path) {
        // A link that leads nowhere is there.
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && std::fs::symlink_metadata(path).is_err() =>
        {
            Ok(None)
        }
        file => read_open(file.on(IoAction::Read, path)?, path, limit).map(Some),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// `io` or `no-space`.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    folder_builder().create(path).on(IoAction::Create, path)
}

/// Makes folders, and those above them, that nobody else may write to, whatever the umask leaves open.
pub fn folder_builder() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder
}

/// Makes a folder that only the user may enter (0700 on Unix), and those above it.
///
/// # Errors
/// `io` or `no-space`.
pub fn create_private_folder(path: &Path) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        create_folder(parent)?;
    }
    match private_folder_builder().create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result.on(IoAction::Create, path),
    }
}

fn private_folder_builder() -> std::fs::DirBuilder {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Sets the permissions of a file or folder, where the system has them.
///
/// # Errors
/// `io`.
pub fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, permissions).on(IoAction::Write, path)?;
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}

/// Lets everybody enter a folder that was private while it was made.
///
/// # Errors
/// `io`.
pub fn share_folder(path: &Path) -> Result<(), Error> {
    set_mode(path, 0o755)
}

/// What is in a folder; nothing when it is not there.
///
/// # Errors
/// `io`.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        result => result.on(IoAction::List, folder)?,
    };
    let paths = listed.map(|entry| entry.map(|entry| entry.path()).on(IoAction::List, folder));
    paths.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = folder();
        let path = folder.path().join("current");
        write_atomic(&path, b"one", Access::Shared).unwrap();
        write_atomic(&path, b"two", Access::Shared).unwrap();
        assert_eq!(read_text(&path, 3).unwrap(), "two");
        assert_eq!(read(&path, 2).unwrap_err().code(), Code::Limit);
        assert!(!write_new(&path, b"three", Access::Shared).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let missing = folder.path().join("no/such/file");
        assert_eq!(write_atomic(&missing, b"", Access::Shared).unwrap_err().code(), Code::Io);
    }

    #[cfg(unix)]
    #[test]
    fn private_means_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = folder.path().join("key");
        write_atomic(&path, b"", Access::Private).unwrap();
        assert_eq!(mode(&path), 0o600);
        let temporary = TempDir::new_in(folder.path()).unwrap();
        assert_eq!(mode(temporary.path()), 0o700);
    }

    #[test]
    fn a_temporary_folder_disappears_unless_kept() {
        let folder = folder();
        let (tmp, place) = (folder.path().join("tmp"), folder.path().join("pkg/aa"));
        let dropped = TempDir::new_in(&tmp).unwrap().path().to_path_buf();
        assert!(!dropped.exists());
        let kept = TempDir::new_in(&tmp).unwrap();
        std::fs::write(kept.path().join("file"), "x").unwrap();
        assert!(kept.keep_as(&place).unwrap());
        assert!(!TempDir::new_in(&tmp).unwrap().keep_as(&place).unwrap());
        assert!(place.join("file").exists());
        assert_eq!(std::fs::read_dir(&tmp).unwrap().count(), 0);
    }

    #[test]
    fn an_exclusive_lock_keeps_others_out_and_is_named() {
        let folder = folder();
        let path = folder.path().join("lock");
        let take = |hold, waiting: &mut bool| {
            Lock::take(&path, hold, "a test", Duration::from_millis(40), || *waiting = true)
        };
        let mut waited = false;
        let held = take(Hold::Exclusive, &mut waited).unwrap();
        assert!(!waited);
        let error = take(Hold::Shared, &mut waited).unwrap_err();
        assert!(waited);
        assert_eq!(error.code(), Code::Busy);
        assert!(error.to_string().contains(&format!("process {}, a test", std::process::id())), "{error}");
        drop(held);
        let shared = (take(Hold::Shared, &mut waited).unwrap(), take(Hold::Shared, &mut waited).unwrap());
        assert_eq!(take(Hold::Exclusive, &mut waited).unwrap_err().code(), Code::Busy);
        drop(shared);
    }
}
