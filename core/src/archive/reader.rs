//! The push machine over the bytes of an archive.

use super::front::skippable_len;
use super::head::{SKIPPABLE_HEADER, end_frame};
use super::{ArchiveError, ArchiveKind, Head, Toc};
use crate::codec::{Codec, FrameDecoder as _, PureDecoder};
use crate::limits;
use std::ops::Range;
use std::sync::Arc;

/// Whether the length of the whole archive is known before it is read.
///
/// It decides what a length that does not add up means. A file of known length is malformed or was altered,
/// and reading it again does not help. A stream of unknown length may only have been cut, and may be fetched
/// again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TotalLen {
    /// So many bytes: a file, or a transfer that declared its length.
    Known(u64),
    /// Not known.
    Unknown,
}

/// What [`ArchiveReader`] has read, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArchiveEvent {
    /// EMPTY and HEAD.
    Head(Head),
    /// The TOC. Its digest and the tree's are those of HEAD.
    Toc(Arc<Toc>),
    /// The SIGS payload, not looked into; empty if there are no signatures.
    Signatures(Vec<u8>),
    /// A content frame, neither checked nor decompressed.
    Frame {
        /// Its number, from 0.
        index: usize,
        /// Its bytes, as many as the frame table says.
        stored: Vec<u8>,
    },
    /// The constant end.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Head,
    TocHeader,
    Toc,
    SigsHeader,
    Sigs(usize),
    Frame(usize),
    End,
    Ended,
    Failed,
}

/// Takes an archive apart. Feed it by [`push`](Self::push), then take events by [`next`](Self::next) until
/// there are none, and so on; [`finish`](Self::finish) once there is no more. Any cutting of the input gives
/// the same events.
///
/// Holds what was pushed and not yet taken: if events are taken after each push, at most one TOC (16 MiB
/// stored, 40 MiB raw) or one frame (about 8 MiB) in addition to the piece pushed.
#[derive(Debug)]
pub struct ArchiveReader {
    total: TotalLen,
    state: State,
    input: Vec<u8>,
    cursor: usize,
    /// Bytes of the archive in front of `cursor`.
    consumed: u64,
    head: Option<Head>,
    toc: Option<Arc<Toc>>,
    content_start: Option<u64>,
}

