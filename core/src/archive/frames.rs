//! The frame table: stored length and digest of each content frame. Offsets are sums, never written.

use super::{ArchiveError, Layout};
use crate::digest::Digest;
use crate::limits;
use crate::tree::{LineFault, decimal, lines};
use std::ops::Range;

/// One line of the frame table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameInfo {
    /// Bytes before compression.
    pub raw_len: u64,
    /// Bytes in the archive.
    pub stored_len: u64,
    /// Digest of the bytes in the archive.
    pub digest: Digest,
}

/// The frame table of an archive. Agrees with the [`Layout`] it was read or made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameTable {
    frames: Vec<FrameInfo>,
    /// Where each frame begins, counted from the first; one more for the end.
    starts: Vec<u64>,
}

impl FrameTable {
    /// Makes the table of frames that were compressed.
    ///
    /// # Errors
    /// [`ArchiveError::FrameCount`], [`ArchiveError::FrameRawLen`] when the frames are not those of the
    /// layout; [`ArchiveError::FrameStoredLen`] when one is empty or longer than storing it plainly would
    /// make it.
    pub fn new(frames: Vec<FrameInfo>, layout: &Layout) -> Result<Self, ArchiveError> {
        let spans = layout.frames();
        if frames.len() != spans.len() {
            return Err(ArchiveError::FrameCount { expected: spans.len() as u64, got: frames.len() as u64 });
        }
        let mut starts = vec![0];
        let mut end = 0u64;
        for (number, (frame, span)) in (0u64..).zip(frames.iter().zip(spans)) {
            if frame.raw_len != span.raw_len() {
                return Err(ArchiveError::FrameRawLen {
                    frame: number,
                    expected: span.raw_len(),
                    got: frame.raw_len,
                });
            }
            let limit = limits::frame_stored_len(frame.raw_len);
            if frame.stored_len == 0 || frame.stored_len > limit {
                return Err(ArchiveError::FrameStoredLen { frame: number, limit, got: frame.stored_len });
            }
            // At most some thousand frames of some 8 MiB: far from overflow.
            end += frame.stored_len;
            starts.push(end);
        }
        Ok(Self { frames, starts })
    }

    /// Reads the text of a frame table, all of it, strictly.
    ///
    /// # Errors
    /// [`ArchiveError::FrameTableLine`] naming the line, and those of [`FrameTable::new`].
    pub fn parse(text: &[u8], layout: &Layout) -> Result<Self, ArchiveError> {
        let refuse = |line: u64, got: &str| ArchiveError::FrameTableLine {
            line,
            got: got.chars().take(140).collect(),
        };
        let mut lines = lines(text).map_err(|fault| match fault {
            LineFault::Utf8(line) | LineFault::Unended(line) => refuse(line, ""),
        })?;
        match lines.next() {
            Some((_, "vitte-frames 1")) => {}
            other => return Err(refuse(1, other.map_or("", |(_, line)| line))),
        }
        let expected = layout.frames().len();
        let mut frames = Vec::with_capacity(expected);
        for (number, line) in lines {
            if frames.len() == expected {
                return Err(ArchiveError::FrameCount { expected: expected as u64, got: expected as u64 + 1 });
            }
            frames.push(read_line(line).ok_or_else(|| refuse(number, line))?);
        }
        Self::new(frames, layout)
    }

    /// The text, in its one form.
    pub fn text(&self) -> String {
        let mut text = String::from("vitte-frames 1\n");
        for FrameInfo { raw_len, stored_len, digest } in &self.frames {
            text.push_str(&format!("{raw_len} {stored_len} {digest}\n"));
        }
        text
    }

    /// The frames, in the order of the archive.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// Where the bytes of a frame lie, counted from the first byte of the first frame.
    pub fn range(&self, frame: usize) -> Option<Range<u64>> {
        Some(*self.starts.get(frame)?..*self.starts.get(frame.checked_add(1)?)?)
    }

    /// Bytes of all frames in the archive.
    pub fn stored_len(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }
}

fn read_line(line: &str) -> Option<FrameInfo> {
    let mut fields = line.split(' ');
    let frame = FrameInfo {
        raw_len: decimal(fields.next()?)?,
        stored_len: decimal(fields.next()?)?,
        digest: Digest::from_hex(fields.next()?).ok()?,
    };
    fields.next().is_none().then_some(frame)
}
