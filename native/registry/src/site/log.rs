//! The log, as far as pages show it: its checkpoint and its last entries.

use crate::app::App;
use crate::error::Result;
use crate::leaves;
use std::sync::Arc;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Leaf;
use vitte_package_core::log::tile::WIDTH;
use vitte_package_core::registry::layout;
use vitte_package_core::sign::RegistryId;

/// The end of the log.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// How many entries there are.
    pub(crate) size: u64,
    /// The last of them, the newest first.
    pub(crate) leaves: Vec<(u64, Leaf)>,
}

/// Reads the last entries of the log, those of two bundles at most.
pub(crate) async fn tail(app: &Arc<App>, wanted: usize) -> Result<Tail> {
    app.blocking(move |app| {
        let registry = RegistryId::parse(&app.registry)?;
        let Some(end) = leaves::behind(&app.files, &registry, u64::MAX)? else { return Ok(Tail::default()) };
        let size = end.end;
        let checkpoint = app.files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.unwrap_or_default();
        VerifiedCheckpoint::open(&checkpoint, &end.trust.root().log_policy)?;
        let mut leaves = Vec::new();
        let mut seen = size.saturating_sub(1) / WIDTH * WIDTH;
        for _ in 0..2 {
            let Some(found) = leaves::behind(&app.files, &registry, seen)? else { break };
            let mut more: Vec<_> = found.leaves.into_iter().filter(|(index, _)| *index < size).collect();
            more.append(&mut leaves);
            leaves = more;
            if leaves.len() >= wanted || seen == 0 {
                break;
            }
            seen = seen.saturating_sub(WIDTH);
        }
        leaves.reverse();
        leaves.truncate(wanted);
        Ok(Tail { size, leaves })
    })
    .await
}
