//! Reading anywhere: the front of an archive, then one file at a time (archive format document, section 7.5).
//!
//! Plan, supply, check: both machines say which bytes they need next, whoever drives them brings these, and
//! every byte that is used is bound to the list of files.

use super::frame::check_file;
use super::{CheckedFrame, FrameJob, VerifyError};
use crate::archive::plan::FRONT_LEN;
use crate::archive::{ArchiveError, ArchiveEvent, ArchiveReader, Head, Toc, TotalLen};
use crate::codec::FrameDecoder;
use crate::digest::Hasher;
use std::ops::Range;
use std::sync::Arc;

/// The front of an archive whose bytes can be read at any offset: HEAD, TOC and SIGS, held together by their
/// digests. Nothing about signatures is decided here.
#[derive(Debug)]
pub struct OpenArchive {
    reader: ArchiveReader,
    head: Head,
    toc: Arc<Toc>,
    signatures: Vec<u8>,
}

impl OpenArchive {
    /// HEAD.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The list of files and the frames.
    pub fn toc(&self) -> &Arc<Toc> {
        &self.toc
    }

    /// The SIGS payload, none of it checked. At most 256 KiB.
    pub fn signatures(&self) -> &[u8] {
        &self.signatures
    }

    /// Starts to read the file with this number in the tree. `None` when the tree has no such file.
    pub fn read(&self, entry: usize) -> Option<FileReading> {
        self.toc.tree().entries().get(entry)?;
        let job = |frame| {
            Some((self.reader.frame_range(frame)?, FrameJob::new(&self.toc, self.head.codec(), frame)?))
        };
        let frames = self.toc.layout().frames_of_entry(entry).map(job).collect::<Option<Vec<_>>>()?;
        Some(FileReading { toc: Arc::clone(&self.toc), entry, frames, next: 0, hasher: Hasher::new() })
    }
}

/// Opens an archive: brings its front, and no more than a request's worth behind it.
#[derive(Debug)]
pub struct Opening {
    reader: ArchiveReader,
    total: u64,
    supplied: u64,
    head: Option<Head>,
    opened: Option<(Arc<Toc>, Vec<u8>)>,
}

impl Opening {
    /// Starts for an archive of `total` bytes.
    pub fn new(total: u64) -> Self {
        let reader = ArchiveReader::new(TotalLen::Known(total));
        Self { reader, total, supplied: 0, head: None, opened: None }
    }

    /// Starts for an archive whose length is not known: it is fed from front to back.
    pub fn of_stream() -> Self {
        let reader = ArchiveReader::new(TotalLen::Unknown);
        Self { reader, total: u64::MAX, supplied: 0, head: None, opened: None }
    }

    /// Bytes that the whole archive must have, once its front was read.
    pub fn expected_len(&self) -> Option<u64> {
        self.reader.expected_len()
    }

    /// The bytes to bring next. `None` once the archive is open, or when there are no more.
    pub fn need(&self) -> Option<Range<u64>> {
        let end = self.supplied.saturating_add(FRONT_LEN).min(self.total);
        (self.opened.is_none() && self.supplied < end).then_some(self.supplied..end)
    }

    /// Takes the bytes asked for, or the first of them.
    ///
    /// # Errors
    /// What is wrong with the form of the archive.
    pub fn supply(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.supplied = self.supplied.saturating_add(bytes.len() as u64);
        self.reader.push(bytes);
        while self.opened.is_none() {
            match self.reader.next() {
                None => break,
                Some(Err(error)) => return Err(error),
                Some(Ok(ArchiveEvent::Head(head))) => self.head = Some(head),
                Some(Ok(ArchiveEvent::Signatures(payload))) => {
                    self.opened = self.reader.toc().map(|toc| (Arc::clone(toc), payload));
                }
                Some(Ok(_)) => {}
            }
        }
        Ok(())
    }

    /// Ends, with the open archive.
    ///
    /// # Errors
    /// [`ArchiveError::Truncated`] or [`ArchiveError::HeadTooShort`] when the bytes ended in the front.
    pub fn finish(self) -> Result<OpenArchive, ArchiveError> {
        match (self.opened, self.head) {
            (Some((toc, signatures)), Some(head)) => {
                Ok(OpenArchive { reader: self.reader, head, toc, signatures })
            }
            _ => {
                self.reader.finish()?;
                Err(ArchiveError::Truncated { got: self.supplied, expected: Some(self.total) })
            }
        }
    }
}

/// Reads one file out of the frames that hold it, one frame in memory at a time.
#[derive(Debug)]
pub struct FileReading {
    toc: Arc<Toc>,
    entry: usize,
    frames: Vec<(Range<u64>, FrameJob)>,
    next: usize,
    hasher: Hasher,
}

