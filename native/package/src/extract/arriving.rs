//! A file that is still being written by somebody else: how much of it is there.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What the writer has told so far.
#[derive(Debug, Default)]
pub struct Arriving {
    progress: Mutex<Progress>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Bytes that are there.
    reached: u64,
    end: Option<End>,
}

/// How the writing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All of it is there.
    Whole,
    /// What was written counts for nothing: the writer gave up, or began anew.
    Void,
}

impl Arriving {
    /// Tells that so many bytes are there, from the first on.
    pub fn reach(&self, bytes: u64) {
        self.lock().reached = bytes;
        self.changed.notify_all();
    }

    /// Tells how the writing ended. The first word counts.
    pub fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.changed.notify_all();
    }

    /// Whether what was read of it counts for nothing.
    pub fn is_void(&self) -> bool {
        self.lock().end == Some(End::Void)
    }

    /// Waits until there are `bytes` bytes; not, if there never will be.
    pub(super) fn wait(&self, bytes: u64) -> bool {
        let mut progress = self.lock();
        while progress.end.is_none() && progress.reached < bytes {
            progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.end != Some(End::Void) && progress.reached >= bytes
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Told of a file that is about to be written and how many bytes it will have. Whoever wants to read it meanwhile gives
/// what it wants to be told by.
pub type ReadAlong<'a> = dyn FnMut(&Path, u64) -> Option<Arc<Arriving>> + 'a;
