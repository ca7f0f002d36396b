//! Whether the log goes on from where it was seen last. Trust document, section 8, step 4.

use super::client::{about, layout_fault};
use super::log_files::LogFiles;
use super::source::Source;
use super::state::TrustState;
use crate::error::Error;
use crate::message::registry as text;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::{CheckpointError, VerifiedCheckpoint};
use vitte_package_core::log::merkle::MerkleError;
use vitte_package_core::log::note::NoteError;
use vitte_package_core::log::proof::{Goal, LogTiles, ProofError};
use vitte_package_core::registry::client::judge::Older;
use vitte_package_core::registry::{VerifiedTrustRoot, layout};

/// The log that everything is proved against.
#[derive(Clone, Debug)]
pub(super) struct Continued {
    pub(super) checkpoint: VerifiedCheckpoint,
    pub(super) tiles: LogTiles,
    /// In what this copy of the registry is older than what was seen, if it is.
    pub(super) older: Option<Older>,
}

impl Continued {
    /// Nothing was seen before.
    fn first(checkpoint: VerifiedCheckpoint) -> Self {
        let tiles = LogTiles::new(checkpoint.checkpoint());
        Self { checkpoint, tiles, older: None }
    }

    /// What was seen stays in force, whatever this copy of the registry has. `kept` are its tiles.
    fn stored(checkpoint: VerifiedCheckpoint, kept: Option<&LogTiles>, older: Option<Older>) -> Self {
        let mut tiles = LogTiles::new(checkpoint.checkpoint());
        kept.into_iter().for_each(|kept| tiles.keep(kept));
        Self { checkpoint, tiles, older }
    }
}

/// Reads the checkpoint, checks its signatures and compares it with the one seen before, `stored`, whose tiles are `kept`.
///
/// # Errors
/// `registry-layout` when there is none and none was seen, `note`, `origin`; `unavailable` when this copy is too old to
/// be compared; `split-view` when the two contradict each other: both are then kept as evidence. Network faults.
pub(super) fn read_log(
    source: &dyn Source,
    state: &TrustState,
    trust: &VerifiedTrustRoot,
    stored: Option<VerifiedCheckpoint>,
    kept: Option<LogTiles>,
) -> Result<Continued, Error> {
    if source.copies().is_some() {
        return match stored {
            Some(stored) => Ok(Continued::stored(stored, kept.as_ref(), Some(Older::Offline))),
            None => Err(super::offline::unknown(source)),
        };
    }
    let here = |error: Error| about(error, source, layout::CHECKPOINT);
    let bytes = match (source.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?, &stored) {
        (Some(bytes), _) => bytes,
        (None, None) => return Err(layout_fault(source, layout::CHECKPOINT)),
        (None, Some(stored)) => {
            return Ok(Continued::stored(stored.clone(), kept.as_ref(), Some(Older::NoCheckpoint)));
        }
    };
    match (VerifiedCheckpoint::open(&bytes, &trust.root().log_policy), stored) {
        (Ok(fetched), Some(stored)) => continue_log(source, state, stored, fetched, kept.as_ref()),
        (Ok(fetched), None) => Ok(Continued::first(fetched)),
        (Err(CheckpointError::Note(NoteError::Unsigned { .. })), stored)
            if lacks_trust_root(source, trust)? =>
        {
            let older = Older::TrustRoot { seen: trust.root().version };
            match stored {
                Some(stored) => Ok(Continued::stored(stored, kept.as_ref(), Some(older))),
                None => Err(here(outdated(older.message()))),
            }
        }
        (Err(error), _) => Err(here(error.into())),
    }
}

/// Whether this copy does not have the trust root that is believed, so that it is from before a rotation that was seen.
///
/// # Errors
/// Network faults.
pub(super) fn lacks_trust_root(source: &dyn Source, trust: &VerifiedTrustRoot) -> Result<bool, Error> {
    if source.copies().is_some() {
        // Copies that were kept before a rotation stay; before the first one there can be none.
        return Ok(trust.root().version > 1);
    }
    let path = layout::trust_root(trust.root().version);
    Ok(source.read(&path, limits::ENVELOPE_LEN as u64)?.is_none())
}

