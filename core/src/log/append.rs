//! How a log grows: from the tiles at its right edge and new leaves to the files to write and the new root.

use super::merkle::{self, leaf_hash};
use super::tile::{LEVELS, TileError, TileId, WIDTH, parse_tile, print_tile};
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::limits;
use crate::message::log as text;

/// The growing end of a log: for each level of tiles, the hashes of its unfinished last tile.
///
/// Appending costs one hash a leaf and two a 256 leaves; a batch rewrites at most one partial tile a level.
#[derive(Clone, Debug)]
pub struct Appender {
    size: u64,
    edge: Vec<Vec<Digest>>,
    finished: Vec<(TileId, Vec<u8>)>,
    grown: bool,
}

impl Appender {
    /// Begins an empty log.
    pub fn empty() -> Self {
        Self { size: 0, edge: Vec::new(), finished: Vec::new(), grown: false }
    }

    /// Takes up the log of `size` leaves and root `root`, given the bytes of each of [`TileId::right_edge`], in
    /// that order.
    ///
    /// # Errors
    /// [`AppendError::Tile`] when a tile is malformed, [`AppendError::Root`] when the tiles are missing or give
    /// another root.
    pub fn resume(size: u64, root: &Digest, tiles: &[Vec<u8>]) -> Result<Self, AppendError> {
        let ids = TileId::right_edge(size);
        let mut log = Self { size, ..Self::empty() };
        for (id, bytes) in ids.iter().zip(tiles) {
            log.level(id.level()).extend(parse_tile(*id, bytes).map_err(AppendError::Tile)?);
        }
        let got = log.root();
        if tiles.len() != ids.len() || got != *root {
            return Err(AppendError::Root { size, expected: *root, got });
        }
        Ok(log)
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves.
    pub fn root(&self) -> Digest {
        let mut below: Option<Digest> = None;
        for level in &self.edge {
            // What the lower levels have not finished is one smaller subtree, right of this level's hashes.
            let hashes: Vec<_> = level.iter().copied().chain(below).collect();
            below = if hashes.is_empty() { None } else { Some(merkle::root(&hashes)) };
        }
        below.unwrap_or_else(merkle::empty_root)
    }

    /// Appends a leaf and returns its index.
    ///
    /// # Errors
    /// [`AppendError::Leaf`] when the leaf has more than 65,535 bytes, [`AppendError::Full`] when the log has
    /// reached its greatest size.
    pub fn append(&mut self, leaf: &[u8]) -> Result<u64, AppendError> {
        if leaf.len() > limits::LEAF_LEN {
            return Err(AppendError::Leaf { len: leaf.len() as u64 });
        }
        self.append_hash(leaf_hash(leaf))
    }

    /// Appends a leaf of which only the hash is known, as one who recomputes a log from its tiles does.
    ///
    /// # Errors
    /// [`AppendError::Full`] when the log has reached its greatest size.
    pub fn append_hash(&mut self, leaf: Digest) -> Result<u64, AppendError> {
        if self.size >= super::MAX_SIZE {
            return Err(AppendError::Full);
        }
        let index = self.size;
        self.size += 1;
        self.grown = true;
        let mut hash = leaf;
        for level in 0..LEVELS {
            let hashes = self.level(level);
            hashes.push(hash);
            if (hashes.len() as u64) < WIDTH {
                break;
            }
            let full = std::mem::take(hashes);
            hash = merkle::root(&full);
            let above = self.size >> (u32::from(level) * super::tile::HEIGHT);
            if let Some(id) = TileId::at(level, above / WIDTH - 1, self.size) {
                self.finished.push((id, print_tile(&full)));
            }
        }
        Ok(index)
    }

    /// The tiles to write since the start or the last call: those that became full, then the unfinished ones at
    /// the right edge. A reader of an older checkpoint is not disturbed by any of them.
    pub fn take_tiles(&mut self) -> Vec<(TileId, Vec<u8>)> {
        let mut tiles = std::mem::take(&mut self.finished);
        if std::mem::take(&mut self.grown) {
            for id in TileId::right_edge(self.size) {
                tiles.push((id, print_tile(self.level(id.level()))));
            }
        }
        tiles
    }

    fn level(&mut self, level: u8) -> &mut Vec<Digest> {
        let level = usize::from(level);
        if self.edge.len() <= level {
            self.edge.resize_with(level + 1, Vec::new);
        }
        &mut self.edge[level]
    }
}

/// A log cannot be taken up or cannot grow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendError {
    /// A tile is malformed.
    Tile(TileError),
    /// The tiles do not give the root.
    Root {
        /// Leaves of the log.
        size: u64,
        /// The signed root.
        expected: Digest,
        /// The root of the tiles.
        got: Digest,
    },
    /// A leaf is too long.
    Leaf {
        /// Its bytes.
        len: u64,
    },
    /// The log cannot hold another leaf.
    Full,
}

