//! A delta as a file: EMPTY, HEAD, TOC and SIGS as an archive has them, patches in place of frames, and END.

use super::PrefixDecoder;
use super::error::limit;
use super::error::{DeltaError, DeltaRule, PatchFault};
use super::text::{DeltaText, PatchInfo};
use crate::archive::{
    ArchiveError, ArchiveKind, FrontParts, Head, check_end, end_frame, front_len, front_parts,
};
use crate::codec::{Codec, FrameDecoder as _, PureDecoder};
use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::tree::Tree;
use std::ops::Range;

/// All of a delta but its patches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeltaPrelude {
    head: Head,
    text: DeltaText,
    signatures: Vec<u8>,
    start: u64,
}

/// What came of reading the first bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PreludeReading {
    /// So many bytes of the file are needed, from its start; at most 17 MiB.
    Needs(usize),
    /// They suffice.
    Read(Box<DeltaPrelude>),
}

impl DeltaPrelude {
    /// Reads the prelude of a delta of `total` bytes. `bytes` are its first ones, however many.
    ///
    /// # Errors
    /// [`DeltaError::NotADelta`], [`DeltaError::Archive`], [`DeltaError::Text`], [`DeltaError::Limit`].
    pub fn read(bytes: &[u8], total: u64) -> Result<PreludeReading, DeltaError> {
        let needed = front_len(bytes)?;
        if needed > bytes.len() {
            return Self::needs(needed, bytes.len(), total);
        }
        let FrontParts { head, toc, signatures, .. } = front_parts(bytes)?;
        if head.kind() != ArchiveKind::Delta {
            return Err(DeltaError::NotADelta);
        }
        if head.codec() != Codec::Zstd {
            return Err(ArchiveError::HeadField { field: "codec", got: head.codec().number().into() }.into());
        }
        if head.frames_len() != 0 {
            return Err(ArchiveError::HeadField { field: "frames_len", got: head.frames_len().into() }.into());
        }
        let got = Digest::of(toc);
        if got != *head.toc_digest() {
            return Err(ArchiveError::TocDigest { expected: *head.toc_digest(), got }.into());
        }
        let mut text = Vec::new();
        PureDecoder::new(Codec::Zstd)
            .decode(toc, head.tree_len() as usize, &mut text)
            .map_err(ArchiveError::TocFrame)?;
        let text = DeltaText::parse(&text)?;
        if text.to != head.tree() {
            return Err(DeltaError::Text(3, DeltaRule::To));
        }
        let prelude = Self { text, signatures: signatures.to_vec(), start: needed as u64, head };
        let expected = prelude.end_range().end;
        match total {
            got if got < expected => Err(ArchiveError::TotalLen { expected, got }.into()),
            got if got > expected => Err(ArchiveError::TrailingData { expected, got }.into()),
            _ => Ok(PreludeReading::Read(Box::new(prelude))),
        }
    }

    fn needs(needed: usize, got: usize, total: u64) -> Result<PreludeReading, DeltaError> {
        match got as u64 >= total {
            true if needed <= Head::MAX_LEN => Err(ArchiveError::HeadTooShort { got: total }.into()),
            true => Err(ArchiveError::TotalLen { expected: needed as u64, got: total }.into()),
            false => Ok(PreludeReading::Needs(needed.min(usize::try_from(total).unwrap_or(usize::MAX)))),
        }
    }

    /// EMPTY and HEAD. The tree it names is the new one.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What the delta says of itself.
    pub fn text(&self) -> &DeltaText {
        &self.text
    }

    /// The SIGS payload of the new release, not looked into; empty if there are no signatures.
    pub fn signatures(&self) -> &[u8] {
        &self.signatures
    }

    /// Where the patch that gives the new list of files lies in the file.
    pub fn tree_range(&self) -> Range<u64> {
        self.start..self.start + self.text.tree.stored_len
    }

    /// Where each patch of contents lies in the file.
    pub fn patch_ranges(&self) -> impl Iterator<Item = Range<u64>> {
        self.text.patches.iter().scan(self.tree_range().end, |start, (info, _)| {
            let range = *start..*start + info.stored_len;
            *start = range.end;
            Some(range)
        })
    }

    /// Where the constant end lies in the file.
    pub fn end_range(&self) -> Range<u64> {
        let start = self.start + self.text.stored_len();
        start..start + end_frame(Codec::Zstd).len() as u64
    }

    /// Compares the bytes at [`end_range`](Self::end_range) with the constant end.
    ///
    /// # Errors
    /// [`DeltaError::Archive`] when they are others.
    pub fn check_end(&self, bytes: &[u8]) -> Result<(), DeltaError> {
        Ok(check_end(&self.head, bytes, self.end_range().start)?)
    }

    /// Makes the new list of files of the old one. `stored` are the bytes at [`tree_range`](Self::tree_range).
    ///
    /// # Errors
    /// [`DeltaError::OtherBase`] when `old` is another tree, [`DeltaError::PatchDigest`], [`DeltaError::Patch`],
    /// [`DeltaError::TreeDigest`] when what comes is not the tree that HEAD names, [`DeltaError::Tree`].
    pub fn new_tree(
        &self,
        old: &Tree,
        stored: &[u8],
        decoder: &mut dyn PrefixDecoder,
    ) -> Result<Tree, DeltaError> {
        if old.digest() != self.text.from {
            return Err(DeltaError::OtherBase { expected: self.text.from, got: old.digest() });
        }
        let text = decoded(0, &self.text.tree, stored, old.text(), decoder)?;
        let got = TreeDigest::of(&text);
        if got != self.head.tree() {
            return Err(DeltaError::TreeDigest { expected: self.head.tree(), got });
        }
        Ok(Tree::parse(text)?)
    }
}

/// Checks the stored bytes of a patch and applies it to its base.
pub(super) fn decoded(
    patch: u64,
    info: &PatchInfo,
    stored: &[u8],
    base: &[u8],
    decoder: &mut dyn PrefixDecoder,
) -> Result<Vec<u8>, DeltaError> {
    let got = Digest::of(stored);
    if got != info.digest {
        return Err(DeltaError::PatchDigest { patch, expected: info.digest, got });
    }
    limit("base", base.len() as u64, limits::DELTA_PATCH_LEN)?;
    let raw_len = info.raw_len as usize;
    let result = match info.method {
        super::Method::Prefix => {
            let mut out = Vec::new();
            let result = decoder.decode_with_prefix(stored, raw_len, base, &mut out);
            result.map(|()| out).map_err(PatchFault::Codec)
        }
        super::Method::Difference => super::apply_difference(stored, base, raw_len, decoder),
    };
    result.map_err(|fault| DeltaError::Patch { patch, fault })
}
