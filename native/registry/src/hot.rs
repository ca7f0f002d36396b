//! Small files that are asked for often, kept in memory: at most [`MOST`] bytes of them, those that were not asked for of
//! late forgotten first.
//!
//! A kept file is never older than the one on the disk: before each response it is found out whether that is still the same,
//! which costs a look at its entry and no reading. In a bucket, where even a look is a round trip, only files that never
//! change and are never removed are kept: no archives, which an operator may have to take down.

use crate::error::{Error, Result};
use crate::objects::{Objects, Opened, Stored};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use vitte_package_core::api::batch::StoredIndex;
use vitte_package_core::api::files::FileFacts;
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::registry::layout;

/// Bytes of a file that is kept.
const SMALL: u64 = 1024 * 1024;
/// Bytes that are kept at most.
const MOST: u64 = 64 * 1024 * 1024;
/// What a file costs besides its bytes, about.
const BESIDES: u64 = 2048;

/// A file, whole.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) bytes: Bytes,
    pub(crate) facts: FileFacts,
    /// `Repr-Digest` (RFC 9530).
    pub(crate) digest: Option<HeaderValue>,
    /// What is said of it to who asks for all of it, once somebody did.
    pub(crate) headers: OnceLock<HeaderMap>,
    stored: Stored,
}

/// A file that is there.
#[derive(Debug)]
pub(crate) enum Source {
    /// A small one.
    Kept(Arc<Kept>),
    /// One that is read as it is sent.
    Opened(Opened, FileFacts),
}

impl Source {
    /// An index file, whole.
    ///
    /// # Errors
    /// `io` when it cannot be read.
    pub(crate) fn index_file(self) -> Result<StoredIndex> {
        match self {
            Self::Kept(kept) => Ok(StoredIndex { bytes: kept.bytes.to_vec(), etag: kept.facts.tag() }),
            Self::Opened(file, facts) => {
                let mut bytes = Vec::new();
                let read = file.whole()?.take(limits::INDEX_LEN as u64 + 1).read_to_end(&mut bytes);
                read.map_err(|error| Error::storage("an index file", &error))?;
                Ok(StoredIndex { bytes, etag: facts.tag() })
            }
        }
    }
}

/// The files that are kept.
#[derive(Debug, Default)]
pub(crate) struct Hot {
    kept: Mutex<Generations>,
}

/// When the younger is full it becomes the older, and the older is forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Arc<Kept>>,
    old: HashMap<String, Arc<Kept>>,
    /// What the younger costs.
    bytes: u64,
}

impl Generations {
    fn get(&mut self, path: &str) -> Option<Arc<Kept>> {
        if let Some(kept) = self.young.get(path) {
            return Some(Arc::clone(kept));
        }
        let (path, kept) = self.old.remove_entry(path)?;
        self.add(path, Arc::clone(&kept));
        Some(kept)
    }

    fn add(&mut self, path: String, kept: Arc<Kept>) {
        let cost = |path: &str, kept: &Kept| (kept.bytes.len() + 2 * path.len()) as u64 + BESIDES;
        let added = cost(&path, &kept);
        if self.bytes + added > MOST / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += added;
        if let Some(before) = self.young.insert(path.clone(), kept) {
            self.bytes = self.bytes.saturating_sub(cost(&path, &before));
        }
    }
}

/// Whether a file with this path never has another content, and stays.
fn is_for_ever(path: &str) -> bool {
    layout::delivery(path).cache_control.contains("immutable") && !path.starts_with(layout::ARCHIVES)
}

