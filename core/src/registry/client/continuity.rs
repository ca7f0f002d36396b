//! Whether a log goes on from where it was seen last.

use super::files::Files;
use super::{Refusal, ReleaseProofError};
use crate::diagnostic::{Diagnose as _, Exit};
use crate::log::checkpoint::VerifiedCheckpoint;
use crate::log::merkle::MerkleError;
use crate::log::proof::{Goal, LogTiles};
use crate::message::registry as text;
use std::task::Poll;

/// How the log that is served relates to the one seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    /// It is the same, or a continuation.
    Continues,
    /// It is a beginning of it.
    Begins,
    /// It is smaller, and nothing at hand proves or contradicts that it is a beginning.
    Smaller,
    /// They contradict each other, in this.
    Contradicts(String),
}

/// Compares the log that is served with the one seen before. A smaller one is compared by the tiles `kept` of the one
/// seen, since an older copy does not have them.
///
/// # Errors
/// When it cannot be found out.
pub(super) fn compare(
    files: &mut Files,
    stored: &VerifiedCheckpoint,
    served: &VerifiedCheckpoint,
    kept: Option<&LogTiles>,
) -> Result<Poll<Continuity>, Refusal> {
    let contradicts = |reason: String| Ok(Poll::Ready(Continuity::Contradicts(reason)));
    if stored.size() == served.size() {
        return match stored.root() == served.root() {
            true => Ok(Poll::Ready(Continuity::Continues)),
            false => contradicts(text::same_size_other_root(served.size())),
        };
    }
    let (smaller, larger, holds) = match stored.size() < served.size() {
        true => (stored, served, Continuity::Continues),
        false => (served, stored, Continuity::Begins),
    };
    if holds == Continuity::Begins
        && let Some(root) = kept.and_then(|kept| kept.prefix_root(smaller.size()).ok())
    {
        return match root == *smaller.root() {
            true => Ok(Poll::Ready(holds)),
            false => contradicts(inconsistent(smaller, larger)),
        };
    }
    let mut tiles = LogTiles::new(larger.checkpoint());
    let proved = match files.prove(&mut tiles, &[Goal::Prefix(smaller.size())]) {
        Ok(Poll::Pending) => return Ok(Poll::Pending),
        Ok(Poll::Ready(())) => tiles.check_prefix(smaller.checkpoint()).map_err(Refusal::from),
        Err(refusal) => Err(refusal),
    };
    match proved {
        Ok(()) => Ok(Poll::Ready(holds)),
        Err(refusal)
            if holds == Continuity::Begins
                && matches!(*refusal.error, ReleaseProofError::Outdated { .. }) =>
        {
            Ok(Poll::Ready(Continuity::Smaller))
        }
        // Bytes that contradict what was signed are a reason; a file that is not there is not.
        Err(refusal) if refusal.error.diagnostic().code.exit() == Exit::Verification => {
            contradicts(refusal.error.diagnostic().message)
        }
        Err(refusal) => Err(refusal),
    }
}

fn inconsistent(smaller: &VerifiedCheckpoint, larger: &VerifiedCheckpoint) -> String {
    let error = MerkleError::Consistency { old_size: smaller.size(), new_size: larger.size() };
    error.diagnostic().message
}

/// Whether one of two logs that were both seen is a beginning of the other, as far as the tiles kept of them tell;
/// `false` when they do not tell.
///
/// # Errors
/// [`ReleaseProofError::SplitView`] when they contradict each other.
pub(super) fn compare_kept(
    before: &VerifiedCheckpoint,
    now: &VerifiedCheckpoint,
    edges: [Option<&str>; 2],
) -> Result<bool, ReleaseProofError> {
    let split = |reason: String| ReleaseProofError::SplitView {
        before: before.size(),
        now: now.size(),
        reason,
        notes: Box::new([before.bytes().to_vec(), now.bytes().to_vec()]),
    };
    if before.size() == now.size() {
        return match before.root() == now.root() {
            true => Ok(true),
            false => Err(split(text::same_size_other_root(now.size()))),
        };
    }
    let (smaller, larger) = if before.size() < now.size() { (before, now) } else { (now, before) };
    let mut kept =
        edges.into_iter().flatten().filter_map(|edge| LogTiles::from_edge(larger.checkpoint(), edge));
    match kept.next().and_then(|kept| kept.prefix_root(smaller.size()).ok()) {
        None => Ok(false),
        Some(root) if root == *smaller.root() => Ok(true),
        Some(_) => Err(split(inconsistent(smaller, larger))),
    }
}
