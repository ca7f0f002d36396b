//! Which rank of a node is chosen, where there is a choice.

use super::super::range::Compatibility;
use super::super::ranks::{Rank, RankSet};
use super::{Encoder, Node, NodeId, Slot, WEAK_BOTH, WEAK_DEPENDENCY_ONLY, WEAK_OFF};
use crate::version::Version;
use pubgrub::VersionSet as _;

impl Encoder<'_> {
    /// The rank to choose for `node` among `set`. `None` if there is none, or releases are missing.
    pub(in crate::resolve) fn preferred(&mut self, node: NodeId, set: &RankSet) -> Option<Rank> {
        match self.key(node).clone() {
            Node::Root | Node::Package(Slot::Member(_), _) => set.contains(&0).then_some(0),
            Node::Package(Slot::Registry(package), _) => self.candidates(package)?.preferred(set),
            Node::Feature(package, _) => self.preferred(package, set),
            Node::Edge(parent, rank, at) => {
                let reach = self.reach_of(parent, rank, at)?;
                let before = self.locked_target(parent, rank, at);
                let mut best: Option<(Rank, bool, Version)> = None;
                for (ordinal, (to, to_set)) in reach.iter().enumerate() {
                    let Ok(ordinal) = Rank::try_from(ordinal) else { continue };
                    let Node::Package(slot, compatibility) = *self.key(*to) else { continue };
                    if !set.contains(&ordinal) {
                        continue;
                    }
                    let Some(chosen) = self.preferred(*to, to_set) else { continue };
                    let Some(version) = self.version(slot, chosen).cloned() else { continue };
                    let locked = before == Some(compatibility);
                    if best.as_ref().is_none_or(|(_, best_locked, best_version)| {
                        (locked, &version) > (*best_locked, best_version)
                    }) {
                        best = Some((ordinal, locked, version));
                    }
                }
                best.map(|(ordinal, _, _)| ordinal)
            }
            Node::EdgeFeature(edge, _) => self.preferred(edge, set),
            // Enabling nothing comes first, so that no dependency is enabled that need not be.
            Node::Weak(..) => {
                [WEAK_OFF, WEAK_DEPENDENCY_ONLY, WEAK_BOTH].into_iter().find(|rank| set.contains(rank))
            }
            // The one that was published last is given up first.
            Node::Circle(_) => set.iter().next(),
            Node::Nothing(_) | Node::Pending(_) => None,
        }
    }

    /// The range of compatibility the lockfile took for a dependency of a release.
    fn locked_target(&self, parent: NodeId, rank: Rank, at: usize) -> Option<Compatibility> {
        let Node::Package(slot, _) = *self.key(parent) else { return None };
        let (name, version) = (self.slot_name(slot)?, self.version(slot, rank)?);
        let needs = self.needs(slot, rank)?;
        let dependency = needs.dependencies.get(at)?;
        let locked =
            self.request.locked.iter().find(|locked| &locked.name == name && &locked.version == version)?;
        locked
            .dependencies
            .iter()
            .filter(|(name, version)| name == &dependency.name && dependency.requirement.matches(version))
            .map(|(_, version)| version)
            .max()
            .map(Compatibility::of)
    }

    /// The node whose choice `node` must follow: the package of a feature, the edge of an edge's feature.
    pub(in crate::resolve) fn leader(&self, node: NodeId) -> Option<NodeId> {
        match self.key(node) {
            Node::Feature(leader, _) | Node::EdgeFeature(leader, _) => Some(*leader),
            _ => None,
        }
    }
}
