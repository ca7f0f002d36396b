//! Frames of archives with codec 2: one LZ4 frame of one fixed shape.
//!
//! Independent blocks of 4 MiB, the content size, no checksums, no dictionary. Nothing else is read.

use super::{CodecError, check_raw_len};

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// Version 1, independent blocks, content size; blocks of at most 4 MiB.
const FLAGS: [u8; 2] = [0x68, 0x70];
const HEADER_LEN: usize = 15;
const BLOCK_LEN: usize = 4 * 1024 * 1024;
/// Set in a block's length when its bytes are stored as they are.
const STORED: u32 = 1 << 31;

/// One block of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    bytes: &'a [u8],
    raw_len: usize,
    compressed: bool,
}

/// Checks that `stored` is one frame of the allowed shape, fills it to the last byte and states that it
/// yields `raw_len` bytes, and that its blocks are as many and as long as that needs.
///
/// # Errors
/// [`CodecError::Length`], [`CodecError::Truncated`], [`CodecError::Magic`], [`CodecError::Reserved`] when a
/// flag or the header's checksum differs, [`CodecError::ContentSize`], [`CodecError::Block`],
/// [`CodecError::Trailing`].
pub fn check(stored: &[u8], raw_len: usize) -> Result<(), CodecError> {
    blocks(stored, raw_len).map(drop)
}

fn blocks(stored: &[u8], raw_len: usize) -> Result<Vec<Block<'_>>, CodecError> {
    check_raw_len(raw_len)?;
    let Some((header, _)) = stored.split_first_chunk::<HEADER_LEN>() else {
        return Err(CodecError::Truncated(stored.len() as u64));
    };
    let expected = header_of(raw_len);
    if header[..4] != MAGIC {
        return Err(CodecError::Magic);
    }
    if header[4..6] != FLAGS {
        return Err(CodecError::Reserved(4));
    }
    let size = u64::from_le_bytes(std::array::from_fn(|i| header[6 + i]));
    if size != raw_len as u64 {
        return Err(CodecError::ContentSize { expected: raw_len as u64, got: size });
    }
    if *header != expected {
        return Err(CodecError::Reserved(14));
    }
    let mut found = Vec::with_capacity(raw_len.div_ceil(BLOCK_LEN));
    let (mut at, mut left) = (HEADER_LEN, raw_len);
    loop {
        let word = stored.get(at..).and_then(|rest| rest.first_chunk::<4>());
        let word = u32::from_le_bytes(*word.ok_or(CodecError::Truncated(stored.len() as u64))?);
        if word == 0 || left == 0 {
            break;
        }
        let (raw, compressed) = (left.min(BLOCK_LEN), word & STORED == 0);
        let len = (word & !STORED) as usize;
        // A compressed block that is not shorter than its content would have been stored.
        if len > raw || (!compressed && len != raw) {
            return Err(CodecError::Block { offset: at as u64, got: len as u64, limit: raw as u64 });
        }
        let bytes = stored.get(at + 4..at + 4 + len).ok_or(CodecError::Truncated(stored.len() as u64))?;
        found.push(Block { bytes, raw_len: raw, compressed });
        (at, left) = (at + 4 + len, left - raw);
    }
    if left != 0 {
        return Err(CodecError::Output { expected: raw_len as u64, got: (raw_len - left) as u64 });
    }
    if stored[at..at + 4] != [0; 4] {
        return Err(CodecError::Reserved(at as u64));
    }
    match stored.len() - at - 4 {
        0 => Ok(found),
        extra => Err(CodecError::Trailing(extra as u64)),
    }
}

/// Decodes into `out`, whose length is what the frame must yield. Checks the frame first.
pub(crate) fn decode(stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
    let mut at = 0;
    for block in blocks(stored, out.len())? {
        let target = &mut out[at..at + block.raw_len];
        if block.compressed {
            let got = lz4_flex::block::decompress_into(block.bytes, target)
                .map_err(|error| CodecError::Data(error.to_string()))?;
            if got != block.raw_len {
                return Err(CodecError::Output { expected: block.raw_len as u64, got: got as u64 });
            }
        } else {
            target.copy_from_slice(block.bytes);
        }
        at += block.raw_len;
    }
    Ok(())
}

/// Makes a frame.
pub(crate) fn encode(raw: &[u8]) -> Result<Vec<u8>, CodecError> {
    check_raw_len(raw.len())?;
    let mut out = Vec::with_capacity(HEADER_LEN + raw.len() / 2);
    out.extend_from_slice(&header_of(raw.len()));
    for block in raw.chunks(BLOCK_LEN) {
        let compressed = lz4_flex::block::compress(block);
        let (bytes, flag) =
            if compressed.len() < block.len() { (compressed.as_slice(), 0) } else { (block, STORED) };
        // Below 4 MiB, so the cast keeps the value.
        out.extend_from_slice(&(bytes.len() as u32 | flag).to_le_bytes());
        out.extend_from_slice(bytes);
    }
    out.extend_from_slice(&[0; 4]);
    Ok(out)
}

fn header_of(raw_len: usize) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..4].copy_from_slice(&MAGIC);
    header[4..6].copy_from_slice(&FLAGS);
    header[6..14].copy_from_slice(&(raw_len as u64).to_le_bytes());
    header[14] = header_checksum(&header[4..14]);
    header
}

/// Second byte of the XXH32 of the descriptor: `HC` in the LZ4 frame format.
fn header_checksum(descriptor: &[u8]) -> u8 {
    (xxh32_short(descriptor) >> 8) as u8
}

/// XXH32 with seed 0 of fewer than 16 bytes.
fn xxh32_short(bytes: &[u8]) -> u32 {
    const P: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];
    debug_assert!(bytes.len() < 16);
    let mut h = P[4].wrapping_add(bytes.len() as u32);
    let words = bytes.chunks_exact(4);
    for word in words.clone() {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        h = h.wrapping_add(word.wrapping_mul(P[2])).rotate_left(17).wrapping_mul(P[3]);
    }
    for &byte in words.remainder() {
        h = h.wrapping_add(u32::from(byte).wrapping_mul(P[4])).rotate_left(11).wrapping_mul(P[0]);
    }
    h = (h ^ h >> 15).wrapping_mul(P[1]);
    h = (h ^ h >> 13).wrapping_mul(P[2]);
    h ^ h >> 16
}
