//! Making the bytes around the patches of a delta; the patches and the compression are the caller's.

use super::error::{DeltaError, limit};
use super::text::DeltaText;
use crate::archive::{ArchiveKind, Head, end_frame, front};
use crate::codec::Codec;
use crate::limits;

/// Makes a delta of its text and patches.
///
/// The whole file is [`prelude`](Self::prelude), then the patches in order, then [`end`](Self::end).
#[derive(Clone, Debug)]
pub struct DeltaWriter {
    text: DeltaText,
    printed: String,
}

impl DeltaWriter {
    /// Starts from the text.
    ///
    /// # Errors
    /// [`DeltaError::Limit`] when it has more bytes than a tree may have.
    pub fn new(text: DeltaText) -> Result<Self, DeltaError> {
        let printed = text.print();
        limit("text", printed.len() as u64, limits::TREE_TEXT_LEN.into())?;
        Ok(Self { text, printed })
    }

    /// The text, which the caller compresses as one zstd frame.
    pub fn text(&self) -> &[u8] {
        self.printed.as_bytes()
    }

    /// EMPTY, HEAD, TOC and SIGS. `signatures` is the SIGS payload of the new release.
    ///
    /// # Errors
    /// [`DeltaError::Archive`] when a length is above its limit.
    pub fn prelude(&self, stored_text: &[u8], signatures: &[u8]) -> Result<Vec<u8>, DeltaError> {
        let tree = (self.printed.len(), self.text.to);
        let head = Head::new(ArchiveKind::Delta, Codec::Zstd, tree, 0, stored_text)?;
        Ok(front(&head, stored_text, signatures)?)
    }

    /// The constant end.
    pub fn end(&self) -> &'static [u8] {
        end_frame(Codec::Zstd)
    }
}
