//! Which release is requested, and what is proved about it.

use super::ReleaseProofError;
use crate::digest::{Digest, TreeDigest};
use crate::log::leaf::Artifact;
use crate::name::PackageName;
use crate::sign::{Authorised, KeyId, RegistryId, StatusChange, TrustPolicy};
use crate::target::{Kind, Target};
use crate::verify::{Expectation, Trust};
use crate::version::Version;
use std::collections::BTreeSet;

/// What is to be proved: a release of a package that is all of this. Without version and identity it is the newest
/// one that is no pre-release and whose status is plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The package.
    pub package: PackageName,
    /// Its version. Of several artifacts that fit, the one that was logged last.
    pub version: Option<Version>,
    /// The kind.
    pub kind: Option<Kind>,
    /// The target.
    pub target: Option<Target>,
    /// The identity.
    pub tree: Option<TreeDigest>,
    /// The registry.
    pub registry: Option<RegistryId>,
}

impl Wanted {
    /// The newest release of a package.
    pub fn newest(package: PackageName) -> Self {
        Self { package, version: None, kind: None, target: None, tree: None, registry: None }
    }

    /// Whether it may be this artifact with this identity.
    pub(super) fn admits(&self, artifact: &Artifact, tree: &TreeDigest) -> bool {
        self.package == artifact.package
            && self.version.as_ref().is_none_or(|version| *version == artifact.version)
            && self.kind.is_none_or(|kind| kind == artifact.kind)
            && self.target.as_ref().is_none_or(|target| *target == artifact.target)
            && self.tree.is_none_or(|wanted| wanted == *tree)
    }

    /// Checks that the registry is the one that is wanted.
    pub(super) fn check_registry(&self, got: &RegistryId) -> Result<(), ReleaseProofError> {
        match self.registry.as_ref().filter(|wanted| *wanted != got) {
            Some(wanted) => {
                let (expected, got) = (wanted.to_string(), got.to_string());
                Err(ReleaseProofError::Registry { expected, got })
            }
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.package.fmt(f)?;
        if let Some(version) = &self.version {
            write!(f, "@{version}")?;
        }
        if let Some(target) = &self.target {
            write!(f, " {target}")?;
        }
        if let Some(tree) = &self.tree {
            write!(f, " {tree}")?;
        }
        Ok(())
    }
}

/// What a registry's log proves about a release. The archive itself has not been looked at.
#[derive(Clone, Debug)]
pub struct ProvenRelease {
    /// The registry.
    pub registry: RegistryId,
    /// Which artifact.
    pub artifact: Artifact,
    /// Log index of the release.
    pub log: u64,
    /// When it was logged, in Unix seconds, as the log says; of stapled proofs, the newest entry in them.
    pub time: u64,
    /// Leaves of the log it was proved in.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
    /// Whether witnesses have seen that log.
    pub witnessed: bool,
    /// The keys that may sign it, and how many must.
    pub authorised: Authorised,
    /// The keys whose signatures counted.
    pub signers: BTreeSet<KeyId>,
    /// What the archive must turn out to be.
    pub expectation: Expectation,
    /// Whether it was yanked or deprecated.
    pub status: Option<StatusChange>,
    /// Bytes of the archive, as the signed index has it; `None` of stapled proofs, which are inside one.
    pub archive_len: Option<u64>,
}

impl ProvenRelease {
    /// How the archive is to be trusted: by the keys that might sign the release where it is in the log.
    pub fn trust(&self) -> Trust {
        Trust::Signatures(TrustPolicy::new().authorise(self.authorised.clone()))
    }
}
