//! What two trees have in common: the files that are reused, the bytes that a delta has to give, and what it may take
//! them from.

use super::error::{DeltaError, DeltaRule, limit};
use crate::digest::Digest;
use crate::limits;
use crate::tree::{Entry, Tree, decimal};
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::ops::Range;

/// What a patch begins from: files of the old tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Base {
    /// `=`: the old file of the same path of each file that the patch gives bytes of.
    pub same_paths: bool,
    /// Places in the contents of the old tree, ascending, each behind the end of the one before.
    pub ranges: Vec<Range<u64>>,
}

impl Base {
    /// Reads `-`, or `=` and `OFFSET+LEN` with commas between.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut base = Self::default();
        if text == "-" {
            return Some(base);
        }
        for (number, word) in text.split(',').enumerate() {
            if word == "=" && number == 0 {
                base.same_paths = true;
                continue;
            }
            let (start, len) = word.split_once('+')?;
            let (start, len) = (decimal(start)?, decimal(len)?);
            let behind = base.ranges.last().is_none_or(|last| last.end <= start);
            if len == 0 || !behind || base.ranges.len() >= limits::DELTA_BASE_RANGES {
                return None;
            }
            base.ranges.push(start..start.checked_add(len)?);
        }
        Some(base)
    }
}

impl Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if self.same_paths {
            f.write_str("=")?;
            separator = ",";
        } else if self.ranges.is_empty() {
            f.write_str("-")?;
        }
        for range in &self.ranges {
            write!(f, "{separator}{}+{}", range.start, range.end - range.start)?;
            separator = ",";
        }
        Ok(())
    }
}

/// A part of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Number of the file in its tree.
    pub entry: usize,
    /// The part.
    pub range: Range<u64>,
}

/// Files of a tree, one behind the other.
#[derive(Clone, Debug, Default)]
struct Joined {
    /// Numbers of the files, and where each begins; none is empty.
    files: Vec<(usize, u64)>,
    len: u64,
}

impl Joined {
    fn of<'a>(files: impl IntoIterator<Item = (usize, &'a Entry)>) -> Self {
        let mut joined = Self::default();
        for (number, file) in files.into_iter().filter(|(_, file)| file.size() > 0) {
            joined.files.push((number, joined.len));
            joined.len += file.size();
        }
        joined
    }

    /// The parts of files that lie in `range`, which is inside.
    fn pieces(&self, range: Range<u64>) -> impl Iterator<Item = Piece> {
        let first = self.files.partition_point(|(_, start)| *start <= range.start).saturating_sub(1);
        let ends = self.files.iter().skip(first + 1).map(|(_, start)| *start).chain([self.len]);
        let files = self.files[first.min(self.files.len())..].iter().zip(ends);
        let pieces = files.take_while(move |((_, start), _)| *start < range.end);
        let pieces = pieces.map(move |(&(entry, start), end)| Piece {
            entry,
            range: range.start.max(start) - start..range.end.min(end) - start,
        });
        pieces.filter(|piece| !piece.range.is_empty())
    }
}

/// The files that everybody has who has installed a tree, without its deferred sections.
fn installed(tree: &Tree) -> impl Iterator<Item = (usize, &Entry)> {
    let sections = tree.sections().filter(|section| !section.name().is_deferred());
    sections.flat_map(|section| section.range().zip(section.entries()))
}

/// Two trees, and what a delta from the one to the other is about.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The contents of the old tree.
    old: Joined,
    /// The contents of the new tree that are not in the old one.
    new: Joined,
    /// For each file of the new tree that is reused, its number there and that of the old file.
    reused: Vec<(usize, usize)>,
    /// The old file of the same path, for files of the new tree that are not reused.
    namesakes: HashMap<usize, usize>,
}

