//! Tiles, bundles and proofs: each is kept once the log's checkpoint proves every byte of it.

use super::copy::LocalCopy;
use super::upstream::Upstream;
use super::words;
use crate::error::{Error, Result};
use crate::paths::RegistryPath;
use vitte_package_core::diagnostic::{Code, Diagnose as _};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::{Leaf, Subject};
use vitte_package_core::log::policy::LogPolicy;
use vitte_package_core::log::proof::{Goal, LogTiles, ProofError, TlogProof};
use vitte_package_core::log::tile::{
    BundleId, HEIGHT, TileError, TileId, parse_bundle, parse_tile, print_entry, print_tile,
};
use vitte_package_core::registry::layout;

/// Where a file may be taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// The copy, and where it has none, the registry.
    CopyFirst,
    /// The registry: what the copy has does not check.
    Upstream,
}

/// The files of the log of one checkpoint.
pub(super) struct LogFiles<'a> {
    pub(super) copy: &'a LocalCopy,
    pub(super) upstream: &'a Upstream,
    pub(super) checkpoint: &'a VerifiedCheckpoint,
}

impl LogFiles<'_> {
    fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// Brings the tiles that `goals` need, the right edge among them, and keeps them.
    pub(super) fn tiles(&self, goals: &[Goal]) -> Result<LogTiles> {
        match self.tiles_from(goals, From::CopyFirst) {
            Err(error) if error.first().code != Code::Unavailable => self.tiles_from(goals, From::Upstream),
            tiles => tiles,
        }
    }

    fn tiles_from(&self, goals: &[Goal], from: From) -> Result<LogTiles> {
        let mut tiles = LogTiles::new(self.checkpoint.checkpoint());
        let mut found = Vec::new();
        for id in tiles.needed(goals).map_err(refused)? {
            let bytes = self.either(&layout::tile(id), &layout::tile(id.full()), layout::TILE_LEN, from)?;
            tiles.supply(id, &bytes).map_err(refused)?;
            found.push((id, bytes));
        }
        tiles.check().map_err(refused)?;
        for (id, bytes) in found {
            self.keep_tile(id, &bytes)?;
        }
        Ok(tiles)
    }

    /// Keeps a tile that was checked. Of a longer one only what was checked is kept.
    pub(super) fn keep_tile(&self, id: TileId, bytes: &[u8]) -> Result<()> {
        let hashes = parse_tile(id, bytes).map_err(malformed)?;
        self.copy.put(&layout::tile(id), &print_tile(&hashes))?;
        if id.is_full() {
            self.copy.prune(&format!("{}.p", layout::tile(id)));
        }
        Ok(())
    }

    /// A file, or, where it is gone since there is a longer one, that.
    fn either(&self, path: &str, full: &str, limit: u64, from: From) -> Result<Vec<u8>> {
        for path in [path, full] {
            let kept = if from == From::CopyFirst { self.copy.read(path, limit) } else { None };
            let found = match kept {
                Some(bytes) => Some(bytes),
                None => self.upstream.get(path, limit)?,
            };
            if let Some(bytes) = found {
                return Ok(bytes);
            }
            if path == full {
                break;
            }
        }
        Err(Error::new(Code::Unavailable, words::absent()))
    }

    /// Brings a tile that a client asks for, of this log or of an earlier size of it. Says whether the log has it.
    pub(super) fn bring_tile(&self, wanted: TileId) -> Result<bool> {
        let Some(id) = TileId::at(wanted.level(), wanted.index(), self.size()) else { return Ok(false) };
        if wanted.width() > id.width() {
            return Ok(false);
        }
        // The first leaf below it.
        let leaf = wanted.index().checked_shl(HEIGHT * (u32::from(wanted.level()) + 1));
        let Some(leaf) = leaf.filter(|leaf| *leaf < self.size()) else { return Ok(false) };
        self.tiles(&[Goal::Leaf(leaf)])?;
        let path = layout::tile(id);
        let Some(bytes) = self.copy.read(&path, layout::TILE_LEN) else {
            return Err(Error::new(Code::Unavailable, words::absent()));
        };
        if wanted != id {
            let len = usize::from(wanted.width()) * 32;
            self.copy.put(&layout::tile(wanted), bytes.get(..len).unwrap_or_default())?;
        }
        Ok(true)
    }

    /// Brings a bundle that a client asks for. Says whether the log has it.
    pub(super) fn bring_bundle(&self, wanted: BundleId) -> Result<bool> {
        let Some(id) = BundleId::at(wanted.index(), self.size()) else { return Ok(false) };
        if wanted.width() > id.width() {
            return Ok(false);
        }
        let entries = self.entries(wanted.index())?;
        if wanted != id {
            self.keep_bundle(wanted, entries.iter().take(usize::from(wanted.width())))?;
        }
        Ok(true)
    }

    /// The entries of a bundle, each proved to be in its place.
    pub(super) fn entries(&self, index: u64) -> Result<Vec<Vec<u8>>> {
        let missing = || Error::new(Code::NotFound, words::absent());
        let id = BundleId::at(index, self.size()).ok_or_else(missing)?;
        match self.entries_from(id, From::CopyFirst) {
            Err(error) if error.first().code != Code::Unavailable => self.entries_from(id, From::Upstream),
            entries => entries,
        }
    }

    fn entries_from(&self, id: BundleId, from: From) -> Result<Vec<Vec<u8>>> {
        let (path, full) = (layout::bundle(id), layout::bundle(id.full()));
        let bytes = self.either(&path, &full, layout::BUNDLE_LEN, from)?;
        self.check_bundle(id, &bytes)
    }

    /// Checks a bundle and keeps it.
    pub(super) fn check_bundle(&self, id: BundleId, bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
        let tiles = self.tiles(&[Goal::Leaf(id.first())])?;
        let entries = parse_bundle(id, bytes).map_err(malformed)?;
        for (entry, place) in entries.iter().zip(id.first()..) {
            tiles.check_leaf(place, entry).map_err(refused)?;
        }
        let entries: Vec<Vec<u8>> = entries.into_iter().map(<[u8]>::to_vec).collect();
        self.keep_bundle(id, entries.iter())?;
        Ok(entries)
    }

    fn keep_bundle<'e>(&self, id: BundleId, entries: impl Iterator<Item = &'e Vec<u8>>) -> Result<()> {
        let mut bytes = Vec::new();
        for entry in entries {
            print_entry(&mut bytes, entry).map_err(malformed)?;
        }
        let path = layout::bundle(id);
        self.copy.put(&path, &bytes)?;
        if id == id.full() {
            self.copy.prune(&format!("{path}.p"));
        }
        Ok(())
    }

    /// Brings the proof that stands next to an archive. Says whether there is one: it may be missing, and one by a key
    /// of the log that no longer counts is as good as none.
    pub(super) fn bring_proof(&self, path: &str, policy: &LogPolicy) -> Result<bool> {
        match self.upstream.get(path, limits::TLOG_PROOF_LEN as u64)? {
            Some(bytes) => self.check_proof(path, &bytes, policy),
            None => Ok(false),
        }
    }

    /// Checks a proof and keeps it.
    pub(super) fn check_proof(&self, path: &str, bytes: &[u8], policy: &LogPolicy) -> Result<bool> {
        let differs = || Error::new(Code::Inclusion, words::proof_differs(path));
        let proof = TlogProof::parse(bytes).map_err(refused)?;
        let proved = match proof.verify(policy) {
            Err(ProofError::Checkpoint(_)) => return Ok(false),
            proved => proved.map_err(refused)?,
        };
        if proved.index >= self.size() {
            return Ok(false);
        }
        self.tiles(&[Goal::Leaf(proved.index)])?.check_leaf(proved.index, &proved.leaf).map_err(refused)?;
        let leaf = Leaf::parse(&proved.leaf).map_err(|_| differs())?;
        match leaf.subject {
            Subject::Release { artifact, .. } if layout::proof(&artifact) == path => {
                self.copy.put(path, bytes)?;
                Ok(true)
            }
            _ => Err(differs()),
        }
    }

    /// Keeps what came while other things were checked, if it is good.
    pub(super) fn keep_if_good(&self, path: &str, bytes: &[u8], policy: &LogPolicy) {
        // What is not good is asked for anew when it is needed, and its fault is reported then.
        let _ = match RegistryPath::parse(path) {
            RegistryPath::Bundle(wanted) => match BundleId::at(wanted.index(), self.size()) {
                Some(id) if !self.copy.holds(&layout::bundle(id)) => self.check_bundle(id, bytes).map(|_| ()),
                _ => Ok(()),
            },
            RegistryPath::Proof if !self.copy.holds(path) => {
                self.check_proof(path, bytes, policy).map(|_| ())
            }
            _ => Ok(()),
        };
    }
}

fn refused(error: ProofError) -> Error {
    error.diagnostic().into()
}

fn malformed(error: TileError) -> Error {
    error.diagnostic().into()
}
