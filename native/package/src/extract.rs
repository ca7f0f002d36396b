//! Verifying an archive on disk, with or without writing its files: frames are read, checked and written by
//! several threads at once.
//!
//! Each thread takes the next frame, compares the digest of its stored bytes, decompresses it, compares
//! headers and files, and writes what it holds while that is still in the processor's cache. Then it waits
//! for its turn to hand the frame to the one [`PackageVerifier`], which digests files that span frames and
//! keeps the order: of several damaged frames the first is the one reported, whatever the threads did.
//!
//! A thread holds one stored and one decompressed frame: at most 24 MiB, whatever the size of the package.
//!
//! For tools that unpack packages without a project: what a lockfile names is verified without any key, and
//! appears under its name whole or not at all.
//!
//! ```
//! use std::path::Path;
//! use vitte_package::error::Error;
//! use vitte_package::extract::{self, Accept, Destination, Permissions, UnpackRequest};
//! use vitte_package::fs::TempDir;
//! use vitte_package::report::{Silent, Work};
//! use vitte_package_core::digest::TreeDigest;
//! use vitte_package_core::verify::{Expectation, Sections, Trust};
//!
//! # fn main() -> Result<(), Error> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let (root, place) = (folder.path(), folder.path().join("hello"));
//! # let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/archives/t00-good.vitpkg");
//! let identity = "vp1-sha256:b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a";
//! let request = UnpackRequest {
//!     expectation: Expectation::default(),
//!     trust: Trust::Identity(TreeDigest::parse(identity)?),
//!     sections: Sections::undeferred(),
//! };
//! let staging = TempDir::new_in(root)?;
//! let outcome = extract::unpack(
//!     Path::new(file),
//!     request,
//!     Destination { folder: staging.path(), permissions: Permissions::ReadOnly, accept: Accept::Verified },
//!     Work { jobs: 2, reporter: &Silent },
//! )?;
//! let package = outcome.package.expect("`Accept::Verified` gives a package or an error");
//! staging.keep_as(&place)?;
//! assert_eq!(package.manifest().name().as_str(), "demo/hello");
//! assert!(place.join("bin/hello").exists() && !place.join("docs").exists());
//! # Ok(())
//! # }
//! ```

#[cfg_attr(not(unix), path = "extract/folder_by_path.rs")]
mod folder;
mod growing;
mod here;
#[cfg(test)]
mod tests;

use crate::error::{Error, IoAction, IoContext};
use crate::message::network as text;
use crate::report::{Reporter, Task, Work};
use folder::{DirWriter, Folder};
pub use growing::{End, GrowingFile, Incoming};
pub use here::FilesHere;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use vitte_package_codec::NativeDecoder;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::codec::Codec;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{
    ArchivePrelude, CheckedFrame, Expectation, FrameJob, PackageVerifier, Sections, Status, Trust,
    VerifyError, VerifyEvent, VerifyOutcome,
};

/// Bytes of a first read: brings HEAD, TOC, SIGS of most packages at once.
const FRONT_READ: usize = vitte_package_core::archive::plan::FRONT_LEN as usize;

/// What is asked of an archive.
#[derive(Clone, Debug)]
pub struct UnpackRequest {
    /// What it must be.
    pub expectation: Expectation,
    /// What makes it trusted.
    pub trust: Trust,
    /// The sections that are read.
    pub sections: Sections,
}

/// What a package asks of a file system.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "elsewhere the system itself says when a disk is full"))]
struct Need {
    /// Bytes of all files.
    bytes: u64,
    /// Files and folders.
    entries: u64,
}

impl Need {
    fn of(tree: &Tree) -> Self {
        Self { bytes: tree.content_len(), entries: (tree.file_count() + tree.folder_count()) as u64 }
    }
}

/// Where the bytes of an archive are.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// In a file.
    File(&'a Path),
    /// In a file that is still being written: each frame is verified, and its files are written, as soon as it is there.
    Growing {
        /// The file.
        path: &'a Path,
        /// How many bytes it will have.
        len: u64,
        /// How far the writer has come.
        progress: &'a GrowingFile,
    },
    /// In a file that has only those that are wanted, in their places.
    Part(&'a Path),
    /// All of them here.
    Memory(&'a [u8]),
}

impl<'a> From<&'a Path> for Input<'a> {
    fn from(path: &'a Path) -> Self {
        Self::File(path)
    }
}

impl<'a> From<&'a PathBuf> for Input<'a> {
    fn from(path: &'a PathBuf) -> Self {
        Self::File(path)
    }
}

