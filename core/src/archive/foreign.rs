//! Archives that other tools made: `.tar`, `.tar.gz` (`.tgz`, `.crate`) and `.tar.zst`, to be looked at or
//! made into a package. A foreign file is never verified.
//!
//! Tools disagree about odd tar files, and attacks live in the disagreement: one list for the checker,
//! another for the extractor. So what two tools could read differently is refused here, even for a look:
//! a PAX size that is not the header's, two ways to name one entry, sparse files, numbers that are not plain
//! octal, content after the end, links with content. The headers' fields are read through the `tar` crate;
//! which header belongs to which bytes is decided here.

mod error;
mod pax;

pub use error::{Ambiguity, ForeignError};

use crate::codec::{CodecError, gunzip, is_gzip, unzstd};
use crate::limits;
use crate::path::{PackagePath, PathSet, shown};
use std::ops::Range;

const BLOCK: usize = 512;
/// Bytes of a long name or of a set of PAX records.
const EXTENSION_LEN: u64 = 64 * 1024;

/// How a foreign archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Not at all.
    Tar,
    /// By gzip, in any number of members.
    TarGzip,
    /// By zstd, in any number of frames.
    TarZstd,
}

impl Format {
    /// The word for listings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::TarGzip => "tar.gz",
            Self::TarZstd => "tar.zst",
        }
    }

    /// Tells the format by the first bytes. A Vitte package would pass for `TarZstd`: ask about that first.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        if is_gzip(bytes) {
            return Some(Self::TarGzip);
        }
        let zstd = bytes.len() >= 4 && bytes[1..4] == [0xb5, 0x2f, 0xfd] && bytes[0] == 0x28;
        if zstd || (bytes.len() >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1..4] == [0x2a, 0x4d, 0x18]) {
            return Some(Self::TarZstd);
        }
        let header = bytes.first_chunk::<BLOCK>()?;
        (checksum_holds(header) || header.iter().all(|&byte| byte == 0)).then_some(Self::Tar)
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, and what it points to.
    Symlink(String),
    /// A hard link, and the entry it shares its content with.
    HardLink(String),
    /// A device, pipe, global header or something unknown; the type byte of the header.
    Special(u8),
}

/// One entry of a foreign archive, in the order of the archive.
#[derive(Clone, Debug)]
pub struct ForeignEntry {
    name: Vec<u8>,
    kind: EntryKind,
    mode: u32,
    content: Range<usize>,
}

impl ForeignEntry {
    /// The name for people: made printable, cut to 200 characters.
    pub fn name(&self) -> String {
        shown(&String::from_utf8_lossy(&self.name))
    }

    /// What it is.
    pub fn kind(&self) -> &EntryKind {
        &self.kind
    }

    /// The permission bits of the header, unfiltered.
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// Bytes of content.
    pub fn size(&self) -> u64 {
        self.content.len() as u64
    }
}

/// A foreign archive, inflated and listed.
#[derive(Clone)]
pub struct ForeignArchive {
    format: Format,
    tar: Vec<u8>,
    entries: Vec<ForeignEntry>,
}

/// One file of a foreign archive that may stand in a package.
#[derive(Clone, Debug)]
pub struct ForeignFile<'a> {
    /// Its path.
    pub path: PackagePath,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Its content.
    pub content: &'a [u8],
}

impl ForeignArchive {
    /// Inflates and lists an archive. `limit` is the greatest number of bytes it may inflate to:
    /// [`limits::FOREIGN_INSPECT_LEN`] or [`limits::FOREIGN_IMPORT_LEN`].
    ///
    /// # Errors
    /// [`ForeignError`]; links and special entries are no error here, see [`files`](Self::files).
    pub fn read(bytes: &[u8], limit: u64) -> Result<Self, ForeignError> {
        let format = Format::detect(bytes).ok_or(ForeignError::Unknown)?;
        let tar = match format {
            Format::TarGzip => gunzip(bytes, limit)?,
            Format::TarZstd => unzstd(bytes, limit)?,
            Format::Tar if bytes.len() as u64 > limit => {
                return Err(CodecError::Length { got: bytes.len() as u64, limit }.into());
            }
            Format::Tar => bytes.to_vec(),
        };
        let entries = list(&tar)?;
        Ok(Self { format, tar, entries })
    }

    /// How it is compressed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// All entries, in the order of the archive.
    pub fn entries(&self) -> &[ForeignEntry] {
        &self.entries
    }

