//! Reading a log from its published files: tiles and bundles of entries, partial ones or full.

use super::source::Source;
use crate::error::Error;
use crate::message::registry as text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::log::proof::{Goal, LogTiles, ProofError};
use vitte_package_core::log::tile::{self, BundleId, TileId};
use vitte_package_core::registry::layout;

/// Entries wanted from one bundle from which all of it is asked for, instead of a proof for each: it is at most as long
/// as some 150 of them, and most of what a small file costs is the asking.
const MANY: usize = 32;

/// The entries of a bundle.
pub type Entries = Arc<Vec<Vec<u8>>>;

/// Bundles that were read. Whoever asks for entry after entry keeps them from one [`LogFiles`] to the next.
#[derive(Clone, Default)]
pub struct Bundles {
    read: Arc<Mutex<BTreeMap<BundleId, Entries>>>,
    /// Bundles, by their number, of which many entries are wanted.
    wanted: Arc<Mutex<BTreeSet<u64>>>,
}

impl std::fmt::Debug for Bundles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bundles")
    }
}

impl Bundles {
    fn get(&self, id: BundleId) -> Option<Entries> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Of these entries, those of which the whole bundle is worth asking for; by bundle.
    pub(super) fn want(&self, indices: impl Iterator<Item = u64>) -> BTreeSet<u64> {
        let mut count: BTreeMap<u64, usize> = BTreeMap::new();
        for index in indices {
            *count.entry(index / tile::WIDTH).or_default() += 1;
        }
        let many: BTreeSet<u64> =
            count.into_iter().filter(|(_, count)| *count >= MANY).map(|(bundle, _)| bundle).collect();
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).extend(&many);
        many
    }

    /// Whether the entry at `index` is to be taken from its bundle.
    pub(super) fn wants(&self, index: u64) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).contains(&(index / tile::WIDTH))
    }

    fn insert(&self, id: BundleId, entries: &Entries) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever walks the log wants one bundle after another, not all of them.
        if read.len() >= 64 {
            read.clear();
        }
        read.insert(id, Arc::clone(entries));
    }
}

/// The files of a log of a known size.
pub struct LogFiles<'a> {
    source: &'a dyn Source,
    size: u64,
    /// Leaves of the log that an older copy serves.
    served: Option<u64>,
    bundles: Bundles,
}

impl std::fmt::Debug for LogFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogFiles({}, {} entries)", self.source.name(), self.size)
    }
}

impl<'a> LogFiles<'a> {
    /// The files of a log of `size` leaves.
    pub fn new(source: &'a dyn Source, size: u64) -> Self {
        Self::sharing(source, size, &Bundles::default())
    }

    /// As [`LogFiles::new`], with the bundles that were read before.
    pub fn sharing(source: &'a dyn Source, size: u64, bundles: &Bundles) -> Self {
        Self { source, size, served: None, bundles: bundles.clone() }
    }

    /// In a copy of the registry that is older: its log has `served` leaves.
    #[must_use]
    pub fn in_older_copy(self, served: Option<u64>) -> Self {
        Self { served, ..self }
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
        let bundle = match (self.bundle(index / tile::WIDTH), self.served.filter(|served| index < *served)) {
            (Err(error), Some(served)) if error.code() == Code::Unavailable => {
                let older =
                    Self { size: served, served: None, source: self.source, bundles: self.bundles.clone() };
                older.bundle(index / tile::WIDTH)?
            }
            (bundle, _) => bundle?,
        };
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
        if let Some(known) = self.bundles.get(id) {
            return Ok(known);
        }
        let bytes = self.first_of(&[layout::bundle(id), layout::bundle(id.full())], layout::BUNDLE_LEN)?;
        let entries: Vec<_> = tile::parse_bundle(id, &bytes)?.into_iter().map(<[u8]>::to_vec).collect();
        let entries = Arc::new(entries);
        self.bundles.insert(id, &entries);
        Ok(entries)
    }

    /// Brings and checks the tiles that `goals` need.
    ///
    /// # Errors
    /// `unavailable` when a tile is missing, `inclusion` when it is not part of the log.
    pub fn prove(&self, tiles: &mut LogTiles, goals: &[Goal]) -> Result<(), Error> {
        let needed = tiles.needed(goals)?;
        if needed.len() > 1 {
            let files: Vec<_> = needed.iter().map(|id| (layout::tile(*id), layout::TILE_LEN)).collect();
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
            self.source.believe(&layout::tile(id));
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
        Err(self.source.about(fault.into(), path))
    }
}
