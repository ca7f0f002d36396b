//! Frames of compressed bytes: zstd, its store form, and lz4; gzip for foreign archives.
//!
//! Source: archive format document, section 6; RFC 8878 (zstd); the LZ4 frame format, version 1.6.4.
//!
//! A frame's structure is judged by core's own parser before any decoder runs: [`zstd`] and [`lz4`]. So a
//! decoder is only ever given one complete frame that fills its place exactly and states its size, and every
//! decoder, pure or not, refuses the same frames.

mod choose;
mod gzip;
pub mod lz4;
mod pure;
#[cfg(any(test, feature = "second-decoder"))]
mod second;
pub mod zstd;

pub use choose::{Profile, encode_adaptive, level_for};
#[cfg(test)]
pub(crate) use gzip::crc32;
pub use gzip::gunzip;
pub(crate) use gzip::is_gzip;
pub use pure::{PureDecoder, PureEncoder, unzstd};
#[cfg(any(test, feature = "second-decoder"))]
pub use second::SecondDecoder;
pub use zstd::store_frame;

use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::limits;
use crate::message::archive as text;

/// How the content frames of an archive are compressed. The TOC is zstd in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Number 1 in HEAD. What is published.
    Zstd,
    /// Number 2 in HEAD. Quick and large: for a local cache or network, refused by `publish`.
    Lz4,
}

impl Codec {
    /// The number in HEAD.
    pub const fn number(self) -> u8 {
        match self {
            Self::Zstd => 1,
            Self::Lz4 => 2,
        }
    }

    /// Reads the number of HEAD.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Zstd),
            2 => Some(Self::Lz4),
            _ => None,
        }
    }

    /// The word users write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }

    /// Checks everything that can be known of a frame without decoding it.
    ///
    /// # Errors
    /// [`CodecError`] as [`zstd::check`] and [`lz4::check`] say.
    pub fn check(self, stored: &[u8], raw_len: usize) -> Result<(), CodecError> {
        match self {
            Self::Zstd => zstd::check(stored, raw_len).map(drop),
            Self::Lz4 => lz4::check(stored, raw_len).map(drop),
        }
    }
}

/// How hard a compressor tries: 1 to 19. Higher zstd levels need windows the format does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// The quickest.
    pub const MIN: Self = Self(1);
    /// The smallest result.
    pub const MAX: Self = Self(19);

    /// A level, if it lies in 1 to 19.
    pub const fn new(level: u8) -> Option<Self> {
        match level {
            1..=19 => Some(Self(level)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Turns a stored frame back into its bytes.
///
/// Implementors check the frame by [`Codec::check`] first, then decode into exactly `raw_len` bytes.
pub trait FrameDecoder {
    /// Decodes one frame. On success `out` holds exactly `raw_len` bytes, what it held before is gone; on
    /// error it is empty. Its memory is reused.
    ///
    /// # Errors
    /// [`CodecError`] when the frame is malformed or does not yield exactly `raw_len` bytes.
    fn decode(&mut self, stored: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<(), CodecError>;
}

/// Makes a frame of bytes.
pub trait FrameEncoder {
    /// Encodes at most [`limits::TOC_RAW_LEN`] bytes as one frame that [`Codec::check`] accepts.
    ///
    /// # Errors
    /// [`CodecError::Length`] for more bytes, [`CodecError::Encoder`] when the compressor fails.
    fn encode(&mut self, raw: &[u8], level: Level) -> Result<Vec<u8>, CodecError>;
}

/// Compares a raw length with the greatest there is: that of a TOC.
pub(crate) fn check_raw_len(raw_len: usize) -> Result<(), CodecError> {
    match raw_len > limits::TOC_RAW_LEN {
        true => Err(CodecError::Length { got: raw_len as u64, limit: limits::TOC_RAW_LEN as u64 }),
        false => Ok(()),
    }
}

/// A frame cannot be read or made. Offsets count from the first byte of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// Ends before its own structure says; the offset of what is missing.
    Truncated(u64),
    /// Does not begin with the magic number of its kind.
    Magic,
    /// A reserved bit, byte or block type is used, at this offset.
    Reserved(u64),
    /// Needs a dictionary.
    Dictionary,
    /// Does not state how many bytes it yields.
    NoContentSize,
    /// States another number of bytes than expected.
    ContentSize {
        /// What the frame table says.
        expected: u64,
        /// What the frame says.
        got: u64,
    },
    /// Wants a window of so many bytes, above [`limits::FRAME_RAW_LEN`] (128 MiB in a foreign file).
    Window(u64),
    /// A block is longer than its kind allows.
    Block {
        /// Where it begins.
        offset: u64,
        /// Its length in bytes.
        got: u64,
        /// The greatest allowed.
        limit: u64,
    },
    /// Bytes follow the end of the frame; how many.
    Trailing(u64),
    /// More bytes than the limit.
    Length {
        /// Bytes there are, or more than that.
        got: u64,
        /// The limit.
        limit: u64,
    },
    /// Yields another number of bytes than it states.
    Output {
        /// What was stated.
        expected: u64,
        /// What came, or at least as much.
        got: u64,
    },
    /// The frame's own checksum does not fit its bytes.
    Checksum,
    /// The compressed data is malformed; the decoder's reason.
    Data(String),
    /// The compressor failed; its reason.
    Encoder(String),
}

impl Diagnose for CodecError {
    fn diagnostic(&self) -> Diagnostic {
        let at = |offset: &u64| Place::Offset { offset: *offset };
        let syntax = |message| Diagnostic::new(Code::FrameSyntax, message);
        match self {
            Self::Truncated(offset) => syntax(text::frame_truncated(*offset)).at(at(offset)),
            Self::Magic => syntax(text::frame_magic()).at(Place::Offset { offset: 0 }),
            Self::Reserved(offset) => syntax(text::frame_reserved(*offset)).at(at(offset)),
            Self::Dictionary => syntax(text::frame_dictionary()),
            Self::NoContentSize => syntax(text::frame_no_content_size()),
            Self::ContentSize { expected, got } => syntax(text::frame_content_size(*expected, *got))
                .with("expected", *expected)
                .with("got", *got),
            Self::Window(got) => Diagnostic::new(Code::Limit, text::frame_window(*got)).with("got", *got),
            Self::Block { offset, got, limit } => {
                syntax(text::frame_block(*offset, *got, *limit)).at(at(offset)).with("got", *got)
            }
            Self::Trailing(extra) => syntax(text::frame_trailing(*extra)),
            Self::Length { got, limit } => Diagnostic::new(Code::Limit, text::frame_length(*limit))
                .with("got", *got)
                .with("limit", *limit),
            Self::Output { expected, got } => {
                syntax(text::frame_output(*expected)).with("expected", *expected).with("got", *got)
            }
            Self::Checksum => syntax(text::frame_checksum()),
            Self::Data(reason) => syntax(text::frame_data(reason)),
            Self::Encoder(reason) => Diagnostic::new(Code::Io, text::frame_encoder(reason)),
        }
    }
}
display_as_message!(CodecError);

#[cfg(test)]
mod tests;
