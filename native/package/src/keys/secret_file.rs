//! Reading files that hold secrets: only when nobody else could have read them.

use crate::error::{Error, IoAction, IoContext};
use crate::message::{signing as text, store};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use zeroize::Zeroizing;

/// Bytes in which a file that holds a key says so, and the words it says it with.
const LOOKED_AT: usize = 1024;
const KEY_MARK: &[u8] = b"PRIVATE KEY-----";

/// Reads a file that only its owner may read, of at most 16 KiB. The text is overwritten when dropped.
///
/// # Errors
/// `key-permissions` with the command that mends it, `limit`, `io`.
pub fn read_secret_pem(path: &Path) -> Result<Zeroizing<String>, Error> {
    let file = File::open(path).on(IoAction::Read, path)?;
    // The opened file is asked, not the path, so that nothing can be swapped in between.
    let metadata = file.metadata().on(IoAction::Read, path)?;
    if metadata.is_dir() {
        return Err(Error::io(IoAction::Read, path, &std::io::ErrorKind::IsADirectory.into()));
    }
    if let Err(error) = check_metadata(path, &metadata, "600") {
        // Whose file it is matters for a key only.
        return Err(if is_no_key(&file) { no_key(path) } else { error });
    }
    // Of full size from the beginning: growing would leave copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limits::PEM_LEN + 1));
    file.take(limits::PEM_LEN as u64 + 1).read_to_end(&mut bytes).on(IoAction::Read, path)?;
    let name = || path.display().to_string();
    if bytes.len() > limits::PEM_LEN {
        return Err(Diagnostic::new(Code::Limit, store::too_large(&name(), limits::PEM_LEN as u64)).into());
    }
    match std::str::from_utf8(&bytes) {
        Ok(_) => {}
        Err(_) => return Err(Diagnostic::new(Code::KeySyntax, store::encoding(&name())).into()),
    }
    // The same bytes, checked above: no copy is made.
    Ok(Zeroizing::new(String::from_utf8(std::mem::take(&mut *bytes)).unwrap_or_default()))
}

/// Whether a file that others may read has no mark of a secret key in its first lines. No more of it is read.
fn is_no_key(file: &File) -> bool {
    let mut start = Vec::with_capacity(LOOKED_AT);
    let read = Read::take(file, LOOKED_AT as u64).read_to_end(&mut start);
    read.is_ok() && !start.windows(KEY_MARK.len()).any(|part| part == KEY_MARK)
}

fn no_key(path: &Path) -> Error {
    let message = text::key_none(&path.display().to_string());
    Diagnostic::new(Code::KeySyntax, message).help(text::key_none_hint()).into()
}

/// Checks that nobody but this user can enter a folder or read a file.
///
/// # Errors
/// `key-permissions` with the command that mends it, `io`.
pub fn check_private(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(path).on(IoAction::Read, path)?;
    check_metadata(path, &metadata, if metadata.is_dir() { "700" } else { "600" })
}

#[cfg(unix)]
fn check_metadata(path: &Path, metadata: &std::fs::Metadata, wanted: &str) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let (mode, name) = (metadata.mode() & 0o7777, path.display().to_string());
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        let message = text::key_owner(&name, u64::from(metadata.uid()));
        return Err(Diagnostic::new(Code::KeyPermissions, message)
            .help(text::key_owner_hint(u64::from(user), &name))
            .into());
    }
    if mode & 0o077 != 0 {
        return Err(Diagnostic::new(
            Code::KeyPermissions,
            text::key_permissions(&name, &format!("{mode:04o}")),
        )
        .help(text::key_permissions_hint(wanted, &name))
        .with("mode", format!("{mode:04o}"))
        .into());
    }
    Ok(())
}

/// Windows keeps a user's folders from others by access lists, which are inherited.
#[cfg(not(unix))]
fn check_metadata(_: &Path, _: &std::fs::Metadata, _: &str) -> Result<(), Error> {
    Ok(())
}