impl FileReading {
    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.toc.tree().entries()[self.entry].size()
    }

    /// Where the next frame lies in the archive. `None` when all were supplied: then [`finish`](Self::finish).
    pub fn need(&self) -> Option<Range<u64>> {
        self.frames.get(self.next).map(|(range, _)| range.clone())
    }

    /// Takes the stored bytes of that frame and gives the frame back, checked; [`bytes`](Self::bytes) are the
    /// file's part of it. Of a file in several frames they are not to be trusted before `finish`. `buffer` is
    /// memory to use again, see [`CheckedFrame::into_buffer`].
    ///
    /// # Errors
    /// As [`FrameJob::check`]; [`VerifyError::Incomplete`] when no frame is needed any more.
    pub fn supply(
        &mut self,
        stored: &[u8],
        decoder: &mut dyn FrameDecoder,
        buffer: Vec<u8>,
    ) -> Result<CheckedFrame, VerifyError> {
        let (_, job) = self.frames.get(self.next).ok_or(VerifyError::Incomplete(0))?;
        let frame = job.check(stored, decoder, buffer)?;
        for bytes in self.bytes(&frame) {
            self.hasher.update(bytes);
        }
        self.next += 1;
        Ok(frame)
    }

    /// The file's bytes in one of its frames.
    pub fn bytes<'a>(&self, frame: &'a CheckedFrame) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let entry = self.entry;
        frame.files().filter(move |part| part.entry == entry).map(|part| part.bytes)
    }

    /// Ends: the pieces given out, in order, are the file.
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`] when they are not what the tree says, [`VerifyError::Incomplete`] when
    /// frames are missing.
    pub fn finish(self) -> Result<(), VerifyError> {
        match self.frames.len() - self.next {
            0 => check_file(self.toc.tree(), self.entry, self.hasher.finish()),
            missing => Err(VerifyError::Incomplete(missing as u64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::{HELLO, TestFile, archive_of};
    use crate::codec::{Codec, PureDecoder};
    use crate::diagnostic::{Code, Diagnose as _};
    use crate::target::Kind;
    use crate::tree::Mode;

    /// Opens `bytes`, a request brought in pieces of `piece` bytes.
    fn open(bytes: &[u8], piece: usize) -> Result<OpenArchive, ArchiveError> {
        let mut opening = Opening::new(bytes.len() as u64);
        while let Some(range) = opening.need() {
            let end = (range.start as usize + piece).min(range.end as usize);
            opening.supply(&bytes[range.start as usize..end])?;
        }
        opening.finish()
    }

    fn read(bytes: &[u8], archive: &OpenArchive, path: &str) -> Result<Vec<u8>, VerifyError> {
        let entry = archive.toc().tree().position(path).expect("a file of the package");
        let mut reading = archive.read(entry).expect("the tree has it");
        let mut decoder = PureDecoder::new(archive.head().codec());
        let (mut content, mut buffer) = (Vec::new(), Vec::new());
        while let Some(range) = reading.need() {
            let stored = &bytes[range.start as usize..range.end as usize];
            let frame = reading.supply(stored, &mut decoder, buffer)?;
            reading.bytes(&frame).for_each(|part| content.extend_from_slice(part));
            buffer = frame.into_buffer();
        }
        reading.finish().map(|()| content)
    }

    #[test]
    fn every_file_is_read_by_itself_however_the_front_is_cut() {
        let bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        for piece in [1, 113, 700, usize::MAX / 2] {
            let archive = open(&bytes, piece).unwrap();
            for (_, path, _, content) in HELLO {
                assert_eq!(read(&bytes, &archive, path).unwrap(), content, "{path}");
            }
            assert!(archive.read(HELLO.len()).is_none());
        }
    }

    #[test]
    fn a_file_over_several_frames_is_read_between_its_neighbours() {
        let content: Vec<u8> = (0..17_000_000u32).map(|n| (n >> 3) as u8).collect();
        let files: [TestFile<'_>; 4] = [
            HELLO[0],
            ("-", "a", Mode::Regular, &content[..9_000_000]),
            ("-", "b", Mode::Regular, &content),
            ("-", "c", Mode::Regular, b"end"),
        ];
        let bytes = archive_of(Kind::Vitmod, Codec::Zstd, &files, b"");
        let archive = open(&bytes, usize::MAX / 2).unwrap();
        for (_, path, _, content) in &files[1..] {
            assert!(read(&bytes, &archive, path).unwrap() == *content, "{path}");
        }
    }

    #[test]
    fn a_damaged_frame_is_refused_and_the_others_are_not() {
        let mut bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        let archive = open(&bytes, 4096).unwrap();
        let last = HELLO.len() - 1;
        let range = archive.read(last).unwrap().need().unwrap();
        bytes[range.start as usize + 20] ^= 1;
        assert_eq!(read(&bytes, &archive, HELLO[last].1).unwrap_err().code(), Code::FrameDigest);
        assert_eq!(read(&bytes, &archive, HELLO[1].1).unwrap(), HELLO[1].3);
    }

    #[test]
    fn a_stream_says_how_long_it_must_be_once_its_front_is_there() {
        let bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        for piece in [1, 113, 700, usize::MAX / 2] {
            let mut opening = Opening::of_stream();
            let known = bytes.chunks(piece.min(bytes.len())).map(|piece| {
                opening.supply(piece).unwrap();
                opening.expected_len()
            });
            let known: Vec<_> = known.collect();
            assert_eq!(known.last(), Some(&Some(bytes.len() as u64)));
            assert!(known.iter().flatten().all(|len| *len == bytes.len() as u64));
        }
    }

    #[test]
    fn a_front_that_ends_early_does_not_open() {
        let bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        for len in [0, 8, 112, 113, 400, 650] {
            assert!(open(&bytes[..len], 4096).is_err(), "{len}");
        }
        let mut opening = Opening::new(bytes.len() as u64);
        opening.supply(&bytes[..200]).unwrap();
        assert_eq!(opening.finish().unwrap_err().code(), Code::Truncated);
    }

    #[test]
    fn an_unfinished_file_is_not_given_out() {
        let bytes = archive_of(Kind::Vitpkg, Codec::Zstd, &HELLO, b"");
        let archive = open(&bytes, 4096).unwrap();
        assert_eq!(archive.read(0).unwrap().finish(), Err(VerifyError::Incomplete(1)));
    }
}
