//! Writing files below one folder on Unix, relative to open folders and following no link.
//!
//! Few system calls: a file that lies in one frame takes three (open, write, close), a folder one or two for
//! each thread that comes to it. Nothing is looked at twice.

use super::{Need, Permissions};
use crate::error::{Error, IoAction};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode as UnixMode, OFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::tree::{Entry, Mode};
use vitte_package_core::verify::FilePart;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::RDONLY).union(OFlags::CLOEXEC);
const NEW_FILE: OFlags =
    OFlags::CREATE.union(OFlags::EXCL).union(OFlags::WRONLY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The folder files are written into.
pub(super) struct Folder {
    root: OwnedFd,
    path: PathBuf,
    permissions: Permissions,
    /// Bits that the system takes away from new files.
    umask: u32,
    /// Files that span frames and are not complete, by their number in the tree.
    split: Mutex<HashMap<usize, Split>>,
}

struct Split {
    file: Arc<File>,
    /// Bytes that are still to come.
    left: u64,
}

impl Folder {
    /// Opens a folder that exists, and looks whether `need` has room there.
    pub(super) fn open(path: &Path, permissions: Permissions, need: Need) -> Result<Self, Error> {
        let fail = |error: rustix::io::Errno| Error::io(IoAction::Write, path, &error.into());
        let root = rustix::fs::openat(CWD, path, FOLDER, UnixMode::empty()).map_err(fail)?;
        let space = rustix::fs::fstatvfs(&root).map_err(fail)?;
        // Some file systems, made of other things than blocks, say zero about everything.
        if space.f_blocks > 0 && space.f_bavail.saturating_mul(space.f_frsize) < need.bytes {
            return Err(fail(rustix::io::Errno::NOSPC));
        }
        // Some make inodes as they are needed, and say that they have none.
        if space.f_files > 0 && space.f_favail < need.entries {
            return Err(fail(rustix::io::Errno::NOSPC));
        }
        let umask = umask_in(&root).map_err(fail)?;
        Ok(Self { root, path: path.to_path_buf(), permissions, umask, split: Mutex::default() })
    }

    /// What one thread writes with.
    pub(super) fn writer(&self) -> DirWriter<'_> {
        DirWriter { folder: self, open: Vec::new() }
    }

    fn mode(&self, mode: Mode) -> u32 {
        match self.permissions {
            Permissions::Ordinary => mode.unix(),
            Permissions::ReadOnly => mode.unix() & 0o555,
        }
    }

    fn fail(&self, entry: &Entry, error: impl Into<std::io::Error>) -> Error {
        Error::io(IoAction::Write, &self.path.join(entry.path().as_str()), &error.into())
    }
}

/// The bits that new files in a folder are made without. They are the process's, and some file systems have their own:
/// each is asked once.
fn umask_in(folder: &OwnedFd) -> rustix::io::Result<u32> {
    static ASKED: Mutex<Option<(u64, u32)>> = Mutex::new(None);
    let device = rustix::fs::fstat(folder)?.st_dev;
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, umask)) = asked.filter(|(of, _)| *of == device) {
        return Ok(umask);
    }
    // The process's umask cannot be read without changing it, for all threads: ask a file instead.
    let probe = ".vitte-probe";
    let file = rustix::fs::openat(folder, probe, NEW_FILE, UnixMode::from_raw_mode(0o777))?;
    let got = rustix::fs::fstat(&file)?.st_mode;
    rustix::fs::unlinkat(folder, probe, AtFlags::empty())?;
    let umask = 0o777 & !UnixMode::from_raw_mode(got).bits();
    *asked = Some((device, umask));
    Ok(umask)
}

/// One thread's way through the folder: the folders above the file it wrote last stay open.
pub(super) struct DirWriter<'a> {
    folder: &'a Folder,
    open: Vec<(String, OwnedFd)>,
}

impl DirWriter<'_> {
    /// Writes a part of a file; the first to come makes the file.
    pub(super) fn write(&mut self, part: &FilePart<'_>) -> Result<(), Error> {
        let entry = part.file;
        if part.bytes.len() as u64 == entry.size() {
            let mut file = self.create(entry)?;
            return file.write_all(part.bytes).map_err(|error| self.folder.fail(entry, error));
        }
        let file = self.take_split(part)?;
        file.write_all_at(part.bytes, part.offset).map_err(|error| self.folder.fail(entry, error))
    }

    /// The open file of one that spans frames. Frames may come in any order.
    fn take_split(&mut self, part: &FilePart<'_>) -> Result<Arc<File>, Error> {
        let mut split = self.folder.split.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match split.remove(&part.entry) {
            Some(open) => open,
            None => Split { file: Arc::new(self.create(part.file)?), left: part.file.size() },
        };
        open.left = open.left.saturating_sub(part.bytes.len() as u64);
        let file = Arc::clone(&open.file);
        if open.left > 0 {
            split.insert(part.entry, open);
        }
        Ok(file)
    }

    fn create(&mut self, entry: &Entry) -> Result<File, Error> {
        let folder = self.folder;
        let mode = folder.mode(entry.mode());
        let fail = |error: rustix::io::Errno| folder.fail(entry, error);
        let above = self.go_above(entry)?;
        let name = entry.path().file_name();
        let file = rustix::fs::openat(above, name, NEW_FILE, UnixMode::from_raw_mode(mode)).map_err(fail)?;
        if mode & folder.umask != 0 {
            rustix::fs::fchmod(&file, UnixMode::from_raw_mode(mode)).map_err(fail)?;
        }
        Ok(File::from(file))
    }

    /// Opens the folder that holds the file, making what is missing.
    fn go_above(&mut self, entry: &Entry) -> Result<&OwnedFd, Error> {
        let folder = self.folder;
        let path = entry.path().as_str();
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        let mut wanted = above.split('/').filter(|name| !name.is_empty()).peekable();
        let mut common = 0;
        while let (Some(name), Some((open, _))) = (wanted.peek(), self.open.get(common)) {
            if name != open {
                break;
            }
            common += 1;
            wanted.next();
        }
        self.open.truncate(common);
        for name in wanted {
            let at = self.open.last().map_or(&folder.root, |(_, open)| open);
            let next = open_or_make(at, name, folder.umask).map_err(|error| folder.fail(entry, error))?;
            self.open.push((name.to_owned(), next));
        }
        Ok(self.open.last().map_or(&folder.root, |(_, open)| open))
    }
}

fn open_or_make(at: &OwnedFd, name: &str, umask: u32) -> rustix::io::Result<OwnedFd> {
    const MODE: u32 = 0o755;
    match rustix::fs::openat(at, name, FOLDER, UnixMode::empty()) {
        Err(rustix::io::Errno::NOENT) => {}
        result => return result,
    }
    let made = match rustix::fs::mkdirat(at, name, UnixMode::from_raw_mode(MODE)) {
        // Another thread was faster.
        Err(rustix::io::Errno::EXIST) => false,
        result => result.map(|()| true)?,
    };
    let folder = rustix::fs::openat(at, name, FOLDER, UnixMode::empty())?;
    if made && MODE & umask != 0 {
        rustix::fs::fchmod(&folder, UnixMode::from_raw_mode(MODE))?;
    }
    Ok(folder)
}
