//! What is asked of an archive, before any of it is read.

use crate::digest::{Digest, TreeDigest};
use crate::name::PackageName;
use crate::sign::{RegistryId, ReleaseFacts, TrustPolicy};
use crate::target::{Kind, Target};
use crate::tree::SectionName;
use crate::version::Version;
use std::collections::BTreeSet;

/// What is known beforehand. What is `None` is not asked, and the report says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The identity, from a lockfile or an index.
    pub tree: Option<TreeDigest>,
    /// The registry it came from: signatures for other registries do not count.
    pub registry: Option<RegistryId>,
    /// The package's name.
    pub package: Option<PackageName>,
    /// The version.
    pub version: Option<Version>,
    /// The kind.
    pub kind: Option<Kind>,
    /// The target.
    pub target: Option<Target>,
    /// Digest of the `core` bytes of the index line.
    pub index: Option<Digest>,
    /// The head digest an index gives. A mirror may compress anew, so another one is reported, not refused.
    pub head: Option<Digest>,
}

impl Expectation {
    pub(crate) fn facts(&self) -> ReleaseFacts {
        ReleaseFacts {
            registry: self.registry.clone(),
            package: self.package.clone(),
            version: self.version.clone(),
            target: self.target.clone(),
            index: self.index,
            ..ReleaseFacts::default()
        }
    }
}

/// What makes a sound archive a trusted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Signatures that this policy counts. With a policy that trusts nobody, content is still checked.
    Signatures(TrustPolicy),
    /// That it has this identity, which was verified before: the lockfile is the memory. Signatures are not
    /// asked for.
    Identity(TreeDigest),
    /// Proofs that lead to a trust root, and there are none: content is checked, and the best verdict is
    /// [`Status::Untrusted`](super::Status::Untrusted), also with a valid signature.
    Unproven,
}

/// Which sections are read.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Sections {
    /// All of them.
    #[default]
    All,
    /// Those of these names; `meta` always.
    Only(BTreeSet<SectionName>),
}

impl Sections {
    /// `meta` and `-`: what an install brings unless more is asked for.
    pub fn undeferred() -> Self {
        Self::Only(BTreeSet::from([SectionName::meta(), SectionName::default_section()]))
    }

    /// Whether the section is read.
    pub fn contains(&self, name: &SectionName) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => name.is_meta() || names.contains(name),
        }
    }
}
