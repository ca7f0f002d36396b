//! Deltas: what turns the files of one release into those of the next (archive format document, section 10).
//!
//! A delta begins from the contents of the files that changed, all of them joined, and gives the new contents; files
//! that did not change are reused. It leads to the new release's tree and nothing else: its first patch gives the new
//! list of files, whose digest is known from index and signature, and each file is compared with that list. So it has
//! no trust of its own, and whatever is wrong with one, the whole package is downloaded instead.
//!
//! Making one needs a suffix array and strong compression, and is done natively; reading and applying one is pure.

mod apply;
mod difference;
mod error;
mod pool;
mod prefix;
mod prelude;
#[cfg(test)]
mod tests;
mod text;
mod varint;
mod write;

/// Whether a registry offers a delta of `len` bytes to an archive of `whole`: less than 60 % of it, and 4 KiB saved.
pub const fn is_worth_offering(len: u64, whole: u64) -> bool {
    len as u128 * 100 < whole as u128 * 60 && whole - len >= 4_096
}

pub use apply::DeltaPlan;
pub use difference::{DeltaStep, apply_difference, write_difference};
pub use error::{DeltaError, DeltaRule, PatchFault};
pub use pool::{Base, Piece, Pool};
pub use prefix::{PrefixDecoder, PurePrefixDecoder, check_prefix_frame};
pub use prelude::{DeltaPrelude, PreludeReading};
pub use text::{DeltaText, Method, PatchInfo};
pub use write::DeltaWriter;
