//! Two lockfiles side by side.

use super::{LockedPackage, Lockfile};
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::TreeDigest;
use crate::message::lock as text;
use crate::name::PackageName;
use crate::resolve::Compatibility;
use crate::sign::{KeyId, NamespaceChain, RegistryId};
use crate::target::{Kind, Target};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockfileChange {
    /// It was not there before.
    Added {
        /// The package.
        name: PackageName,
        /// The version.
        version: Version,
    },
    /// It is gone.
    Removed {
        /// The package.
        name: PackageName,
        /// The version.
        version: Version,
    },
    /// Another version took its place.
    Moved {
        /// The package.
        name: PackageName,
        /// The version before.
        from: Version,
        /// The version now.
        to: Version,
    },
}

impl LockfileChange {
    /// The package.
    pub fn name(&self) -> &PackageName {
        match self {
            Self::Added { name, .. } | Self::Removed { name, .. } | Self::Moved { name, .. } => name,
        }
    }
}

/// What no honest update does by itself, and has to be explained before the newer lockfile is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suspicion {
    /// A package is now taken from another registry than the one it was locked from.
    Registry {
        /// The package.
        name: PackageName,
        /// The registry it is locked from.
        before: RegistryId,
        /// The registry it would be locked from.
        after: RegistryId,
    },
    /// The same artifact has another content. Never right: a release does not change.
    Tree {
        /// The package.
        name: PackageName,
        /// The version.
        version: Version,
        /// The kind of the artifact.
        kind: Kind,
        /// Its target.
        target: Target,
        /// Its identity before.
        before: TreeDigest,
        /// Its identity now.
        after: TreeDigest,
    },
    /// The same content, or the next version of it, is signed by others. Right if the key records of the
    /// namespace explain it.
    Signers {
        /// The package.
        name: PackageName,
        /// The version now.
        version: Version,
        /// Who signed before.
        before: Vec<KeyId>,
        /// Log index of that release.
        log_before: u64,
        /// Who signs now.
        after: Vec<KeyId>,
        /// Log index of this release.
        log_after: u64,
    },
}

impl Suspicion {
    /// Whether the key records of the namespace explain it. Changed content is explained by nothing. Other signers of
    /// the next version are, if the ones before might sign where they did: the chain then leads from these to those.
    /// Other signers of the very same entry are only where the missing ones have been revoked since.
    pub fn is_explained_by(&self, chain: &NamespaceChain) -> bool {
        match self {
            Self::Tree { .. } | Self::Registry { .. } => false,
            Self::Signers { before, after, log_before, log_after, .. } if log_before == log_after => {
                let revoked = |key: &KeyId| chain.revoked(*key, *log_before).is_some();
                after.iter().all(|key| before.contains(key))
                    && before.iter().all(|key| after.contains(key) || revoked(key))
            }
            Self::Signers { name, before, log_before, .. } => chain.entitled(name, *log_before, before),
        }
    }

    /// The package.
    pub fn name(&self) -> &PackageName {
        match self {
            Self::Tree { name, .. } | Self::Registry { name, .. } | Self::Signers { name, .. } => name,
        }
    }
}

impl Diagnose for Suspicion {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Tree { name, version, before, after, .. } => {
                let (before, after) = (before.to_string(), after.to_string());
                Diagnostic::new(
                    Code::LockMismatch,
                    text::tree_changed(name.as_str(), &version.to_string(), &before, &after),
                )
                .help(text::tree_hint())
                .with("expected", before)
                .with("got", after)
            }
            Self::Registry { name, before, after } => {
                let (before, after) = (before.to_string(), after.to_string());
                Diagnostic::new(
                    Code::RegistryMismatch,
                    text::registry_changed(name.as_str(), &before, &after),
                )
                .help(text::registry_changed_hint(name.as_str()))
                .with("expected", before)
                .with("got", after)
            }
            Self::Signers { name, version, before, after, .. } => {
                let list = |keys: &[KeyId]| {
                    if keys.is_empty() {
                        return text::signers_none();
                    }
                    keys.iter().map(KeyId::short).collect::<Vec<_>>().join(", ")
                };
                Diagnostic::new(
                    Code::SignerChanged,
                    text::signers_changed(name.as_str(), &version.to_string(), &list(before), &list(after)),
                )
                .help(text::signers_hint(name.namespace_or_none().as_str()))
                .with("expected", before.iter().map(KeyId::to_string).collect::<Vec<_>>())
                .with("got", after.iter().map(KeyId::to_string).collect::<Vec<_>>())
            }
        }
    }
}
display_as_message!(Suspicion);

