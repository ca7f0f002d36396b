//! Encoder and decoder without a line of C: what the browser runs, and a second opinion elsewhere.

use super::{Codec, CodecError, FrameDecoder, FrameEncoder, Level, check_raw_len, lz4, zstd};
use crate::limits;
use ruzstd::decoding::BlockDecodingStrategy;
use ruzstd::encoding::CompressionLevel;
use std::io::Read as _;

/// Bytes decoded between two looks at how much has come out.
const STEP: usize = 1 << 20;

/// Decodes frames of either codec.
pub struct PureDecoder {
    codec: Codec,
    zstd: ruzstd::decoding::FrameDecoder,
}

impl PureDecoder {
    /// A decoder for frames of `codec`. Its memory is reused from frame to frame.
    pub fn new(codec: Codec) -> Self {
        let mut zstd = ruzstd::decoding::FrameDecoder::new();
        // The frame was checked already; a single segment, such as a TOC, may be longer than a window.
        zstd.set_max_window_size(limits::TOC_RAW_LEN as u64);
        Self { codec, zstd }
    }

    fn decode_zstd(&mut self, mut stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        let data = |error: &dyn std::fmt::Display| CodecError::Data(error.to_string());
        let header = zstd::check(stored, out.len())?;
        self.zstd.reset(&mut stored).map_err(|error| data(&error))?;
        let mut filled = 0;
        loop {
            let finished = self
                .zstd
                .decode_blocks(&mut stored, BlockDecodingStrategy::UptoBytes(STEP))
                .map_err(|error| data(&error))?;
            filled += self.zstd.read(&mut out[filled..]).map_err(|error| data(&error))?;
            if self.zstd.can_collect() > 0 {
                let got = filled as u64 + self.zstd.can_collect() as u64;
                return Err(CodecError::Output { expected: out.len() as u64, got });
            }
            if finished {
                break;
            }
        }
        if filled != out.len() {
            return Err(CodecError::Output { expected: out.len() as u64, got: filled as u64 });
        }
        match header.checksum && self.zstd.get_checksum_from_data() != self.zstd.get_calculated_checksum() {
            true => Err(CodecError::Checksum),
            false => Ok(()),
        }
    }
}

impl FrameDecoder for PureDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        // Before the memory is asked for.
        if let Err(error) = self.codec.check(stored, raw_len) {
            out.clear();
            return Err(error);
        }
        // What is there of the frame before is written over, every byte of it or it is an error: clearing it first
        // would cost as much as a twelfth of a check in the browser.
        if out.len() < raw_len {
            *out = Vec::new();
            *out = vec![0; raw_len];
        }
        out.truncate(raw_len);
        let result = match self.codec {
            Codec::Zstd => self.decode_zstd(stored, out),
            Codec::Lz4 => lz4::decode(stored, out),
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
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    decoder.set_max_window_size(FOREIGN_WINDOW);
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
        let window = zstd::FrameHeader::parse(rest)?.window;
        if window > FOREIGN_WINDOW {
            return Err(CodecError::Window(window));
        }
        unzstd_frame(&mut decoder, &mut rest, &mut out, limit)?;
    }
    Ok(out)
}

/// Greatest window of a foreign frame: what `zstd -d` takes unasked.
const FOREIGN_WINDOW: u64 = 128 << 20;

fn is_skippable(head: &[u8; 8]) -> bool {
    head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18]
}

fn unzstd_frame(
    decoder: &mut ruzstd::decoding::FrameDecoder,
    rest: &mut &[u8],
    out: &mut Vec<u8>,
    limit: u64,
) -> Result<(), CodecError> {
    let data = |error: &dyn std::fmt::Display| CodecError::Data(error.to_string());
    decoder.reset(&mut *rest).map_err(|error| data(&error))?;
    loop {
        let finished = decoder
            .decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBytes(STEP))
            .map_err(|error| data(&error))?;
        let (filled, ready) = (out.len(), decoder.can_collect());
        if (filled as u64).saturating_add(ready as u64) > limit {
            return Err(CodecError::Length { got: filled as u64 + ready as u64, limit });
        }
        out.resize(filled + ready, 0);
        decoder.read(&mut out[filled..]).map_err(|error| data(&error))?;
        if finished {
            break;
        }
    }
    match decoder.get_checksum_from_data() {
        Some(stated) if Some(stated) != decoder.get_calculated_checksum() => Err(CodecError::Checksum),
        _ => Ok(()),
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
