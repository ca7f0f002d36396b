//! Where the files of a registry come from. Nothing here is trusted: whoever reads, checks.

use super::download::Download;
use super::parts::Brought;
pub use super::parts::Transfer;
use crate::error::Error;
use crate::extract::{FilesHere, Incoming, Input, UnpackRequest};
use crate::fs::{self, Access};
use crate::message::registry as text;
use crate::report::Reporter;
use std::path::PathBuf;
use std::time::SystemTime;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::index::Address;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::FileNeed;
use vitte_package_core::registry::layout;

/// An archive on this machine, not verified yet.
#[derive(Debug)]
pub struct ArchiveFile {
    bytes: Bytes,
    /// Its place in the cache, if it was downloaded.
    place: Option<PathBuf>,
    /// Where it is in the cache, until it was verified.
    doubted: Option<PathBuf>,
    /// What came of it over the network, and its bytes in all; none if nothing did.
    transfer: Option<Transfer>,
}

#[derive(Debug)]
enum Bytes {
    File(PathBuf),
    Download(tempfile::TempPath),
    /// Only what is wanted of it.
    Part(tempfile::TempPath),
    Memory(Vec<u8>),
}

impl ArchiveFile {
    /// A file that stays where it is.
    pub fn at(path: PathBuf) -> Self {
        Self { bytes: Bytes::File(path), place: None, doubted: None, transfer: None }
    }

    /// What was downloaded, and goes to `place` when it has been verified. Else it is gone when this is dropped.
    pub fn downloaded(download: Download, place: PathBuf) -> Self {
        let bytes = match download {
            Download::Memory(bytes) => Bytes::Memory(bytes),
            Download::File(file) => Bytes::Download(file.into_temp_path()),
        };
        Self { bytes, place: Some(place), doubted: None, transfer: None }
    }

    /// What is wanted of an archive, downloaded for this run alone.
    pub(super) fn part(file: tempfile::NamedTempFile, transfer: Transfer) -> Self {
        let bytes = Bytes::Part(file.into_temp_path());
        Self { bytes, place: None, doubted: None, transfer: Some(transfer) }
    }

    /// Parts of an archive; all of it goes to `place` when it has been verified.
    pub(super) fn brought(brought: Brought, place: PathBuf) -> Self {
        let Brought { file, bytes, total } = brought;
        match bytes == total {
            true => Self {
                bytes: Bytes::Download(file.into_temp_path()),
                place: Some(place),
                doubted: None,
                transfer: Some(Transfer { bytes, total }),
            },
            false => Self::part(file, Transfer { bytes, total }),
        }
    }

    /// How much of it was fetched, where less than all of it was.
    pub fn transfer(&self) -> Option<Transfer> {
        self.transfer
    }

    /// A file of the cache. If it is not found good, it is gone from there when this is dropped, and is downloaded the
    /// next time.
    pub fn cached(place: PathBuf) -> Self {
        Self { bytes: Bytes::File(place.clone()), place: None, doubted: Some(place), transfer: None }
    }

    /// Where it is now.
    pub fn input(&self) -> Input<'_> {
        match &self.bytes {
            Bytes::File(path) => Input::File(path),
            Bytes::Download(path) => Input::File(path),
            Bytes::Part(path) => Input::Part(path),
            Bytes::Memory(bytes) => Input::Memory(bytes),
        }
    }

    /// It was verified: a downloaded one is kept for the next time, and so is one of the cache. Nothing is flushed: what
    /// comes out of the cache is verified again. A cache that cannot be written to is merely no help.
    pub fn keep(mut self) {
        self.doubted = None;
        let _ = match (&self.bytes, &self.place) {
            (Bytes::Memory(bytes), Some(place)) => fs::write_unflushed(place, bytes, Access::Shared).is_ok(),
            (Bytes::Download(path), Some(place)) => std::fs::rename(path, place).is_ok(),
            _ => true,
        };
    }
}

impl Drop for ArchiveFile {
    fn drop(&mut self) {
        if let Some(place) = self.doubted.take() {
            // One that cannot be removed is refused again.
            let _ = std::fs::remove_file(place);
        }
    }
}

