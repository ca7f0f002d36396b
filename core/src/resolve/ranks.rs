//! Sets of candidates of one package.
//!
//! A candidate is its rank, a whole number, so a set is a list of runs of ranks. That makes every set of
//! releases exact: two sets with the same releases are equal, and one without any is empty, which the solver
//! could not see of intervals of versions.

use std::fmt;

/// Position of a release among the candidates of its package.
pub(super) type Rank = u32;

/// `start..end`, never empty.
type Run = (Rank, Rank);

/// A set of ranks. Nearly always one run, which needs no allocation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(super) struct RankSet(Runs);

/// Rising runs with a gap between any two.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
enum Runs {
    None,
    One([Run; 1]),
    /// Two or more.
    Many(Vec<Run>),
}

impl RankSet {
    /// The ranks `start..end`.
    pub(super) fn between(start: Rank, end: Rank) -> Self {
        Self(if start < end { Runs::One([(start, end)]) } else { Runs::None })
    }

    /// One rank.
    pub(super) fn one(rank: Rank) -> Self {
        Self::between(rank, rank.saturating_add(1))
    }

    /// The set of rising runs; runs that touch become one.
    pub(super) fn of(runs: impl IntoIterator<Item = Run>) -> Self {
        let mut builder = Builder(Runs::None);
        runs.into_iter().for_each(|run| builder.push(run));
        Self(builder.0)
    }

    fn runs(&self) -> &[Run] {
        match &self.0 {
            Runs::None => &[],
            Runs::One(run) => run,
            Runs::Many(runs) => runs,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == Runs::None
    }

    /// The ranks, rising.
    pub(super) fn iter(&self) -> impl Iterator<Item = Rank> {
        self.runs().iter().flat_map(|(start, end)| *start..*end)
    }

    /// The greatest rank below `limit`.
    pub(super) fn last_below(&self, limit: Rank) -> Option<Rank> {
        self.runs().iter().rev().find(|(start, _)| *start < limit).map(|(_, end)| (*end).min(limit) - 1)
    }

    /// The greatest rank, if it is `limit` or more.
    pub(super) fn last_from(&self, limit: Rank) -> Option<Rank> {
        self.runs().last().map(|(_, end)| end - 1).filter(|rank| *rank >= limit)
    }

    /// Whether there are at least two ranks.
    pub(super) fn has_choice(&self) -> bool {
        match self.runs() {
            [] => false,
            [(start, end)] => end - start > 1,
            _ => true,
        }
    }
}

struct Builder(Runs);

impl Builder {
    /// Adds a run that begins at or behind the start of the last one.
    fn push(&mut self, (start, end): Run) {
        if start >= end {
            return;
        }
        match &mut self.0 {
            Runs::None => self.0 = Runs::One([(start, end)]),
            Runs::One([(_, last)]) if *last >= start => *last = end.max(*last),
            Runs::One([first]) => self.0 = Runs::Many(vec![*first, (start, end)]),
            Runs::Many(runs) => match runs.last_mut() {
                Some((_, last)) if *last >= start => *last = end.max(*last),
                _ => runs.push((start, end)),
            },
        }
    }
}

impl pubgrub::VersionSet for RankSet {
    type V = Rank;

    fn empty() -> Self {
        Self(Runs::None)
    }

    fn full() -> Self {
        Self::between(0, Rank::MAX)
    }

    fn singleton(rank: Rank) -> Self {
        Self::one(rank)
    }

    fn complement(&self) -> Self {
        let mut builder = Builder(Runs::None);
        let mut start = 0;
        for (run_start, run_end) in self.runs() {
            builder.push((start, *run_start));
            start = *run_end;
        }
        builder.push((start, Rank::MAX));
        Self(builder.0)
    }

    fn intersection(&self, other: &Self) -> Self {
        let mut builder = Builder(Runs::None);
        let (mut left, mut right) = (self.runs(), other.runs());
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            builder.push((a.0.max(b.0), a.1.min(b.1)));
            if a.1 <= b.1 {
                left = left_rest;
            } else {
                right = right_rest;
            }
        }
        Self(builder.0)
    }

    fn union(&self, other: &Self) -> Self {
        let mut builder = Builder(Runs::None);
        let (mut left, mut right) = (self.runs(), other.runs());
        loop {
            match (left, right) {
                ([a, rest @ ..], [b, ..]) if a.0 <= b.0 => {
                    builder.push(*a);
                    left = rest;
                }
                (_, [b, rest @ ..]) => {
                    builder.push(*b);
                    right = rest;
                }
                ([a, rest @ ..], []) => {
                    builder.push(*a);
                    left = rest;
                }
                ([], []) => return Self(builder.0),
            }
        }
    }

    fn contains(&self, rank: &Rank) -> bool {
        self.runs().iter().any(|(start, end)| (*start..*end).contains(rank))
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self.runs(), other.runs());
        while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
            if a.1 <= b.0 {
                left = left_rest;
            } else if b.1 <= a.0 {
                right = right_rest;
            } else {
                return false;
            }
        }
        true
    }

    fn subset_of(&self, other: &Self) -> bool {
        let mut right = other.runs();
        self.runs().iter().all(|a| {
            while let [b, rest @ ..] = right
                && b.1 < a.1
            {
                right = rest;
            }
            right.first().is_some_and(|b| b.0 <= a.0)
        })
    }
}

impl fmt::Display for RankSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.runs().iter().map(|(start, end)| *start..*end)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pubgrub::VersionSet as _;
    use std::collections::BTreeSet;

    fn set() -> impl Strategy<Value = BTreeSet<Rank>> {
        prop::collection::btree_set(0u32..12, 0..8)
    }

    fn of(ranks: &BTreeSet<Rank>) -> RankSet {
        RankSet::of(ranks.iter().map(|rank| (*rank, rank + 1)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Every operation does what it does on sets of numbers, and equal sets are equal.
        #[test]
        fn is_a_set(a in set(), b in set()) {
            let (left, right) = (of(&a), of(&b));
            prop_assert_eq!(left.iter().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(left.intersection(&right), of(&(&a & &b)));
            prop_assert_eq!(left.union(&right), of(&(&a | &b)));
            prop_assert_eq!(left.is_disjoint(&right), a.is_disjoint(&b));
            prop_assert_eq!(left.subset_of(&right), a.is_subset(&b));
            prop_assert_eq!(left.is_empty(), a.is_empty());
            prop_assert_eq!(left.has_choice(), a.len() > 1);
            prop_assert_eq!(left.complement().complement(), left.clone());
            for rank in 0..13 {
                prop_assert_eq!(left.contains(&rank), a.contains(&rank));
                prop_assert_eq!(left.complement().contains(&rank), !a.contains(&rank));
                prop_assert_eq!(left.last_below(rank), a.range(..rank).last().copied());
                prop_assert_eq!(left.last_from(rank), a.range(rank..).last().copied());
            }
        }
    }

    #[test]
    fn everything_and_nothing_are_each_others_rest() {
        assert_eq!(RankSet::full().complement(), RankSet::empty());
        assert_eq!(RankSet::empty().complement(), RankSet::full());
    }
}
