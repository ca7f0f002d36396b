//! Files in a folder: written in one step each, and on the disk before the next.

use super::{Listed, Stored, check_length};
use crate::error::{At as _, Error, Result};
use std::collections::BTreeSet;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Where a writer makes what it then puts in its place, inside the registry's folder: a rename does that.
pub(crate) const STAGING: &str = ".vitte-staging";
/// Files that are written together at most: not more than a process may have open.
const TOGETHER: usize = 256;
/// Threads that wait for the disk at once.
const AT_ONCE: usize = 8;
/// What writers lock.
pub(crate) const LOCK: &str = ".vitte-registry.lock";

/// Whether an error says that there is no such file. A name that the system cannot have is that of no file either.
pub(crate) fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename)
}

/// The files of a registry.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    /// Those in a folder.
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file is. Paths come from validated names only.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |folder, part| folder.join(part))
    }

    /// A whole file of at most `limit` bytes; none when there is none.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let file = self.file(path);
        let opened = match File::open(&file) {
            Err(error) if is_absent(&error) => return Ok(None),
            opened => opened.at(&file)?,
        };
        let mut bytes = Vec::new();
        opened.take(limit.saturating_add(1)).read_to_end(&mut bytes).at(&file)?;
        check_length(path, bytes.len() as u64, limit)?;
        Ok(Some(bytes))
    }

    /// What is known of a file; none when there is none.
    pub(super) fn find(&self, path: &str) -> Result<Option<Stored>> {
        let place = self.file(path);
        match std::fs::metadata(&place) {
            Err(error) if is_absent(&error) => Ok(None),
            found => Ok(stored(&found.at(&place)?)),
        }
    }

    /// Opens a file; none when there is none.
    pub(super) fn open(&self, path: &str) -> Result<Option<(File, Stored)>> {
        let place = self.file(path);
        let file = match File::open(&place) {
            Err(error) if is_absent(&error) => return Ok(None),
            opened => opened.at(&place)?,
        };
        Ok(stored(&file.metadata().at(&place)?).map(|stored| (file, stored)))
    }

    /// Visits the files below a folder.
    pub(super) fn each(&self, folder: &str, visit: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        let place = if folder.is_empty() { self.root.clone() } else { self.file(folder) };
        let entries = match std::fs::read_dir(&place) {
            Err(error) if is_absent(&error) => return Ok(()),
            entries => entries.at(&place)?,
        };
        for entry in entries {
            let entry = entry.at(&place)?;
            let (name, path) = (entry.file_name(), entry.path());
            // Our own names are UTF-8; a file of another is none of the registry's.
            let Some(name) = name.to_str().filter(|name| ![STAGING, LOCK].contains(name)) else { continue };
            let below = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let data = match entry.metadata() {
                Err(error) if is_absent(&error) => continue,
                data => data.at(&path)?,
            };
            if data.is_dir() {
                self.each(&below, visit)?;
            } else if data.is_file() {
                let written = since_epoch(&data).map_or(0, |since| since.as_secs());
                visit(Listed { path: below, len: data.len(), written })?;
            }
        }
        Ok(())
    }

    /// Removes a file, which may be gone already.
    pub(super) fn delete(&self, path: &str) -> Result<()> {
        let place = self.file(path);
        match std::fs::remove_file(&place) {
            Err(error) if is_absent(&error) => Ok(()),
            removed => removed.at(&place),
        }
    }

    /// Writes a file in one step, and the folders above it.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let file = self.file(path);
        make_folder(file.parent().unwrap_or(&self.root), None)?;
        // Not next to the file: what a killed writer leaves is found in one place, and readers never list it.
        let staging = self.file(STAGING);
        make_folder(&staging, None)?;
        write_atomic(&staging, &file, bytes, None)
    }

    /// Writes files, each in one step and in this order. All are on the disk when this returns: the disk is waited for
    /// once for their content and once for their names, not for one file after the other.
    pub(crate) fn write_all(&self, files: &[(&str, &[u8])]) -> Result<()> {
        if let [(path, bytes)] = files {
            return self.write(path, bytes);
        }
        let staging = self.file(STAGING);
        make_folder(&staging, None)?;
        let mut changed = BTreeSet::new();
        for files in files.chunks(TOGETHER) {
            let mut made = Made(Vec::new());
            for (path, bytes) in files {
                let (mut file, temporary) = temporary(&staging, None)?;
                made.0.push(temporary);
                file.write_all(bytes).at(&self.file(path))?;
            }
            in_parallel(&made.0, |temporary| {
                let file = OpenOptions::new().write(true).open(temporary);
                file.and_then(|file| file.sync_all()).at(temporary)
            })?;
            for ((path, _), temporary) in files.iter().zip(&made.0) {
                self.rename(temporary, path, &mut changed)?;
            }
        }
        sync_folders(changed)
    }

    /// Puts files of the same file system, which are on the disk already, in their places, each in one step.
    pub(crate) fn take_all<'a>(&self, files: impl Iterator<Item = (PathBuf, &'a str)>) -> Result<()> {
        let mut changed = BTreeSet::new();
        for (from, path) in files {
            self.rename(&from, path, &mut changed)?;
        }
        sync_folders(changed)
    }

    fn rename(&self, from: &Path, path: &str, changed: &mut BTreeSet<PathBuf>) -> Result<()> {
        let file = self.file(path);
        let folder = file.parent().unwrap_or(&self.root);
        enter_folder(folder, None, changed)?;
        std::fs::rename(from, &file).at(&file)?;
        changed.insert(folder.to_owned());
        Ok(())
    }

    /// Removes a file, or a folder with all that is in it. That it stays is no fault: nothing leads to it.
    pub(crate) fn prune(&self, path: &str) {
        let file = self.file(path);
        let _ = match std::fs::symlink_metadata(&file) {
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(&file),
            Ok(_) => std::fs::remove_file(&file),
            Err(error) => Err(error),
        };
    }

    /// Keeps every other writer out, on whatever path it comes, until the lock is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.file(LOCK);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).at(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(Code::Busy, text::locked(&path.display().to_string())));
            }
            Err(TryLockError::Error(error)) => return Err(Error::io(&path, &error)),
        }
        // A note for people: the lock holds without it.
        let note = format!("process {}, vitte-registry\n", std::process::id());
        let _ = file.set_len(0).and_then(|()| file.write_all(note.as_bytes()));
        Ok(file)
    }

    /// Removes what a killed writer left. Only who holds the lock may.
    pub(crate) fn clear_staging(&self) {
        self.prune(STAGING);
    }
}