impl Diagnose for AppendError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Tile(error) => error.diagnostic(),
            Self::Root { size, expected, got } => Diagnostic::new(
                Code::Consistency,
                text::edge_root(*size, &got.to_string(), &expected.to_string()),
            ),
            Self::Leaf { len } => {
                Diagnostic::new(Code::Limit, text::entry_length(*len, limits::LEAF_LEN as u64))
            }
            Self::Full => Diagnostic::new(Code::Limit, text::log_full(super::MAX_SIZE)),
        }
    }
}
display_as_message!(AppendError);

#[cfg(test)]
mod tests {
    use super::super::merkle::naive;
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_size_has_the_root_of_the_definition() {
        let leaves = naive::leaves(1_030);
        let mut log = Appender::empty();
        assert_eq!(log.root(), merkle::empty_root());
        for (index, leaf) in leaves.iter().enumerate() {
            assert_eq!(log.append_hash(*leaf), Ok(index as u64));
            // Naive recursion for each size would be slow: around the tiles' borders is where it counts.
            if index < 20 || (index + 3) % 256 < 6 {
                assert_eq!(log.root(), naive::mth(&leaves[..=index]), "{index}");
            }
        }
    }

    #[test]
    fn batches_write_the_same_tiles_as_one_run() {
        let leaves = naive::leaves(70_000);
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let (mut size, mut root) = (0u64, merkle::empty_root());
        for batch in [1usize, 1, 254, 1, 255, 1_000, 64_024, 4_464] {
            let tiles: Vec<_> = TileId::right_edge(size).iter().map(|id| files[&id.path()].clone()).collect();
            let mut log = Appender::resume(size, &root, &tiles).unwrap();
            for leaf in &leaves[size as usize..size as usize + batch] {
                log.append_hash(*leaf).unwrap();
            }
            let written = log.take_tiles();
            assert!(log.take_tiles().is_empty());
            files.extend(written.into_iter().map(|(id, bytes)| (id.path(), bytes)));
            (size, root) = (log.size(), log.root());
        }
        assert_eq!((size, root), (70_000, naive::mth(&leaves)));
        assert_eq!(files["tile/0/000"], print_tile(&leaves[..256]));
        assert_eq!(files["tile/0/273.p/112"], print_tile(&leaves[69_888..]));
        assert_eq!(files["tile/1/001.p/17"].len(), 17 * 32);
        assert_eq!(files["tile/2/000.p/1"], naive::mth(&leaves[..65_536]).as_bytes());
    }

    #[test]
    fn another_root_is_refused() {
        let leaves = naive::leaves(3);
        let tile = print_tile(&leaves);
        let root = naive::mth(&leaves);
        assert!(Appender::resume(3, &root, std::slice::from_ref(&tile)).is_ok());
        assert!(matches!(Appender::resume(3, &root, &[]), Err(AppendError::Root { .. })));
        let mut flipped = tile.clone();
        flipped[0] ^= 1;
        assert!(matches!(Appender::resume(3, &root, &[flipped]), Err(AppendError::Root { .. })));
        assert!(matches!(Appender::resume(3, &root, &[tile[..64].to_vec()]), Err(AppendError::Tile(_))));
    }

    #[test]
    fn leaves_have_a_limit() {
        assert!(matches!(Appender::empty().append(&vec![0; 65_536]), Err(AppendError::Leaf { .. })));
        assert_eq!(Appender::empty().append(&vec![0; 65_535]), Ok(0));
    }
}
