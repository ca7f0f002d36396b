//! What each frame holds, as a pure function of the tree.
//!
//! In each section the tar stream is cut at every multiple of 8 MiB. All lengths in a tar are multiples of
//! 512 and so is 8 MiB, so a cut never goes through a header or through padding: only contents are split.

use crate::limits::FRAME_RAW_LEN;
use crate::tree::{TAR_BLOCK, Tree};
use std::ops::Range;

/// One frame before compression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameSpan {
    section: usize,
    raw_len: u64,
    entries: Range<usize>,
    skip: u64,
}

impl FrameSpan {
    /// Number of the section, in the order of the tree.
    pub fn section(&self) -> usize {
        self.section
    }

    /// Bytes before compression: 512 to 8 MiB.
    pub fn raw_len(&self) -> u64 {
        self.raw_len
    }

    /// Numbers of the files that have a header, content or padding in the frame; never empty.
    pub fn entries(&self) -> Range<usize> {
        self.entries.clone()
    }

    /// Whether the frame begins inside a file whose first bytes are in the frame before.
    pub fn begins_inside(&self) -> bool {
        self.skip > 0
    }
}

/// A piece of a frame. `entry` is the number of the file in [`Tree::entries`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The tar header of the file, 512 bytes: exactly [`ustar_header`](super::ustar_header).
    Header {
        /// The file.
        entry: usize,
    },
    /// `len` bytes of its content, from `offset`; never none.
    Content {
        /// The file.
        entry: usize,
        /// Where in the file they begin.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// 1 to 511 zero bytes behind its content.
    Padding {
        /// The file.
        entry: usize,
        /// How many.
        len: u64,
    },
}

impl Part {
    /// Bytes of the part.
    pub fn len(&self) -> u64 {
        match self {
            Self::Header { .. } => TAR_BLOCK,
            Self::Content { len, .. } | Self::Padding { len, .. } => *len,
        }
    }

    /// Never: a part has at least one byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The frames of an archive, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    frames: Vec<FrameSpan>,
}

impl Layout {
    /// Cuts the tar of a tree.
    pub fn of(tree: &Tree) -> Self {
        let mut frames = Vec::new();
        for (section, files) in tree.sections().enumerate() {
            let mut frame = FrameSpan { section, raw_len: 0, entries: files.range().start..0, skip: 0 };
            for (number, entry) in files.range().zip(files.entries()) {
                let member = entry.tar_len();
                let mut done = 0;
                while done < member {
                    if frame.raw_len == FRAME_RAW_LEN {
                        frames.push(std::mem::replace(
                            &mut frame,
                            FrameSpan { section, raw_len: 0, entries: number..0, skip: done },
                        ));
                    }
                    let take = (FRAME_RAW_LEN - frame.raw_len).min(member - done);
                    frame.raw_len += take;
                    frame.entries.end = number + 1;
                    done += take;
                }
            }
            frames.push(frame);
        }
        Self { frames }
    }

    /// The frames, in the order of the archive.
    pub fn frames(&self) -> &[FrameSpan] {
        &self.frames
    }

    /// The frames of the section with that number.
    pub fn frames_of_section(&self, section: usize) -> Range<usize> {
        let start = self.frames.partition_point(|frame| frame.section < section);
        start..self.frames.partition_point(|frame| frame.section <= section)
    }

    /// The frames that hold bytes of the file with that number.
    pub fn frames_of_entry(&self, entry: usize) -> Range<usize> {
        let start = self.frames.partition_point(|frame| frame.entries.end <= entry);
        start..self.frames.partition_point(|frame| frame.entries.start <= entry)
    }

    /// The parts of frame `frame`, in order, filling it exactly; none if there is no such frame. `tree` is
    /// the one the layout was made of.
    pub fn parts<'a>(&self, tree: &'a Tree, frame: usize) -> impl Iterator<Item = Part> + use<'a> {
        let (mut left, entries, mut skip) = match self.frames.get(frame) {
            Some(span) => (span.raw_len, span.entries.clone(), span.skip),
            None => (0, 0..0, 0),
        };
        let files = tree.entries().get(entries.clone()).unwrap_or_default();
        entries.zip(files).flat_map(move |(entry, file)| {
            let header = (skip == 0).then_some(Part::Header { entry });
            let offset = skip.saturating_sub(TAR_BLOCK);
            left -= header.map_or(0, |part| part.len());
            skip = 0;
            let len = (file.size() - offset).min(left);
            let content = (len > 0).then_some(Part::Content { entry, offset, len });
            left -= len;
            let len = if offset + len == file.size() { file.padding().min(left) } else { 0 };
            let padding = (len > 0).then_some(Part::Padding { entry, len });
            left -= len;
            [header, content, padding].into_iter().flatten()
        })
    }
}
