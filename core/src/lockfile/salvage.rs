//! What can be kept of a lockfile that does not hold together: after a merge, with its marks or without.
//!
//! Only what can be read to the last line is kept. A lockfile with a line, key or value that this program does not
//! write is somebody else's, and is refused instead.

use super::{LockedPackage, Lockfile};
use crate::resolve::Locked;
use std::collections::BTreeSet;

/// The tables of a lockfile that does not hold together as a whole, or of both sides of an unfinished merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    sides: Vec<Lockfile>,
}

impl Salvage {
    /// What a merge left without marks: all tables can be read.
    pub(super) fn of_tables(packages: Vec<LockedPackage>) -> Self {
        Self::of_sides([packages])
    }

    /// The sides of a merge, ours first.
    pub(super) fn of_sides(sides: impl IntoIterator<Item = Vec<LockedPackage>>) -> Self {
        Self { sides: sides.into_iter().map(together).collect() }
    }

    /// One lockfile, or the two sides of a merge, ours first. Each need not hold together.
    pub fn sides(&self) -> &[Lockfile] {
        &self.sides
    }

    /// What a resolution should keep: the versions that all sides agree on, and of the others those of any side, so
    /// that no version is chosen that neither side had. Without `unlocked`.
    pub fn preferences(&self, unlocked: &BTreeSet<crate::name::PackageName>) -> Vec<Locked> {
        let mut all: Vec<Locked> = Vec::new();
        for locked in self.sides.iter().flat_map(|side| side.preferences(unlocked)) {
            let same = |other: &Locked| other.name == locked.name && other.version == locked.version;
            if !all.iter().any(same) {
                all.push(locked);
            }
        }
        let disputed: Vec<bool> = all.iter().map(|locked| self.is_disputed(locked)).collect();
        let agreed: BTreeSet<_> = all
            .iter()
            .zip(&disputed)
            .filter(|(_, disputed)| !**disputed)
            .map(|(locked, _)| (locked.name.clone(), crate::resolve::Compatibility::of(&locked.version)))
            .collect();
        let mut disputed = disputed.into_iter();
        // Where both sides have a version of a range, another one of that range has nothing to say.
        all.retain(|locked| {
            let range = (locked.name.clone(), crate::resolve::Compatibility::of(&locked.version));
            !disputed.next().unwrap_or(false) || !agreed.contains(&range)
        });
        all
    }

    fn is_disputed(&self, locked: &Locked) -> bool {
        let has = |side: &Lockfile| side.named(&locked.name).any(|package| package.version == locked.version);
        !self.sides.iter().all(has)
    }
}

/// Tables in order, each once.
fn together(mut packages: Vec<LockedPackage>) -> Lockfile {
    packages.sort_by(|a, b| a.key().cmp(&b.key()));
    packages.dedup_by(|a, b| a.key() == b.key());
    Lockfile { packages }
}
