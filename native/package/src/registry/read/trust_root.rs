//! The chain of a registry's trust roots, from one that is trusted to the newest.

use super::source::RegistrySource;
use crate::error::Error;
use crate::message::registry as text;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::limits;
use vitte_package_core::registry::client::TrustWalk;
use vitte_package_core::registry::{VerifiedTrustRoot, layout};
use vitte_package_core::sign::RegistryId;

/// Reads the newest trust root of a registry, walking the chain from the first, which is trusted.
///
/// # Errors
/// `registry-layout` when there is none, `trust-root` and its kin when the chain does not check.
pub fn read_trust_root(
    source: &dyn RegistrySource,
    registry: &RegistryId,
) -> Result<VerifiedTrustRoot, Error> {
    let first = source.read(&layout::trust_root(1), limits::ENVELOPE_LEN as u64)?.ok_or_else(|| {
        let message = text::registry_layout(&source.name(), &layout::trust_root(1));
        Error::from(Diagnostic::new(Code::RegistryLayout, message))
    })?;
    let trust = VerifiedTrustRoot::self_signed(&first)
        .map_err(|error| source.at(error.into(), &layout::trust_root(1)))?;
    if trust.root().registry != *registry {
        let message = text::registry_other_id(trust.root().registry.as_str(), registry.as_str());
        let fault = Diagnostic::new(Code::RegistryMismatch, message);
        return Err(source.at(fault.into(), &layout::trust_root(1)));
    }
    newest_trust_root(source, trust, |_| ())
}

/// The newest trust root that the registry's own rotations lead to from `trust`; `passed` is called with each, from
/// that one on.
///
/// # Errors
/// `trust-root` and its kin; `limit` when there are more than are followed in one go. Network faults.
pub fn newest_trust_root(
    source: &dyn RegistrySource,
    trust: VerifiedTrustRoot,
    mut passed: impl FnMut(&VerifiedTrustRoot),
) -> Result<VerifiedTrustRoot, Error> {
    let mut walk = TrustWalk::new(trust);
    loop {
        passed(walk.trust_root());
        let path = walk.path();
        let next = source.read(&path, limits::ENVELOPE_LEN as u64)?;
        if !walk.advance(next.as_deref()).map_err(|error| source.at(error.into(), &path))? {
            return Ok(walk.trust_root().clone());
        }
    }
}
