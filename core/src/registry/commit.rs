//! What a writer does to the files of a registry, and in which order, as data.
//!
//! Stopping between any two steps leaves a registry that is in order, and the next writer finishes what was started:
//! trust document, section 6.4. Whoever applies the steps makes each durable before the next, or, with less waiting, each
//! [group](Commit::into_groups).

use super::layout;
use crate::digest::Digest;

/// Size and root of a log that was signed, or is about to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// Leaves of the log.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// One change to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writes a file in one piece; it may take the place of an older one.
    Put {
        /// Its path in the layout of a registry.
        path: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// Records, where the log key is kept and not among the registry's files, what is signed next. With a database
    /// this is the compare-and-swap of the log's head: it fails when another writer was faster.
    Intent(SignedHead),
    /// Replaces the checkpoint. From here on readers see the new entries.
    Publish {
        /// The signed note.
        checkpoint: Vec<u8>,
    },
    /// Removes the file at this path and everything below it. It may be gone already.
    Prune {
        /// The path, without a slash at its end.
        prefix: String,
    },
}

/// Steps in the order in which they are to be applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Commit {
    steps: Vec<Step>,
}

impl Commit {
    /// A commit that changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds the steps of `next` behind these.
    pub fn then(mut self, next: Self) -> Self {
        self.steps.extend(next.steps);
        self
    }

    /// The steps in groups. Those of one group are applied in their order, so that readers see them in it, and may
    /// become durable in any: a writer that comes after a loss of power mends whatever of one group was lost. All of a
    /// group is durable before the next begins.
    pub fn into_groups(self) -> Vec<Vec<Step>> {
        let mut groups: Vec<Vec<Step>> = Vec::new();
        let mut may_join = false;
        for step in self {
            let is_ordinary = match &step {
                // Behind these, what was there before no longer counts.
                Step::Put { path, .. } => path != layout::DERIVED && !path.starts_with("trust/"),
                Step::Prune { .. } => true,
                Step::Intent(_) | Step::Publish { .. } => false,
            };
            match groups.last_mut().filter(|_| may_join && is_ordinary) {
                Some(group) => group.push(step),
                None => groups.push(vec![step]),
            }
            may_join = is_ordinary;
        }
        groups
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(super) fn put(&mut self, path: String, bytes: Vec<u8>) {
        self.push(Step::Put { path, bytes });
    }
}

impl IntoIterator for Commit {
    type Item = Step;
    type IntoIter = std::vec::IntoIter<Step>;

    fn into_iter(self) -> Self::IntoIter {
        self.steps.into_iter()
    }
}
