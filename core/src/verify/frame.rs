//! One frame: digest, decompression, headers, padding, files that lie wholly inside.

use super::VerifyError;
use super::error::FramePlace;
use crate::archive::{FrameInfo, Part, Toc, ustar_header};
use crate::codec::{Codec, FrameDecoder};
use crate::digest::{Digest, Hasher};
use crate::tree::Entry;
use std::ops::Range;
use std::sync::Arc;

/// What has to be checked about one frame. Goes to any thread; holds no bytes of the frame.
#[derive(Clone, Debug)]
pub struct FrameJob {
    toc: Arc<Toc>,
    codec: Codec,
    index: usize,
    info: FrameInfo,
}

impl FrameJob {
    /// The job of frame `index`, for readers of single files; `None` if there is no such frame.
    pub fn new(toc: &Arc<Toc>, codec: Codec, index: usize) -> Option<Self> {
        let info = *toc.frames().frames().get(index)?;
        Some(Self { toc: Arc::clone(toc), codec, index, info })
    }

    /// Number of the frame, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How the frame is compressed: what the decoder must be for.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Lengths and digest of the frame.
    pub fn info(&self) -> &FrameInfo {
        &self.info
    }

    /// The list of files and the frames.
    pub fn toc(&self) -> &Arc<Toc> {
        &self.toc
    }

    /// Checks the frame, whose bytes in the archive are `stored`. Their digest is compared before `decoder`
    /// sees them. `buffer` receives the decompressed bytes; give one that was used before
    /// ([`CheckedFrame::into_buffer`]) to spare an allocation of up to 8 MiB.
    ///
    /// # Errors
    /// [`VerifyError::FrameDigest`], [`VerifyError::FrameDecode`], [`VerifyError::FrameLength`],
    /// [`VerifyError::HeaderMismatch`], [`VerifyError::Padding`], and [`VerifyError::FileDigest`] for a file
    /// that lies wholly in this frame.
    pub fn check(
        &self,
        stored: &[u8],
        decoder: &mut dyn FrameDecoder,
        mut buffer: Vec<u8>,
    ) -> Result<CheckedFrame, VerifyError> {
        let got = Digest::of(stored);
        if got != self.info.digest {
            return Err(VerifyError::FrameDigest { place: self.place(), expected: self.info.digest, got });
        }
        // The frame table was compared with the tree: at most 8 MiB.
        let raw_len = self.info.raw_len as usize;
        decoder
            .decode(stored, raw_len, &mut buffer)
            .map_err(|error| VerifyError::FrameDecode { place: self.place(), error })?;
        if buffer.len() != raw_len {
            let (expected, got) = (self.info.raw_len, buffer.len() as u64);
            return Err(VerifyError::FrameLength { place: self.place(), expected, got });
        }
        let frame = CheckedFrame { toc: Arc::clone(&self.toc), index: self.index, raw: buffer };
        self.check_parts(&frame)?;
        Ok(frame)
    }

    fn check_parts(&self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        let tree = self.toc.tree();
        let path = |entry: usize| tree.entries()[entry].path().as_str().to_owned();
        for (part, bytes) in frame.pieces() {
            match part {
                Part::Header { entry } => {
                    let file = &tree.entries()[entry];
                    if bytes != ustar_header(file.path(), file.size(), file.mode()) {
                        return Err(VerifyError::HeaderMismatch { place: self.place(), path: path(entry) });
                    }
                    if file.size() == 0 {
                        check_file(&self.toc, entry, Digest::of(b""))?;
                    }
                }
                Part::Content { entry, len, .. } if len == tree.entries()[entry].size() => {
                    check_file(&self.toc, entry, Digest::of(bytes))?;
                }
                // A piece of a file: hashed when the frames are put in order.
                Part::Content { .. } => {}
                Part::Padding { entry, .. } => {
                    if bytes.iter().any(|byte| *byte != 0) {
                        return Err(VerifyError::Padding { place: self.place(), path: path(entry) });
                    }
                }
            }
        }
        Ok(())
    }