impl Pool {
    /// Compares two trees, `meta` and the default section of each.
    ///
    /// # Errors
    /// [`DeltaError::Limit`] when the files that are not reused have more than [`limits::DELTA_CONTENT_LEN`] bytes.
    pub fn between(old: &Tree, new: &Tree) -> Result<Self, DeltaError> {
        let mut by_content: HashMap<(u64, &Digest), usize> = HashMap::new();
        let mut by_path = HashMap::new();
        for (number, file) in installed(old) {
            by_content.entry((file.size(), file.digest())).or_insert(number);
            by_path.insert(file.path().as_str(), number);
        }
        let (mut changed, mut reused, mut namesakes) = (Vec::new(), Vec::new(), HashMap::new());
        for (number, file) in installed(new) {
            if let Some(same) = by_content.get(&(file.size(), file.digest())) {
                reused.push((number, *same));
            } else if file.size() > 0 {
                changed.push((number, file));
                if let Some(namesake) = by_path.get(file.path().as_str()) {
                    namesakes.insert(number, *namesake);
                }
            }
        }
        let new = Joined::of(changed);
        limit("new bytes", new.len, limits::DELTA_CONTENT_LEN)?;
        Ok(Self { old: Joined::of(installed(old)), new, reused, namesakes })
    }

    /// Bytes of the files that are not reused: what all patches of contents give together.
    pub fn len(&self) -> u64 {
        self.new.len
    }

    /// Whether all files are reused.
    pub fn is_empty(&self) -> bool {
        self.new.len == 0
    }

    /// The files that are not reused and not empty, in tree order, as numbers in the new tree.
    pub fn changed(&self) -> impl ExactSizeIterator<Item = usize> {
        self.new.files.iter().map(|(number, _)| *number)
    }

    /// The files that are reused, as numbers in the new and in the old tree. Empty files are among them only when the
    /// old tree has one.
    pub fn reused(&self) -> &[(usize, usize)] {
        &self.reused
    }

    /// The old file of the same path as a changed file, as numbers.
    pub fn namesake(&self, new: usize) -> Option<usize> {
        self.namesakes.get(&new).copied()
    }

    /// Where the contents of a file of the old tree lie among all of them. `None` for one that is empty or deferred.
    pub fn old_range(&self, old: usize) -> Option<Range<u64>> {
        let at = self.old.files.binary_search_by_key(&old, |(number, _)| *number).ok()?;
        let (_, start) = self.old.files.get(at)?;
        Some(*start..self.old.files.get(at + 1).map_or(self.old.len, |(_, next)| *next))
    }

    /// The files that a part of the new bytes belongs to.
    pub fn pieces(&self, range: Range<u64>) -> impl Iterator<Item = Piece> {
        self.new.pieces(range)
    }

    /// The parts of old files that a patch begins from, in the order in which they are joined. `range` is what it gives
    /// of the new bytes.
    ///
    /// # Errors
    /// [`DeltaError::Text`] when a place lies behind the end of the old contents, [`DeltaError::Limit`] when there are
    /// more than [`limits::DELTA_PATCH_LEN`] bytes.
    pub fn base(&self, range: Range<u64>, base: &Base) -> Result<Vec<Piece>, DeltaError> {
        let mut pieces = Vec::new();
        if base.same_paths {
            let mut files =
                self.pieces(range).filter_map(|piece| self.namesake(piece.entry)).collect::<Vec<_>>();
            files.sort_unstable();
            files.dedup();
            let wholes = files.into_iter().filter_map(|file| Some((file, self.old_range(file)?)));
            pieces.extend(wholes.map(|(entry, range)| Piece { entry, range: 0..range.end - range.start }));
        }
        for range in &base.ranges {
            if range.end > self.old.len {
                return Err(DeltaError::Text(0, DeltaRule::Base));
            }
            pieces.extend(self.old.pieces(range.clone()));
        }
        limit(
            "base",
            pieces.iter().map(|piece| piece.range.end - piece.range.start).sum(),
            limits::DELTA_PATCH_LEN,
        )?;
        Ok(pieces)
    }
}
