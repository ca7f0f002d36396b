//! What is asked of the resolver: the projects, what they already have locked, and the rules of choice.

use crate::dependency::Needs;
use crate::name::{Namespace, PackageName};
use crate::sign::RegistryId;
use crate::target::Target;
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything a resolution depends on besides the index. Same request, same index: same answer.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Projects and path packages. A dependency on one of their names that its version meets is that member.
    pub members: Vec<Member>,
    /// The releases of the lockfile, preferred over newer ones.
    pub locked: Vec<Locked>,
    /// Versions asked for by name (`update --precise`): the only ones of their range of compatibility.
    pub precise: BTreeMap<PackageName, Version>,
    /// The rules of choice.
    pub policy: Policy,
    /// Which registry each namespace belongs to.
    pub registries: Registries,
}

/// A package whose source lies on this machine.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// Its dependencies, those for development included, and its features.
    pub needs: Arc<Needs>,
    /// What it is here.
    pub role: Role,
}

/// What a member is to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A project that is resolved, with its development dependencies.
    Root(FeatureSelection),
    /// There only if something depends on it.
    Path,
}

/// Which features of a project are enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeatureSelection {
    /// All, so that the lockfile holds for any choice made later.
    All,
    /// These, `default` among them only if it is named.
    Only(BTreeSet<String>),
}

/// A release the lockfile has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Its package.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// Where it came from; `None` for a member. A lock of another registry than the namespace now belongs to
    /// is no preference.
    pub registry: Option<RegistryId>,
    /// What it was given for its dependencies.
    pub dependencies: Vec<(PackageName, Version)>,
}

/// Which artifact of a release is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArtifactPreference {
    /// Source (`.vitmod`) if there is one, else a binary: for dependencies of a project.
    #[default]
    Source,
    /// A binary (`.vitpkg`) if there is one, else source: for tools.
    Binary,
}

/// The rules of choice.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The present, in seconds since 1970.
    pub now: u64,
    /// Seconds since the log took a release before it is chosen. 0 switches the rule off.
    pub minimum_age: u64,
    /// Namespaces the minimum age does not count for.
    pub exempt: BTreeSet<Namespace>,
    /// Packages the minimum age does not count for.
    pub exempt_packages: BTreeSet<PackageName>,
    /// Targets that dependencies and binaries must serve; empty means all targets.
    pub targets: Vec<Target>,
    /// Which artifact is wanted.
    pub artifacts: ArtifactPreference,
}

impl Policy {
    /// Whether the minimum age does not count for a package.
    pub fn exempts(&self, name: &PackageName) -> bool {
        self.exempt.contains(&name.namespace_or_none()) || self.exempt_packages.contains(name)
    }
}

/// A namespace belongs to exactly one registry: no registry is asked for another's names, so none can answer
/// in another's place.
#[derive(Clone, Debug, Default)]
pub struct Registries {
    default: Option<RegistryId>,
    namespaces: BTreeMap<Namespace, RegistryId>,
}

impl Registries {
    /// One registry for every namespace.
    pub fn only(registry: RegistryId) -> Self {
        Self { default: Some(registry), namespaces: BTreeMap::new() }
    }

    /// The registry of all namespaces that are not given to another, if there is one, and those that are.
    pub fn new(default: Option<RegistryId>, namespaces: BTreeMap<Namespace, RegistryId>) -> Self {
        Self { default, namespaces }
    }

    /// The registry of the namespaces that are not given to another.
    pub fn default(&self) -> Option<&RegistryId> {
        self.default.as_ref()
    }

    /// The namespaces that are given to a registry.
    pub fn namespaces(&self) -> impl Iterator<Item = (&Namespace, &RegistryId)> {
        self.namespaces.iter()
    }

    /// The one registry `name` may come from.
    pub fn of(&self, name: &PackageName) -> Option<&RegistryId> {
        self.namespaces.get(&name.namespace_or_none()).or(self.default.as_ref())
    }
}
