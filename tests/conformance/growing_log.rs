//! A log that grows in memory, as the judges of trees, proofs and tiles ask about it.

use proptest::prelude::*;
use std::collections::BTreeMap;
use vitte_package_core::log::append::Appender;
use vitte_package_core::log::checkpoint::Checkpoint;
use vitte_package_core::log::proof::{Goal, LogTiles};
use vitte_package_core::log::tile::TileId;

/// The content of a leaf: no two are alike.
pub(crate) fn leaf(seed: u64, index: u64) -> Vec<u8> {
    format!("leaf {seed} {index}").into_bytes()
}

/// A log in memory: its tiles at every size that was asked for, and its root there.
pub(crate) struct Log {
    /// By the size a reader saw.
    pub(crate) tiles: BTreeMap<(u64, TileId), Vec<u8>>,
    pub(crate) checkpoints: BTreeMap<u64, Checkpoint>,
}

impl Log {
    /// Grows a log to each of the sizes in turn, as a writer does in batches.
    pub(crate) fn grow(seed: u64, sizes: &[u64]) -> Self {
        let (mut appender, mut known) = (Appender::empty(), BTreeMap::new());
        let mut log = Self { tiles: BTreeMap::new(), checkpoints: BTreeMap::new() };
        for size in sizes {
            while appender.size() < *size {
                appender.append(&leaf(seed, appender.size())).unwrap();
            }
            known.extend(appender.take_tiles());
            // What a reader of that size finds: full tiles, and the partial ones of that very size.
            log.tiles.extend(known.iter().map(|(id, bytes)| ((*size, *id), bytes.clone())));
            log.checkpoints.insert(*size, Checkpoint::new("go.example/log", *size, appender.root()));
        }
        log
    }

    /// A client's view, with what it needs brought and checked.
    pub(crate) fn view(&self, size: u64, goals: &[Goal]) -> LogTiles {
        let mut view = LogTiles::new(&self.checkpoints[&size]);
        for id in view.needed(goals).unwrap() {
            view.supply(id, &self.tiles[&(size, id)]).unwrap();
        }
        view.check().unwrap();
        view
    }
}

/// A log of up to 5,000 leaves, grown in a few steps, and places in it.
pub(crate) fn logs() -> impl Strategy<Value = (u64, Vec<u64>, Vec<u64>)> {
    let sizes = proptest::collection::btree_set(1u64..=5000, 1..4);
    (any::<u32>(), sizes, proptest::collection::vec(any::<u64>(), 6))
        .prop_map(|(seed, sizes, places)| (u64::from(seed), sizes.into_iter().collect(), places))
}
