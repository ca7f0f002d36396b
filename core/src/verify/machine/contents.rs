//! The contents: which files of the wanted sections were seen, in frames or one by one, and are what the list of files
//! says.

use super::super::frame::{SplitFiles, check_file};
use crate::digest::Digest;
use crate::tree::Tree;
use crate::verify::{CheckedFrame, Sections, VerifyError};
use std::sync::Arc;

/// The files that are to be seen, and those that were.
#[derive(Debug)]
pub(super) struct Contents {
    tree: Arc<Tree>,
    /// For each file of the tree: whether it was seen.
    seen: Vec<bool>,
    /// Files of wanted sections that were not.
    missing: usize,
    /// Files that do not come in frames.
    apart: Vec<bool>,
    wanted: Vec<bool>,
    split: SplitFiles,
}

impl Contents {
    pub(super) fn new(tree: Arc<Tree>, sections: &Sections) -> Self {
        let mut wanted = vec![false; tree.entries().len()];
        for section in tree.sections().filter(|section| sections.contains(section.name())) {
            wanted[section.range()].fill(true);
        }
        let none = vec![false; wanted.len()];
        let missing = wanted.iter().filter(|wanted| **wanted).count();
        Self { tree, seen: none.clone(), missing, apart: none, wanted, split: SplitFiles::default() }
    }

    pub(super) fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// Files of wanted sections that were not seen.
    pub(super) fn missing(&self) -> usize {
        self.missing
    }

    /// This file will come by itself, not in frames.
    pub(super) fn expect_apart(&mut self, entry: usize) {
        if let Some(apart) = self.apart.get_mut(entry) {
            *apart = true;
        }
    }

    /// Whether a file is wanted, and comes in frames.
    pub(super) fn is_in_frames(&self, entry: usize) -> bool {
        self.wanted.get(entry) == Some(&true) && self.apart.get(entry) == Some(&false)
    }

    /// Takes the files of a frame; its digest was compared.
    pub(super) fn accept_frame(&mut self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        let (seen, missing, wanted) = (&mut self.seen, &mut self.missing, &self.wanted);
        self.split.take(frame, &self.apart, &mut |entry| see(seen, wanted, missing, entry))
    }

    /// Takes a file by itself.
    pub(super) fn accept_file(&mut self, entry: usize, digest: Digest) -> Result<(), VerifyError> {
        check_file(&self.tree, entry, digest)?;
        see(&mut self.seen, &self.wanted, &mut self.missing, entry);
        Ok(())
    }
}

fn see(seen: &mut [bool], wanted: &[bool], missing: &mut usize, entry: usize) {
    if let Some(seen @ false) = seen.get_mut(entry) {
        *seen = true;
        *missing -= usize::from(wanted.get(entry) == Some(&true));
    }
}
