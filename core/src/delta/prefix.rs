//! Frames that may refer to bytes in prelude of them.

use crate::codec::{Codec, CodecError, FrameDecoder, PureDecoder, zstd};
use crate::limits;
use zrip_core::dict::Dictionary;
use zrip_decode::context::DecompressContext;

/// A decoder that can also read a frame which refers to given bytes as if they came right before it (RFC 8878, section 5:
/// a raw-content dictionary).
pub trait PrefixDecoder: FrameDecoder {
    /// Decodes one frame of method 1. On success `out` holds exactly `raw_len` bytes; on error it is empty.
    ///
    /// Implementors check the frame by [`check_prefix_frame`] first.
    ///
    /// # Errors
    /// [`CodecError`] when the frame is malformed or does not yield exactly `raw_len` bytes.
    fn decode_with_prefix(
        &mut self,
        stored: &[u8],
        raw_len: usize,
        prefix: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError>;
}

/// Checks all that can be known of a frame of method 1 without decoding it: it is one frame of `raw_len` bytes, states
/// that, and asks for at most 128 MiB of history.
///
/// # Errors
/// As [`zstd::check`], and [`CodecError::Length`] above [`limits::DELTA_PATCH_LEN`].
pub fn check_prefix_frame(stored: &[u8], raw_len: usize) -> Result<(), CodecError> {
    let (got, limit) = (raw_len as u64, limits::DELTA_PATCH_LEN);
    if got > limit {
        return Err(CodecError::Length { got, limit });
    }
    zstd::check_within(stored, raw_len, 1 << limits::DELTA_WINDOW_LOG).map(drop)
}

/// Core's decoder, which needs no line of C.
#[derive(Debug)]
pub struct PurePrefixDecoder(PureDecoder);

impl PurePrefixDecoder {
    /// A decoder. It keeps nothing from patch to patch.
    pub fn new() -> Self {
        Self(PureDecoder::new(Codec::Zstd))
    }
}

impl Default for PurePrefixDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameDecoder for PurePrefixDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.0.decode(stored, raw_len, out)
    }
}

/// What the decoder knows of dictionaries has tables in prelude of the content (RFC 8878, section 5): the smallest that are
/// valid, and the three offsets that a frame begins with. A frame that was made with raw content never refers to
/// the tables; of one that does, only garbage comes, which no digest fits.
const TABLES: [u8; 28] = [
    0x37, 0xa4, 0x30, 0xec, 1, 0, 0, 0, // magic number, an id that is not 0
    0x80, 0x10, // two symbols of one bit
    0x10, 0x3f, 0x10, 0x3f, 0x10, 0x3f, // three times two symbols of the same probability
    1, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, // offsets
];
/// The offsets above must lie in the content, so a shorter one is filled up in prelude, where nothing refers to.
const SHORTEST: usize = 8;

impl PrefixDecoder for PurePrefixDecoder {
    fn decode_with_prefix(
        &mut self,
        stored: &[u8],
        raw_len: usize,
        prefix: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        out.clear();
        check_prefix_frame(stored, raw_len)?;
        let mut bytes = Vec::with_capacity(TABLES.len() + prefix.len().max(SHORTEST));
        bytes.extend_from_slice(&TABLES);
        bytes.resize(TABLES.len() + SHORTEST.saturating_sub(prefix.len()), 0);
        bytes.extend_from_slice(prefix);
        let broken = |error: &dyn std::fmt::Display| CodecError::Data(error.to_string());
        let dictionary = Dictionary::from_bytes(&bytes).map_err(|error| broken(&error))?;
        drop(bytes);
        let result =
            DecompressContext::with_dict(dictionary).decompress_into_with_limit(stored, out, raw_len);
        let result = match result {
            Ok(got) if got == raw_len => return Ok(()),
            Ok(got) => CodecError::Output { expected: raw_len as u64, got: got as u64 },
            Err(error) => broken(&error),
        };
        out.clear();
        Err(result)
    }
}