/// The permissions of written files. The umask has no say: they are exactly these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permissions {
    /// 0644, and 0755 for what can be run: as the archive says.
    Ordinary,
    /// 0444, and 0555 for what can be run: for the store, where nothing is ever changed.
    ReadOnly,
}

/// Which packages may be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accept {
    /// Only those whose verdict is "verified".
    Verified,
    /// Also those without a signature that counts, if their contents are whole: because the user said so.
    Whole,
}

/// Where the files of a package go.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// A private folder that is empty.
    pub folder: &'a Path,
    /// The permissions of its files.
    pub permissions: Permissions,
    /// Which packages may be written there.
    pub accept: Accept,
}

/// Verifies an archive, to its last byte. Also one that is not verified comes back with its report.
///
/// # Errors
/// `io` when the file cannot be read.
pub fn verify<'a>(
    input: impl Into<Input<'a>>,
    request: UnpackRequest,
    work: Work<'_>,
) -> Result<VerifyOutcome, Error> {
    let mut archive = Archive::open(input.into(), request)?;
    if archive.read_prelude()?.is_some() {
        archive.read_content(None, &BTreeMap::new(), work)?;
    }
    Ok(archive.verifier.finish())
}

/// Verifies an archive and writes the files of the wanted sections. After an error, the caller removes what the folder
/// holds. Nothing is flushed to disk.
///
/// # Errors
/// Why the package may not be written, with the code of that fault; `io` and `no-space`; `truncated` when the writing of
/// a growing file ends before all of it is there.
pub fn unpack<'a>(
    input: impl Into<Input<'a>>,
    request: UnpackRequest,
    destination: Destination<'_>,
    work: Work<'_>,
) -> Result<VerifyOutcome, Error> {
    unpack_with(input, request, &FilesHere::default(), destination, work)
}

/// As [`unpack`], of an archive whose frames are only needed where they hold a file that is not here.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_with<'a>(
    input: impl Into<Input<'a>>,
    request: UnpackRequest,
    here: &FilesHere,
    destination: Destination<'_>,
    work: Work<'_>,
) -> Result<VerifyOutcome, Error> {
    let mut archive = Archive::open(input.into(), request)?;
    let accept = destination.accept;
    if let Some(prelude) = archive.read_prelude()? {
        if accept == Accept::Verified
            && prelude.status_if_intact() != Status::Verified
            && let Some(reason) = prelude.reason()
        {
            return Err(reason.clone().into());
        }
        let tree = prelude.toc().tree();
        let folder = Folder::open(destination.folder, destination.permissions, Need::of(tree))?;
        let found = here.of(tree, &archive.sections);
        archive.verifier.expect_files(found.keys().copied());
        here.take(&found, tree, &mut archive.verifier, Some(&folder))?;
        archive.read_content(Some(&folder), &found, work)?;
    }
    let outcome = archive.verifier.finish();
    let good = match accept {
        Accept::Verified => outcome.package.is_some(),
        Accept::Whole => outcome.report.is_content_whole(),
    };
    match outcome.report.failure() {
        Some(failure) if !good => Err(failure.clone().into()),
        _ => Ok(outcome),
    }
}

struct Archive<'a> {
    bytes: Bytes<'a>,
    /// How many there are, or will be.
    len: u64,
    sections: Sections,
    is_part: bool,
    verifier: PackageVerifier,
}

/// The bytes of an archive.
enum Bytes<'a> {
    /// In a file, all there or still on their way.
    File {
        path: &'a Path,
        file: File,
        growing: Option<&'a GrowingFile>,
    },
    Memory(&'a [u8]),
}

impl Bytes<'_> {
    /// The `len` bytes at `offset`, once they are there. `buffer` is where they go if they have to be read.
    fn read_at<'b>(&'b self, buffer: &'b mut Vec<u8>, offset: u64, len: usize) -> Result<&'b [u8], Error> {
        let end = offset.saturating_add(len as u64);
        match self {
            Self::File { growing: Some(growing), .. } if !growing.wait(end) => Err(arrives_no_more(end)),
            Self::File { path, file, .. } => {
                buffer.resize(len, 0);
                read_at(file, buffer, offset).on(IoAction::Read, path)?;
                Ok(buffer)
            }
            Self::Memory(bytes) => {
                let part = usize::try_from(offset).ok().and_then(|start| bytes.get(start..)?.get(..len));
                part.ok_or_else(|| arrives_no_more(end))
            }
        }
    }
}

