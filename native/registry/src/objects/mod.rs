//! What a registry's files are stored in: a folder, or a bucket of an S3 service.
//!
//! Every operation waits until it is done, so it belongs on a thread that may wait: the ledger's, or one of
//! `App::blocking`. What was written is durable when the call returns. Paths come from validated names only.

mod files;
#[cfg(feature = "s3")]
mod s3;
mod staging;

pub(crate) use files::{Files, LOCK, STAGING, make_folder, temporary, write_atomic};
#[cfg(feature = "s3")]
use s3::S3;
pub(crate) use staging::Staging;

use crate::error::{At as _, Error, Result};
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::ops::Range;
#[cfg(feature = "s3")]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::registry as core_text;
#[cfg(feature = "s3")]
use vitte_package_core::message::server as text;

/// The files of a registry.
#[derive(Clone, Debug)]
pub(crate) enum Objects {
    /// In a folder.
    Files(Files),
    /// In a bucket.
    #[cfg(feature = "s3")]
    S3(S3),
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its length in bytes.
    pub(crate) len: u64,
    /// A number that another content at the same path does not have.
    pub(crate) version: u128,
    /// Where it lies on the disk: times have steps, and another file that was written within one lies elsewhere.
    pub(crate) place: u64,
}

/// A file in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its path.
    pub(crate) path: String,
    /// Its length in bytes.
    pub(crate) len: u64,
    /// When it was written, in Unix seconds.
    pub(crate) written: u64,
}

/// A file that is there, to be read in part or whole.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What is known of it.
    pub(crate) stored: Stored,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File(File, PathBuf),
    #[cfg(feature = "s3")]
    Bytes(std::io::Cursor<Vec<u8>>),
    /// One too large to be fetched before it is known what part of it is asked for.
    #[cfg(feature = "s3")]
    Remote(Box<s3::Remote>),
}

/// A content of a file, or that there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tag(#[cfg_attr(not(feature = "s3"), expect(dead_code))] Option<String>);

/// A staged archive, and the path that it is to be at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The upload that it was sent for.
    pub(crate) upload: String,
    /// Its digest, which it is staged by.
    pub(crate) file: String,
    /// Where it goes.
    pub(crate) path: String,
}

/// Bytes, in order.
pub(crate) type Reader = Box<dyn Read + Send>;

impl Opened {
    /// The bytes of a range.
    pub(crate) fn range(self, range: Range<u64>) -> Result<Reader> {
        let length = range.end.saturating_sub(range.start);
        match self.content {
            Content::File(mut file, path) => {
                if range.start > 0 {
                    file.seek(SeekFrom::Start(range.start)).at(&path)?;
                }
                Ok(Box::new(file.take(length)))
            }
            #[cfg(feature = "s3")]
            Content::Bytes(mut bytes) => {
                bytes.set_position(range.start);
                Ok(Box::new(bytes.take(length)))
            }
            #[cfg(feature = "s3")]
            Content::Remote(remote) => Ok(Box::new(remote.range(range)?)),
        }
    }

    /// All of it.
    pub(crate) fn whole(self) -> Result<Reader> {
        let len = self.stored.len;
        self.range(0..len)
    }
}

/// Keeps every other writer out of a folder until it is dropped. Of a bucket it keeps nobody out: replicas agree elsewhere.
#[derive(Debug)]
pub(crate) struct Lock {
    file: Option<File>,
}

impl Lock {
    /// Whether nothing is written as long as it is there.
    pub(crate) fn keeps_writers_out(&self) -> bool {
        self.file.is_some()
    }
}

impl Objects {
    /// What is stored in a folder.
    pub(crate) fn folder(root: PathBuf) -> Self {
        Self::Files(Files::new(root))
    }

    /// What is stored below `part` of a bucket, at `s3://BUCKET/PREFIX?endpoint=…&region=…`. Who asks is told by the
    /// environment variables that every client of S3 reads.
    #[cfg_attr(not(feature = "s3"), expect(unused_variables))]
    pub(crate) fn bucket(address: &str, part: &str, patience: Duration) -> Result<Self> {
        #[cfg(feature = "s3")]
        return Ok(Self::S3(S3::at(address, part, patience)?));
        #[cfg(not(feature = "s3"))]
        Err(Error::built_without("s3"))
    }

