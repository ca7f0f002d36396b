//! Entries of the log: by the bundle they are in, or, for one release, by the proof next to its archive.

use super::Refusal;
use super::files::Files;
use super::table::Table;
use crate::limits;
use crate::log::proof::{ProofError, TlogProof};
use crate::log::tile::{self, BundleId};
use crate::registry::layout;
use std::task::Poll;

/// Entries wanted of one bundle from which all of it is asked for, instead of a proof for each: it is at most as long as
/// some 150 of them, and most of what a small file costs is the request.
const MANY: usize = 32;
/// Bundles that are requested at once and kept. A walk along the log needs one after another, not all of them, and a
/// hostile registry may spread the records of a namespace over thousands.
const BUNDLES: usize = 64;
/// Single entries that are kept.
const ENTRIES: usize = 4096;

/// Which log the entries are read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogSize {
    /// Leaves of it.
    pub(super) size: u64,
    /// Leaves that an older copy serves.
    pub(super) served: Option<u64>,
}

/// Entries that were read. **None of them is proved** to be in the log.
#[derive(Debug, Default)]
pub(super) struct Entries {
    single: Table<u64, Vec<u8>>,
    /// Bundles by number, each with the width it was read with.
    bundles: Table<u64, Vec<Vec<u8>>>,
    /// Numbers of bundles of which many entries are wanted.
    many: Table<u64, ()>,
    /// Bundles asked for in this round.
    asked: Table<u64, ()>,
    /// How often a bundle was taken apart.
    #[cfg(test)]
    pub(super) reads: usize,
}

impl Entries {
    /// Starts another round.
    pub(super) fn start(&mut self) {
        self.asked.clear();
    }

    /// Before other things are wanted: drops what has grown large.
    pub(super) fn trim(&mut self) {
        if self.single.len() > ENTRIES {
            self.single.clear();
        }
    }

    /// Forgets an entry that is not what the log has there.
    pub(super) fn forget(&mut self, index: u64) {
        self.single.remove(&index);
    }

    /// Notes of which bundles many of these entries are.
    pub(super) fn expect(&mut self, indices: impl Iterator<Item = u64>) {
        let mut wanted: Table<u64, usize> = Table::default();
        for index in indices {
            let bundle = index / tile::WIDTH;
            let count = wanted.get(&bundle).map_or(1, |count| count + 1);
            wanted.insert(bundle, count);
            if count == MANY {
                self.many.insert(bundle, ());
            }
        }
    }

    /// The entry at `index`.
    ///
    /// # Errors
    /// `unavailable` when its bundle is missing, `inclusion` when `index` lies outside; `leaf` when the bundle is
    /// malformed.
    pub(super) fn entry(
        &mut self,
        files: &mut Files,
        index: u64,
        log: LogSize,
    ) -> Result<Poll<&[u8]>, Refusal> {
        if !self.single.contains(&index) {
            match self.in_bundle(files, index, log)? {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(entry) => _ = self.single.insert(index, entry),
            }
        }
        Ok(self.single.get(&index).map_or(Poll::Pending, |entry| Poll::Ready(entry)))
    }

    /// The entry of a release. It is taken from the proof next to its archive, which is far smaller than a bundle,
    /// unless the bundle is here or is asked for anyway.
    pub(super) fn of_release(
        &mut self,
        files: &mut Files,
        proof: &str,
        index: u64,
        log: LogSize,
    ) -> Result<Poll<&[u8]>, Refusal> {
        let bundle = index / tile::WIDTH;
        let has_bundle = [&self.many, &self.asked].iter().any(|known| known.contains(&bundle))
            || self.bundles.get(&bundle).is_some_and(|entries| entries.len() > place(index));
        if !self.single.contains(&index) && !has_bundle {
            match files.get(proof, limits::TLOG_PROOF_LEN as u64)? {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(file) => {
                    let proof = file.and_then(|bytes| TlogProof::parse(bytes).ok());
                    let leaf = proof.as_ref().and_then(TlogProof::unproved_leaf);
                    if let Some(leaf) = leaf {
                        self.single.insert(index, leaf.to_vec());
                    }
                }
            }
        }
        self.entry(files, index, log)
    }

    fn in_bundle(&mut self, files: &mut Files, index: u64, log: LogSize) -> Result<Poll<Vec<u8>>, Refusal> {
        let missing = || ProofError::Missing { path: format!("log entry {index}") };
        let bundle = index / tile::WIDTH;
        let id = BundleId::at(bundle, log.size).ok_or_else(missing)?;
        if let Some(entry) = self.bundles.get(&bundle).and_then(|entries| entries.get(place(index))) {
            return Ok(Poll::Ready(entry.clone()));
        }
        if self.asked.len() >= BUNDLES && !self.asked.contains(&bundle) {
            return Ok(Poll::Pending);
        }
        let shorter =
            log.served.filter(|served| index < *served).and_then(|served| BundleId::at(bundle, served));
        let paths = [layout::bundle(id), layout::bundle(id.full())];
        let (id, found) = match (files.first_of(&paths, layout::BUNDLE_LEN), shorter) {
            (Ok(found), _) => (id, found.map(str::to_owned)),
            // An older copy has it in a shorter bundle.
            (Err(_), Some(shorter)) => {
                let path = [layout::bundle(shorter)];
                (shorter, files.first_of(&path, layout::BUNDLE_LEN)?.map(str::to_owned))
            }
            (Err(refusal), None) => return Err(refusal),
        };
        let Poll::Ready(path) = found else {
            self.asked.insert(bundle, ());
            return Ok(Poll::Pending);
        };
        let Poll::Ready(Some(bytes)) = files.take(&path, layout::BUNDLE_LEN)? else {
            return Ok(Poll::Pending);
        };
        #[cfg(test)]
        {
            self.reads += 1;
        }
        let entries: Vec<Vec<u8>> = tile::parse_bundle(id, &bytes)?.into_iter().map(<[u8]>::to_vec).collect();
        let entry = entries.get(place(index)).cloned().ok_or_else(missing)?;
        if self.bundles.len() >= BUNDLES {
            self.bundles.remove_first();
        }
        self.bundles.insert(bundle, entries);
        Ok(Poll::Ready(entry))
    }
}

/// Where in its bundle an entry is.
fn place(index: u64) -> usize {
    usize::try_from(index % tile::WIDTH).unwrap_or(usize::MAX)
}
