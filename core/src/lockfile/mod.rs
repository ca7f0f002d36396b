//! `vitte.lock`: the chosen releases, by identity.
//!
//! The file has exactly one form for one choice: parsing accepts that form and nothing else, so what another
//! hand wrote is seen, and a change of one release is a change of its own lines. It holds no addresses, paths
//! or times. Form: archive format document, section 12.
//!
//! * [`Lockfile::parse`] and [`Lockfile::print`]; [`Lockfile::of`] takes a resolution.
//! * [`Lockfile::check`]: does it still fit the manifests? Needs no index.
//! * [`Lockfile::changes`]: what an update did. [`Lockfile::suspicions`]: what no update may do.

mod compare;
mod error;
mod merge;
mod parse;
mod print;
mod salvage;
mod staleness;

pub use compare::{LockfileChange, Suspicion};
pub use error::{LockError, LockErrors};
pub use salvage::Salvage;
pub use staleness::{Stale, StaleReason};

use crate::digest::TreeDigest;
use crate::name::PackageName;
use crate::resolve::{Locked, Origin, Resolution};
use crate::sign::{KeyId, RegistryId};
use crate::target::{Kind, Target};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// A lockfile that holds together: sorted, without duplicates, every dependency in it, nothing unneeded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lockfile {
    packages: Vec<LockedPackage>,
}

/// One table of a lockfile: an artifact of a chosen release, or a package of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPackage {
    /// Its name.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// The artifact; `None` for a workspace or path package.
    pub artifact: Option<LockedArtifact>,
    /// What it was given for its dependencies, sorted.
    pub dependencies: Vec<(PackageName, Version)>,
}

/// What pins an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedArtifact {
    /// The registry it came from.
    pub registry: RegistryId,
    /// `vitmod` or `vitpkg`.
    pub kind: Kind,
    /// Its target.
    pub target: Target,
    /// Its identity.
    pub tree: TreeDigest,
    /// Number of its leaf in the registry's log.
    pub log_index: u64,
    /// Whose signatures on it counted, sorted.
    pub signers: Vec<KeyId>,
}

impl LockedPackage {
    /// What orders tables.
    fn key(&self) -> (&PackageName, &Version, Option<Kind>, Option<&Target>) {
        let artifact = self.artifact.as_ref();
        (
            &self.name,
            &self.version,
            artifact.map(|artifact| artifact.kind),
            artifact.map(|artifact| &artifact.target),
        )
    }
}

impl Lockfile {
    /// Reads a lockfile.
    ///
    /// # Errors
    /// [`LockErrors`] with every fault: an unfinished merge or another version of the form alone; otherwise
    /// each line, key or value that is not what [`Self::print`] writes, and each table that does not fit the
    /// others.
    pub fn parse(source: &str) -> Result<Self, LockErrors> {
        match merge::first_mark(source) {
            Some(mark) => Err(LockErrors::merge(mark, merge::both_sides(source))),
            None => parse::parse(source),
        }
    }

    /// Puts tables together.
    ///
    /// # Errors
    /// [`LockErrors`] when a table is there twice, a dependency is not there, artifacts of one release differ in
    /// their dependencies, or nothing needs a release.
    pub fn new(mut packages: Vec<LockedPackage>) -> Result<Self, LockErrors> {
        for package in &mut packages {
            package.dependencies.sort();
            package.dependencies.dedup();
            if let Some(artifact) = &mut package.artifact {
                artifact.signers.sort();
                artifact.signers.dedup();
            }
        }
        packages.sort_by(|a, b| a.key().cmp(&b.key()));
        let faults = consistency(&packages);
        if faults.is_empty() {
            Ok(Self { packages })
        } else {
            let faults = faults.into_iter().map(|(_, fault)| (fault, None)).collect();
            Err(LockErrors::new(faults, Vec::new()))
        }
    }

