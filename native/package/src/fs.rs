//! Files: atomic writing, private temporary folders, locks, limits on reading.
//!
//! Nothing is ever modified in place: a file or folder is made beside its place and renamed into it.

mod litter;
mod lock;

use crate::error::{Doing, Error, IoContext};
use crate::interrupt;
use crate::message::store;
pub(crate) use litter::remove_stale_in_own;
pub use litter::{count_stale, is_running, remove_stale, sweep};
pub use lock::{Hold, Lock};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};

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
    read_open(File::open(path).doing(Doing::Read, path)?, path, limit)
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
            Err(error) => return Err(Error::io(Doing::Read, path, &error)),
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
        file => read_open(file.doing(Doing::Read, path)?, path, limit).map(Some),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// `io` or `no-space`.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    folder_builder().create(path).doing(Doing::Create, path)
}

/// Makes folders, and those above them, that nobody else may write to, whatever the umask leaves open.
pub fn folder_builder() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder
}

/// Whether this user can make files in a folder, or make the folder where it is not there. Nothing is tried.
#[cfg(unix)]
pub fn can_be_written(folder: &Path) -> bool {
    use rustix::fs::Access;
    let there = folder.ancestors().find(|above| above.exists()).unwrap_or(folder);
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
#[allow(missing_docs, reason = "as above")]
pub fn can_be_written(_: &Path) -> bool {
    true
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
        result => result.doing(Doing::Create, path),
    }
}

/// Checks that nobody else can change a file or folder that is believed: that it belongs to this user or the system,
/// and not everybody may write to it. One that is not there is good. On other systems than Unix nothing is asked.
///
/// # Errors
/// `store-tampered`; `io`.
#[cfg(unix)]
pub fn check_guarded(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let Some(data) = metadata_if_there(path)? else { return Ok(()) };
    let (name, user) = (path.display().to_string(), rustix::process::geteuid().as_raw());
    // The administrator may look after the folders of others.
    if ![user, 0].contains(&data.uid()) && user != 0 {
        let message = store::foreign_folder(&name, u64::from(data.uid()));
        return Err(Diagnostic::new(Code::StoreTampered, message).into());
    }
    closed(&name, data.mode())
}

/// As [`check_guarded`], whoever it belongs to: for what the user has chosen to read.
///
/// # Errors
/// As [`check_guarded`].
#[cfg(unix)]
pub fn check_closed(path: &Path) -> Result<(), Error> {
    let mode = metadata_if_there(path)?.map_or(0, |data| std::os::unix::fs::MetadataExt::mode(&data));
    closed(&path.display().to_string(), mode)
}

#[cfg(unix)]
fn metadata_if_there(path: &Path) -> Result<Option<std::fs::Metadata>, Error> {
    use std::io::ErrorKind;
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        result => result.doing(Doing::Read, path).map(Some),
    }
}

#[cfg(unix)]
fn closed(name: &str, mode: u32) -> Result<(), Error> {
    if mode & 0o002 == 0 {
        return Ok(());
    }
    let message = store::open_folder(name, &format!("{:04o}", mode & 0o7777));
    Err(Diagnostic::new(Code::StoreTampered, message).help(store::open_folder_hint(name)).into())
}

#[cfg(not(unix))]
#[allow(missing_docs, reason = "as above")]
pub fn check_guarded(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(not(unix))]
#[allow(missing_docs, reason = "as above")]
pub fn check_closed(_: &Path) -> Result<(), Error> {
    Ok(())
}

fn private_folder_builder() -> std::fs::DirBuilder {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Replaces a file in one step: temporary file beside it, fsync, rename, fsync of the folder. Whoever
/// reads it meanwhile sees the old content or the new one, also after a power failure.
///
/// # Errors
/// `io` or `no-space`; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write_atomic_by(folder, path, bytes, access)
}

/// As [`write_atomic`]; the temporary file is made in `folder`, which is on the same file system.
///
/// # Errors
/// As [`write_atomic`].
pub(crate) fn write_atomic_by(folder: &Path, path: &Path, bytes: &[u8], access: Access) -> Result<(), Error> {
    stage(folder, path, bytes, access)?
        .persist(path)
        .map_err(|error| error.error)
        .doing(Doing::Rename, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Replaces a file in one step for whoever reads it meanwhile, and flushes nothing: after a power failure it may be
/// anything. For what is checked whenever it is read, and can be had again.
///
/// # Errors
/// `io` or `no-space`; the old file is then untouched.
pub fn write_unflushed(path: &Path, bytes: &[u8], access: Access) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write_unflushed_by(folder, path, bytes, access)
}

/// As [`write_unflushed`]; the temporary file is made in `folder`, which is on the same file system.
///
/// # Errors
/// As [`write_unflushed`].
pub(crate) fn write_unflushed_by(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<(), Error> {
    let file = filled(folder, path, bytes, access)?;
    file.persist(path).map(drop).map_err(|error| error.error).doing(Doing::Rename, path)
}

/// Writes a file in one step if nothing has its name yet; says whether it did.
///
/// # Errors
/// `io` or `no-space`.
pub fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<bool, Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    match stage(folder, path, bytes, access)?.persist_noclobber(path) {
        Ok(_) => sync_folder(path.parent().unwrap_or(Path::new("."))).map(|()| true),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Error::io(Doing::Rename, path, &error.error)),
    }
}

