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
        out.clear();
        // Before the memory is asked for.
        self.codec.check(stored, raw_len)?;
        out.resize(raw_len, 0);
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
