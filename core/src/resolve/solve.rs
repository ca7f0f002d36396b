//! Driving the solver over an [`Encoder`].
//!
//! The solver runs to its end or not at all, so a package that was not supplied yet ends the run; the run is
//! repeated when it is there. A greedy walk before each run finds nearly everything that will be needed, a
//! level of the dependency graph at a time, and costs far less than a run. A run counts only if nothing was
//! missing in it: so the answer does not depend on the order in which packages are supplied.

use super::encode::{Encoder, Node, NodeId, Unusable};
use super::ranks::{Rank, RankSet};
use crate::name::PackageName;
use pubgrub::{
    Dependencies, DependencyProvider, DerivationTree, Map, PackageResolutionStatistics, PubGrubError,
    VersionSet as _,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The proof that there is no solution.
pub(super) type Proof = DerivationTree<NodeId, RankSet, Unusable>;
/// The rank chosen for each node.
pub(super) type Choices = Map<NodeId, Rank>;

/// The outcome of a run.
pub(super) enum SolveOutcome {
    Missing(BTreeSet<PackageName>),
    Solved(Choices),
    Unsolvable(Proof),
}

/// Runs the solver on what is there.
pub(super) fn solve(encoder: &mut Encoder<'_>) -> SolveOutcome {
    walk(encoder);
    let missing = encoder.take_missing();
    if !missing.is_empty() {
        return SolveOutcome::Missing(missing);
    }
    let provider = Provider { inner: RefCell::new(Inner { encoder, seen: Map::default() }) };
    let result = pubgrub::resolve(&provider, Encoder::ROOT, 0u32);
    let missing = provider.inner.into_inner().encoder.take_missing();
    if !missing.is_empty() {
        return SolveOutcome::Missing(missing);
    }
    match result {
        Ok(selected) => SolveOutcome::Solved(selected.into_iter().collect()),
        Err(PubGrubError::NoSolution(proof)) => SolveOutcome::Unsolvable(proof),
        // Only a missing package stops a run, and then something is missing.
        Err(_) => SolveOutcome::Missing(missing),
    }
}

/// Follows every requirement to the release preferred for it alone.
fn walk(encoder: &mut Encoder<'_>) {
    let mut seen: pubgrub::Set<(NodeId, Rank)> = pubgrub::Set::default();
    let mut queue = vec![(Encoder::ROOT, 0)];
    seen.insert((Encoder::ROOT, 0));
    while let Some((node, rank)) = queue.pop() {
        let Ok(constraints) = encoder.expand(node, rank) else { continue };
        for constraint in constraints.iter() {
            if let Some(rank) = encoder.preferred(constraint.to, &constraint.set)
                && seen.insert((constraint.to, rank))
            {
                queue.push((constraint.to, rank));
            }
        }
    }
}

struct Inner<'a, 'b> {
    encoder: &'b mut Encoder<'a>,
    /// The ranks last seen possible for a node: a feature is chosen where its package can still be.
    seen: Map<NodeId, RankSet>,
}

struct Provider<'a, 'b> {
    inner: RefCell<Inner<'a, 'b>>,
}

/// The run has to be repeated when more is known.
#[derive(Debug)]
struct Stop;

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stop")
    }
}

impl std::error::Error for Stop {}

/// How early a node is decided. Later variants come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Nothing is known of it.
    Pending,
    /// Enabling nothing is right unless something else decides otherwise.
    Weak,
    /// There is a choice.
    Open,
    /// There is none.
    Forced,
}

impl DependencyProvider for Provider<'_, '_> {
    type P = NodeId;
    type V = Rank;
    type VS = RankSet;
    type M = Unusable;
    type Err = Stop;
    type Priority = (Urgency, u32);

    fn prioritize(
        &self,
        node: &NodeId,
        set: &RankSet,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let mut inner = self.inner.borrow_mut();
        inner.seen.insert(*node, set.clone());
        let urgency = match inner.encoder.key(*node) {
            Node::Pending(_) => Urgency::Pending,
            _ if !set.has_choice() => Urgency::Forced,
            Node::Weak(..) => Urgency::Weak,
            _ => Urgency::Open,
        };
        (urgency, statistics.conflict_count())
    }

    fn choose_version(&self, node: &NodeId, set: &RankSet) -> Result<Option<Rank>, Stop> {
        let mut inner = self.inner.borrow_mut();
        if matches!(inner.encoder.key(*node), Node::Pending(_)) {
            return Err(Stop);
        }
        let joint = inner
            .encoder
            .leader(*node)
            .and_then(|leader| inner.seen.get(&leader))
            .map(|possible| possible.intersection(set))
            .filter(|joint| !joint.is_empty());
        let chosen = inner.encoder.preferred(*node, joint.as_ref().unwrap_or(set));
        if let Some(rank) = chosen {
            inner.seen.insert(*node, RankSet::one(rank));
        }
        Ok(chosen)
    }

    fn get_dependencies(
        &self,
        node: &NodeId,
        rank: &Rank,
    ) -> Result<Dependencies<NodeId, RankSet, Unusable>, Stop> {
        Ok(match self.inner.borrow_mut().encoder.expand(*node, *rank) {
            Ok(constraints) => Dependencies::Available(
                constraints.iter().map(|constraint| (constraint.to, constraint.set.clone())).collect(),
            ),
            Err(reason) => Dependencies::Unavailable(reason),
        })
    }
}