    /// The content of an entry of this archive.
    pub fn content(&self, entry: &ForeignEntry) -> &[u8] {
        self.tar.get(entry.content.clone()).unwrap_or_default()
    }

    /// The last entry of that name: what extracting would leave.
    pub fn find(&self, name: &str) -> Option<&ForeignEntry> {
        self.entries.iter().rev().find(|entry| entry.name == name.as_bytes())
    }

    /// The files, if a package could hold them: everything else must be a folder, and every path must obey
    /// the rules of paths in packages. A leading `./` is dropped.
    ///
    /// # Errors
    /// All faults: [`ForeignError::NotRegular`] and [`ForeignError::Path`], in the order of the archive.
    pub fn files(&self) -> Result<Vec<ForeignFile<'_>>, Vec<ForeignError>> {
        let (mut files, mut faults, mut paths) = (Vec::new(), Vec::new(), PathSet::new());
        for entry in &self.entries {
            let name = entry.name.strip_prefix(b"./").unwrap_or(&entry.name);
            match entry.kind {
                EntryKind::Folder => {
                    let name = name.strip_suffix(b"/").unwrap_or(name);
                    if let Err(fault) = PackagePath::from_bytes(name)
                        && !matches!(name, b"" | b".")
                    {
                        faults.push(fault.into());
                    }
                }
                EntryKind::File => {
                    match PackagePath::from_bytes(name).and_then(|path| paths.insert(&path).map(|()| path)) {
                        Ok(path) => {
                            let executable = entry.mode & 0o100 != 0;
                            files.push(ForeignFile { path, executable, content: self.content(entry) });
                        }
                        Err(fault) => faults.push(fault.into()),
                    }
                }
                _ => faults.push(ForeignError::NotRegular { name: entry.name(), kind: entry.kind.clone() }),
            }
        }
        if faults.is_empty() { Ok(files) } else { Err(faults) }
    }
}

impl std::fmt::Debug for ForeignArchive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForeignArchive")
            .field("format", &self.format)
            .field("entries", &self.entries)
            .finish()
    }
}

/// Names from extension headers, waiting for the entry they are about.
#[derive(Default)]
struct Pending {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    /// They came from PAX records.
    pax: bool,
}

fn list(tar: &[u8]) -> Result<Vec<ForeignEntry>, ForeignError> {
    let mut entries = Vec::new();
    let mut pending = Pending::default();
    let mut at = 0;
    while at < tar.len() {
        let block = tar[at..].first_chunk::<BLOCK>().ok_or(ForeignError::Truncated(tar.len() as u64))?;
        if block.iter().all(|&byte| byte == 0) {
            // Two zero blocks end an archive; bytes behind them are seen by some tools and not by others.
            if tar[at..].iter().any(|&byte| byte != 0) {
                return Err(ForeignError::Trailing(at as u64));
            }
            break;
        }
        let header = Header::parse(block, at)?;
        let content =
            at + BLOCK..usize::try_from(header.size).unwrap_or(usize::MAX).saturating_add(at + BLOCK);
        let bytes = tar.get(content.clone()).ok_or(ForeignError::Truncated(tar.len() as u64))?;
        at = content.end.next_multiple_of(BLOCK);
        match header.type_byte {
            b'x' | b'L' | b'K' => take_extension(&header, bytes, &mut pending)?,
            _ => {
                entries.push(entry(header, content, bytes, std::mem::take(&mut pending))?);
                if entries.len() > limits::TREE_ENTRIES {
                    return Err(ForeignError::Entries);
                }
            }
        }
    }
    if at > tar.len() {
        return Err(ForeignError::Truncated(tar.len() as u64));
    }
    match pending.pax || pending.name.is_some() || pending.link.is_some() {
        true => Err(ForeignError::Truncated(tar.len() as u64)),
        false => Ok(entries),
    }
}

/// Keeps what an extension header says about the next entry.
fn take_extension(header: &Header<'_>, bytes: &[u8], pending: &mut Pending) -> Result<(), ForeignError> {
    let ambiguous = |what| ForeignError::Ambiguous { offset: header.offset, what };
    if header.size > EXTENSION_LEN {
        return Err(ambiguous(Ambiguity::LongExtension));
    }
    // One long name and one long link may follow each other; PAX records stand alone.
    if pending.pax || (header.type_byte == b'x' && (pending.name.is_some() || pending.link.is_some())) {
        return Err(ambiguous(Ambiguity::TwoExtensions));
    }
    if header.type_byte == b'x' {
        let records = pax::parse(bytes).map_err(ambiguous)?;
        *pending = Pending { name: records.path, link: records.linkpath, size: records.size, pax: true };
        return Ok(());
    }
    let slot = if header.type_byte == b'L' { &mut pending.name } else { &mut pending.link };
    if slot.is_some() {
        return Err(ambiguous(Ambiguity::TwoExtensions));
    }
    let name = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    if name.is_empty() || name.contains(&0) {
        return Err(ambiguous(Ambiguity::Name));
    }
    *slot = Some(name.to_vec());
    Ok(())
}