/// Refuses a text of a registry whose lines all end in CR LF: nothing in it can be checked then, and nobody has tampered
/// with it. `help` says what to do where it is.
///
/// # Errors
/// `registry-layout`.
pub(super) fn check_line_ends(
    path: &str,
    bytes: &[u8],
    help: impl FnOnce() -> Vec<String>,
) -> Result<(), Error> {
    let is_text = path == layout::CONFIG
        || path == layout::CHECKPOINT
        || ["trust/", "index/", "ns/"].iter().any(|folder| path.starts_with(folder));
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').peekable();
    let changed = |(at, _): (usize, _)| at > 0 && bytes.get(at - 1) == Some(&b'\r');
    if !is_text || ends.peek().is_none() || !ends.all(changed) {
        return Ok(());
    }
    let mut fault = Diagnostic::new(Code::RegistryLayout, text::line_ends_changed(path));
    fault.help = help();
    Err(fault.into())
}

/// The package whose index file is at a path; `None` when it is another file.
pub(super) fn package_at(path: &str) -> Option<PackageName> {
    let name = path.strip_prefix("index/")?;
    // Packages without a namespace have `_` in its place.
    PackageName::parse(name.strip_prefix("_/").unwrap_or(name)).ok()
}

/// Whether a fault is the disk's.
pub(super) fn is_of_disk(error: &Error) -> bool {
    matches!(error.code(), Code::Io | Code::NoFile | Code::NoSpace)
}

/// Which archive is wanted, and what it must be.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveRequest<'a> {
    /// Whose archive it is.
    pub artifact: &'a Artifact,
    /// The tree that the index, or a lockfile, says it has.
    pub tree: TreeDigest,
    /// What it is verified against.
    pub unpack: &'a UnpackRequest,
    /// Files of it that are here: frames that hold nothing else need not come.
    pub here: &'a FilesHere,
}

impl ArchiveRequest<'_> {
    /// Its path in a registry.
    pub fn path(&self) -> String {
        layout::archive(self.artifact)
    }
}

/// Copies of a registry's files that are read because the registry may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// When the registry last said that it has the oldest of those read so far; none if none was read.
    pub confirmed: Option<SystemTime>,
}

/// Gives the files of a registry by their paths (`vitte_package_core::registry::layout`).
pub trait RegistrySource: Send + Sync {
    /// What people call it: a folder or an address.
    fn name(&self) -> String;

    /// Names the file that a fault is about, unless the fault is the disk's, which names its own.
    fn at(&self, error: Error, path: &str) -> Error;

    /// A whole file of at most `limit` bytes; `None` when there is none.
    ///
    /// # Errors
    /// `limit` when it is larger, `io` or a network fault when it cannot be had.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error>;

    /// The cached copy of a file, if the registry had it not long ago: good enough where locked versions are to stay.
    /// Where reading costs nothing, the file itself.
    fn cached(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        self.read(path, limit).ok().flatten()
    }

    /// Whether reading takes time on a network, so that it pays to read less.
    fn is_remote(&self) -> bool {
        false
    }

    /// What is read instead of the registry, where it may not be asked.
    fn copies(&self) -> Option<Copies> {
        None
    }

    /// Files that will be read soon. Bringing them together saves time; nothing depends on it.
    fn prefetch(&self, _needs: &[FileNeed]) {}

    /// The file last read from `path` failed its checks. Returns whether reading it again, another way, may give a
    /// different one.
    fn reject(&self, _path: &str) -> bool {
        false
    }

    /// The file last read from `path` has passed every check: a copy is worth keeping.
    fn confirm(&self, _path: &str) {}

    /// An archive, brought to this machine; `None` when there is none. Where a large one is downloaded, `incoming` is
    /// called with the file and its length before it is written.
    ///
    /// # Errors
    /// `io` or a network fault; what the front of the archive shows to be wrong, before the rest is asked for.
    fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        incoming: &mut Incoming<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Option<ArchiveFile>, Error>;

    /// What a server says at an address of its API: nothing proves it. `None` where no server may be asked, or it has no
    /// such thing.
    ///
    /// # Errors
    /// Network faults, and the refusal of the server.
    fn ask(&self, _url: &Address, _limit: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    /// The paths of all files below a folder of the registry; `None` where they cannot be listed.
    fn list(&self, _folder: &str) -> Option<Vec<String>> {
        None
    }

    /// The packages of the registry, sorted, where its files can be listed.
    fn packages(&self) -> Option<Vec<PackageName>> {
        let mut names: Vec<_> = self.list("index")?.iter().filter_map(|path| package_at(path)).collect();
        names.sort();
        Some(names)
    }
}
