//! The tree: the canonical list of the files of an artifact, whose digest is the artifact's identity.
//!
//! The text has exactly one form for given files and sections (archive format document, section 3):
//!
//! ```text
//! vitte-tree 1
//! s meta
//! f 166 fde3ab51161204cadda36a1974fa0c160f082102197de29b2f3bc9c65c7b2692 vitte.toml
//! s -
//! x 21 bfdeaeb08cffb6a36438bcd12dda25417e3cdd36f1e7e482a2849d539225288b bin/hello
//! ```
//!
//! Names, modes and sizes of files come from here alone; tar headers in an archive are only compared with it.

mod builder;
mod error;
mod lines;
mod parse;
#[cfg(test)]
pub(crate) mod tests;

pub use builder::TreeBuilder;
pub use error::{TreeError, TreeRule};
pub(crate) use lines::{LineFault, decimal, lines};

use crate::digest::{Digest, TreeDigest};
use crate::limits;
use crate::path::PackagePath;
use std::ops::Range;

/// The path of the manifest: always the first entry.
pub const MANIFEST_PATH: &str = "vitte.toml";

/// Bytes of a tar header, and the unit that contents are padded to.
pub const TAR_BLOCK: u64 = 512;

/// What a file may be: the whole of its mode. Everything else (owner, time, other bits) is not recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    /// An ordinary file, 0644.
    Regular,
    /// A file that can be run, 0755.
    Executable,
}

impl Mode {
    /// The letter of the entry's line: `f` or `x`.
    pub const fn letter(self) -> char {
        match self {
            Self::Regular => 'f',
            Self::Executable => 'x',
        }
    }

    /// The permission bits of an extracted file: 0o644 or 0o755.
    pub const fn unix(self) -> u32 {
        match self {
            Self::Regular => 0o644,
            Self::Executable => 0o755,
        }
    }
}

/// The name of a section: `meta`, `-` (the default), or `[a-z][a-z0-9-]{0,31}`.
///
/// Ordered as in the tree: `meta`, then `-`, then by bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SectionName(String);

impl SectionName {
    /// Reads a section name.
    ///
    /// # Errors
    /// [`TreeError::Syntax`] with [`TreeRule::SectionName`], line 0, when the text is none.
    pub fn parse(text: &str) -> Result<Self, TreeError> {
        let mut bytes = text.bytes();
        let named = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
            && text.len() <= limits::SECTION_NAME_LEN
            && bytes.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if named || text == "-" {
            Ok(Self(text.to_owned()))
        } else {
            Err(TreeError::syntax(0, text, TreeRule::SectionName))
        }
    }

    /// `meta`: the manifest, readme, licences and changelog, placed there by rule.
    pub fn meta() -> Self {
        Self("meta".to_owned())
    }

    /// `-`: what every install brings besides `meta`.
    pub fn default_section() -> Self {
        Self("-".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `meta`.
    pub fn is_meta(&self) -> bool {
        self.0 == "meta"
    }

    /// Whether the section is fetched only when asked for: all but `meta` and `-`.
    pub fn is_deferred(&self) -> bool {
        !self.is_meta() && self.0 != "-"
    }

    fn rank(&self) -> (u8, &str) {
        (if self.is_meta() { 0 } else { 1 + u8::from(self.is_deferred()) }, &self.0)
    }
}

impl PartialOrd for SectionName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SectionName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl std::fmt::Display for SectionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a path belongs into `meta` by rule: `vitte.toml`, or a root file whose name begins with `README`,
/// `LICENSE` or `CHANGELOG`.
pub fn is_meta_path(path: &str) -> bool {
    path == MANIFEST_PATH
        || (!path.contains('/')
            && ["README", "LICENSE", "CHANGELOG"].iter().any(|word| path.starts_with(word)))
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    path: PackagePath,
    mode: Mode,
    size: u64,
    digest: Digest,
}

impl Entry {
    /// Where the file is in the package.
    pub fn path(&self) -> &PackagePath {
        &self.path
    }

    /// Whether it can be run.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Bytes of content.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Digest of the content.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Zero bytes behind the content in the tar.
    pub fn padding(&self) -> u64 {
        self.size.next_multiple_of(TAR_BLOCK) - self.size
    }

    /// Bytes the file takes in the tar: header, content and padding.
    pub fn tar_len(&self) -> u64 {
        TAR_BLOCK + self.size + self.padding()
    }
}

/// A section and its files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Section<'a> {
    name: &'a SectionName,
    entries: &'a [Entry],
    first: usize,
}

impl<'a> Section<'a> {
    /// Its name.
    pub fn name(&self) -> &'a SectionName {
        self.name
    }