fn entry(
    header: Header<'_>,
    content: Range<usize>,
    bytes: &[u8],
    pending: Pending,
) -> Result<ForeignEntry, ForeignError> {
    let ambiguous = |what| ForeignError::Ambiguous { offset: header.offset, what };
    if pending.size.is_some_and(|size| size != header.size) {
        return Err(ambiguous(Ambiguity::Size));
    }
    let name = pending.name.unwrap_or_else(|| header.tar.path_bytes().into_owned());
    if name.is_empty() || name.contains(&0) {
        return Err(ambiguous(Ambiguity::Name));
    }
    let link = |pending: Option<Vec<u8>>| {
        let link = pending.or_else(|| header.tar.link_name_bytes().map(|link| link.into_owned()));
        shown(&String::from_utf8_lossy(&link.unwrap_or_default()))
    };
    let kind = match header.type_byte {
        b'0' | 0 if name.ends_with(b"/") => EntryKind::Folder,
        b'0' | 0 => EntryKind::File,
        b'5' => EntryKind::Folder,
        b'1' => EntryKind::HardLink(link(pending.link)),
        b'2' => EntryKind::Symlink(link(pending.link)),
        b'g' => {
            pax::check_global(bytes).map_err(ambiguous)?;
            EntryKind::Special(b'g')
        }
        b'3' | b'4' | b'6' => EntryKind::Special(header.type_byte),
        b'S' => return Err(ambiguous(Ambiguity::Sparse)),
        _ => return Err(ambiguous(Ambiguity::Type)),
    };
    if header.size != 0 && !matches!(kind, EntryKind::File | EntryKind::Special(b'g')) {
        return Err(ambiguous(Ambiguity::LinkContent));
    }
    Ok(ForeignEntry { name, kind, mode: header.mode, content })
}

/// The fields of a header that are used.
struct Header<'a> {
    tar: &'a tar::Header,
    offset: u64,
    type_byte: u8,
    size: u64,
    mode: u32,
}

impl<'a> Header<'a> {
    fn parse(block: &'a [u8; BLOCK], offset: usize) -> Result<Self, ForeignError> {
        let offset = offset as u64;
        let malformed = |field| ForeignError::Header { offset, field };
        if !checksum_holds(block) {
            return Err(malformed("chksum"));
        }
        let tar = tar::Header::from_byte_slice(block);
        let size = number(&block[124..136]).ok_or(malformed("size"))?;
        if size > limits::FILE_LEN {
            return Err(ForeignError::FileLength { offset, size });
        }
        let mode = number(&block[100..108]).ok_or(malformed("mode"))?;
        Ok(Self { tar, offset, type_byte: block[156], size, mode: (mode & 0o7777) as u32 })
    }
}

/// Whether the checksum of a header is the sum of its bytes, itself read as spaces.
fn checksum_holds(block: &[u8; BLOCK]) -> bool {
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(i, &byte)| u64::from(if (148..156).contains(&i) { b' ' } else { byte }))
        .sum();
    number(&block[148..156]) == Some(sum)
}

/// Reads a number field: octal digits between optional spaces before and NULs or spaces behind, or the
/// binary form of GNU for what is not negative. Nothing else, because tools differ about the rest.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        return field[1..]
            .iter()
            .try_fold(0u64, |value, &byte| Some(value.checked_mul(256)? | u64::from(byte)));
    }
    let start = field.iter().position(|&byte| byte != b' ')?;
    let digits = &field[start..];
    let end = digits.iter().position(|byte| !matches!(byte, b'0'..=b'7')).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if !rest.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return None;
    }
    // At most 12 digits, so 36 bits. An empty field is zero.
    Some(digits.iter().fold(0, |value, digit| value << 3 | u64::from(digit - b'0')))
}

#[cfg(test)]
mod published_faults;
#[cfg(test)]
mod tests;
