//! The outside of a zstd frame (RFC 8878, section 3.1.1): what is allowed in an archive, and the store form.
//!
//! The header is read and every block header walked, so it is known before decoding that the bytes are one
//! frame and nothing else, that the frame states the right size, and how much memory it may ask for.

use super::{CodecError, check_raw_len};
use crate::limits;

/// First four bytes of a frame.
pub(crate) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Greatest number of bytes of a block, stored or raw.
pub(crate) const BLOCK_LEN: usize = 128 * 1024;

/// What the header of a frame states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Bytes of the header, magic number included: 6 to 14.
    pub len: usize,
    /// Bytes the frame yields, if it says so.
    pub content_size: Option<u64>,
    /// Bytes of history a decoder must keep.
    pub window: u64,
    /// Whether four bytes of checksum follow the last block.
    pub checksum: bool,
}

impl FrameHeader {
    /// Reads the header at the beginning of `frame`.
    ///
    /// # Errors
    /// [`CodecError::Magic`], [`CodecError::Truncated`], [`CodecError::Reserved`] when one of the two bits
    /// without a meaning is set, [`CodecError::Dictionary`] when there is a dictionary field, even of zero.
    pub fn parse(frame: &[u8]) -> Result<Self, CodecError> {
        let Some((magic, rest)) = frame.split_first_chunk::<4>() else {
            return Err(CodecError::Truncated(frame.len() as u64));
        };
        if *magic != MAGIC {
            return Err(CodecError::Magic);
        }
        let (&descriptor, rest) = rest.split_first().ok_or(CodecError::Truncated(4))?;
        if descriptor & 0b0001_1000 != 0 {
            return Err(CodecError::Reserved(4));
        }
        if descriptor & 0b11 != 0 {
            return Err(CodecError::Dictionary);
        }
        let single_segment = descriptor & 0b0010_0000 != 0;
        let (window, rest) = match single_segment {
            true => (None, rest),
            false => {
                let (&byte, rest) = rest.split_first().ok_or(CodecError::Truncated(5))?;
                let base = 1u64 << (10 + (byte >> 3));
                (Some(base + base / 8 * u64::from(byte & 7)), rest)
            }
        };
        let field = match (descriptor >> 6, single_segment) {
            (0, false) => 0,
            (0, true) => 1,
            (1, _) => 2,
            (2, _) => 4,
            _ => 8,
        };
        let bytes = rest.get(..field).ok_or(CodecError::Truncated(frame.len() as u64))?;
        let value = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte));
        let content_size = match field {
            0 => None,
            2 => Some(value + 256),
            _ => Some(value),
        };
        Ok(Self {
            len: frame.len() - rest.len() + field,
            content_size,
            window: window.or(content_size).unwrap_or(0),
            checksum: descriptor & 0b100 != 0,
        })
    }
}

/// Checks that `stored` is one frame allowed in an archive, fills it to the last byte and states that it
/// yields `raw_len` bytes. A windowed frame may ask for at most 8 MiB.
///
/// # Errors
/// As [`FrameHeader::parse`], and [`CodecError::Length`] when `raw_len` is above every limit,
/// [`CodecError::NoContentSize`], [`CodecError::ContentSize`], [`CodecError::Window`],
/// [`CodecError::Truncated`], [`CodecError::Block`], [`CodecError::Reserved`] for an unknown block type,
/// [`CodecError::Output`] when the blocks cannot yield that many bytes, [`CodecError::Trailing`].
pub fn check(stored: &[u8], raw_len: usize) -> Result<FrameHeader, CodecError> {
    check_raw_len(raw_len)?;
    check_within(stored, raw_len, limits::FRAME_RAW_LEN)
}

/// The same for a frame of any length that was compared with its limit elsewhere, and for windows of at most `window`
/// bytes.
///
/// # Errors
/// As [`check`], but for the first.
pub(crate) fn check_within(stored: &[u8], raw_len: usize, window: u64) -> Result<FrameHeader, CodecError> {
    let header = FrameHeader::parse(stored)?;
    match header.content_size {
        None => return Err(CodecError::NoContentSize),
        Some(got) if got != raw_len as u64 => {
            return Err(CodecError::ContentSize { expected: raw_len as u64, got });
        }
        // A single segment is its own window, and its length was just compared.
        Some(got) if header.window > window.max(got) => {
            return Err(CodecError::Window(header.window));
        }
        Some(_) => {}
    }
    let end = walk_blocks(stored, &header, raw_len)?;
    let end = if header.checksum { end + 4 } else { end };
    match stored.len() {
        len if len < end => Err(CodecError::Truncated(len as u64)),
        len if len > end => Err(CodecError::Trailing((len - end) as u64)),
        _ => Ok(header),
    }
}