    /// Its files, in order; never empty.
    pub fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// The numbers its files have in [`Tree::entries`].
    pub fn range(&self) -> Range<usize> {
        self.first..self.first + self.entries.len()
    }

    /// Bytes of content of all its files.
    pub fn content_len(&self) -> u64 {
        self.entries.iter().map(Entry::size).sum()
    }
}

/// The canonical list of files. Can only be had by [`Tree::parse`] or [`TreeBuilder`], so it always obeys every
/// rule of the format: order, paths, limits, sections.
#[derive(Clone, PartialEq, Eq)]
pub struct Tree {
    text: Vec<u8>,
    digest: TreeDigest,
    entries: Vec<Entry>,
    sections: Vec<(SectionName, Range<usize>)>,
    folders: usize,
    content_len: u64,
    tar_len: u64,
}

impl Tree {
    /// Reads a tree text, all of it, strictly.
    ///
    /// # Errors
    /// [`TreeError`] naming the first line that breaks a rule: syntax, order, a path, or a limit.
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<Self, TreeError> {
        parse::tree(text.into())
    }

    /// The text: what the identity is the digest of.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The identity.
    pub fn digest(&self) -> TreeDigest {
        self.digest
    }

    /// All files, in the order of the tree.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The sections, in order. The first is always `meta`.
    pub fn sections(&self) -> impl ExactSizeIterator<Item = Section<'_>> + Clone {
        self.sections.iter().map(|(name, range)| Section {
            name,
            entries: &self.entries[range.clone()],
            first: range.start,
        })
    }

    /// The section of that name, if there is one.
    pub fn section(&self, name: &SectionName) -> Option<Section<'_>> {
        self.sections().find(|section| section.name == name)
    }

    /// The section the file of that number belongs to.
    pub fn section_of(&self, entry: usize) -> Option<Section<'_>> {
        self.sections().find(|section| section.range().contains(&entry))
    }

    /// The file at `path`, if there is one.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        self.position(path).and_then(|at| self.entries.get(at))
    }

    /// The number of the file at `path`.
    pub fn position(&self, path: &str) -> Option<usize> {
        if path == MANIFEST_PATH {
            return Some(0);
        }
        self.sections().find_map(|section| {
            // Behind the manifest, which comes first whatever its name, paths are in the order of their bytes.
            let skip = usize::from(section.first == 0);
            let sorted = &section.entries[skip..];
            let at = sorted.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
            Some(section.first + skip + at)
        })
    }

    /// The entry of `vitte.toml`, always the first.
    pub fn manifest(&self) -> &Entry {
        &self.entries[0]
    }

    /// How many files there are: 1 to 65,535.
    pub fn file_count(&self) -> usize {
        self.entries.len()
    }

    /// How many folders the paths imply. Together with the files there are at most 65,535.
    pub fn folder_count(&self) -> usize {
        self.folders
    }

    /// Bytes of the contents of all files.
    pub fn content_len(&self) -> u64 {
        self.content_len
    }

    /// Bytes of the canonical tar without its trailer.
    pub fn tar_len(&self) -> u64 {
        self.tar_len
    }
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tree({}, {} files)", self.digest, self.entries.len())
    }
}
