//! The cache: archives and index files that were downloaded. Everything in it may be deleted at any time, and
//! everything read from it is verified like a download.
//!
//! ```text
//! cache/archives/<head digest>.vitpkg
//! cache/index/<32 hex of the registry's id>/<namespace>/<name>
//! ```

use crate::env::Env;
use crate::error::{Doing, Error, IoContext};
use crate::fs::{self, Access};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use vitte_package_core::digest::Digest;
use vitte_package_core::name::PackageName;

/// What the head digest is of: the first bytes of an archive.
const HEAD_LEN: usize = 113;

/// What a cached file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cached {
    /// An archive, whole.
    Archive,
    /// An index file of a registry.
    Index,
}

impl Cached {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Archive, Self::Index];

    /// The name of its folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archives",
            Self::Index => "index",
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

    /// The place of an archive, named by its head digest, whether or not it is there.
    pub fn archive(&self, head: &Digest) -> PathBuf {
        self.folder.join(Cached::Archive.as_str()).join(format!("{head}.vitpkg"))
    }

    /// The place of a package's index file, whether or not it is there. `registry` is the registry's id.
    pub fn index(&self, registry: &str, package: &PackageName) -> PathBuf {
        let registry = Digest::of(registry.as_bytes()).to_string();
        let folder = self.folder.join(Cached::Index.as_str()).join(&registry[..32]);
        folder.join(package.namespace_or_none().as_str()).join(package.base())
    }

    /// Keeps bytes at a place of the cache, in one step.
    ///
    /// # Errors
    /// `io`, `no-space`.
    pub fn keep(&self, place: &Path, bytes: &[u8]) -> Result<(), Error> {
        fs::create_folder(place.parent().unwrap_or(&self.folder))?;
        fs::write_atomic(place, bytes, Access::Shared)
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
                result => result.doing(Doing::Remove, &file.path)?,
            }
        }
        Ok(files)
    }
}

/// Whether the name of an archive is its head digest. What follows the head is checked when it is read.
fn is_named_right(path: &Path) -> bool {
    let mut head = [0; HEAD_LEN];
    let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
    let name = path.file_stem().and_then(|name| name.to_str());
    read.is_ok() && name.is_some_and(|name| name == Digest::of(&head).to_string())
}

fn collect(kind: Cached, folder: &Path, files: &mut Vec<CachedFile>) -> Result<(), Error> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        result => result.doing(Doing::List, folder)?,
    };
    for entry in entries {
        let entry = entry.doing(Doing::List, folder)?;
        let path = entry.path();
        let data = match entry.metadata() {
            // Another process has deleted it meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            result => result.doing(Doing::Read, &path)?,
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
        let name = PackageName::parse("demo/hello").unwrap();
        let archive = cache.archive(&Digest::of(b"head"));
        let index = cache.index("registry.example/", &name);
        assert_ne!(index, cache.index("other.example/", &name));
        cache.keep(&archive, b"12345").unwrap();
        cache.keep(&index, b"123").unwrap();
        let listed: Vec<_> = cache.list().unwrap().into_iter().map(|file| (file.kind, file.size)).collect();
        assert_eq!(listed, [(Cached::Archive, 5), (Cached::Index, 3)]);
        assert_eq!(cache.drop_files(|file| file.kind == Cached::Index).unwrap().len(), 1);
        assert!(archive.exists() && !index.exists());
        assert_eq!(cache.drop_files(|_| true).unwrap()[0].path, archive);
        assert_eq!(cache.list().unwrap(), []);
    }
}
