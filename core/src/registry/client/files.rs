//! The files of a registry that were brought, and those that are still needed.

use super::table::Table;
use super::{Refusal, ReleaseProofError};
use crate::log::proof::{Goal, LogTiles};
use crate::log::tile::TileId;
use crate::message::registry as text;
use crate::registry::layout;
use std::task::Poll;

/// A file to bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNeed {
    /// Its path in the layout of a registry (`core/docs/registry-format.md`, section 2).
    pub path: String,
    /// Bytes it may have at most: more is not to be read.
    pub limit: u64,
}

/// What came of a file that was needed.
#[derive(Debug)]
enum Brought {
    File(Vec<u8>),
    Absent,
    TooLong { len: u64, limit: u64 },
    Unreadable,
}

/// Files by path.
#[derive(Debug, Default)]
pub(super) struct Files {
    brought: Table<String, Brought>,
    /// By path.
    needs: Vec<FileNeed>,
    confirmed: Vec<String>,
}

impl Files {
    /// What is to be brought now.
    pub(super) fn needs(&self) -> &[FileNeed] {
        &self.needs
    }

    /// Starts another look at what there is.
    pub(super) fn start(&mut self) {
        self.needs.clear();
    }

    /// Takes a file that was asked for; anything else is not looked at.
    pub(super) fn supply(&mut self, path: &str, file: Option<Vec<u8>>) {
        let Some(limit) = self.take_need(path) else { return };
        let brought = match file {
            None => Brought::Absent,
            Some(file) if file.len() as u64 > limit => Brought::TooLong { len: file.len() as u64, limit },
            Some(file) => Brought::File(file),
        };
        self.brought.insert(path.to_owned(), brought);
    }

    /// A file that was asked for cannot be read now.
    pub(super) fn unreadable(&mut self, path: &str) {
        if self.take_need(path).is_some() {
            self.brought.insert(path.to_owned(), Brought::Unreadable);
        }
    }

    /// Takes a file off the list of needs; gives its limit.
    fn take_need(&mut self, path: &str) -> Option<u64> {
        let at = self.place(path).ok()?;
        Some(self.needs.remove(at).limit)
    }

    /// Forgets a file, so that it is brought again when it is needed again.
    pub(super) fn forget(&mut self, path: &str) {
        self.brought.remove(path);
    }

    /// Forgets files that could not be read, so that they are tried again.
    pub(super) fn retry_unreadable(&mut self) {
        self.brought.retain(|brought| !matches!(brought, Brought::Unreadable));
    }

    /// A file that was brought has passed every check.
    pub(super) fn confirm(&mut self, path: String) {
        self.confirmed.push(path);
    }

    /// The files that were confirmed since this was last asked.
    pub(super) fn take_confirmed(&mut self) -> Vec<String> {
        std::mem::take(&mut self.confirmed)
    }

    /// Asks for a file, unless it is here already.
    pub(super) fn ask(&mut self, path: &str, limit: u64) {
        if !self.brought.contains(path)
            && let Err(at) = self.place(path)
        {
            self.needs.insert(at, FileNeed { path: path.to_owned(), limit });
        }
    }

    /// Where a file is, or would be, among the needs.
    fn place(&self, path: &str) -> Result<usize, usize> {
        self.needs.binary_search_by(|need| need.path.as_str().cmp(path))
    }

    /// Whether a file is here or was asked for.
    pub(super) fn is_expected(&self, path: &str) -> bool {
        self.place(path).is_ok() || self.brought.contains(path)
    }

    /// A file; `None` when the registry does not have it.
    pub(super) fn get(&mut self, path: &str, limit: u64) -> Result<Poll<Option<&[u8]>>, Refusal> {
        if !self.brought.contains(path) {
            self.ask(path, limit);
            return Ok(Poll::Pending);
        }
        let brought = self.brought.get(path);
        let path = || path.to_owned();
        match brought {
            Some(Brought::File(file)) => Ok(Poll::Ready(Some(file))),
            Some(Brought::Absent) | None => Ok(Poll::Ready(None)),
            Some(&Brought::TooLong { len, limit }) => {
                Err(Refusal::from(ReleaseProofError::TooLong { path: path(), len, limit }).in_file(&path()))
            }
            Some(Brought::Unreadable) => {
                Err(Refusal::from(ReleaseProofError::Unreadable { path: path() }).in_file(&path()))
            }
        }
    }

    /// As [`Self::get`], for a file that is looked at once: it is not kept here.
    pub(super) fn take(&mut self, path: &str, limit: u64) -> Result<Poll<Option<Vec<u8>>>, Refusal> {
        if self.get(path, limit)?.is_pending() {
            return Ok(Poll::Pending);
        }
        Ok(Poll::Ready(match self.brought.remove(path) {
            Some(Brought::File(file)) => Some(file),
            _ => None,
        }))
    }

    /// The first of these files that the registry has, which is here then.
    ///
    /// # Errors
    /// [`ReleaseProofError::Outdated`] when it has none of them.
    pub(super) fn first_of<'p>(&mut self, paths: &'p [String], limit: u64) -> Result<Poll<&'p str>, Refusal> {
        for path in paths {
            match self.get(path, limit)? {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(None) => {}
                Poll::Ready(Some(_)) => return Ok(Poll::Ready(path)),
            }
        }
        let path = paths.first().map_or("", String::as_str);
        Err(Refusal::from(ReleaseProofError::Outdated { reason: text::copy_lacks(path) }).in_file(path))
    }

    /// Brings and checks the tiles that `goals` need. Nothing is given to `tiles` before all of them are here, so that
    /// what others still wait for is not in the way.
    pub(super) fn prove(&mut self, tiles: &mut LogTiles, goals: &[Goal]) -> Result<Poll<()>, Refusal> {
        let mut found = Vec::new();
        let mut is_pending = false;
        for id in tiles.needed(goals)? {
            // Of a partial tile that is gone the full one is there.
            let paths = [layout::tile(id), layout::tile(TileId::full(&id))];
            match self.first_of(&paths, layout::TILE_LEN) {
                Ok(Poll::Ready(path)) => found.push((id, Some(path.to_owned()))),
                Ok(Poll::Pending) => is_pending = true,
                // An older copy does not have it; what was seen of the same log before may.
                Err(_) if tiles.keeps(id) => found.push((id, None)),
                Err(refusal) => return Err(refusal),
            }
        }
        if is_pending {
            return Ok(Poll::Pending);
        }
        let mut supplied = Ok(());
        for (id, path) in &found {
            match path.as_ref().and_then(|path| self.brought.get(path.as_str())) {
                Some(Brought::File(bytes)) => supplied = supplied.and_then(|()| tiles.supply(*id, bytes)),
                _ => _ = tiles.recall(*id),
            }
        }
        // Checked in either case: what is not good is dropped there.
        let checked = tiles.check();
        let paths = found.into_iter().filter_map(|(_, path)| path);
        if let Err(error) = supplied.and(checked) {
            paths.for_each(|path| self.forget(&path));
            return Err(error.into());
        }
        self.confirmed.extend(paths);
        Ok(Poll::Ready(()))
    }
}
