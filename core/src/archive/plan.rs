//! Which bytes to fetch when only some files are wanted (archive format document, section 9 A).

use super::{ArchiveReader, Toc};
use crate::tree::SectionName;
use std::collections::BTreeSet;
use std::ops::Range;

/// Bytes of a first request that brings HEAD, TOC, SIGS and section `meta` of practically every package.
pub const FRONT_LEN: u64 = 128 * 1024;

/// Gaps up to this many bytes are fetched along rather than asked around.
const COALESCE: u64 = 256 * 1024;
/// Above this many requests one plain request is better.
const MAX_RANGES: usize = 8;

/// One request for a range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RangeRequest {
    /// Bytes of the archive, from its start.
    pub bytes: Range<u64>,
    /// The frames that lie wholly within. Some of them may not have been asked for.
    pub frames: Range<usize>,
}

/// How to bring frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FetchPlan {
    /// Read the whole archive as one stream.
    Whole,
    /// Ask for these ranges, one a request.
    Ranges(Vec<RangeRequest>),
}

/// The frames that hold bytes of the files at `paths`. Paths that the tree does not have are left out.
pub fn frames_of_paths<'a>(toc: &Toc, paths: impl IntoIterator<Item = &'a str>) -> BTreeSet<usize> {
    let entries = paths.into_iter().filter_map(|path| toc.tree().position(path));
    entries.flat_map(|entry| toc.layout().frames_of_entry(entry)).collect()
}

/// The frames of some sections. Names that the tree does not have are left out.
pub fn frames_of_sections<'a>(
    toc: &Toc,
    names: impl IntoIterator<Item = &'a SectionName>,
) -> BTreeSet<usize> {
    let sections: Vec<_> = toc.tree().sections().map(|section| section.name()).collect();
    let numbers = names.into_iter().filter_map(|name| sections.iter().position(|known| *known == name));
    numbers.flat_map(|number| toc.layout().frames_of_section(number)).collect()
}

/// Plans the requests for `frames` of an archive whose front (HEAD, TOC, SIGS) was read. Neighbours with
/// small gaps are joined; when more than half of the archive or more than eight ranges would be needed, one
/// plain request is better. `None` as long as the front was not read.
pub fn plan(reader: &ArchiveReader, frames: &BTreeSet<usize>) -> Option<FetchPlan> {
    plan_within(reader, frames, 0, reader.expected_len()? / 2)
}

/// As [`plan`], where the first `have` bytes are here and what is left out is not wanted: one plain request is better only
/// where that brings no more.
pub(crate) fn plan_behind(reader: &ArchiveReader, frames: &BTreeSet<usize>, have: u64) -> Option<FetchPlan> {
    plan_within(reader, frames, have, reader.expected_len()?.saturating_sub(have))
}

fn plan_within(reader: &ArchiveReader, frames: &BTreeSet<usize>, have: u64, most: u64) -> Option<FetchPlan> {
    reader.expected_len()?;
    let mut ranges: Vec<RangeRequest> = Vec::new();
    for &frame in frames {
        let Some(mut bytes) = reader.frame_range(frame) else { continue };
        bytes.start = bytes.start.max(have);
        if bytes.is_empty() {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if bytes.start - last.bytes.end <= COALESCE => {
                last.bytes.end = bytes.end;
                last.frames.end = frame + 1;
            }
            _ => ranges.push(RangeRequest { bytes, frames: frame..frame + 1 }),
        }
    }
    let needed: u64 = ranges.iter().map(|range| range.bytes.end - range.bytes.start).sum();
    if ranges.len() > MAX_RANGES || needed > most {
        return Some(FetchPlan::Whole);
    }
    Some(FetchPlan::Ranges(ranges))
}