fn since_epoch(data: &Metadata) -> Option<Duration> {
    data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok())
}

/// What is known of a file; none of a folder.
fn stored(data: &Metadata) -> Option<Stored> {
    let version = since_epoch(data).map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    let place = std::os::unix::fs::MetadataExt::ino(data);
    #[cfg(not(unix))]
    let place = 0;
    data.is_file().then_some(Stored { len: data.len(), version, place })
}

/// Makes a folder and those above it, each entered on the disk into the one above.
pub(crate) fn make_folder(folder: &Path, mode: Option<u32>) -> Result<()> {
    let mut changed = BTreeSet::new();
    enter_folder(folder, mode, &mut changed)?;
    changed.iter().try_for_each(|folder| sync_folder(folder))
}

/// Makes a folder and those above it. Adds those whose entries have to be made durable to `changed`.
pub(super) fn enter_folder(folder: &Path, mode: Option<u32>, changed: &mut BTreeSet<PathBuf>) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    enter_folder(above, None, changed)?;
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    if let Some(mode) = mode {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    match builder.create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => made.at(folder)?,
    }
    changed.insert(above.to_owned());
    Ok(())
}

/// Temporary files, which are removed unless they were put in their places.
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        self.0.iter().for_each(|file| _ = std::fs::remove_file(file));
    }
}

/// Makes the entries of folders durable.
fn sync_folders(folders: BTreeSet<PathBuf>) -> Result<()> {
    in_parallel(&folders.into_iter().collect::<Vec<_>>(), sync_folder)
}

/// Does something that waits for the disk to each of these, a few at a time: a disk takes what comes at once in one go.
fn in_parallel(paths: &[PathBuf], work: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    let work = &work;
    let part = paths.len().div_ceil(AT_ONCE).max(1);
    std::thread::scope(|scope| {
        let mut parts = paths.chunks(part);
        let first = parts.next().unwrap_or_default();
        let others = parts.map(|part| scope.spawn(move || part.iter().try_for_each(|path| work(path))));
        let others: Vec<_> = others.collect();
        let mut done = first.iter().try_for_each(|path| work(path));
        for other in others {
            let gone = |_| Err(Error::storage("its disk", &"a thread ended"));
            done = done.and(other.join().unwrap_or_else(gone));
        }
        done
    })
}

/// Replaces a file in one step, by way of a temporary one in `staging` on the same file system.
pub(crate) fn write_atomic(staging: &Path, file: &Path, bytes: &[u8], mode: Option<u32>) -> Result<()> {
    let (mut made, temporary) = temporary(staging, mode)?;
    let written = made.write_all(bytes).and_then(|()| made.sync_all());
    let placed = written.and_then(|()| std::fs::rename(&temporary, file));
    if placed.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    placed.at(file)?;
    sync_folder(file.parent().unwrap_or(Path::new(".")))
}

/// A new file of a name that nobody else has.
pub(crate) fn temporary(folder: &Path, mode: Option<u32>) -> Result<(File, PathBuf)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".tmp-{}-{number}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // The umask takes its part away.
            options.mode(mode.unwrap_or(0o644));
        }
        #[cfg(not(unix))]
        let _ = mode;
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return Ok((made.at(&path)?, path)),
        }
    }
}

/// Makes the entries of a folder durable.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) { File::open(folder).and_then(|folder| folder.sync_all()).at(folder) } else { Ok(()) }
}
