//! Whether the log goes on from where it was seen last. Trust document, section 8, step 4.

use super::client::{about, layout};
use super::log_files::LogFiles;
use super::source::Source;
use super::state::TrustState;
use crate::error::Error;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::index::locate;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::proof::{Goal, LogTiles};
use vitte_package_core::message::registry as text;
use vitte_package_core::sign::VerifiedTrustRoot;

/// Reads the checkpoint and checks its signatures.
///
/// # Errors
/// `registry-layout` when there is none, `note`, `origin`; network faults.
pub(super) fn read_checkpoint(
    source: &dyn Source,
    trust: &VerifiedTrustRoot,
) -> Result<VerifiedCheckpoint, Error> {
    let bytes = source
        .read(locate::CHECKPOINT, limits::NOTE_LEN as u64)?
        .ok_or_else(|| layout(source, locate::CHECKPOINT))?;
    VerifiedCheckpoint::open(&bytes, &trust.root().log_policy)
        .map_err(|error| about(error.into(), source, locate::CHECKPOINT))
}

/// Compares a checkpoint with the one seen before and gives the one to go on with: the larger.
///
/// # Errors
/// `split-view` when neither continues the other: both are then kept as evidence. Network faults.
pub(super) fn continue_log(
    source: &dyn Source,
    state: &TrustState,
    stored: Option<VerifiedCheckpoint>,
    fetched: VerifiedCheckpoint,
) -> Result<(VerifiedCheckpoint, LogTiles), Error> {
    let tiles = |of: &VerifiedCheckpoint| LogTiles::new(of.checkpoint());
    let Some(stored) = stored else {
        let tiles = tiles(&fetched);
        return Ok((fetched, tiles));
    };
    if stored.size() == fetched.size() && stored.root() == fetched.root() {
        let tiles = tiles(&fetched);
        return Ok((fetched, tiles));
    }
    let (smaller, larger) =
        if stored.size() < fetched.size() { (&stored, &fetched) } else { (&fetched, &stored) };
    let mut proof = tiles(larger);
    let files = LogFiles::new(source, larger.size());
    let proved = if smaller.size() == larger.size() {
        Err(Diagnostic::new(Code::Consistency, text::same_size_other_root(larger.size())).into())
    } else {
        files
            .prove(&mut proof, &[Goal::Prefix(smaller.size())])
            .and_then(|()| proof.check_prefix(smaller.checkpoint()).map_err(Error::from))
    };
    match proved {
        Ok(()) => Ok((larger.clone(), proof)),
        // Tiles that could not be brought say nothing about the log.
        Err(reason) if reason.code().exit() != Exit::Verification => Err(reason),
        Err(reason) => {
            let kept = [
                state.keep_evidence("checkpoint-before", stored.bytes())?,
                state.keep_evidence("checkpoint-now", fetched.bytes())?,
            ];
            let folder = kept[0].parent().map(|folder| folder.display().to_string()).unwrap_or_default();
            let message = text::split_view(stored.size(), fetched.size(), &reason.to_string());
            let diagnostic = Diagnostic::new(Code::SplitView, message)
                .help(text::evidence_kept(&folder))
                .with("evidence", kept.iter().map(|path| path.display().to_string()).collect::<Vec<_>>());
            Err(about(diagnostic.into(), source, locate::CHECKPOINT))
        }
    }
}