/// Goes from block to block; returns the offset behind the last one.
fn walk_blocks(stored: &[u8], header: &FrameHeader, raw_len: usize) -> Result<usize, CodecError> {
    let limit = usize::try_from(header.window).map_or(BLOCK_LEN, |window| window.min(BLOCK_LEN));
    let mut at = header.len;
    // What the blocks yield at least and at most; a compressed block does not say.
    let (mut least, mut most) = (0usize, 0usize);
    loop {
        let Some(bytes) = stored.get(at..).and_then(|rest| rest.first_chunk::<3>()) else {
            return Err(CodecError::Truncated(stored.len() as u64));
        };
        let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        let len = (word >> 3) as usize;
        let (stored_len, yields_least, yields_most) = match word >> 1 & 0b11 {
            0 => (len, len, len),
            1 => (1, len, len),
            2 => (len, 0, limit),
            _ => return Err(CodecError::Reserved(at as u64)),
        };
        if len > limit {
            return Err(CodecError::Block { offset: at as u64, got: len as u64, limit: limit as u64 });
        }
        least += yields_least;
        most = most.saturating_add(yields_most);
        if least > raw_len {
            return Err(CodecError::Output { expected: raw_len as u64, got: least as u64 });
        }
        at += 3 + stored_len;
        if word & 1 == 1 {
            return match most < raw_len {
                true => Err(CodecError::Output { expected: raw_len as u64, got: most as u64 }),
                false => Ok(at),
            };
        }
    }
}

/// The length in bytes of the frame at the beginning of `input`, whose header was read. Only its blocks are walked.
///
/// # Errors
/// [`CodecError::Truncated`], [`CodecError::Reserved`] for an unknown block type.
pub(crate) fn frame_len(input: &[u8], header: &FrameHeader) -> Result<usize, CodecError> {
    let mut at = header.len;
    loop {
        let Some(bytes) = input.get(at..).and_then(|rest| rest.first_chunk::<3>()) else {
            return Err(CodecError::Truncated(input.len() as u64));
        };
        let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
        let stored = match word >> 1 & 0b11 {
            0 | 2 => (word >> 3) as usize,
            1 => 1,
            _ => return Err(CodecError::Reserved(at as u64)),
        };
        at = at.saturating_add(3 + stored);
        if word & 1 == 1 {
            return Ok(at.saturating_add(if header.checksum { 4 } else { 0 }));
        }
    }
}

/// Appends the header of a single segment of `raw_len` bytes, without checksum, its size in the shortest field.
pub(crate) fn put_header(out: &mut Vec<u8>, raw_len: usize) {
    out.extend_from_slice(&MAGIC);
    match raw_len {
        0..=255 => out.extend_from_slice(&[0x20, raw_len.to_le_bytes()[0]]),
        256..=65_791 => {
            out.push(0x60);
            out.extend_from_slice(&(raw_len - 256).to_le_bytes()[..2]);
        }
        _ => {
            out.push(0xa0);
            out.extend_from_slice(&raw_len.to_le_bytes()[..4]);
        }
    }
}

/// The store form of `raw`: a frame of raw blocks of 128 KiB, the last one shorter. Every byte is fixed.
///
/// `raw` is at most 4 GiB long; frames of archives are far shorter.
pub fn store_frame(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 9 + 3 * raw.len().div_ceil(BLOCK_LEN).max(1));
    put_header(&mut out, raw.len());
    let mut rest = raw;
    loop {
        let (block, tail) = rest.split_at(rest.len().min(BLOCK_LEN));
        let word = block.len() << 3 | usize::from(tail.is_empty());
        out.extend_from_slice(&word.to_le_bytes()[..3]);
        out.extend_from_slice(block);
        rest = tail;
        if rest.is_empty() {
            return out;
        }
    }
}
