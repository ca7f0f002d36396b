//! Which tiles prove what, and the proof that travels with a file.
//!
//! [`LogTiles`] is a machine of the shape plan, supply, check: it says which tiles it needs, takes their bytes,
//! and uses no hash before its tile has been checked up to the root of a checkpoint. [`TlogProof`] is C2SP
//! `tlog-proof`, which needs no tiles at all.

use super::checkpoint::{Checkpoint, CheckpointError, VerifiedCheckpoint};
use super::merkle::{self, MerkleError, leaf_hash, verify_consistency, verify_inclusion};
use super::policy::LogPolicy;
use super::tile::{HEIGHT, LEVELS, TileError, TileId, WIDTH, parse_tile};
use super::{parse_base64, parse_hash, parse_number, print_base64};
use crate::diagnostic::{Code, Diagnose, Diagnostic, Place, display_as_message};
use crate::digest::Digest;
use crate::limits;
use crate::message::log as text;
use crate::ordered;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be proved about a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// What the leaf at this index is.
    Leaf(u64),
    /// That the log began with so many leaves of known root.
    Prefix(u64),
}

/// Proofs about the log of one checkpoint, computed from its tiles.
#[derive(Clone, Debug)]
pub struct LogTiles {
    size: u64,
    root: Digest,
    edge_checked: bool,
    verified: BTreeMap<(u8, u64), Vec<Digest>>,
    supplied: BTreeMap<TileId, Vec<Digest>>,
    /// Tiles that were checked up to the same root before, for when a copy of the registry lacks them.
    kept: BTreeMap<TileId, Vec<Digest>>,
}