    /// What it is called in messages to the operator.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Files(files) => files.root().display().to_string(),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.shown().to_owned(),
        }
    }

    /// Makes the folder; a bucket has to be there.
    pub(crate) fn make(&self) -> Result<()> {
        match self {
            Self::Files(files) => make_folder(files.root(), None),
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(()),
        }
    }

    /// Whether nothing is stored yet.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        match self {
            Self::Files(files) => {
                Ok(!files.root().read_dir().is_ok_and(|mut entries| entries.next().is_some()))
            }
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.is_empty(),
        }
    }

    /// A whole file of at most `limit` bytes; none when there is none.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Files(files) => files.read(path, limit),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.read(path, limit),
        }
    }

    /// Several whole files, each of at most so many bytes, in one round trip where there is a network between.
    pub(crate) fn read_all(&self, wanted: &[(String, u64)]) -> Result<Vec<Option<Vec<u8>>>> {
        match self {
            Self::Files(files) => wanted.iter().map(|(path, limit)| files.read(path, *limit)).collect(),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.read_all(wanted),
        }
    }

    /// What is known of a file; none when there is none.
    pub(crate) fn find(&self, path: &str) -> Result<Option<Stored>> {
        match self {
            Self::Files(files) => files.find(path),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.find(path),
        }
    }

    /// Opens a file; none when there is none.
    pub(crate) fn open(&self, path: &str) -> Result<Option<Opened>> {
        match self {
            Self::Files(files) => Ok(files
                .open(path)?
                .map(|(file, stored)| Opened { stored, content: Content::File(file, files.file(path)) })),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.open(path),
        }
    }

    /// Writes a file in one step; it may take the place of an older one.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Files(files) => files.write(path, bytes),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.write(path, bytes.to_vec()),
        }
    }

    /// Writes several files, which may take the places of older ones. In a folder they appear in this order.
    pub(crate) fn write_all(&self, wanted: &[(&str, &[u8])]) -> Result<()> {
        match self {
            Self::Files(files) => files.write_all(wanted),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3
                .write_all(wanted.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()),
        }
    }

    /// What tells the present content of files from what others may write there meanwhile. In a folder, whose lock keeps
    /// others out, it is not asked for.
    pub(crate) fn tags(&self, paths: &[&str]) -> Result<Vec<Tag>> {
        match self {
            Self::Files(_) => Ok(vec![Tag::default(); paths.len()]),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.tags(paths),
        }
    }

    /// Writes several files, each only if it is what its tag says. Index files appear behind all others, in their order.
    #[cfg_attr(not(feature = "s3"), expect(unused_variables))]
    pub(crate) fn replace_all(&self, wanted: &[(&str, &[u8])], tags: &[Tag]) -> Result<()> {
        match self {
            Self::Files(files) => files.write_all(wanted),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.replace_all(wanted, tags),
        }
    }

    #[cfg(feature = "s3")]
    /// Takes in a file of this machine, which is on its disk already and is gone from its place then.
    pub(crate) fn take(&self, from: &Path, path: &str) -> Result<()> {
        match self {
            Self::Files(files) => files.take_all([(from.to_owned(), path)].into_iter()),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.take(from, path),
        }
    }

    /// Puts staged archives in their places.
    pub(crate) fn place(&self, staging: &Staging, archives: &[Placed]) -> Result<()> {
        match (self, staging) {
            (Self::Files(files), Staging::Folder(folder)) => files.take_all(
                archives.iter().map(|one| (folder.join(&one.upload).join(&one.file), one.path.as_str())),
            ),
            #[cfg(feature = "s3")]
            _ => archives.iter().try_for_each(|one| self.place_one(staging, one)),
        }
    }

    #[cfg(feature = "s3")]
    fn place_one(&self, staging: &Staging, Placed { upload, file, path }: &Placed) -> Result<()> {
        match (self, staging) {
            (_, Staging::Folder(folder)) => self.take(&folder.join(upload).join(file), path),
            (Self::S3(s3), Staging::Bucket { bucket, .. }) => {
                s3.copy_from(bucket, &Staging::path(upload, file), path)
            }
            (Self::Files(files), Staging::Bucket { bucket, .. }) => {
                let found = bucket.read(&Staging::path(upload, file), u64::MAX)?;
                let missing = || Error::new(Code::NotFound, text::upload_blob_missing(file));
                files.write(path, &found.ok_or_else(missing)?)
            }
        }
    }

    /// Visits every file below a folder, or every one where `folder` is empty. What a writer stages or locks is not
    /// among them. The listing is never in memory as a whole; its order is the store's.
    pub(crate) fn each(&self, folder: &str, visit: &mut dyn FnMut(Listed) -> Result<()>) -> Result<()> {
        match self {
            Self::Files(files) => files.each(folder, visit),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.each(folder, visit),
        }
    }

    #[allow(dead_code, reason = "for the removal of orphans")]
    /// Removes a file, which may be gone already.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        match self {
            Self::Files(files) => files.delete(path),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.delete(path),
        }
    }

    /// Removes a file, and all below the folder of that name. That something stays is no fault: nothing leads to it.
    pub(crate) fn prune(&self, path: &str) {
        match self {
            Self::Files(files) => files.prune(path),
            #[cfg(feature = "s3")]
            Self::S3(s3) => s3.prune(path),
        }
    }

    /// Keeps every other writer on this machine out, on whatever path it comes, until the lock is dropped. A bucket has
    /// no locks: who writes there is decided in the database.
    pub(crate) fn lock(&self) -> Result<Lock> {
        match self {
            Self::Files(files) => Ok(Lock { file: Some(files.lock()?) }),
            #[cfg(feature = "s3")]
            Self::S3(_) => Ok(Lock { file: None }),
        }
    }

    /// Removes what a killed writer left. Only who holds the lock may.
    pub(crate) fn clear_staging(&self) {
        match self {
            Self::Files(files) => files.clear_staging(),
            #[cfg(feature = "s3")]
            Self::S3(_) => {}
        }
    }
}