fn arrives_no_more(end: u64) -> Error {
    Diagnostic::new(Code::Truncated, text::arrives_no_more(end)).into()
}

impl<'a> Archive<'a> {
    fn open(input: Input<'a>, request: UnpackRequest) -> Result<Self, Error> {
        let path = match input {
            Input::Memory(bytes) => return Ok(Self::of(Bytes::Memory(bytes), bytes.len() as u64, request)),
            Input::Growing { path, len, progress } => {
                let file = File::open(path).on(IoAction::Read, path)?;
                return Ok(Self::of(Bytes::File { path, file, growing: Some(progress) }, len, request));
            }
            Input::File(path) | Input::Part(path) => path,
        };
        let is_part = matches!(input, Input::Part(_));
        let file = File::open(path).on(IoAction::Read, path)?;
        let data = file.metadata().on(IoAction::Read, path)?;
        // A pipe has no length, and cannot be read at an offset.
        if !data.is_file() {
            let error = std::io::Error::from(std::io::ErrorKind::InvalidInput);
            return Err(Error::io(IoAction::Read, path, &error));
        }
        let archive = Self::of(Bytes::File { path, file, growing: None }, data.len(), request);
        Ok(Self { is_part, ..archive })
    }

    fn of(bytes: Bytes<'a>, len: u64, request: UnpackRequest) -> Self {
        let UnpackRequest { expectation, trust, sections } = request;
        let verifier = PackageVerifier::new(expectation, trust, sections.clone(), TotalLen::Known(len));
        Self { bytes, len, sections, is_part: false, verifier }
    }

    /// Feeds the verifier until it has judged the front; none if it found a fault.
    fn read_prelude(&mut self) -> Result<Option<ArchivePrelude>, Error> {
        let mut piece = Vec::new();
        let mut at = 0;
        loop {
            match self.verifier.next() {
                Some(Ok(VerifyEvent::Prelude(prelude))) => return Ok(Some(prelude)),
                Some(Err(_)) => return Ok(None),
                Some(Ok(VerifyEvent::Frame(..) | VerifyEvent::End)) => {}
                None if at == self.len => return Ok(None),
                None => {
                    let take = usize::try_from(self.len - at).map_or(FRONT_READ, |left| left.min(FRONT_READ));
                    self.verifier.push(self.bytes.read_at(&mut piece, at, take)?);
                    at += take as u64;
                }
            }
        }
    }

    /// Checks all wanted frames, and the end where all is wanted, writing files if there is a folder to write to, but for
    /// those that are here.
    fn read_content(
        &mut self,
        folder: Option<&Folder>,
        here: &BTreeMap<usize, &Path>,
        work: Work<'_>,
    ) -> Result<(), Error> {
        let Work { jobs, reporter } = work;
        let frames: Vec<(FrameJob, u64)> = self
            .verifier
            .wanted_frames()
            .iter()
            .filter_map(|frame| Some((self.verifier.job(*frame)?, self.verifier.frame_range(*frame)?.start)))
            .collect();
        let task = if folder.is_some() { Task::Unpack } else { Task::Verify };
        let total = frames.iter().map(|(job, _)| job.info().stored_len).sum();
        reporter.started(task, Some(total));
        let workers = Workers {
            bytes: &self.bytes,
            folder,
            here,
            frames: &frames,
            next: AtomicUsize::new(0),
            shared: Mutex::new(Shared { done: 0, verifier: &mut self.verifier, stop: None }),
            changed: Condvar::new(),
            reporter,
            task,
        };
        // Each thread starts on a frame that is there: more would only wait.
        let threads = jobs.clamp(1, frames.len().max(1));
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| workers.work());
            }
            workers.work();
        });
        let stop = workers.shared.into_inner().unwrap_or_else(PoisonError::into_inner).stop;
        reporter.finished(task);
        match stop {
            Some(Stop::Io(error)) => Err(error),
            Some(Stop::Refused) => Ok(()),
            None if self.is_part() => Ok(()),
            None => self.read_end(),
        }
    }

    /// Whether only what is wanted of the archive is there, and not its end.
    fn is_part(&self) -> bool {
        let stopped = |growing: &GrowingFile| growing.ended() == Some(End::Enough);
        self.is_part || matches!(self.bytes, Bytes::File { growing: Some(growing), .. } if stopped(growing))
    }

    fn read_end(&mut self) -> Result<(), Error> {
        if let Some(range) = self.verifier.end_range() {
            let (mut buffer, len) = (Vec::new(), (range.end - range.start) as usize);
            let end = match self.bytes.read_at(&mut buffer, range.start, len) {
                // The writer stopped where nothing more is wanted.
                Err(_) if self.is_part() => return Ok(()),
                end => end?,
            };
            // The verifier keeps the fault for its report.
            let _ = self.verifier.check_end(end);
        }
        Ok(())
    }
}

