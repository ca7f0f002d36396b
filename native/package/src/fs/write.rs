//! Writing files in one step.

use super::{Access, litter, sweep, sync_folder};
use crate::error::{Error, IoAction, IoContext};
use std::io::Write;
use std::path::Path;

/// Replaces a file in one step: temporary file next to it, fsync, rename, fsync of the folder. Whoever
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
        .on(IoAction::Rename, path)?;
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
    file.persist(path).map(drop).map_err(|error| error.error).on(IoAction::Rename, path)
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
        Err(error) => Err(Error::io(IoAction::Rename, path, &error.error)),
    }
}

fn stage(folder: &Path, path: &Path, bytes: &[u8], access: Access) -> Result<tempfile::NamedTempFile, Error> {
    let file = filled(folder, path, bytes, access)?;
    file.as_file().sync_all().on(IoAction::Write, path)?;
    Ok(file)
}

fn filled(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    access: Access,
) -> Result<tempfile::NamedTempFile, Error> {
    let mut file = temporary(folder, access).on(IoAction::Write, path)?;
    file.write_all(bytes).on(IoAction::Write, path)?;
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
    options.open(path).and_then(|mut file| file.write_all(bytes)).on(IoAction::Write, path)
}

/// Has files made so that only the user may write them, whatever the umask leaves open.
pub(crate) fn closed_to_others(options: &mut std::fs::OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o644);
    #[cfg(not(unix))]
    let _ = options;
}