/// Refuses a file that is longer than it may be.
fn check_length(path: &str, len: u64, limit: u64) -> Result<()> {
    if len <= limit {
        return Ok(());
    }
    Err(Error::new(Code::RegistryLayout, core_text::registry_file_long(path, len, limit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "s3")]
    const PATIENCE: Duration = Duration::from_secs(10);

    /// Each kind there is here, empty, and where archives wait beside it: `VITTE_TEST_S3` is the address of a bucket.
    fn places(test: &str) -> Vec<(Objects, Staging)> {
        let folder = std::env::temp_dir().join(format!("vitte-registry-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        #[cfg_attr(not(feature = "s3"), allow(unused_mut))]
        let mut all = vec![(Objects::folder(folder.join("public")), Staging::Folder(folder.join("staging")))];
        #[cfg(feature = "s3")]
        if let Ok(address) = std::env::var("VITTE_TEST_S3") {
            let address = address.replacen('?', &format!("/{test}-{}?", std::process::id()), 1);
            let local = folder.join("pieces");
            all.push((
                Objects::bucket(&address, "public", PATIENCE).unwrap(),
                Staging::bucket(&address, local, PATIENCE).unwrap(),
            ));
        }
        for (objects, _) in &all {
            objects.make().unwrap();
        }
        all
    }

    fn listed(objects: &Objects, folder: &str) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        let mut visit = |one: Listed| {
            all.push((one.path, one.len));
            Ok(())
        };
        objects.each(folder, &mut visit).unwrap();
        all.sort();
        all
    }

    fn bytes(mut reader: Reader) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn files_are_written_read_listed_and_removed() {
        for (objects, _) in places("objects") {
            let shown = objects.shown();
            assert!(objects.is_empty().unwrap(), "{shown}");
            assert_eq!(objects.read("log/checkpoint", 10).unwrap(), None);
            assert!(objects.find("log/checkpoint").unwrap().is_none());
            assert!(objects.open("log/checkpoint").unwrap().is_none());
            objects.write("log/checkpoint", b"one").unwrap();
            let first = objects.find("log/checkpoint").unwrap().unwrap();
            objects.write_all(&[("log/checkpoint", b"two"), ("p/a/b/1.0.0+x/f", b"archive")]).unwrap();
            let second = objects.find("log/checkpoint").unwrap().unwrap();
            assert_ne!(first.version, second.version, "{shown}: another content has another version");
            assert_eq!(objects.read("log/checkpoint", 3).unwrap().unwrap(), b"two");
            assert!(objects.read("log/checkpoint", 2).is_err(), "{shown}: longer than it may be");
            let wanted = [("none".to_owned(), 9), ("p/a/b/1.0.0+x/f".to_owned(), 9)];
            assert_eq!(objects.read_all(&wanted).unwrap(), [None, Some(b"archive".to_vec())]);
            let opened = objects.open("p/a/b/1.0.0+x/f").unwrap().unwrap();
            assert_eq!(opened.stored.len, 7);
            assert_eq!(bytes(opened.range(1..4).unwrap()), b"rch");
            let all = [("log/checkpoint".to_owned(), 3), ("p/a/b/1.0.0+x/f".to_owned(), 7)];
            assert_eq!(listed(&objects, ""), all, "{shown}");
            assert_eq!(listed(&objects, "log"), all[..1]);
            assert_eq!(listed(&objects, "none"), []);
            objects.delete("log/checkpoint").unwrap();
            objects.delete("log/checkpoint").unwrap();
            objects.prune("p");
            assert!(listed(&objects, "").is_empty(), "{shown}");
        }
    }

    #[test]
    fn a_large_file_is_read_in_part_and_archives_are_put_in_place() {
        for (objects, staging) in places("large") {
            let shown = objects.shown();
            let content: Vec<u8> = (0..20_000_000u32).map(|number| (number / 251) as u8).collect();
            let received = staging.make("upload").unwrap().join("piece");
            std::fs::write(&received, &content).unwrap();
            assert!(!staging.has("upload", "digest").unwrap());
            assert!(staging.open("upload", "digest").unwrap().is_none());
            staging.keep(&received, "upload", "digest").unwrap();
            assert!(staging.has("upload", "digest").unwrap() && !received.exists(), "{shown}");
            assert!(bytes(staging.open("upload", "digest").unwrap().unwrap()) == content, "{shown}");
            let placed = |text: &str| text.to_owned();
            let placed =
                Placed { upload: placed("upload"), file: placed("digest"), path: placed("p/a/b/large") };
            objects.place(&staging, &[placed]).unwrap();
            let open = || objects.open("p/a/b/large").unwrap().unwrap();
            assert!(bytes(open().whole().unwrap()) == content, "{shown}");
            assert!(bytes(open().range(9_000_000..17_000_001).unwrap()) == content[9_000_000..17_000_001]);
            staging.remove("upload");
            let mut left = Vec::new();
            let mut visit = |id: &str| {
                left.push(id.to_owned());
                Ok(())
            };
            staging.each(&mut visit).unwrap();
            assert!(left.is_empty(), "{shown}: {left:?}");
        }
    }

    #[cfg(feature = "s3")]
    #[test]
    fn a_file_of_a_bucket_is_replaced_only_if_nobody_did() {
        for (objects, _) in places("replaced") {
            if matches!(objects, Objects::Files(_)) {
                continue;
            }
            let paths = ["log/checkpoint", "index/a/b"];
            let none = objects.tags(&paths).unwrap();
            objects.replace_all(&[(paths[0], b"one"), (paths[1], b"one")], &none).unwrap();
            let one = objects.tags(&paths).unwrap();
            // Both were absent, and are not any more; the same content may be written twice.
            assert!(objects.replace_all(&[(paths[0], b"other")], &none[..1]).is_err());
            objects.replace_all(&[(paths[0], b"one")], &none[..1]).unwrap();
            objects.replace_all(&[(paths[0], b"two")], &one[..1]).unwrap();
            for path in 0..2 {
                let late = objects.replace_all(&[(paths[path], b"late")], &one[path..=path]);
                assert_eq!(late.is_err(), path == 0, "{}", paths[path]);
            }
            assert_eq!(objects.read(paths[0], 9).unwrap().unwrap(), b"two");
        }
    }
}
