//! The files of a registry that were brought, and those that are still needed.

use super::ReleaseProofError;
use crate::log::proof::{Goal, LogTiles, ProofError};
use crate::log::tile::{self, BundleId, TileId};
use crate::message::registry as text;
use crate::registry::layout;

/// A file to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNeed {
    /// Its path in the layout of a registry (`core/docs/registry-format.md`, section 2).
    pub path: String,
    /// Bytes it may have at most: more is not to be read.
    pub limit: u64,
}

/// Files by path; `None` for one that the registry does not have.
#[derive(Debug, Default)]
pub(super) struct Files {
    brought: Vec<(String, Option<Vec<u8>>)>,
    needs: Vec<FileNeed>,
}

impl Files {
    /// What is to be brought now.
    pub(super) fn needs(&self) -> &[FileNeed] {
        &self.needs
    }

    /// Begins another look at what there is.
    pub(super) fn start(&mut self) {
        self.needs.clear();
    }

    /// Takes a file that was asked for; anything else is not looked at.
    pub(super) fn supply(&mut self, path: &str, file: Option<&[u8]>) -> Result<(), ReleaseProofError> {
        let Some(at) = self.needs.iter().position(|need| need.path == path) else { return Ok(()) };
        let need = self.needs.swap_remove(at);
        if let Some(len) = file.map(|file| file.len() as u64).filter(|len| *len > need.limit) {
            return Err(ReleaseProofError::TooLong { path: need.path, len, limit: need.limit });
        }
        self.forget(&need.path);
        self.brought.push((need.path, file.map(<[u8]>::to_vec)));
        Ok(())
    }

    /// Forgets a file, so that it is brought again.
    pub(super) fn forget(&mut self, path: &str) {
        self.brought.retain(|(known, _)| known != path);
    }

    /// A file: `None` while it is needed, `Some(None)` when the registry does not have it.
    pub(super) fn get(&mut self, path: &str, limit: u64) -> Option<Option<&[u8]>> {
        // A proof takes a dozen files, and some more for a namespace that changed its keys often.
        match self.brought.iter().position(|(known, _)| known == path) {
            Some(at) => Some(self.brought.get(at).and_then(|(_, file)| file.as_deref())),
            None => {
                if self.needs.iter().all(|need| need.path != path) {
                    self.needs.push(FileNeed { path: path.to_owned(), limit });
                }
                None
            }
        }
    }

    /// The first of these files that the registry has; `None` while one is needed.
    fn first_of(&mut self, paths: [String; 2], limit: u64) -> Result<Option<&[u8]>, ReleaseProofError> {
        for path in &paths {
            match self.get(path, limit) {
                None => return Ok(None),
                Some(None) => {}
                // Looked for again: what a loop has borrowed cannot be given out of it.
                Some(Some(_)) => return Ok(self.get(path, limit).flatten()),
            }
        }
        let [path, _] = paths;
        Err(ReleaseProofError::Outdated { reason: text::copy_lacks(&path) })
    }

    /// Brings and checks the tiles that `goals` need; `false` while some are needed.
    pub(super) fn prove(&mut self, tiles: &mut LogTiles, goals: &[Goal]) -> Result<bool, ReleaseProofError> {
        let mut whole = true;
        for id in tiles.needed(goals)? {
            // Of a partial tile that is gone the full one is there.
            let paths = [layout::tile(id), layout::tile(TileId::full(&id))];
            match self.first_of(paths, layout::TILE_LEN) {
                Ok(Some(bytes)) => tiles.supply(id, bytes)?,
                Ok(None) => whole = false,
                // An older copy does not have it; what was seen of the same log before may.
                Err(_) if tiles.recall(id) => {}
                Err(error) => return Err(error),
            }
        }
        if whole {
            tiles.check()?;
        }
        Ok(whole)
    }

    /// The entry at `index` of a log of `size` leaves, **not proved** to be in it; `None` while it is needed. A copy
    /// that is older, of `served` leaves, has it in a shorter bundle.
    pub(super) fn entry(
        &mut self,
        index: u64,
        size: u64,
        served: Option<u64>,
    ) -> Result<Option<Vec<u8>>, ReleaseProofError> {
        let missing = || ProofError::Missing { path: format!("log entry {index}") };
        let (bundle, place) =
            (index / tile::WIDTH, usize::try_from(index % tile::WIDTH).unwrap_or(usize::MAX));
        let id = BundleId::at(bundle, size).ok_or_else(missing)?;
        let shorter = served.filter(|served| index < *served).and_then(|served| BundleId::at(bundle, served));
        let paths = [layout::bundle(id), layout::bundle(id.full())];
        let (id, bytes) = match (self.first_of(paths, layout::BUNDLE_LEN), shorter) {
            (Ok(bytes), _) => (id, bytes.map(<[u8]>::to_vec)),
            (Err(_), Some(shorter)) => {
                let path = layout::bundle(shorter);
                let bytes = self.first_of([path.clone(), path], layout::BUNDLE_LEN)?;
                (shorter, bytes.map(<[u8]>::to_vec))
            }
            (Err(error), None) => return Err(error),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let entries = tile::parse_bundle(id, &bytes)?;
        let entry = entries.get(place).ok_or_else(missing)?;
        Ok(Some(entry.to_vec()))
    }
}
