//! C zstd behind core's codec traits: several times faster than the pure one, judged by the same checks.
//!
//! Each value is for one thread; its contexts are reused from frame to frame, and decoders also from one value to the
//! next: a small package is unpacked in less time than a decoder is set up.
//!
//! # Example
//! ```
//! use vitte_package_codec::{NativeDecoder, NativeEncoder};
//! use vitte_package_core::codec::{Codec, FrameDecoder as _, FrameEncoder as _, Level};
//!
//! let stored = NativeEncoder::new(Codec::Zstd).encode(b"module app\n", Level::new(9).ok_or("no such level")?)?;
//! let mut raw = Vec::new();
//! NativeDecoder::new(Codec::Zstd).decode(&stored, 11, &mut raw)?;
//! assert_eq!(raw, b"module app\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod delta;

use std::sync::{Mutex, PoisonError};
use vitte_package_core::codec::{
    Codec, CodecError, FrameDecoder, FrameEncoder, Level, PureDecoder, PureEncoder,
};
use vitte_package_core::limits;
use zstd::zstd_safe::CParameter;

/// Decoders nobody uses at present: at most as many as ever worked at once.
static IDLE: Mutex<Vec<zstd::bulk::Decompressor<'static>>> = Mutex::new(Vec::new());

/// Decodes frames of either codec. lz4 goes to core's decoder, which is fast enough there.
pub struct NativeDecoder(Decoder);

enum Decoder {
    /// There until it is dropped.
    Zstd(Option<zstd::bulk::Decompressor<'static>>),
    Pure(Box<PureDecoder>),
}

impl NativeDecoder {
    /// A decoder for frames of `codec`.
    pub fn new(codec: Codec) -> Self {
        match codec {
            Codec::Zstd => {
                let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
                Self(Decoder::Zstd(Some(idle.unwrap_or_default())))
            }
            Codec::Lz4 => Self(Decoder::Pure(Box::new(PureDecoder::new(codec)))),
        }
    }
}

impl Drop for NativeDecoder {
    fn drop(&mut self) {
        // A context begins each frame anew, whatever became of the one before.
        if let Decoder::Zstd(decoder) = &mut self.0 {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).extend(decoder.take());
        }
    }
}

impl FrameDecoder for NativeDecoder {
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError> {
        out.clear();
        let decoder = match &mut self.0 {
            Decoder::Zstd(decoder) => decoder.get_or_insert_default(),
            Decoder::Pure(decoder) => return decoder.decode(stored, raw_len, out),
        };
        Codec::Zstd.check(stored, raw_len)?;
        // The decoder writes into spare capacity, so nothing is zeroed first; it never goes beyond it, nor
        // beyond the content size, which was just compared with `raw_len`.
        out.reserve_exact(raw_len);
        let result = match decoder.decompress_to_buffer(stored, out) {
            Ok(got) if got == raw_len => Ok(()),
            Ok(got) => Err(CodecError::Output { expected: raw_len as u64, got: got as u64 }),
            Err(error) => Err(CodecError::Data(error.to_string())),
        };
        if result.is_err() {
            out.clear();
        }
        result
    }
}

impl std::fmt::Debug for NativeDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Decoder::Zstd(_) => "NativeDecoder(zstd)",
            Decoder::Pure(_) => "NativeDecoder(pure)",
        })
    }
}

/// From this level on a frame may be referred to as a whole; below, speed is what is asked for.
const MIDDLE: u8 = 9;
/// The largest window a frame may ask for, 8 MiB, as a power of two.
const WINDOW_LOG: u32 = limits::FRAME_RAW_LEN.ilog2();

/// Encodes frames of either codec.
pub struct NativeEncoder(Encoder);

enum Encoder {
    /// With the level its context is set to.
    Zstd(zstd::bulk::Compressor<'static>, Option<Level>),
    Pure(PureEncoder),
}

impl NativeEncoder {
    /// An encoder of frames of `codec`.
    pub fn new(codec: Codec) -> Self {
        match codec {
            Codec::Zstd => Self(Encoder::Zstd(zstd::bulk::Compressor::default(), None)),
            Codec::Lz4 => Self(Encoder::Pure(PureEncoder::new(codec))),
        }
    }
}

impl FrameEncoder for NativeEncoder {
    fn encode(&mut self, raw: &[u8], level: Level) -> Result<Vec<u8>, CodecError> {
        let (encoder, set) = match &mut self.0 {
            Encoder::Zstd(encoder, set) => (encoder, set),
            Encoder::Pure(encoder) => return encoder.encode(raw, level),
        };
        if raw.len() > limits::TOC_RAW_LEN {
            return Err(CodecError::Length { got: raw.len() as u64, limit: limits::TOC_RAW_LEN as u64 });
        }
        let failed = |error: std::io::Error| CodecError::Encoder(error.to_string());
        if *set != Some(level) {
            // Up to level 19 zstd chooses windows of at most 8 MiB by itself. At the middle levels it chooses less, which
            // is the wrong saving where a frame begins anew after 8 MiB: what it could refer to is all inside.
            let window = if level.get() >= MIDDLE { WINDOW_LOG } else { 0 };
            encoder.set_compression_level(i32::from(level.get())).map_err(failed)?;
            encoder.set_parameter(CParameter::WindowLog(window)).map_err(failed)?;
            encoder.set_parameter(CParameter::ContentSizeFlag(true)).map_err(failed)?;
            encoder.set_parameter(CParameter::ChecksumFlag(false)).map_err(failed)?;
            encoder.set_parameter(CParameter::DictIdFlag(false)).map_err(failed)?;
            *set = Some(level);
        }
        encoder.compress(raw).map_err(failed)
    }
}

impl std::fmt::Debug for NativeEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Encoder::Zstd(..) => "NativeEncoder(zstd)",
            Encoder::Pure(_) => "NativeEncoder(pure)",
        })
    }
}

