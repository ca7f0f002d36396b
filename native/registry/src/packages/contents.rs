//! What is inside archives of the registry, as far as it is displayed: what the manifest says, the readme, the files.
//!
//! An archive is read from its beginning, and no further than what is wanted. What is taken out has the digest that the
//! list of files says, and that list is the one that the index line names.

use crate::error::{Error, Result};
use crate::objects::{Objects, Reader};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;
use vitte_package_codec::NativeDecoder;
use vitte_package_core::api::package::README_LEN;
use vitte_package_core::archive::{ArchiveEvent, ArchiveReader, Toc, TotalLen};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::IndexEntry;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::tree::{MANIFEST_PATH, is_meta_path};
use vitte_package_core::verify::FrameJob;

/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;
/// Bytes of a manifest or readme that is read at most.
const FILE_LEN: u64 = 512 * 1024;

/// What an author says of a release.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) manifest: Manifest,
    pub(super) readme: Option<String>,
}

/// Reads manifest and readme of the archive at a path; none where it is not what its index line says.
///
/// # Errors
/// Only where reading it may succeed later.
pub(super) fn contents(files: &Objects, path: &str, entry: &IndexEntry) -> Result<Option<Contents>> {
    let front = collect(files, path, entry, &|path| path == MANIFEST_PATH || is_readme(path))?;
    let Some(mut front) = front else { return Ok(None) };
    let Some(Ok(manifest)) = front.remove(MANIFEST_PATH).map(|bytes| Manifest::from_bytes(&bytes)) else {
        return Ok(None);
    };
    let readme = match manifest.readme().map(|readme| readme.as_str()) {
        Some(named) if !front.contains_key(named) => {
            collect(files, path, entry, &|path| path == named)?.and_then(|mut found| found.remove(named))
        }
        Some(named) => front.remove(named),
        None => front.into_values().next(),
    };
    let readme = readme.map(|bytes| {
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        let end = (0..=README_LEN.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        // PostgreSQL keeps no such character.
        text.replace('\0', "\u{fffd}")
    });
    Ok(Some(Contents { manifest, readme }))
}

/// The list of files of the archive at a path; none where it is not what its index line says.
pub(crate) fn list_of_files(files: &Objects, path: &str, entry: &IndexEntry) -> Result<Option<Arc<Toc>>> {
    let mut found = None;
    walk(files, path, entry, &mut |_, reader| {
        found = reader.toc().cloned();
        Ok(if found.is_some() { Walk::Done } else { Walk::On })
    })?;
    Ok(found.filter(|toc| toc.tree().digest() == entry.core.tree))
}

fn is_readme(path: &str) -> bool {
    is_meta_path(path) && path.starts_with("README")
}

enum Walk {
    On,
    Done,
}

/// Gives out what comes in an archive until `take` has enough. An archive that is not there, or none, ends early.
fn walk(
    files: &Objects,
    path: &str,
    entry: &IndexEntry,
    take: &mut dyn FnMut(ArchiveEvent, &ArchiveReader) -> Result<Walk>,
) -> Result<()> {
    let Some(opened) = files.open(path)? else { return Ok(()) };
    let mut input: Reader = opened.whole()?;
    let mut reader = ArchiveReader::new(TotalLen::Known(entry.size));
    let mut piece = vec![0; PIECE];
    loop {
        match reader.next() {
            Some(Ok(event)) => {
                if let Walk::Done = take(event, &reader)? {
                    return Ok(());
                }
            }
            Some(Err(_)) => return Ok(()),
            None => {
                let read = input.read(&mut piece).map_err(|error| Error::storage("an archive", &error))?;
                match piece.get(..read).filter(|bytes| !bytes.is_empty()) {
                    Some(bytes) => reader.push(bytes),
                    None => return Ok(()),
                }
            }
        }
    }
}

/// The content of some files, each no longer than is sensible; none where the archive is not what its line says.
fn collect(
    files: &Objects,
    path: &str,
    entry: &IndexEntry,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<BTreeMap<String, Vec<u8>>>> {
    let mut found: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut toc: Option<Arc<Toc>> = None;
    let mut last = None;
    let mut decoder = None;
    walk(files, path, entry, &mut |event, _| {
        match event {
            ArchiveEvent::Head(head) => decoder = Some((NativeDecoder::new(head.codec()), head.codec())),
            ArchiveEvent::Toc(read) => {
                let tree = read.tree();
                if tree.digest() != entry.core.tree || *tree.manifest().digest() != entry.core.manifest {
                    return Ok(Walk::Done);
                }
                let entries = tree.entries().iter().enumerate();
                let is_wanted = |file: &vitte_package_core::tree::Entry| {
                    wanted(file.path().as_str()) && file.size() <= FILE_LEN
                };
                found = entries.filter(|(_, file)| is_wanted(file)).map(|(at, _)| (at, Vec::new())).collect();
                let frames = |at: &usize| read.layout().frames_of_entry(*at);
                last = found.keys().map(|at| frames(at).end).max();
                toc = Some(read);
            }
            ArchiveEvent::Frame { index, stored } => {
                let (Some(toc), Some((decoder, codec)), Some(last)) = (&toc, &mut decoder, last) else {
                    return Ok(Walk::Done);
                };
                let is_needed = found.keys().any(|at| toc.layout().frames_of_entry(*at).contains(&index));
                if is_needed && let Some(job) = FrameJob::new(toc, *codec, index) {
                    let Ok(frame) = job.check(&stored, decoder, Vec::new()) else {
                        found.clear();
                        return Ok(Walk::Done);
                    };
                    for part in frame.files() {
                        if let Some(bytes) = found.get_mut(&part.entry) {
                            bytes.extend_from_slice(part.bytes);
                        }
                    }
                }
                if index + 1 >= last {
                    return Ok(Walk::Done);
                }
            }
            _ => {}
        }
        Ok(Walk::On)
    })?;
    let Some(toc) = toc else { return Ok(None) };
    let entries = toc.tree().entries();
    let whole = found.into_iter().filter_map(|(at, bytes)| {
        let file = entries.get(at).filter(|file| *file.digest() == Digest::of(&bytes))?;
        Some((file.path().as_str().to_owned(), bytes))
    });
    Ok(Some(whole.collect()))
}
