//! Applying a delta: what is needed of the old files, and what comes of each patch.

use super::error::{DeltaError, DeltaRule};
use super::pool::{Piece, Pool};
use super::prelude::decoded;
use super::{DeltaPrelude, PrefixDecoder};
use crate::tree::Tree;
use std::ops::Range;

/// A delta that fits two trees: for each of its patches, what it begins from and what it gives.
///
/// The shell brings the old bytes of [`base`](Self::base), joined in that order, and the stored patch; what
/// [`apply`](Self::apply) gives are the bytes of [`pieces`](Self::pieces), in that order. Nothing is known of them until
/// each file's digest was compared with the new tree, which the caller does as for a file that came in an archive.
#[derive(Clone, Debug)]
pub struct DeltaPlan {
    pool: Pool,
    steps: Vec<(Range<u64>, Vec<Piece>)>,
}

impl DeltaPlan {
    /// Holds a delta against the two trees it is about.
    ///
    /// # Errors
    /// [`DeltaError::OtherBase`], [`DeltaError::TreeDigest`] when one of the trees is another one; [`DeltaError::Text`]
    /// when the patches do not add up to the files that are not reused, or begin from what is not there;
    /// [`DeltaError::Limit`].
    pub fn new(prelude: &DeltaPrelude, old: &Tree, new: &Tree) -> Result<Self, DeltaError> {
        let text = prelude.text();
        if old.digest() != text.from {
            return Err(DeltaError::OtherBase { expected: text.from, got: old.digest() });
        }
        if new.digest() != text.to {
            return Err(DeltaError::TreeDigest { expected: text.to, got: new.digest() });
        }
        let pool = Pool::between(old, new)?;
        if text.content_len() != pool.len() {
            return Err(DeltaError::Text(0, DeltaRule::Sum));
        }
        let mut start = 0;
        let mut steps = Vec::new();
        for (info, base) in &text.patches {
            let range = start..start + info.raw_len;
            start = range.end;
            let base = pool.base(range.clone(), base)?;
            steps.push((range, base));
        }
        Ok(Self { pool, steps })
    }

    /// What the two trees have in common.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// How many patches of contents there are.
    pub fn patches(&self) -> usize {
        self.steps.len()
    }

    /// The parts of old files that patch `patch` of contents begins from, in order; none if there is no such patch.
    pub fn base(&self, patch: usize) -> &[Piece] {
        self.steps.get(patch).map_or(&[], |(_, base)| base)
    }

    /// The parts of new files that patch `patch` gives, in order.
    pub fn pieces(&self, patch: usize) -> impl Iterator<Item = Piece> {
        let range = self.steps.get(patch).map_or(0..0, |(range, _)| range.clone());
        self.pool.pieces(range)
    }

    /// Applies patch `patch` of contents: `stored` are its bytes in the file, `base` the bytes it begins from.
    ///
    /// # Errors
    /// [`DeltaError::BaseLen`], [`DeltaError::PatchDigest`], [`DeltaError::Patch`].
    pub fn apply(
        &self,
        prelude: &DeltaPrelude,
        patch: usize,
        stored: &[u8],
        base: &[u8],
        decoder: &mut dyn PrefixDecoder,
    ) -> Result<Vec<u8>, DeltaError> {
        let number = patch as u64 + 1;
        let expected = self.base(patch).iter().map(|piece| piece.range.end - piece.range.start).sum::<u64>();
        let got = base.len() as u64;
        if got != expected {
            return Err(DeltaError::BaseLen { patch: number, expected, got });
        }
        let info = prelude.text().patches.get(patch).map(|(info, _)| info);
        let info = info.ok_or(DeltaError::Text(0, DeltaRule::Patch))?;
        decoded(number, info, stored, base, decoder)
    }
}
