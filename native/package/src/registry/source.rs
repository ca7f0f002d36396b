//! Where the files of a registry come from. Nothing here is believed: whoever reads, checks.

use crate::error::Error;
use std::io::Read;
use std::path::PathBuf;
use vitte_package_core::name::PackageName;

/// An archive to be read.
pub struct ArchiveStream {
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
    /// How many there should be, where that is known.
    pub len: Option<u64>,
}

impl std::fmt::Debug for ArchiveStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArchiveStream({:?} bytes)", self.len)
    }
}

/// Gives the files of a registry by their paths (`vitte_package_core::index::locate`).
pub trait Source: Send + Sync {
    /// What people call it: a folder or an address.
    fn name(&self) -> String;

    /// A whole file of at most `limit` bytes; `None` when there is none.
    ///
    /// # Errors
    /// `limit` when it is larger, `io` or a network fault when it cannot be had.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error>;

    /// An archive, from its first byte; `None` when there is none.
    ///
    /// # Errors
    /// `io` or a network fault.
    fn open(&self, path: &str) -> Result<Option<ArchiveStream>, Error>;

    /// The packages of the registry, where it can be listed.
    ///
    /// # Errors
    /// `io` or a network fault.
    fn packages(&self) -> Result<Option<Vec<PackageName>>, Error> {
        Ok(None)
    }

    /// Where a file of the registry lies on this machine, if the registry does: it is then read in place.
    fn local(&self, _path: &str) -> Option<PathBuf> {
        None
    }
}