/// The version of the C library, as a signed statement records it: stored bytes depend on it, trees do not.
pub fn zstd_version() -> &'static str {
    zstd::zstd_safe::version_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vitte_package_core::codec::{store_frame, zstd::FrameHeader};

    fn content() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            (any::<u8>(), 0..5000usize).prop_map(|(byte, len)| vec![byte; len]),
            proptest::collection::vec(any::<u8>(), 0..3000),
            ("[a-z ]{1,40}", 1..200usize).prop_map(|(word, times)| word.repeat(times).into_bytes()),
        ];
        (proptest::collection::vec(piece, 0..6), 1..9usize)
            .prop_map(|(pieces, times)| pieces.concat().repeat(times))
    }

    fn decode(decoder: &mut dyn FrameDecoder, stored: &[u8], raw_len: usize) -> Result<Vec<u8>, CodecError> {
        let mut out = vec![0; 7];
        decoder.decode(stored, raw_len, &mut out).map(|()| out)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn both_codecs_read_what_either_wrote(raw in content(), level in 1..=19u8) {
            let level = Level::new(level).unwrap();
            for codec in [Codec::Zstd, Codec::Lz4] {
                let frames = [
                    NativeEncoder::new(codec).encode(&raw, level).unwrap(),
                    PureEncoder::new(codec).encode(&raw, level).unwrap(),
                ];
                for stored in frames {
                    prop_assert_eq!(codec.check(&stored, raw.len()), Ok(()));
                    prop_assert!(stored.len() as u64 <= limits::frame_stored_len(raw.len() as u64));
                    prop_assert_eq!(decode(&mut NativeDecoder::new(codec), &stored, raw.len()), Ok(raw.clone()));
                    prop_assert_eq!(decode(&mut PureDecoder::new(codec), &stored, raw.len()), Ok(raw.clone()));
                }
            }
            prop_assert_eq!(decode(&mut NativeDecoder::new(Codec::Zstd), &store_frame(&raw), raw.len()), Ok(raw));
        }

        #[test]
        fn both_decoders_agree_about_a_changed_frame(raw in content(), at in any::<prop::sample::Index>(), xor in 1..=255u8) {
            let mut stored = NativeEncoder::new(Codec::Zstd).encode(&raw, Level::MIN).unwrap();
            let i = at.index(stored.len());
            stored[i] ^= xor;
            let native = decode(&mut NativeDecoder::new(Codec::Zstd), &stored, raw.len());
            let pure = decode(&mut PureDecoder::new(Codec::Zstd), &stored, raw.len());
            // The C library does not notice when the last symbol of a Huffman stream is cut short, and gives what was
            // meant; the pure decoder refuses. What comes out is compared with its digest either way.
            match (native, pure) {
                (Ok(_), Err(CodecError::Data(reason))) => prop_assert_eq!(reason, "corrupt Huffman stream"),
                (native, pure) => prop_assert_eq!(native.ok(), pure.ok()),
            }
        }
    }

    #[test]
    fn contexts_are_reused_across_levels_and_faults() {
        let raw = b"to be or not to be ".repeat(1000);
        let mut encoder = NativeEncoder::new(Codec::Zstd);
        let mut decoder = NativeDecoder::new(Codec::Zstd);
        for level in [1, 19, 1, 9] {
            let stored = encoder.encode(&raw, Level::new(level).unwrap()).unwrap();
            let fresh = NativeEncoder::new(Codec::Zstd).encode(&raw, Level::new(level).unwrap()).unwrap();
            assert_eq!(stored, fresh, "level {level}");
            assert!(decode(&mut decoder, &stored[..stored.len() - 1], raw.len()).is_err());
            assert_eq!(decode(&mut decoder, &stored, raw.len()).unwrap(), raw);
        }
    }

    #[test]
    fn windows_stay_within_the_format_at_every_level() {
        let raw: Vec<u8> =
            (0..9_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x3f).collect();
        for level in [1, 9, 19] {
            let stored = NativeEncoder::new(Codec::Zstd).encode(&raw, Level::new(level).unwrap()).unwrap();
            let header = FrameHeader::parse(&stored).unwrap();
            assert!(header.window <= limits::FRAME_RAW_LEN, "level {level}: {}", header.window);
            assert!(!header.checksum && header.content_size == Some(raw.len() as u64));
        }
    }
}
