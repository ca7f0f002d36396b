//! The right edge of a log, kept by a client so that a smaller log can be compared with it later.
//!
//! The tiles at the right edge give the root of every smaller log that ends in one of them. A client that keeps them
//! next to the checkpoint never asks a copy of the registry for tiles that an older copy cannot have.

use super::checkpoint::Checkpoint;
use super::proof::{LogTiles, ProofError};
use super::tile::{LEVELS, TileId, WIDTH, parse_tile, print_tile};
use super::{parse_base64, parse_number, print_base64};
use crate::digest::Digest;

/// The first line of the text.
const HEAD: &str = "vitte-edge 1";
/// Tiles at most: the right edge, and at each level the tile before it.
const TILES: usize = 2 * LEVELS as usize;
/// Bytes of the longest text.
pub const EDGE_LEN: usize = 64 + TILES * (32 + 256 * 32 * 4 / 3);

impl LogTiles {
    /// The tiles of the right edge, and at each level the one before them if it was read, as text; `None` while the
    /// right edge has not been checked.
    pub fn edge(&self) -> Option<String> {
        let mut text = format!("{HEAD}\n{}\n", self.size());
        for level in 0..LEVELS {
            let hashes = self.size().checked_shr(u32::from(level) * super::tile::HEIGHT).unwrap_or(0);
            let last = hashes / WIDTH;
            if hashes == 0 {
                break;
            }
            for index in last.saturating_sub(1)..=last {
                let Some(hashes) = self.tile_hashes(level, index) else { continue };
                text.push_str(&format!("{level} {index} {}\n", print_base64(&print_tile(hashes))));
            }
        }
        self.is_edge_checked().then_some(text)
    }

    /// Takes what [`LogTiles::edge`] gave for the log of `checkpoint`. Every tile is checked up to the signed root, so
    /// the text needs no other protection; `None` when it is of another log or was damaged.
    pub fn from_edge(checkpoint: &Checkpoint, text: &str) -> Option<Self> {
        let mut tiles = Self::new(checkpoint);
        let mut lines = text.lines();
        let size = lines.next().filter(|line| *line == HEAD).and(lines.next()).and_then(parse_number)?;
        if size != checkpoint.size() || text.len() > EDGE_LEN {
            return None;
        }
        for line in lines {
            let mut words = line.split(' ');
            let level = words.next().and_then(parse_number).and_then(|level| u8::try_from(level).ok())?;
            let index = words.next().and_then(parse_number)?;
            let id = TileId::at(level, index, size)?;
            let bytes = words.next().and_then(parse_base64)?;
            parse_tile(id, &bytes).ok()?;
            tiles.supply(id, &bytes).ok()?;
        }
        tiles.check().ok()?;
        Some(tiles)
    }

    /// The root of the log when it had `size` leaves, computed from checked tiles.
    ///
    /// # Errors
    /// [`ProofError::Missing`] when they do not reach back to it, [`ProofError::Merkle`] when the log was never so long.
    pub fn prefix_root(&self, size: u64) -> Result<Digest, ProofError> {
        match size > self.size() {
            true => Err(ProofError::Merkle(super::merkle::MerkleError::Shrunk {
                old_size: size,
                new_size: self.size(),
            })),
            false => self.subtree(0, size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::merkle::naive;
    use crate::log::proof::Goal;

    /// All hashes of a level of a log of these leaves.
    fn level(leaves: &[Digest], level: u8) -> Vec<Digest> {
        let span = 256usize.pow(u32::from(level));
        leaves.chunks_exact(span).map(naive::mth).collect()
    }

    fn tiles(leaves: &[Digest], goals: &[Goal]) -> (Checkpoint, LogTiles) {
        let checkpoint = Checkpoint::new("log", leaves.len() as u64, naive::mth(leaves));
        let mut tiles = LogTiles::new(&checkpoint);
        for id in tiles.needed(goals).unwrap() {
            let from = id.index() as usize * 256;
            let hashes = &level(leaves, id.level())[from..from + usize::from(id.width())];
            tiles.supply(id, &print_tile(hashes)).unwrap();
        }
        tiles.check().unwrap();
        (checkpoint, tiles)
    }

    #[test]
    fn the_edge_gives_the_root_of_every_smaller_log_that_ends_in_it() {
        let leaves = naive::leaves(700);
        for size in [1, 2, 5, 255, 256, 257, 300, 511, 512, 513, 700] {
            let (checkpoint, read) = tiles(&leaves[..size], &[]);
            let kept = LogTiles::from_edge(&checkpoint, &read.edge().unwrap()).unwrap();
            for smaller in 0..=size {
                let root = kept.prefix_root(smaller as u64);
                let reached = smaller % 256 == 0 || smaller >= size / 256 * 256;
                match root {
                    Ok(root) => assert_eq!(root, naive::mth(&leaves[..smaller]), "{smaller} of {size}"),
                    Err(ProofError::Missing { .. }) => assert!(!reached, "{smaller} of {size}"),
                    Err(other) => panic!("{other}"),
                }
            }
            assert!(kept.prefix_root(size as u64 + 1).is_err());
        }
    }

    #[test]
    fn the_tile_before_the_edge_is_kept_where_it_was_read() {
        let leaves = naive::leaves(700);
        let (checkpoint, read) = tiles(&leaves, &[Goal::Prefix(450)]);
        let kept = LogTiles::from_edge(&checkpoint, &read.edge().unwrap()).unwrap();
        for smaller in 256..=700 {
            assert_eq!(kept.prefix_root(smaller), Ok(naive::mth(&leaves[..smaller as usize])));
        }
        assert!(matches!(kept.prefix_root(255), Err(ProofError::Missing { .. })));
    }

    #[test]
    fn a_damaged_edge_counts_as_none() {
        let leaves = naive::leaves(5);
        let (checkpoint, read) = tiles(&leaves, &[]);
        let text = read.edge().unwrap();
        assert_eq!(LogTiles::new(&checkpoint).edge(), None);
        assert!(LogTiles::from_edge(&checkpoint, &text).is_some());
        let other = Checkpoint::new("log", 5, naive::mth(&naive::leaves(6)));
        assert!(LogTiles::from_edge(&other, &text).is_none());
        let shorter = Checkpoint::new("log", 4, naive::mth(&leaves[..4]));
        assert!(LogTiles::from_edge(&shorter, &text).is_none());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(LogTiles::from_edge(&checkpoint, &text).is_none(), "{at}: {text}");
            }
        }
        assert!(LogTiles::from_edge(&checkpoint, &text[..text.len() - 40]).is_none());
        assert!(LogTiles::from_edge(&checkpoint, "").is_none());
    }
}
