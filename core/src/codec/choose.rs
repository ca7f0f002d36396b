//! How each frame is compressed: a pure function of its bytes, the package's length and the profile.

use super::{CodecError, FrameEncoder, Level, store_frame};
use std::borrow::Cow;

/// Bytes of one sample; three make a probe.
const SAMPLE: usize = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// What an archive is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// To be used here, now.
    Dev,
    /// To be kept.
    #[default]
    Build,
    /// To be fetched by many.
    Publish,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dev, Self::Build, Self::Publish];

    /// The word users write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Build => "build",
            Self::Publish => "publish",
        }
    }
}

/// The level for a package of `content_len` raw bytes.
pub const fn level_for(profile: Profile, content_len: u64) -> Level {
    Level(match profile {
        Profile::Dev => 1,
        Profile::Build => 9,
        Profile::Publish if content_len > 512 * MIB => 9,
        Profile::Publish if content_len > 64 * MIB => 12,
        Profile::Publish => 19,
    })
}

/// Encodes a zstd frame at `level`, or stores it if a quick probe saves less than 5 %, or the result less
/// than 2 %.
///
/// # Errors
/// Those of `encoder`.
pub fn encode_adaptive(
    raw: &[u8],
    level: Level,
    encoder: &mut dyn FrameEncoder,
) -> Result<Vec<u8>, CodecError> {
    let probe = probe(raw);
    let probed = encoder.encode(&probe, Level::MIN)?;
    // A frame that was probed whole, at the level wanted, is done.
    let whole = probe.len() == raw.len() && level == Level::MIN;
    if times(probe.len(), 100) < times(probed.len(), 105) {
        return Ok(store_frame(raw));
    }
    let encoded = if whole { probed } else { encoder.encode(raw, level)? };
    match times(encoded.len(), 100) > times(raw.len(), 98) {
        true => Ok(store_frame(raw)),
        false => Ok(encoded),
    }
}

fn times(len: usize, factor: u64) -> u64 {
    (len as u64).saturating_mul(factor)
}

/// Three samples, at start, middle and end; all of it if that is not more.
fn probe(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.len() <= 3 * SAMPLE {
        return Cow::Borrowed(raw);
    }
    let middle = raw.len() / 2 - SAMPLE / 2;
    Cow::Owned([&raw[..SAMPLE], &raw[middle..middle + SAMPLE], &raw[raw.len() - SAMPLE..]].concat())
}