/// The threads and what they share.
struct Workers<'a> {
    bytes: &'a Bytes<'a>,
    folder: Option<&'a Folder>,
    here: &'a BTreeMap<usize, &'a Path>,
    frames: &'a [(FrameJob, u64)],
    next: AtomicUsize,
    shared: Mutex<Shared<'a>>,
    changed: Condvar,
    reporter: &'a dyn Reporter,
    task: Task,
}

/// What one thread at a time may touch.
struct Shared<'a> {
    /// How many frames were handed over.
    done: usize,
    verifier: &'a mut PackageVerifier,
    stop: Option<Stop>,
}

enum Stop {
    /// The verifier has found a fault, and keeps it.
    Refused,
    /// The system refused something.
    Io(Error),
}

/// What one thread works with, frame after frame.
struct Worker<'a> {
    decoder: NativeDecoder,
    writer: Option<DirWriter<'a>>,
    /// The bytes of a frame as they are stored.
    stored: Vec<u8>,
    /// The bytes of a frame, decompressed.
    buffer: Vec<u8>,
}

enum Fault {
    Verify(VerifyError),
    Io(Error),
}

impl<'a> Workers<'a> {
    fn lock(&self) -> MutexGuard<'_, Shared<'a>> {
        // A panic elsewhere ends the scope anyway.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let _wake = WakeOnExit(self);
        let codec = self.frames.first().map_or(Codec::Zstd, |(job, _)| job.codec());
        let mut worker = Worker {
            decoder: NativeDecoder::new(codec),
            writer: self.folder.map(Folder::writer),
            stored: Vec::new(),
            buffer: Vec::new(),
        };
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((job, start)) = self.frames.get(number) else { return };
            let checked = self.check(job, *start, &mut worker);
            let mut shared = self.lock();
            while shared.done < number && shared.stop.is_none() {
                shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
            }
            if shared.stop.is_some() {
                return;
            }
            match checked {
                Ok(frame) => match shared.verifier.accept(&frame) {
                    Ok(()) => {
                        shared.done += 1;
                        worker.buffer = frame.into_buffer();
                    }
                    Err(_) => shared.stop = Some(Stop::Refused),
                },
                Err(Fault::Verify(error)) => {
                    shared.verifier.reject(error);
                    shared.stop = Some(Stop::Refused);
                }
                Err(Fault::Io(error)) => shared.stop = Some(Stop::Io(error)),
            }
            drop(shared);
            self.changed.notify_all();
            self.reporter.advanced(self.task, job.info().stored_len);
        }
    }

    fn check(&self, job: &FrameJob, start: u64, worker: &mut Worker<'_>) -> Result<CheckedFrame, Fault> {
        let Worker { decoder, writer, stored, buffer } = worker;
        // At most a little above 8 MiB: the frame table was compared with its limits.
        let len = job.info().stored_len as usize;
        let stored = self.bytes.read_at(stored, start, len).map_err(Fault::Io)?;
        let frame = job.check(stored, decoder, std::mem::take(buffer)).map_err(Fault::Verify)?;
        if let Some(writer) = writer {
            for part in frame.files().filter(|part| !self.here.contains_key(&part.entry)) {
                writer.write(&part).map_err(Fault::Io)?;
            }
        }
        Ok(frame)
    }
}

/// Stops the others when a thread panics: they would wait for its turn to end.
struct WakeOnExit<'a, 'b>(&'a Workers<'b>);

impl Drop for WakeOnExit<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().stop.get_or_insert(Stop::Refused);
            self.0.changed.notify_all();
        }
    }
}

/// Reads exactly `buffer.len()` bytes at `offset`, without moving a position that threads would share.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Reads exactly `buffer.len()` bytes at `offset`.
#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}