impl LogTiles {
    /// Begins with no tiles. `checkpoint` is what everything is checked against.
    pub fn new(checkpoint: &Checkpoint) -> Self {
        Self {
            size: checkpoint.size(),
            root: *checkpoint.root(),
            edge_checked: false,
            verified: BTreeMap::new(),
            supplied: BTreeMap::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Keeps the tiles that `known` has checked, if it is of the same log, for [`LogTiles::recall`].
    pub fn keep(&mut self, known: &Self) {
        if known.size == self.size && known.root == self.root && known.edge_checked {
            let id = |level: u8, index: u64| TileId::at(level, index, self.size);
            let tiles = known
                .verified
                .iter()
                .filter_map(|((level, index), hashes)| Some((id(*level, *index)?, hashes.clone())));
            self.kept = tiles.collect();
        }
    }

    /// Whether a tile is kept.
    pub(crate) fn keeps(&self, id: TileId) -> bool {
        self.kept.contains_key(&id)
    }

    /// Supplies a tile that is kept; `false` when it is not.
    pub fn recall(&mut self, id: TileId) -> bool {
        let kept = self.kept.get(&id).cloned();
        kept.map(|hashes| self.supplied.insert(id, hashes)).is_some()
    }

    /// Whether the right edge has been checked.
    pub(super) fn is_edge_checked(&self) -> bool {
        self.edge_checked
    }

    /// The hashes of a checked tile.
    pub(super) fn tile_hashes(&self, level: u8, index: u64) -> Option<&Vec<Digest>> {
        self.verified.get(&(level, index))
    }

    /// The hash over the leaves from `from` up to, without, `to`.
    pub(super) fn subtree(&self, from: u64, to: u64) -> Result<Digest, ProofError> {
        self.hash((from, to))
    }

    /// The tiles that are still to be supplied to reach `goals`, each once. One round brings all of them.
    ///
    /// # Errors
    /// [`ProofError::Merkle`] when a goal lies outside the log.
    pub fn needed(&self, goals: &[Goal]) -> Result<Vec<TileId>, ProofError> {
        let mut tiles = ordered::set(TileId::right_edge(self.size));
        for goal in goals {
            for range in self.ranges(*goal)? {
                for piece in pieces(range) {
                    self.with_ancestors(piece.tile(), &mut tiles);
                }
            }
            if let Goal::Leaf(index) = goal {
                self.with_ancestors((0, index / WIDTH), &mut tiles);
            }
        }
        let missing = |id: &TileId| {
            !self.verified.contains_key(&(id.level(), id.index())) && !self.supplied.contains_key(id)
        };
        Ok(tiles.into_iter().filter(missing).collect())
    }

    /// Takes the bytes of a tile, of exactly its width or full.
    ///
    /// # Errors
    /// [`ProofError::Tile`] when the length is wrong.
    pub fn supply(&mut self, id: TileId, bytes: &[u8]) -> Result<(), ProofError> {
        let hashes = parse_tile(id, bytes).map_err(ProofError::Tile)?;
        self.supplied.insert(id, hashes);
        Ok(())
    }

    /// Checks all supplied tiles up to the root and gives the names of those that are good now: only these may
    /// be kept. On an error the supplied ones that were not yet checked are dropped.
    ///
    /// # Errors
    /// [`ProofError::Root`] when the right edge gives another root, [`ProofError::Altered`] naming the first tile
    /// that does not hash to what is above it, [`ProofError::Missing`] when what is above it is not there.
    pub fn check(&mut self) -> Result<Vec<TileId>, ProofError> {
        let mut supplied = std::mem::take(&mut self.supplied);
        let mut good = Vec::new();
        if !self.edge_checked {
            let edge = TileId::right_edge(self.size);
            let mut below: Option<Digest> = None;
            for id in &edge {
                let hashes = supplied.get(id).ok_or_else(|| ProofError::Missing { path: id.path() })?;
                let hashes: Vec<_> = hashes.iter().copied().chain(below).collect();
                below = Some(merkle::root(&hashes));
            }
            let got = below.unwrap_or_else(merkle::empty_root);
            if got != self.root {
                return Err(ProofError::Root { size: self.size, expected: self.root, got });
            }
            self.edge_checked = true;
            for id in edge {
                if let Some(hashes) = supplied.remove(&id) {
                    self.verified.insert((id.level(), id.index()), hashes);
                    good.push(id);
                }
            }
        }
        // From the top down: what is above a tile is checked before the tile is.
        let mut rest: Vec<_> = supplied.into_iter().collect();
        ordered::sort_by(&mut rest, |(a, _), (b, _)| b.level().cmp(&a.level()));
        for (id, hashes) in rest {
            let above = (id.level() + 1, id.index() / WIDTH);
            let expected = self
                .verified
                .get(&above)
                .and_then(|tile| tile.get((id.index() % WIDTH) as usize))
                .ok_or_else(|| ProofError::Missing { path: id.path() })?;
            if merkle::root(&hashes) != *expected || !id.is_full() {
                return Err(ProofError::Altered { path: id.path() });
            }
            self.verified.insert((id.level(), id.index()), hashes);
            good.push(id);
        }
        Ok(good)
    }

    /// The inclusion proof of the leaf at `index`, from the leaf's sibling upwards.
    ///
    /// # Errors
    /// [`ProofError::Merkle`] when the index lies outside, [`ProofError::Missing`] when a tile is not there.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Digest>, ProofError> {
        self.ranges(Goal::Leaf(index))?.into_iter().map(|range| self.hash(range)).collect()
    }

    /// The proof that the log began with `old_size` leaves.
    ///
    /// # Errors
    /// As [`LogTiles::inclusion`].
    pub fn consistency(&self, old_size: u64) -> Result<Vec<Digest>, ProofError> {
        self.ranges(Goal::Prefix(old_size))?.into_iter().map(|range| self.hash(range)).collect()
    }

    /// The hash of the leaf at `index`, as the log has it.
    ///
    /// # Errors
    /// As [`LogTiles::inclusion`].
    pub fn leaf_hash(&self, index: u64) -> Result<Digest, ProofError> {
        if index >= self.size {
            return Err(ProofError::Merkle(MerkleError::Index { index, size: self.size }));
        }
        self.hash((index, index + 1))
    }

    /// Checks that `leaf` is at `index`.
    ///
    /// # Errors
    /// [`ProofError::Merkle`] when another leaf does, [`ProofError::Missing`] when a tile is not there.
    pub fn check_leaf(&self, index: u64, leaf: &[u8]) -> Result<(), ProofError> {
        // Its tile hangs on the root already. The whole way up is only gone to say what is wrong.
        if self.leaf_hash(index)? == leaf_hash(leaf) {
            return Ok(());
        }
        let proof = self.inclusion(index)?;
        verify_inclusion(&leaf_hash(leaf), index, self.size, &proof, &self.root).map_err(ProofError::Merkle)
    }

    /// Checks that the log is a continuation of `old`.
    ///
    /// # Errors
    /// [`ProofError::Merkle`] when it is not, [`ProofError::Missing`] when a tile is not there.
    pub fn check_prefix(&self, old: &Checkpoint) -> Result<(), ProofError> {
        let proof = self.consistency(old.size())?;
        verify_consistency(old.size(), old.root(), self.size, &self.root, &proof).map_err(ProofError::Merkle)
    }

    /// Adds the tile at (level, index) and all above it.
    fn with_ancestors(&self, (mut level, mut index): (u8, u64), tiles: &mut BTreeSet<TileId>) {
        while level < LEVELS {
            let Some(id) = TileId::at(level, index, self.size) else { return };
            tiles.insert(id);
            (level, index) = (level + 1, index / WIDTH);
        }
    }

    /// The ranges of leaves whose subtree hashes make up the proof.
    fn ranges(&self, goal: Goal) -> Result<Vec<Range>, ProofError> {
        let (mut ranges, mut from, mut to) = (Vec::new(), 0, self.size);
        match goal {
            Goal::Leaf(index) => {
                if index >= self.size {
                    return Err(ProofError::Merkle(MerkleError::Index { index, size: self.size }));
                }
                while to - from > 1 {
                    let middle = from + split(to - from);
                    if index < middle {
                        ranges.push((middle, to));
                        to = middle;
                    } else {
                        ranges.push((from, middle));
                        from = middle;
                    }
                }
            }
            Goal::Prefix(old_size) => {
                if old_size > self.size {
                    let error = MerkleError::Shrunk { old_size, new_size: self.size };
                    return Err(ProofError::Merkle(error));
                }
                // While the old log's end lies in the left part, the old root itself stands for its own part.
                let mut whole = true;
                while old_size != 0 && to > old_size {
                    let middle = from + split(to - from);
                    if old_size <= middle {
                        ranges.push((middle, to));
                        to = middle;
                    } else {
                        ranges.push((from, middle));
                        from = middle;
                        whole = false;
                    }
                }
                if !whole {
                    ranges.push((from, to));
                }
            }
        }
        ranges.reverse();
        Ok(ranges)
    }

    /// The hash of a subtree, complete or at the right edge.
    fn hash(&self, range: Range) -> Result<Digest, ProofError> {
        let mut hash: Option<Digest> = None;
        for piece in pieces(range).into_iter().rev() {
            let (level, index) = piece.tile();
            let missing = || ProofError::Missing {
                path: TileId::at(level, index, self.size).map_or_else(String::new, |id| id.path()),
            };
            let tile = self.verified.get(&(level, index)).ok_or_else(missing)?;
            let first = ((piece.from >> (u32::from(level) * HEIGHT)) % WIDTH) as usize;
            let count = 1usize << (piece.height % HEIGHT);
            let left = merkle::root(tile.get(first..first + count).ok_or_else(missing)?);
            hash = Some(match hash {
                Some(right) => merkle::node_hash(&left, &right),
                None => left,
            });
        }
        Ok(hash.unwrap_or_else(merkle::empty_root))
    }
}

/// Leaves `.0` up to, without, `.1`.
type Range = (u64, u64);

/// A complete subtree: the leaves from `from`, `2^height` of them.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: u64,
    height: u32,
}

