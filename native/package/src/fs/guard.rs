//! Who else could change what is read or written.

use crate::error::Error;
#[cfg(unix)]
use crate::error::{IoAction, IoContext};
#[cfg(unix)]
use crate::message::store;
use std::path::Path;
#[cfg(unix)]
use vitte_package_core::diagnostic::{Code, Diagnostic};

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

/// Checks that nobody else can change a file or folder that is trusted: that it belongs to this user or the system,
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
        result => result.on(IoAction::Read, path).map(Some),
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
