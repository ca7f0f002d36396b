//! A second zstd decoder, written by others: what it says of a frame is held against what the first one says.

use super::{CodecError, FrameDecoder, zstd};
use crate::limits;
use ruzstd::decoding::BlockDecodingStrategy;
use std::io::Read as _;

/// Bytes decoded between two looks at how much has come out.
const STEP: usize = 1 << 20;

/// Decodes zstd frames by `ruzstd`. It refuses what the first decoder refuses before decoding, and is slower.
pub struct SecondDecoder(ruzstd::decoding::FrameDecoder);

impl SecondDecoder {
    /// A decoder. Its memory is reused from frame to frame.
    pub fn new() -> Self {
        let mut zstd = ruzstd::decoding::FrameDecoder::new();
        // The frame was checked already; a single segment, such as a TOC, may be longer than a window.
        zstd.set_max_window_size(limits::TOC_RAW_LEN as u64);
        Self(zstd)
    }

    fn decode_zstd(&mut self, mut stored: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        let data = |error: &dyn std::fmt::Display| CodecError::Data(error.to_string());
        let header = zstd::check(stored, out.len())?;
        self.0.reset(&mut stored).map_err(|error| data(&error))?;
        let mut filled = 0;
        loop {
            let finished = self
                .0
                .decode_blocks(&mut stored, BlockDecodingStrategy::UptoBytes(STEP))
                .map_err(|error| data(&error))?;
            filled += self.0.read(&mut out[filled..]).map_err(|error| data(&error))?;
            if self.0.can_collect() > 0 {
                let got = filled as u64 + self.0.can_collect() as u64;
                return Err(CodecError::Output { expected: out.len() as u64, got });
            }
            if finished {
                break;
            }
        }
        if filled != out.len() {
            return Err(CodecError::Output { expected: out.len() as u64, got: filled as u64 });
        }
        match header.checksum && self.0.get_checksum_from_data() != self.0.get_calculated_checksum() {
            true => Err(CodecError::Checksum),
            false => Ok(()),
        }
    }
}

impl Default for SecondDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameDecoder for SecondDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        out.clear();
        // Before the memory is asked for.
        zstd::check(stored, raw_len)?;
        out.resize(raw_len, 0);
        let result = self.decode_zstd(stored, out);
        if result.is_err() {
            out.clear();
        }
        result
    }
}

impl std::fmt::Debug for SecondDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondDecoder")
    }
}

#[cfg(test)]
mod tests;