impl Lockfile {
    /// What `newer` does to the releases of this lockfile, by name. Packages of the workspace are left out.
    pub fn changes(&self, newer: &Self) -> Vec<LockfileChange> {
        let (before, after) = (releases(self), releases(newer));
        let names: BTreeSet<&PackageName> = before.keys().chain(after.keys()).copied().collect();
        let mut changes = Vec::new();
        for name in names {
            let old = before.get(name).cloned().unwrap_or_default();
            let new = after.get(name).cloned().unwrap_or_default();
            let mut gone: Vec<&Version> = old.difference(&new).copied().collect();
            let mut come: Vec<&Version> = new.difference(&old).copied().collect();
            let mut moved = |from: &Version, to: &Version| {
                changes.push(LockfileChange::Moved {
                    name: name.clone(),
                    from: from.clone(),
                    to: to.clone(),
                });
            };
            // Within a range of compatibility there is one release at most, so the pairs are plain.
            gone.retain(|from| {
                let range = Compatibility::of(from);
                match come.iter().position(|to| Compatibility::of(to) == range) {
                    Some(at) => {
                        moved(from, come.remove(at));
                        false
                    }
                    None => true,
                }
            });
            // What is left of a name on both sides is a move between ranges, oldest with oldest.
            let pairs = gone.len().min(come.len());
            for (from, to) in gone.drain(..pairs).zip(come.drain(..pairs)) {
                moved(from, to);
            }
            changes.extend(
                gone.into_iter()
                    .map(|version| LockfileChange::Removed { name: name.clone(), version: version.clone() }),
            );
            changes.extend(
                come.into_iter()
                    .map(|version| LockfileChange::Added { name: name.clone(), version: version.clone() }),
            );
        }
        changes
    }

    /// Packages that come from another registry than before. A name belongs to whoever has it in a registry: under the
    /// same name another registry has somebody else's package.
    pub fn moved(&self, newer: &Self) -> Vec<Suspicion> {
        let registry =
            |package: &LockedPackage| package.artifact.as_ref().map(|artifact| artifact.registry.clone());
        let moved = |package: &LockedPackage| {
            let after = registry(package)?;
            let before: Vec<RegistryId> = self.named(&package.name).filter_map(registry).collect();
            let first = before.first().filter(|_| !before.contains(&after))?.clone();
            Some(Suspicion::Registry { name: package.name.clone(), before: first, after })
        };
        newer.packages().iter().filter_map(moved).collect()
    }

    /// What in `newer` has to be explained by more than an update: changed content, changed signers.
    pub fn suspicions(&self, newer: &Self) -> Vec<Suspicion> {
        let mut found = Vec::new();
        for package in newer.packages() {
            let Some(artifact) = &package.artifact else { continue };
            let same = |other: &&LockedPackage| {
                other.artifact.as_ref().is_some_and(|other| {
                    other.registry == artifact.registry
                        && other.kind == artifact.kind
                        && other.target == artifact.target
                })
            };
            let before: Vec<&LockedPackage> = self.named(&package.name).filter(same).collect();
            let exact = before.iter().find(|other| other.version == package.version);
            if let Some(locked) = exact.and_then(|other| other.artifact.as_ref())
                && locked.tree != artifact.tree
            {
                found.push(Suspicion::Tree {
                    name: package.name.clone(),
                    version: package.version.clone(),
                    kind: artifact.kind,
                    target: artifact.target.clone(),
                    before: locked.tree,
                    after: artifact.tree,
                });
                continue;
            }
            // A new version is held against the one it follows.
            let range = Compatibility::of(&package.version);
            let follows = exact
                .or_else(|| before.iter().rev().find(|other| Compatibility::of(&other.version) == range))
                .or(before.last());
            if let Some(locked) = follows.and_then(|other| other.artifact.as_ref())
                && locked.signers != artifact.signers
            {
                found.push(Suspicion::Signers {
                    name: package.name.clone(),
                    version: package.version.clone(),
                    before: locked.signers.clone(),
                    log_before: locked.log_index,
                    after: artifact.signers.clone(),
                    log_after: artifact.log_index,
                });
            }
        }
        found
    }
}

fn releases(lockfile: &Lockfile) -> BTreeMap<&PackageName, BTreeSet<&Version>> {
    let mut map: BTreeMap<&PackageName, BTreeSet<&Version>> = BTreeMap::new();
    for package in lockfile.packages.iter().filter(|package| package.artifact.is_some()) {
        map.entry(&package.name).or_default().insert(&package.version);
    }
    map
}