impl ArchiveReader {
    /// Starts at the first byte of an archive.
    pub fn new(total: TotalLen) -> Self {
        Self {
            total,
            state: State::Head,
            input: Vec::new(),
            cursor: 0,
            consumed: 0,
            head: None,
            toc: None,
            content_start: None,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.state == State::Failed {
            return;
        }
        if self.cursor > 0 {
            self.input.drain(..self.cursor);
            self.cursor = 0;
        }
        // Lengths of pieces were compared with their limits, so this cannot ask for more than 16 MiB.
        let piece = self.piece_len().saturating_sub(self.input.len());
        if bytes.len() < piece {
            self.input.reserve_exact(piece);
        }
        self.input.extend_from_slice(bytes);
    }

    /// The next event, or `None` until more is pushed. After an error there are no more events.
    #[allow(clippy::should_implement_trait)] // `None` means "not yet": an iterator would promise "never again".
    pub fn next(&mut self) -> Option<Result<ArchiveEvent, ArchiveError>> {
        loop {
            match self.step() {
                Ok(Step::Needs) => return None,
                Ok(Step::Moved) => {}
                Ok(Step::Event(event)) => return Some(Ok(event)),
                Err(error) => {
                    self.state = State::Failed;
                    self.input = Vec::new();
                    return Some(Err(error));
                }
            }
        }
    }

    /// Says that there is no more input. Take all events first.
    ///
    /// # Errors
    /// [`ArchiveError::Truncated`] when the archive is not at its end; [`ArchiveError::HeadTooShort`] when it
    /// is of known length and that is all there is. Nothing more when `next` has given an error.
    pub fn finish(&self) -> Result<(), ArchiveError> {
        let got = self.consumed + (self.input.len() - self.cursor) as u64;
        match (self.state, self.total) {
            (State::Ended | State::Failed, _) => Ok(()),
            (_, TotalLen::Known(total)) if total <= got && self.content_start.is_none() => {
                Err(ArchiveError::HeadTooShort { got })
            }
            (_, TotalLen::Known(total)) => Err(ArchiveError::Truncated { got, expected: Some(total) }),
            (_, TotalLen::Unknown) => Err(ArchiveError::Truncated { got, expected: self.expected_len() }),
        }
    }

    /// The head, once read.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// The TOC, once read.
    pub fn toc(&self) -> Option<&Arc<Toc>> {
        self.toc.as_ref()
    }

    /// Where frame `frame` lies in the archive, once the signatures were read: for readers of ranges.
    pub fn frame_range(&self, frame: usize) -> Option<Range<u64>> {
        let range = self.toc.as_ref()?.frames().range(frame)?;
        let start = self.content_start?;
        Some(start + range.start..start + range.end)
    }

    /// Where the constant end lies in the archive, once the signatures were read.
    pub fn end_range(&self) -> Option<Range<u64>> {
        let start = self.content_start? + self.toc.as_ref()?.frames().stored_len();
        Some(start..start + end_frame(self.head.as_ref()?.codec()).len() as u64)
    }

    /// Bytes of the whole archive, once the signatures were read.
    pub fn expected_len(&self) -> Option<u64> {
        self.end_range().map(|range| range.end)
    }

    /// Bytes of the piece that is being waited for.
    fn piece_len(&self) -> usize {
        match self.state {
            State::Head => {
                let codec = Head::sniff(self.unread()).ok().flatten();
                Head::encoded_len(codec.unwrap_or(Codec::Zstd))
            }
            State::TocHeader | State::SigsHeader => SKIPPABLE_HEADER,
            State::Toc => self.head.as_ref().map_or(0, |head| head.toc_stored_len() as usize),
            State::Sigs(len) => len,
            State::Frame(index) => self.stored_len(index) as usize,
            State::End => self.head.as_ref().map_or(0, |head| end_frame(head.codec()).len()),
            State::Ended | State::Failed => 0,
        }
    }

    fn stored_len(&self, frame: usize) -> u64 {
        let frames = self.toc.as_ref().map_or(&[][..], |toc| toc.frames().frames());
        frames.get(frame).map_or(0, |info| info.stored_len)
    }

    fn unread(&self) -> &[u8] {
        &self.input[self.cursor..]
    }

    /// Takes the piece if all of it is there.
    fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        let piece = self.unread().get(..len)?;
        let piece = if self.cursor == 0 && self.input.len() == len {
            std::mem::take(&mut self.input)
        } else {
            let piece = piece.to_vec();
            self.cursor += len;
            piece
        };
        self.consumed += len as u64;
        Some(piece)
    }

    fn step(&mut self) -> Result<Step, ArchiveError> {
        if self.state == State::Head {
            // Another kind of file is refused by its first bytes, however few.
            Head::sniff(self.unread())?;
        }
        if self.state == State::Ended && !self.unread().is_empty() {
            let got = self.consumed + self.unread().len() as u64;
            return Err(ArchiveError::TrailingData { expected: self.consumed, got });
        }
        if matches!(self.state, State::Ended | State::Failed) {
            return Ok(Step::Needs);
        }
        let offset = self.consumed;
        let Some(piece) = self.take(self.piece_len()) else { return Ok(Step::Needs) };
        match self.state {
            State::Head => self.read_head(&piece),
            State::TocHeader => self.read_toc_header(&piece, offset),
            State::Toc => self.read_toc(&piece),
            State::SigsHeader => self.read_sigs_header(&piece, offset),
            State::Sigs(_) => {
                self.state = self.frame_or_end(0);
                Ok(Step::Event(ArchiveEvent::Signatures(piece)))
            }
            State::Frame(index) => {
                self.state = self.frame_or_end(index + 1);
                Ok(Step::Event(ArchiveEvent::Frame { index, stored: piece }))
            }
            State::End => {
                let head = self.head.as_ref().ok_or(ArchiveError::EndFrame { offset })?;
                check_end(head, &piece, offset)?;
                self.state = State::Ended;
                Ok(Step::Event(ArchiveEvent::End))
            }
            State::Ended | State::Failed => Ok(Step::Needs),
        }
    }