impl Hot {
    /// A kept file, if that is what is there now. Nothing is waited for.
    pub(crate) fn get(&self, files: &Objects, path: &str) -> Option<Arc<Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(path)?;
        let is_same = match files {
            Objects::Files(_) => matches!(files.find(path), Ok(Some(stored)) if stored == kept.stored),
            #[cfg(feature = "s3")]
            Objects::S3(_) => true,
        };
        is_same.then_some(kept)
    }

    /// A file; none when there is none. Waits for the disk.
    ///
    /// # Errors
    /// `io` when it is there and cannot be read.
    pub(crate) fn open(&self, files: &Objects, path: &str) -> Result<Option<Source>> {
        if let Some(kept) = self.get(files, path) {
            return Ok(Some(Source::Kept(kept)));
        }
        let Some(opened) = files.open(path)? else { return Ok(None) };
        let stored = opened.stored;
        let mut facts = FileFacts { path: path.to_owned(), len: stored.len, written: stored.version };
        if stored.len > SMALL {
            return Ok(Some(Source::Opened(opened, facts)));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(stored.len).unwrap_or_default());
        let read = opened.whole()?.take(SMALL + 1).read_to_end(&mut bytes);
        read.map_err(|error| Error::storage("a file", &error))?;
        // Files are replaced, never written to: what was opened has one content. Its tag says what that is, wherever it is.
        let digest = Digest::of(&bytes);
        facts.len = bytes.len() as u64;
        facts.written = digest.as_bytes().iter().take(16).fold(0, |tag, byte| tag << 8 | u128::from(*byte));
        let text = format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()));
        let digest = HeaderValue::try_from(text).ok();
        let kept = Arc::new(Kept { bytes: bytes.into(), facts, digest, headers: OnceLock::new(), stored });
        if matches!(files, Objects::Files(_)) || is_for_ever(path) {
            let mut known = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            known.add(path.to_owned(), Arc::clone(&kept));
        }
        Ok(Some(Source::Kept(kept)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(test: &str) -> (std::path::PathBuf, Objects) {
        let folder = std::env::temp_dir().join(format!("vitte-registry-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        (folder.clone(), Objects::folder(folder))
    }

    fn bytes(source: Option<Source>) -> Option<Bytes> {
        match source? {
            Source::Kept(kept) => Some(kept.bytes.clone()),
            Source::Opened(opened, facts) => {
                let mut bytes = Vec::new();
                opened.whole().unwrap().read_to_end(&mut bytes).unwrap();
                assert_eq!(bytes.len() as u64, facts.len);
                Some(bytes.into())
            }
        }
    }

    #[test]
    fn a_kept_file_is_the_one_on_the_disk() {
        let (place, files) = folder("hot");
        let hot = Hot::default();
        assert!(hot.open(&files, "log/checkpoint").unwrap().is_none());
        let mut tags = std::collections::BTreeSet::new();
        for round in 0..50u8 {
            // Of one length, and as fast as it goes: times may be the same.
            let content = format!("round {round:03}");
            files.write("log/checkpoint", content.as_bytes()).unwrap();
            assert_eq!(bytes(hot.open(&files, "log/checkpoint").unwrap()).unwrap(), content);
            let kept = hot.get(&files, "log/checkpoint").expect("it is kept");
            assert_eq!(kept.bytes, content);
            tags.insert(kept.facts.tag());
        }
        assert_eq!(tags.len(), 50, "another content has another tag");
        let other = Hot::default();
        files.write("index/a/b", b"round 049").unwrap();
        let Some(Source::Kept(same)) = other.open(&files, "index/a/b").unwrap() else { panic!("small") };
        assert!(tags.contains(&same.facts.tag()), "the same content has the same tag anywhere");
        assert_eq!(same.digest.as_ref().unwrap().to_str().unwrap().len(), "sha-256=::".len() + 44);
        std::fs::remove_file(place.join("log/checkpoint")).unwrap();
        assert!(hot.get(&files, "log/checkpoint").is_none(), "a file that is gone is not delivered");
        assert!(hot.open(&files, "log/checkpoint").unwrap().is_none());
        let large = vec![7; usize::try_from(SMALL).unwrap() + 1];
        files.write("p/a/b/large", &large).unwrap();
        assert_eq!(bytes(hot.open(&files, "p/a/b/large").unwrap()).unwrap(), large);
        assert!(hot.get(&files, "p/a/b/large").is_none(), "a large file is not kept");
    }

    #[test]
    fn what_is_kept_has_an_end_and_what_is_in_use_stays() {
        let (place, files) = folder("hot-end");
        let hot = Hot::default();
        let content = vec![1; usize::try_from(SMALL).unwrap()];
        files.write("p/used", b"used").unwrap();
        for number in 0..200 {
            let path = format!("p/{number}");
            // One file on the disk, in memory as many: it is the memory that is looked at.
            files.write(&path, &content).unwrap();
            hot.open(&files, &path).unwrap().unwrap();
            std::fs::remove_file(place.join(&path)).unwrap();
            hot.open(&files, "p/used").unwrap().unwrap();
            let kept = hot.kept.lock().unwrap();
            let all = kept.young.values().chain(kept.old.values()).map(|kept| kept.bytes.len() as u64);
            assert!(all.sum::<u64>() <= MOST);
            assert!(kept.young.contains_key("p/used") || kept.old.contains_key("p/used"));
        }
    }
}