/// This copy of the registry is too old, or not complete.
pub(super) fn outdated(reason: String) -> Error {
    Diagnostic::new(Code::Unavailable, reason).help(text::older_help()).into()
}

/// Compares a checkpoint with the one seen before and gives the one to go on with. A smaller one is compared by the
/// tiles `kept` of the one seen: an older copy of the registry does not have them.
///
/// # Errors
/// `split-view` when they contradict each other: both are then kept as evidence. `unavailable` when this copy cannot show
/// that a larger one continues the one seen; network faults.
pub(super) fn continue_log(
    source: &dyn Source,
    state: &TrustState,
    stored: VerifiedCheckpoint,
    fetched: VerifiedCheckpoint,
    kept: Option<&LogTiles>,
) -> Result<Continued, Error> {
    let reason = match compare(source, &stored, &fetched, kept) {
        Ok((checkpoint, Some(tiles), older)) => return Ok(Continued { checkpoint, tiles, older }),
        Ok((checkpoint, None, older)) => return Ok(Continued::stored(checkpoint, kept, older)),
        // Files that are not there, or cannot be brought, say nothing about the log.
        Err(reason) if reason.code().exit() != Exit::Verification => return Err(reason),
        Err(reason) => reason,
    };
    let kept = [
        state.keep_evidence("checkpoint-before", stored.bytes())?,
        state.keep_evidence("checkpoint-now", fetched.bytes())?,
    ];
    let folder = kept[0].parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let message = text::split_view(stored.size(), fetched.size(), &reason.to_string());
    let diagnostic = Diagnostic::new(Code::SplitView, message)
        .help(text::evidence_kept(&folder))
        .with("evidence", kept.iter().map(|path| path.display().to_string()).collect::<Vec<_>>());
    Err(about(diagnostic.into(), source, layout::CHECKPOINT))
}

type Compared = (VerifiedCheckpoint, Option<LogTiles>, Option<Older>);

fn compare(
    source: &dyn Source,
    stored: &VerifiedCheckpoint,
    fetched: &VerifiedCheckpoint,
    kept: Option<&LogTiles>,
) -> Result<Compared, Error> {
    if stored.size() == fetched.size() {
        return match stored.root() == fetched.root() {
            true => Ok((fetched.clone(), None, None)),
            false => {
                Err(Diagnostic::new(Code::Consistency, text::same_size_other_root(fetched.size())).into())
            }
        };
    }
    if stored.size() < fetched.size() {
        let mut tiles = LogTiles::new(fetched.checkpoint());
        LogFiles::new(source, fetched.size()).prove(&mut tiles, &[Goal::Prefix(stored.size())])?;
        tiles.check_prefix(stored.checkpoint())?;
        return Ok((fetched.clone(), Some(tiles), None));
    }
    let begins = |tiles: &LogTiles| match tiles.prefix_root(fetched.size()) {
        Ok(root) if root == *fetched.root() => Ok(()),
        Ok(_) => {
            let (old_size, new_size) = (fetched.size(), stored.size());
            Err(ProofError::Merkle(MerkleError::Consistency { old_size, new_size }))
        }
        Err(error) => Err(error),
    };
    let older = Some(Older::Log { served: fetched.size(), seen: stored.size() });
    match kept.map(begins) {
        Some(Ok(())) => return Ok((stored.clone(), None, older)),
        None | Some(Err(ProofError::Missing { .. })) => {}
        Some(Err(error)) => return Err(error.into()),
    }
    let mut tiles = LogTiles::new(stored.checkpoint());
    match LogFiles::new(source, stored.size()).prove(&mut tiles, &[Goal::Prefix(fetched.size())]) {
        Ok(()) => tiles.check_prefix(fetched.checkpoint())?,
        // Neither proved nor contradicted: what was seen stays in force, and nothing else is believed.
        Err(error) if error.code() == Code::Unavailable => return Ok((stored.clone(), None, older)),
        Err(error) => return Err(error),
    }
    Ok((stored.clone(), Some(tiles), older))
}