    fn frame_or_end(&self, index: usize) -> State {
        let count = self.toc.as_ref().map_or(0, |toc| toc.frames().frames().len());
        if index < count { State::Frame(index) } else { State::End }
    }

    fn read_head(&mut self, piece: &[u8]) -> Result<Step, ArchiveError> {
        let head = Head::parse(piece)?;
        if head.kind() == ArchiveKind::Delta {
            return Err(ArchiveError::Delta);
        }
        // What is known of the sum of all parts so far.
        let least = head.len() + 2 * SKIPPABLE_HEADER + head.toc_stored_len() as usize;
        let least = (least + end_frame(head.codec()).len()) as u64;
        if let TotalLen::Known(got) = self.total
            && got < least
        {
            return Err(ArchiveError::TotalLen { expected: least, got });
        }
        self.head = Some(head.clone());
        self.state = State::TocHeader;
        Ok(Step::Event(ArchiveEvent::Head(head)))
    }

    fn read_toc_header(&mut self, piece: &[u8], offset: u64) -> Result<Step, ArchiveError> {
        let stored_len = self.head.as_ref().map(Head::toc_stored_len);
        if Some(skippable_len(piece, offset)?) != stored_len {
            return Err(ArchiveError::Skippable { offset });
        }
        self.state = State::Toc;
        Ok(Step::Moved)
    }

    fn read_toc(&mut self, stored: &[u8]) -> Result<Step, ArchiveError> {
        let Some(head) = &self.head else { return Ok(Step::Needs) };
        Toc::check_stored(stored, head)?;
        let mut raw = Vec::new();
        // At most 40 MiB: both lengths were compared with their limits when HEAD was read.
        PureDecoder::new(Codec::Zstd)
            .decode(stored, head.toc_raw_len() as usize, &mut raw)
            .map_err(ArchiveError::TocFrame)?;
        let toc = Arc::new(Toc::parse(raw, head)?);
        self.toc = Some(Arc::clone(&toc));
        self.state = State::SigsHeader;
        Ok(Step::Event(ArchiveEvent::Toc(toc)))
    }

    fn read_sigs_header(&mut self, piece: &[u8], offset: u64) -> Result<Step, ArchiveError> {
        let len = skippable_len(piece, offset)?;
        if len > limits::SIGS_LEN {
            return Err(ArchiveError::SigsLen(len.into()));
        }
        self.content_start = Some(self.consumed + u64::from(len));
        if let (TotalLen::Known(got), Some(expected)) = (self.total, self.expected_len()) {
            match got.cmp(&expected) {
                std::cmp::Ordering::Less => return Err(ArchiveError::TotalLen { expected, got }),
                std::cmp::Ordering::Greater => return Err(ArchiveError::TrailingData { expected, got }),
                std::cmp::Ordering::Equal => {}
            }
        }
        self.state = State::Sigs(len as usize);
        Ok(Step::Moved)
    }
}

enum Step {
    /// More input is needed.
    Needs,
    /// A piece was read that is no event.
    Moved,
    Event(ArchiveEvent),
}

/// Checks the last bytes of an archive, which begin at `offset`.
///
/// # Errors
/// [`ArchiveError::EndFrame`] when they are not the constant end.
pub(crate) fn check_end(head: &Head, bytes: &[u8], offset: u64) -> Result<(), ArchiveError> {
    if bytes == end_frame(head.codec()) { Ok(()) } else { Err(ArchiveError::EndFrame { offset }) }
}
