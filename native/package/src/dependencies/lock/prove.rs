//! Proving what was chosen.

use crate::dependencies::Proof;
use crate::dependencies::sources::Sources;
use crate::error::Error;
use crate::registry::read::client::Unproved;
use crate::report::Reporter;
use std::collections::BTreeMap;
use std::sync::Arc;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::lockfile::Lockfile;
use vitte_package_core::resolve::{Origin, Resolution};
use vitte_package_core::sign::{KeyId, RegistryId};
use vitte_package_core::verify::Trust;

/// A resolution whose new releases were proved, and its lockfile.
#[derive(Debug)]
pub struct Solved {
    /// The answer.
    pub resolution: Resolution,
    /// Its lockfile.
    pub lockfile: Lockfile,
    /// How the archives of the releases that were proved are trusted.
    pub trust: BTreeMap<TreeDigest, Trust>,
}

/// What a lockfile says was proved: who signed, by identity and place in the log.
pub type KnownSigners = BTreeMap<(TreeDigest, u64), Vec<KeyId>>;

/// Proves every chosen artifact that is not in `known`, including who signed it.
pub(super) fn prove_all(
    resolution: Resolution,
    known: &KnownSigners,
    proof: Proof,
    sources: &mut Sources,
    reporter: &dyn Reporter,
) -> Result<Solved, Error> {
    for newer in resolution.newer_withheld() {
        reporter.decided(newer.release.describe(&newer.name));
    }
    let (signers, trust) = prove(&resolution, known, proof, sources)?;
    let lockfile = Lockfile::of(&resolution, &signers)?;
    Ok(Solved { resolution, lockfile, trust })
}

/// Who signed each chosen artifact: as locked before, or as the log proves now.
#[allow(clippy::type_complexity, reason = "two maps with the same key")]
fn prove(
    resolution: &Resolution,
    known: &KnownSigners,
    proof: Proof,
    sources: &mut Sources,
) -> Result<(BTreeMap<TreeDigest, Vec<KeyId>>, BTreeMap<TreeDigest, Trust>), Error> {
    let mut signers = BTreeMap::new();
    let unproved = unproved(resolution, known, proof, sources)?;
    sources.prove_ahead(&unproved);
    let mut trust = BTreeMap::new();
    for package in resolution.packages() {
        let Origin::Registry(_, artifacts) = &package.origin else { continue };
        let Some(index) = sources.of(&package.name)?.index(&package.name)? else { continue };
        for artifact in artifacts {
            if let Some(known) = known.get(&(artifact.tree, artifact.log_index)) {
                signers.insert(artifact.tree, known.clone());
                continue;
            }
            let Some(entry) = index.find(&package.version, artifact.kind, &artifact.target) else { continue };
            let client = sources.of(&package.name)?;
            let proven = match proof {
                Proof::AsLocked => client.prove_once(&index, entry)?,
                Proof::Anew => client.prove(&index, entry)?,
            };
            trust.insert(artifact.tree, proven.trust());
            signers.insert(artifact.tree, proven.signers.into_iter().collect());
        }
    }
    Ok((signers, trust))
}

/// The releases that are to be proved, by registry.
fn unproved(
    resolution: &Resolution,
    known: &KnownSigners,
    proof: Proof,
    sources: &mut Sources,
) -> Result<BTreeMap<RegistryId, Vec<Unproved>>, Error> {
    let mut wanted: BTreeMap<RegistryId, Vec<Unproved>> = BTreeMap::new();
    for package in resolution.packages() {
        let Origin::Registry(_, artifacts) = &package.origin else { continue };
        let Some(registry) = sources.registries().of(&package.name).cloned() else { continue };
        let Some(index) = sources.of(&package.name)?.index(&package.name)? else { continue };
        for artifact in
            artifacts.iter().filter(|artifact| !known.contains_key(&(artifact.tree, artifact.log_index)))
        {
            if let Some(entry) = index.find(&package.version, artifact.kind, &artifact.target)
                && !(proof == Proof::AsLocked && sources.of(&package.name)?.has_proved(&index, entry)?)
            {
                wanted.entry(registry.clone()).or_default().push((Arc::clone(&index), entry.clone()));
            }
        }
    }
    Ok(wanted)
}