    /// The lockfile of a resolution. `signers` holds, by identity, whose signatures counted; an identity that
    /// is not in it is written without signers.
    ///
    /// # Errors
    /// [`LockErrors`] as [`Self::new`]; and if the request named no registry for a chosen release.
    pub fn of(
        resolution: &Resolution,
        signers: &BTreeMap<TreeDigest, Vec<KeyId>>,
    ) -> Result<Self, LockErrors> {
        let mut packages = Vec::new();
        for selected in resolution.packages() {
            let dependencies: BTreeSet<(PackageName, Version)> = selected
                .links
                .iter()
                .filter_map(|link| resolution.packages().get(link.to))
                .map(|to| (to.name.clone(), to.version.clone()))
                .collect();
            let table = |artifact| LockedPackage {
                name: selected.name.clone(),
                version: selected.version.clone(),
                artifact,
                dependencies: dependencies.iter().cloned().collect(),
            };
            match &selected.origin {
                Origin::Member(_) => packages.push(table(None)),
                Origin::Registry(None, _) => {
                    let fault = LockError::NoRegistry(selected.name.clone());
                    return Err(LockErrors::new(vec![(fault, None)], Vec::new()));
                }
                Origin::Registry(Some(registry), artifacts) => {
                    packages.extend(artifacts.iter().map(|artifact| {
                        table(Some(LockedArtifact {
                            registry: registry.clone(),
                            kind: artifact.kind,
                            target: artifact.target.clone(),
                            tree: artifact.tree,
                            log_index: artifact.log_index,
                            signers: signers.get(&artifact.tree).cloned().unwrap_or_default(),
                        }))
                    }));
                }
            }
        }
        Self::new(packages)
    }

    /// The tables, in order.
    pub fn packages(&self) -> &[LockedPackage] {
        &self.packages
    }

    /// The tables of this name.
    pub fn named<'a>(&'a self, name: &'a PackageName) -> impl Iterator<Item = &'a LockedPackage> {
        let start = self.packages.partition_point(|package| &package.name < name);
        self.packages.get(start..).unwrap_or_default().iter().take_while(move |package| &package.name == name)
    }

    /// What a resolution should keep, a release once. Without `unlocked`, which may choose anew.
    pub fn preferences(&self, unlocked: &BTreeSet<PackageName>) -> Vec<Locked> {
        let mut preferences: Vec<Locked> = Vec::with_capacity(self.packages.len());
        for package in self.packages.iter().filter(|package| !unlocked.contains(&package.name)) {
            // Artifacts of one release stand together.
            if preferences
                .last()
                .is_some_and(|last| last.name == package.name && last.version == package.version)
            {
                continue;
            }
            preferences.push(Locked {
                name: package.name.clone(),
                version: package.version.clone(),
                registry: package.artifact.as_ref().map(|artifact| artifact.registry.clone()),
                dependencies: package.dependencies.clone(),
            });
        }
        preferences
    }

    /// Whose signatures counted, by identity and place in the log: what was proved when the release was locked and need
    /// not be proved again. At another place of the log it is another claim, and without signers it is none.
    pub fn signers(&self) -> BTreeMap<(TreeDigest, u64), Vec<KeyId>> {
        self.packages
            .iter()
            .filter_map(|package| package.artifact.as_ref())
            .filter(|artifact| !artifact.signers.is_empty())
            .map(|artifact| ((artifact.tree, artifact.log_index), artifact.signers.clone()))
            .collect()
    }
}

/// Faults of sorted tables as a whole, each with the position of the table.
fn consistency(packages: &[LockedPackage]) -> Vec<(usize, LockError)> {
    let mut faults = Vec::new();
    let place = |package: &LockedPackage| (package.name.clone(), package.version.clone());
    for (at, pair) in packages.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let same_release = first.name == second.name && first.version == second.version;
        // A workspace package has one table; a release one for each kind and target.
        if same_release && (first.key() == second.key() || first.artifact.is_none()) {
            faults.push((at + 1, LockError::Twice(place(second))));
        } else if same_release && first.dependencies != second.dependencies {
            faults.push((at + 1, LockError::DependenciesDiffer(place(second))));
        } else if first.key() > second.key() {
            faults.push((at + 1, LockError::Order(place(second))));
        }
    }
    let releases: BTreeMap<(&PackageName, &Version), &LockedPackage> =
        packages.iter().map(|package| ((&package.name, &package.version), package)).collect();
    let mut reached: BTreeSet<(&PackageName, &Version)> = BTreeSet::new();
    let mut queue: Vec<(&PackageName, &Version)> = packages
        .iter()
        .filter(|package| package.artifact.is_none())
        .map(|package| (&package.name, &package.version))
        .collect();
    while let Some(key) = queue.pop() {
        if reached.insert(key)
            && let Some(package) = releases.get(&key)
        {
            queue.extend(package.dependencies.iter().map(|(name, version)| (name, version)));
        }
    }
    for (at, package) in packages.iter().enumerate() {
        for (name, version) in &package.dependencies {
            if !releases.contains_key(&(name, version)) {
                faults.push((at, LockError::DependencyUnknown(format!("{name} {version}"))));
            }
        }
        if !reached.contains(&(&package.name, &package.version)) {
            faults.push((at, LockError::Unreachable(place(package))));
        }
    }
    faults
}

#[cfg(test)]
mod tests;