    fn place(&self) -> FramePlace {
        FramePlace {
            frame: self.index as u64,
            frames: self.toc.frames().frames().len() as u64,
            files: self.toc.paths_in_frame(self.index),
        }
    }
}

/// Compares the digest of a whole file with the tree's.
pub(super) fn check_file(toc: &Toc, entry: usize, got: Digest) -> Result<(), VerifyError> {
    let file = &toc.tree().entries()[entry];
    if got == *file.digest() {
        return Ok(());
    }
    let path = file.path().as_str().to_owned();
    Err(VerifyError::FileDigest { path, expected: *file.digest(), got })
}

/// Bytes of a file that lie in one frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilePart<'a> {
    /// Number of the file in the tree.
    pub entry: usize,
    /// The file.
    pub file: &'a Entry,
    /// Where in the file they begin.
    pub offset: u64,
    /// The bytes; none only if the file is empty.
    pub bytes: &'a [u8],
}

/// A frame whose own digests check. A file that goes on in the next frame is known to be right only when
/// [`accept`](super::PackageVerifier::accept) has taken the frame it ends in.
pub struct CheckedFrame {
    toc: Arc<Toc>,
    index: usize,
    raw: Vec<u8>,
}

impl CheckedFrame {
    /// Number of the frame, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The contents in the frame, file by file, in tree order. Every file of the package appears in at least
    /// one frame, also one without content.
    pub fn files(&self) -> impl Iterator<Item = FilePart<'_>> {
        let entries = self.toc.tree().entries();
        self.pieces().filter_map(|(part, bytes)| match part {
            Part::Content { entry, offset, .. } => {
                Some(FilePart { entry, file: entries.get(entry)?, offset, bytes })
            }
            Part::Header { entry } => {
                let file = entries.get(entry).filter(|file| file.size() == 0)?;
                Some(FilePart { entry, file, offset: 0, bytes: &[] })
            }
            Part::Padding { .. } => None,
        })
    }

    /// Gives the memory back, for the next frame.
    pub fn into_buffer(self) -> Vec<u8> {
        self.raw
    }

    fn pieces(&self) -> impl Iterator<Item = (Part, &[u8])> {
        let mut start = 0usize;
        self.toc.layout().parts(self.toc.tree(), self.index).map(move |part| {
            let end = start + part.len() as usize;
            // The parts of a frame add up to its raw length, which `raw` has.
            let bytes = self.raw.get(start..end).unwrap_or_default();
            start = end;
            (part, bytes)
        })
    }

    /// The part of a file that began in an earlier frame, or goes on in a later one.
    fn split_files(&self) -> impl Iterator<Item = (FilePart<'_>, Range<u64>)> {
        self.files().filter_map(|part| {
            let range = part.offset..part.offset + part.bytes.len() as u64;
            (range != (0..part.file.size())).then_some((part, range))
        })
    }
}

impl std::fmt::Debug for CheckedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckedFrame({}, {} bytes)", self.index, self.raw.len())
    }
}

/// Digests files that span frames; the frames come in order.
#[derive(Debug, Default)]
pub(super) struct SplitFiles {
    /// The file that goes on, and how far it came.
    open: Option<(usize, u64, Hasher)>,
}

impl SplitFiles {
    /// Takes the pieces of the next frame.
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`] when a file that ends here is not what the tree says.
    pub(super) fn take(&mut self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        for (part, range) in frame.split_files() {
            let mut hasher = match self.open.take() {
                Some((entry, reached, hasher)) if (entry, reached) == (part.entry, part.offset) => hasher,
                _ => Hasher::new(),
            };
            hasher.update(part.bytes);
            if range.end == part.file.size() {
                check_file(&frame.toc, part.entry, hasher.finish())?;
            } else {
                self.open = Some((part.entry, range.end, hasher));
            }
        }
        Ok(())
    }
}
