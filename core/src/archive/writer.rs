//! Making archives: everything but the compression, which is the caller's.

pub use super::head::end_frame;

use super::front::front_parts;
use super::head::{SKIPPABLE, SKIPPABLE_HEADER};
use super::{ArchiveError, ArchiveKind, FrameInfo, FrameTable, Head, Layout, Toc};
use crate::codec::Codec;
use crate::limits;
use crate::target::Kind;
use crate::tree::Tree;

/// Makes the bytes around the content frames of an archive.
///
/// The whole file is [`prefix`](Self::prefix), then the content frames in order, then [`end_frame`].
#[derive(Clone, Debug)]
pub struct ArchiveWriter {
    kind: Kind,
    codec: Codec,
    toc: Toc,
    toc_text: Vec<u8>,
}

impl ArchiveWriter {
    /// Starts from the tree and the frames, compressed by `codec`, that [`Layout::of`] the tree asks for.
    ///
    /// # Errors
    /// Those of [`FrameTable::new`].
    pub fn new(kind: Kind, codec: Codec, tree: Tree, frames: Vec<FrameInfo>) -> Result<Self, ArchiveError> {
        let layout = Layout::of(&tree);
        let frames = FrameTable::new(frames, &layout)?;
        let mut toc_text = tree.text().to_vec();
        toc_text.extend_from_slice(frames.text().as_bytes());
        Ok(Self { kind, codec, toc: Toc::new(tree, layout, frames), toc_text })
    }

    /// The table of contents.
    pub fn toc(&self) -> &Toc {
        &self.toc
    }

    /// The text of the TOC, which the caller compresses as one zstd frame, whatever the codec of the content.
    pub fn toc_text(&self) -> &[u8] {
        &self.toc_text
    }

    /// HEAD of the archive whose TOC was compressed to `stored_toc`.
    ///
    /// # Errors
    /// [`ArchiveError::HeadLimit`] when a length is above its limit.
    pub fn head(&self, stored_toc: &[u8]) -> Result<Head, ArchiveError> {
        let tree = self.toc.tree();
        let tree_len = tree.text().len();
        Head::new(
            ArchiveKind::Artifact(self.kind),
            self.codec,
            (tree_len, tree.digest()),
            self.toc_text.len() - tree_len,
            stored_toc,
        )
    }

    /// EMPTY, HEAD, TOC and SIGS: all that comes before the content frames. `signatures` is the SIGS
    /// payload; empty means unsigned.
    ///
    /// # Errors
    /// [`ArchiveError::HeadLimit`] or [`ArchiveError::SigsLen`] when a length is above its limit.
    pub fn prefix(&self, stored_toc: &[u8], signatures: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        front(&self.head(stored_toc)?, stored_toc, signatures)
    }

    /// Bytes of the whole archive.
    pub fn total_len(&self, stored_toc: &[u8], signatures: &[u8]) -> u64 {
        let fixed = Head::encoded_len(self.codec) + 2 * SKIPPABLE_HEADER + end_frame(self.codec).len();
        (fixed + stored_toc.len() + signatures.len()) as u64 + self.toc.frames().stored_len()
    }
}

/// Signs again: the first bytes of an archive with other signatures in place of those it has.
///
/// `front` begins with EMPTY, HEAD, TOC and SIGS. Returns their new form, and how many bytes of the old file
/// they replace; what follows stays as it is, and so do identity and head digest.
///
/// # Errors
/// Those of [`Head::parse`]; [`ArchiveError::HeadTooShort`] when `front` ends before SIGS does;
/// [`ArchiveError::Skippable`] when TOC or SIGS are not where HEAD says; [`ArchiveError::SigsLen`].
pub fn with_signatures(front: &[u8], signatures: &[u8]) -> Result<(Vec<u8>, u64), ArchiveError> {
    let parts = front_parts(front)?;
    let mut out = parts.before_signatures.to_vec();
    push_signatures(&mut out, signatures)?;
    Ok((out, parts.len as u64))
}

/// EMPTY, HEAD, TOC and SIGS.
///
/// # Errors
/// [`ArchiveError::SigsLen`].
pub(crate) fn front(head: &Head, stored_toc: &[u8], signatures: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let mut out = head.encode();
    push_skippable(&mut out, stored_toc);
    push_signatures(&mut out, signatures)?;
    Ok(out)
}

fn push_skippable(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend_from_slice(&SKIPPABLE);
    // Both payloads were compared with limits far below 2^32.
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(payload);
}

fn push_signatures(out: &mut Vec<u8>, signatures: &[u8]) -> Result<(), ArchiveError> {
    if signatures.len() > limits::SIGS_LEN as usize {
        return Err(ArchiveError::SigsLen(signatures.len() as u64));
    }
    push_skippable(out, signatures);
    Ok(())
}