impl Piece {
    /// Level and index of the tile that holds its hash, or the hashes it follows from.
    fn tile(&self) -> (u8, u64) {
        let level = self.height / HEIGHT;
        (level as u8, (self.from >> (level * HEIGHT)) / WIDTH)
    }
}

/// Cuts a subtree into complete ones, the greatest first.
fn pieces((mut from, to): Range) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while from < to {
        let height = (to - from).ilog2();
        pieces.push(Piece { from, height });
        from += 1 << height;
    }
    pieces
}

/// The greatest power of two smaller than `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Proof that a leaf is in a log, with the leaf and a checkpoint: C2SP `tlog-proof`, file name `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    leaf: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Digest>,
    checkpoint: Vec<u8>,
}

/// A leaf that is proved to be in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedLeaf {
    /// Position in the log.
    pub index: u64,
    /// Its bytes.
    pub leaf: Vec<u8>,
    /// The checkpoint it is proved against.
    pub checkpoint: VerifiedCheckpoint,
}

const PROOF_HEADER: &str = "c2sp.org/tlog-proof@v1";

impl TlogProof {
    /// Puts a proof together. `checkpoint` is the note, verbatim.
    pub fn new(leaf: &[u8], index: u64, hashes: Vec<Digest>, checkpoint: &[u8]) -> Self {
        Self { leaf: Some(leaf.to_vec()), index, hashes, checkpoint: checkpoint.to_vec() }
    }

