//! Reading a log from its published files: tiles and bundles of entries, partial ones or full.

use super::source::RegistrySource;
use crate::error::Error;
use crate::message::registry as text;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::log::proof::{Goal, LogTiles, ProofError};
use vitte_package_core::log::tile::{self, BundleId, TileId};
use vitte_package_core::registry::client::FileNeed;
use vitte_package_core::registry::layout;

/// The entries of a bundle.
pub type Entries = Arc<Vec<Vec<u8>>>;

/// Bundles that are kept: whoever walks the log wants one after another, not all of them.
const BUNDLES: usize = 64;

/// The files of a log of a known size.
pub struct LogFiles<'a> {
    source: &'a dyn RegistrySource,
    size: u64,
    bundles: Mutex<BTreeMap<BundleId, Entries>>,
}

impl std::fmt::Debug for LogFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogFiles({}, {} entries)", self.source.name(), self.size)
    }
}

impl<'a> LogFiles<'a> {
    /// The files of a log of `size` leaves.
    pub fn new(source: &'a dyn RegistrySource, size: u64) -> Self {
        Self { source, size, bundles: Mutex::default() }
    }

    /// The bytes of a tile; of the full one where a partial one is gone. Nothing is checked.
    ///
    /// # Errors
    /// `unavailable` when it is missing, otherwise the source's.
    pub fn tile(&self, id: TileId) -> Result<Vec<u8>, Error> {
        self.first_of(&[layout::tile(id), layout::tile(id.full())], layout::TILE_LEN)
    }

    /// The entry at `index`, **not proved** to be in the log.
    ///
    /// # Errors
    /// `unavailable` when the bundle is missing, `inclusion` when `index` lies outside; `leaf` when the bundle is
    /// malformed.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, Error> {
        let bundle = self.bundle(index / tile::WIDTH)?;
        let place = (index % tile::WIDTH) as usize;
        let missing = || Error::from(ProofError::Missing { path: format!("log entry {index}") });
        bundle.get(place).cloned().ok_or_else(missing)
    }

    /// The entries of a bundle, **not proved** to be in the log.
    ///
    /// # Errors
    /// As [`LogFiles::entry`].
    pub fn bundle(&self, index: u64) -> Result<Entries, Error> {
        let id = BundleId::at(index, self.size).ok_or_else(|| ProofError::Missing {
            path: format!("log entry {}", index.saturating_mul(tile::WIDTH)),
        })?;
        let read = || self.bundles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read().get(&id) {
            return Ok(Arc::clone(known));
        }
        let bytes = self.first_of(&[layout::bundle(id), layout::bundle(id.full())], layout::BUNDLE_LEN)?;
        let entries: Vec<_> = tile::parse_bundle(id, &bytes)?.into_iter().map(<[u8]>::to_vec).collect();
        let entries = Arc::new(entries);
        let mut read = read();
        if read.len() >= BUNDLES {
            read.clear();
        }
        read.insert(id, Arc::clone(&entries));
        Ok(entries)
    }

    /// Brings and checks the tiles that `goals` need.
    ///
    /// # Errors
    /// `unavailable` when a tile is missing, `inclusion` when it is not part of the log.
    pub fn prove(&self, tiles: &mut LogTiles, goals: &[Goal]) -> Result<(), Error> {
        let needed = tiles.needed(goals)?;
        if needed.len() > 1 {
            let file = |id: &TileId| FileNeed { path: layout::tile(*id), limit: layout::TILE_LEN };
            let files: Vec<_> = needed.iter().map(file).collect();
            self.source.prefetch(&files);
        }
        for id in &needed {
            match self.tile(*id) {
                Ok(bytes) => tiles.supply(*id, &bytes)?,
                // This copy does not have it; what was seen of the same log before may.
                Err(error) if error.code() == Code::Unavailable && tiles.recall(*id) => {}
                Err(error) => return Err(error),
            }
        }
        tiles.check()?;
        for id in needed {
            self.source.confirm(&layout::tile(id));
        }
        Ok(())
    }

    fn first_of(&self, paths: &[String], limit: u64) -> Result<Vec<u8>, Error> {
        for path in paths {
            if let Some(bytes) = self.source.read(path, limit)? {
                return Ok(bytes);
            }
        }
        // It proves nothing: mirrors and caches are copied file by file.
        let path = paths.first().map_or("", String::as_str);
        let fault = Diagnostic::new(Code::Unavailable, text::copy_lacks(path)).help(text::older_help());
        Err(self.source.at(fault.into(), path))
    }
}
