//! The cache: archives and files of registries that were downloaded. Everything in it may be deleted at any time, and
//! everything read from it is verified like a download.
//!
//! ```text
//! cache/archives/<tree digest>.vitpkg
//! cache/registries/<32 hex of the registry's address>/<path in the registry>
//! cache/tmp/                         what is being written
//! ```

use crate::env::Env;
use crate::error::{Error, IoAction, IoContext};
use crate::fs::{self, Access};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::SystemTime;
use vitte_package_core::archive::Head;
use vitte_package_core::digest::{Digest, TreeDigest};

/// What a cached file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cached {
    /// An archive, whole.
    Archive,
    /// A file of a registry, behind a line with its digest and tag.
    Registry,
}

impl Cached {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Archive, Self::Registry];

    /// The name of its folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archives",
            Self::Registry => "registries",
        }
    }
}

/// A file of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedFile {
    /// What it is.
    pub kind: Cached,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written.
    pub written: SystemTime,
}

/// A file of a registry as it is kept in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CachedCopy {
    /// The file.
    pub(crate) body: Vec<u8>,
    /// The tag that the server gave it; empty if it gave none.
    pub(crate) tag: String,
}

/// The cache below `VITTE_HOME`.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache of these surroundings. Nothing is read or made yet.
    ///
    /// # Errors
    /// `config` when there is no home folder.
    pub fn open(env: &Env) -> Result<Self, Error> {
        Ok(Self { folder: env.vitte_home()?.join("cache") })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The place of an archive, named by the identity of what is in it, whether or not it is there.
    pub fn archive(&self, tree: &TreeDigest) -> PathBuf {
        self.folder.join(Cached::Archive.as_str()).join(archive_name(tree))
    }

    /// The place of a file of the registry at an address, whether or not it is there. Mirrors are kept apart: their
    /// tags mean nothing to each other.
    pub fn of_registry(&self, address: &str, path: &str) -> PathBuf {
        let address: String = Digest::of(address.as_bytes()).to_string().chars().take(32).collect();
        let folder = self.folder.join(Cached::Registry.as_str()).join(address);
        path.split('/').fold(folder, |folder, part| folder.join(part))
    }

    /// The file of a registry that is kept at a place of the cache. One that was damaged counts as absent.
    pub(crate) fn registry_file(place: &Path, limit: u64) -> Option<CachedCopy> {
        let bytes = fs::read(place, limit + 1024).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let (digest, tag) = line.split_once(' ')?;
        let body = bytes.get(end + 1..)?;
        let whole = Digest::of(body).to_string() == digest;
        whole.then(|| CachedCopy { body: body.to_vec(), tag: tag.to_owned() })
    }

    /// Writes bytes to a place of the cache, in one step and without flushing: what comes out of the cache is checked.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn keep(&self, place: &Path, bytes: &[u8]) -> Result<(), Error> {
        fs::create_folder(place.parent().unwrap_or(&self.folder))?;
        let temporary = self.temporary();
        fs::create_folder(&temporary)?;
        fs::write_unflushed_by(&temporary, place, bytes, Access::Shared)
    }

    /// The folder of what is being written: one for all, so that what a killed process left is found.
    pub(crate) fn temporary(&self) -> PathBuf {
        temporary_of(&self.folder)
    }

    /// As [`Cache::keep`], in the background: whoever drops the [`CacheWriter`] waits for what it was given.
    pub(crate) fn writer(&self) -> CacheWriter {
        let (sender, waiting) = mpsc::channel::<(PathBuf, Option<Vec<u8>>)>();
        let cache = self.clone();
        let thread = std::thread::spawn(move || {
            for (place, bytes) in waiting {
                // A cache that cannot be written to is merely no help.
                let _ = match bytes {
                    Some(bytes) => cache.keep(&place, &bytes),
                    None => confirm(&place),
                };
            }
        });
        CacheWriter { sender: Some(sender), thread: Some(thread) }
    }

    /// What is cached, sorted by path.
    ///
    /// # Errors
    /// `io`.
    pub fn list(&self) -> Result<Vec<CachedFile>, Error> {
        let mut files = Vec::new();
        for kind in Cached::ALL {
            collect(kind, &self.folder.join(kind.as_str()), &mut files)?;
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Deletes archives that are not what their names say. Says how many there were, and which are gone.
    ///
    /// # Errors
    /// `io`.
    pub fn verify(&self) -> Result<(usize, Vec<CachedFile>), Error> {
        let all = self.list()?.iter().filter(|file| file.kind == Cached::Archive).count();
        let gone = self.drop_files(|file| file.kind == Cached::Archive && !is_named_right(&file.path))?;
        Ok((all, gone))
    }

    /// Deletes what `chosen` chooses; gives what was deleted. A file that is gone already counts as deleted.
    ///
    /// # Errors
    /// `io`.
    pub fn drop_files(&self, chosen: impl Fn(&CachedFile) -> bool) -> Result<Vec<CachedFile>, Error> {
        let files: Vec<_> = self.list()?.into_iter().filter(chosen).collect();
        for file in &files {
            match std::fs::remove_file(&file.path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                result => result.on(IoAction::Remove, &file.path)?,
            }
        }
        Ok(files)
    }
}

/// Where a cache in a folder is written to.
pub(crate) fn temporary_of(cache: &Path) -> PathBuf {
    cache.join("tmp")
}

/// The time of a kept file is when the registry last said that it has it.
fn confirm(place: &Path) -> Result<(), Error> {
    let file = File::options().append(true).open(place).on(IoAction::Write, place)?;
    file.set_modified(SystemTime::now()).on(IoAction::Write, place)
}

/// Writes into a cache while other things are done.
#[derive(Debug)]
pub(crate) struct CacheWriter {
    sender: Option<mpsc::Sender<(PathBuf, Option<Vec<u8>>)>>,
    thread: Option<JoinHandle<()>>,
}

impl CacheWriter {
    /// Writes bytes to a place of the cache, if that can be done.
    pub(crate) fn write(&self, place: PathBuf, bytes: Vec<u8>) {
        self.send(place, Some(bytes));
    }

    /// Notes that what is kept at a place is still what the registry has.
    pub(crate) fn confirm(&self, place: PathBuf) {
        self.send(place, None);
    }

    fn send(&self, place: PathBuf, bytes: Option<Vec<u8>>) {
        if let Some(sender) = &self.sender {
            // It is there as long as this is.
            let _ = sender.send((place, bytes));
        }
    }
}

impl Drop for CacheWriter {
    fn drop(&mut self) {
        // Without a sender the thread comes to its end.
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether an archive says that it has the tree it is named by. What follows the head is checked when it is read.
fn is_named_right(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(Head::MAX_LEN as u64).read_to_end(&mut head));
    let name = path.file_name().and_then(|name| name.to_str());
    let says = Head::parse(&head).map(|head| archive_name(&head.tree()));
    read.is_ok() && says.is_ok_and(|says| name == Some(says.as_str()))
}

fn archive_name(tree: &TreeDigest) -> String {
    format!("{}.vitpkg", tree.to_string().replace(':', "-"))
}

fn collect(kind: Cached, folder: &Path, files: &mut Vec<CachedFile>) -> Result<(), Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        result => result.on(IoAction::List, folder)?,
    };
    for entry in entries {
        let entry = entry.on(IoAction::List, folder)?;
        let path = entry.path();
        let data = match entry.metadata() {
            // Another process has deleted it meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            result => result.on(IoAction::Read, &path)?,
        };
        if data.is_dir() {
            collect(kind, &path, files)?;
        } else if data.is_file() {
            let written = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push(CachedFile { kind, path, size: data.len(), written });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_listed_and_dropped() {
        let home = tempfile::tempdir().unwrap();
        let cache = Cache::open(&Env::new(home.path(), home.path())).unwrap();
        assert_eq!(cache.list().unwrap(), []);
        let tree = TreeDigest::parse(&format!("vp1-sha256:{}", Digest::of(b"tree"))).unwrap();
        let archive = cache.archive(&tree);
        let index = cache.of_registry("https://registry.example/", "index/demo/hello");
        assert_ne!(index, cache.of_registry("https://other.example/", "index/demo/hello"));
        cache.keep(&archive, b"12345").unwrap();
        cache.keep(&index, b"123").unwrap();
        let listed: Vec<_> = cache.list().unwrap().into_iter().map(|file| (file.kind, file.size)).collect();
        assert_eq!(listed, [(Cached::Archive, 5), (Cached::Registry, 3)]);
        assert_eq!(cache.drop_files(|file| file.kind == Cached::Registry).unwrap().len(), 1);
        assert!(archive.exists() && !index.exists());
        assert_eq!(cache.drop_files(|_| true).unwrap()[0].path, archive);
        assert_eq!(cache.list().unwrap(), []);
    }
}
