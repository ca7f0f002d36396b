//! Making a delta of two trees and their files.

use super::differ::difference;
use super::matches::Suffixes;
use super::plan::{PlannedPatch, plan};
use super::prefix::encode_with_prefix;
use crate::NativeEncoder;
use vitte_package_core::codec::{Codec, FrameEncoder as _, Level};
use vitte_package_core::delta::{
    DeltaError, DeltaText, DeltaWriter, Method, PatchFault, PatchInfo, Piece, Pool, write_difference,
};
use vitte_package_core::digest::Digest;
use vitte_package_core::limits;
use vitte_package_core::tree::Tree;

/// Where the contents of files come from. Both give exactly the bytes of a part of a file.
pub trait DeltaSources {
    /// Why a file cannot be read.
    type Error: From<DeltaError>;

    /// Appends a part of a file of the old tree.
    ///
    /// # Errors
    /// When it cannot be read.
    fn old_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Self::Error>;

    /// Appends a part of a file of the new tree.
    ///
    /// # Errors
    /// When it cannot be read.
    fn new_bytes(&mut self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), Self::Error>;
}

/// A delta: its bytes, prelude to end, and what it says of itself.
#[derive(Debug)]
pub struct MadeDelta {
    /// The text.
    pub text: DeltaText,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Of executables two bytes in a hundred are zero, at least; of texts none.
const BINARY: usize = 50;
/// How much longer a match must be to leave the present place: in executables addresses change all the time, in texts
/// short matches are chance.
const BINARY_THRESHOLD: usize = 8;
const TEXT_THRESHOLD: usize = 24;
/// Work for each byte that is too much for a difference: beyond it the files are unlike, and a frame with a prefix does.
const PATIENCE: u64 = 40;
/// A difference of less than a thousandth is not tried to be beaten.
const SMALL: usize = 1_000;

/// Makes the delta from `old` to `new`. `signatures` is the SIGS payload of the new release.
///
/// Holds one patch at a time: its base five times over, its new bytes twice, and the delta so far; at the limits about
/// 520 MiB. One is made at a time where memory is short.
///
/// # Errors
/// Those of the sources; [`DeltaError::Limit`] when more than 256 MiB changed.
pub fn make_delta<S: DeltaSources>(
    old: &Tree,
    new: &Tree,
    signatures: &[u8],
    sources: &mut S,
) -> Result<MadeDelta, S::Error> {
    let pool = Pool::between(old, new)?;
    let planned = plan(old, new, &pool);
    let tree = encode_with_prefix(new.text(), old.text(), Level::MAX).map_err(codec(0))?;
    let mut stored = Vec::from([tree]);
    let mut text = DeltaText {
        from: old.digest(),
        to: new.digest(),
        old_tree_len: old.text().len() as u64,
        tree: info(Method::Prefix, new.text().len() as u64, &stored[0]),
        patches: Vec::new(),
    };
    let mut start = 0;
    for (number, PlannedPatch { len, base }) in planned.into_iter().enumerate() {
        let range = start..start + len;
        start = range.end;
        let (mut old_bytes, mut new_bytes) = (Vec::new(), Vec::new());
        for piece in pool.base(range.clone(), &base)? {
            sources.old_bytes(&piece, &mut old_bytes)?;
        }
        for piece in pool.pieces(range) {
            sources.new_bytes(&piece, &mut new_bytes)?;
        }
        let (method, patch) = smallest(&old_bytes, &new_bytes)
            .map_err(|fault| DeltaError::Patch { patch: number as u64 + 1, fault })?;
        text.patches.push((info(method, len, &patch), base));
        stored.push(patch);
    }
    let writer = DeltaWriter::new(text.clone())?;
    let stored_text = NativeEncoder::new(Codec::Zstd).encode(writer.text(), Level::MAX).map_err(codec(0))?;
    let mut bytes = writer.prelude(&stored_text, signatures)?;
    for patch in stored {
        bytes.extend_from_slice(&patch);
    }
    bytes.extend_from_slice(writer.end());
    Ok(MadeDelta { text, bytes })
}

fn codec(patch: u64) -> impl Fn(vitte_package_core::codec::CodecError) -> DeltaError {
    move |error| DeltaError::Patch { patch, fault: PatchFault::Codec(error) }
}

fn info(method: Method, raw_len: u64, stored: &[u8]) -> PatchInfo {
    PatchInfo { method, raw_len, stored_len: stored.len() as u64, digest: Digest::of(stored) }
}

/// The patch by the method that suits the bytes, or by the one that gives less.
fn smallest(old: &[u8], new: &[u8]) -> Result<(Method, Vec<u8>), PatchFault> {
    let prefix = || {
        let patch = encode_with_prefix(new, old, Level::MAX).map_err(PatchFault::Codec)?;
        Ok((Method::Prefix, patch))
    };
    let is_binary = new.iter().filter(|byte| **byte == 0).count() * BINARY >= new.len();
    let threshold = if is_binary { BINARY_THRESHOLD } else { TEXT_THRESHOLD };
    // A fault of the search costs the better of two methods, and not the program that makes a delta.
    let search = || difference(old, &Suffixes::of(old), new, threshold, PATIENCE);
    let steps = std::panic::catch_unwind(search).unwrap_or_default();
    let Some(steps) = steps else { return prefix() };
    let patch = write_difference(old, new, steps, &mut NativeEncoder::new(Codec::Zstd), Level::MAX)?;
    let fits = patch.len() as u64 <= limits::frame_stored_len(new.len() as u64);
    if fits && (is_binary || patch.len() * SMALL <= new.len()) {
        return Ok((Method::Difference, patch));
    }
    let other = prefix()?;
    Ok(if fits && patch.len() <= other.1.len() { (Method::Difference, patch) } else { other })
}
