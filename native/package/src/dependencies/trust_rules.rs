//! The keys that a project's `[trust]` pins: without the signature of one of them a release is not locked, and a lock
//! that has it all the same is not installed from.
//!
//! A pin comes on top of the namespace's chain: it narrows what the chain allows, and allows nothing of itself. Of two
//! rules for a package the narrower one holds. Trust document, section 8.

use crate::error::Error;
use crate::project::Project;
use vitte_package_core::lockfile::{LockedArtifact, LockedPackage, Lockfile};
use vitte_package_core::manifest::TrustRule;
use vitte_package_core::name::PackageName;
use vitte_package_core::sign::SignError;

/// Compares the signers a lockfile has with the pinned keys.
///
/// # Errors
/// `policy`, for each release that no pinned key signed.
pub(crate) fn check(project: &Project, lockfile: &Lockfile) -> Result<(), Error> {
    let rules = project.trust();
    let released =
        lockfile.packages().iter().filter_map(|package| Some((package, package.artifact.as_ref()?)));
    let refused = released.filter_map(|(package, artifact)| refuse(rules, package, artifact));
    refused.map(Error::from).reduce(Error::and).map_or(Ok(()), Err)
}

fn refuse(rules: &[TrustRule], package: &LockedPackage, artifact: &LockedArtifact) -> Option<SignError> {
    let rule = narrowest(rules, &package.name)?;
    let signed = artifact.signers.iter().any(|signer| rule.keys().contains(signer));
    (!signed).then(|| SignError::Pinned {
        package: format!("{} {}", package.name, package.version),
        signers: artifact.signers.clone(),
        pinned: rule.keys().to_vec(),
    })
}

/// The rule that holds for a package: the one that names it, or else the one that names its namespace.
fn narrowest<'a>(rules: &'a [TrustRule], name: &PackageName) -> Option<&'a TrustRule> {
    let mut covering = rules.iter().filter(|rule| rule.covers(name));
    covering.clone().find(|rule| rule.pattern() == name.as_str()).or_else(|| covering.next())
}
