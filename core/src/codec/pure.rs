//! Encoder and decoder without a line of C: what the browser runs, and a second opinion elsewhere.

use super::{Codec, CodecError, FrameDecoder, FrameEncoder, Level, check_raw_len, lz4, zstd};
use ruzstd::encoding::CompressionLevel;
use zrip_core::error::DecompressError;
use zrip_decode::context::DecompressContext;

/// Decodes frames of either codec.
pub struct PureDecoder {
    codec: Codec,
    zstd: DecompressContext,
}

impl PureDecoder {
    /// A decoder for frames of `codec`. Its memory is reused from frame to frame.
    pub fn new(codec: Codec) -> Self {
        Self { codec, zstd: DecompressContext::new() }
    }

    /// Decodes a frame that was checked: it states `raw_len` bytes, and the decoder gives no more.
    fn decode_zstd(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        out.clear();
        match self.zstd.decompress_into_with_limit(stored, out, raw_len) {
            Ok(got) if got == raw_len => Ok(()),
            Ok(got) => Err(CodecError::Output { expected: raw_len as u64, got: got as u64 }),
            Err(error) => Err(reason(&error, raw_len, out.len())),
        }
    }
}

/// Why a frame that states `expected` bytes could not be decoded, after `got` bytes.
fn reason(error: &DecompressError, expected: usize, got: usize) -> CodecError {
    match error {
        DecompressError::ChecksumMismatch { .. } => CodecError::Checksum,
        DecompressError::FrameSizeMismatch => {
            CodecError::Output { expected: expected as u64, got: got as u64 }
        }
        error => CodecError::Data(error.to_string()),
    }
}

impl FrameDecoder for PureDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        // Before the memory is asked for.
        if let Err(error) = self.codec.check(stored, raw_len) {
            out.clear();
            return Err(error);
        }
        let result = match self.codec {
            Codec::Zstd => self.decode_zstd(stored, raw_len, out),
            Codec::Lz4 => {
                // What is there of the frame before is written over, every byte of it or it is an error: clearing it
                // first would cost as much as a twelfth of a check in the browser.
                if out.len() < raw_len {
                    *out = Vec::new();
                    *out = vec![0; raw_len];
                }
                out.truncate(raw_len);
                lz4::decode(stored, out)
            }
        };
        if result.is_err() {
            out.clear();
        }
        result
    }
}

impl std::fmt::Debug for PureDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PureDecoder({})", self.codec.name())
    }
}

/// Encodes frames of either codec. It has one strength only, about that of zstd level 1.
#[derive(Clone, Copy, Debug)]
pub struct PureEncoder(Codec);

impl PureEncoder {
    /// An encoder of frames of `codec`.
    pub const fn new(codec: Codec) -> Self {
        Self(codec)
    }
}

impl FrameEncoder for PureEncoder {
    fn encode(&mut self, raw: &[u8], _: Level) -> Result<Vec<u8>, CodecError> {
        check_raw_len(raw.len())?;
        match self.0 {
            Codec::Zstd => {
                let frame = ruzstd::encoding::compress_to_vec(raw, CompressionLevel::Fastest);
                rewrite_header(&frame, raw.len())
            }
            Codec::Lz4 => lz4::encode(raw),
        }
    }
}

/// Decodes all frames of a foreign `.zst` file, at most `limit` bytes in all. Skippable frames are skipped.
///
/// # Errors
/// [`CodecError::Data`], [`CodecError::Truncated`], [`CodecError::Checksum`], [`CodecError::Length`] above
/// `limit`, [`CodecError::Window`] for more than 128 MiB of history.
pub fn unzstd(input: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    let mut decoder = DecompressContext::new();
    let mut out = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        if let Some(frame) = rest.split_first_chunk::<8>().filter(|(head, _)| is_skippable(head)) {
            let (head, tail) = frame;
            let len = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            rest = tail.get(len..).ok_or(CodecError::Truncated(input.len() as u64))?;
            continue;
        }
        let header = zstd::FrameHeader::parse(rest)?;
        if header.window > FOREIGN_WINDOW {
            return Err(CodecError::Window(header.window));
        }
        let (frame, tail) = rest
            .split_at_checked(zstd::frame_len(rest, &header)?)
            .ok_or(CodecError::Truncated(rest.len() as u64))?;
        unzstd_frame(&mut decoder, frame, &header, &mut out, limit)?;
        rest = tail;
    }
    Ok(out)
}

/// Greatest window of a foreign frame: what `zstd -d` takes unasked.
const FOREIGN_WINDOW: u64 = 128 << 20;

fn is_skippable(head: &[u8; 8]) -> bool {
    head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18]
}

fn unzstd_frame(
    decoder: &mut DecompressContext,
    frame: &[u8],
    header: &zstd::FrameHeader,
    out: &mut Vec<u8>,
    limit: u64,
) -> Result<(), CodecError> {
    let before = out.len();
    let room = limit.saturating_sub(before as u64);
    let too_long = |got: u64| CodecError::Length { got: before as u64 + got, limit };
    if let Some(stated) = header.content_size.filter(|stated| *stated > room) {
        return Err(too_long(stated));
    }
    // The decoder does not tell a block that is cut by its limit from one that is malformed: a block that begins within
    // the limit gets room to its end, and what is above the limit then is seen here.
    let most = usize::try_from(room).unwrap_or(usize::MAX).saturating_add(zstd::BLOCK_LEN);
    let result = decoder.decompress_into_with_limit(frame, out, most);
    match result {
        _ if (out.len() - before) as u64 > room => Err(too_long((out.len() - before) as u64)),
        Err(DecompressError::OutputTooSmall) => Err(too_long(most as u64)),
        Ok(_) => Ok(()),
        Err(error) => {
            let stated = header.content_size.unwrap_or_default();
            Err(reason(&error, usize::try_from(stated).unwrap_or(usize::MAX), out.len() - before))
        }
    }
}

/// The compressor states no content size and adds a checksum; archives want the opposite.
fn rewrite_header(frame: &[u8], raw_len: usize) -> Result<Vec<u8>, CodecError> {
    let header = zstd::FrameHeader::parse(frame)?;
    let end = frame.len().checked_sub(if header.checksum { 4 } else { 0 });
    let blocks = end.and_then(|end| frame.get(header.len..end));
    let blocks = blocks.ok_or(CodecError::Truncated(frame.len() as u64))?;
    let mut out = Vec::with_capacity(blocks.len() + 9);
    zstd::put_header(&mut out, raw_len);
    out.extend_from_slice(blocks);
    Ok(out)
}
