//! One frame: digest, decompression, headers, padding, files that lie wholly inside.
//!
//! [`FrameJob::check`] does all of it. Where something else digests faster than this code can (a browser's own
//! functions), the same steps are made one by one: [`FrameJob::decode`] with the digest of the stored bytes, then
//! [`DecodedFrame::check`] with those of contents. Digests are compared here, whoever computed them.

use super::VerifyError;
use super::error::FramePlace;
use crate::archive::{FrameInfo, Part, Toc, ustar_header};
use crate::codec::{Codec, FrameDecoder};
use crate::digest::{Digest, Hasher};
use crate::tree::{Entry, Tree};
use std::collections::BTreeMap;
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
        buffer: Vec<u8>,
    ) -> Result<CheckedFrame, VerifyError> {
        self.decode(stored, Digest::of(stored), decoder, buffer)?.check(SuppliedDigests::default())
    }

    /// The first half of [`check`](Self::check), for a digest of `stored` that was computed elsewhere: compares
    /// it, decodes only then, and compares headers and padding. No content was digested yet.
    ///
    /// # Errors
    /// As [`check`](Self::check), without [`VerifyError::FileDigest`].
    pub fn decode(
        &self,
        stored: &[u8],
        digest: Digest,
        decoder: &mut dyn FrameDecoder,
        mut buffer: Vec<u8>,
    ) -> Result<DecodedFrame, VerifyError> {
        if digest != self.info.digest {
            let expected = self.info.digest;
            return Err(VerifyError::FrameDigest { place: self.place(), expected, got: digest });
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
        let frame = CheckedFrame {
            toc: Arc::clone(&self.toc),
            index: self.index,
            raw: buffer,
            supplied: SuppliedDigests::default(),
        };
        self.check_form(&frame)?;
        Ok(DecodedFrame(frame))
    }

    /// Compares headers and padding.
    fn check_form(&self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        let tree = self.toc.tree();
        let path = |entry: usize| tree.entries()[entry].path().as_str().to_owned();
        for (part, range) in frame.pieces() {
            let bytes = frame.raw.get(range).unwrap_or_default();
            match part {
                Part::Header { entry } => {
                    let file = &tree.entries()[entry];
                    if bytes != ustar_header(file.path(), file.size(), file.mode()) {
                        return Err(VerifyError::HeaderMismatch { place: self.place(), path: path(entry) });
                    }
                }
                Part::Padding { entry, .. } => {
                    if bytes.iter().any(|byte| *byte != 0) {
                        return Err(VerifyError::Padding { place: self.place(), path: path(entry) });
                    }
                }
                Part::Content { .. } => {}
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
pub(super) fn check_file(tree: &Tree, entry: usize, got: Digest) -> Result<(), VerifyError> {
    let file = &tree.entries()[entry];
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

impl FilePart<'_> {
    fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.file.size()
    }
}

/// Digests of contents that were computed elsewhere, for one frame. They are compared like those computed here; a
/// file without one is digested here.
///
/// Whoever supplies them answers for them: a wrong digest never makes a wrong file pass, but a supplier that
/// answers with what it read in the list of files does. Take them from a SHA-256 that is as good as this one.
#[derive(Clone, Debug, Default)]
pub struct SuppliedDigests {
    digests: BTreeMap<usize, Digest>,
    awaited: Option<usize>,
}

impl SuppliedDigests {
    /// The digest of file `entry` (its number in the tree), which ends in this frame.
    pub fn add(&mut self, entry: usize, digest: Digest) {
        self.digests.insert(entry, digest);
    }

    /// File `entry` goes on in the next frame and its digest will come with the frame it ends in: this part of
    /// it is not digested here. If it does not come then, the file is not right.
    pub fn await_later(&mut self, entry: usize) {
        self.awaited = Some(entry);
    }
}

/// Where content lies in a frame, and what of its file that is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentPart {
    /// Number of the file in the tree.
    pub entry: usize,
    /// Bytes of the file.
    pub size: u64,
    /// Where in the file the part begins.
    pub offset: u64,
    /// Where in [`DecodedFrame::raw`] it lies; never empty.
    pub range: Range<usize>,
}

impl ContentPart {
    /// Whether the part is all of its file.
    pub fn is_whole(&self) -> bool {
        self.range.len() as u64 == self.size
    }

    /// Whether the file ends with the part.
    pub fn ends(&self) -> bool {
        self.offset + self.range.len() as u64 == self.size
    }
}

/// A frame whose stored digest, headers and padding check, and whose contents are yet to be digested.
pub struct DecodedFrame(CheckedFrame);

impl DecodedFrame {
    /// The decompressed bytes.
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The contents in the frame, in tree order; files without content are left out.
    pub fn contents(&self) -> impl Iterator<Item = ContentPart> {
        let entries = self.0.toc.tree().entries();
        self.0.pieces().filter_map(|(part, range)| match part {
            Part::Content { entry, offset, .. } => {
                Some(ContentPart { entry, size: entries.get(entry)?.size(), offset, range })
            }
            Part::Header { .. } | Part::Padding { .. } => None,
        })
    }

    /// Compares the digest of each file that lies wholly in this frame: the supplied one, or the one of its bytes.
    /// What was supplied about a file that spans frames goes with the frame to
    /// [`accept`](super::PackageVerifier::accept).
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`].
    pub fn check(self, supplied: SuppliedDigests) -> Result<CheckedFrame, VerifyError> {
        let Self(mut frame) = self;
        for part in frame.files().filter(FilePart::is_whole) {
            let digest = supplied.digests.get(&part.entry).copied();
            check_file(frame.toc.tree(), part.entry, digest.unwrap_or_else(|| Digest::of(part.bytes)))?;
        }
        frame.supplied = supplied;
        Ok(frame)
    }
}

impl std::fmt::Debug for DecodedFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecodedFrame({}, {} bytes)", self.0.index, self.0.raw.len())
    }
}

/// A frame whose own digests check. A file that goes on in the next frame is known to be right only when
/// [`accept`](super::PackageVerifier::accept) has taken the frame it ends in.
pub struct CheckedFrame {
    toc: Arc<Toc>,
    index: usize,
    raw: Vec<u8>,
    supplied: SuppliedDigests,
}

impl CheckedFrame {
    /// Number of the frame, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether it was checked against this table of contents, or an equal one that was read separately.
    pub(super) fn is_of(&self, toc: &Arc<Toc>) -> bool {
        Arc::ptr_eq(&self.toc, toc)
            || (self.toc.tree().digest() == toc.tree().digest() && self.toc.frames() == toc.frames())
    }

    /// The contents in the frame, file by file, in tree order. Every file of the package appears in at least
    /// one frame, also one without content.
    pub fn files(&self) -> impl Iterator<Item = FilePart<'_>> {
        let entries = self.toc.tree().entries();
        self.pieces().filter_map(|(part, range)| match part {
            Part::Content { entry, offset, .. } => {
                let bytes = self.raw.get(range).unwrap_or_default();
                Some(FilePart { entry, file: entries.get(entry)?, offset, bytes })
            }
            Part::Header { entry } => {
                let file = entries.get(entry).filter(|file| file.size() == 0)?;
                Some(FilePart { entry, file, offset: 0, bytes: &[] })
            }
            Part::Padding { .. } => None,
        })
    }

    /// The manifest, if this is the frame it is in.
    pub(super) fn manifest(&self) -> Option<&[u8]> {
        let first = self.files().next().filter(|part| part.entry == 0)?;
        first.is_whole().then_some(first.bytes)
    }

    /// Gives the memory back, for the next frame.
    pub fn into_buffer(self) -> Vec<u8> {
        self.raw
    }

    /// The parts of the frame and where in `raw` they lie: they add up to its length.
    fn pieces(&self) -> impl Iterator<Item = (Part, Range<usize>)> + use<'_> {
        let mut start = 0usize;
        self.toc.layout().parts(self.toc.tree(), self.index).map(move |part| {
            let end = start + part.len() as usize;
            let range = start..end;
            start = end;
            (part, range)
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
    /// The file that goes on, how far it came, and its digest so far unless it is computed elsewhere.
    open: Option<(usize, u64, Option<Hasher>)>,
}

impl SplitFiles {
    /// Takes the pieces of the next frame. Files that come `apart` are passed over; each other one that ends here, and is
    /// what the tree says, is given to `seen`.
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`] when a file that ends here is not what the tree says.
    pub(super) fn take(
        &mut self,
        frame: &CheckedFrame,
        apart: &[bool],
        seen: &mut dyn FnMut(usize),
    ) -> Result<(), VerifyError> {
        for part in frame.files() {
            if apart.get(part.entry) == Some(&true) {
                continue;
            }
            if part.is_whole() {
                // Compared when the frame was checked.
                seen(part.entry);
                continue;
            }
            let open = self.open.take();
            let end = part.offset + part.bytes.len() as u64;
            let ends = end == part.file.size();
            if ends && let Some(digest) = frame.supplied.digests.get(&part.entry) {
                check_file(frame.toc.tree(), part.entry, *digest)?;
                seen(part.entry);
                continue;
            }
            if !ends && frame.supplied.awaited == Some(part.entry) {
                self.open = Some((part.entry, end, None));
                continue;
            }
            // Of a file whose digest was to come and did not, only what is left is digested: it will not be right.
            let mut hasher = match open {
                Some((entry, reached, Some(hasher))) if (entry, reached) == (part.entry, part.offset) => {
                    hasher
                }
                _ => Hasher::new(),
            };
            hasher.update(part.bytes);
            if ends {
                check_file(frame.toc.tree(), part.entry, hasher.finish())?;
                seen(part.entry);
            } else {
                self.open = Some((part.entry, end, Some(hasher)));
            }
        }
        Ok(())
    }
}
