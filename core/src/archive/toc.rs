//! The TOC: tree and frame table, read together because each is checked against the other.

use super::{ArchiveError, FrameTable, Head, Layout};
use crate::digest::{Digest, TreeDigest};
use crate::tree::Tree;
use std::sync::Arc;

/// Table of contents of an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toc {
    tree: Arc<Tree>,
    layout: Layout,
    frames: FrameTable,
}

impl Toc {
    /// Puts a tree and its frame table together.
    pub(super) fn new(tree: Tree, layout: Layout, frames: FrameTable) -> Self {
        Self { tree: Arc::new(tree), layout, frames }
    }

    /// Reads the decompressed TOC of the archive with that head: tree text, then frame table text.
    ///
    /// # Errors
    /// [`ArchiveError::TocLen`] when the length is another, [`ArchiveError::TreeDigest`] when the tree is not
    /// the one HEAD names, [`ArchiveError::Tree`] and the errors of [`FrameTable::parse`].
    pub fn parse(mut raw: Vec<u8>, head: &Head) -> Result<Self, ArchiveError> {
        if raw.len() as u64 != head.toc_raw_len() {
            return Err(ArchiveError::TocLen { expected: head.toc_raw_len(), got: raw.len() as u64 });
        }
        let frames_text = raw.split_off(head.tree_len() as usize);
        let got = TreeDigest::of(&raw);
        if got != head.tree() {
            return Err(ArchiveError::TreeDigest { expected: head.tree(), got });
        }
        let tree = Tree::parse(raw).map_err(ArchiveError::Tree)?;
        let layout = Layout::of(&tree);
        let frames = FrameTable::parse(&frames_text, &layout)?;
        Ok(Self { tree: Arc::new(tree), layout, frames })
    }

    /// Checks that `stored` are the bytes HEAD promises, before anything decompresses them.
    ///
    /// # Errors
    /// [`ArchiveError::TocDigest`].
    pub(super) fn check_stored(stored: &[u8], head: &Head) -> Result<(), ArchiveError> {
        let got = Digest::of(stored);
        if got == *head.toc_digest() {
            Ok(())
        } else {
            Err(ArchiveError::TocDigest { expected: *head.toc_digest(), got })
        }
    }

    /// The list of files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The list of files, to be kept.
    pub fn shared_tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// What each frame holds.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Lengths and digests of the frames.
    pub fn frames(&self) -> &FrameTable {
        &self.frames
    }

    /// Paths of the files that have bytes in a frame, in tree order.
    pub fn paths_in_frame(&self, frame: usize) -> Vec<String> {
        let entries = self.layout.frames().get(frame).map_or(0..0, super::FrameSpan::entries);
        let entries = self.tree.entries().get(entries).unwrap_or_default();
        entries.iter().map(|entry| entry.path().as_str().to_owned()).collect()
    }
}
