//! Archives of the registry, opened to show what is in them. Only the front of one is read, and then the frames that
//! hold the file that is asked for; what is given out has the digest that the list of files says, and that list is the
//! one that the index line names.
//!
//! A few fronts are kept, so that a reader who goes from file to file does not read them again. How many is bounded by
//! their number and by the length of their lists of files.

use crate::error::{Error, Result};
use crate::objects::Objects;
use std::collections::VecDeque;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_codec::NativeDecoder;
use vitte_package_core::digest::Digest;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::sign::{KeyId, Signatures};
use vitte_package_core::tree::Tree;
use vitte_package_core::verify::{OpenArchive, Opening};

/// Fronts that are kept at most.
const KEPT: usize = 64;
/// Bytes of the lists of files of all of them.
const KEPT_LEN: usize = 32 * 1024 * 1024;
/// What a front takes besides the text of its list: paths and digests once more.
const FACTOR: usize = 3;

/// An archive whose front was read.
#[derive(Debug)]
pub(crate) struct OpenRelease {
    archive: OpenArchive,
    path: String,
    file: Digest,
    /// The keys whose signatures it carries; none of them was checked.
    pub(crate) signers: Vec<KeyId>,
}

impl OpenRelease {
    /// The list of its files.
    pub(crate) fn tree(&self) -> &Tree {
        self.archive.toc().tree()
    }

    fn cost(&self) -> usize {
        self.tree().text().len().saturating_mul(FACTOR) + self.archive.signatures().len() + 4096
    }

    /// The content of a file; none where the archive does not have it as its list says.
    ///
    /// # Errors
    /// Where reading may succeed later.
    pub(crate) fn read(&self, files: &Objects, entry: usize) -> Result<Option<Vec<u8>>> {
        let Some(mut reading) = self.archive.read(entry) else { return Ok(None) };
        let mut decoder = NativeDecoder::new(self.archive.head().codec());
        let (mut content, mut buffer) = (Vec::new(), Vec::new());
        while let Some(range) = reading.need() {
            let Some(opened) = files.open(&self.path)? else { return Ok(None) };
            let mut stored = Vec::new();
            let mut bytes = opened.range(range)?;
            bytes.read_to_end(&mut stored).map_err(|error| Error::storage("an archive", &error))?;
            let Ok(frame) = reading.supply(&stored, &mut decoder, buffer) else { return Ok(None) };
            reading.bytes(&frame).for_each(|part| content.extend_from_slice(part));
            buffer = frame.into_buffer();
        }
        Ok(reading.finish().ok().map(|()| content))
    }

    /// The content of the file at a path, if it is no longer than `limit`.
    ///
    /// # Errors
    /// As [`OpenRelease::read`].
    pub(crate) fn text(&self, files: &Objects, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let tree = self.tree();
        let found = tree
            .position(path)
            .filter(|entry| tree.entries().get(*entry).is_some_and(|file| file.size() <= limit));
        found.map_or(Ok(None), |entry| self.read(files, entry))
    }
}

/// Archives that were opened lately.
#[derive(Debug, Default)]
pub(crate) struct Archives(Mutex<VecDeque<Arc<OpenRelease>>>);

impl Archives {
    /// Opens the archive at a path; none where it is not there, or not what its index line says.
    ///
    /// # Errors
    /// Where reading may succeed later.
    pub(crate) fn open(
        &self,
        files: &Objects,
        path: &str,
        entry: &IndexEntry,
    ) -> Result<Option<Arc<OpenRelease>>> {
        if let Some(kept) = self.kept(path, entry) {
            return Ok(Some(kept));
        }
        let Some(front) = open(files, path, entry)? else { return Ok(None) };
        let front = Arc::new(front);
        self.keep(Arc::clone(&front));
        Ok(Some(front))
    }

    fn kept(&self, path: &str, entry: &IndexEntry) -> Option<Arc<OpenRelease>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|front| {
            front.path == path && front.file == entry.file && front.tree().digest() == entry.core.tree
        })?;
        let front = kept.remove(at)?;
        kept.push_front(Arc::clone(&front));
        Some(front)
    }

    fn keep(&self, front: Arc<OpenRelease>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|other| other.path != front.path);
        kept.push_front(front);
        let mut cost = 0usize;
        let fits = kept.iter().take(KEPT).take_while(|front| {
            cost = cost.saturating_add(front.cost());
            cost <= KEPT_LEN
        });
        let fits = fits.count();
        kept.truncate(fits);
    }
}

fn open(files: &Objects, path: &str, entry: &IndexEntry) -> Result<Option<OpenRelease>> {
    let mut opening = Opening::new(entry.size);
    while let Some(range) = opening.need() {
        let Some(opened) = files.open(path)? else { return Ok(None) };
        if opened.stored.len != entry.size {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut reader = opened.range(range)?;
        reader.read_to_end(&mut bytes).map_err(|error| Error::storage("an archive", &error))?;
        if bytes.is_empty() || opening.supply(&bytes).is_err() {
            return Ok(None);
        }
    }
    let Ok(archive) = opening.finish() else { return Ok(None) };
    let tree = archive.toc().tree();
    if tree.digest() != entry.core.tree || *tree.manifest().digest() != entry.core.manifest {
        return Ok(None);
    }
    let mut signers: Vec<KeyId> = match archive.signatures() {
        [] => Vec::new(),
        payload => {
            let signatures = Signatures::parse(payload).unwrap_or_else(|_| Signatures::none());
            signatures.envelopes().iter().flat_map(|envelope| envelope.claimed_signers()).collect()
        }
    };
    signers.sort_unstable();
    signers.dedup();
    Ok(Some(OpenRelease { archive, path: path.to_owned(), file: entry.file, signers }))
}
