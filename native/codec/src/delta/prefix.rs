//! C zstd with bytes in prelude of the frame.

use crate::NativeDecoder;
use vitte_package_core::codec::{Codec, CodecError, FrameDecoder, Level};
use vitte_package_core::delta::{PrefixDecoder, check_prefix_frame};
use vitte_package_core::limits;
use zstd::zstd_safe::{CCtx, CParameter, DCtx, DParameter, compress_bound, get_error_name};

/// Decodes the patches of a delta.
#[derive(Debug)]
pub struct NativePrefixDecoder(NativeDecoder);

impl NativePrefixDecoder {
    /// A decoder, for one thread.
    pub fn new() -> Self {
        Self(NativeDecoder::new(Codec::Zstd))
    }
}

impl Default for NativePrefixDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameDecoder for NativePrefixDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        self.0.decode(stored, raw_len, out)
    }
}

impl PrefixDecoder for NativePrefixDecoder {
    fn decode_with_prefix(
        &mut self,
        stored: &[u8],
        raw_len: usize,
        prefix: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CodecError> {
        out.clear();
        check_prefix_frame(stored, raw_len)?;
        let failed = |code| CodecError::Data(get_error_name(code).to_owned());
        let mut decode = || -> Result<(), CodecError> {
            let mut context = DCtx::create();
            context.set_parameter(DParameter::WindowLogMax(limits::DELTA_WINDOW_LOG)).map_err(failed)?;
            context.ref_prefix(prefix).map_err(failed)?;
            out.reserve_exact(raw_len);
            match context.decompress(out, stored).map_err(failed)? {
                got if got == raw_len => Ok(()),
                got => Err(CodecError::Output { expected: raw_len as u64, got: got as u64 }),
            }
        };
        let result = decode();
        if result.is_err() {
            out.clear();
        }
        result
    }
}

/// Makes one frame of `raw` that may refer to `prefix`. Both have at most [`limits::DELTA_PATCH_LEN`] bytes.
pub(super) fn encode_with_prefix(raw: &[u8], prefix: &[u8], level: Level) -> Result<Vec<u8>, CodecError> {
    let failed = |code| CodecError::Encoder(get_error_name(code).to_owned());
    let window = (raw.len() + prefix.len()).max(1 << 10).next_power_of_two().ilog2();
    let mut context = CCtx::create();
    for parameter in [
        CParameter::CompressionLevel(i32::from(level.get())),
        CParameter::EnableLongDistanceMatching(true),
        CParameter::WindowLog(window.min(limits::DELTA_WINDOW_LOG)),
        CParameter::ContentSizeFlag(true),
        CParameter::ChecksumFlag(false),
        CParameter::DictIdFlag(false),
    ] {
        context.set_parameter(parameter).map_err(failed)?;
    }
    context.ref_prefix(prefix).map_err(failed)?;
    let mut out = Vec::with_capacity(compress_bound(raw.len()));
    context.compress2(&mut out, raw).map_err(failed)?;
    Ok(out)
}