    /// Reads a proof of at most 256 KiB. Nothing in it is trusted yet.
    ///
    /// # Errors
    /// [`ProofError::Syntax`] naming the line that is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let refuse = |line: usize| ProofError::Syntax { line: line as u64 };
        if bytes.len() > limits::TLOG_PROOF_LEN {
            return Err(refuse(1));
        }
        let proof = std::str::from_utf8(bytes).map_err(|_| refuse(1))?;
        let (head, checkpoint) = proof.split_once("\n\n").ok_or_else(|| refuse(1))?;
        let mut lines = head.split('\n').enumerate().map(|(at, line)| (at + 1, line)).peekable();
        if lines.next().map(|(_, line)| line) != Some(PROOF_HEADER) {
            return Err(refuse(1));
        }
        let leaf = match lines.peek().and_then(|(at, line)| Some((*at, line.strip_prefix("extra ")?))) {
            Some((at, leaf)) => {
                lines.next();
                Some(parse_base64(leaf).ok_or_else(|| refuse(at))?)
            }
            None => None,
        };
        let (at, index) = lines.next().ok_or_else(|| refuse(2))?;
        let index = index.strip_prefix("index ").and_then(parse_number).ok_or_else(|| refuse(at))?;
        let mut hashes = Vec::new();
        for (at, line) in lines {
            if hashes.len() == 63 {
                return Err(refuse(at));
            }
            hashes.push(parse_hash(line).ok_or_else(|| refuse(at))?);
        }
        Ok(Self { leaf, index, hashes, checkpoint: checkpoint.as_bytes().to_vec() })
    }

    /// Writes the proof.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut proof = format!("{PROOF_HEADER}\n");
        if let Some(leaf) = &self.leaf {
            proof.push_str(&format!("extra {}\n", print_base64(leaf)));
        }
        proof.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            proof.push_str(&format!("{}\n", print_base64(hash.as_bytes())));
        }
        proof.push('\n');
        let mut bytes = proof.into_bytes();
        bytes.extend_from_slice(&self.checkpoint);
        bytes
    }

    /// The leaf it is said to prove. Means nothing before it is proved, here or from tiles.
    pub fn unproved_leaf(&self) -> Option<&[u8]> {
        self.leaf.as_deref()
    }

    /// The index it is said to prove.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The checkpoint note, verbatim.
    pub fn checkpoint(&self) -> &[u8] {
        &self.checkpoint
    }

    /// Checks checkpoint and proof without anything else.
    ///
    /// # Errors
    /// [`ProofError::Checkpoint`] when the checkpoint is refused under `policy`, [`ProofError::NoLeaf`] when there
    /// is no leaf, [`ProofError::Merkle`] when the leaf is not in that log at that index.
    pub fn verify(&self, policy: &LogPolicy) -> Result<ProvedLeaf, ProofError> {
        let checkpoint =
            VerifiedCheckpoint::open(&self.checkpoint, policy).map_err(ProofError::Checkpoint)?;
        let leaf = self.leaf.as_ref().ok_or(ProofError::NoLeaf)?;
        verify_inclusion(&leaf_hash(leaf), self.index, checkpoint.size(), &self.hashes, checkpoint.root())
            .map_err(ProofError::Merkle)?;
        Ok(ProvedLeaf { index: self.index, leaf: leaf.clone(), checkpoint })
    }
}

/// A proof cannot be made, read or trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// A tile is malformed.
    Tile(TileError),
    /// A tile has not been supplied.
    Missing {
        /// Its path.
        path: String,
    },
    /// The tiles at the right edge give another root than the checkpoint.
    Root {
        /// Leaves of the log.
        size: u64,
        /// The signed root.
        expected: Digest,
        /// The root of the tiles.
        got: Digest,
    },
    /// A tile does not hash to what the tile above says.
    Altered {
        /// Its path.
        path: String,
    },
    /// The proof does not check.
    Merkle(MerkleError),
    /// The checkpoint is refused.
    Checkpoint(CheckpointError),
    /// A `.tlog-proof` is malformed.
    Syntax {
        /// Number of the line, from 1.
        line: u64,
    },
    /// A `.tlog-proof` without leaf.
    NoLeaf,
}

impl Diagnose for ProofError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Tile(error) => error.diagnostic(),
            Self::Missing { path } => Diagnostic::new(Code::Inclusion, text::tile_missing(path)),
            Self::Root { size, expected, got } => {
                let (got, expected) = (got.to_string(), expected.to_string());
                Diagnostic::new(Code::Inclusion, text::edge_root(*size, &got, &expected))
            }
            Self::Altered { path } => Diagnostic::new(Code::Inclusion, text::tile_altered(path)),
            Self::Merkle(error) => error.diagnostic(),
            Self::Checkpoint(error) => error.diagnostic(),
            Self::Syntax { line } => {
                Diagnostic::new(Code::Inclusion, text::proof_syntax(*line)).at(Place::Line { line: *line })
            }
            Self::NoLeaf => Diagnostic::new(Code::Inclusion, text::proof_no_leaf()),
        }
    }
}
display_as_message!(ProofError);

#[cfg(test)]
mod tests;