fn stage(folder: &Path, path: &Path, bytes: &[u8], access: Access) -> Result<tempfile::NamedTempFile, Error> {
    let file = filled(folder, path, bytes, access)?;
    file.as_file().sync_all().doing(Doing::Write, path)?;
    Ok(file)
}

fn filled(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<tempfile::NamedTempFile, Error> {
    let mut file = temporary(folder, access).doing(Doing::Write, path)?;
    file.write_all(bytes).doing(Doing::Write, path)?;
    Ok(file)
}

/// An empty temporary file in a folder, which is gone when it is dropped; after a crash, the next process that
/// makes one there removes it.
///
/// # Errors
/// What the system says.
pub(crate) fn temporary(folder: &Path, access: Access) -> std::io::Result<tempfile::NamedTempFile> {
    // `.` and nothing are the same folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    sweep(folder);
    let prefix = litter::prefix();
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask takes its part away when the file is made.
        let mode = match access {
            Access::Shared => 0o644,
            Access::Private => 0o600,
            Access::Executable => 0o755,
        };
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = access;
    builder.tempfile_in(folder)
}

/// Makes a temporary thing that is not a file, such as a link, in a folder.
///
/// # Errors
/// What `make` says.
pub(crate) fn temporary_by<R>(
    folder: &Path,
    make: impl FnMut(&Path) -> std::io::Result<R>,
) -> std::io::Result<tempfile::NamedTempFile<R>> {
    sweep(folder);
    tempfile::Builder::new().prefix(&litter::prefix()).make_in(folder, make)
}

/// Writes a file in a folder that nobody else sees yet: what makes the folder visible flushes the file too.
///
/// # Errors
/// `io` or `no-space`.
pub(crate) fn write_plain(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    closed_to_others(&mut options);
    options.open(path).and_then(|mut file| file.write_all(bytes)).doing(Doing::Write, path)
}

/// Has files made so that only the user may write them, whatever the umask leaves open.
pub(crate) fn closed_to_others(options: &mut std::fs::OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o644);
    #[cfg(not(unix))]
    let _ = options;
}

/// Sets the permissions of a file or folder, where the system has them.
///
/// # Errors
/// `io`.
pub fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, permissions).doing(Doing::Write, path)?;
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

/// Flushes a file that was written before to disk.
///
/// # Errors
/// `io`, `no-space`.
pub fn sync_file(path: &Path) -> Result<(), Error> {
    flush(path).doing(Doing::Write, path)
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
        File::open(path).and_then(|folder| folder.sync_all()).doing(Doing::Write, path)?;
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
        let handle = File::open(folder).doing(Doing::Write, folder)?;
        rustix::fs::syncfs(&handle).map_err(std::io::Error::from).doing(Doing::Write, folder)
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
        each(folder).doing(Doing::Write, folder)
    }
}

/// Renames a file or folder and flushes the folder it went to.
///
/// # Errors
/// `io`; `io` too when the place is taken by a folder that is not empty.
pub fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::rename(from, to).doing(Doing::Rename, to)?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

/// A private folder (0700) that disappears with all it holds unless it is [kept](TempDir::keep_as): when
/// the value is dropped, on Ctrl-C, or, after a crash, when [`remove_stale`] finds its process gone.
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
                .map_err(|error| Error::io(Doing::Create, parent, &std::io::Error::other(error)))?;
            let name = format!("{}{:016x}", litter::prefix(), u64::from_le_bytes(random));
            let path = parent.join(name);
            match interrupt::remember(&path, || private_folder_builder().create(&path)) {
                Ok(()) => return Ok(Self { path, kept: false }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(Doing::Create, &path, &error)),
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
            .map_err(|error| Error::io(Doing::Rename, folder, &std::io::Error::other(error)))?;
        let path = parent.join(format!("{}{:016x}", litter::prefix(), u64::from_le_bytes(random)));
        interrupt::remember(&path, || std::fs::rename(folder, &path)).doing(Doing::Rename, folder)?;
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
            Err(error) => Err(Error::io(Doing::Rename, place, &error)),
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
