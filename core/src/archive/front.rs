//! EMPTY, HEAD, TOC and SIGS, taken apart where they lie.

use super::head::{SKIPPABLE, SKIPPABLE_HEADER};
use super::{ArchiveError, Head};
use crate::limits;

/// The front of an archive or delta. Nothing of TOC and SIGS was looked into.
#[derive(Debug)]
pub(crate) struct FrontParts<'a> {
    pub(crate) head: Head,
    /// The stored TOC.
    pub(crate) toc: &'a [u8],
    /// The SIGS payload.
    pub(crate) signatures: &'a [u8],
    /// EMPTY, HEAD and TOC.
    pub(crate) before_signatures: &'a [u8],
    /// Bytes of the whole front.
    pub(crate) len: usize,
}

/// Takes the front of a file apart. `bytes` may go on behind it.
///
/// # Errors
/// Those of [`Head::parse`]; [`ArchiveError::HeadTooShort`] when `bytes` ends before SIGS does;
/// [`ArchiveError::Skippable`] when TOC or SIGS are not where HEAD says; [`ArchiveError::SigsLen`].
pub(crate) fn front_parts(bytes: &[u8]) -> Result<FrontParts<'_>, ArchiveError> {
    let short = || ArchiveError::HeadTooShort { got: bytes.len() as u64 };
    let head = Head::parse(bytes)?;
    let toc_start = head.len() + SKIPPABLE_HEADER;
    let toc_end = toc_start + head.toc_stored_len() as usize;
    let signatures_start = toc_end + SKIPPABLE_HEADER;
    let toc_header = bytes.get(head.len()..toc_start).ok_or_else(short)?;
    let toc = bytes.get(toc_start..toc_end).ok_or_else(short)?;
    let signatures_header = bytes.get(toc_end..signatures_start).ok_or_else(short)?;
    if skippable_len(toc_header, head.len() as u64)? != head.toc_stored_len() {
        return Err(ArchiveError::Skippable { offset: head.len() as u64 });
    }
    let signatures_len = skippable_len(signatures_header, toc_end as u64)?;
    if signatures_len > limits::SIGS_LEN {
        return Err(ArchiveError::SigsLen(signatures_len.into()));
    }
    let len = signatures_start + signatures_len as usize;
    let signatures = bytes.get(signatures_start..len).ok_or_else(short)?;
    Ok(FrontParts { head, toc, signatures, before_signatures: &bytes[..toc_end], len })
}

/// Bytes of the front of a file, or of as much of it as can be told from its first `bytes`: one that is greater than
/// their length says that so many are needed to know more.
///
/// # Errors
/// Those of [`Head::parse`], once there are enough bytes for it; [`ArchiveError::Skippable`] and
/// [`ArchiveError::SigsLen`] for SIGS.
pub(crate) fn front_len(bytes: &[u8]) -> Result<usize, ArchiveError> {
    if bytes.len() < Head::MAX_LEN {
        Head::sniff(bytes)?;
        return Ok(Head::MAX_LEN);
    }
    let head = Head::parse(bytes)?;
    let toc_end = head.len() + SKIPPABLE_HEADER + head.toc_stored_len() as usize;
    let behind = toc_end + SKIPPABLE_HEADER;
    let Some(header) = bytes.get(toc_end..behind) else { return Ok(behind) };
    let len = skippable_len(header, toc_end as u64)?;
    if len > limits::SIGS_LEN {
        return Err(ArchiveError::SigsLen(len.into()));
    }
    Ok(behind + len as usize)
}

/// The length in the header of one of our skippable frames, which is at `offset` of the archive.
pub(super) fn skippable_len(header: &[u8], offset: u64) -> Result<u32, ArchiveError> {
    match header.split_first_chunk::<4>() {
        Some((magic, len)) if *magic == SKIPPABLE => {
            let len: [u8; 4] = len.try_into().map_err(|_| ArchiveError::Skippable { offset })?;
            Ok(u32::from_le_bytes(len))
        }
        _ => Err(ArchiveError::Skippable { offset }),
    }
}
