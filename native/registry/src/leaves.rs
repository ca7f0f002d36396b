//! The log read on from where a follower stands: what search and webhooks learn of it.

use crate::error::Result;
use crate::objects::Objects;
use crate::sequencer::newest_trust_root;
use vitte_package_core::limits;
use vitte_package_core::log::checkpoint::VerifiedCheckpoint;
use vitte_package_core::log::leaf::Leaf;
use vitte_package_core::log::tile::{BundleId, WIDTH, parse_bundle};
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// Leaves that a follower has not seen.
pub(crate) struct Leaves {
    /// The registry's trust root now.
    pub(crate) trust: VerifiedTrustRoot,
    /// Behind the last of them. Less than what was seen: an older copy of the registry has taken its place.
    pub(crate) end: u64,
    /// The leaves, each with its index. One that cannot be read is left out.
    pub(crate) leaves: Vec<(u64, Leaf)>,
}

/// Leaves behind `seen`, those of one bundle at most, and none whose files are not all there yet; none while that cannot
/// be told.
pub(crate) fn behind(files: &Objects, registry: &RegistryId, seen: u64) -> Result<Option<Leaves>> {
    let derived = files.read(layout::DERIVED, 64)?.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(derived) = derived.and_then(|text| text.trim_end().parse::<u64>().ok()) else { return Ok(None) };
    let trust = newest_trust_root(files, registry)?;
    if derived <= seen {
        return Ok(Some(Leaves { trust, end: derived, leaves: Vec::new() }));
    }
    let checkpoint = files.read(layout::CHECKPOINT, limits::NOTE_LEN as u64)?.unwrap_or_default();
    let size = VerifiedCheckpoint::open(&checkpoint, &trust.root().log_policy)?.size();
    let Some(id) = BundleId::at(seen / WIDTH, size) else { return Ok(None) };
    // A partial bundle is removed once a longer one is there: then the next look finds that one.
    let wanted = [id, id.full()].map(layout::bundle);
    let mut bytes = files.read(&wanted[0], layout::BUNDLE_LEN)?;
    if bytes.is_none() {
        bytes = files.read(&wanted[1], layout::BUNDLE_LEN)?;
    }
    let Some(Ok(entries)) = bytes.as_ref().map(|bytes| parse_bundle(id, bytes)) else { return Ok(None) };
    let first = seen - seen % WIDTH;
    let end = derived.min(first + entries.len() as u64);
    let unseen = (first..end).zip(entries).filter(|(index, _)| *index >= seen);
    let leaves = unseen.filter_map(|(index, entry)| Leaf::parse(entry).ok().map(|leaf| (index, leaf)));
    Ok(Some(Leaves { trust, end, leaves: leaves.collect() }))
}
