//! A file that another thread is still writing: how much of it is there.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What the writer has reported so far.
#[derive(Debug, Default)]
pub struct GrowingFile {
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
    /// All of it is there that is wanted; what is behind will not come.
    Enough,
    /// What was written must not be used: the writer gave up, or started again.
    Abandoned,
}

impl GrowingFile {
    /// Reports that the first `bytes` bytes are there.
    pub fn reach(&self, bytes: u64) {
        self.lock().reached = bytes;
        self.changed.notify_all();
    }

    /// Reports how the writing ended. Only the first report counts.
    pub fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.changed.notify_all();
    }

    /// Whether what was read of it must not be used.
    pub fn is_abandoned(&self) -> bool {
        self.lock().end == Some(End::Abandoned)
    }

    /// How the writing ended, if it has.
    pub(super) fn ended(&self) -> Option<End> {
        self.lock().end
    }

    /// Waits until there are `bytes` bytes; not, if there never will be.
    pub(super) fn wait(&self, bytes: u64) -> bool {
        let mut progress = self.lock();
        while progress.end.is_none() && progress.reached < bytes {
            progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.end != Some(End::Abandoned) && progress.reached >= bytes
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Called with a file that is about to be written and its final length. A caller that wants to read it meanwhile returns
/// the [`GrowingFile`] through which the writer reports its progress.
pub type Incoming<'a> = dyn FnMut(&Path, u64) -> Option<Arc<GrowingFile>> + 'a;
